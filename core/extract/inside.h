/*
 * inside.h - what the files of this room share; no other room includes it.
 */
#ifndef EH_EXTRACT_INSIDE_H
#define EH_EXTRACT_INSIDE_H

#include "extract/extract.h"

struct eh_extractor {
	struct eh_face *face;
	struct eh_voice *voice;
	char version[512];
};

/* What the child of one recording is given. */
struct eh_extract_task {
	struct eh_extractor *x;
	const struct eh_extract_job *job;
	bool fast;
};

/* The job of a locked worker (worker.h): ctx is a struct eh_extract_task, record a struct eh_answer. */
void eh_extract_child(void *ctx, int fd, void *record);

/* What a child wrote becomes an answer: one outside its ranges is replaced by an EH_EFORMAT without any values,
 * parts that were not asked for are wiped, the message is made printable. */
void eh_answer_receive(struct eh_answer *a, const struct eh_extract_job *job);

/* An answer that measured nothing. */
void eh_answer_failed(struct eh_answer *a, int status, const char *message);

#endif

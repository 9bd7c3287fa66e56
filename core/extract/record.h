/*
 * record.h - the three parts of a stored answer, one file each: how it is written and read (store/codec.h) and
 * what it may hold; and what it shares with the stored copies.  Inside this room only.
 */
#ifndef EH_EXTRACT_RECORD_H
#define EH_EXTRACT_RECORD_H

#include <stdbool.h>

#include "extract/extract.h"
#include "store/codec.h"

void eh_record_put_media(struct eh_buf *b, const struct eh_media_info *m);
void eh_record_get_media(struct eh_reader *r, struct eh_media_info *m);
int eh_record_check_media(const struct eh_answer *a, struct eh_err *err);

void eh_record_put_face(struct eh_buf *b, const struct eh_face_answer *f);
void eh_record_get_face(struct eh_reader *r, struct eh_face_answer *f);
int eh_record_check_face(const struct eh_answer *a, struct eh_err *err);

void eh_record_put_voice(struct eh_buf *b, const struct eh_voice_answer *v);
void eh_record_get_voice(struct eh_reader *r, struct eh_voice_answer *v);
/* seconds: [s] of sound that were decoded. */
int eh_record_check_voice(const struct eh_voice_answer *v, double seconds, struct eh_err *err);

void eh_record_put_origin(struct eh_buf *b, const struct eh_answer_origin *o);
void eh_record_get_origin(struct eh_reader *r, struct eh_answer_origin *o);
bool eh_record_origin_fit(const struct eh_answer_origin *o);

/* Key of a recording in EH_T_ANSWERS and EH_T_COPIES; EH_ERANGE, with what in the message. */
int eh_record_answer_key(struct eh_key *k, const char *what, const char *candidate, const char *question,
			 struct eh_err *err);

/* For the mark of a layout: names and units. */
void eh_record_add_names(struct eh_buf *b, const struct eh_indicator_info *info, size_t n);
/* The first bytes of the sha256. */
uint64_t eh_record_mark(const void *data, size_t len);

/* One of enum eh_status. */
bool eh_record_status_known(int32_t status);

/* EH_EFORMAT that names the field. */
int eh_record_bad(struct eh_err *err, const char *what);
/* Finite and in low..high. */
bool eh_record_within(double v, double low, double high);

#endif

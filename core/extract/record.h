/*
 * record.h - the three parts of a stored answer, one file each: how it is written and read (store/codec.h) and
 * what it may hold.  Inside this room only.
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
int eh_record_check_voice(const struct eh_answer *a, struct eh_err *err);

/* EH_EFORMAT that names the field. */
int eh_record_bad(struct eh_err *err, const char *what);
/* Finite and in low..high. */
bool eh_record_within(double v, double low, double high);

#endif

/*
 * json.h - building and writing JSON documents (jansson inside; its types never leave json.c).
 *
 * Members keep the order in which they were set; numbers are printed with 17 significant
 * digits; the same values give the same bytes.  eh_json_set and eh_json_push take over the
 * child.  Strings that are not valid UTF-8 are made printable first.  Running out of memory
 * ends the program (mem.h): documents are small beside the data they describe.
 */
#ifndef EH_BASE_JSON_H
#define EH_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/num.h"

struct eh_json;

struct eh_json *eh_json_object(void);
struct eh_json *eh_json_array(void);
void eh_json_free(struct eh_json **j);

/* The document in text[len]; NULL when it is none. */
struct eh_json *eh_json_parse(const char *text, size_t len);

void eh_json_set(struct eh_json *obj, const char *key, struct eh_json *child);
void eh_json_push(struct eh_json *arr, struct eh_json *child);

void eh_json_str(struct eh_json *obj, const char *key, const char *value);     /* NULL gives null */
void eh_json_int(struct eh_json *obj, const char *key, int64_t value);
void eh_json_real(struct eh_json *obj, const char *key, double value);          /* finite */
void eh_json_num(struct eh_json *obj, const char *key, struct eh_num value);    /* undefined gives null */
void eh_json_bool(struct eh_json *obj, const char *key, bool value);
void eh_json_tri(struct eh_json *obj, const char *key, enum eh_tri value);      /* unknown gives null */
void eh_json_null(struct eh_json *obj, const char *key);

void eh_json_push_str(struct eh_json *arr, const char *value);
void eh_json_push_int(struct eh_json *arr, int64_t value);
void eh_json_push_num(struct eh_json *arr, struct eh_num value);

/* One document and a newline; EH_EIO when the stream fails. */
int eh_json_write(const struct eh_json *j, FILE *out, struct eh_err *err);
/*
 * The same with a last member: an array whose elements are made one after the other, each written on a line and freed
 * before the next, so that a long one needs no memory.  next: 1 = *element is there, 0 = there are no more, negative =
 * an error, which is returned and leaves the document broken off.  obj has members.
 */
int eh_json_write_array(const struct eh_json *obj, const char *key,
			int (*next)(void *ctx, struct eh_json **element, struct eh_err *err), void *ctx, FILE *out,
			struct eh_err *err);
/* One line without blanks (for JSONL); caller frees. */
char *eh_json_text(const struct eh_json *j);

#endif

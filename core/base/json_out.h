/*
 * json_out.h - a JSON document written as it is made, member by member, with the bytes that json.h would give it.
 *
 * For documents that are large beside what they describe.  An object's or array's end is written when it is closed, so
 * members come in the order of the calls; key is NULL inside an array.  Errors of the stream are found once, at the
 * end.
 */
#ifndef EH_BASE_JSON_OUT_H
#define EH_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"

struct eh_json_out;

struct eh_json_out *eh_json_out_new(FILE *to /* NULL = memory */);

void eh_json_out_object(struct eh_json_out *o, const char *key);
void eh_json_out_array(struct eh_json_out *o, const char *key);
void eh_json_out_close(struct eh_json_out *o);  /* the innermost that is open */

void eh_json_out_str(struct eh_json_out *o, const char *key, const char *value);       /* NULL gives null */
void eh_json_out_int(struct eh_json_out *o, const char *key, int64_t value);
void eh_json_out_num(struct eh_json_out *o, const char *key, struct eh_num value);     /* undefined gives null */
void eh_json_out_bool(struct eh_json_out *o, const char *key, bool value);
void eh_json_out_tri(struct eh_json_out *o, const char *key, enum eh_tri value);       /* unknown gives null */
void eh_json_out_null(struct eh_json_out *o, const char *key);

/* All must be closed.  A newline, and the stream is flushed; frees *o.  EH_EIO. */
int eh_json_out_end(struct eh_json_out **o, struct eh_err *err);
/* The same in memory, as a tree; frees *o. */
struct eh_json *eh_json_out_tree(struct eh_json_out **o);

#endif

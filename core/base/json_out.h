/*
 * json_out.h - a JSON document written as it is made, member by member, with the bytes that json.h would give it.
 *
 * For documents that are large beside what they describe.  An object's or array's end is written when it is closed, so
 * members come in the order of the calls; key is NULL inside an array.  Errors of the stream are found once, at the
 * end.
 *
 * A piece of a document can be made apart from it, so that several threads make several: eh_json_out_resume begins it
 * inside what will be open there, eh_json_out_piece puts its text into the document.
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

/* Makes o, which writes into memory, the writer of a piece: its text is forgotten, and open are the objects '{' and
 * arrays '[' of open.  filled: something stands already in the innermost of them (in the others it does).  The piece
 * may close any of them and open others. */
void eh_json_out_resume(struct eh_json_out *o, const char *open, bool filled);
/* Puts the text of piece at the end of to, in whose innermost object or array it begins; what the piece leaves open or
 * closed is not looked at: the caller sees to it that the same is open in to when it goes on by itself. */
void eh_json_out_piece(struct eh_json_out *to, const struct eh_json_out *piece);

/* All must be closed.  A newline, and the stream is flushed; frees *o.  EH_EIO. */
int eh_json_out_end(struct eh_json_out **o, struct eh_err *err);
/* The same in memory, as a tree; frees *o. */
struct eh_json *eh_json_out_tree(struct eh_json_out **o);
void eh_json_out_free(struct eh_json_out **o);  /* of a piece, or of a document that is given up */

#endif

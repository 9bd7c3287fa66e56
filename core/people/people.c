/* Candidates and evaluators as versioned records; see people.h.  Ids stand in the key only. */
#include "people/people.h"

#include <stdlib.h>
#include <string.h>

#include "people/record.h"
#include "store/codec.h"

/* 2: every class has its source.  Where all are declared 1 is still written: a table imported once more must find
 * what an older program stored the same. */
#define CANDIDATE_VERSION 2
#define CANDIDATE_ALL_DECLARED 1
#define EVALUATOR_VERSION 1

static int by_attribute(const void *a, const void *b)
{
	return strcmp(((const struct eh_declared *)a)->attribute, ((const struct eh_declared *)b)->attribute);
}

/* Checks the declared classes and leaves them sorted in out[EH_DECLARED_MAX]. */
static int declared_check(struct eh_declared *out, const struct eh_candidate *c, struct eh_err *err)
{
	if (c->n_declared > EH_DECLARED_MAX)
		return eh_err_set(err, EH_ERANGE, "candidate '%s' declares %zu attributes; %d are possible", c->id,
				  c->n_declared, EH_DECLARED_MAX);
	memcpy(out, c->declared, c->n_declared * sizeof *out);
	qsort(out, c->n_declared, sizeof *out, by_attribute);
	for (size_t i = 0; i < c->n_declared; i++) {
		if (!eh_attribute_valid(out[i].attribute, strlen(out[i].attribute)))
			return eh_err_set(err, EH_EFORMAT,
					  "candidate '%s': '%s' is not an attribute name; use a-z, 0-9 and _", c->id,
					  out[i].attribute);
		if (!eh_group_valid(out[i].group, strlen(out[i].group)))
			return eh_err_set(err, EH_EFORMAT, "candidate '%s': the group of '%s' is not a group name",
					  c->id, out[i].attribute);
		if (out[i].source > EH_BY_RECORD)
			return eh_err_set(err, EH_ERANGE, "candidate '%s': the source %u of '%s' is none", c->id,
					  out[i].source, out[i].attribute);
		if (i > 0 && strcmp(out[i - 1].attribute, out[i].attribute) == 0)
			return eh_err_set(err, EH_EFORMAT, "candidate '%s' declares '%s' twice", c->id,
					  out[i].attribute);
	}
	return EH_OK;
}

int eh_candidate_put(struct eh_txn *txn, const struct eh_candidate *c, enum eh_change *change, struct eh_err *err)
{
	struct eh_declared declared[EH_DECLARED_MAX];
	struct eh_key key = eh_key_of(c->id);
	bool imported = false;
	struct eh_buf b;
	int rc;

	rc = eh_record_id(c->id, "candidate", err);
	if (rc == EH_OK && c->position[0] != '\0')
		rc = eh_record_id(c->position, "position", err);
	if (rc == EH_OK)
		rc = declared_check(declared, c, err);
	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	for (size_t i = 0; i < c->n_declared; i++)
		imported = imported || declared[i].source != EH_BY_CANDIDATE;
	eh_record_begin(&b, imported ? CANDIDATE_VERSION : CANDIDATE_ALL_DECLARED);
	eh_put_str(&b, c->jurisdiction);
	eh_put_str(&b, c->position);
	eh_put_str(&b, c->name);
	eh_put_str(&b, c->email);
	eh_put_u8(&b, (uint8_t)c->n_declared);
	for (size_t i = 0; i < c->n_declared; i++) {
		eh_put_str(&b, declared[i].attribute);
		eh_put_str(&b, declared[i].group);
		if (imported)
			eh_put_u8(&b, declared[i].source);
	}
	return eh_record_put(txn, EH_T_CANDIDATES, &key, &b, change, "candidate", err);
}

static int candidate_decode(struct eh_candidate *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc;

	memset(out, 0, sizeof *out);
	rc = eh_record_open(&r, value, CANDIDATE_VERSION, &version, "candidate", err);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, out->id, sizeof out->id))
		return eh_err_set(err, EH_EFORMAT, "candidate: the stored key is damaged");
	eh_get_str(&r, out->jurisdiction, sizeof out->jurisdiction);
	eh_get_str(&r, out->position, sizeof out->position);
	eh_get_str(&r, out->name, sizeof out->name);
	eh_get_str(&r, out->email, sizeof out->email);
	out->n_declared = eh_get_u8(&r);
	if (out->n_declared > EH_DECLARED_MAX) {
		r.bad = true;
		out->n_declared = 0;
	}
	for (size_t i = 0; i < out->n_declared; i++) {
		eh_get_str(&r, out->declared[i].attribute, sizeof out->declared[i].attribute);
		eh_get_str(&r, out->declared[i].group, sizeof out->declared[i].group);
		if (version > CANDIDATE_ALL_DECLARED)
			out->declared[i].source = eh_get_u8(&r);
		r.bad = r.bad || out->declared[i].source > EH_BY_RECORD;
	}
	return eh_record_close(&r, "candidate", err);
}

/* Adds what stands in the reader to the text; false when it does not fit or holds a separator. */
static bool profile_part(char *out, size_t *used, char before, struct eh_reader *r)
{
	struct eh_bytes s = eh_get_blob(r);

	if (r->bad || *used + s.len + 2 > EH_PROFILE_TEXT || memchr(s.data, '\0', s.len) != NULL)
		return false;
	if (before != '\0')
		out[(*used)++] = before;
	memcpy(out + *used, s.data, s.len);
	*used += s.len;
	out[*used] = '\0';
	return true;
}

int eh_profile_record(char out[EH_PROFILE_TEXT], struct eh_bytes record, struct eh_err *err)
{
	struct eh_reader r;
	size_t used = 0;
	uint16_t version = 0;
	uint8_t n = 0;
	bool well = true;
	int rc = eh_record_open(&r, record, CANDIDATE_VERSION, &version, "candidate", err);

	if (rc != EH_OK)
		return rc;
	well = profile_part(out, &used, '\0', &r) && profile_part(out, &used, '\x1f', &r);
	(void)eh_get_blob(&r);          /* name */
	(void)eh_get_blob(&r);          /* email */
	n = eh_get_u8(&r);
	for (uint8_t i = 0; i < n && well; i++) {
		well = profile_part(out, &used, '\x1f', &r) && profile_part(out, &used, '\x1e', &r);
		if (version > CANDIDATE_ALL_DECLARED && eh_get_u8(&r) != EH_BY_CANDIDATE && well) {
			well = used + 2 <= EH_PROFILE_TEXT;
			out[used] = '\x1e';
			used += well;
			out[used] = '\0';
		}
	}
	r.bad |= !well || n > EH_DECLARED_MAX;
	return eh_record_close(&r, "candidate", err);
}

size_t eh_profile_position(const char *text, const char **at)
{
	const char *p = text + strcspn(text, "\x1f");

	*at = p + (*p != '\0');
	return strcspn(*at, "\x1f");
}

static bool take(char *out, size_t size, const char **p, const char *until)
{
	size_t len = strcspn(*p, until);

	if (len >= size)
		return false;
	memcpy(out, *p, len);
	out[len] = '\0';
	*p += len;
	return true;
}

bool eh_profile_read(struct eh_candidate *out, const char *text)
{
	const char *p = text;

	memset(out, 0, sizeof *out);
	if (!take(out->jurisdiction, sizeof out->jurisdiction, &p, "\x1f") || *p++ != '\x1f' ||
	    !take(out->position, sizeof out->position, &p, "\x1f"))
		return false;
	while (*p++ == '\x1f') {
		struct eh_declared *d = &out->declared[out->n_declared];

		if (out->n_declared++ == EH_DECLARED_MAX || !take(d->attribute, sizeof d->attribute, &p, "\x1e") ||
		    *p++ != '\x1e' || !take(d->group, sizeof d->group, &p, "\x1e\x1f"))
			return false;
		d->source = *p == '\x1e' ? EH_BY_RECORD : EH_BY_CANDIDATE;
		p += *p == '\x1e';
	}
	return true;
}

int eh_candidate_get(struct eh_txn *txn, const char *id, struct eh_candidate *out, struct eh_err *err)
{
	struct eh_key key = eh_key_of(id);
	struct eh_bytes value = { NULL, 0 };
	int rc = EH_ENOENT;

	if (eh_id_valid(id, strlen(id)))
		rc = eh_txn_get(txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, err);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no candidate '%.64s' in this project", id);
	return rc == EH_OK ? candidate_decode(out, eh_key_bytes(&key), value, err) : rc;
}

const struct eh_declared *eh_candidate_class(const struct eh_candidate *c, const char *attribute)
{
	for (size_t i = 0; i < c->n_declared; i++)
		if (strcmp(c->declared[i].attribute, attribute) == 0)
			return &c->declared[i];
	return NULL;
}

const char *eh_candidate_declared(const struct eh_candidate *c, const char *attribute)
{
	const struct eh_declared *known = eh_candidate_class(c, attribute);

	return known != NULL && known->source == EH_BY_CANDIDATE ? known->group : NULL;
}

const char *eh_class_source_name(uint8_t source) { return source == EH_BY_RECORD ? "imported" : "declared"; }

int eh_evaluator_put(struct eh_txn *txn, const struct eh_evaluator *e, enum eh_change *change, struct eh_err *err)
{
	struct eh_key key = eh_key_of(e->id);
	struct eh_buf b;
	int rc = eh_record_id(e->id, "evaluator", err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, EVALUATOR_VERSION);
	eh_put_str(&b, e->name);
	eh_put_str(&b, e->unit);
	eh_put_str(&b, e->email);
	return eh_record_put(txn, EH_T_EVALUATORS, &key, &b, change, "evaluator", err);
}

static int evaluator_decode(struct eh_evaluator *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	int rc;

	memset(out, 0, sizeof *out);
	rc = eh_record_open(&r, value, EVALUATOR_VERSION, NULL, "evaluator", err);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, out->id, sizeof out->id))
		return eh_err_set(err, EH_EFORMAT, "evaluator: the stored key is damaged");
	eh_get_str(&r, out->name, sizeof out->name);
	eh_get_str(&r, out->unit, sizeof out->unit);
	eh_get_str(&r, out->email, sizeof out->email);
	return eh_record_close(&r, "evaluator", err);
}

int eh_evaluator_get(struct eh_txn *txn, const char *id, struct eh_evaluator *out, struct eh_err *err)
{
	struct eh_key key = eh_key_of(id);
	struct eh_bytes value = { NULL, 0 };
	int rc = EH_ENOENT;

	if (eh_id_valid(id, strlen(id)))
		rc = eh_txn_get(txn, EH_T_EVALUATORS, eh_key_bytes(&key), &value, err);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no evaluator '%.64s' in this project", id);
	return rc == EH_OK ? evaluator_decode(out, eh_key_bytes(&key), value, err) : rc;
}

struct candidate_walk {
	int (*fn)(void *ctx, const struct eh_candidate *c, struct eh_err *err);
	void *ctx;
};

static int candidate_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct candidate_walk *w = ctx;
	struct eh_candidate c;
	int rc = candidate_decode(&c, key, value, err);

	return rc != EH_OK ? rc : w->fn(w->ctx, &c, err);
}

int eh_candidates_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_candidate *c, struct eh_err *err),
		       void *ctx, struct eh_err *err)
{
	struct candidate_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_CANDIDATES, (struct eh_bytes){ NULL, 0 }, candidate_step, &w, err);
}

struct evaluator_walk {
	int (*fn)(void *ctx, const struct eh_evaluator *e, struct eh_err *err);
	void *ctx;
};

static int evaluator_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct evaluator_walk *w = ctx;
	struct eh_evaluator e;
	int rc = evaluator_decode(&e, key, value, err);

	return rc != EH_OK ? rc : w->fn(w->ctx, &e, err);
}

int eh_evaluators_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_evaluator *e, struct eh_err *err),
		       void *ctx, struct eh_err *err)
{
	struct evaluator_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_EVALUATORS, (struct eh_bytes){ NULL, 0 }, evaluator_step, &w, err);
}

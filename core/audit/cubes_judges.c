/* Who decided about whom, many at once; see cubes_inside.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/cubes_inside.h"
#include "base/mem.h"
#include "store/codec.h"

#define PILE ((size_t)1 << 20) /* pairs put at once */

/* Sorted by the beginning of the key; the rest only where that is equal. */
struct pair {
	uint64_t begin;
	size_t at; /* first byte of its key in text */
	uint32_t len;
};

struct eh_judges {
	struct eh_txn *txn;
	struct pair *v;
	size_t n, cap;
	unsigned char *text;
	size_t used, room;
	uint64_t shared;
};

struct eh_judges *eh_judges_new(struct eh_txn *txn)
{
	struct eh_judges *j = eh_xcalloc(1, sizeof *j);

	j->txn = txn;
	return j;
}

void eh_judges_free(struct eh_judges **j)
{
	if (*j == NULL)
		return;
	free((*j)->v);
	free((*j)->text);
	free(*j);
	*j = NULL;
}

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct pair *x = a, *y = b;
	const struct eh_judges *j = ctx;
	int order = 0;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	order = memcmp(j->text + x->at, j->text + y->at, x->len < y->len ? x->len : y->len);
	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Judges of a candidate who are stored already, at most two. */
static int count_judges(struct eh_cursor *c, struct eh_bytes prefix, unsigned *n, struct eh_err *err)
{
	struct eh_bytes found, value;
	int rc = eh_cursor_seek(c, prefix, &found, &value, err);

	*n = 0;
	while (rc == EH_OK && eh_bytes_begin(found, prefix) && ++*n < 2)
		rc = eh_cursor_next(c, &found, &value, err);
	return rc == EH_ENOENT ? EH_OK : rc;
}

static int put_pile(struct eh_judges *j, struct eh_cursor *c, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0, next = 0; i < j->n && rc == EH_OK; i = next) {
		const unsigned char *key = j->text + j->v[i].at;
		const unsigned char *end = memchr(key, 0, j->v[i].len);
		struct eh_bytes prefix = { key, (size_t)(end - key) + 1 };
		unsigned before = 0;

		rc = count_judges(c, prefix, &before, err);
		for (next = i; next < j->n && rc == EH_OK; next++) {
			struct eh_bytes whole = { j->text + j->v[next].at, j->v[next].len };

			if (!eh_bytes_begin(whole, prefix))
				break;
			rc = eh_cursor_put(c, whole, (struct eh_bytes){ (const unsigned char *)"", 0 }, err);
		}
		j->shared += before < 2 && before + (next - i) >= 2;
	}
	return rc;
}

int eh_judges_flush(struct eh_judges *j, uint64_t *shared, struct eh_err *err)
{
	struct eh_cursor *c = NULL;
	int rc = EH_OK;

	if (j->n > 1)
		qsort_r(j->v, j->n, sizeof *j->v, by_key, j);
	if (j->n > 0)
		rc = eh_cursor_open(&c, j->txn, EH_T_JUDGES, err);
	if (rc == EH_OK)
		rc = put_pile(j, c, err);
	eh_cursor_close(&c);
	j->n = j->used = 0;
	*shared += j->shared;
	j->shared = 0;
	return rc;
}

static bool room_for(struct eh_judges *j, size_t len)
{
	if (j->n == j->cap) {
		size_t cap = j->cap != 0 ? 2 * j->cap : 1024;
		struct pair *v = eh_try_realloc(j->v, cap, sizeof *v);

		if (v == NULL)
			return false;
		j->v = v;
		j->cap = cap;
	}
	if (j->used + len > j->room) {
		size_t room = 2 * (j->used + len);
		unsigned char *text = eh_try_realloc(j->text, room, 1);

		if (text == NULL)
			return false;
		j->text = text;
		j->room = room;
	}
	return true;
}

int eh_judges_add(struct eh_judges *j, const char *candidate, const char *evaluator, uint64_t *shared,
		  struct eh_err *err)
{
	size_t a = strlen(candidate), b = strlen(evaluator), len = a + 1 + b;
	struct pair *p = NULL;
	int rc = j->n == PILE ? eh_judges_flush(j, shared, err) : EH_OK;

	if (rc != EH_OK)
		return rc;
	if (!room_for(j, len))
		return eh_err_set(err, EH_ENOMEM, "counting decisions: out of memory");
	p = &j->v[j->n++];
	*p = (struct pair){ 0, j->used, (uint32_t)len };
	memcpy(j->text + j->used, candidate, a + 1);
	memcpy(j->text + j->used + a + 1, evaluator, b);
	for (size_t i = 0; i < 8; i++)
		p->begin = p->begin << 8 | (i < len ? j->text[p->at + i] : 0);
	j->used += len;
	return EH_OK;
}

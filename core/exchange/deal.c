/* Rows to piles by their candidates' fingerprints; see deal.h. */
#include "exchange/deal.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "exchange/deal_inside.h"

#define SLAB (4u << 20) /* [bytes] */

static unsigned char *align(unsigned char *p)
{
	return p + (EH_DEAL_PAGE - ((uintptr_t)p & (EH_DEAL_PAGE - 1))) % EH_DEAL_PAGE;
}

static unsigned char *new_slab(struct eh_deal *d)
{
	void *list = eh_try_realloc(d->slab, d->n_slabs + 1, sizeof *d->slab);
	unsigned char *slab = NULL;

	if (list == NULL)
		return NULL;
	d->slab = list;
	slab = d->large_pages ? eh_try_pages(SLAB, 1) : eh_try_malloc(SLAB + EH_DEAL_PAGE, 1);
	if (slab == NULL)
		return NULL;
	d->slab[d->n_slabs++] = slab;
	return d->large_pages ? slab : align(slab);
}

static int new_block(struct eh_deal *d, struct eh_deal_pile *p)
{
	const size_t size = eh_deal_block_size(d);
	unsigned char *block = NULL;

	if (d->left < size) {
		block = new_slab(d);
		if (block == NULL)
			return EH_ENOMEM;
		d->next = block;
		d->left = SLAB;
	}
	block = d->next;
	d->next += size;
	d->left -= size;
	memcpy(block, &p->first, sizeof p->first);
	p->first = block;
	p->at = block + EH_DEAL_HEAD;
	p->end = p->at + (size_t)EH_DEAL_BLOCK_ROWS * EH_DEAL_ROW;
	return EH_OK;
}

static __attribute__((noinline)) struct eh_deal_print print_long(const char *id, size_t len)
{
	unsigned char f[EH_FINGERPRINT_SIZE];
	struct eh_deal_print out = { .pile = 0 };

	eh_fingerprint(f, id, len);
	out.pile = f[0];
	memcpy(&out.high, f + 1, 8);
	memcpy(&out.low, f + 9, 2);
	return out;
}

int eh_deal_add(struct eh_deal *d, const char *candidate, size_t len, uint32_t tag)
{
	const struct eh_deal_print f =
		len <= EH_DEAL_SHORT ? eh_deal_print_short(candidate, len) : print_long(candidate, len);
	struct eh_deal_pile *p = &d->pile[f.pile];
	unsigned char *at = p->at;

	if (at == p->end) {
		if (new_block(d, p) < 0)
			return EH_ENOMEM;
		at = p->at;
	}
	p->at = at + EH_DEAL_ROW;
	/* more piles than a processor sees streams: the next row of this one comes long after */
	__builtin_prefetch(at + 64, 1);
	eh_deal_put(at, &f, tag);
	return f.pile;
}

void eh_deal_beside(struct eh_deal *d, unsigned pile, double score, int32_t day)
{
	const struct eh_deal_pile *p = &d->pile[pile];
	const size_t row = eh_deal_block_rows(p->first, p->at) - 1;

	if (d->scores)
		eh_deal_scores(p->first)[row] = score;
	if (d->days)
		eh_deal_days(d, p->first)[row] = day;
}

void eh_deal_free(struct eh_deal *d)
{
	for (size_t i = 0; i < d->n_slabs; i++)
		free(d->slab[i]);
	free(d->slab);
	memset(d, 0, sizeof *d);
}

struct ranked {
	struct eh_deal_print print;
	uint32_t index;
	const char *name;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->print.pile != y->print.pile)
		return x->print.pile < y->print.pile ? -1 : 1;
	if (x->print.high != y->print.high)
		return x->print.high < y->print.high ? -1 : 1;
	if (x->print.low != y->print.low)
		return x->print.low < y->print.low ? -1 : 1;
	return strcmp(x->name, y->name);
}

int eh_deal_rank(uint32_t *rank, char *const *name, size_t n)
{
	struct ranked *v = eh_try_malloc(n + 1, sizeof *v);

	if (v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const size_t len = strlen(name[i]);
		char padded[16] = "";

		if (len <= EH_DEAL_SHORT)
			memcpy(padded, name[i], len);
		v[i] = (struct ranked){ len <= EH_DEAL_SHORT ? eh_deal_print_short(padded, len)
							     : print_long(name[i], len),
					(uint32_t)i, name[i] };
	}
	qsort(v, n, sizeof *v, by_rank);
	for (size_t i = 0; i < n; i++)
		rank[v[i].index] = (uint32_t)i;
	free(v);
	return EH_OK;
}

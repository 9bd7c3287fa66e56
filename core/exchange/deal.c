/* Piles of rows, and from piles to sorted audit data; see deal.h. */
#include "exchange/deal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/mem.h"

#define ROW 14u /* [bytes] 10 of the fingerprint behind its first byte, 4 of the tag */
#define PAGE 4096u
#define BLOCK_ROWS 4680u /* with the head of 16 bytes just below 16 pages */
#define BLOCK (16u * PAGE)
#define SCORES (10u * PAGE) /* behind the rows of a block: one double for each */
#define SLAB (4u << 20)	    /* [bytes] */
#define HEAD 16u	    /* of a block: pointer to the block before it */
#define FEW 24		    /* items up to which insertion is the fastest sort */

/* A row's fingerprint, and which one of the pile it is. */
struct item {
	uint64_t high;
	uint32_t row;
	uint16_t low;
};

/* A row of one candidate by evaluator and stratum. */
struct placed {
	uint64_t place;
	uint32_t row;
};

/* One thread's room for a pile. */
struct table {
	struct item *a, *b;   /* [cap] */
	uint32_t *who, *kind; /* [cap] by row: evaluator, kind of all sources */
	struct placed *place; /* [cap] of one candidate's rows */
	double *score;	      /* [cap] by row; NULL without scores */
	uint32_t *start;      /* [START + 1] */
	size_t cap;
};
#define START ((size_t)1 << 16)

struct part {
	size_t first; /* candidate: room begins here, as if every row were one */
	uint32_t candidates;
	uint64_t repeats;
	bool conflict;
	size_t *next; /* [evaluators] where its next decision of this part goes */
};

struct work {
	struct eh_audit_data *out;
	struct eh_deal_order *o;
	struct eh_deal_kind *kind; /* of all sources, one after the other */
	size_t *base;		   /* [sources] first kind of each */
	struct part *part;	   /* [parts] */
	bool scores;
};

/* The order of fingerprints of one pile. */
static bool before(const struct item *x, const struct item *y)
{
	return x->high != y->high ? x->high < y->high : x->low < y->low;
}

/* ---- dealing ---- */

static unsigned char *align(unsigned char *p) { return p + (PAGE - ((uintptr_t)p & (PAGE - 1))) % PAGE; }

static int new_block(struct eh_deal *d, struct eh_deal_pile *p)
{
	const size_t size = BLOCK + (d->scores ? SCORES : 0);
	unsigned char *block = NULL;

	if (d->left < size) {
		void *list = eh_try_realloc(d->slab, d->n_slabs + 1, sizeof *d->slab);
		unsigned char *slab = list != NULL ? eh_try_malloc(SLAB + PAGE, 1) : NULL;

		d->slab = list != NULL ? list : d->slab;
		if (slab == NULL)
			return EH_ENOMEM;
		d->slab[d->n_slabs++] = slab;
		d->next = align(slab);
		d->left = SLAB;
	}
	block = d->next;
	d->next += size;
	d->left -= size;
	memcpy(block, &p->first, sizeof p->first);
	p->first = block;
	p->at = block + HEAD;
	p->end = p->at + (size_t)BLOCK_ROWS * ROW;
	p->score = (double *)(void *)(block + BLOCK);
	return EH_OK;
}

int eh_deal_add(struct eh_deal *d, const void *candidate, size_t len, uint32_t tag, double score)
{
	unsigned char f[EH_FINGERPRINT_SIZE];
	struct eh_deal_pile *p = NULL;

	eh_fingerprint(f, candidate, len);
	p = &d->pile[f[0]];
	if (p->at == p->end && new_block(d, p) < 0)
		return EH_ENOMEM;
	memcpy(p->at, f + 1, 10);
	memcpy(p->at + 10, &tag, 4);
	if (d->scores)
		p->score[(size_t)(p->at - p->first - HEAD) / ROW] = score;
	p->at += ROW;
	return f[0];
}

void eh_deal_free(struct eh_deal *d)
{
	for (size_t i = 0; i < d->n_slabs; i++)
		free(d->slab[i]);
	free(d->slab);
	memset(d, 0, sizeof *d);
}

struct ranked {
	unsigned char pile;
	struct item item;
	const char *name;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->pile != y->pile)
		return x->pile < y->pile ? -1 : 1;
	return before(&x->item, &y->item) ? -1 : before(&y->item, &x->item) ? 1 : strcmp(x->name, y->name);
}

int eh_deal_rank(uint32_t *rank, char *const *name, size_t n)
{
	struct ranked *v = eh_try_malloc(n + 1, sizeof *v);

	if (v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		unsigned char f[EH_FINGERPRINT_SIZE];

		eh_fingerprint(f, name[i], strlen(name[i]));
		v[i] = (struct ranked){ f[0], { .row = (uint32_t)i }, name[i] };
		memcpy(&v[i].item.high, f + 1, 8);
		memcpy(&v[i].item.low, f + 9, 2);
	}
	qsort(v, n, sizeof *v, by_rank);
	for (size_t i = 0; i < n; i++)
		rank[v[i].item.row] = (uint32_t)i;
	free(v);
	return EH_OK;
}

/* ---- one pile ---- */

static void table_free(struct table *t)
{
	free(t->a);
	free(t->b);
	free(t->who);
	free(t->kind);
	free(t->place);
	free(t->score);
	free(t->start);
	memset(t, 0, sizeof *t);
}

static int table_room(struct table *t, size_t n, bool scores)
{
	if (n <= t->cap)
		return EH_OK;
	table_free(t);
	t->cap = n + n / 8;
	t->a = eh_try_malloc(t->cap, sizeof *t->a);
	t->b = eh_try_malloc(t->cap, sizeof *t->b);
	t->who = eh_try_malloc(t->cap, sizeof *t->who);
	t->kind = eh_try_malloc(t->cap, sizeof *t->kind);
	t->place = eh_try_malloc(t->cap, sizeof *t->place);
	t->score = scores ? eh_try_malloc(t->cap, sizeof *t->score) : NULL;
	t->start = eh_try_malloc(START + 1, sizeof *t->start);
	return t->a != NULL && t->b != NULL && t->who != NULL && t->kind != NULL && t->place != NULL &&
			       (t->score != NULL || !scores) && t->start != NULL
		       ? EH_OK
		       : EH_ENOMEM;
}

static size_t rows_of(const struct eh_deal_pile *p)
{
	const unsigned char *block = p->first, *before = NULL;
	size_t n = block != NULL ? (size_t)(p->at - block - HEAD) / ROW : 0;

	for (; block != NULL; block = before, n += block != NULL ? BLOCK_ROWS : 0)
		memcpy(&before, block, sizeof before);
	return n;
}

/* Copies a pile of one source behind the n rows there are; its pages go back to the system, for the columns to have. */
static size_t take_pile(struct table *t, size_t n, const struct work *w, size_t source, unsigned pile)
{
	const struct eh_deal_source *s = &w->o->source[source];
	const struct eh_deal_pile *p = &s->deal->pile[pile];
	const uint32_t mask = (uint32_t)(((uint64_t)1 << w->o->bits) - 1);
	unsigned char *block = p->first, *before = NULL, *end = p->at;

	for (; block != NULL; block = before, end = block != NULL ? block + HEAD + (size_t)BLOCK_ROWS * ROW : NULL) {
		size_t rows = (size_t)(end - block - HEAD) / ROW;

		memcpy(&before, block, sizeof before);
		if (w->scores)
			memcpy(t->score + n, block + BLOCK, rows * sizeof *t->score);
		for (const unsigned char *r = block + HEAD; r < end; r += ROW, n++) {
			uint32_t tag;

			memcpy(&t->a[n].high, r, 8);
			memcpy(&t->a[n].low, r + 8, 2);
			memcpy(&tag, r + 10, 4);
			t->a[n].row = (uint32_t)n;
			t->who[n] = s->evaluator[(uint64_t)tag >> w->o->bits];
			t->kind[n] = (uint32_t)w->base[source] + (tag & mask);
		}
		(void)madvise(block, BLOCK + (w->scores ? SCORES : 0), MADV_DONTNEED);
	}
	return n;
}

static int by_item(const void *a, const void *b) { return before(a, b) ? -1 : before(b, a); }

static void sort_few(struct item *v, size_t n)
{
	if (n > FEW) {
		qsort(v, n, sizeof *v, by_item);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct item x = v[i];
		size_t k = i;

		for (; k > 0 && before(&x, &v[k - 1]); k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Fingerprints are as good as drawn, so that their first bits deal them evenly: a few to each start. */
static struct item *sort_pile(struct table *t, size_t n)
{
	unsigned bits = 1;
	size_t starts = 0;

	while (((size_t)4 << bits) < n && ((size_t)1 << bits) < START)
		bits++;
	starts = (size_t)1 << bits;
	memset(t->start, 0, (starts + 1) * sizeof *t->start);
	for (size_t i = 0; i < n; i++)
		t->start[(t->a[i].high >> (64 - bits)) + 1]++;
	for (size_t k = 0; k < starts; k++)
		t->start[k + 1] += t->start[k];
	for (size_t i = 0; i < n; i++)
		t->b[t->start[t->a[i].high >> (64 - bits)]++] = t->a[i];
	/* every start now stands at the next one's */
	for (size_t k = 0; k < starts; k++) {
		size_t from = k > 0 ? t->start[k - 1] : 0;

		if (t->start[k] - from > 1)
			sort_few(t->b + from, t->start[k] - from);
	}
	return t->b;
}

/* ---- the rows of one candidate ---- */

static void put_decision(const struct work *w, struct part *p, const struct table *t, uint32_t row, uint32_t candidate)
{
	const struct eh_deal_kind *k = &w->kind[t->kind[row]];
	struct eh_audit_data *d = w->out;
	size_t to = p->next[t->who[row]]++;

	d->candidate[to] = candidate;
	d->stratum[to] = k->stratum;
	d->selected[to] = k->decision;
	if (w->scores) {
		d->has_score[to] = (uint8_t)!isnan(t->score[row]);
		d->score[to] = d->has_score[to] ? t->score[row] : 0.0;
	}
}

static void put_classes(const struct work *w, struct part *p, const struct table *t, const struct item *v, size_t n)
{
	const size_t to = p->first + p->candidates;

	for (size_t a = 0; a < w->out->n_attributes; a++) {
		struct eh_attribute_data *x = &w->out->attributes[a];
		int8_t known = -1;

		for (size_t i = 0; i < n; i++) {
			int8_t g = w->kind[t->kind[v[i].row]].group[a];

			p->conflict = p->conflict || (g >= 0 && known >= 0 && g != known);
			known = g >= 0 ? g : known;
		}
		x->group[to] = known;
		x->provenance[to] = known >= 0 ? EH_IMPORTED : EH_UNKNOWN_CLASS;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

/* Several rows: their order is that of evaluator and stratum. */
static void put_candidate(const struct work *w, struct part *p, const struct table *t, struct item *v, size_t n)
{
	struct placed *x = t->place;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		const struct eh_deal_kind *k = &w->kind[t->kind[v[i].row]];

		if (k->decision != EH_DEAL_HOLD)
			x[m++] = (struct placed){ (uint64_t)t->who[v[i].row] << 32 | k->stratum, v[i].row };
	}
	for (size_t i = 1; m <= FEW && i < m; i++) {
		struct placed y = x[i];
		size_t k = i;

		for (; k > 0 && x[k - 1].place > y.place; k--)
			x[k] = x[k - 1];
		x[k] = y;
	}
	if (m > FEW)
		qsort(x, m, sizeof *x, by_place);
	for (size_t i = 0; i < m; i++) {
		p->repeats += i > 0 && x[i].place == x[i - 1].place;
		put_decision(w, p, t, x[i].row, p->candidates);
	}
}

static void put_pile(const struct work *w, struct part *p, const struct table *t, struct item *v, size_t n)
{
	for (size_t i = 0, end = 0; i < n; i = end) {
		for (end = i + 1; end < n && v[end].high == v[i].high && v[end].low == v[i].low; end++)
			;
		put_classes(w, p, t, v + i, end - i);
		if (end - i > 1)
			put_candidate(w, p, t, v + i, end - i);
		else if (w->kind[t->kind[v[i].row]].decision != EH_DEAL_HOLD)
			put_decision(w, p, t, v[i].row, p->candidates);
		p->candidates++;
	}
}

/* ---- all of it ---- */

static int do_part(void *ctx, size_t slot, size_t index, const struct eh_crew *inside, struct eh_err *err)
{
	struct work *w = ctx;
	struct part *p = &w->part[index];
	struct table t = { 0 };
	int rc = EH_OK;

	(void)slot;
	(void)inside;
	for (unsigned pile = 0; pile < EH_DEAL_PILES && rc == EH_OK; pile++) {
		size_t n = 0, have = 0;

		if (eh_deal_part(pile, w->o->parts) != index)
			continue;
		for (size_t s = 0; s < w->o->n_sources; s++)
			n += rows_of(&w->o->source[s].deal->pile[pile]);
		if (n == 0)
			continue;
		rc = table_room(&t, n, w->scores);
		for (size_t s = 0; s < w->o->n_sources && rc == EH_OK; s++)
			have = take_pile(&t, have, w, s, pile);
		if (rc == EH_OK)
			put_pile(w, p, &t, sort_pile(&t, n), n);
	}
	table_free(&t);
	return rc == EH_OK ? rc : eh_err_set(err, rc, "no memory to sort the rows of the table");
}

/* Where each evaluator's decisions begin, and in them those of each part. */
static int begin(struct work *w)
{
	struct eh_audit_data *d = w->out;
	const struct eh_deal_order *o = w->o;
	const size_t n = d->evaluators.n;
	size_t at = 0;

	d->evaluator_at = eh_try_calloc(n + 1, sizeof *d->evaluator_at);
	if (d->evaluator_at == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < o->parts; p++) {
		w->part[p].next = eh_try_calloc(n + 1, sizeof *w->part[p].next);
		if (w->part[p].next == NULL)
			return EH_ENOMEM;
		for (size_t s = 0; s < o->n_sources; s++)
			for (uint32_t e = 0; e < o->source[s].n_evaluators; e++)
				w->part[p].next[o->source[s].evaluator[e]] += o->source[s].count[e * o->parts + p];
	}
	for (size_t e = 0; e < n; e++) {
		d->evaluator_at[e] = at;
		for (size_t p = 0; p < o->parts; p++) {
			size_t count = w->part[p].next[e];

			w->part[p].next[e] = at;
			at += count;
		}
	}
	d->evaluator_at[n] = at;
	return EH_OK;
}

/* Room for as many candidates as there are rows costs nothing where it is never touched. */
static int make_room(struct work *w)
{
	struct eh_audit_data *d = w->out;
	const struct eh_deal_order *o = w->o;
	const size_t n = o->decisions != 0 ? o->decisions : 1, rows = o->rows != 0 ? o->rows : 1;
	size_t first = 0;

	d->n_decisions = o->decisions;
	d->candidate = eh_try_malloc(n, sizeof *d->candidate);
	d->stratum = eh_try_malloc(n, sizeof *d->stratum);
	d->selected = eh_try_malloc(n, sizeof *d->selected);
	if (w->scores) {
		d->score = eh_try_malloc(n, sizeof *d->score);
		d->has_score = eh_try_malloc(n, sizeof *d->has_score);
	}
	if (d->candidate == NULL || d->stratum == NULL || d->selected == NULL ||
	    (w->scores && (d->score == NULL || d->has_score == NULL)))
		return EH_ENOMEM;
	for (size_t a = 0; a < d->n_attributes; a++) {
		d->attributes[a].group = eh_try_malloc(rows, sizeof *d->attributes[a].group);
		d->attributes[a].provenance = eh_try_malloc(rows, sizeof *d->attributes[a].provenance);
		if (d->attributes[a].group == NULL || d->attributes[a].provenance == NULL)
			return EH_ENOMEM;
	}
	for (unsigned pile = 0; pile < EH_DEAL_PILES; pile++) {
		size_t p = eh_deal_part(pile, o->parts);

		if (pile == 0 || p != eh_deal_part(pile - 1, o->parts))
			w->part[p].first = first;
		for (size_t s = 0; s < o->n_sources; s++)
			first += rows_of(&o->source[s].deal->pile[pile]);
	}
	return EH_OK;
}

static int join_kinds(struct work *w)
{
	const struct eh_deal_order *o = w->o;
	size_t n = 0;

	w->base = eh_try_calloc(o->n_sources + 1, sizeof *w->base);
	for (size_t s = 0; s < o->n_sources; s++)
		n += o->source[s].n_kinds;
	w->kind = eh_try_calloc(n + 1, sizeof *w->kind);
	if (w->base == NULL || w->kind == NULL)
		return EH_ENOMEM;
	n = 0;
	for (size_t s = 0; s < o->n_sources; s++) {
		w->base[s] = n;
		if (o->source[s].n_kinds > 0)
			memcpy(w->kind + n, o->source[s].kind, o->source[s].n_kinds * sizeof *w->kind);
		n += o->source[s].n_kinds;
	}
	return EH_OK;
}

/* Closes the gaps between the parts' candidates and gives them numbers of the whole. */
static void close_gaps(struct work *w)
{
	struct eh_audit_data *d = w->out;
	uint32_t before_it = 0;

	for (size_t p = 0; p < w->o->parts; p++) {
		const struct part *x = &w->part[p];

		for (size_t a = 0; a < d->n_attributes; a++) {
			struct eh_attribute_data *t = &d->attributes[a];

			memmove(t->group + before_it, t->group + x->first, x->candidates * sizeof *t->group);
			memmove(t->provenance + before_it, t->provenance + x->first, x->candidates);
		}
		for (size_t e = 0; before_it > 0 && e < d->evaluators.n; e++) {
			size_t from = p > 0 ? w->part[p - 1].next[e] : d->evaluator_at[e];

			for (size_t i = from; i < x->next[e]; i++)
				d->candidate[i] += before_it;
		}
		before_it += x->candidates;
	}
	d->candidates.n = before_it;
	for (size_t a = 0; a < d->n_attributes; a++) {
		struct eh_attribute_data *t = &d->attributes[a];
		void *p = eh_try_realloc(t->group, before_it + 1, sizeof *t->group);

		t->group = p != NULL ? p : t->group;
		p = eh_try_realloc(t->provenance, before_it + 1, 1);
		t->provenance = p != NULL ? p : t->provenance;
	}
}

int eh_deal_arrange(struct eh_audit_data *out, struct eh_deal_order *o, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = o->threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct work w = { .out = out, .o = o, .scores = o->n_sources > 0 && o->source[0].deal->scores };
	int rc = EH_ENOMEM;

	w.part = eh_try_calloc(o->parts, sizeof *w.part);
	if (w.part == NULL || join_kinds(&w) < 0 || begin(&w) < 0 || make_room(&w) < 0) {
		rc = eh_err_set(err, EH_ENOMEM, "no memory for %llu decisions", (unsigned long long)o->decisions);
		goto out;
	}
	rc = o->parts > 1 ? eh_crew_run(&crew, o->parts, o->parts, do_part, &w, err) : do_part(&w, 0, 0, &crew, err);
	if (rc == EH_OK)
		close_gaps(&w);
	o->repeats = 0;
	o->conflict = false;
	for (size_t p = 0; p < o->parts; p++) {
		o->repeats += w.part[p].repeats;
		o->conflict = o->conflict || w.part[p].conflict;
	}
out:
	for (size_t p = 0; w.part != NULL && p < o->parts; p++)
		free(w.part[p].next);
	free(w.part);
	free(w.kind);
	free(w.base);
	return rc;
}

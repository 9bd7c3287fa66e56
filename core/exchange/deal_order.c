/* From piles to sorted audit data; see deal.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "exchange/deal_inside.h"

#define FEW 24	 /* items up to which insertion is the fastest sort */
#define AHEAD 16 /* cells of four bytes in a cache line */
#define START_BITS 16u

/* A row's fingerprint, and which one of the pile it is. */
struct item {
	uint64_t high;
	uint64_t rest; /* the fingerprint's last 16 bits, 16 bits of nothing, the row */
};
#define SAME_PRINT(x, y) ((x)->high == (y)->high && (x)->rest >> 48 == (y)->rest >> 48)

/* A row of one candidate by evaluator and stratum. */
struct placed {
	uint64_t place;
	uint32_t row;
};

/* One thread's room for a pile. */
struct table {
	struct item *a, *b;   /* [cap] */
	uint64_t *tag;	      /* [cap] by row: evaluator << 32 | kind of all sources */
	struct placed *place; /* [cap] of one candidate's rows */
	double *score;	      /* [cap] by row; NULL without scores */
	int32_t *day;	      /* [cap] by row; NULL without days */
	uint32_t *start;      /* [2^START_BITS + 1] */
	size_t cap;
};

struct part {
	size_t first; /* candidate: room begins here, as if every row were one */
	uint32_t candidates;
	uint64_t repeats;
	bool conflict, days;
	size_t *next; /* [evaluators] where its next decision of this part goes */
};

struct work {
	struct eh_audit_data *out;
	struct eh_deal_order *o;
	struct eh_deal_kind *kind; /* of all sources, one after the other */
	size_t *base;		   /* [sources] first kind of each */
	struct part *part;	   /* [parts] */
	bool scores, days, large_pages;
};

/* The order of fingerprints of one pile, and of the rows of one. */
static bool before(const struct item *x, const struct item *y)
{
	return x->high != y->high ? x->high < y->high : x->rest < y->rest;
}

/* ---- one pile ---- */

static void table_free(struct table *t)
{
	free(t->a);
	free(t->b);
	free(t->tag);
	free(t->place);
	free(t->score);
	free(t->day);
	free(t->start);
	memset(t, 0, sizeof *t);
}

static int table_room(struct table *t, size_t n, const struct work *w)
{
	if (n <= t->cap)
		return EH_OK;
	table_free(t);
	t->cap = n + n / 8;
	t->a = eh_try_malloc(t->cap, sizeof *t->a);
	t->b = eh_try_malloc(t->cap, sizeof *t->b);
	t->tag = eh_try_malloc(t->cap, sizeof *t->tag);
	t->place = eh_try_malloc(t->cap, sizeof *t->place);
	t->score = w->scores ? eh_try_malloc(t->cap, sizeof *t->score) : NULL;
	t->day = w->days ? eh_try_malloc(t->cap, sizeof *t->day) : NULL;
	t->start = eh_try_malloc(((size_t)1 << START_BITS) + 1, sizeof *t->start);
	return t->a != NULL && t->b != NULL && t->tag != NULL && t->place != NULL && t->start != NULL &&
			       (t->score != NULL || !w->scores) && (t->day != NULL || !w->days)
		       ? EH_OK
		       : EH_ENOMEM;
}

static size_t rows_of(const struct eh_deal_pile *p)
{
	const unsigned char *block = p->first, *older = NULL;
	size_t n = block != NULL ? eh_deal_block_rows(block, p->at) : 0;

	for (; block != NULL; block = older, n += block != NULL ? EH_DEAL_BLOCK_ROWS : 0)
		memcpy(&older, block, sizeof older);
	return n;
}

/* Pages that nobody needs any more, gathered (4 MB): a call makes the processors of the other threads forget them, and
 * with one for each block two threads took a quarter longer over 1e7 rows. */
struct gone {
	struct iovec v[128];
	size_t n;
};

/* One call for all where the kernel can (Linux 6.14; what is not taken is left to madvise). */
static void give_back(struct gone *g)
{
	const long self = -10000; /* PIDFD_SELF */
	long taken = g->n > 1 ? syscall(SYS_process_madvise, self, g->v, g->n, MADV_DONTNEED, 0L) : 0;

	for (size_t i = 0; i < g->n; i++) {
		if (taken >= (long)g->v[i].iov_len)
			taken -= (long)g->v[i].iov_len;
		else
			(void)madvise(g->v[i].iov_base, g->v[i].iov_len, MADV_DONTNEED);
	}
	g->n = 0;
}

/* Copies a pile of one source behind the n rows there are; its pages go back to the system, for the columns to have. */
static size_t take_pile(struct table *t, size_t n, const struct work *w, size_t source, unsigned pile,
			struct gone *gone)
{
	const struct eh_deal_source *s = &w->o->source[source];
	const struct eh_deal_pile *p = &s->deal->pile[pile];
	const uint32_t mask = (uint32_t)(((uint64_t)1 << w->o->bits) - 1), base = (uint32_t)w->base[source];
	unsigned char *block = p->first, *older = NULL, *end = p->at;

	for (; block != NULL; block = older, end = block + EH_DEAL_HEAD + (size_t)EH_DEAL_BLOCK_ROWS * EH_DEAL_ROW) {
		const size_t rows = eh_deal_block_rows(block, end);

		memcpy(&older, block, sizeof older);
		if (w->scores)
			memcpy(t->score + n, eh_deal_scores(block), rows * sizeof *t->score);
		if (w->days)
			memcpy(t->day + n, eh_deal_days(s->deal, block), rows * sizeof *t->day);
		for (const unsigned char *r = block + EH_DEAL_HEAD; r < end; r += EH_DEAL_ROW, n++) {
			uint16_t low;
			uint32_t tag;

			eh_deal_get(r, &t->a[n].high, &low, &tag);
			t->a[n].rest = (uint64_t)low << 48 | n;
			t->tag[n] = (uint64_t)s->evaluator[(uint64_t)tag >> w->o->bits] << 32 | (base + (tag & mask));
		}
		if (!w->large_pages)
			gone->v[gone->n++] = (struct iovec){ block, eh_deal_block_size(s->deal) };
		if (gone->n == sizeof gone->v / sizeof gone->v[0])
			give_back(gone);
		if (older == NULL)
			break;
	}
	return n;
}

static int by_item(const void *a, const void *b) { return before(a, b) ? -1 : before(b, a); }

static void insert_items(struct item *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct item x = v[i];
		size_t k = i;

		for (; k > 0 && before(&x, &v[k - 1]); k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Fingerprints are as good as drawn, so that their first bits deal them evenly: about one to each start. */
static struct item *sort_pile(struct table *t, size_t n)
{
	unsigned bits = 1;
	size_t starts = 0, from = 0;
	uint32_t at = 0, most = 0;

	while ((size_t)1 << bits < n && bits < START_BITS)
		bits++;
	starts = (size_t)1 << bits;
	memset(t->start, 0, starts * sizeof *t->start);
	for (size_t i = 0; i < n; i++)
		t->start[t->a[i].high >> (64 - bits)]++;
	for (size_t k = 0; k < starts; k++) {
		uint32_t count = t->start[k];

		most = count > most ? count : most;
		t->start[k] = at;
		at += count;
	}
	for (size_t i = 0; i < n; i++)
		t->b[t->start[t->a[i].high >> (64 - bits)]++] = t->a[i];
	/* the starts are in order already: nothing moves across one */
	if (most <= FEW) {
		insert_items(t->b, n);
		return t->b;
	}
	/* every start now stands at the next one's */
	for (size_t k = 0; k < starts; from = t->start[k++]) {
		const size_t m = t->start[k] - from;

		if (m > FEW)
			qsort(t->b + from, m, sizeof *t->b, by_item);
		else
			insert_items(t->b + from, m);
	}
	return t->b;
}

/* ---- the rows of one candidate ---- */

/* Where decisions go: a copy, so that no cell that is written could be one of these. */
struct columns {
	uint32_t *candidate, *stratum;
	uint8_t *selected;
	size_t *next;
	const struct eh_deal_kind *kind;
};

static struct columns columns_of(const struct work *w, const struct part *p)
{
	return (struct columns){ w->out->candidate, w->out->stratum, w->out->selected, p->next, w->kind };
}

/* The row it became. */
static inline size_t put_decision(const struct columns *c, uint64_t tag, uint32_t candidate)
{
	const struct eh_deal_kind *k = &c->kind[(uint32_t)tag];
	const size_t to = c->next[tag >> 32]++;

	c->candidate[to] = candidate;
	c->stratum[to] = k->stratum;
	c->selected[to] = k->decision;
	/* each evaluator's next cells, long before they are written */
	__builtin_prefetch(c->candidate + to + AHEAD, 1);
	__builtin_prefetch(c->stratum + to + AHEAD, 1);
	return to;
}

static void put_beside(const struct work *w, struct part *p, const struct table *t, uint32_t row, size_t to)
{
	struct eh_audit_data *d = w->out;

	if (w->scores) {
		d->has_score[to] = (uint8_t)!isnan(t->score[row]);
		d->score[to] = d->has_score[to] ? t->score[row] : 0.0;
	}
	if (w->days) {
		d->decided[to] = t->day[row];
		p->days = p->days || t->day[row] != EH_NO_DAY;
	}
}

static void put_classes(const struct work *w, struct part *p, const struct table *t, const struct item *v, size_t n)
{
	const size_t to = p->first + p->candidates;
	const struct eh_deal_class *before = NULL;

	for (size_t k = 0; k < w->o->n_classes; k++) {
		const struct eh_deal_class *c = &w->o->class[k];
		struct eh_attribute_data *x = &w->out->attributes[c->attribute];
		const bool second = before != NULL && before->attribute == c->attribute;
		int8_t known = -1;

		for (size_t i = 0; i < n; i++) {
			int8_t g = w->kind[(uint32_t)t->tag[(uint32_t)v[i].rest]].group[k];

			p->conflict = p->conflict || (g >= 0 && known >= 0 && g != known);
			known = g >= 0 ? g : known;
		}
		before = c;
		if (second && x->group[to] >= 0)
			continue;
		x->group[to] = known;
		x->provenance[to] = known >= 0 ? c->provenance : EH_UNKNOWN_CLASS;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

/* Several rows: their order is that of evaluator and stratum. */
static void put_candidate(const struct work *w, struct part *p, const struct table *t, const struct item *v, size_t n)
{
	const struct columns c = columns_of(w, p);
	struct placed *x = t->place;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		const uint32_t row = (uint32_t)v[i].rest;
		const struct eh_deal_kind *k = &w->kind[(uint32_t)t->tag[row]];

		if (k->decision != EH_DEAL_HOLD)
			x[m++] = (struct placed){ (t->tag[row] & ~(uint64_t)UINT32_MAX) | k->stratum, row };
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
		const size_t to = put_decision(&c, t->tag[x[i].row], p->candidates);

		p->repeats += i > 0 && x[i].place == x[i - 1].place;
		put_beside(w, p, t, x[i].row, to);
	}
}

static void put_pile(const struct work *w, struct part *p, const struct table *t, const struct item *v, size_t n)
{
	const struct columns c = columns_of(w, p);
	const bool beside = w->scores || w->days;

	for (size_t i = 0, end = 0; i < n; i = end) {
		const uint32_t row = (uint32_t)v[i].rest;
		const uint64_t tag = t->tag[row];

		for (end = i + 1; end < n && SAME_PRINT(&v[end], &v[i]); end++)
			;
		put_classes(w, p, t, v + i, end - i);
		if (end - i > 1) {
			put_candidate(w, p, t, v + i, end - i);
		} else if (c.kind[(uint32_t)tag].decision != EH_DEAL_HOLD) {
			const size_t to = put_decision(&c, tag, p->candidates);

			if (beside)
				put_beside(w, p, t, row, to);
		}
		p->candidates++;
	}
}

/* ---- all of it ---- */

static int do_part(void *ctx, size_t slot, size_t index, const struct eh_crew *inside, struct eh_err *err)
{
	struct work *w = ctx;
	struct part *p = &w->part[index];
	struct table t = { 0 };
	struct gone gone = { .n = 0 };
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
		rc = table_room(&t, n, w);
		for (size_t s = 0; s < w->o->n_sources && rc == EH_OK; s++)
			have = take_pile(&t, have, w, s, pile, &gone);
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

static void *room(const struct work *w, size_t n, size_t size)
{
	return w->large_pages ? eh_try_pages(n, size) : eh_try_malloc(n, size);
}

/* Room for as many candidates as there are rows costs nothing where it is never touched. */
static int make_room(struct work *w)
{
	struct eh_audit_data *d = w->out;
	const struct eh_deal_order *o = w->o;
	const size_t n = o->decisions != 0 ? o->decisions : 1, rows = o->rows != 0 ? o->rows : 1;
	size_t first = 0;

	d->n_decisions = o->decisions;
	d->candidate = room(w, n, sizeof *d->candidate);
	d->stratum = room(w, n, sizeof *d->stratum);
	d->selected = room(w, n, sizeof *d->selected);
	d->score = w->scores ? room(w, n, sizeof *d->score) : NULL;
	d->has_score = w->scores ? room(w, n, sizeof *d->has_score) : NULL;
	d->decided = w->days ? room(w, n, sizeof *d->decided) : NULL;
	if (d->candidate == NULL || d->stratum == NULL || d->selected == NULL ||
	    (w->scores && (d->score == NULL || d->has_score == NULL)) || (w->days && d->decided == NULL))
		return EH_ENOMEM;
	for (size_t a = 0; a < d->n_attributes; a++) {
		d->attributes[a].group = room(w, rows, sizeof *d->attributes[a].group);
		d->attributes[a].provenance = room(w, rows, sizeof *d->attributes[a].provenance);
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
	uint32_t n = 0;

	for (size_t p = 0; p < w->o->parts; p++) {
		const struct part *x = &w->part[p];

		for (size_t a = 0; a < d->n_attributes; a++) {
			struct eh_attribute_data *t = &d->attributes[a];

			memmove(t->group + n, t->group + x->first, x->candidates * sizeof *t->group);
			memmove(t->provenance + n, t->provenance + x->first, x->candidates);
		}
		for (size_t e = 0; n > 0 && e < d->evaluators.n; e++)
			for (size_t i = w->part[p - 1].next[e]; i < x->next[e]; i++)
				d->candidate[i] += n;
		n += x->candidates;
	}
	d->candidates.n = n;
	for (size_t a = 0; a < d->n_attributes; a++) {
		struct eh_attribute_data *t = &d->attributes[a];
		void *p = eh_try_realloc(t->group, n + 1, sizeof *t->group);

		t->group = p != NULL ? p : t->group;
		p = eh_try_realloc(t->provenance, n + 1, 1);
		t->provenance = p != NULL ? p : t->provenance;
	}
}

static void finish(struct work *w)
{
	struct eh_deal_order *o = w->o;
	bool days = false;

	o->repeats = 0;
	o->conflict = false;
	for (size_t p = 0; p < o->parts; p++) {
		o->repeats += w->part[p].repeats;
		o->conflict = o->conflict || w->part[p].conflict;
		days = days || w->part[p].days;
	}
	w->out->in_order = o->repeats == 0 && !o->conflict;
	if (!days) {
		free(w->out->decided);
		w->out->decided = NULL;
	}
}

int eh_deal_arrange(struct eh_audit_data *out, struct eh_deal_order *o, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = o->threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	const struct eh_deal *deal = o->n_sources > 0 ? o->source[0].deal : NULL;
	struct work w = { .out = out, .o = o };
	int rc = EH_ENOMEM;

	if (deal != NULL) {
		w.scores = deal->scores;
		w.days = deal->days;
		w.large_pages = deal->large_pages;
	}
	w.part = eh_try_calloc(o->parts, sizeof *w.part);
	if (w.part == NULL || join_kinds(&w) < 0 || begin(&w) < 0 || make_room(&w) < 0) {
		rc = eh_err_set(err, EH_ENOMEM, "no memory for %llu decisions", (unsigned long long)o->decisions);
		goto out;
	}
	rc = o->parts > 1 ? eh_crew_run(&crew, o->parts, o->parts, do_part, &w, err) : do_part(&w, 0, 0, &crew, err);
	if (rc == EH_OK)
		close_gaps(&w);
	finish(&w);
out:
	for (size_t p = 0; w.part != NULL && p < o->parts; p++)
		free(w.part[p].next);
	free(w.part);
	free(w.kind);
	free(w.base);
	return rc;
}

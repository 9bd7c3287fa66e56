/*
 * benchmark_inside.h - who judged whom and where, for the files behind benchmark.h; nobody else includes it.
 *
 * A place is a stratum where the data have several, else a position.
 */
#ifndef EH_AUDIT_BENCHMARK_INSIDE_H
#define EH_AUDIT_BENCHMARK_INSIDE_H

#include "audit/benchmark.h"
#include "audit/order.h"

/* Lists of evaluators or places: v[at[i] .. at[i + 1] - 1] belong to i, sorted. */
struct lists {
	size_t *at;
	uint32_t *v;
	size_t n, cap;
};

struct eh_bench {
	const struct eh_order *order;
	size_t n_evaluators, n_candidates, n_places;
	bool by_stratum;                /* places are strata */
	struct lists partners;          /* per evaluator: others who share a candidate */
	struct lists places;            /* per evaluator: where he judged */
	struct lists reach;             /* per evaluator: strata of his positions; empty = it is his places */
	struct lists judges;            /* per place: who judged there */
	size_t words;                   /* of 64 evaluators */
	uint64_t *there;                /* [places][words] the same in bits; NULL where that takes too much room */
	struct eh_count **own;          /* [attributes][entries of places][n_groups] counted ahead; NULL = not */
};

static inline uint32_t eh_bench_place(const struct eh_bench *b, size_t row)
{
	const struct eh_audit_data *d = b->order->d;

	return b->by_stratum ? d->stratum[row] : eh_order_position(b->order, d->candidate[row]);
}

/* He shares no candidate with anybody. */
static inline bool eh_bench_alone(const struct eh_bench *b, uint32_t e)
{
	return b->partners.at[e + 1] == b->partners.at[e];
}

/* The places that e is compared in when he is alone. */
static inline const uint32_t *eh_bench_reach(const struct eh_bench *b, uint32_t e, size_t *n)
{
	const struct lists *l = b->reach.at[e + 1] > b->reach.at[e] ? &b->reach : &b->places;

	*n = l->at[e + 1] - l->at[e];
	return &l->v[l->at[e]];
}

#endif

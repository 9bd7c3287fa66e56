/* What a count of evenhand.counts costs: CPU time per million rows of data [ms].
 *
 * audit_crosstab [ROWS]: kinds with weights (a million stand for ten million evaluations), then single decisions of
 * which every candidate has three, by different evaluators. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "audit/crosstab.h"
#include "base/mem.h"
#include "base/rng.h"

#define EVALUATORS 1000u
#define POSITIONS 20u
#define STAGES 3u

static double cpu(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct eh_names numbered(const char *format, size_t n)
{
	struct eh_names names = { eh_xcalloc(n, sizeof *names.v), n };

	for (size_t i = 0; i < n; i++)
		names.v[i] = eh_xasprintf(format, (unsigned)i, (unsigned)(i % STAGES));
	return names;
}

static int make(struct eh_audit_data *d, size_t rows, bool weighted)
{
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);
	struct eh_err err = EH_ERR_INIT;
	struct eh_rng rng;

	*d = (struct eh_audit_data){ .evaluators = numbered("E%04u", EVALUATORS),
				     .strata = numbered("P%03u\x1fS%u\x1f", POSITIONS * STAGES),
				     .attributes = a,
				     .n_attributes = 1 };
	eh_rng_seed(&rng, 1);
	d->candidates.n = weighted ? rows : rows / 3 + 1;
	a->n_groups = 6;
	(void)snprintf(a->name, sizeof a->name, "race");
	for (size_t g = 0; g < 6; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "g%zu", g);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, 1);
	for (size_t i = 0; i < d->candidates.n; i++) {
		a->group[i] = (int16_t)eh_rng_below(&rng, 6);
		a->provenance[i] = EH_DECLARED;
	}
	if (weighted)
		d->weight = eh_xcalloc(rows, sizeof *d->weight);
	if (eh_audit_data_room(d, rows, false, &err) != EH_OK)
		return -1;
	for (size_t i = 0; i < rows; i++) {
		d->evaluator[i] = (uint32_t)(weighted ? i * EVALUATORS / rows : (i / 3 + i % 3 * 300) % EVALUATORS);
		d->candidate[i] = (uint32_t)(weighted ? i : i / 3);
		d->stratum[i] = (uint32_t)eh_rng_below(&rng, POSITIONS * STAGES);
		d->selected[i] = eh_rng_below(&rng, 2) != 0;
		if (weighted)
			d->weight[i] = 10;
	}
	return eh_audit_data_sort(d, &err);
}

static void measure(const struct eh_audit_data *d, const char *what)
{
	static const struct {
		const char *name;
		struct eh_crosstab_query q;
	} queries[] = {
		{ "class", { .n_attributes = 1 } },
		{ "stage, class", { .by = { EH_CROSSTAB_STAGE }, .n_by = 1, .n_attributes = 1 } },
		{ "evaluator, class", { .by = { EH_CROSSTAB_EVALUATOR }, .n_by = 1, .n_attributes = 1 } },
		{ "evaluator, position", { .by = { EH_CROSSTAB_EVALUATOR, EH_CROSSTAB_POSITION }, .n_by = 2 } },
		{ "one evaluator, class", { .n_attributes = 1, .where = { "E0500" } } },
	};
	struct eh_crosstab *t = eh_crosstab_new(d);

	for (size_t i = 0; i < 2 * sizeof queries / sizeof *queries; i++) {
		const size_t k = i / 2;
		struct eh_crosstab_result r;
		double start = cpu();

		if (eh_crosstab_count(t, &queries[k].q, &r, NULL) != EH_OK)
			continue;
		printf("%-18s %-22s %s  %7.2f ms/million  %6zu rows out\n", what, queries[k].name,
		       i % 2 == 0 ? "first " : "again ", (cpu() - start) * 1e9 / (double)d->n_decisions, r.n);
		eh_crosstab_result_free(&r);
	}
	eh_crosstab_free(&t);
}

int main(int argc, char **argv)
{
	size_t rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;

	for (int weighted = 1; weighted >= 0; weighted--) {
		struct eh_audit_data d;

		if (make(&d, rows, weighted != 0) != EH_OK)
			return 1;
		measure(&d, weighted != 0 ? "kinds of 10" : "three judges each");
		eh_audit_data_free(&d);
	}
	return 0;
}

/*
 * Time and memory of the audit engine alone: the bench table in memory, sorted and audited.
 *   audit_engine ROWS EVALUATORS STRATA PER_CANDIDATE THREADS
 * Prints seconds of CPU and of wall for sorting and for the audit, the peak of memory, and a digest of the findings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "audit/audit.h"
#include "base/mem.h"
#include "base/rng.h"

#define GROUPS 6

static double now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void name_table(struct eh_names *n, const char *pattern, size_t count)
{
	n->v = eh_xcalloc(count, sizeof *n->v);
	n->n = count;
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf(pattern, (unsigned)i);
}

static void fill_classes(struct eh_audit_data *d, struct eh_rng *rng)
{
	static const char *const names[GROUPS] = { "asian", "black", "hispanic", "native", "other", "white" };
	static const unsigned upto[GROUPS] = { 10, 28, 44, 46, 50, 100 };
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);

	(void)snprintf(a->name, sizeof a->name, "race");
	a->n_groups = GROUPS;
	for (size_t g = 0; g < GROUPS; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", names[g]);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, sizeof *a->provenance);
	for (size_t i = 0; i < d->candidates.n; i++) {
		unsigned u = (unsigned)eh_rng_below(rng, 100);

		while (u >= upto[a->group[i]])
			a->group[i]++;
		a->provenance[i] = EH_IMPORTED;
	}
	d->attributes = a;
	d->n_attributes = 1;
}

static int make(struct eh_audit_data *d, size_t rows, size_t evaluators, size_t strata, size_t each, struct eh_err *err)
{
	double *base = eh_xcalloc(strata, sizeof *base);
	struct eh_rng rng;
	int rc;

	memset(d, 0, sizeof *d);
	(void)snprintf(d->source, sizeof d->source, "bench");
	eh_rng_seed(&rng, 1);
	name_table(&d->evaluators, "E%04u", evaluators);
	name_table(&d->strata, "J%02u", strata);
	d->candidates.n = rows / each;
	for (size_t k = 0; k < strata; k++)
		base[k] = 0.2 + 0.4 * eh_rng_unit(&rng);
	fill_classes(d, &rng);
	rc = eh_audit_data_room(d, rows / each * each, false, err);
	for (size_t i = 0; rc == EH_OK && i < d->n_decisions; i++) {
		d->candidate[i] = (uint32_t)(i / each);
		/* the decisions on one candidate are of different evaluators or strata */
		d->evaluator[i] = (uint32_t)((eh_rng_below(&rng, evaluators) / each * each + i % each) % evaluators);
		d->stratum[i] = (uint32_t)((eh_rng_below(&rng, strata) / each * each + i % each) % strata);
		d->selected[i] = eh_rng_unit(&rng) < base[d->stratum[i]];
	}
	free(base);
	return rc;
}

static void print_digest(const struct eh_findings *f)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	/* of the numbers a reader would see; padding does not count */
	for (size_t i = 0; i < f->n; i++) {
		const struct eh_finding *x = &f->v[i];
		const double v[] = { x->ratio.value, x->ratio_interval.low.value, x->ratio_interval.high.value,
				     x->p.value, x->q.value, x->detectable.value, x->peers_z.value,
				     x->bench_ratio.value, x->p_fisher.value, x->interval.high.value };
		const unsigned char *b = (const unsigned char *)v;

		for (size_t k = 0; k < sizeof v; k++)
			h = (h ^ b[k]) * UINT64_C(0x100000001b3);
	}
	printf("findings %zu digest %016llx\n", f->n, (unsigned long long)h);
}

int main(int argc, char **argv)
{
	size_t n[5] = { 1000000, 1000, 20, 1, 1 };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	struct rusage use;
	double cpu, wall;

	for (int i = 1; i < argc && i <= 5; i++)
		n[i - 1] = strtoull(argv[i], NULL, 10);
	s.reference = EH_REF_HIGHEST;
	s.threads = (uint32_t)n[4];
	if (n[0] < 1 || n[1] < 1 || n[2] < 1 || n[3] < 1 || make(&d, n[0], n[1], n[2], n[3], &err) != EH_OK)
		return 2;
	d.threads = s.threads;
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	wall = now(CLOCK_MONOTONIC);
	if (eh_audit_data_sort(&d, &err) != EH_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	printf("sort %.3f s CPU %.3f s wall\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	wall = now(CLOCK_MONOTONIC);
	if (eh_audit_run(&f, &d, &s, NULL, &err) != EH_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	printf("audit %.3f s CPU %.3f s wall\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu, now(CLOCK_MONOTONIC) - wall);
	(void)getrusage(RUSAGE_SELF, &use);
	printf("peak %ld MB\n", use.ru_maxrss / 1024);
	print_digest(&f);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
	return 0;
}

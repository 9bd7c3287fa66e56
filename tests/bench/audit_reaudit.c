/*
 * Bar of issue 5: audit again after one more evaluation, or with another limit, of 1e7 evaluations below 10 ms.
 * State in memory (audit/again.h): counts of 1,000 evaluators x 20 positions x 6 groups; no store, no policy.  What is
 * found is compared with a full audit, byte for byte.
 *   audit_reaudit [EVALUATIONS [THREADS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/again.h"
#include "audit/codec.h"
#include "base/mem.h"
#include "base/rng.h"

#define EVALUATORS 1000u
#define POSITIONS 20u
#define GROUPS 6u
#define CELLS (POSITIONS * 2 * GROUPS) /* of one evaluator */
#define ROUNDS 21
#define BAR 10.0 /* [ms] */

static const unsigned upto[GROUPS] = { 50, 68, 84, 94, 98, 100 };

static double now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return 1e3 * ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}

static void name(struct eh_names *n, char letter, size_t count)
{
	n->v = eh_xcalloc(count, sizeof *n->v);
	n->n = count;
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf("%c%04zu", letter, i);
}

static uint32_t *draw(unsigned long n)
{
	uint32_t *out = eh_xcalloc((size_t)EVALUATORS * CELLS, sizeof *out);
	double base[POSITIONS];
	struct eh_rng rng;

	eh_rng_seed(&rng, 1);
	for (unsigned j = 0; j < POSITIONS; j++)
		base[j] = 0.2 + 0.4 * eh_rng_unit(&rng);
	for (unsigned long i = 0; i < n; i++) {
		size_t e = eh_rng_below(&rng, EVALUATORS), j = eh_rng_below(&rng, POSITIONS), g = 0;
		unsigned u = (unsigned)eh_rng_below(&rng, 100);

		while (u >= upto[g])
			g++;
		out[e * CELLS + (j * 2 + (eh_rng_unit(&rng) < base[j])) * GROUPS + g]++;
	}
	return out;
}

static int fill(struct eh_audit_data *d, const uint32_t *count, struct eh_err *err)
{
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);
	size_t n = 0, c = 0;
	int rc;

	for (size_t i = 0; i < (size_t)EVALUATORS * CELLS; i++)
		n += count[i] > 0;
	rc = eh_audit_data_room(d, n, false, err);
	if (rc != EH_OK)
		return rc;
	name(&d->evaluators, 'E', EVALUATORS);
	name(&d->strata, 'J', POSITIONS);
	name(&d->positions, 'J', POSITIONS);
	d->candidates.n = n;
	d->weight = eh_xcalloc(n, sizeof *d->weight);
	d->position = eh_xcalloc(n, sizeof *d->position);
	d->attributes = a;
	d->n_attributes = 1;
	(void)snprintf(a->name, sizeof a->name, "race");
	a->n_groups = GROUPS;
	for (size_t g = 0; g < GROUPS; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "g%zu", g);
	a->group = eh_xcalloc(n, sizeof *a->group);
	a->provenance = eh_xcalloc(n, 1);
	memset(a->provenance, EH_DECLARED, n);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	for (size_t i = 0; i < (size_t)EVALUATORS * CELLS; i++) {
		if (count[i] == 0)
			continue;
		d->evaluator[c] = (uint32_t)(i / CELLS);
		d->candidate[c] = (uint32_t)c;
		d->stratum[c] = d->position[c] = (uint32_t)(i / (2 * GROUPS) % POSITIONS);
		d->selected[c] = (uint8_t)(i / GROUPS % 2);
		a->group[c] = (int16_t)(i % GROUPS);
		d->weight[c++] = count[i];
	}
	return eh_audit_data_sort(d, err);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int report(const char *what, double *wall, double *cpu)
{
	qsort(wall, ROUNDS, sizeof *wall, by_value);
	qsort(cpu, ROUNDS, sizeof *cpu, by_value);
	printf("%-28s %7.2f ms wall, %7.2f ms CPU, best %.2f ms, bar %g ms, %s\n", what, wall[ROUNDS / 2],
	       cpu[ROUNDS / 2], wall[0], BAR, wall[ROUNDS / 2] < BAR ? "met" : "MISSED");
	return wall[ROUNDS / 2] < BAR ? 0 : 1;
}

static bool same(const struct eh_finding *a, const struct eh_finding *b)
{
	struct eh_buf x, y;
	bool out = false;

	eh_buf_init(&x, 1 << 20);
	eh_buf_init(&y, 1 << 20);
	eh_finding_encode(&x, a);
	eh_finding_encode(&y, b);
	out = !x.failed && x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
	eh_buf_free(&x);
	eh_buf_free(&y);
	return out;
}

/* The same as a full audit? */
static int compare(const struct eh_kept *k, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		   struct eh_err *err)
{
	struct eh_findings full, kept = eh_kept_findings(k);
	int rc = eh_audit_run(&full, d, s, NULL, err);

	if (rc != EH_OK)
		return rc;
	for (size_t i = 0; i < full.n && rc == EH_OK; i++)
		if (full.n != kept.n || !same(&full.v[i], &kept.v[i]))
			rc = eh_err_set(err, EH_EINVAL, "the kept audit is not the full one: finding %zu", i);
	eh_findings_free(&full);
	return rc;
}

static int run(struct eh_audit_data *d, struct eh_audit_settings *s, struct eh_err *err)
{
	struct eh_kept *k = NULL;
	struct eh_rng rng;
	double wall[ROUNDS], cpu[ROUNDS], t = now(CLOCK_MONOTONIC), c = now(CLOCK_PROCESS_CPUTIME_ID);
	int missed = 0, rc = eh_kept_new(&k, d, s, NULL, err);

	printf("%zu kinds for %llu evaluations; full audit %.0f ms wall, %.0f ms CPU\n", d->n_decisions,
	       (unsigned long long)eh_audit_data_total(d), now(CLOCK_MONOTONIC) - t, now(CLOCK_PROCESS_CPUTIME_ID) - c);
	eh_rng_seed(&rng, 2);
	for (int i = 0; i < ROUNDS && rc == EH_OK; i++) {
		uint32_t candidate = (uint32_t)eh_rng_below(&rng, d->candidates.n);

		t = now(CLOCK_MONOTONIC);
		c = now(CLOCK_PROCESS_CPUTIME_ID);
		rc = eh_kept_count(k, candidate, 1, err);
		if (rc == EH_OK)
			rc = eh_kept_again(k, s, err);
		wall[i] = now(CLOCK_MONOTONIC) - t;
		cpu[i] = now(CLOCK_PROCESS_CPUTIME_ID) - c;
	}
	if (rc == EH_OK)
		rc = compare(k, d, s, err);
	if (rc == EH_OK)
		missed |= report("after one more evaluation", wall, cpu);
	for (int i = 0; i < ROUNDS && rc == EH_OK; i++) {
		s->limit_num = 70 + i;
		s->limit_den = 100;
		t = now(CLOCK_MONOTONIC);
		c = now(CLOCK_PROCESS_CPUTIME_ID);
		rc = eh_kept_again(k, s, err);
		wall[i] = now(CLOCK_MONOTONIC) - t;
		cpu[i] = now(CLOCK_PROCESS_CPUTIME_ID) - c;
	}
	if (rc == EH_OK)
		rc = compare(k, d, s, err);
	if (rc == EH_OK)
		missed |= report("with another limit", wall, cpu);
	eh_kept_free(&k);
	return rc != EH_OK ? rc : missed;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000000;
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d = { 0 };
	struct eh_err err = EH_ERR_INIT;
	uint32_t *count = draw(n);
	int rc = fill(&d, count, &err);

	s.threads = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	if (rc == EH_OK)
		rc = run(&d, &s, &err);
	if (rc < 0)
		printf("%s\n", err.msg);
	eh_audit_data_free(&d);
	free(count);
	return rc != 0;
}

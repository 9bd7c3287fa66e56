/*
 * Bar of issue 5: a stored project is audited again after one more evaluation, or with another limit, in 10 ms; and of
 * issue 6: with the policy, what a form of what-if shows, in 50 ms.  Run by tests/bench/reaudit_bench.sh, which makes
 * the project and its spare candidates S00000, S00001 ..., and of a rare kind R00000 ... .
 * audit_reaudit PROJECT FIRST_SPARE FILE [BAR]  FILE: path of
 * the tables of one evaluation that are imported.  BAR: any word, then missed bars are exit status 1. Each evaluation
 * is imported through the desk and is on disk; the findings are compared with those of an audit of the whole, byte for
 * byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "audit/codec.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "desk/desk.h"
#include "lua/engine.h"

#define POLICY "evaluator_screen"
#define ROUNDS 21
#define EVALUATORS 1000u
#define BAR_STATISTICS 10.0 /* [ms] */
#define BAR_POLICY 50.0	    /* [ms] */

enum { READING, STATISTICS, POLICY_RUN, WHOLE, CPU, WORKER, IMPORT, COMPARE, COLUMNS };

struct bench {
	struct eh_desk *desk;
	struct eh_open_audit *audit;
	struct eh_audit_overrides o;
	const char *file;
	unsigned spare, rare, anew;
	double ms[COLUMNS][ROUNDS];
	bool missed;
};

/* Of this process, or of the policy's workers. */
static double cpu(int whose)
{
	struct rusage u;

	(void)getrusage(whose, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof *v, by_value);
	return v[ROUNDS / 2];
}

static void report(struct bench *b, const char *what)
{
	const double statistics = median(b->ms[STATISTICS]) + median(b->ms[READING]);
	const double whole = median(b->ms[WHOLE]);

	printf("%-24s reading %5.2f, statistics %6.2f, policy %6.2f, whole %6.2f ms; CPU %.2f, of the worker %.2f ms\n",
	       what, median(b->ms[READING]), median(b->ms[STATISTICS]), median(b->ms[POLICY_RUN]), whole,
	       median(b->ms[CPU]), median(b->ms[WORKER]));
	printf("%-24s reading and statistics %.2f ms, bar %g, %s; with the policy %.2f ms, bar %g, %s\n", "",
	       statistics, BAR_STATISTICS, statistics < BAR_STATISTICS ? "met" : "MISSED", whole, BAR_POLICY,
	       whole < BAR_POLICY ? "met" : "MISSED");
	b->missed = b->missed || statistics >= BAR_STATISTICS || whole >= BAR_POLICY;
}

static void note(struct bench *b, int round, const struct eh_refresh *how, double wall, double own, double worker)
{
	b->ms[READING][round] = 1e3 * how->reading;
	b->ms[STATISTICS][round] = 1e3 * how->statistics;
	b->ms[POLICY_RUN][round] = 1e3 * how->policy;
	b->ms[WHOLE][round] = 1e3 * wall;
	b->ms[CPU][round] = 1e3 * own;
	b->ms[WORKER][round] = 1e3 * worker;
	b->anew += how->how == EH_REFRESH_ANEW;
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

/* The same as an audit that nothing was kept for? */
static int compare(struct bench *b, struct eh_err *err)
{
	struct eh_audit_result *full = eh_xcalloc(1, sizeof *full);
	const struct eh_findings *kept = &eh_desk_audit_result(b->audit)->findings;
	int rc = eh_desk_audit(b->desk, POLICY, &b->o, true, NULL, full, err);

	for (size_t i = 0; rc == EH_OK && i < full->findings.n; i++)
		if (full->findings.n != kept->n || !same(&full->findings.v[i], &kept->v[i]))
			rc = eh_err_set(err, EH_EINVAL, "the open audit is not the full one: finding %zu", i);
	if (rc == EH_OK)
		printf("%-24s all %zu findings the same bytes as those of an audit of the whole\n", "", kept->n);
	eh_audit_result_free(full);
	free(full);
	return rc;
}

static int import_row(struct bench *b, const char *row, struct eh_err *err)
{
	struct eh_import_report *r = eh_xcalloc(1, sizeof *r);
	FILE *f = fopen(b->file, "w");
	int rc = EH_OK;

	if (f == NULL)
		rc = eh_err_set(err, EH_EIO, "%s cannot be written", b->file);
	if (f != NULL) {
		fprintf(f, "evaluator_id,candidate_id,decision\n%s\n", row);
		(void)fclose(f);
		rc = eh_desk_import(b->desk, EH_IMPORT_EVALUATIONS, b->file, false, r, err);
	}
	if (rc == EH_OK && r->fresh + r->changed != 1)
		rc = eh_err_set(err, EH_EINVAL, "no spare candidate is left; make the project anew");
	free(r);
	return rc;
}

/* The next candidate, to whatever evaluator. */
static void draw_row(struct bench *b, int i, char *row, size_t size)
{
	struct eh_rng rng;

	(void)i;
	eh_rng_seed(&rng, 3 + b->spare);
	(void)snprintf(row, size, "E%04u,S%05u,%s", (unsigned)eh_rng_below(&rng, EVALUATORS), b->spare,
		       eh_rng_below(&rng, 2) == 0 ? "advance" : "reject");
	b->spare++;
}

/* In turn somebody of a kind that the evaluator had nobody of, and the same put on hold: the last of it is gone. */
static void rare_row(struct bench *b, int i, char *row, size_t size)
{
	(void)snprintf(row, size, "E%04u,R%05u,%s", 1 + b->rare % (EVALUATORS - 1), 1 + b->rare,
		       i % 2 == 0 ? "advance" : "hold");
	b->rare += i % 2 == 1;
}

static int after_each(struct bench *b, const char *what, void (*next)(struct bench *b, int i, char *row, size_t size),
		      struct eh_err *err)
{
	struct eh_refresh how;
	char row[64];
	int rc = EH_OK;

	b->anew = 0;
	for (int i = 0; i < ROUNDS && rc == EH_OK; i++) {
		double t = eh_monotonic(), c, w;

		next(b, i, row, sizeof row);
		rc = import_row(b, row, err);
		b->ms[IMPORT][i] = 1e3 * (eh_monotonic() - t);
		t = eh_monotonic();
		c = cpu(RUSAGE_SELF);
		w = cpu(RUSAGE_CHILDREN);
		if (rc == EH_OK)
			rc = eh_desk_audit_refresh(b->audit, NULL, &how, err);
		note(b, i, &how, eh_monotonic() - t, cpu(RUSAGE_SELF) - c, cpu(RUSAGE_CHILDREN) - w);
	}
	if (rc != EH_OK)
		return rc;
	report(b, what);
	printf("%-24s its import, on disk: %.2f ms; made anew %u of %d times\n", "", median(b->ms[IMPORT]), b->anew,
	       ROUNDS);
	b->missed = b->missed || b->anew > 0;
	return compare(b, err);
}

static void set_limit(struct eh_audit_overrides *o, int i)
{
	o->limit_num = 70 + i;
	o->limit_den = 100;
}

static void set_alpha(struct eh_audit_overrides *o, int i) { o->alpha = 0.01 * (1 + i); }

static void set_minima(struct eh_audit_overrides *o, int i)
{
	o->min_group = 5 + i;
	o->min_total = 20 + 2 * i;
	o->min_share = 100 + i;
}

static void set_looks(struct eh_audit_overrides *o, int i)
{
	(void)snprintf(o->looks, sizeof o->looks, i % 2 == 0 ? "anytime" : "once");
	set_limit(o, i);
}

static int other_settings(struct bench *b, const char *what, void (*set)(struct eh_audit_overrides *o, int i),
			  struct eh_err *err)
{
	struct eh_standpoints before, after = { NULL, 0 };
	struct eh_what_if if_so = { .v = NULL };
	uint32_t appear = 0, vanish = 0;
	struct eh_refresh how;
	int rc = eh_desk_standpoints(eh_desk_audit_result(b->audit), &before, err);

	for (int i = 0; i < ROUNDS && rc == EH_OK; i++) {
		double t = eh_monotonic(), c = cpu(RUSAGE_SELF), w = cpu(RUSAGE_CHILDREN), compared;

		set(&b->o, i);
		rc = eh_desk_audit_settings(b->audit, &b->o, &how, err);
		compared = eh_monotonic();
		if (rc == EH_OK)
			rc = eh_desk_standpoints(eh_desk_audit_result(b->audit), &after, err);
		if (rc == EH_OK)
			rc = eh_desk_what_if(&before, &after, &if_so, err);
		b->ms[COMPARE][i] = 1e3 * (eh_monotonic() - compared);
		note(b, i, &how, eh_monotonic() - t, cpu(RUSAGE_SELF) - c, cpu(RUSAGE_CHILDREN) - w);
		appear += if_so.appear;
		vanish += if_so.vanish;
		eh_what_if_free(&if_so);
		eh_standpoints_free(&after);
	}
	eh_standpoints_free(&before);
	if (rc != EH_OK)
		return rc;
	report(b, what);
	printf("%-24s finding what appears (%u) and vanishes (%u, over all of them): %.2f ms, in the whole\n", "",
	       appear, vanish, median(b->ms[COMPARE]));
	return compare(b, err);
}

static int all_changes(struct bench *b, struct eh_err *err)
{
	int rc = after_each(b, "after one more", draw_row, err);

	if (rc == EH_OK)
		rc = after_each(b, "first or last of a kind", rare_row, err);
	if (rc == EH_OK)
		rc = other_settings(b, "with another limit", set_limit, err);
	if (rc == EH_OK)
		rc = other_settings(b, "with another alpha", set_alpha, err);
	if (rc == EH_OK)
		rc = other_settings(b, "with other minima", set_minima, err);
	return rc == EH_OK ? other_settings(b, "other looks and limit", set_looks, err) : rc;
}

int main(int argc, char **argv)
{
	struct bench b = { .o = EH_AUDIT_OVERRIDES_INIT };
	struct eh_err err = EH_ERR_INIT;
	struct rusage use;
	double t = eh_monotonic(), c = cpu(RUSAGE_SELF);
	int rc;

	if (argc < 4) {
		fprintf(stderr, "usage: audit_reaudit PROJECT FIRST_SPARE FILE [BAR]\n");
		return 2;
	}
	b.spare = (unsigned)strtoul(argv[2], NULL, 10);
	b.rare = b.spare;
	b.file = argv[3];
	rc = eh_desk_open(&b.desk, argv[1], eh_lua_engine(), &err);
	if (rc == EH_OK)
		rc = eh_desk_audit_open(&b.audit, b.desk, POLICY, NULL, NULL, &err);
	if (rc == EH_OK)
		printf("%zu threads; %llu evaluations, %zu findings; opened in %.0f ms, %.0f ms CPU\n", eh_jobs(0),
		       (unsigned long long)eh_desk_audit_result(b.audit)->head.decisions,
		       eh_desk_audit_result(b.audit)->findings.n, 1e3 * (eh_monotonic() - t),
		       1e3 * (cpu(RUSAGE_SELF) - c));
	if (rc == EH_OK)
		rc = all_changes(&b, &err);
	(void)getrusage(RUSAGE_SELF, &use);
	if (rc == EH_OK)
		printf("%-24s %.0f MB at most, with the audits of the whole\n", "", (double)use.ru_maxrss / 1024.0);
	else
		fprintf(stderr, "%s\n", err.msg);
	eh_desk_audit_close(&b.audit);
	eh_desk_close(&b.desk);
	return rc != EH_OK || (argc > 4 && b.missed);
}

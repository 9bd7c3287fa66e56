/*
 * Bar of the policies (issue 6): a normal policy over 1,000 evaluators x 6 groups in 30 ms, the start of its worker
 * included.
 *   policy_bench POLICY.lua... < TABLE
 * TABLE: what audit_table writes.  Prints for each policy the milliseconds of loading it and of one check of all
 * findings, each in a fresh worker, and the processor time of the check, the worker's and the program's together:
 * medians of 21 runs.  Exit 1 when a check takes longer.  Wall time means something on an idle machine only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "audit/audit.h"
#include "base/mem.h"
#include "exchange/exchange.h"
#include "lua/engine.h"

#define RUNS 21
#define BAR 30.0 /* [ms] */

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double spent_ms(int who)
{
	struct rusage u;

	(void)getrusage(who, &u);
	return 1e3 * (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-3 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double cpu_ms(void) { return spent_ms(RUSAGE_SELF) + spent_ms(RUSAGE_CHILDREN); }

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double v[RUNS])
{
	qsort(v, RUNS, sizeof *v, compare);
	return v[RUNS / 2];
}

static int read_findings(struct eh_findings *f, const struct eh_audit_settings *s, struct eh_err *err)
{
	const char *classes[] = { "race", NULL }, *strata[] = { "position", NULL };
	const struct eh_rates_options o = { .classes = classes, .n_classes = 1, .strata = strata, .n_strata = 1 };
	struct eh_import_report *report = eh_xcalloc(1, sizeof *report);
	struct eh_audit_data data = { 0 };
	int rc = eh_rates_read(&data, "-", &o, report, err);

	if (rc == EH_OK)
		rc = eh_audit_data_sort(&data, err);
	if (rc == EH_OK)
		rc = eh_audit_run(f, &data, s, NULL, err);
	eh_audit_data_free(&data);
	free(report);
	return rc;
}

/* 1 = within the bar, 0 = not, negative = failed. */
static int time_policy(const char *path, const struct eh_findings *f, const struct eh_audit_settings *s,
		       struct eh_err *err)
{
	const struct eh_policy_engine *engine = eh_lua_engine();
	struct eh_verdict *v = eh_xcalloc(f->n, sizeof *v);
	double load[RUNS], check[RUNS], cpu[RUNS];
	struct eh_policy_use use = { 0 };
	int rc = EH_OK;

	for (size_t i = 0; i < RUNS && rc == EH_OK; i++) {
		struct eh_policy *p = NULL;

		load[i] = now_ms();
		rc = engine->load(&p, path, err);
		load[i] = now_ms() - load[i];
		cpu[i] = cpu_ms();
		check[i] = now_ms();
		if (rc == EH_OK)
			rc = engine->check(p, f->v, f->n, s, v, &use, err);
		check[i] = now_ms() - check[i];
		cpu[i] = cpu_ms() - cpu[i];
		if (p != NULL)
			engine->free(&p);
	}
	for (size_t i = 0; i < f->n && rc == EH_OK; i++)
		if (v[i].kind == EH_POLICY_ERROR)
			rc = eh_err_set(err, EH_EPOLICY, "%s", v[i].reason);
	free(v);
	if (rc != EH_OK)
		return rc;
	printf("%-36s %8.1f %8.1f %8.1f %10.2f %8.1f\n", path, median(load), median(check), median(cpu),
	       1e-6 * (double)use.instructions, (double)use.memory / 1048576.0);
	return check[RUNS / 2] <= BAR;
}

int main(int argc, char **argv)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;
	struct eh_findings f = { 0 };
	int missed = 0, rc = read_findings(&f, &s, &err);

	if (rc == EH_OK)
		printf("%zu findings; medians of %d runs\n%-36s %8s %8s %8s %10s %8s\n", f.n, RUNS, "", "load ms",
		       "check ms", "CPU ms", "10^6 instr", "MiB");
	for (int i = 1; i < argc && rc >= 0; i++) {
		rc = time_policy(argv[i], &f, &s, &err);
		if (rc == 0)
			printf("MISSED: the bar of %s is %.0f ms\n", argv[i], BAR);
		missed |= rc == 0;
	}
	eh_findings_free(&f);
	if (rc < 0) {
		fprintf(stderr, "policy_bench: %s\n", err.msg);
		return 2;
	}
	return missed;
}

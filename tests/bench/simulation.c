/*
 * Bars of the audit against tables of known truth, by the real engine and the default policy in its worker
 * (facts/statistics.md 11 and 12, issue 5).  Seeds are fixed: the same figures on every machine.
 *   simulation          the bars
 *   simulation RULES    how the simple rules of facts/statistics.md 11 do on the same tables, and which group is hit
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "desk/desk.h"
#include "lua/engine.h"
#include "tests/bench/simulation.h"

#define SEEDS 20
#define REPEATS 500
#define EVALUATORS 1000
#define EACH 1000
#define BIASED 42
#define EFFECT 0.55

static int missed;

static double cpu(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bar(const char *what, double got, double low, double high)
{
	bool met = got >= low && got <= high;

	missed += !met;
	printf("%-6s %-86s %8.4f   (%.4g to %.4g)\n", met ? "met" : "MISSED", what, got, low, high);
	(void)fflush(stdout);
}

static void stop(const struct eh_err *err)
{
	fprintf(stderr, "simulation: %s\n", err->msg);
	exit(1);
}

/* ---- one evaluator after the other: predicted classes ---- */

struct tally {
	double ln_em, ln_weighted, ln_true; /* sums */
	size_t n, covered, below_one, undefined;
};

static const struct eh_finding *focal(const struct eh_findings *f, size_t evaluator)
{
	size_t seen = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].evaluator[0] != '\0' && strcmp(f->v[i].group, "a") == 0 && seen++ == evaluator)
			return &f->v[i];
	return NULL;
}

static void repeat(struct tally *t, const struct sim_predicted *s, uint64_t seed)
{
	const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;

	memset(t, 0, sizeof *t);
	for (uint64_t r = 0; r < REPEATS; r++) {
		struct eh_audit_data d;
		struct eh_findings all;
		const struct eh_finding *f;
		double truth = sim_predicted_make(&d, s, seed, r);

		if (eh_audit_data_sort(&d, &err) != EH_OK || eh_audit_run(&all, &d, &settings, NULL, &err) != EH_OK)
			stop(&err);
		f = focal(&all, 0);
		if (f == NULL || !f->em_ratio.defined || !(f->em_ratio.value > 0.0) || !f->weighted_ratio.defined) {
			t->undefined++;
		} else {
			const struct eh_interval *i = &f->em_interval;

			t->n++;
			t->ln_em += log(f->em_ratio.value);
			t->ln_weighted += log(f->weighted_ratio.value);
			t->ln_true += log(truth);
			t->covered += (!i->low.defined || i->low.value <= truth) &&
				      (!i->high.defined || i->high.value >= truth);
			t->below_one += i->high.defined && i->high.value < 1.0;
		}
		eh_findings_free(&all);
		eh_audit_data_free(&d);
	}
}

static double bias_of(double sum, const struct tally *t) { return exp((sum - t->ln_true) / (double)t->n) - 1.0; }

static void predicted_bars(void)
{
	const struct sim_predicted one = { 0.9, 0.6, 0.3, 0.3, false, 1, 400 };
	const struct sim_predicted none = { 0.9, 1.0, 0.3, 0.3, false, 1, 400 };
	const struct sim_predicted two = { 0.9, 0.6, 0.3, 0.3, true, 1, 400 };
	const struct sim_predicted three = { 0.9, 0.6, 0.5, 0.2, false, 1, 400 };
	struct tally t;
	size_t undefined;

	repeat(&t, &one, 1);
	undefined = t.undefined;
	bar("scenario 1, n 400, AUC .9, ratio .6: geometric bias of EM", bias_of(t.ln_em, &t), -0.05, 0.05);
	bar("scenario 1, the same: coverage of the 95 % interval", (double)t.covered / (double)t.n, 0.92, 0.98);
	repeat(&t, &none, 2);
	undefined += t.undefined;
	bar("scenario 1, ratio 1: share of intervals below 1", (double)t.below_one / (double)t.n, 0.0, 0.05);
	repeat(&t, &two, 3);
	undefined += t.undefined;
	printf("       scenario 2: the true ratio by class is %.4f (facts: .801)\n", exp(t.ln_true / (double)t.n));
	bar("scenario 2, n 400, AUC .9: geometric bias of the weighted estimate", bias_of(t.ln_weighted, &t), -0.03,
	    0.03);
	repeat(&t, &three, 4);
	undefined += t.undefined;
	bar("scenario 3, labelled .5, pool .2: geometric bias of EM", bias_of(t.ln_em, &t), -0.05, 0.05);
	bar("repetitions without an estimate", (double)undefined, 0.0, 0.0);
}

/* 500 fair evaluators of 100 candidates each, whose classes are all predicted; ten calibration sets. */
static void screening_bars(void)
{
	const struct sim_predicted fair = { 0.9, 1.0, 0.3, 0.3, false, 500, 100 };
	const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;
	size_t notified = 0, bare = 0, n = 0;

	for (uint64_t r = 0; r < 10; r++) {
		struct eh_audit_data d;
		struct eh_findings f = { NULL, 0 };

		(void)sim_predicted_make(&d, &fair, 5, r);
		if (eh_desk_rates(eh_lua_engine(), &d, &settings, &f, &err) != EH_OK)
			stop(&err);
		for (size_t e = 0; e < fair.evaluators; e++) {
			const struct eh_finding *a = focal(&f, e);

			n++;
			notified += a->verdict == EH_NOTIFY || (a + 1)->verdict == EH_NOTIFY;
			bare += a->em_ratio.defined && a->em_ratio.value < 0.8 && a->em_interval.high.defined &&
				a->em_interval.high.value < 1.0;
		}
		eh_findings_free(&f);
		eh_audit_data_free(&d);
	}
	bar("500 fair evaluators, n 100, all predicted: notified by the default policy", (double)notified / (double)n,
	    0.0, 0.05);
	bar("the same without correction for their number: point < .8, interval below 1", (double)bare / (double)n, 0.0,
	    0.05);
}

/* ---- 1,000 evaluators ---- */

/* What a rule says of one evaluator: flagged, and flagged for the group he is biased against. */
struct rule {
	const char *name;
	bool (*flags)(const struct eh_finding *f);
	double right, innocent; /* sums over seeds */
};

static bool by_policy(const struct eh_finding *f) { return f->verdict == EH_NOTIFY; }
static bool by_limit(const struct eh_finding *f) { return f->below_limit == EH_YES; }
static bool by_strata(const struct eh_finding *f)
{
	return f->ratio_below == EH_YES && f->q.defined && f->q.value < 0.05;
}
static bool by_name(const struct eh_finding *f) { return by_policy(f) && f->scope == EH_SCOPE_INDIVIDUAL; }

static void count_rule(struct rule *rule, const struct eh_findings *f, const int *victim, size_t evaluators)
{
	for (size_t e = 0, at = f->n - evaluators * SIM_GROUPS; e < evaluators; e++, at += SIM_GROUPS) {
		bool any = false, right = false;

		for (int g = 0; g < SIM_GROUPS; g++) {
			bool flag = rule->flags(&f->v[at + (size_t)g]);

			any = any || flag;
			right = right || (flag && g == victim[e]);
		}
		rule->right += right;
		rule->innocent += any && victim[e] < 0;
	}
}

/* Which groups the biased are against is not in the facts: those whose share differs between positions, the three of
 * 10 to 18 % (asian, black, hispanic), are taken for the bar. */
static void run_tables(struct rule *rule, size_t rules, struct sim_table t, int seeds)
{
	const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	int *victim = eh_xcalloc(t.evaluators, sizeof *victim);
	struct eh_err err = EH_ERR_INIT;

	for (size_t k = 0; k < rules; k++)
		rule[k].right = rule[k].innocent = 0.0;
	for (int seed = 1; seed <= seeds; seed++) {
		struct eh_audit_data d;
		struct eh_findings f = { NULL, 0 };

		t.seed = (uint64_t)seed;
		if (sim_table_make(&d, victim, &t, &err) != EH_OK ||
		    eh_desk_rates(eh_lua_engine(), &d, &settings, &f, &err) != EH_OK)
			stop(&err);
		for (size_t k = 0; k < rules; k++)
			count_rule(&rule[k], &f, victim, t.evaluators);
		eh_findings_free(&f);
		eh_audit_data_free(&d);
	}
	free(victim);
}

static void table_bars(void)
{
	struct rule rule = { "default policy", by_policy, 0.0, 0.0 };
	struct sim_table t = { EVALUATORS, EACH, 0, EFFECT, 0, 2, 0 };
	double start = cpu(), innocent;

	run_tables(&rule, 1, t, SEEDS);
	bar("1,000 fair evaluators x 1,000 decisions, 20 seeds: innocent accused", rule.innocent / SEEDS, 0.0, 5.0);
	t.biased = BIASED;
	run_tables(&rule, 1, t, SEEDS);
	innocent = rule.innocent / SEEDS;
	bar("42 of them biased x .55 against one of three groups, 20 seeds: found", rule.right / SEEDS, 22.0, BIASED);
	bar("the same: innocent accused", innocent, 0.0, 5.0);
	printf("       40 tables of 1,000,000 decisions drawn, audited and judged in %.1f s CPU (workers besides)\n",
	       cpu() - start);
}

static int rules(void)
{
	static const struct {
		const char *name;
		int from, to;
	} hits[] = {
		{ "asian 10 %", 0, 0 },		 { "black 18 %", 1, 1 },
		{ "hispanic 16 %", 2, 2 },	 { "native 2 %", 3, 3 },
		{ "other 4 %", 4, 4 },		 { "white 50 %", 5, 5 },
		{ "one of 10, 16, 18 %", 0, 2 }, { "one of all but white", 0, 4 },
		{ "one of all", 0, 5 },
	};
	struct rule rule[] = {
		{ "plain ratio < .8 v rest", by_limit, 0, 0 },
		{ "RR_MH < .8 v rest, q < .05", by_strata, 0, 0 },
		{ "default policy", by_policy, 0, 0 },
		{ "default policy, as an individual", by_name, 0, 0 },
	};
	enum { RULES = sizeof rule / sizeof *rule };
	struct sim_table t = { EVALUATORS, EACH, BIASED, EFFECT, 0, 0, 0 };

	for (size_t h = 0; h < sizeof hits / sizeof *hits; h++) {
		t.victim_from = hits[h].from;
		t.victim_to = hits[h].to;
		run_tables(rule, RULES, t, 5);
		for (size_t k = 0; k < RULES; k++)
			printf("%-22s %-34s found %5.1f of 42, innocent accused %6.1f\n", hits[h].name, rule[k].name,
			       rule[k].right / 5, rule[k].innocent / 5);
		(void)fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "RULES") == 0)
		return rules();
	predicted_bars();
	screening_bars();
	table_bars();
	printf("%d of the bars missed\n", missed);
	return missed > 0;
}

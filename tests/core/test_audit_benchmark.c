/* The second set counted the slow way: deviation with its interval, pairs, strata of the evaluator's own; peers. */
#include "tests/core/audit_build.h"

#include <math.h>

#include "audit/benchmark_spread.h"
#include "audit/family.h"
#include "audit/paired.h"
#include "audit/pairs.h"
#include "base/rng.h"

static const char *const sexes[] = { "female", "male" };

static void done(struct eh_audit_data *d, struct eh_findings *f)
{
	eh_findings_free(f);
	eh_audit_data_free(d);
}

static void close_to(double v, double wanted)
{
	if (!(fabs(v - wanted) <= 1e-9 * (1.0 + fabs(wanted))))
		fail_msg("%.17g is not %.17g", v, wanted);
}

/* ---- by definition ---- */

#define STRATA 4
#define PERSONS 90

/* Decisions of one side of the comparison: an evaluator's, or a set's about his candidates. */
struct side {
	double n[STRATA][2], y[STRATA][2];              /* by stratum and group */
	double judged[PERSONS][STRATA], selected[PERSONS][STRATA];
	double ratio, r;
};

static void mantel_haenszel(struct side *x, bool plain)
{
	double up = 0.0, down = 0.0, n[2] = { 0.0, 0.0 }, y[2] = { 0.0, 0.0 };

	for (size_t k = 0; k < STRATA; k++) {
		const double all = x->n[k][0] + x->n[k][1];

		for (size_t g = 0; g < 2; g++) {
			n[g] += x->n[k][g];
			y[g] += x->y[k][g];
		}
		if (x->n[k][0] > 0.0 && x->n[k][1] > 0.0) {
			up += x->y[k][0] * x->n[k][1] / all;
			down += x->y[k][1] * x->n[k][0] / all;
		}
	}
	x->ratio = plain ? y[0] / n[0] / (y[1] / n[1]) : up / down;
	x->r = plain ? y[0] * n[1] / (n[0] + n[1]) : up;
	for (size_t k = 0; plain && k < STRATA; k++)
		for (size_t g = 0; g < 2; g++) {
			x->n[k][g] = n[g];
			x->y[k][g] = y[g];
		}
}

/* The candidate's part in R - ratio S, over R. */
static double part(const struct side *x, size_t person, size_t group)
{
	double d = 0.0;

	for (size_t k = 0; k < STRATA; k++) {
		const double n1 = x->n[k][0], n2 = x->n[k][1], base = (x->y[k][0] + x->y[k][1]) / (x->ratio * n1 + n2);

		if (!(n1 > 0.0) || !(n2 > 0.0))
			continue;
		d += group == 0 ? n2 / (n1 + n2) * (x->selected[person][k] - x->judged[person][k] * x->ratio * base)
				: -x->ratio * n1 / (n1 + n2) * (x->selected[person][k] - x->judged[person][k] * base);
	}
	return d / x->r;
}

static void take(struct side *x, const struct eh_audit_data *d, size_t row)
{
	const uint32_t c = d->candidate[row], k = d->stratum[row];
	const int16_t g = d->attributes[0].group[c];

	if (g < 0)
		return;
	x->n[k][g]++;
	x->y[k][g] += d->selected[row];
	x->judged[c][k]++;
	x->selected[c][k] += d->selected[row];
}

static bool judges(const struct eh_audit_data *d, uint32_t e, uint32_t candidate)
{
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++)
		if (d->candidate[i] == candidate)
			return true;
	return false;
}

static void check_interval(const struct eh_finding *x, const struct side *own, const struct side *set,
			   const struct eh_audit_data *d)
{
	double xx = 0.0, yy[2] = { 0.0, 0.0 }, xy = 0.0, n[2] = { 0.0, 0.0 }, v, half, rho;

	for (size_t c = 0; c < d->candidates.n; c++) {
		const int16_t g = d->attributes[0].group[c];
		double by_set = 0.0, by_him = 0.0, a, b;

		for (size_t k = 0; k < STRATA; k++) {
			by_set += set->judged[c][k];
			by_him += own->judged[c][k];
		}
		if (g < 0 || !(by_him > 0.0))
			continue;
		a = part(own, c, (size_t)g);
		b = part(set, c, (size_t)g);
		xx += a * a;
		xy += a * b;
		yy[g] += b * b;
		n[g] += by_set > 0.0;
	}
	v = yy[0] * n[0] / (n[0] - 1.0) + yy[1] * n[1] / (n[1] - 1.0);
	half = EH_Z95 * sqrt(v);
	close_to(x->bench_interval.low.value, set->ratio * exp(-half));
	close_to(x->bench_interval.high.value, set->ratio * exp(half));
	rho = xy / sqrt(xx * (yy[0] + yy[1]));
	if (!x->ratio_interval.low.defined || !x->ratio_interval.high.defined)
		return;
	const double a = x->ratio.value - x->ratio_interval.low.value, b = set->ratio * (exp(half) - 1.0);
	const double p = x->ratio_interval.high.value - x->ratio.value, q = set->ratio * (1.0 - exp(-half));

	close_to(x->deviation_interval.low.value, x->deviation.value - sqrt(a * a + b * b - 2.0 * rho * a * b));
	close_to(x->deviation_interval.high.value, x->deviation.value + sqrt(p * p + q * q - 2.0 * rho * p * q));
}

static uint64_t splits; /* candidates of the reference that were met who are no pair */

static uint64_t pairs_of(const struct eh_pairs *p) { return p->both + p->neither + p->first_only + p->second_only; }

static void check_pairs(const struct eh_finding *x, const struct eh_pairing *pairing, uint32_t e, const bool *second)
{
	struct eh_pairs group, reference;

	eh_pairing_count(&group, pairing, e, second, 0, 0);
	eh_pairing_count(&reference, pairing, e, second, 0, 1);
	assert_int_equal(x->paired.pairs, pairs_of(&group));
	assert_int_equal(x->paired.first, group.first_only);
	assert_int_equal(x->paired.second, group.second_only);
	assert_int_equal(x->paired.split, group.split);
	assert_int_equal(x->paired.ref_pairs, pairs_of(&reference));
	assert_true(x->paired.ref_split.defined);
	close_to(x->paired.ref_split.value, (double)reference.split);
	splits += reference.split;
	assert_int_equal(x->paired.ref_first, reference.first_only);
	assert_int_equal(x->paired.ref_second, reference.second_only);
	if (group.first_only + group.second_only == 0) {
		assert_int_equal(x->paired.p.why, x->paired.pairs > 0 ? EH_U_NO_DISCORDANT_PAIR :
									 EH_U_NO_SHARED_CANDIDATE);
		return;
	}
	close_to(x->paired.p.value, eh_paired(group.first_only, group.second_only).mid.value);
	if (reference.first_only + reference.second_only > 0 && x->paired.p_group.defined) {
		const struct eh_fourfold t = { group.first_only, group.first_only + group.second_only,
					       reference.first_only, reference.first_only + reference.second_only };

		close_to(x->paired.p_group.value, eh_table_exact(&t).mid_a.value);
	}
}

static unsigned check_design(const struct eh_audit_data *d, const struct eh_findings *f, bool plain)
{
	static struct side own, set;
	struct eh_pairing *pairing = NULL;
	unsigned checked = 0;

	assert_int_equal(eh_pairing_new(&pairing, d, NULL), EH_OK);
	for (uint32_t e = 0; e < d->evaluators.n; e++) {
		const struct eh_finding *x = find_finding(f, d->evaluators.v[e], "", "female");
		bool second[16] = { false };

		memset(&own, 0, sizeof own);
		memset(&set, 0, sizeof set);
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++)
			take(&own, d, i);
		for (uint32_t o = 0; o < d->evaluators.n; o++) {
			second[o] = o != e && find_finding(f, d->evaluators.v[o], "", "female")->ratio_below == EH_NO;
			for (size_t i = d->evaluator_at[o]; second[o] && i < d->evaluator_at[o + 1]; i++)
				if (judges(d, e, d->candidate[i]))
					take(&set, d, i);
		}
		if (x->bench_evaluators == 0 || x->bench_kind != EH_BENCH_CANDIDATES)
			continue;
		mantel_haenszel(&own, plain || x->rests_on == EH_RATIO_PLAIN);
		mantel_haenszel(&set, plain);
		check_pairs(x, pairing, e, second);
		if (!x->bench_ratio.defined || !x->deviation_interval.low.defined || !(x->ratio.value > 0.0))
			continue;
		assert_int_equal(x->bench_strata == 0, plain);
		close_to(x->bench_ratio.value, set.ratio);
		check_interval(x, &own, &set, d);
		checked++;
	}
	eh_pairing_free(pairing);
	return checked;
}

/* Panels drawn at random: each candidate by some of six, in one to three strata; of one of them in one stratum only. */
static void draw(struct eh_audit_data *d, uint64_t seed, unsigned strata)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (unsigned c = 0; c < PERSONS; c++) {
		const double worth = 0.25 + 0.5 * eh_rng_unit(&rng);
		char name[16], judge[16], stratum[16];

		(void)snprintf(name, sizeof name, "c%02u", c);
		build_person(&b, name, "clerk", c % 13 == 0 ? -1 : (int)(c % 2));
		for (unsigned e = 0; e < 6; e++)
			for (unsigned k = 0; k < strata; k++) {
				if (eh_rng_unit(&rng) < 0.4 || (e == 5 && k != 1 % strata))
					continue;
				(void)snprintf(judge, sizeof judge, "E%u", e);
				(void)snprintf(stratum, sizeof stratum, "s%u", k);
				build_row(&b, judge, name, stratum,
					  eh_rng_unit(&rng) < worth * (e == 0 && c % 2 == 0 ? 0.6 : 1.0));
			}
	}
	build_finish(d, &b, sexes, 2);
}

static void deviation_and_pairs_are_what_their_definition_says(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
		const unsigned strata = 1 + (unsigned)seed % 3;
		struct eh_audit_data d;
		struct eh_findings f;

		s.plain_ratio = seed % 4 == 0;
		draw(&d, seed, strata);
		run_audit(&f, &d, &s);
		/* who decided in one stratum asks for strata even where the others' ratio is plain by rule */
		if (!s.plain_ratio || strata == 1)
			checked += check_design(&d, &f, strata == 1);
		done(&d, &f);
	}
	assert_true(checked > 100 && splits > 100);
}

static void an_interval_of_a_difference_recovers_the_variances(void **state)
{
	const struct eh_interval one = { eh_num(0.7), eh_num(1.3) }, two = { eh_num(0.6), eh_num(1.4) };
	const struct eh_interval open = { eh_num(0.7), eh_undefined(EH_U_UNBOUNDED) };
	struct eh_interval d = eh_mover(eh_num(1.0), one, eh_num(1.0), two, 0.0);

	(void)state;
	close_to(d.low.value, -0.5);
	close_to(d.high.value, 0.5);
	d = eh_mover(eh_num(1.0), one, eh_num(1.0), two, 1.0); /* what both have in common falls out */
	close_to(d.low.value, -0.1);
	close_to(d.high.value, 0.1);
	d = eh_mover(eh_num(1.0), open, eh_num(1.0), two, 0.0);
	close_to(d.low.value, -0.5);
	assert_int_equal(d.high.why, EH_U_UNBOUNDED);
	d = eh_mover(eh_undefined(EH_U_EMPTY_GROUP), one, eh_num(1.0), two, 0.0);
	assert_int_equal(d.low.why, EH_U_EMPTY_GROUP);
}

/* ---- coverage ---- */

enum design { SAME_CANDIDATES, OWN_CANDIDATES, SEVERAL_DECISIONS };

/*
 * Four evaluators (two, of several decisions), E0 with women at `bias` of their rate; a candidate's worth is his own,
 * so that decisions about him depend on each other.  Its mean is the same for both: the true ratio is the bias.
 */
static void draw_world(struct eh_audit_data *d, struct eh_rng *rng, enum design design, double bias)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	const bool several = design == SEVERAL_DECISIONS;
	const unsigned persons = several ? 600 : 240, judges = several ? 2 : 4;
	const unsigned questions = several ? 6 : design == OWN_CANDIDATES ? 1 : 2;

	for (unsigned c = 0; c < persons * (design == SAME_CANDIDATES ? 1 : judges); c++) {
		const double worth = eh_rng_unit(rng);
		char name[16], judge[16], stratum[16];

		(void)snprintf(name, sizeof name, "c%04u", c);
		build_person(&b, name, "clerk", (int)(c % 2));
		for (unsigned e = 0; e < judges; e++)
			for (unsigned k = 0; k < questions; k++) {
				const double fair = several ? (worth < 0.5 ? 0.1 : 0.9) : 0.3 + 0.1 * k + 0.5 * worth;
				const double rate = (c % 2 == 0 && e == 0 ? bias : 1.0) * fair;

				if (design != SAME_CANDIDATES && c / persons != e)
					continue;
				(void)snprintf(judge, sizeof judge, "E%u", e);
				(void)snprintf(stratum, sizeof stratum, "s%u", k);
				build_row(&b, judge, name, stratum, eh_rng_unit(rng) < rate);
			}
	}
	build_finish(d, &b, sexes, 2);
}

static void check_coverage(enum design design)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	const unsigned repetitions = 400;
	const double bias = 0.6;
	unsigned covered = 0, found = 0, with = 0;
	struct eh_rng rng;

	eh_rng_seed(&rng, 20 + (uint64_t)design);
	for (unsigned i = 0; i < repetitions; i++) {
		struct eh_audit_data d;
		struct eh_findings f;
		const struct eh_finding *x;

		draw_world(&d, &rng, design, bias);
		run_audit(&f, &d, &s);
		x = find_finding(&f, "E0", "", "female");
		if (x->bench_evaluators == 0) {         /* all of the set are below the limit by chance */
			done(&d, &f);
			continue;
		}
		with++;
		assert_int_equal(x->bench_kind, design == SAME_CANDIDATES ? EH_BENCH_CANDIDATES :
						design == OWN_CANDIDATES ? EH_BENCH_POSITIONS : EH_BENCH_STRATA);
		assert_true(x->deviation_interval.low.defined && x->deviation_interval.high.defined);
		covered += x->deviation_interval.low.value <= bias - 1.0 &&
			   bias - 1.0 <= x->deviation_interval.high.value;
		found += x->deviation_interval.high.value < 0.0;
		done(&d, &f);
	}
	print_message("# design %d: %u of %u covered, %u found\n", (int)design, covered, with, found);
	/* 95 % of 400: 380, standard deviation 4.4 */
	assert_true(with >= repetitions - 4 && covered >= 366 && covered <= 394);
	assert_true(found > repetitions * 4 / 5);
}

static void intervals_of_the_deviation_cover(void **state)
{
	(void)state;
	check_coverage(SAME_CANDIDATES);
	check_coverage(OWN_CANDIDATES);
	check_coverage(SEVERAL_DECISIONS);
}

/* One evaluator is harsh to everybody, one to women only: the pairs tell which is which. */
static void pairs_tell_harsh_to_all_from_harsh_to_one_group(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (unsigned c = 0; c < 120; c++) {
		char name[16];

		(void)snprintf(name, sizeof name, "c%03u", c);
		build_person(&b, name, "clerk", (int)(c % 2));
		build_row(&b, "all", name, "s", c % 6 < 2);                                /* 1/3 of both */
		/* 1/3 and 2/3, of the men partly others than the set's */
		build_row(&b, "women", name, "s", c % 2 == 0 ? c % 6 < 2 : c % 12 < 6 ? c % 6 < 4 : c % 6 > 1);
		build_row(&b, "fair", name, "s", c % 6 < 4);                               /* 2/3 of both */
		build_row(&b, "kind", name, "s", c % 6 < 4 || c % 30 == 4 || c % 30 == 5); /* a little more */
	}
	build_finish(&d, &b, sexes, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "all", "", "female");
	assert_true(x->paired.p.value < 1e-4);
	assert_true(x->paired.p_group.defined ? x->paired.p_group.value > 0.05 :
						 x->paired.p_group.why == EH_U_ZERO_VARIANCE);
	x = find_finding(&f, "women", "", "female");
	assert_int_equal(x->paired.pairs, 60);
	assert_true(x->paired.p.value < 1e-4 && x->paired.p_group.defined && x->paired.p_group.value < 0.01);
	assert_int_equal(find_finding(&f, "", "", "female")->paired.p.why, EH_U_POOLED);
	done(&d, &f);
}

/* ---- the strata of the evaluator's own ---- */

/*
 * Women apply to the hard stratum.  E0 decides there alone, of both alike; the others, alike too, in both: by all their
 * decisions together they seem to halve the women.
 */
static void one_stratum_is_compared_within_itself(void **state)
{
	static const unsigned n[2][2] = { { 40, 160 }, { 160, 40 } };   /* easy, hard: women, men */
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (unsigned e = 0; e < 4; e++)
		for (unsigned hard = e == 0 ? 1 : 0; hard < 2; hard++)
			for (int g = 0; g < 2; g++) {
				char judge[8];

				(void)snprintf(judge, sizeof judge, "E%u", e);
				build_cell(&b, judge, hard ? "hard" : "easy", g, n[hard][g],
					   n[hard][g] * (hard ? 1 : 3) / 5);
			}
	build_finish(&d, &b, sexes, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E0", "", "female");
	assert_int_equal(x->rests_on, EH_RATIO_PLAIN);
	assert_int_equal(x->bench_kind, EH_BENCH_STRATA);
	assert_int_equal(x->bench_evaluators, 3);
	assert_int_equal(x->bench_n, 480);
	assert_int_equal(x->bench_selected, 96);
	close_to(x->bench_ratio.value, 1.0);
	close_to(x->deviation.value, 0.0);
	assert_int_equal(x->bench_strata, 0);
	assert_int_equal(x->paired.p.why, EH_U_NO_SHARED_CANDIDATE);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->bench_strata, 2);
	assert_int_equal(x->bench_n, 560);
	close_to(x->bench_ratio.value, 1.0);
	done(&d, &f);
}

/* The same on the same candidates: the set judged them in both strata, he in one. */
static void one_stratum_on_shared_candidates_takes_the_sets_strata(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (unsigned c = 0; c < 200; c++) {
		/* of the women a quarter were asked the easy question by the others, of the men three quarters */
		const bool woman = c % 2 == 0, easy = c / 2 % 4 < (woman ? 1u : 3u);
		char name[16];

		(void)snprintf(name, sizeof name, "c%03u", c);
		build_person(&b, name, "clerk", woman ? 0 : 1);
		build_row(&b, "E0", name, "own", c / 2 % 10 < 5);
		for (unsigned e = 1; e < 3; e++) {
			char judge[8];

			(void)snprintf(judge, sizeof judge, "E%u", e);
			build_row(&b, judge, name, easy ? "easy" : "hard", c / 8 % 5 < (easy ? 4u : 2u));
		}
	}
	build_finish(&d, &b, sexes, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E0", "", "female");
	assert_int_equal(x->bench_kind, EH_BENCH_CANDIDATES);
	assert_int_equal(x->bench_evaluators, 2);
	assert_int_equal(x->bench_strata, 2);
	close_to(x->bench_ratio.value, 1.0);
	assert_true(x->deviation_interval.low.value < 0.0 && x->deviation_interval.high.value > 0.0);
	done(&d, &f);
}

/* Nobody else decided in his stratum, but others did in his position: these are the second set. */
static void strata_of_his_own_leave_the_position(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	for (unsigned e = 0; e < 5; e++)
		for (unsigned i = 0; i < 60; i++) {
			/* E0..E2 clerks, E3 and E4 cooks; E0 alone has the second interview */
			static const char *const stratum[] = { "clerk 2", "clerk 1", "clerk 1", "cook 1", "cook 1" };
			char judge[8], name[24];

			(void)snprintf(judge, sizeof judge, "E%u", e);
			(void)snprintf(name, sizeof name, "c%u-%02u", e, i);
			build_person(&b, name, e < 3 ? "clerk" : "cook", (int)(i % 2));
			build_row(&b, judge, name, stratum[e], i % 4 < 2);
		}
	build_finish(&d, &b, sexes, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E0", "", "female");
	assert_int_equal(x->bench_kind, EH_BENCH_POSITIONS);
	assert_int_equal(x->bench_evaluators, 2);
	assert_int_equal(x->bench_n, 60);
	close_to(x->bench_ratio.value, 1.0);
	x = find_finding(&f, "E1", "", "female");
	assert_int_equal(x->bench_kind, EH_BENCH_STRATA);
	assert_int_equal(x->bench_evaluators, 1);
	assert_int_equal(x->bench_n, 30);
	done(&d, &f);
}

/* ---- the others, and the family ---- */

static void the_others_are_counted_and_a_ratio_of_0_is_corrected(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	build_cell(&b, "E0", "s", 0, 40, 10);
	build_cell(&b, "E0", "s", 1, 40, 20);
	build_cell(&b, "E1", "s", 0, 30, 15);
	build_cell(&b, "E1", "s", 1, 50, 25);
	build_cell(&b, "none", "s", 0, 40, 0);
	build_cell(&b, "none", "s", 1, 40, 20);
	build_cell(&b, "odd", "s", 0, 20, 4);   /* takes no man: he has no ratio */
	build_cell(&b, "odd", "s", 1, 20, 0);
	build_finish(&d, &b, sexes, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E0", "", "female");
	assert_int_equal(x->peers_evaluators, 2);
	assert_int_equal(x->peers_n, 70);
	assert_int_equal(x->peers_selected, 15);
	assert_int_equal(x->peers_ref_n, 90);
	assert_int_equal(x->peers_ref_selected, 45);
	assert_false(x->peers_corrected);
	close_to(x->peers_ratio.value * x->peers_others.value, x->ratio.value);
	x = find_finding(&f, "none", "", "female");
	assert_true(x->ratio.value == 0.0 && x->peers_corrected);
	close_to(x->peers_ratio.value * x->peers_others.value, 0.5 / 41.0 / (20.5 / 41.0));
	x = find_finding(&f, "odd", "", "female");
	assert_int_equal(x->ratio.why, EH_U_REFERENCE_NONE_SELECTED);
	assert_int_equal(x->peers_ratio.why, EH_U_REFERENCE_NONE_SELECTED);
	assert_int_equal(x->peers_evaluators, 0);
	assert_int_equal(x->peers_n, 0);
	assert_false(x->peers_others.defined || x->peers_corrected);
	done(&d, &f);
}

/* q from p, rank and size as explain writes it; never less than q of bh, and equal where no neighbour is better. */
static void ranks_give_q(void **state)
{
	static const char *const methods[] = { "bh", "holm", "by" };

	(void)state;
	for (size_t m = 0; m < 3; m++) {
		struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
		struct eh_audit_data d;
		struct eh_findings f;
		unsigned equal = 0;

		(void)snprintf(s.family, sizeof s.family, "%s", methods[m]);
		draw(&d, 7, 3);
		run_audit(&f, &d, &s);
		for (size_t i = 0; i < f.n; i++) {
			const struct eh_finding *x = &f.v[i];
			const double size = x->family_size, rank = x->family_rank, h = m == 2 ?
				eh_family_harmonic(x->family_size) : 1.0;
			double step, smaller = 0.0, same = 0.0;

			assert_int_equal(x->family_rank > 0, x->q.defined);
			if (x->family_rank == 0)
				continue;
			step = x->p.value * (m == 1 ? size - rank + 1.0 : size * h / rank);
			equal += fabs(fmin(1.0, step) - x->q.value) < 1e-12;
			assert_true(m == 1 ? fmin(1.0, step) <= x->q.value + 1e-12 : step >= x->q.value - 1e-12);
			for (size_t k = 0; k < f.n; k += 2) {
				const struct eh_finding *y = &f.v[k];

				if ((y->evaluator[0] == '\0') != (x->evaluator[0] == '\0') || !y->p.defined)
					continue;
				smaller += y->p.value < x->p.value;
				same += !(y->p.value < x->p.value) && !(y->p.value > x->p.value);
			}
			assert_true(m == 1 ? rank == smaller + 1.0 : rank == smaller + same);
		}
		assert_true(equal > 0);
		done(&d, &f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deviation_and_pairs_are_what_their_definition_says),
		cmocka_unit_test(an_interval_of_a_difference_recovers_the_variances),
		cmocka_unit_test(intervals_of_the_deviation_cover),
		cmocka_unit_test(pairs_tell_harsh_to_all_from_harsh_to_one_group),
		cmocka_unit_test(one_stratum_is_compared_within_itself),
		cmocka_unit_test(one_stratum_on_shared_candidates_takes_the_sets_strata),
		cmocka_unit_test(strata_of_his_own_leave_the_position),
		cmocka_unit_test(the_others_are_counted_and_a_ratio_of_0_is_corrected),
		cmocka_unit_test(ranks_give_q),
	};

	return cmocka_run_group_tests_name("audit_benchmark", tests, NULL, NULL);
}

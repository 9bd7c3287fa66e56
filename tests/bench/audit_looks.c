/*
 * How often a fair evaluator is accused when growing data are audited again and again, with the p for one look and with
 * the one for any number of looks (audit/sequential.h), and how soon a planted ratio is found.
 *
 * audit_looks [EVALUATORS [SEED]]: every evaluator is one repetition, judged by the audit itself at 20 looks, 20
 * persons more at each.  Exit 1 when the any-time p accuses more than alpha, the one-look p does not accuse clearly
 * more (then nothing was tested), or the planted ratio is not found.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/mem.h"
#include "base/rng.h"

#define LOOKS 20
#define STEP 20 /* persons between two looks */
#define ALPHA 0.05

struct scenario {
	const char *name;
	double rate, ratio; /* of the reference, and of the group to it */
	unsigned questions; /* decisions per person */
	double alike;	    /* share of the persons all of whose decisions are the first one */
};

static const struct scenario scenarios[] = {
	{ "fair, rate .50, one decision a person", 0.50, 1.0, 1, 0.0 },
	{ "fair, rate .10, one decision a person", 0.10, 1.0, 1, 0.0 },
	{ "fair, rate .90, one decision a person", 0.90, 1.0, 1, 0.0 },
	{ "fair, rate .50, three decisions a person, alike", 0.50, 1.0, 3, 0.6 },
	{ "ratio .60 of rate .50, one decision a person", 0.50, 0.6, 1, 0.0 },
	{ "ratio .60 of rate .50, three decisions a person, alike", 0.50, 0.6, 3, 0.6 },
};

/* The whole of the data, person by person in the order of their coming. */
struct drawn {
	size_t evaluators;
	int16_t *group;	   /* [evaluators][LOOKS * STEP] */
	uint8_t *selected; /* [evaluators][LOOKS * STEP][questions] */
};

static void draw(struct drawn *x, const struct scenario *s, struct eh_rng *rng)
{
	for (size_t i = 0; i < x->evaluators * LOOKS * STEP; i++) {
		const bool focal = eh_rng_unit(rng) < 0.3, alike = eh_rng_unit(rng) < s->alike;
		const double rate = focal ? s->rate * s->ratio : s->rate;

		x->group[i] = focal ? 0 : 1;
		for (unsigned q = 0; q < s->questions; q++)
			x->selected[i * s->questions + q] =
				alike && q > 0 ? x->selected[i * s->questions] : eh_rng_unit(rng) < rate;
	}
}

static void name_all(struct eh_names *names, const char *form, size_t n)
{
	names->v = eh_xcalloc(n, sizeof *names->v);
	for (names->n = 0; names->n < n; names->n++) {
		names->v[names->n] = eh_xcalloc(16, 1);
		(void)snprintf(names->v[names->n], 16, form, names->n);
	}
}

/* What is there at one look. */
static int fill(struct eh_audit_data *d, const struct drawn *x, const struct scenario *s, size_t look)
{
	const size_t persons = look * STEP;
	struct eh_attribute_data *a;
	int rc;

	memset(d, 0, sizeof *d);
	name_all(&d->evaluators, "E%06zu", x->evaluators);
	name_all(&d->strata, "q%zu", s->questions);
	d->candidates.n = x->evaluators * persons;
	rc = eh_audit_data_room(d, d->candidates.n * s->questions, false, NULL);
	if (rc != EH_OK)
		return rc;
	d->attributes = eh_xcalloc(1, sizeof *d->attributes);
	d->n_attributes = 1;
	a = &d->attributes[0];
	strcpy(a->name, "sex");
	strcpy(a->groups[0], "female");
	strcpy(a->groups[1], "male");
	a->n_groups = 2;
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, 1);
	for (size_t e = 0, row = 0; e < x->evaluators; e++) {
		for (size_t i = 0; i < persons; i++) {
			const size_t from = e * LOOKS * STEP + i, candidate = e * persons + i;

			a->group[candidate] = x->group[from];
			a->provenance[candidate] = EH_DECLARED;
			for (unsigned q = 0; q < s->questions; q++, row++) {
				d->evaluator[row] = (uint32_t)e;
				d->candidate[row] = (uint32_t)candidate;
				d->stratum[row] = q;
				d->selected[row] = x->selected[from * s->questions + q];
			}
		}
	}
	return eh_audit_data_sort(d, NULL);
}

/* Evaluators below alpha. */
struct tally {
	unsigned once, anytime;         /* at some look */
	unsigned last;                  /* at the last one, by the p for one look */
	size_t soonest[LOOKS + 1];      /* first look of anytime */
};

static int run(struct tally *t, const struct drawn *x, const struct scenario *s)
{
	struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	bool *once = eh_xcalloc(x->evaluators, 1), *anytime = eh_xcalloc(x->evaluators, 1);

	*t = (struct tally){ 0 };
	settings.anytime = true;
	strcpy(settings.family, "none");
	for (size_t look = 1; look <= LOOKS; look++) {
		struct eh_audit_data d;
		struct eh_findings f;

		if (fill(&d, x, s, look) != EH_OK || eh_audit_run(&f, &d, &settings, NULL, NULL) != EH_OK)
			return -1;
		for (size_t e = 0; e < x->evaluators; e++) {
			const struct eh_finding *v = &f.v[2 + 2 * e];

			t->last += look == LOOKS && v->p.defined && v->p.value < ALPHA;
			if (v->p.defined && v->p.value < ALPHA)
				once[e] = true;
			if (!anytime[e] && v->q.defined && v->q.value < ALPHA) {
				anytime[e] = true;
				t->soonest[look]++;
			}
		}
		eh_findings_free(&f);
		eh_audit_data_free(&d);
	}
	for (size_t e = 0; e < x->evaluators; e++) {
		t->once += once[e];
		t->anytime += anytime[e];
	}
	free(once);
	free(anytime);
	return 0;
}

/* Persons after which half of those that are found are. */
static size_t median(const struct tally *t)
{
	size_t seen = 0, look = 1;

	while (look < LOOKS && (seen += t->soonest[look]) * 2 < t->anytime)
		look++;
	return look * STEP;
}

int main(int argc, char **argv)
{
	const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct drawn x = { .evaluators = n };
	int bad = 0;

	if (n < 100 || n > 100000)
		return fprintf(stderr, "audit_looks: 100 to 100000 evaluators\n"), 2;
	x.group = eh_xcalloc(n * LOOKS * STEP, sizeof *x.group);
	x.selected = eh_xcalloc(n * LOOKS * STEP * 3, 1);
	printf("%zu evaluators, %d looks, %d persons more at each, alpha %.2f, seed %llu; share below alpha at some "
	       "look\n"
	       "%-56s %8s %8s %10s %8s\n",
	       n, LOOKS, STEP, ALPHA, (unsigned long long)seed, "", "once", "anytime", "one look", "median n");
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
		const struct scenario *s = &scenarios[i];
		struct eh_rng rng;
		struct tally t;
		double once, anytime;

		eh_rng_seed(&rng, seed + i);
		draw(&x, s, &rng);
		if (run(&t, &x, s) < 0)
			return fprintf(stderr, "audit_looks: the audit failed\n"), 1;
		once = (double)t.once / (double)n;
		anytime = (double)t.anytime / (double)n;
		printf("%-56s %8.4f %8.4f %10.4f", s->name, once, anytime, (double)t.last / (double)n);
		if (s->ratio < 1.0)
			printf(" %8zu", median(&t));
		printf("\n");
		if (s->ratio >= 1.0)
			bad += anytime > ALPHA || once < 2.0 * ALPHA;
		else
			bad += anytime < 0.5;
	}
	printf("%s\n", bad == 0 ? "kept: any number of looks accuses at most alpha, one-look p-values accuse more"
				: "NOT KEPT");
	free(x.group);
	free(x.selected);
	return bad == 0 ? 0 : 1;
}

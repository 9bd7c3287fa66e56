/*
 * The severity model on made designs: `audit_raters MODE DIR ROWS EVALUATORS STRATA PERSONS SEED`.
 *   MODE model: writes DIR/cells.csv (what glmer is given) and DIR/fit.csv (what we found), prints our seconds
 *   MODE all:   the whole of raters.h, prints seconds and how well planted severities and biases are found
 * PERSONS: candidates; several rows of one candidate where they are fewer than rows.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "audit/raters.h"
#include "base/mem.h"
#include "base/rng.h"

#define GROUPS 6
#define SD 0.35                         /* [logit] of the planted severities */
#define BIASED 20                       /* every 20th evaluator is harsh to group g1 */
#define BIAS (-1.0)                     /* [logit] */

static double seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + 1e-6 * (double)u.ru_utime.tv_usec;
}

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const struct eh_err *err)
{
	fprintf(stderr, "audit_raters: %s\n", err->msg);
	exit(1);
}

static void names(struct eh_names *n, size_t count, const char *prefix)
{
	n->n = count;
	n->v = eh_xcalloc(count, sizeof *n->v);
	for (size_t i = 0; i < count; i++)
		n->v[i] = eh_xasprintf("%s%07zu", prefix, i);
}

static void people(struct eh_audit_data *d, size_t persons)
{
	static const double shares[GROUPS] = { .4, .2, .15, .1, .1, .05 };
	struct eh_attribute_data *a = eh_xcalloc(1, sizeof *a);
	struct eh_rng rng;

	eh_rng_seed_named(&rng, 1, "people");
	(void)snprintf(a->name, sizeof a->name, "race");
	a->n_groups = GROUPS;
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	a->group = eh_xcalloc(persons, sizeof *a->group);
	a->provenance = eh_xcalloc(persons, sizeof *a->provenance);
	for (size_t g = 0; g < GROUPS; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "g%zu", g);
	for (size_t c = 0; c < persons; c++) {
		double u = eh_rng_unit(&rng);
		int16_t g = 0;

		while (g < GROUPS - 1 && u > shares[g])
			u -= shares[g++];
		a->group[c] = g;
		a->provenance[c] = EH_DECLARED;
	}
	d->attributes = a;
	d->n_attributes = 1;
}

/* Spreads candidates over evaluators without a pattern. */
static size_t mix(uint64_t x)
{
	x = (x + 1) * 0x9e3779b97f4a7c15u;
	return (size_t)((x ^ x >> 29) * 0xbf58476d1ce4e5b9u >> 33);
}

/* Planted: severity N(0, SD), strata -1 .. 1, groups 0 .. -.3, every BIASED-th evaluator harsh to g1. */
static void make(struct eh_audit_data *d, size_t rows, size_t evaluators, size_t strata, size_t persons, uint64_t seed)
{
	double *severity = eh_xcalloc(evaluators, sizeof *severity);
	struct eh_err err = EH_ERR_INIT;
	struct eh_rng rng;

	memset(d, 0, sizeof *d);
	(void)snprintf(d->source, sizeof d->source, "bench");
	names(&d->evaluators, evaluators, "E");
	names(&d->candidates, persons, "C");
	names(&d->strata, strata, "s");
	people(d, persons);
	eh_rng_seed(&rng, seed);
	for (size_t e = 0; e < evaluators; e++)
		severity[e] = SD * eh_rng_normal(&rng);
	if (eh_audit_data_room(d, rows, false, &err) != EH_OK)
		die(&err);
	d->decided = eh_xcalloc(rows, sizeof *d->decided);
	for (size_t i = 0; i < rows; i++) {
		/* one evaluator takes a candidate through the strata, then the next one does */
		size_t c = i % persons, pass = i / persons, s = (rows > persons ? pass : c) % strata;
		size_t e = (mix(c) + pass / strata) % evaluators;
		int16_t g = d->attributes[0].group[c];
		double x = -1.0 + 2.0 * (double)s / (double)strata - 0.06 * g - severity[e] +
			   (e % BIASED == 0 && g == 1 ? BIAS : 0.0);

		d->evaluator[i] = (uint32_t)e;
		d->candidate[i] = (uint32_t)c;
		d->stratum[i] = (uint32_t)s;
		d->decided[i] = (int32_t)eh_rng_below(&rng, 365);
		d->selected[i] = eh_rng_unit(&rng) < 1.0 / (1.0 + exp(-x));
	}
	free(severity);
	if (eh_audit_data_sort(d, &err) != EH_OK)
		die(&err);
}

static FILE *create(const char *dir, const char *name)
{
	char path[1024];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

/* Cells without the ones left out: glmer would run after an infinite effect. */
static void write_model(const char *dir, const struct eh_raters *r, const struct eh_audit_data *d)
{
	FILE *f = create(dir, "cells.csv");
	const struct eh_severity *m = &r->model;

	fprintf(f, "evaluator,stratum,group,n,y\n");
	for (size_t e = 0; e < r->n; e++)
		for (size_t i = r->cells.at[e]; i < r->cells.at[e + 1]; i++)
			if (m->used[i])
				fprintf(f, "%s,s%u,c%d,%u,%u\n", d->evaluators.v[e], r->cells.column[2 * i],
					(int)r->cells.column[2 * i + 1], r->cells.count[i], r->cells.selected[i]);
	fclose(f);
	f = create(dir, "fit.csv");
	fprintf(f, "what,value,se\nsd,%.17g,0\ndeviance,%.17g,0\n", m->sd, m->deviance);
	for (size_t e = 0; e < r->n; e++)
		if (m->v[e].severity.defined)
			fprintf(f, "%s,%.17g,%.17g\n", d->evaluators.v[e], m->v[e].severity.value, m->v[e].se.value);
	fclose(f);
}

static void report(const struct eh_raters *r)
{
	size_t found = 0, guilty = 0, accused = 0;

	for (size_t e = 0; e < r->n; e++) {
		const struct eh_rater_bias *b = &r->v[e].bias[1];
		bool harsh = b->q.defined && b->q.value < 0.05 && b->size.value < 0.0;

		guilty += e % BIASED == 0;
		found += e % BIASED == 0 && harsh;
		for (size_t g = 0; e % BIASED != 0 && g < r->n_bias; g++)
			accused += r->v[e].bias[g].q.defined && r->v[e].bias[g].q.value < 0.05;
	}
	printf("sd %.4f (planted %.2f), reliability %.3f", r->model.sd, SD, r->model.reliability.value);
	if (r->chi_square.defined)
		printf(", chi-square %.1f on %zu\n", r->chi_square.value, r->model.df);
	else
		printf(", chi-square %s\n", eh_undef_text(r->chi_square.why));
	printf("harsh to g1: %zu of %zu found; %zu findings on innocent evaluators\n", found, guilty, accused);
}

int main(int argc, char **argv)
{
	struct eh_raters_settings s = EH_RATERS_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_raters r;
	struct eh_err err = EH_ERR_INIT;
	size_t v[4];
	double cpu, clock;

	if (argc != 8) {
		fprintf(stderr, "usage: audit_raters model|all DIR ROWS EVALUATORS STRATA PERSONS SEED\n");
		return 2;
	}
	for (int i = 0; i < 4; i++)
		v[i] = strtoul(argv[3 + i], NULL, 10);
	make(&d, v[0], v[1], v[2], v[3], strtoull(argv[7], NULL, 10));
	if (strcmp(argv[1], "model") == 0)
		s.draws = 1;
	cpu = seconds();
	clock = wall();
	if (eh_raters_run(&r, &d, &s, &err) != EH_OK)
		die(&err);
	printf("%zu decisions x %zu evaluators, %zu strata, %zu cells: %.2f s user, %.2f s wall, %u Newton steps\n",
	       v[0], r.n, v[2], r.cells.n, seconds() - cpu, wall() - clock, r.model.steps);
	report(&r);
	write_model(argv[2], &r, &d);
	eh_raters_free(&r);
	eh_audit_data_free(&d);
	return 0;
}

/*
 * Our numbers for check-mixture (audit_mixture.py): reads cases on stdin, prints one line of numbers for each.
 *
 *   audit_mixture mixture      PRIOR;share,...;like,...,selected,rejected;...    a row per candidate, PRIOR 0 or 1
 *                              -> shares, rates, objective, low, high, p of class 0 against class 1
 *   audit_mixture bounds       n,selected,focal,reference;...                    a row per cell -> low, high
 *   audit_mixture assumption   class,score,selected,rejected;...                 a row per person -> p_score, p_class
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/assumption.h"
#include "audit/bounds.h"
#include "audit/predicted.h"

#define LINE_MAX_BYTES (1 << 20)
#define ROWS_MAX 4096
#define COLUMNS_MAX (EH_GROUPS_MAX + 2)

struct numbers {
	double v[COLUMNS_MAX];
	size_t n;
};

static struct numbers row[ROWS_MAX];
static size_t rows;

static int stop(const char *why)
{
	fprintf(stderr, "audit_mixture: %s\n", why);
	return 2;
}

/* One line into row[rows]; false: too much, or not numbers. */
static bool read_line(const char *at)
{
	rows = 0;
	while (*at != '\0' && *at != '\n') {
		struct numbers *r = &row[rows];
		char *end = NULL;

		if (rows == ROWS_MAX)
			return false;
		r->n = 0;
		do {
			if (r->n == COLUMNS_MAX)
				return false;
			r->v[r->n++] = strtod(at, &end);
			if (end == at)
				return false;
			at = end + (*end == ',');
		} while (*end == ',');
		at = end + (*end == ';');
		rows++;
	}
	return rows > 0;
}

static void put(struct eh_num v, const char *after)
{
	if (v.defined)
		printf("%.17g%s", v.value, after);
	else
		printf("undefined:%s%s", eh_undef_text(v.why), after);
}

static int mixture(void)
{
	static double like[ROWS_MAX * EH_GROUPS_MAX], selected[ROWS_MAX], rejected[ROWS_MAX];
	size_t k = rows > 1 ? row[1].n : 0, n = rows > 2 ? rows - 2 : 0;
	struct eh_mixture *m = NULL;
	struct eh_mix_ratio ratio;
	struct eh_mix_fit fit;
	struct eh_err err = EH_ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		if (row[i + 2].n != k + 2)
			return stop("a row has not the likelihoods of all classes and two counts");
		memcpy(&like[i * k], row[i + 2].v, k * sizeof *like);
		selected[i] = row[i + 2].v[k];
		rejected[i] = row[i + 2].v[k + 1];
	}
	if (eh_mixture_new(&m, like, selected, rejected, n, k, row[1].v, row[0].v[0] > 0.0, &err) != EH_OK)
		return stop(err.msg);
	eh_mixture_fit(&fit, m, NULL, NULL);
	eh_mixture_ratio(&ratio, m, &fit, 0, 1);
	for (size_t j = 0; j < k; j++)
		printf("%.17g,", fit.share[j]);
	for (size_t j = 0; j < k; j++)
		printf("%.17g,", fit.rate[j]);
	printf("%.17g,", fit.objective);
	put(ratio.interval.low, ",");
	put(ratio.interval.high, ",");
	put(ratio.p, "\n");
	eh_mixture_free(&m);
	return 0;
}

static int bounds(void)
{
	static struct eh_bound_cell cell[ROWS_MAX];
	struct eh_interval b;

	for (size_t i = 0; i < rows; i++)
		cell[i] = (struct eh_bound_cell){ row[i].v[0], row[i].v[1], row[i].v[2], row[i].v[3] };
	b = eh_bounds(cell, rows);
	put(b.low, ",");
	put(b.high, "\n");
	return 0;
}

static int assumption(void)
{
	static struct eh_assumption_row v[ROWS_MAX];
	struct eh_assumption a;

	for (size_t i = 0; i < rows; i++)
		v[i] = (struct eh_assumption_row){ row[i].v[0], row[i].v[1], row[i].v[2], row[i].v[3] };
	a = eh_assumption_check(v, rows);
	put(a.p_score, ",");
	put(a.p_class, "\n");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct { const char *name; int (*fn)(void); size_t columns; } modes[] = {
		{ "mixture", mixture, 1 }, { "bounds", bounds, 4 }, { "assumption", assumption, 4 },
	};
	static char line[LINE_MAX_BYTES];
	size_t mode = 0;

	while (mode < 3 && (argc != 2 || strcmp(argv[1], modes[mode].name) != 0))
		mode++;
	if (mode == 3)
		return stop("mixture, bounds or assumption?");
	while (fgets(line, sizeof line, stdin) != NULL) {
		if (!read_line(line))
			return stop("a line is not numbers, or too long");
		for (size_t i = 0; i < rows; i++)
			if (row[i].n < modes[mode].columns)
				return stop("a row has too few numbers");
		if (modes[mode].fn() != 0)
			return 2;
	}
	return 0;
}

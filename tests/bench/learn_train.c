/*
 * Bar: one whole training (scale, search on a share, calibration, model on all) of 10,000 rows within four minutes and
 * 2 GB.  The rows are the hard ones of facts/learning.md 3: 200 columns, overlapping classes, most rows support
 * vectors.
 * learn_train ROWS WIDTH: other sizes and the outer folds besides, without the bar.
 */
#include <stdio.h>
#include <stdlib.h>

#include "learn/fit.h"
#include "tests/bench/learn_bench.h"

#define ROWS 10000
#define WIDTH 200

static double accuracy(const struct eh_fit *fit, const struct bench_rows *d, size_t n, struct eh_err *err)
{
	double *p = bench_alloc(2 * n, sizeof *p), right = 0.0;

	if (eh_fit_apply_many(fit, d->x, n, p, 0, err) == EH_OK)
		for (size_t i = 0; i < n; i++)
			right += (p[2 * i + 1] > 0.5) == (d->group[i] == 1);
	free(p);
	return right / (double)n;
}

int main(int argc, char **argv)
{
	const size_t n = argc > 2 ? strtoul(argv[1], NULL, 10) : ROWS;
	const size_t d = argc > 2 ? strtoul(argv[2], NULL, 10) : WIDTH;
	struct bench_rows data = bench_rows(n, d);
	struct eh_rows rows = { data.x, data.group, data.owner, n, d, 2, NULL };
	struct eh_err err = EH_ERR_INIT;
	struct eh_fit fit = { 0 };
	double begin = bench_now(), seconds = 0.0;
	int missed = 0;

	if (eh_fit_train(&fit, &rows, 1, NULL, &err) != EH_OK) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	seconds = bench_now() - begin;
	printf("%zu rows, %zu columns, %zu core(s): C %g, gamma %g, %zu support vectors\n", n, d, eh_jobs(0),
	       fit.column[0].c, fit.column[0].gamma, fit.n_sv);
	if (argc > 2) {
		struct eh_steps steps = { .what = "" };
		double *p = bench_alloc(2 * n, sizeof *p);

		printf("%.1f s, %.0f MiB\n", seconds, bench_peak());
		begin = bench_now();
		if (eh_nested_outcome(p, &rows, 1, &steps, &err) != EH_OK)
			fprintf(stderr, "%s\n", err.msg);
		printf("%u outer folds: %.1f s, %.0f MiB\n", eh_outer_folds(&rows), bench_now() - begin, bench_peak());
		free(p);
	} else {
		missed += bench_bar("training with search", seconds, "s", 0, 240.0);
		missed += bench_bar("memory at most", bench_peak(), "MiB", 0, 2048.0);
		missed += bench_bar("accuracy on its own rows", accuracy(&fit, &data, n, &err), "", 1, 0.85);
	}
	eh_fit_free(&fit);
	bench_free(&data);
	return missed != 0;
}

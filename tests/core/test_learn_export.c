/* The exported model in the hands of libsvm: its library, and its program svm-predict where that is installed. */
#include "tests/core/learn_rows.h"

#include <libsvm/svm.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learn/export.h"
#include "learn/model.h"

/* A model of one part, trained on the sixty rows; its columns are the first indicators. */
static struct eh_model *model_make(size_t k)
{
	static const char *const name[] = { "alpha", "beta", "gamma" };
	struct eh_model *m = calloc(1, sizeof *m);
	struct eh_part *part = NULL;
	double x[N * D];
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];
	struct eh_rows rows = { x, group, owner, N, D, k, NULL };

	assert_non_null(m);
	make_rows(x, label, group, owner);
	if (k == 3)
		for (size_t i = 0; i < N; i++)
			group[i] = (int32_t)(i % 3);
	(void)snprintf(m->attribute, sizeof m->attribute, "shape");
	(void)snprintf(m->id, sizeof m->id, "shape-0");
	(void)snprintf(m->layout, sizeof m->layout, "layout");
	m->n_groups = k;
	for (size_t g = 0; g < k; g++)
		(void)snprintf(m->group[g], sizeof m->group[g], "%s", name[g]);
	part = &m->part[EH_FUSED];
	part->skill.trained = true;
	(void)snprintf(m->part[EH_VOICE_ONLY].reason, sizeof m->part[0].reason, "nobody spoke");
	for (uint16_t j = 0; j < D; j++)
		part->indicator[j] = j;
	assert_int_equal(eh_fit_train(&part->fit, &rows, 3, NULL, NULL), EH_OK);
	return m;
}

static char directory[] = "/tmp/evenhand-export-XXXXXX";

static char *path_of(char *out, const char *file)
{
	(void)snprintf(out, 128, "%s/%s", directory, file);
	return out;
}

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state)
{
	static const char *const file[] = { "model", "scale", "rows", "out", "one" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof file / sizeof *file; i++)
		(void)unlink(path_of(path, file[i]));
	return rmdir(directory);
}

static void export_to_files(const struct eh_model *m, const char *group)
{
	char path[128];
	struct eh_err err = EH_ERR_INIT;
	FILE *model = fopen(path_of(path, "model"), "w"), *scale = fopen(path_of(path, "scale"), "w");

	assert_true(model != NULL && scale != NULL);
	if (eh_model_export(m, EH_FUSED, group, model, scale, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(fclose(scale), 0);
	assert_int_equal(fclose(model), 0);
}

/* What a stranger does with the table: z of raw [D] by its columns, and the calibration of its comment. */
struct table {
	double lo[D], hi[D], mean[D], inv_sd[D], a, b;
	size_t n;
};

static struct table read_scale(void)
{
	struct table t = { .n = 0 };
	char path[128], line[512];
	FILE *f = fopen(path_of(path, "scale"), "r");

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		char *a = strstr(line, "a = "), *b = strstr(line, "b = "), *column = line;
		double v[4] = { 0.0 };

		if (line[0] == '#' && a != NULL && b != NULL) {
			t.a = strtod(a + 4, NULL);
			t.b = strtod(b + 4, NULL);
		}
		if (line[0] < '0' || line[0] > '9')
			continue;
		assert_int_equal(strtoul(line, NULL, 10), t.n + 1);
		for (int i = 0; i < 3; i++) {
			column = strchr(column, '\t');
			assert_non_null(column++);
		}
		for (int i = 0; i < 4; i++)
			v[i] = strtod(column, &column);
		t.lo[t.n] = v[0], t.hi[t.n] = v[1], t.mean[t.n] = v[2], t.inv_sd[t.n] = v[3];
		t.n++;
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(t.n, D);
	return t;
}

static void scale_row(double *z, const struct table *t, const double *raw)
{
	for (size_t j = 0; j < D; j++)
		z[j] = t->inv_sd[j] > 0.0 ? (fmin(fmax(raw[j], t->lo[j]), t->hi[j]) - t->mean[j]) * t->inv_sd[j] : 0.0;
}

/* Rows to judge: the training rows pushed outwards, so that some are beyond the winsor limits. */
static void other_rows(double *x)
{
	int8_t label[N];
	int32_t group[N];
	uint32_t owner[N];

	make_rows(x, label, group, owner);
	for (size_t i = 0; i < N * D; i++)
		x[i] = 1.7 * x[i] + 0.05;
}

/* Group g of k: our decision value and probability, before the division by the sum. */
static void ours(double *f, double *p, const struct eh_model *m, const double *raw, size_t g)
{
	const struct eh_fit *fit = &m->part[EH_FUSED].fit;
	double value[EH_GROUPS_MAX];
	size_t column = m->n_groups == 2 ? 0 : g;

	eh_fit_decide(fit, raw, value);
	*f = m->n_groups == 2 && g == 0 ? -value[0] : value[column];
	*p = eh_platt(fit->column[column].platt, value[column]);
	*p = m->n_groups == 2 && g == 0 ? 1.0 - *p : *p;
}

static void libsvm_has_our_decision_values(void **state)
{
	double x[N * D], z[D];
	char path[128];

	(void)state;
	other_rows(x);
	for (size_t k = 2; k <= 3; k++) {
		struct eh_model *m = model_make(k);

		for (size_t g = 0; g < k; g++) {
			struct svm_model *svm = NULL;
			struct svm_node node[D + 1];
			struct table t;

			export_to_files(m, m->group[g]);
			t = read_scale();
			svm = svm_load_model(path_of(path, "model"));
			assert_non_null(svm);
			assert_int_equal(svm_check_probability_model(svm), 0);
			for (size_t i = 0; i < N; i++) {
				double theirs = 0.0, f = 0.0, p = 0.0;

				scale_row(z, &t, x + i * D);
				for (size_t j = 0; j <= D; j++)
					node[j] = j < D ? (struct svm_node){ (int)j + 1, z[j] }
							: (struct svm_node){ -1, 0.0 };
				ours(&f, &p, m, x + i * D, g);
				assert_float_equal(svm_predict_values(svm, node, &theirs), f > 0.0 ? 1.0 : -1.0, 0.0);
				assert_float_equal(theirs, f, 1e-9);
				assert_float_equal(1.0 / (1.0 + exp(t.a * theirs + t.b)), p, 1e-9);
			}
			svm_free_and_destroy_model(&svm);
		}
		eh_model_free(&m);
	}
}

/* ---- the program svm-predict ---- */

static void write_row(FILE *f, const double *z)
{
	fputs("0", f);
	for (size_t j = 0; j < D; j++)
		fprintf(f, " %zu:%.17g", j + 1, z[j]);
	fputc('\n', f);
}

static void run_svm_predict(const char *model)
{
	char command[512];

	(void)snprintf(command, sizeof command, "svm-predict %s/rows %s/%s %s/out >/dev/null 2>&1", directory,
		       directory, model, directory);
	assert_int_equal(system(command), 0);
}

/*
 * svm-predict prints labels of a classifier and six digits of a regression's value.  So for the last digits the same
 * model is handed to it as a regression (the sum over support vectors is the same) whose rho is moved by our value:
 * what it prints is the difference.
 */
static void write_moved(double ours_value)
{
	char from[128], to[128], line[4096];
	FILE *in = fopen(path_of(from, "model"), "r"), *out = fopen(path_of(to, "one"), "w");

	assert_true(in != NULL && out != NULL);
	while (fgets(line, sizeof line, in) != NULL) {
		if (strncmp(line, "svm_type ", 9) == 0)
			fputs("svm_type epsilon_svr\n", out);
		else if (strncmp(line, "rho ", 4) == 0)
			fprintf(out, "rho %.17g\n", strtod(line + 4, NULL) + ours_value);
		else if (strncmp(line, "label ", 6) != 0 && strncmp(line, "nr_sv ", 6) != 0)
			fputs(line, out);
	}
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

static void the_program_svm_predict_agrees(void **state)
{
	struct eh_model *m = NULL;
	struct table t;
	double x[N * D], z[D], got = 0.0, f = 0.0, p = 0.0;
	char path[128];
	FILE *file = NULL;

	(void)state;
	if (system("command -v svm-predict >/dev/null 2>&1") != 0)
		skip();
	m = model_make(2);
	other_rows(x);
	export_to_files(m, NULL);
	t = read_scale();
	file = fopen(path_of(path, "rows"), "w");
	assert_non_null(file);
	for (size_t i = 0; i < N; i++) {
		scale_row(z, &t, x + i * D);
		write_row(file, z);
	}
	assert_int_equal(fclose(file), 0);
	run_svm_predict("model");
	file = fopen(path_of(path, "out"), "r");
	assert_non_null(file);
	for (size_t i = 0; i < N; i++) {
		ours(&f, &p, m, x + i * D, 1);
		assert_int_equal(fscanf(file, "%lf", &got), 1);
		assert_float_equal(got, f > 0.0 ? 1.0 : -1.0, 0.0);
	}
	assert_int_equal(fclose(file), 0);
	for (size_t i = 0; i < N; i += 7) {
		ours(&f, &p, m, x + i * D, 1);
		write_moved(i == 0 ? f + 1e-8 : f);             /* the first shows that the test can fail */
		scale_row(z, &t, x + i * D);
		file = fopen(path_of(path, "rows"), "w");
		assert_non_null(file);
		write_row(file, z);
		assert_int_equal(fclose(file), 0);
		run_svm_predict("one");
		file = fopen(path_of(path, "out"), "r");
		assert_non_null(file);
		assert_int_equal(fscanf(file, "%lf", &got), 1);
		assert_int_equal(fclose(file), 0);
		if (i == 0)
			assert_true(fabs(got) > 9e-9);
		else
			assert_true(fabs(got) < 1e-9);
	}
	eh_model_free(&m);
}

static void what_cannot_be_exported_is_refused_with_the_reason(void **state)
{
	struct eh_model *two = model_make(2), *three = model_make(3);
	char text[1 << 16];
	FILE *f = fmemopen(text, sizeof text, "w");
	FILE *full = fopen("/dev/full", "w");
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_non_null(f);
	assert_int_equal(eh_model_export(two, EH_VOICE_ONLY, NULL, f, f, &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "nobody spoke"));
	assert_int_equal(eh_model_export(two, EH_FUSED, "delta", f, f, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "alpha, beta"));
	assert_int_equal(eh_model_export(three, EH_FUSED, NULL, f, f, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "alpha, beta, gamma"));
	if (full != NULL) {
		assert_int_equal(eh_model_export(two, EH_FUSED, NULL, full, f, &err), EH_EIO);
		(void)fclose(full);
	}
	(void)fclose(f);
	eh_model_free(&three);
	eh_model_free(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libsvm_has_our_decision_values),
		cmocka_unit_test(the_program_svm_predict_agrees),
		cmocka_unit_test(what_cannot_be_exported_is_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}

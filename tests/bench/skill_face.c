/*
 * Bar: sex from the shape of the face, persons unseen in training, on the 140 photographs of the outside test data
 * (issue 4; facts/vision.md 8.3): whole pipeline over all of them, and trained on one collection, tested on the other.
 * Exit 1 when a bar is missed; 77 when there are no photographs.
 */
#include "tests/bench/skill.h"

/* face/models.h calls its files by the name that learn/ gives to what is trained */
#define eh_model eh_net_file
#include "tests/bench/face_bench.h"
#undef eh_model

#define PICTURES (EH_FACE_MIN_FRAMES + 2)       /* the same one each time: fewer give no indicators */

static const struct eh_pool_gates no_gates = { 1, 0.0 };

static char *read_labels(void)
{
	char *path = shared_dir("data/faces/labels.csv"), *text = eh_xcalloc(1, 65536);
	FILE *f = fopen(path, "r");
	size_t n = f != NULL ? fread(text, 1, 65535, f) : 0;

	text[n] = '\0';
	if (f != NULL)
		(void)fclose(f);
	free(path);
	return text;
}

/* "3dsk/agata.jpg,agata,female,29,..." */
static bool label(const char *labels, const char *name, char person[32], char *sex)
{
	const char *at = strstr(labels, name), *comma = at != NULL ? strchr(at, ',') : NULL;
	const char *next = comma != NULL ? strchr(comma + 1, ',') : NULL;

	if (next == NULL)
		return false;
	(void)snprintf(person, 32, "%.*s", (int)(next - comma - 1), comma + 1);
	*sex = next[1];
	return true;
}

static bool look(struct bench *b, size_t i, const char *labels, struct skill_rows *rows)
{
	struct eh_answer *a = eh_xcalloc(1, sizeof *a);
	struct eh_image im = bench_photo(b, i);
	struct eh_err err = EH_ERR_INIT;
	char person[32], sex = 0;
	int rc = eh_face_begin(b->face, &err);
	bool ok;

	for (int seen = 0; seen < PICTURES && rc == EH_OK; seen++)
		rc = eh_face_picture(b->face, &im, &err);
	if (rc == EH_OK)
		rc = eh_face_finish(b->face, &a->face, &err);
	a->did_face = 1;
	ok = rc == EH_OK && label(labels, bench_name(b, i), person, &sex);
	if (ok && a->face.frames_used > 0) {
		struct skill_row *row = skill_add(rows);

		eh_vector_pool_gated(&row->vector, "photo", a, 1, no_gates);
		(void)snprintf(row->owner, sizeof row->owner, "%.31s", person);
		row->sex = sex;
		row->set = strncmp(bench_name(b, i), "3dsk", 4) == 0 ? 1 : 0;
	} else {
		printf("  %s: %s\n", bench_name(b, i), ok ? "no usable face" : err.msg);
	}
	picture_free(&im);
	free(a);
	return rc == EH_OK;
}

static int by_person(const void *a, const void *b)
{
	const struct skill_row *x = a, *y = b;
	int order = (int)x->set - (int)y->set;

	return order != 0 ? order : strcmp(x->owner, y->owner);
}

static bool everything(const struct skill_row *row)
{
	(void)row;
	return true;
}

static bool large(const struct skill_row *row) { return row->set == 1; }
static bool small(const struct skill_row *row) { return row->set == 0; }

static struct eh_skill across(const struct skill_rows *rows, const size_t *column, size_t d)
{
	struct skill_matrix train = skill_matrix_of(rows, column, d, large);
	struct skill_matrix test = skill_matrix_of(rows, column, d, small);
	double *p = eh_xcalloc(test.rows.n, 2 * sizeof *p);
	struct eh_err err = EH_ERR_INIT;
	struct eh_skill s;
	struct eh_fit fit;

	if (eh_fit_train(&fit, &train.rows, 1, NULL, &err) != EH_OK) {
		printf("%s\n", err.msg);
		exit(3);
	}
	for (size_t i = 0; i < test.rows.n; i++)
		eh_fit_apply(&fit, test.x + i * d, p + 2 * i);
	s = skill_of(rows, &test, p, 0);
	eh_fit_free(&fit);
	free(p);
	skill_matrix_free(&train);
	skill_matrix_free(&test);
	return s;
}

int main(void)
{
	struct skill_rows rows = { NULL, 0, 0 };
	size_t column[EH_VECTOR_N], d = 0;
	struct skill_matrix m;
	struct eh_skill s;
	struct bench b;
	char *labels = NULL;
	double *p = NULL, auc = 0.0;
	bool ok = true;
	int rc = bench_open(&b, "check-skill");

	if (rc != 0)
		goto out;
	labels = read_labels();
	for (size_t i = 0; i < b.n && ok; i++)
		ok = look(&b, i, labels, &rows);
	if (!ok || rows.n == 0) {
		rc = 3;
		goto out;
	}
	qsort(rows.v, rows.n, sizeof *rows.v, by_person);
	d = skill_columns(column, &rows, 0, EH_FACE_N);
	m = skill_matrix_of(&rows, column, d, everything);
	for (uint64_t seed = 1; seed <= SKILL_REPEATS; seed++) {
		p = skill_nested(&m, seed);
		s = skill_of(&rows, &m, p, 0);
		skill_say("all photographs, person-independent", &s);
		auc += s.auc / SKILL_REPEATS;
		free(p);
	}
	ok = skill_bar("AUC, persons unseen in training, mean of the repeats", auc, 0.89, true) && ok;
	s = across(&rows, column, d);
	skill_say("trained on one collection, tested on the other", &s);
	ok = skill_bar("AUC, collection unseen in training", s.auc, 0.85, true) && ok;
	skill_matrix_free(&m);
	rc = ok ? 0 : 1;
out:
	free(rows.v);
	free(labels);
	bench_close(&b);
	return rc;
}

/*
 * Bar: speaker sex from the voice, speakers unseen in training (issue 4; facts/audio.md 9 to 11).
 * skill_voice LABELS SET COPIES: the recordings of the set in labels.csv; COPIES has a folder of originals and one for
 * each kind of degraded copy (tests/bench/skill_copies makes them by the ffmpeg program).  What teaches beside the
 * originals are the copies that `evenhand train` makes (extract/copies.h), each in the fold of its speaker; what is
 * judged are the originals and the copies of the ffmpeg program, of speakers unseen in training.  The rule of ten
 * voiced seconds is off: the recordings of a speaker last about six.  Exit 1 when a bar is missed.
 */
#include "tests/bench/skill.h"

#include "extract/copies.h"
#include "tests/bench/voice_bench.h"

static const char *const kinds[SKILL_KINDS] = { "original", "band8k", "noise15", "opus12" };
static const struct eh_pool_gates no_gates = { 1, 0.1 };

struct recording {
	char file[64], speaker[32], sex;
	struct eh_answer *answer[SKILL_KINDS];
	struct eh_copies ours;
};

static int by_speaker(const void *a, const void *b)
{
	const struct recording *x = a, *y = b;
	int order = strcmp(x->speaker, y->speaker);

	return order != 0 ? order : strcmp(x->file, y->file);
}

/* Lines "SET/file,speaker,sex,..." of the set. */
static size_t read_labels(struct recording *out, size_t most, const char *path, const char *set)
{
	char line[512], name[256], speaker[64], sex[16];
	size_t n = 0;
	FILE *f = fopen(path, "r");

	while (f != NULL && n < most && fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, "%255[^,],%63[^,],%15[^,]", name, speaker, sex) != 3 ||
		    strncmp(name, set, strlen(set)) != 0 || name[strlen(set)] != '/')
			continue;
		(void)snprintf(out[n].file, sizeof out[n].file, "%.63s", name + strlen(set) + 1);
		(void)snprintf(out[n].speaker, sizeof out[n].speaker, "%.31s", speaker);
		out[n++].sex = sex[0];
	}
	if (f != NULL)
		(void)fclose(f);
	qsort(out, n, sizeof *out, by_speaker);
	return n;
}

static bool hear(struct eh_voice *voice, struct recording *r, const char *copies)
{
	for (size_t k = 0; k < SKILL_KINDS; k++) {
		size_t stem = strcspn(r->file, ".");
		char *path = eh_xasprintf("%s/%s/%.*s.wav", copies, kinds[k], (int)stem, r->file);
		bool ok;

		r->answer[k] = eh_xcalloc(1, sizeof *r->answer[k]);
		r->answer[k]->did_voice = 1;
		ok = voice_bench_hear(voice, path, &r->answer[k]->voice);
		free(path);
		if (!ok)
			return false;
	}
	return true;
}

static int take(void *ctx, const struct eh_copy_job *job, const struct eh_copies *c, struct eh_err *err)
{
	struct recording *r = ctx;

	if (c->status != EH_OK)
		return eh_err_set(err, EH_FAIL, "%s: %s", job->path, c->message);
	r[strtoul(job->question, NULL, 10)].ours = *c;
	return EH_OK;
}

/* As `evenhand train` makes them, of the same originals. */
static bool degrade(struct recording *r, size_t n, const char *copies)
{
	struct eh_copy_job *jobs = eh_xcalloc(n, sizeof *jobs);
	struct eh_extractor *x = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_extractor_open_voice(&x, &err);

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(jobs[i].candidate, sizeof jobs[i].candidate, "%s", r[i].speaker);
		(void)snprintf(jobs[i].question, sizeof jobs[i].question, "%zu", i);
		(void)snprintf(jobs[i].path, sizeof jobs[i].path, "%s/%s/%.*s.wav", copies, kinds[0],
			       (int)strcspn(r[i].file, "."), r[i].file);
		jobs[i].level = r[i].answer[0]->voice.level;
	}
	if (rc == EH_OK)
		rc = eh_copies_run(x, jobs, n, 0, take, r, NULL, &err);
	if (rc != EH_OK)
		(void)fprintf(stderr, "%s\n", err.msg);
	eh_extractor_close(&x);
	free(jobs);
	return rc == EH_OK;
}

/* Rows of kind OURS + k are copies of our own. */
#define OURS SKILL_KINDS

static void put_together(struct eh_answer *out, const struct recording *r, size_t kind)
{
	*out = *r->answer[kind < OURS ? kind : 0];
	if (kind >= OURS)
		out->voice = r->ours.voice[kind - OURS];
}

/* One row per recording and kind, or per speaker and kind. */
static struct skill_rows rows_of(const struct recording *r, size_t n, bool whole_speaker)
{
	struct skill_rows out = { NULL, 0, 0 };
	struct eh_answer *together = eh_xcalloc(16, sizeof *together);

	for (size_t i = 0, end = 0; i < n; i = end) {
		for (end = i + 1; whole_speaker && end < n && strcmp(r[end].speaker, r[i].speaker) == 0;)
			end++;
		for (size_t k = 0; k < OURS + EH_COPY_KINDS; k++) {
			struct skill_row *row = skill_add(&out);

			for (size_t j = i; j < end && j < i + 16; j++)
				put_together(&together[j - i], &r[j], k);
			eh_vector_pool_gated(&row->vector, r[i].speaker, together, end - i, no_gates);
			(void)snprintf(row->owner, sizeof row->owner, "%s", r[i].speaker);
			row->sex = r[i].sex;
			row->kind = (uint8_t)k;
		}
	}
	free(together);
	return out;
}

static bool teaches(const struct skill_row *row) { return row->kind == 0 || row->kind >= OURS; }
static bool teaches_clean(const struct skill_row *row) { return row->kind == 0; }
static bool is_judged(const struct skill_row *row) { return row->kind < OURS; }

static const char *owner_of(const struct skill_rows *r, const struct skill_matrix *m, size_t i)
{
	return r->v[m->from[i]].owner;
}

/* The rows of m that are not of this fold, taken out of what is there. */
static struct skill_matrix others(const struct skill_matrix *m, const uint32_t *fold, uint32_t k)
{
	size_t n = 0, d = m->rows.d;
	struct skill_matrix out = { .x = eh_xcalloc(m->rows.n * d, sizeof *out.x),
				    .group = eh_xcalloc(m->rows.n, sizeof *out.group),
				    .owner = eh_xcalloc(m->rows.n, sizeof *out.owner),
				    .copy = eh_xcalloc(m->rows.n, sizeof *out.copy) };

	for (size_t i = 0; i < m->rows.n; i++) {
		if (fold[i] == k)
			continue;
		memcpy(out.x + n * d, m->x + i * d, d * sizeof *out.x);
		out.group[n] = m->group[i];
		out.owner[n] = m->owner[i];
		out.copy[n++] = m->copy[i];
	}
	out.rows = (struct eh_rows){ out.x, out.group, out.owner, n, d, 2, out.copy };
	return out;
}

/* Probabilities of the judged rows, each from a fit that heard nothing of its speaker; caller frees. */
static double *outcome(const struct skill_rows *r, const struct skill_matrix *teach, const struct skill_matrix *judge)
{
	double *p = eh_xcalloc(judge->rows.n, 2 * sizeof *p);
	uint32_t *fold = eh_xcalloc(teach->rows.n, sizeof *fold);
	struct eh_err err = EH_ERR_INIT;

	if (eh_nested_folds(fold, &teach->rows, 1, &err) != EH_OK)
		exit(3);
	for (uint32_t k = 0; k < eh_outer_folds(&teach->rows); k++) {
		struct skill_matrix part = others(teach, fold, k);
		struct eh_fit fit;

		if (eh_fit_train(&fit, &part.rows, 1 + k, NULL, &err) != EH_OK) {
			printf("%s\n", err.msg);
			exit(3);
		}
		for (size_t i = 0, t = 0; i < judge->rows.n; i++) {
			while (strcmp(owner_of(r, teach, t), owner_of(r, judge, i)) != 0)
				t = (t + 1) % teach->rows.n;
			if (fold[t] == k)
				eh_fit_apply(&fit, judge->x + i * judge->rows.d, p + 2 * i);
		}
		eh_fit_free(&fit);
		skill_matrix_free(&part);
	}
	free(fold);
	return p;
}

/* AUC, accuracy and calibration error of what is judged; bars where asked for. */
static bool judge_kinds(const char *taught, const struct skill_rows *rows, const size_t *column, size_t d,
			bool (*take_row)(const struct skill_row *row), bool bars)
{
	struct skill_matrix teach = skill_matrix_of(rows, column, d, take_row);
	struct skill_matrix judge = skill_matrix_of(rows, column, d, is_judged);
	double *p = outcome(rows, &teach, &judge);
	bool ok = true;

	for (uint8_t k = 0; k < SKILL_KINDS; k++) {
		struct eh_skill s = skill_of(rows, &judge, p, k);
		char name[64];

		(void)snprintf(name, sizeof name, "%zu ind., %s, %s", d, taught, kinds[k]);
		skill_say(name, &s);
		if (bars && k == 0) {
			ok = skill_bar("AUC", s.auc, 0.99, true) && ok;
			ok = skill_bar("accuracy", s.accuracy, 0.95, true) && ok;
			ok = skill_bar("calibration error", s.ece, 0.05, false) && ok;
		} else if (bars) {
			ok = skill_bar(kinds[k], s.accuracy, 0.93, true) && ok;
		}
	}
	free(p);
	skill_matrix_free(&judge);
	skill_matrix_free(&teach);
	return ok;
}

static bool measure(const char *what, const struct recording *r, size_t n, bool whole_speaker, bool bars)
{
	struct skill_rows rows = rows_of(r, n, whole_speaker);
	size_t column[EH_VECTOR_N], d = 0, pitch = EH_FACE_N + EH_V_F0_MEDIAN;
	bool ok = true;

	printf("%s\n", what);
	d = skill_columns(column, &rows, EH_FACE_N, EH_VECTOR_N);
	ok = judge_kinds("with copies", &rows, column, d, teaches, bars);
	(void)judge_kinds("clean", &rows, column, d, teaches_clean, false);
	(void)judge_kinds("pitch alone", &rows, &pitch, 1, teaches, false);
	free(rows.v);
	return ok;
}

int main(int argc, char **argv)
{
	struct recording *r = eh_xcalloc(1024, sizeof *r);
	struct eh_voice *voice = NULL;
	size_t n = argc == 4 ? read_labels(r, 1024, argv[1], argv[2]) : 0;
	bool ok = true;

	eh_media_global_init();
	if (n == 0 || eh_voice_open(&voice, NULL) < 0)
		return 2;
	for (size_t i = 0; i < n && ok; i++)
		ok = hear(voice, &r[i], argv[3]);
	eh_voice_close(&voice);
	ok = ok && degrade(r, n, argv[3]);
	if (!ok)
		return 3;
	ok = measure("one row per recording (four of each speaker)", r, n, false, true);
	(void)measure("one row per speaker (no bar: two dozen probabilities cannot fill ten bins)", r, n, true, false);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < SKILL_KINDS; k++)
			free(r[i].answer[k]);
	free(r);
	return ok ? 0 : 1;
}

/*
 * Bar: speaker sex from the voice, speakers unseen in training (issue 4; facts/audio.md 9 to 11).
 * skill_voice LABELS SET COPIES: the recordings of the set in labels.csv; COPIES has a folder of originals and one for
 * each kind of degraded copy (tests/bench/skill_copies makes them).  Training holds the copies, each in the fold of
 * its speaker; originals are judged, and each kind of copy by itself.  The rule of ten voiced seconds is off: the recordings of a
 * speaker last about six.  Exit 1 when a bar is missed.
 */
#include "tests/bench/skill.h"

#include "tests/bench/voice_bench.h"

static const char *const kinds[SKILL_KINDS] = { "original", "band8k", "noise15", "opus12" };
static const struct eh_pool_gates no_gates = { 1, 0.1 };

struct recording {
	char file[64], speaker[32], sex;
	struct eh_answer *answer[SKILL_KINDS];
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

/* One row per recording and kind, or per speaker and kind. */
static struct skill_rows rows_of(const struct recording *r, size_t n, bool whole_speaker)
{
	struct skill_rows out = { NULL, 0, 0 };
	struct eh_answer *together = eh_xcalloc(16, sizeof *together);

	for (size_t i = 0, end = 0; i < n; i = end) {
		for (end = i + 1; whole_speaker && end < n && strcmp(r[end].speaker, r[i].speaker) == 0;)
			end++;
		for (size_t k = 0; k < SKILL_KINDS; k++) {
			struct skill_row *row = skill_add(&out);

			for (size_t j = i; j < end && j < i + 16; j++)
				together[j - i] = *r[j].answer[k];
			eh_vector_pool_gated(&row->vector, r[i].speaker, together, end - i, no_gates);
			(void)snprintf(row->owner, sizeof row->owner, "%s", r[i].speaker);
			row->sex = r[i].sex;
			row->kind = (uint8_t)k;
		}
	}
	free(together);
	return out;
}

static bool everything(const struct skill_row *row)
{
	(void)row;
	return true;
}

static bool measure(const char *what, const struct recording *r, size_t n, bool whole_speaker, bool bars)
{
	struct skill_rows rows = rows_of(r, n, whole_speaker);
	size_t column[EH_VECTOR_N], d = 0, pitch = EH_FACE_N + EH_V_F0_MEDIAN;
	struct skill_matrix m, alone;
	struct eh_skill s;
	double *p = NULL, *q = NULL;
	bool ok = true;

	printf("%s\n", what);
	d = skill_columns(column, &rows, EH_FACE_N, EH_VECTOR_N);
	m = skill_matrix_of(&rows, column, d, everything);
	p = skill_nested(&m, 1);
	for (uint8_t k = 0; k < SKILL_KINDS; k++) {
		char name[64];

		s = skill_of(&rows, &m, p, k);
		(void)snprintf(name, sizeof name, "%zu indicators, %s", d, kinds[k]);
		skill_say(name, &s);
		if (bars && k == 0) {
			ok = skill_bar("AUC", s.auc, 0.99, true) && ok;
			ok = skill_bar("accuracy", s.accuracy, 0.95, true) && ok;
			ok = skill_bar("calibration error", s.ece, 0.05, false) && ok;
		} else if (bars) {
			ok = skill_bar(kinds[k], s.accuracy, 0.93, true) && ok;
		}
	}
	alone = skill_matrix_of(&rows, &pitch, 1, everything);
	q = skill_nested(&alone, 1);
	s = skill_of(&rows, &alone, q, 0);
	skill_say("median pitch alone", &s);
	free(q);
	skill_matrix_free(&alone);
	free(p);
	skill_matrix_free(&m);
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

/* The demo's files: documented tables, fixed counts, real media that come out the same twice. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "demo/inside.h"

#define FIELDS_MAX 16

static char top[] = "/tmp/evenhand-demo-XXXXXX";

static int make_top(void **state)
{
	(void)state;
	return mkdtemp(top) != NULL ? 0 : -1;
}

static int remove_top(void **state)
{
	char rm[] = "rm", rf[] = "-rf";
	char *const argv[] = { rm, rf, top, NULL };

	(void)state;
	return eh_demo_run(argv, -1, NULL, NULL);
}

static struct eh_demo_options options(char *dir, size_t size, const char *name, uint64_t seed)
{
	struct eh_demo_options o = { dir, seed, 2 };

	snprintf(dir, size, "%s/%s", top, name);
	return o;
}

/* The whole file, NUL-terminated; the caller frees. */
static char *slurp(const char *dir, const char *name, size_t *size)
{
	char path[512];
	struct stat st = { 0 };
	char *text = NULL;
	int fd = -1;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	text = malloc((size_t)st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, (size_t)st.st_size), st.st_size);
	text[st.st_size] = '\0';
	close(fd);
	if (size != NULL)
		*size = (size_t)st.st_size;
	return text;
}

/* Cuts the next line off *rest and splits it at its commas; 0 at the end. */
static size_t next_row(char **rest, char *field[FIELDS_MAX])
{
	char *line = strsep(rest, "\n");
	size_t n = 0;

	if (line == NULL || *line == '\0')
		return 0;
	for (char *f = strsep(&line, ","); f != NULL && n < FIELDS_MAX; f = strsep(&line, ","))
		field[n++] = f;
	return n;
}

static void assert_header(const char *text, const char *header)
{
	size_t len = strlen(header);

	assert_true(strncmp(text, header, len) == 0 && text[len] == '\n');
}

static void people_tables_have_the_documented_columns(void **state)
{
	static const struct {
		const char *name, *header;
		size_t rows;
	} tables[] = {
		{ "tables/evaluators.csv", "evaluator_id,unit", 12 },
		{ "tables/candidates.csv", "candidate_id,jurisdiction,position_id,declared.sex", 63 },
		{ "tables/interviews.csv", "candidate_id,question_id,path", 126 },
		{ "tables/consents.csv",
		  "candidate_id,purpose,granted,at,notice,expires,release_id,signature_sha256,purpose_text,"
		  "term_until,policy_version", 63 * 5 - 5 - 3 + 1 },
	};
	char dir[256];
	struct eh_demo_options o = options(dir, sizeof dir, "people", 1);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_demo_make_people(&o, &err), EH_OK);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		char *text = slurp(dir, tables[i].name, NULL);
		char *rest = text, *field[FIELDS_MAX];
		size_t rows = 0, columns = 0;

		assert_header(text, tables[i].header);
		columns = next_row(&rest, field);
		for (size_t n = next_row(&rest, field); n != 0; n = next_row(&rest, field)) {
			assert_int_equal(n, columns);
			rows++;
		}
		assert_int_equal(rows, tables[i].rows);
		free(text);
	}
}

static void only_an_empty_place_or_an_earlier_demo_is_taken(void **state)
{
	char dir[256], path[512];
	struct eh_demo_options o = options(dir, sizeof dir, "place", 1);
	struct eh_err err = EH_ERR_INIT;
	FILE *f = NULL;

	(void)state;
	assert_int_equal(eh_demo_check_dir(dir, &err), EH_OK);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(eh_demo_check_dir(dir, &err), EH_OK);
	snprintf(path, sizeof path, "%s/own.txt", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(eh_demo_check_dir(dir, &err), EH_EEXIST);
	assert_non_null(strstr(err.msg, "not a demo"));
	assert_int_equal(eh_demo_check_dir(path, &err), EH_EEXIST);
	assert_non_null(strstr(err.msg, "not a directory"));
	unlink(path);
	assert_int_equal(eh_demo_make_people(&o, &err), EH_OK);
	assert_int_equal(eh_demo_check_dir(dir, &err), EH_OK);
}

static void half_of_each_sex_declares_it_and_ids_do_not_tell(void **state)
{
	struct eh_demo_person p[EH_DEMO_PERSONS];
	unsigned n[2][2] = { { 0 } }, no_face = 0, webm = 0, changes = 0;
	unsigned consent[EH_DEMO_CONSENT_KINDS] = { 0 };

	(void)state;
	eh_demo_roster(p);
	for (size_t i = 0; i < EH_DEMO_PERSONS; i++) {
		no_face += !p[i].face;
		webm += p[i].webm;
		consent[p[i].consent]++;
		if (p[i].face)
			n[p[i].female][p[i].first]++;
		assert_true(i == 0 || strcmp(p[i - 1].id, p[i].id) < 0);
		changes += i > 0 && p[i].female != p[i - 1].female;
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(p[i].portrait, p[j].portrait);
	}
	for (int s = 0; s < 2; s++)
		for (int first = 0; first < 2; first++)
			assert_int_equal(n[s][first], 15);
	assert_int_equal(no_face, eh_demo_truth()->no_face);
	assert_int_equal(webm, 10);
	/* of 62 neighbours about half differ when the order is random; sorted by sex it would be one */
	assert_in_range(changes, 20, 44);
	assert_int_equal(consent[EH_DEMO_CONSENT_NONE], eh_demo_truth()->no_consent);
	for (int c = EH_DEMO_CONSENT_NONE; c < EH_DEMO_CONSENT_KINDS; c++)
		assert_int_equal(consent[c], 1);
}

static void evaluators_have_fixed_counts_per_sex_and_question(void **state)
{
	static const uint64_t seeds[] = { 0, 1, 2, 21, UINT64_MAX };
	struct eh_demo_person p[EH_DEMO_PERSONS];
	static struct eh_demo_draw d;

	(void)state;
	eh_demo_roster(p);
	for (size_t k = 0; k < sizeof seeds / sizeof seeds[0]; k++) {
		eh_demo_draw(&d, p, seeds[k]);
		for (unsigned e = 0; e < EH_DEMO_EVALUATORS; e++)
			for (unsigned c = 0; c < 4; c++) {
				bool female = c % 2 == 0;
				double n = 0, advanced = 0, wanted = 0;

				for (size_t i = 0; i < EH_DEMO_PERSONS; i++) {
					if (p[i].female != female)
						continue;
					n++;
					advanced += d.advance[e][c / 2][i];
				}
				/* rates of facts/first_road.md 8: E07 .25/.75, E03 .30, the others .60 */
				wanted = n * (e == 6 ? (female ? 0.25 : 0.75) : e == 2 ? 0.30 : 0.60);
				assert_true(advanced > wanted - 1 && advanced < wanted + 1);
			}
	}
}

static void each_evaluator_judges_each_answer_once(void **state)
{
	static bool seen[EH_DEMO_EVALUATORS + 1][EH_DEMO_PERSONS + 1][EH_DEMO_QUESTIONS + 1];
	char dir[256];
	struct eh_demo_options o = options(dir, sizeof dir, "decisions", 7);
	char *text = NULL, *rest = NULL, *f[FIELDS_MAX];
	size_t rows = 0;

	(void)state;
	assert_int_equal(eh_demo_make_decisions(&o, NULL), EH_OK);
	text = rest = slurp(dir, "tables/evaluations.csv", NULL);
	assert_header(text, "evaluator_id,candidate_id,question_id,decision,decided_at");
	next_row(&rest, f);
	for (size_t n = next_row(&rest, f); n != 0; n = next_row(&rest, f)) {
		unsigned e = (unsigned)atoi(f[0] + 1), c = (unsigned)atoi(f[1] + 1), q = (unsigned)atoi(f[2] + 1);

		assert_int_equal(n, 5);
		assert_in_range(e, 1, EH_DEMO_EVALUATORS);
		assert_in_range(c, 1, EH_DEMO_PERSONS);
		assert_in_range(q, 1, EH_DEMO_QUESTIONS);
		assert_true(strcmp(f[3], "advance") == 0 || strcmp(f[3], "reject") == 0);
		assert_false(seen[e][c][q]);
		seen[e][c][q] = true;
		rows++;
	}
	assert_int_equal(rows, EH_DEMO_EVALUATORS * EH_DEMO_ANSWERS);
	free(text);
}

static void assert_same_file(const char *a, const char *b, const char *name, bool same)
{
	size_t na = 0, nb = 0;
	char *ta = slurp(a, name, &na), *tb = slurp(b, name, &nb);

	assert_int_equal(na == nb && memcmp(ta, tb, na) == 0, same);
	free(ta);
	free(tb);
}

static void the_seed_changes_only_decisions_and_their_truth(void **state)
{
	static const char *const fixed[] = { "tables/evaluators.csv", "tables/candidates.csv", "tables/consents.csv",
		"tables/interviews.csv", "truth_candidates.csv" };
	char a[256], b[256], c[256];
	struct eh_demo_options o[3] = { options(a, sizeof a, "a", 3), options(b, sizeof b, "b", 3),
		options(c, sizeof c, "c", 4) };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(eh_demo_make_people(&o[i], NULL), EH_OK);
		assert_int_equal(eh_demo_make_decisions(&o[i], NULL), EH_OK);
	}
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		assert_same_file(a, c, fixed[i], true);
	assert_same_file(a, b, "tables/evaluations.csv", true);
	assert_same_file(a, b, "truth.csv", true);
	assert_same_file(a, c, "tables/evaluations.csv", false);
	assert_same_file(a, c, "truth.csv", false);
}

static bool runs(char *program, char *argument)
{
	char *const argv[] = { program, argument, NULL };

	return eh_demo_run(argv, -1, NULL, NULL) == EH_OK;
}

static bool can_make_media(void)
{
	char ffmpeg[] = "ffmpeg", ffprobe[] = "ffprobe", espeak[] = "espeak-ng";
	char one[] = "-version", two[] = "--version";
	char path[4096];

	return runs(ffmpeg, one) && runs(ffprobe, one) && runs(espeak, two) &&
	       eh_data_path(path, sizeof path, EH_DATA_PORTRAIT, "female/1.jpg", NULL) == EH_OK;
}

/* What ffprobe says of the entries, each line ended by '\n'. */
static void probe(const char *dir, const char *name, const char *entries, char *out, size_t size)
{
	char path[512], what[128];
	char program[] = "ffprobe", v[] = "-v", quiet[] = "error", show[] = "-show_entries";
	char of[] = "-of", csv[] = "csv=p=0";
	char *const argv[] = { program, v, quiet, show, what, of, csv, path, NULL };
	int fd = memfd_create("probe", MFD_CLOEXEC);
	ssize_t n = 0;

	snprintf(path, sizeof path, "%s/media/%s", dir, name);
	snprintf(what, sizeof what, "%s", entries);
	assert_int_equal(eh_demo_run(argv, fd, NULL, NULL), EH_OK);
	n = pread(fd, out, size - 1, 0);
	assert_true(n > 0);
	out[n] = '\0';
	close(fd);
}

/* Index of the first person whose files are WebM or not, so that both kinds are made. */
static size_t first_with(bool webm, struct eh_demo_person *out)
{
	struct eh_demo_person p[EH_DEMO_PERSONS];
	size_t i = 0;

	eh_demo_roster(p);
	while (p[i].webm != webm)
		i++;
	*out = p[i];
	return i;
}

static void assert_interview(const char *dir, const struct eh_demo_person *p, unsigned q)
{
	char name[EH_DEMO_NAME_SIZE], text[512];

	eh_demo_answer_name(name, p, q);
	probe(dir, name, "format=duration", text, sizeof text);
	/* 9..10 s (facts/first_road.md 4); the last Opus packet may stand out by less than its 20 ms */
	assert_true(atof(text) >= 9.0 && atof(text) < 10.02);
	probe(dir, name, "stream=codec_name,width,height,r_frame_rate", text, sizeof text);
	assert_non_null(strstr(text, p->webm ? "vp8,640,480,15/1" : "h264,640,480,15/1"));
	assert_non_null(strstr(text, p->webm ? "opus" : "aac"));
}

static void interviews_are_real_files_and_the_same_when_made_again(void **state)
{
	char a[256], b[256], name[EH_DEMO_NAME_SIZE], path[64];
	struct eh_demo_options oa = options(a, sizeof a, "media a", 1), ob = options(b, sizeof b, "media %02d b", 2);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	if (!can_make_media())
		skip();
	ob.jobs = 1;
	for (int webm = 0; webm < 2; webm++) {
		struct eh_demo_person p;
		size_t i = first_with(webm != 0, &p);

		if (eh_demo_media_of(&oa, i, 1, NULL, &err) != EH_OK ||
		    eh_demo_media_of(&ob, i, 1, NULL, &err) != EH_OK)
			fail_msg("%s", err.msg);
		for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
			assert_interview(a, &p, q);
			eh_demo_answer_name(name, &p, q);
			snprintf(path, sizeof path, "media/%s", name);
			assert_same_file(a, b, path, true);
		}
	}
}

static void put_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f = NULL;

	snprintf(path, sizeof path, "%s/media/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void count_steps(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	uint64_t *seen = ctx;

	(void)what;
	seen[0]++;
	seen[1] = done;
	seen[2] = total;
}

static void files_that_are_there_are_kept_even_without_the_programs(void **state)
{
	char dir[256], name[EH_DEMO_NAME_SIZE], path[64];
	struct eh_demo_options o = options(dir, sizeof dir, "kept", 1);
	uint64_t seen[3] = { 0 };
	struct eh_progress progress = { count_steps, NULL, NULL, seen };
	struct eh_demo_person p;
	size_t i = first_with(false, &p);
	char *old_path = strdup(getenv("PATH") != NULL ? getenv("PATH") : "/usr/bin:/bin"), *text = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = 0, without = 0;

	(void)state;
	assert_int_equal(eh_demo_make_dirs(dir, NULL), EH_OK);
	for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
		eh_demo_answer_name(name, &p, q);
		put_file(dir, name, "mine");
	}
	setenv("PATH", top, 1);
	rc = eh_demo_media_of(&o, i, 1, &progress, &err);
	/* one more has to be made, and there is nothing to make it with */
	snprintf(path, sizeof path, "media/%s", name);
	without = eh_demo_media_of(&o, i, 2, NULL, &err);
	setenv("PATH", old_path, 1);
	free(old_path);
	assert_int_equal(rc, EH_OK);
	assert_int_equal(seen[1], 2);
	assert_int_equal(seen[2], 2);
	text = slurp(dir, path, NULL);
	assert_string_equal(text, "mine");
	free(text);
	assert_int_equal(without, EH_EENV);
	assert_non_null(strstr(err.msg, "ffmpeg"));
	assert_non_null(strstr(err.msg, "install"));
}

static unsigned countdown;

static bool cancel_later(void *ctx)
{
	(void)ctx;
	return countdown == 0 || --countdown == 0;
}

static void cancelling_leaves_no_part_behind(void **state)
{
	char dir[256], pattern[512];
	struct eh_demo_options o = options(dir, sizeof dir, "cancelled", 1);
	struct eh_progress progress = { NULL, NULL, cancel_later, NULL };
	struct eh_err err = EH_ERR_INIT;
	glob_t found = { 0 };

	(void)state;
	if (!can_make_media())
		skip();
	/* questions asked so far: while checking, speaking, and while ffmpeg runs */
	for (unsigned n = 1; n <= 61; n += 12) {
		countdown = n;
		assert_int_equal(eh_demo_media_of(&o, 0, 4, &progress, &err), EH_ECANCEL);
		snprintf(pattern, sizeof pattern, "%s/media/*.part", dir);
		assert_int_equal(glob(pattern, 0, NULL, &found), GLOB_NOMATCH);
	}
}

static void a_failing_program_is_told_with_its_last_words(void **state)
{
	char program[] = "sh", c[] = "-c", script[] = "echo first >&2; echo 'the reason' >&2; exit 3";
	char gone[] = "evenhand-no-such-program";
	char *const bad[] = { program, c, script, NULL };
	char *const none[] = { gone, NULL };
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_demo_run(bad, -1, NULL, &err), EH_FAIL);
	assert_string_equal(err.msg, "sh: exit status 3: the reason");
	assert_int_equal(eh_demo_run(none, -1, NULL, &err), EH_EENV);
	assert_non_null(strstr(err.msg, gone));
}

static void a_failing_file_is_told_by_name_and_leaves_no_part(void **state)
{
	char dir[256], data[256], path[512];
	struct eh_demo_options o = options(dir, sizeof dir, "failing", 1);
	struct eh_demo_person p;
	size_t i = first_with(false, &p);
	char *old = getenv("EVENHAND_DATA") != NULL ? strdup(getenv("EVENHAND_DATA")) : NULL;
	struct eh_err err = EH_ERR_INIT;
	glob_t found = { 0 };
	FILE *f = NULL;
	int rc = 0;

	(void)state;
	if (!can_make_media())
		skip();
	/* a portrait that is no picture */
	snprintf(data, sizeof data, "%s/data", top);
	assert_int_equal(mkdir(data, 0700), 0);
	snprintf(path, sizeof path, "%s/portraits", data);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/portraits/%s", data, p.female ? "female" : "male");
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/portraits/%s", data, p.portrait);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("no picture", f);
	fclose(f);
	setenv("EVENHAND_DATA", data, 1);
	rc = eh_demo_media_of(&o, i, 1, NULL, &err);
	if (old != NULL)
		setenv("EVENHAND_DATA", old, 1);
	else
		unsetenv("EVENHAND_DATA");
	free(old);
	assert_int_equal(rc, EH_FAIL);
	assert_non_null(strstr(err.msg, p.id));
	assert_non_null(strstr(err.msg, "ffmpeg: exit status 1"));
	snprintf(path, sizeof path, "%s/media/*", dir);
	assert_int_equal(glob(path, 0, NULL, &found), GLOB_NOMATCH);
}

static void a_voice_that_espeak_does_not_know_is_an_error(void **state)
{
	struct eh_demo_person p = { .voice = "nobody" };
	char espeak[] = "espeak-ng", version[] = "--version";
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	if (!runs(espeak, version))
		skip();
	assert_int_equal(eh_demo_voices_check(&p, 1, NULL, &err), EH_EENV);
	assert_non_null(strstr(err.msg, "nobody"));
	/* "f" is the beginning of many names, but none of them */
	p.voice = "f";
	assert_int_equal(eh_demo_voices_check(&p, 1, NULL, &err), EH_EENV);
	p.voice = "f1";
	assert_int_equal(eh_demo_voices_check(&p, 1, NULL, &err), EH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_tables_have_the_documented_columns),
		cmocka_unit_test(only_an_empty_place_or_an_earlier_demo_is_taken),
		cmocka_unit_test(half_of_each_sex_declares_it_and_ids_do_not_tell),
		cmocka_unit_test(evaluators_have_fixed_counts_per_sex_and_question),
		cmocka_unit_test(each_evaluator_judges_each_answer_once),
		cmocka_unit_test(the_seed_changes_only_decisions_and_their_truth),
		cmocka_unit_test(interviews_are_real_files_and_the_same_when_made_again),
		cmocka_unit_test(files_that_are_there_are_kept_even_without_the_programs),
		cmocka_unit_test(cancelling_leaves_no_part_behind),
		cmocka_unit_test(a_failing_program_is_told_with_its_last_words),
		cmocka_unit_test(a_failing_file_is_told_by_name_and_leaves_no_part),
		cmocka_unit_test(a_voice_that_espeak_does_not_know_is_an_error),
	};

	return cmocka_run_group_tests_name("demo", tests, make_top, remove_top);
}

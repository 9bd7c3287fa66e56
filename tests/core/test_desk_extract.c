/* desk/: extraction while others change the project: a consent that ends while a worker runs ends what it measures. */
#include "desk_project.h"
#include "paper.h"

#include <sys/wait.h>

static char project[100];
static char recording[1200];
static const char *withdrawn;           /* purpose that another process withdraws, NULL = none */

static void consent(struct eh_desk *d, const char *purpose, bool granted)
{
	struct eh_consent c;
	struct eh_err err = EH_ERR_INIT;
	enum eh_change change;

	memset(&c, 0, sizeof c);
	strcpy(c.candidate, "C01");
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	c.granted = granted;
	paper_sign(&c.release);
	c.at = granted ? 1000 : 2000;
	if (eh_desk_consent(d, &c, &change, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

/* The first step is reported after the plan and before any worker; the store is suspended then. */
static void withdraw_elsewhere(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	pid_t other = done == 0 && total == 1 && withdrawn != NULL ? fork() : -1;
	int status = 1;

	(void)ctx;
	(void)what;
	if (other == 0) {
		struct eh_desk *d = NULL;

		if (eh_desk_open(&d, project, &engine, NULL) != EH_OK)
			_exit(1);
		consent(d, withdrawn, false);
		eh_desk_close(&d);
		_exit(0);
	}
	if (other < 0)
		return;
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
}

static struct eh_extract_report *extract(const char *withdraw)
{
	const struct eh_progress progress = { withdraw_elsewhere, NULL, NULL, NULL };
	const struct eh_extract_options o = { .workers = 1 };
	struct eh_extract_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;

	withdrawn = withdraw;
	if (eh_desk_extract(desk, &o, &progress, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return r;
}

static void begin(const char *path)
{
	static const char *const purposes[] = { "watch", "face", "voice" };
	char line[1400];

	(void)snprintf(project, sizeof project, "%s/desk", temp.dir);
	(void)snprintf(line, sizeof line, "candidate_id,question_id,path\nC01,q1,%s\n", path);
	import(EH_IMPORT_INTERVIEWS, "i.csv", line);
	for (size_t i = 0; i < 3; i++)
		consent(desk, purposes[i], true);
}

/* The answer as it lies in the store, past every mask; false = there is none. */
static bool stored(struct eh_answer *a, struct eh_vector *v)
{
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	int rc, vector;

	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&s, project, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, false, NULL), EH_OK);
	rc = eh_answer_get(txn, "C01", "q1", a, NULL);
	vector = eh_vector_get(txn, "C01", v, NULL);
	eh_txn_abort(&txn);
	eh_store_close(&s);
	assert_int_equal(rc, vector);
	return rc == EH_OK;
}

static size_t refusals(const char *words)
{
	struct eh_journal_entry *entries = NULL;
	size_t n = 0, hits = 0;

	assert_int_equal(eh_desk_journal(desk, 0, &entries, &n, NULL), EH_OK);
	for (size_t i = 0; i < n; i++)
		hits += strcmp(entries[i].verb, "extract.refused") == 0 && strcmp(entries[i].object, "C01") == 0 &&
			strstr(entries[i].detail, words) != NULL;
	eh_list_free(&entries);
	return hits;
}

static void need_recording(void)
{
	const char *shared = getenv("EVENHAND_SHARED");

	(void)snprintf(recording, sizeof recording, "%s/data/video/grid_brbk7n.mpg", shared != NULL ? shared : "");
	if (access(recording, R_OK) != 0)
		skip();
}

/* What one extraction said and left in the store. */
struct left {
	struct eh_extract_report *r;
	struct eh_answer *a;
	struct eh_vector *v;
	size_t refusals;
	bool stored;
};

/* Another process withdraws the purpose (NULL = none) meanwhile; refusals are counted that name `words`. */
static struct left extract_while(const char *path, const char *withdraw, const char *words)
{
	struct left x = { .a = eh_xcalloc(1, sizeof *x.a), .v = eh_xcalloc(1, sizeof *x.v) };

	begin(path);
	x.r = extract(withdraw);
	x.refusals = refusals(words);
	x.stored = stored(x.a, x.v);
	return x;
}

static void left_free(struct left *x)
{
	free(x->r);
	free(x->a);
	free(x->v);
}

static void the_part_without_consent_is_dropped(void **state)
{
	struct left x;

	(void)state;
	need_recording();
	x = extract_while(recording, "face", "face");
	assert_int_equal(x.r->measured, 1);
	assert_int_equal(x.r->withdrawn, 1);
	assert_int_equal(x.refusals, 1);
	assert_true(x.stored);
	assert_int_equal(x.a->did_face, 0);
	assert_int_equal(x.a->did_voice, 1);
	assert_int_equal(x.a->face.frames_sampled, 0);
	assert_int_equal(x.a->face.frames_used, 0);
	assert_false(x.a->face.has_mesh);
	assert_int_equal(x.v->frames_sampled, 0);
	assert_true(x.v->voiced_seconds > 0.0);
	left_free(&x);
}

static void nothing_is_stored_when_nothing_may_be_watched(void **state)
{
	struct left x;

	(void)state;
	need_recording();
	x = extract_while(recording, "watch", "watch");
	assert_int_equal(x.r->measured + x.r->failed, 0);
	assert_int_equal(x.r->withdrawn, 1);
	assert_int_equal(x.refusals, 1);
	assert_false(x.stored);
	left_free(&x);
}

/* That somebody's recording could not be opened is a note about that person as well. */
static void no_note_of_a_failure_either(void **state)
{
	struct left x;

	(void)state;
	x = extract_while("/nowhere/at/all.mp4", "watch", "watch");
	assert_int_equal(x.r->failed, 0);
	assert_int_equal(x.r->withdrawn, 1);
	assert_false(x.stored);
	left_free(&x);
}

static void what_stays_allowed_is_stored_whole(void **state)
{
	struct left x;

	(void)state;
	need_recording();
	x = extract_while(recording, NULL, "");
	assert_int_equal(x.r->measured, 1);
	assert_int_equal(x.r->withdrawn, 0);
	assert_int_equal(x.refusals, 0);
	assert_true(x.stored);
	assert_true(x.a->did_face && x.a->did_voice);
	assert_true(x.a->face.frames_used > 0);
	left_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_part_without_consent_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_stored_when_nothing_may_be_watched, setup, teardown),
		cmocka_unit_test_setup_teardown(no_note_of_a_failure_either, setup, teardown),
		cmocka_unit_test_setup_teardown(what_stays_allowed_is_stored_whole, setup, teardown),
	};

	return cmocka_run_group_tests_name("extraction and consent", tests, NULL, NULL);
}

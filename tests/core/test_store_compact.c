/* store/: rewriting the store without its free pages, beside others who read and write. */
#include "temp_project.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/codec.h"

#define COMMITS 60

static struct temp_project p;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&p);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&p);
	return 0;
}

static struct eh_bytes text(const char *s)
{
	return (struct eh_bytes){ (const unsigned char *)s, strlen(s) };
}

/* Stores or deletes "k0".."k(n-1)" in one commit. */
static int change(struct eh_store *s, const char *prefix, size_t n, bool put)
{
	struct eh_txn *txn = NULL;
	char key[32], value[300];
	int rc = eh_txn_begin(&txn, s, true, NULL);

	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		(void)snprintf(key, sizeof key, "%s%zu", prefix, i);
		memset(value, 'x', sizeof value);
		(void)snprintf(value, sizeof value, "SECRET-%s-%zu", prefix, i);
		rc = put ? eh_txn_put(txn, EH_T_VECTORS, text(key),
				      (struct eh_bytes){ (const unsigned char *)value, sizeof value }, NULL)
			 : eh_txn_del(txn, EH_T_VECTORS, text(key), NULL);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, NULL);
	eh_txn_abort(&txn);
	return rc;
}

static uint64_t count(struct eh_store *s)
{
	struct eh_txn *txn = NULL;
	uint64_t n = 0;

	assert_int_equal(eh_txn_begin(&txn, s, false, NULL), EH_OK);
	assert_int_equal(eh_txn_count(txn, EH_T_VECTORS, &n, NULL), EH_OK);
	eh_txn_abort(&txn);
	return n;
}

static size_t occurrences(const char *what, long *size)
{
	char path[128];
	struct stat st;
	size_t n = 0;
	char *all;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/store/data.mdb", eh_store_dir(p.store));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	all = malloc((size_t)st.st_size);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(all, 1, (size_t)st.st_size, f), st.st_size);
	(void)fclose(f);
	for (char *at = all; (at = memmem(at, (size_t)(all + st.st_size - at), what, strlen(what))) != NULL; at++)
		n++;
	free(all);
	*size = (long)st.st_size;
	return n;
}

static void deleted_values_are_gone_and_the_others_stay(void **state)
{
	long before = 0, after = 0;
	bool done = false;

	(void)state;
	assert_int_equal(change(p.store, "keep", 40, true), EH_OK);
	assert_int_equal(change(p.store, "drop", 400, true), EH_OK);
	assert_int_equal(change(p.store, "drop", 400, false), EH_OK);
	assert_true(occurrences("SECRET-drop", &before) > 0);           /* what makes the rewriting needed */
	assert_int_equal(eh_store_compact(p.store, NULL, &done, NULL), EH_OK);
	assert_true(done);
	assert_int_equal(occurrences("SECRET-drop", &after), 0);
	assert_true(after < before);
	assert_true(occurrences("SECRET-keep", &after) >= 40);
	assert_int_equal(count(p.store), 40);
	assert_int_equal(change(p.store, "more", 5, true), EH_OK);      /* it is writable as before */
	assert_int_equal(count(p.store), 45);
	assert_int_equal(eh_store_compact(p.store, NULL, &done, NULL), EH_OK);
	assert_true(done);
	assert_int_equal(count(p.store), 45);
}

struct heard {
	pthread_t by;
	uint64_t steps, done, total;
};

static void hear(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct heard *h = ctx;

	(void)what;
	assert_true(pthread_equal(h->by, pthread_self()));
	assert_true(done >= h->done && done <= total);
	h->steps++;
	h->done = done;
	h->total = total;
}

static void who_waits_hears_how_far_it_is(void **state)
{
	struct heard h = { .by = pthread_self() };
	struct eh_progress progress = { .step = hear, .ctx = &h };
	long before = 0;
	bool done = false;

	(void)state;
	assert_int_equal(change(p.store, "drop", 2000, true), EH_OK);
	assert_int_equal(change(p.store, "drop", 1990, false), EH_OK);
	(void)occurrences("SECRET-drop", &before);
	assert_int_equal(eh_store_compact(p.store, &progress, &done, NULL), EH_OK);
	assert_true(done);
	assert_int_equal(count(p.store), 10);
	assert_true(h.steps >= 1);
	assert_int_equal(h.done, h.total);
	assert_in_range(h.total, 1, before);
}

static void not_while_a_transaction_of_ours_is_open(void **state)
{
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	bool done = true;

	(void)state;
	assert_int_equal(eh_txn_begin(&txn, p.store, false, NULL), EH_OK);
	assert_int_equal(eh_store_compact(p.store, NULL, &done, &err), EH_EINVAL);
	assert_false(done);
	eh_txn_abort(&txn);
	assert_int_equal(eh_store_compact(p.store, NULL, &done, &err), EH_OK);
	assert_true(done);
}

/* Somebody idle, without any transaction: a reader table does not show them, yet their next commit must not go into a
 * file that nobody reads any more. */
static void not_while_another_process_has_it_open_not_even_an_idle_one(void **state)
{
	char dir[100], c = 0;
	int up[2], down[2], status = -1;
	bool done = true;
	pid_t pid;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_store_dir(p.store));
	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(down), 0);
	eh_store_suspend(p.store);
	pid = fork();
	if (pid == 0) {
		struct eh_store *s = NULL;
		int rc = eh_store_open(&s, dir, NULL);

		(void)alarm(30);
		(void)!write(up[1], "r", 1);
		(void)!read(down[0], &c, 1);
		if (rc == EH_OK)
			rc = change(s, "theirs", 3, true);
		eh_store_close(&s);
		_exit(rc == EH_OK ? 0 : 1);
	}
	assert_int_equal(read(up[0], &c, 1), 1);
	assert_int_equal(eh_store_compact(p.store, NULL, &done, NULL), EH_OK);
	assert_false(done);
	assert_int_equal(change(p.store, "ours", 2, true), EH_OK);
	assert_int_equal(write(down[1], "g", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(count(p.store), 5);
	assert_int_equal(eh_store_compact(p.store, NULL, &done, NULL), EH_OK);
	assert_true(done);
	assert_int_equal(count(p.store), 5);
}

/* A process that opens, commits and leaves again and again, while this one rewrites as often as it can. */
static void no_acknowledged_commit_is_lost_beside_a_rewriting(void **state)
{
	char dir[100], key[32];
	int status = -1, rewritten = 0;
	bool done = false;
	pid_t pid;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_store_dir(p.store));
	eh_store_suspend(p.store);
	pid = fork();
	if (pid == 0) {
		(void)alarm(60);
		for (int i = 0; i < COMMITS; i++) {
			struct eh_store *s = NULL;

			(void)snprintf(key, sizeof key, "c%d-", i);
			if (eh_store_open(&s, dir, NULL) != EH_OK || change(s, key, 1, true) != EH_OK)
				_exit(1);
			eh_store_close(&s);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		assert_int_equal(eh_store_compact(p.store, NULL, &done, NULL), EH_OK);
		rewritten += done;
		eh_store_suspend(p.store);
	}
	print_message("# %d rewritings beside %d commits\n", rewritten, COMMITS);
	assert_int_equal(status, 0);
	assert_true(rewritten > 0);
	assert_int_equal(count(p.store), COMMITS);
}

/* kill -9 at any moment leaves the old file or the new one, whole, and nobody locked out. */
static void a_rewriting_that_is_killed_leaves_a_whole_store(void **state)
{
	char dir[100];

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_store_dir(p.store));
	assert_int_equal(change(p.store, "keep", 2000, true), EH_OK);
	for (int round = 0; round < 12; round++) {
		int status = -1;
		pid_t pid;

		eh_store_suspend(p.store);
		pid = fork();
		if (pid == 0) {
			struct eh_store *s = NULL;
			bool done = false;

			(void)alarm(30);
			if (eh_store_open(&s, dir, NULL) == EH_OK)
				for (;;)
					(void)eh_store_compact(s, NULL, &done, NULL);
			_exit(1);
		}
		(void)usleep((useconds_t)(4000 + 1300 * round));
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(count(p.store), 2000);
		assert_int_equal(change(p.store, "extra", 1, true), EH_OK);
		assert_int_equal(change(p.store, "extra", 1, false), EH_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deleted_values_are_gone_and_the_others_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_hears_how_far_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(not_while_a_transaction_of_ours_is_open, setup, teardown),
		cmocka_unit_test_setup_teardown(not_while_another_process_has_it_open_not_even_an_idle_one, setup,
						teardown),
		cmocka_unit_test_setup_teardown(no_acknowledged_commit_is_lost_beside_a_rewriting, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rewriting_that_is_killed_leaves_a_whole_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* store/: projects, transactions, scans, suspend and resume, kill -9 in the middle of commits. */
#include "temp_project.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/rng.h"
#include "store/codec.h"

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

static void an_aborted_change_is_not_there(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_bytes v;

	(void)state;
	assert_int_equal(eh_txn_put(txn, EH_T_META, text("k"), text("v"), NULL), EH_OK);
	eh_txn_abort(&txn);
	assert_null(txn);
	assert_int_equal(eh_txn_begin(&txn, p.store, false, NULL), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_META, text("k"), &v, NULL), EH_ENOENT);
	eh_txn_abort(&txn);
}

static int collect(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	(void)value;
	(void)err;
	eh_buf_add(ctx, key.data, key.len);
	eh_buf_add(ctx, ",", 1);
	return EH_OK;
}

static void a_scan_sees_one_prefix_in_key_order(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_bytes key, v;
	struct eh_key prefix = eh_key_of("b");
	struct eh_buf got;

	(void)state;
	for (const char *const *k = (const char *const[]){ "c", "b2", "a", "b", "bb", NULL }; *k != NULL; k++) {
		struct eh_key kk = eh_key_of(*k);

		eh_key_str(&kk, "x");
		assert_int_equal(eh_txn_put(txn, EH_T_ANSWERS, eh_key_bytes(&kk), text("v"), NULL), EH_OK);
	}
	eh_key_end(&prefix);                            /* "b" whole, not "b2" or "bb" */
	eh_buf_init(&got, 1000);
	assert_int_equal(eh_txn_scan(txn, EH_T_ANSWERS, eh_key_bytes(&prefix), collect, &got, NULL), EH_OK);
	assert_memory_equal(got.data, "b\0x,", got.len);
	assert_int_equal(got.len, 4);
	eh_buf_reset(&got);
	assert_int_equal(eh_txn_scan(txn, EH_T_ANSWERS, (struct eh_bytes){ NULL, 0 }, collect, &got, NULL), EH_OK);
	assert_memory_equal(got.data, "a\0x,b\0x,b2\0x,bb\0x,c\0x,", got.len);
	assert_int_equal(eh_txn_last(txn, EH_T_ANSWERS, eh_key_bytes(&prefix), &key, &v, NULL), EH_OK);
	assert_memory_equal(key.data, "b\0x", 3);
	assert_int_equal(eh_txn_last(txn, EH_T_ANSWERS, text("zz"), &key, &v, NULL), EH_ENOENT);
	assert_int_equal(eh_txn_del(txn, EH_T_ANSWERS, text("none"), NULL), EH_ENOENT);
	eh_buf_free(&got);
	eh_txn_abort(&txn);
}

static void a_number_in_a_key_keeps_number_order(void **state)
{
	struct eh_key a, b;

	(void)state;
	eh_key_init(&a);
	eh_key_init(&b);
	eh_key_u64(&a, 255);
	eh_key_u64(&b, 256);
	assert_true(memcmp(a.data, b.data, 8) < 0);
	assert_int_equal(eh_key_get_u64(eh_key_bytes(&b), 0), 256);
}

static void a_key_too_long_is_refused_not_cut(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_key k;
	struct eh_err err = EH_ERR_INIT;
	char part[300];

	(void)state;
	memset(part, 'x', sizeof part - 1);
	part[sizeof part - 1] = '\0';
	eh_key_init(&k);
	eh_key_str(&k, part);
	eh_key_str(&k, part);
	assert_true(k.bad);
	assert_int_equal(eh_txn_put(txn, EH_T_META, eh_key_bytes(&k), text("v"), &err), EH_ERANGE);
	eh_txn_abort(&txn);
}

static void a_key_too_long_finds_nothing_and_is_no_prefix_of_everything(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_bytes key, v;
	struct eh_key k = eh_key_of("a");
	struct eh_buf got;
	char part[EH_KEY_MAX + 1];

	(void)state;
	memset(part, 'x', sizeof part - 1);
	part[sizeof part - 1] = '\0';
	assert_int_equal(eh_txn_put(txn, EH_T_ANSWERS, text("a"), text("v"), NULL), EH_OK);
	eh_key_str(&k, part);
	eh_buf_init(&got, 100);
	assert_int_equal(eh_txn_get(txn, EH_T_ANSWERS, eh_key_bytes(&k), &v, NULL), EH_ENOENT);
	assert_int_equal(eh_txn_del(txn, EH_T_ANSWERS, eh_key_bytes(&k), NULL), EH_ENOENT);
	assert_int_equal(eh_txn_scan(txn, EH_T_ANSWERS, eh_key_bytes(&k), collect, &got, NULL), EH_ERANGE);
	assert_int_equal(eh_txn_last(txn, EH_T_ANSWERS, eh_key_bytes(&k), &key, &v, NULL), EH_ERANGE);
	assert_int_equal(got.len, 0);
	eh_buf_free(&got);
	eh_txn_abort(&txn);
}

static void a_damaged_counter_is_an_error_and_never_begins_again(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	struct eh_key k = eh_key_of("next");
	struct eh_err err = EH_ERR_INIT;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(eh_txn_next(txn, "audit", &n, NULL), EH_OK);
	assert_int_equal(n, 1);
	eh_key_str(&k, "audit");
	assert_int_equal(eh_txn_put(txn, EH_T_META, eh_key_bytes(&k), text("abc"), NULL), EH_OK);
	assert_int_equal(eh_txn_next(txn, "audit", &n, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "audit"));
	eh_txn_abort(&txn);
}

static void a_record_with_bytes_left_over_is_damaged(void **state)
{
	struct eh_reader r;

	(void)state;
	eh_reader_init(&r, "\1\0x", 3);
	(void)eh_get_u16(&r);
	assert_int_equal(eh_record_close(&r, "finding", NULL), EH_EFORMAT);
	(void)eh_get_u8(&r);
	assert_int_equal(eh_record_close(&r, "finding", NULL), EH_OK);
}

static void the_oldest_view_of_all_sessions_is_told(void **state)
{
	struct eh_txn *old = NULL, *txn = NULL;
	struct eh_store_stat st;

	(void)state;
	assert_int_equal(eh_store_stat(p.store, &st, NULL), EH_OK);
	assert_int_equal(st.oldest_reader_lag, 0);
	assert_int_equal(eh_txn_begin(&old, p.store, false, NULL), EH_OK);
	for (int i = 0; i < 3; i++) {
		txn = temp_txn(&p);
		assert_int_equal(
			eh_txn_put(txn, EH_T_META, text("k"), (struct eh_bytes){ (unsigned char *)&i, sizeof i }, NULL),
			EH_OK);
		assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	}
	assert_int_equal(eh_store_stat(p.store, &st, NULL), EH_OK);
	assert_int_equal(st.oldest_reader_lag, 3);
	assert_int_equal(st.readers, 2);
	eh_txn_abort(&old);
}

/* A file that may not grow fails as a full disk does: in the middle of the commit. */
static void a_commit_that_fails_changes_nothing_and_the_next_one_works(void **state)
{
	static char big[1 << 20];
	struct rlimit whole, small;
	struct eh_txn *txn = temp_txn(&p);
	struct eh_err err = EH_ERR_INIT;
	struct eh_bytes v;
	char path[300];
	struct stat st;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/store/data.mdb", eh_store_dir(p.store));
	assert_int_equal(eh_txn_put(txn, EH_T_META, text("k"), text("before"), NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	small = (struct rlimit){ (rlim_t)st.st_size, whole.rlim_max };
	(void)signal(SIGXFSZ, SIG_IGN);
	txn = temp_txn(&p);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(eh_txn_put(txn, EH_T_META, text("k"), text("after"), NULL), EH_OK);
	assert_int_equal(
		eh_txn_put(txn, EH_T_META, text("big"), (struct eh_bytes){ (unsigned char *)big, sizeof big }, NULL),
		EH_OK);
	assert_true(eh_txn_commit(&txn, &err) < 0);
	assert_null(txn);
	assert_non_null(strstr(err.msg, "storing"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	(void)signal(SIGXFSZ, SIG_DFL);
	txn = temp_txn(&p);
	assert_int_equal(eh_txn_get(txn, EH_T_META, text("k"), &v, NULL), EH_OK);
	assert_memory_equal(v.data, "before", v.len);
	assert_int_equal(eh_txn_get(txn, EH_T_META, text("big"), &v, NULL), EH_ENOENT);
	assert_int_equal(eh_txn_put(txn, EH_T_META, text("k"), text("later"), NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
}

/* Opens, takes the writer's place, says so, and stays. */
static void sit_on_the_lock(const char *dir, int fd)
{
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;

	if (eh_store_open(&s, dir, NULL) == EH_OK && eh_txn_begin(&txn, s, true, NULL) == EH_OK &&
	    write(fd, "w", 1) == 1)
		(void)pause();
	_exit(1);
}

static void opening_to_read_does_not_wait_for_a_writer(void **state)
{
	char dir[200], c = 0;
	struct eh_txn *txn = NULL;
	int fds[2];
	pid_t pid;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_store_dir(p.store));
	eh_store_close(&p.store);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		sit_on_the_lock(dir, fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	(void)alarm(5);                 /* ends the test where the opening waits */
	assert_int_equal(eh_store_open(&p.store, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, p.store, false, NULL), EH_OK);
	(void)alarm(0);
	eh_txn_abort(&txn);
	assert_int_equal(kill(pid, SIGKILL), 0);
	(void)waitpid(pid, NULL, 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static int refuse(struct eh_txn *txn, void *ctx, struct eh_err *err)
{
	(void)txn;
	(void)ctx;
	return eh_err_set(err, EH_FAIL, "no");
}

static int put_first(struct eh_txn *txn, void *ctx, struct eh_err *err)
{
	return eh_txn_put(txn, EH_T_META, text("first"), text(ctx), err);
}

static void a_project_begins_with_its_first_entry_or_not_at_all(void **state)
{
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	struct eh_bytes v;
	char path[200], word[] = "v";

	(void)state;
	(void)snprintf(path, sizeof path, "%s/other", p.dir);
	assert_int_equal(eh_store_create(path, refuse, NULL, NULL), EH_FAIL);
	assert_int_equal(eh_store_open(&s, path, NULL), EH_ENOENT);
	assert_int_equal(eh_store_create(path, put_first, word, NULL), EH_OK);
	assert_int_equal(eh_store_open(&s, path, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, false, NULL), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_META, text("first"), &v, NULL), EH_OK);
	eh_txn_abort(&txn);
	eh_store_close(&s);
}

static void a_newer_record_is_refused_by_name(void **state)
{
	struct eh_buf b;
	struct eh_reader r;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	eh_buf_init(&b, 100);
	eh_record_begin(&b, 3);
	assert_int_equal(eh_record_open(&r, (struct eh_bytes){ b.data, b.len }, 2, NULL, "finding", &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "version 3"));
	eh_buf_free(&b);
}

static void suspended_means_no_file_of_the_store_is_open(void **state)
{
	struct eh_txn *txn = temp_txn(&p);
	char path[300], link[300];
	int open_files = 0;

	(void)state;
	assert_int_equal(eh_txn_put(txn, EH_T_META, text("k"), text("v"), NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_suspend(p.store);
	eh_store_suspend(p.store);
	for (int fd = 3; fd < 64; fd++) {
		ssize_t n;

		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n = readlink(path, link, sizeof link - 1);
		if (n > 0) {
			link[n] = '\0';
			open_files += strstr(link, ".mdb") != NULL;
		}
	}
	assert_int_equal(open_files, 0);
	assert_int_equal(eh_store_resume(p.store, NULL), EH_OK);
	assert_true(eh_store_version(p.store) > 0);
}

static void files_are_private_and_open_directories_refused(void **state)
{
	char path[300];
	struct stat st;
	struct eh_store *s = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/store/data.mdb", eh_store_dir(p.store));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(path, sizeof path, "%s/other", p.dir);
	assert_int_equal(eh_store_create(path, NULL, NULL, NULL), EH_OK);
	assert_int_equal(eh_store_create(path, NULL, NULL, NULL), EH_EEXIST);
	assert_int_equal(chmod(path, 0705), 0);
	assert_int_equal(eh_store_open(&s, path, &err), EH_EENV);
	assert_non_null(strstr(err.msg, "chmod"));
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(eh_store_open(&s, path, &err), EH_EENV);
	assert_int_equal(eh_store_open(&s, "/nonexistent", &err), EH_ENOENT);
}

/* Seven numbers per commit, an acknowledgement on a pipe after it (facts/reliability.md 10.2). */
static void writer(const char *dir, int fd)
{
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;

	if (eh_store_open(&s, dir, NULL) != EH_OK)
		_exit(1);
	for (;;) {
		uint64_t last = 0;

		if (eh_txn_begin(&txn, s, true, NULL) != EH_OK)
			_exit(1);
		for (int i = 0; i < 7; i++) {
			struct eh_key k;

			(void)eh_txn_next(txn, "n", &last, NULL);
			eh_key_init(&k);
			eh_key_u64(&k, last);
			(void)eh_txn_put(txn, EH_T_JOURNAL, eh_key_bytes(&k), (struct eh_bytes){ k.data, k.len }, NULL);
		}
		if (eh_txn_commit(&txn, NULL) != EH_OK || write(fd, &last, sizeof last) != sizeof last)
			_exit(1);
	}
}

static void kill_9_loses_nothing_acknowledged(void **state)
{
	char dir[200];
	struct eh_rng r;
	uint64_t acked = 0;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", eh_store_dir(p.store));
	eh_store_close(&p.store);
	eh_rng_seed(&r, 42);
	for (int round = 0; round < 40; round++) {
		uint64_t v, count = 0;
		struct eh_bytes key, value;
		struct eh_txn *txn = NULL;
		int fds[2];
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0)
			writer(dir, fds[1]);
		(void)close(fds[1]);
		(void)usleep((useconds_t)(5000 + eh_rng_below(&r, 25000)));
		assert_int_equal(kill(pid, SIGKILL), 0);
		(void)waitpid(pid, NULL, 0);
		while (read(fds[0], &v, sizeof v) == sizeof v)
			acked = v;
		(void)close(fds[0]);
		assert_int_equal(eh_store_open(&p.store, dir, NULL), EH_OK);
		assert_int_equal(eh_txn_begin(&txn, p.store, false, NULL), EH_OK);
		assert_int_equal(eh_txn_count(txn, EH_T_JOURNAL, &count, NULL), EH_OK);
		assert_true(count >= acked);
		assert_int_equal(count % 7, 0);
		if (count > 0) {
			assert_int_equal(
				eh_txn_last(txn, EH_T_JOURNAL, (struct eh_bytes){ NULL, 0 }, &key, &value, NULL),
				EH_OK);
			assert_int_equal(eh_key_get_u64(key, 0), count);
		}
		eh_txn_abort(&txn);
		eh_store_close(&p.store);
	}
	assert_true(acked > 0);
	assert_int_equal(eh_store_open(&p.store, dir, NULL), EH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_aborted_change_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_scan_sees_one_prefix_in_key_order, setup, teardown),
		cmocka_unit_test(a_number_in_a_key_keeps_number_order),
		cmocka_unit_test_setup_teardown(a_key_too_long_is_refused_not_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_too_long_finds_nothing_and_is_no_prefix_of_everything, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_damaged_counter_is_an_error_and_never_begins_again, setup, teardown),
		cmocka_unit_test(a_record_with_bytes_left_over_is_damaged),
		cmocka_unit_test_setup_teardown(the_oldest_view_of_all_sessions_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_commit_that_fails_changes_nothing_and_the_next_one_works, setup,
						teardown),
		cmocka_unit_test_setup_teardown(opening_to_read_does_not_wait_for_a_writer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_project_begins_with_its_first_entry_or_not_at_all, setup, teardown),
		cmocka_unit_test(a_newer_record_is_refused_by_name),
		cmocka_unit_test_setup_teardown(suspended_means_no_file_of_the_store_is_open, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_private_and_open_directories_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(kill_9_loses_nothing_acknowledged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

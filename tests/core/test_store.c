/* store/: projects, transactions, scans, suspend and resume, kill -9 in the middle of commits. */
#include "temp_project.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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
	assert_int_equal(eh_store_create(path, NULL), EH_OK);
	assert_int_equal(eh_store_create(path, NULL), EH_EEXIST);
	assert_int_equal(chmod(path, 0705), 0);
	assert_int_equal(eh_store_open(&s, path, &err), EH_EENV);
	assert_non_null(strstr(err.msg, "chmod"));
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
			assert_int_equal(eh_txn_last(txn, EH_T_JOURNAL, (struct eh_bytes){ NULL, 0 }, &key, &value, NULL), EH_OK);
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
		cmocka_unit_test(a_newer_record_is_refused_by_name),
		cmocka_unit_test_setup_teardown(suspended_means_no_file_of_the_store_is_open, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_private_and_open_directories_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(kill_9_loses_nothing_acknowledged, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

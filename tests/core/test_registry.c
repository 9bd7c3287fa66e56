/* policy/registry, loosened, diff: who may activate a text, what is kept of it, what is told of two versions. */
#include "temp_project.h"

#include "base/mem.h"
#include "policy/diff.h"
#include "policy/registry.h"
#include "store/codec.h"

static struct temp_project p;
static struct eh_txn *txn;
static const struct eh_actor anna = { 1001, "anna" }, ben = { 1002, "ben" };

static int setup(void **state)
{
	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eh_txn_abort(&txn);
	temp_project_close(&p);
	return 0;
}

static struct eh_policy_version version_of(const char *name, const char *text)
{
	struct eh_policy_version v;

	memset(&v, 0, sizeof v);
	(void)snprintf(v.name, sizeof v.name, "%s", name);
	strcpy(v.version, "1.0");
	eh_sha256_hex(v.hash, text, strlen(text));
	return v;
}

static int propose(struct eh_policy_version *v, const struct eh_actor *who, const char *text, const char *reason)
{
	return eh_registry_propose(txn, who, 100, reason, v, text, strlen(text), NULL);
}

static void an_approval_needs_another_account(void **state)
{
	struct eh_policy_version v = version_of("house", "return 1"), got;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	v.has_editor = true;
	v.editor = 1003;
	assert_int_equal(propose(&v, &anna, "return 1", "because"), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &anna, 200, "mine is good", &v, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "anna (uid 1001) proposed house 1.0"));
	assert_non_null(strstr(err.msg, "second person"));
	/* the same uid under another name is the same person */
	assert_int_equal(eh_registry_approve(txn, &(struct eh_actor){ 1001, "root" }, 200, "x", &v, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_approve(txn, &(struct eh_actor){ 1003, "cleo" }, 200, "x", &v, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "cleo (uid 1003) last edited"));
	assert_int_equal(eh_registry_approve(txn, &ben, 200, " \t", &v, &err), EH_EINVAL);
	assert_int_equal(eh_registry_in_state(txn, "house", EH_POLICY_ACTIVE, &got, &err), EH_ENOENT);
	assert_int_equal(eh_registry_approve(txn, &ben, 200, "read it", &v, &err), EH_OK);
	assert_int_equal(eh_registry_in_state(txn, "house", EH_POLICY_ACTIVE, &got, &err), EH_OK);
	assert_memory_equal(&got, &v, sizeof v);
	assert_int_equal(got.approved.at, 200);
	assert_string_equal(got.approved.who.login, "ben");
	assert_string_equal(got.proposed.reason, "because");
	/* twice is once too often */
	assert_int_equal(eh_registry_approve(txn, &ben, 300, "again", &v, &err), EH_ESTALE);
}

/* Through sudo neither the one nor the other way round. */
static void sudo_is_no_second_person(void **state)
{
	struct eh_policy_version v = version_of("house", "return 1"), got;
	struct eh_actor behind;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	v.has_behind = true;
	v.behind = ben.uid;
	assert_int_equal(propose(&v, &anna, "return 1", "because"), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &ben, 200, "x", &v, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "proposed through sudo house 1.0"));
	assert_int_equal(eh_registry_get(txn, "house", v.hash, &got, &err), EH_OK);
	assert_true(got.has_behind);
	assert_int_equal(got.behind, ben.uid);
	assert_int_equal(eh_registry_second_person(&anna, &got, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_second_person(&(struct eh_actor){ 1003, "cleo" }, &got, &err), EH_OK);
	assert_int_equal(setenv("SUDO_UID", "4000000000", 1), 0);
	assert_true(eh_actor_behind(&behind));
	assert_int_equal(behind.uid, 4000000000u);
	assert_string_equal(behind.login, "uid4000000000");
	for (const char *const *bad = (const char *const[]){ "", "-1", "1x", " 7", "4294967295", "99999999999", NULL };
	     *bad != NULL; bad++) {
		assert_int_equal(setenv("SUDO_UID", *bad, 1), 0);
		assert_false(eh_actor_behind(&behind));
	}
	assert_int_equal(unsetenv("SUDO_UID"), 0);
}

static void one_text_of_a_name_is_active_and_one_waits(void **state)
{
	struct eh_policy_version a = version_of("house", "a"), b = version_of("house", "b"),
				 c = version_of("house", "c"), got;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(propose(&a, &anna, "a", ""), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &ben, 200, "x", &a, &err), EH_OK);
	assert_int_equal(propose(&a, &ben, "a", ""), EH_EEXIST);
	assert_int_equal(propose(&b, &anna, "b", ""), EH_OK);
	assert_int_equal(propose(&b, &ben, "b", ""), EH_EEXIST);
	assert_int_equal(propose(&c, &ben, "c", ""), EH_OK);
	assert_int_equal(eh_registry_get(txn, "house", b.hash, &got, &err), EH_OK);
	assert_int_equal(got.state, EH_POLICY_RETIRED);
	/* who looked at b cannot activate c by it */
	assert_int_equal(eh_registry_approve(txn, &anna, 300, "x", &got, &err), EH_ESTALE);
	assert_int_equal(eh_registry_approve(txn, &anna, 300, "x", &c, &err), EH_OK);
	assert_int_equal(eh_registry_get(txn, "house", a.hash, &got, &err), EH_OK);
	assert_int_equal(got.state, EH_POLICY_RETIRED);
	assert_non_null(strstr(got.retired.reason, "replaced by 1.0"));
	/* a retired text comes back through the same door only */
	assert_int_equal(propose(&a, &anna, "a", ""), EH_OK);
	assert_int_equal(eh_registry_get(txn, "house", a.hash, &got, &err), EH_OK);
	assert_int_equal(got.approved.at, 0);
	assert_int_equal(eh_registry_approve(txn, &anna, 400, "x", &a, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 500, "", &c, &err), EH_EINVAL);
}

static int count_ending(void *ctx, const char *name, const struct eh_policy_mark *asked, struct eh_err *err)
{
	(void)err;
	assert_string_equal(name, "house");
	assert_string_equal(asked->reason, "wrong");
	++*(int *)ctx;
	return EH_OK;
}

static int endings(void)
{
	int n = 0;

	assert_int_equal(eh_registry_endings_each(txn, count_ending, &n, NULL), EH_OK);
	return n;
}

static void what_audits_run_ends_with_two_persons(void **state)
{
	struct eh_policy_version a = version_of("house", "a"), b = version_of("house", "b"), got;
	struct eh_policy_mark asked;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(propose(&a, &anna, "a", ""), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &ben, 200, "x", &a, &err), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 300, "wrong", &a, &err), EH_OK);
	assert_int_equal(a.state, EH_POLICY_ACTIVE);
	assert_int_equal(eh_registry_get(txn, "house", a.hash, &got, &err), EH_OK);
	assert_int_equal(got.state, EH_POLICY_ACTIVE);
	assert_int_equal(endings(), 1);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 301, "wrong", &a, &err), EH_EREFUSED);
	/* not as another account either, when anna is behind it */
	assert_int_equal(eh_registry_retire(txn, &ben, &anna, 301, "wrong", &a, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_stay(txn, "house", a.hash, " ", &err), EH_EINVAL);
	assert_int_equal(eh_registry_stay(txn, "house", b.hash, "no", &err), EH_ENOENT);
	assert_int_equal(eh_registry_stay(txn, "house", a.hash, "no", &err), EH_OK);
	assert_int_equal(endings(), 0);
	/* it begins anew; what was asked of a text ends with that text */
	assert_int_equal(eh_registry_retire(txn, &ben, NULL, 302, "wrong", &a, &err), EH_OK);
	assert_int_equal(propose(&b, &anna, "b", ""), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &ben, 303, "x", &b, &err), EH_OK);
	assert_int_equal(endings(), 0);
	assert_int_equal(eh_registry_retire(txn, &ben, &anna, 303, "wrong", &b, &err), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 303, "wrong", &b, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_stay(txn, "house", b.hash, "asked again by ben alone", &err), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &ben, NULL, 304, "wrong", &b, &err), EH_OK);
	assert_int_equal(eh_registry_ending(txn, "house", b.hash, &asked, &err), EH_OK);
	assert_int_equal(asked.who.uid, ben.uid);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 305, "wrong", &b, &err), EH_OK);
	assert_int_equal(b.state, EH_POLICY_RETIRED);
	assert_int_equal(eh_registry_in_state(txn, "house", EH_POLICY_ACTIVE, &got, &err), EH_ENOENT);
	assert_int_equal(endings(), 0);
}

static void what_was_active_last_is_known_whatever_is_done_to_its_record(void **state)
{
	struct eh_policy_version a = version_of("house", "a"), shipped = version_of(EH_POLICY_DEFAULT_NAME, "s");
	char hash[EH_DIGEST_HEX];
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_registry_last_active(txn, "house", hash, &err), EH_ENOENT);
	assert_int_equal(propose(&a, &anna, "a", ""), EH_OK);
	assert_int_equal(eh_registry_last_active(txn, "house", hash, &err), EH_ENOENT);
	assert_int_equal(eh_registry_approve(txn, &ben, 200, "x", &a, &err), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 300, "wrong", &a, &err), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &ben, NULL, 301, "wrong", &a, &err), EH_OK);
	/* proposed again and withdrawn: its record says no more that it was ever active */
	assert_int_equal(propose(&a, &anna, "a", ""), EH_OK);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 302, "no", &a, &err), EH_OK);
	assert_int_equal(a.approved.at, 0);
	assert_int_equal(eh_registry_last_active(txn, "house", hash, &err), EH_OK);
	assert_string_equal(hash, a.hash);
	assert_int_equal(eh_registry_retire_default(txn, &anna, NULL, 303, "x", &shipped, "s", 1, &err), EH_OK);
	assert_int_equal(shipped.state, EH_POLICY_DEFAULT);
	assert_int_equal(eh_registry_last_active(txn, EH_POLICY_DEFAULT_NAME, hash, &err), EH_ENOENT);
	assert_int_equal(eh_registry_retire_default(txn, &ben, NULL, 304, "x", &shipped, "s", 1, &err), EH_OK);
	assert_int_equal(eh_registry_last_active(txn, EH_POLICY_DEFAULT_NAME, hash, &err), EH_OK);
	assert_string_equal(hash, shipped.hash);
}

static void loosening_asks_for_a_reason(void **state)
{
	struct eh_policy_version v = version_of("house", "a");
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	strcpy(v.loosened, "limit 4/5 to 3/4");
	assert_int_equal(eh_registry_propose(txn, &anna, 1, "", &v, "a", 1, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "limit 4/5 to 3/4"));
	assert_int_equal(eh_registry_propose(txn, &anna, 1, "a\033[2J", &v, "a", 1, &err), EH_EINVAL);
	assert_int_equal(eh_registry_propose(txn, &anna, 1, "the court said so", &v, "a", 1, &err), EH_OK);
}

static void texts_are_kept_and_a_changed_one_is_not_run(void **state)
{
	struct eh_policy_version v = version_of("house", "return {}"), got;
	struct eh_key k;
	struct eh_err err = EH_ERR_INIT;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(propose(&v, &anna, "return {}", ""), EH_OK);
	assert_int_equal(eh_registry_text(txn, v.hash, &text, &len, &err), EH_OK);
	assert_string_equal(text, "return {}");
	assert_int_equal(len, 9);
	free(text);
	k = eh_key_of(v.hash);
	assert_int_equal(eh_txn_put(txn, EH_T_POLICY_TEXTS, eh_key_bytes(&k),
				    (struct eh_bytes){ (const unsigned char *)"return {x}", 10 }, &err), EH_OK);
	assert_int_equal(eh_registry_text(txn, v.hash, &text, &len, &err), EH_EFORMAT);
	assert_null(text);
	assert_int_equal(eh_registry_find(txn, "house", "abc", &got, &err), EH_EINVAL);
	assert_int_equal(eh_registry_find(txn, "house", "000000", &got, &err), EH_ENOENT);
	v.hash[12] = '\0';
	assert_int_equal(eh_registry_find(txn, "house", v.hash, &got, &err), EH_OK);
	assert_int_equal(eh_registry_find(txn, "hous", v.hash, &got, &err), EH_ENOENT);
	/* a record of a later layout is refused, not misread */
	k = eh_key_of("house");
	eh_key_str(&k, got.hash);
	assert_int_equal(eh_txn_put(txn, EH_T_POLICIES, eh_key_bytes(&k),
				    (struct eh_bytes){ (const unsigned char *)"\xff\x7f", 2 }, &err), EH_OK);
	assert_int_equal(eh_registry_get(txn, "house", got.hash, &got, &err), EH_EFORMAT);
}

static void the_shipped_default_holds_until_somebody_acts(void **state)
{
	struct eh_policy_version v = version_of(EH_POLICY_DEFAULT_NAME, "own"), other = version_of("house", "h");
	struct eh_err err = EH_ERR_INIT;
	bool holds = false;

	(void)state;
	assert_int_equal(propose(&other, &anna, "h", ""), EH_OK);
	assert_int_equal(eh_registry_approve(txn, &ben, 2, "x", &other, &err), EH_OK);
	assert_int_equal(propose(&v, &anna, "own", ""), EH_OK);
	assert_int_equal(eh_registry_default(txn, &holds, &err), EH_OK);
	assert_true(holds);
	assert_int_equal(eh_registry_retire(txn, &anna, NULL, 3, "no", &v, &err), EH_OK);
	assert_int_equal(eh_registry_default(txn, &holds, &err), EH_OK);
	assert_true(holds);
	v = version_of(EH_POLICY_DEFAULT_NAME, "shipped");
	assert_int_equal(eh_registry_retire_default(txn, &ben, NULL, 4, "", &v, "shipped", 7, &err), EH_EINVAL);
	assert_int_equal(eh_registry_retire_default(txn, &ben, NULL, 4, "we have our own", &v, "shipped", 7, &err),
			 EH_OK);
	assert_int_equal(eh_registry_default(txn, &holds, &err), EH_OK);
	assert_true(holds);                     /* one person alone does not end it */
	assert_int_equal(eh_registry_retire_default(txn, &ben, NULL, 5, "really", &v, "shipped", 7, &err), EH_EREFUSED);
	assert_int_equal(eh_registry_retire_default(txn, &anna, NULL, 6, "agreed", &v, "shipped", 7, &err), EH_OK);
	assert_int_equal(eh_registry_default(txn, &holds, &err), EH_OK);
	assert_false(holds);
}

/* ---- what loosens ---- */

static struct eh_policy_info info(void)
{
	static const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_policy_info i;

	memset(&i, 0, sizeof i);
	i.settings = settings;
	return i;
}

static void loosened_is_what_lets_fewer_findings_through(void **state)
{
	struct eh_policy_info a = info(), b = info();
	char out[EH_LOOSENED_MAX + 1], back[EH_LOOSENED_MAX + 1];

	(void)state;
	eh_policy_loosened(out, &a, &b);
	assert_string_equal(out, "");
	b.settings.limit_num = 8;
	b.settings.limit_den = 10;      /* the same */
	eh_policy_loosened(out, &a, &b);
	assert_string_equal(out, "");
	b.settings.limit_num = 3;
	b.settings.limit_den = 4;
	b.settings.min_group = 20;
	b.settings.min_total = 31;
	b.settings.min_share = 500;
	b.settings.alpha = 0.01;
	strcpy(b.settings.family, "holm");
	b.settings.known_only = true;
	b.n_attributes = 1;
	strcpy(b.attributes[0], "sex");
	eh_policy_loosened(out, &a, &b);
	assert_string_equal(out,
			    "limit 4/5 to 3/4; minimum of a group 10 to 20 persons; minimum in all 30 to 31 persons; "
			    "smallest share 2.00 to 5.00 %; alpha 0.05 to 0.01; correction bh to holm; looks at 1 "
			    "named attribute instead of at all; predicted classes no more used");
	/* the way back tightens all of it */
	eh_policy_loosened(back, &b, &a);
	assert_string_equal(back, "");
	a = b;
	strcpy(a.attributes[a.n_attributes++], "race");
	a.n_intersect = 1;
	strcpy(a.intersect[0][0], "sex");
	strcpy(a.intersect[0][1], "race");
	b.has_gate = true;
	strcpy(b.settings.family, "by");
	eh_policy_loosened(out, &a, &b);
	assert_string_equal(out, "correction holm to by; looks at race no more; crosses sex and race no more; has a "
			    "gate that can close attributes");
}

static void a_pack_that_makes_it_silent_loosens(void **state)
{
	static const struct { const char *before[2], *now[2], *out; } want[] = {        /* from, to; "" = no pack */
		{ { "", "" }, { "", "" }, "" },
		{ { "2020-01-01", "" }, { "", "" }, "" },
		{ { "", "" }, { "2035-01-01", "" }, "notifies nobody before 2035-01-01" },
		{ { "", "" }, { "2020-01-01", "2026-12-31" },
		  "notifies nobody before 2020-01-01; notifies nobody after 2026-12-31" },
		{ { "2026-01-01", "2027-12-31" }, { "2026-01-01", "2027-12-30" }, "notifies nobody after 2027-12-30" },
		{ { "2026-01-01", "2027-12-31" }, { "2025-01-01", "2028-01-01" }, "" },
		{ { "2026-01-01", "2027-12-31" }, { "2026-01-02", "" }, "notifies nobody before 2026-01-02" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct eh_policy_info a = info(), b = info();
		char out[EH_LOOSENED_MAX + 1];

		strcpy(a.pack.name, want[i].before[0][0] != '\0' ? "P" : "");
		strcpy(a.pack.from, want[i].before[0]);
		strcpy(a.pack.to, want[i].before[1]);
		strcpy(b.pack.name, want[i].now[0][0] != '\0' ? "P" : "");
		strcpy(b.pack.from, want[i].now[0]);
		strcpy(b.pack.to, want[i].now[1]);
		eh_policy_loosened(out, &a, &b);
		assert_string_equal(out, want[i].out);
	}
}

/* ---- differences ---- */

static char *unified(const char *a, const char *b, size_t context)
{
	struct eh_diff_line *v = NULL;
	struct eh_buf out;
	size_t changes, n = eh_diff_lines(&v, a, strlen(a), b, strlen(b), &changes);
	char *text;

	eh_buf_init(&out, 1u << 20);
	eh_diff_unified(&out, v, n, "old", "new", context);
	text = eh_xstrdup(eh_buf_cstr(&out));
	eh_buf_free(&out);
	free(v);
	return text;
}

static void differences_are_told_as_patch_reads_them(void **state)
{
	static const struct { const char *a, *b, *want; } cases[] = {
		{ "", "", "" },
		{ "x\n", "x\n", "" },
		{ "", "x\n", "--- old\n+++ new\n@@ -0,0 +1,1 @@\n+x\n" },
		{ "x\n", "", "--- old\n+++ new\n@@ -1,1 +0,0 @@\n-x\n" },
		{ "a\nb\nc\n", "a\nB\nc\n", "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n",
		  "--- old\n+++ new\n@@ -9,1 +9,2 @@\n 9\n+0\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n", "0\n1\n2\n3\n4\n5\n6\n",
		  "--- old\n+++ new\n@@ -1,1 +1,2 @@\n+0\n 1\n@@ -6,2 +7,1 @@\n 6\n-7\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *got = unified(cases[i].a, cases[i].b, 1);

		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

/* Longest common subsequence by the table, for texts of single letters on lines. */
static size_t common(const char *a, size_t na, const char *b, size_t nb)
{
	static size_t t[41][41];

	memset(t, 0, sizeof t);
	for (size_t i = 1; i <= na; i++)
		for (size_t k = 1; k <= nb; k++)
			t[i][k] = a[i - 1] == b[k - 1] ? t[i - 1][k - 1] + 1
				: t[i - 1][k] > t[i][k - 1] ? t[i - 1][k] : t[i][k - 1];
	return t[na][nb];
}

static void letters(char *letter, char *text, size_t *n, unsigned *seed)
{
	*n = (*seed = *seed * 1103515245u + 12345u) >> 16 & 31;
	for (size_t i = 0; i < *n; i++) {
		*seed = *seed * 1103515245u + 12345u;
		letter[i] = (char)('a' + (*seed >> 16) % 4);
		text[2 * i] = letter[i];
		text[2 * i + 1] = '\n';
	}
}

static void differences_are_the_fewest_there_are(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char a[40], b[40], ta[80], tb[80];
		struct eh_diff_line *v = NULL;
		size_t na, nb, changes, n, old = 0, new = 0;

		letters(a, ta, &na, &seed);
		letters(b, tb, &nb, &seed);
		n = eh_diff_lines(&v, ta, 2 * na, tb, 2 * nb, &changes);
		assert_int_equal(changes, na + nb - 2 * common(a, na, b, nb));
		for (size_t i = 0; i < n; i++) {
			if (v[i].kind != '+')
				assert_int_equal(v[i].text[0], a[old++]);
			if (v[i].kind != '-' && v[i].kind != ' ')
				assert_int_equal(v[i].text[0], b[new]);
			new += v[i].kind != '-';
		}
		assert_int_equal(old, na);
		assert_int_equal(new, nb);
		free(v);
	}
}

static void texts_with_too_many_differences_are_told_as_blocks(void **state)
{
	struct eh_buf a, b;
	struct eh_diff_line *v = NULL;
	size_t changes, n;

	(void)state;
	eh_buf_init(&a, 1u << 20);
	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&a, "same\n");
	eh_buf_printf(&b, "same\n");
	for (int i = 0; i < 20000; i++) {
		eh_buf_printf(&a, "a%d\n", i);
		eh_buf_printf(&b, "b%d\n", i);
	}
	n = eh_diff_lines(&v, (const char *)a.data, a.len, (const char *)b.data, b.len, &changes);
	assert_int_equal(n, 40001);
	assert_int_equal(changes, 40000);
	assert_int_equal(v[0].kind, ' ');
	assert_int_equal(v[20000].kind, '-');
	assert_int_equal(v[20001].kind, '+');
	free(v);
	eh_buf_free(&a);
	eh_buf_free(&b);
}

/* A day that the source does not give is a typed word, not a text that sorts behind all days. */
static void days_that_are_not_known_are_weighed_as_what_they_say(void **state)
{
	static const struct { const char *from, *to, *next_from, *next_to, *says; } cases[] = {
		{ "2020-01-01", "", "unknown", "", "" },
		{ "unknown", "", "2020-01-01", "", "notifies nobody before 2020-01-01" },
		{ "unknown", "", "unknown", "", "" },
		{ "unknown", "", "unknown", "unknown", "notifies nobody any more" },
		{ "unknown", "2026", "unknown", "unknown", "notifies nobody any more" },
		{ "unknown", "unknown", "unknown", "2026", "" },
		{ "unknown", "unknown", "unknown", "unknown", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct eh_policy_info a = info(), b = info();
		char out[EH_LOOSENED_MAX + 1];

		strcpy(a.pack.name, "X");
		strcpy(b.pack.name, "X");
		strcpy(a.pack.from, cases[i].from);
		strcpy(a.pack.to, cases[i].to);
		strcpy(b.pack.from, cases[i].next_from);
		strcpy(b.pack.to, cases[i].next_to);
		eh_policy_loosened(out, &a, &b);
		assert_string_equal(out, cases[i].says);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_approval_needs_another_account),
		T(sudo_is_no_second_person),
		T(one_text_of_a_name_is_active_and_one_waits),
		T(loosening_asks_for_a_reason),
		T(texts_are_kept_and_a_changed_one_is_not_run),
		T(the_shipped_default_holds_until_somebody_acts),
		T(what_audits_run_ends_with_two_persons),
		T(what_was_active_last_is_known_whatever_is_done_to_its_record),
		cmocka_unit_test(loosened_is_what_lets_fewer_findings_through),
		cmocka_unit_test(days_that_are_not_known_are_weighed_as_what_they_say),
		cmocka_unit_test(a_pack_that_makes_it_silent_loosens),
		cmocka_unit_test(differences_are_told_as_patch_reads_them),
		cmocka_unit_test(differences_are_the_fewest_there_are),
		cmocka_unit_test(texts_with_too_many_differences_are_told_as_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

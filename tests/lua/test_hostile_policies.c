/*
 * Hostile policies as whole files, each run as a project would run it: load, check of three findings, compute and its
 * recount, summarise, gate, letters.  The first line of each says what must come:
 *
 *   -- WANT: kind: words|other words; why
 *
 * where kind is refused (at load), the verdict of the first finding, trouble or denied (compute() by the worker and by
 * the recount), own, gate, letter or hook; further ones are joined with " && ".  Without arguments it is a test of
 * tests/lua/hostile/whole; with "table [PART OF A NAME]" it runs the shared samples and the bodies in
 * tests/lua/hostile as well, twice each, and prints a line for each: the target check-hostile-lua.
 */
#include "policy_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "hostile_outcomes.h"
#include "policy/own.h"
#include "policy/project.h"
#include "tests/core/audit_build.h"
#include "worker/worker.h"

#define TIME_MAX 2.5                    /* [s] of one run: load, or check, or gate */
#define PARENT_GROWTH_MAX (8u << 20)    /* [bytes] over everything */
#define PEAK_MARGIN (10u << 20)         /* [bytes] above the cap, as in WANT of 05_string_rep_bomb.lua */
#define FINDINGS 3
#define WANT "-- WANT: "
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

struct outcome {
	char text[12000];                /* "kind: words\n" for each thing that came */
	double longest;                 /* [s] of one run */
	long peak;                      /* [bytes] largest worker above this program's own; 0 = not asked */
};

static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;
static struct eh_audit_data data;
static const char *only = "";           /* a part of the names of the samples that the table is of */

/* ---- what it runs on ---- */

static void make_data(void)
{
	static const char *const groups[] = { "female", "male" };
	struct build b = { NULL, 0, 0, NULL, 0, 0 };

	for (int e = 0; e < 20; e++) {
		char who[8] = "";

		(void)snprintf(who, sizeof who, "E%d", e);
		build_cell(&b, who, "clerk\x1fS1\x1f", 0, 50, 10);
		build_cell(&b, who, "clerk\x1fS2\x1f", 1, 50, 20);
	}
	build_finish(&data, &b, groups, 2);
}

static const struct eh_project *make_project(void)
{
	static struct eh_project_place place = { .code = "US-IL", .candidates = 10, .recordings = 10 };
	static struct eh_project project = { .as_of = "2026-11-30", .places = &place, .n_places = 1 };

	return &project;
}

/* An evaluator's, everybody's, and one whose built-in verdict is not_allowed. */
static void make_findings(struct eh_finding f[FINDINGS])
{
	for (int i = 0; i < FINDINGS; i++)
		f[i] = make_finding();
	f[1].evaluator[0] = '\0';
	f[2].builtin = EH_NOT_ALLOWED;
}

/* ---- running ---- */

static void add(struct outcome *o, const char *kind, const char *words)
{
	size_t used = strlen(o->text);

	(void)snprintf(o->text + used, sizeof o->text - used, "%s: %.900s\n", kind, words);
}

static double timed(struct outcome *o, double start)
{
	double now = eh_monotonic();

	o->longest = now - start > o->longest ? now - start : o->longest;
	return now;
}

static void run_own(struct outcome *o, const struct eh_policy_answer *a)
{
	struct eh_findings found = { NULL, 0 };
	struct eh_err err = EH_ERR_INIT;
	char line[64] = "";

	if (a->trouble[0] != '\0')
		add(o, "trouble", a->trouble);
	if (a->n_own == 0)
		return;
	if (eh_own_findings(&found, a->own, a->n_own, &data, &defaults, &err) != EH_OK) {
		add(o, "denied", err.msg);
		return;
	}
	(void)snprintf(line, sizeof line, "%zu", found.n);
	add(o, "own", line);
	for (size_t i = 0; i < found.n && i < 3; i++)
		add(o, "own", found.v[i].reason);
	eh_findings_free(&found);
}

static void run_letters(struct outcome *o, struct eh_policy *p, const struct eh_finding *f)
{
	const struct eh_hook_notice v[1] = { { "N0001", f, false, 0 } };
	struct eh_hook_answer a[1];
	struct eh_err err = EH_ERR_INIT;
	char line[800] = "";

	if (eh_lua_engine()->notice(p, v, 1, a, &err) != EH_OK) {
		add(o, "hook", err.msg);
		return;
	}
	if (a[0].trouble[0] != '\0')
		add(o, "hook", a[0].trouble);
	(void)snprintf(line, sizeof line, "%s to %u", a[0].silent ? "(silent)" : a[0].text, (unsigned)a[0].n_roles);
	add(o, "letter", line);
	for (uint32_t i = 0; i < a[0].n_roles; i++)
		add(o, "role", a[0].roles[i]);
}

static void run_loaded(struct outcome *o, struct eh_policy *p)
{
	struct eh_finding f[FINDINGS];
	struct eh_verdict v[FINDINGS];
	const struct eh_policy_case c = { .findings = f, .n = FINDINGS, .project = make_project() };
	struct eh_policy_answer *a = eh_xcalloc(1, sizeof *a);
	struct eh_err err = EH_ERR_INIT;
	double start = eh_monotonic();
	bool open = false;

	make_findings(f);
	memset(v, 0, sizeof v);
	a->verdicts = v;
	eh_lua_engine()->lend(p, &data);
	(void)eh_lua_engine()->judge(p, &c, a, &err);
	start = timed(o, start);
	for (int i = 0; i < FINDINGS; i++)
		add(o, eh_verdict_text((enum eh_verdict_kind)v[i].kind), v[i].reason);
	run_own(o, a);
	start = timed(o, start);
	if (eh_lua_engine()->info(p)->has_gate) {
		(void)eh_lua_engine()->gate(p, "US-IL", "race", &open, &err);
		add(o, "gate", open ? "open" : "closed");
		start = timed(o, start);
	}
	if (eh_lua_engine()->info(p)->has_hook) {
		run_letters(o, p, &f[0]);
		(void)timed(o, start);
	}
	free(a->own);
	free(a);
}

static void run_text(struct outcome *o, const char *text, size_t len)
{
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	double start = eh_monotonic();
	int rc = eh_lua_engine()->load_text(&p, "own.lua", text, len, &err);

	(void)timed(o, start);
	if (rc < 0)
		add(o, "refused", err.msg);
	else
		run_loaded(o, p);
	eh_lua_engine()->free(&p);
}

/* ---- judging ---- */

/* Does one line of what came begin with the kind and hold one of the words? */
static bool came(const char *text, const char *want)
{
	size_t kind = strcspn(want, ":");
	const char *words = want[kind] == ':' ? want + kind + 1 + strspn(want + kind + 1, " ") : "";

	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		char copy[1000] = "", wanted[400] = "", *rest = wanted, *word = NULL;

		(void)snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
		(void)snprintf(wanted, sizeof wanted, "%s", words);
		if (strncmp(copy, want, kind) != 0 || copy[kind] != ':')
			continue;
		while ((word = strsep(&rest, "|")) != NULL)
			if (strstr(copy + kind + 1, word) != NULL)
				return true;
	}
	return false;
}

/* NULL, or what is wrong with the outcome; wants: "kind: words && kind: words". */
static const char *judge(const struct outcome *o, const char *wants)
{
	char copy[500] = "", *rest = copy;

	(void)snprintf(copy, sizeof copy, "%s", wants);
	while (rest != NULL) {
		char *next = strstr(rest, " && ");

		if (next != NULL) {
			*next = '\0';
			next += 4;
		}
		if (!came(o->text, rest))
			return "another outcome";
		rest = next;
	}
	if (!eh_text_clean(o->text, true))
		return "a text is not printable";
	return o->longest > TIME_MAX ? "too slow" : NULL;
}

static void read_want(char *out, size_t size, const char *text)
{
	const char *from = strncmp(text, WANT, sizeof WANT - 1) == 0 ? text + sizeof WANT - 1 : "(no WANT line)";

	(void)snprintf(out, size, "%.*s", (int)strcspn(from, ";\n"), from);
}

/* ---- what must not change ---- */

struct traces {
	int descriptors;
	long files;                     /* in the working directory, which is empty before */
	struct eh_verdict good;
};

static int entries_of(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static void look_for_traces(struct traces *t)
{
	struct eh_finding f = make_finding();
	struct eh_policy *p = shipped("evaluator_screen");
	struct eh_err err = EH_ERR_INIT;

	memset(t, 0, sizeof *t);
	(void)eh_lua_engine()->check(p, &f, 1, &defaults, &t->good, NULL, &err);
	eh_lua_engine()->free(&p);
	t->descriptors = entries_of("/proc/self/fd");
	t->files = entries_of(".");
}

static const char *trace(const struct traces *before)
{
	struct traces now;

	look_for_traces(&now);
	if (memcmp(&now.good, &before->good, sizeof now.good) != 0 || now.good.kind != EH_NOTIFY)
		return "a good policy says something else afterwards";
	if (now.descriptors != before->descriptors)
		return "a descriptor is left";
	if (now.files != before->files)
		return "a file is left";
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		return "a child process is left";
	return NULL;
}

/* What the allocator keeps for the next caller is not counted. */
static size_t memory_now(void)
{
	unsigned long pages = 0, resident = 0;
	FILE *in = NULL;

	(void)malloc_trim(0);
	in = fopen("/proc/self/statm", "r");

	if (in != NULL && fscanf(in, "%lu %lu", &pages, &resident) != 2)
		resident = 0;
	if (in != NULL)
		(void)fclose(in);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- samples ---- */

struct sample {
	char name[300];
	char want[500];
	char *text;
	size_t len;
};

static const char *tree(const char *below)
{
	static char dir[4300];
	char helper[4096] = "";

	assert_int_equal(eh_data_path(helper, sizeof helper, EH_DATA_POLICY, "evenhand.lua", NULL), 0);
	(void)snprintf(dir, sizeof dir, "%s/%s", dirname(dirname(helper)), below);
	return dir;
}

static void read_sample(struct sample *s, const char *dir, const char *file, const char *head, const char *tail)
{
	char path[4600] = "";
	FILE *in = NULL;
	size_t at = strlen(head);

	memset(s, 0, sizeof *s);
	(void)snprintf(s->name, sizeof s->name, "%s", file);
	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	in = fopen(path, "rb");
	assert_non_null(in);
	s->text = eh_xcalloc(1, 2 * EH_POLICY_SOURCE_MAX);
	memcpy(s->text, head, at);
	s->len = at + fread(s->text + at, 1, 2 * EH_POLICY_SOURCE_MAX - 1024, in);
	(void)fclose(in);
	read_want(s->want, sizeof s->want, s->text + at);
	memcpy(s->text + s->len, tail, strlen(tail));
	s->len += strlen(tail);
}

static int is_lua(const struct dirent *e) { return strstr(e->d_name, ".lua") != NULL; }

/* A fresh process, so that its largest worker is this sample's. */
static void run_apart(struct outcome *out, const struct sample *s)
{
	struct outcome *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid = 0;

	assert_true(shared != MAP_FAILED);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const long own = (long)memory_now();
		struct rusage workers;

		run_text(shared, s->text, s->len);
		(void)getrusage(RUSAGE_CHILDREN, &workers);
		shared->peak = 1024 * workers.ru_maxrss > own ? 1024 * workers.ru_maxrss - own : 0;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*out = *shared;
	if (status != 0)
		(void)snprintf(out->text, sizeof out->text, "the program itself ended with status %d\n", status);
	(void)munmap(shared, sizeof *shared);
}

/* Times and figures of two runs may differ, words may not. */
static const char *same(const struct outcome *a, const struct outcome *b)
{
	const bool by_clock = strstr(a->text, "the worker") != NULL || strstr(b->text, "the worker") != NULL;

	return by_clock || strcmp(a->text, b->text) == 0 ? NULL : "another outcome the second time";
}

static bool sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return true;
#else
	return false;
#endif
}

/* NULL, or what is wrong. */
static const char *try_sample(const struct sample *s, const struct traces *before, bool apart, struct outcome *o)
{
	struct outcome *second = eh_xcalloc(1, sizeof *second);
	const char *wrong = NULL;

	memset(o, 0, sizeof *o);
	run_text(o, s->text, s->len);
	wrong = judge(o, s->want);
	if (wrong == NULL)
		wrong = trace(before);
	if (wrong == NULL && apart) {
		run_apart(second, s);
		o->peak = second->peak;
		wrong = same(o, second);
		if (wrong == NULL && !sanitized() && (size_t)o->peak > EH_LUA_MEMORY + PEAK_MARGIN)
			wrong = "a worker was larger than its cap";
	}
	free(second);
	return wrong;
}

static size_t print_sample(const struct sample *s, const struct traces *before)
{
	struct outcome *o = eh_xcalloc(1, sizeof *o);
	const char *wrong = try_sample(s, before, true, o);

	(void)printf("%-38s %5.0f ms %6.1f MB  %-4s want \"%s\" got \"%.*s\"%s%s\n", s->name, 1000.0 * o->longest,
		     (double)o->peak / (1 << 20), wrong == NULL ? "ok" : "MISS", s->want, (int)strcspn(o->text, "\n"),
		     o->text, wrong != NULL ? " - " : "", wrong != NULL ? wrong : "");
	if (wrong != NULL)
		(void)printf("%s", o->text);
	(void)fflush(stdout);
	free(o);
	return wrong != NULL;
}

static size_t table_of(const char *dir, bool bodies, const struct traces *before)
{
	struct dirent **list = NULL;
	char where[4300] = "";
	int n = 0;
	size_t misses = 0;

	(void)snprintf(where, sizeof where, "%s", dir);
	n = scandir(where, &list, is_lua, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		struct sample s;
		char want[400] = "";

		if (strstr(list[i]->d_name, only) == NULL) {
			free(list[i]);
			continue;
		}
		read_sample(&s, where, list[i]->d_name, bodies ? WRAP_HEAD "check = function(f)\n" : "",
			    bodies ? "\nend }" : "");
		/* of a body of check() the kind of what must come is not written */
		if (bodies && strcmp(s.want, "ok") != 0) {
			(void)snprintf(want, sizeof want, "policy_error: %.380s", s.want);
			(void)snprintf(s.want, sizeof s.want, "%s", want);
		}
		misses += print_sample(&s, before);
		free(s.text);
		free(list[i]);
	}
	free(list);
	return misses;
}

static size_t table_of_shared(const struct traces *before)
{
	const char *root = getenv("EVENHAND_SHARED");
	char dir[4300] = "";
	size_t misses = 0;

	(void)snprintf(dir, sizeof dir, "%s/hostile_lua", root != NULL ? root : tree("../shared"));
	if (access(dir, R_OK) != 0) {
		(void)printf("the shared samples are not at %s: not run\n", dir);
		return 0;
	}
	for (size_t i = 0; i < N_OF(outcomes); i++) {
		struct sample s;

		if (strstr(outcomes[i].file, only) == NULL)
			continue;
		read_sample(&s, dir, outcomes[i].file, "", "");
		(void)snprintf(s.want, sizeof s.want, "refused: %s", outcomes[i].words);
		/* messages begin with the file's name */
		if (strncmp(outcomes[i].words, outcomes[i].file, strlen(outcomes[i].file)) == 0)
			(void)snprintf(s.want, sizeof s.want, "refused: own.lua%s",
				       outcomes[i].words + strlen(outcomes[i].file));
		misses += print_sample(&s, before);
		free(s.text);
	}
	return misses;
}

/* The locks of the policy profile, each tried. */
static size_t table_of_locks(void)
{
	struct eh_worker_proof proof[32];
	size_t n = sanitized() ? 0 : eh_worker_selftest(EH_WORKER_POLICY, proof, N_OF(proof)), misses = 0;

	if (n == 0)
		(void)printf("the locks cannot hold in a sanitized build: not tried\n");
	for (size_t i = 0; i < n; i++) {
		(void)printf("%-32s %-8s (%s)\n", proof[i].what, proof[i].refused ? "refused" : "ALLOWED",
			     proof[i].how);
		misses += !proof[i].refused;
	}
	return misses;
}

static int print_table(void)
{
	struct traces before;
	size_t misses = 0, start = 0;

	look_for_traces(&before);
	start = memory_now();
	misses += table_of_shared(&before);
	misses += table_of(tree("tests/lua/hostile"), true, &before);
	misses += table_of(tree("tests/lua/hostile/whole"), false, &before);
	misses += table_of_locks();
	(void)printf("%zu misses; this program grew by %.1f MB\n", misses,
		     ((double)memory_now() - (double)start) / (1 << 20));
	return misses > 0 || (!sanitized() && memory_now() > start + PARENT_GROWTH_MAX);
}

/* ---- the test ---- */

static void every_policy_ends_as_it_says_and_leaves_no_trace(void **state)
{
	struct dirent **list = NULL;
	struct traces before;
	char dir[4300] = "";
	int n = 0;
	size_t start = 0;

	(void)state;
	(void)snprintf(dir, sizeof dir, "%s", tree("tests/lua/hostile/whole"));
	n = scandir(dir, &list, is_lua, alphasort);
	assert_true(n >= 25);
	look_for_traces(&before);
	start = memory_now();
	for (int i = 0; i < n; i++) {
		struct outcome *o = eh_xcalloc(1, sizeof *o);
		struct sample s;
		const char *wrong = NULL;

		read_sample(&s, dir, list[i]->d_name, "", "");
		wrong = try_sample(&s, &before, false, o);
		if (wrong != NULL)
			fail_msg("%s: %s (%.2f s): wanted \"%s\", got %s", s.name, wrong, o->longest, s.want, o->text);
		free(o);
		free(s.text);
		free(list[i]);
	}
	free(list);
	if (!sanitized() && memory_now() > start + PARENT_GROWTH_MAX)
		fail_msg("this program grew by %zu bytes", memory_now() - start);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_ends_as_it_says_and_leaves_no_trace),
	};
	char dir[] = "/tmp/eh-hostile-XXXXXX";
	char root[4096] = "";
	int rc = 0;

	/* paths stay as they are from an empty directory in which nothing may be left */
	if (getenv("EVENHAND_DATA") == NULL && realpath(tree("."), root) != NULL)
		(void)setenv("EVENHAND_DATA", root, 1);
	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 2;
	make_data();
	only = argc > 2 ? argv[2] : "";
	rc = argc > 1 && strcmp(argv[1], "table") == 0
		     ? print_table()
		     : cmocka_run_group_tests_name("hostile policies as whole files", tests, NULL, NULL);
	eh_audit_data_free(&data);
	if (chdir("/") != 0)
		rc = 2;
	(void)rmdir(dir);
	return rc;
}

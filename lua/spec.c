/* A policy's spec in a locked worker: the library scripts/author/spec.lua, and what it asks of the core; see author.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/threads.h"
#include "lua/arguments.h"
#include "lua/engine.h"
#include "lua/engine_inside.h"
#include "lua/fixture.h"
#include "lua/lexer.h"
#include "lua/primitives.h"
#include "policy/own.h"

#define LIBRARY "author/spec.lua"
#define FILES_MAX 16 /* that a spec names with dofile or loadfile */
#define N_OF(a) (sizeof(a) / sizeof(a)[0])

struct file {
	char path[256];
	char *text;
	size_t len;
};

/* Everything the worker needs, read before the fork: it can open nothing. */
struct spec_job {
	struct eh_job policy;
	char *library;
	size_t library_len;
	struct file file[FILES_MAX]; /* the spec itself is the first */
	size_t n_files;
};

struct spec_record {
	struct eh_lua_head head;
	uint32_t n;
	struct eh_spec_case v[EH_SPEC_CASES_MAX];
};

struct spec_child {
	struct eh_author_child base; /* first: main gets a pointer to it */
	const struct spec_job *job;
	struct spec_record *record;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static struct spec_child *child_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* ---- where in the spec ---- */

static bool is_spec(const struct spec_child *c, const char *source)
{
	size_t len = strlen(source);

	return source[0] == '@' && (strcmp(source + 1, base_name(c->job->file[0].path)) == 0 ||
				    (len > 9 && strcmp(source + len - 9, "_spec.lua") == 0));
}

/* Pushes "own_spec.lua:12" of the innermost call that is written in a spec, or nothing: false. */
static bool push_place(lua_State *L, const struct spec_child *c)
{
	lua_Debug ar;

	memset(&ar, 0, sizeof ar);
	for (int level = 0; lua_getstack(L, level, &ar) != 0; level++) {
		if (lua_getinfo(L, "Sl", &ar) == 0 || ar.currentline <= 0 || !is_spec(c, ar.source))
			continue;
		lua_pushfstring(L, "%s:%d", ar.source + 1, ar.currentline);
		return true;
	}
	return false;
}

/* Where the library itself noticed something wrong, only the spec's own line helps. */
static const char *without_library(const char *text)
{
	static const char library[] = LIBRARY ":";
	const char *end = NULL;

	if (strncmp(text, library, sizeof library - 1) != 0)
		return text;
	end = text + sizeof library - 1 + strspn(text + sizeof library - 1, "0123456789");
	return strncmp(end, ": ", 2) == 0 ? end + 2 : text;
}

/* An error becomes {failed = is it an assertion's, message = "own_spec.lua:12: ..."}. */
static int on_error(lua_State *L)
{
	const struct spec_child *c = child_of(L);
	const char *text = NULL;
	bool failed = false;

	luaL_checkstack(L, 8, "error");
	if (lua_istable(L, 1)) {
		lua_pushliteral(L, "failed");
		failed = lua_rawget(L, 1) == LUA_TSTRING; // error text
		if (!failed) {
			lua_pop(L, 1);
			lua_pushliteral(L, "an error was raised with a table as its message");
		}
	} else if (lua_type(L, 1) == LUA_TSTRING) {
		lua_pushvalue(L, 1);
	} else {
		lua_pushfstring(L, "an error was raised with a %s as its message", luaL_typename(L, 1));
	}
	text = without_library(lua_tostring(L, 2));
	if (push_place(L, c)) { // error text place
		size_t len = lua_rawlen(L, 3);

		if (strncmp(text, lua_tostring(L, 3), len) == 0 && text[len] == ':')
			lua_pushvalue(L, 2);
		else
			lua_pushfstring(L, "%s: %s", lua_tostring(L, 3), text);
		lua_replace(L, 2);
	}
	lua_settop(L, 2);	  // error text
	lua_createtable(L, 0, 2); // error text result
	lua_pushvalue(L, 2);
	lua_setfield(L, -2, "message");
	lua_pushboolean(L, failed);
	lua_setfield(L, -2, "failed");
	return 1;
}

/* protected(f): true, or false and what on_error made of it */
static int host_protected(lua_State *L)
{
	bool ok = false;

	lua_settop(L, 1);
	lua_pushlightuserdata(L, child_of(L));
	lua_pushcclosure(L, on_error, 1);     // f handler
	lua_insert(L, 1);		      // handler f
	ok = lua_pcall(L, 0, 0, 1) == LUA_OK; // handler | handler result
	if (!ok && !lua_istable(L, -1)) {     /* memory ran out: no handler was called */
		lua_createtable(L, 0, 2);
		lua_insert(L, -2);
		lua_setfield(L, -2, "message");
	}
	lua_pushboolean(L, ok);
	if (ok)
		return 1;
	lua_insert(L, -2); // handler false result
	return 2;
}

/* report(outcome, name, message) */
static int host_report(lua_State *L)
{
	static const char *const words[] = { "passed", "failed", "error", "pending", NULL };
	struct spec_record *r = child_of(L)->record;
	int outcome = luaL_checkoption(L, 1, NULL, words);
	struct eh_spec_case *v = NULL;
	size_t len = 0;
	const char *s = luaL_checklstring(L, 2, &len);

	if (r->n == EH_SPEC_CASES_MAX)
		return luaL_error(L, "more than %d cases in one spec", EH_SPEC_CASES_MAX);
	v = &r->v[r->n++];
	v->outcome = outcome;
	eh_text_printable(v->name, sizeof v->name, s, len);
	s = luaL_checklstring(L, 3, &len);
	eh_text_printable(v->message, sizeof v->message, s, len);
	return 0;
}

/* ---- decisions and verdicts ---- */

static void push_list(lua_State *L, struct eh_fixture *f, struct eh_subject *subjects)
{
	lua_createtable(L, (int)f->findings.n, 0);
	for (size_t i = 0; i < f->findings.n; i++) {
		eh_facts_push(L, &subjects[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

static void apply_settings(lua_State *L, struct eh_audit_settings *s)
{
	static const struct eh_spot at = { "run", NULL, 0 };
	static const char *const names[] = { "limit", "min_group", "min_total", "alpha" };

	if (lua_isnoneornil(L, 3))
		return;
	luaL_checktype(L, 3, LUA_TTABLE);
	eh_arg_fields(L, 3, &at, names, N_OF(names), 0);
	if (eh_arg_field(L, 3, "limit") != LUA_TNIL)
		eh_arg_limit(L, -1, &at, &s->limit_num, &s->limit_den);
	if (eh_arg_field(L, 3, "min_group") != LUA_TNIL)
		s->min_group = (uint32_t)eh_arg_integer(L, -1, &at, "min_group", EH_LUA_PERSONS_MAX);
	if (eh_arg_field(L, 3, "min_total") != LUA_TNIL)
		s->min_total = (uint32_t)eh_arg_integer(L, -1, &at, "min_total", EH_LUA_PERSONS_MAX);
	if (eh_arg_field(L, 3, "alpha") != LUA_TNIL)
		s->alpha = eh_arg_number(L, -1, &at, "alpha", 1e-12, 0.999);
	lua_settop(L, 4); // cells policy settings fixture
}

/* audit(cells, policy, settings?): fixture, facts as check() gets them, facts of which everything may be read */
static int host_audit(lua_State *L)
{
	struct spec_child *c = child_of(L);
	struct eh_fixture *f = NULL;
	struct eh_subject *open = NULL;
	const bool *declared = NULL;

	lua_settop(L, 3);
	f = lua_newuserdatauv(L, sizeof *f, 0); // cells policy settings fixture
	memset(f, 0, sizeof *f);
	lua_pushvalue(L, 4);
	(void)luaL_ref(L, LUA_REGISTRYINDEX); /* facts that the spec keeps refer to it */
	eh_contract_policy(L, 2, &c->job->policy.source, &f->info);
	apply_settings(L, &f->info.settings);
	eh_fixture_audit(L, 1, f);
	lua_settop(L, 4);
	f->verdicts = eh_xcalloc(f->findings.n + 1, sizeof *f->verdicts);
	f->subjects = eh_xcalloc(2 * f->findings.n + 1, sizeof *f->subjects);
	open = f->subjects + f->findings.n;
	declared = eh_contract_needs(&f->info, f->declared) ? f->declared : NULL;
	for (size_t i = 0; i < f->findings.n; i++) {
		f->subjects[i] = (struct eh_subject){ &f->findings.v[i], &f->info.settings, NULL, declared };
		open[i] = (struct eh_subject){ &f->findings.v[i], &f->info.settings, &f->verdicts[i], NULL };
		f->verdicts[i].kind = EH_CANNOT_CONCLUDE;
		(void)snprintf(f->verdicts[i].reason, sizeof f->verdicts[i].reason, "Policy %s does not look at %s.",
			       f->info.name, f->findings.v[i].attribute);
	}
	c->base.sandbox.data = &f->data;
	eh_counts_forget(L);
	push_list(L, f, f->subjects); // ... fixture asked
	push_list(L, f, open);	      // ... fixture asked open
	return 3;
}

static struct eh_fixture *fixture_at(lua_State *L, size_t *i)
{
	struct eh_fixture *f = lua_touserdata(L, 1);
	lua_Integer place = luaL_checkinteger(L, 2);

	if (f == NULL || place < 1 || (size_t)place > f->findings.n)
		luaL_error(L, "summarise() must return a table whose keys are places in its list, 1 to %d",
			   f != NULL ? (int)f->findings.n : 0);
	*i = (size_t)place - 1;
	return f;
}

/* verdict(fixture, i, what check or summarise said) */
static int host_verdict(lua_State *L)
{
	size_t i = 0;
	struct eh_fixture *f = fixture_at(L, &i);
	struct eh_verdict v = f->verdicts[i];

	if (f->subjects[i].verdict == NULL)
		v = (struct eh_verdict){ .kind = EH_OK_VERDICT };
	else if (v.kind == EH_NOT_ALLOWED || v.kind == EH_POLICY_ERROR)
		return luaL_error(L, "summarise() may not change finding %d: its verdict is %s", (int)i + 1,
				  eh_verdict_text((enum eh_verdict_kind)v.kind));
	lua_settop(L, 3);
	eh_contract_verdict(L, 3, f->findings.v[i].evaluator[0] == '\0', &v);
	f->verdicts[i] = v;
	return 0;
}

/* trouble(fixture, i, message) */
static int host_trouble(lua_State *L)
{
	size_t i = 0, len = 0;
	struct eh_fixture *f = fixture_at(L, &i);
	const char *s = luaL_checklstring(L, 3, &len);

	f->verdicts[i] = (struct eh_verdict){ .kind = EH_POLICY_ERROR };
	eh_text_printable(f->verdicts[i].reason, sizeof f->verdicts[i].reason, s, len);
	return 0;
}

/* judged(fixture): from now on the facts have their verdicts, as summarise() gets them */
static int host_judged(lua_State *L)
{
	struct eh_fixture *f = lua_touserdata(L, 1);

	for (size_t i = 0; f != NULL && i < f->findings.n; i++)
		f->subjects[i].verdict = &f->verdicts[i];
	return 0;
}

/* own(fixture, what compute returned): facts of the policy's own findings, counted by the core */
static int host_own(lua_State *L)
{
	struct eh_fixture *f = lua_touserdata(L, 1);
	struct eh_own *own = eh_xcalloc(EH_OWN_MAX, sizeof *own);
	struct eh_findings found = { NULL, 0 };
	struct eh_subject *subjects = NULL;
	struct eh_verdict *verdicts = NULL;
	struct eh_err err = EH_ERR_INIT;
	uint32_t n = 0;

	lua_settop(L, 2);
	n = eh_contract_own(L, 2, own);
	if (eh_own_findings(&found, own, n, &f->data, &f->info.settings, &err) != EH_OK)
		return luaL_error(L, "%s", err.msg);
	subjects = lua_newuserdatauv(L, (n + 1) * sizeof *subjects, 0);
	(void)luaL_ref(L, LUA_REGISTRYINDEX);
	verdicts = eh_xcalloc(n + 1, sizeof *verdicts);
	lua_createtable(L, (int)n, 0);
	for (uint32_t i = 0; i < n; i++) {
		verdicts[i] = own[i].verdict;
		subjects[i] = (struct eh_subject){ &found.v[i], &f->info.settings, &verdicts[i], NULL };
		eh_facts_push(L, &subjects[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	free(own);
	return 1;
}

/* ---- files ---- */

/* Sets the environment of the chunk on top of the stack to the table at env. */
static void set_environment(lua_State *L, int env)
{
	env = lua_absindex(L, env);
	lua_pushvalue(L, env);
	if (lua_setupvalue(L, -2, 1) == NULL)
		lua_pop(L, 1);
}

static const struct file *find_file(lua_State *L, const struct spec_child *c, const char *path)
{
	for (size_t i = 0; i < c->job->n_files; i++)
		if (strcmp(c->job->file[i].path, path) == 0)
			return &c->job->file[i];
	luaL_error(L,
		   "%s is not at hand: a spec reads .lua files below the directory that the command was started in, "
		   "whose path stands in it as a text",
		   path);
	return NULL;
}

/* Pushes the chunk of the policy, wherever it lies, or of another file. */
static void push_chunk(lua_State *L, const struct spec_child *c, const char *path)
{
	const struct eh_source *own = &c->job->policy.source;
	const struct file *file = NULL;

	if (strcmp(base_name(path), own->file) == 0) {
		eh_sandbox_compile(L, own->file, own->text, own->len);
		return;
	}
	file = find_file(L, c, path);
	eh_sandbox_compile(L, base_name(file->path), file->text, file->len);
}

/* dofile(path): the helper library, the policy, or another file in the sandbox's environment */
static int host_dofile(lua_State *L)
{
	const struct spec_child *c = child_of(L);
	const char *path = luaL_checkstring(L, 1);

	if (strcmp(base_name(path), "evenhand.lua") == 0) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
		lua_getfield(L, -1, "evenhand");
		return 1;
	}
	push_chunk(L, c, path);
	lua_call(L, 0, 1);
	return 1;
}

/* loadfile(path, mode, env) */
static int host_loadfile(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);

	lua_settop(L, 3);
	push_chunk(L, child_of(L), path); // path mode env chunk
	if (lua_istable(L, 3))
		set_environment(L, 3);
	return 1;
}

/* ---- the run in the child ---- */

static void push_host(lua_State *L, struct spec_child *c, int policy)
{
	static const luaL_Reg host[] = {
		{ "protected", host_protected },
		{ "report", host_report },
		{ "audit", host_audit },
		{ "verdict", host_verdict },
		{ "trouble", host_trouble },
		{ "judged", host_judged },
		{ "own", host_own },
		{ "dofile", host_dofile },
		{ "loadfile", host_loadfile },
		{ NULL, NULL },
	};

	lua_newtable(L); // host
	lua_pushlightuserdata(L, c);
	luaL_setfuncs(L, host, 1); // host
	lua_pushvalue(L, policy);
	lua_setfield(L, -2, "policy"); // host
}

/* The spec's own globals: the library's names, and the sandbox's behind them. */
static void push_environment(lua_State *L, int names)
{
	lua_newtable(L);				 // env
	for (lua_pushnil(L); lua_next(L, names) != 0;) { // env key value
		lua_pushvalue(L, -2);
		lua_insert(L, -2); // env key key value
		lua_rawset(L, -4); // env key
	}
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "_G"); // env
	lua_createtable(L, 0, 1);
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2); // env
}

static int child_main(lua_State *L)
{
	struct spec_child *c = lua_touserdata(L, 1);
	const struct spec_job *job = c->job;

	luaL_checkstack(L, 20, "spec");
	eh_author_open(L, &c->base);					// c policy
	eh_sandbox_compile(L, LIBRARY, job->library, job->library_len); // c policy library
	push_host(L, c, 2);						// c policy library host
	lua_call(L, 1, 2);						// c policy names run
	push_environment(L, 3);						// c policy names run env
	eh_sandbox_compile(L, base_name(job->file[0].path), job->file[0].text, job->file[0].len);
	set_environment(L, 5); // c policy names run env spec
	lua_call(L, 0, 0);
	lua_settop(L, 4);
	lua_call(L, 0, 0);
	return 0;
}

static void child_job(void *ctx, int fd, void *record)
{
	struct spec_job *job = ctx;
	struct spec_child c = { .base = { .job = &job->policy }, .job = job, .record = record };

	(void)fd;
	eh_crew_alone(); /* the audit of a case can start no thread here */
	eh_mem_plain();
	c.base.head = &c.record->head;
	eh_author_child_run(&c.base, base_name(job->file[0].path), child_main);
}

/* ---- the parent ---- */

/* Below the current directory and named as Lua: nothing else of the disk goes into a spec. */
static bool may_read(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && len < sizeof((struct file *)0)->path && path[0] != '/' &&
	       strcmp(path + len - 4, ".lua") == 0 && strncmp(path, "../", 3) != 0 && strstr(path, "/../") == NULL;
}

/* Reads what the i-th file names as dofile("...") or loadfile("..."); what is not there is found missing when it runs.
 */
static void read_named(struct spec_job *job, size_t i)
{
	struct eh_lexer x;
	struct eh_token t[3] = { { EH_TOKEN_END, "", 0, 0 }, { EH_TOKEN_END, "", 0, 0 }, { EH_TOKEN_END, "", 0, 0 } };

	eh_lexer_begin(&x, job->file[i].text, job->file[i].len);
	do {
		struct file *f = &job->file[job->n_files];
		bool known = false;

		t[0] = t[1];
		t[1] = t[2];
		t[2] = eh_lexer_next(&x);
		if (job->n_files == FILES_MAX || t[2].kind != EH_TOKEN_STRING || t[2].len >= sizeof f->path ||
		    !eh_token_is(&t[1], "(") || (!eh_token_is(&t[0], "dofile") && !eh_token_is(&t[0], "loadfile")))
			continue;
		(void)snprintf(f->path, sizeof f->path, "%.*s", (int)t[2].len, t[2].s);
		for (size_t k = 0; k < job->n_files && !known; k++)
			known = strcmp(job->file[k].path, f->path) == 0;
		if (!known && may_read(f->path) && eh_engine_read(&f->text, &f->len, f->path, NULL) == EH_OK)
			job->n_files++;
	} while (t[2].kind != EH_TOKEN_END);
}

static int prepare(struct spec_job *job, const char *path, struct eh_err *err)
{
	char library[4096] = "";
	int rc = eh_data_path(library, sizeof library, EH_DATA_POLICY, LIBRARY, err);

	if (rc == EH_OK)
		rc = eh_engine_read(&job->library, &job->library_len, library, err);
	if (rc == EH_OK)
		rc = eh_text_copy(job->file[0].path, sizeof job->file[0].path, path, "the spec's path", err);
	if (rc == EH_OK)
		rc = eh_engine_read(&job->file[0].text, &job->file[0].len, path, err);
	if (rc == EH_OK)
		job->n_files = 1;
	for (size_t i = 0; i < job->n_files; i++)
		read_named(job, i);
	return rc;
}

/* Nothing the worker says is believed unchecked. */
static int take_cases(struct eh_spec_result *out, const struct spec_record *r, const char *file, struct eh_err *err)
{
	if (r->n > EH_SPEC_CASES_MAX)
		return eh_err_set(err, EH_EPOLICY, "%s: the worker returned more cases than there can be", file);
	out->v = eh_xcalloc(r->n + 1u, sizeof *out->v);
	for (uint32_t i = 0; i < r->n; i++) {
		const struct eh_spec_case *v = &r->v[i];
		struct eh_spec_case *to = &out->v[i];

		if (v->outcome < 0 || v->outcome >= EH_SPEC_OUTCOMES)
			return eh_err_set(err, EH_EPOLICY, "%s: the worker returned an outcome that there is not",
					  file);
		to->outcome = v->outcome;
		eh_text_printable(to->name, sizeof to->name, v->name, strnlen(v->name, sizeof v->name - 1));
		eh_text_printable(to->message, sizeof to->message, v->message,
				  strnlen(v->message, sizeof v->message - 1));
	}
	out->n = r->n;
	return EH_OK;
}

static int take_record(struct eh_spec_result *out, const struct spec_record *r, const char *file, struct eh_err *err)
{
	char text[EH_LUA_MESSAGE_MAX + 1] = "";
	int rc = take_cases(out, r, file, err);

	out->use.instructions = r->head.instructions;
	out->use.memory = r->head.memory;
	if (rc < 0 || r->head.outcome == EH_LUA_DONE)
		return rc;
	eh_text_printable(text, sizeof text, r->head.message, strnlen(r->head.message, sizeof r->head.message - 1));
	return eh_err_set(err, EH_EPOLICY, "%s%s", text[0] != '\0' ? text : file,
			  text[0] != '\0' ? "" : ": the spec's worker gave no answer");
}

int eh_spec_run(struct eh_spec_result *out, struct eh_policy *p, const char *path, struct eh_err *err)
{
	struct spec_job *job = eh_xcalloc(1, sizeof *job);
	struct eh_worker_spec spec = { .profile = EH_WORKER_POLICY,
				       .job = child_job,
				       .ctx = job,
				       .fd = -1,
				       .record_size = sizeof(struct spec_record),
				       .wall_seconds = EH_LUA_WALL };
	struct eh_worker *w = NULL;
	double start = eh_monotonic();
	int rc = prepare(job, path, err);

	*out = (struct eh_spec_result){ .v = NULL };
	job->policy = eh_engine_job(p);
	if (rc == EH_OK)
		rc = eh_author_wait(&w, &spec, base_name(path), err);
	if (rc == EH_OK)
		rc = take_record(out, eh_worker_record(w), base_name(path), err);
	out->use.seconds = eh_monotonic() - start;
	eh_worker_free(&w);
	for (size_t i = 0; i < FILES_MAX; i++)
		free(job->file[i].text);
	free(job->library);
	free(job);
	return rc;
}

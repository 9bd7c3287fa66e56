/*
 * The prompt: every line runs in a fresh locked worker after the lines before it, which it repeats without showing
 * anything.
 *
 * Nothing in the sandbox depends on a clock, an address or chance, so that repeating the lines gives the same state;
 * and a line that has to be killed takes nothing with it: the next one begins from the lines that ended well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/text.h"
#include "lua/engine.h"
#include "lua/engine_inside.h"
#include "lua/facts.h"
#include "lua/job_inside.h"
#include "lua/names.h"
#include "lua/project.h"
#include "policy/library.h"

#define LIBRARY "author/repl.lua"
#define FILE_NAME "repl"
#define FINDINGS_MAX 2000 /* in the list findings: each is a value of its own in Lua */

struct eh_repl {
	struct eh_job job;
	char *library;
	size_t library_len;
	char *libraries;                /* for evenhand.library: those of the policy, and all others that are shipped */
	char **line; /* [n] that ended well */
	size_t n;
	double seconds; /* [s] CPU they took the last time */
};

/* What one worker is asked: borrowed from the parent. */
struct ask {
	const struct eh_repl *repl;
	const char *text;
	bool complete;
};

struct repl_record {
	struct eh_lua_head head;
	int32_t outcome; /* enum eh_repl_outcome */
	uint32_t len;
	char text[EH_REPL_TEXT_MAX];
};

struct repl_child {
	struct eh_author_child base; /* first: main gets a pointer to it */
	const struct ask *ask;
	struct repl_record *record;
	bool silent; /* a line that is repeated */
	struct eh_subject *subjects;
	int env, show, complete; /* stack indexes */
};

static struct repl_child *child_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

/* ---- in the child ---- */

static void say(struct repl_child *c, const char *s, size_t len)
{
	struct repl_record *r = c->record;

	if (c->silent)
		return;
	len = len < sizeof r->text - r->len ? len : sizeof r->text - r->len;
	memcpy(r->text + r->len, s, len);
	r->len += (uint32_t)len;
}

/* Shows the values from index first on, a line each, where show is. */
static void say_values(lua_State *L, struct repl_child *c, int first, int show)
{
	int last = lua_gettop(L);

	for (int i = first; i <= last; i++) {
		size_t len = 0;
		const char *s = NULL;

		lua_pushvalue(L, show);
		lua_pushvalue(L, i);
		lua_call(L, 1, 1); // ... text
		s = lua_tolstring(L, -1, &len);
		say(c, s, len);
		say(c, "\n", 1);
		lua_pop(L, 1);
	}
}

/* print(...): strings as they are, everything else as the prompt shows it; upvalue 2 is show */
static int host_print(lua_State *L)
{
	struct repl_child *c = child_of(L);
	int n = lua_gettop(L);

	for (int i = 1; i <= n; i++) {
		size_t len = 0;
		const char *s = NULL;

		if (i > 1)
			say(c, "\t", 1);
		if (lua_type(L, i) != LUA_TSTRING) {
			lua_pushvalue(L, lua_upvalueindex(2));
			lua_pushvalue(L, i);
			lua_call(L, 1, 1);
			lua_replace(L, i);
		}
		s = lua_tolstring(L, i, &len);
		say(c, s, len);
	}
	say(c, "\n", 1);
	return 0;
}

static void add_key(lua_State *L, int list)
{
	lua_pushvalue(L, -1);
	lua_rawseti(L, list, (lua_Integer)lua_rawlen(L, list) + 1);
}

/* All keys along a table and the tables behind it, or those that its own pairs gives, into a list. */
static void collect_keys(lua_State *L, int list)
{
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 3); // value list next state key
		for (;;) {
			lua_pushvalue(L, list + 1);
			lua_pushvalue(L, list + 2);
			lua_pushvalue(L, list + 3);
			lua_call(L, 2, 1); // ... key
			if (lua_isnil(L, -1))
				return;
			add_key(L, list);
			lua_replace(L, list + 3);
		}
	}
	if (!lua_istable(L, 1))
		return;
	lua_pushvalue(L, 1); // value list table
	for (int depth = 0; depth < 4 && lua_istable(L, -1); depth++) {
		int table = lua_gettop(L);

		for (lua_pushnil(L); lua_next(L, table) != 0;) {
			lua_pop(L, 1);
			add_key(L, list);
		}
		if (luaL_getmetafield(L, table, "__index") == LUA_TNIL)
			return;
	}
}

/* keys(value): a list in the order of the helper library's pairs, each once */
static int host_keys(lua_State *L)
{
	lua_settop(L, 1);
	luaL_checkstack(L, 12, "keys");
	lua_newtable(L); // value list
	collect_keys(L, 2);
	lua_settop(L, 2);
	lua_newtable(L); // value list set
	for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, 2); i++) {
		int type = lua_rawgeti(L, 2, i);

		if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN) {
			lua_pop(L, 1);
			continue;
		}
		lua_pushboolean(L, 1);
		lua_rawset(L, 3);
	}
	lua_newtable(L); // value list set sorted
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_getfield(L, -1, "next"); // ... globals next
	lua_pushnil(L);		     // ... globals next key
	for (;;) {
		lua_pushvalue(L, 6);
		lua_pushvalue(L, 3);
		lua_pushvalue(L, 7);
		lua_call(L, 2, 1); // ... key following
		if (lua_isnil(L, -1))
			break;
		add_key(L, 4);
		lua_replace(L, 7);
	}
	lua_pushvalue(L, 4);
	return 1;
}

static void push_findings(lua_State *L, struct repl_child *c)
{
	const struct eh_job *job = &c->ask->repl->job;
	size_t n = job->n < FINDINGS_MAX ? job->n : FINDINGS_MAX;

	c->subjects = lua_newuserdatauv(L, (n + 1) * sizeof *c->subjects, 0);
	(void)luaL_ref(L, LUA_REGISTRYINDEX);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		c->subjects[i] = (struct eh_subject){ &job->findings[i], job->settings, NULL, NULL };
		eh_facts_push(L, &c->subjects[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* The prompt's own globals, the sandbox's behind them.  policy is at 2. */
static void push_environment(lua_State *L, struct repl_child *c, int show)
{
	lua_newtable(L); // env
	push_findings(L, c);
	if (lua_rawgeti(L, -1, 1) != LUA_TNIL)
		lua_setfield(L, -3, "f");
	else
		lua_pop(L, 1);
	lua_setfield(L, -2, "findings"); // env
	eh_project_push(L, c->ask->repl->job.project);
	lua_setfield(L, -2, "project");
	lua_pushvalue(L, 2);
	lua_setfield(L, -2, "policy");
	lua_pushliteral(L, "check");
	lua_rawget(L, 2);
	lua_setfield(L, -2, "check");
	lua_pushlightuserdata(L, c);
	lua_pushvalue(L, show);
	lua_pushcclosure(L, host_print, 2);
	lua_setfield(L, -2, "print");
	lua_createtable(L, 0, 1); // env mt
	lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2); // env
}

/* Compiles an expression, or else statements; the function is on the stack, or the message with which the text as
 * statements was refused: false. */
static bool compile(lua_State *L, const char *text)
{
	const char *body = text[0] == '=' ? text + 1 : text;
	char *expression = eh_xasprintf("return %s", body);
	int rc = luaL_loadbufferx(L, expression, strlen(expression), "@" FILE_NAME, "t");

	free(expression);
	if (rc == LUA_OK)
		return true;
	lua_pop(L, 1);
	return luaL_loadbufferx(L, body, strlen(body), "@" FILE_NAME, "t") == LUA_OK;
}

static bool goes_on(const char *message)
{
	static const char end[] = "<eof>";
	size_t len = strlen(message);

	return len >= sizeof end - 1 && strcmp(message + len - (sizeof end - 1), end) == 0;
}

/* One line.  A text that was silent before is silent in its errors too: it changed what it changed. */
static void run_line(lua_State *L, struct repl_child *c, const char *text)
{
	int base = lua_gettop(L);

	c->base.sandbox.instructions = 0; /* the budget is each line's */
	if (!compile(L, text)) {	  // message
		size_t len = 0;
		const char *s = lua_tolstring(L, -1, &len);

		c->record->outcome = goes_on(s) ? EH_REPL_INCOMPLETE : EH_REPL_ERROR;
		say(c, s, len);
		lua_settop(L, base);
		return;
	}
	lua_pushvalue(L, c->env);
	(void)lua_setupvalue(L, -2, 1); // function
	if (!eh_sandbox_call(&c->base.sandbox, 0, LUA_MULTRET)) {
		char message[EH_LUA_MESSAGE_MAX + 1];

		eh_job_message(&c->base.sandbox, message, sizeof message);
		c->record->outcome = EH_REPL_ERROR;
		say(c, message, strlen(message));
	} else if (!c->silent) {
		say_values(L, c, base + 1, c->show);
	}
	lua_settop(L, base);
}

static void complete(lua_State *L, struct repl_child *c)
{
	lua_pushvalue(L, c->complete);
	lua_pushstring(L, c->ask->text);
	lua_pushvalue(L, c->env);
	lua_call(L, 2, 1); // names
	for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
		size_t len = 0;
		const char *s = NULL;

		lua_rawgeti(L, -1, i);
		s = lua_tolstring(L, -1, &len);
		say(c, s, len);
		say(c, "\n", 1);
		lua_pop(L, 1);
	}
}

static int child_main(lua_State *L)
{
	struct repl_child *c = lua_touserdata(L, 1);
	const struct eh_repl *r = c->ask->repl;

	luaL_checkstack(L, 20, "prompt");
	eh_author_open(L, &c->base); // c policy
	eh_sandbox_compile(L, LIBRARY, r->library, r->library_len);
	lua_createtable(L, 0, 1);
	lua_pushcfunction(L, host_keys);
	lua_setfield(L, -2, "keys");
	lua_call(L, 1, 2); // c policy show complete
	c->show = 3;
	c->complete = 4;
	push_environment(L, c, c->show); // c policy show complete env
	c->env = 5;
	c->silent = true;
	for (size_t i = 0; i < r->n; i++)
		run_line(L, c, r->line[i]);
	c->silent = false;
	c->record->outcome = EH_REPL_DONE;
	if (c->ask->complete)
		complete(L, c);
	else
		run_line(L, c, c->ask->text);
	return 0;
}

static void child_job(void *ctx, int fd, void *record)
{
	const struct ask *ask = ctx;
	struct repl_child c = { .base = { .job = &ask->repl->job }, .ask = ask, .record = record };

	(void)fd;
	c.base.head = &c.record->head;
	c.record->outcome = EH_REPL_STOPPED;
	eh_author_child_run(&c.base, FILE_NAME, child_main);
	if (c.record->head.outcome != EH_LUA_DONE)
		c.record->outcome = EH_REPL_STOPPED;
}

/* ---- the parent ---- */

/* What the worker said, made printable; newlines and tabs stay. */
static char *clean(const char *s, size_t len)
{
	char *out = eh_xmalloc(3 * len + 2), *to = out;

	for (const char *end = s + len; s < end;) {
		size_t n = 0;

		while (s + n < end && s[n] != '\n' && s[n] != '\t')
			n++;
		eh_text_printable(to, 3 * n + 1, s, n);
		to += strlen(to);
		s += n;
		if (s < end)
			*to++ = *s++;
	}
	while (to > out && to[-1] == '\n')
		to--;
	*to = '\0';
	return out;
}

/* Asks a worker; NULL: it was stopped, and *why (caller frees) says so. */
static struct eh_worker *ask_worker(const struct ask *ask, char **why)
{
	const unsigned before = (unsigned)(ask->repl->seconds + 1.0);
	struct eh_worker_spec spec = { .profile = EH_WORKER_POLICY,
				       .job = child_job,
				       .ctx = (void *)ask,
				       .fd = -1,
				       .record_size = sizeof(struct repl_record),
				       .wall_seconds = EH_LUA_WALL + ask->repl->seconds,
				       .cpu_seconds = 2 + before };
	struct eh_worker *w = NULL;
	struct eh_err err = EH_ERR_INIT;
	const struct repl_record *r = NULL;

	if (eh_author_wait(&w, &spec, FILE_NAME, &err) != EH_OK) {
		*why = eh_xasprintf("%s", err.msg);
		eh_worker_free(&w);
		return NULL;
	}
	r = eh_worker_record(w);
	if (r->outcome < EH_REPL_DONE || r->outcome >= EH_REPL_STOPPED || r->len > sizeof r->text) {
		*why = clean(r->head.message, strnlen(r->head.message, sizeof r->head.message - 1));
		eh_worker_free(&w);
		return NULL;
	}
	return w;
}

/*
 * What is typed names libraries that the policy's text does not.  A text that names them all carries them all; behind
 * the policy's own they stand second, so that a policy's version runs with those that it was approved with.
 */
static void carry_libraries(struct eh_repl *r)
{
	char *text = eh_xasprintf("--"), *longer = NULL;
	size_t len = 0, own = 0;

	for (size_t i = 0; eh_script_library(i) != NULL; i++) {
		longer = eh_xasprintf("%s evenhand.library(\"%s\")", text, eh_script_library(i)->name);
		free(text);
		text = longer;
	}
	len = strlen(text);
	if (eh_library_complete(&text, &len, "repl", NULL) == EH_OK) {
		own = eh_library_own(text, len);
		r->libraries = eh_xcalloc(1, r->job.libraries_len + len - own + 1);
		memcpy(r->libraries, r->job.libraries, r->job.libraries_len);
		memcpy(r->libraries + r->job.libraries_len, text + own, len - own);
		r->job.libraries = r->libraries;
		r->job.libraries_len += len - own;
	}
	free(text);
}

struct eh_repl *eh_repl_new(struct eh_policy *p, const struct eh_policy_case *c)
{
	struct eh_repl *r = eh_xcalloc(1, sizeof *r);
	char library[4096] = "";

	if (eh_data_path(library, sizeof library, EH_DATA_POLICY, LIBRARY, NULL) != EH_OK ||
	    eh_engine_read(&r->library, &r->library_len, library, NULL) != EH_OK) {
		free(r);
		return NULL;
	}
	r->job = eh_engine_job(p);
	r->job.findings = c->findings;
	r->job.n = c->n;
	r->job.settings = c->settings;
	r->job.project = c->project;
	carry_libraries(r);
	return r;
}

enum eh_repl_outcome eh_repl_run(struct eh_repl *r, const char *line, char **text)
{
	const struct ask ask = { r, line, false };
	double start = eh_monotonic();
	struct eh_worker *w = ask_worker(&ask, text);
	const struct repl_record *record = NULL;
	enum eh_repl_outcome outcome;

	if (w == NULL)
		return EH_REPL_STOPPED;
	record = eh_worker_record(w);
	outcome = (enum eh_repl_outcome)record->outcome;
	*text = clean(record->text, record->len);
	eh_worker_free(&w);
	if (outcome == EH_REPL_DONE || outcome == EH_REPL_ERROR) {
		r->line = eh_xrealloc(r->line, r->n + 1, sizeof *r->line);
		r->line[r->n++] = eh_xasprintf("%s", line);
		r->seconds = eh_monotonic() - start;
	}
	return outcome;
}

size_t eh_repl_complete(struct eh_repl *r, const char *line, char (*names)[EH_REPL_NAME_MAX], size_t max)
{
	const struct ask ask = { r, line, true };
	char *text = NULL;
	struct eh_worker *w = ask_worker(&ask, &text);
	const struct repl_record *record = NULL;
	size_t n = 0;

	if (w != NULL) {
		record = eh_worker_record(w);
		text = clean(record->text, record->len);
	}
	for (char *s = text; w != NULL && *s != '\0' && n < max; s += strcspn(s, "\n"), s += *s == '\n') {
		size_t len = strcspn(s, "\n");

		if (len < EH_REPL_NAME_MAX) {
			memcpy(names[n], s, len);
			names[n++][len] = '\0';
		}
	}
	free(text);
	eh_worker_free(&w);
	return n;
}

void eh_repl_free(struct eh_repl **r)
{
	if (r == NULL || *r == NULL)
		return;
	for (size_t i = 0; i < (*r)->n; i++)
		free((*r)->line[i]);
	free((*r)->line);
	free((*r)->library);
	free((*r)->libraries);
	free(*r);
	*r = NULL;
}

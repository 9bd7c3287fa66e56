/*
 * Random input for what reads a policy's text or bytes: lua_fuzz SECONDS SEED FOLDER...
 *
 * In turn: a spoilt copy of a .lua file of the folders through the linter, which works in the program's own process;
 * a random format through string.format of policies and the library's, which must say the same; random sizes through
 * the pool of small blocks, which must keep what is in them and never hold more than it may.  Run it under sanitizers
 * (SANITIZE=address,undefined).  Prints how many of each, and the seed of what failed.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/text.h"
#include "lua/format.h"
#include "lua/lint.h"
#include "lua/pool.h"
#include "policy/library.h"

#define TEXTS_MAX 400
#define TEXT_MAX 65536u
#define BLOCKS 300
#define HELD_MAX (256u << 10)
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

struct text {
	char *s;
	size_t len;
};

static struct text texts[TEXTS_MAX];
static size_t n_texts;
static uint64_t at_seed;

static void fail(const char *format, ...)
{
	va_list ap;

	(void)printf("seed %llu: ", (unsigned long long)at_seed);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)printf("\n");
	(void)fflush(stdout);
	abort();
}

static size_t below(struct eh_rng *r, size_t n)
{
	return n > 0 ? (size_t)(eh_rng_u64(r) % n) : 0;
}

/* ---- linter ---- */

static void read_folder(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e = NULL;

	while (d != NULL && (e = readdir(d)) != NULL && n_texts < TEXTS_MAX) {
		char path[4400] = "";
		FILE *in = NULL;

		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (strstr(e->d_name, ".lua") == NULL || (in = fopen(path, "rb")) == NULL)
			continue;
		texts[n_texts].s = eh_xmalloc(TEXT_MAX);
		texts[n_texts].len = fread(texts[n_texts].s, 1, TEXT_MAX, in);
		(void)fclose(in);
		if (texts[n_texts].len == 0)
			continue;
		/* with its libraries behind it, as the program looks at it */
		(void)eh_library_complete(&texts[n_texts].s, &texts[n_texts].len, path, NULL);
		texts[n_texts].len = texts[n_texts].len > TEXT_MAX ? TEXT_MAX : texts[n_texts].len;
		n_texts++;
	}
	if (d != NULL)
		(void)closedir(d);
}

static size_t spoil(struct eh_rng *r, char *s, size_t len, size_t room)
{
	static const char *const words[] = { "function", "end", "(", ")", "{", "}", "[[", "]]", "--[==[", "\\", "\"",
					     "'", ".", ":", "local", "return", "facts", "check", "=", "0x", "1e+",
					     "\xff", "\xe2\x80\xae", "needs", "goto", "::", "...", "\n", "#",
					     "evenhand.", "if", "then", "repeat", "for k, v in" };

	for (size_t times = 1 + below(r, 12); times > 0; times--) {
		const struct text *other = &texts[below(r, n_texts)];
		const char *word = words[below(r, N_OF(words))];
		size_t at = below(r, len + 1), n = 0, from = 0;

		switch (below(r, 5)) {
		case 0:         /* a byte */
			if (len > 0)
				s[at % len] = (char)eh_rng_u64(r);
			break;
		case 1:         /* a word put in */
			n = strlen(word);
			if (len + n <= room) {
				memmove(s + at + n, s + at, len - at);
				memcpy(s + at, word, n);
				len += n;
			}
			break;
		case 2:         /* a part taken out */
			n = below(r, len - at + 1);
			n = n > 200 ? n % 200 : n;
			memmove(s + at, s + at + n, len - at - n);
			len -= n;
			break;
		case 3:         /* a part of another */
			from = below(r, other->len);
			n = below(r, other->len - from);
			n = n > 300 ? n % 300 : n;
			n = n > len - at ? len - at : n;
			memcpy(s + at, other->s + from, n);
			break;
		default:        /* the end */
			len = below(r, 8) == 0 ? at : len;
		}
	}
	return len;
}

static void try_lint(struct eh_rng *r)
{
	const struct text *t = &texts[below(r, n_texts)];
	char *spoilt = eh_xmalloc(TEXT_MAX + 4096), *exact = NULL;
	size_t len = t->len;
	struct eh_lint lint = { NULL, 0, 0, "" };

	memcpy(spoilt, t->s, len);
	len = spoil(r, spoilt, len, TEXT_MAX + 4096);
	exact = eh_xmalloc(len + 1);
	memcpy(exact, spoilt, len);
	exact = eh_xrealloc(exact, len > 0 ? len : 1, 1);       /* reading behind it is seen */
	eh_lint_text(&lint, exact, len, NULL);
	for (size_t i = 0; i < lint.n; i++)
		if (strnlen(lint.v[i].text, sizeof lint.v[i].text) == sizeof lint.v[i].text ||
		    !eh_text_clean(lint.v[i].text, false))
			fail("a remark is not printable: %s", lint.v[i].text);
	if (!eh_text_clean(lint.reads, false))
		fail("the list of facts is not printable");
	free(lint.v);
	free(exact);
	free(spoilt);
}

/* ---- format ---- */

static void push_value(lua_State *L, struct eh_rng *r)
{
	char bytes[64] = "";
	size_t n = below(r, sizeof bytes);
	double d = 0.0;
	uint64_t bits = 0;

	switch (below(r, 8)) {
	case 0: lua_pushinteger(L, (lua_Integer)eh_rng_u64(r)); break;
	case 1: lua_pushinteger(L, (lua_Integer)below(r, 1000) - 500); break;
	case 2:
		bits = eh_rng_u64(r);
		memcpy(&d, &bits, sizeof d);
		lua_pushnumber(L, d);
		break;
	case 3: lua_pushnumber(L, (double)below(r, 100000) / 64.0 * (below(r, 2) == 0 ? 1.0 : -1.0)); break;
	case 4: lua_pushboolean(L, below(r, 2) == 0); break;
	case 5: lua_pushnil(L); break;
	default:
		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)eh_rng_u64(r);
		lua_pushlstring(L, bytes, n);
	}
}

static size_t random_format(struct eh_rng *r, char *out, size_t room)
{
	static const char *const pieces[] = { "%s", "%d", "%.1f", "%.3f", "%.9f", "%.0f", "%%", "%", ".", "%5d", "%-8s",
					      "%.99f", "%99.99f", "%q", "%a", "%c", "%x", "%g", "%i", " of ", "%+",
					      "%#", "%0", "%.", "%.5", "%s%s", "f", "s", "d" };
	size_t len = 0;

	for (size_t times = below(r, 9); times > 0; times--) {
		const char *piece = pieces[below(r, N_OF(pieces))];
		size_t n = strlen(piece);

		if (below(r, 12) == 0 && len < room)
			out[len++] = (char)eh_rng_u64(r);
		if (len + n <= room) {
			memcpy(out + len, piece, n);
			len += n;
		}
	}
	return len;
}

/* Stack: the two functions at 1 and 2. */
static void try_format(lua_State *L, struct eh_rng *r)
{
	char f[256] = "";
	size_t n = random_format(r, f, sizeof f);
	int nargs = (int)below(r, 5), first = 0, rc[2] = { 0, 0 };

	if (memchr(f, 'p', n) != NULL)
		return;
	lua_settop(L, 2);
	lua_pushlstring(L, f, n);
	for (int i = 0; i < nargs; i++)
		push_value(L, r);
	first = lua_gettop(L) + 1;
	for (int which = 1; which <= 2; which++) {
		lua_pushvalue(L, which);
		for (int i = 0; i <= nargs; i++)
			lua_pushvalue(L, 3 + i);
		rc[which - 1] = lua_pcall(L, nargs + 1, 1, 0);
	}
	if (rc[0] != rc[1] || !lua_rawequal(L, first, first + 1))
		fail("\"%.*s\": library %d \"%s\", own %d \"%s\"", (int)n, f, rc[0], lua_tostring(L, first), rc[1],
		     lua_tostring(L, first + 1));
	lua_settop(L, 2);
}

static lua_State *new_state(void)
{
	lua_State *L = luaL_newstate();

	if (L == NULL)
		fail("no memory for a Lua state");
	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);    // string
	lua_getfield(L, -1, "format");                          // string format
	lua_remove(L, 1);                                       // format
	/* what is loaded has a name in messages */
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);       // format loaded
	lua_pushnil(L);
	lua_setfield(L, -2, LUA_STRLIBNAME);                    // format loaded
	lua_pop(L, 1);                                          // format
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, eh_lua_format, 1);                  // format own
	return L;
}

/* ---- pool ---- */

struct block {
	unsigned char *p;
	size_t size;
	unsigned char mark;
};

static size_t random_size(struct eh_rng *r)
{
	switch (below(r, 4)) {
	case 0: return 500 + below(r, 30);
	case 1: return 1 + below(r, 5000);
	default: return 1 + below(r, 512);
	}
}

static void expect_marked(const struct block *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b->p[i] != b->mark)
			fail("byte %zu of a block of %zu changed", i, b->size);
}

static void try_pool(struct eh_lua_pool *pool, struct block *blocks, struct eh_rng *r)
{
	for (int i = 0; i < 50; i++) {
		struct block *b = &blocks[below(r, BLOCKS)];
		size_t want = random_size(r);
		unsigned char *p = NULL;

		if (b->p != NULL)
			expect_marked(b, b->size);
		if (b->p != NULL && below(r, 3) == 0) {
			eh_lua_pool_free(pool, b->p, b->size);
			*b = (struct block){ NULL, 0, 0 };
			continue;
		}
		p = eh_lua_pool_resize(pool, b->p, b->size, want);
		if (p == NULL && want <= b->size)
			fail("making %zu of %zu bytes failed", want, b->size);
		if (pool->held > HELD_MAX)
			fail("%zu bytes are held", pool->held);
		if (p == NULL)
			continue;
		b->p = p;
		expect_marked(b, want < b->size ? want : b->size);
		b->size = want;
		b->mark = (unsigned char)eh_rng_u64(r);
		memset(p, b->mark, want);
	}
}

int main(int argc, char **argv)
{
	static struct eh_lua_pool pool = { .max = HELD_MAX };
	static struct block blocks[BLOCKS];
	unsigned long long count[3] = { 0, 0, 0 };
	double end = eh_monotonic() + (argc > 1 ? strtod(argv[1], NULL) : 10.0);
	lua_State *L = NULL;

	at_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	for (int i = 3; i < argc; i++)
		read_folder(argv[i]);
	if (n_texts == 0) {
		(void)fprintf(stderr, "usage: lua_fuzz SECONDS SEED FOLDER...\n");
		return 2;
	}
	L = new_state();
	while (eh_monotonic() < end) {
		struct eh_rng r;

		eh_rng_seed(&r, at_seed);
		try_lint(&r);
		for (int i = 0; i < 20; i++)
			try_format(L, &r);
		try_pool(&pool, blocks, &r);
		count[0]++;
		count[1] += 20;
		count[2] += 50;
		at_seed++;
	}
	lua_close(L);
	(void)printf("%zu texts: linter %llu, format %llu, pool %llu: nothing wrong\n", n_texts, count[0], count[1],
		     count[2]);
	return 0;
}

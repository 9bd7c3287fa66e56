/* string.format of policies against the library's, and the pool of small blocks against what was put into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "base/rng.h"
#include "lua/format.h"
#include "lua/pool.h"

/* A state with own = eh_lua_format over string.format. */
static lua_State *new_state(void)
{
	lua_State *L = luaL_newstate();

	assert_non_null(L);
	luaL_openlibs(L);
	lua_getglobal(L, "string");	       // string
	lua_getfield(L, -1, "format");	       // string format
	lua_pushcclosure(L, eh_lua_format, 1); // string own
	lua_setglobal(L, "own");	       // string
	lua_pop(L, 1);
	return L;
}

static void run(lua_State *L, const char *text)
{
	if (luaL_dostring(L, text) != LUA_OK)
		fail_msg("%s", lua_tostring(L, -1));
}

static void texts_are_those_of_the_library(void **state)
{
	lua_State *L = new_state();

	(void)state;
	run(L, "local formats = { '', 'plain', '%%', '100 %%', '%s', '%d', '%.1f', '%.3f', '%.0f', '%.9f', 'a %s b %s "
	       "c',\n"
	       "  '%d of %d (%.1f %%)', '%s%s', '%g', '%5d', '%-8s|', '%.2f', '%x', '%5.2f', '%i', '%q', '%c', '%.3s', "
	       "'%',\n"
	       "  '%.f', '%.12f', '%e', '%s\\0%s', '%y', '%.', '%d%%%s', '%+d', '%s %5d', string.rep('long ', 400) .. "
	       "'%s',\n"
	       "  '%a' }\n"
	       "local values = { 'text', '', 0, 7, -3, 12.5, 1/3, 0.8, 1e15, 1e300, -1e9, 3.0, 'x\\0y', '12', 'nine', "
	       "2^53,\n"
	       "  math.maxinteger, math.mininteger, 1/0, -1/0, 0/0, 999999999.99, 0.05, string.rep('ab', 3000) }\n"
	       "local function same(...)\n"
	       "  local a, x = pcall(string.format, ...)\n"
	       "  local b, y = pcall(own, ...)\n"
	       "  if not b then x = x:gsub('string%.format', 'own') end  -- each is named in its messages\n"
	       "  if a ~= b or x ~= y then error(('%s %s, %s %s'):format(a, x, b, y)) end\n"
	       "end\n"
	       "for _, f in ipairs(formats) do\n"
	       "  same(f)\n"
	       "  for _, v in ipairs(values) do\n"
	       "    same(f, v)\n"
	       "    for _, w in ipairs(values) do same(f, v, w, 1.25) end\n"
	       "  end\n"
	       "end\n"
	       "same(12, 3)\n"
	       "for _, v in ipairs({ true, false }) do same('%s', v) same('%d', v) end\n"
	       "same('%s %s', nil, nil)\n");
	lua_close(L);
}

static void no_address_comes_out(void **state)
{
	lua_State *L = new_state();

	(void)state;
	run(L, "assert(own('%s %s', {}, print) == 'table function')\n"
	       "assert(own('%10s', {}) == '     table')\n"
	       "assert(own('%s', setmetatable({}, { __tostring = function() return 'mine' end })) == 'mine')\n"
	       "assert(not pcall(own, '%s', setmetatable({}, { __tostring = function() return {} end })))\n"
	       "local ok, why = pcall(own, '%s %p', 'x', {})\n"
	       "assert(not ok and why:find('sees no addresses', 1, true))\n"
	       "assert(not pcall(own, '%-10p', {}))\n");
	lua_close(L);
}

#define BLOCKS 400

static void blocks_keep_what_is_in_them(void **state)
{
	/* static: what a pool took it never gives back, and nothing of it is lost */
	static struct eh_lua_pool pool;
	static unsigned char *block[BLOCKS];
	size_t size[BLOCKS] = { 0 };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 8);
	for (size_t round = 0; round < 200000; round++) {
		const size_t i = eh_rng_below(&rng, BLOCKS);
		const size_t want = eh_rng_below(&rng, round % 7 == 0 ? 2000 : 200);

		for (size_t k = 0; k < size[i]; k++)
			if (block[i][k] != (unsigned char)(i * 31 + k))
				fail_msg("block %zu was changed at %zu", i, k);
		if (want == 0) {
			eh_lua_pool_free(&pool, block[i], size[i]);
			block[i] = NULL;
		} else {
			block[i] = eh_lua_pool_resize(&pool, block[i], size[i], want);
			assert_non_null(block[i]);
			assert_int_equal((uintptr_t)block[i] % 16, 0);
			for (size_t k = 0; k < size[i] && k < want; k++)
				assert_int_equal(block[i][k], (unsigned char)(i * 31 + k));
			for (size_t k = 0; k < want; k++)
				block[i][k] = (unsigned char)(i * 31 + k);
		}
		size[i] = want;
	}
	for (size_t i = 0; i < BLOCKS; i++)
		if (size[i] > EH_POOL_MAX)
			eh_lua_pool_free(&pool, block[i], size[i]);
}

static void a_freed_block_is_the_next_one(void **state)
{
	static struct eh_lua_pool pool;
	void *a = eh_lua_pool_resize(&pool, NULL, 0, 40), *b = eh_lua_pool_resize(&pool, NULL, 0, 40);

	(void)state;
	assert_ptr_not_equal(a, b);
	eh_lua_pool_free(&pool, a, 40);
	assert_ptr_equal(eh_lua_pool_resize(&pool, NULL, 0, 33), a); /* of the same class */
	assert_ptr_equal(eh_lua_pool_resize(&pool, b, 40, 48), b);
	assert_ptr_not_equal(eh_lua_pool_resize(&pool, b, 48, 49), b);
}

/* Sizes one after the other, each up to what may be held: what was thrown away in one is used in the next. */
static void what_is_held_has_an_end(void **state)
{
	enum { MAX = 1 << 20, N = MAX / 16 };
	static struct eh_lua_pool pool = { .max = MAX };
	static unsigned char *block[N];
	void *large = eh_lua_pool_resize(&pool, NULL, 0, 100000);

	(void)state;
	assert_int_equal(pool.held, 100000);
	large = eh_lua_pool_resize(&pool, large, 100000, 1000);
	assert_int_equal(pool.held, 1000);
	assert_null(eh_lua_pool_resize(&pool, large, 1000, MAX + 1));
	eh_lua_pool_free(&pool, large, 1000);
	assert_int_equal(pool.held, 0);
	for (size_t size = 512; size >= 16; size -= 16) {
		size_t n = 0;

		while (n < N && (block[n] = eh_lua_pool_resize(&pool, NULL, 0, size)) != NULL)
			memset(block[n++], (int)size, size);
		assert_true(pool.held <= MAX);
		assert_true(n >= MAX / 512 - MAX / 32768);
		assert_null(eh_lua_pool_resize(&pool, NULL, 0, 40000));
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(block[i][0], (unsigned char)size);
			eh_lua_pool_free(&pool, block[i], size);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_those_of_the_library),
		cmocka_unit_test(no_address_comes_out),
		cmocka_unit_test(blocks_keep_what_is_in_them),
		cmocka_unit_test(a_freed_block_is_the_next_one),
		cmocka_unit_test(what_is_held_has_an_end),
	};

	return cmocka_run_group_tests_name("lua format", tests, NULL, NULL);
}

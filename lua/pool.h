/*
 * pool.h - the small blocks of a Lua state, by size classes.
 *
 * A check makes some fifty short strings and tables and throws them away: taking the last one that was thrown away
 * of the same size is several times as cheap as asking malloc, and the memory is still in the cache.  Lua says the
 * size of a block when it gives it back, so that none is kept beside it.  Small blocks stay with the pool until its
 * end: who fills one size of block after the other up to Lua's own cap would hold many times that, hence max.
 */
#ifndef EH_LUA_POOL_H
#define EH_LUA_POOL_H

#include <stddef.h>

#define EH_POOL_STEP 16u        /* [bytes] between two classes */
#define EH_POOL_MAX 512u        /* [bytes] larger blocks are malloc's */

struct eh_pool_block;
struct eh_pool_slab;

struct eh_lua_pool {
	struct eh_pool_block *free[EH_POOL_MAX / EH_POOL_STEP];         /* by class, each the first of a list */
	struct eh_pool_slab *slabs;     /* the newest of a list */
	unsigned char *next;
	size_t left;            /* [bytes] at next that nobody had yet */
	size_t held;            /* [bytes] asked of malloc and not given back */
	size_t max;             /* [bytes] held never exceeds it; 0 = no such limit */
};

/* As realloc of a block of osize bytes (0: ptr is NULL) to nsize > 0, and as free.  Making a block smaller never
 * fails. */
void *eh_lua_pool_resize(struct eh_lua_pool *p, void *ptr, size_t osize, size_t nsize);
void eh_lua_pool_free(struct eh_lua_pool *p, void *ptr, size_t osize);
/* Gives all small blocks back to the system, for a state that is no more; the large ones are freed by then. */
void eh_lua_pool_end(struct eh_lua_pool *p);

#endif

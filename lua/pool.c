/* Size classes over slabs; see pool.h. */
#include "lua/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLAB 32768u /* [bytes] */

struct eh_pool_block {
	struct eh_pool_block *next; /* of its class; only while it is free */
};

/* Its blocks begin at one of their steps. */
struct eh_pool_slab {
	_Alignas(EH_POOL_STEP) struct eh_pool_slab *older;
};

static size_t class_of(size_t size) { return (size - 1) / EH_POOL_STEP; }

static bool has_room(const struct eh_lua_pool *p, size_t more) { return p->max == 0 || more <= p->max - p->held; }

static void *take_freed(struct eh_lua_pool *p, size_t c)
{
	struct eh_pool_block *freed = p->free[c];

	if (freed != NULL)
		p->free[c] = freed->next;
	return freed;
}

static bool new_slab(struct eh_lua_pool *p)
{
	struct eh_pool_slab *slab = has_room(p, SLAB) ? malloc(SLAB) : NULL;

	if (slab == NULL)
		return false;
	slab->older = p->slabs;
	p->slabs = slab;
	p->held += SLAB;
	p->next = (unsigned char *)(slab + 1); /* what was left of the last one, less than a block, is lost */
	p->left = SLAB - sizeof *slab;
	return true;
}

void eh_lua_pool_end(struct eh_lua_pool *p)
{
	struct eh_pool_slab *older = NULL;

	for (struct eh_pool_slab *slab = p->slabs; slab != NULL; slab = older) {
		older = slab->older;
		free(slab);
	}
	*p = (struct eh_lua_pool){ .max = p->max };
}

static void *take(struct eh_lua_pool *p, size_t size)
{
	const size_t c = class_of(size), width = (c + 1) * EH_POOL_STEP;
	void *block = take_freed(p, c);

	if (block != NULL)
		return block;
	if (p->left < width && !new_slab(p)) {
		/* one that is too large is better than none; it is of this class from now on */
		for (size_t larger = c + 1; larger < EH_POOL_MAX / EH_POOL_STEP && block == NULL; larger++)
			block = take_freed(p, larger);
		return block;
	}
	block = p->next;
	p->next += width;
	p->left -= width;
	return block;
}

void eh_lua_pool_free(struct eh_lua_pool *p, void *ptr, size_t osize)
{
	struct eh_pool_block *block = ptr;

	if (ptr == NULL)
		return;
	if (osize > EH_POOL_MAX) {
		p->held -= osize;
		free(ptr);
		return;
	}
	block->next = p->free[class_of(osize)];
	p->free[class_of(osize)] = block;
}

static void *resize_large(struct eh_lua_pool *p, void *ptr, size_t osize, size_t nsize)
{
	void *block = NULL;

	if (nsize > osize && !has_room(p, nsize - osize))
		return NULL;
	block = realloc(ptr, nsize);
	if (block == NULL)
		return nsize <= osize ? ptr : NULL;
	p->held = p->held - osize + nsize;
	return block;
}

static void *new_large(struct eh_lua_pool *p, size_t size)
{
	void *block = has_room(p, size) ? malloc(size) : NULL;

	if (block != NULL)
		p->held += size;
	return block;
}

void *eh_lua_pool_resize(struct eh_lua_pool *p, void *ptr, size_t osize, size_t nsize)
{
	const size_t kept = osize < nsize ? osize : nsize;
	void *block = NULL;

	if (osize > EH_POOL_MAX && nsize > EH_POOL_MAX)
		return resize_large(p, ptr, osize, nsize);
	if (osize > 0 && osize <= EH_POOL_MAX && nsize <= EH_POOL_MAX && class_of(osize) == class_of(nsize))
		return ptr;
	block = nsize > EH_POOL_MAX ? new_large(p, nsize) : take(p, nsize);
	if (block == NULL)
		return nsize <= osize ? ptr : NULL; /* a block may be larger than its class */
	if (kept > 0)
		memcpy(block, ptr, kept);
	eh_lua_pool_free(p, ptr, osize);
	return block;
}

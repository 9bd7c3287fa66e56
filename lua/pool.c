/* Size classes over slabs; see pool.h. */
#include "lua/pool.h"

#include <stdlib.h>
#include <string.h>

#define SLAB 32768u /* [bytes] */

struct eh_pool_block {
	struct eh_pool_block *next; /* of its class; only while it is free */
};

static size_t class_of(size_t size) { return (size - 1) / EH_POOL_STEP; }

static void *take(struct eh_lua_pool *p, size_t size)
{
	const size_t c = class_of(size), width = (c + 1) * EH_POOL_STEP;
	struct eh_pool_block *freed = p->free[c];
	void *block = NULL;

	if (freed != NULL) {
		p->free[c] = freed->next;
		return freed;
	}
	if (p->left < width) {
		unsigned char *slab = malloc(SLAB);

		if (slab == NULL)
			return NULL;
		p->next = slab; /* what was left of the last one, less than a block, is lost */
		p->left = SLAB;
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
	if (osize > EH_POOL_MAX || osize == 0) {
		free(ptr);
		return;
	}
	block->next = p->free[class_of(osize)];
	p->free[class_of(osize)] = block;
}

void *eh_lua_pool_resize(struct eh_lua_pool *p, void *ptr, size_t osize, size_t nsize)
{
	const size_t kept = osize < nsize ? osize : nsize;
	void *block = NULL;

	if (osize > EH_POOL_MAX && nsize > EH_POOL_MAX)
		return realloc(ptr, nsize);
	if (osize > 0 && osize <= EH_POOL_MAX && nsize <= EH_POOL_MAX && class_of(osize) == class_of(nsize))
		return ptr;
	block = nsize > EH_POOL_MAX ? malloc(nsize) : take(p, nsize);
	if (block == NULL)
		return nsize <= osize ? ptr : NULL; /* a block may be larger than its class */
	if (kept > 0)
		memcpy(block, ptr, kept);
	eh_lua_pool_free(p, ptr, osize);
	return block;
}

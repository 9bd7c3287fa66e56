/* Byte strings by number; see terms.h. */
#include "exchange/terms.h"

#include <stdlib.h>

#include "base/mem.h"

#define FIRST_SLOTS 256u /* power of two */

struct eh_term_key eh_term_key_long(const char *s, size_t len)
{
	struct eh_term_key k = { s, len, 0, len };

	for (; len > 32; s += 32, len -= 32) {
		const struct eh_term_words x = eh_term_words(s, 32);

		k.hash = eh_term_stir(k.hash ^ eh_term_mix(x.w[0], x.w[1]) ^ eh_term_mix(x.w[2], x.w[3] + 1));
	}
	k.hash ^= eh_term_key(s, len).hash;
	k.word = k.hash = eh_term_stir(k.hash);
	return k;
}

static void put(struct eh_term_slot *slot, uint32_t mask, uint64_t hash, struct eh_term_slot x)
{
	uint32_t i = (uint32_t)hash & mask;

	while (slot[i].number != 0)
		i = (i + 1) & mask;
	slot[i] = x;
}

static bool grow_slots(struct eh_terms *t)
{
	uint32_t n = t->slot == NULL ? FIRST_SLOTS : 2 * (t->mask + 1);
	struct eh_term_slot *slot = eh_try_calloc(n, sizeof *slot);

	if (slot == NULL)
		return false;
	for (uint32_t i = 0; t->slot != NULL && i <= t->mask; i++) {
		const struct eh_term_slot *x = &t->slot[i];

		/* the text ends with the pad that a key may look at */
		if (x->number != 0)
			put(slot, n - 1, eh_term_key(t->text + t->at[x->number - 1], x->len).hash, *x);
	}
	free(t->slot);
	t->slot = slot;
	t->mask = n - 1;
	return true;
}

static bool make_room(struct eh_terms *t, size_t len)
{
	if (t->n == t->cap) {
		uint32_t cap = t->cap != 0 ? 2 * t->cap : 64;
		void *p = eh_try_realloc(t->at, cap, sizeof *t->at);

		if (p == NULL)
			return false;
		t->at = p;
		t->cap = cap;
	}
	if (t->used + len + 9 > t->room) {
		size_t room = 2 * t->room + len + 1024;
		void *p = eh_try_realloc(t->text, room, 1);

		if (p == NULL)
			return false;
		t->text = p;
		memset(t->text + t->used, 0, room - t->used);
		t->room = room;
	}
	return (t->slot != NULL && 2 * (t->n + 1) <= t->mask) || grow_slots(t);
}

uint32_t eh_terms_add(struct eh_terms *t, const struct eh_term_key *k)
{
	uint32_t i = eh_terms_find(t, k);

	if (i != EH_TERM_NONE)
		return i;
	if (k->len >= UINT32_MAX || t->n >= UINT32_MAX / 4 || !make_room(t, k->len))
		return EH_TERM_NONE;
	memcpy(t->text + t->used, k->s, k->len);
	t->text[t->used + k->len] = '\0';
	t->at[t->n] = t->used;
	t->used += k->len + 1;
	put(t->slot, t->mask, k->hash, (struct eh_term_slot){ k->word, (uint32_t)k->len, ++t->n });
	return t->n - 1;
}

const char *eh_terms_text(const struct eh_terms *t, uint32_t i) { return t->text + t->at[i]; }

void eh_terms_free(struct eh_terms *t)
{
	free(t->slot);
	free(t->at);
	free(t->text);
	memset(t, 0, sizeof *t);
}

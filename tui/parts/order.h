/*
 * order.h - rows in the order of a key, for tables: stable, and fast enough for 100,000 rows between a key and its
 * repaint.
 */
#ifndef EH_TUI_PARTS_ORDER_H
#define EH_TUI_PARTS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order_slot {
	uint64_t key;
	uint32_t row;
};

/* A key that orders as the number does; undefined ones come last, in reverse too. */
uint64_t order_number(bool defined, double v, bool reverse);

/* Sorts by key; of equal keys the order stays.  spare: [n], overwritten. */
void order_sort(struct order_slot *v, struct order_slot *spare, size_t n);

/* Orders v[0..n) by text(v[i].row), as strcmp does; keys are overwritten. */
void order_texts(struct order_slot *v, struct order_slot *spare, size_t n, bool reverse,
		 const char *(*text)(void *ctx, uint32_t row), void *ctx);

#endif

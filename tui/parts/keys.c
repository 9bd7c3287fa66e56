/* Keys to actions; see keys.h. */
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "parts/keys.h"

static const struct action_info actions[] = {
#define X(id, key, other, name, footer, help, views) { id, key, other, name, footer, help, views },
	ACTION_LIST(X)
#undef X
};

enum action keys_action(enum view_kind view, int key, bool is_key)
{
	int code = is_key ? K(key) : key;

	/* terminals send 8 or 127 for Backspace when terminfo does not say which */
	if (!is_key && (key == 127 || key == 8))
		code = K(KEY_BACKSPACE);
	if (is_key && key == KEY_ENTER)
		code = '\r';
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if ((actions[i].views & view) != 0 && code != 0 && (actions[i].key == code || actions[i].other == code))
			return actions[i].id;
	return ACT_NONE;
}

size_t keys_of(enum view_kind view, const struct action_info **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof actions / sizeof actions[0] && n < max; i++)
		if ((actions[i].views & view) != 0)
			out[n++] = &actions[i];
	return n;
}

size_t keys_all(const struct action_info **out, size_t max)
{
	return keys_of((enum view_kind)V_ALL, out, max);
}

bool keys_wants_row(enum action a)
{
	switch (a) {
	case ACT_OPEN: case ACT_METRICS: case ACT_RESPOND: case ACT_EXPLAIN: case ACT_WHATIF: case ACT_DIFF:
	case ACT_PROPOSE: case ACT_APPROVE: case ACT_RETIRE: return true;
	default: return false;
	}
}

bool keys_moves(enum action a)
{
	switch (a) {
	case ACT_DOWN: case ACT_UP: case ACT_PAGE_DOWN: case ACT_PAGE_UP: case ACT_FIRST: case ACT_LAST: return true;
	default: return false;
	}
}

bool keys_wants_rows(enum action a)
{
	return a == ACT_FILTER || a == ACT_SORT || a == ACT_REVERSE;
}

/*
 * keys.h - every action of the screens in one list: dispatch, footer, help, palette and the
 * manual are made from it, so they cannot differ.
 */
#ifndef EH_TUI_PARTS_KEYS_H
#define EH_TUI_PARTS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum view_kind {
	V_DESK = 1, V_EVALUATORS = 2, V_METRICS = 4, V_NOTIFICATIONS = 8, V_RESPOND = 16, V_TEXT = 32, V_JOURNAL = 64,
	V_CANDIDATES = 128, V_CANDIDATE = 256, V_MODELS = 512, V_MODEL = 1024, V_POLICIES = 2048, V_POLICY = 4096,
	V_DIFF = 8192, V_SIGN = 16384, V_WHATIF = 32768
};
#define V_TABLES \
	(V_DESK | V_EVALUATORS | V_METRICS | V_NOTIFICATIONS | V_JOURNAL | V_CANDIDATES | V_MODELS | V_POLICIES)
#define V_BROWSE (V_TABLES | V_TEXT | V_CANDIDATE | V_MODEL | V_POLICY | V_DIFF)
#define V_FORMS (V_RESPOND | V_SIGN)    /* text is written in them */
#define V_ALL (V_BROWSE | V_FORMS | V_WHATIF)

/* In the order of the footer, which shows as many as fit.
 * id, key, other key, key's name, footer word ("" = not in the footer), help, views.
 * Keys are what get_wch gives; KEY_* codes are written as K(code). */
#define K(code) ((code) + KEY_BASE)
#define KEY_BASE 0x200000
#define CTRL(c) ((c) & 0x1f)
#define ESCAPE 27
#define ACTION_LIST(X) \
	X(ACT_OPEN,           '\r', '\n',                  "Enter",     "open",                  \
	  "open what is selected", V_TABLES) \
	X(ACT_RESPOND,        'r', 0,                      "r",         "respond",               \
	  "answer the notification", V_DESK | V_METRICS | V_NOTIFICATIONS | V_TEXT) \
	X(ACT_ATTRIBUTE,      'a', 0,                      "a",         "attribute",             \
	  "next attribute and group", V_EVALUATORS) \
	X(ACT_EVALUATORS,     'e', 0,                      "e",         "evaluators",            \
	  "evaluators and their ratios", V_DESK | V_NOTIFICATIONS | V_JOURNAL) \
	X(ACT_MODELS,         'M', 0,                      "M",         "models",                \
	  "models: what they are, how well they do, their limits", V_DESK) \
	X(ACT_POLICIES,       'p', 0,                      "p",         "policies",              \
	  "policies: which hold, and who answers for them", V_DESK) \
	X(ACT_NOTIFICATIONS,  'n', 0,                      "n",         "notifications",         \
	  "all notifications", V_DESK | V_EVALUATORS | V_METRICS | V_JOURNAL) \
	X(ACT_WHATIF,         'w', 0,                      "w",         "what if",               \
	  "which notifications other settings would make; nothing is stored", V_POLICIES | V_POLICY) \
	X(ACT_DIFF,           'd', 0,                      "d",         "diff",                  \
	  "what the text changes against the active one", V_POLICIES | V_POLICY) \
	X(ACT_PROPOSE,        'p', 0,                      "p",         "propose",               \
	  "propose this text for activation", V_POLICIES | V_POLICY) \
	X(ACT_APPROVE,        'a', 0,                      "a",         "approve",               \
	  "make the proposed text active, as a second person", V_POLICIES | V_POLICY) \
	X(ACT_RETIRE,         'R', 0,                      "R",         "retire",                \
	  "take the text out of use, or withdraw the proposal", V_POLICIES | V_POLICY) \
	X(ACT_OTHER,          'o', 0,                      "o",         "other version",         \
	  "compare with the next version of this name", V_DIFF) \
	X(ACT_MORE,           K(KEY_RIGHT), '+',           "Right",     "more",                  \
	  "the next value of the setting (also +)", V_WHATIF) \
	X(ACT_LESS,           K(KEY_LEFT), '-',            "Left",      "less",                  \
	  "the value before (also -)", V_WHATIF) \
	X(ACT_RESET,          'r', 0,                      "r",         "reset",                 \
	  "all settings as the policy has them", V_WHATIF) \
	X(ACT_CANDIDATES,     'c', 0,                      "c",         "candidates",            \
	  "candidates: consent, and what was measured", V_DESK | V_JOURNAL) \
	X(ACT_JOURNAL,        'J', 0,                      "J",         "journal",               \
	  "who did what, when and why", V_DESK) \
	X(ACT_METRICS,        'm', 0,                      "m",         "metrics",               \
	  "all numbers on the selected evaluator", V_DESK | V_EVALUATORS | V_NOTIFICATIONS) \
	X(ACT_FILTER,         '/', 0,                      "/",         "filter",                \
	  "show only rows that hold a text; Esc shows all again", V_TABLES) \
	X(ACT_SORT,           's', 0,                      "s",         "sort",                  \
	  "sort by the next column", V_EVALUATORS | V_METRICS | V_NOTIFICATIONS | V_JOURNAL | V_CANDIDATES) \
	X(ACT_EXPLAIN,        'x', 0,                      "x",         "explain",               \
	  "how the numbers came about", V_DESK | V_EVALUATORS | V_METRICS | V_NOTIFICATIONS) \
	X(ACT_NEXT_SECTION,   '\t', 0,                     "Tab",       "next section",          \
	  "to the next section, or page of numbers", V_MODEL | V_METRICS | V_POLICY) \
	X(ACT_PREV_SECTION,   K(KEY_BTAB), 0,              "Shift-Tab", "",                      \
	  "to the section before", V_MODEL | V_METRICS | V_POLICY) \
	X(ACT_REVERSE,        'S', 0,                      "S",         "",                      \
	  "reverse the order", V_EVALUATORS | V_METRICS | V_NOTIFICATIONS | V_JOURNAL | V_CANDIDATES) \
	X(ACT_COMMIT,         CTRL('s'), CTRL('x'),        "Ctrl-S",    "sign and store",        \
	  "sign and store (also Ctrl-X)", V_FORMS) \
	X(ACT_CANCEL,         ESCAPE, 0,                   "Esc",       "leave unstored",        \
	  "leave; nothing is stored (an answer waits in its form)", V_FORMS) \
	X(ACT_NEXT_FIELD,     '\t', K(KEY_DOWN),           "Tab",       "next",                  \
	  "next field (also Down, Enter)", V_RESPOND | V_WHATIF) \
	X(ACT_PREV_FIELD,     K(KEY_BTAB), K(KEY_UP),      "Shift-Tab", "",                      \
	  "previous field (also Up)", V_RESPOND | V_WHATIF) \
	X(ACT_EDITOR,         CTRL('e'), 0,                "Ctrl-E",    "editor",                \
	  "write the reason in $VISUAL or $EDITOR", V_FORMS) \
	X(ACT_DOWN,           'j', K(KEY_DOWN),            "j",         "",                      \
	  "down (also Down)", V_BROWSE) \
	X(ACT_UP,             'k', K(KEY_UP),              "k",         "",                      \
	  "up (also Up)", V_BROWSE) \
	X(ACT_PAGE_DOWN,      ' ', K(KEY_NPAGE),           "PgDn",      "page down",             \
	  "a page down (also Space)", V_BROWSE | V_WHATIF) \
	X(ACT_PAGE_UP,        'b', K(KEY_PPAGE),           "PgUp",      "",                      \
	  "a page up (also b)", V_BROWSE | V_WHATIF) \
	X(ACT_FIRST,          'g', K(KEY_HOME),            "g",         "",                      \
	  "to the first row (also Home)", V_BROWSE | V_WHATIF) \
	X(ACT_LAST,           'G', K(KEY_END),             "G",         "",                      \
	  "to the last row (also End)", V_BROWSE | V_WHATIF) \
	X(ACT_PALETTE,        ':', 0,                      ":",         "do",                    \
	  "choose an action by its name", V_BROWSE | V_WHATIF) \
	X(ACT_REDRAW,         CTRL('l'), 0,                "Ctrl-L",    "",                      \
	  "draw the screen anew", V_ALL) \
	X(ACT_HELP,           '?', K(KEY_F(1)),            "?",         "help",                  \
	  "this list (also F1)", V_BROWSE | V_WHATIF) \
	X(ACT_FORM_HELP,      K(KEY_F(1)), 0,              "F1",        "help",                  \
	  "this list", V_FORMS) \
	X(ACT_BACK,           'q', K(KEY_BACKSPACE),       "q",         "back",                  \
	  "back to where you came from (also Backspace)", (V_BROWSE & ~V_DESK) | V_WHATIF) \
	X(ACT_LEAVE,          'q', 0,                      "q",         "quit",                  \
	  "leave the program", V_DESK)

enum action {
	ACT_NONE = 0,
#define X(id, key, other, name, footer, help, views) id,
	ACTION_LIST(X)
#undef X
	ACT_COUNT
};

struct action_info {
	enum action id;
	int key, other;
	const char *name, *footer, *help;
	unsigned views;
};

/* Action of a key in a view; ACT_NONE when the key means nothing there. */
enum action keys_action(enum view_kind view, int key, bool is_key);
/* The rows of a view in the list's order; returns the number. */
size_t keys_of(enum view_kind view, const struct action_info **out, size_t max);
/* The whole list, for the manual; returns the number. */
size_t keys_all(const struct action_info **out, size_t max);
/* Does the action act on a selected row?  Without one its key is not shown. */
bool keys_wants_row(enum action a);
/* Does it act on the rows of a table as a whole (filter, sort)? */
bool keys_wants_rows(enum action a);
/* Does it move: the selection of a table, or a text that is longer than the screen? */
bool keys_moves(enum action a);

#endif

/* Text to read: an explanation, a notification with its answers. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "views/view.h"

#define LINES_MAX 2000

struct state {
	char *title;
	char *text;
	int scroll;
};

static int load(struct view *v, struct eh_err *err)
{
	(void)v;
	(void)err;
	return EH_OK;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	char **lines = eh_xcalloc(LINES_MAX, sizeof *lines);
	int height = LINES - 4, n = (int)draw_wrap(s->text, COLS - 2, lines, LINES_MAX);
	char right[64];

	v->scroll_max = n > height ? n - height : 0;
	s->scroll = s->scroll > v->scroll_max ? v->scroll_max : s->scroll;
	(void)snprintf(right, sizeof right, "line %d of %d", n > 0 ? s->scroll + 1 : 0, n);
	draw_title(s->title, right);
	for (int i = 0; i < n; i++) {
		if (i >= s->scroll && i < s->scroll + height)
			draw_text(2 + i - s->scroll, 1, COLS - 2, false, E_TEXT, lines[i]);
		free(lines[i]);
	}
	free(lines);
	v->cursor_y = 2;
	v->cursor_x = 1;
}

static void act(struct view *v, enum action a)
{
	(void)v;
	(void)a;
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	free(s->title);
	free(s->text);
	free(s);
}

static const struct view_ops ops = { V_TEXT, load, draw, act, NULL, close_view };

struct view *text_view(struct screens *screens, const char *title, char *text)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	s->title = eh_xstrdup(title[0] != '\0' ? title : "All evaluators together");
	s->text = text;
	v->scroll = &s->scroll;
	return v;
}

static void add_answer(struct eh_buf *b, const struct eh_response *r)
{
	char at[EH_TIME_TEXT];

	eh_format_time(at, r->at);
	eh_buf_printf(b, "\n%s  %s by %s\n  %s\n", at, eh_notification_state_text(r->to), r->actor.login, r->reason);
	for (uint32_t k = 0; k < r->n_actions; k++)
		eh_buf_printf(b, "  %u  %s%s%s%s%s\n", k + 1, r->actions[k].text, r->actions[k].owner[0] != '\0' ? "  owner " : "",
			      r->actions[k].owner, r->actions[k].due[0] != '\0' ? "  by " : "", r->actions[k].due);
}

struct view *notification_text_view(struct screens *screens, uint64_t seq)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t n_r = 0;
	struct eh_buf b;
	char id[16], at[EH_TIME_TEXT], *explained;
	struct view *v;

	eh_buf_init(&b, 1u << 20);
	eh_notification_id(id, seq);
	if (eh_desk_notification(screens->desk, seq, n, &r, &n_r, &err) != EH_OK) {
		eh_buf_printf(&b, "%s", err.msg);
	} else {
		eh_format_time(at, n->raised_at);
		eh_buf_printf(&b, "%s  %s\nraised %s by policy %s %s\n", id, eh_notification_state_text(n->state), at, n->policy, n->policy_version);
		for (uint32_t i = 0; i < n->n_members; i++)
			eh_buf_printf(&b, "%s%s", i == 0 ? "addressed to the process; evaluators: " : ", ", n->members[i]);
		explained = eh_explain_text(&n->finding);
		eh_buf_printf(&b, "\n%s", explained);
		free(explained);
		for (size_t i = 0; i < n_r; i++)
			add_answer(&b, &r[i]);
		if (n_r == 0)
			eh_buf_printf(&b, "\nNo answer yet.\n");
	}
	v = text_view(screens, id, eh_xstrdup(eh_buf_cstr(&b)));
	eh_buf_free(&b);
	eh_list_free(&r);
	free(n);
	return v;
}

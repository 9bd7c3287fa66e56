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
#include "parts/words.h"
#include "views/view.h"

#define LINES_MAX 8000                  /* EH_MEMBERS_MAX evaluators of up to six lines */
#define PAGE 80                         /* [columns] eh_explain_text wraps for, and the width of its labels */
#define LABEL 12

struct state {
	char *title;
	char *text;
	uint64_t notification;          /* 0 = a text that never changes */
	int scroll;
};

static void add_answer(struct eh_buf *b, const struct eh_response *r)
{
	char at[EH_TIME_TEXT];

	eh_format_time(at, r->at);
	eh_buf_printf(b, "%s  %s by %s\n  %s\n", at, eh_notification_state_text(r->to), r->actor.login, r->reason);
	for (uint32_t k = 0; k < r->n_actions; k++) {
		const struct eh_action *a = &r->actions[k];

		eh_buf_printf(b, "  %u  %s%s%s%s%s\n", k + 1, a->text, a->owner[0] != '\0' ? "  owner " : "", a->owner,
			      a->due[0] != '\0' ? "  by " : "", a->due);
	}
	eh_buf_printf(b, "\n");
}

/* State and answers first: that is what changes; the evidence below. */
static char *notification_text(struct eh_desk *d, const struct eh_notification *n, const struct eh_finding *members,
			       size_t n_members, const struct eh_response *r, size_t n_r)
{
	struct eh_buf b;
	char at[EH_TIME_TEXT], earlier[WORDS_EARLIER], standing[WORDS_STANDING], window[EH_WINDOW_WORDS];
	char *explained = eh_desk_notification_text(d, n, members, n_members), *text;

	eh_buf_init(&b, 1u << 20);
	eh_format_time(at, n->raised_at);
	eh_buf_printf(&b, "State: %s. Raised %s by policy %s %s%s.\n", eh_notification_state_text(n->state), at,
		      n->policy, n->policy_version, words_standing(standing, n->policy_state));
	if (words_earlier(earlier, n)[0] != '\0')
		eh_buf_printf(&b, "earlier: %s\n", earlier);
	if (n->pack[0] != '\0')
		eh_buf_printf(&b, "Rule pack: %s\n", n->pack);
	if (eh_window_words(window, &n->window)[0] != '\0')
		eh_buf_printf(&b, "%s\n", window);
	if (is_screening(&n->finding))
		eh_buf_printf(&b, "Screening: the ratio %s%.2f is estimated with predicted classes.\n",
			      term_symbol(S_SCREENING), n->finding.ratio.value);
	for (uint32_t i = 0; i < n->n_members; i++)
		eh_buf_printf(&b, "%s%s", i == 0 ? "Addressed to the process; evaluators: " : ", ", n->members[i]);
	eh_buf_printf(&b, n->n_members > 0 ? "\n\n" : "\n");
	for (size_t i = 0; i < n_r; i++)
		add_answer(&b, &r[i]);
	eh_buf_printf(&b, "%s%s", n_r == 0 ? "No answer yet.\n\n" : "", explained);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	free(explained);
	return text;
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_notification *n;
	struct eh_response *r = NULL;
	struct eh_finding *members = NULL;
	size_t n_r = 0, n_members = 0;
	int rc;

	if (s->notification == 0)
		return EH_OK;
	n = eh_xcalloc(1, sizeof *n);
	rc = eh_desk_notification(v->screens->desk, s->notification, n, &r, &n_r, err);
	if (rc == EH_OK)
		rc = eh_desk_notification_members(v->screens->desk, n, &members, &n_members, err);
	if (rc == EH_OK) {
		free(s->text);
		s->text = notification_text(v->screens->desk, n, members, n_members, r, n_r);
	}
	eh_list_free(&members);
	eh_list_free(&r);
	free(n);
	return rc;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	char **lines = eh_xcalloc(LINES_MAX, sizeof *lines);
	int height = LINES - 4, n = (int)draw_wrap_page(s->text, COLS - 2, PAGE, LABEL, lines, LINES_MAX), last;
	char right[64];

	v->scroll_max = n > height ? n - height : 0;
	s->scroll = s->scroll > v->scroll_max ? v->scroll_max : s->scroll;
	last = s->scroll + height < n ? s->scroll + height : n;
	(void)snprintf(right, sizeof right, "lines %d-%d of %d", n > 0 ? s->scroll + 1 : 0, last, n);
	draw_title(s->title, right);
	for (int i = 0; i < n; i++) {
		if (i >= s->scroll && i < last)
			draw_text(2 + i - s->scroll, 1, COLS - 2, false, E_TEXT, lines[i]);
		free(lines[i]);
	}
	free(lines);
	v->cursor_y = 2;
	v->cursor_x = 1;
}

static bool can(const struct view *v, enum action a)
{
	const struct state *s = v->state;

	return a != ACT_RESPOND || s->notification != 0;
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;

	if (a == ACT_RESPOND && s->notification != 0)
		view_open(respond_view(v->screens, s->notification));
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	free(s->title);
	free(s->text);
	free(s);
}

static const struct view_ops ops = { V_TEXT, load, draw, act, NULL, can, close_view };

struct view *text_view(struct screens *screens, const char *title, char *text)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	s->title = eh_xstrdup(title);
	s->text = text;
	v->scroll = &s->scroll;
	return v;
}

struct view *explain_view(struct screens *screens, const struct eh_finding *f)
{
	char title[EH_ID_MAX + 2 * EH_NAME_MAX + 32];

	(void)snprintf(title, sizeof title, "%s   %s %s   explained", f->evaluator[0] != '\0' ? f->evaluator :
		       "All evaluators together", f->attribute, f->group);
	return text_view(screens, title, eh_explain_text(f));
}

struct view *notification_text_view(struct screens *screens, uint64_t seq)
{
	char title[48], id[16];
	struct view *v;
	struct state *s;

	eh_notification_id(id, seq);
	(void)snprintf(title, sizeof title, "Notification %s", id);
	v = text_view(screens, title, eh_xstrdup(""));
	s = v->state;
	s->notification = seq;
	return v;
}

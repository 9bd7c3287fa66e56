/* The answer to one notification: confirm, reject or a list of actions, with a reason; signed by another key than the
 * one that opened it. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "parts/line.h"
#include "views/view.h"

#define PARTS 3                         /* text, owner, date of one action */

static const enum eh_notification_state choices[] = { EH_N_CONFIRMED, EH_N_REJECTED, EH_N_ACTIONS };
static const char *const choice_words[] = { "confirm", "reject", "list actions" };

struct state {
	struct eh_notification *n;
	uint64_t seq;
	uint32_t seen;                  /* revision the person answers to */
	bool loaded;
	int choice;                     /* -1 = not made */
	int field;                      /* 0 choice, 1 reason, then PARTS per action */
	int actions;                    /* lines shown */
	struct line reason;
	struct line action[EH_ACTIONS_MAX][PARTS];
};

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_response *r = NULL;
	size_t n_r = 0;
	int rc = eh_desk_notification(v->screens->desk, s->seq, s->n, &r, &n_r, err);

	eh_list_free(&r);
	if (rc != EH_OK)
		return rc;
	/* what was seen at the opening counts: somebody else's answer meanwhile must be noticed, not adopted */
	if (!s->loaded)
		s->seen = s->n->revision;
	else if (s->seen != s->n->revision)
		screens_say(v->screens, "somebody else changed this notification meanwhile (it is %s now): leave and look again",
			    eh_notification_state_text(s->n->state));
	s->loaded = true;
	return EH_OK;
}

static int n_fields(const struct state *s)
{
	return 2 + (s->choice == 2 ? s->actions * PARTS : 0);
}

static struct line *current(struct state *s)
{
	if (s->field == 0)
		return NULL;
	if (s->field == 1)
		return &s->reason;
	return &s->action[(s->field - 2) / PARTS][(s->field - 2) % PARTS];
}

/* ---- drawing ---- */

static int draw_head(const struct state *s)
{
	const struct eh_finding *f = &s->n->finding;
	char left[200], right[64], id[16];
	char *lines[5];
	size_t n, max = LINES >= 24 ? 5 : 2;
	int y = 2;

	eh_notification_id(id, s->seq);
	(void)snprintf(left, sizeof left, "Notification %s   %s   %s   %s", id, s->n->systemic ? "(process)" : f->evaluator, f->attribute, f->group);
	(void)snprintf(right, sizeof right, "%s", eh_notification_state_text(s->n->state));
	draw_title(left, right);
	n = draw_wrap(f->reason, COLS - 2, lines, max);
	for (size_t i = 0; i < n; i++) {
		draw_text(y++, 1, COLS - 2, false, E_TEXT, lines[i]);
		free(lines[i]);
	}
	return y + 1;
}

static void draw_choice(struct view *v, int y)
{
	struct state *s = v->state;
	int x = 16;

	draw_text(y, 1, 14, false, E_HEAD, "Your answer");
	for (int i = 0; i < 3; i++) {
		char text[32];

		(void)snprintf(text, sizeof text, "%s %s", term_symbol(s->choice == i ? S_CHOSEN : S_FREE), choice_words[i]);
		draw_text(y, x, draw_width(text), false, s->field == 0 && s->choice == i ? E_SELECTED : E_TEXT, text);
		if (s->field == 0 && (s->choice == i || (s->choice < 0 && i == 0))) {
			v->cursor_y = y;
			v->cursor_x = x + 1;
		}
		x += draw_width(text) + 3;
	}
}

static void draw_line(struct view *v, int y, int x, int width, int field, const struct line *l)
{
	struct state *s = v->state;
	int cx = line_draw(l, y, x, width, s->field == field);

	if (s->field == field) {
		v->cursor_y = y;
		v->cursor_x = cx;
	}
}

static void draw_actions(struct view *v, int y)
{
	struct state *s = v->state;
	int text = COLS - 16 - 1 - 12 - 12;

	draw_text(y, 1, 14, false, E_HEAD, "Actions");
	draw_text(y, 16, text, false, E_HEAD, "what");
	draw_text(y, 16 + text + 1, 11, false, E_HEAD, "owner");
	draw_text(y++, 16 + text + 13, 10, false, E_HEAD, "by");
	for (int i = 0; i < s->actions && y < LINES - 3; i++, y++) {
		draw_textf(y, 13, 2, E_TEXT, "%d", i + 1);
		draw_line(v, y, 16, text, 2 + i * PARTS, &s->action[i][0]);
		draw_line(v, y, 16 + text + 1, 11, 3 + i * PARTS, &s->action[i][1]);
		draw_line(v, y, 16 + text + 13, 10, 4 + i * PARTS, &s->action[i][2]);
	}
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	int y = draw_head(s);

	draw_choice(v, y);
	y += 2;
	draw_text(y, 1, 14, false, E_HEAD, "Reason");
	draw_text(y + 1, 1, 14, false, E_TEXT, "(required)");
	draw_line(v, y, 16, COLS - 18, 1, &s->reason);
	if (s->choice == 2)
		draw_actions(v, y + 3);
	else
		draw_text(y + 3, 1, COLS - 2, false, E_TEXT, s->field == 0 ? "Left and Right or Space choose; c, r, l choose at once." : "");
}

/* ---- keys ---- */

static void choose(struct state *s, int choice)
{
	s->choice = (choice + 3) % 3;
	if (s->choice == 2 && s->actions == 0)
		s->actions = 1;
}

static bool choice_key(struct state *s, int key, bool is_key)
{
	if (is_key && key == KEY_LEFT)
		choose(s, s->choice < 0 ? 0 : s->choice - 1);
	else if ((is_key && key == KEY_RIGHT) || (!is_key && key == ' '))
		choose(s, s->choice + 1);
	else if (!is_key && (key == 'c' || key == 'r' || key == 'l'))
		choose(s, key == 'c' ? 0 : key == 'r' ? 1 : 2);
	else
		return false;
	return true;
}

static void next_field(struct state *s, int by)
{
	int n = n_fields(s);

	/* leaving the last written action makes room for one more */
	if (by > 0 && s->choice == 2 && s->field == n - 1 && s->actions < EH_ACTIONS_MAX && s->action[s->actions - 1][0].len > 0) {
		s->actions++;
		n = n_fields(s);
	}
	s->field = (s->field + by + n) % n;
}

static bool key_pressed(struct view *v, int key, bool is_key)
{
	struct state *s = v->state;
	struct line *l = current(s);

	if (!is_key && (key == '\r' || key == '\n')) {
		next_field(s, 1);
		return true;
	}
	if (l == NULL)
		return choice_key(s, key, is_key);
	return line_key(l, key, is_key);
}

static void edit_reason(struct view *v)
{
	struct state *s = v->state;
	const char *editor = getenv("VISUAL") != NULL ? getenv("VISUAL") : getenv("EDITOR");
	char path[] = "/tmp/evenhand-reason-XXXXXX", text[EH_RESPONSE_REASON_MAX + 1];
	char *command;
	FILE *f;
	bool failed;
	size_t n;
	int fd;

	if (editor == NULL) {
		screens_say(v->screens, "set $VISUAL or $EDITOR to use an editor");
		return;
	}
	fd = mkstemp(path);
	if (fd < 0 || write(fd, s->reason.text, s->reason.len) != (ssize_t)s->reason.len) {
		screens_say(v->screens, "no temporary file can be written");
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	(void)close(fd);
	command = eh_xasprintf("%s %s", editor, path);
	term_suspend();
	failed = system(command) != 0;
	term_resume();
	free(command);
	f = fopen(path, "r");
	n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f != NULL)
		(void)fclose(f);
	(void)unlink(path);
	if (failed) {
		screens_say(v->screens, "the editor failed; the reason is as it was");
		return;
	}
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n' || text[i] == '\t')
			text[i] = ' ';
	line_init(&s->reason, EH_RESPONSE_REASON_MAX, text);
}

static void collect(const struct state *s, struct eh_response *r)
{
	r->to = choices[s->choice];
	(void)snprintf(r->reason, sizeof r->reason, "%s", s->reason.text);
	for (int i = 0; i < s->actions && s->choice == 2; i++) {
		struct eh_action *a = &r->actions[r->n_actions];

		if (s->action[i][0].len == 0 && s->action[i][1].len == 0 && s->action[i][2].len == 0)
			continue;
		(void)snprintf(a->text, sizeof a->text, "%.159s", s->action[i][0].text);
		(void)snprintf(a->owner, sizeof a->owner, "%.64s", s->action[i][1].text);
		(void)snprintf(a->due, sizeof a->due, "%.10s", s->action[i][2].text);
		r->n_actions++;
	}
}

static void commit(struct view *v)
{
	struct state *s = v->state;
	struct screens *screens = v->screens;
	struct eh_response *r;
	struct eh_err err = EH_ERR_INIT;
	char id[16];

	if (s->choice < 0) {
		screens_say(screens, "choose first: confirm, reject or list actions");
		s->field = 0;
		return;
	}
	r = eh_xcalloc(1, sizeof *r);
	collect(s, r);
	eh_notification_id(id, s->seq);
	if (eh_desk_respond(screens->desk, s->seq, s->seen, r, &err) == EH_OK) {
		screens_say(screens, "%s: %s; stored and in the journal", id, eh_notification_state_text(r->to));
		view_back(screens);
	} else {
		screens_say(screens, "not stored: %s", err.msg);
	}
	free(r);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;

	switch (a) {
	case ACT_COMMIT: commit(v); break;
	case ACT_NEXT_FIELD: next_field(s, 1); break;
	case ACT_PREV_FIELD: next_field(s, -1); break;
	case ACT_EDITOR: edit_reason(v); break;
	case ACT_CANCEL:
		screens_say(v->screens, "left; nothing was stored");
		view_back(v->screens);
		break;
	default: break;
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	free(s->n);
	free(s);
}

static const struct view_ops ops = { V_RESPOND, load, draw, act, key_pressed, close_view };

struct view *respond_view(struct screens *screens, uint64_t seq)
{
	struct state *s = eh_xcalloc(1, sizeof *s);

	s->n = eh_xcalloc(1, sizeof *s->n);
	s->seq = seq;
	s->choice = -1;
	line_init(&s->reason, EH_RESPONSE_REASON_MAX, "");
	for (int i = 0; i < EH_ACTIONS_MAX; i++) {
		line_init(&s->action[i][0], EH_ACTION_TEXT_MAX, "");
		line_init(&s->action[i][1], EH_ID_MAX, "");
		line_init(&s->action[i][2], 10, "");
	}
	return view_new(&ops, screens, s);
}

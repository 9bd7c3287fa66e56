/* The answer to one notification: confirm, reject or a list of actions, with a reason; signed by another key than the
 * one that opened it. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/editor.h"
#include "parts/line.h"
#include "parts/words.h"
#include "views/view.h"

#define PARTS 3                         /* text, owner, date of one action */

enum choice { NO_CHOICE = -1, CONFIRM, REJECT, LIST_ACTIONS, N_CHOICES };
static const enum eh_notification_state choices[N_CHOICES] = { EH_N_CONFIRMED, EH_N_REJECTED, EH_N_ACTIONS };
static const char *const choice_words[N_CHOICES] = { "confirm", "reject", "list actions" };

/* What the person has written; it outlives the form when that is left without storing. */
struct draft {
	struct draft *next;
	uint64_t seq;                   /* of the notification */
	enum choice choice;
	int actions;                    /* lines shown */
	struct line reason;
	struct line action[EH_ACTIONS_MAX][PARTS];
};

struct state {
	struct eh_notification *n;
	uint64_t seq;
	uint32_t seen;                  /* revision the person answers to */
	bool loaded;
	int field;                      /* 0 choice, 1 reason, then PARTS per action */
	struct draft d;
};

/* ---- drafts ---- */

void draft_free(struct draft **d)
{
	while (*d != NULL) {
		struct draft *next = (*d)->next;

		free(*d);
		*d = next;
	}
}

static struct draft **find_draft(struct screens *s, uint64_t seq)
{
	struct draft **d = &s->draft;

	while (*d != NULL && (*d)->seq != seq)
		d = &(*d)->next;
	return d;
}

static void drop_draft(struct screens *s, uint64_t seq)
{
	struct draft **d = find_draft(s, seq), *gone = *d;

	if (gone == NULL)
		return;
	*d = gone->next;
	free(gone);
}

static bool action_written(const struct draft *d, int i)
{
	return d->action[i][0].len > 0 || d->action[i][1].len > 0 || d->action[i][2].len > 0;
}

static bool written(const struct draft *d)
{
	for (int i = 0; i < EH_ACTIONS_MAX; i++)
		if (action_written(d, i))
			return true;
	return d->reason.len > 0;
}

static void keep_draft(struct screens *s, const struct draft *d)
{
	struct draft *copy = eh_xmalloc(sizeof *copy);

	drop_draft(s, d->seq);
	*copy = *d;
	copy->next = s->draft;
	s->draft = copy;
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *r = NULL;
	size_t n_r = 0;
	int rc = eh_desk_notification(v->screens->desk, s->seq, n, &r, &n_r, err);

	eh_list_free(&r);
	if (rc == EH_OK)
		*s->n = *n;
	free(n);
	if (rc != EH_OK)
		return rc;
	if (!s->loaded && s->n->state == EH_N_CLOSED)
		return eh_err_set(err, EH_EREFUSED, "this notification is closed: it takes no more answers");
	/* what was seen at the opening counts: somebody else's answer meanwhile must be noticed, not adopted */
	if (!s->loaded)
		s->seen = s->n->revision;
	else if (s->seen != s->n->revision)
		screens_say(v->screens, "somebody else changed this notification meanwhile (it is %s now): "
			    "leave and look again", eh_notification_state_text(s->n->state));
	s->loaded = true;
	return EH_OK;
}

static int n_fields(const struct state *s)
{
	return 2 + (s->d.choice == LIST_ACTIONS ? s->d.actions * PARTS : 0);
}

static struct line *current(struct state *s)
{
	if (s->field == 0)
		return NULL;
	if (s->field == 1)
		return &s->d.reason;
	return &s->d.action[(s->field - 2) / PARTS][(s->field - 2) % PARTS];
}

/* ---- drawing ---- */

static int draw_head(const struct state *s)
{
	const struct eh_finding *f = &s->n->finding;
	char left[2 * EH_NAME_MAX + 2 * EH_ID_MAX + 64], id[16], reason[WORDS_REASON];
	int height = LINES >= 22 ? 6 : LINES >= 16 ? 3 : 1;

	eh_notification_id(id, s->seq);
	(void)snprintf(left, sizeof left, "Notification %s   %s   %s %s%s%s", id,
		       s->n->systemic ? "(process)" : f->evaluator, f->attribute, f->group,
		       f->position[0] != '\0' ? ", " : "", f->position);
	draw_title(left, eh_notification_state_text(s->n->state));
	if (is_screening(f))
		draw_screening_legend();
	return 2 + draw_paragraph(2, 1, COLS - 2, height, E_TEXT, words_reason(reason, s->n)) + (LINES >= 16);
}

static int margin(void)
{
	return COLS >= 60 ? 16 : 9;
}

static int draw_choice(struct view *v, int y)
{
	struct state *s = v->state;
	int x = margin(), gap = COLS >= 60 ? 3 : 1;

	draw_text(y, 1, margin() - 2, false, E_HEAD, COLS >= 60 ? "Your answer" : "Answer");
	for (int i = 0; i < N_CHOICES; i++) {
		char text[32];

		(void)snprintf(text, sizeof text, "%s %s", term_symbol(s->d.choice == i ? S_CHOSEN : S_FREE),
			       choice_words[i]);
		if (x + draw_width(text) > COLS) {
			x = margin();
			y++;
		}
		draw_text(y, x, draw_width(text), false, s->field == 0 && s->d.choice == i ? E_SELECTED : E_TEXT, text);
		if (s->field == 0 && (s->d.choice == i || (s->d.choice == NO_CHOICE && i == 0))) {
			v->cursor_y = y;
			v->cursor_x = x + 1;
		}
		x += draw_width(text) + gap;
	}
	return y + 1;
}

static int draw_reason(struct view *v, int y)
{
	struct state *s = v->state;
	int height = LINES >= 20 ? 4 : LINES >= 14 ? 2 : 1, cy, cx;

	draw_text(y, 1, margin() - 2, false, E_HEAD, "Reason");
	if (height > 1)
		draw_text(y + 1, 1, margin() - 2, false, E_TEXT, COLS >= 60 ? "(required)" : "(needed)");
	cx = line_draw_wrapped(&s->d.reason, y, margin(), COLS - margin() - 2, height, s->field == 1, &cy);
	if (s->field == 1) {
		v->cursor_y = cy;
		v->cursor_x = cx;
	}
	return y + height;
}

static void draw_part(struct view *v, int y, int x, int width, int field, const struct line *l)
{
	struct state *s = v->state;
	int cx = line_draw(l, y, x, width, s->field == field);

	if (s->field == field) {
		v->cursor_y = y;
		v->cursor_x = cx;
	}
}

/* Dates take eleven columns: ten, and the cursor behind them. */
static void draw_actions(struct view *v, int y)
{
	struct state *s = v->state;
	int x = COLS >= 60 ? 16 : 3, owner = COLS >= 60 ? 11 : 8, due = 11, text = COLS - x - owner - due - 3;
	int row = s->field >= 2 ? (s->field - 2) / PARTS : 0, room = LINES - 3 - y;
	int top = row >= room ? row - room + 1 : 0;

	if (COLS >= 60)
		draw_text(y, 1, 14, false, E_HEAD, "Actions");
	draw_text(y, x, text, false, E_HEAD, COLS >= 60 ? "what" : "action");
	draw_text(y, x + text + 1, owner, false, E_HEAD, "owner");
	draw_text(y++, x + text + owner + 2, due, false, E_HEAD, "by (date)");
	for (int i = top; i < s->d.actions && y < LINES - 2; i++, y++) {
		draw_textf(y, x - 2, 1, E_TEXT, "%d", i + 1);
		draw_part(v, y, x, text, 2 + i * PARTS, &s->d.action[i][0]);
		draw_part(v, y, x + text + 1, owner, 3 + i * PARTS, &s->d.action[i][1]);
		draw_part(v, y, x + text + owner + 2, due, 4 + i * PARTS, &s->d.action[i][2]);
	}
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	int y = draw_head(s), gap = LINES >= 16;

	y = draw_choice(v, y) + gap;
	y = draw_reason(v, y) + gap;
	if (s->d.choice == LIST_ACTIONS)
		draw_actions(v, y);
	else if (s->field == 0 && y < LINES - 2)
		draw_text(y, 1, COLS - 2, false, E_TEXT, "Left and Right or Space choose; c, r, l choose at once.");
}

/* ---- keys ---- */

static void choose(struct state *s, int choice)
{
	s->d.choice = (enum choice)((choice + N_CHOICES) % N_CHOICES);
	if (s->d.choice == LIST_ACTIONS && s->d.actions == 0)
		s->d.actions = 1;
}

static bool choice_key(struct state *s, int key, bool is_key)
{
	if (is_key && key == KEY_LEFT)
		choose(s, s->d.choice == NO_CHOICE ? CONFIRM : (int)s->d.choice - 1);
	else if ((is_key && key == KEY_RIGHT) || (!is_key && key == ' '))
		choose(s, (int)s->d.choice + 1);
	else if (!is_key && (key == 'c' || key == 'r' || key == 'l'))
		choose(s, key == 'c' ? CONFIRM : key == 'r' ? REJECT : LIST_ACTIONS);
	else
		return false;
	return true;
}

static void next_field(struct state *s, int by)
{
	int n = n_fields(s);

	/* leaving the last written action makes room for one more */
	if (by > 0 && s->d.choice == LIST_ACTIONS && s->field == n - 1 && s->d.actions < EH_ACTIONS_MAX &&
	    s->d.action[s->d.actions - 1][0].len > 0) {
		s->d.actions++;
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
	struct eh_err err = EH_ERR_INIT;
	bool cut = false;

	if (editor_edit(&s->d.reason, &cut, &err) != EH_OK) {
		screens_say(v->screens, "%s; the reason is as it was", err.msg);
		return;
	}
	s->field = 1;
	if (cut)
		screens_say(v->screens, "the reason was cut: at most %d bytes are kept", EH_RESPONSE_REASON_MAX);
}

/* A line holds no more than its field takes: line_init was told so. */
static void copy_line(char *out, size_t size, const struct line *l)
{
	(void)snprintf(out, size, "%.*s", (int)(size - 1), l->text);
}

static void collect(const struct state *s, struct eh_response *r)
{
	r->to = choices[s->d.choice];
	copy_line(r->reason, sizeof r->reason, &s->d.reason);
	for (int i = 0; i < s->d.actions && s->d.choice == LIST_ACTIONS; i++) {
		struct eh_action *a = &r->actions[r->n_actions];

		if (!action_written(&s->d, i))
			continue;
		copy_line(a->text, sizeof a->text, &s->d.action[i][0]);
		copy_line(a->owner, sizeof a->owner, &s->d.action[i][1]);
		copy_line(a->due, sizeof a->due, &s->d.action[i][2]);
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

	if (s->d.choice == NO_CHOICE) {
		screens_say(screens, "choose first: confirm, reject or list actions");
		s->field = 0;
		return;
	}
	r = eh_xcalloc(1, sizeof *r);
	collect(s, r);
	eh_notification_id(id, s->seq);
	if (eh_desk_respond(screens->desk, s->seq, s->seen, r, &err) == EH_OK) {
		screens_say(screens, "%s: %s; stored and in the journal", id, eh_notification_state_text(r->to));
		drop_draft(screens, s->seq);
		view_back(screens);
	} else {
		screens_say(screens, "not stored: %s", err.msg);
	}
	free(r);
}

/* What was written waits; a form that was emptied forgets what waited before. */
static void leave_unstored(struct view *v)
{
	struct state *s = v->state;
	bool kept = written(&s->d);

	if (kept)
		keep_draft(v->screens, &s->d);
	else
		drop_draft(v->screens, s->seq);
	screens_say(v->screens, "left; nothing was stored%s",
		    kept ? "; what you wrote waits in this form until you quit" : "");
	view_back(v->screens);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;

	switch (a) {
	case ACT_COMMIT: commit(v); break;
	case ACT_NEXT_FIELD: next_field(s, 1); break;
	case ACT_PREV_FIELD: next_field(s, -1); break;
	case ACT_EDITOR: edit_reason(v); break;
	case ACT_CANCEL: leave_unstored(v); break;
	default: break;
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	free(s->n);
	free(s);
}

static const struct view_ops ops = { V_RESPOND, load, draw, act, key_pressed, NULL, close_view };

struct view *respond_view(struct screens *screens, uint64_t seq)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct draft *kept = *find_draft(screens, seq);

	s->n = eh_xcalloc(1, sizeof *s->n);
	s->seq = s->d.seq = seq;
	s->d.choice = NO_CHOICE;
	line_init(&s->d.reason, EH_RESPONSE_REASON_MAX, "");
	for (int i = 0; i < EH_ACTIONS_MAX; i++) {
		line_init(&s->d.action[i][0], EH_ACTION_TEXT_MAX, "");
		line_init(&s->d.action[i][1], EH_ID_MAX, "");
		line_init(&s->d.action[i][2], 10, "");
	}
	if (kept != NULL)
		s->d = *kept;
	return view_new(&ops, screens, s);
}

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

/* What the person has written; it outlives the form when that is left without storing. */
struct draft {
	struct draft *next;
	uint64_t seq;                   /* of the notification */
	int choice;                     /* -1 = not made */
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

static bool written(const struct draft *d)
{
	return d->reason.len > 0 || d->action[0][0].len > 0;
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
		screens_say(v->screens, "somebody else changed this notification meanwhile (it is %s now): "
			    "leave and look again", eh_notification_state_text(s->n->state));
	s->loaded = true;
	return EH_OK;
}

static int n_fields(const struct state *s)
{
	return 2 + (s->d.choice == 2 ? s->d.actions * PARTS : 0);
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
	char left[300], right[64], id[16];
	int height = LINES >= 22 ? 6 : LINES >= 16 ? 3 : 1;

	eh_notification_id(id, s->seq);
	(void)snprintf(left, sizeof left, "Notification %s   %s   %s %s%s%s", id,
		       s->n->systemic ? "(process)" : f->evaluator, f->attribute, f->group,
		       f->position[0] != '\0' ? ", " : "", f->position);
	(void)snprintf(right, sizeof right, "%s", eh_notification_state_text(s->n->state));
	draw_title(left, right);
	return 2 + draw_paragraph(2, 1, COLS - 2, height, E_TEXT, f->reason) + (LINES >= 16);
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
	for (int i = 0; i < 3; i++) {
		char text[32];

		(void)snprintf(text, sizeof text, "%s %s", term_symbol(s->d.choice == i ? S_CHOSEN : S_FREE),
			       choice_words[i]);
		if (x + draw_width(text) > COLS) {
			x = margin();
			y++;
		}
		draw_text(y, x, draw_width(text), false, s->field == 0 && s->d.choice == i ? E_SELECTED : E_TEXT, text);
		if (s->field == 0 && (s->d.choice == i || (s->d.choice < 0 && i == 0))) {
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
	if (s->d.choice == 2)
		draw_actions(v, y);
	else if (s->field == 0 && y < LINES - 2)
		draw_text(y, 1, COLS - 2, false, E_TEXT, "Left and Right or Space choose; c, r, l choose at once.");
}

/* ---- keys ---- */

static void choose(struct state *s, int choice)
{
	s->d.choice = (choice + 3) % 3;
	if (s->d.choice == 2 && s->d.actions == 0)
		s->d.actions = 1;
}

static bool choice_key(struct state *s, int key, bool is_key)
{
	if (is_key && key == KEY_LEFT)
		choose(s, s->d.choice < 0 ? 0 : s->d.choice - 1);
	else if ((is_key && key == KEY_RIGHT) || (!is_key && key == ' '))
		choose(s, s->d.choice + 1);
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
	if (by > 0 && s->d.choice == 2 && s->field == n - 1 && s->d.actions < EH_ACTIONS_MAX &&
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

static const char *editor(void)
{
	const char *visual = getenv("VISUAL"), *plain = getenv("EDITOR");

	return visual != NULL && visual[0] != '\0' ? visual : plain != NULL && plain[0] != '\0' ? plain : NULL;
}

/* What the editor left, as one line: line ends and tabs become blanks, other controls marks. */
static bool read_reason(const char *path, struct line *out)
{
	char text[EH_RESPONSE_REASON_MAX + 2], clean[EH_RESPONSE_REASON_MAX + 1];
	FILE *f = fopen(path, "r");
	size_t n = f != NULL ? fread(text, 1, sizeof text, f) : 0;
	bool all = n < sizeof text;

	if (f != NULL)
		(void)fclose(f);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n' || text[i] == '\t' || text[i] == '\r')
			text[i] = ' ';
	eh_text_printable(clean, sizeof clean, text, n);
	line_init(out, EH_RESPONSE_REASON_MAX, clean);
	return all;
}

static void edit_reason(struct view *v)
{
	struct state *s = v->state;
	const char *tmp = getenv("TMPDIR"), *dir = tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
	char *path, *command;
	bool failed;
	int fd;

	if (editor() == NULL) {
		screens_say(v->screens, "set $VISUAL or $EDITOR to use an editor");
		return;
	}
	path = eh_xasprintf("%s/evenhand-reason-XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0 || write(fd, s->d.reason.text, s->d.reason.len) != (ssize_t)s->d.reason.len) {
		screens_say(v->screens, "no temporary file can be written in %s", dir);
		if (fd >= 0) {
			(void)close(fd);
			(void)unlink(path);
		}
		free(path);
		return;
	}
	(void)close(fd);
	command = eh_xasprintf("%s '%s'", editor(), path);
	term_suspend();
	failed = strchr(path, '\'') != NULL || system(command) != 0;
	term_resume();
	if (failed)
		screens_say(v->screens, "the editor failed; the reason is as it was");
	else if (!read_reason(path, &s->d.reason))
		screens_say(v->screens, "the reason was cut: at most %d bytes are kept", EH_RESPONSE_REASON_MAX);
	if (!failed)
		s->field = 1;
	(void)unlink(path);
	free(command);
	free(path);
}

static void collect(const struct state *s, struct eh_response *r)
{
	r->to = choices[s->d.choice];
	(void)snprintf(r->reason, sizeof r->reason, "%s", s->d.reason.text);
	for (int i = 0; i < s->d.actions && s->d.choice == 2; i++) {
		struct eh_action *a = &r->actions[r->n_actions];

		if (s->d.action[i][0].len == 0 && s->d.action[i][1].len == 0 && s->d.action[i][2].len == 0)
			continue;
		(void)snprintf(a->text, sizeof a->text, "%.159s", s->d.action[i][0].text);
		(void)snprintf(a->owner, sizeof a->owner, "%.64s", s->d.action[i][1].text);
		(void)snprintf(a->due, sizeof a->due, "%.10s", s->d.action[i][2].text);
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

	if (s->d.choice < 0) {
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

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;

	switch (a) {
	case ACT_COMMIT: commit(v); break;
	case ACT_NEXT_FIELD: next_field(s, 1); break;
	case ACT_PREV_FIELD: next_field(s, -1); break;
	case ACT_EDITOR: edit_reason(v); break;
	case ACT_CANCEL:
		if (written(&s->d))
			keep_draft(v->screens, &s->d);
		screens_say(v->screens, "left; nothing was stored%s",
			    written(&s->d) ? "; what you wrote waits in this form until you quit" : "");
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

static const struct view_ops ops = { V_RESPOND, load, draw, act, key_pressed, NULL, close_view };

struct view *respond_view(struct screens *screens, uint64_t seq)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct draft *kept = *find_draft(screens, seq);

	s->n = eh_xcalloc(1, sizeof *s->n);
	s->seq = s->d.seq = seq;
	s->d.choice = -1;
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

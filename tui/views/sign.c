/* An act on a policy: propose, approve, retire; with a reason, signed by another key than the one that opened it. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/editor.h"
#include "parts/line.h"
#include "views/view.h"

struct state {
	struct eh_policy_row row;
	enum action act;
	struct line reason;
};

static int load(struct view *v, struct eh_err *err)
{
	(void)v;
	(void)err;
	return EH_OK;
}

static const char *verb(enum action a)
{
	return a == ACT_PROPOSE ? "Propose" : a == ACT_APPROVE ? "Approve" : "Retire";
}

/* What comes with the program runs, and the same text waits as proposed. */
static bool waits_beside(const struct eh_policy_row *r)
{
	return r->state == EH_POLICY_DEFAULT && r->stored.state == EH_POLICY_PROPOSED;
}

static const char *meaning(const struct state *s)
{
	if (s->act == ACT_PROPOSE)
		return "The project keeps this text. Another account makes it active; until then audits run what was "
		       "active. A reason is required where it loosens what is active.";
	if (s->act == ACT_APPROVE)
		return "From now on audits run this text, whatever becomes of its file. Refused to who proposed it and "
		       "to who last edited its file. Look at the diff first.";
	if (waits_beside(&s->row))
		return "The proposal is withdrawn; the text runs as before, as what comes with the program. Retired "
		       "once more its end is asked for.";
	if (s->row.state == EH_POLICY_PROPOSED)
		return "The proposal is withdrawn; what is active stays.";
	if (s->row.ending.at != 0)
		return "Another person asked for its end: now audits run this text no more. It stays in the project, "
		       "and can be proposed again.";
	return "You ask for its end. Audits run it until a second person, from another account, retires it too.";
}

static int draw_facts(const struct state *s, int y)
{
	const struct eh_policy_row *r = &s->row;
	int x = 12;

	draw_text(y, 1, x - 2, false, E_HEAD, "sha256");
	y += draw_paragraph(y, x, COLS - x - 1, 2, E_TEXT, r->hash);
	if (r->stored.proposed.at != 0) {
		char text[600];

		(void)snprintf(text, sizeof text, "by %s%s%s", r->stored.proposed.who.login,
			       r->stored.proposed.reason[0] != '\0' ? ": " : "", r->stored.proposed.reason);
		draw_text(y, 1, x - 2, false, E_HEAD, "proposed");
		y += draw_paragraph(y, x, COLS - x - 1, LINES >= 20 ? 3 : 1, E_TEXT, text);
	}
	if (r->ending.at != 0) {
		char text[600];

		(void)snprintf(text, sizeof text, "asked for by %s: %s", r->ending.who.login, r->ending.reason);
		draw_text(y, 1, x - 2, false, E_HEAD, "its end");
		y += draw_paragraph(y, x, COLS - x - 1, LINES >= 20 ? 3 : 1, E_TEXT, text);
	}
	if (r->stored.loosened[0] != '\0') {
		draw_text(y, 1, x - 2, false, E_HEAD, "loosens");
		y += draw_paragraph(y, x, COLS - x - 1, LINES >= 20 ? 3 : 1, E_WATCH, r->stored.loosened);
	}
	return y;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	char left[EH_NAME_MAX + 64], right[64];
	int y, height = LINES >= 20 ? 4 : 2, x = 12;

	(void)snprintf(left, sizeof left, "%s policy %s %s", verb(s->act), s->row.name, s->row.version);
	(void)snprintf(right, sizeof right, "you: %s", eh_desk_actor(v->screens->desk)->login);
	draw_title(left, right);
	y = 2 + draw_paragraph(2, 1, COLS - 2, LINES >= 16 ? 4 : 2, E_TEXT, meaning(s)) + (LINES >= 16);
	y = draw_facts(s, y) + (LINES >= 16);
	draw_text(y, 1, x - 2, false, E_HEAD, "Reason");
	v->cursor_x = line_draw_wrapped(&s->reason, y, x, COLS - x - 2, height, true, &v->cursor_y);
}

static bool key_pressed(struct view *v, int key, bool is_key)
{
	struct state *s = v->state;

	return line_key(&s->reason, key, is_key);
}

static void edit_reason(struct view *v)
{
	struct state *s = v->state;
	struct eh_err err = EH_ERR_INIT;
	bool cut = false;

	if (editor_edit(&s->reason, &cut, &err) != EH_OK)
		screens_say(v->screens, "%s; the reason is as it was", err.msg);
	else if (cut)
		screens_say(v->screens, "the reason was cut: at most %d bytes are kept", EH_POLICY_REASON_MAX);
}

static void commit(struct view *v)
{
	struct state *s = v->state;
	struct screens *screens = v->screens;
	struct eh_policy_version *done = eh_xcalloc(1, sizeof *done);
	struct eh_err err = EH_ERR_INIT;
	bool version = waits_beside(&s->row) ||
		       (s->row.stored.state != EH_POLICY_NOT_RECORDED && s->row.state != EH_POLICY_DEFAULT);
	int rc;

	/* the text that was seen, not what stands under its name by now */
	if (s->act == ACT_PROPOSE)
		rc = eh_desk_policy_propose(screens->desk, s->row.spec, s->row.hash, s->reason.text, done, &err);
	else if (s->act == ACT_APPROVE)
		rc = eh_desk_policy_approve(screens->desk, s->row.name, s->row.hash, s->reason.text, done, &err);
	else
		rc = eh_desk_policy_retire(screens->desk, s->row.name, version ? s->row.hash : NULL, s->reason.text,
					   done, &err);
	if (rc == EH_OK && s->act == ACT_RETIRE && done->proposed.at != 0 && done->approved.at == 0 &&
	    done->state == EH_POLICY_RETIRED) {
		screens_say(screens, "%s %s: the proposal is withdrawn; stored and in the journal", done->name,
			    done->version);
		view_back(screens);
	} else if (rc == EH_OK) {
		screens_say(screens, s->act == ACT_RETIRE && done->state != EH_POLICY_RETIRED
				? "%s %s: %s until a second person retires it too; stored and in the journal"
				: "%s %s: %s; stored and in the journal",
			    done->name, done->version, eh_policy_state_text(done->state));
		view_back(screens);
	} else {
		screens_say(screens, "not done: %s", err.msg);
	}
	free(done);
}

static void act(struct view *v, enum action a)
{
	switch (a) {
	case ACT_COMMIT: commit(v); break;
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
	free(v->state);
}

static const struct view_ops ops = { V_SIGN, load, draw, act, key_pressed, NULL, close_view };

struct view *sign_view(struct screens *screens, const struct eh_policy_row *row, enum action a)
{
	struct state *s = eh_xcalloc(1, sizeof *s);

	s->row = *row;
	s->act = a;
	line_init(&s->reason, EH_POLICY_REASON_MAX, "");
	return view_new(&ops, screens, s);
}

/* The first screen: what waits for an answer, and how things stand. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "views/view.h"

enum { C_MARK, C_WHO, C_WHAT, C_RATIO, C_Q, C_STATE, C_DAYS, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "", 2, false, 0, false }, { "waiting for you", 15, false, 0, false }, { "class", 0, false, 0, false },
	{ "ratio [95 %]", 18, false, 60, false }, { "q", 8, true, 70, false }, { "state", 8, false, 0, false }, { "days", 4, true, 70, false },
};

struct state {
	struct table table;
	struct eh_standing standing;
	struct eh_notification *v;
	size_t n;
	struct eh_journal_state journal;
	bool intact;
};

static void fill(struct state *s)
{
	table_begin(&s->table);
	for (size_t i = 0; i < s->n; i++) {
		const struct eh_notification *n = &s->v[i];
		struct table_row *r;
		char id[16], text[64];

		if (n->state != EH_N_PENDING)
			continue;
		eh_notification_id(id, n->seq);
		r = table_add(&s->table, id);
		r->payload = i;
		r->element = E_ALARM;
		table_cell(r, C_MARK, "%s", eh_verdict_symbol(EH_NOTIFY, term_ascii()));
		table_cell(r, C_WHO, "%s %s", id, n->systemic ? "(process)" : n->finding.evaluator);
		table_cell(r, C_WHAT, "%s %s%s%s", n->finding.attribute, n->finding.group, n->finding.position[0] != '\0' ? " " : "", n->finding.position);
		ratio_text(text, sizeof text, &n->finding.ratio, &n->finding.ratio_interval);
		table_cell(r, C_RATIO, "%s", text);
		table_num(r, C_Q, n->finding.q, 4);
		table_cell(r, C_STATE, "%s", eh_notification_state_text(n->state));
		table_num(r, C_DAYS, eh_num((double)((eh_now() - n->raised_at) / 86400)), 0);
	}
	table_end(&s->table);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	int rc;

	eh_list_free(&s->v);
	s->n = 0;
	rc = eh_desk_standing(v->screens->desk, &s->standing, err);
	if (rc == EH_OK)
		rc = eh_desk_notifications(v->screens->desk, &s->v, &s->n, err);
	if (rc != EH_OK)
		return rc;
	s->intact = eh_desk_journal_verify(v->screens->desk, &s->journal, NULL) == EH_OK;
	fill(s);
	return EH_OK;
}

static int stand_line(int y, const char *name, const char *text)
{
	char *lines[3];
	size_t n = draw_wrap(text, COLS - 17, lines, 3);

	for (size_t i = 0; i < n; i++) {
		if (y < LINES - 2) {
			draw_text(y, 2, 13, false, i == 0 ? E_HEAD : E_TEXT, i == 0 ? name : "");
			draw_text(y++, 16, COLS - 17, false, E_TEXT, lines[i]);
		}
		free(lines[i]);
	}
	return y;
}

static void draw_standing(int y, const struct state *s)
{
	const struct eh_standing *t = &s->standing;
	char text[400], at[EH_TIME_TEXT];

	draw_text(y++, 1, COLS - 2, false, E_TITLE, "HOW THINGS STAND");
	if (t->has_audit) {
		eh_format_time(at, t->audit.at);
		(void)snprintf(text, sizeof text, "%.10s, %s %s: %u evaluators; %u notify, %u watch, %u too few, %u ok, %u other; family %s of %u",
			       at, t->audit.policy, t->audit.policy_version, t->audit.evaluators, t->audit.notify, t->audit.watch,
			       t->audit.too_few, t->audit.ok, t->audit.other, t->audit.family_method, t->audit.family_size);
	} else {
		(void)snprintf(text, sizeof text, "none yet; run: evenhand audit");
	}
	y = stand_line(y, "last audit", text);
	(void)snprintf(text, sizeof text, "%s: declared %u, predicted %u, of these undetermined %u", t->attribute[0] != '\0' ? t->attribute : "none declared",
		       t->declared, t->predicted, t->undetermined);
	y = stand_line(y, "classes", text);
	(void)snprintf(text, sizeof text, "%u of %u candidates; face found in %u, voice in %u; %u files could not be measured", t->vectors,
		       t->candidates, t->with_face, t->with_voice, t->answers_failed);
	y = stand_line(y, "measured", text);
	(void)snprintf(text, sizeof text, "%llu of %u evaluators on %u candidates", (unsigned long long)t->evaluations, t->evaluators, t->candidates);
	y = stand_line(y, "decisions", text);
	if (s->intact)
		(void)snprintf(text, sizeof text, "%llu entries, intact", (unsigned long long)s->journal.entries);
	else
		(void)snprintf(text, sizeof text, "BROKEN at entry %llu: press J", (unsigned long long)s->journal.broken_at);
	(void)stand_line(y, "journal", text);
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const char *dir = eh_desk_dir(v->screens->desk), *slash = strrchr(dir, '/');
	char left[200], right[64];
	int rows = (int)s->table.n_shown + 1, max = LINES - 15;

	(void)snprintf(left, sizeof left, "Evenhand   %.120s", slash != NULL && slash[1] != '\0' ? slash + 1 : dir);
	(void)snprintf(right, sizeof right, "Desk   supervisor: %s", eh_desk_actor(v->screens->desk)->login);
	draw_title(left, right);
	max = max < 3 ? 3 : max;
	rows = rows < 2 ? 2 : rows > max ? max : rows;
	v->cursor_y = table_draw(&s->table, 2, rows);
	v->cursor_x = 2;
	if (s->table.n_shown == 0)
		draw_text(3, 5, COLS - 6, false, E_TEXT, "nothing waits for an answer");
	draw_standing(2 + rows + 1, s);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const struct eh_notification *n = sel != NULL ? &s->v[sel->payload] : NULL;

	if (a == ACT_EVALUATORS)
		view_open(evaluators_view(v->screens));
	else if (a == ACT_NOTIFICATIONS)
		view_open(notifications_view(v->screens));
	else if (a == ACT_JOURNAL)
		view_open(journal_view(v->screens));
	else if (a == ACT_METRICS)
		view_open(metrics_view(v->screens, n != NULL ? n->finding.evaluator : "", n != NULL ? n->finding.attribute : "", n != NULL ? n->finding.group : ""));
	else if (n == NULL)
		screens_say(v->screens, "nothing is selected");
	else if (a == ACT_OPEN)
		view_open(notification_text_view(v->screens, n->seq));
	else if (a == ACT_RESPOND)
		view_open(respond_view(v->screens, n->seq));
	else if (a == ACT_EXPLAIN)
		view_open(text_view(v->screens, n->finding.evaluator, eh_explain_text(&n->finding)));
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_DESK, load, draw, act, NULL, close_view };

struct view *desk_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS);
	v->table = &s->table;
	return v;
}

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
#include "parts/words.h"
#include "views/view.h"

enum { C_MARK, C_ID, C_WHO, C_WHAT, C_RATIO, C_Q, C_DAYS, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "", 2, TABLE_LEFT, 0, 0 }, { "id", 5, TABLE_FIT, 0, 0 }, { "evaluator", 12, TABLE_FIT, 0, 0 },
	{ "class", 0, TABLE_LEFT, 0, 0 }, { "ratio [95 %]", 18, TABLE_NUMBERS, 56, 0 }, { "q", 7, TABLE_RIGHT, 64, 0 },
	{ "waits", 8, TABLE_RIGHT, 72, 0 },
};

#define WAITING_MAX 500                 /* rows: more than a person goes through from the first screen */

struct state {
	struct table table;
	struct eh_standing standing;
	struct eh_notification_lines waiting;   /* at most WAITING_MAX */
	size_t n_waiting;               /* in all */
	struct eh_journal_state journal;
	bool intact;
	bool screening;                 /* an estimate is among what waits */
};

/* "today", "1 day", "6 days" */
static const char *days_text(char *out, size_t size, int64_t since)
{
	long long days = (long long)((eh_now() - since) / 86400);

	if (days <= 0)
		(void)snprintf(out, size, "today");
	else
		(void)snprintf(out, size, "%lld day%s", days, days == 1 ? "" : "s");
	return out;
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	static const struct notification_columns shared = { C_ID, C_WHO, C_WHAT, C_RATIO, C_Q };
	const struct eh_notification_line *l = &((const struct state *)ctx)->waiting.v[i];
	char text[64];

	notification_row(r, &shared, l);
	r->element = E_ALARM;
	table_word(r, C_MARK, eh_verdict_symbol(EH_NOTIFY, term_ascii()));
	table_word(r, C_DAYS, days_text(text, sizeof text, l->raised_at));
}

/* Those addressed to the process first, then the oldest; the list of all has the rest. */
static void show_waiting(struct state *s, const struct eh_notification_lines *all)
{
	eh_notification_lines_free(&s->waiting);
	s->n_waiting = 0;
	s->screening = false;
	for (size_t i = 0; i < all->n; i++) {
		const struct eh_notification_line *l = &all->v[i];

		if (l->state != EH_N_PENDING || s->n_waiting++ >= WAITING_MAX)
			continue;
		eh_notification_lines_add(&s->waiting, l);
		s->screening = s->screening || (l->basis == EH_BASIS_SCREENING && l->ratio.defined);
	}
	table_load(&s->table, s->waiting.n);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_standing standing;
	struct eh_notification_lines all = { 0 };
	int rc = eh_desk_standing(v->screens->desk, &standing, err);

	if (rc == EH_OK)
		rc = eh_desk_notification_lines(v->screens->desk, &all, err);
	if (rc != EH_OK) {
		eh_notification_lines_free(&all);
		return rc;
	}
	s->standing = standing;
	s->intact = eh_desk_journal_verify(v->screens->desk, &s->journal, NULL) == EH_OK;
	show_waiting(s, &all);
	eh_notification_lines_free(&all);
	return EH_OK;
}

static int stand_line(int y, const char *name, enum element e, const char *text)
{
	int room = LINES - 2 - y, n;

	if (room <= 0)
		return y;
	draw_text(y, 2, 13, false, E_HEAD, name);
	n = draw_paragraph(y, 16, COLS - 17, room < 3 ? room : 3, e, text);
	return y + n;
}

static int stand_audit(int y, const struct eh_audit_head *a)
{
	char text[400], at[EH_TIME_TEXT], ago[32], standing[WORDS_STANDING];
	int used;

	eh_format_time(at, a->at);
	(void)days_text(ago, sizeof ago, a->at);
	used = snprintf(text, sizeof text, "%s%s, %.10s, %s %s%s: %u evaluator%s, %u finding%s: "
			"%u notify, %u watch, %u too few, %u ok", ago, strcmp(ago, "today") == 0 ? "" : " ago", at,
			a->policy, a->policy_version, words_standing(standing, a->policy_state), a->evaluators,
			words_s(a->evaluators), a->findings,
			words_s(a->findings), a->notify, a->watch, a->too_few,
			a->ok);
	if (a->other > 0 && used > 0 && (size_t)used < sizeof text)
		(void)snprintf(text + used, sizeof text - (size_t)used, ", %u other", a->other);
	return stand_line(y, "last audit", E_TEXT, text);
}

static int stand_policies(int y, const struct eh_standing *t)
{
	char text[300], more[48] = "";

	if (t->policies_proposed == 0)
		return y;
	if (t->policies_proposed > 1)
		(void)snprintf(more, sizeof more, " and %u more", t->policies_proposed - 1);
	(void)snprintf(text, sizeof text, "! %s, proposed by %s,%s waits for a second person: press p",
		       t->policy_proposed, t->policy_author, more);
	return stand_line(y, "policies", E_WATCH, text);
}

static int stand_endings(int y, const struct eh_standing *t)
{
	char text[300], more[48] = "";

	if (t->policies_ending == 0)
		return y;
	if (t->policies_ending > 1)
		(void)snprintf(more, sizeof more, " and %u more", t->policies_ending - 1);
	(void)snprintf(text, sizeof text, "! the end of %s, asked for by %s,%s waits for a second person: press p",
		       t->policy_ending, t->ending_asked_by, more);
	return stand_line(y, t->policies_proposed == 0 ? "policies" : "", E_WATCH, text);
}

static int stand_classes(int y, const struct eh_standing *t)
{
	char text[200], imported[32] = "";

	if (t->imported > 0)
		(void)snprintf(imported, sizeof imported, "imported %u, ", t->imported);
	if (t->attribute[0] == '\0')
		(void)snprintf(text, sizeof text, "none known");
	else if (t->predicted == 0)
		(void)snprintf(text, sizeof text, "%s: declared %u, %spredicted 0", t->attribute, t->declared,
			       imported);
	else
		(void)snprintf(text, sizeof text, "%s: declared %u, %spredicted %u, of these undetermined %u",
			       t->attribute, t->declared, imported, t->predicted, t->undetermined);
	y = stand_line(y, "classes", E_TEXT, text);
	if (t->stale_models == 0)
		return y;
	return stand_line(y, "", E_WATCH, "! a consent behind a model was withdrawn; run: evenhand train ATTRIBUTE");
}

static int stand_measured(int y, const struct eh_standing *t)
{
	char text[400];

	if (t->interviews == 0)
		(void)snprintf(text, sizeof text, "no recordings");
	else
		(void)snprintf(text, sizeof text, "%u of %u candidate%s; face found in %u, voice in %u", t->vectors,
			       t->candidates, words_s(t->candidates), t->with_face, t->with_voice);
	y = stand_line(y, "measured", E_TEXT, text);
	if (t->answers_failed == 0)
		return y;
	(void)snprintf(text, sizeof text, "! %u recording%s could not be measured", t->answers_failed,
		       t->answers_failed == 1 ? "" : "s");
	return stand_line(y, "", E_WATCH, text);
}

static void draw_standing(int y, const struct state *s)
{
	const struct eh_standing *t = &s->standing;
	char text[400];

	if (y < LINES - 2)
		draw_text(y++, 1, COLS - 2, false, E_TITLE, "HOW THINGS STAND");
	if (t->has_audit)
		y = stand_audit(y, &t->audit);
	else
		y = stand_line(y, "last audit", E_TEXT, "none yet; run: evenhand audit");
	y = stand_policies(y, t);
	y = stand_endings(y, t);
	y = stand_classes(y, t);
	y = stand_measured(y, t);
	(void)snprintf(text, sizeof text, "%llu by %u evaluator%s on %u candidate%s",
		       (unsigned long long)t->evaluations, t->evaluators, words_s(t->evaluators), t->candidates,
		       words_s(t->candidates));
	y = stand_line(y, "decisions", E_TEXT, text);
	if (s->intact)
		(void)snprintf(text, sizeof text, "%llu entr%s, verified now", (unsigned long long)s->journal.entries,
			       s->journal.entries == 1 ? "y" : "ies");
	else
		(void)snprintf(text, sizeof text, "%s BROKEN at entry %llu: press J",
			       eh_verdict_symbol(EH_NOTIFY, term_ascii()), (unsigned long long)s->journal.broken_at);
	(void)stand_line(y, "journal", s->intact ? E_TEXT : E_ALARM, text);
}

static const char *nothing_waits(const struct state *s)
{
	if (s->standing.has_audit)
		return "nothing waits for an answer";
	if (s->standing.evaluations == 0)
		return "nothing waits for an answer: there are no decisions yet; see: evenhand import --help";
	return "nothing waits for an answer: no audit has run yet; run: evenhand audit";
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const char *dir = eh_desk_dir(v->screens->desk), *slash = strrchr(dir, '/');
	char left[200], right[160];
	int rows = (int)s->table.n_shown + 1, max = LINES - 15, y = 2;

	(void)snprintf(left, sizeof left, "Evenhand   %.120s", slash != NULL && slash[1] != '\0' ? slash + 1 : dir);
	(void)snprintf(right, sizeof right, "Desk   supervisor: %s", eh_desk_actor(v->screens->desk)->login);
	draw_title(left, right);
	if (s->screening)
		draw_screening_legend();
	if (LINES >= 20) {
		rows_text(right, sizeof right, &s->table);
		if (s->n_waiting > s->waiting.n && s->table.filter[0] == '\0')
			(void)snprintf(right, sizeof right, "%zu rows, here the first %zu; n lists all", s->n_waiting,
				       s->waiting.n);
		draw_text(y, 1, 16, false, E_TITLE, "WAITING FOR YOU");
		draw_text(y++, 18, COLS - 19, false, E_TEXT, s->table.n > 0 ? right : "");
	}
	max = max < 3 ? 3 : max;
	rows = rows < 2 ? 2 : rows > max ? max : rows;
	v->cursor_y = table_draw(&s->table, y, rows);
	v->cursor_x = 2;
	if (s->table.n_shown == 0)
		rows = 1 + draw_empty(y + 1, &s->table, nothing_waits(s));
	draw_standing(y + rows + 1, s);
}

/* What is done with the selected notification, as a whole. */
static void act_on(struct view *v, enum action a, const struct eh_notification *n)
{
	if (a == ACT_METRICS)
		view_open(metrics_view(v->screens, &n->finding));
	else if (n->n_members > 0)
		view_open(notification_text_view(v->screens, n->seq));
	else
		view_open(explain_view(v->screens, &n->finding));
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const uint64_t seq = sel != NULL ? s->waiting.v[sel->payload].seq : 0;
	struct eh_notification *n;

	if (a == ACT_EVALUATORS)
		view_open(evaluators_view(v->screens, NULL));
	else if (a == ACT_NOTIFICATIONS)
		view_open(notifications_view(v->screens));
	else if (a == ACT_JOURNAL)
		view_open(journal_view(v->screens));
	else if (a == ACT_CANDIDATES)
		view_open(candidates_view(v->screens));
	else if (a == ACT_POLICIES)
		view_open(policies_view(v->screens));
	else if (a == ACT_MODELS)
		view_open(models_view(v->screens));
	else if (a == ACT_METRICS && sel == NULL)
		view_open(metrics_view(v->screens, NULL));
	else if (sel == NULL)
		screens_say(v->screens, "%s", nothing_waits(s));
	else if (a == ACT_OPEN)
		view_open(notification_text_view(v->screens, seq));
	else if (a == ACT_RESPOND)
		view_open(respond_view(v->screens, seq));
	else if ((n = notification_read(v->screens, seq)) != NULL) {
		act_on(v, a, n);
		free(n);
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_notification_lines_free(&s->waiting);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_DESK, load, draw, act, NULL, NULL, close_view };

struct view *desk_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}

/* All evaluators for one attribute and group: ratio, interval, correction, verdict. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/plot.h"
#include "parts/words.h"
#include "views/view.h"

enum { C_EVALUATOR, C_N, C_RATE, C_REF, C_RATIO, C_RATIO_TEXT, C_BAR, C_Q, C_VERDICT, C_N_COLUMNS };
#define PLOT_FROM 58                    /* [columns]; below, the interval stands as numbers */

static const struct table_column columns[C_N_COLUMNS] = {
	{ "evaluator", 10, TABLE_FIT, 0, 0 }, { "n", 5, TABLE_RIGHT, PLOT_FROM, 0 }, { "rate", 5, TABLE_RIGHT, 74, 0 },
	{ "ref", 5, TABLE_RIGHT, 74, 0 },
	{ "ratio", 6, TABLE_RIGHT, PLOT_FROM, 0 }, { "ratio", 17, TABLE_NUMBERS, 0, PLOT_FROM - 1 },
	{ "", 0, TABLE_PLOT, PLOT_FROM, 0 }, { "q", 7, TABLE_RIGHT, 66, 0 }, { "verdict", 17, TABLE_FIT, 0, 0 },
};

struct state {
	struct table table;
	struct eh_audit_head head;
	struct eh_finding *v;
	size_t n;
	size_t *of_pair;                /* indices into v of the rows */
	eh_name attribute, group;       /* what is shown; "" = not chosen yet */
	bool screening;                 /* a ratio shown is an estimate */
	bool marked;                    /* a finding shown is watched by the built-in result alone */
};

/* No policy hides the built-in result: the list marks whom it alone watches. */
static bool watched_alone(const struct eh_finding *f)
{
	return f->builtin == EH_WATCH && f->verdict != EH_WATCH && f->verdict != EH_NOTIFY;
}

/* A finding about one evaluator and that class. */
static bool is_pair(const struct eh_finding *f, const char *attribute, const char *group)
{
	return f->evaluator[0] != '\0' && strcmp(f->attribute, attribute) == 0 && strcmp(f->group, group) == 0;
}

/* One after the other in the order of the findings, from the one shown; wraps.  Pooled findings do not count. */
static void next_pair(struct state *s)
{
	const struct eh_finding *first = NULL;
	bool here = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct eh_finding *f = &s->v[i];
		bool same = is_pair(f, s->attribute, s->group), before = false;

		if (f->evaluator[0] == '\0')
			continue;
		here = here || same;
		first = first == NULL ? f : first;
		for (size_t k = 0; k < i && here && !same && !before; k++)
			before = is_pair(&s->v[k], f->attribute, f->group);
		if (here && !same && !before) {
			first = f;
			break;
		}
	}
	if (first == NULL)
		return;
	memcpy(s->attribute, first->attribute, sizeof s->attribute);
	memcpy(s->group, first->group, sizeof s->group);
}

static int weight(enum eh_verdict_kind v)
{
	return v == EH_NOTIFY ? 3 : v == EH_POLICY_ERROR ? 2 : v == EH_WATCH ? 1 : 0;
}

static bool stronger(const struct eh_finding *a, const struct eh_finding *b)
{
	if (weight(a->verdict) != weight(b->verdict))
		return weight(a->verdict) > weight(b->verdict);
	return a->q.defined && (!b->q.defined || a->q.value < b->q.value);
}

/* The pair shown stays; when it is gone or none was chosen, that of the strongest finding. */
static void choose_pair(struct state *s)
{
	const struct eh_finding *best = NULL;

	for (size_t i = 0; i < s->n; i++) {
		const struct eh_finding *f = &s->v[i];

		if (f->evaluator[0] == '\0')
			continue;
		if (is_pair(f, s->attribute, s->group))
			return;
		if (best == NULL || stronger(f, best))
			best = f;
	}
	(void)snprintf(s->attribute, sizeof s->attribute, "%s", best != NULL ? best->attribute : "");
	(void)snprintf(s->group, sizeof s->group, "%s", best != NULL ? best->group : "");
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct state *s = ctx;
	const struct eh_finding *f = &s->v[s->of_pair[i]];

	(void)snprintf(r->id, sizeof r->id, "%s", f->evaluator);
	r->payload = s->of_pair[i];
	table_word(r, C_EVALUATOR, f->evaluator);
	table_num(r, C_N, eh_num((double)f->n), 0);
	table_num(r, C_RATE, f->rate, 2);
	table_num(r, C_REF, f->ref_rate, 2);
	ratio_cell(r, C_RATIO, f);
	ratio_interval_cell(r, C_RATIO_TEXT, f);
	table_p(r, C_Q, f->q);
	verdict_cell(r, C_VERDICT, f);
	if (watched_alone(f) && table_wants(r, C_VERDICT))
		(void)strncat(r->cell[C_VERDICT], " *", sizeof r->cell[0] - strlen(r->cell[C_VERDICT]) - 1);
}

static void show_pair(struct state *s)
{
	size_t n = 0;

	s->screening = s->marked = false;
	s->of_pair = eh_xrealloc(s->of_pair, s->n + 1, sizeof *s->of_pair);
	for (size_t i = 0; i < s->n; i++)
		if (is_pair(&s->v[i], s->attribute, s->group)) {
			s->of_pair[n++] = i;
			s->screening = s->screening || is_screening(&s->v[i]);
			s->marked = s->marked || watched_alone(&s->v[i]);
		}
	table_load(&s->table, n);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_audit_head head;
	struct eh_finding *list = NULL;
	size_t n = 0;
	int rc = eh_desk_findings(v->screens->desk, 0, &head, &list, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&list);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = list;
	s->n = n;
	s->head = head;
	choose_pair(s);
	show_pair(s);
	return EH_OK;
}

static void plot(void *ctx, const struct table_row *row, int y, int x, int width, enum element e)
{
	const struct state *s = ctx;
	const struct eh_finding *f = &s->v[row->payload];

	plot_interval(y, x, width, &f->ratio, &f->ratio_interval, plot_limit(f), e);
}

/* "the rest", a group's name, or in words when it is not the same for every row */
static const char *reference(const struct state *s)
{
	const char *found = NULL;

	for (size_t i = 0; i < s->table.n; i++) {
		const struct eh_finding *f = &s->v[s->of_pair[i]];

		if (f->is_reference || f->reference[0] == '\0')
			continue;
		if (found != NULL && strcmp(found, f->reference) != 0)
			return "the highest group";
		found = f->reference;
	}
	return found == NULL || strcmp(found, "rest") == 0 ? "the rest" : found;
}

/* No policy hides the built-in result: where it is another one, it stands before the policy's words. */
static void draw_detail(int lines, const struct eh_finding *f)
{
	char text[EH_REASON_MAX + 80], words[32];

	if (f->builtin == f->verdict)
		(void)snprintf(text, sizeof text, "%s", f->reason);
	else
		(void)snprintf(text, sizeof text, "Built-in result: %s. %s",
			       verdict_words(f->builtin, words, sizeof words), f->reason);
	(void)draw_paragraph(LINES - 2 - lines, 1, COLS - 2, lines, E_TEXT, text);
}

/* Below the title: a text that nobody approved, and what the mark means. */
static void draw_standing(const struct state *s)
{
	char text[EH_NAME_MAX + 160], standing[WORDS_STANDING] = "";
	const bool open = words_standing(standing, s->head.policy_state)[0] != '\0';

	(void)snprintf(text, sizeof text, "%s%s%s%s%s%s", open ? "policy " : "", open ? s->head.policy : "", standing,
		       open && s->marked ? "   " : "", s->marked ? "* built-in result: " : "",
		       s->marked ? eh_verdict_text(EH_WATCH) : "");
	draw_text(1, 1, COLS - 2, false, E_WATCH, text);
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	int detail = detail_lines(s->table.n, 6);
	char left[3 * EH_NAME_MAX + 64], right[160];

	if (s->table.n > 0)
		(void)snprintf(left, sizeof left, "Evaluators   %s: %s against %s   limit %d/%d", s->attribute,
			       s->group, reference(s), s->head.limit_num, s->head.limit_den);
	else
		(void)snprintf(left, sizeof left, "Evaluators");
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	draw_standing(s);
	if (s->screening)
		draw_screening_legend();
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail);
	v->cursor_x = 2;
	if (sel == NULL)
		(void)draw_empty(3, &s->table, "no evaluator is in the last audit: nobody whose class is known or "
				 "predicted was judged; import candidates and evaluations, then run: evenhand audit");
	else
		draw_detail(detail, &s->v[sel->payload]);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const struct eh_finding *f = sel != NULL ? &s->v[sel->payload] : NULL;

	switch (a) {
	case ACT_ATTRIBUTE:
		next_pair(s);
		show_pair(s);
		break;
	case ACT_OPEN: case ACT_METRICS:
		if (f != NULL)
			view_open(metrics_view(v->screens, f));
		break;
	case ACT_EXPLAIN:
		if (f != NULL)
			view_open(explain_view(v->screens, f));
		break;
	case ACT_NOTIFICATIONS:
		view_open(notifications_view(v->screens));
		break;
	default:
		break;
	}
}

static bool can(const struct view *v, enum action a)
{
	const struct state *s = v->state;

	return a != ACT_ATTRIBUTE || s->n > 0;
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
	free(s->of_pair);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_EVALUATORS, load, draw, act, NULL, can, close_view };

struct view *evaluators_view(struct screens *screens, const struct eh_finding *first)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	if (first != NULL) {
		memcpy(s->attribute, first->attribute, sizeof s->attribute);
		memcpy(s->group, first->group, sizeof s->group);
	}
	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	s->table.plot = plot;
	s->table.plot_head = plot_axis;
	s->table.sort = C_RATIO;
	v->table = &s->table;
	return v;
}

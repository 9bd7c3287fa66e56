/* All evaluators for one attribute and group: ratio, interval, correction, verdict. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/plot.h"
#include "views/view.h"

enum { C_EVALUATOR, C_N, C_RATE, C_REST, C_RATIO, C_BAR, C_Q, C_VERDICT, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "evaluator", 10, false, 0, false }, { "n", 5, true, 60, false }, { "rate", 5, true, 70, false }, { "rest", 5, true, 70, false },
	{ "ratio", 6, true, 0, false }, { "0.4      0.8   1.0", 0, false, 74, true }, { "q", 7, true, 0, false },
	{ "verdict", 16, false, 0, false },
};

struct state {
	struct table table;
	struct eh_audit_head head;
	struct eh_finding *v;
	size_t n;
	size_t pair;                    /* which attribute and group, counted over those that occur */
	eh_name attribute, group;
};

/* The pair-th different attribute x group of the evaluators' findings; false when there are fewer. */
static bool pick_pair(struct state *s, size_t wanted)
{
	size_t seen = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct eh_finding *f = &s->v[i];
		bool before = false;

		if (f->evaluator[0] == '\0')
			continue;
		for (size_t k = 0; k < i && !before; k++)
			before = s->v[k].evaluator[0] != '\0' && strcmp(s->v[k].attribute, f->attribute) == 0 && strcmp(s->v[k].group, f->group) == 0;
		if (before || seen++ != wanted)
			continue;
		memcpy(s->attribute, f->attribute, sizeof s->attribute);
		memcpy(s->group, f->group, sizeof s->group);
		return true;
	}
	return false;
}

static void fill(struct view *v)
{
	struct state *s = v->state;

	table_begin(&s->table);
	for (size_t i = 0; i < s->n; i++) {
		const struct eh_finding *f = &s->v[i];
		struct table_row *r;

		if (f->evaluator[0] == '\0' || strcmp(f->attribute, s->attribute) != 0 || strcmp(f->group, s->group) != 0)
			continue;
		r = table_add(&s->table, f->evaluator);
		r->payload = i;
		table_cell(r, C_EVALUATOR, "%s", f->evaluator);
		table_num(r, C_N, eh_num((double)f->n), 0);
		table_num(r, C_RATE, f->rate, 2);
		table_num(r, C_REST, f->ref_rate, 2);
		table_num(r, C_RATIO, f->ratio, 2);
		table_num(r, C_Q, f->q, 4);
		verdict_cell(r, C_VERDICT, f);
	}
	table_end(&s->table);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	int rc;

	eh_list_free(&s->v);
	s->n = 0;
	rc = eh_desk_findings(v->screens->desk, 0, &s->head, &s->v, &s->n, err);
	if (rc != EH_OK)
		return rc;
	if (!pick_pair(s, s->pair)) {
		s->pair = 0;
		(void)pick_pair(s, 0);
	}
	fill(v);
	return EH_OK;
}

static void plot(void *ctx, const struct table_row *row, int y, int x, int width)
{
	const struct state *s = ctx;
	const struct eh_finding *f = &s->v[row->payload];

	plot_interval(y, x, width, &f->ratio, &f->ratio_interval, limit_of(f));
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	char left[160], right[160];
	char *lines[2];
	size_t n;

	(void)snprintf(left, sizeof left, "Evaluators   %s: %s against the rest   limit %d/%d", s->attribute, s->group, s->head.limit_num, s->head.limit_den);
	(void)snprintf(right, sizeof right, "%zu of %zu rows%s%s", s->table.n_shown, s->table.n, s->table.filter[0] != '\0' ? "  filter: " : "", s->table.filter);
	draw_title(left, right);
	v->cursor_y = table_draw(&s->table, 2, LINES - 7);
	v->cursor_x = 2;
	if (sel == NULL) {
		draw_text(4, 2, COLS - 3, false, E_TEXT, s->table.n == 0 ? "nobody was audited yet" : "no row holds the filter's text");
		return;
	}
	draw_text(LINES - 5, 1, COLS - 2, false, E_DIM, "");
	n = draw_wrap(s->v[sel->payload].reason, COLS - 2, lines, 2);
	for (size_t i = 0; i < n; i++) {
		draw_text(LINES - 4 + (int)i, 1, COLS - 2, false, E_TEXT, lines[i]);
		free(lines[i]);
	}
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const struct eh_finding *f = sel != NULL ? &s->v[sel->payload] : NULL;

	switch (a) {
	case ACT_ATTRIBUTE:
		s->pair++;
		if (!pick_pair(s, s->pair)) {
			s->pair = 0;
			(void)pick_pair(s, 0);
		}
		fill(v);
		break;
	case ACT_OPEN: case ACT_METRICS:
		if (f != NULL)
			view_open(metrics_view(v->screens, f->evaluator, f->attribute, f->group));
		break;
	case ACT_EXPLAIN:
		if (f != NULL)
			view_open(text_view(v->screens, f->evaluator, eh_explain_text(f)));
		break;
	case ACT_NOTIFICATIONS:
		view_open(notifications_view(v->screens));
		break;
	default:
		break;
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_EVALUATORS, load, draw, act, NULL, close_view };

struct view *evaluators_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS);
	s->table.plot = plot;
	s->table.ctx = s;
	s->table.sort = C_RATIO;
	v->table = &s->table;
	return v;
}

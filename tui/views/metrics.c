/* One evaluator (or the pool): every finding, and the evidence of the selected one. */
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

enum { C_CLASS, C_N, C_SELECTED, C_RATE, C_RATIO, C_INTERVAL, C_RATIO_TEXT, C_P, C_Q, C_FLIPS, C_VERDICT, C_N_COLUMNS };
#define EVIDENCE_MAX 200                /* lines */
#define PAGE 80                         /* [columns] eh_numbers_text wraps for, and the width of its labels */
#define LABEL 12
#define TWO_FROM 68                     /* [columns]; below, ratio and interval stand in one column */

static const struct table_column columns[C_N_COLUMNS] = {
	{ "class", 20, TABLE_FIT, 0, 0 }, { "n", 4, TABLE_RIGHT, 56, 0 }, { "sel", 4, TABLE_RIGHT, 80, 0 },
	{ "rate", 5, TABLE_RIGHT, 94, 0 }, { "ratio", 6, TABLE_RIGHT, TWO_FROM, 0 },
	{ "95 % interval", 13, TABLE_NUMBERS, TWO_FROM, 0 },
	{ "ratio", 17, TABLE_NUMBERS, 0, TWO_FROM - 1 }, { "p", 7, TABLE_RIGHT, 88, 0 },
	{ "q", 7, TABLE_RIGHT, TWO_FROM, 0 }, { "flips", 5, TABLE_LEFT, 100, 0 }, { "verdict", 17, TABLE_FIT, 0, 0 },
};

struct state {
	struct table table;
	struct eh_audit_head head;
	struct eh_finding *v;
	uint64_t *notified;             /* [n] notification about the finding, 0 = none */
	size_t n;
	size_t *own;                    /* indices into v of the rows */
	eh_id evaluator;
	char first[TABLE_ID_MAX];       /* the row to begin with */
	bool screening;                 /* a ratio shown is an estimate */
	size_t selected;                /* whose evidence the page is of */
	int page, pages;                /* of the evidence */
};

static void row_id(char *out, size_t size, const char *attribute, const char *group, const char *position)
{
	(void)snprintf(out, size, "%s/%s/%s", attribute, group, position);
}

static void interval_cell(struct table_row *r, const struct eh_interval *i)
{
	if (i->low.defined && i->high.defined)
		table_cell(r, C_INTERVAL, "%.2f - %.2f", i->low.value, i->high.value);
	else if (i->low.defined)
		table_cell(r, C_INTERVAL, "from %.2f", i->low.value);
	else if (i->high.defined)
		table_cell(r, C_INTERVAL, "up to %.2f", i->high.value);
	else
		table_cell(r, C_INTERVAL, "-");
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct state *s = ctx;
	const struct eh_finding *f = &s->v[s->own[i]];
	const struct subject about = subject_of(f);

	row_id(r->id, sizeof r->id, f->attribute, f->group, f->position);
	r->payload = s->own[i];
	class_cell(r, C_CLASS, &about);
	table_num(r, C_N, eh_num((double)f->n), 0);
	table_num(r, C_SELECTED, eh_num((double)f->selected), 0);
	table_num(r, C_RATE, f->rate, 3);
	ratio_cell(r, C_RATIO, f);
	ratio_interval_cell(r, C_RATIO_TEXT, f);
	interval_cell(r, &f->ratio_interval);
	table_p(r, C_P, f->p);
	table_p(r, C_Q, f->q);
	table_word(r, C_FLIPS, f->flips == EH_YES ? "yes" : f->flips == EH_NO ? "no" : "-");
	verdict_cell(r, C_VERDICT, f);
}

static void show_evaluator(struct state *s)
{
	size_t n = 0;

	s->screening = false;
	s->own = eh_xrealloc(s->own, s->n + 1, sizeof *s->own);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].evaluator, s->evaluator) == 0) {
			s->own[n++] = i;
			s->screening = s->screening || is_screening(&s->v[i]);
		}
	table_load(&s->table, n);
}

static bool same_subject(const struct eh_notification_line *a, const struct eh_finding *b)
{
	return strcmp(a->evaluator, b->evaluator) == 0 && strcmp(a->attribute, b->attribute) == 0 &&
	       strcmp(a->group, b->group) == 0 && strcmp(a->position, b->position) == 0;
}

/* Which findings are matters of a notification that takes an answer; of several the last. */
static void find_notified(struct state *s, const struct eh_notification_lines *list)
{
	free(s->notified);
	s->notified = eh_xcalloc(s->n + 1, sizeof *s->notified);
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].state == EH_N_CLOSED || strcmp(list->v[i].evaluator, s->evaluator) != 0)
			continue;
		for (size_t k = 0; k < s->n; k++)
			if (same_subject(&list->v[i], &s->v[k]))
				s->notified[k] = list->v[i].seq;
	}
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_audit_head head;
	struct eh_finding *findings = NULL;
	struct eh_notification_lines notifications = { 0 };
	size_t n = 0;
	int rc = eh_desk_findings(v->screens->desk, 0, &head, &findings, &n, err);

	if (rc == EH_OK)
		rc = eh_desk_notification_lines(v->screens->desk, &notifications, err);
	if (rc != EH_OK) {
		eh_list_free(&findings);
		eh_notification_lines_free(&notifications);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = findings;
	s->n = n;
	s->head = head;
	find_notified(s, &notifications);
	eh_notification_lines_free(&notifications);
	show_evaluator(s);
	if (s->first[0] != '\0')
		table_select(&s->table, s->first);
	s->first[0] = '\0';
	return EH_OK;
}

/* ---- the evidence of one finding ---- */

/* Columns of the plots: beside them stands "≈0.61 [0.47 0.79] with predicted classes". */
static int plot_width(void)
{
	return COLS >= 104 ? 60 : COLS - 44;
}

/* Column behind the plots: 0 where there are none. */
static int plot_right(void) { return plot_width() >= 16 ? plot_width() + 2 : 0; }

static int draw_plot(int y, const struct eh_finding *f, const struct plot_row *row)
{
	const int width = plot_width() >= 16 ? plot_width() : 0, x = plot_right();
	char text[48];

	if (y >= LINES - 2)
		return y;
	if (width > 0)
		plot_interval(y, 1, width, &row->ratio, &row->interval, plot_limit(f), E_TEXT);
	words_ratio(text, sizeof text, &row->ratio, &row->interval, row->screening);
	draw_text(y, x, PLOT_RATIO_ROOM - 1, false, E_TEXT, text);
	draw_text(y, x + PLOT_RATIO_ROOM, COLS - x - PLOT_RATIO_ROOM, false, E_TEXT, row->what);
	return y + 1;
}

static size_t rows_of(struct plot_row row[PLOT_ROWS], const struct eh_finding *f)
{
	return plot_rows(row, f, COLS - plot_right() - PLOT_RATIO_ROOM);
}

static void draw_plots(int y, const struct eh_finding *f)
{
	struct plot_row row[PLOT_ROWS];
	const size_t n = rows_of(row, f);

	if (plot_width() >= 16)
		plot_axis(y++, 1, plot_width());
	for (size_t i = 0; i < n; i++)
		y = draw_plot(y, f, &row[i]);
}

/* What follows the plots: the reason and the numbers, a page at a time where the screen is low. */
static size_t evidence_lines(const struct eh_finding *f, char **lines)
{
	char *numbers = eh_numbers_text(f);
	size_t n = draw_wrap(f->reason, COLS - 2, lines, EVIDENCE_MAX / 2);

	n += draw_wrap_page(numbers, COLS - 2, PAGE, LABEL, lines + n, EVIDENCE_MAX - n);
	free(numbers);
	return n;
}

static int plot_lines(const struct eh_finding *f)
{
	struct plot_row row[PLOT_ROWS];

	return (plot_width() >= 16) + (int)rows_of(row, f);
}

/* The plots stand on the first page; where not all fits on it, the last line says which page it is. */
static void draw_evidence(struct state *s, int y, const struct eh_finding *f)
{
	char **lines = eh_xcalloc(EVIDENCE_MAX, sizeof *lines);
	const int n = (int)evidence_lines(f, lines), plots = plot_lines(f) + 1, all = LINES - 2 - y;
	const int each = all > 2 ? all - 1 : 1, on_first = all - plots > 1 ? all - plots - 1 : 0;
	const bool fits = n <= all - plots;
	int from = 0, room = fits ? n : on_first;

	s->pages = fits ? 1 : 1 + (n - on_first + each - 1) / each;
	s->page = s->page < s->pages ? s->page : s->pages - 1;
	if (s->page == 0) {
		draw_plots(y, f);
		y += plots;
	} else {
		from = on_first + (s->page - 1) * each;
		room = each;
	}
	for (int i = 0; i < n; i++) {
		if (i >= from && i < from + room)
			draw_text(y + i - from, 1, COLS - 2, false, E_TEXT, lines[i]);
		free(lines[i]);
	}
	if (!fits && (s->page > 0 || y < LINES - 2))
		draw_textf(LINES - 3, 1, COLS - 2, E_RULE, "Tab: more numbers, page %d of %d", s->page + 1, s->pages);
	free(lines);
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	char left[160], right[160];
	int rows = (int)s->table.n_shown + 1, max = LINES / 3;

	(void)snprintf(left, sizeof left, "%s   all numbers of the last audit",
		       s->evaluator[0] != '\0' ? s->evaluator : "All evaluators together");
	(void)snprintf(right, sizeof right, "%s %s  limit %d/%d", s->head.policy, s->head.policy_version,
		       s->head.limit_num, s->head.limit_den);
	if (s->table.filter[0] != '\0')
		rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	if (s->screening)
		draw_screening_legend();
	if (sel != NULL && sel->payload != s->selected)
		s->page = 0;
	s->selected = sel != NULL ? sel->payload : 0;
	rows = rows > max ? max : rows;
	rows = rows < 3 ? 3 : rows;
	v->cursor_y = table_draw(&s->table, 2, rows);
	v->cursor_x = 2;
	if (sel == NULL)
		(void)draw_empty(3, &s->table,
				 "nothing was audited about this evaluator; after new decisions run: evenhand audit");
	else
		draw_evidence(s, 2 + rows + 1, &s->v[sel->payload]);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const struct eh_finding *f = sel != NULL ? &s->v[sel->payload] : NULL;

	if (a == ACT_NEXT_SECTION || a == ACT_PREV_SECTION) {
		s->page += a == ACT_NEXT_SECTION ? 1 : s->pages - 1;
		s->page %= s->pages > 0 ? s->pages : 1;
	} else if (a == ACT_NOTIFICATIONS) {
		view_open(notifications_view(v->screens));
	} else if (f != NULL && (a == ACT_EXPLAIN || a == ACT_OPEN)) {
		view_open(explain_view(v->screens, f));
	} else if (f != NULL && a == ACT_RESPOND) {
		if (s->notified[sel->payload] != 0)
			view_open(respond_view(v->screens, s->notified[sel->payload]));
		else
			screens_say(v->screens, "no notification asks about this: %s, %s %s",
				    s->evaluator[0] != '\0' ? s->evaluator : "all evaluators", f->attribute, f->group);
	}
}

static bool can(const struct view *v, enum action a)
{
	const struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);

	if (a == ACT_NEXT_SECTION || a == ACT_PREV_SECTION)
		return s->pages > 1;
	return a != ACT_RESPOND || (sel != NULL && s->notified[sel->payload] != 0);
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	free(s->notified);
	free(s->own);
	eh_list_free(&s->v);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_METRICS, load, draw, act, NULL, can, close_view };

struct view *metrics_view(struct screens *screens, const struct eh_finding *first)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	if (first != NULL) {
		memcpy(s->evaluator, first->evaluator, sizeof s->evaluator);
		row_id(s->first, sizeof s->first, first->attribute, first->group, first->position);
	}
	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}

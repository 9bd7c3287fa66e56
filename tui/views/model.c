/* The models of the project and the card of one: what it is, how well it does, and what it must not be used for. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/card.h"
#include "parts/card.h"
#include "parts/draw.h"
#include "parts/words.h"
#include "views/view.h"

#define NO_MODEL "no model yet: classes are known ones only; run: evenhand train ATTRIBUTE"

/* ---- one card ---- */

struct card_state {
	eh_name attribute;
	struct eh_card *card;           /* NULL: the model was removed */
	bool opened;
	struct card_lines lines;
	int width;                      /* the lines are made for; 0 = make them anew */
	int scroll;
};

static int card_load(struct view *v, struct eh_err *err)
{
	struct card_state *s = v->state;
	struct eh_card *card = NULL;
	int rc = eh_desk_card(v->screens->desk, s->attribute, &card, err);

	if (rc != EH_OK && (rc != EH_ENOENT || !s->opened))
		return rc;
	/* a model removed meanwhile leaves nothing on the screen */
	eh_card_free(&s->card);
	s->card = card;
	s->opened = true;
	s->width = 0;
	return EH_OK;
}

/* Made anew, by another width or other values, the card stays at its section: lines of it have other numbers. */
static void make_lines(struct card_state *s)
{
	size_t at = (size_t)s->scroll, section = 0, offset = 0;

	if (s->width == COLS || s->card == NULL)
		return;
	for (size_t i = 0; i <= at && i < s->lines.n; i++)
		if (s->lines.v[i].element == E_TITLE) {
			section++;
			offset = at - i;
		}
	card_lines_free(&s->lines);
	card_lines_make(&s->lines, s->card, COLS - 2);
	s->width = COLS;
	for (size_t i = 0; i < s->lines.n && section > 0; i++)
		if (s->lines.v[i].element == E_TITLE && --section == 0) {
			size_t end = i + 1;

			while (end < s->lines.n && s->lines.v[end].element != E_TITLE)
				end++;
			s->scroll = (int)(i + offset < end ? i + offset : end - 1);
		}
}

static void card_draw(struct view *v)
{
	struct card_state *s = v->state;
	int height = LINES - 4, last = 0, n = 0;
	char left[160], right[64], why[1024];

	make_lines(s);
	v->cursor_y = 2;
	v->cursor_x = 1;
	if (s->card == NULL) {
		v->scroll_max = 0;
		(void)snprintf(left, sizeof left, "Model of %s", s->attribute);
		draw_title(left, "removed");
		(void)draw_paragraph(3, 2, COLS - 3, 4, E_TEXT, "this model is no longer there; q goes back");
		return;
	}
	n = (int)s->lines.n;
	v->scroll_max = n > height ? n - height : 0;
	s->scroll = s->scroll > v->scroll_max ? v->scroll_max : s->scroll;
	last = s->scroll + height < n ? s->scroll + height : n;
	(void)snprintf(left, sizeof left, "Model %s   %s", eh_model_id(s->card->model),
		       eh_card_state_name[eh_card_state(s->card, why, sizeof why)]);
	(void)snprintf(right, sizeof right, "lines %d-%d of %d", s->scroll + 1, last, n);
	draw_title(left, right);
	for (int i = s->scroll; i < last; i++)
		draw_text(2 + i - s->scroll, 1, COLS - 2, false, s->lines.v[i].element, s->lines.v[i].text);
}

/* To the next title below the first line, or the last above it. */
static void jump(struct card_state *s, int step, int scroll_max)
{
	int at = s->scroll + step;

	while (at > 0 && at < (int)s->lines.n && s->lines.v[at].element != E_TITLE)
		at += step;
	s->scroll = at < 0 ? 0 : at > scroll_max ? scroll_max : at;
}

static void card_act(struct view *v, enum action a)
{
	struct card_state *s = v->state;

	if (s->card != NULL && a == ACT_NEXT_SECTION)
		jump(s, 1, v->scroll_max);
	else if (s->card != NULL && a == ACT_PREV_SECTION)
		jump(s, -1, v->scroll_max);
}

static bool card_can(const struct view *v, enum action a)
{
	return (a != ACT_NEXT_SECTION && a != ACT_PREV_SECTION) || v->scroll_max > 0;
}

static void card_close(struct view *v)
{
	struct card_state *s = v->state;

	card_lines_free(&s->lines);
	eh_card_free(&s->card);
	free(s);
}

static const struct view_ops card_ops = { V_MODEL, card_load, card_draw, card_act, NULL, card_can, card_close };

struct view *model_view(struct screens *screens, const char *attribute)
{
	struct card_state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&card_ops, screens, s);

	(void)snprintf(s->attribute, sizeof s->attribute, "%s", attribute);
	v->scroll = &s->scroll;
	return v;
}

/* ---- all of them ---- */

enum { C_ATTRIBUTE, C_MODEL, C_STATE, C_CANDIDATES, C_AUC, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "attribute", 12, TABLE_FIT, 0, 0 }, { "model", 0, TABLE_LEFT, 0, 0 }, { "state", 10, TABLE_LEFT, 0, 0 },
	{ "taught by", 9, TABLE_RIGHT, 56, 0 }, { "AUC [95 %]", 19, TABLE_NUMBERS, 64, 0 },
};

struct list_state {
	struct table table;
	struct eh_model_row *v;
	size_t n;
};

static void list_fill(void *ctx, size_t i, struct table_row *r)
{
	const struct eh_model_row *m = &((const struct list_state *)ctx)->v[i];
	bool in_use = !m->outdated && m->withdrawn == 0 && m->classifies;

	(void)snprintf(r->id, sizeof r->id, "%s", m->attribute);
	r->element = in_use ? E_TEXT : E_WATCH;
	table_word(r, C_ATTRIBUTE, m->attribute);
	table_cell(r, C_STATE, "%s%s", in_use ? "" : "! ", words_model_state(m));
	if (m->outdated) {                      /* unreadable: nothing else is known of it */
		table_cell(r, C_MODEL, "stored by another version; run: evenhand train %s", m->attribute);
		return;
	}
	table_word(r, C_MODEL, m->id);
	table_cell(r, C_CANDIDATES, "%u", m->candidates);
	table_cell(r, C_AUC, "%.2f [%.2f %.2f]", m->auc, m->auc_lo, m->auc_hi);
}

static int list_load(struct view *v, struct eh_err *err)
{
	struct list_state *s = v->state;
	struct eh_model_row *rows = NULL;
	size_t n = 0;
	int rc = eh_desk_models(v->screens->desk, &rows, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&rows);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = rows;
	s->n = n;
	table_load(&s->table, n);
	return EH_OK;
}

static void list_draw(struct view *v)
{
	struct list_state *s = v->state;
	char right[160];

	rows_text(right, sizeof right, &s->table);
	draw_title("Models", s->table.n > 0 ? right : "");
	v->cursor_y = table_draw(&s->table, 2, LINES - 4);
	v->cursor_x = 2;
	if (s->table.n_shown == 0)
		(void)draw_empty(3, &s->table, NO_MODEL);
}

static void list_act(struct view *v, enum action a)
{
	struct list_state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);

	if (a == ACT_OPEN && sel != NULL)
		view_open(model_view(v->screens, s->v[sel->payload].attribute));
}

static void list_close(struct view *v)
{
	struct list_state *s = v->state;

	eh_list_free(&s->v);
	table_free(&s->table);
	free(s);
}

static const struct view_ops list_ops = { V_MODELS, list_load, list_draw, list_act, NULL, NULL, list_close };

struct view *models_view(struct screens *screens)
{
	struct eh_model_row *rows = NULL;
	struct list_state *s = NULL;
	struct view *v = NULL;
	size_t n = 0;
	int rc = eh_desk_models(screens->desk, &rows, &n, NULL);

	if (rc == EH_OK && n == 1) {            /* a list of one tells nothing */
		v = model_view(screens, rows[0].attribute);
		eh_list_free(&rows);
		return v;
	}
	eh_list_free(&rows);
	s = eh_xcalloc(1, sizeof *s);
	v = view_new(&list_ops, screens, s);
	table_init(&s->table, columns, C_N_COLUMNS, list_fill, s);
	v->table = &s->table;
	return v;
}

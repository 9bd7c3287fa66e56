/* Candidates: consent, what was measured, and what is to be remarked about it. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "views/view.h"

enum { C_ID, C_PLACE, C_POSITION, C_CLASS, C_CONSENT, C_MEASURED, C_FACE, C_VOICE, C_REMARK, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "candidate", 14, TABLE_FIT, 0, 0 }, { "place", 6, TABLE_LEFT, 60, 0 }, { "position", 14, TABLE_FIT, 90, 0 },
	{ "class", 8, TABLE_LEFT, 100, 0 }, { "consent", 18, TABLE_FIT, 50, 0 },
	{ "measured", 9, TABLE_LEFT, 0, 0 }, { "face", 4, TABLE_LEFT, 0, 0 },
	{ "voice", 5, TABLE_LEFT, 0, 0 }, { "remark", 0, TABLE_LEFT, 66, 0 },
};

struct state {
	struct table table;
	struct eh_candidate_line *lines;
};

static void consent_words(char *out, size_t size, const struct eh_candidate_line *l)
{
	if (!l->watch)
		(void)snprintf(out, size, "none");
	else if (l->face && l->voice && l->train)
		(void)snprintf(out, size, "all");
	else
		(void)snprintf(out, size, "watch%s%s%s", l->face ? " face" : "", l->voice ? " voice" : "",
			       l->train ? " train" : "");
}

/* Who says of what classes the candidate is; what they are stands on the candidate's own screen. */
static const char *class_words(const struct eh_candidate_line *l)
{
	return l->declared && l->imported ? "both" : l->declared ? "declared" : l->imported ? "imported" : "-";
}

static void remark(char *out, size_t size, const struct eh_candidate_line *l)
{
	size_t used = 0;

	out[0] = '\0';
	if (l->failed > 0)
		used += (size_t)snprintf(out, size, "%u failed", l->failed);
	for (uint32_t bit = 1; bit != 0 && l->measured > 0; bit <<= 1)
		if ((l->quality & bit) != 0 && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "; " : "",
						 eh_quality_text(bit));
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct eh_candidate_line *l = &((const struct state *)ctx)->lines[i];
	char text[TABLE_CELL_MAX];

	(void)snprintf(r->id, sizeof r->id, "%s", l->id);
	r->element = l->watch ? E_TEXT : E_RULE;
	table_word(r, C_ID, l->id);
	table_word(r, C_PLACE, l->jurisdiction);
	table_word(r, C_POSITION, l->position);
	table_word(r, C_CLASS, class_words(l));
	consent_words(text, sizeof text, l);
	table_word(r, C_CONSENT, text);
	table_cell(r, C_MEASURED, "%u of %u", l->measured, l->interviews);
	table_word(r, C_FACE, l->has_face ? "yes" : "-");
	table_word(r, C_VOICE, l->has_voice ? "yes" : "-");
	remark(text, sizeof text, l);
	table_word(r, C_REMARK, text);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_candidate_line *lines = NULL;
	size_t n = 0;
	int rc = eh_desk_candidates(v->screens->desk, &lines, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&lines);
		return rc;
	}
	eh_list_free(&s->lines);
	s->lines = lines;
	table_load(&s->table, n);
	return EH_OK;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	char right[160];

	rows_text(right, sizeof right, &s->table);
	draw_title("Candidates   consent and what was measured", right);
	v->cursor_y = table_draw(&s->table, 2, LINES - 4);
	v->cursor_x = 0;
	if (table_selected(&s->table) == NULL)
		(void)draw_empty(3, &s->table, "no candidate yet; run: evenhand import candidates FILE.csv");
}

static void act(struct view *v, enum action a)
{
	const struct state *s = v->state;
	const struct table_row *r = table_selected(&s->table);

	if (a == ACT_OPEN && r != NULL)
		view_open(candidate_view(v->screens, s->lines[r->payload].id));
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	table_free(&s->table);
	eh_list_free(&s->lines);
	free(s);
}

static const struct view_ops ops = { V_CANDIDATES, load, draw, act, NULL, NULL, close_view };

struct view *candidates_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}

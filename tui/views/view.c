/* The stack of screens and what they share; see view.h. */
#define NCURSES_WIDECHAR 1
#include "views/view.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "parts/draw.h"
#include "parts/words.h"

struct view *view_new(const struct view_ops *ops, struct screens *s, void *state)
{
	struct view *v = eh_xcalloc(1, sizeof *v);

	v->ops = ops;
	v->screens = s;
	v->state = state;
	v->cursor_y = -1;
	return v;
}

static void view_free(struct view *v)
{
	v->ops->close(v);
	free(v);
}

void view_open(struct view *v)
{
	struct screens *s = v->screens;
	struct eh_err err = EH_ERR_INIT;
	int max = (int)(sizeof s->stack / sizeof s->stack[0]);

	if (s->depth == max) {
		screens_say(s, "too many screens on top of each other; go back first");
		view_free(v);
		return;
	}
	if (v->ops->load(v, &err) != EH_OK) {
		screens_say(s, "%s", err.msg);
		view_free(v);
		return;
	}
	s->stack[s->depth++] = v;
}

void view_back(struct screens *s)
{
	if (s->depth <= 1) {
		s->leave = true;
		return;
	}
	view_free(s->stack[--s->depth]);
}

bool view_can(const struct view *v, enum action a)
{
	bool pooled = a == ACT_METRICS && v->ops->kind == V_DESK;       /* all evaluators together */

	if (keys_moves(a))
		return v->table != NULL ? v->table->n_shown > 0 : v->scroll_max > 0;
	if (v->table != NULL && v->table->n == 0 && keys_wants_rows(a))
		return false;
	if (v->table != NULL && v->table->n_shown == 0 && keys_wants_row(a) && !pooled)
		return false;
	return v->ops->can == NULL || v->ops->can(v, a);
}

void screens_say(struct screens *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->message, sizeof s->message, fmt, ap);
	va_end(ap);
}

/* ---- shared ---- */

enum element verdict_element(enum eh_verdict_kind v)
{
	switch (v) {
	case EH_NOTIFY: case EH_POLICY_ERROR: return E_ALARM;
	case EH_WATCH: case EH_CANNOT_CONCLUDE: return E_WATCH;
	default: return E_TEXT;
	}
}

const char *verdict_words(enum eh_verdict_kind v, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", eh_verdict_text(v));
	for (char *p = out; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	return out;
}

void verdict_cell(struct table_row *r, int column, const struct eh_finding *f)
{
	char words[32];

	r->element = verdict_element(f->verdict);
	if (!table_wants(r, column))
		return;
	table_cell(r, column, "%s %s", eh_verdict_symbol(f->verdict, term_ascii()),
		   verdict_words(f->verdict, words, sizeof words));
}

#define POSITION_LEAST 9 /* [columns] of a position's name where its findings are in a list with others */

/* As many whole characters of a position as a list has room for, with a mark where it goes on. */
static void position_start(char *out, const char *position)
{
	size_t len = 0, bytes = strlen(position);
	int width = 0;

	while (bytes > POSITION_LEAST + 1 && position[len] != '\0') {
		char one[8] = "";
		size_t next = len + 1;

		while (((unsigned char)position[next] & 0xc0) == 0x80)
			next++;
		memcpy(one, position + len, next - len < sizeof one ? next - len : sizeof one - 1);
		width += draw_width(one);
		if (width > POSITION_LEAST + (position[next] == '\0'))
			break;
		len = next;
	}
	len = bytes > POSITION_LEAST + 1 ? len : bytes;
	memcpy(out, position, len);
	(void)strcpy(out + len, position[len] != '\0' ? term_symbol(S_ELLIPSIS) : "");
}

struct subject subject_of(const struct eh_finding *f)
{
	return (struct subject){
		f->attribute, f->group, f->position,
		f->stage[0] != '\0' ? f->stage : f->question[0] != '\0' ? f->question : f->period, f->subject
	};
}

void class_cell(struct table_row *r, int column, const struct subject *f)
{
	const bool crossed = strchr(f->attribute, ' ') != NULL && strstr(f->attribute, EH_INTERSECT_JOIN) != NULL;
	char start[EH_ID_MAX + 8];

	if (!table_wants(r, column))
		return;
	/* of the policy's own: about the project, or about a part that its explanation names in full */
	if (f->own[0] != '\0') {
		table_word(r, column, f->own);
		return;
	}
	if (f->part[0] != '\0') {
		table_cell(r, column, "%s %s: %s", crossed ? "" : f->attribute, f->group, f->part);
		return;
	}
	position_start(start, f->position);
	table_join(r, column,
		   (const char *const[]){ start, start[0] != '\0' ? ": " : "", crossed ? "" : f->attribute,
					  crossed ? "" : " ", f->group }, 5);
}

bool is_screening(const struct eh_finding *f)
{
	return f->basis == EH_BASIS_SCREENING && f->ratio.defined;
}

void ratio_cell(struct table_row *r, int column, const struct eh_finding *f)
{
	table_num(r, column, f->ratio, 2);
	if (is_screening(f))
		table_cell(r, column, "%s%.2f", term_symbol(S_SCREENING), f->ratio.value);
}

void ratio_interval_cell(struct table_row *r, int column, const struct eh_finding *f)
{
	char text[48];

	table_num(r, column, f->ratio, 2);
	if (!table_wants(r, column))
		return;
	words_ratio(text, sizeof text, &f->ratio, &f->ratio_interval, is_screening(f));
	table_cell(r, column, "%s", text);
}

void notification_row(struct table_row *r, const struct notification_columns *c, const struct eh_notification_line *l)
{
	const struct subject about = { l->attribute, l->group, l->position, l->part, l->subject };
	const bool members = words_by_members(l->n_members, l->verdict);
	char text[48];

	if (r->want_id || table_wants(r, c->id))
		eh_notification_id(r->id, l->seq);
	table_word(r, c->id, r->id);
	table_word(r, c->who, l->systemic ? "(process)" : l->evaluator);
	class_cell(r, c->what, &about);
	if (members) {
		table_cell(r, c->ratio, "%u evaluator%s", l->n_members, words_s(l->n_members));
	} else {
		table_num(r, c->ratio, l->ratio, 2);
		if (table_wants(r, c->ratio)) {
			words_ratio(text, sizeof text, &l->ratio, &l->ratio_interval,
				   l->basis == EH_BASIS_SCREENING && l->ratio.defined);
			table_word(r, c->ratio, text);
		}
	}
	table_p(r, c->q, members ? eh_undefined(EH_U_NOT_COMPUTED) : l->q);
}

struct eh_notification *notification_read(struct screens *s, uint64_t seq)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *responses = NULL;
	struct eh_err err = EH_ERR_INIT;
	size_t count = 0;
	int rc = eh_desk_notification(s->desk, seq, n, &responses, &count, &err);

	eh_list_free(&responses);
	if (rc == EH_OK)
		return n;
	screens_say(s, "%s", err.msg);
	free(n);
	return NULL;
}

void draw_title(const char *left, const char *right)
{
	int l = draw_width(left), r = draw_width(right), room = COLS - 2 - l - 2;

	if (l > COLS - 2)
		l = COLS - 2;
	draw_text(0, 0, COLS, false, E_TITLE, "");
	draw_text(0, 1, l, false, E_TITLE, left);
	/* less than this of the right text would tell nothing */
	if (r > room)
		r = room >= 8 ? room : 0;
	if (r > 0)
		draw_text(0, COLS - r - 1, r, false, E_TITLE, right);
	draw_rule(1);
}

void draw_screening_legend(void)
{
	char text[64];
	int width;

	(void)snprintf(text, sizeof text, " %s screening: estimated with predicted classes ", term_symbol(S_SCREENING));
	width = draw_width(text);
	if (width > COLS - 2)
		(void)snprintf(text, sizeof text, " %s screening ", term_symbol(S_SCREENING));
	width = draw_width(text);
	draw_text(1, COLS - 1 - width, width, false, E_WATCH, text);
}

int detail_lines(size_t n, int max)
{
	int room = LINES - 6 - (int)n;

	if (LINES < 30 || room < 2)
		return 2;
	return room > max ? max : room;
}

void rows_text(char *out, size_t size, const struct table *t)
{
	if (t->filter[0] == '\0')
		(void)snprintf(out, size, "%zu row%s", t->n, t->n == 1 ? "" : "s");
	else
		(void)snprintf(out, size, "filter %s: %zu of %zu", t->filter, t->n_shown, t->n);
}

int draw_empty(int y, const struct table *t, const char *none)
{
	return draw_paragraph(y, 2, COLS - 3, 4, E_TEXT,
			     t->n == 0 ? none : "no row holds the filter's text; Esc shows all again");
}

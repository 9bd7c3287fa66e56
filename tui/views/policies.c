/* The policies of the project: which texts audits run, who answers for them, and what they said last. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "views/view.h"

enum { C_NAME, C_NAME_WIDE, C_VERSION, C_HASH, C_STATE, C_AUTHOR, C_APPROVER, C_RESULT, C_PACK, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	/* beside the pack, whose text is the longest, the name has what it needs */
	{ "policy", 0, TABLE_LEFT, 0, 109 }, { "policy", 24, TABLE_FIT, 110, 0 },
	{ "version", 7, TABLE_FIT, 50, 0 }, { "sha256", 9, TABLE_LEFT, 66, 0 },
	{ "state", 15, TABLE_FIT, 0, 0 }, { "author", 8, TABLE_FIT, 72, 0 }, { "approver", 8, TABLE_FIT, 72, 0 },
	{ "notify", 6, TABLE_RIGHT, 0, 0 }, { "pack", 0, TABLE_LEFT, 110, 0 },
};

struct state {
	struct table table;
	struct eh_policy_row *v;
	size_t n;
	size_t *order;                  /* [n] indices into v, in the order of the rows */
};

/* What comes with the program was proposed: it runs as before, and waits for the second person all the same. */
static bool waits(const struct eh_policy_row *r)
{
	return r->state == EH_POLICY_DEFAULT && r->stored.state == EH_POLICY_PROPOSED;
}

static enum element element_of(const struct eh_policy_row *r)
{
	if (r->error[0] != '\0')
		return E_ALARM;
	if (r->drifted || r->state == EH_POLICY_PROPOSED || waits(r) || (r->pack[0] != '\0' && !r->pack_holds))
		return E_WATCH;
	return E_TEXT;
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct state *s = ctx;
	const struct eh_policy_row *p = &s->v[s->order[i]];

	(void)snprintf(r->id, sizeof r->id, "%s@%s", p->name, p->hash);
	r->payload = s->order[i];
	r->element = element_of(p);
	table_cell(r, C_NAME, "%s", p->name);
	table_cell(r, C_NAME_WIDE, "%s", p->name);
	table_cell(r, C_VERSION, "%s", p->version[0] != '\0' ? p->version : "-");
	table_cell(r, C_HASH, "%.9s", p->hash);
	table_cell(r, C_STATE, "%s%s", p->drifted || p->error[0] != '\0' ? "! " : "",
		   p->error[0] != '\0' ? "does not load"
		   : waits(p)		? "default, waits"
					: eh_policy_state_text(p->state));
	table_cell(r, C_AUTHOR, "%s", p->stored.proposed.at != 0 ? p->stored.proposed.who.login : "");
	table_cell(r, C_APPROVER, "%s", p->stored.approved.at != 0 ? p->stored.approved.who.login : "");
	table_cell(r, C_PACK, "%s", p->pack);
	if (p->has_run)
		table_num(r, C_RESULT, eh_num((double)p->run.notify), 0);
	else
		table_cell(r, C_RESULT, "-");
}

/* What runs, then what waits, then the rest: a program ships many, and few of them hold. */
static void show_all(struct state *s)
{
	size_t n = 0;

	s->order = eh_xrealloc(s->order, s->n + 1, sizeof *s->order);
	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < s->n; i++) {
			enum eh_policy_state state = s->v[i].state;
			bool runs = state == EH_POLICY_ACTIVE || state == EH_POLICY_DEFAULT;

			if (pass == (runs ? 0 : state == EH_POLICY_PROPOSED ? 1 : 2))
				s->order[n++] = i;
		}
	table_load(&s->table, n);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_policy_row *rows = NULL;
	size_t n = 0;
	int rc = eh_desk_policy_rows(v->screens->desk, NULL, false, &rows, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&rows);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = rows;
	s->n = n;
	show_all(s);
	return EH_OK;
}

/* What is to be known of the selected one, the most needed first: it is cut at the end. */
static void describe(char *out, size_t size, const struct eh_policy_row *p)
{
	char at[EH_TIME_TEXT];
	size_t len = 0;

	if (p->error[0] != '\0') {
		(void)snprintf(out, size, "%s", p->error);
		return;
	}
	out[0] = '\0';
	if (p->ending.at != 0)
		len += (size_t)snprintf(out, size, "%s asked for its end (%s): it waits for a second person. ",
					p->ending.who.login, p->ending.reason);
	if (p->drifted && len < size)
		len += (size_t)snprintf(out + len, size - len, "The file has another text than the one that runs. ");
	if (p->has_run && len < size) {
		eh_format_time(at, p->run.at);
		len += (size_t)snprintf(out + len, size - len,
					"Run %llu, %.10s: %u notify, %u watch, %u too few, %u ok, %u other. ",
					(unsigned long long)p->run.seq, at, p->run.notify, p->run.watch,
					p->run.too_few, p->run.ok, p->run.other);
	} else if (len < size) {
		len += (size_t)snprintf(out + len, size - len, "Never run. ");
	}
	if (p->pack[0] != '\0' && len < size)
		len += (size_t)snprintf(out + len, size - len, "Pack %s. ", p->pack);
	if (p->stored.loosened[0] != '\0' && p->state != EH_POLICY_RETIRED && len < size)
		len += (size_t)snprintf(out + len, size - len, "Loosens: %s. ", p->stored.loosened);
	if (p->stored.proposed.reason[0] != '\0' && len < size)
		(void)snprintf(out + len, size - len, "%s: %s", p->stored.proposed.who.login,
			       p->stored.proposed.reason);
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	int detail = detail_lines(s->n, 6);
	size_t runs = 0;
	char left[80], right[160], text[1600];

	for (size_t i = 0; i < s->n; i++)
		runs += s->v[i].state == EH_POLICY_ACTIVE || s->v[i].state == EH_POLICY_DEFAULT;
	(void)snprintf(left, sizeof left, "Policies   an audit runs %zu of them", runs);
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail);
	v->cursor_x = 2;
	if (sel == NULL) {
		(void)draw_empty(3, &s->table, "none: the program's own policies are not where it looks; see: evenhand "
				 "doctor");
		return;
	}
	describe(text, sizeof text, &s->v[sel->payload]);
	(void)draw_paragraph(LINES - 2 - detail, 1, COLS - 2, detail, E_TEXT, text);
}

bool policy_can(const struct eh_policy_row *row, enum action a)
{
	bool runs = row->state == EH_POLICY_ACTIVE || row->state == EH_POLICY_DEFAULT;
	bool proposed = row->state == EH_POLICY_PROPOSED || row->stored.state == EH_POLICY_PROPOSED;

	switch (a) {
	case ACT_PROPOSE: return row->error[0] == '\0' && row->state != EH_POLICY_ACTIVE && !proposed;
	case ACT_APPROVE: return proposed;
	case ACT_RETIRE: return runs || proposed;
	case ACT_WHATIF: return row->error[0] == '\0';
	default: return true;
	}
}

bool policy_act(struct screens *s, const struct eh_policy_row *row, enum action a)
{
	switch (a) {
	case ACT_PROPOSE: case ACT_APPROVE: case ACT_RETIRE: view_open(sign_view(s, row, a)); return true;
	case ACT_DIFF: view_open(diff_view(s, row)); return true;
	case ACT_WHATIF: view_open(whatif_view(s, row)); return true;
	default: return false;
	}
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);

	if (sel == NULL)
		return;
	if (a == ACT_OPEN)
		view_open(policy_view(v->screens, &s->v[sel->payload]));
	else
		(void)policy_act(v->screens, &s->v[sel->payload], a);
}

static bool can(const struct view *v, enum action a)
{
	const struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);

	return sel == NULL || policy_can(&s->v[sel->payload], a);
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
	free(s->order);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_POLICIES, load, draw, act, NULL, can, close_view };

struct view *policies_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}

/* What the columns of a `rates` table are for; see exchange.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "exchange/import.h"
#include "exchange/rates.h"

static const char *const event_columns[] = { "event", "event_id", "question_id", "stage" };

static bool among(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* What may stand before an attribute in a column's name; where several columns would do, the first is meant. */
static const char *const prefixes[] = { "", "candidate_", "declared.", "imported." };
#define PREFIXES (sizeof prefixes / sizeof prefixes[0])

static size_t prefix_of(const char *column)
{
	size_t i = PREFIXES - 1;

	while (i > 0 && strncmp(column, prefixes[i], strlen(prefixes[i])) != 0)
		i--;
	return strlen(prefixes[i]);
}

static bool known_column(const char *name)
{
	static const char *const known[] = { "evaluator_id", "candidate_id", "decision", "score",	"position_id",
					     "decided_at",   "event",	     "event_id", "question_id", "stage" };

	return among(name, known, sizeof known / sizeof known[0]) || strncmp(name, "x.", 2) == 0;
}

static size_t column_of(const struct eh_csv_row *header, const char *name)
{
	for (size_t i = 0; i < header->n; i++)
		if (strcmp(header->field[i].text, name) == 0)
			return i;
	return EH_RATES_NO_COLUMN;
}

/* But for outer blanks and capitals. */
static bool alike(const char *column, const char *name)
{
	const size_t len = strlen(name);

	column += strspn(column, " \t");
	return strncasecmp(column, name, len) == 0 && column[len + strspn(column + len, " \t")] == '\0';
}

/* A column that must be there. */
static size_t need_column(struct eh_csv_table *t, const struct eh_csv_row *header, const char *name)
{
	char list[160] = "";
	size_t at = column_of(header, name), used = 0;

	if (at != EH_RATES_NO_COLUMN)
		return at;
	for (size_t i = 0; i < header->n && used < sizeof list - 1; i++) {
		int n = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
				 eh_shown(header->field[i].text).text);

		used += n > 0 ? (size_t)n : 0;
	}
	for (size_t i = 0; i < header->n; i++)
		if (alike(header->field[i].text, name)) {
			eh_table_error(t, header->field[i].line, header->field[i].column,
				       "there is no column '%s', but '%s'; blanks and capital letters count, so write "
				       "it as it is asked for",
				       eh_shown(name).text, eh_shown(header->field[i].text).text);
			return EH_RATES_NO_COLUMN;
		}
	eh_table_error(t, header->field[0].line, header->field[0].column,
		       "there is no column '%s'; the columns are %s%s", eh_shown(name).text, list,
		       strchr(name, ',') != NULL ? "; several columns are named by an option each" : "");
	return EH_RATES_NO_COLUMN;
}

static bool refuse_postcode(struct eh_csv_table *t, const struct eh_csv_cell *c)
{
	if (!eh_gate_forbidden_column(c->text))
		return false;
	eh_table_error(t, c->line, c->column,
		       "column '%s' refused: postcodes stand in for race and income and are never used as a "
		       "class or stratum (Illinois HB 3773)",
		       eh_shown(c->text).text);
	return true;
}

/*
 * "candidate_Sex" -> "sex": an attribute name made of what the column is called.  Letters beyond ASCII stay, cut
 * between characters, so that columns in other scripts keep their names apart.
 */
static void attribute_of(eh_name out, const char *column)
{
	bool clean = eh_text_clean(column, false);
	size_t n = 0;

	column += prefix_of(column);
	if (column[0] >= '0' && column[0] <= '9')
		out[n++] = '_';
	for (; *column != '\0' && n < EH_NAME_MAX; column++) {
		char c = *column;
		bool wide = clean && ((unsigned char)c & 0x80) != 0;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		out[n++] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || wide ? c : '_';
	}
	if (clean && ((unsigned char)*column & 0xc0) == 0x80) {
		while (n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80)
			n--;
		n -= n > 0;
	}
	out[n] = '\0';
}

static bool may_add(struct eh_csv_table *t, const struct eh_csv_cell *c)
{
	const struct eh_rates_table *r = t->ctx;

	if (r->n_classes == EH_RATES_CLASSES_MAX)
		eh_table_error(t, c->line, c->column, "more than %d class columns; name those that count with --class",
			       EH_RATES_CLASSES_MAX);
	return r->n_classes < EH_RATES_CLASSES_MAX;
}

static struct eh_rates_class *next_class(struct eh_rates_table *r, const struct eh_csv_cell *c, size_t at)
{
	struct eh_rates_class *k = &r->classes[r->n_classes++];

	attribute_of(k->attribute, c->text);
	(void)snprintf(k->column, sizeof k->column, "%s", c->text);
	k->at = at;
	k->at_line = c->line;
	k->at_column = c->column;
	k->declared = strncmp(c->text, "declared.", 9) == 0;
	return k;
}

static void add_class(struct eh_csv_table *t, const struct eh_csv_cell *c, size_t at)
{
	struct eh_rates_table *r = t->ctx;
	eh_name attribute = "";

	if (refuse_postcode(t, c))
		return;
	attribute_of(attribute, c->text);
	if (attribute[0] == '\0') {
		eh_table_error(t, c->line, c->column, "column '%s' names no attribute", eh_shown(c->text).text);
		return;
	}
	for (size_t i = 0; i < r->n_classes; i++)
		if (strcmp(r->classes[i].attribute, attribute) == 0) {
			eh_table_error(
				t, c->line, c->column,
				r->classes[i].at == at
					? "column '%s' is named twice with --class ('%s', attribute '%s'); once will do"
					: "columns '%s' and '%s' are both the attribute '%s'; name one with --class",
				r->classes[i].column, eh_shown(c->text).text, attribute);
			return;
		}
	if (may_add(t, c))
		(void)next_class(r, c, at);
}

static bool is_prob(const struct eh_rates_options *o, const char *name)
{
	size_t len = o->prob != NULL ? strlen(o->prob) : 0;

	return len > 0 && strncmp(name, o->prob, len) == 0 && name[len] == '.' && name[len + 1] != '\0';
}

#define SHARE_ROOM 1e-6                  /* of the sum of shares that a person wrote */

/* The shares that the user gives must be of groups that have probabilities, and leave what the others need. */
static void check_shares(struct eh_csv_table *t, const struct eh_csv_cell *first)
{
	const struct eh_rates_table *r = t->ctx;
	const struct eh_rates_options *o = r->options;
	const char *prob = o->prob;
	double sum = 0.0;

	for (size_t i = 0; i < o->n_shares; i++) {
		size_t g = 0;

		while (g < r->prob.n && strcmp(r->prob.groups[g], o->shares[i].group) != 0)
			g++;
		if (g == r->prob.n) {
			eh_table_error(t, first->line, first->column,
				       "--prior %s: there is no column '%s.%s'; name a group that has probabilities",
				       eh_shown(o->shares[i].group).text, eh_shown(prob).text,
				       eh_shown(o->shares[i].group).text);
			return;
		}
		sum += o->shares[i].share;
	}
	if (o->n_shares == r->prob.n && fabs(sum - 1.0) > SHARE_ROOM)
		eh_table_error(
			t, first->line, first->column,
			"the shares of --prior add up to %.9g, and there is no group beside them; they must make "
			"1, or leave one group out: it gets what is left",
			sum);
	else if (o->n_shares > 0 && o->n_shares < r->prob.n && sum > 1.0 - SHARE_ROOM)
		eh_table_error(t, first->line, first->column,
			       "the shares of --prior add up to %.9g, so nothing is left for the other groups of '%s'; "
			       "give smaller ones",
			       sum, eh_shown(prob).text);
}

static void bind_prob(struct eh_csv_table *t, const struct eh_csv_row *header)
{
	struct eh_rates_table *r = t->ctx;
	struct eh_rates_prob *p = &r->prob;
	const struct eh_csv_cell *first = &header->field[0];

	attribute_of(p->attribute, r->options->prob);
	for (size_t i = 0; i < header->n; i++) {
		const struct eh_csv_cell *c = &header->field[i];
		const char *group = c->text + strlen(r->options->prob) + 1;

		if (!is_prob(r->options, c->text) || refuse_postcode(t, c))
			continue;
		if (!eh_group_valid(group, strlen(group)) || p->n == EH_GROUPS_MAX) {
			eh_table_error(t, c->line, c->column, "column '%s': not a group name, or more than %d groups",
				       eh_shown(c->text).text, EH_GROUPS_MAX);
			return;
		}
		(void)snprintf(p->groups[p->n], sizeof p->groups[0], "%s", group);
		p->at[p->n++] = i;
	}
	if (p->n < 2)
		eh_table_error(t, first->line, first->column, "--prob %s needs at least two columns %s.GROUP",
			       eh_shown(r->options->prob).text, eh_shown(r->options->prob).text);
	p->used = true;
	if (p->n >= 2)
		check_shares(t, first);
}

/* The column of the class that is called so: its own name, or behind a prefix. */
static size_t find_class(const struct eh_csv_row *header, const char *name)
{
	char full[EH_TABLE_NAME_MAX + 16];
	size_t at = EH_RATES_NO_COLUMN;

	for (size_t i = 0; i < PREFIXES && at == EH_RATES_NO_COLUMN; i++) {
		(void)snprintf(full, sizeof full, "%s%s", prefixes[i], name);
		at = column_of(header, full);
	}
	return at;
}

/* The column of the same attribute from the other source; EH_RATES_NO_COLUMN: none. */
static size_t other_source(const struct eh_csv_row *header, const char *name, const char *mine, const char *other)
{
	char full[EH_TABLE_NAME_MAX + 16];

	if (strncmp(name, mine, strlen(mine)) != 0)
		return EH_RATES_NO_COLUMN;
	(void)snprintf(full, sizeof full, "%s%s", other, name + strlen(mine));
	return column_of(header, full);
}

/* As at import (exchange.h): of a person what is declared counts, else what is imported. */
static void add_sources(struct eh_csv_table *t, const struct eh_csv_row *header, size_t at)
{
	struct eh_rates_table *r = t->ctx;
	const size_t before = r->n_classes;
	size_t other = other_source(header, header->field[at].text, "declared.", "imported.");

	add_class(t, &header->field[at], at);
	if (r->n_classes > before && other != EH_RATES_NO_COLUMN && may_add(t, &header->field[other]))
		next_class(r, &header->field[other], other)->beside = true;
}

/* The columns that are classes when none is named: see struct eh_rates_options. */
static void default_classes(struct eh_csv_table *t, const struct eh_csv_row *header)
{
	struct eh_rates_table *r = t->ctx;
	const struct eh_rates_options *o = r->options;

	for (int pass = 0; pass < 2 && r->n_classes == 0 && !t->stop; pass++) {
		if (pass == 1 && o->prob != NULL)
			return;
		for (size_t i = 0; i < header->n; i++) {
			const char *name = header->field[i].text;
			size_t len = strlen(name);
			bool id = len >= 3 && strcmp(name + len - 3, "_id") == 0;
			bool marked = prefix_of(name) > 0;

			if (known_column(name) || id || is_prob(o, name) || among(name, o->strata, o->n_strata) ||
			    (o->score != NULL && strcmp(o->score, name) == 0) || eh_gate_forbidden_column(name))
				continue;
			if (other_source(header, name, "imported.", "declared.") != EH_RATES_NO_COLUMN)
				continue; /* comes with that */
			if (marked || pass == 1)
				add_sources(t, header, i);
		}
	}
}

static void chosen_class(struct eh_csv_table *t, const struct eh_csv_row *header, const char *name)
{
	size_t at = find_class(header, name);

	if (at == EH_RATES_NO_COLUMN)
		at = need_column(t, header, name);
	if (at == EH_RATES_NO_COLUMN)
		return;
	if (strcmp(header->field[at].text, name) == 0)
		add_class(t, &header->field[at], at); /* this column and no other */
	else
		add_sources(t, header, at);
}

static bool taken(const struct eh_rates_table *r, size_t at)
{
	bool is = at == r->score;

	for (size_t k = 0; k < r->n_strata; k++)
		is = is || r->strata[k] == at;
	for (size_t k = 0; k < r->n_classes; k++)
		is = is || r->classes[k].at == at;
	return is;
}

/*
 * The class that the probabilities stand beside: the one of their name, named or not; else the only one that is named.
 * Otherwise they are an attribute of their own.
 */
static void place_prob(struct eh_csv_table *t, const struct eh_csv_row *header)
{
	struct eh_rates_table *r = t->ctx;
	const char *name = r->options->prob;
	char full[EH_TABLE_NAME_MAX + 16];

	for (size_t k = 0; k < r->n_classes; k++)
		if (strcmp(r->classes[k].attribute, r->prob.attribute) == 0)
			return;
	for (size_t i = 0; i < PREFIXES; i++) {
		size_t at = EH_RATES_NO_COLUMN;

		(void)snprintf(full, sizeof full, "%s%s", prefixes[i], name);
		at = column_of(header, full);
		if (at == EH_RATES_NO_COLUMN || known_column(full) || taken(r, at))
			continue;
		add_sources(t, header, at);
		return;
	}
	if (r->options->n_classes != 1 || r->n_classes != (r->n_classes > 1 && r->classes[1].beside ? 2u : 1u))
		return;
	memcpy(r->prob.attribute, r->classes[0].attribute, sizeof r->prob.attribute);
	r->prob.lent = true;
}

/* The class by which the strata are made, or what is to be explained: nothing could be compared, or all would be equal.
 */
static void check_stratum(struct eh_csv_table *t, const struct eh_csv_cell *c, size_t at)
{
	const struct eh_rates_table *r = t->ctx;
	const char *why = NULL;
	eh_name attribute = "";
	bool class = false;

	attribute_of(attribute, c->text);
	class = r->prob.used && strcmp(attribute, r->prob.attribute) == 0;
	for (size_t k = 0; k < r->n_classes; k++)
		class = class || r->classes[k].at == at || strcmp(r->classes[k].attribute, attribute) == 0;
	if (class)
		why = "is the class that is compared: a stratum of one class has nobody to compare with; leave this "
		      "--stratum out, or name the class with --class";
	else if (at == r->decision || at == r->score || is_prob(r->options, c->text))
		why = "cannot be a stratum: whom the decision, score or classifier put together are no persons judged "
		      "alike; leave this --stratum out";
	else if (at == r->candidate)
		why = "cannot be a stratum: one candidate alone is compared with nobody; leave this --stratum out";
	if (why != NULL)
		eh_table_error(t, c->line, c->column, "column '%s' %s", eh_shown(c->text).text, why);
}

static void check_class(struct eh_csv_table *t, const struct eh_csv_row *header, const struct eh_rates_class *k)
{
	const struct eh_rates_table *r = t->ctx;

	if (k->at == r->evaluator || k->at == r->candidate || k->at == r->decision || k->at == r->score)
		eh_table_error(
			t, k->at_line, k->at_column,
			"column '%s' is no class of the candidates: it is who decides, about whom, or what; name "
			"another with --class",
			eh_shown(header->field[k->at].text).text);
}

static void bind_event(struct eh_rates_table *r, const struct eh_csv_row *header)
{
	r->event = EH_RATES_NO_COLUMN;
	for (size_t i = 0; i < sizeof event_columns / sizeof event_columns[0] && r->event == EH_RATES_NO_COLUMN; i++) {
		size_t at = column_of(header, event_columns[i]);

		if (at == EH_RATES_NO_COLUMN || taken(r, at))
			continue;
		r->event = at;
		(void)snprintf(r->event_name, sizeof r->event_name, "%s", event_columns[i]);
	}
}

int eh_rates_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	struct eh_rates_table *r = t->ctx;
	const struct eh_rates_options *o = r->options;
	const struct eh_csv_cell *first = &row->field[0];

	(void)err;
	r->evaluator = need_column(t, row, "evaluator_id");
	r->candidate = need_column(t, row, "candidate_id");
	r->decision = need_column(t, row, "decision");
	r->score = o->score != NULL ? need_column(t, row, o->score) : EH_RATES_NO_COLUMN;
	for (size_t i = 0; i < o->n_strata && i < EH_RATES_STRATA_MAX; i++) {
		size_t at = need_column(t, row, o->strata[i]);

		if (at != EH_RATES_NO_COLUMN && !refuse_postcode(t, &row->field[at]))
			r->strata[r->n_strata++] = at;
	}
	if (o->n_strata > EH_RATES_STRATA_MAX)
		eh_table_error(t, first->line, first->column, "more than %d stratum columns", EH_RATES_STRATA_MAX);
	if (o->prob != NULL)
		bind_prob(t, row);
	for (size_t i = 0; i < o->n_classes; i++)
		chosen_class(t, row, o->classes[i]);
	if (o->n_classes == 0)
		default_classes(t, row);
	if (r->prob.used && t->report->n_errors == 0)
		place_prob(t, row);
	if (r->n_classes == 0 && !r->prob.used && t->report->n_errors == 0)
		eh_table_error(t, first->line, first->column,
			       "there is no class column; name it with --class COLUMN, or call it "
			       "candidate_ATTRIBUTE");
	for (size_t k = 0; k < r->n_classes; k++)
		check_class(t, row, &r->classes[k]);
	for (size_t k = 0; k < r->n_strata; k++)
		check_stratum(t, &row->field[r->strata[k]], r->strata[k]);
	bind_event(r, row);
	r->decided = column_of(row, "decided_at");
	if (r->decided != EH_RATES_NO_COLUMN && taken(r, r->decided))
		r->decided = EH_RATES_NO_COLUMN;
	return EH_OK;
}

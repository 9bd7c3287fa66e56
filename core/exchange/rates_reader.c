/* Rows of a plain `rates` table as one thread reads them: no cell is copied that was seen before; see
 * rates_reader.h. */
#include "exchange/rates_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/import.h"

struct cell {
	char text[EH_RATES_CELL_MAX + 1];
	size_t len;
};

static bool take_cell(struct cell *c, const char *const *at, size_t i)
{
	c->len = (size_t)(at[i + 1] - at[i]) - 1;
	if (c->len > EH_RATES_CELL_MAX)
		return false;
	memcpy(c->text, at[i], c->len);
	c->text[c->len] = '\0';
	return true;
}

static bool good_id(const char *s, size_t len) { return eh_id_valid(s, len) && s[0] != ' ' && s[len - 1] != ' '; }

/* Not inlined, as new_kind: keys that only the fast way asks for never lie in memory. */
static __attribute__((noinline)) int new_evaluator(struct eh_rates_reader *s, const char *text, size_t len,
						   uint32_t *out)
{
	const struct eh_term_key key = eh_term_key(text, len);

	if (!good_id(text, len))
		return EH_PLAIN_ODD;
	if (s->evaluators.n >= (uint64_t)1 << (32 - s->m->bits)) {
		s->many_evaluators = true;
		return EH_PLAIN_ODD;
	}
	*out = eh_terms_add(&s->evaluators, &key);
	if (*out != EH_TERM_NONE && *out >= s->count_cap) {
		size_t cap = s->count_cap != 0 ? 2 * s->count_cap : 256;
		void *p = eh_try_realloc(s->count, cap * s->m->parts, sizeof *s->count);

		if (p == NULL)
			return EH_ENOMEM;
		s->count = p;
		memset(s->count + s->count_cap * s->m->parts, 0, (cap - s->count_cap) * s->m->parts * sizeof *s->count);
		s->count_cap = cap;
	}
	return *out == EH_TERM_NONE ? EH_ENOMEM : EH_OK;
}

/* The strata's cells joined as rates.c joins them, and the event's. */
static int read_stratum(struct eh_rates_reader *s, const char *const *at, struct eh_deal_kind *k)
{
	const struct eh_rates_table *r = s->m->r;
	char name[(EH_RATES_STRATA_MAX + 1) * (EH_RATES_CELL_MAX + 2) + EH_PLAIN_PAD] = "";
	struct eh_term_key key;
	struct cell c;
	size_t used = 0;

	for (size_t i = 0; i < r->n_strata; i++) {
		if (!take_cell(&c, at, r->strata[i]) || (c.len > 0 && !eh_id_valid(c.text, c.len)))
			return EH_PLAIN_ODD;
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", i > 0 ? EH_RATES_JOINT : "", c.text);
	}
	if (s->m->event) {
		/* rows on hold repeat nothing and need no stratum of their own */
		if (k->decision == EH_DEAL_HOLD)
			return EH_OK;
		if (!take_cell(&c, at, r->event))
			return EH_PLAIN_ODD;
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", used > 0 ? EH_RATES_JOINT : "",
					 c.text);
	}
	key = eh_term_key(name, used);
	k->stratum = eh_terms_add(&s->strata, &key);
	return k->stratum == EH_TERM_NONE ? EH_ENOMEM : EH_OK;
}

static int read_group(struct eh_rates_reader *s, const char *const *at, size_t class, int8_t *out)
{
	eh_name *groups = s->groups[class];
	struct cell c;
	size_t g = 0;

	*out = -1;
	if (!take_cell(&c, at, s->m->r->classes[class].at))
		return EH_PLAIN_ODD;
	if (eh_class_unknown(c.text))
		return EH_OK;
	while (g < s->n_groups[class] && strcmp(groups[g], c.text) != 0)
		g++;
	if (g == s->n_groups[class]) {
		if (!eh_group_valid(c.text, c.len) || g == EH_GROUPS_MAX)
			return EH_PLAIN_ODD;
		memcpy(groups[s->n_groups[class]++], c.text, c.len + 1);
	}
	*out = (int8_t)g;
	return EH_OK;
}

static int read_kind(struct eh_rates_reader *s, const char *const *at, struct eh_deal_kind *k)
{
	enum eh_decision_kind decision = EH_HOLD;
	struct cell c;
	int rc = EH_OK;

	memset(k, 0, sizeof *k);
	if (!take_cell(&c, at, s->m->r->decision) || eh_decision_parse(&decision, c.text, NULL) != EH_OK)
		return EH_PLAIN_ODD;
	k->decision = decision == EH_HOLD ? (uint8_t)EH_DEAL_HOLD : decision == EH_ADVANCE;
	rc = read_stratum(s, at, k);
	for (size_t i = 0; i < s->m->r->n_classes && rc == EH_OK; i++)
		rc = read_group(s, at, i, &k->group[i]);
	return rc;
}

static __attribute__((noinline)) int new_kind(struct eh_rates_reader *s, const char *const *at, const char *cells,
					      size_t len, uint32_t *out)
{
	const struct eh_term_key key = eh_term_key(cells, len);
	struct eh_deal_kind k;
	int rc = read_kind(s, at, &k);

	if (rc != EH_OK)
		return rc;
	if (s->keys.n >= (uint64_t)1 << s->m->bits) {
		s->many_kinds = true;
		return EH_PLAIN_ODD;
	}
	if (s->keys.n == s->kinds_cap) {
		size_t cap = s->kinds_cap != 0 ? 2 * s->kinds_cap : 256;
		void *p = eh_try_realloc(s->kind, cap, sizeof *s->kind);

		if (p == NULL)
			return EH_ENOMEM;
		s->kind = p;
		s->kinds_cap = cap;
	}
	*out = eh_terms_add(&s->keys, &key);
	if (*out == EH_TERM_NONE)
		return EH_ENOMEM;
	s->kind[*out] = k;
	return EH_OK;
}

/* Cells that stand apart, side by side with commas between them; their length, or 0: one is too long. */
static size_t gather_cells(const struct eh_rates_manner *m, const char *const *at, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < m->n_key; i++) {
		size_t cell = (size_t)(at[m->key[i] + 1] - at[m->key[i]]);

		if (cell > EH_RATES_CELL_MAX + 1)
			return 0;
		memcpy(out + len, at[m->key[i]], cell);
		out[len + cell - 1] = ',';
		len += cell;
	}
	memset(out + len, 0, 8);
	return len;
}

/* The cells that make a kind, with the commas between them: plain cells hold none, so no two kinds have one key. */
static int find_kind(struct eh_rates_reader *s, const char *const *at, uint32_t *out)
{
	const struct eh_rates_manner *m = s->m;
	const char *cells = at[m->key[0]];
	size_t len = (size_t)(at[m->key[m->n_key - 1] + 1] - cells) - 1;
	struct eh_term_key key;

	if (!m->together) {
		cells = s->cells;
		len = gather_cells(m, at, s->cells);
		if (len == 0)
			return EH_PLAIN_ODD;
	}
	key = eh_term_key(cells, len);
	*out = eh_terms_find(&s->keys, &key);
	return *out != EH_TERM_NONE ? EH_OK : new_kind(s, at, cells, len, out);
}

static bool read_score(const struct eh_rates_reader *s, const char *const *at, double *out)
{
	struct cell c;

	if (!take_cell(&c, at, s->m->r->score))
		return false;
	return c.len == 0 || eh_parse_f64(out, c.text, -EH_RATES_SCORE_LIMIT, EH_RATES_SCORE_LIMIT, NULL) == EH_OK;
}

static bool read_day(const struct eh_rates_reader *s, const char *const *at, int32_t *out)
{
	int64_t t = 0;
	struct cell c;

	if (!take_cell(&c, at, s->m->r->decided))
		return false;
	if (c.len > 0 && eh_parse_time(&t, c.text, NULL) != EH_OK)
		return false;
	if (c.len > 0)
		*out = eh_day_of(t);
	return true;
}

/* What lies beside the row; most tables have nothing of it. */
static __attribute__((noinline)) int keep_beside(struct eh_rates_reader *s, const char *const *at, int pile)
{
	const struct eh_rates_table *r = s->m->r;
	int32_t day = EH_NO_DAY;
	double score = NAN;

	if ((r->score != EH_RATES_NO_COLUMN && !read_score(s, at, &score)) ||
	    (r->decided != EH_RATES_NO_COLUMN && !read_day(s, at, &day)))
		return EH_PLAIN_ODD;
	eh_deal_beside(&s->deal, (unsigned)pile, score, day);
	return EH_OK;
}

int eh_rates_plain_row(void *ctx, const char *const *at, bool wide, struct eh_err *err)
{
	struct eh_rates_reader *s = ctx;
	const struct eh_rates_table *r = s->m->r;
	const char *who = at[r->evaluator], *id = at[r->candidate];
	const size_t len = (size_t)(at[r->candidate + 1] - id) - 1, who_len = (size_t)(at[r->evaluator + 1] - who) - 1;
	const struct eh_term_key key = eh_term_key(who, who_len);
	uint32_t evaluator = eh_terms_find(&s->evaluators, &key), kind = 0;
	int rc = EH_OK, pile;

	if (len == 0 || len > EH_ID_MAX || id[0] == ' ' || id[len - 1] == ' ' || (wide && !eh_id_valid(id, len)))
		return EH_PLAIN_ODD;
	if (evaluator == EH_TERM_NONE)
		rc = new_evaluator(s, who, who_len, &evaluator);
	if (rc == EH_OK)
		rc = find_kind(s, at, &kind);
	pile = rc != EH_OK ? rc : eh_deal_add(&s->deal, id, len, evaluator << s->m->bits | kind);
	if (pile < 0)
		return eh_err_set(err, EH_ENOMEM, "no memory for the rows of the table");
	if (rc == EH_OK && (s->deal.scores || s->deal.days))
		rc = keep_beside(s, at, pile);
	if (rc != EH_OK)
		return rc;
	s->rows++;
	if (s->kind[kind].decision == EH_DEAL_HOLD)
		s->holds++;
	else
		s->count[evaluator * s->m->parts + eh_deal_part((unsigned)pile, s->m->parts)]++;
	return EH_OK;
}

void eh_rates_reader_free(struct eh_rates_reader *s)
{
	eh_terms_free(&s->evaluators);
	eh_terms_free(&s->keys);
	eh_terms_free(&s->strata);
	free(s->kind);
	free(s->count);
	eh_deal_free(&s->deal);
}

/* What a person should know about an imported table though nothing is wrong with it; see import.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "exchange/import.h"

void eh_import_note(struct eh_import_report *report, const char *fmt, ...)
{
	size_t size = sizeof report->note, used = strlen(report->note);
	va_list ap;

	if (used > 0)
		used += (size_t)snprintf(report->note + used, size - used, "; ");
	if (used >= size)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(report->note + used, size - used, fmt, ap);
	va_end(ap);
}

static void note_paper(struct eh_import_closed *closed, const struct eh_candidate *who, const struct eh_consent *c)
{
	char lacks[EH_PAPER_LACKS_MAX];
	const struct eh_paper_rule *rule =
		eh_paper_missing(lacks, who->jurisdiction, c->purpose, &c->release, eh_now());

	if (rule == NULL || closed->n_paper++ > 0)
		return;
	closed->rule = rule;
	memcpy(closed->lacks, lacks, sizeof closed->lacks);
	memcpy(closed->candidate, c->candidate, sizeof closed->candidate);
	memcpy(closed->paper_purpose, c->purpose, sizeof closed->paper_purpose);
}

int eh_import_note_consent(struct eh_import_closed *closed, struct eh_txn *txn, const struct eh_consent *c,
			   struct eh_err *err)
{
	const bool infer = strncmp(c->purpose, "infer:", 6) == 0;
	struct eh_candidate who;
	int rc = EH_OK;

	if (!c->granted || (!infer && strcmp(c->purpose, "face") != 0 && strcmp(c->purpose, "voice") != 0))
		return EH_OK;
	rc = eh_candidate_get(txn, c->candidate, &who, err);
	if (rc == EH_OK && !infer)
		note_paper(closed, &who, c);
	if (rc != EH_OK || !infer || eh_gate_infer(who.jurisdiction, c->purpose + 6, NULL) == EH_OK)
		return rc;
	if (closed->n++ == 0) {
		(void)snprintf(closed->purpose, sizeof closed->purpose, "%s", c->purpose);
		(void)snprintf(closed->place, sizeof closed->place, "%s", who.jurisdiction);
	}
	return EH_OK;
}

void eh_import_note_closed(struct eh_import_report *report, const struct eh_import_closed *closed)
{
	if (closed->n > 0)
		eh_import_note(report,
			       "%s recorded; the place %s does not allow it: it will not be used (%llu such record%s "
			       "in the table)",
			       closed->purpose, closed->place, (unsigned long long)closed->n,
			       closed->n == 1 ? "" : "s");
	if (closed->n_paper > 0)
		eh_import_note(report,
			       "candidate '%s': %s recorded, but the %s of %s lacks %s: nothing is measured until it "
			       "is complete (%llu such record%s in the table)",
			       closed->candidate, closed->paper_purpose, eh_paper_name(closed->rule->paper),
			       closed->rule->name, closed->lacks, (unsigned long long)closed->n_paper,
			       closed->n_paper == 1 ? "" : "s");
}

struct groups {
	const eh_name *attribute; /* [n], asked for */
	size_t n;
	struct eh_declared *v; /* [used], one per candidate and attribute; of any source */
	size_t used, cap;
};

static int gather(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct groups *g = ctx;

	(void)err;
	for (size_t i = 0; i < g->n; i++) {
		const struct eh_declared *known = eh_candidate_class(c, g->attribute[i]);

		if (known == NULL)
			continue;
		if (g->used == g->cap) {
			g->cap = g->cap != 0 ? 2 * g->cap : 256;
			g->v = eh_xrealloc(g->v, g->cap, sizeof *g->v);
		}
		memset(&g->v[g->used], 0, sizeof *g->v);
		memcpy(g->v[g->used].attribute, g->attribute[i], sizeof g->v->attribute);
		(void)snprintf(g->v[g->used++].group, sizeof g->v->group, "%s", known->group);
	}
	return EH_OK;
}

/* Groups that differ only in case stand beside each other. */
static int by_group(const void *a, const void *b)
{
	const struct eh_declared *x = a, *y = b;
	int order = strcmp(x->attribute, y->attribute);

	if (order == 0)
		order = strcasecmp(x->group, y->group);
	return order != 0 ? order : strcmp(x->group, y->group);
}

static size_t run_length(const struct groups *g, size_t from)
{
	size_t n = 1;

	while (from + n < g->used && by_group(&g->v[from], &g->v[from + n]) == 0)
		n++;
	return n;
}

int eh_import_note_groups(struct eh_import_report *report, struct eh_txn *txn, const eh_name *attribute, size_t n,
			  struct eh_err *err)
{
	struct groups g = { attribute, n, NULL, 0, 0 };
	int rc = eh_candidates_each(txn, gather, &g, err);
	size_t before = 0, n_before = 0;

	if (rc == EH_OK && g.used > 1)
		qsort(g.v, g.used, sizeof *g.v, by_group);
	for (size_t i = 0; rc == EH_OK && i < g.used; i += n_before) {
		size_t count = run_length(&g, i);

		if (i > 0 && strcmp(g.v[i].attribute, g.v[before].attribute) == 0 &&
		    strcasecmp(g.v[i].group, g.v[before].group) == 0)
			eh_import_note(report,
				       "attribute %s: '%s' (%zu candidate%s) and '%s' (%zu) are counted as two groups",
				       g.v[i].attribute, g.v[before].group, n_before, n_before == 1 ? "" : "s",
				       g.v[i].group, count);
		before = i;
		n_before = count;
	}
	free(g.v);
	return rc;
}

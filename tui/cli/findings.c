/* Tables of findings shared by audit, rates, evaluators and metrics; see findings.h. */
#include "cli/findings.h"

#include <string.h>

#include "base/text.h"

static void interval_cells(struct cli_table *t, const struct eh_interval *i)
{
	cli_cell_num(t, i->low, 2);
	cli_cell_num(t, i->high, 2);
}

void cli_ratio_cell(struct cli_table *t, const struct eh_finding *f, int decimals)
{
	char people[32], program[EH_REAL_TEXT];

	if (!cli_is_estimate(f)) {
		cli_cell_num(t, f->ratio, decimals);
		return;
	}
	(void)snprintf(people, sizeof people, "~%.*f", decimals, f->ratio.value);
	(void)eh_format_real(program, f->ratio.value);
	cli_cell_both(t, people, program);
}

void cli_evaluator_cell(struct cli_table *t, const struct eh_finding *f, const char *pooled)
{
	const char *who = pooled != NULL ? pooled : f->evaluator;
	char people[2 * EH_ID_MAX + 8];

	(void)snprintf(people, sizeof people, "%s%s%s", who, f->position[0] != '\0' ? " " : "", f->position);
	cli_cell_both(t, people, who);
}

bool cli_is_estimate(const struct eh_finding *f) { return f->basis == EH_BASIS_SCREENING && f->ratio.defined; }

void cli_tell_estimates(const struct cli *c, bool any)
{
	if (any && c->format == CLI_TABLE)
		puts("(~ screening: estimated with predicted classes)");
}

static void verdict_cell(struct cli_table *t, enum eh_verdict_kind v)
{
	char people[32];

	(void)snprintf(people, sizeof people, "%s %s", eh_verdict_symbol(v, true), eh_verdict_text(v));
	cli_cell_both(t, people, eh_verdict_text(v));
}

/* What a policy's own finding is about besides: "stage S1, month 2026-03", or its subject. */
static void about_cell(struct cli_table *t, const struct eh_finding *f)
{
	const struct {
		const char *name, *text;
	} parts[] = { { "", f->subject }, { "stage ", f->stage },
		      { "question ", f->question }, { "month ", f->period } };
	char text[3 * EH_ID_MAX] = "";

	for (size_t i = 0, len = 0; i < sizeof parts / sizeof parts[0] && len < sizeof text; i++)
		if (parts[i].text[0] != '\0')
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s", len > 0 ? ", " : "",
						parts[i].name, parts[i].text);
	cli_cell(t, "%s", text);
}

static void add_rows(struct cli_table *t, const struct eh_finding *v, size_t n,
		     bool (*keep)(const struct eh_finding *), bool *estimated)
{
	for (size_t i = 0; i < n; i++) {
		const struct eh_finding *f = &v[i];

		if (keep != NULL && !keep(f))
			continue;
		cli_evaluator_cell(t, f, f->evaluator[0] != '\0' ? NULL : "(all)");
		cli_cell_both(t, "", f->position);
		cli_cell(t, "%s", f->attribute);
		cli_cell(t, "%s", f->group);
		cli_cell(t, "%llu", (unsigned long long)f->n);
		cli_cell(t, "%llu", (unsigned long long)f->selected);
		cli_cell_num(t, f->rate, 3);
		cli_cell(t, "%s", f->is_reference ? "(itself)" : f->reference);
		cli_cell_num(t, f->ref_rate, 3);
		cli_ratio_cell(t, f, 3);
		*estimated = *estimated || cli_is_estimate(f);
		interval_cells(t, &f->ratio_interval);
		cli_cell_p(t, f->p);
		cli_cell_p(t, f->q);
		verdict_cell(t, f->verdict);
		/* no policy hides the built-in result (DESIGN.md 4.4): the column is never left out */
		cli_cell(t, "%s", eh_verdict_text(f->builtin));
		cli_cell(t, "%s",
			 f->scope == EH_SCOPE_INDIVIDUAL ? "individual"
			 : f->scope == EH_SCOPE_SYSTEMIC ? "systemic"
							 : "");
		/* persons declared, imported, predicted, unknown */
		cli_cell(t, "%llu/%llu/%llu/%llu", (unsigned long long)f->declared, (unsigned long long)f->imported,
			 (unsigned long long)f->predicted, (unsigned long long)f->unknown);
		cli_cell(t, "%s", f->basis == EH_BASIS_SCREENING ? "screening" : "known");
		cli_cell(t, "%s", eh_ratio_kind_text(f->rests_on));
		cli_cell_num(t, eh_finding_other_ratio(f), 3);
		about_cell(t, f);
	}
}

/* What a policy's own finding says that is no comparison stands in its reason alone. */
static void tell_reasons(const struct cli *c, const struct eh_finding *own, size_t n)
{
	for (size_t i = 0; i < n && c->format == CLI_TABLE; i++)
		if (own[i].reason[0] != '\0' && own[i].verdict != EH_OK_VERDICT)
			printf("%s %s: %s\n", eh_verdict_text(own[i].verdict),
			       own[i].subject[0] != '\0' ? own[i].subject : own[i].group, own[i].reason);
}

void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *))
{
	cli_findings_tables(c, v, n, NULL, 0, keep);
}

void cli_findings_tables(const struct cli *c, const struct eh_finding *v, size_t n, const struct eh_finding *own,
			 size_t n_own, bool (*keep)(const struct eh_finding *))
{
	struct cli_table *t =
		cli_table_new("evaluator~20 position attribute/14 group~ >n/12 >selected/9 >rate/11 reference/7 "
			      ">ref_rate/8 >ratio >low/15 >high/15 >p/10 >q verdict builtin scope/4 classes/3 basis/5 "
			      "rests_on/2 >other_ratio/1 about/16");
	bool estimated = false;

	add_rows(t, v, n, keep, &estimated);
	add_rows(t, own, n_own, keep, &estimated);
	cli_table_print(&t, c);
	tell_reasons(c, own, n_own);
	cli_tell_estimates(c, estimated);
}

struct eh_json *cli_own_json(const struct eh_finding *own, size_t n)
{
	struct eh_json *rows = eh_json_array();

	for (size_t i = 0; i < n; i++)
		eh_json_push(rows, eh_json_finding(&own[i]));
	return rows;
}

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

bool cli_is_estimate(const struct eh_finding *f)
{
	return f->basis == EH_BASIS_SCREENING && f->ratio.defined;
}

void cli_tell_estimates(const struct cli *c, bool any)
{
	if (any && c->format == CLI_TABLE)
		puts("(~ screening: estimated with predicted classes)");
}

/* No policy hides the built-in result (DESIGN.md 4.4): where it is another one, people see both in one cell. */
static void verdict_cell(struct cli_table *t, const struct eh_finding *f)
{
	char people[96];

	(void)snprintf(people, sizeof people, "%s %s%s%s%s", eh_verdict_symbol(f->verdict, true),
		       eh_verdict_text(f->verdict), f->builtin != f->verdict ? " (built-in: " : "",
		       f->builtin != f->verdict ? eh_verdict_text(f->builtin) : "",
		       f->builtin != f->verdict ? ")" : "");
	cli_cell_both(t, people, eh_verdict_text(f->verdict));
}

void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *))
{
	struct cli_table *t =
		cli_table_new("evaluator position/13 attribute/14 group >n/12 >selected/9 >rate/11 reference/7 "
			      ">ref_rate/8 >ratio >low >high >p/10 >q verdict builtin/6 scope/4 classes/3 basis/5 "
			      "rests_on/2 >other_ratio/1");
	bool estimated = false;

	for (size_t i = 0; i < n; i++) {
		const struct eh_finding *f = &v[i];

		if (keep != NULL && !keep(f))
			continue;
		cli_cell(t, "%s", f->evaluator[0] != '\0' ? f->evaluator : "(all)");
		cli_cell(t, "%s", f->position);
		cli_cell(t, "%s", f->attribute);
		cli_cell(t, "%s", f->group);
		cli_cell(t, "%llu", (unsigned long long)f->n);
		cli_cell(t, "%llu", (unsigned long long)f->selected);
		cli_cell_num(t, f->rate, 3);
		cli_cell(t, "%s", f->is_reference ? "(itself)" : f->reference);
		cli_cell_num(t, f->ref_rate, 3);
		cli_ratio_cell(t, f, 3);
		estimated = estimated || cli_is_estimate(f);
		interval_cells(t, &f->ratio_interval);
		cli_cell_p(t, f->p);
		cli_cell_p(t, f->q);
		verdict_cell(t, f);
		cli_cell(t, "%s", eh_verdict_text(f->builtin));
		cli_cell(t, "%s", f->scope == EH_SCOPE_INDIVIDUAL ? "individual"
				  : f->scope == EH_SCOPE_SYSTEMIC ? "systemic"
								  : "");
		/* persons declared, imported, predicted, unknown */
		cli_cell(t, "%llu/%llu/%llu/%llu", (unsigned long long)f->declared, (unsigned long long)f->imported,
			 (unsigned long long)f->predicted, (unsigned long long)f->unknown);
		cli_cell(t, "%s", f->basis == EH_BASIS_SCREENING ? "screening" : "known");
		cli_cell(t, "%s", eh_ratio_kind_text(f->rests_on));
		cli_cell_num(t, eh_finding_other_ratio(f), 3);
	}
	cli_table_print(&t, c);
	cli_tell_estimates(c, estimated);
}

/* Tables of findings shared by audit, rates, evaluators and metrics; see findings.h. */
#include "cli/findings.h"

#include <string.h>

static void interval_cells(struct cli_table *t, const struct eh_interval *i)
{
	cli_cell_num(t, i->low, 2);
	cli_cell_num(t, i->high, 2);
}

void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *))
{
	struct cli_table *t = cli_table_new("evaluator position attribute group >n >selected >rate reference >ref_rate "
					    ">ratio >low >high >p >q verdict builtin scope classes basis");

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
		cli_cell_num(t, f->ratio, 3);
		interval_cells(t, &f->ratio_interval);
		cli_cell_num(t, f->p, 4);
		cli_cell_num(t, f->q, 4);
		cli_cell(t, "%s%s%s", c->format == CLI_TABLE ? eh_verdict_symbol(f->verdict, true) : "",
			 c->format == CLI_TABLE ? " " : "", eh_verdict_text(f->verdict));
		/* no policy hides it (DESIGN.md 4.4) */
		cli_cell(t, "%s", eh_verdict_text(f->builtin));
		cli_cell(t, "%s", f->scope == EH_SCOPE_INDIVIDUAL ? "individual" : f->scope == EH_SCOPE_SYSTEMIC ? "systemic" : "");
		/* persons declared, imported, predicted, unknown */
		cli_cell(t, "%llu/%llu/%llu/%llu", (unsigned long long)f->declared, (unsigned long long)f->imported,
			 (unsigned long long)f->predicted, (unsigned long long)f->unknown);
		/* an estimate with predicted classes is always told as one (DESIGN.md 7) */
		cli_cell(t, "%s", f->basis == EH_BASIS_SCREENING ? "screening" : "known");
	}
	cli_table_print(&t, c);
}

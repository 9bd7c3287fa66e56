/* Intersections of two attributes of a `rates` table (sex x race) as attributes of their own; see exchange.h.  The work
 * is that of audit/intersect.c, as in an audit of a project. */
#include "audit/intersect.h"
#include "exchange/rates.h"

static int add_pairs(struct eh_audit_data *d, const char *text, struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	struct eh_intersect_rare rare;
	size_t a = 0, b = 0;
	int rc = eh_intersect_parse(&a, &b, d, text, &why);

	if (rc != EH_OK)
		return eh_err_set(err, rc, "--intersect: %.400s; name the columns that are classes with --class",
				  why.msg);
	rc = eh_intersect(d, a, b, &rare, &why);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_EFORMAT, "--intersect %.400s; leave it away", why.msg);
	if (rc != EH_OK)
		return eh_err_set(err, rc, "--intersect: %.400s", why.msg);
	if (rare.pairs > 0)
		eh_rates_note(t, "'%s' has more than %d groups, so those with the fewest persons count as unknown: %s",
			      d->attributes[d->n_attributes - 1].name, EH_GROUPS_MAX, rare.named);
	return EH_OK;
}

int eh_rates_pairs(struct eh_audit_data *d, const struct eh_rates_options *o, struct eh_import_report *report,
		   struct eh_err *err)
{
	struct eh_csv_table t = { .report = report };
	int rc = EH_OK;

	for (size_t i = 0; i < o->n_pairs && rc == EH_OK; i++)
		rc = add_pairs(d, o->pairs[i], &t, err);
	return rc;
}

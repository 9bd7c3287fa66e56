/* What a document of `rates` says of its table; see json_table.h. */
#include "exchange/json_table.h"

void eh_json_table(struct eh_json_out *j, const struct eh_import_report *r)
{
	eh_json_out_int(j, "skipped", (int64_t)r->skipped);
	eh_json_out_object(j, "skipped_by");
	for (unsigned i = 0; i < EH_FAULTS; i++)
		if (r->skipped_by[i] > 0)
			eh_json_out_int(j, eh_fault_text((enum eh_fault)i), (int64_t)r->skipped_by[i]);
	eh_json_out_close(j);
	eh_json_out_array(j, "errors");
	for (size_t i = 0; i < r->n_errors; i++)
		eh_json_out_str(j, NULL, r->errors[i]);
	eh_json_out_close(j);
	eh_json_out_int(j, "more_errors", (int64_t)r->more_errors);
	eh_json_out_array(j, "not_compared");
	for (size_t i = 0; i < r->n_left; i++) {
		eh_json_out_object(j, NULL);
		eh_json_out_str(j, "attribute", r->left[i].attribute);
		if (r->left[i].group[0] != '\0')
			eh_json_out_str(j, "group", r->left[i].group);
		else
			eh_json_out_null(j, "group");
		eh_json_out_str(j, "reason", eh_undef_text(EH_U_EMPTY_GROUP));
		eh_json_out_close(j);
	}
	eh_json_out_close(j);
	if (r->prior.source == EH_PRIOR_NONE) {
		eh_json_out_null(j, "prior");
		return;
	}
	eh_json_out_object(j, "prior");
	eh_json_out_str(j, "attribute", r->prior.attribute);
	eh_json_out_str(j, "source", eh_prior_source_text(r->prior.source));
	eh_json_out_object(j, "shares");
	for (size_t g = 0; g < r->prior.n; g++)
		eh_json_out_num(j, r->prior.groups[g], eh_num(r->prior.share[g]));
	eh_json_out_close(j);
	eh_json_out_close(j);
}

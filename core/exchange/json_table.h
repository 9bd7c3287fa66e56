/*
 * json_table.h - what a document of `rates` says of the table that it is about.  Between json*.c only.
 */
#ifndef EH_EXCHANGE_JSON_TABLE_H
#define EH_EXCHANGE_JSON_TABLE_H

#include "base/json_out.h"
#include "exchange/exchange.h"

/*
 * Members of the open object: "skipped", "skipped_by" (rows left out by the first thing that is wrong with each; only
 * reasons that occur), "errors", "more_errors", "not_compared" (attributes of one group, with its name, null where no
 * class is known, and the reason), and "prior": null where nobody's class is estimated, or attribute, source ("given",
 * "labelled", "mean") and shares of the classes behind the probabilities.
 */
void eh_json_table(struct eh_json_out *j, const struct eh_import_report *r);

#endif

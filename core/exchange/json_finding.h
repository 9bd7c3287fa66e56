/*
 * json_finding.h - the finding object of evenhand.rates/1 and its like, written into a document that is open.
 */
#ifndef EH_EXCHANGE_JSON_FINDING_H
#define EH_EXCHANGE_JSON_FINDING_H

#include "audit/finding.h"
#include "base/json_out.h"

/* key: its name in the object that is open, NULL in an array.  A value that does not exist is null, and "why" has the
 * reason under its name. */
void eh_json_put_finding(struct eh_json_out *j, const char *key, const struct eh_finding *f);

/* "looks" and "look": which p the family corrected, and how often the data were looked at; null = nobody can know. */
void eh_json_looks(struct eh_json_out *j, bool anytime, uint32_t look);

#endif

/* Evaluations of a table: each is looked at as it is read, and all are stored and counted together at the end. */
#include "exchange/import.h"
#include "store/codec.h"

int eh_import_evaluation_candidate(struct eh_import_evaluations *e, struct eh_bytes candidate, struct eh_err *err)
{
	return eh_profile_record(e->profile, candidate, err);
}

int eh_import_evaluation_seen(struct eh_seen *seen, const struct eh_buf *key, const struct eh_evaluation *v,
			      uint64_t line, uint64_t *first, bool *same, struct eh_err *err)
{
	unsigned char record[EH_EVALUATION_RECORD];

	return eh_seen_add(seen, key->data, key->len, record, eh_evaluation_write(record, v), line, first, same, err);
}

/* Evaluations wait until they can be put in the order of their keys. */
int eh_import_evaluation_take(struct eh_import_evaluations *e, struct eh_txn *txn, const struct eh_evaluation *v,
			      struct eh_err *err)
{
	int rc = EH_OK;

	if (e->intake == NULL)
		rc = eh_intake_new(&e->intake, txn, e->keep_scores, e->keep_days, err);
	/* no fault of a row, whatever it is */
	if (rc == EH_EFORMAT || rc == EH_ERANGE)
		rc = EH_EIO;
	return rc == EH_OK ? eh_intake_add(e->intake, v, e->profile, err) : rc;
}

int eh_import_evaluations_finish(struct eh_import_evaluations *e, struct eh_import_report *report, struct eh_err *err)
{
	struct eh_taken taken = { 0, 0, 0 };
	int rc = EH_OK;

	if (e->intake == NULL)
		return EH_OK;
	rc = eh_intake_flush(e->intake, &taken, err);
	report->fresh = taken.fresh;
	report->changed = taken.changed;
	report->same = taken.same;
	return rc;
}

void eh_import_evaluations_free(struct eh_import_evaluations *e) { eh_intake_free(&e->intake); }

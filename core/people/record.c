/* The one road of every record of this room into its table. */
#include "people/record.h"

#include <string.h>

int eh_record_id(const char *id, const char *what, struct eh_err *err)
{
	char shown[96];

	if (eh_id_valid(id, strlen(id)))
		return EH_OK;
	eh_text_printable(shown, sizeof shown, id, strlen(id));
	return eh_err_set(err, EH_EFORMAT,
			  "%s '%s' is not an id: 1 to %d bytes of UTF-8 without control characters are needed", what,
			  shown, EH_ID_MAX);
}

int eh_record_put(struct eh_txn *txn, enum eh_table t, const struct eh_key *key, struct eh_buf *value,
		  enum eh_change *change, const char *what, struct eh_err *err)
{
	struct eh_bytes old = { NULL, 0 };
	enum eh_change seen = EH_NEW;
	int rc = EH_OK;

	if (key->bad) {
		rc = eh_err_set(err, EH_ERANGE, "%s: the ids together are longer than %d bytes; use shorter ids", what,
				EH_KEY_MAX);
		goto out;
	}
	if (value->failed) {
		rc = eh_err_set(err, EH_ENOMEM, "%s: no memory for the record", what);
		goto out;
	}
	rc = eh_txn_get(txn, t, eh_key_bytes(key), &old, err);
	if (rc == EH_OK)
		seen = old.len == value->len && memcmp(old.data, value->data, old.len) == 0 ? EH_SAME : EH_CHANGED;
	else if (rc != EH_ENOENT)
		goto out;
	rc = EH_OK;
	if (seen != EH_SAME)
		rc = eh_txn_put(txn, t, eh_key_bytes(key), (struct eh_bytes){ value->data, value->len }, err);
	if (rc == EH_OK && change != NULL)
		*change = seen;
out:
	eh_buf_free(value);
	return rc;
}

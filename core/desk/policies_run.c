/* How the text that an audit runs stands in the registry, and keeping it with the run; see policies_inside.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/policies_inside.h"
#include "store/codec.h"

/* meta: SHA-256 of the shipped default's text in the last stored run of it */
static const char default_key[] = "policy.default";

static int last_default(struct eh_desk *d, char hash[EH_DIGEST_HEX], struct eh_err *err)
{
	struct eh_key k = eh_key_of(default_key);
	struct eh_txn *txn = NULL;
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_txn_begin(&txn, d->store, false, err);

	hash[0] = '\0';
	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&k), &value, err);
	if (rc == EH_OK && value.len == EH_DIGEST_HEX - 1) {
		memcpy(hash, value.data, value.len);
		hash[value.len] = '\0';
	}
	eh_txn_abort(&txn);
	return rc == EH_ENOENT ? EH_OK : rc;
}

/* A file of that name whose text is not the one that runs. */
static bool file_differs(struct eh_desk *d, const char *name, const char *hash, char path[1024])
{
	char *text = NULL, found[EH_DIGEST_HEX];
	uint32_t owner;
	size_t len;
	bool differs;

	if (eh_policy_find(path, 1024, eh_desk_dir(d), name, NULL) != EH_OK ||
	    eh_policy_read(path, &text, &len, &owner, NULL) != EH_OK)
		return false;
	eh_sha256_hex(found, text, len);
	differs = strcmp(found, hash) != 0;
	free(text);
	return differs;
}

static void tell(struct eh_desk *d, struct eh_audit_result *out)
{
	const struct eh_policy_info *p = &out->policy;
	char path[1024];

	if (eh_policy_state_open(out->state))
		(void)snprintf(out->standing, sizeof out->standing,
			       "%s, not activated: its notifications say so (evenhand policy propose, then approve by "
			       "a second person)", eh_policy_state_text(out->state));
	else if (file_differs(d, p->name, p->hash, path))
		(void)snprintf(out->standing, sizeof out->standing,
			       "the %s text ran, not the file, which has another: see evenhand policy diff %s",
			       eh_policy_state_text(out->state), p->name);
}

int eh_desk_policy_stand(struct eh_desk *d, struct eh_audit_result *out, struct eh_err *err)
{
	struct eh_policy_version *v = eh_xcalloc(1, sizeof *v);
	char before[EH_DIGEST_HEX] = "";
	int rc = eh_desk_policy_standing(d, out->policy.hash, v, err);

	/* of a file that does not load nothing is known but that it is no active text */
	out->state = v->state != EH_POLICY_NOT_RECORDED ? v->state : EH_POLICY_DRAFT;
	if (v->proposed.at != 0)
		memcpy(out->author, v->proposed.who.login, sizeof out->author);
	if (v->approved.at != 0)
		memcpy(out->approver, v->approved.who.login, sizeof out->approver);
	out->standing[0] = out->upgraded[0] = '\0';
	out->namesake = eh_policy_namesake(out->policy.name, out->policy.hash);
	if (rc == EH_OK)
		tell(d, out);
	if (rc == EH_OK && out->state == EH_POLICY_DEFAULT)
		rc = last_default(d, before, err);
	if (before[0] != '\0' && strcmp(before, out->policy.hash) != 0)
		(void)snprintf(out->upgraded, sizeof out->upgraded,
			       "the program's text of %s changed since its last run, from sha256 %.12s to %.12s",
			       EH_POLICY_DEFAULT_NAME, before, out->policy.hash);
	free(v);
	return rc;
}

/* A file that changed while the audit ran is another text: of that run only the hash stays. */
void eh_desk_policy_ran(const struct eh_audit_result *r, char **text, size_t *len)
{
	char found[EH_DIGEST_HEX] = "";
	uint32_t owner;

	*text = NULL;
	if (r->policy.hash[0] == '\0' || eh_policy_read(r->policy.path, text, len, &owner, NULL) != EH_OK)
		return;
	eh_sha256_hex(found, *text, *len);
	if (strcmp(found, r->policy.hash) == 0)
		return;
	free(*text);
	*text = NULL;
}

int eh_desk_policy_keep(struct eh_txn *txn, const struct eh_audit_result *r, const char *text, size_t len,
			struct eh_err *err)
{
	struct eh_key k = eh_key_of(default_key);
	int rc = text != NULL ? eh_registry_keep_text(txn, r->policy.hash, text, len, err) : EH_OK;

	if (rc == EH_OK && r->state == EH_POLICY_DEFAULT && r->policy.hash[0] != '\0')
		rc = eh_txn_put(txn, EH_T_META, eh_key_bytes(&k),
				(struct eh_bytes){ (const unsigned char *)r->policy.hash, EH_DIGEST_HEX - 1 }, err);
	return rc;
}

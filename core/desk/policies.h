/*
 * policies.h - the verbs of the registry of policies (policy/registry.h), for commands and screens.
 *
 * How a text is named, wherever one is: NAME or FILE is a file as it is now (policy/policy.h); NAME@active the text
 * that is active under that name, NAME@default the one that comes with the program, NAME@HASH a version kept in this
 * project by at least 6 of the first digits of its SHA-256.  `audit` takes the same words.
 *
 * Every verb that acts journals in the same transaction; a refusal is journalled too.  No transaction is open while a
 * policy is loaded: a version that changed meanwhile is EH_ESTALE.
 */
#ifndef EH_DESK_POLICIES_H
#define EH_DESK_POLICIES_H

#include "desk/desk.h"
#include "policy/pack.h"
#include "policy/registry.h"

/* The text of a policy, from wherever it was named. */
struct eh_policy_source {
	char path[1024];                /* what messages call it: the file, or NAME@HASH */
	enum eh_policy_origin origin;
	bool shadows;                   /* policy/policy.h */
	bool stored;                    /* from the registry, not from a file */
	char *text;                     /* [len], NUL behind it */
	size_t len;
	char hash[EH_DIGEST_HEX];
	bool has_owner;                 /* a file that did not come with the program */
	uint32_t owner;                 /* its uid */
	struct eh_policy_version version;       /* of the registry; state not recorded = in none */
};
/* d NULL: no project, files only.  EH_ENOENT, EH_EPOLICY (not a text, too large) ...; freed by the caller. */
int eh_desk_policy_source(struct eh_desk *d, const char *spec, struct eh_policy_source *out, struct eh_err *err);
/* Does it name a version: NAME@...? */
bool eh_desk_policy_is_version(const char *spec);
void eh_policy_source_free(struct eh_policy_source *s);
/* What the text's table says.  EH_EPOLICY: it does not load.  d: a project, whose store is suspended meanwhile. */
int eh_desk_policy_info(struct eh_desk *d, const struct eh_policy_source *s, struct eh_policy_info *out,
			struct eh_err *err);

/* ---- acts ---- */

/* seen: SHA-256 of the text meant, NULL = whatever stands there (EH_ESTALE: another does).  EH_EPOLICY: a text that
 * does not load is not proposed.  v: the stored version. */
int eh_desk_policy_propose(struct eh_desk *d, const char *spec, const char *seen, const char *reason,
			   struct eh_policy_version *v, struct eh_err *err);
/* hash: prefix of the version meant, NULL = the one that is proposed.  EH_EREFUSED: author, or last editor. */
int eh_desk_policy_approve(struct eh_desk *d, const char *name, const char *hash, const char *reason,
			   struct eh_policy_version *v, struct eh_err *err);
/* A proposed version is withdrawn; of an active one, or the shipped default, one person asks for the end (v keeps its
 * state) and another carries it out (v is retired).  hash as above, NULL = the active one, else a proposed one.
 * EH_EREFUSED: the last one that an audit would run, or who asked for it. */
int eh_desk_policy_retire(struct eh_desk *d, const char *name, const char *hash, const char *reason,
			  struct eh_policy_version *v, struct eh_err *err);

/* What was asked of the active one is taken back.  EH_ENOENT: nobody asked. */
int eh_desk_policy_stay(struct eh_desk *d, const char *name, const char *reason, struct eh_policy_version *v,
			struct eh_err *err);

/* ---- reading ---- */

/* What an audit runs that names no policy, sorted by name: "NAME@active", or "evaluator_screen@default". */
typedef char eh_policy_spec[EH_NAME_MAX + 1 + EH_DIGEST_HEX];
int eh_desk_policies_active(struct eh_desk *d, eh_policy_spec **v, size_t *n, struct eh_err *err);

/* One text: a version of the registry, or a file that is in none. */
struct eh_policy_row {
	eh_name name;                   /* of the text; of a file that does not load the file's */
	eh_policy_spec spec;            /* how it is named */
	char path[1024];                /* of the file with these bytes; "" = no file has them */
	enum eh_policy_origin origin;   /* of that file */
	bool shadows;
	char version[16], hash[EH_DIGEST_HEX];  /* "" = it does not load, or (hash) cannot be read */
	char error[512];                /* why it does not load; "" = it does */
	char author[96];                /* as the text says; "" = it does not */
	char pack[EH_PACK_TEXT_MAX + 1];        /* and whether it is in force today (policy/pack.h); "" = no pack */
	bool pack_holds;
	enum eh_policy_state state;
	struct eh_policy_version stored;        /* where it is in the registry; state not recorded = it is not */
	struct eh_policy_mark ending;   /* who asked for its end; at 0 = nobody */
	bool drifted;                   /* active or default, and the file of that name has other bytes */
	/* the last stored run of these bytes */
	bool has_run;
	struct eh_audit_head run;
};
/*
 * Of every name: active and proposed versions, the shipped default, and files with other bytes; all: retired versions
 * too.  Sorted by name, then active before proposed before draft before retired.  d NULL: no project, the shipped
 * files; engine is asked only then.
 */
int eh_desk_policy_rows(struct eh_desk *d, const struct eh_policy_engine *engine, bool all, struct eh_policy_row **v,
			size_t *n, struct eh_err *err);

#endif

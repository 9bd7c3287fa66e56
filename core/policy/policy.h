/*
 * policy.h - the policy interface, owned by the core: facts in, verdicts out.
 *
 * The core knows no Lua: lua/ implements this vtable and tui/main.c joins the two.  Anything
 * that goes wrong with a policy (loading, running, budget, result) is a policy_error verdict
 * on every finding it was asked about, never "no violation" (DESIGN.md 4.4).
 */
#ifndef EH_POLICY_POLICY_H
#define EH_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "audit/finding.h"
#include "base/digest.h"
#include "base/err.h"

#define EH_POLICY_API 1
#define EH_POLICY_ATTRIBUTES_MAX 8
#define EH_POLICY_INTERSECT_MAX 4
#define EH_POLICY_SOURCE_MAX (256u * 1024u)

struct eh_policy_info {
	char name[EH_NAME_MAX + 1];
	char version[16];
	char hash[EH_DIGEST_HEX];       /* SHA-256 of the file's bytes */
	char path[1024];
	size_t n_attributes;            /* 0 = all attributes there are */
	eh_name attributes[EH_POLICY_ATTRIBUTES_MAX];
	size_t n_intersect;             /* pairs of attributes that make a further one (audit/intersect.h) */
	eh_name intersect[EH_POLICY_INTERSECT_MAX][2];
	/* limit, reference, minima, family, alpha as the file says, defaults elsewhere */
	struct eh_audit_settings settings;
	bool has_gate, has_summarise;
	char needs[512];                /* fact names the policy reads, blank-separated; "" = all */
};

struct eh_verdict {
	int32_t kind;                   /* enum eh_verdict_kind */
	int32_t scope;                  /* enum eh_scope; only with notify */
	char reason[EH_REASON_MAX + 1]; /* printable UTF-8 */
	char rule[EH_RULE_MAX + 1];     /* the same; "" = not said */
};

struct eh_policy_use {
	uint64_t instructions;          /* VM instructions spent, rounded to the hook's step */
	uint64_t memory;                /* [bytes] largest */
	double seconds;                 /* [s] wall */
};

/* Where a policy's file came from. */
enum eh_policy_origin { EH_POLICY_FILE, EH_POLICY_PROJECT, EH_POLICY_SHIPPED };

struct eh_policy;                       /* the engine's */

struct eh_policy_engine {
	const char *name;               /* "lua 5.4" */
	/* path: a file.  Runs the file once in a locked worker to read its table.
	 * EH_EPOLICY with file:line in err when it cannot be loaded or its table is not the contract's. */
	int (*load)(struct eh_policy **out, const char *path, struct eh_err *err);
	const struct eh_policy_info *(*info)(const struct eh_policy *p);
	/*
	 * Runs check() for every finding (then summarise(), when there is one) in one fresh locked worker.
	 * settings: the effective ones (info()->settings, or overridden from the command line); the facts show them.
	 * out: n elements.  EH_EPOLICY: the run as a whole failed; out then holds policy_error for every finding with
	 * the message as its reason.  A single check() that raises gives policy_error for that finding only (and 0).
	 */
	int (*check)(struct eh_policy *p, const struct eh_finding *facts, size_t n,
		     const struct eh_audit_settings *settings, struct eh_verdict *out, struct eh_policy_use *use,
		     struct eh_err *err);
	void (*free)(struct eh_policy **p);
	/*
	 * The policy's own gate(jurisdiction, attribute), in a fresh locked worker: *open = may this policy be run on
	 * that attribute there.  It can only close: the core's gate (people/consent.h) is asked besides.  true when
	 * the policy has no gate; EH_EPOLICY with *open = false when it raises or returns no boolean.
	 */
	int (*gate)(struct eh_policy *p, const char *jurisdiction, const char *attribute, bool *open,
		    struct eh_err *err);
};

/* Finds a policy by name ("evaluator_screen") or path ("x/y.lua", anything with a slash or .lua):
 * PROJECT/policies/NAME.lua, then the shipped ones.  One of the project stands before a shipped one also when it cannot
 * be read: load says so.  project_dir: NULL = none. */
int eh_policy_find(char *out, size_t size, const char *project_dir, const char *name, struct eh_err *err);

/* Where eh_policy_find takes that name from; *shadows (may be NULL): the project's file stands before a shipped one. */
enum eh_policy_origin eh_policy_origin(const char *project_dir, const char *name, bool *shadows);
const char *eh_policy_origin_text(enum eh_policy_origin o);      /* "file", "project", "shipped" */

#endif

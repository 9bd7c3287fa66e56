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
#include "audit/crosstab.h"
#include "audit/finding.h"
#include "base/digest.h"
#include "base/err.h"

#define EH_POLICY_API 1
#define EH_PACK_UNKNOWN "unknown"
#define EH_POLICY_ATTRIBUTES_MAX 8
#define EH_POLICY_INTERSECT_MAX 4
#define EH_POLICY_SOURCE_MAX (256u * 1024u)

/* A rule pack: dated data of a policy that puts a rule of law into figures (policy/pack.h).  name "": there is none */
struct eh_pack {
	char name[64];                  /* "UGESP" */
	char source[96];                /* "29 CFR 1607" */
	/* First and last day in force, "2027-01-01"; of which the source gives only the year, "1978"; EH_PACK_UNKNOWN:
	 * which it does not give.  to "" = no end known. */
	char from[11], to[11];
	char note[256];
};

struct eh_policy_info {
	char name[EH_NAME_MAX + 1];
	char version[16];
	char author[96];                /* as the text says; "" = it does not */
	struct eh_pack pack;
	char hash[EH_DIGEST_HEX];       /* SHA-256 of the whole text (policy/library.h) */
	char path[1024];
	size_t n_attributes;            /* 0 = all attributes there are */
	eh_name attributes[EH_POLICY_ATTRIBUTES_MAX];
	size_t n_intersect;             /* pairs of attributes that make a further one (audit/intersect.h) */
	eh_name intersect[EH_POLICY_INTERSECT_MAX][2];
	/* limit, reference, minima, family, alpha as the file says, defaults elsewhere */
	struct eh_audit_settings settings;
	bool has_gate, has_summarise, has_compute, has_hook;
	bool wants_project;             /* the text mentions it: its facts are gathered (policy/project.h) */
	bool wants_places;              /* likewise jurisdictions: those of the candidates are there to be counted */
	bool wants_period;              /* likewise months, as a key to count by or a part of the decisions */
	bool stateless;                 /* the text says that check() carries nothing from one finding to the next */
	bool declared_only;             /* where a class is predicted nothing is said; settings.known_only stands too */
	char needs[512];                /* fact names the policy reads, blank-separated; "" = all */
};

struct eh_verdict {
	int32_t kind;                   /* enum eh_verdict_kind */
	int32_t scope;                  /* enum eh_scope; only with notify */
	char reason[EH_REASON_MAX + 1]; /* printable UTF-8 */
	char rule[EH_RULE_MAX + 1];     /* the same; "" = not said */
};

/* A finding of the policy's own, from compute(); what it says is checked and counted again (policy/own.h). */
struct eh_own {
	eh_name attribute, group;       /* both "" where there is a subject */
	eh_name reference;              /* "rest", "highest", "majority", a group; "" = by the settings' rule */
	uint32_t narrowed;              /* bits 1 << enum eh_crosstab_key: which of the next five it is narrowed to */
	eh_id evaluator, position, stage, question;
	char period[8];                 /* "2026-03" */
	char subject[EH_SUBJECT_MAX + 1];       /* "consent": about the project itself; "" = about a group */
	struct eh_verdict verdict;
	int32_t claimed;                /* 1: the policy says the next four, else they are 0 */
	uint64_t n, selected, ref_n, ref_selected;      /* decisions */
};
#define EH_OWN_MAX 10000

struct eh_policy_use {
	uint64_t instructions;          /* VM instructions spent, rounded to the hook's step */
	uint64_t memory;                /* [bytes] largest */
	double seconds;                 /* [s] wall */
};

/* Where a policy's file came from. */
enum eh_policy_origin { EH_POLICY_FILE, EH_POLICY_PROJECT, EH_POLICY_SHIPPED };

struct eh_policy;                       /* the engine's */
struct eh_project;                      /* policy/project.h */
struct eh_author_tools;                 /* policy/author.h */

/* What a policy is asked about: everything is borrowed and read by the worker in the memory that it inherits. */
struct eh_policy_case {
	const struct eh_finding *findings;      /* [n] */
	size_t n;
	const struct eh_audit_settings *settings;       /* NULL = the policy's own */
	const struct eh_project *project;       /* NULL = no facts about a project */
};

struct eh_policy_answer {
	struct eh_verdict *verdicts;    /* [n] the caller's */
	struct eh_own *own;             /* [n_own] of compute(), in its order; caller frees */
	size_t n_own;
	char trouble[EH_REASON_MAX + 1];        /* why compute() counts for nothing; "" = it does */
	struct eh_policy_use use;
};

/* What on_notification() is told, and what it may say. */
struct eh_hook_notice {
	char id[16];                    /* "N0001" */
	const struct eh_finding *finding;
	bool systemic;
	uint32_t members;               /* evaluators that a systemic one lists */
};
#define EH_HOOK_ROLES_MAX 8
struct eh_hook_answer {
	int32_t silent;                 /* 1: it returned nothing, or what cannot be used */
	char text[401];                 /* printable */
	uint32_t n_roles;
	char roles[EH_HOOK_ROLES_MAX][33];      /* words such as "supervisor" */
	char trouble[EH_REASON_MAX + 1];        /* why it cannot be used, "file:line: ..."; "" = it can */
};

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
	/* load of a whole text that the caller has, text [len] bytes, copied; path is what messages call it.  NULL: an
	 * engine that reads files only. */
	int (*load_text)(struct eh_policy **out, const char *path, const void *text, size_t len, struct eh_err *err);
	/* load in two halves, for who has something else to do while the worker runs: after load_ahead nothing but free
	 * and ready is called, until ready (of any policy, at any time) says what load would have.  NULL: both are. */
	int (*load_ahead)(struct eh_policy **out, const char *path, struct eh_err *err);
	int (*ready)(struct eh_policy *p, struct eh_err *err);
	/* The decisions behind the findings that check is called with next: what evenhand.counts counts.  Borrowed
	 * until the next call; NULL = none.  Sorted (audit/data.h). */
	void (*lend)(struct eh_policy *p, const struct eh_audit_data *data);
	/*
	 * check of a whole case: verdicts as check says, then what compute() adds: findings in range and with printable
	 * texts, whose numbers are not counted again yet (policy/own.h).  A compute() that raises or hands over
	 * something else leaves the verdicts: trouble says what, "" = nothing, and there are no own findings.
	 * EH_EPOLICY: as check.  NULL: an engine that knows check only.
	 */
	int (*judge)(struct eh_policy *p, const struct eh_policy_case *c, struct eh_policy_answer *out,
		     struct eh_err *err);
	/* on_notification() of each [n] in one fresh locked worker, out [n]: what goes wrong with one is that one's
	 * trouble.  EH_EPOLICY, as at the end of a budget: none of them is said. */
	int (*notice)(struct eh_policy *p, const struct eh_hook_notice *v, size_t n, struct eh_hook_answer *out,
		      struct eh_err *err);
	const struct eh_author_tools *author;   /* policy/author.h; NULL = none */
};

/* Finds a policy by name ("evaluator_screen") or path ("x/y.lua", anything with a slash or .lua):
 * PROJECT/policies/NAME.lua, then the shipped ones.  One of the project stands before a shipped one also when it cannot
 * be read: load says so.  project_dir: NULL = none. */
int eh_policy_find(char *out, size_t size, const char *project_dir, const char *name, struct eh_err *err);

/* Where eh_policy_find takes that name from; *shadows (may be NULL): the project's file stands before a shipped one. */
enum eh_policy_origin eh_policy_origin(const char *project_dir, const char *name, bool *shadows);
const char *eh_policy_origin_text(enum eh_policy_origin o);      /* "file", "project", "shipped" */

/* Does a shipped policy have that name, but another text than that of this hash?  hash "": false. */
bool eh_policy_namesake(const char *name, const char *hash);

/* A policy's whole text (policy/library.h: the file and the libraries that it names), [len] with a NUL behind it
 * (caller frees), and the uid that owns the file.  EH_EPOLICY: not a regular file, or larger than
 * EH_POLICY_SOURCE_MAX.  A FIFO in its place does not hold the program. */
int eh_policy_read(const char *path, char **text, size_t *len, uint32_t *owner, struct eh_err *err);
/* The file's bytes alone. */
int eh_policy_read_file(const char *path, char **text, size_t *len, uint32_t *owner, struct eh_err *err);

/* Names of the policies there are files of: the project's (project_dir NULL = none) and the shipped ones, each once, in
 * byte order.  Freed by eh_policy_names_free. */
size_t eh_policy_names(char ***names, const char *project_dir);
void eh_policy_names_free(char ***names, size_t n);

#endif

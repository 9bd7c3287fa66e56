/*
 * desk.h - every act a person can do, as one verb each.
 *
 * A verb checks purpose and consent, acts, and writes its journal entry in the same
 * transaction.  Commands, keys and scripts change something only through here: this is the seam
 * at which a broker process (same verbs over a socket) can take the place of the call.
 *
 * Read verbs copy what they give into the caller's structs; lists are freed with eh_list_free.
 */
#ifndef EH_DESK_DESK_H
#define EH_DESK_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/audit.h"
#include "audit/raters.h"
#include "base/err.h"
#include "audit/strata_rows.h"
#include "base/progress.h"
#include "exchange/exchange.h"
#include "journal/journal.h"
#include "learn/learn.h"
#include "notify/line.h"
#include "notify/notify.h"
#include "people/consent.h"
#include "policy/policy.h"
#include "store/store.h"

struct eh_desk;

/* ---- projects ---- */

int eh_desk_init(const char *dir, struct eh_err *err);

/* given (--project), else $EVENHAND_PROJECT, else the nearest parent directory that is one.  EH_ENOENT; EH_EENV when
 * the named one is there but this account may not enter it. */
int eh_desk_find_project(char *out, size_t size, const char *given, struct eh_err *err);

/* engine may be NULL where no policy is run (browsing, responding). */
int eh_desk_open(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine, struct eh_err *err);
/* The same; progress (borrowed until the desk is closed) hears of a rewriting of the store that takes long (store.h):
 * now, when something deleted waits for it, or after an act that deletes. */
int eh_desk_open_told(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine,
		      const struct eh_progress *progress, struct eh_err *err);
void eh_desk_close(struct eh_desk **d);
const char *eh_desk_dir(const struct eh_desk *d);
const struct eh_actor *eh_desk_actor(const struct eh_desk *d);
/* Raised by every commit of anybody, and when a consent begins or runs out, the term of a release ends, or a day (UTC)
 * begins: what a screen polls. */
uint64_t eh_desk_version(struct eh_desk *d);

/* ---- in ---- */

/* All or nothing per file.  dry_run: everything is checked, nothing stored. */
int eh_desk_import(struct eh_desk *d, enum eh_import_kind kind, const char *path, bool dry_run,
		   struct eh_import_report *report, struct eh_err *err);

/* A withdrawal also takes away what was measured or inferred under that consent. */
int eh_desk_consent(struct eh_desk *d, const struct eh_consent *c, enum eh_change *change, struct eh_err *err);
/* EH_ENOENT: a candidate that is not in the project. */
int eh_desk_consents(struct eh_desk *d, const char *candidate /* NULL = all */, struct eh_consent **v, size_t *n,
		     struct eh_err *err);

/* ---- media to vectors ---- */

struct eh_extract_options {
	unsigned workers;               /* 0 = one per core */
	const char *candidate;          /* NULL = all; EH_EREFUSED when this one has no consent */
	bool again;                     /* measure finished answers once more */
	bool fast;                      /* extract.h; answers measured so are measured again by a run without it */
	/* Once per recording that failed, before the report; strings borrowed.  May be NULL. */
	void (*failed)(void *ctx, const char *candidate, const char *question, const char *path, const char *reason);
	void *failed_ctx;
	bool require_sandbox;           /* EH_EENV, and nothing opened, when a layer of the workers' locks is missing */
};

struct eh_coverage {                    /* per known attribute x group, and "" x "" for all */
	eh_name attribute, group;
	uint32_t candidates;            /* with consent and an interview */
	uint32_t imported;              /* of these, whose class is imported and not declared; 0 for all */
	uint32_t with_face, with_voice;
	uint32_t paper_missing;         /* see eh_extract_report; whether or not something else of them was measured */
};

#define EH_COVERAGE_MAX 32
#define EH_SKIP_REASONS_MAX 16
#define EH_SKIP_TEXT 96

struct eh_extract_report {
	uint32_t answers;               /* interviews known */
	uint32_t measured, failed;      /* in this run */
	uint32_t kept;                  /* finished before, of the same path and file (eh_origin_fits) */
	uint32_t skipped;               /* answers not opened for want of consent */
	uint32_t skipped_candidates;
	/* with an interview and consents that hold, of whom face or voice is not measured for want of a release or
	 * waiver (people/paper.h); among the skipped where neither is */
	uint32_t paper_missing;
	uint32_t withdrawn;             /* a consent ended while it was measured: the part, or all, is not stored */
	size_t n_reasons;
	struct { char text[EH_SKIP_TEXT]; uint32_t candidates; } reasons[EH_SKIP_REASONS_MAX];
	size_t n_coverage;
	struct eh_coverage coverage[EH_COVERAGE_MAX];
	double seconds_media;           /* [s] of recordings measured in this run */
	double seconds_wall;            /* [s] */
	char sandbox_missing[32];       /* layers that this kernel lacks, "" = none (worker.h) */
};

/* Every finished file is on disk before the next report of progress: Ctrl-C and kill -9 lose none.
 * EH_ECANCEL after a cancel; the report tells what was done. */
int eh_desk_extract(struct eh_desk *d, const struct eh_extract_options *o, const struct eh_progress *progress,
		    struct eh_extract_report *report, struct eh_err *err);

/* ---- what was measured of a candidate ---- */

struct eh_candidate_line {
	eh_id id;
	char jurisdiction[EH_JURISDICTION_MAX + 1];
	eh_id position;                 /* "" = none */
	bool watch, face, voice, train; /* consents that hold now */
	bool declared, imported;        /* at least one class is */
	uint32_t interviews, measured, failed;
	bool has_face, has_voice;       /* modalities of the combined vector */
	uint32_t quality;               /* EH_QF_* */
};
/* Sorted by id. */
int eh_desk_candidates(struct eh_desk *d, struct eh_candidate_line **v, size_t *n, struct eh_err *err);

struct eh_candidate_answer {
	eh_id question;
	struct eh_answer answer;        /* parts without consent are wiped */
};

struct eh_dossier {
	struct eh_candidate_line line;
	size_t n_classes;
	struct eh_declared classes[EH_DECLARED_MAX];    /* known ones, sorted by attribute */
	char face_why[512], voice_why[512];     /* why the gate is shut; "" = open */
	struct eh_vector vector;
	struct eh_summary face[EH_FACE_N];      /* over all answers, learn/vector.h */
	uint8_t face_present[EH_FACE_N];
	bool has_mesh;
	float mesh[EH_LANDMARKS][3];    /* averaged, face/face.h */
	size_t n_answers;
	struct eh_candidate_answer *answers;
};
/* EH_ENOENT; EH_EREFUSED without the consent to watch.  Freed by the caller; after an error there is nothing to free.
 */
int eh_desk_candidate(struct eh_desk *d, const char *candidate, struct eh_dossier *out, struct eh_err *err);
void eh_dossier_free(struct eh_dossier *d);
/* Why an indicator has no value: name, text. */
#define EH_WHY_LIST(X) \
	X("no_consent", "the candidate's consent does not allow it now") \
	X("not_measured", "no recording of the candidate was measured: run evenhand extract") \
	X("too_few_frames", "fewer than 5 pictures with a face turned to the camera") \
	X("too_little_voice", "less than 10 s of voice in all answers together") \
	X("bandwidth_too_narrow", "the sound ends below 3 kHz, as of a telephone") \
	X("not_formed", "what it is made of did not occur in these recordings")
/* A name of this list for an indicator (index of eh_vector_info) without a value; "" when it has one. */
const char *eh_dossier_why(const struct eh_dossier *d, size_t indicator);

/* ---- learning ---- */

struct eh_train_options {
	/* one column of the label matrix each; each its own labels, missing ones allowed */
	const char *const *attributes;
	size_t n;
	const char *with[EH_WITH_MAX];  /* categorical block: "position", "jurisdiction" */
	size_t n_with;
	uint64_t seed;
	bool declared_only;             /* imported classes are left out */
	bool refresh;                   /* rebuild what is stale of these (n = 0: of all), with its own seed, block,
	                                 * sources of classes, and copies or none */
	bool no_copies;                 /* nobody teaches as degraded copies, and no recording is opened */
	unsigned workers;               /* that make copies; 0 = one per core */
	bool require_sandbox;           /* EH_EENV, and nothing opened, when a layer of the workers' locks is missing */
};

enum eh_train_state {
	EH_TRAINED = 0,
	EH_KEPT = 1,                    /* refresh: was not stale */
	EH_REMOVED = 2                  /* refresh: cannot be made without those who withdrew; reason says why */
};

struct eh_train_report {
	eh_name attribute;
	enum eh_train_state state;
	char reason[512];               /* EH_REMOVED */
	char model[EH_NAME_MAX + 12];
	uint32_t candidates;            /* rows used */
	uint32_t declared, imported;    /* of these, by the source of the class */
	bool declared_only;
	uint32_t imported_left_out;     /* for declared_only */
	uint32_t without_consent, without_vector;
	uint32_t closed_place;          /* where the jurisdiction does not allow the attribute to be inferred */
	uint32_t copied;                /* of the candidates, who taught as degraded copies of their sound too */
	uint32_t copies_unread;         /* their recordings without copies: gone, or another since they were measured */
	uint32_t copies_failed;         /* likewise: a worker failed on them */
	struct eh_skill skill[EH_MODALITIES];
	bool classifies;                /* some part does */
	char refusal[EH_MODALITIES][EH_REFUSAL_MAX + 1]; /* why a part classifies nobody, "" = it does */
	char undecided[EH_REFUSAL_MAX + 1];      /* classes that no decision set can exclude, "" = none */
	struct eh_skill baseline_f0;
	double majority;
	size_t n_groups;
	eh_name groups[EH_GROUPS_MAX];
	char *card;                     /* caller frees; NULL where nothing was trained */
};
/*
 * reports: caller's array of max, *n of them filled.  All models of one call are stored in one commit, or none is;
 * posteriors of the models that they replace are cleared.  A model that classifies nobody is stored too: its card
 * says why.  After a refresh the store is rewritten (store.h), so that nothing of who withdrew remains in its file;
 * *tidy (may be NULL) = false when others had the project open, and the next who opens it alone does that.
 * Unless o says no, degraded copies of the sound of those who teach (consents for voice and train) are made first where
 * there are none yet, in locked workers; they are stored one by one, and a cancelled run goes on where it was.
 * EH_EREFUSED: an attribute or a column that is never used, a group with too few candidates, or a consent withdrawn
 * while the model was made.  Otherwise as eh_model_train; the text names the attribute.
 */
int eh_desk_train(struct eh_desk *d, const struct eh_train_options *o, const struct eh_progress *progress,
		  struct eh_train_report *reports, size_t max, size_t *n, bool *tidy, struct eh_err *err);

struct eh_classify_report {
	eh_name attribute;
	char model[EH_NAME_MAX + 12];
	uint32_t declared, imported;    /* known classes by source: never classified */
	uint32_t classified;            /* have a posterior now */
	/* of them: decision set not of one class, or out of scope; kept and so marked */
	uint32_t undetermined;
	uint32_t out_of_scope;          /* of these */
	uint32_t refused;               /* consent or jurisdiction */
	uint32_t no_vector;             /* nothing measured, or an indicator missing */
	uint32_t weak;                  /* measured, but the part of the model for it classifies nobody */
};
/* Every attribute that has a model, or just this one.  reports: caller's array of max.
 * EH_EREFUSED: the model contains a candidate whose consent was withdrawn since (train again), or it classifies nobody
 * (its skill; the posteriors of the attribute are cleared).  With attribute NULL what is refused is passed over while
 * another attribute can be classified; err keeps the last refusal. */
int eh_desk_classify(struct eh_desk *d, const char *attribute, const struct eh_progress *progress,
		     struct eh_classify_report *reports, size_t max, size_t *n, struct eh_err *err);

/* Models there are.  One with withdrawn > 0 is stale: until it is trained again it classifies nobody, and no audit uses
 * the classes that it gave before. */
struct eh_model_row {
	eh_name attribute;
	char id[EH_NAME_MAX + 12];
	uint32_t candidates;
	uint32_t withdrawn;             /* of them, whose consent no longer holds */
	bool outdated;                  /* stored by another version: to be trained again; only attribute stands */
	bool classifies;
	double auc, auc_lo, auc_hi;
	int64_t trained_at;             /* [s] since 1970 UTC */
};
int eh_desk_models(struct eh_desk *d, struct eh_model_row **v, size_t *n, struct eh_err *err);
int eh_desk_model_remove(struct eh_desk *d, const char *attribute, struct eh_err *err);

/* ---- audit ---- */

struct eh_audit_overrides {             /* of the policy's own settings; negative or "" = as the policy says */
	int32_t limit_num, limit_den;
	int64_t min_group, min_total;
	char family[8];
	char looks[8];                  /* "once", "anytime" */
	/* [n_pairs] "sex,race": intersections besides the policy's (audit/intersect.h) */
	const char *const *pairs;
	size_t n_pairs;
	double alpha;
	int32_t min_share;              /* [1/10000 of the pool] */
	struct eh_window window;        /* of the decisions (not of a calibration); dated: from the evaluations */
	const char *reason;             /* why settings are looser than the policy's; NULL = not said; borrowed */
};
#define EH_AUDIT_OVERRIDES_INIT { -1, -1, -1, -1, "", "", NULL, 0, -1.0, -1, { "", "", 0 }, NULL }

struct eh_aside {                       /* predicted classes that a run did not use: the candidates stay unknown */
	eh_name attribute;
	uint32_t candidates;
	char why[EH_ASIDE_MAX + 1];     /* with the mend */
};

struct eh_audit_result {
	struct eh_audit_head head;
	struct eh_findings findings;    /* with verdicts */
	struct eh_findings own;         /* of the policy's own (policy/own.h), in its order */
	char pack[EH_PACK_TEXT_MAX + 1];        /* the rule pack and whether it holds today, in words; "" = none */
	enum eh_pack_state pack_state;
	struct eh_policy_info policy;
	struct eh_policy_use use;
	uint32_t raised, refreshed;     /* notifications */
	uint32_t answered;              /* not raised: rejected or closed before on the same evidence */
	char note[1024];                /* what a person should know of intersections; "" = nothing */
	/*
	 * The policy names attributes, and no class of any of them is known here: which, and what is known instead.
	 * It was not asked then: no findings, and storing writes no run, only a journal entry.  "" = it looked at
	 * something.
	 */
	char nothing[512];
	/* attributes it names of which no class is known here, beside those that it looked at */
	size_t n_missing;
	eh_name missing[EH_POLICY_ATTRIBUTES_MAX];
	char loosened[400];             /* what the run lets through that the text notifies about; "" = nothing */
	char reason[EH_OVERRIDE_REASON_MAX + 1];        /* given for that */
	enum eh_policy_origin origin;
	bool shadows;                   /* the project's file stands before a shipped one of that name */
	bool namesake;                  /* the text calls itself as a shipped one does, and is another */
	/* of the text that ran, in the registry (desk/policies.h); standing: what a person should know, "" = nothing */
	enum eh_policy_state state;
	char author[EH_LOGIN_MAX + 1], approver[EH_LOGIN_MAX + 1];
	char standing[512];
	char upgraded[200];             /* the shipped default's text is not the one that ran last; "" = it is */
	size_t n_aside;
	struct eh_aside aside[EH_POLICY_ATTRIBUTES_MAX];
	int policy_status; /* EH_OK, or EH_EPOLICY with policy_message: some or all findings carry policy_error */
	char policy_message[512];
};
/* The findings of the policy's own of a stored run; caller frees. */
int eh_desk_own_findings(struct eh_desk *d, uint64_t seq, struct eh_finding **v, size_t *n, struct eh_err *err);
/* Is there a policy of that name, and, unless dry_run, does it want a reason for o (or NULL) that is not given?  What
 * an audit of several asks before the first runs.  EH_ENOENT, EH_EINVAL as below; a broken text is EH_OK here. */
int eh_desk_audit_asked(struct eh_desk *d, const char *policy, const struct eh_audit_overrides *o, bool dry_run,
			struct eh_err *err);
/* One policy.  dry_run: nothing is stored.  A broken policy is not an error of this function: findings are
 * computed, carry policy_error, and are stored; policy_status tells.  Nor is one that finds nothing to look at
 * (out->nothing).  EH_EINVAL: settings looser than those of an active or shipped text, without a reason. */
int eh_desk_audit(struct eh_desk *d, const char *policy, const struct eh_audit_overrides *o, bool dry_run,
		  const struct eh_progress *progress, struct eh_audit_result *out, struct eh_err *err);
void eh_audit_result_free(struct eh_audit_result *r);

/*
 * An audit that stays open: what a screen shows while limits are tried and while others go on deciding.  It does what
 * eh_desk_audit does, by the same steps; nothing is stored before eh_desk_audit_store.  Between calls no transaction is
 * open.  Another limit, minimum or correction costs what it changes (audit/again.h), except where classes are
 * predicted.  A further evaluation does so where the project's counts hold all that an audit needs (nobody has a
 * predicted class or a score, no candidate was judged by two evaluators); else a refresh gathers the project anew.
 *
 * The policy is the one that was loaded when it was opened, with its gate as it answered then.
 */
struct eh_open_audit;

int eh_desk_audit_open(struct eh_open_audit **out, struct eh_desk *d, const char *policy,
		       const struct eh_audit_overrides *o /* or NULL */, const struct eh_progress *progress,
		       struct eh_err *err);
void eh_desk_audit_close(struct eh_open_audit **a);     /* NULL-safe */

/* As of the last call that succeeded; borrowed until the next one.  After one that failed it may have no findings. */
const struct eh_audit_result *eh_desk_audit_result(const struct eh_open_audit *a);

enum eh_refreshed {
	EH_REFRESH_SAME,                /* nothing has changed */
	EH_REFRESH_COUNTED,             /* changes were counted in */
	EH_REFRESH_ANEW                 /* gathered and audited anew */
};

struct eh_refresh {
	enum eh_refreshed how;
	char why[160];                  /* EH_REFRESH_ANEW: what made that necessary */
	uint32_t evaluators;            /* EH_REFRESH_COUNTED: whose counts were read again */
	double reading, statistics, policy;     /* [s] wall, of this call */
};

/* Brings in what anybody changed in the project since, or time did: consents that ran out, with a policy that has
 * dates or looks at the project also the day.  how may be NULL.  An error leaves an audit that the next
 * refresh makes anew. */
int eh_desk_audit_refresh(struct eh_open_audit *a, const struct eh_progress *progress, struct eh_refresh *how,
			  struct eh_err *err);

/* Audits the same data with o in place of all overrides before, intersections (pairs) and window excepted: those stay
 * as they were opened.  EH_EINVAL: a setting that is not usable; the result stays as it was. */
int eh_desk_audit_settings(struct eh_open_audit *a, const struct eh_audit_overrides *o /* or NULL */,
			   struct eh_refresh *how, struct eh_err *err);

/* Stores the result as an audit run, raises its notifications, journals.  EH_EINVAL: as eh_desk_audit. */
int eh_desk_audit_store(struct eh_open_audit *a, struct eh_err *err);

/* ---- what if: the notifications of two results ---- */

struct eh_standpoint {                  /* a finding, and what was said of it */
	eh_id evaluator;                /* "" = pooled */
	eh_name attribute, group;
	eh_id position;
	enum eh_verdict_kind verdict;
	enum eh_scope scope;
	bool raises;                    /* a notification: about the evaluator, or about the process */
};

struct eh_standpoints {
	struct eh_standpoint *v;        /* [n] in the order of the findings */
	size_t n;
};

/* What a result says, to compare it with a later one.  EH_ENOMEM. */
int eh_desk_standpoints(const struct eh_audit_result *r, struct eh_standpoints *out, struct eh_err *err);
void eh_standpoints_free(struct eh_standpoints *s);

struct eh_what_if {
	uint32_t appear, vanish;        /* notifications */
	uint32_t changed;               /* verdicts, those of them included */
	size_t n;
	struct eh_what_if_line {
		const struct eh_standpoint *before, *after;     /* borrowed; NULL = there was, is no such finding */
	} *v;                           /* [n] that differ, by attribute, group, evaluator, position */
};

/* Where two differ in a verdict, or in whether it raises a notification.  EH_ENOMEM. */
int eh_desk_what_if(const struct eh_standpoints *before, const struct eh_standpoints *after, struct eh_what_if *out,
		    struct eh_err *err);
void eh_what_if_free(struct eh_what_if *w);

/* `rates`: no project, no journal.  The default policy gives the verdicts.  The first starts to load it before there is
 * a table: its worker is a copy of the process, which costs by what the process holds, and it works while the table is
 * read; whether the policy can be loaded is said by the second.  The caller frees it. */
int eh_desk_rates_policy(struct eh_policy **out, const struct eh_policy_engine *engine, struct eh_err *err);
int eh_desk_rates_judge(const struct eh_policy_engine *engine, struct eh_policy *policy, struct eh_audit_data *data,
			const struct eh_audit_settings *s, struct eh_findings *out, struct eh_err *err);
/* Both in one. */
int eh_desk_rates(const struct eh_policy_engine *engine, struct eh_audit_data *data, const struct eh_audit_settings *s,
		  struct eh_findings *out, struct eh_err *err);

/*
 * The evaluators as raters (audit/raters.h).  d: *data is filled with the project (declared classes, and predicted ones
 * that consent and place still allow); d NULL: data is one table's and sorted.  Nothing is stored or journalled.
 * The caller frees *data and *out, after an error too.
 */
int eh_desk_raters(struct eh_desk *d, struct eh_audit_data *data, const struct eh_raters_settings *s,
		   struct eh_raters *out, struct eh_err *err);

/* Attributes of which some candidate's class is known, sorted: what a policy can name here. */
int eh_desk_known_attributes(struct eh_desk *d, eh_name **v, size_t *n, struct eh_err *err);

/* Head of a stored run.  EH_ENOENT. */
int eh_desk_audit_head(struct eh_desk *d, uint64_t seq, struct eh_audit_head *out, struct eh_err *err);
/* Findings of a stored run (seq 0 = the last); EH_ENOENT: no audit yet ("run: evenhand audit"). */
int eh_desk_findings(struct eh_desk *d, uint64_t seq, struct eh_audit_head *head, struct eh_finding **v, size_t *n,
		     struct eh_err *err);

/* ---- calibration: how often would a policy be right in this project? ---- */

struct eh_calibrate_options {
	const char *const *policies;    /* [n_policies] names or files, at least one */
	size_t n_policies;
	const struct eh_audit_overrides *overrides;     /* may be NULL */
	double effect;                  /* a biased evaluator's probability for his group x this; 0 <= effect < 1 */
	double share;                   /* of the evaluators that are biased, at least one of them; 0..1 */
	uint32_t biased;                /* their number instead; 0 = by share */
	/* the group they are biased against, also of a crossed attribute ("sex x race"); NULL = each has one, drawn
	 * evenly from the groups of all attributes that the policies look at */
	const char *attribute, *group;
	uint32_t reps;                  /* repetitions, 1..EH_CALIBRATE_REPS_MAX */
	uint64_t seed;
	bool detectable;                /* search the weakest effect that is found in 80 % */
};
#define EH_CALIBRATE_OPTIONS_INIT { NULL, 0, NULL, 0.55, 0.042, 0, NULL, NULL, 100, 1, false }
#define EH_CALIBRATE_REPS_MAX 100000u

/*
 * What a policy did over all repetitions of one scenario.  Accused is an evaluator who is notified about by name, as an
 * individual or in the list of a systemic notification; found is a guilty one who is so for the group he is biased
 * against.
 */
struct eh_calibrate_arm {
	uint32_t reps;
	uint64_t innocent, accused, accused_individual; /* evaluators x repetitions */
	uint32_t reps_accused;          /* repetitions with at least one innocent accused */
	uint64_t guilty, found, found_individual;
	uint64_t guilty_verdict[EH_VERDICT_COUNT];      /* what the policy said of the guilty ones' group */
	uint64_t process;               /* notifications to the process */
	uint32_t reps_process;
	uint64_t verdict[EH_VERDICT_COUNT];             /* findings on evaluators */
	/* the built-in four-fifths result (a ratio below the limit and nothing else) instead of the policy */
	uint64_t plain_accused, plain_found;
	uint32_t reps_plain;
};

enum eh_calibrate_scenario { EH_NO_BIAS = 0, EH_PLANTED_BIAS = 1, EH_CALIBRATE_SCENARIOS };

struct eh_calibrate_policy {
	char name[EH_NAME_MAX + 1], version[16], hash[65];
	enum eh_policy_origin origin;
	struct eh_audit_settings settings;
	struct eh_calibrate_arm arm[EH_CALIBRATE_SCENARIOS];
	struct eh_num detectable; /* weakest effect found in 80 %, in steps of .05; undefined: not asked, or none */
	struct eh_num detected;         /* the share found with it */
	char note[1024];                /* as in an audit's result */
};

struct eh_calibration {
	uint64_t decisions, holds;
	uint32_t candidates, evaluators, strata;
	double rate, severity_sd, stratum_sd, within, across;   /* struct eh_sim_estimates */
	uint32_t biased;                /* in each repetition with planted bias */
	uint32_t reps;                  /* that are whole: fewer than asked for after a cancel */
	size_t n_policies;
	struct eh_calibrate_policy *policies;
};

/*
 * The project's own design and classes (as an audit sees them: consent and gates), decisions drawn for it with nobody
 * biased and with planted bias (audit/simulate.h), each run audited and judged by every policy.  Nothing is stored but
 * the journal's entry.  The same seed gives the same result on any number of threads.
 *
 * EH_EPOLICY: a policy cannot be loaded, or fails while it judges.  EH_EINVAL: an option out of range, no group that
 * all policies look at, or nobody judged the group asked for.  EH_ECANCEL: out holds the finished repetitions, when
 * there are any; it is freed in any case.
 */
int eh_desk_calibrate(struct eh_desk *d, const struct eh_calibrate_options *o, const struct eh_progress *progress,
		      struct eh_calibration *out, struct eh_err *err);
void eh_calibration_free(struct eh_calibration *c);

/* ---- notifications ---- */

int eh_desk_notifications(struct eh_desk *d, struct eh_notification **v, size_t *n, struct eh_err *err);
/* What a list shows of them (notify/line.h), in the same order.  Caller frees, also after an error. */
int eh_desk_notification_lines(struct eh_desk *d, struct eh_notification_lines *out, struct eh_err *err);
int eh_desk_notification(struct eh_desk *d, uint64_t seq, struct eh_notification *out, struct eh_response **responses,
			 size_t *n, struct eh_err *err);
/* The evaluators' own findings that a notification to the process lists, of the run that raised or last refreshed it;
 * none when that run is no longer stored.  Caller frees *v (eh_list_free), also after an error. */
int eh_desk_notification_members(struct eh_desk *d, const struct eh_notification *of, struct eh_finding **v, size_t *n,
				 struct eh_err *err);

/* ---- the strata behind a Mantel-Haenszel ratio (audit/strata_rows.h) ---- */

#define EH_STRATA_KNOWN_LIST(X)                                                                                        \
	X(EH_STRATA_THERE,    "")                                                                                      \
	X(EH_STRATA_ONE,      "there is only one stratum, or nothing to compare, so the plain table is all there is")  \
	X(EH_STRATA_OWN,      "the policy's own finding is no comparison of counted decisions, so it has no strata")   \
	X(EH_STRATA_NOT_KEPT, "no strata were kept with this notification: it was raised by an earlier version")       \
	X(EH_STRATA_CHANGED,  "the counts have changed since this audit, so its strata are gone; run audit again")     \
	X(EH_STRATA_DIFFER,                                                                                            \
	  "the stored counts give other strata: the policy's gate closes places, or consents ended; run audit again")

enum eh_strata_known {
#define X(name, text) name,
	EH_STRATA_KNOWN_LIST(X)
#undef X
	EH_STRATA_STATES
};
const char *eh_strata_known_text(enum eh_strata_known known);   /* a sentence's part for people; "" = they are there */

/* As they were when the notification was raised or last refreshed.  out has rows where *known is EH_STRATA_THERE; the
 * caller frees it (eh_strata_rows_free). */
int eh_desk_notification_strata(struct eh_desk *d, const struct eh_notification *n, struct eh_strata_rows *out,
				enum eh_strata_known *known, struct eh_err *err);

/* Who has a notification of his own beside one to the process; borrows n's ids. */
struct eh_with_own eh_desk_with_own(const struct eh_notification *n);

/* eh_explain_process_text of it (exchange/exchange.h), and its strata below (exchange/explain_strata.h); caller
 * frees. */
char *eh_desk_notification_text(struct eh_desk *d, const struct eh_notification *n, const struct eh_finding *members,
				size_t n_members);

/* Of the findings of a stored run, taken again from the counts while these are still the run's.  The decisions are read
 * by the first finding that needs them. */
struct eh_run_strata;
int eh_desk_run_strata_open(struct eh_run_strata **out, struct eh_desk *d, const struct eh_audit_head *head,
			    struct eh_err *err);
int eh_desk_run_strata_of(struct eh_run_strata *x, const struct eh_finding *f, struct eh_strata_rows *out,
			  enum eh_strata_known *known, struct eh_err *err);
void eh_desk_run_strata_close(struct eh_run_strata **x);        /* NULL-safe */

/* May this answer be given?  The same checks and errors as respond; nothing is written. */
int eh_desk_respond_check(struct eh_desk *d, uint64_t seq, uint32_t revision, const struct eh_response *r,
			  struct eh_err *err);
/* The answer is on disk and in the journal when this returns 0. r->seq, at, actor are filled in here. */
int eh_desk_respond(struct eh_desk *d, uint64_t seq, uint32_t revision, const struct eh_response *r,
		    struct eh_err *err);

/* ---- standing, journal ---- */

struct eh_standing {
	uint32_t candidates, evaluators, interviews, answers_ok, answers_failed;
	uint64_t evaluations;
	uint32_t vectors, with_face, with_voice;
	uint32_t pending, notifications;
	uint32_t stale_models;          /* models that contain a withdrawn consent: to be trained again */
	uint32_t policies_proposed;     /* texts that wait for a second person */
	uint32_t policies_ending;       /* whose end one person asked for, and a second one has to */
	eh_name policy_ending;          /* one of them, and who asked */
	char ending_asked_by[EH_LOGIN_MAX + 1];
	eh_name policy_proposed;        /* the first of them by name, and who proposed it */
	char policy_author[EH_LOGIN_MAX + 1];
	bool has_audit;
	struct eh_audit_head audit;
	uint64_t journal_entries;
	/* Of the attribute with most known classes; predicted: by a model that is not stale. */
	uint32_t declared, imported, predicted, undetermined;
	eh_name attribute;
};
int eh_desk_standing(struct eh_desk *d, struct eh_standing *out, struct eh_err *err);

int eh_desk_journal(struct eh_desk *d, uint64_t from, struct eh_journal_entry **v, size_t *n, struct eh_err *err);
int eh_desk_journal_verify(struct eh_desk *d, struct eh_journal_state *out, struct eh_err *err);

/* Frees a list handed out above and sets it to NULL. */
#define eh_list_free(list) eh_list_free_((void **)(list))
void eh_list_free_(void **v);

/* ---- doctor ---- */

struct eh_doctor_line {
	char what[48];
	int state;                      /* 0 good, 1 remark, 2 broken */
	char text[256];                 /* what was found, and the mend */
};
/* d may be NULL: the machine only. */
size_t eh_desk_doctor(struct eh_desk *d, const struct eh_policy_engine *engine, struct eh_doctor_line *out, size_t max);

#endif

/*
 * assess.h - all statistics of one group in one slice: from counts to the numbers a decision looks at.
 */
#ifndef EH_AUDIT_ASSESS_H
#define EH_AUDIT_ASSESS_H

#include "audit/audit.h"
#include "audit/classifier.h"
#include "audit/counts.h"
#include "audit/peers.h"
#include "audit/sequential.h"
#include "audit/slice.h"

/* What the findings of one slice and attribute share. */
struct eh_scope_data {
	const struct eh_slice *slice;
	const struct eh_cube *cube;
	const struct eh_attribute_data *attribute;
	size_t index;                   /* of the attribute in the slice */
	const struct eh_audit_settings *settings;
	eh_groups eligible;             /* groups that are not below two percent */
	int fixed;                      /* index of the reference that is the same for everybody, or -1 */
	const struct eh_classifier *classifier;
	const char *refused;            /* the guard that refuses all predicted classes of the scope (basis.h), or NULL */
};

/* Beside a finding, for the work over all findings of a run. */
struct eh_work {
	struct eh_peer peer;            /* ln ratio and its variance */
	bool mirror;                    /* shares its p with an earlier finding: enters the family through that one */
	/* what another limit needs (eh_assess_limit) */
	bool compared;                  /* with a reference that is not itself */
	bool by_strata;                 /* the strata decide */
	double r, s;                    /* of struct eh_strata */
	struct eh_num mh_ratio;
	struct eh_evidence evidence;
	double focal, rest;             /* effective persons behind the smallest detectable ratio */
	uint64_t known_persons;
	bool late_limit, late_level;    /* what eh_assess_late still has to do */
};

/* The scope has predicted persons, probabilities for them, and these are not refused: basis EH_BASIS_SCREENING, but for a
 * group whose own guard is not met. */
bool eh_scope_predicted(const struct eh_scope_data *d);

/*
 * Fills f and w for every group of the attribute [n_groups]; the caller has set evaluator, attribute and position.
 * Verdicts stay EH_OK_VERDICT with an empty reason; only builtin is formed.  q, benchmark and peers stay undefined.
 * EH_ENOMEM.
 */
int eh_assess(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, struct eh_err *err);

/* The two halves of it: one group f[g], whatever was done with the others; then, when all are, what they share. */
int eh_assess_group(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, size_t g,
		    struct eh_err *err);
void eh_assess_tie(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d);

/*
 * What settings that differ in limit, min_group, min_total, min_share (with the same groups compared), alpha, anytime,
 * family and look only change in an assessed finding without predicted classes: the same bytes as a new
 * eh_assess_group once eh_assess_late was there too.  eh_assess_tie comes after.
 *
 * eh_assess_late makes what takes long and nothing else looks at: posterior and detectable.  It can be done beside the
 * work over all findings.
 */
void eh_assess_limit(struct eh_finding *f, struct eh_work *w, const struct eh_audit_settings *s);
void eh_assess_late(struct eh_finding *f, struct eh_work *w);

#endif

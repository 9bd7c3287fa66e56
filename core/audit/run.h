/*
 * run.h - the steps of one audit run, for audit.c, run_prepare.c and run_peers.c, which do them all, and again.c, which
 * does those that something changed for; nobody else includes it.
 */
#ifndef EH_AUDIT_RUN_H
#define EH_AUDIT_RUN_H

#include "audit/assess.h"
#include "audit/audit.h"
#include "audit/benchmark.h"
#include "audit/family.h"
#include "audit/order.h"

/* Per attribute: n_groups findings pooled, n_groups per position (with more than one), n_groups per evaluator. */
struct eh_run_layout {
	size_t base;                    /* index of the first finding */
	eh_groups eligible;
	int fixed;                      /* index of the reference that the settings fix for everybody, or -1 */
	struct eh_classifier classifier;
	bool unfit;                     /* which refuses its predicted classes (basis.h) */
};

struct eh_run {
	const struct eh_audit_data *d;
	const struct eh_audit_settings *s;
	enum eh_family_method family;
	struct eh_order order;
	struct eh_run_layout *layout;   /* [n_attributes] */
	struct eh_slice **slice;        /* [threads] each thread's, for one evaluator after the other */
	/* until everybody's findings are made: of a handful of evaluators each; or NULL */
	struct eh_slice **part;
	bool with_bench;                /* eh_run_all makes bench beside the scopes; eh_run_free frees it */
	struct eh_bench *bench;
	struct eh_finding *v;
	struct eh_work *w;              /* beside v */
	size_t n;
};

size_t eh_run_pooled(const struct eh_run *r);   /* scopes before the evaluators: all, and the positions */

int eh_run_check(const struct eh_audit_settings *s, enum eh_family_method *family, struct eh_err *err);
int eh_run_prepare(struct eh_run *r, struct eh_err *err);
/*
 * Groups with at least the smallest share of the pool (2 % unless set): persons of a known class, and those of a
 * predicted one by their probabilities, so that a group nobody declared is not lost.  Whole persons are summed exactly.
 */
eh_groups eh_run_share(const struct eh_run *r, size_t attribute, const uint64_t known[EH_CODES],
		       const double predicted[EH_GROUPS_MAX]);
/* The largest of them, or -1. */
int eh_run_majority(const struct eh_run *r, size_t attribute, const uint64_t known[EH_CODES],
		    const double predicted[EH_GROUPS_MAX]);

/* A finding that nothing is known of but whom and what it is about. */
void eh_run_name(struct eh_finding *f, const struct eh_attribute_data *attribute, const char *evaluator,
		 const char *position);
/* scope: 0 pooled, then the positions, then the evaluators */
int eh_run_assess(struct eh_run *r, const struct eh_slice *slice, size_t scope, const char *evaluator,
		  const char *position, struct eh_err *err);
/* Everybody (0) or a position, from the rows. */
int eh_run_pooled_scope(struct eh_run *r, size_t scope, struct eh_err *err);
int eh_run_all(struct eh_run *r, const struct eh_progress *progress, struct eh_err *err);

int eh_run_peers(struct eh_run *r, struct eh_err *err);
enum eh_corrected { EH_CORRECT_P, EH_CORRECT_PEERS };
/* Families: p of the evaluators' findings, p of the pooled ones, peers_p of the evaluators'. */
int eh_run_correct(struct eh_run *r, bool pooled, enum eh_corrected which, struct eh_err *err);
void eh_run_free(struct eh_run *r);

#endif

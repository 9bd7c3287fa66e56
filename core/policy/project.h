/*
 * project.h - facts about a project as a whole, for policies that look at how it is run: consents, notices, terms.
 *
 * Counts and dates only; nobody's name or id is in it, and no answer of a gate can be changed by it.  Filled by
 * desk/project_facts.h, read by policies as a read-only table (lua/project.h).  Times are days, UTC.
 */
#ifndef EH_POLICY_PROJECT_H
#define EH_POLICY_PROJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "people/consent.h"

typedef char eh_day[11];                /* "2026-11-30"; "" = none */

/* Of one purpose, by each candidate's newest record (people/consent.h): it holds, was withdrawn or refused, is over, or
 * there is none that has begun.  Together they are the place's candidates. */
struct eh_project_consent {
	char purpose[EH_PURPOSE_MAX + 1];
	uint32_t granted, withdrawn, expired, none;
};

struct eh_project_count {
	eh_name attribute;
	uint32_t n;
};

/* Candidates of one jurisdiction. */
struct eh_project_place {
	char code[EH_JURISDICTION_MAX + 1];
	uint32_t candidates;
	uint32_t recordings;            /* interviews known */
	uint32_t measured;              /* candidates of whom face or voice was measured */
	/* candidates measured now without a complete release whose term is not over (Illinois), or without all four
	 * fields of a waiver (Maryland); counted in every place, for rules that ask there (people/paper.h) */
	uint32_t release_missing, waiver_missing;
	struct eh_project_consent *consent;     /* [n_consent] watch, face, voice, train, then infer: ones */
	size_t n_consent;
	struct eh_project_count *inferred;      /* [n_inferred] predicted classes stored, by attribute */
	size_t n_inferred;
};

/* Records of one kind; classes: known ones of candidates, declared or imported. */
#define EH_PROJECT_KINDS(X) X(vectors) X(posteriors) X(evaluations) X(notifications) X(recordings) X(journal) \
	X(classes) X(consents)
struct eh_project_data {
	uint64_t n;
	eh_day oldest;                  /* "" = there are none, or they carry no time */
};

struct eh_project_model {
	eh_name attribute;
	struct eh_num auc, auc_lo;
	eh_day trained;
	bool stale;                     /* holds a withdrawn consent, or is of another version */
	bool classifies;
};

struct eh_project_declaration {
	char key[33], value[201];
};

struct eh_project {
	eh_day as_of;                   /* of the run */
	struct eh_project_place *places;        /* [n_places] by code */
	size_t n_places;
	struct {
#define X(kind) struct eh_project_data kind;
		EH_PROJECT_KINDS(X)
#undef X
	} data;
	struct eh_project_model *models;        /* [n_models] by attribute */
	size_t n_models;
	struct eh_project_declaration *declarations;    /* [n_declarations] by key (policy/declare.h) */
	size_t n_declarations;
	struct {
		uint32_t pending, confirmed, rejected, actions, closed;
		uint32_t oldest_pending_days;   /* 0 = none pending */
	} notifications;
	uint32_t evaluators;
};

void eh_project_free(struct eh_project *p);     /* what it holds; zeroes the struct */

#endif

/*
 * exchange.h - tables in and out.  The one home of libcsv.
 *
 * In: CSV, UTF-8 (a byte order mark is taken away), RFC 4180, header required; columns in any
 * order; unknown columns are an error unless they begin with "x." (DESIGN.md 4.2).  Every error
 * says FILE:LINE:COLUMN (column of the field's first byte, from 1), what was read, what was
 * expected, how to mend it.  Of each file the first EH_IMPORT_ERRORS are kept and the others counted.
 */
#ifndef EH_EXCHANGE_EXCHANGE_H
#define EH_EXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "audit/audit.h"
#include "audit/data.h"
#include "audit/finding.h"
#include "audit/raters.h"
#include "base/err.h"
#include "base/json.h"
#include "people/consent.h"
#include "people/people.h"

#define EH_IMPORT_ERRORS 20

enum eh_import_kind {
	EH_IMPORT_EVALUATORS,
	EH_IMPORT_CANDIDATES,
	EH_IMPORT_CONSENTS,
	EH_IMPORT_INTERVIEWS,
	EH_IMPORT_EVALUATIONS,
	EH_IMPORT_KINDS
};

/* EH_EUSAGE lists the five. */
int eh_import_kind_parse(enum eh_import_kind *out, const char *text, struct eh_err *err);
const char *eh_import_kind_text(enum eh_import_kind kind);

/* What is wrong with a row of `rates`; the texts are part of the JSON contract. */
#define EH_FAULT_LIST(X) \
	X(EH_FAULT_OTHER,        "other") \
	X(EH_FAULT_FIELDS,       "number_of_fields") \
	X(EH_FAULT_TEXT,         "not_text") \
	X(EH_FAULT_ID,           "bad_id") \
	X(EH_FAULT_DECISION,     "bad_decision") \
	X(EH_FAULT_CLASS,        "bad_class") \
	X(EH_FAULT_PROBABILITY,  "bad_probability") \
	X(EH_FAULT_SCORE,        "bad_score") \
	X(EH_FAULT_TIME,         "bad_time") \
	X(EH_FAULT_STRATUM,      "bad_stratum") \
	X(EH_FAULT_REPEATED,     "repeated_decision") \
	X(EH_FAULT_CONTRADICTED, "contradicted_class")

enum eh_fault {
#define X(name, text) name,
	EH_FAULT_LIST(X)
#undef X
	EH_FAULTS
};
const char *eh_fault_text(enum eh_fault fault);

/* Where the class shares of the calibration come from (struct eh_attribute_data, prior); texts of the contract too. */
enum eh_prior_source { EH_PRIOR_NONE, EH_PRIOR_GIVEN, EH_PRIOR_LABELLED, EH_PRIOR_MEAN };
const char *eh_prior_source_text(enum eh_prior_source source);         /* "given", "labelled", "mean" */

struct eh_import_prior {
	enum eh_prior_source source;    /* EH_PRIOR_NONE: no probabilities, or of nobody without a
					 * class; nothing else counts then */
	eh_name attribute;
	size_t n;
	eh_name groups[EH_GROUPS_MAX];
	double share[EH_GROUPS_MAX];    /* 0..1, sum 1 */
};

/* A class column of `rates` in which there are no two groups to compare. */
struct eh_import_left {
	eh_name attribute;
	eh_name group;                  /* the only one; "" = no class is known */
};

#define EH_IMPORT_LEFT_MAX 16           /* class columns of one table */

struct eh_import_report {
	uint64_t rows, fresh, changed, same;
	size_t n_errors;
	char errors[EH_IMPORT_ERRORS][400];     /* "FILE:LINE:COLUMN: text" */
	uint64_t more_errors;           /* that found no room */
	uint64_t skipped;               /* rows left out because of errors (struct eh_rates_options, skip) */
	uint64_t skipped_by[EH_FAULTS]; /* the same by the first thing that is wrong with each */
	struct eh_import_prior prior;   /* of `rates` with probabilities */
	struct eh_import_left left[EH_IMPORT_LEFT_MAX]; /* of `rates`: not compared, and said in note */
	size_t n_left;
	char note[800];                 /* what a person should know though nothing is wrong; "" = nothing */
};

/*
 * Reads one file and puts its rows into txn (the caller commits, or aborts on an error or a dry run).
 * References are checked: an evaluation's evaluator and candidate, a consent's and an interview's candidate must be
 * known.  Interview paths are taken relative to the CSV's directory and stored absolute (without following
 * them).  EH_EFORMAT: report->errors has the lines, err the first of them.  A wrong header line ends the reading:
 * every row would be wrong too.
 *
 * candidates: of an attribute with declared.A and imported.A what is declared stays, in the row, in what is stored, and
 * whichever comes first; report->note says how many imported classes were not taken.  An empty cell of declared.A
 * clears a declared class alone, one of imported.A an imported one alone.
 */
int eh_import_csv(struct eh_txn *txn, enum eh_import_kind kind, const char *path, struct eh_import_report *report,
		  struct eh_err *err);

/* A field of a consent by the name of its column at import ("release_id"), with the checks of that column.  EH_ENOENT:
 * no column of that name may be missing. */
int eh_import_consent_field(struct eh_consent *c, const char *column, const char *text, struct eh_err *err);

/*
 * `rates`: one table to audit data.  Columns evaluator_id, candidate_id, decision (and whatever is named).
 *
 * A class is of the candidate: an empty cell, "unknown", "declined", "NA" and "n/a" (any case) are no class, and one
 * known class counts for all rows of the candidate.  One evaluator may not give a candidate two classes (EH_EFORMAT).
 * Where different evaluators' rows do (an age band that was crossed between two ratings), such a candidate counts as
 * one person per combination of classes and report->note says how many there are.
 * The attribute is the column's name without "candidate_", "declared." or "imported.", in small ASCII letters, other
 * signs as "_"; letters beyond ASCII stay.  The classes of a column "declared." are declared, all others imported.
 * Of declared.A and imported.A a person has the class declared, else the one imported, as in a project; a column that
 * `classes` names with its prefix counts alone.
 *
 * An evaluator decides once about a candidate in a stratum (the columns in `strata`).  Where a table has repeats, its
 * column event, event_id, question_id or stage (the first that is there) is taken into the stratum of every row and
 * report->note says so; repeats that are left, or without such a column, are EH_EFORMAT with the lines, and name
 * --stratum as the mend.
 *
 * Rows on hold are left out, and columns' groups that differ only in case stay apart; report->note says both.
 *
 * decided_at, unless it is named for something else: a date or time (eh_parse_time; empty: not known), kept as its day
 * in UTC.
 *
 * Probabilities (prob): each 0..1, each row's sum 1 within 1e-6, the same in every row of a candidate; a row of empty
 * cells is no class.  They belong to the class column of the same attribute, named in `classes` or not; else to the
 * only one named, whose groups must all be among theirs (EH_EFORMAT); else they are an attribute of their own.  A class
 * in the class column wins.  prior = the shares of their groups among the labelled, those with class and probabilities;
 * with fewer than 5 of one of the groups the mean over those predicted; or what `shares` gives.
 */
struct eh_rates_share {
	eh_name group;
	double share;                   /* above 0, at most 1 */
};

struct eh_rates_options {
	/* column names; n_classes 0 = every column beginning "candidate_", "declared." or "imported." except ids, or,
	 * when there is none, every column that is no known one */
	const char *const *classes;
	size_t n_classes;
	const char *const *strata;      /* column names */
	size_t n_strata;
	const char *score;              /* column name, or NULL */
	const char *prob;               /* prefix of probability columns PREFIX.GROUP, or NULL */
	/*
	 * The class shares of the persons that the probabilities were calibrated with, where they are known: of groups
	 * of prob, each once, together at most 1.  The groups that are not named share what is left of 1 as the
	 * labelled (or the mean) would; something must be left for them, and nothing where all are named (within 1e-6).
	 * EH_EFORMAT.
	 */
	const struct eh_rates_share *shares;
	size_t n_shares;
	/*
	 * "sex,race": two attributes whose pairs of classes become the groups of a further one, "sex x race".  Of more
	 * than EH_GROUPS_MAX pairs those with the fewest persons count as unknown and are named in report->note; so do
	 * persons one of whose classes is not known for certain.
	 */
	const char *const *pairs;
	size_t n_pairs;
	/*
	 * Rows with an error are left out, counted (report->skipped) and listed (report->errors) instead of ending it
	 * all; of repeated decisions, and of rows of one evaluator that contradict each other, the first stays.  The
	 * report has the first EH_IMPORT_ERRORS errors, and how many rows were left out for what.
	 */
	bool skip;
	/*
	 * With skip: everything that is wrong with the rows left out, CSV with the header line,column,reason,message
	 * and one line for each; NULL = not wanted.  A regular file open for reading and writing, written from its
	 * start; EH_EIO.
	 */
	FILE *list;
	uint32_t threads;               /* 0 = one per core; the same data for every number */
	bool careful;                   /* the reader for everything unusual at once: for tests and measurements */
};
/*
 * Plain tables in files (plain.h: no quotes, no errors, no probabilities, a class that stays) take a fast way of one
 * pass; every other table, and what cannot be read twice, goes through libcsv, to the same data.  Either way
 * candidates have no names in out (candidates.v is NULL) and are numbered by the fingerprints of their ids (deal.h).
 */
/* On success *out is sorted (eh_audit_data_sort) and the caller's (eh_audit_data_free); after an error it is empty. */
int eh_rates_read(struct eh_audit_data *out, const char *path /* "-" = stdin */, const struct eh_rates_options *o,
		  struct eh_import_report *report, struct eh_err *err);

/* One field by RFC 4180; cells that begin with = + - @ get a leading apostrophe (facts/reliability.md 7). */
void eh_csv_field(FILE *out, const char *text, bool last);

/* The reason of an undefined number in plain words, to stand behind a colon. */
const char *eh_undef_words(enum eh_undef why);

/* The finding object and the rates/audit document of DESIGN.md 4.3. */
struct eh_json *eh_json_finding(const struct eh_finding *f);
/* doc, an object that has members, and behind them key: the findings, written as they are made.  EH_EIO. */
int eh_json_put_with_findings(FILE *to, const struct eh_json *doc, const char *key, const struct eh_finding *v,
			      size_t n, struct eh_err *err);
struct eh_json *eh_json_findings(const char *schema, const char *source, uint64_t rows,
				 const struct eh_audit_settings *s, const struct eh_finding *v, size_t n);

/* The document of `rates` with what was skipped, finding by finding to a stream; strata: the audited data for the array
 * by_stratum (exchange/explain_strata.h) of the findings with two strata or more, NULL = without; EH_EIO, EH_ENOMEM. */
int eh_json_rates(FILE *to, const char *source, const struct eh_import_report *report,
		  const struct eh_audit_settings *s, const struct eh_finding *v, size_t n,
		  const struct eh_audit_data *strata, struct eh_err *err);

/* evenhand.raters/1; undefined values are null, with the reason in the object's "undefined". */
struct eh_json *eh_json_raters(const char *source, const struct eh_raters *r, const struct eh_audit_data *d,
			       const struct eh_raters_settings *s);

/* explain: counts, formula, numbers, the policy line that fired, what would have changed the verdict; caller frees. */
char *eh_explain_text(const struct eh_finding *f);
/* Evaluators who stand out and have a notification of their own beside one to the process. */
struct eh_with_own {
	bool known;                     /* false: it was not stored, and nothing below counts */
	size_t n;
	const eh_id *id;                /* [named] those of them whose ids are known, smallest p first */
	size_t named;
};

/*
 * The same of a notification to the process: first that it is one and what all together did, then per evaluator that
 * it rests on (v [n], their own findings) counts, ratio with interval, q, rule and why it is no matter of that
 * evaluator alone, then eh_explain_text of the pooled finding.  listed: evaluators that the notification names (0:
 * the plain eh_explain_text; with n = 0 their findings are said to be gone).  own: who is none of them, told by id, or
 * of more than EH_OWN_NAMED the first of them and how many there are; caller frees.
 */
#define EH_OWN_NAMED 20
char *eh_explain_process_text(const struct eh_finding *pooled, const struct eh_finding *v, size_t n, size_t listed,
			      struct eh_with_own own);
/* Its numbers alone, a line or two a kind: test, effect, posterior, peers, benchmark, scores, classes; the same layout
 * of 80 columns, labels in the first 12; caller frees. */
char *eh_numbers_text(const struct eh_finding *f);

#endif

/*
 * explain.h - what the files behind eh_explain_text share; nobody else includes it.
 */
#ifndef EH_EXCHANGE_EXPLAIN_H
#define EH_EXCHANGE_EXPLAIN_H

#include "audit/finding.h"
#include "base/buf.h"

/* Appends a paragraph: label in the first columns, words wrapped beside it at 80 columns. */
void eh_para(struct eh_buf *b, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct eh_words {
	char text[128];
};
/* A number as a person reads it; "p": four digits or a power of ten, "posterior": four digits or "above 0.9999", "+":
 * with its sign, "": three digits.  Undefined: "not defined"; eh_undef_words says why. */
struct eh_words eh_real(struct eh_num v, const char *fmt);
/* "0.165 to 0.962", "0.165 to no upper end" */
struct eh_words eh_ends(struct eh_interval v);
/* Are the strata alike: the test that holds, its p and what it says, Breslow-Day's p beside it; before is put in front.
 * "" where nothing is known of it. */
struct eh_clause {
	char text[384];
};
struct eh_clause eh_alike_words(const struct eh_finding *f, const char *before);
/* Appends ", NAME VALUE" to the list when the number is defined. */
void eh_listed(char *list, size_t size, const char *name, struct eh_num v, const char *fmt);
/* What the swap of one person would do. */
const char *eh_swap_words(enum eh_tri flips);
/* Of what is notified "individual: ..." or "systemic: ..."; else "". */
const char *eh_scope_words(const struct eh_finding *f);

const char *eh_unit(const struct eh_finding *f);    /* "persons" or "decisions": of n and selected */
const char *eh_against(const struct eh_finding *f); /* "the rest", or the reference group */

/* What the verdict means, and which rule of the policy spoke (exchange/explain_verdict.c).  members: evaluators whose
 * own findings raised the notification of this pooled one, 0 = none. */
void eh_explain_verdict(struct eh_buf *b, const struct eh_finding *f, size_t members);
/* eh_explain_text of a pooled finding that stands below `members` evaluators; caller frees. */
char *eh_explain_pooled(const struct eh_finding *f, size_t members);
/* "20.0 persons fewer than at the reference's rate", "20.0 persons more ..."; the shortfall is defined. */
struct eh_words eh_shortfall_words(const struct eh_finding *f);
/* q from p, the rank and the family's size; the evaluator beside the others, the second set and its pairs
 * (exchange/explain_others.c). */
void eh_explain_family(struct eh_buf *b, const struct eh_finding *f);
void eh_explain_others(struct eh_buf *b, const struct eh_finding *f);
/* "on the same candidates"; "" where it is not known. */
const char *eh_bench_words(const struct eh_finding *f);
/* What was asked for, one condition a line, with the numbers and whether it is met. */
void eh_explain_conditions(struct eh_buf *b, const struct eh_finding *f);
/* What would have changed the verdict. */
void eh_explain_what_if(struct eh_buf *b, const struct eh_finding *f);

#endif

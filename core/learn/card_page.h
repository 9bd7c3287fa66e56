/*
 * card_page.h - pieces of text and numbers that the text and the JSON of a card share; used inside this room only.
 */
#ifndef EH_LEARN_CARD_PAGE_H
#define EH_LEARN_CARD_PAGE_H

#include "base/buf.h"
#include "learn/card.h"
#include "learn/model.h"

#define EH_PAGE_MAX (1u << 20)          /* [bytes] */

struct page {
	struct eh_buf b;
	int width;
};

void page_init(struct page *p, int width);
char *page_end(struct page *p);         /* the text, the caller's; the page is empty then */
/* A line as it is. */
void page_row(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prose, wrapped and indented. */
void page_para(struct page *p, int indent, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* "  label            text", what goes on under itself. */
void page_field(struct page *p, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Prose as an item of a list. */
void page_item(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* v for printing with three decimals: nothing shows as "-0.000". */
double card_round(double v);

/* Sentences that text and JSON print alike; end with NULL. */
extern const char *const card_not_for[], *const card_metrics[], *const card_evaluation[], *const card_ethics[],
	*const card_caveats[];
extern const char *const card_verdict_name[4];  /* enum eh_curve_verdict: "not measured", "enough" ... */

/* What the groups of correlated indicators are called: "voice.f1 and 3 more". */
void card_group_name(char *out, size_t size, const struct eh_importance *i, size_t group);
/* Wilson's interval of the share of a group that was told right, and of a line of a reliability table. */
void card_recall(struct eh_figure *out, const struct eh_skill *s, size_t group);
void card_bin_interval(double *lo, double *hi, const struct eh_bin *b);

/* The sections on skill (card_skill.c), the others are in card.c. */
void card_parts(struct page *p, const struct eh_card *c);
void card_baselines(struct page *p, const struct eh_card *c);
void card_reliability_table(struct page *p, const struct eh_card *c);
void card_curve_table(struct page *p, const struct eh_card *c);
void card_importance_table(struct page *p, const struct eh_card *c);

#endif

/*
 * explain_finding.h - a finding to be explained, and what is asked of the words about it.
 */
#ifndef EH_TEST_EXPLAIN_FINDING_H
#define EH_TEST_EXPLAIN_FINDING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"

static inline struct eh_finding some_finding(uint64_t a, uint64_t n1, uint64_t b, uint64_t n2)
{
	struct eh_finding f;
	struct eh_num u = eh_undefined(EH_U_NOT_COMPUTED);
	struct eh_num *numbers[] = { &f.z,
				     &f.p_z,
				     &f.p_mid,
				     &f.mh_ratio,
				     &f.p_cmh,
				     &f.p_breslow_day,
				     &f.p_homogeneity,
				     &f.mh_interval.low,
				     &f.mh_interval.high,
				     &f.em_ratio,
				     &f.weighted_ratio,
				     &f.p_em,
				     &f.em_interval.low,
				     &f.em_interval.high,
				     &f.em_n,
				     &f.em_selected,
				     &f.bench_rate,
				     &f.bench_ratio,
				     &f.deviation,
				     &f.peers_ratio,
				     &f.peers_z,
				     &f.peers_p,
				     &f.peers_q,
				     &f.peers_others,
				     &f.bench_interval.low,
				     &f.bench_interval.high,
				     &f.deviation_interval.low,
				     &f.deviation_interval.high,
				     &f.paired.p,
				     &f.paired.p_group,
				     &f.detectable };

	memset(&f, 0, sizeof f);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		*numbers[i] = u;
	strcpy(f.evaluator, "E01");
	strcpy(f.attribute, "sex");
	strcpy(f.group, "female");
	strcpy(f.reference, "rest");
	f.selected = a;
	f.n = f.persons = n1;
	f.ref_selected = b;
	f.ref_n = f.ref_persons = n2;
	f.strata = 1;
	f.limit_num = 4;
	f.limit_den = 5;
	f.rate = eh_num((double)a / (double)n1);
	f.ref_rate = eh_num((double)b / (double)n2);
	f.impact_ratio = f.ratio = eh_num(f.rate.value / f.ref_rate.value);
	f.below_limit = f.ratio_below = 5 * a * n2 < 4 * b * n1 ? EH_YES : EH_NO;
	f.interval = f.ratio_interval = (struct eh_interval){ eh_num(0.165), eh_num(0.962) };
	strcpy(f.interval_method, "score (Miettinen-Nurminen)");
	f.p = f.p_fisher = eh_num(0.0666);
	strcpy(f.p_method, "Fisher, mid-p");
	f.q = eh_num(0.03);
	f.q_holm = eh_num(0.04);
	f.family_size = 24;
	f.alpha = eh_num(0.05);
	f.p_anytime = eh_num(0.31);
	f.min_group = 10;
	f.min_total = 30;
	strcpy(f.family_method, "bh");
	f.shortfall = eh_num(5.32);
	f.flips = EH_NO;
	f.imported = n1 + n2;
	f.verdict = EH_NOTIFY;
	f.builtin = EH_NOTIFY;
	f.scope = EH_SCOPE_INDIVIDUAL;
	strcpy(f.reason, "ratio below 4/5, q below .05, shortfall at least one person, not turned round by one swap");
	return f;
}

static inline void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s not in:\n%s", part, text);
}

static inline void lines_fit_eighty_columns(const char *text)
{
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1) {
		size_t len = strcspn(p, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, p);
		assert_true(len == 0 || p[len - 1] != ' ');
	}
}

/* Folds line breaks so that a sentence can be looked for. */
static inline char *fold(char *text)
{
	size_t n = 0;

	assert_non_null(text);
	lines_fit_eighty_columns(text);
	for (const char *p = text; *p != '\0'; p++) {
		char c = *p == '\n' ? ' ' : *p;

		if (c != ' ' || (n > 0 && text[n - 1] != ' '))
			text[n++] = c;
	}
	text[n] = '\0';
	return text;
}

static inline char *folded(const struct eh_finding *f) { return fold(eh_explain_text(f)); }

#endif

/*
 * trend.h - selection rates period by period: of one evaluator, or of everybody and each.
 *
 * A point is one evaluator x attribute x group x month (quarter, year): the audit's own statistics of the decisions of
 * that time alone, against the evaluator's rest.  Only known classes count.  They are made
 * from the stored counts by months where these hold all of it (desk/inside.h, eh_desk_gather_dated), else from the
 * evaluations with a time; of one evaluator nothing but his are read.
 *
 * One family holds every point that is not too few: evaluators x groups x periods, of two groups one test
 * (facts/statistics.md 1); the points of everybody together are a family of their own.
 */
#ifndef EH_DESK_TREND_H
#define EH_DESK_TREND_H

#include "audit/period.h"
#include "desk/desk.h"

struct eh_trend_options {
	const char *evaluator;          /* NULL = everybody together and each */
	const char *attribute, *group;  /* NULL = all: what is left out is in no family */
	enum eh_period by;
	struct eh_window days;          /* its period is not looked at */
	int32_t limit_num, limit_den;
	uint32_t min_group, min_total;  /* [persons] of the group and of the known ones in a point */
	char family[8];
	double alpha;
	uint32_t threads;               /* 0 = one per core; every number gives the same */
};
#define EH_TREND_OPTIONS_INIT \
	{ NULL, NULL, NULL, EH_BY_MONTH, { "", "", 0 }, 4, 5, 10, 30, "bh", 0.05, 0 }

struct eh_trend_point {
	int32_t period;                 /* eh_period_of */
	enum eh_verdict_kind state;     /* too_few; watch = below the limit; cannot_conclude without a ratio; ok */
	uint64_t n, selected, ref_n, ref_selected;      /* decisions */
	uint64_t persons, ref_persons;
	struct eh_num rate, ref_rate;
	/* Mantel-Haenszel's over positions, stages and questions where rests_on says so */
	struct eh_num ratio;
	enum eh_ratio_kind rests_on;
	struct eh_interval interval;    /* 95 % */
	struct eh_num p, q;             /* clustered by candidate; q EH_U_TOO_FEW where too few */
};

struct eh_trend_line {
	eh_id evaluator;                /* "" = everybody together */
	eh_name attribute, group;
	size_t at, n;                   /* its points, by period; periods without a decision on the group have none */
};

struct eh_trend {
	enum eh_period by;
	int32_t first, last;            /* periods with a point */
	struct eh_trend_line *lines;    /* [n_lines] everybody first, then by evaluator; by attribute, group; n > 0 */
	size_t n_lines;
	struct eh_trend_point *points;  /* [n_points] */
	size_t n_points;
	uint32_t family, family_all;    /* tests; family_all of everybody together */
	uint64_t decisions, holds, untimed;     /* untimed ones are left out */
};

#define EH_TREND_PERIODS_MAX 1200       /* a hundred years of months */

/*
 * Reads; nothing is stored or journalled.  EH_ENOENT: no such evaluator, attribute or group, or no decision of the
 * days; EH_EINVAL: an option, or nothing has a time; EH_ERANGE: too many periods.  out is freed in any case.
 */
int eh_desk_trend(struct eh_desk *d, const struct eh_trend_options *o, struct eh_trend *out, struct eh_err *err);
void eh_trend_free(struct eh_trend *t);

#endif

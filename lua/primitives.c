/* The table of the functions in C of `evenhand`: names, signatures, texts; see primitives.h. */
#include "lua/primitives.h"

#include <lauxlib.h>

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define FOUR "selected: integer, n: integer, ref_selected: integer, ref_n: integer"

static const struct eh_primitive primitives[] = {
	{ "below", eh_primitive_below, "(" FOUR ", limit: evenhand.Limit|integer[]): boolean?, string?",
	  "Is the impact ratio below the limit? By exact integers: a ratio of exactly 4/5 is not below {4, 5}." },
	{ "benchmark", eh_primitive_benchmark, "(own: evenhand.Judge): evenhand.BenchmarkResult",
	  "One evaluator's counts against those of others: the others' ratio as benchmark, and leave-one-out test." },
	{ "counts", eh_primitive_counts, "(query: evenhand.CountsQuery): evenhand.CountsRow[], integer",
	  "The decisions of this run counted by keys and class, sorted by them; the second result is how many are "
	  "held." },
	{ "effects", eh_primitive_effects, "(" FOUR "): evenhand.Effects",
	  "Effect sizes of one 2x2 table; negative h and phi: the group is lower." },
	{ "family", eh_primitive_family,
	  "(p: (number|false|nil)[], method: evenhand.FamilyMethod): (number?)[], integer",
	  "p-values corrected in their family; nil and false are no tests. The second result is the number of tests." },
	{ "impact_ratio", eh_primitive_impact_ratio, "(" FOUR "): number?, string?",
	  "(selected/n) / (ref_selected/ref_n), from unrounded rates." },
	{ "interval", eh_primitive_interval,
	  "(" FOUR ", method?: evenhand.IntervalMethod): evenhand.OwnInterval?, string?",
	  "95 % interval of the impact ratio; without a method Miettinen and Nurminen's, as in the facts." },
	{ "library", eh_primitive_library, "(name: evenhand.LibraryName): table",
	  "A shipped library, read-only; the name is written out, because the policy's hash covers what it names." },
	{ "paired", eh_primitive_paired, "(query: evenhand.PairedQuery): evenhand.Paired",
	  "One evaluator's decisions beside those of a second set on the same candidates of a group: paired test." },
	{ "posterior", eh_primitive_posterior, "(" FOUR ", limit: evenhand.Limit|integer[]): number?, string?",
	  "Probability that the ratio of the true rates is below the limit, under independent Jeffreys priors." },
	{ "power", eh_primitive_power, "(design: evenhand.Design): number?, string?, boolean?",
	  "Smallest ratio found with power .8; with a limit the third result says whether a ratio at it is found." },
	{ "rate", eh_primitive_rate, "(selected: integer, n: integer): number?, string?", "selected / n." },
	{ "rate_interval", eh_primitive_rate_interval,
	  "(selected: integer, n: integer, method?: evenhand.RateMethod): evenhand.OwnInterval?, string?",
	  "95 % interval of a rate; without a method Wilson's." },
	{ "rates", eh_primitive_rates, "(groups: evenhand.GroupCount[]): evenhand.GroupRate[], integer?",
	  "Rate and share of every group; the second result is the place of the highest rate (then largest n, then "
	  "name)." },
	{ "strata", eh_primitive_strata,
	  "(tables: evenhand.Fourfold[], limit?: evenhand.Limit|integer[]): evenhand.Strata",
	  "Several 2x2 tables taken together: Mantel-Haenszel ratio, CMH, Breslow-Day." },
	{ "test", eh_primitive_test, "(name: evenhand.TestName, " FOUR "): number?, string?, number?",
	  "p of one 2x2 table, two-sided unless the name says less or greater; z, chi2 (Yates) and g have a "
	  "statistic." },
	{ "unseen", eh_primitive_unseen, "(counts: evenhand.Unseen): evenhand.OwnInterval?, string?",
	  "The impact ratio at the least and at the most, whatever the unknown classes are; no sampling error is in "
	  "it." },
};

static const struct eh_primitive_field fourfold[] = {
	{ "selected", "integer", "by place [1]" },
	{ "n", "integer", "[2]" },
	{ "ref_selected", "integer", "[3]" },
	{ "ref_n", "integer", "[4]" },
};
static const struct eh_primitive_field own_interval[] = {
	{ "low", "number?", "" },
	{ "high", "number?", "" },
	{ "why", "table<string, string>", "reason of an end that is nil, by name" },
};
static const struct eh_primitive_field group_count[] = {
	{ "group", "string?", "its name" },
	{ "selected", "integer", "" },
	{ "n", "integer", "" },
};
static const struct eh_primitive_field group_rate[] = {
	{ "group", "string?", "its name" },
	{ "selected", "integer", "" },
	{ "n", "integer", "" },
	{ "rate", "number?", "selected / n" },
	{ "share", "number?", "n / the n of all groups" },
	{ "why", "table<string, string>", "reason of what is nil, by name" },
};
static const struct eh_primitive_field effects[] = {
	{ "cohen_h", "number?", "2 asin sqrt(rate) - 2 asin sqrt(ref_rate)" },
	{ "phi", "number?", "correlation of group and decision" },
	{ "odds_ratio", "number?", "of the sample" },
	{ "shortfall", "number?", "persons fewer than at the reference's rate" },
	{ "shortfall_pooled", "number?", "persons fewer than at the rate of both together" },
	{ "flips", "boolean?", "the swap of one person turns the order round" },
	{ "why", "table<string, string>", "reason of what is nil, by name" },
};
static const struct eh_primitive_field strata[] = {
	{ "ratio", "number?", "Mantel-Haenszel risk ratio" },
	{ "interval", "evenhand.OwnInterval?", "its 95 % interval, Greenland and Robins" },
	{ "cmh", "number?", "Cochran-Mantel-Haenszel chi-square" },
	{ "p_cmh", "number?", "" },
	{ "breslow_day", "number?", "homogeneity of the odds ratios" },
	{ "p_breslow_day", "number?", "" },
	{ "p_tarone", "number?", "the same with Tarone's correction" },
	{ "p_liang_self", "number?", "the same by Liang and Self, for sparse strata" },
	{ "p_homogeneity", "number?", "p_breslow_day where its chi-square holds, else p_liang_self" },
	{ "odds_ratio", "number?", "Mantel-Haenszel odds ratio" },
	{ "odds_interval", "evenhand.OwnInterval?", "its 95 % interval, Robins, Breslow and Greenland" },
	{ "shortfall", "number?", "persons fewer than at the reference's rate, stratum by stratum" },
	{ "strata", "integer", "with both sides present" },
	{ "below", "boolean?", "ratio below the limit; only with a limit" },
	{ "why", "table<string, string>", "reason of what is nil, by name" },
};
static const struct eh_primitive_field judge[] = {
	{ "selected", "integer?", "" },
	{ "n", "integer?", "" },
	{ "ref_selected", "integer?", "" },
	{ "ref_n", "integer?", "" },
	{ "strata", "evenhand.Fourfold[]?", "in the place of the four" },
	{ "others", "evenhand.Judge[]?", "own only: the other evaluators" },
	{ "limit", "evenhand.Limit|integer[]|nil", "own only: others below it are no benchmark; left out = all are" },
};
static const struct eh_primitive_field benchmark_result[] = {
	{ "ratio", "number?", "of the own counts; with several strata Mantel-Haenszel's" },
	{ "evaluators", "integer", "others in the benchmark: a ratio, and not below the limit" },
	{ "n", "integer", "their decisions on the group" },
	{ "selected", "integer", "of these, advanced" },
	{ "rate", "number?", "selected / n" },
	{ "impact_ratio", "number?", "of the benchmark, its counts added up" },
	{ "deviation", "number?", "ratio - impact_ratio" },
	{ "peers_ratio", "number?", "ratio to the weighted mean of the others' ratios" },
	{ "interval", "evenhand.OwnInterval?", "95 % interval of peers_ratio" },
	{ "z", "number?", "of peers_ratio against 1" },
	{ "p", "number?", "two-sided p of z" },
	{ "peers_corrected", "boolean", "half a person was added to each own cell, as in the audit" },
	{ "peers_impact_ratio", "number?", "the weighted mean of the others' ratios, limit or not" },
	{ "peers_evaluators", "integer", "others in it, all but who advanced nobody or everybody, or saw one side" },
	{ "peers_n", "integer", "their decisions on the group" },
	{ "peers_selected", "integer", "of these, advanced" },
	{ "peers_ref_n", "integer", "their decisions on the reference" },
	{ "peers_ref_selected", "integer", "of these, advanced" },
	{ "why", "table<string, string>", "reason of what is nil, by name" },
};
static const struct eh_primitive_field unseen[] = {
	{ "selected", "integer?", "" },
	{ "n", "integer?", "" },
	{ "ref_selected", "integer?", "" },
	{ "ref_n", "integer?", "" },
	{ "unknown_selected", "integer?", "decisions on persons of unknown class that were advanced" },
	{ "unknown_n", "integer?", "of so many" },
	{ "cells", "evenhand.Cell[]?", "in the place of all these: Frechet bounds" },
};
static const struct eh_primitive_field cell[] = {
	{ "n", "number", "decisions on persons whom the classifier sees alike" },
	{ "selected", "number", "of these, advanced" },
	{ "focal", "number", "expected decisions on the group" },
	{ "reference", "number", "and on the reference" },
};
static const struct eh_primitive_field design[] = {
	{ "n", "number", "decisions on the group" },	  { "ref_n", "number", "and on the reference" },
	{ "ref_rate", "number", "the reference's rate" }, { "alpha", "number?", "two-sided level, left out = 0.05" },
	{ "limit", "evenhand.Limit|integer[]|nil", "" },
};
static const struct eh_primitive_field counts_query[] = {
	{ "by", "evenhand.CountsKey[]?", "any of them" },
	{ "class", "string|string[]|nil", "an attribute, or a pair of two; left out = classes are not looked at" },
	{ "where", "table<string, string>?", "only decisions with these: the keys of by, and group" },
};
static const struct eh_primitive_field counts_row[] = {
	{ "evaluator", "string?", "as by asks, like the five below" },
	{ "position", "string?", "of `rates`: the whole stratum" },
	{ "stage", "string?", "" },
	{ "question", "string?", "" },
	{ "period", "string?", "month such as \"2026-03\"; \"\" = no time known" },
	{ "jurisdiction", "string?", "of the candidate, such as \"US-IL\"; in an audit of a project alone" },
	{ "group", "string?", "of a pair \"female x white\"" },
	{ "unknown", "boolean?", "true: the class is not known for certain" },
	{ "n", "integer", "decisions" },
	{ "selected", "integer", "of these, advanced" },
	{ "persons", "integer", "different candidates" },
};

static const struct eh_primitive_field paired_query[] = {
	{ "evaluator", "string", "the first side" },
	{ "class", "string", "an attribute" },
	{ "group", "string", "one of its groups" },
	{ "second", "string[]?", "evaluators of the second set; left out = all others" },
};
static const struct eh_primitive_field paired[] = {
	{ "n", "integer", "candidates on whom both sides decided" },
	{ "both", "integer", "of these, advanced by both" },
	{ "first_only", "integer", "by the evaluator alone" },
	{ "second_only", "integer", "by the second set alone" },
	{ "neither", "integer", "by nobody" },
	{ "split", "integer", "left out: a side was divided evenly" },
	{ "p", "number?", "two-sided exact McNemar" },
	{ "p_mid", "number?", "its mid-p" },
	{ "p_mcnemar", "number?", "by chi-square" },
	{ "why", "table<string, string>", "reason of what is nil, by name" },
};

#define CLASS(name, doc, fields)                                                                                       \
	{                                                                                                              \
		name, doc, fields, N_OF(fields)                                                                        \
	}
static const struct eh_primitive_class classes[] = {
	CLASS("Fourfold", "The counts of a group and its reference, by name or by place.", fourfold),
	CLASS("OwnInterval", "95 %, with the reason of an end that is not there.", own_interval),
	CLASS("GroupCount", "What rates() takes of a group.", group_count),
	CLASS("GroupRate", "What it gives.", group_rate),
	CLASS("Effects", "What effects() gives.", effects),
	CLASS("Strata", "What strata() gives.", strata),
	CLASS("Judge", "One evaluator's counts, as four numbers or by strata.", judge),
	CLASS("BenchmarkResult", "What benchmark() gives.", benchmark_result),
	CLASS("Cell", "Persons whom a classifier sees alike.", cell),
	CLASS("Unseen", "What unseen() takes.", unseen),
	CLASS("Design", "What power() takes.", design),
	CLASS("CountsQuery", "What counts() takes.", counts_query),
	CLASS("CountsRow", "One row of its answer.", counts_row),
	CLASS("PairedQuery", "What paired() takes.", paired_query),
	CLASS("Paired", "What paired() gives.", paired),
};

/* in the order of enum eh_family_method */
static const char *const families[] = { "bh", "holm", "by", "none", "bonferroni", "hochberg" };
static const char *const intervals[] = { "miettinen_nurminen", "koopman", "katz", "adjusted_log" };
static const char *const rates[] = { "wilson", "clopper_pearson", "jeffreys" };
/* in the order of enum test (primitives_two.c) */
static const char *const tests[] = { "z",     "chi2",	  "g",	    "fisher", "fisher_less", "fisher_greater",
				     "mid_p", "boschloo", "barnard" };

/* in the order of enum eh_crosstab_key */
static const char *const counts_keys[] = { "evaluator", "position", "stage", "question", "period", "jurisdiction" };

/* in the order of enum eh_options */
static const struct eh_primitive_options options[] = {
	{ "FamilyMethod", families, N_OF(families) },
	{ "IntervalMethod", intervals, N_OF(intervals) },
	{ "RateMethod", rates, N_OF(rates) },
	{ "TestName", tests, N_OF(tests) },
	{ "CountsKey", counts_keys, N_OF(counts_keys) },
};

const struct eh_primitive_options *eh_primitive_options(size_t i) { return i < N_OF(options) ? &options[i] : NULL; }

const struct eh_primitive *eh_primitive(size_t i) { return i < N_OF(primitives) ? &primitives[i] : NULL; }

const struct eh_primitive_class *eh_primitive_class(size_t i) { return i < N_OF(classes) ? &classes[i] : NULL; }

void eh_primitives_open(lua_State *L)
{
	for (size_t i = 0; i < N_OF(primitives); i++) {
		lua_pushcfunction(L, primitives[i].function); // t f
		lua_setfield(L, -2, primitives[i].name);      // t
	}
}

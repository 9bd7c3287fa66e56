/*
 * Our numbers for the differential test (audit_oracles): reads cases on stdin, prints one line of numbers for each.
 *
 *   audit_oracle tables     a,n1,b,n2                        every statistic of one table
 *   audit_oracle search     a,n1,b,n2                        Barnard, Boschloo and where they are largest
 *   audit_oracle strata     a,n1,b,n2[;a,n1,b,n2...]         every statistic over the strata
 *   audit_oracle paired     first,second
 *   audit_oracle clusters   side,n,selected;... one candidate each: ratio of side 1 to side 0, its clustered variance
 *   audit_oracle families   p[,p...]                         adjusted p-values, a line for each method
 *   audit_oracle scores     x[,x...];y[,y...]
 *
 * The first line names the columns; an undefined number is printed as undefined:REASON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/benchmark_spread.h"
#include "audit/family.h"
#include "audit/homogeneity.h"
#include "audit/paired.h"
#include "audit/scores.h"
#include "audit/strata.h"
#include "audit/table.h"

#define LINE_MAX_BYTES 65536
#define LIST_MAX 4096

static bool named;                      /* the first line is printed */

/* One row: names on the first, then values. */
struct column {
	const char *name;
	struct eh_num value;
};

static void put(const struct column *v, size_t n)
{
	for (size_t i = 0; !named && i < n; i++)
		printf("%s%s", i > 0 ? "," : "", v[i].name);
	if (!named)
		printf("\n");
	named = true;
	for (size_t i = 0; i < n; i++) {
		if (v[i].value.defined)
			printf("%s%.17g", i > 0 ? "," : "", v[i].value.value);
		else
			printf("%sundefined:%s", i > 0 ? "," : "", eh_undef_text(v[i].value.why));
	}
	printf("\n");
}

#define PUT(v) put(v, sizeof(v) / sizeof *(v))

static const char *read_table(struct eh_fourfold *t, const char *at)
{
	uint64_t *const to[] = { &t->a, &t->n1, &t->b, &t->n2 };
	char *end = NULL;

	for (size_t i = 0; i < 4; i++) {
		*to[i] = strtoull(at, &end, 10);
		at = end + (*end == ',' || *end == ';');
	}
	return at;
}

static struct eh_num tri(enum eh_tri t)
{
	return t == EH_UNKNOWN ? eh_undefined(EH_U_SWAP_IMPOSSIBLE) : eh_num(t);
}

static void table(const char *line)
{
	struct eh_fourfold t;
	struct eh_interval katz, koopman, mn, adjusted, wilson, exact, jeffreys;
	struct eh_exact e;

	(void)read_table(&t, line);
	e = eh_table_exact(&t);
	katz = eh_table_katz(&t);
	koopman = eh_score_interval((double)t.a, (double)t.n1, (double)t.b, (double)t.n2, false);
	mn = eh_score_interval((double)t.a, (double)t.n1, (double)t.b, (double)t.n2, true);
	adjusted = eh_table_adjusted_log(&t);
	wilson = eh_rate_wilson(t.a, t.n1);
	exact = eh_rate_exact(t.a, t.n1);
	jeffreys = eh_rate_jeffreys(t.a, t.n1);
	PUT(((const struct column[]){
		{ "ratio", eh_table_ratio(&t) }, { "below", tri(eh_table_below(&t, 4, 5)) },
		{ "flips", tri(eh_table_flips(&t, 1)) }, { "z", eh_table_z(&t) }, { "p_z", eh_p_of_z(eh_table_z(&t)) },
		{ "yates", eh_table_yates(&t) }, { "p_yates", eh_p_of_chi(eh_table_yates(&t), 1.0) },
		{ "g", eh_table_g(&t) }, { "p_g", eh_p_of_chi(eh_table_g(&t), 1.0) },
		{ "z_ratio", eh_table_z_ratio(&t) }, { "fisher", e.fisher }, { "less", e.less },
		{ "greater", e.greater }, { "mid_less", e.mid_less }, { "mid_greater", e.mid_greater },
		{ "mid_a", e.mid_a }, { "mid_b", e.mid_b }, { "katz_lo", katz.low }, { "katz_hi", katz.high },
		{ "koopman_lo", koopman.low }, { "koopman_hi", koopman.high }, { "mn_lo", mn.low },
		{ "mn_hi", mn.high }, { "adjusted_lo", adjusted.low }, { "adjusted_hi", adjusted.high },
		{ "odds", eh_table_odds(&t) }, { "odds_conditional", eh_table_odds_conditional(&t) },
		{ "h", eh_table_h(&t) }, { "phi", eh_table_phi(&t) }, { "shortfall", eh_table_shortfall(&t) },
		{ "shortfall_pooled", eh_table_shortfall_pooled(&t) }, { "wilson_lo", wilson.low },
		{ "wilson_hi", wilson.high }, { "exact_lo", exact.low }, { "exact_hi", exact.high },
		{ "jeffreys_lo", jeffreys.low }, { "jeffreys_hi", jeffreys.high },
		{ "posterior", eh_table_posterior(&t, 4, 5) },
	}));
}

static void search(const char *line)
{
	struct eh_fourfold t;
	struct eh_unconditional u;

	(void)read_table(&t, line);
	u = eh_table_unconditional(&t);
	PUT(((const struct column[]){
		{ "barnard", u.barnard }, { "less", u.less }, { "greater", u.greater }, { "boschloo", u.boschloo },
		{ "barnard_at", eh_num(u.barnard_at) }, { "boschloo_at", eh_num(u.boschloo_at) },
	}));
}

static void strata(const char *line)
{
	static struct eh_fourfold v[LIST_MAX];
	struct eh_liang_self sparse;
	struct eh_strata_exact e;
	struct eh_interval i;
	struct eh_strata s;
	size_t n = 0;

	while (*line >= '0' && *line <= '9' && n < LIST_MAX)
		line = read_table(&v[n++], line);
	eh_strata(&s, v, n);
	if (eh_strata_exact(&e, v, n, NULL) != EH_OK)
		exit(1);
	eh_liang_self(&sparse, &s, v, n, 1.0);
	i = s.var_ln.defined ? eh_log_interval(s.ratio.value, s.var_ln.value) :
			       (struct eh_interval){ s.var_ln, s.var_ln };
	PUT(((const struct column[]){
		{ "ratio", s.ratio }, { "var_ln", s.var_ln }, { "ratio_lo", i.low }, { "ratio_hi", i.high },
		{ "cmh", s.cmh }, { "p_cmh", s.p_cmh }, { "yates", s.cmh_yates }, { "odds", s.odds },
		{ "odds_lo", s.odds_interval.low }, { "odds_hi", s.odds_interval.high },
		{ "breslow_day", s.breslow_day }, { "p_breslow_day", s.p_breslow_day }, { "tarone", s.tarone },
		{ "p_tarone", s.p_tarone }, { "p_exact", e.p }, { "odds_exact", e.odds },
		{ "liang_self", sparse.sum }, { "liang_self_mean", sparse.mean },
		{ "liang_self_variance", sparse.variance }, { "p_liang_self", sparse.p },
	}));
}

static void paired(const char *line)
{
	char *end = NULL;
	uint64_t first = strtoull(line, &end, 10);
	struct eh_paired p = eh_paired(first, strtoull(end + 1, NULL, 10));

	PUT(((const struct column[]){
		{ "chi", p.chi }, { "p", p.p }, { "chi_yates", p.chi_yates }, { "p_yates", p.p_yates },
		{ "exact", p.exact }, { "less", p.less }, { "mid", p.mid },
	}));
}

static void clusters(const char *line)
{
	static double side[LIST_MAX], n[LIST_MAX], selected[LIST_MAX];
	struct eh_fourfold t = { 0, 0, 0, 0 };
	struct eh_joint joint = { .candidates = { 0.0, 0.0 } };
	struct eh_strata_ratio m;
	struct eh_linear linear;
	size_t k = 0;

	for (char *end = NULL; k < LIST_MAX && *line != '\0' && *line != '\n'; k++, line = end + (*end == ';')) {
		side[k] = strtod(line, &end);
		n[k] = strtod(end + 1, &end);
		selected[k] = strtod(end + 1, &end);
		*(side[k] > 0.0 ? &t.n1 : &t.n2) += (uint64_t)n[k];
		*(side[k] > 0.0 ? &t.a : &t.b) += (uint64_t)selected[k];
	}
	m = eh_strata_ratio(&t, 1);
	eh_linear_fill(&linear, &t, 1, &m);
	for (size_t i = 0; i < k; i++) {
		const bool focal = side[i] > 0.0;
		const double y = eh_linear_part(&linear, focal, n[i], selected[i]);

		joint.yy[focal] += y * y;
		joint.candidates[focal] += 1.0;
	}
	PUT(((const struct column[]){
		{ "ratio", m.ratio }, { "focal", eh_num(joint.yy[1]) }, { "reference", eh_num(joint.yy[0]) },
		{ "variance", eh_joint_variance(&joint) },
	}));
}

/* Numbers up to the end or the semicolon; *at is moved behind it. */
static size_t read_list(double *v, const char **at)
{
	size_t n = 0;
	char *end = NULL;

	while (n < LIST_MAX && **at != '\0' && **at != ';' && **at != '\n') {
		v[n++] = strtod(*at, &end);
		*at = end + (*end == ',');
	}
	*at += **at == ';';
	return n;
}

static void families(const char *line)
{
	static const enum eh_family_method methods[] = { EH_FAMILY_BONFERRONI, EH_FAMILY_HOLM, EH_FAMILY_HOCHBERG,
							 EH_FAMILY_BH, EH_FAMILY_BY };
	static double v[LIST_MAX];
	static struct eh_num p[LIST_MAX], q[LIST_MAX];
	size_t n = read_list(v, &line);

	for (size_t i = 0; i < n; i++)
		p[i] = eh_num(v[i]);
	for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
		if (eh_family_adjust(q, p, n, methods[m], NULL, NULL) != EH_OK)
			exit(1);
		for (size_t i = 0; i < n; i++)
			printf("%s%.17g", i > 0 ? "," : "", q[i].value);
		printf("\n");
	}
}

static void scores(const char *line)
{
	static double x[LIST_MAX], y[LIST_MAX], all[2 * LIST_MAX];
	size_t n = read_list(x, &line), m = read_list(y, &line);
	struct eh_score_test t;
	double median;

	memcpy(all, x, n * sizeof *x);
	memcpy(all + n, y, m * sizeof *y);
	median = eh_score_median(all, n + m);
	if (eh_score_test(&t, x, n, y, m, median, NULL) != EH_OK)
		exit(1);
	PUT(((const struct column[]){
		{ "median", eh_num(median) }, { "scoring_rate", t.scoring_rate },
		{ "ref_scoring_rate", t.ref_scoring_rate }, { "cohen_d", t.cohen_d }, { "hedges_g", t.hedges_g },
		{ "welch_t", t.welch_t }, { "welch_df", t.welch_df }, { "p_welch", t.p_welch },
		{ "pooled_t", t.pooled_t }, { "p_pooled", t.p_pooled }, { "u", t.u },
		{ "p_rank_exact", t.p_rank_exact }, { "p_rank_normal", t.p_rank_normal },
		{ "p_rank_plain", t.p_rank_plain }, { "ks", t.ks },
	}));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*line)(const char *line); } modes[] = {
		{ "tables", table }, { "search", search }, { "strata", strata },
		{ "paired", paired }, { "clusters", clusters }, { "families", families }, { "scores", scores },
	};
	static char line[LINE_MAX_BYTES];

	for (size_t i = 0; argc == 2 && i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(argv[1], modes[i].name) != 0)
			continue;
		while (fgets(line, sizeof line, stdin) != NULL)
			modes[i].line(line);
		return ferror(stdin) || fflush(stdout) != 0;
	}
	fprintf(stderr,
		"audit_oracle: say which numbers: tables, search, strata, paired, clusters, families, scores\n");
	return 2;
}

/* Strata with their counts and what each gives to the sums; see explain_strata.h. */
#include "exchange/explain_strata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

#define TEXT_MAX (1u << 20)
#define INDENT 4 /* [columns] of the tables, which need more room than the paragraphs */
#define NAME 21	 /* [columns] of a stratum: 78, as wide as a screen of 80 shows, less the indent, two counts and three
		  * numbers */

/* CMH's expected a of one stratum: n1 m/N. */
static double expected_of(const struct eh_fourfold *t)
{
	return (double)t->n1 * (double)(t->a + t->b) / (double)(t->n1 + t->n2);
}

/* CMH's variance of a in one stratum: n1 n2 m (N - m)/(N^2 (N - 1)). */
static double variance_of(const struct eh_fourfold *t)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b), all = n1 + n2;

	return all > 1.0 ? n1 * n2 * m * (all - m) / (all * all * (all - 1.0)) : 0.0;
}

static bool pooled(const struct eh_finding *f) { return f->evaluator[0] == '\0'; }

/* "E07 cook phone Q1": the parts that say something. */
static void name_of(char *out, size_t size, const struct eh_strata_rows *r, const struct eh_stratum_row *row, bool who)
{
	size_t used = 0;

	out[0] = '\0';
	if (who)
		used = (size_t)snprintf(out, size, "%s", r->evaluators[row->evaluator]);
	for (const char *p = r->strata[row->stratum]; used < size;) {
		const size_t len = strcspn(p, "\x1f");

		if (len > 0)
			used += (size_t)snprintf(out + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)len, p);
		if (p[len] == '\0')
			break;
		p += len + 1;
	}
	if (out[0] == '\0')
		(void)snprintf(out, size, "(no name)");
}

/* ---- the table ---- */

struct shown {
	size_t row;
	double weight;
};

static int by_weight(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	if (x->weight < y->weight || x->weight > y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static int by_row(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	return x->row < y->row ? -1 : x->row > y->row;
}

/* Which rows people see: the heaviest, in the order of the sums.  Caller frees. */
static struct shown *choose(const struct eh_strata_rows *r, size_t *n)
{
	struct shown *v = eh_xcalloc(r->n + 1, sizeof *v);

	for (size_t i = 0; i < r->n; i++)
		v[i] = (struct shown){ i, eh_stratum_weight(&r->v[i].t) };
	*n = r->n;
	if (r->n > EH_STRATA_SHOWN) {
		qsort(v, r->n, sizeof *v, by_weight);
		*n = EH_STRATA_SHOWN;
		qsort(v, *n, sizeof *v, by_row);
	}
	return v;
}

/* Name cut to its columns: UTF-8 is cut between characters. */
static void put_name(struct eh_buf *b, const char *name)
{
	size_t len = 0, at = 0;

	while (name[len] != '\0' && at < NAME) {
		len++;
		while (((unsigned char)name[len] & 0xc0) == 0x80)
			len++;
		at++;
	}
	eh_buf_printf(b, "%*s%.*s%*s", INDENT, "", (int)len, name, (int)(NAME - at), "");
}

static void put_counts(struct eh_buf *b, uint64_t selected, uint64_t n)
{
	char text[48];

	(void)snprintf(text, sizeof text, "%llu/%llu", (unsigned long long)selected, (unsigned long long)n);
	eh_buf_printf(b, " %9s", text);
}

static void put_table(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata_rows *r,
		      const struct shown *v, size_t n)
{
	char name[512];

	put_name(b, "stratum");
	eh_buf_printf(b, " %9s %9s %8s %11s %11s\n", "a/n1", "b/n2", "n1 n2/N", "a n2/N", "b n1/N");
	for (size_t i = 0; i < n; i++) {
		const struct eh_stratum_row *row = &r->v[v[i].row];

		name_of(name, sizeof name, r, row, pooled(f));
		put_name(b, name);
		put_counts(b, row->t.a, row->t.n1);
		put_counts(b, row->t.b, row->t.n2);
		eh_buf_printf(b, " %8.3f %11.6f %11.6f\n", v[i].weight, eh_stratum_up(&row->t),
			      eh_stratum_down(&row->t));
	}
}

static struct eh_fourfold sum_of(const struct eh_strata_rows *r, double *weight)
{
	struct eh_fourfold t = { 0, 0, 0, 0 };

	*weight = 0.0;
	for (size_t i = 0; i < r->n; i++) {
		t.a += r->v[i].t.a;
		t.n1 += r->v[i].t.n1;
		t.b += r->v[i].t.b;
		t.n2 += r->v[i].t.n2;
		*weight += eh_stratum_weight(&r->v[i].t);
	}
	return t;
}

static void put_sums(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata_rows *r,
		     const struct eh_strata *s, size_t shown)
{
	double weight = 0.0;
	const struct eh_fourfold all = sum_of(r, &weight);

	if (shown < r->n)
		eh_para(b, "", "and %zu more strata of less weight; --json has all %zu.", r->n - shown, r->n);
	put_name(b, shown < r->n ? "all, those too" : "all");
	put_counts(b, all.a, all.n1);
	put_counts(b, all.b, all.n2);
	eh_buf_printf(b, " %8.3f %11.6f %11.6f\n", weight, s->r, s->s);
	if (s->ratio.defined)
		eh_para(b, "", "Mantel-Haenszel ratio = %.6f / %.6f = %.6f (%s above)", s->r, s->s, s->ratio.value,
			eh_real(f->mh_ratio, "").text);
	else
		eh_para(b, "", "Mantel-Haenszel ratio = %.6f / %.6f is not defined: %s", s->r, s->s,
			eh_undef_words(s->ratio.why));
	if (r->n_aside > 0)
		eh_para(b, "",
			"Left out: %u strat%s with decisions on one side only (%s %llu/%llu, %s %llu/%llu); there is "
			"nothing to compare in %s.",
			r->n_aside, r->n_aside == 1 ? "um" : "a", f->group, (unsigned long long)r->aside.a,
			(unsigned long long)r->aside.n1, eh_against(f), (unsigned long long)r->aside.b,
			(unsigned long long)r->aside.n2, r->n_aside == 1 ? "it" : "them");
}

/* ---- the tests over the strata ---- */

static void put_cmh(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata *s)
{
	if (s->cmh.defined)
		eh_para(b, "",
			"Cochran-Mantel-Haenszel: (sum of a - sum of n1 m/N)^2 / sum of n1 n2 m (N-m)/(N^2 (N-1)), m = "
			"a + b: (%llu - %.6f)^2 / %.6f = %.6f on 1 degree of freedom%s%s",
			(unsigned long long)s->comparable.a, s->expected, s->variance, s->cmh.value,
			f->p_cmh.defined ? ", p " : "", f->p_cmh.defined ? eh_real(f->p_cmh, "p").text : "");
}

static void put_breslow_day(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata_rows *r,
			    const struct eh_strata *s, const struct shown *v, size_t n)
{
	char name[512];

	if (!s->breslow_day.defined || !s->odds.defined)
		return;
	eh_para(b, "Breslow-Day",
		"are the strata alike?  A is the a expected under the common odds ratio %.6f (Mantel-Haenszel), V its "
		"variance 1/(1/A + 1/(m-A) + 1/(n1-A) + 1/(n2-m+A)):",
		s->odds.value);
	put_name(b, "stratum");
	eh_buf_printf(b, " %9s %12s %12s %12s\n", "a", "A", "V", "(a-A)^2/V");
	for (size_t i = 0; i < n; i++) {
		const struct eh_stratum_row *row = &r->v[v[i].row];
		struct eh_stratum_fit fit;
		double off;

		name_of(name, sizeof name, r, row, pooled(f));
		put_name(b, name);
		if (!eh_stratum_fit(&fit, &row->t, s->odds.value)) {
			eh_buf_printf(b, " %9llu takes no part: nobody or all selected\n",
				      (unsigned long long)row->t.a);
			continue;
		}
		off = (double)row->t.a - fit.a;
		eh_buf_printf(b, " %9llu %12.6f %12.6f %12.6f\n", (unsigned long long)row->t.a, fit.a,
			      1.0 / fit.inverse, off * off * fit.inverse);
	}
	eh_para(b, "", "%sum over %u strata %.6f on %u degree%s of freedom, p %s", n < r->n ? "and the others; s" : "S",
		s->used, s->breslow_day.value, s->used - 1, s->used == 2 ? "" : "s",
		eh_real(f->p_breslow_day, "p").text);
}

/* Whether that chi-square can be gone by, and the test that is gone by where it cannot. */
static void put_homogeneity(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata_rows *r,
			    const struct eh_strata *s)
{
	const double inflation = f->homogeneity_inflation.defined ? f->homogeneity_inflation.value : 1.0;
	struct eh_chi_check check;
	struct eh_liang_self sparse;
	char ties[128] = "";

	if (!s->breslow_day.defined || eh_strata_rows_homogeneity(&check, &sparse, r, s, inflation, NULL) != EH_OK)
		return;
	eh_para(b, "",
		"of %u fitted cells %u are below 5 and %u below 1 (at most a fifth and none: Cochran), and small "
		"strata make the sum %.3f too large (at most %g of its standard deviation, %.3f): the chi-square %s",
		check.cells, check.below_five, check.below_one, check.excess, EH_CHI_EXCESS,
		EH_CHI_EXCESS * sqrt(2.0 * (s->used - 1)),
		!check.holds	  ? "does not hold in these strata" :
		inflation <= 1.0 ? "holds" :
				   "would hold, were not the same persons in several strata");
	if (check.holds && inflation <= 1.0)
		return;
	if (inflation > 1.0)
		(void)snprintf(ties, sizeof ties,
			       " (%.3f times that of single decisions: the same persons are in several strata)",
			       inflation);
	if (sparse.p.defined)
		eh_para(b, "Liang-Self",
			"the test for sparse strata (Liang and Self 1985): sum of (a - E)^2 = %.6f, E by the "
			"noncentral hypergeometric distribution at the odds ratio %.6f; with one odds ratio for all "
			"its mean is %.6f and its variance %.6f%s; gamma distribution, p %s",
			sparse.sum.value, sparse.odds, sparse.mean.value, sparse.variance.value, ties,
			eh_real(f->p_homogeneity.defined ? f->p_homogeneity : sparse.p, "p").text);
	else
		eh_para(b, "", "Nor can the test for sparse strata (Liang and Self 1985) tell whether they differ: %s",
			eh_undef_words(sparse.p.why));
}

static void put_unit(struct eh_buf *b, const struct eh_finding *f)
{
	if (f->persons == f->n && f->ref_persons == f->ref_n)
		eh_para(b, "", "Everybody was judged once, so these evaluations are as many persons.");
	else
		eh_para(b, "",
			"The counts are evaluations. Inside a stratum each is of another person, but one person can be "
			"in several strata: %llu evaluations are of %llu persons of %s, %llu of %llu persons of %s. "
			"What decides, the p under Test and the interval, goes by the variance between persons "
			"(clustered); the tests below take each evaluation for a person and decide nothing.",
			(unsigned long long)f->n, (unsigned long long)f->persons, f->group,
			(unsigned long long)f->ref_n, (unsigned long long)f->ref_persons, eh_against(f));
}

static void put_rows(struct eh_buf *b, const struct eh_finding *f, const struct eh_strata_rows *r,
		     const struct eh_strata *s)
{
	size_t n = 0;
	struct shown *v = choose(r, &n);

	eh_para(b, "Strata",
		"%zu strata with both sides%s%s: a of n1 evaluations of %s favourable, b of n2 of %s, N = n1 + n2, "
		"weight n1 n2/N; ratio = sum of a n2/N / sum of b n1/N",
		r->n, pooled(f) ? ", each evaluator's own" : "",
		f->basis == EH_BASIS_SCREENING ? ", known classes alone" : "", f->group, eh_against(f));
	put_table(b, f, r, v, n);
	put_sums(b, f, r, s, n);
	put_unit(b, f);
	put_cmh(b, f, s);
	put_breslow_day(b, f, r, s, v, n);
	put_homogeneity(b, f, r, s);
	free(v);
}

char *eh_strata_text(const struct eh_finding *f, const struct eh_strata_rows *rows, const char *why)
{
	struct eh_strata s;
	struct eh_buf b;
	char *text;

	if (f->strata < 2 || f->is_reference)
		return eh_xstrdup("");
	eh_buf_init(&b, TEXT_MAX);
	if (rows != NULL && why[0] == '\0' && eh_strata_rows_sum(&s, rows, NULL) == EH_OK)
		put_rows(&b, f, rows, &s);
	else
		eh_para(&b, "Strata", "%u, without their counts: %s.", f->strata, why);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

/* ---- JSON ---- */

static void put_parts(struct eh_json_out *j, const char *name)
{
	char part[256];

	eh_json_out_array(j, "stratum");
	for (const char *p = name;; p++) {
		const size_t len = strcspn(p, "\x1f");

		(void)snprintf(part, sizeof part, "%.*s", (int)len, p);
		eh_json_out_str(j, NULL, part);
		p += len;
		if (*p == '\0')
			break;
	}
	eh_json_out_close(j);
}

static void put_real(struct eh_json_out *j, const char *key, double v) { eh_json_out_num(j, key, eh_num(v)); }

static void put_row(struct eh_json_out *j, const struct eh_finding *f, const struct eh_strata_rows *r,
		    const struct eh_stratum_row *row, const struct eh_strata *s)
{
	const struct eh_fourfold *t = &row->t;
	struct eh_stratum_fit fit;

	eh_json_out_object(j, NULL);
	if (pooled(f))
		eh_json_out_str(j, "evaluator", r->evaluators[row->evaluator]);
	put_parts(j, r->strata[row->stratum]);
	eh_json_out_int(j, "selected", (int64_t)t->a);
	eh_json_out_int(j, "n", (int64_t)t->n1);
	eh_json_out_int(j, "ref_selected", (int64_t)t->b);
	eh_json_out_int(j, "ref_n", (int64_t)t->n2);
	put_real(j, "weight", eh_stratum_weight(t));
	put_real(j, "numerator", eh_stratum_up(t));
	put_real(j, "denominator", eh_stratum_down(t));
	put_real(j, "expected", expected_of(t));
	put_real(j, "variance", variance_of(t));
	if (s->breslow_day.defined && eh_stratum_fit(&fit, t, s->odds.value)) {
		put_real(j, "bd_expected", fit.a);
		put_real(j, "bd_variance", 1.0 / fit.inverse);
	} else {
		eh_json_out_null(j, "bd_expected");
		eh_json_out_null(j, "bd_variance");
	}
	eh_json_out_close(j);
}

static void put_left_out(struct eh_json_out *j, const struct eh_strata_rows *r)
{
	eh_json_out_object(j, "left_out");
	eh_json_out_int(j, "strata", r->n_aside);
	eh_json_out_int(j, "selected", (int64_t)r->aside.a);
	eh_json_out_int(j, "n", (int64_t)r->aside.n1);
	eh_json_out_int(j, "ref_selected", (int64_t)r->aside.b);
	eh_json_out_int(j, "ref_n", (int64_t)r->aside.n2);
	eh_json_out_close(j);
}

static void put_json_homogeneity(struct eh_json_out *j, const struct eh_finding *f, const struct eh_strata_rows *r,
				 const struct eh_strata *s)
{
	const double inflation = f->homogeneity_inflation.defined ? f->homogeneity_inflation.value : 1.0;
	struct eh_chi_check check = { .cells = 0 };
	struct eh_liang_self sparse;

	eh_json_out_object(j, "homogeneity");
	if (eh_strata_rows_homogeneity(&check, &sparse, r, s, inflation, NULL) == EH_OK) {
		eh_json_out_int(j, "fitted_cells", check.cells);
		eh_json_out_int(j, "below_one", check.below_one);
		eh_json_out_int(j, "below_five", check.below_five);
		put_real(j, "excess", check.excess);
		eh_json_out_bool(j, "chi_square_holds", check.holds);
		eh_json_out_num(j, "liang_self", sparse.sum);
		eh_json_out_num(j, "liang_self_mean", sparse.mean);
		eh_json_out_num(j, "liang_self_variance", sparse.variance);
		eh_json_out_num(j, "liang_self_odds", sparse.p.defined ? eh_num(sparse.odds) : sparse.p);
		eh_json_out_num(j, "p_liang_self", sparse.p);
	}
	eh_json_out_close(j);
}

static void put_json_sums(struct eh_json_out *j, const struct eh_finding *f, const struct eh_strata_rows *r,
			  const struct eh_strata *s)
{
	eh_json_out_object(j, "sums");
	put_real(j, "numerator", s->r);
	put_real(j, "denominator", s->s);
	eh_json_out_num(j, "ratio", s->ratio);
	put_real(j, "cmh_expected", s->expected);
	put_real(j, "cmh_variance", s->variance);
	eh_json_out_num(j, "cmh", s->cmh);
	eh_json_out_num(j, "odds", s->odds);
	eh_json_out_num(j, "breslow_day", s->breslow_day);
	eh_json_out_int(j, "breslow_day_strata", s->used);
	put_json_homogeneity(j, f, r, s);
	eh_json_out_close(j);
}

void eh_strata_out(struct eh_json_out *j, const struct eh_finding *f, const struct eh_strata_rows *rows,
		   const char *why)
{
	struct eh_strata s;
	const bool there = rows != NULL && why[0] == '\0' && eh_strata_rows_sum(&s, rows, NULL) == EH_OK;

	eh_json_out_object(j, NULL);
	eh_json_out_str(j, "evaluator", pooled(f) ? NULL : f->evaluator);
	eh_json_out_str(j, "attribute", f->attribute);
	eh_json_out_str(j, "group", f->group);
	eh_json_out_str(j, "position", f->position[0] != '\0' ? f->position : NULL);
	eh_json_out_str(j, "reference", f->reference);
	eh_json_out_int(j, "persons", (int64_t)f->persons);
	eh_json_out_int(j, "ref_persons", (int64_t)f->ref_persons);
	eh_json_out_str(j, "why", why[0] != '\0' ? why : NULL);
	if (there) {
		eh_json_out_array(j, "rows");
		for (size_t i = 0; i < rows->n; i++)
			put_row(j, f, rows, &rows->v[i], &s);
		eh_json_out_close(j);
		put_left_out(j, rows);
		put_json_sums(j, f, rows, &s);
	} else {
		eh_json_out_null(j, "rows");
		eh_json_out_null(j, "left_out");
		eh_json_out_null(j, "sums");
	}
	eh_json_out_close(j);
}

struct eh_json *eh_strata_json(const struct eh_finding *f, const struct eh_strata_rows *rows, const char *why)
{
	struct eh_json_out *j = eh_json_out_new(NULL);

	eh_strata_out(j, f, rows, why);
	return eh_json_out_tree(&j);
}

int eh_strata_array(struct eh_json_out *j, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		    const struct eh_finding *v, size_t n, struct eh_err *err)
{
	struct eh_strata_source *source = NULL;
	int rc = eh_strata_source_new(&source, d, s, err);

	eh_json_out_array(j, "by_stratum");
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		struct eh_strata_rows rows;

		if (v[i].strata < 2)
			continue;
		rc = eh_strata_rows_of(&rows, source, &v[i], err);
		if (rc == EH_OK)
			eh_strata_out(j, &v[i], &rows, "");
		eh_strata_rows_free(&rows);
	}
	eh_json_out_close(j);
	eh_strata_source_free(&source);
	return rc;
}

/* One 2x2 table: rates, ratio, intervals, tests, effects; see primitives.h and audit/table.h. */
#include "lua/primitives.h"

#include <math.h>

#include <lauxlib.h>

#include "lua/arguments.h"
#include "lua/sandbox.h"

/* Work in nanoseconds, measured at group sizes from 5 to 2^30. */
#define INTERVAL_NS 2000.0
#define BETA_NS 100000.0 /* Clopper-Pearson, Jeffreys: quantiles of the Beta distribution */
#define POSTERIOR_NS 16000.0
#define TERM_NS 10.0 /* one hypergeometric mass */

static void spend(lua_State *L, const struct eh_spot *at, double ns)
{
	eh_sandbox_spend(L, at->function, ns / EH_WORK_NS);
}

/* Absent: the first. */
static size_t option(lua_State *L, int idx, const struct eh_spot *at, const char *name, enum eh_options which)
{
	const struct eh_primitive_options *o = eh_primitive_options(which);

	return lua_isnoneornil(L, idx) ? 0 : eh_arg_option(L, idx, at, name, o->option, o->n);
}

int eh_primitive_rate(lua_State *L)
{
	static const struct eh_spot at = { "rate", NULL, 0 };
	uint64_t selected = 0, n = 0;

	eh_arg_pair(L, 1, &at, "", &selected, &n);
	return eh_return_num(L, eh_rate(selected, n));
}

int eh_primitive_impact_ratio(lua_State *L)
{
	static const struct eh_spot at = { "impact_ratio", NULL, 0 };
	struct eh_fourfold t = eh_arg_fourfold(L, 1, &at);

	return eh_return_num(L, eh_table_ratio(&t));
}

int eh_primitive_below(lua_State *L)
{
	static const struct eh_spot at = { "below", NULL, 0 };
	struct eh_fourfold t = eh_arg_fourfold(L, 1, &at);
	int32_t num = 0, den = 0;
	enum eh_tri below = EH_UNKNOWN;

	eh_arg_limit(L, 5, &at, &num, &den);
	below = eh_table_below(&t, num, den);
	if (below == EH_UNKNOWN)
		return eh_return_num(L, eh_undefined(eh_table_ratio(&t).why));
	lua_pushboolean(L, below == EH_YES);
	return 1;
}

int eh_primitive_interval(lua_State *L)
{
	static const struct eh_spot at = { "interval", NULL, 0 };
	struct eh_fourfold t = eh_arg_fourfold(L, 1, &at);
	size_t method = option(L, 5, &at, "method", EH_OPTIONS_INTERVAL);

	spend(L, &at, INTERVAL_NS);
	if (method == 2)
		return eh_return_interval(L, eh_table_katz(&t));
	if (method == 3)
		return eh_return_interval(L, eh_table_adjusted_log(&t));
	return eh_return_interval(L,
				  eh_score_interval((double)t.a, (double)t.n1, (double)t.b, (double)t.n2, method == 0));
}

int eh_primitive_rate_interval(lua_State *L)
{
	static const struct eh_spot at = { "rate_interval", NULL, 0 };
	uint64_t selected = 0, n = 0;
	size_t method = 0;

	eh_arg_pair(L, 1, &at, "", &selected, &n);
	method = option(L, 3, &at, "method", EH_OPTIONS_RATE);
	if (method == 0)
		return eh_return_interval(L, eh_rate_wilson(selected, n));
	spend(L, &at, BETA_NS);
	return eh_return_interval(L, method == 1 ? eh_rate_exact(selected, n) : eh_rate_jeffreys(selected, n));
}

int eh_primitive_posterior(lua_State *L)
{
	static const struct eh_spot at = { "posterior", NULL, 0 };
	struct eh_fourfold t = eh_arg_fourfold(L, 1, &at);
	int32_t num = 0, den = 0;

	eh_arg_limit(L, 5, &at, &num, &den);
	spend(L, &at, POSTERIOR_NS);
	return eh_return_num(L, eh_table_posterior(&t, num, den));
}

/* ---- tests ---- */

enum test { Z, CHI2, G, FISHER, FISHER_LESS, FISHER_GREATER, MID_P, BOSCHLOO, BARNARD };

/* The masses are summed from the mode to the observed table and until they are nothing. */
static double exact_ns(const struct eh_fourfold *t)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2, n = n1 + n2, k = (double)t->a + (double)t->b;
	double mean = 0.0, sd = 0.0;

	if (!(n > 1.0))
		return 0.0;
	mean = n1 * k / n;
	sd = sqrt(n1 / n * (n2 / n) * k * (n - k) / (n - 1.0));
	return (6.0 * fabs((double)t->a - mean) + 60.0 * sd + 100.0) * TERM_NS;
}

/* An exact test for each row and column of the table, and a grid over the common rate. */
static double unconditional_ns(const struct eh_fourfold *t)
{
	const double n1 = (double)t->n1, n2 = (double)t->n2;

	if (n1 > EH_UNCONDITIONAL_MAX || n2 > EH_UNCONDITIONAL_MAX)
		return 0.0;
	return 30.0 * (n1 + n2) * fmin(n1, n2) + 3000.0 * sqrt(n1 + n2) * (sqrt(n1) + sqrt(n2));
}

static double test_ns(enum test test, const struct eh_fourfold *t)
{
	if (eh_table_state(t) != EH_U_NONE || test < FISHER)
		return test < FISHER ? 1000.0 : 0.0;
	return test < BOSCHLOO ? exact_ns(t) : test == BOSCHLOO ? unconditional_ns(t) : 1.4 * unconditional_ns(t);
}

static struct eh_num p_of(enum test test, const struct eh_fourfold *t, struct eh_num *statistic)
{
	struct eh_exact e;

	switch (test) {
	case Z:
		*statistic = eh_table_z(t);
		return eh_p_of_z(*statistic);
	case CHI2:
	case G:
		*statistic = test == G ? eh_table_g(t) : eh_table_yates(t);
		return eh_p_of_chi(*statistic, 1.0);
	case BOSCHLOO:
		return eh_table_boschloo(t);
	case BARNARD:
		return eh_table_unconditional(t).barnard;
	default:
		break;
	}
	e = eh_table_exact(t);
	return test == FISHER ? e.fisher : test == FISHER_LESS ? e.less : test == MID_P ? e.mid_a : e.greater;
}

int eh_primitive_test(lua_State *L)
{
	static const struct eh_spot at = { "test", NULL, 0 };
	const struct eh_primitive_options *o = eh_primitive_options(EH_OPTIONS_TEST);
	enum test test = (enum test)eh_arg_option(L, 1, &at, "test", o->option, o->n);
	struct eh_fourfold t = eh_arg_fourfold(L, 2, &at);
	struct eh_num statistic = eh_undefined(EH_U_NOT_COMPUTED), p;

	spend(L, &at, test_ns(test, &t));
	p = p_of(test, &t, &statistic);
	if (eh_return_num(L, eh_num_told("p", p)) == 1)
		lua_pushstring(L, eh_num_remark("p", p)); // p why
	if (statistic.defined)
		lua_pushnumber(L, statistic.value);
	else
		lua_pushnil(L); // p why statistic
	return 3;
}

int eh_primitive_effects(lua_State *L)
{
	static const struct eh_spot at = { "effects", NULL, 0 };
	struct eh_fourfold t = eh_arg_fourfold(L, 1, &at);

	spend(L, &at, INTERVAL_NS);
	eh_result_new(L, "Effects", 6);
	eh_result_num(L, "cohen_h", eh_table_h(&t));
	eh_result_num(L, "phi", eh_table_phi(&t));
	eh_result_num(L, "odds_ratio", eh_table_odds(&t));
	eh_result_num(L, "shortfall", eh_table_shortfall(&t));
	eh_result_num(L, "shortfall_pooled", eh_table_shortfall_pooled(&t));
	eh_result_tri(L, "flips", eh_table_flips(&t, 1),
		      t.n1 == 0 || t.n2 == 0 ? EH_U_EMPTY_GROUP : EH_U_SWAP_IMPOSSIBLE);
	return 1;
}

/* Several tables: rates of groups, strata, families, benchmark; bounds and power; see primitives.h. */
#include "lua/primitives.h"

#include <math.h>
#include <string.h>

#include <lauxlib.h>

#include "audit/bounds.h"
#include "audit/counts.h"
#include "audit/family.h"
#include "audit/homogeneity.h"
#include "audit/peers.h"
#include "audit/strata.h"
#include "lua/arguments.h"
#include "lua/sandbox.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])

/* Work in nanoseconds for one entry of a list: reading it, and the share of the statistics. */
#define RATE_NS 400.0
#define STRATUM_NS 500.0
#define MASS_NS 50.0                    /* of each number that a may have, as often as the odds ratio is tried */
#define MASSES_MAX 700.0                /* audit/homogeneity.c walks through no more of them */
#define P_NS 300.0
#define CELL_NS 300.0
#define POWER_NS 2000.0

static void spend(lua_State *L, const struct eh_spot *at, double ns)
{
	eh_sandbox_spend(L, at->function, ns / EH_WORK_NS);
}

static void *scratch(lua_State *L, size_t n, size_t size)
{
	return lua_newuserdatauv(L, n * size + 1, 0); /* n is bounded by EH_ARG_LIST_MAX; freed by Lua */
}

/* ---- rates of groups ---- */

struct group {
	const char *name; /* "" without one; alive while the list is */
	uint64_t selected, n;
};

static struct group read_group(lua_State *L, int list, const struct eh_spot *at)
{
	static const char *const names[] = { "group", "selected", "n" };
	struct group g = { "", 0, 0 };

	if (lua_rawgeti(L, list, (lua_Integer)at->place) != LUA_TTABLE) // row
		eh_arg_error(L, at, "%s where {group = , selected = , n = } is wanted", eh_arg_type(L, -1));
	eh_arg_fields(L, -1, at, names, N_OF(names), 0);
	eh_arg_field(L, -1, "selected"); // row selected
	eh_arg_field(L, -2, "n");	 // row selected n
	eh_arg_pair(L, lua_gettop(L) - 1, at, "", &g.selected, &g.n);
	if (eh_arg_field(L, -3, "group") == LUA_TSTRING) // row selected n group
		g.name = eh_arg_plain(L, -1, at, "group");
	else if (!lua_isnil(L, -1))
		eh_arg_error(L, at, "group is %s: give a string", eh_arg_type(L, -1));
	lua_pop(L, 4);
	return g;
}

/* Is x before best as the group of the highest rate?  The rule is that of the audit itself. */
static bool is_higher(const struct group *x, const struct group *best)
{
	const bool later = strcmp(x->name, best->name) > 0;
	const struct group *order[] = { later ? best : x, later ? x : best };
	struct eh_cube c;

	memset(&c, 0, sizeof c);
	c.n_groups = 2;
	for (int i = 0; i < 2; i++)
		c.total[i] = (struct eh_count){ order[i]->n, order[i]->selected };
	return eh_cube_highest(&c, 3u) == (later ? 1 : 0);
}

static void push_rate(lua_State *L, const struct group *g, uint64_t total)
{
	eh_result_new(L, "GroupRate", 5); // row
	if (g->name[0] != '\0') {
		lua_pushstring(L, g->name);
		lua_setfield(L, -2, "group");
	}
	eh_result_integer(L, "selected", g->selected);
	eh_result_integer(L, "n", g->n);
	eh_result_num(L, "rate", eh_rate(g->selected, g->n));
	eh_result_num(L, "share", eh_rate(g->n, total));
}

int eh_primitive_rates(lua_State *L)
{
	struct eh_spot at = { "rates", NULL, 0 };
	size_t n = eh_arg_list(L, 1, &at, "the argument"), best = 0;
	struct group *v = NULL;
	uint64_t total = 0;

	spend(L, &at, (double)n * RATE_NS);
	v = scratch(L, n, sizeof *v); // list scratch
	at.item = "entry";
	for (size_t i = 0; i < n; i++) {
		at.place = i + 1;
		v[i] = read_group(L, 1, &at);
		total += v[i].n;
		if (v[i].n > 0 && (best == 0 || is_higher(&v[i], &v[best - 1])))
			best = i + 1;
	}
	lua_createtable(L, (int)n, 0); // list scratch result
	for (size_t i = 0; i < n; i++) {
		push_rate(L, &v[i], total);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	if (best == 0)
		return 1;
	lua_pushinteger(L, (lua_Integer)best);
	return 2;
}

/* ---- strata ---- */

/* The list at idx into scratch memory that stays on the stack. */
static struct eh_fourfold *read_tables(lua_State *L, int idx, const struct eh_spot *at, const char *item, size_t *n)
{
	static const char *const names[] = { "selected", "n", "ref_selected", "ref_n" };
	struct eh_spot row = { at->function, item, 0 };
	struct eh_fourfold *v = NULL;

	idx = lua_absindex(L, idx);
	*n = eh_arg_list(L, idx, at, item);
	spend(L, at, (double)*n * STRATUM_NS);
	luaL_checkstack(L, 8, "strata");
	v = scratch(L, *n, sizeof *v); // scratch
	for (size_t i = 0; i < *n; i++) {
		row.place = i + 1;
		lua_rawgeti(L, idx, (lua_Integer)i + 1); // scratch row
		v[i] = eh_arg_fourfold_in(L, -1, &row);
		eh_arg_fields(L, -1, &row, names, N_OF(names), 4);
		lua_pop(L, 1); // scratch
	}
	return v;
}

static struct eh_interval ratio_interval(const struct eh_strata *s)
{
	if (!s->ratio.defined || !s->var_ln.defined)
		return (struct eh_interval){ s->ratio.defined ? s->var_ln : s->ratio,
					     s->ratio.defined ? s->var_ln : s->ratio };
	return eh_log_interval(s->ratio.value, s->var_ln.value);
}

/* Homogeneity by the test that holds, and Liang and Self's anyway. */
static void put_homogeneity(lua_State *L, const struct eh_spot *at, const struct eh_strata *s,
			    const struct eh_fourfold *v, size_t n)
{
	struct eh_liang_self sparse;
	struct eh_chi_check check;
	double masses = 0.0;

	for (size_t i = 0; i < n; i++)
		masses += fmin(MASSES_MAX, fmin((double)v[i].n1, (double)(v[i].a + v[i].b)) + 1.0);
	spend(L, at, masses * MASS_NS);
	eh_chi_check(&check, s);
	eh_liang_self(&sparse, s, v, n, 1.0);
	eh_result_num(L, "breslow_day", s->breslow_day);
	eh_result_num(L, "p_breslow_day", s->p_breslow_day);
	eh_result_num(L, "p_tarone", s->p_tarone);
	eh_result_num(L, "p_liang_self", sparse.p);
	eh_result_num(L, "p_homogeneity", check.holds ? s->p_breslow_day : sparse.p);
}

int eh_primitive_strata(lua_State *L)
{
	static const struct eh_spot at = { "strata", NULL, 0 };
	int32_t num = 0, den = 0;
	struct eh_strata s;
	size_t n = 0;
	const struct eh_fourfold *v = NULL;
	bool limited = !lua_isnoneornil(L, 2);

	if (limited)
		eh_arg_limit(L, 2, &at, &num, &den);
	v = read_tables(L, 1, &at, "stratum", &n);
	eh_strata(&s, v, n);
	eh_result_new(L, "Strata", 14);
	eh_result_num(L, "ratio", s.ratio);
	eh_result_interval(L, "interval", ratio_interval(&s));
	eh_result_num(L, "cmh", s.cmh);
	eh_result_num(L, "p_cmh", s.p_cmh);
	put_homogeneity(L, &at, &s, v, n);
	eh_result_num(L, "odds_ratio", s.odds);
	eh_result_interval(L, "odds_interval", s.odds_interval);
	eh_result_num(L, "shortfall", s.both > 0 ? eh_num(s.shortfall) : eh_undefined(s.apart));
	eh_result_integer(L, "strata", s.both);
	if (limited)
		eh_result_tri(L, "below", eh_strata_below(&s, num, den), s.ratio.why);
	return 1;
}

/* ---- families ---- */

/* The largest key: places between that are nil are tests without a p. */
static size_t last_place(lua_State *L, int list, const struct eh_spot *at)
{
	lua_Integer last = 0;
	double keys = 0.0;
	bool odd = false;

	if (!lua_istable(L, list))
		eh_arg_error(L, at, "p is %s: give a list of p-values", eh_arg_type(L, list));
	for (lua_pushnil(L); lua_next(L, list) != 0; lua_pop(L, 1)) {
		lua_Integer key = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;

		keys += 1.0;
		odd = odd || key < 1 || key > EH_ARG_LIST_MAX;
		last = key > last ? key : last;
	}
	eh_sandbox_spend(L, at->function, keys);
	if (odd)
		eh_arg_error(L, at, "the list has a key that is no place 1 to %d", EH_ARG_LIST_MAX);
	return (size_t)last;
}

int eh_primitive_family(lua_State *L)
{
	const struct eh_primitive_options *o = eh_primitive_options(EH_OPTIONS_FAMILY);
	struct eh_spot at = { "family", NULL, 0 };
	enum eh_family_method method = EH_FAMILY_BH;
	size_t n = 0;
	struct eh_num *v = NULL;
	uint32_t size = 0;

	method = (enum eh_family_method)eh_arg_option(L, 2, &at, "method", o->option, o->n);
	n = last_place(L, 1, &at);
	spend(L, &at, (double)n * P_NS);
	v = scratch(L, n, sizeof *v);
	at.item = "p";
	for (size_t i = 0; i < n; i++) {
		int type = lua_rawgeti(L, 1, (lua_Integer)i + 1);

		at.place = i + 1;
		if (type == LUA_TNIL || (type == LUA_TBOOLEAN && !lua_toboolean(L, -1)))
			v[i] = eh_undefined(EH_U_NO_P);
		else
			v[i] = eh_num(eh_arg_number(L, -1, &at, "it", 0.0, 1.0));
		lua_pop(L, 1);
	}
	if (eh_family_adjust(v, v, n, method, &size, NULL) != EH_OK)
		return luaL_error(L, "evenhand.family: not enough memory for %d p-values", (int)n);
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].defined)
			continue;
		lua_pushnumber(L, v[i].value);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushinteger(L, size);
	return 2;
}

/* ---- benchmark ---- */

/* What one evaluator decided: his own ratio, by strata where he decided in several, and everything together. */
struct judge {
	struct eh_num ratio;
	enum eh_tri below;
	struct eh_fourfold all;
	struct eh_peer peer; /* as the audit has him; decisions count as persons */
};

static const char *const judge_names[] = { "selected", "n", "ref_selected", "ref_n", "strata", "others", "limit" };
#define OWN_NAMES 7u
#define OTHER_NAMES 5u

static struct judge read_judge(lua_State *L, int idx, const struct eh_spot *at, size_t n_names, const int32_t limit[2])
{
	struct judge j = { .below = EH_UNKNOWN };
	struct eh_strata s;
	const struct eh_fourfold *v = &j.all;
	size_t n = 1, occupied = 0;
	int top = lua_gettop(L);

	luaL_checkstack(L, 8, "evaluator");
	if (!lua_istable(L, idx))
		eh_arg_error(L, at, "%s where a table with counts or strata is wanted", eh_arg_type(L, idx));
	eh_arg_fields(L, idx, at, judge_names, n_names, n_names == OTHER_NAMES ? 4 : 0);
	if (eh_arg_field(L, idx, "strata") == LUA_TNIL)
		j.all = eh_arg_fourfold_in(L, idx, at);
	else
		v = read_tables(L, -1, at, "stratum", &n);
	for (size_t i = 0; v != &j.all && i < n; i++) {
		j.all.a += v[i].a;
		j.all.n1 += v[i].n1;
		j.all.b += v[i].b;
		j.all.n2 += v[i].n2;
		occupied += v[i].n1 + v[i].n2 > 0;
	}
	if (j.all.n1 > EH_ARG_COUNT_MAX || j.all.n2 > EH_ARG_COUNT_MAX)
		eh_arg_error(L, at, "the strata hold more than %I decisions together", (lua_Integer)EH_ARG_COUNT_MAX);
	if (occupied > 1)
		eh_strata(&s, v, n);
	else
		eh_strata(&s, &j.all, 1);
	j.ratio = occupied > 1 ? s.ratio : eh_table_ratio(&j.all);
	j.peer = eh_peer_of(&j.all, j.ratio, s.var_ln, j.all.n1, j.all.n2);
	if (limit[1] > 0)
		j.below = occupied > 1 ? eh_strata_below(&s, limit[0], limit[1]) :
					 eh_table_below(&j.all, limit[0], limit[1]);
	else
		j.below = j.ratio.defined ? EH_NO : EH_UNKNOWN; /* no limit: everybody with a ratio is within */
	lua_settop(L, top);
	return j;
}

/* The leave-one-out comparison, under the names of a finding's fields. */
static void put_peers(lua_State *L, const struct eh_peer *peer, size_t n)
{
	eh_result_num(L, "peers_ratio", peer[0].ratio);
	eh_result_interval(L, "interval", eh_peers_interval(peer, n, 0));
	eh_result_num(L, "z", peer[0].z);
	eh_result_num(L, "p", peer[0].p);
	lua_pushboolean(L, peer[0].has && peer[0].corrected);
	lua_setfield(L, -2, "peers_corrected");
	eh_result_num(L, "peers_impact_ratio", peer[0].others);
	eh_result_integer(L, "peers_evaluators", peer[0].n_others);
	eh_result_integer(L, "peers_n", peer[0].others_t.n1);
	eh_result_integer(L, "peers_selected", peer[0].others_t.a);
	eh_result_integer(L, "peers_ref_n", peer[0].others_t.n2);
	eh_result_integer(L, "peers_ref_selected", peer[0].others_t.b);
}

static void push_benchmark(lua_State *L, const struct judge *own, const struct eh_fourfold *all, size_t within,
			   const struct eh_peer *peer, size_t n)
{
	const struct eh_num none = eh_undefined(EH_U_NO_PEERS);
	struct eh_num ratio = within > 0 ? eh_table_ratio(all) : none;

	eh_result_new(L, "BenchmarkResult", 18);
	eh_result_num(L, "ratio", own->ratio);
	eh_result_integer(L, "evaluators", within);
	eh_result_integer(L, "n", all->n1);
	eh_result_integer(L, "selected", all->a);
	eh_result_num(L, "rate", within > 0 ? eh_rate(all->a, all->n1) : none);
	eh_result_num(L, "impact_ratio", ratio);
	eh_result_num(L, "deviation",
		      !ratio.defined	    ? ratio
		      : !own->ratio.defined ? own->ratio
					    : eh_num(own->ratio.value - ratio.value));
	put_peers(L, peer, n);
}

int eh_primitive_benchmark(lua_State *L)
{
	struct eh_spot at = { "benchmark", NULL, 0 };
	struct eh_fourfold all = { 0, 0, 0, 0 };
	struct eh_peer *peer = NULL;
	struct judge own;
	int32_t limit[2] = { 0, 0 };
	size_t n = 0, within = 0;

	lua_settop(L, 1);
	if (!lua_istable(L, 1))
		eh_arg_error(L, &at, "%s where a table with counts and others is wanted", eh_arg_type(L, 1));
	if (eh_arg_field(L, 1, "limit") != LUA_TNIL)
		eh_arg_limit(L, 2, &at, &limit[0], &limit[1]);
	own = read_judge(L, 1, &at, OWN_NAMES, limit);
	eh_arg_field(L, 1, "others"); // own limit others
	n = eh_arg_list(L, 3, &at, "others");
	spend(L, &at, (double)n * 2.0 * STRATUM_NS);
	peer = scratch(L, n + 1, sizeof *peer); // own limit others peers
	memset(peer, 0, (n + 1) * sizeof *peer);
	peer[0] = own.peer;
	at.item = "other";
	for (size_t i = 0; i < n; i++) {
		struct judge j;

		at.place = i + 1;
		lua_rawgeti(L, 3, (lua_Integer)i + 1); // own limit others peers other
		j = read_judge(L, 5, &at, OTHER_NAMES, limit);
		lua_pop(L, 1);
		peer[i + 1] = j.peer;
		if (j.below != EH_NO)
			continue;
		within++;
		all.a += j.all.a;
		all.n1 += j.all.n1;
		all.b += j.all.b;
		all.n2 += j.all.n2;
		if (all.n1 > EH_ARG_COUNT_MAX || all.n2 > EH_ARG_COUNT_MAX)
			eh_arg_error(L, &at, "with it the others hold more than %I decisions",
				     (lua_Integer)EH_ARG_COUNT_MAX);
	}
	eh_peers(peer, n + 1);
	push_benchmark(L, &own, &all, within, peer, n + 1);
	return 1;
}

/* ---- unknown classes ---- */

static struct eh_interval bounds_of_cells(lua_State *L, int list, const struct eh_spot *at)
{
	static const char *const names[] = { "n", "selected", "focal", "reference" };
	struct eh_spot row = { at->function, "cell", 0 };
	struct eh_bound_cell *v = NULL;
	size_t n = eh_arg_list(L, list, at, "cells");

	spend(L, at, (double)n * CELL_NS);
	v = scratch(L, n, sizeof *v);
	for (size_t i = 0; i < n; i++) {
		double x[N_OF(names)] = { 0.0 };

		row.place = i + 1;
		if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TTABLE)
			eh_arg_error(L, &row, "%s where {n = , selected = , focal = , reference = } is wanted",
				     eh_arg_type(L, -1));
		eh_arg_fields(L, -1, &row, names, N_OF(names), 0);
		for (size_t k = 0; k < N_OF(names); k++) {
			eh_arg_field(L, -1, names[k]);
			x[k] = eh_arg_number(L, -1, &row, names[k], 0.0, k == 0 ? (double)EH_ARG_COUNT_MAX : x[0]);
			lua_pop(L, 1);
		}
		/* expected numbers are sums of probabilities: their last digits may stand above n */
		if (x[2] + x[3] > x[0] * (1.0 + 1e-9))
			eh_arg_error(L, &row, "focal + reference is %f of n = %f", x[2] + x[3], x[0]);
		v[i] = (struct eh_bound_cell){ x[0], x[1], x[2], x[3] };
		lua_pop(L, 1);
	}
	return eh_bounds(v, n);
}

int eh_primitive_unseen(lua_State *L)
{
	static const char *const names[] = { "selected",	 "n",	      "ref_selected", "ref_n",
					     "unknown_selected", "unknown_n", "cells" };
	static const struct eh_spot at = { "unseen", NULL, 0 };
	struct eh_fourfold t = { 0, 0, 0, 0 };
	uint64_t selected = 0, n = 0;

	lua_settop(L, 1);
	if (!lua_istable(L, 1))
		eh_arg_error(L, &at, "%s where a table with counts is wanted", eh_arg_type(L, 1));
	eh_arg_fields(L, 1, &at, names, N_OF(names), 0);
	if (eh_arg_field(L, 1, "cells") != LUA_TNIL) { // argument cells
		for (size_t i = 0; i + 1 < N_OF(names); i++)
			if (eh_arg_field(L, 1, names[i]) != LUA_TNIL)
				eh_arg_error(L, &at, "%s beside cells: give the one or the other", names[i]);
		return eh_return_interval(L, bounds_of_cells(L, 2, &at));
	}
	t = eh_arg_fourfold_in(L, 1, &at);
	eh_arg_field(L, 1, "unknown_selected");
	eh_arg_field(L, 1, "unknown_n"); // argument nil selected n
	eh_arg_pair(L, 3, &at, "unknown_", &selected, &n);
	return eh_return_interval(L, eh_bounds_unknown(&t, n, selected));
}

/* ---- before there are counts ---- */

int eh_primitive_power(lua_State *L)
{
	static const char *const names[] = { "n", "ref_n", "ref_rate", "alpha", "limit" };
	static const struct eh_spot at = { "power", NULL, 0 };
	double x[4] = { 0.0, 0.0, 0.0, 0.05 };
	const double high[4] = { (double)EH_ARG_COUNT_MAX, (double)EH_ARG_COUNT_MAX, 1.0, 0.5 };
	struct eh_num smallest;
	int32_t num = 0, den = 0;

	lua_settop(L, 1);
	if (!lua_istable(L, 1))
		eh_arg_error(L, &at, "%s where {n = , ref_n = , ref_rate = } is wanted", eh_arg_type(L, 1));
	eh_arg_fields(L, 1, &at, names, N_OF(names), 0);
	for (size_t i = 0; i < N_OF(x); i++) {
		if (eh_arg_field(L, 1, names[i]) != LUA_TNIL || i < 3)
			x[i] = eh_arg_number(L, -1, &at, names[i], i == 3 ? 1e-12 : 0.0, high[i]);
		lua_pop(L, 1);
	}
	if (eh_arg_field(L, 1, "limit") != LUA_TNIL) // argument limit
		eh_arg_limit(L, 2, &at, &num, &den);
	spend(L, &at, POWER_NS);
	smallest = eh_detectable(x[0], x[1], x[2], x[3]);
	if (eh_return_num(L, smallest) == 1)
		lua_pushnil(L); // ratio why
	if (den == 0)
		lua_pushnil(L);
	else
		lua_pushboolean(L, smallest.defined && smallest.value >= (double)num / (double)den);
	return 3; // ratio why found
}

/* evenhand.paired: one evaluator beside a second set on the same candidates; see core/audit/pairs.h. */
#include <string.h>

#include <lauxlib.h>

#include "audit/paired.h"
#include "audit/pairs.h"
#include "lua/arguments.h"
#include "lua/primitives.h"
#include "lua/sandbox.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define ROW_NS 8.0	   /* a decision on a candidate of the first side */
#define ARRANGE_NS 20.0	   /* a decision, put to its candidate: once */
#define EVALUATOR_NS 100.0 /* one id of the second set */
#define BOX_MT "evenhand.paired"

static char pairing_key; /* its address is the key of the pairing in the registry */

static const struct eh_spot spot = { "paired", NULL, 0 };

/* The string in the field of the argument. */
static const char *take_text(lua_State *L, const char *name)
{
	if (eh_arg_field(L, 1, name) != LUA_TSTRING)
		eh_arg_error(L, &spot, "%s is %s: give a string", name, eh_arg_type(L, -1));
	return eh_arg_plain(L, -1, &spot, name); /* stays on the stack, alive */
}

static size_t find_evaluator(lua_State *L, const struct eh_audit_data *d, const char *id)
{
	uint32_t e = eh_names_find(&d->evaluators, id);

	if (e == UINT32_MAX)
		eh_arg_error(L, &spot, "there is no evaluator \"%s\" in these data", eh_arg_short(L, id));
	return e;
}

static size_t find_attribute(lua_State *L, const struct eh_audit_data *d, const char *name)
{
	size_t i = 0;

	while (i < d->n_attributes && strcmp(d->attributes[i].name, name) != 0)
		i++;
	if (i == d->n_attributes)
		eh_arg_error(L, &spot, "class \"%s\" is not in these data, or the policy does not look at it",
			     eh_arg_short(L, name));
	return i;
}

static size_t find_group(lua_State *L, const struct eh_attribute_data *a, const char *name)
{
	size_t g = 0;

	while (g < a->n_groups && strcmp(a->groups[g], name) != 0)
		g++;
	if (g == a->n_groups)
		eh_arg_error(L, &spot, "%s has no group \"%s\"", a->name, eh_arg_short(L, name));
	return g;
}

struct box {
	struct eh_pairing *pairing;
	const struct eh_audit_data *data; /* that it is of: a spec has several in one state */
};

static int free_box(lua_State *L)
{
	struct box *b = lua_touserdata(L, 1);

	eh_pairing_free(b->pairing);
	b->pairing = NULL;
	return 0;
}

/* The pairing of these data, made at the first call. */
static const struct eh_pairing *pairing_of(lua_State *L, const struct eh_audit_data *d)
{
	struct eh_err err = EH_ERR_INIT;
	struct box *b = NULL;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &pairing_key) == LUA_TUSERDATA) {
		b = lua_touserdata(L, -1);
		if (b->data == d) {
			lua_pop(L, 1);
			return b->pairing;
		}
	}
	lua_pop(L, 1);
	eh_sandbox_spend(L, spot.function, 100.0 + (double)d->n_decisions * ARRANGE_NS / EH_WORK_NS);
	b = lua_newuserdatauv(L, sizeof *b, 0); // box
	*b = (struct box){ NULL, d };
	if (luaL_newmetatable(L, BOX_MT) != 0) { // box mt
		lua_pushcfunction(L, free_box);
		lua_setfield(L, -2, "__gc");
	}
	lua_setmetatable(L, -2); // box
	if (eh_pairing_new(&b->pairing, d, &err) != EH_OK)
		eh_arg_error(L, &spot, "%s", err.msg);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &pairing_key);
	return b->pairing;
}

/* Who is in the second set: [evaluators], on the stack. */
static const bool *take_second(lua_State *L, const struct eh_audit_data *d)
{
	bool *in = lua_newuserdatauv(L, d->evaluators.n + 1, 0);
	const bool all = eh_arg_field(L, 1, "second") == LUA_TNIL; // in list
	const int list = lua_gettop(L);
	const size_t n = all ? 0 : eh_arg_list(L, list, &spot, "second");

	eh_sandbox_spend(L, spot.function, (double)n * EVALUATOR_NS / EH_WORK_NS);
	memset(in, all, d->evaluators.n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (lua_rawgeti(L, list, (lua_Integer)i) != LUA_TSTRING)
			eh_arg_error(L, &spot, "second is a list of evaluators' ids, and its place %I holds %s",
				     (lua_Integer)i, eh_arg_type(L, -1));
		in[find_evaluator(L, d, eh_arg_plain(L, -1, &spot, "an evaluator"))] = true;
		lua_pop(L, 1);
	}
	return in;
}

int eh_primitive_paired(lua_State *L)
{
	static const char *const names[] = { "evaluator", "class", "group", "second" };
	const struct eh_audit_data *d = eh_sandbox_data(L);
	const struct eh_pairing *pairing = NULL;
	struct eh_pairs pairs;
	struct eh_paired p;
	size_t evaluator = 0, attribute = 0, group = 0;
	const bool *second = NULL;

	lua_settop(L, 1);
	if (d == NULL || d->evaluator_at == NULL)
		eh_arg_error(L, &spot,
			     "there are no decisions to pair: the policy runs on sample findings, or is only "
			     "being loaded");
	if (!lua_istable(L, 1))
		eh_arg_error(L, &spot, "%s where {evaluator = \"E1\", class = \"sex\", group = \"female\"} is wanted",
			     eh_arg_type(L, 1));
	luaL_checkstack(L, 12, "paired");
	eh_arg_fields(L, 1, &spot, names, N_OF(names), 0);
	evaluator = find_evaluator(L, d, take_text(L, "evaluator"));
	attribute = find_attribute(L, d, take_text(L, "class"));
	group = find_group(L, &d->attributes[attribute], take_text(L, "group"));
	second = take_second(L, d);
	pairing = pairing_of(L, d);
	eh_sandbox_spend(L, spot.function, 200.0 + (double)eh_pairing_rows(pairing, evaluator) * ROW_NS / EH_WORK_NS);
	eh_pairing_count(&pairs, pairing, evaluator, second, attribute, group);
	p = eh_paired(pairs.first_only, pairs.second_only);
	eh_result_new(L, "Paired", 10);
	eh_result_integer(L, "n", pairs.both + pairs.first_only + pairs.second_only + pairs.neither);
	eh_result_integer(L, "both", pairs.both);
	eh_result_integer(L, "first_only", pairs.first_only);
	eh_result_integer(L, "second_only", pairs.second_only);
	eh_result_integer(L, "neither", pairs.neither);
	eh_result_integer(L, "split", pairs.split);
	eh_result_num(L, "p", p.exact);
	eh_result_num(L, "p_mid", p.mid);
	eh_result_num(L, "p_mcnemar", p.p);
	return 1;
}

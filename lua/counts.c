/* evenhand.counts: the run's own decisions counted by keys and class; see core/audit/crosstab.h. */
#include <string.h>

#include <lauxlib.h>

#include "audit/crosstab.h"
#include "base/text.h"
#include "lua/arguments.h"
#include "lua/primitives.h"
#include "lua/sandbox.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define RESULT_MT "evenhand.counts"
#define ROW_NS 20.0    /* to read a row of the data; measured: 4 to 12 */
#define CELL_NS 1500.0 /* to make a row of the answer */

/* In the order of enum eh_crosstab_key. */
static const struct eh_primitive_options *keys(void) { return eh_primitive_options(EH_OPTIONS_COUNTS); }

static const struct eh_spot spot = { "counts", NULL, 0 };

static char crosstab_key; /* its address is the key of the cross-table in the registry */

static int free_crosstab(lua_State *L)
{
	eh_crosstab_free(lua_touserdata(L, 1));
	return 0;
}

static int free_result(lua_State *L)
{
	eh_crosstab_result_free(lua_touserdata(L, 1));
	return 0;
}

static void *box(lua_State *L, size_t size, const char *metatable, lua_CFunction gc)
{
	void *p = lua_newuserdatauv(L, size, 0); // box

	memset(p, 0, size);
	if (luaL_newmetatable(L, metatable) != 0) { // box mt
		lua_pushcfunction(L, gc);
		lua_setfield(L, -2, "__gc"); // box mt
	}
	lua_setmetatable(L, -2); // box
	return p;
}

/* What all counts of this state share: what is found out about the data once stays. */
static struct eh_crosstab *crosstab_of(lua_State *L, const struct eh_audit_data *data)
{
	struct eh_crosstab **t = NULL;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &crosstab_key) == LUA_TUSERDATA) {
		t = lua_touserdata(L, -1);
		lua_pop(L, 1);
		return *t;
	}
	lua_pop(L, 1);
	t = box(L, sizeof(struct eh_crosstab *), RESULT_MT ".data", free_crosstab);
	*t = eh_crosstab_new(data);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &crosstab_key);
	return *t;
}

void eh_counts_forget(lua_State *L)
{
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &crosstab_key);
}

static size_t find_attribute(lua_State *L, int idx, const struct eh_audit_data *d)
{
	const char *name = lua_type(L, idx) == LUA_TSTRING ? eh_arg_plain(L, idx, &spot, "class") : NULL;

	if (name == NULL)
		eh_arg_error(L, &spot, "class is %s: give an attribute such as \"sex\", or a pair of two",
			     eh_arg_type(L, idx));
	for (size_t i = 0; i < d->n_attributes; i++)
		if (strcmp(d->attributes[i].name, name) == 0)
			return i;
	luaL_checkstack(L, 6, "attributes");
	name = eh_arg_short(L, name); // ... name
	lua_pushliteral(L, "");	      // ... name list
	for (size_t i = 0; i < d->n_attributes; i++) {
		lua_pushfstring(L, "%s%s", i > 0 ? ", " : "", d->attributes[i].name);
		lua_concat(L, 2);
	}
	return (size_t)eh_arg_error(L, &spot,
				    "class \"%s\" is not in these data, or the policy does not look at it: there "
				    "is %s",
				    name, d->n_attributes > 0 ? lua_tostring(L, -1) : "none");
}

static void read_class(lua_State *L, struct eh_crosstab_query *q, const struct eh_audit_data *d)
{
	int type = eh_arg_field(L, 1, "class"), class = lua_gettop(L); // class

	if (type == LUA_TTABLE) {
		if (eh_arg_list(L, class, &spot, "class") != 2)
			eh_arg_error(L, &spot, "class is a list of %I: give one attribute, or a pair of two",
				     (lua_Integer)lua_rawlen(L, class));
		for (lua_Integer i = 1; i <= 2; i++) {
			lua_rawgeti(L, class, i);
			q->attribute[i - 1] = find_attribute(L, -1, d);
			lua_pop(L, 1);
		}
		if (q->attribute[0] == q->attribute[1])
			eh_arg_error(L, &spot, "class is a pair of the same attribute %s twice",
				     d->attributes[q->attribute[0]].name);
		q->n_attributes = 2;
	} else if (type != LUA_TNIL) {
		q->attribute[0] = find_attribute(L, class, d);
		q->n_attributes = 1;
	}
	lua_pop(L, 1);
}

static void read_by(lua_State *L, struct eh_crosstab_query *q)
{
	if (eh_arg_field(L, 1, "by") == LUA_TNIL) { // by
		lua_pop(L, 1);
		return;
	}
	if (eh_arg_list(L, -1, &spot, "by") > keys()->n)
		eh_arg_error(L, &spot, "by has %I entries: at most %d different ones", (lua_Integer)lua_rawlen(L, -1),
			     (int)keys()->n);
	q->n_by = lua_rawlen(L, -1);
	for (size_t k = 0; k < q->n_by; k++) {
		lua_rawgeti(L, -1, (lua_Integer)k + 1);
		q->by[k] = (enum eh_crosstab_key)eh_arg_option(L, -1, &spot, "a key in by", keys()->option,
							      keys()->n);
		for (size_t i = 0; i < k; i++)
			if (q->by[i] == q->by[k])
				eh_arg_error(L, &spot, "by names %s twice", keys()->option[q->by[k]]);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* The strings stay alive with the argument. */
static void read_where(lua_State *L, struct eh_crosstab_query *q)
{
	static const char *const names[] = { "evaluator", "position", "stage", "question", "period", "jurisdiction",
					     "group" };
	const char **out[] = { &q->where[0], &q->where[1], &q->where[2], &q->where[3], &q->where[4], &q->where[5],
			       &q->group };

	if (eh_arg_field(L, 1, "where") == LUA_TNIL) { // where
		lua_pop(L, 1);
		return;
	}
	if (!lua_istable(L, -1))
		eh_arg_error(L, &spot, "where is %s: give a table such as {stage = \"S1\"}", eh_arg_type(L, -1));
	eh_arg_fields(L, -1, &spot, names, N_OF(names), 0);
	for (size_t i = 0; i < N_OF(names); i++) {
		if (eh_arg_field(L, -1, names[i]) == LUA_TSTRING)
			*out[i] = eh_arg_plain(L, -1, &spot, names[i]);
		else if (!lua_isnil(L, -1))
			eh_arg_error(L, &spot, "where.%s is %s: give a string", names[i], eh_arg_type(L, -1));
		lua_pop(L, 1);
	}
	if (q->group != NULL && q->n_attributes == 0)
		eh_arg_error(L, &spot, "where.group needs class: the attribute that \"%s\" is a group of",
			     eh_arg_short(L, q->group));
	lua_pop(L, 1);
}

static void push_row(lua_State *L, const struct eh_crosstab_query *q, const struct eh_crosstab_result *r, size_t i)
{
	const char *group = eh_crosstab_group(r, i);

	eh_row_new(L, "CountsRow", (int)q->n_by + 4); // row
	for (size_t k = 0; k < q->n_by; k++) {
		lua_pushstring(L, eh_crosstab_text(r, i, k));
		lua_setfield(L, -2, keys()->option[q->by[k]]);
	}
	if (group != NULL) {
		lua_pushstring(L, group);
		lua_setfield(L, -2, "group");
	} else if (q->n_attributes > 0) {
		lua_pushboolean(L, 1);
		lua_setfield(L, -2, "unknown");
	}
	eh_result_integer(L, "n", r->v[i].n);
	eh_result_integer(L, "selected", r->v[i].selected);
	eh_result_integer(L, "persons", r->v[i].persons);
}

int eh_primitive_counts(lua_State *L)
{
	static const char *const names[] = { "by", "class", "where" };
	const struct eh_audit_data *data = eh_sandbox_data(L);
	struct eh_crosstab_query q = { .n_by = 0 };
	struct eh_crosstab_result *r = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_crosstab *t = NULL;

	lua_settop(L, 1);
	if (data == NULL || data->evaluator_at == NULL)
		eh_arg_error(L, &spot,
			     "there are no decisions to count: the policy runs on sample findings, or is only "
			     "being loaded");
	if (!lua_istable(L, 1))
		eh_arg_error(L, &spot, "%s where {by = {...}, class = \"sex\"} is wanted", eh_arg_type(L, 1));
	eh_arg_fields(L, 1, &spot, names, N_OF(names), 0);
	read_by(L, &q);
	read_class(L, &q, data);
	read_where(L, &q);
	t = crosstab_of(L, data);
	eh_sandbox_spend(L, spot.function, 100.0 + (double)eh_crosstab_rows(t, &q) * ROW_NS / EH_WORK_NS);
	r = box(L, sizeof *r, RESULT_MT, free_result); // query result
	if (eh_crosstab_count(t, &q, r, &err) != EH_OK)
		eh_arg_error(L, &spot, "%s", err.msg);
	eh_sandbox_spend(L, spot.function, (double)r->n * CELL_NS / EH_WORK_NS);
	lua_createtable(L, (int)r->n, 0); // query result rows
	for (size_t i = 0; i < r->n; i++) {
		push_row(L, &q, r, i);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	eh_crosstab_result_free(r);
	lua_pushinteger(L, (lua_Integer)data->holds); // query result rows held
	return 2;
}

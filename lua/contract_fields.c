/* The fields of a policy's table; see reader.h and contract.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/reader.h"
#include "lua/record.h"
#include "policy/pack.h"

#define VERSION_MAX 15
#define N_OF(a) (sizeof(a) / sizeof(a)[0])

static void parse_name(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "name", LUA_TSTRING))
		eh_lua_refuse(r, "name", "name is missing: a policy table begins with name = \"...\", api = %d",
			      EH_POLICY_API);
	s = eh_lua_text(r, "name", EH_NAME_MAX);
	if (!eh_attribute_valid(s, strlen(s)))
		eh_lua_refuse(r, "name", "name \"%s\" must be lower-case letters, digits and _", s);
	memcpy(r->info->name, s, strlen(s) + 1);
	lua_pop(r->L, 1);
}

static void parse_api(const struct eh_lua_reader *r)
{
	int t = eh_lua_field(r, "api");

	if (t == LUA_TNIL)
		eh_lua_refuse(r, "api", "api is missing: write api = %d", EH_POLICY_API);
	if (!lua_isinteger(r->L, -1) || lua_tointeger(r->L, -1) != EH_POLICY_API)
		eh_lua_refuse(r, "api", "this program offers api = %d to policies", EH_POLICY_API);
	lua_pop(r->L, 1);
}

static void parse_version(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "version", LUA_TSTRING))
		eh_lua_refuse(r, "version", "version is missing: write version = \"1.0\"");
	s = eh_lua_text(r, "version", VERSION_MAX);
	memcpy(r->info->version, s, strlen(s) + 1);
	lua_pop(r->L, 1);
}

static void parse_attributes(const struct eh_lua_reader *r)
{
	lua_Integer n = 0;

	if (!eh_lua_optional(r, "attributes", LUA_TTABLE))
		return;
	n = eh_lua_list(r, "attributes", EH_POLICY_ATTRIBUTES_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		size_t len = 0;
		const char *s = NULL;

		if (lua_rawgeti(r->L, -1, i) != LUA_TSTRING)
			eh_lua_refuse(r, "attributes", "attributes[%d] must be a string", (int)i);
		s = lua_tolstring(r->L, -1, &len);
		if (!eh_attribute_valid(s, len))
			eh_lua_refuse(r, "attributes",
				      "attributes[%d] is no attribute name: lower-case letters, "
				      "digits and _",
				      (int)i);
		memcpy(r->info->attributes[i - 1], s, len + 1);
		lua_pop(r->L, 1);
	}
	r->info->n_attributes = (size_t)n;
	lua_pop(r->L, 1);
}

/* A name of the pair on the stack, which the policy must look at. */
static void parse_half(const struct eh_lua_reader *r, lua_Integer pair, lua_Integer half)
{
	bool found = r->info->n_attributes == 0;
	size_t len = 0;
	const char *s = NULL;

	if (lua_rawgeti(r->L, -1, half) != LUA_TSTRING)
		eh_lua_refuse(r, "intersect", "intersect[%d] must be two attributes such as {\"sex\", \"race\"}",
			      (int)pair);
	s = lua_tolstring(r->L, -1, &len);
	if (!eh_attribute_valid(s, len))
		eh_lua_refuse(r, "intersect", "intersect[%d] has no attribute name: lower-case letters, digits and _",
			      (int)pair);
	for (size_t i = 0; i < r->info->n_attributes && !found; i++)
		found = strcmp(r->info->attributes[i], s) == 0;
	if (!found)
		eh_lua_refuse(r, "intersect", "intersect[%d] names %s, which is not among the attributes", (int)pair,
			      s);
	memcpy(r->info->intersect[pair - 1][half - 1], s, len + 1);
	lua_pop(r->L, 1);
}

static void parse_intersect(const struct eh_lua_reader *r)
{
	lua_Integer n = 0;

	if (!eh_lua_optional(r, "intersect", LUA_TTABLE))
		return;
	n = eh_lua_list(r, "intersect", EH_POLICY_INTERSECT_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_rawgeti(r->L, -1, i) != LUA_TTABLE || eh_lua_list(r, "intersect", 2) != 2)
			eh_lua_refuse(r, "intersect",
				      "intersect[%d] must be two attributes such as {\"sex\", "
				      "\"race\"}",
				      (int)i);
		parse_half(r, i, 1);
		parse_half(r, i, 2);
		if (strcmp(r->info->intersect[i - 1][0], r->info->intersect[i - 1][1]) == 0)
			eh_lua_refuse(r, "intersect", "intersect[%d] must name two different attributes", (int)i);
		lua_pop(r->L, 1);
	}
	r->info->n_intersect = (size_t)n;
	lua_pop(r->L, 1);
}

/* Two integers, never a fraction: a NaN limit would compare false and silence every finding. */
static void parse_limit(const struct eh_lua_reader *r)
{
	lua_Integer v[2] = { 0, 0 };

	if (!eh_lua_optional(r, "limit", LUA_TTABLE))
		return;
	if (eh_lua_list(r, "limit", 2) != 2)
		eh_lua_refuse(r, "limit", "limit must be two integers such as {4, 5}");
	for (int i = 0; i < 2; i++) {
		lua_rawgeti(r->L, -1, i + 1);
		if (!lua_isinteger(r->L, -1))
			eh_lua_refuse(r, "limit", "limit must be two integers such as {4, 5}");
		v[i] = lua_tointeger(r->L, -1);
		lua_pop(r->L, 1);
	}
	if (v[0] <= 0 || v[0] > v[1] || v[1] > EH_LUA_LIMIT_MAX)
		eh_lua_refuse(r, "limit", "limit {num, den} must be 0 < num <= den <= %d", EH_LUA_LIMIT_MAX);
	r->info->settings.limit_num = (int32_t)v[0];
	r->info->settings.limit_den = (int32_t)v[1];
	lua_pop(r->L, 1);
}

static void parse_needs(const struct eh_lua_reader *r)
{
	const char *names[EH_FACTS_MAX] = { NULL };
	lua_Integer n = 0;
	size_t used = 0, n_names = 0;

	if (!eh_lua_optional(r, "needs", LUA_TTABLE))
		return;
	while (eh_fact_name(n_names) != NULL) {
		names[n_names] = eh_fact_name(n_names);
		n_names++;
	}
	n = eh_lua_list(r, "needs", EH_FACTS_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		char near[160] = "";
		const char *s = NULL;
		int len = 0;

		if (lua_rawgeti(r->L, -1, i) != LUA_TSTRING)
			eh_lua_refuse(r, "needs", "needs[%d] must be a string", (int)i);
		s = lua_tostring(r->L, -1);
		if (strlen(s) != lua_rawlen(r->L, -1) || eh_fact_index(s) < 0) {
			eh_near_names(near, sizeof near, s, names, n_names);
			eh_lua_refuse(r, "needs", "needs names the unknown fact \"%.40s\"%s", s, near);
		}
		len = snprintf(r->info->needs + used, sizeof r->info->needs - used, "%s%s", used > 0 ? " " : "", s);
		if (len < 0 || (size_t)len >= sizeof r->info->needs - used)
			eh_lua_refuse(r, "needs", "needs is too long; leave it out to read every fact");
		used += (size_t)len;
		/* milliseconds for each finding: computed for those who ask by name */
		r->info->settings.boschloo = r->info->settings.boschloo || strcmp(s, "p_boschloo") == 0;
		lua_pop(r->L, 1);
	}
	if (n == 0)
		eh_lua_refuse(r, "needs", "needs is empty; leave it out to read every fact");
	lua_pop(r->L, 1);
}

static void parse_reference(const struct eh_lua_reader *r)
{
	struct eh_audit_settings *s = &r->info->settings;
	const char *text = NULL;

	if (!eh_lua_optional(r, "reference", LUA_TSTRING))
		return;
	text = eh_lua_text(r, "reference", EH_NAME_MAX);
	if (strcmp(text, "highest") == 0) {
		s->reference = EH_REF_HIGHEST;
	} else if (strcmp(text, "rest") == 0) {
		s->reference = EH_REF_REST;
	} else if (strcmp(text, "majority") == 0) {
		s->reference = EH_REF_MAJORITY;
	} else {
		if (!eh_group_valid(text, strlen(text)))
			eh_lua_refuse(r, "reference",
				      "reference must be \"highest\", \"rest\", \"majority\" or the name of a group");
		s->reference = EH_REF_FIXED;
		memcpy(s->fixed_reference, text, strlen(text) + 1);
	}
	lua_pop(r->L, 1);
}

static void parse_minimum(const struct eh_lua_reader *r, const char *name, uint32_t *out)
{
	lua_Integer v = 0;

	if (!eh_lua_optional(r, name, LUA_TNUMBER))
		return;
	if (!lua_isinteger(r->L, -1))
		eh_lua_refuse(r, name, "%s must be an integer", name);
	v = lua_tointeger(r->L, -1);
	if (v < 1 || v > EH_LUA_PERSONS_MAX)
		eh_lua_refuse(r, name, "%s must be between 1 and %d persons", name, EH_LUA_PERSONS_MAX);
	*out = (uint32_t)v;
	lua_pop(r->L, 1);
}

/* Kept in ten-thousandths, so that a group exactly at the share is compared in integers. */
static void parse_share(const struct eh_lua_reader *r)
{
	double v = 0.0;

	if (!eh_lua_optional(r, "min_share", LUA_TNUMBER))
		return;
	v = lua_tonumber(r->L, -1);
	if (!(v >= 0.0 && v <= 0.5) || fabs(v * 10000.0 - nearbyint(v * 10000.0)) > 1e-6)
		eh_lua_refuse(r, "min_share", "min_share must be between 0 and 0.5 in steps of 0.0001, such as 0.02");
	r->info->settings.min_share = (uint32_t)nearbyint(v * 10000.0);
	lua_pop(r->L, 1);
}

static void parse_alpha(const struct eh_lua_reader *r)
{
	double v = 0.0;

	if (!eh_lua_optional(r, "alpha", LUA_TNUMBER))
		return;
	v = lua_tonumber(r->L, -1);
	if (!isfinite(v) || v <= 0.0 || v >= 1.0)
		eh_lua_refuse(r, "alpha", "alpha must be a number between 0 and 1, such as 0.05");
	r->info->settings.alpha = v;
	lua_pop(r->L, 1);
}

static void parse_family(const struct eh_lua_reader *r)
{
	static const char *const families[] = { "bh", "holm", "by", "none" };
	const char *s = NULL;

	if (!eh_lua_optional(r, "family", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	for (size_t i = 0; i < N_OF(families); i++) {
		if (strcmp(s, families[i]) == 0) {
			(void)snprintf(r->info->settings.family, sizeof r->info->settings.family, "%s", families[i]);
			lua_pop(r->L, 1);
			return;
		}
	}
	eh_lua_refuse(r, "family", "family must be \"bh\", \"holm\", \"by\" or \"none\"");
}

/* "anytime" where data are audited again as they grow: the family then corrects p_anytime. */
static void parse_looks(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "looks", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "once") != 0 && strcmp(s, "anytime") != 0)
		eh_lua_refuse(r, "looks", "looks must be \"once\" or \"anytime\" (the p-values of growing data)");
	r->info->settings.anytime = strcmp(s, "anytime") == 0;
	lua_pop(r->L, 1);
}

/* "known" for rules of law: no estimate stands in for a class (DESIGN.md 7). */
static void parse_classes(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "classes", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "known") != 0 && strcmp(s, "all") != 0)
		eh_lua_refuse(r, "classes", "classes must be \"known\" or \"all\" (predicted ones too)");
	r->info->settings.known_only = strcmp(s, "known") == 0;
	lua_pop(r->L, 1);
}

static void parse_author(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "author", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (lua_rawlen(r->L, -1) == 0 || strlen(s) != lua_rawlen(r->L, -1) || strlen(s) >= sizeof r->info->author ||
	    !eh_text_clean(s, false))
		eh_lua_refuse(r, "author", "author must be 1 to %zu bytes of printable text",
			      sizeof r->info->author - 1);
	memcpy(r->info->author, s, strlen(s) + 1);
	lua_pop(r->L, 1);
}

/* A text of the pack, whose table is at idx. */
static void parse_pack_text(const struct eh_lua_reader *r, const char *name, int idx, char *out, size_t size)
{
	size_t len = 0;
	const char *s = NULL;

	if (lua_type(r->L, idx) == LUA_TNIL)
		return;
	if (lua_type(r->L, idx) != LUA_TSTRING)
		eh_lua_refuse(r, "pack", "%s of the pack must be a string, not a %s", name, luaL_typename(r->L, idx));
	s = lua_tolstring(r->L, idx, &len);
	if (len == 0 || len >= size || strlen(s) != len || !eh_text_clean(s, false))
		eh_lua_refuse(r, "pack", "%s of the pack must be 1 to %zu bytes of printable text", name, size - 1);
	memcpy(out, s, len + 1);
}

static void parse_pack(const struct eh_lua_reader *r)
{
	static const char *const names[] = { "name", "source", "from", "to", "note" };
	struct eh_pack *p = &r->info->pack;
	const char *wrong = NULL;
	int table = 0, first = 0;

	if (!eh_lua_optional(r, "pack", LUA_TTABLE))
		return;
	table = lua_gettop(r->L);
	first = table + 1;
	lua_settop(r->L, table + (int)N_OF(names)); // pack nil ...
	if (!eh_lua_take(r->L, table, names, (int)N_OF(names), first))
		eh_lua_only(r->L, table, names, N_OF(names), r, "the pack");
	parse_pack_text(r, "name", first, p->name, sizeof p->name);
	parse_pack_text(r, "source", first + 1, p->source, sizeof p->source);
	parse_pack_text(r, "from", first + 2, p->from, sizeof p->from);
	parse_pack_text(r, "to", first + 3, p->to, sizeof p->to);
	parse_pack_text(r, "note", first + 4, p->note, sizeof p->note);
	wrong = p->name[0] == '\0' ? "a pack needs a name, such as \"UGESP\"" : eh_pack_wrong(p);
	if (wrong != NULL)
		eh_lua_refuse(r, "pack", "pack: %s", wrong);
	lua_settop(r->L, table - 1);
}

/* Rules of law that are about what people said of themselves: what is predicted is unknown to them, or refused. */
static void parse_provenance(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "provenance", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "any") != 0 && strcmp(s, "declared") != 0 && strcmp(s, "declared_only") != 0)
		eh_lua_refuse(r, "provenance",
			      "provenance must be \"declared\" (predicted classes count as unknown), "
			      "\"declared_only\" (where somebody's class is predicted nothing is said) or \"any\"");
	if (strcmp(s, "any") != 0)
		r->info->settings.known_only = true;
	r->info->declared_only = strcmp(s, "declared_only") == 0;
	lua_pop(r->L, 1);
}

/* Which ratio the verdicts rest on where decisions lie in several strata. */
static void parse_ratio(const struct eh_lua_reader *r)
{
	const char *s = NULL;

	if (!eh_lua_optional(r, "ratio", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "plain") != 0 && strcmp(s, "stratified") != 0)
		eh_lua_refuse(r, "ratio",
			      "ratio must be \"stratified\" (by position, stage and question) or "
			      "\"plain\"");
	r->info->settings.plain_ratio = strcmp(s, "plain") == 0;
	lua_pop(r->L, 1);
}

static bool parse_function(const struct eh_lua_reader *r, const char *name)
{
	if (!eh_lua_optional(r, name, LUA_TFUNCTION))
		return false;
	lua_pop(r->L, 1);
	return true;
}

static void parse_stateless(const struct eh_lua_reader *r)
{
	if (!eh_lua_optional(r, "stateless", LUA_TBOOLEAN))
		return;
	r->info->stateless = lua_toboolean(r->L, -1);
	lua_pop(r->L, 1);
}

void eh_contract_fields(struct eh_lua_reader *r)
{
	struct eh_policy_info *info = r->info;

	parse_name(r);
	parse_api(r);
	parse_version(r);
	parse_author(r);
	parse_pack(r);
	parse_attributes(r);
	parse_limit(r);
	parse_needs(r);
	parse_reference(r);
	parse_minimum(r, "min_group", &info->settings.min_group);
	parse_minimum(r, "min_total", &info->settings.min_total);
	parse_share(r);
	parse_alpha(r);
	parse_family(r);
	parse_classes(r);
	parse_provenance(r);
	parse_ratio(r);
	parse_looks(r);
	parse_intersect(r);
	parse_stateless(r);
	info->has_gate = parse_function(r, "gate");
	info->has_summarise = parse_function(r, "summarise");
	info->has_compute = parse_function(r, "compute");
	info->has_hook = parse_function(r, "on_notification");
	if (!parse_function(r, "check"))
		eh_lua_refuse(r, "check", "check is missing: write check = function(facts) ... end");
}

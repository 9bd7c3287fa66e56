/* The policy's table and its verdicts, parsed into C before anything is done with them. */
#include "lua/contract.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/record.h"

#define VERSION_MAX 15
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

struct reader {
	lua_State *L;
	int table;
	const struct eh_source *src;
	struct eh_policy_info *info;
};

static bool is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Is "field =" written at text[i]? */
static bool assigned_at(const struct eh_source *src, size_t i, const char *field, size_t flen)
{
	size_t j = i + flen;

	if (j > src->len || memcmp(src->text + i, field, flen) != 0 || (i > 0 && is_word(src->text[i - 1])))
		return false;
	while (j < src->len && (src->text[j] == ' ' || src->text[j] == '\t'))
		j++;
	return j + 1 < src->len && src->text[j] == '=' && src->text[j + 1] != '=';
}

/* Does a table's field begin at text[i]?  Then '{', ',' or ';' stands before it. */
static bool in_table(const struct eh_source *src, size_t i)
{
	while (i > 0 && strchr(" \t\r\n", src->text[i - 1]) != NULL)
		i--;
	return i > 0 && strchr("{,;", src->text[i - 1]) != NULL;
}

/* Line on which the field is written: the first "field =" inside a table, so that a local of the same name does not
 * take its place, else the first anywhere; 0 when there is none (built in a loop, say). */
static int line_of(const struct eh_source *src, const char *field)
{
	size_t flen = strlen(field);
	int line = 1, first = 0;

	for (size_t i = 0; i < src->len; i++) {
		if (src->text[i] == '\n')
			line++;
		if (!assigned_at(src, i, field, flen))
			continue;
		if (in_table(src, i))
			return line;
		first = first == 0 ? line : first;
	}
	return first;
}

/* Raises "file:line: text" with the line where the field is written. */
__attribute__((format(printf, 3, 4), noreturn))
static void refuse(const struct reader *r, const char *field, const char *fmt, ...)
{
	char text[400] = "";
	int line = line_of(r->src, field);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (line > 0)
		lua_pushfstring(r->L, "%s:%d: %s", r->src->file, line, text);
	else
		lua_pushfstring(r->L, "%s: %s", r->src->file, text);
	lua_error(r->L);
	__builtin_unreachable();
}

/* Pushes the raw field; its type. */
static int field(const struct reader *r, const char *name)
{
	lua_pushstring(r->L, name);
	return lua_rawget(r->L, r->table);
}

/* An optional field of the given type: false and nothing pushed when it is absent. */
static bool optional(const struct reader *r, const char *name, int type)
{
	int t = field(r, name);

	if (t == LUA_TNIL) {
		lua_pop(r->L, 1);
		return false;
	}
	if (t != type)
		refuse(r, name, "%s must be a %s, not a %s", name, lua_typename(r->L, type), lua_typename(r->L, t));
	return true;
}

/* The string on the stack, without a NUL inside and at most max bytes. */
static const char *text_on_top(const struct reader *r, const char *name, size_t max)
{
	size_t len = 0;
	const char *s = lua_tolstring(r->L, -1, &len);

	if (len == 0 || len > max || strlen(s) != len || !eh_id_valid(s, len))
		refuse(r, name, "%s must be 1 to %zu bytes of plain text", name, max);
	return s;
}

static void parse_name(const struct reader *r)
{
	const char *s = NULL;

	if (!optional(r, "name", LUA_TSTRING))
		refuse(r, "name", "name is missing: a policy table begins with name = \"...\", api = %d",
		       EH_POLICY_API);
	s = text_on_top(r, "name", EH_NAME_MAX);
	if (!eh_attribute_valid(s, strlen(s)))
		refuse(r, "name", "name \"%s\" must be lower-case letters, digits and _", s);
	memcpy(r->info->name, s, strlen(s) + 1);
	lua_pop(r->L, 1);
}

static void parse_api(const struct reader *r)
{
	int t = field(r, "api");

	if (t == LUA_TNIL)
		refuse(r, "api", "api is missing: write api = %d", EH_POLICY_API);
	if (!lua_isinteger(r->L, -1) || lua_tointeger(r->L, -1) != EH_POLICY_API)
		refuse(r, "api", "this program offers api = %d to policies", EH_POLICY_API);
	lua_pop(r->L, 1);
}

static void parse_version(const struct reader *r)
{
	const char *s = NULL;

	if (!optional(r, "version", LUA_TSTRING))
		refuse(r, "version", "version is missing: write version = \"1.0\"");
	s = text_on_top(r, "version", VERSION_MAX);
	memcpy(r->info->version, s, strlen(s) + 1);
	lua_pop(r->L, 1);
}

/* Plain list check: as many keys as its length says.  The list is on the stack. */
static lua_Integer list_length(const struct reader *r, const char *name, lua_Integer max)
{
	lua_Integer len = (lua_Integer)lua_rawlen(r->L, -1), keys = 0;

	for (lua_pushnil(r->L); lua_next(r->L, -2) != 0; lua_pop(r->L, 1))
		keys++;
	if (len != keys || len > max)
		refuse(r, name, "%s must be a list of at most %d entries", name, (int)max);
	return len;
}

static void parse_attributes(const struct reader *r)
{
	lua_Integer n = 0;

	if (!optional(r, "attributes", LUA_TTABLE))
		return;
	n = list_length(r, "attributes", EH_POLICY_ATTRIBUTES_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		size_t len = 0;
		const char *s = NULL;

		if (lua_rawgeti(r->L, -1, i) != LUA_TSTRING)
			refuse(r, "attributes", "attributes[%d] must be a string", (int)i);
		s = lua_tolstring(r->L, -1, &len);
		if (!eh_attribute_valid(s, len))
			refuse(r, "attributes", "attributes[%d] is no attribute name: lower-case letters, digits and _",
			       (int)i);
		memcpy(r->info->attributes[i - 1], s, len + 1);
		lua_pop(r->L, 1);
	}
	r->info->n_attributes = (size_t)n;
	lua_pop(r->L, 1);
}

/* A name of the pair on the stack, which the policy must look at. */
static void parse_half(const struct reader *r, lua_Integer pair, lua_Integer half)
{
	bool found = r->info->n_attributes == 0;
	size_t len = 0;
	const char *s = NULL;

	if (lua_rawgeti(r->L, -1, half) != LUA_TSTRING)
		refuse(r, "intersect", "intersect[%d] must be two attributes such as {\"sex\", \"race\"}", (int)pair);
	s = lua_tolstring(r->L, -1, &len);
	if (!eh_attribute_valid(s, len))
		refuse(r, "intersect", "intersect[%d] has no attribute name: lower-case letters, digits and _",
		       (int)pair);
	for (size_t i = 0; i < r->info->n_attributes && !found; i++)
		found = strcmp(r->info->attributes[i], s) == 0;
	if (!found)
		refuse(r, "intersect", "intersect[%d] names %s, which is not among the attributes", (int)pair, s);
	memcpy(r->info->intersect[pair - 1][half - 1], s, len + 1);
	lua_pop(r->L, 1);
}

static void parse_intersect(const struct reader *r)
{
	lua_Integer n = 0;

	if (!optional(r, "intersect", LUA_TTABLE))
		return;
	n = list_length(r, "intersect", EH_POLICY_INTERSECT_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_rawgeti(r->L, -1, i) != LUA_TTABLE || list_length(r, "intersect", 2) != 2)
			refuse(r, "intersect", "intersect[%d] must be two attributes such as {\"sex\", \"race\"}",
			       (int)i);
		parse_half(r, i, 1);
		parse_half(r, i, 2);
		if (strcmp(r->info->intersect[i - 1][0], r->info->intersect[i - 1][1]) == 0)
			refuse(r, "intersect", "intersect[%d] must name two different attributes", (int)i);
		lua_pop(r->L, 1);
	}
	r->info->n_intersect = (size_t)n;
	lua_pop(r->L, 1);
}

/* Two integers, never a fraction: a NaN limit would compare false and silence every finding. */
static void parse_limit(const struct reader *r)
{
	lua_Integer v[2] = { 0, 0 };

	if (!optional(r, "limit", LUA_TTABLE))
		return;
	if (list_length(r, "limit", 2) != 2)
		refuse(r, "limit", "limit must be two integers such as {4, 5}");
	for (int i = 0; i < 2; i++) {
		lua_rawgeti(r->L, -1, i + 1);
		if (!lua_isinteger(r->L, -1))
			refuse(r, "limit", "limit must be two integers such as {4, 5}");
		v[i] = lua_tointeger(r->L, -1);
		lua_pop(r->L, 1);
	}
	if (v[0] <= 0 || v[0] > v[1] || v[1] > EH_LUA_LIMIT_MAX)
		refuse(r, "limit", "limit {num, den} must be 0 < num <= den <= %d", EH_LUA_LIMIT_MAX);
	r->info->settings.limit_num = (int32_t)v[0];
	r->info->settings.limit_den = (int32_t)v[1];
	lua_pop(r->L, 1);
}

static void parse_needs(const struct reader *r)
{
	const char *names[EH_FACTS_MAX] = { NULL };
	lua_Integer n = 0;
	size_t used = 0, n_names = 0;

	if (!optional(r, "needs", LUA_TTABLE))
		return;
	while (eh_fact_name(n_names) != NULL) {
		names[n_names] = eh_fact_name(n_names);
		n_names++;
	}
	n = list_length(r, "needs", EH_FACTS_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		char near[160] = "";
		const char *s = NULL;
		int len = 0;

		if (lua_rawgeti(r->L, -1, i) != LUA_TSTRING)
			refuse(r, "needs", "needs[%d] must be a string", (int)i);
		s = lua_tostring(r->L, -1);
		if (eh_fact_index(s) < 0) {
			eh_near_names(near, sizeof near, s, names, n_names);
			refuse(r, "needs", "needs names the unknown fact \"%.40s\"%s", s, near);
		}
		len = snprintf(r->info->needs + used, sizeof r->info->needs - used, "%s%s", used > 0 ? " " : "", s);
		if (len < 0 || (size_t)len >= sizeof r->info->needs - used)
			refuse(r, "needs", "needs is too long; leave it out to read every fact");
		used += (size_t)len;
		/* milliseconds for each finding: computed for those who ask by name */
		r->info->settings.boschloo = r->info->settings.boschloo || strcmp(s, "p_boschloo") == 0;
		lua_pop(r->L, 1);
	}
	if (n == 0)
		refuse(r, "needs", "needs is empty; leave it out to read every fact");
	lua_pop(r->L, 1);
}

static void parse_reference(const struct reader *r)
{
	struct eh_audit_settings *s = &r->info->settings;
	const char *text = NULL;

	if (!optional(r, "reference", LUA_TSTRING))
		return;
	text = text_on_top(r, "reference", EH_NAME_MAX);
	if (strcmp(text, "highest") == 0) {
		s->reference = EH_REF_HIGHEST;
	} else if (strcmp(text, "rest") == 0) {
		s->reference = EH_REF_REST;
	} else {
		if (!eh_group_valid(text, strlen(text)))
			refuse(r, "reference", "reference must be \"highest\", \"rest\" or the name of a group");
		s->reference = EH_REF_FIXED;
		memcpy(s->fixed_reference, text, strlen(text) + 1);
	}
	lua_pop(r->L, 1);
}

static void parse_minimum(const struct reader *r, const char *name, uint32_t *out)
{
	lua_Integer v = 0;

	if (!optional(r, name, LUA_TNUMBER))
		return;
	if (!lua_isinteger(r->L, -1))
		refuse(r, name, "%s must be an integer", name);
	v = lua_tointeger(r->L, -1);
	if (v < 1 || v > EH_LUA_PERSONS_MAX)
		refuse(r, name, "%s must be between 1 and %d persons", name, EH_LUA_PERSONS_MAX);
	*out = (uint32_t)v;
	lua_pop(r->L, 1);
}

/* Kept in ten-thousandths, so that a group exactly at the share is compared in integers. */
static void parse_share(const struct reader *r)
{
	double v = 0.0;

	if (!optional(r, "min_share", LUA_TNUMBER))
		return;
	v = lua_tonumber(r->L, -1);
	if (!(v >= 0.0 && v <= 0.5) || fabs(v * 10000.0 - nearbyint(v * 10000.0)) > 1e-6)
		refuse(r, "min_share", "min_share must be between 0 and 0.5 in steps of 0.0001, such as 0.02");
	r->info->settings.min_share = (uint32_t)nearbyint(v * 10000.0);
	lua_pop(r->L, 1);
}

static void parse_alpha(const struct reader *r)
{
	double v = 0.0;

	if (!optional(r, "alpha", LUA_TNUMBER))
		return;
	v = lua_tonumber(r->L, -1);
	if (!isfinite(v) || v <= 0.0 || v >= 1.0)
		refuse(r, "alpha", "alpha must be a number between 0 and 1, such as 0.05");
	r->info->settings.alpha = v;
	lua_pop(r->L, 1);
}

static void parse_family(const struct reader *r)
{
	static const char *const families[] = { "bh", "holm", "by", "none" };
	const char *s = NULL;

	if (!optional(r, "family", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	for (size_t i = 0; i < N_OF(families); i++) {
		if (strcmp(s, families[i]) == 0) {
			(void)snprintf(r->info->settings.family, sizeof r->info->settings.family, "%s", families[i]);
			lua_pop(r->L, 1);
			return;
		}
	}
	refuse(r, "family", "family must be \"bh\", \"holm\", \"by\" or \"none\"");
}

/* "anytime" where data are audited again as they grow: the family then corrects p_anytime. */
static void parse_looks(const struct reader *r)
{
	const char *s = NULL;

	if (!optional(r, "looks", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "once") != 0 && strcmp(s, "anytime") != 0)
		refuse(r, "looks", "looks must be \"once\" or \"anytime\" (the p-values of growing data)");
	r->info->settings.anytime = strcmp(s, "anytime") == 0;
	lua_pop(r->L, 1);
}

/* "known" for rules of law: no estimate stands in for a class (DESIGN.md 7). */
static void parse_classes(const struct reader *r)
{
	const char *s = NULL;

	if (!optional(r, "classes", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "known") != 0 && strcmp(s, "all") != 0)
		refuse(r, "classes", "classes must be \"known\" or \"all\" (predicted ones too)");
	r->info->settings.known_only = strcmp(s, "known") == 0;
	lua_pop(r->L, 1);
}

/* Which ratio the verdicts rest on where decisions lie in several strata. */
static void parse_ratio(const struct reader *r)
{
	const char *s = NULL;

	if (!optional(r, "ratio", LUA_TSTRING))
		return;
	s = lua_tostring(r->L, -1);
	if (strcmp(s, "plain") != 0 && strcmp(s, "stratified") != 0)
		refuse(r, "ratio", "ratio must be \"stratified\" (by position, stage and question) or \"plain\"");
	r->info->settings.plain_ratio = strcmp(s, "plain") == 0;
	lua_pop(r->L, 1);
}

static bool parse_function(const struct reader *r, const char *name)
{
	if (!optional(r, name, LUA_TFUNCTION))
		return false;
	lua_pop(r->L, 1);
	return true;
}

/* Raises for the first (in byte order) key of the table at idx that is not among names. */
static void only_known(lua_State *L, int idx, const char *const *names, size_t n, const struct reader *r,
		       const char *what)
{
	char worst[48] = "", near[160] = "";
	bool found = false;

	for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
		char key[48] = "";
		bool known = false;

		if (lua_type(L, -2) == LUA_TSTRING)
			eh_text_printable(key, sizeof key, lua_tostring(L, -2), lua_rawlen(L, -2));
		else if (lua_isinteger(L, -2))
			(void)snprintf(key, sizeof key, "[%lld]", (long long)lua_tointeger(L, -2));
		else
			(void)snprintf(key, sizeof key, "[%s]", luaL_typename(L, -2));
		for (size_t i = 0; i < n && !known; i++)
			known = strcmp(key, names[i]) == 0;
		if (!known && (!found || strcmp(key, worst) < 0)) {
			memcpy(worst, key, sizeof worst);
			found = true;
		}
	}
	if (!found)
		return;
	eh_near_names(near, sizeof near, worst, names, n);
	if (r != NULL)
		refuse(r, worst, "unknown field \"%s\" in %s%s", worst, what, near);
	luaL_error(L, "unknown field \"%s\" in %s%s", worst, what, near);
}

void eh_contract_policy(lua_State *L, int idx, const struct eh_source *src, struct eh_policy_info *info)
{
	static const char *const names[] = { "name", "api", "version", "attributes", "limit", "needs", "reference",
					     "min_group", "min_total", "min_share", "alpha", "family", "classes",
					     "ratio", "looks", "intersect", "gate", "check", "summarise" };
	struct reader r = { L, lua_absindex(L, idx), src, info };

	*info = (struct eh_policy_info){ .settings = EH_AUDIT_SETTINGS_INIT };
	if (!lua_istable(L, idx)) {
		lua_pushfstring(L, "%s: a policy file must return its table, not a %s", src->file,
				luaL_typename(L, idx));
		lua_error(L);
	}
	luaL_checkstack(L, 8, "policy table");
	only_known(L, r.table, names, N_OF(names), &r, "the policy's table");
	parse_name(&r);
	parse_api(&r);
	parse_version(&r);
	parse_attributes(&r);
	parse_limit(&r);
	parse_needs(&r);
	parse_reference(&r);
	parse_minimum(&r, "min_group", &info->settings.min_group);
	parse_minimum(&r, "min_total", &info->settings.min_total);
	parse_share(&r);
	parse_alpha(&r);
	parse_family(&r);
	parse_classes(&r);
	parse_ratio(&r);
	parse_looks(&r);
	parse_intersect(&r);
	info->has_gate = parse_function(&r, "gate");
	info->has_summarise = parse_function(&r, "summarise");
	if (!parse_function(&r, "check"))
		refuse(&r, "check", "check is missing: write check = function(facts) ... end");
}

static void parse_kind(lua_State *L, int idx, struct eh_verdict *out)
{
	enum eh_verdict_kind kind = EH_POLICY_ERROR;
	char shown[48] = "";

	if (lua_type(L, idx) != LUA_TSTRING)
		luaL_error(L, "the verdict must be a string, not a %s", luaL_typename(L, idx));
	if (lua_rawlen(L, idx) != strlen(lua_tostring(L, idx)) || eh_verdict_parse(&kind, lua_tostring(L, idx)) < 0) {
		eh_text_printable(shown, sizeof shown, lua_tostring(L, idx), lua_rawlen(L, idx));
		luaL_error(L, "unknown verdict \"%s\": ok, watch, notify, too_few, not_allowed or cannot_conclude",
			   shown);
	}
	if (kind == EH_POLICY_ERROR)
		luaL_error(L, "policy_error is the engine's own verdict: raise an error instead");
	out->kind = kind;
}

static void parse_scope(lua_State *L, int idx, bool pooled, struct eh_verdict *out)
{
	int32_t scope = pooled ? EH_SCOPE_SYSTEMIC : EH_SCOPE_INDIVIDUAL;
	const char *s = NULL;

	if (lua_type(L, idx) != LUA_TNIL) {
		s = lua_type(L, idx) == LUA_TSTRING ? lua_tostring(L, idx) : "";
		if (strcmp(s, "individual") == 0)
			scope = EH_SCOPE_INDIVIDUAL;
		else if (strcmp(s, "systemic") == 0)
			scope = EH_SCOPE_SYSTEMIC;
		else
			luaL_error(L, "scope must be \"individual\" or \"systemic\"");
	}
	out->scope = out->kind == EH_NOTIFY ? scope : EH_SCOPE_NONE;
}

static void push_field(lua_State *L, int table, const char *name)
{
	lua_pushstring(L, name);
	lua_rawget(L, table);
}

static void parse_text(lua_State *L, int table, const char *name, char *out, size_t size)
{
	push_field(L, table, name);
	if (lua_type(L, -1) == LUA_TSTRING)
		eh_text_printable(out, size, lua_tostring(L, -1), lua_rawlen(L, -1));
	else if (lua_type(L, -1) != LUA_TNIL)
		luaL_error(L, "the %s must be a string, not a %s", name, luaL_typename(L, -1));
	lua_pop(L, 1);
}

void eh_contract_verdict(lua_State *L, int idx, bool pooled, struct eh_verdict *out)
{
	static const char *const names[] = { "verdict", "reason", "scope", "rule" };

	idx = lua_absindex(L, idx);
	if (lua_type(L, idx) == LUA_TSTRING) {
		parse_kind(L, idx, out);
		lua_pushnil(L);
		parse_scope(L, -1, pooled, out);
		lua_pop(L, 1);
		return;
	}
	if (!lua_istable(L, idx))
		luaL_error(L, "check() returned a %s: return {verdict = \"...\", reason = \"...\"} "
			   "or the verdict's name", luaL_typename(L, idx));
	luaL_checkstack(L, 6, "verdict");
	only_known(L, idx, names, N_OF(names), NULL, "the verdict");
	push_field(L, idx, "verdict");
	parse_kind(L, -1, out);
	push_field(L, idx, "scope");
	parse_scope(L, -1, pooled, out);
	parse_text(L, idx, "reason", out->reason, sizeof out->reason);
	parse_text(L, idx, "rule", out->rule, sizeof out->rule);
	lua_pop(L, 2);
}

bool eh_contract_needs(const struct eh_policy_info *info, bool declared[EH_FACTS_MAX])
{
	char name[48] = "";
	int at = 0, len = 0;

	for (size_t i = 0; i < EH_FACTS_MAX; i++)
		declared[i] = eh_fact_always(i);
	if (info->needs[0] == '\0')
		return false;
	while (sscanf(info->needs + at, "%47s%n", name, &len) == 1) {
		int i = eh_fact_index(name);

		if (i >= 0)
			declared[i] = true;
		at += len;
	}
	return true;
}

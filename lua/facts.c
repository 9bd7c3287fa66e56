/* The read-only view of a finding: a table of fields, looked up in the C struct on demand. */
#include "lua/facts.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"

#define VIEW_MT "facts"
#define SLOTS 1024              /* a power of two, several times the number of fields */

enum from { FINDING, SETTINGS, VERDICT };
enum kind { TEXT, BOOL, TRI, U64, U32, I32, DOUBLE, SHARE, NUM, COUNT, BASIS, KIND, SCOPE, SAME, TEST,
	    POOLED, UNDEFINED, SECTION };

struct section;
struct slot;

struct fact {
	const char *name;
	enum from from;
	enum kind kind;
	size_t offset;                  /* in the struct; in a section of an interval: in the interval */
	const struct section *section;
	bool always;
};

struct section {
	const char *name;
	const struct fact *facts;
	size_t n;
	bool why;                       /* values are the reasons of undefined numbers */
};

/* The box behind a proxy.  subject and section live in C for as long as the state does. */
struct view {
	const struct eh_subject *subject;
	const struct section *section;
	size_t base;                    /* added to each offset: where the interval lies in the finding */
	const struct slot *slots;       /* of the state */
};

#define F(name, kind, field) { #name, FINDING, kind, offsetof(struct eh_finding, field), NULL, false }
#define A(name, kind, field) { #name, FINDING, kind, offsetof(struct eh_finding, field), NULL, true }
#define S(name, kind, field) { #name, SETTINGS, kind, offsetof(struct eh_audit_settings, field), NULL, false }
#define V(name, kind, field) { #name, VERDICT, kind, offsetof(struct eh_verdict, field), NULL, true }
#define SUB(name, sect) { #name, FINDING, SECTION, 0, &sect, false }
#define IVAL(name, field) { #name, FINDING, SECTION, offsetof(struct eh_finding, field), &interval, false }
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

static const struct fact interval_facts[] = {
	{ "low", FINDING, NUM, offsetof(struct eh_interval, low), NULL, false },
	{ "high", FINDING, NUM, offsetof(struct eh_interval, high), NULL, false },
};
static const struct section interval = { "interval", interval_facts, N_OF(interval_facts), false };

static const struct fact benchmark_facts[] = {
	F(evaluators, U32, bench_evaluators), F(n, U64, bench_n), F(selected, U64, bench_selected),
	F(rate, NUM, bench_rate), F(impact_ratio, NUM, bench_ratio), F(deviation, NUM, deviation),
	F(same, SAME, bench_kind), F(strata, U32, bench_strata), IVAL(interval, bench_interval),
	IVAL(deviation_interval, deviation_interval),
};
static const struct section benchmark = { "benchmark", benchmark_facts, N_OF(benchmark_facts), false };

static const struct fact paired_facts[] = {
	F(pairs, U64, paired.pairs), F(first, U64, paired.first), F(second, U64, paired.second),
	F(split, U64, paired.split), F(ref_pairs, U64, paired.ref_pairs), F(ref_first, U64, paired.ref_first),
	F(ref_second, U64, paired.ref_second), F(ref_split, COUNT, paired.ref_split), F(p, NUM, paired.p),
	F(p_group, NUM, paired.p_group),
};
static const struct section paired = { "paired", paired_facts, N_OF(paired_facts), false };

static const struct fact peers_facts[] = {
	F(ratio, NUM, peers_ratio), F(z, NUM, peers_z), F(p, NUM, peers_p), F(q, NUM, peers_q),
	F(corrected, BOOL, peers_corrected), F(evaluators, U32, peers_evaluators), F(impact_ratio, NUM, peers_others),
	F(n, U64, peers_n), F(selected, U64, peers_selected), F(ref_n, U64, peers_ref_n),
	F(ref_selected, U64, peers_ref_selected),
};
static const struct section peers = { "peers", peers_facts, N_OF(peers_facts), false };

static const struct fact em_facts[] = {
	F(ratio, NUM, em_ratio), F(weighted, NUM, weighted_ratio), F(p, NUM, p_em), IVAL(interval, em_interval),
	F(n, NUM, em_n), F(selected, NUM, em_selected), F(robust, BOOL, robust), F(guard, TEXT, guard),
};
static const struct fact scores_facts[] = {
	F(n, U64, scores.n), F(ref_n, U64, scores.ref_n), F(median, NUM, scores.median),
	F(scoring_rate, NUM, scores.scoring_rate), F(ref_scoring_rate, NUM, scores.ref_scoring_rate),
	F(scoring_ratio, NUM, scores.scoring_ratio), F(cohen_d, NUM, scores.cohen_d),
	F(hedges_g, NUM, scores.hedges_g), F(p_welch, NUM, scores.p_welch),
	F(p_mann_whitney, NUM, scores.p_mann_whitney), F(ks, NUM, scores.ks),
};
static const struct section scores = { "scores", scores_facts, N_OF(scores_facts), false };

static const struct section em = { "em", em_facts, N_OF(em_facts), false };

static const struct fact supports_facts[] = {
	F(em, BOOL, assume.em_supports), F(weighted, BOOL, robust), F(bounds, BOOL, assume.bounds_support),
};
static const struct section supports = { "supports", supports_facts, N_OF(supports_facts), false };

static const struct fact assumption_facts[] = {
	IVAL(bounds, assume.bounds), F(cells, U32, assume.cells), SUB(supports, supports),
	F(n_eff, NUM, assume.n_eff), F(auc, NUM, assume.auc), F(auc_lo, NUM, assume.auc_lo), F(ece, NUM, assume.ece),
	F(out_of_scope, NUM, assume.out_of_scope), F(fit_p, NUM, assume.fit_p), F(labelled, U64, assume.labelled),
	F(p_score, NUM, assume.p_score), F(p_class, NUM, assume.p_class),
	F(threshold_ratio, NUM, assume.threshold_ratio), F(abstain_ratio, NUM, assume.abstain_ratio),
	F(undetermined, U64, assume.undetermined), F(matrix_ratio, NUM, assume.matrix_ratio),
	F(matrix_condition, NUM, assume.matrix_condition),
};
static const struct section assumption = { "assumption", assumption_facts, N_OF(assumption_facts), false };

static const struct fact provenance_facts[] = {
	F(declared, U64, declared), F(imported, U64, imported), F(predicted, U64, predicted), F(unknown, U64, unknown),
	F(refused, U64, assume.refused),
};
static const struct section provenance = { "provenance", provenance_facts, N_OF(provenance_facts), false };

static const struct fact limit_facts[] = { S(num, I32, limit_num), S(den, I32, limit_den) };
static const struct section limit = { "limit", limit_facts, N_OF(limit_facts), false };

static const struct fact family_facts[] = { F(method, TEXT, family_method), F(size, U32, family_size),
					      F(rank, U32, family_rank) };
static const struct section family = { "family", family_facts, N_OF(family_facts), false };

static const struct section why;

static const struct fact top_facts[] = {
	A(evaluator, TEXT, evaluator), A(attribute, TEXT, attribute), A(group, TEXT, group),
	A(position, TEXT, position), A(pooled, POOLED, evaluator), A(reference, TEXT, reference),
	A(is_reference, BOOL, is_reference),
	F(n, U64, n), F(selected, U64, selected), F(ref_n, U64, ref_n), F(ref_selected, U64, ref_selected),
	F(persons, U64, persons), F(ref_persons, U64, ref_persons), F(strata, U32, strata),
	F(rate, NUM, rate), F(ref_rate, NUM, ref_rate), F(impact_ratio, NUM, impact_ratio),
	F(undefined, UNDEFINED, impact_ratio), F(below_limit, TRI, below_limit),
	F(below_two_percent, BOOL, below_two_percent), IVAL(interval, interval),
	F(interval_method, TEXT, interval_method),
	F(z, NUM, z), F(p_z, NUM, p_z), F(p_fisher, NUM, p_fisher), F(p_mid, NUM, p_mid),
	F(shortfall, NUM, shortfall), F(flips, TRI, flips),
	F(mh_ratio, NUM, mh_ratio), IVAL(mh_interval, mh_interval), F(p_cmh, NUM, p_cmh),
	F(p_breslow_day, NUM, p_breslow_day), F(p_homogeneity, NUM, p_homogeneity),
	F(homogeneity_test, TEST, homogeneity_test), F(homogeneity_inflation, NUM, homogeneity_inflation),
	F(detectable, NUM, detectable),
	F(posterior, NUM, posterior), F(cohen_h, NUM, cohen_h), F(phi, NUM, phi), F(odds_ratio, NUM, odds_ratio),
	IVAL(odds_interval, odds_interval), F(shortfall_pooled, NUM, shortfall_pooled),
	F(p_boschloo, NUM, p_boschloo), F(uncertain_n, U64, uncertain_n),
	F(uncertain_selected, U64, uncertain_selected), F(ratio_if_unknown_low, NUM, ratio_if_unknown_low),
	F(ratio_if_unknown_high, NUM, ratio_if_unknown_high), SUB(scores, scores), SUB(em, em),
	SUB(assumption, assumption),
	F(basis, BASIS, basis), F(ratio, NUM, ratio), IVAL(ratio_interval, ratio_interval),
	F(ratio_below, TRI, ratio_below),
	F(p, NUM, p), F(p_method, TEXT, p_method), F(q, NUM, q), F(q_holm, NUM, q_holm), SUB(family, family),
	F(p_anytime, NUM, p_anytime), F(anytime, BOOL, anytime), F(look, U32, look),
	SUB(benchmark, benchmark), SUB(paired, paired), SUB(peers, peers), SUB(provenance, provenance),
	SUB(limit, limit),
	S(min_group, U32, min_group), S(min_total, U32, min_total), S(min_share, SHARE, min_share),
	S(alpha, DOUBLE, alpha),
	F(builtin, KIND, builtin), SUB(why, why),
	V(verdict, KIND, kind), V(scope, SCOPE, scope), V(reason, TEXT, reason),
	V(rule, TEXT, rule),
};
static const struct section top = { "facts", top_facts, N_OF(top_facts), false };
static const struct section why = { "why", top_facts, N_OF(top_facts), true };

_Static_assert(N_OF(top_facts) <= EH_FACTS_MAX, "EH_FACTS_MAX holds all facts");

const char *eh_fact_name(size_t i)
{
	return i < top.n ? top.facts[i].name : NULL;
}

int eh_fact_index(const char *name)
{
	for (size_t i = 0; i < top.n; i++)
		if (strcmp(top.facts[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool eh_fact_always(size_t i)
{
	return i < top.n && top.facts[i].always;
}

/* ---- fields by name ---- */

/*
 * Lua keeps one copy of each short string, so that a name which it has seen has one address as long as the string
 * lives.  The names are kept alive, and a field is found by that address: a check reads some forty fields of a finding,
 * and comparing them with a hundred names each costs more than all the rest of it.  What is not found so is compared.
 */
struct slot {
	const void *key;                /* lua_topointer of the name */
	const struct section *section;
	const struct fact *fact;
};

static size_t slot_of(const void *key, const struct section *section)
{
	const uintptr_t mixed = ((uintptr_t)key >> 3) ^ ((uintptr_t)section >> 2);

	return (size_t)((mixed ^ mixed >> 10) & (SLOTS - 1));
}

static const struct fact *find_slot(const struct slot *slots, const void *key, const struct section *section)
{
	for (size_t i = slot_of(key, section); slots[i].key != NULL; i = (i + 1) & (SLOTS - 1))
		if (slots[i].key == key && slots[i].section == section)
			return slots[i].fact;
	return NULL;
}

static const struct fact *find_by_text(const struct section *section, const char *key)
{
	for (size_t i = 0; i < section->n; i++)
		if (strcmp(section->facts[i].name, key) == 0)
			return &section->facts[i];
	return NULL;
}

static const struct section *const sections[] = { &top, &why, &interval, &benchmark, &paired, &peers, &em, &scores,
						  &supports, &assumption, &provenance, &limit, &family };

/* Slots, kept in the registry; their user value is the table that keeps the names. */
static void make_slots(lua_State *L)
{
	struct slot *slots = lua_newuserdatauv(L, SLOTS * sizeof *slots, 1);    // slots

	memset(slots, 0, SLOTS * sizeof *slots);
	lua_newtable(L);                                                        // slots names
	for (size_t i = 0; i < N_OF(sections); i++)
		for (size_t k = 0; k < sections[i]->n; k++) {
			const struct fact *fact = &sections[i]->facts[k];
			const void *key = NULL;
			size_t at = 0;

			lua_pushstring(L, fact->name);                          // slots names name
			key = lua_topointer(L, -1);
			at = slot_of(key, sections[i]);
			while (slots[at].key != NULL)
				at = (at + 1) & (SLOTS - 1);
			slots[at] = (struct slot){ key, sections[i], fact };
			lua_pushboolean(L, 1);                                  // slots names name true
			lua_rawset(L, -3);                                      // slots names
		}
	lua_setiuservalue(L, -2, 1);                                            // slots
	lua_rawsetp(L, LUA_REGISTRYINDEX, sections);
}

/* ---- values ---- */

static void push_view(lua_State *L, const struct eh_subject *subject, const struct section *section, size_t base,
		      const struct slot *slots)
{
	struct view *v = lua_newuserdatauv(L, sizeof *v, 0);    // view

	*v = (struct view){ subject, section, base, slots };
	luaL_setmetatable(L, VIEW_MT);                          // view
}

static void push_num(lua_State *L, const char *name, const struct eh_num *x)
{
	if (x->defined)
		lua_pushnumber(L, eh_num_told(name, *x).value);
	else
		lua_pushnil(L);
}

/* A whole number that may be undefined. */
static void push_count(lua_State *L, const struct eh_num *x)
{
	if (x->defined)
		lua_pushinteger(L, (lua_Integer)x->value);
	else
		lua_pushnil(L);
}

static void push_tri(lua_State *L, enum eh_tri t)
{
	if (t == EH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushboolean(L, t == EH_YES);
}

static void push_scope(lua_State *L, int32_t scope)
{
	if (scope == EH_SCOPE_NONE)
		lua_pushnil(L);
	else
		lua_pushstring(L, scope == EH_SCOPE_INDIVIDUAL ? "individual" : "systemic");
}

static void push_same(lua_State *L, enum eh_bench_kind kind)
{
	if (kind == EH_BENCH_NONE)
		lua_pushnil(L);
	else
		lua_pushstring(L, eh_bench_kind_text(kind));
}

static void push_test(lua_State *L, enum eh_strata_test test)
{
	if (test == EH_STRATA_UNTESTED)
		lua_pushnil(L);
	else
		lua_pushstring(L, eh_strata_test_text(test));
}

/* nil where there is nothing to say beside the number */
static void push_why(lua_State *L, const char *name, const struct eh_num *x)
{
	lua_pushstring(L, eh_num_remark(name, *x));
}

static void push_value(lua_State *L, const struct view *v, const struct fact *fact)
{
	const void *from[] = { v->subject->finding, v->subject->settings, v->subject->verdict };
	const void *at = (const char *)from[fact->from] + v->base + fact->offset;

	switch (fact->kind) {
	case TEXT: lua_pushlstring(L, at, strlen(at)); break;    /* past lua_pushstring's cache of constants */
	case BOOL: lua_pushboolean(L, *(const bool *)at); break;
	case TRI: push_tri(L, *(const enum eh_tri *)at); break;
	case U64: lua_pushinteger(L, (lua_Integer)*(const uint64_t *)at); break;
	case U32: lua_pushinteger(L, *(const uint32_t *)at); break;
	case I32: lua_pushinteger(L, *(const int32_t *)at); break;
	case DOUBLE: lua_pushnumber(L, *(const double *)at); break;
	case SHARE: lua_pushnumber(L, *(const uint32_t *)at / 10000.0); break;
	case NUM: push_num(L, fact->name, at); break;
	case COUNT: push_count(L, at); break;
	case BASIS: lua_pushstring(L, *(const enum eh_basis *)at == EH_BASIS_SCREENING ? "screening" : "known"); break;
	case KIND: lua_pushstring(L, eh_verdict_text(*(const enum eh_verdict_kind *)at)); break;
	case SCOPE: push_scope(L, *(const int32_t *)at); break;
	case SAME: push_same(L, *(const enum eh_bench_kind *)at); break;
	case TEST: push_test(L, *(const enum eh_strata_test *)at); break;
	case POOLED: lua_pushboolean(L, *(const char *)at == '\0'); break;
	case UNDEFINED: push_why(L, fact->name, at); break;
	case SECTION: push_view(L, v->subject, fact->section, fact->offset, v->slots); break;
	}
}

/* A verdict is there only in summarise(); a section of reasons holds numbers only. */
static bool exists(const struct view *v, const struct fact *fact)
{
	if (fact->from == VERDICT && v->subject->verdict == NULL)
		return false;
	return !v->section->why || fact->kind == NUM;
}

static bool declared(const struct view *v, const struct fact *fact)
{
	const struct fact *first = top.facts;

	if (v->section != &top || v->subject->declared == NULL || fact->always)
		return true;
	return v->subject->declared[fact - first];
}

static int raise_unknown(lua_State *L, const struct view *v, const char *key)
{
	const char *names[EH_FACTS_MAX] = { NULL };
	char near[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < v->section->n; i++)
		if (exists(v, &v->section->facts[i]))
			names[n++] = v->section->facts[i].name;
	eh_near_names(near, sizeof near, key, names, n);
	return luaL_error(L, "unknown fact %s.%s%s", v->section->name, key, near);
}

static void push_fact(lua_State *L, const struct view *v, const struct fact *fact)
{
	if (v->section->why)
		push_why(L, fact->name, (const void *)((const char *)v->subject->finding + fact->offset));
	else
		push_value(L, v, fact);
}

/* The section in which an interval lies, and its name there: intervals share one table of fields. */
static const char *interval_name(size_t base, const char **outer)
{
	static const struct section *const within[] = { &top, &benchmark, &em, &assumption };

	for (size_t i = 0; i < N_OF(within); i++)
		for (size_t k = 0; k < within[i]->n; k++)
			if (within[i]->facts[k].section == &interval && within[i]->facts[k].offset == base) {
				*outer = within[i] != &top ? within[i]->name : NULL;
				return within[i]->facts[k].name;
			}
	return interval.name;
}

/* For the message of an error that a nil leads to (nils.h). */
static void note_nil(lua_State *L, const struct view *v, const struct fact *fact)
{
	const char *outer = NULL, *section = v->section == &top ? NULL : v->section->name, *reason = NULL;

	if (v->section->why || fact->from == VERDICT)
		return;
	if (v->section == &interval)
		section = interval_name(v->base, &outer);
	if (fact->kind == NUM || fact->kind == COUNT) {
		const void *at = (const char *)v->subject->finding + v->base + fact->offset;

		reason = eh_num_remark(fact->name, *(const struct eh_num *)at);
	}
	eh_sandbox_note_nil(L, outer, section, fact->name, reason);
}

/* Reached as the __index of a view's metatable alone, which is locked: what is at index 1 is a view. */
static int view_index(lua_State *L)
{
	const struct view *v = lua_touserdata(L, 1);
	const struct fact *fact = find_slot(v->slots, lua_topointer(L, 2), v->section);
	const char *key = NULL;
	size_t len = 0;

	if (fact == NULL) {
		if (lua_type(L, 2) != LUA_TSTRING)
			return luaL_error(L, "%s is read by field name, not by a %s", v->section->name,
					  luaL_typename(L, 2));
		key = lua_tolstring(L, 2, &len);
		/* a name with something behind a NUL is another one */
		fact = strlen(key) == len ? find_by_text(v->section, key) : NULL;
	}
	if (fact != NULL && exists(v, fact) && declared(v, fact)) {
		push_fact(L, v, fact);
		if (lua_isnil(L, -1))
			note_nil(L, v, fact);
		return 1;
	}
	key = lua_tostring(L, 2);
	if (fact == NULL || !exists(v, fact))
		return raise_unknown(L, v, key);
	return luaL_error(L, "fact %s is read but not declared: add \"%s\" to needs", key, key);
}

static int view_newindex(lua_State *L)
{
	const struct view *v = luaL_checkudata(L, 1, VIEW_MT);

	return luaL_error(L, "%s is read-only", v->section->name);
}

/* Next readable field after the name at index 2 (nil = from the start): name, value. */
static int view_next(lua_State *L)
{
	const struct view *v = luaL_checkudata(L, 1, VIEW_MT);
	const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
	bool passed = key == NULL;

	for (size_t i = 0; i < v->section->n; i++) {
		const struct fact *fact = &v->section->facts[i];

		if (passed && exists(v, fact) && declared(v, fact)) {
			lua_pushstring(L, fact->name);          // name
			push_fact(L, v, fact);                  // name value
			return 2;
		}
		if (!passed && strcmp(fact->name, key) == 0)
			passed = true;
	}
	lua_pushnil(L);
	return 1;
}

static int view_pairs(lua_State *L)
{
	luaL_checkudata(L, 1, VIEW_MT);
	lua_pushcfunction(L, view_next);        // next
	lua_pushvalue(L, 1);                    // next view
	lua_pushnil(L);                         // next view nil
	return 3;
}

static int view_tostring(lua_State *L)
{
	const struct view *v = luaL_checkudata(L, 1, VIEW_MT);

	lua_pushstring(L, v->section->name);
	return 1;
}

static const luaL_Reg view_meta[] = {
	{ "__index", view_index },
	{ "__newindex", view_newindex },
	{ "__pairs", view_pairs },
	{ "__tostring", view_tostring },
	{ NULL, NULL }
};

void eh_facts_open(lua_State *L)
{
	luaL_newmetatable(L, VIEW_MT);          // mt
	luaL_setfuncs(L, view_meta, 0);         // mt
	lua_pushliteral(L, "locked");           // mt "locked"
	lua_setfield(L, -2, "__metatable");     // mt
	lua_pop(L, 1);
	make_slots(L);
}

void eh_facts_push(lua_State *L, const struct eh_subject *subject)
{
	const struct slot *slots = NULL;

	lua_rawgetp(L, LUA_REGISTRYINDEX, sections);    // slots
	slots = lua_touserdata(L, -1);
	lua_pop(L, 1);
	push_view(L, subject, &top, 0, slots);          // view
}

/* ---- described ---- */

static const char *type_of(const struct fact *f)
{
	switch (f->kind) {
	case BOOL:
	case POOLED: return "boolean";
	case TRI: return "boolean?";
	case U64:
	case U32:
	case I32: return "integer";
	case DOUBLE:
	case SHARE: return "number";
	case NUM: return "number?";
	case COUNT: return "integer?";
	case BASIS: return "\"known\"|\"screening\"";
	case TEST: return "\"breslow_day\"|\"liang_self\"|nil";
	case SCOPE:
	case SAME:
	case UNDEFINED: return "string?";
	case SECTION: return "";
	default: return "string";
	}
}

const char *eh_fact_section(size_t i)
{
	return i < N_OF(sections) ? sections[i]->name : NULL;
}

bool eh_fact_info(struct eh_fact_info *out, const char *section, size_t i)
{
	for (size_t s = 0; s < N_OF(sections); s++) {
		const struct fact *f = NULL;

		if (strcmp(sections[s]->name, section) != 0 || i >= sections[s]->n)
			continue;
		f = &sections[s]->facts[i];
		*out = (struct eh_fact_info){ f->name, type_of(f), f->kind == SECTION ? f->section->name : NULL,
					      f->from == VERDICT };
		return true;
	}
	return false;
}

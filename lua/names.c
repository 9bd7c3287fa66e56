/* The tables of names that are not facts and not functions in C; see names.h. */
#include "lua/names.h"

#include <string.h>

#include "lua/facts.h"
#include "lua/primitives.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define NAMES_MAX 128

static const struct eh_script_name helpers[] = {
	{ "pairs_sorted", "(t: table): fun(): any, any",
	  "The pairs of a table, numbers first, then strings by bytes, then booleans; other keys raise. `pairs` is "
	  "this.",
	  false },
	{ "next_sorted", "(t: table, key: any): any, any", "Like next, in the order of pairs_sorted; `next` is this.",
	  false },
	{ "sort", "(list: any[], less?: fun(a: any, b: any): boolean)",
	  "Sorts in place; equals keep their order, and less must be false for them. `table.sort` is this.", false },
	{ "ratio_text", "(ratio: number?, limit?: evenhand.Limit|integer[]): string",
	  "0.333; with more decimals where it would look like the limit and is not.", false },
	{ "limit_text", "(limit: evenhand.Limit|integer[]): string", "4/5", false },
	{ "percent", "(share: number?): string", "0.253 is \"25.3 %\".", false },
	{ "p_text", "(p: number?): string", "0.031, 0.0004, below 0.0001, undefined", false },
	{ "interval_text", "(interval: evenhand.Interval): string", "0.210 to 0.650", false },
	{ "count", "(n: integer, noun: string): string", "count(3, \"person\") is \"3 persons\".", false },
	{ "list", "(items: string[]): string", "a, b and c", false },
	{ "provenance_text", "(facts: evenhand.Facts, least?: integer): string",
	  "How many known classes are declared and how many imported; numbers below least are not printed.", false },
	{ "reference_text", "(facts: evenhand.Facts): string", "What the group is compared with, in words.", false },
	{ "subject_text", "(facts: evenhand.Facts): string", "Who decided, in words.", false },
};

static const struct eh_script_name fields[] = {
	{ "name", "string", "lower-case letters, digits and _, at most 95 bytes", false },
	{ "api", "1", "raised on every incompatible change", false },
	{ "version", "string", "at most 15 bytes; stored with every result, beside the hash of the file", false },
	{ "author", "string", "1 to 95 bytes", true },
	{ "attributes", "string[]", "at most 8; left out = all", true },
	{ "limit", "integer[]", "two integers, 0 < num <= den <= 1000; left out = {4, 5}", true },
	{ "needs", "string[]", "the facts that check reads; left out = all", true },
	{ "reference", "string", "\"highest\", \"rest\" (default), \"majority\" or a group", true },
	{ "min_group", "integer", "persons, default 10", true },
	{ "min_total", "integer", "persons, default 30", true },
	{ "min_share", "number", "share of the pool below which a group is listed only, 0 to 0.5, default 0.02", true },
	{ "alpha", "number", "default 0.05", true },
	{ "family", "\"bh\"|\"holm\"|\"by\"|\"none\"", "default \"bh\"", true },
	{ "ratio", "\"stratified\"|\"plain\"",
	  "default \"stratified\"; which one facts.ratio, its interval, p and shortfall are", true },
	{ "classes", "\"all\"|\"known\"", "default \"all\"; \"known\": predicted classes count as unknown", true },
	{ "provenance", "\"any\"|\"declared\"|\"declared_only\"",
	  "default \"any\"; \"declared\": predicted classes count as unknown; \"declared_only\": nothing is said there",
	  true },
	{ "looks", "\"once\"|\"anytime\"", "default \"once\"; \"anytime\": q corrects p_anytime", true },
	{ "stateless", "boolean",
	  "default false; true: check carries nothing from one finding to the next", true },
	{ "intersect", "string[][]", "at most 4 pairs of attributes, such as {{\"sex\", \"race\"}}", true },
	{ "pack", "evenhand.Pack", "dated data of a rule of law", true },
	{ "gate", "fun(jurisdiction: string, attribute: string): boolean",
	  "may this policy be used on the attribute there? It can only close", true },
	{ "check", "fun(facts: evenhand.Facts): evenhand.Verdict|evenhand.VerdictName", "asked about every finding",
	  false },
	{ "summarise", "fun(findings: evenhand.Facts[]): table<integer, evenhand.Verdict|evenhand.VerdictName>?",
	  "asked once, after all checks: changed verdicts by place, or nil", true },
	{ "compute", "fun(project: evenhand.Project?): table[]", "the policy's own findings, counted again by the core",
	  true },
	{ "on_notification", "fun(notice: table): table?", "text and roles of a notification's mail", true },
};

static const struct eh_script_name verdicts[] = {
	{ "ok", "", "nothing to remark", false },
	{ "watch", "", "a remark that asks for no answer", false },
	{ "notify", "", "a notification: a supervisor has to answer", false },
	{ "too_few", "", "not enough persons to say anything", false },
	{ "not_allowed", "", "this policy may not be used here", false },
	{ "cannot_conclude", "", "there is no ratio, or no test, to go by", false },
};

static const struct eh_script_name specs[] = {
	{ "policy", "evenhand.Policy", "the policy that the spec is about", false },
	{ "describe", "(name: string, body: fun())", "a group of cases; may hold others", false },
	{ "it", "(name: string, body: fun())", "one case", false },
	{ "pending", "(name: string)", "a case that is not written yet; counted, never silent", false },
	{ "before_each", "(body: fun())", "runs before each case of its group and of those inside", false },
	{ "after_each", "(body: fun())", "runs after them", false },
	{ "setup", "(body: fun())", "runs once, before the group's cases", false },
	{ "teardown", "(body: fun())", "runs once, after them", false },
	{ "facts", "evenhand.Fixture", "facts.evaluator(id), facts.pooled(), facts.project{...}: decisions of a case",
	  false },
	{ "run", "(policy?: evenhand.Policy, settings?: table): table",
	  "the core audits the case's decisions and asks the policy: r.E1.female.verdict, r.pooled.female.reason",
	  false },
	{ "spec", "table", "the same names, for specs that must not depend on globals", false },
};

static const char *const string_fields[] = { "byte",	"char",	 "find",   "format", "gmatch",	 "gsub",
					     "len",	"lower", "match",  "pack",   "packsize", "rep",
					     "reverse", "sub",	 "unpack", "upper",  NULL };
static const char *const table_fields[] = { "concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL };
static const char *const math_fields[] = { "abs", "acos",	"asin", "atan", "ceil", "cos", "deg",
					   "exp", "floor",	"fmod", "huge", "log",	"max", "maxinteger",
					   "min", "mininteger", "modf", "pi",	"rad",	"sin", "sqrt",
					   "tan", "tointeger",	"type", "ult",	NULL };
static const char *const utf8_fields[] = { "char", "charpattern", "codepoint", "codes", "len", "offset", NULL };

static const struct eh_script_global globals[] = {
	{ "_G", NULL },
	{ "_VERSION", NULL },
	{ "assert", NULL },
	{ "error", NULL },
	{ "evenhand", NULL },
	{ "getmetatable", NULL },
	{ "ipairs", NULL },
	{ "math", math_fields },
	{ "next", NULL },
	{ "pairs", NULL },
	{ "pcall", NULL },
	{ "rawequal", NULL },
	{ "rawget", NULL },
	{ "rawlen", NULL },
	{ "rawset", NULL },
	{ "select", NULL },
	{ "setmetatable", NULL },
	{ "string", string_fields },
	{ "table", table_fields },
	{ "tonumber", NULL },
	{ "tostring", NULL },
	{ "type", NULL },
	{ "utf8", utf8_fields },
};

const struct eh_script_name *eh_script_helper(size_t i) { return i < N_OF(helpers) ? &helpers[i] : NULL; }
const struct eh_script_name *eh_script_field(size_t i) { return i < N_OF(fields) ? &fields[i] : NULL; }
const struct eh_script_name *eh_script_verdict(size_t i) { return i < N_OF(verdicts) ? &verdicts[i] : NULL; }
const struct eh_script_name *eh_script_spec(size_t i) { return i < N_OF(specs) ? &specs[i] : NULL; }
const struct eh_script_global *eh_script_global(size_t i) { return i < N_OF(globals) ? &globals[i] : NULL; }

/* Names inside a global table, or the globals themselves; 0: a global without fields of its own. */
static size_t names_of(const char *global, const char *names[NAMES_MAX])
{
	size_t n = 0;

	if (global == NULL) {
		for (; n < N_OF(globals); n++)
			names[n] = globals[n].name;
	} else if (strcmp(global, "evenhand") == 0) {
		names[n++] = "api";
		names[n++] = "project";
		for (size_t i = 0; i < N_OF(helpers); i++)
			names[n++] = helpers[i].name;
		for (size_t i = 0; eh_primitive(i) != NULL && n < NAMES_MAX; i++)
			names[n++] = eh_primitive(i)->name;
	} else {
		for (size_t i = 0; i < N_OF(globals); i++)
			if (strcmp(globals[i].name, global) == 0 && globals[i].fields != NULL)
				for (size_t k = 0; globals[i].fields[k] != NULL && n < NAMES_MAX; k++)
					names[n++] = globals[i].fields[k];
	}
	return n;
}

bool eh_script_known(const char *global, const char *field)
{
	const char *names[NAMES_MAX];
	size_t n = names_of(field != NULL ? global : NULL, names);
	const char *wanted = field != NULL ? field : global;

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], wanted) == 0)
			return true;
	/* what a plain value holds is not for a table of names to say */
	return field != NULL && n == 0;
}

void eh_script_near(char *out, size_t size, const char *global, const char *field)
{
	const char *names[NAMES_MAX];
	size_t n = names_of(field != NULL ? global : NULL, names);

	eh_near_names(out, size, field != NULL ? field : global, names, n);
}

const char *eh_script_section(const char *section, const char *field, bool *exists)
{
	struct eh_fact_info info;

	*exists = false;
	for (size_t i = 0; eh_fact_info(&info, section, i); i++) {
		if (strcmp(info.name, field) == 0) {
			*exists = true;
			return info.section;
		}
	}
	return NULL;
}

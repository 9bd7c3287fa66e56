/* The files that are made from the tables of names: stub, editor settings, evenhand-lua(7). */
#include "lua/names.h"

#include <ctype.h>
#include <string.h>

#include "lua/facts.h"
#include "lua/primitives.h"

#define MADE "made by `evenhand manual` from the program's tables; `make stubs` writes it anew."
#define LINE 118

/* "mh_interval" is read as a section that is called evenhand.Interval. */
static void class_name(char out[48], const char *section)
{
	(void)snprintf(out, 48, "evenhand.%c%s", toupper((unsigned char)section[0]), section + 1);
}

/* ---- signatures ---- */

/* Where the part that begins at s ends: at a comma or the end of the list, outside brackets. */
static size_t part_length(const char *s)
{
	int depth = 0;
	size_t i = 0;

	for (; s[i] != '\0'; i++) {
		if (strchr("(<[{", s[i]) != NULL)
			depth++;
		else if (strchr(")>]}", s[i]) != NULL && depth-- == 0)
			break;
		else if (s[i] == ',' && depth == 0)
			break;
	}
	return i;
}

struct part {
	size_t place;		 /* 0, 1, ... of the parameters */
	const char *name, *type; /* not terminated */
	int name_len, type_len;	 /* name_len 0: a result */
};

/* Calls put for each parameter of "(a: T, b?: U): R, S", then for each result. */
static void each_part(const char *signature, void (*put)(FILE *out, const struct part *p), FILE *out)
{
	const char *s = signature + 1;
	size_t place = 0;

	while (*s != ')' && *s != '\0') {
		size_t len = part_length(s);
		const char *colon = memchr(s, ':', len);
		int nlen = colon != NULL ? (int)(colon - s) : (int)len;

		put(out, &(struct part){ place++, s, colon != NULL ? colon + 2 : "any", nlen,
					 colon != NULL ? (int)len - nlen - 2 : 3 });
		s += len;
		s += strspn(s, ", ");
	}
	s += strspn(s, "): ");
	while (*s != '\0') {
		size_t len = part_length(s);

		put(out, &(struct part){ 0, "", s, 0, (int)len });
		s += len;
		s += strspn(s, ", ");
	}
}

static void put_annotation(FILE *out, const struct part *p)
{
	if (p->name_len > 0)
		fprintf(out, "---@param %.*s %.*s\n", p->name_len, p->name, p->type_len, p->type);
	else
		fprintf(out, "---@return %.*s\n", p->type_len, p->type);
}

static void put_parameter(FILE *out, const struct part *p)
{
	int len = p->name_len;

	if (len == 0)
		return;
	if (p->name[len - 1] == '?')
		len--;
	fprintf(out, "%s%.*s", p->place == 0 ? "" : ", ", len, p->name);
}

static void put_function(FILE *out, const char *prefix, const char *name, const char *signature, const char *doc)
{
	fprintf(out, "\n--- %s\n", doc);
	each_part(signature, put_annotation, out);
	fprintf(out, "function %s%s(", prefix, name);
	each_part(signature, put_parameter, out);
	fputs(") end\n", out);
}

/* ---- scripts/meta/evenhand.lua ---- */

/* A field with its meaning behind it, or before it where the line would be too long. */
static void put_field(FILE *out, const char *name, bool optional, const char *type, const char *doc)
{
	const size_t len = strlen("---@field ?  ") + strlen(name) + strlen(type) + strlen(doc);

	if (len > LINE && doc[0] != '\0')
		fprintf(out, "---%s\n---@field %s%s %s\n", doc, name, optional ? "?" : "", type);
	else
		fprintf(out, "---@field %s%s %s%s%s\n", name, optional ? "?" : "", type, doc[0] != '\0' ? " " : "",
			doc);
}

static void stub_sections(FILE *out)
{
	struct eh_fact_info f;
	char name[48], doc[200];

	for (size_t s = 0; eh_fact_section(s) != NULL; s++) {
		const char *section = eh_fact_section(s);

		if (strcmp(section, "why") == 0)
			continue;
		class_name(name, section);
		fprintf(out, "\n--- %s\n---@class %s\n", eh_script_section_doc(section), name);
		for (size_t i = 0; eh_fact_info(&f, section, i); i++) {
			if (f.section != NULL && strcmp(f.section, "why") == 0)
				(void)snprintf(name, sizeof name, "table<string, string?>");
			else if (f.section != NULL)
				class_name(name, f.section);
			(void)snprintf(doc, sizeof doc, "%s%s", f.summarise ? "only in summarise(): " : "",
				       eh_script_fact_doc(section, f.name));
			put_field(out, f.name, false, f.section != NULL ? name : f.type, doc);
		}
	}
}

static void stub_classes(FILE *out)
{
	const struct eh_primitive_class *c = NULL;

	for (size_t i = 0; (c = eh_primitive_class(i)) != NULL; i++) {
		fprintf(out, "\n--- %s\n---@class evenhand.%s\n", c->doc, c->name);
		for (size_t k = 0; k < c->n; k++)
			put_field(out, c->field[k].name, false, c->field[k].type, c->field[k].doc);
	}
	fputs("\n--- Dated data of a rule of law.\n---@class evenhand.Pack\n---@field name string such as \"UGESP\"\n"
	      "---@field source? string such as \"29 CFR 1607\"\n---@field from? string first day in force, "
	      "\"2027-01-01\", its year, or \"unknown\"\n"
	      "---@field to? string last day, its year, or \"unknown\": it is over; left out = no end known\n"
	      "---@field note? string\n",
	      out);
}

static void stub_policy(FILE *out)
{
	const struct eh_script_name *x = NULL;

	fputs("\n---@alias evenhand.VerdictName ", out);
	for (size_t i = 0; (x = eh_script_verdict(i)) != NULL; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? "|" : "", x->name);
	fputs("\n\n---@class evenhand.Verdict\n---@field verdict evenhand.VerdictName\n"
	      "---@field reason? string one or two plain sentences with the numbers, at most 639 bytes\n"
	      "---@field scope? \"individual\"|\"systemic\" with notify only\n"
	      "---@field rule? string a short name of the rule that spoke, at most 63 bytes; `explain` shows it\n",
	      out);
	fputs("\n--- What a policy file returns.\n---@class evenhand.Policy\n", out);
	for (size_t i = 0; (x = eh_script_field(i)) != NULL; i++)
		put_field(out, x->name, x->optional, x->type, x->doc);
}

/* A word of several, each in a line of its own. */
static void put_alias(FILE *out, const struct eh_primitive_options *o)
{
	fprintf(out, "\n---@alias evenhand.%s\n", o->name);
	for (size_t i = 0; i < o->n; i++)
		fprintf(out, "---| \"%s\"\n", o->option[i]);
}

/* The names of the libraries, and what is in each. */
static void stub_libraries(FILE *out)
{
	const struct eh_script_library *l = NULL;

	fputs("\n---@alias evenhand.LibraryName\n", out);
	for (size_t i = 0; (l = eh_script_library(i)) != NULL; i++)
		fprintf(out, "---| \"%s\"\n", l->name);
	for (size_t i = 0; (l = eh_script_library(i)) != NULL; i++) {
		fprintf(out, "\n--- %s\n---@class evenhand.library.%s\n", l->doc, l->name);
		for (size_t k = 0; k < l->n; k++)
			fprintf(out, "---%s\n---@field %s %s%s\n", l->field[k].doc, l->field[k].name,
				l->field[k].type[0] == '(' ? "fun" : "", l->field[k].type);
	}
}

static void stub_project(FILE *out)
{
	const struct eh_script_class *c = NULL;

	for (size_t i = 0; (c = eh_script_project(i)) != NULL; i++) {
		fprintf(out, "\n--- %s\n---@class evenhand.%s\n", c->doc, c->name);
		for (size_t k = 0; k < c->n; k++)
			put_field(out, c->field[k].name, c->field[k].optional, c->field[k].type, c->field[k].doc);
	}
}

static void write_stub(FILE *out)
{
	const struct eh_primitive_options *o = NULL;
	const struct eh_script_name *x = NULL;
	const struct eh_primitive *p = NULL;

	fputs("---@meta\n\n-- Type stubs for policy authors (LuaCATS, read by lua-language-server): what is there "
	      "inside "
	      "the sandbox;\n-- " MADE "\n-- The manual is evenhand-policy(5), the reference evenhand-lua(7).\n",
	      out);
	stub_sections(out);
	for (size_t i = 0; (o = eh_primitive_options(i)) != NULL; i++)
		put_alias(out, o);
	stub_classes(out);
	stub_libraries(out);
	stub_project(out);
	stub_policy(out);
	fputs("\n--- The library of policies.\n---@class evenhand\n---@field api 1\n---@field project "
	      "evenhand.Project? nil where the run is not over a project\nevenhand = {}\n",
	      out);
	for (size_t i = 0; (x = eh_script_helper(i)) != NULL; i++)
		put_function(out, "evenhand.", x->name, x->type, x->doc);
	for (size_t i = 0; (p = eh_primitive(i)) != NULL; i++)
		put_function(out, "evenhand.", p->name, p->signature, p->doc);
}

/* ---- settings ---- */

static void write_luarc(FILE *out)
{
	static const char *const absent[] = { "coroutine", "debug", "ffi", "io", "jit", "os", "package" };

	fputs("{\n  \"runtime.version\": \"Lua 5.4\",\n  \"runtime.builtin\": {\n", out);
	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		fprintf(out, "    \"%s\": \"disable\"%s\n", absent[i],
			i + 1 < sizeof absent / sizeof absent[0] ? "," : "");
	fputs("  },\n  \"workspace.library\": [\"scripts/meta\"],\n  \"diagnostics.globals\": [\"evenhand\"]\n}\n",
	      out);
}

struct wrap {
	FILE *out;
	size_t used;
};

/* The next quoted name of a list whose lines begin with four tabs. */
static void put_quoted(struct wrap *w, const char *name)
{
	size_t len = strlen(name) + 3;

	if (w->used == 0 || w->used + len + 1 > LINE) {
		fputs(w->used == 0 ? "\t\t\t\t" : "\n\t\t\t\t", w->out);
		w->used = 32;
	} else {
		fputc(' ', w->out);
		w->used++;
	}
	fprintf(w->out, "\"%s\",", name);
	w->used += len;
}

static void write_luacheck(FILE *out)
{
	const struct eh_script_global *g = NULL;
	struct wrap spec = { out, 0 };

	fputs("-- luacheck settings: policies see what lua/sandbox.c gives them and nothing else;\n-- " MADE "\n\n"
	      "stds.evenhand = {\n\tread_globals = {\n",
	      out);
	for (size_t i = 0; (g = eh_script_global(i)) != NULL; i++) {
		struct wrap w = { out, 0 };

		if (g->fields == NULL && strcmp(g->name, "evenhand") != 0) {
			fprintf(out, "\t\t%s = {%s},\n", g->name,
				strcmp(g->name, "_G") == 0 ? " other_fields = true " : "");
			continue;
		}
		fprintf(out, "\t\t%s = {\n\t\t\tfields = {\n", g->name);
		for (size_t k = 0; g->fields != NULL && g->fields[k] != NULL; k++)
			put_quoted(&w, g->fields[k]);
		if (g->fields == NULL) {
			put_quoted(&w, "api");
			put_quoted(&w, "project");
			for (size_t k = 0; eh_script_helper(k) != NULL; k++)
				put_quoted(&w, eh_script_helper(k)->name);
			for (size_t k = 0; eh_primitive(k) != NULL; k++)
				put_quoted(&w, eh_primitive(k)->name);
		}
		fputs("\n\t\t\t},\n\t\t},\n", out);
	}
	fputs("\t},\n}\n\nstds.evenhand_spec = {\n\tread_globals = {\n", out);
	for (size_t i = 0; eh_script_spec(i) != NULL; i++)
		put_quoted(&spec, eh_script_spec(i)->name);
	fputs("\n\t},\n}\n\nstd = \"evenhand\"\nmax_line_length = 120\ncodes = true\n"
	      "-- wrong on purpose\nexclude_files = { \"tests/lua/hostile\" }\n\n"
	      "files[\"scripts/meta/*.lua\"] = { ignore = { \"1\", \"2\", \"6\" } }\n"
	      "-- specs of the program itself run under busted too\n"
	      "files[\"**/*_spec.lua\"] = {\n\tstd = \"lua54+busted+evenhand+evenhand_spec\",\n"
	      "\tglobals = { \"_G.evenhand\", \"dofile\", \"loadfile\" },\n}\n",
	      out);
}

/* ---- evenhand-lua(7) ---- */

static void put_roff(FILE *out, const char *s)
{
	for (bool start = true; *s != '\0'; s++) {
		if (start && (*s == '.' || *s == '\''))
			fputs("\\&", out);
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '-')
			fputs("\\-", out);
		else if (*s == '"')
			fputs("\\(dq", out);
		else
			fputc(*s, out);
		start = *s == '\n';
	}
}

static void put_item(FILE *out, const char *name, const char *type, const char *doc)
{
	fputs(".TP\n.B ", out);
	put_roff(out, name);
	if (type[0] != '\0') {
		fputs("\n.I ", out);
		put_roff(out, type);
		fputs("\n.br", out);
	}
	fputc('\n', out);
	if (doc[0] != '\0') {
		put_roff(out, doc);
		fputc('\n', out);
	}
}

static void put_call(FILE *out, const char *name, const char *signature, const char *doc)
{
	fputs(".TP\n.BR evenhand.", out);
	put_roff(out, name);
	fputs(" \"", out);
	for (const char *s = signature; *s != '\0'; s++) {
		char one[2] = { *s, '\0' };

		if (strncmp(s, "evenhand.", 9) == 0 && s > signature)
			s += 8;
		else
			put_roff(out, one);
	}
	fputs("\"\n", out);
	put_roff(out, doc);
	fputc('\n', out);
}

static void manual_facts(FILE *out)
{
	struct eh_fact_info f;
	char type[64];

	fputs(".SH FACTS\nWhat\n.B check\ngets, read\\-only.\nCounts are integers.\nA number that is not defined is "
	      "nil, and\n"
	      ".BI facts.why. NAME\nsays why\n.RB ( reference_none_selected \", \" empty_group \", ...).\"\n"
	      "Counts of a table whose numbers are nil are 0 (in \\-\\-json null).\n"
	      "A p\\-value below 1e\\-300 has no digits left in a double; it is told as 1e\\-300, never as 0, and why\n"
	      "says\n.BR below_smallest .\n"
	      "A field that does not exist raises an error that proposes the nearest names.\nA type with ? may be "
	      "nil.\n",
	      out);
	for (size_t s = 0; eh_fact_section(s) != NULL; s++) {
		const char *section = eh_fact_section(s);

		if (strcmp(section, "why") == 0)
			continue;
		if (s > 0) {
			fprintf(out, ".SS The table %s\n", section);
			put_roff(out, eh_script_section_doc(section));
			fputc('\n', out);
		}
		for (size_t i = 0; eh_fact_info(&f, section, i); i++) {
			(void)snprintf(type, sizeof type, "%s%s%s", f.section != NULL ? "table " : f.type,
				       f.section != NULL ? f.section : "", f.summarise ? " (in summarise only)" : "");
			put_item(out, f.name, type, eh_script_fact_doc(section, f.name));
		}
	}
}

static void manual_functions(FILE *out)
{
	const struct eh_primitive_class *c = NULL;

	fputs(".SH FUNCTIONS\nThe program's own statistics, in the units and under the names that facts and JSON "
	      "have.\n"
	      "Each checks what it is given and takes from the instruction budget what its work is worth;\n"
	      "what is undefined is nil, with the reason's word as second result.\n",
	      out);
	for (size_t i = 0; eh_primitive(i) != NULL; i++)
		put_call(out, eh_primitive(i)->name, eh_primitive(i)->signature, eh_primitive(i)->doc);
	fputs(".SS Texts, order, lists\n", out);
	for (size_t i = 0; eh_script_helper(i) != NULL; i++)
		put_call(out, eh_script_helper(i)->name, eh_script_helper(i)->type, eh_script_helper(i)->doc);
	fputs(".SH TABLES THEY TAKE AND GIVE\n", out);
	for (size_t i = 0; eh_primitive_options(i) != NULL; i++) {
		fprintf(out, ".TP\n.B %s\n", eh_primitive_options(i)->name);
		for (size_t k = 0; k < eh_primitive_options(i)->n; k++) {
			fputs(k > 0 ? ", " : "", out);
			put_roff(out, eh_primitive_options(i)->option[k]);
		}
		fputc('\n', out);
	}
	for (size_t i = 0; (c = eh_primitive_class(i)) != NULL; i++) {
		fprintf(out, ".SS %s\n", c->name);
		put_roff(out, c->doc);
		fputc('\n', out);
		for (size_t k = 0; k < c->n; k++)
			put_item(out, c->field[k].name, c->field[k].type, c->field[k].doc);
	}
}

static void manual_libraries(FILE *out)
{
	const struct eh_script_library *l = NULL;

	fputs(".SH LIBRARIES\nShipped with the program, read\\-only, by\n.BR evenhand.library ;\n"
	      "evenhand\\-policy(5) says how a policy\\(aqs hash covers them.\n"
	      "What they have may change with the program: a version that was proposed keeps the text that it was\n"
	      "proposed with.\n",
	      out);
	for (size_t i = 0; (l = eh_script_library(i)) != NULL; i++) {
		fprintf(out, ".SS %s\n", l->name);
		put_roff(out, l->doc);
		fputc('\n', out);
		for (size_t k = 0; k < l->n; k++)
			put_item(out, l->field[k].name, l->field[k].type, l->field[k].doc);
	}
}

static void manual_project(FILE *out)
{
	const struct eh_script_class *c = NULL;

	fputs(".SH THE PROJECT\n.B evenhand.project\nand the argument of compute, read\\-only; nil where the run is "
	      "not over "
	      "a project.\n",
	      out);
	for (size_t i = 0; (c = eh_script_project(i)) != NULL; i++) {
		if (i > 0) {
			fprintf(out, ".SS %s\n", c->name);
			put_roff(out, c->doc);
			fputc('\n', out);
		}
		for (size_t k = 0; k < c->n; k++)
			put_item(out, c->field[k].name, c->field[k].type, c->field[k].doc);
	}
}

static void manual_globals(FILE *out)
{
	const struct eh_script_global *g = NULL;

	fputs(".SH GLOBALS\nThere is nothing else: no files, no clock, no random numbers, no globals of one's own.\n",
	      out);
	for (size_t i = 0; (g = eh_script_global(i)) != NULL; i++) {
		fprintf(out, ".TP\n.B %s\n", g->name);
		for (size_t k = 0; g->fields != NULL && g->fields[k] != NULL; k++)
			fprintf(out, "%s%s", k > 0 ? ", " : "", g->fields[k]);
		if (g->fields != NULL)
			fputc('\n', out);
		else if (strcmp(g->name, "evenhand") == 0)
			fputs("see FUNCTIONS\n", out);
		else
			fputs("as in Lua 5.4, or as evenhand\\-policy(5) says\n", out);
	}
}

static void write_manual(FILE *out)
{
	char name[64];

	fputs("\\- every name that a policy can use\n.SH DESCRIPTION\nThe reference beside\n.BR evenhand\\-policy "
	      "(5),\n"
	      "which explains and has examples.\n.SH FIELDS OF A POLICY\nA name with ? may be left out.\n",
	      out);
	for (size_t i = 0; eh_script_field(i) != NULL; i++) {
		(void)snprintf(name, sizeof name, "%s%s", eh_script_field(i)->name,
			       eh_script_field(i)->optional ? "?" : "");
		put_item(out, name, eh_script_field(i)->type, eh_script_field(i)->doc);
	}
	fputs(".SH VERDICTS\n", out);
	for (size_t i = 0; eh_script_verdict(i) != NULL; i++)
		put_item(out, eh_script_verdict(i)->name, "", eh_script_verdict(i)->doc);
	manual_facts(out);
	manual_functions(out);
	manual_libraries(out);
	manual_project(out);
	manual_globals(out);
	fputs(".SH IN A SPEC\nBeside all this, and the assertions that evenhand\\-policy(5) lists:\n", out);
	for (size_t i = 0; eh_script_spec(i) != NULL; i++)
		put_item(out, eh_script_spec(i)->name, eh_script_spec(i)->type, eh_script_spec(i)->doc);
	fputs(".SH SEE ALSO\n.BR evenhand (1),\n.BR evenhand\\-policy (5)\n", out);
}

void eh_script_page(FILE *out, enum eh_author_page page)
{
	switch (page) {
	case EH_PAGE_STUB:
		write_stub(out);
		break;
	case EH_PAGE_LUARC:
		write_luarc(out);
		break;
	case EH_PAGE_LUACHECK:
		write_luacheck(out);
		break;
	case EH_PAGE_MANUAL:
		write_manual(out);
		break;
	}
}

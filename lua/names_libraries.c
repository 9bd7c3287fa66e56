/* The shipped libraries of policies: names, signatures, texts; see names.h. */
#include <string.h>

#include "lua/facts.h"
#include "lua/names.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define LIBRARY_NAMES_MAX 32

static const struct eh_script_name ll144[] = {
	{ "LINE", "integer[]", "the reference line 0.80", false },
	{ "classes_text", "(facts: evenhand.Facts): string",
	  "Behind a reason: how many classes are declared, imported, unknown.", false },
	{ "compute", "(project: evenhand.Project?): table[]?", "What is said of the audit: compute() of a policy.",
	  false },
	{ "outside", "(facts: evenhand.Facts): evenhand.Verdict?", "The verdict on what stands in no table, or nil.",
	  false },
	{ "small_text", "(n: integer): string", "Behind a reason: small numbers, or nothing.", false },
	{ "verdict", "(kind: evenhand.VerdictName, rule: string, reason: string): evenhand.Verdict", "One as a table.",
	  false },
};
static const struct eh_script_name places[] = {
	{ "check",
	  "(f: evenhand.Facts, missing: integer, rule: string, refusal: string, looks_at: string): table",
	  "check() of a policy that is not about groups; not_allowed on inferred classes where something is missing.",
	  false },
	{ "compute",
	  "(project: evenhand.Project?, code: string, name: string, findings: function): table[]?",
	  "compute() of a policy about one place: findings(project, place), or that nobody is there.", false },
	{ "of", "(project: evenhand.Project, code: string): table?", "The jurisdiction with that code.", false },
};
static const struct eh_script_name reference_line[] = {
	{ "check", "(facts: evenhand.Facts, words: table): evenhand.Verdict",
	  "A remark below the limit after correction; words: below, beside, fine.", false },
};
static const struct eh_script_name stages[] = {
	{ "cells_of", "(attribute: string): table[]", "The decisions by position and stage, with their groups.",
	  false },
	{ "findings", "(seen: table<string, boolean>, judge: function): table[]",
	  "Own findings of every stage and bottom line of the attributes in seen, as judge(c, m, q, size) says.",
	  false },
	{ "highest", "(cell: table): table[], table?",
	  "Of a cell's groups those of 2 % or more, and the one of them with the highest rate.", false },
	{ "judge_facts",
	  "(facts: evenhand.Facts, judge: function): evenhand.Verdict",
	  "The same judge asked about a finding of the audit.", false },
	{ "several", "(cells: table[], key: string): boolean", "Do the cells differ in that field?", false },
	{ "side_text", "(selected: integer, n: integer, name: string): string", "12 of 40 women (30.0 %)", false },
};

#define LIBRARY(name, doc)                                                                                             \
	{                                                                                                              \
		#name, doc, name, N_OF(name)                                                                           \
	}
static const struct eh_script_library libraries[] = {
	LIBRARY(ll144, "New York City's Local Law 144: what both its tables say."),
	LIBRARY(places, "The jurisdictions of a project, and policies about one of them."),
	LIBRARY(reference_line, "Remarks below a line that is no pass mark."),
	LIBRARY(stages, "Each stage of a job by itself, and its bottom line: counts, tests, findings."),
};

const struct eh_script_library *eh_script_library(size_t i) { return i < N_OF(libraries) ? &libraries[i] : NULL; }

static size_t names_of(const char *library, const char *field, const char *names[LIBRARY_NAMES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < N_OF(libraries); i++) {
		if (field == NULL)
			names[n++] = libraries[i].name;
		else if (strcmp(libraries[i].name, library) == 0)
			for (; n < libraries[i].n && n < LIBRARY_NAMES_MAX; n++)
				names[n] = libraries[i].field[n].name;
	}
	return n;
}

bool eh_script_library_known(const char *library, const char *field)
{
	const char *names[LIBRARY_NAMES_MAX];
	size_t n = names_of(library, field, names);

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], field != NULL ? field : library) == 0)
			return true;
	return false;
}

void eh_script_library_near(char *out, size_t size, const char *library, const char *field)
{
	const char *names[LIBRARY_NAMES_MAX];
	size_t n = names_of(library, field, names);

	eh_near_names(out, size, field != NULL ? field : library, names, n);
}

/* The facts about a project as types for authors; what there is is pushed by project.c, and a test compares the two. */
#include <stddef.h>

#include "lua/names.h"
#include "policy/project.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])

static const struct eh_script_name project[] = {
	{ "as_of", "string", "day of the run, \"2026-11-30\": the only time a policy sees", false },
	{ "jurisdictions", "evenhand.ProjectPlace[]", "by code", false },
	{ "declarations", "table<string, string>", "what `evenhand policy declare` set", false },
	{ "data", "evenhand.ProjectData", "records by kind", false },
	{ "models", "evenhand.ProjectModel[]", "by attribute", false },
	{ "notifications", "evenhand.ProjectNotices", "how many there are of each state", false },
	{ "evaluators", "integer", "how many there are", false },
};

static const struct eh_script_name place[] = {
	{ "code", "string", "such as \"US-IL\"", false },
	{ "candidates", "integer", "of this jurisdiction", false },
	{ "recordings", "integer", "interviews known", false },
	{ "measured", "integer", "candidates of whom face or voice was measured", false },
	{ "consent", "table<string, evenhand.ProjectConsent>",
	  "by purpose: watch, face, voice, train, \"infer:sex\"; none without a record", false },
	{ "release_missing", "integer", "measured without a complete written release in force", false },
	{ "waiver_missing", "integer", "measured without all fields of a waiver", false },
	{ "inferred", "table<string, integer>", "predicted classes stored, by attribute", false },
};

static const struct eh_script_name consent[] = {
	{ "granted", "integer", "candidates whose newest record holds", false },
	{ "withdrawn", "integer", "whose newest says no", false },
	{ "expired", "integer", "whose newest is over", false },
	{ "none", "integer", "of whom there is none that has begun", false },
};

static const struct eh_script_name data[] = {
#define X(kind) { #kind, "evenhand.ProjectRecords", "", false },
	EH_PROJECT_KINDS(X)
#undef X
};

static const struct eh_script_name records[] = {
	{ "n", "integer", "how many are stored", false },
	{ "oldest", "string?", "day of the oldest; nil: there are none, or they carry no time", false },
};

static const struct eh_script_name model[] = {
	{ "attribute", "string", "that it predicts", false },
	{ "auc", "number?", "on persons unknown to it", false },
	{ "auc_lo", "number?", "lower end of its interval", false },
	{ "trained", "string?", "day", false },
	{ "stale", "boolean", "holds a withdrawn consent, or is of another version", false },
	{ "classifies", "boolean", "good enough to classify anybody", false },
};

static const struct eh_script_name notices[] = {
	{ "pending", "integer", "not answered", false },
	{ "oldest_pending_days", "integer", "0 = none pending", false },
	{ "confirmed", "integer", "", false },
	{ "rejected", "integer", "", false },
	{ "actions", "integer", "answers that name an action", false },
	{ "closed", "integer", "", false },
};

#define CLASS(name, path, doc, fields) { name, path, doc, fields, N_OF(fields) }
static const struct eh_script_class classes[] = {
	CLASS("Project", "", "Facts about a project as a whole, read-only; a field that is not listed here raises.",
	      project),
	CLASS("ProjectPlace", "jurisdictions.1", "Candidates of one jurisdiction.", place),
	CLASS("ProjectConsent", "jurisdictions.1.consent.face", "Candidates by their newest record of a purpose.",
	      consent),
	CLASS("ProjectData", "data", "What is stored.", data),
	CLASS("ProjectRecords", "data.vectors", "Records of one kind.", records),
	CLASS("ProjectModel", "models.1", "The newest model of an attribute.", model),
	CLASS("ProjectNotices", "notifications", "Notifications by what became of them.", notices),
};

const struct eh_script_class *eh_script_project(size_t i) { return i < N_OF(classes) ? &classes[i] : NULL; }

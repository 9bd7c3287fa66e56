/* Findings of a stored run by evaluator, attribute and group; see wanted.h. */
#include "cli/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "parts/words.h"

static bool keep(const struct cli_wanted *w, const struct eh_finding *f)
{
	return (w->evaluator == NULL || strcmp(f->evaluator, w->evaluator) == 0) &&
	       (w->attribute == NULL || strcmp(f->attribute, w->attribute) == 0) &&
	       (w->group == NULL || strcmp(f->group, w->group) == 0) &&
	       (!w->evaluators_only || f->evaluator[0] != '\0');
}

/* Moves them to the front; returns their number. */
static size_t keep_wanted(const struct cli_wanted *w, struct eh_finding *v, size_t all)
{
	size_t n = 0;

	for (size_t i = 0; i < all; i++)
		if (keep(w, &v[i]))
			memmove(&v[n++], &v[i], sizeof *v);
	return n;
}

/* The wanted findings of the run that was asked for; the attribute and group of the command line join w. */
int cli_wanted_load(struct cli *c, struct cli_wanted *w, struct eh_audit_head *head, struct eh_finding **v, size_t *n)
{
	int64_t run = 0;
	size_t all = 0;

	*v = NULL;
	*n = 0;
	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run))
		return eh_status_exit(EH_EUSAGE);
	if (eh_desk_findings(c->desk, (uint64_t)run, head, v, &all, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	w->attribute = cli_opt(c, "attribute");
	w->group = cli_opt(c, "group");
	*n = keep_wanted(w, *v, all);
	/* an evaluator of that id goes before everybody */
	if (*n == 0 && w->evaluator != NULL && strcmp(w->evaluator, CLI_EVERYBODY) == 0) {
		w->evaluator = "";
		*n = keep_wanted(w, *v, all);
	}
	return 0;
}

/* The wanted of the policy's own findings of that run. */
int cli_wanted_own(struct cli *c, const struct cli_wanted *w, uint64_t run, struct eh_finding **v, size_t *n)
{
	size_t all = 0;

	*n = 0;
	if (eh_desk_own_findings(c->desk, run, v, &all, &c->err) != EH_OK) {
		eh_list_free(v);
		return cli_fail(c);
	}
	*n = keep_wanted(w, *v, all);
	return 0;
}

/* What of a run a list of its findings does not show. */
void cli_say_run(const struct cli *c, const struct eh_audit_head *h)
{
	char words[EH_WINDOW_WORDS], standing[WORDS_STANDING];

	if (words_standing(standing, h->policy_state)[0] != '\0')
		cli_say(c, "audit run %llu: policy %s %s%s", (unsigned long long)h->seq, h->policy, h->policy_version,
			standing);
	if (eh_window_dated(&h->window))
		cli_say(c, "audit run %llu: %s", (unsigned long long)h->seq, eh_window_words(words, &h->window));
}

static bool has_any(const struct cli_wanted *w, const struct eh_finding *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (keep(w, &v[i]))
			return true;
	return false;
}

/* "female, male": the attributes, or the groups, of findings [n] that the wanted ones (NULL = all) keep, each once. */
static void put_names(char *list, size_t size, const struct cli_wanted *w, const struct eh_finding *v, size_t n,
		      bool groups)
{
	size_t used = 0;

	list[0] = '\0';
	for (size_t i = 0; i < n && used < size; i++) {
		const char *name = groups ? v[i].group : v[i].attribute;
		bool seen = !keep(w, &v[i]);

		for (size_t k = 0; k < i && !seen; k++)
			seen = keep(w, &v[k]) && strcmp(groups ? v[k].group : v[k].attribute, name) == 0;
		if (!seen)
			used += (size_t)snprintf(list + used, size - used, "%s%s", used > 0 ? ", " : "", name);
	}
}

/* Who was asked for is nobody's name. */
static int say_nobody(struct cli *c)
{
	const char *name = c->argc > 0 ? c->argv[0] : "";
	const bool explains = strcmp(c->entry->name, "explain") == 0;

	if (name[0] == '\0')
		return cli_error(c, EH_ENOENT, "the audit has no finding; import evaluations on persons whose class is "
				 "known, then run: evenhand audit");
	if (explains && (name[0] == 'N' || name[0] == 'n') && name[1] != '\0' &&
	    name[1 + strspn(name + 1, "0123456789")] == '\0')
		return cli_error(c, EH_ENOENT,
				 "there is no notification %s; \"evenhand notifications list\" lists them",
				 name);
	return cli_error(c, EH_ENOENT, "there is no %saudited evaluator '%s'; \"evenhand evaluators\" lists them, \""
			 CLI_EVERYBODY "\" is everybody together", explains ? "notification and no " : "", name);
}

/* Which of evaluator ("" = everybody together), attribute and group the run does not have, and what it has instead. */
int cli_say_missing(struct cli *c, const struct cli_wanted *wanted)
{
	const char *attribute = cli_opt(c, "attribute"), *group = cli_opt(c, "group");
	const char *on = c->argc > 0 ? " on " : "", *name = c->argc > 0 ? c->argv[0] : "";
	struct cli_wanted w = { .evaluator = wanted->evaluator, .evaluators_only = wanted->evaluators_only };
	struct eh_audit_head head;
	struct eh_finding *v = NULL;
	char list[400];
	size_t all = 0;
	int64_t run = 0;
	int status;

	if (!cli_opt_i64(c, "run", 1, INT64_MAX, &run) ||
	    eh_desk_findings(c->desk, (uint64_t)run, &head, &v, &all, &c->err) != EH_OK) {
		eh_list_free(&v);
		return cli_fail(c);
	}
	put_names(list, sizeof list, &w, v, all, false);
	w.attribute = attribute;
	if (list[0] == '\0') {
		status = say_nobody(c);
	} else if (attribute != NULL && !has_any(&w, v, all)) {
		status = cli_error(c, EH_ENOENT, "audit run %llu has no attribute '%s'%s%s; it has: %s",
				   (unsigned long long)head.seq, attribute, on, name, list);
	} else {
		put_names(list, sizeof list, &w, v, all, true);
		status = cli_error(c, EH_ENOENT, "audit run %llu has no group '%s'%s%s%s%s; it has: %s",
				   (unsigned long long)head.seq, group != NULL ? group : "",
				   attribute != NULL ? " of " : "", attribute != NULL ? attribute : "", on, name, list);
	}
	eh_list_free(&v);
	return status;
}

/* "" stands for everybody in the findings: a shell's empty variable must not ask for that. */
bool cli_is_named(struct cli *c, const char *everybody)
{
	if (c->argc == 0 || c->argv[0][0] != '\0')
		return true;
	(void)cli_error(c, EH_EUSAGE,
			"the name is empty; \"evenhand evaluators\" lists who was audited, %s is everybody together",
			everybody);
	return false;
}

/* Candidates numbered while evaluations are read; see judged.h. */
#include "desk/judged.h"

#include <stdlib.h>
#include <string.h>

#include "audit/cubes.h"
#include "base/mem.h"
#include "store/codec.h"

/* What is known of a candidate is one of a few profiles, so it is taken apart once for all who have it, and of each
 * only its number is kept. */
static int meet(struct eh_judged *j, const char *candidate, struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate);
	char text[EH_PROFILE_TEXT];
	struct eh_bytes record;
	uint32_t profile = 0;
	int rc = eh_txn_get(j->txn, EH_T_CANDIDATES, eh_key_bytes(&key), &record, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_EFORMAT, "there is no candidate '%.64s', but there are evaluations",
				  candidate);
	if (rc == EH_OK)
		rc = eh_profile_record(text, record, err);
	if (rc != EH_OK)
		return rc;
	profile = eh_names_add(j->texts, text);
	if (profile == j->profiles.n && !eh_profile_read(eh_list_push(&j->profiles, NULL), text))
		return eh_err_set(err, EH_EFORMAT, "candidate '%.64s': the stored record is damaged", candidate);
	(void)eh_list_push(&j->profile_of, &profile);
	return EH_OK;
}

/* ---- the judges ---- */

struct pair {
	uint32_t evaluator, candidate;
};

struct reading {
	struct eh_judged *j;
	struct eh_list pairs;
	uint32_t evaluators;
};

static int take_pair(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct reading *r = ctx;
	struct eh_judged *j = r->j;
	struct pair p;
	eh_id evaluator, candidate;
	int rc = EH_OK;

	(void)value;
	if (!eh_key_part(key, 0, candidate, sizeof candidate) || !eh_key_part(key, 1, evaluator, sizeof evaluator))
		return eh_err_set(err, EH_EFORMAT, "judges: the stored key is damaged");
	if (j->candidates.n == 0 || strcmp(j->candidate, candidate) != 0) {
		char *name = eh_xstrdup(candidate);

		(void)eh_list_push(&j->candidates, &name);
		memcpy(j->candidate, candidate, sizeof j->candidate);
		rc = meet(j, candidate, err);
	}
	p = (struct pair){ eh_names_add(j->evaluators, evaluator), (uint32_t)j->candidates.n - 1 };
	r->evaluators = p.evaluator >= r->evaluators ? p.evaluator + 1 : r->evaluators;
	(void)eh_list_push(&r->pairs, &p);
	return rc;
}

/* They come candidate by candidate; an evaluator's stay in that order. */
static void arrange(struct eh_judged *j, const struct reading *r)
{
	const struct pair *v = r->pairs.v;

	j->of = eh_xcalloc(r->pairs.n + 1, sizeof *j->of);
	j->at = eh_xcalloc((size_t)r->evaluators + 2, sizeof *j->at);
	j->used = eh_xcalloc(j->candidates.n + 1, 1);
	for (size_t i = 0; i < r->pairs.n; i++)
		j->at[v[i].evaluator + 2]++;
	for (size_t e = 2; e < (size_t)r->evaluators + 2; e++)
		j->at[e] += j->at[e - 1];
	for (size_t i = 0; i < r->pairs.n; i++)
		j->of[j->at[v[i].evaluator + 1]++] = v[i].candidate;
}

static void begin(struct eh_judged *j, struct eh_txn *txn)
{
	*j = (struct eh_judged){ .txn = txn, .texts = eh_names_new() };
	eh_list_init(&j->profiles, sizeof(struct eh_candidate));
	eh_list_init(&j->profile_of, sizeof(uint32_t));
	eh_list_init(&j->text_of, sizeof(uint32_t));
	eh_list_init(&j->candidates, sizeof(char *));
}

void eh_judged_begin_few(struct eh_judged *j, struct eh_txn *txn)
{
	begin(j, txn);
	j->names = eh_names_new();
}

int eh_judged_begin(struct eh_judged *j, struct eh_txn *txn, struct eh_err *err)
{
	struct reading r = { .j = j };
	struct eh_cubes_state state;
	int rc = eh_cubes_state(txn, &state, err);

	begin(j, txn);
	eh_list_init(&r.pairs, sizeof(struct pair));
	if (rc == EH_OK && state.current) {
		j->evaluators = eh_names_new();
		rc = eh_txn_scan(txn, EH_T_JUDGES, (struct eh_bytes){ NULL, 0 }, take_pair, &r, err);
		arrange(j, &r);
	} else {
		j->names = eh_names_new();
	}
	j->candidate[0] = '\0';
	free(r.pairs.v);
	return rc;
}

static void drop_names(struct eh_name_builder **b)
{
	struct eh_names none = { NULL, 0 };

	if (*b == NULL)
		return;
	eh_names_finish(b, &none, NULL);
	eh_names_free(&none);
}

void eh_judged_free(struct eh_judged *j)
{
	char **names = j->candidates.v;

	for (size_t i = 0; i < j->candidates.n; i++)
		free(names[i]);
	drop_names(&j->texts);
	drop_names(&j->names);
	drop_names(&j->evaluators);
	free(j->profiles.v);
	free(j->profile_of.v);
	free(j->text_of.v);
	free(j->candidates.v);
	free(j->of);
	free(j->at);
	free(j->used);
	*j = (struct eh_judged){ 0 };
}

/* ---- numbers ---- */

static int out_of_step(const struct eh_evaluation *e, struct eh_err *err)
{
	return eh_err_set(err, EH_EFORMAT,
			  "the list of who judged whom does not have evaluator '%.64s' and candidate '%.64s'; run: "
			  "evenhand doctor",
			  e->evaluator, e->candidate);
}

/* The next candidate in the evaluator's list must be the one of his next evaluation. */
static int step(struct eh_judged *j, const struct eh_evaluation *e, struct eh_err *err)
{
	char *const *names = j->candidates.v;

	if (strcmp(j->evaluator, e->evaluator) != 0) {
		/* one who is not among them is behind the last, with an empty list, and the reading ends */
		const uint32_t at = eh_names_add(j->evaluators, e->evaluator);

		memcpy(j->evaluator, e->evaluator, sizeof j->evaluator);
		j->next = j->at[at];
		j->end = j->at[at + 1];
	} else if (strcmp(j->candidate, e->candidate) == 0) {
		return EH_OK;
	}
	memcpy(j->candidate, e->candidate, sizeof j->candidate);
	if (j->next == j->end || strcmp(names[j->of[j->next]], e->candidate) != 0)
		return out_of_step(e, err);
	j->number = j->of[j->next++];
	return EH_OK;
}

int eh_judged_number(struct eh_judged *j, const struct eh_evaluation *e, uint32_t *out, struct eh_err *err)
{
	int rc = EH_OK;

	if (j->names == NULL) {
		rc = step(j, e, err);
		if (rc == EH_OK && out != NULL)
			j->used[j->number] = 1;
	} else if (out != NULL) {
		j->number = eh_names_add(j->names, e->candidate);
		if (j->number == j->profile_of.n)
			rc = meet(j, e->candidate, err);
	}
	if (out != NULL)
		*out = j->number;
	return rc;
}

const struct eh_candidate *eh_judged_profile(const struct eh_judged *j, uint32_t number)
{
	return (const struct eh_candidate *)j->profiles.v + ((const uint32_t *)j->profile_of.v)[number];
}

/* ---- settling ---- */

/* Those on whom every decision is on hold are not of the audit. */
static uint32_t *settle_names(struct eh_judged *j, struct eh_names *out)
{
	uint32_t *map = NULL;
	char **names = j->candidates.v;

	if (j->names != NULL) {
		eh_names_finish(&j->names, out, &map);
		return map;
	}
	map = eh_xcalloc(j->candidates.n + 1, sizeof *map);
	out->n = 0;
	for (size_t i = 0; i < j->candidates.n; i++) {
		map[i] = j->used[i] ? (uint32_t)out->n : UINT32_MAX;
		if (j->used[i])
			names[out->n++] = names[i];
		else
			free(names[i]);
	}
	out->v = names;
	j->candidates.v = NULL;
	j->candidates.n = 0;
	return map;
}

/* Profiles that somebody has, in the order in which the names have them. */
static void settle_profiles(struct eh_judged *j, const uint32_t *map)
{
	const struct eh_candidate *known = j->profiles.v;
	const uint32_t *before = j->profile_of.v;
	uint32_t *after = eh_xcalloc(j->profile_of.n + 1, sizeof *after);
	uint32_t *number = eh_xcalloc(j->profiles.n + 1, sizeof *number); /* + 1, 0 = nobody has it */
	struct eh_list used;

	eh_list_init(&used, sizeof(struct eh_candidate));
	for (size_t i = 0; i < j->profile_of.n; i++) {
		if (map[i] == UINT32_MAX)
			continue;
		if (number[before[i]] == 0) {
			(void)eh_list_push(&used, &known[before[i]]);
			(void)eh_list_push(&j->text_of, &before[i]);
			number[before[i]] = (uint32_t)used.n;
		}
		after[map[i]] = number[before[i]] - 1;
	}
	free(number);
	free(j->profiles.v);
	free(j->profile_of.v);
	j->profiles = used;
	j->profile_of.v = after;
}

void eh_judged_settle(struct eh_judged *j, struct eh_names *names, uint32_t **map)
{
	*map = settle_names(j, names);
	settle_profiles(j, *map);
}

/* Counts by key and class against counting by hand, on random designs. */
#include "audit_build.h"

#include "audit/crosstab.h"
#include "base/rng.h"

#define ROWS_MAX 400
#define KEY_ROOM 200

static const char *const stages[] = { "S1", "S2", "" }, *const positions[] = { "clerk", "nurse" };
static const char *const places[] = { "DE", "US-IL", "US-MD" };
static const char *const sexes[] = { "female", "male" }, *const races[] = { "asian", "black", "white" };

struct design {
	struct eh_audit_data d;
	bool shared; /* candidates are judged by several evaluators */
};

static void put(char *out, size_t size, const char *a, const char *b)
{
	(void)snprintf(out + strlen(out), size - strlen(out), "%s\x01%s", a, b);
}

/* The second attribute, and days: what the builder does not make. */
static void finish_by_hand(struct eh_audit_data *d, struct eh_rng *rng, bool days, bool weights)
{
	struct eh_attribute_data *a = NULL;

	d->attributes = eh_xrealloc(d->attributes, 2, sizeof *d->attributes);
	a = &d->attributes[1];
	memset(a, 0, sizeof *a);
	(void)snprintf(a->name, sizeof a->name, "race");
	a->n_groups = 3;
	for (size_t g = 0; g < 3; g++)
		(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", races[g]);
	a->group = eh_xcalloc(d->candidates.n, sizeof *a->group);
	a->provenance = eh_xcalloc(d->candidates.n, sizeof *a->provenance);
	d->n_attributes = 2;
	for (size_t i = 0; i < d->candidates.n; i++) {
		a->group[i] = (int16_t)(eh_rng_below(rng, 4) - 1u);
		a->group[i] = a->group[i] > 2 ? -1 : a->group[i];
		a->provenance[i] = a->group[i] < 0	       ? EH_UNKNOWN_CLASS
				   : eh_rng_below(rng, 3) == 0 ? EH_IMPORTED
							       : EH_DECLARED;
		/* a predicted class that somebody put into group as well must still not count */
		if (eh_rng_below(rng, 8) == 0 && a->group[i] >= 0)
			a->provenance[i] = EH_PREDICTED;
	}
	if (days)
		d->decided = eh_xcalloc(d->n_decisions, sizeof *d->decided);
	for (size_t i = 0; days && i < d->n_decisions; i++)
		d->decided[i] = eh_rng_below(rng, 6) == 0 ? EH_NO_DAY : 20450 + (int32_t)eh_rng_below(rng, 100);
	if (weights)
		d->weight = eh_xcalloc(d->candidates.n, sizeof *d->weight);
	d->places.v = eh_xcalloc(3, sizeof *d->places.v);
	for (d->places.n = 0; d->places.n < 3; d->places.n++)
		d->places.v[d->places.n] = eh_xstrdup(places[d->places.n]);
	d->place = eh_xcalloc(d->candidates.n, sizeof *d->place);
	for (size_t i = 0; i < d->candidates.n; i++)
		d->place[i] = (uint32_t)eh_rng_below(rng, 3);
	for (size_t i = 0; weights && i < d->candidates.n; i++)
		d->weight[i] = 1 + (uint32_t)eh_rng_below(rng, 5);
}

static void make(struct eh_audit_data *d, uint64_t seed, bool shared, bool weights)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (unsigned c = 0; c < 40; c++) {
		char name[32];
		unsigned judges = shared ? 1 + (unsigned)eh_rng_below(&rng, 3) : 1;

		(void)snprintf(name, sizeof name, "C%02u", c);
		build_person(&b, name, "clerk", (int)eh_rng_below(&rng, 3) - 1);
		for (unsigned k = 0; k < judges; k++) {
			char who[32];
			unsigned e = shared ? k * 2 + (unsigned)eh_rng_below(&rng, 2) : (unsigned)eh_rng_below(&rng, 6);
			unsigned first = (unsigned)eh_rng_below(&rng, 12), n = 1 + (unsigned)eh_rng_below(&rng, 4);

			(void)snprintf(who, sizeof who, "E%u", e);
			for (unsigned i = 0; i < n; i++) {
				unsigned s = (first + i * 5) % 12;
				char stratum[64];

				(void)snprintf(stratum, sizeof stratum, "%s\x1f%s\x1fQ%u", positions[s % 2],
					       stages[s / 2 % 3], s / 6);
				build_row(&b, who, name, stratum, eh_rng_below(&rng, 2) != 0);
			}
		}
	}
	build_finish(d, &b, sexes, 2);
	finish_by_hand(d, &rng, true, weights);
}

/* ---- by hand ---- */

static const char *key_text(const struct eh_audit_data *d, size_t e, size_t row, enum eh_crosstab_key key, char *room)
{
	static const int32_t first[] = { 20454, 20485, 20513, 20544, 20574 }; /* 2026: Jan to May */
	size_t month = 0;
	char *part = room;

	if (key == EH_CROSSTAB_EVALUATOR)
		return d->evaluators.v[e];
	if (key == EH_CROSSTAB_PLACE)
		return places[d->place[d->candidate[row]]];
	if (key == EH_CROSSTAB_PERIOD) {
		if (d->decided[row] == EH_NO_DAY)
			return "";
		while (month < 5 && d->decided[row] >= first[month])
			month++;
		(void)snprintf(room, KEY_ROOM, month == 0 ? "2025-12" : "2026-%02zu", month);
		return room;
	}
	(void)snprintf(room, KEY_ROOM, "%s", d->strata.v[d->stratum[row]]);
	for (size_t i = EH_CROSSTAB_POSITION; i < (size_t)key; i++)
		part = strchr(part, 0x1f) + 1;
	part[strcspn(part, "\x1f")] = '\0';
	return part;
}

static const char *class_text(const struct eh_audit_data *d, const struct eh_crosstab_query *q, uint32_t c, char *room)
{
	room[0] = '\0';
	for (size_t k = 0; k < q->n_attributes; k++) {
		const struct eh_attribute_data *a = &d->attributes[q->attribute[k]];

		if (a->group[c] < 0 || (a->provenance[c] != EH_DECLARED && a->provenance[c] != EH_IMPORTED))
			return NULL;
		(void)snprintf(room + strlen(room), KEY_ROOM - strlen(room), "%s%s", k > 0 ? " x " : "",
			       a->groups[a->group[c]]);
	}
	return q->n_attributes > 0 ? room : NULL;
}

struct plain {
	char key[KEY_ROOM];
	uint64_t n, selected, persons;
	uint8_t seen[64];
};

static bool wanted(const struct eh_audit_data *d, const struct eh_crosstab_query *q, size_t e, size_t row,
		   const char *group)
{
	char room[KEY_ROOM];

	for (size_t k = 0; k < EH_CROSSTAB_KEYS; k++)
		if (q->where[k] != NULL && strcmp(q->where[k], key_text(d, e, row, (enum eh_crosstab_key)k, room)) != 0)
			return false;
	return q->group == NULL || (group != NULL && strcmp(q->group, group) == 0);
}

static size_t count_plainly(struct plain *v, const struct eh_audit_data *d, const struct eh_crosstab_query *q)
{
	size_t n = 0;

	for (size_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			char key[KEY_ROOM] = "", room[KEY_ROOM], class[KEY_ROOM];
			const uint64_t w = d->weight != NULL ? d->weight[d->candidate[i]] : 1;
			const char *group = class_text(d, q, d->candidate[i], class);
			size_t at = 0;

			if (!wanted(d, q, e, i, group))
				continue;
			for (size_t k = 0; k < q->n_by; k++)
				put(key, sizeof key, key_text(d, e, i, q->by[k], room), "");
			put(key, sizeof key, group != NULL ? group : "~", ""); /* behind all names */
			while (at < n && strcmp(v[at].key, key) != 0)
				at++;
			if (at == n) {
				memset(&v[n], 0, sizeof v[n]);
				(void)snprintf(v[n++].key, sizeof v[0].key, "%s", key);
			}
			v[at].n += w;
			v[at].selected += d->selected[i] != 0 ? w : 0;
			v[at].persons += v[at].seen[d->candidate[i]] != 0 ? 0 : w;
			v[at].seen[d->candidate[i]] = 1;
		}
	return n;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct plain *)a)->key, ((const struct plain *)b)->key);
}

static void compare(struct eh_crosstab *t, const struct eh_audit_data *d, const struct eh_crosstab_query *q)
{
	static struct plain v[ROWS_MAX];
	struct eh_crosstab_result r;
	struct eh_err err = EH_ERR_INIT;
	size_t n = count_plainly(v, d, q);

	qsort(v, n, sizeof *v, by_key);
	if (eh_crosstab_count(t, q, &r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(r.n, n);
	for (size_t i = 0; i < n; i++) {
		char key[KEY_ROOM] = "";
		const char *group = eh_crosstab_group(&r, i);

		for (size_t k = 0; k < q->n_by; k++)
			put(key, sizeof key, eh_crosstab_text(&r, i, k), "");
		put(key, sizeof key, group != NULL ? group : "~", "");
		assert_string_equal(key, v[i].key);
		assert_int_equal(r.v[i].n, v[i].n);
		assert_int_equal(r.v[i].selected, v[i].selected);
		assert_int_equal(r.v[i].persons, v[i].persons);
	}
	eh_crosstab_result_free(&r);
}

/* All 64 sets of keys, with and without classes, and with one condition each. */
static void compare_all(const struct eh_audit_data *d)
{
	static const char *const conditions[EH_CROSSTAB_KEYS] = { "E2", "nurse", "S1", "Q1", "2026-02", "US-IL" };
	struct eh_crosstab *t = eh_crosstab_new(d);

	for (unsigned set = 0; set < 64; set++)
		for (size_t classes = 0; classes < 4; classes++)
			for (size_t where = 0; where <= EH_CROSSTAB_KEYS; where++) {
				struct eh_crosstab_query q = { .n_by = 0 };

				/* both orders are met: keys from the last to the first in every other round */
				for (size_t k = 0; k < EH_CROSSTAB_KEYS; k++) {
					size_t key = classes % 2 != 0 ? EH_CROSSTAB_KEYS - 1 - k : k;

					if ((set >> key & 1u) != 0)
						q.by[q.n_by++] = (enum eh_crosstab_key)key;
				}
				q.n_attributes = classes == 3 ? 2 : classes > 0;
				q.attribute[0] = classes == 2 || classes == 3;
				if (where < EH_CROSSTAB_KEYS)
					q.where[where] = conditions[where];
				compare(t, d, &q);
				q.group = classes == 0	 ? NULL
					  : classes == 1 ? "female"
					  : classes == 2 ? "black"
							 : "black x female";
				compare(t, d, &q);
			}
	eh_crosstab_free(&t);
}

static void every_count_is_the_one_by_hand(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct eh_audit_data d;

		make(&d, seed, seed % 3 == 0, seed % 3 == 1);
		compare_all(&d);
		eh_audit_data_free(&d);
	}
}

static void what_nobody_has_is_an_empty_answer(void **state)
{
	struct eh_crosstab_query q = { .n_by = 0, .n_attributes = 1 };
	struct eh_crosstab_result r;
	struct eh_audit_data d;
	struct eh_crosstab *t = NULL;

	(void)state;
	make(&d, 9, true, false);
	t = eh_crosstab_new(&d);
	for (size_t k = 0; k <= EH_CROSSTAB_KEYS; k++) {
		struct eh_crosstab_query one = q;

		if (k < EH_CROSSTAB_KEYS)
			one.where[k] = k == EH_CROSSTAB_PERIOD ? "2026-2" : "nobody";
		else
			one.group = "divers";
		assert_int_equal(eh_crosstab_count(t, &one, &r, NULL), EH_OK);
		assert_int_equal(r.n, 0);
		eh_crosstab_result_free(&r);
	}
	q.where[EH_CROSSTAB_EVALUATOR] = "nobody";
	assert_int_equal(eh_crosstab_rows(t, &q), 0);
	q.where[EH_CROSSTAB_EVALUATOR] = "E1";
	assert_int_equal(eh_crosstab_rows(t, &q), d.evaluator_at[2] - d.evaluator_at[1]);
	q.where[EH_CROSSTAB_EVALUATOR] = NULL;
	assert_int_equal(eh_crosstab_rows(t, &q), d.n_decisions);
	eh_crosstab_free(&t);
	eh_audit_data_free(&d);
}

static void data_without_times_have_no_periods(void **state)
{
	struct eh_crosstab_query q = { .by = { EH_CROSSTAB_PERIOD }, .n_by = 1 };
	struct eh_crosstab_result r;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_crosstab *t = NULL;

	(void)state;
	make(&d, 4, false, false);
	free(d.decided);
	d.decided = NULL;
	t = eh_crosstab_new(&d);
	assert_int_equal(eh_crosstab_count(t, &q, &r, &err), EH_EINVAL);
	assert_memory_equal(err.msg, "these data have no decided_at: ", 31);
	assert_null(r.v);
	q.n_by = 0;
	q.where[EH_CROSSTAB_PERIOD] = "2026-01";
	assert_int_equal(eh_crosstab_count(t, &q, &r, &err), EH_EINVAL);
	memset(q.where, 0, sizeof q.where);
	q.where[EH_CROSSTAB_PLACE] = "DE";
	free(d.place);
	d.place = NULL;
	assert_int_equal(eh_crosstab_count(t, &q, &r, &err), EH_EINVAL);
	assert_memory_equal(err.msg, "these decisions carry no jurisdictions", 38);
	eh_crosstab_free(&t);
	eh_audit_data_free(&d);
}

/* The n-th allocation that may fail does: an error or the right answer, and nothing lost (asan looks). */
static void memory_may_end_at_every_place(void **state)
{
	struct eh_crosstab_query q = {
		.by = { EH_CROSSTAB_STAGE }, .n_by = 1, .n_attributes = 2, .attribute = { 0, 1 }
	};
	struct eh_crosstab_result r;
	struct eh_audit_data d;
	unsigned failed = 0;

	(void)state;
	make(&d, 3, true, false);
	for (uint64_t n = 1;; n++) {
		struct eh_crosstab *t = eh_crosstab_new(&d);
		int rc = 0;

		eh_mem_fail_at(n);
		rc = eh_crosstab_count(t, &q, &r, NULL);
		eh_mem_fail_at(0);
		if (rc == EH_OK) {
			assert_true(r.n > 0);
			eh_crosstab_result_free(&r);
		}
		eh_crosstab_free(&t);
		if (rc == EH_OK)
			break;
		assert_int_equal(rc, EH_ENOMEM);
		assert_null(r.v);
		failed++;
	}
	assert_true(failed >= 7);
	eh_audit_data_free(&d);
}

/* More cells than anybody may ask for. */
static void too_many_rows_are_refused(void **state)
{
	struct eh_crosstab_query q = { .by = { EH_CROSSTAB_EVALUATOR, EH_CROSSTAB_POSITION }, .n_by = 2 };
	struct eh_crosstab_result r;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_crosstab *t = NULL;

	(void)state;
	build_person(&b, "C", "clerk", 0);
	build_person(&b, "D", "clerk", 1);
	for (unsigned e = 0; e < 340; e++)
		for (unsigned s = 0; s < 300; s++) {
			char who[32], stratum[64];

			(void)snprintf(who, sizeof who, "E%u", e);
			(void)snprintf(stratum, sizeof stratum, "P%u", s);
			build_row(&b, who, "C", stratum, true);
		}
	build_finish(&d, &b, sexes, 2);
	t = eh_crosstab_new(&d);
	assert_int_equal(eh_crosstab_count(t, &q, &r, &err), EH_ERANGE);
	assert_non_null(strstr(err.msg, "more than 100000 rows"));
	q.n_by = 1;
	assert_int_equal(eh_crosstab_count(t, &q, &r, &err), EH_OK);
	assert_int_equal(r.n, 340);
	assert_int_equal(r.v[0].persons, 1);
	eh_crosstab_result_free(&r);
	eh_crosstab_free(&t);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_count_is_the_one_by_hand),
		cmocka_unit_test(what_nobody_has_is_an_empty_answer),
		cmocka_unit_test(data_without_times_have_no_periods),
		cmocka_unit_test(memory_may_end_at_every_place),
		cmocka_unit_test(too_many_rows_are_refused),
	};

	return cmocka_run_group_tests_name("crosstab", tests, NULL, NULL);
}

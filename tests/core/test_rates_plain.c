/* `rates` by the fast reader against the careful one: the same data, and no data where it must not read. */
#define EH_RATES_SHARE_WORTH ((uint64_t)300)  /* so that small tables are read by several threads */
#define EH_RATES_PAGES_WORTH ((uint64_t)9000) /* and some of them in large pages */
#include "exchange/rates_plain.c"

#include "tests/core/temp_project.h"

#include "base/rng.h"

static struct temp_project project;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

static void same_names(const struct eh_names *a, const struct eh_names *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
}

static void same_column(const void *a, const void *b, size_t n, size_t size)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL && n > 0)
		assert_memory_equal(a, b, n * size);
}

static void same_data(const struct eh_audit_data *a, const struct eh_audit_data *b)
{
	same_names(&a->evaluators, &b->evaluators);
	same_names(&a->strata, &b->strata);
	same_names(&a->positions, &b->positions);
	assert_int_equal(a->candidates.n, b->candidates.n);
	assert_null(a->candidates.v);
	assert_null(b->candidates.v);
	assert_int_equal(a->n_decisions, b->n_decisions);
	assert_int_equal(a->holds, b->holds);
	same_column(a->evaluator_at, b->evaluator_at, a->evaluators.n + 1, sizeof *a->evaluator_at);
	same_column(a->candidate, b->candidate, a->n_decisions, sizeof *a->candidate);
	same_column(a->stratum, b->stratum, a->n_decisions, sizeof *a->stratum);
	same_column(a->selected, b->selected, a->n_decisions, 1);
	same_column(a->score, b->score, a->n_decisions, sizeof *a->score);
	same_column(a->decided, b->decided, a->n_decisions, sizeof *a->decided);
	same_column(a->has_score, b->has_score, a->n_decisions, 1);
	assert_int_equal(a->n_attributes, b->n_attributes);
	for (size_t i = 0; i < a->n_attributes; i++) {
		const struct eh_attribute_data *x = &a->attributes[i], *y = &b->attributes[i];

		assert_string_equal(x->name, y->name);
		assert_int_equal(x->n_groups, y->n_groups);
		for (size_t g = 0; g < x->n_groups; g++)
			assert_string_equal(x->groups[g], y->groups[g]);
		same_column(x->group, y->group, a->candidates.n, sizeof *x->group);
		same_column(x->provenance, y->provenance, a->candidates.n, 1);
		assert_int_equal(x->auc_lo.why, y->auc_lo.why);
	}
}

/* What a random table is made of. */
struct design {
	bool score, event, second, crlf, mixed, wide, days;
	unsigned evaluators, candidates, strata, rows, holds;
};

static size_t row_of(char *out, size_t size, const struct design *d, struct eh_rng *rng, const uint8_t *sex, unsigned i)
{
	static const char *const words[] = { "advance", "reject", "1", "0", "hold" };
	static const char *const sexes[] = { "female", "male", "", "NA", "diverse 2" };
	static const char *const ages[] = { "40_plus", "under40" };
	const unsigned e = (unsigned)eh_rng_below(rng, d->evaluators);
	const unsigned c = d->candidates == 0 ? i : (unsigned)eh_rng_below(rng, d->candidates);
	const char *word = words[eh_rng_below(rng, d->holds > 0 && eh_rng_below(rng, 10) == 0 ? 5 : 4)];
	char score[40] = "", day[40] = "";
	const unsigned k = sex[c % 4096] % 5;

	if (d->score)
		(void)snprintf(score, sizeof score, eh_rng_below(rng, 5) == 0 ? "" : "%.3g",
			       (double)eh_rng_below(rng, 1000) / 7.0);
	if (d->days)
		(void)snprintf(day, sizeof day, eh_rng_below(rng, 4) == 0 ? "," : ",19%02u-%02u-%02uT23:%02u:00%s%u:30",
			       (unsigned)eh_rng_below(rng, 99), 1 + (unsigned)eh_rng_below(rng, 12),
			       1 + (unsigned)eh_rng_below(rng, 28), (unsigned)eh_rng_below(rng, 60),
			       eh_rng_below(rng, 2) == 0 ? "+0" : "-0", (unsigned)eh_rng_below(rng, 9));
	/* one known class counts for all of a candidate's rows */
	return (size_t)snprintf(
		out, size, "%s%s,%s%u%s,note %u,%s%u,%s%s%s%s%s%s%s%s%s%s", d->wide ? "\xc3\x84" : "E",
		e % 2 ? "b" : "a",
		d->wide ? "Zo\xc3\xab " : "C", c, d->candidates % 7 == 3 ? " longer than a word" : "", e,
		d->mixed ? "s" : "stratum ", (unsigned)eh_rng_below(rng, d->strata), word, d->score ? "," : "", score,
		d->event ? "," : "", d->event ? (char[3]){ 'q', (char)('a' + eh_rng_below(rng, 20)), '\0' } : "", ",",
		eh_rng_below(rng, 6) == 0 ? "unknown" : sexes[k], d->second ? "," : "",
		d->second ? ages[sex[(c + 1) % 4096] % 2] : "", day);
}

static size_t table_of(char *out, size_t size, const struct design *d, struct eh_rng *rng)
{
	const char *end = d->crlf ? "\r\n" : "\n";
	uint8_t sex[4096];
	size_t n;

	for (size_t i = 0; i < sizeof sex; i++)
		sex[i] = (uint8_t)eh_rng_below(rng, 250);
	n = (size_t)snprintf(out, size, "evaluator_id,candidate_id,x.note,job,decision%s%s,candidate_sex%s%s%s",
			     d->score ? ",score" : "", d->event ? ",event" : "", d->second ? ",declared.age" : "",
			     d->days ? ",decided_at" : "", end);
	for (unsigned i = 0; i < d->rows; i++) {
		n += row_of(out + n, size - n, d, rng, sex, i);
		n += (size_t)snprintf(out + n, size - n, "%s", end);
	}
	return n;
}

static void both_readers_give_the_same_data(void **state)
{
	static char text[400000];
	const char *job[] = { "job" }, *mixed[] = { "x.note", "job" }, *sex[] = { "sex" };
	struct eh_import_report a, b;
	struct eh_rng rng;
	unsigned plain = 0, repeated = 0, refused = 0, timed = 0;
	char path[128];

	(void)state;
	eh_rng_seed(&rng, 7);
	for (unsigned round = 0; round < 400; round++) {
		const struct design d = {
			.score = round % 2 == 0,
			.event = round % 3 == 0,
			.second = round % 5 < 3,
			.crlf = round % 7 == 0,
			.mixed = round % 11 < 4,
			.wide = round % 13 < 4,
			.days = round % 10 < 3,
			.evaluators = 1 + round % 9,
			.candidates = round % 4 == 0 ? 0 : 3 + round * 3,
			.strata = 1 + round % 6,
			.rows = 2 + round % 60 * (1 + round % 12),
			.holds = round % 2,
		};
		struct eh_rates_options o = { .score = d.score ? "score" : NULL };
		struct eh_audit_data fast, slow;
		struct eh_err err = EH_ERR_INIT;
		size_t n = table_of(text, sizeof text, &d, &rng);
		int rc, want;

		o.strata = d.mixed ? mixed : job;
		o.n_strata = round % 6 == 0 ? 0 : d.mixed ? 2 : 1;
		o.classes = sex;
		o.n_classes = round % 17 == 0;
		temp_file(&project, path, "t.csv", text, n);
		o.careful = true;
		want = eh_rates_read(&slow, path, &o, &b, &err);
		for (o.threads = 1; o.threads <= 3; o.threads++) {
			memset(&fast, 0, sizeof fast);
			memset(&err, 0, sizeof err);
			rc = eh_rates_plain(&fast, path, &o, &a, &err);
			if (want != EH_OK) {
				/* repeats without an event: the careful reader has the words */
				assert_int_equal(want, EH_EFORMAT);
				assert_int_equal(rc, EH_PLAIN_ODD);
				assert_null(fast.candidate);
				refused++;
				continue;
			}
			assert_int_equal(rc, EH_OK);
			same_data(&fast, &slow);
			assert_string_equal(a.note, b.note);
			assert_int_equal(a.rows, b.rows);
			plain++;
			timed += fast.decided != NULL;
			repeated += strstr(a.note, "repeat") != NULL;
			eh_audit_data_free(&fast);
		}
		eh_audit_data_free(&slow);
	}
	/* none of the ways stayed untried */
	assert_true(plain > 600 && repeated > 20 && refused > 20 && timed > 100);
}

static void tags_are_split_as_the_table_needs(void **state)
{
	static char text[4000000];
	const char *job[] = { "job" };
	struct eh_import_report a, b;
	char path[128];

	(void)state;
	for (int many_jobs = 0; many_jobs < 2; many_jobs++) {
		struct eh_rates_options o = { .strata = job, .n_strata = 1, .threads = 2 };
		struct eh_audit_data fast, slow;
		struct eh_err err = EH_ERR_INIT;
		size_t n =
			(size_t)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision,job,candidate_sex\n");

		for (unsigned i = 0; i < 140000; i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "%u,%u,%u,%u,%s\n", many_jobs ? i % 3 : i,
					      i / 2, i % 2, many_jobs ? i : i % 3, i / 2 % 2 ? "f" : "m");
		temp_file(&project, path, "t.csv", text, n);
		memset(&fast, 0, sizeof fast);
		assert_int_equal(eh_rates_plain(&fast, path, &o, &a, &err), EH_OK);
		o.careful = true;
		assert_int_equal(eh_rates_read(&slow, path, &o, &b, &err), EH_OK);
		same_data(&fast, &slow);
		eh_audit_data_free(&fast);
		eh_audit_data_free(&slow);
	}
}

static void what_needs_words_is_left_to_the_careful_reader(void **state)
{
	static const char *const odd[] = {
		"",
		"evaluator_id,candidate_id,decision,candidate_sex\n",
		"evaluator_id,candidate_id,candidate_sex\nE,A,f\n",
		"\"evaluator_id\",candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,maybe,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,hold,f\nE,B,hold,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f;g\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,,1,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE, A,1,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A\x01,1,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\n,A,1,f\nE,B,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nF,A,0,m\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m\nE,A,1,f\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,m,\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,\xff\n",
		"evaluator_id,candidate_id,decision,candidate_sex\nE,A,1,f\nE,B,0,f\n",
		"evaluator_id,candidate_id,decision,candidate_sex,decided_at\nE,A,1,f,\nE,B,0,m,2026-02-30\n",
	};
	const struct eh_rates_options o = { .threads = 1 };
	struct eh_import_report r;
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		struct eh_audit_data d = { .n_decisions = 0 };
		struct eh_err err = EH_ERR_INIT;

		temp_file(&project, path, "t.csv", odd[i], strlen(odd[i]));
		if (eh_rates_plain(&d, path, &o, &r, &err) != EH_PLAIN_ODD)
			fail_msg("read: %s", odd[i]);
		assert_null(d.candidate);
	}
}

static void no_memory_is_an_answer(void **state)
{
	static const char text[] =
		"evaluator_id,candidate_id,decision,candidate_sex,event\nE,A,1,f,1\nE,B,0,m,1\nE,A,0,f,2\n";
	const struct eh_rates_options o = { .threads = 1 };
	int rc = EH_ENOMEM;
	char path[128];

	(void)state;
	temp_file(&project, path, "t.csv", text, sizeof text - 1);
	for (uint64_t n = 1; rc != EH_OK; n++) {
		struct eh_import_report r;
		struct eh_audit_data d = { .n_decisions = 0 };
		struct eh_err err = EH_ERR_INIT;

		assert_true(n < 300);
		eh_mem_fail_at(n);
		rc = eh_rates_plain(&d, path, &o, &r, &err);
		eh_mem_fail_at(0);
		/* room that is only given back may stay as it is */
		assert_true(rc == EH_OK || (rc == EH_ENOMEM && err.msg[0] != '\0' && d.candidate == NULL));
		if (rc == EH_OK && n < 40)
			rc = EH_ENOMEM;
		eh_audit_data_free(&d);
	}
}

/* ---- declared.X beside imported.X ---- */

/* What is wrong or unusual in a table of two sources; each in one row in three dozen, if at all. */
struct oddity {
	bool quotes, words, disagree;
};

/* One cell: what the person's record says, or one of the ways to say nothing. */
static size_t class_cell(char *out, size_t size, struct eh_rng *rng, const char *class, const struct oddity *o)
{
	static const char *const nothing[] = { "", "unknown", "NA", "declined" };
	const bool silent = class[0] == '\0' || eh_rng_below(rng, 3) == 0, now = eh_rng_below(rng, 36) == 0;

	if (o->words && now)
		return (size_t)snprintf(out, size, ",fe;male");
	if (o->disagree && now)
		return (size_t)snprintf(out, size, ",other");
	if (silent)
		class = nothing[eh_rng_below(rng, 4)];
	return (size_t)snprintf(out, size, o->quotes && now ? ",\"%s\"" : ",%s", class);
}

static const char *class_of(struct eh_rng *rng, bool two)
{
	static const char *const classes[] = { "", "b", "c x", "a" };

	return classes[eh_rng_below(rng, two ? 4 : 2)];
}

/* Two attributes with two sources each, the order of the columns by turns; the second is of one group now and then. */
static size_t sources_table(char *out, size_t size, struct eh_rng *rng, unsigned round, const struct oddity *o)
{
	static const char *const columns[] = { "declared.sex,imported.sex,declared.age,imported.age",
					       "imported.sex,declared.age,declared.sex,imported.age",
					       "imported.age,imported.sex,declared.age,declared.sex" };
	const unsigned persons = 4 + round % 40, rows = 2 + round % 50 * 3;
	const char *class[64][4];
	size_t n = (size_t)snprintf(out, size, "evaluator_id,candidate_id,decision,%s,event\n", columns[round % 3]);

	for (unsigned c = 0; c < persons; c++)
		for (unsigned k = 0; k < 4; k++)
			class[c][k] = class_of(rng, round % 5 > 0 || k % 2 == 0);
	for (unsigned i = 0; i < rows; i++) {
		const unsigned c = (unsigned)eh_rng_below(rng, persons);

		n += (size_t)snprintf(out + n, size - n, "E%u,C%u,%s", (unsigned)eh_rng_below(rng, 3), c,
				      (const char *[]){ "1", "0", "hold" }[eh_rng_below(rng, 15) / 7]);
		for (unsigned k = 0; k < 4; k++)
			n += class_cell(out + n, size - n, rng, class[c][k], o);
		n += (size_t)snprintf(out + n, size - n, ",%u\n", i);
	}
	return n;
}

/* Whatever is in the table: both ways the same data, or the same words.  The fast reader alone: true if it read it. */
static bool same_both_ways(const char *path, struct eh_rates_options o)
{
	struct eh_import_report a = { .rows = 0 }, b = { .rows = 0 };
	struct eh_err one = EH_ERR_INIT, two = EH_ERR_INIT;
	struct eh_audit_data fast, slow, alone = { .n_decisions = 0 };
	bool read;
	int rc, want;

	o.careful = true;
	want = eh_rates_read(&slow, path, &o, &b, &two);
	o.careful = false;
	rc = eh_rates_read(&fast, path, &o, &a, &one);
	assert_int_equal(rc, want);
	if (rc == EH_OK)
		same_data(&fast, &slow);
	else
		assert_string_equal(one.msg, two.msg);
	assert_string_equal(a.note, b.note);
	assert_int_equal(a.rows, b.rows);
	read = eh_rates_plain(&alone, path, &o, &a, &one) == EH_OK;
	if (read) {
		assert_int_equal(want, EH_OK);
		alone.threads = slow.threads;
		same_data(&alone, &slow);
	}
	eh_audit_data_free(&alone);
	eh_audit_data_free(&fast);
	eh_audit_data_free(&slow);
	return read;
}

static void two_sources_of_a_class_are_read_alike(void **state)
{
	static char text[40000];
	static const struct oddity oddities[] = {
		{ false, false, false }, { true, false, false }, { false, true, false }, { false, false, true }
	};
	const char *sex[] = { "sex" }, *imported[] = { "imported.sex", "age" };
	unsigned fast[4] = { 0 };
	struct eh_rng rng;
	char path[128];

	(void)state;
	eh_rng_seed(&rng, 15);
	for (unsigned round = 0; round < 600; round++) {
		struct eh_rates_options o = { .threads = 1 + round % 3 };
		const size_t n = sources_table(text, sizeof text, &rng, round, &oddities[round % 4]);

		o.classes = round % 7 == 0 ? sex : imported;
		o.n_classes = round % 7 == 0 ? 1 : round % 7 == 1 ? 2 : 0;
		temp_file(&project, path, "t.csv", text, n);
		fast[round % 4] += same_both_ways(path, o);
	}
	/* of 150 each: tiny tables have nothing to compare, or nothing odd in them */
	assert_true(fast[0] > 130);
	for (unsigned k = 1; k < 4; k++)
		assert_true(fast[k] < 40);
}

/* A record that came later does not take the place of what a person said, nor does it where another row says more. */
static void what_any_row_declares_goes_before_what_is_imported(void **state)
{
	static const char text[] = "evaluator_id,candidate_id,decision,imported.sex,declared.sex\n"
				   "E,A,1,m,\nF,A,1,,f\nE,B,0,m,\nE,C,0,,\nE,D,1,f,x\nF,D,1,f,\n";
	const struct eh_rates_options o = { .threads = 1 };
	struct eh_audit_data d = { .n_decisions = 0 };
	struct eh_err err = EH_ERR_INIT;
	struct eh_import_report r;
	unsigned seen[4][EH_PREDICTED + 1] = { { 0 } };
	char path[128];

	(void)state;
	temp_file(&project, path, "t.csv", text, sizeof text - 1);
	assert_int_equal(eh_rates_plain(&d, path, &o, &r, &err), EH_OK);
	assert_int_equal(d.candidates.n, 4);
	assert_int_equal(d.n_attributes, 1);
	assert_int_equal(d.attributes[0].n_groups, 3); /* f, m, x: a group that nobody has in the end is still one */
	for (size_t c = 0; c < 4; c++)
		seen[1 + d.attributes[0].group[c]][d.attributes[0].provenance[c]]++;
	assert_int_equal(seen[0][EH_UNKNOWN_CLASS], 1); /* C */
	assert_int_equal(seen[1][EH_DECLARED], 1);      /* A */
	assert_int_equal(seen[2][EH_IMPORTED], 1);      /* B */
	assert_int_equal(seen[3][EH_DECLARED], 1);      /* D */
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_readers_give_the_same_data, setup, teardown),
		cmocka_unit_test_setup_teardown(tags_are_split_as_the_table_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(what_needs_words_is_left_to_the_careful_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(two_sources_of_a_class_are_read_alike, setup, teardown),
		cmocka_unit_test_setup_teardown(what_any_row_declares_goes_before_what_is_imported, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory_is_an_answer, setup, teardown),
	};

	return cmocka_run_group_tests_name("rates_plain", tests, NULL, NULL);
}

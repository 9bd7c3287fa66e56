/*
 * The count cubes by months: what an audit of some months, a trend or a count by period gets from them are the persons
 * that the evaluations have, whatever was imported, corrected, moved or killed on the way.
 */
#include "tests/core/temp_project.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "audit/codec.h"
#include "audit/crosstab.h"
#include "audit/cubes.h"
#include "audit/score_kinds.h"
#include "base/mem.h"
#include "base/rng.h"
#include "desk/inside.h"
#include "desk/trend.h"
#include "exchange/exchange.h"
#include "store/codec.h"

#define EVALUATORS 5
#define CANDIDATES 60
#define PROJECTS 40

static struct temp_project project;
static struct eh_rng rng;

/* How a project is: what its tables may say. */
struct drawn {
	bool scores, shared, untimed;
};

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static const char *one_of(const char *const *v, size_t n) { return v[draw(n)]; }

/* ---- tables ---- */

static void import(enum eh_import_kind kind, const char *text, bool commit)
{
	struct eh_import_report *r = calloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	char path[128];

	temp_file(&project, path, "in.csv", text, strlen(text));
	txn = temp_txn(&project);
	if (eh_import_csv(txn, kind, path, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	if (commit && eh_txn_commit(&txn, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_txn_abort(&txn);
	free(r);
}

static void add_candidate(struct eh_buf *b, size_t c)
{
	static const char *const sexes[] = { "f", "m", "m", "" }, *const races[] = { "x", "y", "z", "" };
	static const char *const places[] = { "DE", "US-IL" }, *const positions[] = { "guard", "cook", "clerk" };

	eh_buf_printf(b, "C%02zu,%s,%s,%s,%s\n", c, one_of(places, 2), one_of(positions, 3), one_of(sexes, 4),
		      one_of(races, 4));
}

static const char candidate_header[] = "candidate_id,jurisdiction,position_id,declared.sex,imported.race\n";

static void begin_project(void)
{
	struct eh_buf b;

	temp_project_open(&project);
	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "evaluator_id\n");
	for (size_t e = 0; e < EVALUATORS; e++)
		eh_buf_printf(&b, "E%zu\n", e);
	import(EH_IMPORT_EVALUATORS, eh_buf_cstr(&b), true);
	eh_buf_reset(&b);
	eh_buf_printf(&b, "%s", candidate_header);
	for (size_t c = 0; c < CANDIDATES; c++)
		add_candidate(&b, c);
	import(EH_IMPORT_CANDIDATES, eh_buf_cstr(&b), true);
	eh_buf_free(&b);
}

/* Most are judged in one month, some over several; the ends of months, and far times. */
static void add_time(struct eh_buf *b, size_t c)
{
	static const char *const edges[] = { "2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z",
					     "2025-12-31T20:00:00-05:00", "1969-12-31", "9999-12-31" };
	const size_t month = draw(4) == 0 ? draw(6) : c % 6;

	if (draw(20) == 0)
		eh_buf_printf(b, "%s", one_of(edges, 5));
	else
		eh_buf_printf(b, "%d-%02zu-%02zu", month < 2 ? 2025 : 2026, month < 2 ? month + 11 : month - 1,
			      1 + draw(28));
}

static void import_evaluations(const struct drawn *p, bool commit)
{
	static const char *const decisions[] = { "advance", "reject", "1", "0", "1", "0", "hold" };
	static const char *const stages[] = { "", "phone", "room" }, *const scored[] = { "", "3", "4.5" };
	const bool times = draw(6) != 0; /* without the column those that are there stay */
	const size_t at = draw(CANDIDATES), n = 1 + draw(50);
	struct eh_buf b;

	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "evaluator_id,candidate_id,stage,question_id,position_id,decision%s%s\n",
		      p->scores ? ",score" : "", times ? ",decided_at" : "");
	for (size_t i = 0; i < n; i++) {
		const size_t c = (at + i) % CANDIDATES;

		eh_buf_printf(&b, "E%zu,C%02zu,%s,%s,%s,%s", p->shared ? draw(EVALUATORS) : c % EVALUATORS, c,
			      one_of(stages, 3), draw(3) == 0 ? "q" : "", draw(5) == 0 ? "driver" : "",
			      one_of(decisions, 7));
		if (p->scores)
			eh_buf_printf(&b, ",%s", one_of(scored, 3));
		if (times)
			eh_buf_printf(&b, ",");
		if (times && (!p->untimed || draw(6) != 0))
			add_time(&b, c);
		eh_buf_printf(&b, "\n");
	}
	import(EH_IMPORT_EVALUATIONS, eh_buf_cstr(&b), commit);
	eh_buf_free(&b);
}

static void random_step(const struct drawn *p, bool commit)
{
	const size_t at = draw(CANDIDATES), n = 1 + draw(6);
	struct eh_buf b;

	if (draw(4) != 0) {
		import_evaluations(p, commit);
		return;
	}
	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "%s", candidate_header);
	for (size_t i = 0; i < n; i++)
		add_candidate(&b, (at + i) % CANDIDATES);
	import(EH_IMPORT_CANDIDATES, eh_buf_cstr(&b), commit);
	eh_buf_free(&b);
}

/* ---- the stored cubes ---- */

static struct eh_cubes_state state_now(uint64_t *wrong)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_cubes_state state;
	struct eh_err err = EH_ERR_INIT;

	if (eh_cubes_state(txn, &state, &err) != EH_OK || eh_cubes_check(txn, wrong, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_txn_abort(&txn);
	return state;
}

static void assert_cubes_right(void)
{
	uint64_t wrong = 1;
	const struct eh_cubes_state state = state_now(&wrong);

	assert_true(state.current && state.dated);
	assert_int_equal(wrong, 0);
}

/* ---- persons, from either road ---- */

struct lines {
	char **v;
	size_t n, cap;
};

static void add_line(struct lines *l, const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		if (l->n == l->cap) {
			l->cap = l->cap != 0 ? 2 * l->cap : 64;
			l->v = eh_xrealloc(l->v, l->cap, sizeof *l->v);
		}
		l->v[l->n++] = eh_xstrdup(text);
	}
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void free_lines(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}

static void print_person(struct eh_buf *b, const struct eh_audit_data *d, const eh_place *places, size_t e, uint32_t c)
{
	eh_buf_reset(b);
	eh_buf_printf(b, "%s %s %s", d->evaluators.v[e], places[c], d->positions.v[d->position[c]]);
	for (size_t a = 0; a < d->n_attributes; a++) {
		const struct eh_attribute_data *x = &d->attributes[a];

		eh_buf_printf(b, " %s=%s/%u", x->name, x->group[c] >= 0 ? x->groups[x->group[c]] : "?",
			      x->provenance[c]);
	}
}

/* Scores are lines of their own: the cubes keep them apart from the decisions. */
static void list_scores(struct lines *out, const struct eh_audit_data *d, const eh_place *places)
{
	struct eh_buf b;

	eh_buf_init(&b, 1 << 16);
	for (size_t e = 0; d->scored != NULL && e < d->evaluators.n; e++)
		for (size_t i = 0; i < d->scored[e].n; i++) {
			const struct eh_score_kind *k = &d->scored[e].kind[i];

			print_person(&b, d, places, e, d->candidate[d->evaluator_at[e]] + k->who);
			for (size_t x = k->first; x < k->first + k->n; x++)
				eh_buf_printf(&b, " %s:%g", d->strata.v[d->scored[e].cell[x].stratum],
					      d->scored[e].cell[x].score);
			add_line(out, eh_buf_cstr(&b), k->persons);
		}
	eh_buf_free(&b);
}

static void list_persons(struct lines *out, const struct eh_audit_data *d, const eh_place *places, bool months)
{
	struct eh_buf b, s;

	eh_buf_init(&b, 1 << 16);
	eh_buf_init(&s, 1 << 16);
	for (size_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = d->evaluator_at[e], next = i; i < d->evaluator_at[e + 1]; i = next) {
			const uint32_t c = d->candidate[i];
			bool scored = false;

			print_person(&b, d, places, e, c);
			print_person(&s, d, places, e, c);
			for (; next < d->evaluator_at[e + 1] && d->candidate[next] == c; next++) {
				char month[EH_PERIOD_TEXT] = "";

				if (months && d->decided != NULL)
					eh_period_text(month, EH_BY_MONTH, eh_period_of(EH_BY_MONTH, d->decided[next]));
				eh_buf_printf(&b, " %s:%u@%s", d->strata.v[d->stratum[next]], d->selected[next], month);
				if (d->score == NULL || !d->has_score[next])
					continue;
				scored = true;
				eh_buf_printf(&s, " %s:%g", d->strata.v[d->stratum[next]], d->score[next]);
			}
			add_line(out, eh_buf_cstr(&b), d->weight != NULL ? d->weight[c] : 1);
			if (scored)
				add_line(out, eh_buf_cstr(&s), 1);
		}
	list_scores(out, d, places);
	qsort(out->v, out->n, sizeof *out->v, by_text);
	eh_buf_free(&b);
	eh_buf_free(&s);
}

static void assert_same_names(const struct eh_names *a, const struct eh_names *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
}

static void assert_same_data(const struct eh_audit_data *rows, const eh_place *p, const struct eh_audit_data *counts,
			     const eh_place *q, bool months)
{
	struct lines a = { NULL, 0, 0 }, b = { NULL, 0, 0 };

	assert_same_names(&rows->evaluators, &counts->evaluators);
	assert_same_names(&rows->strata, &counts->strata);
	assert_same_names(&rows->positions, &counts->positions);
	assert_int_equal(rows->holds, counts->holds);
	assert_int_equal(rows->n_decisions, eh_audit_data_total(counts));
	assert_int_equal(rows->n_attributes, counts->n_attributes);
	for (size_t i = 0; i < rows->n_attributes; i++) {
		assert_int_equal(rows->attributes[i].n_groups, counts->attributes[i].n_groups);
		assert_memory_equal(rows->attributes[i].groups, counts->attributes[i].groups,
				    sizeof rows->attributes[i].groups);
	}
	assert_int_equal(months && rows->decided != NULL, counts->decided != NULL);
	list_persons(&a, rows, p, months);
	list_persons(&b, counts, q, months);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		assert_string_equal(a.v[i], b.v[i]);
	free_lines(&a);
	free_lines(&b);
}

/* ---- findings ---- */

static void assert_near(struct eh_num a, struct eh_num b)
{
	assert_int_equal(a.defined, b.defined);
	if (a.defined && fabs(a.value - b.value) > 1e-9 * fmax(1.0, fabs(b.value)))
		fail_msg("%.17g is not %.17g", a.value, b.value);
}

static void assert_same_bytes(const struct eh_findings *a, const struct eh_findings *b)
{
	struct eh_buf x, y;

	eh_buf_init(&x, 1 << 28);
	eh_buf_init(&y, 1 << 28);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		eh_finding_encode(&x, &a->v[i]);
		eh_finding_encode(&y, &b->v[i]);
	}
	assert_false(x.failed || y.failed);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	eh_buf_free(&x);
	eh_buf_free(&y);
}

static void compare_findings(struct eh_audit_data *rows, struct eh_audit_data *counts)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_findings a, b, two;
	struct eh_err err = EH_ERR_INIT;

	s.threads = 1;
	if (eh_audit_run(&a, rows, &s, NULL, &err) != EH_OK || eh_audit_run(&b, counts, &s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	s.threads = 2;
	if (eh_audit_run(&two, counts, &s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_same_bytes(&b, &two);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++) {
		const struct eh_finding *x = &a.v[i], *y = &b.v[i];

		assert_string_equal(x->evaluator, y->evaluator);
		assert_string_equal(x->group, y->group);
		assert_string_equal(x->position, y->position);
		assert_int_equal(x->n, y->n);
		assert_int_equal(x->selected, y->selected);
		assert_int_equal(x->persons, y->persons);
		assert_int_equal(x->ref_persons, y->ref_persons);
		assert_int_equal(x->unknown, y->unknown);
		assert_int_equal(x->strata, y->strata);
		assert_int_equal(x->builtin, y->builtin);
		assert_near(y->ratio, x->ratio);
		assert_near(y->p, x->p);
		assert_near(y->q, x->q);
		assert_near(y->bench_ratio, x->bench_ratio);
		assert_int_equal(x->scores.n, y->scores.n);
		assert_near(y->scores.median, x->scores.median);
	}
	eh_findings_free(&a);
	eh_findings_free(&b);
	eh_findings_free(&two);
}

/* ---- counts by month ---- */

static void compare_counts(const struct eh_audit_data *rows, const struct eh_audit_data *counts)
{
	static const char *const months[] = { NULL, NULL, "2026-01", "" };
	struct eh_crosstab_query q = { .by = { EH_CROSSTAB_EVALUATOR, EH_CROSSTAB_PERIOD, EH_CROSSTAB_STAGE },
				       .n_by = 1 + draw(3),
				       .n_attributes = draw(2) };
	struct eh_crosstab *a = eh_crosstab_new(rows), *b = eh_crosstab_new(counts);
	struct eh_crosstab_result x, y;

	q.where[EH_CROSSTAB_PERIOD] = months[draw(4)];
	assert_int_equal(eh_crosstab_count(a, &q, &x, NULL), EH_OK);
	assert_int_equal(eh_crosstab_count(b, &q, &y, NULL), EH_OK);
	assert_int_equal(x.n, y.n);
	for (size_t i = 0; i < x.n; i++) {
		assert_int_equal(x.v[i].n, y.v[i].n);
		assert_int_equal(x.v[i].selected, y.v[i].selected);
		assert_int_equal(x.v[i].persons, y.v[i].persons);
		for (size_t k = 0; k < q.n_by; k++) {
			char text[256];

			(void)snprintf(text, sizeof text, "%s", eh_crosstab_text(&x, i, k));
			assert_string_equal(text, eh_crosstab_text(&y, i, k));
		}
	}
	eh_crosstab_result_free(&x);
	eh_crosstab_result_free(&y);
	eh_crosstab_free(&a);
	eh_crosstab_free(&b);
}

/* ---- both roads ---- */

static bool whole_months(const struct eh_window *w)
{
	return strcmp(w->from, "2025-12-15") != 0 && strcmp(w->to, "2026-03-15") != 0;
}

static void draw_wanted(struct eh_wanted_rows *w)
{
	static const char *const from[] = { "", "", "2025-12-01", "2026-01-01", "2026-02-01", "2025-12-15" };
	static const char *const to[] = { "", "", "2026-02-28", "2026-03-31", "2026-04-30", "2026-03-15" };
	static const char *const evaluators[] = { NULL, NULL, NULL, "E0", "E3" };

	*w = (struct eh_wanted_rows){ .timed = draw(3) == 0, .known_only = draw(2) == 0, .months = draw(2) == 0 };
	(void)snprintf(w->window.from, sizeof w->window.from, "%s", one_of(from, 6));
	(void)snprintf(w->window.to, sizeof w->window.to, "%s", one_of(to, 6));
	w->window.period = (uint8_t)draw(4);
	w->evaluator = evaluators[draw(5)];
	w->unscored = draw(2) == 0;
}

/* True: both roads were gone. */
static bool compare_roads(const struct drawn *p)
{
	struct eh_desk desk = { .store = project.store };
	struct eh_audit_data rows, counts;
	struct eh_wanted_rows want;
	struct eh_err err = EH_ERR_INIT;
	eh_place *a = NULL, *b = NULL;
	uint64_t untimed = 0, beside = 0, wrong;
	bool done = false, whole;
	const bool shared = state_now(&wrong).shared > 0;
	int rc;

	draw_wanted(&want);
	rc = eh_desk_gather_rows(&desk, &want, &rows, &a, &untimed, &err);
	assert_int_equal(eh_desk_gather_months(&desk, &want, &counts, &b, &beside, &done, NULL), EH_OK);
	whole = rc == EH_OK && whole_months(&want.window) && (!shared || want.evaluator != NULL) &&
		!(p->scores && want.months && !want.unscored && rows.score != NULL);
	/* all data that the cubes have, and nothing else, come from them */
	if (whole != done)
		fail_msg("%s .. %s by %u: %s", want.window.from, want.window.to, want.window.period, err.msg);
	if (done) {
		assert_int_equal(untimed, beside);
		assert_same_data(&rows, a, &counts, b, want.months);
		compare_findings(&rows, &counts);
		if (want.months && rows.decided != NULL)
			compare_counts(&rows, &counts);
	}
	if (rc == EH_OK)
		eh_audit_data_free(&rows);
	eh_audit_data_free(&counts);
	free(a);
	free(b);
	return done;
}

/* What an older program left: the mark of cubes without those by months. */
static void mark(uint16_t format)
{
	static const struct eh_bytes key = { (const unsigned char *)"cubes", 5 };
	struct eh_txn *txn = temp_txn(&project);
	struct eh_bytes value;
	struct eh_buf b;

	assert_int_equal(eh_txn_get(txn, EH_T_META, key, &value, NULL), EH_OK);
	eh_buf_init(&b, 100);
	eh_put_u16(&b, format);
	eh_buf_add(&b, value.data + 2, value.len - 2);
	assert_int_equal(eh_txn_put(txn, EH_T_META, key, (struct eh_bytes){ b.data, b.len }, NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_buf_free(&b);
}

static void assert_same_trend(const struct eh_trend *a, const struct eh_trend *b)
{
	assert_int_equal(a->decisions, b->decisions);
	assert_int_equal(a->holds, b->holds);
	assert_int_equal(a->untimed, b->untimed);
	assert_int_equal(a->family, b->family);
	assert_int_equal(a->family_all, b->family_all);
	assert_int_equal(a->n_lines, b->n_lines);
	assert_int_equal(a->n_points, b->n_points);
	for (size_t i = 0; i < a->n_points; i++) {
		const struct eh_trend_point *x = &a->points[i], *y = &b->points[i];

		assert_int_equal(x->period, y->period);
		assert_int_equal(x->state, y->state);
		assert_int_equal(x->n, y->n);
		assert_int_equal(x->selected, y->selected);
		assert_int_equal(x->ref_n, y->ref_n);
		assert_int_equal(x->persons, y->persons);
		assert_int_equal(x->ref_persons, y->ref_persons);
		assert_near(x->ratio, y->ratio);
		assert_near(x->p, y->p);
		assert_near(x->q, y->q);
	}
}

static void compare_trends(void)
{
	static const char *const from[] = { "", "2026-01-01" }, *const evaluators[] = { NULL, "E1" };
	struct eh_trend_options o = EH_TREND_OPTIONS_INIT;
	struct eh_desk desk = { .store = project.store };
	struct eh_trend a, b;
	struct eh_err err = EH_ERR_INIT;
	int rc, again;

	o.by = (enum eh_period)(1 + draw(3));
	o.evaluator = evaluators[draw(2)];
	o.min_group = 2;
	o.min_total = 5;
	/* a far time would be periods without end */
	(void)snprintf(o.days.from, sizeof o.days.from, "%s", one_of(from, 2));
	(void)snprintf(o.days.to, sizeof o.days.to, "2026-04-30");
	rc = eh_desk_trend(&desk, &o, &a, &err);
	mark(3);
	again = eh_desk_trend(&desk, &o, &b, &err);
	mark(4);
	assert_int_equal(rc, again);
	if (rc == EH_OK)
		assert_same_trend(&a, &b);
	eh_trend_free(&a);
	eh_trend_free(&b);
}

static void months_hold_the_persons_of_the_evaluations(void **state)
{
	size_t compared = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= PROJECTS; seed++) {
		struct drawn p;

		eh_rng_seed(&rng, seed);
		p = (struct drawn){ draw(3) == 0, draw(5) == 0, draw(2) == 0 };
		begin_project();
		import_evaluations(&p, true);
		for (int step = 0; step < 8; step++) {
			random_step(&p, draw(6) != 0);
			assert_cubes_right();
			for (int i = 0; i < 5; i++)
				compared += compare_roads(&p);
			compare_trends();
		}
		temp_project_close(&project);
	}
	/* not all of it was refused */
	assert_true(compared > PROJECTS * 10);
}

static void a_killed_import_leaves_them_right(void **state)
{
	const struct drawn p = { true, true, true };

	(void)state;
	eh_rng_seed(&rng, 77);
	begin_project();
	import_evaluations(&p, true);
	for (int i = 0; i < 10; i++) {
		pid_t child = 0;
		int status = 0;

		eh_store_suspend(project.store);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			eh_rng_seed(&rng, 200 + (uint64_t)i);
			for (;;)
				random_step(&p, true);
		}
		(void)usleep((useconds_t)(2000 + draw(30000)));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(eh_store_resume(project.store, NULL), EH_OK);
		assert_cubes_right();
	}
	temp_project_close(&project);
}

/* Of an older program there are none: the evaluations answer, and the next import makes them. */
static void an_older_project_gets_them_with_the_next_change(void **state)
{
	static const char one[] = "evaluator_id,candidate_id,decision\nE0,C30,1\n";
	const struct drawn p = { false, false, false };
	struct eh_txn *txn = NULL;
	struct eh_cubes_state s;
	uint64_t wrong = 1, version;

	(void)state;
	eh_rng_seed(&rng, 78);
	begin_project();
	import_evaluations(&p, true);
	import(EH_IMPORT_EVALUATIONS, one, true);
	mark(3);
	txn = temp_txn(&project);
	assert_int_equal(eh_txn_clear(txn, EH_T_DATED, NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	s = state_now(&wrong);
	assert_true(s.current && !s.dated);
	assert_int_equal(wrong, 0);
	version = s.version;
	/* a candidate who changes moves in what there is, and claims no more */
	import(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,position_id,declared.sex\nC00,DE,pilot,f\n", true);
	s = state_now(&wrong);
	assert_true(s.current && !s.dated && s.version >= version);
	assert_int_equal(wrong, 0);
	version = s.version;
	/* nothing but them is made anew by what changes nothing else */
	import(EH_IMPORT_EVALUATIONS, one, true);
	assert_cubes_right();
	assert_int_equal(state_now(&wrong).version, version);
	temp_project_close(&project);
}

/* What does not fit is found: one too few, one too many, other bytes. */
static void a_wrong_one_is_found(void **state)
{
	const struct drawn p = { false, false, false };
	struct eh_key key = eh_key_of("E9");
	struct eh_dated_key k;
	struct eh_bytes first, value, none = { NULL, 0 };
	struct eh_txn *txn = NULL;
	struct eh_cursor *at = NULL;
	uint64_t wrong = 0;

	(void)state;
	eh_rng_seed(&rng, 79);
	begin_project();
	import_evaluations(&p, true);
	eh_key_end(&key);
	eh_key_u64(&key, 0);
	assert_int_equal(eh_dated_open(eh_key_bytes(&key), &k, NULL), EH_OK);
	assert_string_equal(k.evaluator, "E9");
	assert_true(k.first == EH_PERIOD_NONE && k.last == EH_PERIOD_NONE);
	assert_int_equal(eh_dated_open((struct eh_bytes){ key.data, 5 }, &k, NULL), EH_EFORMAT);
	for (int i = 0; i < 2; i++) {
		txn = temp_txn(&project);
		assert_int_equal(eh_cursor_open(&at, txn, EH_T_DATED, NULL), EH_OK);
		assert_int_equal(eh_cursor_seek(at, none, &first, &value, NULL), EH_OK);
		eh_cursor_close(&at);
		if (i == 0)
			assert_int_equal(eh_txn_del(txn, EH_T_DATED, first, NULL), EH_OK);
		else
			assert_int_equal(eh_txn_put(txn, EH_T_DATED, eh_key_bytes(&key), value, NULL), EH_OK);
		assert_int_equal(eh_cubes_check(txn, &wrong, NULL), EH_OK);
		assert_int_equal(wrong, 1);
		eh_txn_abort(&txn);
	}
	assert_cubes_right();
	temp_project_close(&project);
}

/* As long as classes and their names may be. */
static void the_longest_classes_are_read_again(void **state)
{
	struct eh_buf b;

	(void)state;
	begin_project();
	eh_buf_init(&b, 1 << 16);
	eh_buf_printf(&b, "candidate_id,jurisdiction");
	for (int i = 0; i < 8; i++)
		eh_buf_printf(&b, ",declared.a%d%080d", i, i);
	eh_buf_printf(&b, "\nD00,DE");
	for (int i = 0; i < 8; i++)
		eh_buf_printf(&b, ",g%094d", i);
	eh_buf_printf(&b, "\n");
	import(EH_IMPORT_CANDIDATES, eh_buf_cstr(&b), true);
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE0,D00,1\n", true);
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE0,D00,0\nE0,C01,0\n", true);
	assert_cubes_right();
	eh_buf_free(&b);
	temp_project_close(&project);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_hold_the_persons_of_the_evaluations),
		cmocka_unit_test(a_killed_import_leaves_them_right),
		cmocka_unit_test(an_older_project_gets_them_with_the_next_change),
		cmocka_unit_test(a_wrong_one_is_found),
		cmocka_unit_test(the_longest_classes_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

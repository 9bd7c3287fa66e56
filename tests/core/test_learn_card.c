/* The model card: every number of text and JSON comes from the model or what the project knows; states; figures. */
#include "learn_people.h"

#include <math.h>

#include "base/mem.h"
#include "learn/card.h"
#include "learn/model.h"

static struct eh_declared_by ages[2] = { { 1, { { "age_40", "40_plus" } } }, { 1, { { "age_40", "under_40" } } } };

static struct eh_person person(const char *place, const char *position, double seconds, double p0, double p1)
{
	struct eh_person x = {
		.has_face = true, .has_voice = seconds > 0.0, .voiced_seconds = seconds, .p = { p0, p1 }
	};

	(void)snprintf(x.place, sizeof x.place, "%s", place);
	(void)snprintf(x.position, sizeof x.position, "%s", position);
	return x;
}

static struct eh_card *make_card(size_t k)
{
	struct people p = people_make(30 * k / 2, k, 1.6, 1.6, 6);
	struct eh_card *c = eh_xcalloc(1, sizeof *c);
	const struct eh_person taught[] = { person("US-IL", "nurse", 20.0, 1.0, 0.0),
					    person("US-IL", "nurse", 70.0, 0.0, 1.0) };
	const struct eh_person pool[] = { person("US-NY", "clerk", 20.0, 0.3, 0.7),
					  person("US-IL", "nurse", 0.0, 0.0, 0.0) };

	for (size_t i = 0; i < p.n; i++)
		p.row[i].declared = &ages[i / k % 2];
	c->model = people_train(&p, k, 7);
	c->model->trained_at = 1700000000;
	c->now = (struct eh_card_now){ .known = true,
				       .at = 1800000000,
				       .declared = 61,
				       .open_place = 53,
				       .may_train = 47,
				       .measured = 43,
				       .undeclared = 37,
				       .may_infer = 31,
				       .classified = 29,
				       .determined = 23 };
	assert_int_equal(eh_represent_make(&c->now.represent, two_groups, 2, taught, 2, pool, 2, NULL), EH_OK);
	people_free(&p);
	return c;
}

static char *text_of(const struct eh_card *c, int width)
{
	struct eh_card_section part[EH_CARD_SECTIONS];
	size_t n = eh_card_sections(part, c, width);
	struct eh_buf b;
	char *text = NULL;

	eh_buf_init(&b, 1u << 20);
	for (size_t i = 0; i < n; i++)
		eh_buf_printf(&b, "%s\n%s\n", part[i].title, part[i].text);
	eh_card_sections_free(part, n);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

static char *json_of(const struct eh_card *c)
{
	struct eh_json *j = eh_card_json(c);
	char *text = eh_json_text(j);

	eh_json_free(&j);
	return text;
}

/* ---- every number comes from the struct ---- */

struct before {
	const struct eh_card *c;
	char *text, *json;
};

/* In the text as it is printed, in the JSON with all its digits. */
static void must_change(const struct before *b, double *field, const char *name)
{
	double old = *field;
	char *text = NULL, *json = NULL;

	*field = 0.8515625; /* binary: its 17 digits are short */
	text = text_of(b->c, 78);
	json = json_of(b->c);
	if (strcmp(text, b->text) == 0 || strstr(text, "0.85") == NULL)
		fail_msg("the text does not follow %s", name);
	if (strcmp(json, b->json) == 0 || strstr(json, "0.8515625") == NULL)
		fail_msg("the JSON does not follow %s", name);
	*field = old;
	free(text);
	free(json);
}

static void must_count(const struct before *b, uint32_t *field, const char *name)
{
	uint32_t old = *field;
	char *text = NULL, *json = NULL;

	*field = 7177;
	text = text_of(b->c, 78);
	json = json_of(b->c);
	if (strstr(text, "7177") == NULL)
		fail_msg("the text does not follow %s", name);
	if (strstr(json, "7177") == NULL)
		fail_msg("the JSON does not follow %s", name);
	*field = old;
	free(text);
	free(json);
}

#define CHANGE(field) must_change(&b, &(field), #field)
#define COUNT(field) must_count(&b, &(field), #field)

static void skill_is_followed(const struct before *b_, struct eh_skill *s)
{
	struct before b = *b_;

	CHANGE(s->accuracy);
	CHANGE(s->accuracy_lo);
	CHANGE(s->accuracy_hi);
	CHANGE(s->balanced_accuracy);
	CHANGE(s->auc);
	CHANGE(s->auc_lo);
	CHANGE(s->auc_hi);
	CHANGE(s->brier);
	CHANGE(s->brier_lo);
	CHANGE(s->brier_hi);
	CHANGE(s->ece);
	CHANGE(s->ece_lo);
	CHANGE(s->ece_hi);
	CHANGE(s->log_loss);
	CHANGE(s->log_loss_lo);
	CHANGE(s->log_loss_hi);
}

static void report_is_followed(const struct before *b_, struct eh_part *part)
{
	struct eh_class_figures *f = &part->report.of[1];
	struct eh_subgroup *s = &part->report.subgroup[0];
	struct eh_decisions *d = &part->report.decision[1];
	struct before b = *b_;

	assert_true(s->measured && s->has_auc);
	COUNT(part->skill.n);
	COUNT(part->outer_folds);
	COUNT(part->report.out_of_scope);
	COUNT(part->quality.frames_least);
	COUNT(part->quality.flagged[0]);
	COUNT(f->n);
	COUNT(f->n_in);
	CHANGE(f->auc.value);
	CHANGE(f->auc.lo);
	CHANGE(f->ece.hi);
	CHANGE(f->brier.value);
	CHANGE(f->log_loss.value);
	CHANGE(f->reliability);
	CHANGE(f->resolution);
	CHANGE(f->uncertainty);
	CHANGE(f->within);
	COUNT(s->n);
	CHANGE(s->accuracy.value);
	CHANGE(s->accuracy.lo);
	CHANGE(s->auc.value);
	CHANGE(s->auc.hi);
	CHANGE(s->brier.value);
	CHANGE(s->ece.value);
	CHANGE(s->log_loss.hi);
	COUNT(d->n);
	COUNT(d->covered);
	COUNT(d->decided);
	COUNT(d->wrong);
}

static void text_and_json_follow_every_number_of_the_model(void **state)
{
	struct eh_card *c = make_card(2);
	struct eh_part *part = &c->model->part[eh_card_part(c)];
	struct before b = { c, text_of(c, 78), json_of(c) };
	struct eh_curve *v = &c->model->curve;
	struct eh_importance *i = &c->model->importance;
	struct eh_block *whole = NULL;

	(void)state;
	assert_true(i->made && v->verdict != EH_CURVE_NOT_MADE);
	for (int k = 0; k < EH_MODALITIES; k++)
		skill_is_followed(&b, &c->model->part[k].skill);
	skill_is_followed(&b, &c->model->f0);
	report_is_followed(&b, part);
	CHANGE(c->model->majority);
	CHANGE(c->model->prior[0]);
	CHANGE(part->report.of[1].bin[2].p);
	CHANGE(part->report.of[1].bin[2].share);
	for (size_t k = 0; k < EH_CURVE_POINTS; k++) {
		COUNT(v->point[k].n);
		CHANGE(v->point[k].auc);
		CHANGE(v->point[k].auc_lo);
		CHANGE(v->point[k].brier);
		CHANGE(v->point[k].brier_hi);
	}
	CHANGE(v->gain);
	CHANGE(v->gain_lo);
	CHANGE(v->gain_hi);
	COUNT(v->of);
	CHANGE(i->brier);
	whole = i->face.there ? &i->face : &i->voice; /* of the surest part, which may be one modality */
	CHANGE(whole->rise);
	CHANGE(whole->hi);
	CHANGE(i->group[0].rise);
	COUNT(i->candidates);
	COUNT(i->draws);
	free(b.text);
	free(b.json);
	eh_card_free(&c);
}

static void what_the_project_knows_is_followed_too(void **state)
{
	struct eh_card *c = make_card(2);
	struct before b = { c, text_of(c, 78), json_of(c) };
	struct eh_card_now *n = &c->now;

	(void)state;
	COUNT(n->withdrawn);
	COUNT(n->declared);
	COUNT(n->open_place);
	COUNT(n->may_train);
	COUNT(n->measured);
	COUNT(n->undeclared);
	COUNT(n->may_infer);
	COUNT(n->classified);
	COUNT(n->determined);
	free(b.text);
	free(b.json);
	eh_card_free(&c);
}

/* ---- form ---- */

static void no_line_is_wider_than_the_terminal(void **state)
{
	static const int widths[] = { 78, 100 };

	(void)state;
	for (size_t k = 2; k <= 3; k++) {
		struct eh_card *c = make_card(k);

		for (size_t i = 0; i < 2; i++) {
			char *text = text_of(c, widths[i]), *rest = text, *line = NULL;

			while ((line = strsep(&rest, "\n")) != NULL) {
				if (strlen(line) > (size_t)widths[i])
					fail_msg("too wide for %d: %s", widths[i], line);
				if (line[0] != '\0' && line[strlen(line) - 1] == ' ')
					fail_msg("blank at the end: '%s'", line);
			}
			assert_null(strstr(text, "-0.000"));
			assert_null(strstr(text, "nan"));
			free(text);
		}
		eh_card_free(&c);
	}
}

static void the_sections_are_those_of_a_model_card(void **state)
{
	static const char *const must[] = {
		"Details",
		"Intended use",
		"Not to be used for",
		"Factors",
		"Metrics",
		"Evaluation data",
		"Training data",
		"Quantitative analyses",
		"Ethical considerations",
		"Known limits",
		"Calibration",
		"Learning curve",
		"label sources",
		"consent",
		"enough data?",
		"erasure",
		"! thin",
		"age_40 40_plus",
	};
	struct eh_card *c = make_card(2);
	char *text = text_of(c, 78);

	(void)state;
	for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
		if (strstr(text, must[i]) == NULL)
			fail_msg("the card has no '%s'", must[i]);
	free(text);
	eh_card_free(&c);
}

static void states_are_words(void **state)
{
	struct eh_card *c = make_card(2);
	char why[512], *text = NULL;

	(void)state;
	assert_int_equal(eh_card_state(c, why, sizeof why), EH_CARD_IN_USE);
	assert_string_equal(why, "");
	for (int k = 0; k < EH_MODALITIES; k++) {
		c->model->part[k].report.classifies = false;
		(void)snprintf(c->model->part[k].report.refusal, 40, "it is too weak");
	}
	assert_int_equal(eh_card_state(c, why, sizeof why), EH_CARD_REFUSED);
	text = text_of(c, 78);
	assert_non_null(strstr(text, "REFUSED: "));
	free(text);
	c->now.withdrawn = 2;
	assert_int_equal(eh_card_state(c, why, sizeof why), EH_CARD_STALE);
	text = text_of(c, 78);
	assert_non_null(strstr(text, "STALE: the consent of 2 of its candidates"));
	assert_non_null(strstr(text, "BLOCKED"));
	free(text);
	eh_card_free(&c);
}

static void figures_hold_what_the_tables_hold(void **state)
{
	struct eh_card *c = make_card(2);
	const struct eh_part *part = &c->model->part[eh_card_part(c)];
	struct eh_card_dot dot[EH_CARD_DOTS];
	struct eh_card_bar bar[EH_CARD_BARS];
	const struct eh_importance *i = &c->model->importance;
	size_t n = eh_card_reliability(dot, c);

	(void)state;
	assert_int_equal(n, part->report.of[1].n_bins);
	for (size_t k = 0; k < n; k++) {
		assert_true(dot[k].x == part->report.of[1].bin[k].p && dot[k].y == part->report.of[1].bin[k].share);
		assert_true(dot[k].lo <= dot[k].y && dot[k].y <= dot[k].hi);
	}
	assert_int_equal(eh_card_curve(dot, c), EH_CURVE_POINTS);
	assert_true(dot[0].y == c->model->curve.point[0].brier);
	n = eh_card_importance(bar, c);
	assert_true(n > 3 && n <= EH_CARD_BARS);
	assert_string_equal(bar[0].label, i->face.there ? "face" : "voice");
	assert_true(bar[0].value == (i->face.there ? i->face.rise : i->voice.rise));
	assert_true(bar[n - 1].value == i->group[n - 1 - i->face.there - i->voice.there].rise);
	eh_card_free(&c);
}

/* ---- representativeness ---- */

static void thin_values_are_marked_and_rare_ones_put_together(void **state)
{
	struct eh_person taught[100], pool[100];
	struct eh_represent r, mirrored;
	size_t places = 0, others = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char position[16];

		(void)snprintf(position, sizeof position, "p%02d", i % 30);
		taught[i] = person(i < 96 ? "US-IL" : "US-NY", position, 40.0, i % 2, 1 - i % 2);
		pool[i] = person(i < 90 ? "US-IL" : "US-NY", position, i < 50 ? 40.0 : 200.0, 0.25, 0.75);
	}
	assert_int_equal(eh_represent_make(&r, two_groups, 2, taught, 100, pool, 100, NULL), EH_OK);
	for (size_t i = 0; i < r.n; i++) {
		const struct eh_represent_row *row = &r.row[i];

		if (row->factor == EH_BY_PLACE)
			assert_int_equal(row->thin, strcmp(row->value, "US-NY") == 0); /* 4 % against 10 % */
		if (row->factor == EH_BY_VOICE)
			assert_int_equal(row->thin, strcmp(row->value, "120 s and more") == 0);
		if (row->factor == EH_BY_CLASS)
			assert_true(row->pool == (strcmp(row->value, "female") == 0 ? 25.0 : 75.0));
		places += row->factor == EH_BY_POSITION;
		others += strcmp(row->value, "(all others)") == 0;
	}
	assert_int_equal(places, EH_REPRESENT_VALUES + 1);
	assert_int_equal(others, 1);
	for (int i = 0; i < 50; i++) {
		struct eh_person x = taught[i];

		taught[i] = taught[99 - i];
		taught[99 - i] = x;
	}
	assert_int_equal(eh_represent_make(&mirrored, two_groups, 2, taught, 100, pool, 100, NULL), EH_OK);
	assert_memory_equal(&r, &mirrored, sizeof r);
}

static void nobody_on_a_side_is_undefined_not_zero(void **state)
{
	const struct eh_person taught[] = { person("DE", "", 10.0, 1.0, 0.0) };
	struct eh_represent r;

	(void)state;
	assert_int_equal(eh_represent_make(&r, two_groups, 2, taught, 1, NULL, 0, NULL), EH_OK);
	for (size_t i = 0; i < r.n; i++) {
		assert_true(eh_represent_taught(&r, i).defined);
		assert_false(eh_represent_pool(&r, i).defined);
		assert_false(r.row[i].thin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_json_follow_every_number_of_the_model),
		cmocka_unit_test(what_the_project_knows_is_followed_too),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(the_sections_are_those_of_a_model_card),
		cmocka_unit_test(states_are_words),
		cmocka_unit_test(figures_hold_what_the_tables_hold),
		cmocka_unit_test(thin_values_are_marked_and_rare_ones_put_together),
		cmocka_unit_test(nobody_on_a_side_is_undefined_not_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

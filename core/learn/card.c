/* The model card as sections of text and as points of figures; see card.h. */
#include "learn/card.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "learn/card_page.h"
#include "learn/curve.h"
#include "learn/importance.h"

const char *const eh_card_state_name[3] = { "in use", "stale", "refused" };

void eh_card_free(struct eh_card **c)
{
	if (*c == NULL)
		return;
	eh_model_free(&(*c)->model);
	free(*c);
	*c = NULL;
}

enum eh_card_state eh_card_state(const struct eh_card *c, char *why, size_t size)
{
	char refusal[800];

	why[0] = '\0';
	if (c->now.known && c->now.withdrawn > 0) {
		(void)snprintf(why, size,
			       "the consent of %u of its candidates was withdrawn or no longer holds; it "
			       "classifies nobody until you run: evenhand train --refresh %s",
			       c->now.withdrawn, c->model->attribute);
		return EH_CARD_STALE;
	}
	if (!eh_model_classifies(c->model, refusal, sizeof refusal)) {
		(void)snprintf(why, size, "it classifies nobody: %s", refusal);
		return EH_CARD_REFUSED;
	}
	return EH_CARD_IN_USE;
}

enum eh_modality eh_card_part(const struct eh_card *c)
{
	int best = -1;

	for (int k = 0; k < EH_MODALITIES; k++) {
		const struct eh_skill *s = &c->model->part[k].skill;

		if (s->trained && (best < 0 || s->auc_lo > c->model->part[best].skill.auc_lo))
			best = k;
	}
	return best < 0 ? EH_FUSED : (enum eh_modality)best;
}

/* ---- sections ---- */

static void list(struct page *p, const char *const *text)
{
	for (; *text != NULL; text++)
		page_item(p, "%s", *text);
}

static void state(struct page *p, const struct eh_card *c)
{
	char why[1024], at[EH_TIME_TEXT];
	enum eh_card_state s = eh_card_state(c, why, sizeof why);
	const struct eh_model *m = c->model;
	const struct eh_skill *skill = &m->part[eh_card_part(c)].skill;

	if (s == EH_CARD_IN_USE)
		page_field(p, "state", "in use");
	else
		page_field(p, "state", "%s: %s", s == EH_CARD_STALE ? "STALE" : "REFUSED", why);
	page_field(p, "best part",
		   "%s: AUC %.3f [%.3f, %.3f], accuracy %.3f [%.3f, %.3f] on candidates not seen in training",
		   eh_modality_name[eh_card_part(c)], skill->auc, skill->auc_lo, skill->auc_hi, skill->accuracy,
		   skill->accuracy_lo, skill->accuracy_hi);
	page_field(p, "enough data?", "%s", card_verdict_name[m->curve.verdict]);
	if (c->now.known) {
		eh_format_time(at, c->now.at);
		page_field(p, "as of", "%s", at);
	}
}

static void details(struct page *p, const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	char at[EH_TIME_TEXT], text[EH_GROUPS_MAX * (EH_NAME_MAX + 3)] = "";

	page_field(p, "model", "%s", m->id);
	page_field(p, "attribute", "%s", m->attribute);
	for (size_t g = 0, used = 0; g < m->n_groups; g++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", g > 0 ? ", " : "", m->group[g]);
	page_field(p, "groups", "%s", text);
	if (m->trained_at != 0) {
		eh_format_time(at, m->trained_at);
		page_field(p, "trained", "%s", at);
	}
	page_field(p, "label matrix", "%zu column%s, %zu candidates", eh_columns_of(m->n_groups),
		   m->n_groups == 2 ? "" : "s, one group against the rest", (size_t)m->contributors_n);
	for (size_t i = 0; i < m->n_with; i++)
		page_field(p, i == 0 ? "also knows" : "", "%s", m->with[i]);
	page_field(p, "kernel", "radial basis; C and gamma by a coarse, then a fine grid, %d inner folds",
		   EH_INNER_FOLDS);
	page_field(p, "calibration", "Platt, on out-of-fold decision values");
	page_field(p, "decision sets", "conformal, class by class, may miss %g of each", EH_ALPHA);
	page_field(p, "seed", "%llu", (unsigned long long)m->seed);
	page_field(p, "layout", "%d, sha256 %s", EH_LAYOUT, m->layout);
	page_field(p, "made with", "libsvm %u.%02u, %s", m->libsvm_version / 100, m->libsvm_version % 100, m->platform);
}

static void intended(struct page *p, const struct eh_card *c)
{
	page_para(
		p, 2,
		"Group probabilities of %s for candidates of whom no class is known, as weights in a screening of "
		"evaluators. They speak of groups of candidates.",
		c->model->attribute);
	page_row(p, "Not to be used for");
	list(p, card_not_for);
}

static void factors(struct page *p, const struct eh_card *c)
{
	const struct eh_report *r = &c->model->part[eh_card_part(c)].report;
	char text[1024] = "";
	size_t used = 0;

	for (size_t i = 0; i < r->n_subgroups && used + 2 * EH_NAME_MAX + 8 < sizeof text; i++)
		if (i == 0 || strcmp(r->subgroup[i].attribute, r->subgroup[i - 1].attribute) != 0)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "",
						 r->subgroup[i].attribute);
	page_field(p, "measured for", "the groups of %s%s%s", c->model->attribute, used > 0 ? "; subgroups by " : "",
		   text);
	page_field(p, "recordings",
		   "length of voice, bandwidth, noise and number of pictures: the range it stands for is "
		   "below, what lies outside is out of scope");
	page_field(p, "not known", "language, recording device");
}

static void evaluation(struct page *p, const struct eh_card *c)
{
	page_para(p, 2, "%u candidates; outer folds by candidate, %u of them for the best part.",
		  c->model->contributors_n, c->model->part[eh_card_part(c)].outer_folds);
	list(p, card_evaluation);
}

static void coverage(struct page *p, const struct eh_card_now *n)
{
	uint32_t known = n->declared + n->imported;

	page_field(p, "consent",
		   "of %u candidates with a known class (%u declared, %u imported) %u live where it may be inferred, "
		   "%u of these agreed to train (%.0f %% of the known), %u of these are measured",
		   known, n->declared, n->imported, n->open_place, n->may_train,
		   known > 0 ? 100.0 * n->may_train / known : 0.0, n->measured);
	page_field(p, "pool",
		   "of %u candidates without a known class %u may be inferred, %u have probabilities of this "
		   "model, %u of these are determined",
		   n->undeclared, n->may_infer, n->classified, n->determined);
}

static void share_text(char *out, size_t size, struct eh_num share)
{
	if (share.defined)
		(void)snprintf(out, size, "%5.1f %%", 100.0 * share.value);
	else
		(void)snprintf(out, size, "%7s", "-");
}

/* The value stands last: ids may be of any script, and no table below has to know their width. */
static void representation(struct page *p, const struct eh_represent *r)
{
	page_row(p, "  Who taught it, and the %u candidates it is to classify", r->pool);
	page_row(p, "       taught                pool            value");
	for (size_t i = 0; i < r->n; i++) {
		const struct eh_represent_row *row = &r->row[i];
		char taught[16], pool[16];

		if (i == 0 || row->factor != r->row[i - 1].factor)
			page_row(p, "    %s%s", eh_factor_name[row->factor],
				 row->factor == EH_BY_CLASS && r->pool_with_class > 0
					 ? " (pool: by the model's probabilities)"
				 : row->factor == EH_BY_CLASS ? " (pool: not classified yet)"
							      : "");
		if (row->taught <= 0.0 && row->pool <= 0.0)
			continue;
		share_text(taught, sizeof taught, eh_represent_taught(r, i));
		share_text(pool, sizeof pool, eh_represent_pool(r, i));
		page_row(p, "      %6.0f  %s      %8.1f  %s   %s%s", row->taught, taught, row->pool, pool, row->value,
			 row->thin ? "  ! thin" : "");
	}
	page_para(p, 2,
		  "! thin: at least 5 %% of the pool, and less than half of that share among those who taught it.");
}

static void copies(struct page *p, const struct eh_model *m)
{
	uint32_t kinds[EH_COPY_KINDS] = { 0 }, most = eh_model_copied(m);
	char text[256] = "";
	size_t used = 0;

	for (int k = 0; k < EH_MODALITIES; k++)
		if (m->part[k].copied == most)
			memcpy(kinds, m->part[k].copies, sizeof kinds);
	for (int i = 0; i < EH_COPY_KINDS; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s of %u", i > 0 ? ", " : "",
					 eh_copy_name((enum eh_copy_kind)i), kinds[i]);
	if (most == 0)
		page_field(p, "degraded copies",
			   "none: voices that reach it through a telephone, noise or a low bit rate are told apart "
			   "less well");
	else
		page_field(p, "degraded copies",
			   "%u candidates also taught as copies of their sound (%s): support vectors, scale and "
			   "calibration of the parts with a voice, each candidate counting once. Class shares, "
			   "decision sets, scope, the range of recordings below and all figures rest on the "
			   "recordings as they are; a recording outside that range stays out of scope",
			   most, text);
}

static void data(struct page *p, const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	const struct eh_part *x = &m->part[eh_card_part(c)];

	page_para(p, 2, "%u candidates whose %s is known and who agreed to training.", m->contributors_n, m->attribute);
	page_field(p, "label sources",
		   "declared %u: they said so; imported %u: another record says so%s; none guessed or predicted",
		   m->contributors_n - m->imported_n, m->imported_n,
		   m->declared_only ? " (imported classes were left out)" : "");
	for (size_t g = 0; g < m->n_groups; g++)
		page_field(p, g == 0 ? "per class" : "", "%s: %u in the best part, share behind the probabilities %.3f",
			   m->group[g], x->skill.n_class[g], m->prior[g]);
	copies(p, m);
	if (c->now.known) {
		coverage(p, &c->now);
		representation(p, &c->now.represent);
	}
}

static void ethics(struct page *p, const struct eh_card *c)
{
	list(p, card_ethics);
	page_field(p, "erasure",
		   "all %u candidates who taught it are named in the record; when one withdraws or is erased it is "
		   "blocked at once, and trained again or removed",
		   c->model->contributors_n);
	if (c->now.known)
		page_field(p, "", "now: %s, %u of them withdrawn or no longer consenting",
			   c->now.withdrawn > 0 ? "BLOCKED" : "all consents hold", c->now.withdrawn);
}

static void metrics(struct page *p, const struct eh_card *c)
{
	(void)c;
	list(p, card_metrics);
}

static void caveats(struct page *p, const struct eh_card *c)
{
	(void)c;
	list(p, card_caveats);
}

static const struct {
	const char *title;
	enum eh_card_figure figure;
	void (*write)(struct page *p, const struct eh_card *c);
} sections[EH_CARD_SECTIONS] = {
	{ "State", EH_FIGURE_NONE, state },
	{ "Details", EH_FIGURE_NONE, details },
	{ "Intended use", EH_FIGURE_NONE, intended },
	{ "Factors", EH_FIGURE_NONE, factors },
	{ "Metrics", EH_FIGURE_NONE, metrics },
	{ "Training data", EH_FIGURE_NONE, data },
	{ "Evaluation data", EH_FIGURE_NONE, evaluation },
	{ "Calibration", EH_FIGURE_RELIABILITY, card_reliability_table },
	{ "Learning curve", EH_FIGURE_CURVE, card_curve_table },
	{ "What it looks at", EH_FIGURE_IMPORTANCE, card_importance_table },
	{ "Quantitative analyses: skill on candidates not seen in training", EH_FIGURE_NONE, card_parts },
	{ "Baselines", EH_FIGURE_NONE, card_baselines },
	{ "Ethical considerations", EH_FIGURE_NONE, ethics },
	{ "Known limits (caveats)", EH_FIGURE_NONE, caveats },
};

size_t eh_card_sections(struct eh_card_section out[EH_CARD_SECTIONS], const struct eh_card *c, int width)
{
	for (size_t i = 0; i < EH_CARD_SECTIONS; i++) {
		struct page p;

		page_init(&p, width);
		sections[i].write(&p, c);
		out[i] = (struct eh_card_section){ sections[i].title, sections[i].figure, page_end(&p) };
	}
	return EH_CARD_SECTIONS;
}

void eh_card_sections_free(struct eh_card_section *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(s[i].text);
}

char *eh_model_card(const struct eh_model *m)
{
	struct eh_card card = { .model = (struct eh_model *)m }; /* read alone */
	struct eh_card_section part[EH_CARD_SECTIONS];
	size_t n = eh_card_sections(part, &card, 78);
	struct eh_buf b;
	char *text = NULL;

	eh_buf_init(&b, EH_PAGE_MAX);
	eh_buf_printf(&b, "MODEL %s\n", m->id);
	for (size_t i = 0; i < n; i++)
		eh_buf_printf(&b, "\n%s\n%s", part[i].title, part[i].text);
	eh_card_sections_free(part, n);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

/* ---- figures ---- */

size_t eh_card_reliability(struct eh_card_dot out[EH_CARD_DOTS], const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	const struct eh_part *part = &m->part[eh_card_part(c)];
	size_t n = 0;

	for (size_t g = m->n_groups == 2 ? 1 : 0; g < m->n_groups && part->skill.trained; g++)
		for (size_t i = 0; i < part->report.of[g].n_bins; i++) {
			const struct eh_bin *b = &part->report.of[g].bin[i];

			out[n] = (struct eh_card_dot){ b->p, b->share, 0.0, 0.0 };
			card_bin_interval(&out[n].lo, &out[n].hi, b);
			n++;
		}
	return n;
}

size_t eh_card_curve(struct eh_card_dot out[EH_CARD_DOTS], const struct eh_card *c)
{
	const struct eh_curve *v = &c->model->curve;
	size_t n = 0;

	for (size_t i = 0; i < EH_CURVE_POINTS && v->verdict != EH_CURVE_NOT_MADE; i++)
		if (v->point[i].there)
			out[n++] = (struct eh_card_dot){ v->point[i].n, v->point[i].brier, v->point[i].brier_lo,
							 v->point[i].brier_hi };
	return n;
}

static void add_bar(struct eh_card_bar *out, size_t *n, const char *label, const struct eh_block *b)
{
	if (!b->there)
		return;
	(void)snprintf(out[*n].label, sizeof out[*n].label, "%.47s", label);
	out[*n].value = b->rise;
	out[*n].lo = b->lo;
	out[*n].hi = b->hi;
	(*n)++;
}

size_t eh_card_importance(struct eh_card_bar out[EH_CARD_BARS], const struct eh_card *c)
{
	const struct eh_importance *i = &c->model->importance;
	char name[64];
	size_t n = 0;

	if (!i->made)
		return 0;
	add_bar(out, &n, "face", &i->face);
	add_bar(out, &n, "voice", &i->voice);
	add_bar(out, &n, "position, place", &i->other);
	for (size_t g = 0; g < i->n_groups && n < EH_CARD_BARS; g++) {
		card_group_name(name, sizeof name, i, g);
		add_bar(out, &n, name, &i->group[g]);
	}
	return n;
}

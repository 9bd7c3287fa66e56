/* The model card as one JSON document, schema evenhand.model_card/1; see card.h. */
#include "learn/card.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "learn/card_page.h"
#include "learn/curve.h"
#include "learn/importance.h"

static void interval(struct eh_json *j, const char *key, double lo, double hi)
{
	struct eh_json *pair = eh_json_array();

	eh_json_push_num(pair, eh_num(lo));
	eh_json_push_num(pair, eh_num(hi));
	eh_json_set(j, key, pair);
}

/* "auc": value, "auc_interval": [low, high] */
static void figure(struct eh_json *j, const char *name, double value, double lo, double hi)
{
	char key[64];

	eh_json_real(j, name, value);
	(void)snprintf(key, sizeof key, "%s_interval", name);
	interval(j, key, lo, hi);
}

static void figure_of(struct eh_json *j, const char *name, const struct eh_figure *f)
{
	figure(j, name, f->value, f->lo, f->hi);
}

static struct eh_json *texts(const char *const *text)
{
	struct eh_json *a = eh_json_array();

	for (; *text != NULL; text++)
		eh_json_push_str(a, *text);
	return a;
}

static struct eh_json *skill(const struct eh_skill *s)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "candidates", s->n);
	figure(j, "accuracy", s->accuracy, s->accuracy_lo, s->accuracy_hi);
	eh_json_real(j, "balanced_accuracy", s->balanced_accuracy);
	figure(j, "auc", s->auc, s->auc_lo, s->auc_hi);
	figure(j, "brier", s->brier, s->brier_lo, s->brier_hi);
	figure(j, "calibration_error", s->ece, s->ece_lo, s->ece_hi);
	figure(j, "log_loss", s->log_loss, s->log_loss_lo, s->log_loss_hi);
	return j;
}

static void set_skill(struct eh_json *j, const char *key, const struct eh_skill *s)
{
	if (s->trained)
		eh_json_set(j, key, skill(s));
	else
		eh_json_null(j, key);
}

/* ---- a part ---- */

static struct eh_json *confusion(const struct eh_model *m, const struct eh_skill *s)
{
	struct eh_json *rows = eh_json_array();

	for (size_t t = 0; t < m->n_groups; t++) {
		struct eh_json *row = eh_json_array();

		for (size_t g = 0; g < m->n_groups; g++)
			eh_json_push_int(row, (int64_t)s->confusion[t][g]);
		eh_json_push(rows, row);
	}
	return rows;
}

static struct eh_json *bins(const struct eh_class_figures *f)
{
	struct eh_json *a = eh_json_array();

	for (size_t i = 0; i < f->n_bins; i++) {
		struct eh_json *j = eh_json_object();
		double lo = 0.0, hi = 0.0;

		card_bin_interval(&lo, &hi, &f->bin[i]);
		eh_json_real(j, "candidates", f->bin[i].n);
		eh_json_real(j, "given", f->bin[i].p);
		figure(j, "share", f->bin[i].share, lo, hi);
		eh_json_push(a, j);
	}
	return a;
}

static struct eh_json *classes(const struct eh_model *m, const struct eh_part *x)
{
	const struct eh_report *r = &x->report;
	struct eh_json *a = eh_json_array();

	for (size_t g = 0; g < m->n_groups; g++) {
		const struct eh_class_figures *f = &r->of[g];
		struct eh_json *j = eh_json_object();
		struct eh_figure recall;

		eh_json_str(j, "group", m->group[g]);
		eh_json_int(j, "candidates", f->n);
		eh_json_int(j, "in_group", f->n_in);
		card_recall(&recall, &x->skill, g);
		figure_of(j, "recall", &recall);
		figure_of(j, "auc", &f->auc);
		figure_of(j, "calibration_error", &f->ece);
		figure_of(j, "brier", &f->brier);
		figure_of(j, "log_loss", &f->log_loss);
		eh_json_real(j, "reliability", f->reliability);
		eh_json_real(j, "resolution", f->resolution);
		eh_json_real(j, "uncertainty", f->uncertainty);
		eh_json_real(j, "within", f->within);
		eh_json_set(j, "reliability_table", bins(f));
		eh_json_push(a, j);
	}
	return a;
}

static struct eh_json *subgroup(const struct eh_subgroup *s)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "attribute", s->attribute);
	eh_json_str(j, "group", s->group);
	eh_json_int(j, "candidates", s->n);
	eh_json_bool(j, "measured", s->measured);
	if (!s->measured)
		return j;
	figure_of(j, "accuracy", &s->accuracy);
	if (s->has_auc)
		figure_of(j, "auc", &s->auc);
	else
		eh_json_null(j, "auc");
	figure_of(j, "brier", &s->brier);
	figure_of(j, "calibration_error", &s->ece);
	figure_of(j, "log_loss", &s->log_loss);
	return j;
}

static struct eh_json *decisions(const struct eh_model *m, const struct eh_report *r)
{
	struct eh_json *a = eh_json_array();

	for (size_t g = 0; g < m->n_groups; g++) {
		const struct eh_decisions *d = &r->decision[g];
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "group", m->group[g]);
		eh_json_int(j, "candidates", d->n);
		eh_json_bool(j, "can_exclude", d->can_exclude);
		eh_json_int(j, "covered", d->covered);
		eh_json_int(j, "decided", d->decided);
		eh_json_int(j, "wrong", d->wrong);
		eh_json_push(a, j);
	}
	return a;
}

static struct eh_json *parameters(const struct eh_model *m, const struct eh_fit *f)
{
	struct eh_json *a = eh_json_array();

	for (size_t c = 0; c < f->columns; c++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "probability_of", m->group[f->columns == 1 ? 1 : c]);
		eh_json_real(j, "c", f->column[c].c);
		eh_json_real(j, "gamma", f->column[c].gamma);
		eh_json_real(j, "platt_a", f->column[c].platt.a);
		eh_json_real(j, "platt_b", f->column[c].platt.b);
		eh_json_push(a, j);
	}
	return a;
}

static struct eh_json *quality(const struct eh_quality_range *q)
{
	struct eh_json *j = eh_json_object(), *flags = eh_json_array();

	interval(j, "pictures", q->frames_least, q->frames_most);
	interval(j, "voiced_seconds", q->voiced_least, q->voiced_most);
	if (q->band_least >= 0.0)
		interval(j, "bandwidth", q->band_least, q->band_most);
	else
		eh_json_null(j, "bandwidth");
	if (q->snr_least > -1000.0)
		interval(j, "snr", q->snr_least, q->snr_most);
	else
		eh_json_null(j, "snr");
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++) {
		struct eh_json *f = eh_json_object();

		if (q->flagged[i] == 0) {
			eh_json_free(&f);
			continue;
		}
		eh_json_str(f, "remark", eh_quality_text(1u << i));
		eh_json_int(f, "candidates", q->flagged[i]);
		eh_json_push(flags, f);
	}
	eh_json_set(j, "remarks", flags);
	return j;
}

static struct eh_json *indicators(const struct eh_part *p, enum eh_use use)
{
	struct eh_json *a = eh_json_array();

	for (size_t i = 0; i < EH_VECTOR_N; i++)
		if (p->use[i] == (uint8_t)use)
			eh_json_push_str(a, eh_vector_info(i)->name);
	return a;
}

static struct eh_json *subgroups(const struct eh_report *r)
{
	struct eh_json *a = eh_json_array();

	for (size_t i = 0; i < r->n_subgroups; i++)
		eh_json_push(a, subgroup(&r->subgroup[i]));
	return a;
}

static struct eh_json *copies(const struct eh_part *p)
{
	struct eh_json *j = eh_json_object(), *kinds = eh_json_array();

	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct eh_json *kind = eh_json_object();

		eh_json_str(kind, "kind", eh_copy_name((enum eh_copy_kind)k));
		eh_json_int(kind, "candidates", p->copies[k]);
		eh_json_push(kinds, kind);
	}
	eh_json_int(j, "candidates", p->copied);
	eh_json_set(j, "kinds", kinds);
	return j;
}

static struct eh_json *part(const struct eh_model *m, enum eh_modality which)
{
	const struct eh_part *p = &m->part[which];
	struct eh_json *j = eh_json_object(), *out = eh_json_object();

	eh_json_str(j, "part", eh_modality_name[which]);
	eh_json_bool(j, "trained", p->skill.trained);
	eh_json_str(j, "reason", p->skill.trained ? NULL : p->reason);
	eh_json_bool(j, "classifies", p->report.classifies);
	eh_json_str(j, "refusal", p->report.classifies ? NULL : p->report.refusal);
	set_skill(j, "skill", &p->skill);
	if (p->skill.trained) {
		eh_json_int(j, "outer_folds", p->outer_folds);
		eh_json_set(j, "confusion", confusion(m, &p->skill));
		eh_json_set(j, "classes", classes(m, p));
		eh_json_set(j, "subgroups", subgroups(&p->report));
		eh_json_int(j, "more_subgroups", p->report.more_subgroups);
		eh_json_set(j, "decisions", decisions(m, &p->report));
		eh_json_int(j, "out_of_scope", p->report.out_of_scope);
		eh_json_set(j, "parameters", parameters(m, &p->fit));
		eh_json_int(j, "indicators", (int64_t)p->fit.d);
		eh_json_int(j, "support_vectors", (int64_t)p->fit.n_sv);
		eh_json_set(j, "quality", quality(&p->quality));
		eh_json_set(j, "degraded_copies", copies(p));
	}
	eh_json_set(out, "absent", indicators(p, EH_USE_ABSENT));
	eh_json_set(out, "constant", indicators(p, EH_USE_CONSTANT));
	eh_json_set(j, "left_out", out);
	return j;
}

/* ---- curve and importance ---- */

static struct eh_json *curve(const struct eh_curve *v)
{
	struct eh_json *j = eh_json_object(), *points = eh_json_array();

	eh_json_str(j, "verdict", card_verdict_name[v->verdict]);
	if (v->verdict == EH_CURVE_NOT_MADE) {
		eh_json_free(&points);
		return j;
	}
	eh_json_str(j, "part", eh_modality_name[v->modality]);
	eh_json_int(j, "candidates", v->n);
	eh_json_int(j, "of", v->of);
	eh_json_int(j, "folds", v->folds);
	for (size_t i = 0; i < EH_CURVE_POINTS; i++) {
		const struct eh_curve_point *q = &v->point[i];
		struct eh_json *p = eh_json_object();

		eh_json_int(p, "percent", q->percent);
		eh_json_int(p, "candidates", q->n);
		if (q->there) {
			figure(p, "auc", q->auc, q->auc_lo, q->auc_hi);
			figure(p, "brier", q->brier, q->brier_lo, q->brier_hi);
		} else {
			eh_json_null(p, "auc");
			eh_json_null(p, "brier");
		}
		eh_json_push(points, p);
	}
	eh_json_set(j, "points", points);
	figure(j, "gain", v->gain, v->gain_lo, v->gain_hi);
	eh_json_real(j, "tolerance", EH_CURVE_TOLERANCE);
	return j;
}

static void push_block(struct eh_json *a, const char *name, const struct eh_importance *i, const struct eh_block *b,
		       size_t group)
{
	struct eh_json *j = NULL, *names = NULL;

	if (!b->there)
		return;
	j = eh_json_object();
	eh_json_str(j, "block", name);
	eh_json_int(j, "indicators", b->n);
	figure(j, "rise", b->rise, b->lo, b->hi);
	if (group > 0) {
		names = eh_json_array();
		for (size_t k = 0; k < EH_VECTOR_N; k++)
			if (i->group_of[k] == group)
				eh_json_push_str(names, eh_vector_info(k)->name);
		eh_json_set(j, "names", names);
	}
	eh_json_push(a, j);
}

static struct eh_json *importance(const struct eh_importance *i)
{
	struct eh_json *j = eh_json_object(), *blocks = eh_json_array();
	char name[64];

	eh_json_str(j, "part", eh_modality_name[i->modality]);
	eh_json_int(j, "candidates", i->candidates);
	eh_json_int(j, "draws", i->draws);
	eh_json_real(j, "brier", i->brier);
	push_block(blocks, "face", i, &i->face, 0);
	push_block(blocks, "voice", i, &i->voice, 0);
	push_block(blocks, "position, place", i, &i->other, 0);
	for (size_t g = 0; g < i->n_groups; g++) {
		card_group_name(name, sizeof name, i, g);
		push_block(blocks, name, i, &i->group[g], g + 1);
	}
	eh_json_set(j, "blocks", blocks);
	return j;
}

/* ---- data ---- */

static struct eh_json *representation(const struct eh_represent *r)
{
	struct eh_json *a = eh_json_array();

	for (size_t i = 0; i < r->n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "factor", eh_factor_name[r->row[i].factor]);
		eh_json_str(j, "value", r->row[i].value);
		eh_json_real(j, "taught", r->row[i].taught);
		eh_json_num(j, "taught_share", eh_represent_taught(r, i));
		eh_json_real(j, "pool", r->row[i].pool);
		eh_json_num(j, "pool_share", eh_represent_pool(r, i));
		eh_json_bool(j, "thin", r->row[i].thin);
		eh_json_push(a, j);
	}
	return a;
}

static void now(struct eh_json *data, const struct eh_card_now *n)
{
	struct eh_json *cover = eh_json_object(), *pool = eh_json_object();
	uint32_t known = n->declared + n->imported;

	eh_json_int(cover, "declared", n->declared);
	eh_json_int(cover, "imported", n->imported);
	eh_json_int(cover, "open_place", n->open_place);
	eh_json_int(cover, "may_train", n->may_train);
	eh_json_int(cover, "measured", n->measured);
	eh_json_num(cover, "share", known > 0 ? eh_num((double)n->may_train / known)
					      : eh_undefined(EH_U_EMPTY_GROUP));
	eh_json_set(data, "coverage", cover);
	eh_json_int(pool, "undeclared", n->undeclared);
	eh_json_int(pool, "may_infer", n->may_infer);
	eh_json_int(pool, "measured", n->represent.pool);
	eh_json_int(pool, "classified", n->classified);
	eh_json_int(pool, "determined", n->determined);
	eh_json_set(data, "pool", pool);
	eh_json_set(data, "representativeness", representation(&n->represent));
}

static struct eh_json *training_data(const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	struct eh_json *data = eh_json_object(), *classes_ = eh_json_array(), *sources = eh_json_object();

	eh_json_int(data, "candidates", m->contributors_n);
	eh_json_int(sources, "declared", m->contributors_n - m->imported_n);
	eh_json_int(sources, "imported", m->imported_n);
	eh_json_set(data, "label_sources", sources);
	eh_json_bool(data, "declared_only", m->declared_only);
	for (size_t g = 0; g < m->n_groups; g++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "group", m->group[g]);
		eh_json_int(j, "candidates", m->part[eh_card_part(c)].skill.n_class[g]);
		eh_json_real(j, "prior", m->prior[g]);
		eh_json_push(classes_, j);
	}
	eh_json_set(data, "classes", classes_);
	eh_json_real(data, "majority", m->majority);
	if (c->now.known)
		now(data, &c->now);
	return data;
}

static struct eh_json *details(const struct eh_model *m)
{
	struct eh_json *j = eh_json_object(), *with = eh_json_array();
	char at[EH_TIME_TEXT], libsvm[16];

	eh_format_time(at, m->trained_at);
	eh_json_str(j, "trained_at", m->trained_at != 0 ? at : NULL);
	eh_json_int(j, "seed", (int64_t)m->seed);
	eh_json_int(j, "layout", EH_LAYOUT);
	eh_json_str(j, "layout_sha256", m->layout);
	(void)snprintf(libsvm, sizeof libsvm, "%u.%02u", m->libsvm_version / 100, m->libsvm_version % 100);
	eh_json_str(j, "libsvm", libsvm);
	eh_json_str(j, "platform", m->platform);
	eh_json_int(j, "columns", (int64_t)eh_columns_of(m->n_groups));
	eh_json_str(j, "kernel", "rbf");
	eh_json_str(j, "calibration", "platt");
	eh_json_int(j, "inner_folds", EH_INNER_FOLDS);
	eh_json_real(j, "alpha", EH_ALPHA);
	for (size_t i = 0; i < m->n_with; i++)
		eh_json_push_str(with, m->with[i]);
	eh_json_set(j, "with", with);
	return j;
}

static struct eh_json *erasure(const struct eh_card *c)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "contributors", c->model->contributors_n);
	if (c->now.known)
		eh_json_int(j, "withdrawn", c->now.withdrawn);
	else
		eh_json_null(j, "withdrawn");
	eh_json_str(j, "state", !c->now.known ? NULL : c->now.withdrawn > 0 ? "blocked" : "all consents hold");
	return j;
}

static void quantities(struct eh_json *doc, const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	struct eh_json *parts = eh_json_array(), *base = eh_json_object();

	for (int k = 0; k < EH_MODALITIES; k++)
		eh_json_push(parts, part(m, (enum eh_modality)k));
	eh_json_set(doc, "parts", parts);
	eh_json_real(base, "majority", m->majority);
	set_skill(base, "pitch", &m->f0);
	eh_json_set(doc, "baselines", base);
	eh_json_set(doc, "learning_curve", curve(&m->curve));
	if (m->importance.made)
		eh_json_set(doc, "importance", importance(&m->importance));
	else
		eh_json_null(doc, "importance");
}

struct eh_json *eh_card_json(const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	struct eh_json *doc = eh_json_object(), *groups = eh_json_array();
	char why[1024], at[EH_TIME_TEXT], use[120 + EH_NAME_MAX];
	enum eh_card_state state = eh_card_state(c, why, sizeof why);

	eh_json_str(doc, "schema", "evenhand.model_card/1");
	eh_json_str(doc, "model", m->id);
	eh_json_str(doc, "attribute", m->attribute);
	for (size_t g = 0; g < m->n_groups; g++)
		eh_json_push_str(groups, m->group[g]);
	eh_json_set(doc, "groups", groups);
	eh_json_str(doc, "state", eh_card_state_name[state]);
	eh_json_str(doc, "state_reason", why[0] != '\0' ? why : NULL);
	eh_json_str(doc, "best_part", eh_modality_name[eh_card_part(c)]);
	eh_format_time(at, c->now.at);
	eh_json_str(doc, "asked_at", c->now.known ? at : NULL);
	eh_json_set(doc, "details", details(m));
	(void)snprintf(use, sizeof use,
		       "group probabilities of %s for candidates of whom no class is known, as weights in a screening "
		       "of evaluators",
		       m->attribute);
	eh_json_str(doc, "intended_use", use);
	eh_json_set(doc, "not_to_be_used_for", texts(card_not_for));
	eh_json_set(doc, "metrics", texts(card_metrics));
	eh_json_set(doc, "training_data", training_data(c));
	eh_json_set(doc, "evaluation_data", texts(card_evaluation));
	quantities(doc, c);
	eh_json_set(doc, "ethical_considerations", texts(card_ethics));
	eh_json_set(doc, "caveats", texts(card_caveats));
	eh_json_set(doc, "erasure", erasure(c));
	return doc;
}

/* The quantitative sections of a model card: skill of each part, calibration, learning curve, importance. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "learn/card_page.h"
#include "learn/curve.h"
#include "learn/importance.h"

#define FEW_FOR_ECE 100	 /* candidates below which ten bins hold fewer than ten each */
#define LEAST_RISE 0.001 /* [1] Brier score of a group of indicators that has a line of its own */
#define GROUPS_ON_A_LINE 6              /* that leave room for the share behind their counts */
#define NAMES_MAX 8192	 /* [bytes] of a list of indicators */

/* ---- skill of a part ---- */

static void figure_row(struct page *p, const char *name, double v, double lo, double hi, const char *remark)
{
	page_row(p, "    %-16s %.3f  [%.3f, %.3f]%s%s", name, v, lo, hi, remark[0] != '\0' ? "  " : "", remark);
}

static void skill(struct page *p, const struct eh_skill *s)
{
	char balanced[40];

	(void)snprintf(balanced, sizeof balanced, "balanced %.3f", s->balanced_accuracy);
	figure_row(p, "accuracy", s->accuracy, s->accuracy_lo, s->accuracy_hi, balanced);
	figure_row(p, "AUC", s->auc, s->auc_lo, s->auc_hi, s->auc_lo <= 0.5 ? "not better than chance" : "");
	figure_row(p, "Brier", s->brier, s->brier_lo, s->brier_hi, "");
	figure_row(p, "calibration err.", s->ece, s->ece_lo, s->ece_hi,
		   s->n < FEW_FOR_ECE ? "high by chance: few" : "");
	figure_row(p, "log loss", s->log_loss, s->log_loss_lo, s->log_loss_hi, "");
}

static void confusion(struct page *p, const struct eh_model *m, const struct eh_skill *s)
{
	page_row(p, "    known (row) / said (column), candidates; share of each group told right");
	for (size_t t = 0; t < m->n_groups; t++) {
		char line[256];
		struct eh_figure right;
		int used = snprintf(line, sizeof line, "      %-16s", m->group[t]);

		for (size_t g = 0; g < m->n_groups && used > 0 && (size_t)used + 8 < sizeof line; g++)
			used += snprintf(line + used, sizeof line - (size_t)used, " %3.0f", s->confusion[t][g]);
		card_recall(&right, s, t);
		page_row(p, "%s%s   %.3f  [%.3f, %.3f] of %u", line, m->n_groups > GROUPS_ON_A_LINE ? "\n        " : "",
			 right.value, right.lo, right.hi, s->n_class[t]);
	}
}

/* Of two groups the other is the mirror image. */
static void classes(struct page *p, const struct eh_model *m, const struct eh_report *r)
{
	page_row(p, "    %s against the rest", m->n_groups == 2 ? "one group" : "each group");
	for (size_t g = m->n_groups == 2 ? 1 : 0; g < m->n_groups; g++) {
		const struct eh_class_figures *c = &r->of[g];

		page_row(p, "      %s: %u of %u candidates", m->group[g], c->n_in, c->n);
		page_row(p, "        AUC   %.3f [%.3f, %.3f]   calibration error %.3f [%.3f, %.3f]", c->auc.value,
			 c->auc.lo, c->auc.hi, c->ece.value, c->ece.lo, c->ece.hi);
		page_row(p, "        Brier %.3f [%.3f, %.3f]   log loss          %.3f [%.3f, %.3f]", c->brier.value,
			 c->brier.lo, c->brier.hi, c->log_loss.value, c->log_loss.lo, c->log_loss.hi);
		page_para(p, 8, "Brier: reliability %.3f - resolution %.3f + uncertainty %.3f %s %.3f", c->reliability,
			  c->resolution, c->uncertainty, card_round(c->within) < 0.0 ? "- within" : "+ within",
			  fabs(card_round(c->within)));
	}
}

static void subgroup(struct page *p, const struct eh_subgroup *s)
{
	page_row(p, "      %s %s: %u candidate%s%s", s->attribute, s->group, s->n, s->n == 1 ? "" : "s",
		 s->measured ? "" : ", too few to measure");
	if (!s->measured)
		return;
	page_row(p, "        accuracy %.3f [%.3f, %.3f]%s", s->accuracy.value, s->accuracy.lo, s->accuracy.hi,
		 s->has_auc ? "" : "   AUC: one group only");
	if (s->has_auc)
		page_row(p, "        AUC   %.3f [%.3f, %.3f]   calibration error %.3f [%.3f, %.3f]", s->auc.value,
			 s->auc.lo, s->auc.hi, s->ece.value, s->ece.lo, s->ece.hi);
	else
		page_row(p, "        calibration error %.3f [%.3f, %.3f]", s->ece.value, s->ece.lo, s->ece.hi);
	page_row(p, "        Brier %.3f [%.3f, %.3f]   log loss          %.3f [%.3f, %.3f]", s->brier.value,
		 s->brier.lo, s->brier.hi, s->log_loss.value, s->log_loss.lo, s->log_loss.hi);
}

static void subgroups(struct page *p, const struct eh_report *r)
{
	if (r->n_subgroups == 0) {
		page_para(p, 4, "per subgroup: no other class of these candidates is known");
		return;
	}
	page_row(p, "    per subgroup");
	for (size_t i = 0; i < r->n_subgroups; i++)
		subgroup(p, &r->subgroup[i]);
	if (r->more_subgroups > 0)
		page_row(p, "      %u more subgroups are not shown", r->more_subgroups);
}

static void decisions(struct page *p, const struct eh_model *m, const struct eh_report *r)
{
	page_para(p, 4, "decision sets that may miss %.0f %% of each group (each candidate against the others)",
		  100.0 * EH_ALPHA);
	for (size_t g = 0; g < m->n_groups; g++) {
		const struct eh_decisions *d = &r->decision[g];

		if (d->can_exclude)
			page_row(p, "      %-16s %u of %u covered, %u decided, %u of these wrong", m->group[g],
				 d->covered, d->n, d->decided, d->wrong);
		else
			page_para(p, 6,
				  "%s: %u candidates are too few to exclude it anywhere: everybody stays undetermined",
				  m->group[g], d->n);
	}
	page_row(p, "    %u of these candidates would be out of scope", r->out_of_scope);
}

static void parameters(struct page *p, const struct eh_model *m, const struct eh_fit *f)
{
	for (size_t c = 0; c < f->columns; c++) {
		const struct eh_column *column = &f->column[c];

		page_para(p, 4, "P(%s): log2 C %g, log2 gamma %.2f, a %.3f, b %.3f%s",
			  m->group[f->columns == 1 ? 1 : c], log2(column->c), log2(column->gamma), column->platt.a,
			  column->platt.b, column->platt.a >= 0.0 ? " (tells nothing)" : "");
	}
	page_row(p, "    %zu indicators, %zu support vectors", f->d, f->n_sv);
}

static void quality(struct page *p, const struct eh_quality_range *q, enum eh_modality which)
{
	if (which != EH_VOICE_ONLY)
		page_row(p, "    valid for %u..%u used pictures per candidate", q->frames_least, q->frames_most);
	if (which != EH_FACE_ONLY)
		page_row(p, "    valid for %.1f..%.1f s voiced per candidate", q->voiced_least, q->voiced_most);
	if (which != EH_FACE_ONLY && q->band_least >= 0.0)
		page_row(p, "    valid for sound of %.0f..%.0f Hz bandwidth", q->band_least, q->band_most);
	if (which != EH_FACE_ONLY && q->snr_least > -1000.0)
		page_row(p, "    valid for a signal-to-noise ratio of %.1f..%.1f dB", q->snr_least, q->snr_most);
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++)
		if (q->flagged[i] > 0)
			page_row(p, "    %u candidate%s with: %s", q->flagged[i], q->flagged[i] == 1 ? "" : "s",
				 eh_quality_text(1u << i));
}

/* The indicators with this use. */
static void indicators(struct page *p, const struct eh_part *part, enum eh_use use, const char *title)
{
	struct eh_buf names;

	eh_buf_init(&names, NAMES_MAX);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		if (part->use[i] == (uint8_t)use)
			eh_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", eh_vector_info(i)->name);
	if (names.len > 0) {
		page_row(p, "    %s", title);
		page_para(p, 6, "%s", eh_buf_cstr(&names));
	}
	eh_buf_free(&names);
}

static void part(struct page *p, const struct eh_model *m, enum eh_modality which)
{
	const struct eh_part *x = &m->part[which];

	page_row(p, "%s  %s", which == EH_FUSED ? "" : "\n", eh_modality_name[which]);
	if (!x->skill.trained) {
		page_para(p, 4, "not trained: %s", x->reason);
	} else {
		page_para(p, 4, "%u candidates, %u outer folds; never seen by scale, search, fit and calibration",
			  x->skill.n, x->outer_folds);
		if (!x->report.classifies)
			page_para(p, 4, "classifies nobody: %s", x->report.refusal);
		skill(p, &x->skill);
		confusion(p, m, &x->skill);
		classes(p, m, &x->report);
		subgroups(p, &x->report);
		decisions(p, m, &x->report);
		parameters(p, m, &x->fit);
		quality(p, &x->quality, which);
	}
	indicators(p, x, EH_USE_ABSENT, "left out, not there for every candidate:");
	indicators(p, x, EH_USE_CONSTANT, "left out, the same for all candidates:");
}

void card_parts(struct page *p, const struct eh_card *c)
{
	for (int k = 0; k < EH_MODALITIES; k++)
		part(p, c->model, (enum eh_modality)k);
}

void card_baselines(struct page *p, const struct eh_card *c)
{
	page_row(p, "  largest group for everybody");
	page_row(p, "    accuracy         %.3f", c->model->majority);
	page_row(p, "  median pitch alone");
	if (c->model->f0.trained)
		skill(p, &c->model->f0);
	else
		page_row(p, "    not measured: too few candidates with a pitch in some group");
}

/* ---- tables below the figures ---- */

void card_reliability_table(struct page *p, const struct eh_card *c)
{
	const struct eh_model *m = c->model;
	const struct eh_part *x = &m->part[eh_card_part(c)];

	page_para(p, 2,
		  "%s: probability given, and the share of those candidates who are of the group. On the diagonal "
		  "the probabilities are what they say.",
		  eh_modality_name[eh_card_part(c)]);
	for (size_t g = m->n_groups == 2 ? 1 : 0; g < m->n_groups; g++) {
		const struct eh_class_figures *f = &x->report.of[g];

		page_row(p, "    %s: %u of %u candidates", m->group[g], f->n_in, f->n);
		page_row(p, "      candidates   given   are of it     95 %%");
		for (size_t i = 0; i < f->n_bins; i++) {
			double lo = 0.0, hi = 0.0;

			card_bin_interval(&lo, &hi, &f->bin[i]);
			page_row(p, "      %10.1f   %.3f   %.3f         [%.3f, %.3f]", f->bin[i].n, f->bin[i].p,
				 f->bin[i].share, lo, hi);
		}
	}
}

static void verdict(struct page *p, const struct eh_curve *v)
{
	switch (v->verdict) {
	case EH_CURVE_ENOUGH:
		page_field(p, "enough data?",
			   "enough: twice the candidates made the Brier score better by %.4f [%.4f, %.4f], "
			   "surely less than %g",
			   v->gain, v->gain_lo, v->gain_hi, EH_CURVE_TOLERANCE);
		break;
	case EH_CURVE_MORE:
		page_field(p, "enough data?",
			   "more needed: twice the candidates made the Brier score better by %.4f "
			   "[%.4f, %.4f]; that should go on",
			   v->gain, v->gain_lo, v->gain_hi);
		break;
	default:
		page_field(p, "enough data?",
			   "cannot tell: twice the candidates changed the Brier score by %.4f "
			   "[%.4f, %.4f]%s",
			   v->gain, v->gain_lo, v->gain_hi,
			   v->point[EH_CURVE_POINTS - 1].auc_lo <= 0.5 ? "; there is no skill yet" : "");
	}
}

void card_curve_table(struct page *p, const struct eh_card *c)
{
	const struct eh_curve *v = &c->model->curve;

	if (v->verdict == EH_CURVE_NOT_MADE) {
		page_para(p, 2, "not measured");
		return;
	}
	page_para(p, 2,
		  "%s: the whole training on a growing part of the candidates, judged on those of %u folds left out.",
		  eh_modality_name[v->modality], v->folds);
	if (v->n < v->of)
		page_para(p, 2, "Drawn from %u of the %u candidates: what more of them bring is not seen here.", v->n,
			  v->of);
	page_row(p, "    teach   candidates   AUC     95 %%              Brier   95 %%");
	for (size_t i = 0; i < EH_CURVE_POINTS; i++) {
		const struct eh_curve_point *q = &v->point[i];

		if (q->there)
			page_row(p, "    %3u %%   %10u   %.3f   [%.3f, %.3f]   %.3f   [%.3f, %.3f]", q->percent, q->n,
				 q->auc, q->auc_lo, q->auc_hi, q->brier, q->brier_lo, q->brier_hi);
		else
			page_row(p, "    %3u %%   %10u   too few to learn from", q->percent, q->n);
	}
	verdict(p, v);
}

static void block_row(struct page *p, const char *name, const struct eh_block *b)
{
	if (b->there)
		page_row(p, "    %-42s %3u   %6.3f  [%.3f, %.3f]", name, b->n, card_round(b->rise), card_round(b->lo),
			 card_round(b->hi));
}

void card_importance_table(struct page *p, const struct eh_card *c)
{
	const struct eh_importance *i = &c->model->importance;
	char name[64];

	if (!i->made) {
		page_para(p, 2, "not measured");
		return;
	}
	page_para(p, 2,
		  "%s: rise of the Brier score (%.3f as it is) when a block of indicators is taken from other "
		  "candidates, over %u candidates judged out of fold, up to %u others each. About 0: the model does as "
		  "well "
		  "without it.",
		  eh_modality_name[i->modality], i->brier, i->candidates, i->draws);
	page_row(p, "    %-42s   n     rise  95 %%", "block");
	block_row(p, "face", &i->face);
	block_row(p, "voice", &i->voice);
	block_row(p, "position, place", &i->other);
	page_row(p, "    groups of indicators that go together (|rho| from %.1f)", EH_IMPORTANCE_RHO);
	for (size_t g = 0; g < i->n_groups; g++) {
		if (i->group[g].rise < LEAST_RISE) { /* the largest stand first */
			page_row(p, "    %zu more with less than %.3f each", i->n_groups - g, LEAST_RISE);
			break;
		}
		card_group_name(name, sizeof name, i, g);
		block_row(p, name, &i->group[g]);
	}
}

/* The model card: what a model is, how well it does and what it must not be used for (facts/learning.md 13). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "learn/grid.h"
#include "learn/model.h"

#define CARD_MAX (1u << 20)             /* [bytes] */
#define CARD_WIDTH 76                   /* [columns] of wrapped lists; the screen has 80 */
#define FEW_FOR_ECE 100                 /* candidates below which ten bins hold fewer than ten each */

static void section(struct eh_buf *b, const char *title)
{
	eh_buf_printf(b, "\n%s\n", title);
}

static void details(struct eh_buf *b, const struct eh_model *m)
{
	char at[EH_TIME_TEXT];

	eh_buf_printf(b, "MODEL %s\n", m->id);
	section(b, "Details");
	eh_buf_printf(b, "  attribute        %s\n  groups           ", m->attribute);
	for (size_t g = 0; g < m->n_groups; g++)
		eh_buf_printf(b, "%s%s", g > 0 ? ", " : "", m->group[g]);
	if (m->trained_at != 0) {
		eh_format_time(at, m->trained_at);
		eh_buf_printf(b, "\n  trained          %s", at);
	}
	eh_buf_printf(b, "\n  label matrix     %zu column%s, %zu candidates\n", eh_columns_of(m->n_groups),
		      m->n_groups == 2 ? "" : "s, one group against the rest", (size_t)m->contributors_n);
	eh_buf_printf(b, "  kernel           radial basis; C and gamma by %d x %d grid, %d inner folds\n", EH_GRID_C,
		      EH_GRID_GAMMA, EH_INNER_FOLDS);
	eh_buf_printf(b, "  calibration      Platt, on out-of-fold decision values\n");
	eh_buf_printf(b, "  seed             %llu\n", (unsigned long long)m->seed);
	eh_buf_printf(b, "  layout           %d, sha256 %.16s...\n", EH_LAYOUT, m->layout);
	eh_buf_printf(b, "  made with        libsvm %u.%02u, %s\n", m->libsvm_version / 100, m->libsvm_version % 100,
		      m->platform);
	section(b, "Intended use");
	eh_buf_printf(b,
		      "  Group probabilities for candidates who declared none, as weights in a\n"
		      "  screening of evaluators.  They speak of groups of candidates.\n"
		      "Not to be used for\n"
		      "  Any decision about a candidate; telling a person's %s; any place whose\n"
		      "  law forbids the inference; candidates of another project or site.\n", m->attribute);
}

static void confusion(struct eh_buf *b, const struct eh_model *m, const struct eh_skill *s)
{
	eh_buf_printf(b, "    declared (row) / said (column)\n");
	for (size_t t = 0; t < m->n_groups; t++) {
		eh_buf_printf(b, "      %-20s", m->group[t]);
		for (size_t g = 0; g < m->n_groups; g++)
			eh_buf_printf(b, " %5.0f", s->confusion[t][g]);
		eh_buf_printf(b, "   %3.0f %% right of %u\n", 100.0 * s->confusion[t][t] / s->n_class[t],
			      s->n_class[t]);
	}
}

static void skill(struct eh_buf *b, const struct eh_skill *s)
{
	eh_buf_printf(b, "    accuracy         %.3f  [%.3f, %.3f]  balanced %.3f\n", s->accuracy, s->accuracy_lo,
		      s->accuracy_hi, s->balanced_accuracy);
	eh_buf_printf(b, "    AUC              %.3f  [%.3f, %.3f]%s\n", s->auc, s->auc_lo, s->auc_hi,
		      s->auc_lo <= 0.5 ? "  not better than chance" : "");
	eh_buf_printf(b, "    Brier            %.3f  [%.3f, %.3f]\n", s->brier, s->brier_lo, s->brier_hi);
	eh_buf_printf(b, "    calibration err. %.3f  [%.3f, %.3f]%s\n", s->ece, s->ece_lo, s->ece_hi,
		      s->n < FEW_FOR_ECE ? "  high by chance: few candidates" : "");
}

/* "name, name, ..." of the indicators with this use, wrapped. */
static void indicators(struct eh_buf *b, const struct eh_part *p, enum eh_use use, const char *title)
{
	size_t width = 0;

	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const char *name = eh_vector_info(i)->name;

		if (p->use[i] != (uint8_t)use)
			continue;
		if (width == 0)
			eh_buf_printf(b, "    %s\n", title);
		if (width == 0 || width + 2 + strlen(name) > CARD_WIDTH) {
			eh_buf_printf(b, "%s      %s", width == 0 ? "" : ",\n", name);
			width = 6 + strlen(name);
		} else {
			eh_buf_printf(b, ", %s", name);
			width += 2 + strlen(name);
		}
	}
	if (width > 0)
		eh_buf_printf(b, "\n");
}

static void parameters(struct eh_buf *b, const struct eh_model *m, const struct eh_fit *f)
{
	for (size_t c = 0; c < f->columns; c++) {
		const struct eh_column *column = &f->column[c];

		eh_buf_printf(b, "    P(%s): log2 C %g, log2 gamma %.2f, a %.3f, b %.3f%s\n",
			      m->group[f->columns == 1 ? 1 : c], log2(column->c), log2(column->gamma), column->platt.a,
			      column->platt.b, column->platt.a >= 0.0 ? " (tells nothing)" : "");
	}
	eh_buf_printf(b, "    %zu indicators, %zu support vectors\n", f->d, f->n_sv);
}

static void quality(struct eh_buf *b, const struct eh_quality_range *q, enum eh_modality which)
{
	if (which != EH_VOICE_ONLY)
		eh_buf_printf(b, "    valid for %u..%u used pictures per candidate\n", q->frames_least, q->frames_most);
	if (which != EH_FACE_ONLY)
		eh_buf_printf(b, "    valid for %.1f..%.1f s voiced per candidate\n", q->voiced_least, q->voiced_most);
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++)
		if (q->flagged[i] > 0)
			eh_buf_printf(b, "    %u candidate%s with: %s\n", q->flagged[i], q->flagged[i] == 1 ? "" : "s",
				      eh_quality_text(1u << i));
}

static void part(struct eh_buf *b, const struct eh_model *m, enum eh_modality which)
{
	const struct eh_part *p = &m->part[which];

	eh_buf_printf(b, "\n  %s\n", eh_modality_name[which]);
	if (!p->skill.trained) {
		eh_buf_printf(b, "    not trained: %s\n", p->reason);
	} else {
		eh_buf_printf(b, "    %u candidates, %u outer folds; never seen by scale, search,\n    fit and calibration\n", p->skill.n,
			      p->outer_folds);
		skill(b, &p->skill);
		if (p->skill.auc_lo <= 0.5)
			eh_buf_printf(b, "    not used: what is no better than chance classifies nobody\n");
		confusion(b, m, &p->skill);
		parameters(b, m, &p->fit);
		quality(b, &p->quality, which);
	}
	indicators(b, p, EH_USE_ABSENT, "left out, not there for every candidate:");
	indicators(b, p, EH_USE_CONSTANT, "left out, the same for all candidates:");
}

static void baselines(struct eh_buf *b, const struct eh_model *m)
{
	section(b, "Baselines");
	eh_buf_printf(b, "  largest group for everybody\n    accuracy         %.3f\n", m->majority);
	eh_buf_printf(b, "  median pitch alone\n");
	if (m->f0.trained)
		skill(b, &m->f0);
	else
		eh_buf_printf(b, "    not measured: too few candidates with a pitch in some group\n");
}

static void data(struct eh_buf *b, const struct eh_model *m)
{
	section(b, "Training and evaluation data");
	eh_buf_printf(b, "  %zu candidates who declared their %s and agreed to training.\n", (size_t)m->contributors_n,
		      m->attribute);
	eh_buf_printf(b, "  class shares behind the probabilities:");
	for (size_t g = 0; g < m->n_groups; g++)
		eh_buf_printf(b, " %s %.3f", m->group[g], m->prior[g]);
	eh_buf_printf(b,
		      "\n"
		      "  The same candidates serve training and evaluation, never at once: folds\n"
		      "  are by candidate.  All of them are named in the model; when one withdraws\n"
		      "  or is erased the model has to be trained again or removed.\n");
}

static void limits(struct eh_buf *b)
{
	section(b, "Ethical considerations");
	eh_buf_printf(b,
		      "  The model holds measurements of faces and voices of its candidates: it is\n"
		      "  personal, biometric data and does not leave this site.  Declared classes\n"
		      "  always win over predicted ones.\n");
	section(b, "Known limits");
	eh_buf_printf(b,
		      "  Intervals: 95 %%; accuracy by Wilson, others by %s resamples of\n"
		      "  candidates (a score interval where separated classes leave the AUC none).\n"
		      "  With few candidates the resamples are too sure of themselves.\n"
		      "  The calibration stands for recordings like those above; another channel\n"
		      "  moves the threshold more than the order.\n"
		      "  Not measured: learning curve, representativeness, skill per other\n"
		      "  attribute, error of a ratio corrected with these probabilities.\n", "1,000");
}

char *eh_model_card(const struct eh_model *m)
{
	struct eh_buf b;
	char *text = NULL;

	eh_buf_init(&b, CARD_MAX);
	details(&b, m);
	data(&b, m);
	section(&b, "Skill on candidates not seen in training");
	for (int k = 0; k < EH_MODALITIES; k++)
		part(&b, m, (enum eh_modality)k);
	baselines(&b, m);
	limits(&b);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

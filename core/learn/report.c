/* Figures per class and per subgroup, and the verdict whether a part may classify; see matrix.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/matrix.h"

/* ---- subgroups ---- */

struct tag {                            /* one judged row in one subgroup */
	eh_name attribute, group;
	uint32_t at;                    /* index into the outcome */
};

struct tags {
	struct tag *v;
	size_t n, cap;
};

static int add_tag(struct tags *t, const char *attribute, const char *group, size_t at, struct eh_err *err)
{
	if (t->n == t->cap) {
		size_t cap = t->cap != 0 ? 2 * t->cap : 256;
		struct tag *more = eh_try_realloc(t->v, cap, sizeof *t->v);

		if (more == NULL)
			return eh_err_set(err, EH_ENOMEM, "out of memory for the subgroups");
		t->v = more;
		t->cap = cap;
	}
	(void)snprintf(t->v[t->n].attribute, sizeof t->v[t->n].attribute, "%s", attribute);
	(void)snprintf(t->v[t->n].group, sizeof t->v[t->n].group, "%s", group);
	t->v[t->n++].at = (uint32_t)at;
	return EH_OK;
}

static int tag_cmp(const void *a, const void *b)
{
	const struct tag *x = a, *y = b;
	int order = strcmp(x->attribute, y->attribute);

	if (order == 0)
		order = strcmp(x->group, y->group);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* The modalities a candidate has, and what else it declared. */
static int tag_row(struct tags *tags, const struct eh_training *t, uint32_t row, size_t at, struct eh_err *err)
{
	const struct eh_train_row *r = &t->row[row];
	const char *modality = eh_vector_has(r->vector, EH_FUSED)       ? "face and voice"
			       : eh_vector_has(r->vector, EH_FACE_ONLY) ? "face alone"
									: "voice alone";
	int rc = add_tag(tags, "modality", modality, at, err);

	for (size_t i = 0; r->declared != NULL && i < r->declared->n && rc == EH_OK; i++)
		if (strcmp(r->declared->of[i].attribute, t->m->attribute) != 0)
			rc = add_tag(tags, r->declared->of[i].attribute, r->declared->of[i].group, at, err);
	return rc;
}

static int measure_tags(struct eh_subgroup *out, const struct tag *tag, size_t n, const struct eh_outcome *o,
			uint64_t seed, struct eh_err *err)
{
	double *p = eh_try_malloc(n, o->k * sizeof *p);
	int32_t *group = eh_try_malloc(n, sizeof *group);
	uint32_t *owner = eh_try_malloc(n, sizeof *owner);
	uint32_t *fold = eh_try_malloc(n, sizeof *fold);
	struct eh_outcome part = { p, group, owner, n, o->k, o->fold != NULL ? fold : NULL };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	(void)snprintf(out->attribute, sizeof out->attribute, "%s", tag->attribute);
	(void)snprintf(out->group, sizeof out->group, "%s", tag->group);
	out->n = (uint32_t)n;
	if (p == NULL || group == NULL || owner == NULL || fold == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the subgroups");
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		memcpy(p + i * o->k, o->p + tag[i].at * o->k, o->k * sizeof *p);
		group[i] = o->group[tag[i].at];
		owner[i] = o->owner[tag[i].at];
		fold[i] = o->fold != NULL ? o->fold[tag[i].at] : 0;
	}
	if (rc == EH_OK && n >= EH_SUBGROUP_MIN)
		rc = eh_measure_subgroup(out, &part, seed, err);
	free(fold);
	free(owner);
	free(group);
	free(p);
	return rc;
}

static int subgroups(struct eh_report *out, const struct eh_training *t, const struct eh_outcome *o,
		     const uint32_t *row, uint64_t seed, struct eh_err *err)
{
	struct tags tags = { NULL, 0, 0 };
	int rc = EH_OK;

	for (size_t i = 0; i < o->n && rc == EH_OK; i++)
		rc = tag_row(&tags, t, row[i], i, err);
	if (rc == EH_OK && tags.n > 1)
		qsort(tags.v, tags.n, sizeof *tags.v, tag_cmp);
	for (size_t i = 0, end = 0; i < tags.n && rc == EH_OK; i = end) {
		while (end < tags.n && strcmp(tags.v[end].attribute, tags.v[i].attribute) == 0 &&
		       strcmp(tags.v[end].group, tags.v[i].group) == 0)
			end++;
		if (end - i == o->n && strcmp(tags.v[i].attribute, "modality") == 0)
			continue;               /* everybody: nothing to compare */
		if (out->n_subgroups == EH_SUBGROUPS_MAX)
			out->more_subgroups++;
		else
			rc = measure_tags(&out->subgroup[out->n_subgroups++], &tags.v[i], end - i, o, seed, err);
	}
	free(tags.v);
	return rc;
}

int eh_report_fill(struct eh_report *out, const struct eh_training *t, const struct eh_outcome *o, const uint32_t *row,
		   uint64_t seed, struct eh_err *err)
{
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	for (size_t g = 0; g < o->k && rc == EH_OK; g++)
		rc = eh_measure_class(&out->of[g], o, g, seed, err);
	return rc == EH_OK ? subgroups(out, t, o, row, seed, err) : rc;
}

/* ---- the verdict ---- */

void eh_report_judge(struct eh_part *part, const struct eh_model *m)
{
	struct eh_report *r = &part->report;

	r->classifies = part->skill.trained;
	if (!part->skill.trained) {
		(void)snprintf(r->refusal, sizeof r->refusal, "%.*s", EH_REFUSAL_MAX, part->reason);
		return;
	}
	/* every column of the label matrix is a classification of its own */
	for (size_t g = m->n_groups == 2 ? 1 : 0; g < m->n_groups && r->classifies; g++) {
		const struct eh_figure *auc = m->n_groups == 2 ? NULL : &r->of[g].auc;
		double lo = auc != NULL ? auc->lo : part->skill.auc_lo, hi = auc != NULL ? auc->hi : part->skill.auc_hi;

		if (lo >= EH_CLASSIFY_AUC)
			continue;
		r->classifies = false;
		(void)snprintf(r->refusal, sizeof r->refusal,
			       "the AUC of '%.40s' on candidates it has not seen is %.3f with the interval %.3f to "
			       "%.3f, which reaches below %.1f",
			       m->group[g], auc != NULL ? auc->value : part->skill.auc, lo, hi, EH_CLASSIFY_AUC);
	}
}

bool eh_model_classifies(const struct eh_model *m, char *why, size_t size)
{
	size_t len = 0;

	for (int k = 0; k < EH_MODALITIES; k++)
		if (m->part[k].report.classifies)
			return true;
	for (int k = 0; k < EH_MODALITIES && why != NULL && len < size; k++)
		len += (size_t)snprintf(why + len, size - len, "%s%s: %s", k > 0 ? "; " : "", eh_modality_name[k],
					m->part[k].report.refusal);
	return false;
}

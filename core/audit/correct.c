/* Correction for everything that was looked at, over all findings of a run; see run.h and family.h. */
#include <stdlib.h>

#include "audit/family.h"
#include "audit/run.h"
#include "base/mem.h"

static bool is_pooled(const struct eh_finding *f)
{
	return f->evaluator[0] == '\0';
}

/* A mirror follows its twin within the same scope: the last finding that is none and takes part. */
static size_t twin_of(const struct eh_run *r, size_t i, size_t last)
{
	return !r->w[i].mirror && !r->v[i].below_two_percent ? i : last;
}

/* Corrects field `which` (p or peers_p) of the findings of one family.  A mirrored finding shares the corrected value:
 * the two are one test, of the larger p, or of the only one.  Who selects nobody of a group has a distance from the
 * others on that group alone, and is among those from whom the others' distance on it is, so that peers_p is not the
 * same on both; which of them comes first is a matter of their names, and must not decide. */
int eh_run_correct(struct eh_run *r, bool pooled, enum eh_corrected which, struct eh_err *err)
{
	struct eh_num *p = eh_try_calloc(r->n + 1, sizeof *p), *q = eh_try_calloc(r->n + 1, sizeof *q);
	struct eh_num *holm = eh_try_calloc(r->n + 1, sizeof *holm);
	uint32_t *rank = eh_try_calloc(r->n + 1, sizeof *rank);
	struct eh_family_also also;
	uint32_t size = 0;
	size_t twin = 0, at;
	int rc = EH_ENOMEM;

	if (p == NULL || q == NULL || holm == NULL || rank == NULL) {
		eh_err_set(err, rc, "audit: out of memory for a family of %zu findings", r->n);
		goto out;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct eh_finding *f = &r->v[i];
		struct eh_num own = which != EH_CORRECT_P ? f->peers_p : f->anytime ? f->p_anytime : f->p;

		p[i] = eh_undefined(EH_U_NO_P);
		if (is_pooled(f) != pooled)
			continue;
		twin = twin_of(r, i, twin);
		if (!r->w[i].mirror)
			p[i] = own;
		else if (!p[twin].defined || (own.defined && own.value > p[twin].value))
			p[twin] = own;
	}
	twin = 0;
	also = (struct eh_family_also){ holm, EH_FAMILY_HOLM, rank };
	rc = eh_family_adjust_both(q, p, r->n, which == EH_CORRECT_P ? r->family : EH_FAMILY_BH,
				   which == EH_CORRECT_P ? &also : NULL, &size, err);
	for (size_t i = 0; i < r->n && rc == EH_OK; i++) {
		struct eh_finding *f = &r->v[i];

		if (is_pooled(f) != pooled)
			continue;
		twin = twin_of(r, i, twin);
		at = r->w[i].mirror ? twin : i;
		if (which == EH_CORRECT_P) {
			f->q = q[at];
			f->q_holm = holm[at];
			f->family_size = size;
			f->family_rank = rank[at];
		} else {
			f->peers_q = f->peers_p.defined ? q[at] : f->peers_p;
		}
	}
out:
	free(p);
	free(q);
	free(holm);
	free(rank);
	return rc;
}

/* Every evaluator against all the others, group by group; see run.h and peers.h. */
#include "audit/run.h"

#include <stdlib.h>
#include <string.h>

#include "audit/peers.h"
#include "base/mem.h"

/* The group that serves as the reference among the groups of one evaluator, or n_groups: none does. */
static size_t reference_of(const struct eh_finding *f, size_t n_groups)
{
	size_t g = 0;

	while (g < n_groups && !f[g].is_reference)
		g++;
	return g;
}

/*
 * The ln ratio of group g to group `reference` as one evaluator's findings have it: his own finding on g, or the one
 * on `reference` the other way round when g is the highest with him.  Under a third reference he takes no part.
 */
static struct eh_peer peer_of(const struct eh_work *w, size_t own, size_t n_groups, size_t g, size_t reference)
{
	struct eh_peer out = { .has = false };

	if (own == reference)
		return w[g].peer;
	if (own == g && reference < n_groups) {
		out = w[reference].peer;
		out.y = -out.y;
		out.t = (struct eh_fourfold){ out.t.b, out.t.n2, out.t.a, out.t.n1 };
	}
	return out;
}

/* What the comparison of one attribute needs of every evaluator: a finding is too large to be looked into each time. */
struct meeting {
	struct eh_peer *peer, *room;    /* [evaluators] */
	struct eh_connect work;         /* who did the same work as whom */
	uint8_t *own;                   /* [evaluators] group that is his reference, n_groups = none */
	size_t with[EH_GROUPS_MAX + 1]; /* evaluators by own */
};

static void set_peers(struct eh_finding *f, const struct eh_peer *p)
{
	f->peers_ratio = p->ratio;
	f->peers_z = p->z;
	f->peers_p = p->p;
	f->peers_others = p->others;
	f->peers_corrected = p->has && p->corrected;
	f->peers_evaluators = p->n_others;
	f->peers_n = p->others_t.n1;
	f->peers_selected = p->others_t.a;
	f->peers_ref_n = p->others_t.n2;
	f->peers_ref_selected = p->others_t.b;
}

/* All evaluators on group g against `reference`; the results go to those who have that reference. */
static void compare_pair(struct eh_run *r, struct meeting *m, size_t first, size_t groups, size_t g, size_t reference)
{
	size_t n = r->d->evaluators.n;

	for (size_t e = 0; e < n; e++)
		m->peer[e] = peer_of(&r->w[first + e * groups], m->own[e], groups, g, reference);
	eh_peers_connected(m->peer, n, &m->work, m->room);
	for (size_t e = 0; e < n; e++) {
		struct eh_finding *f = &r->v[first + e * groups + g];

		if (m->own[e] != reference)
			continue;
		set_peers(f, &m->peer[e]);
	}
}

/* With the highest group as the reference it differs between evaluators: each is compared on his own pair of groups. */
int eh_run_peers(struct eh_run *r, struct eh_err *err)
{
	size_t n = r->d->evaluators.n;
	struct meeting m = { .peer = eh_try_calloc(n + 1, sizeof *m.peer),
			     .room = eh_try_calloc(n + 1, sizeof *m.room),
			     .own = eh_try_calloc(n + 1, sizeof *m.own) };
	int rc = EH_ENOMEM;

	if (m.peer == NULL || m.room == NULL || m.own == NULL) {
		eh_err_set(err, rc, "audit: out of memory for %zu evaluators", n);
		goto out;
	}
	rc = eh_connect_make(&m.work, r->d, EH_LINK_WORK, err);
	if (rc < 0)
		goto out;
	for (size_t a = 0; a < r->d->n_attributes; a++) {
		size_t groups = r->d->attributes[a].n_groups;
		size_t first = r->layout[a].base + eh_run_pooled(r) * groups;

		memset(m.with, 0, sizeof m.with);
		for (size_t e = 0; e < n; e++) {
			m.own[e] = (uint8_t)reference_of(&r->v[first + e * groups], groups);
			m.with[m.own[e]]++;
		}
		/* groups itself stands for "rest", or for an evaluator without a reference */
		for (size_t g = 0; g < groups; g++)
			for (size_t reference = 0; reference <= groups; reference++)
				if (reference != g && m.with[reference] > 0)
					compare_pair(r, &m, first, groups, g, reference);
	}
	rc = EH_OK;
out:
	eh_connect_free(&m.work);
	free(m.room);
	free(m.peer);
	free(m.own);
	return rc;
}

/* A kept audit of data whose candidates are one person each; see again.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/again_inside.h"
#include "audit/benchmark.h"
#include "base/mem.h"
#include "base/threads.h"

static size_t scope_at(const struct eh_kept *k, uint32_t position)
{
	for (size_t i = 0; i < k->run.order.n_used; i++)
		if (k->run.order.position[i] == position)
			return i + 1;
	return 0;
}

int eh_kept_replace_rows(struct eh_kept *k, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err)
{
	int rc = eh_rows_replace(k->d, evaluator, now, err);

	if (rc != EH_OK)
		return rc;
	k->moved = true;
	eh_kept_touch(k, 0);
	for (size_t i = 0; i < now->n_changed && k->n_pooled > 1; i++)
		eh_kept_touch(k, scope_at(k, eh_order_position(&k->run.order, now->changed[i])));
	eh_kept_touch(k, k->n_pooled + evaluator);
	return EH_OK;
}

int eh_kept_order(struct eh_kept *k, bool *same, struct eh_err *err)
{
	struct eh_order *o = &k->run.order, was = *o;
	int rc;

	was.position = o->position;
	o->position = NULL;
	/* it knows by the order how many attributes there are */
	eh_bench_free(&k->bench);
	eh_order_free(o);
	if (k->alone != NULL)
		eh_slice_free(&k->alone);
	rc = eh_order_make(o, k->d, k->s.known_only, err);
	for (size_t a = 0; rc == EH_OK && a < k->d->n_attributes; a++)
		if (k->run.layout[a].unfit)
			eh_order_refuse(o, a);
	*same = rc == EH_OK && o->n_used == was.n_used &&
		(o->n_used == 0 || memcmp(o->position, was.position, o->n_used * sizeof *o->position) == 0);
	free(was.position);
	return rc == EH_OK ? eh_slice_new(&k->alone, o, o->predicted, err) : rc;
}

static int do_scope(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kept *k = ctx;

	(void)slot;
	(void)inside;
	return k->list[i] < k->n_pooled ? eh_run_pooled_scope(&k->run, k->list[i], err) : EH_OK;
}

int eh_kept_pooled_rows(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);

	return k->n_list > 0 ? eh_crew_run(&crew, k->n_list, k->n_list, do_scope, k, err) : EH_OK;
}

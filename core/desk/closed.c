/* Where a policy's own gate is closed, nobody's class is used; the core's gates were asked before. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/inside.h"

static int place_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The different places, sorted. */
static size_t list_places(const eh_place *places, size_t n, eh_place *out)
{
	size_t kept = 0;

	memcpy(out, places, n * sizeof *out);
	if (n > 1)
		qsort(out, n, sizeof *out, place_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || strcmp(out[kept - 1], out[i]) != 0)
			memmove(out[kept++], out[i], sizeof *out);
	return kept;
}

static void forget(struct eh_attribute_data *a, const eh_place *places, size_t n, const char *place)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(places[i], place) != 0)
			continue;
		a->group[i] = -1;
		a->provenance[i] = EH_UNKNOWN_CLASS;
	}
}

int eh_desk_close_places(const struct eh_policy_engine *engine, struct eh_policy *p, struct eh_audit_data *data,
			 eh_place *const places, bool *closed, struct eh_err *err)
{
	eh_place *different;
	size_t n_places;
	int rc = EH_OK;

	if (p == NULL || !engine->info(p)->has_gate)
		return EH_OK;
	different = eh_xcalloc(data->candidates.n, sizeof *different);
	n_places = list_places(places, data->candidates.n, different);
	for (size_t k = 0; k < data->n_attributes && rc == EH_OK; k++) {
		size_t shut = 0;

		for (size_t i = 0; i < n_places && rc == EH_OK; i++) {
			bool open = false;

			rc = engine->gate(p, different[i], data->attributes[k].name, &open, err);
			if (rc != EH_OK || open)
				continue;
			forget(&data->attributes[k], places, data->candidates.n, different[i]);
			shut++;
		}
		closed[k] = shut == n_places;
	}
	free(different);
	return rc;
}

/* Those who taught a model beside those it is to classify; see represent.h. */
#include "learn/represent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const eh_factor_name[EH_FACTORS] = { "class", "place", "position", "modality", "voice" };

static struct eh_represent_row *add(struct eh_represent *out, enum eh_factor f, const char *value)
{
	struct eh_represent_row *r = &out->row[out->n++];

	r->factor = (uint8_t)f;
	(void)snprintf(r->value, sizeof r->value, "%s", value);
	return r;
}

static double whole(const struct eh_represent *r, size_t row, bool pool)
{
	if (!pool)
		return r->taught;
	return r->row[row].factor == EH_BY_CLASS ? r->pool_with_class : r->pool;
}

struct eh_num eh_represent_taught(const struct eh_represent *r, size_t row)
{
	return r->taught > 0 ? eh_num(r->row[row].taught / whole(r, row, false)) : eh_undefined(EH_U_EMPTY_GROUP);
}

struct eh_num eh_represent_pool(const struct eh_represent *r, size_t row)
{
	double all = whole(r, row, true);

	return all > 0.0 ? eh_num(r->row[row].pool / all) : eh_undefined(EH_U_EMPTY_GROUP);
}

/* ---- classes ---- */

static void by_class(struct eh_represent *out, const char *const *group, size_t k, const struct eh_person *taught,
		     size_t n_taught, const struct eh_person *pool, size_t n_pool)
{
	size_t first = out->n;

	for (size_t g = 0; g < k; g++)
		(void)add(out, EH_BY_CLASS, group[g]);
	for (size_t i = 0; i < n_taught; i++)
		for (size_t g = 0; g < k; g++)
			out->row[first + g].taught += taught[i].p[g];
	for (size_t i = 0; i < n_pool; i++) {
		double all = 0.0;

		for (size_t g = 0; g < k; g++) {
			out->row[first + g].pool += pool[i].p[g];
			all += pool[i].p[g];
		}
		out->pool_with_class += all > 0.0;
	}
}

/* ---- places and positions ---- */

struct entry {
	const char *value;
	bool pool;
};

struct count {
	const char *value;
	uint32_t taught, pool;
};

static int entry_cmp(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->value, ((const struct entry *)b)->value);
}

/* Most frequent first, ties by name. */
static int count_cmp(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	uint64_t nx = (uint64_t)x->taught + x->pool, ny = (uint64_t)y->taught + y->pool;

	if (nx != ny)
		return nx > ny ? -1 : 1;
	return strcmp(x->value, y->value);
}

static const char *value_of(const struct eh_person *p, enum eh_factor f)
{
	const char *value = f == EH_BY_PLACE ? p->place : p->position;

	return value[0] != '\0' ? value : "(none given)";
}

static int by_value(struct eh_represent *out, enum eh_factor f, const struct eh_person *taught, size_t n_taught,
		    const struct eh_person *pool, size_t n_pool, struct eh_err *err)
{
	size_t n = n_taught + n_pool, values = 0;
	struct entry *entry = eh_try_malloc(n + 1, sizeof *entry);
	struct count *count = eh_try_malloc(n + 1, sizeof *count);

	if (entry == NULL || count == NULL) {
		free(entry);
		free(count);
		return eh_err_set(err, EH_ENOMEM, "out of memory for comparing %zu candidates", n);
	}
	for (size_t i = 0; i < n; i++)
		entry[i] = i < n_taught ? (struct entry){ value_of(&taught[i], f), false }
					: (struct entry){ value_of(&pool[i - n_taught], f), true };
	qsort(entry, n, sizeof *entry, entry_cmp);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || entry_cmp(&entry[i - 1], &entry[i]) != 0)
			count[values++] = (struct count){ entry[i].value, 0, 0 };
		count[values - 1].taught += !entry[i].pool;
		count[values - 1].pool += entry[i].pool;
	}
	qsort(count, values, sizeof *count, count_cmp);
	for (size_t i = 0; i < values; i++) {
		struct eh_represent_row *r = i <= EH_REPRESENT_VALUES ? add(out, f, i < EH_REPRESENT_VALUES
											     ? count[i].value
											     : "(all others)")
								      : &out->row[out->n - 1];

		r->taught += count[i].taught;
		r->pool += count[i].pool;
	}
	free(count);
	free(entry);
	return EH_OK;
}

/* ---- modality and length of voice ---- */

static const char *const modalities[4] = { "face and voice", "face alone", "voice alone", "neither" };
static const char *const lengths[5] = { "no voice", "below 30 s", "30 to 60 s", "60 to 120 s", "120 s and more" };

static size_t modality_of(const struct eh_person *p)
{
	return p->has_face ? (p->has_voice ? 0 : 1) : p->has_voice ? 2 : 3;
}

static size_t length_of(const struct eh_person *p)
{
	if (!p->has_voice)
		return 0;
	return p->voiced_seconds < 30.0 ? 1 : p->voiced_seconds < 60.0 ? 2 : p->voiced_seconds < 120.0 ? 3 : 4;
}

static void by_kind(struct eh_represent *out, enum eh_factor f, const char *const *name, size_t kinds,
		    size_t (*kind)(const struct eh_person *p), const struct eh_person *taught, size_t n_taught,
		    const struct eh_person *pool, size_t n_pool)
{
	size_t first = out->n;

	for (size_t i = 0; i < kinds; i++)
		(void)add(out, f, name[i]);
	for (size_t i = 0; i < n_taught; i++)
		out->row[first + kind(&taught[i])].taught += 1.0;
	for (size_t i = 0; i < n_pool; i++)
		out->row[first + kind(&pool[i])].pool += 1.0;
}

/* ---- the whole ---- */

static void mark_thin(struct eh_represent *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct eh_num taught = eh_represent_taught(r, i), pool = eh_represent_pool(r, i);

		r->row[i].thin = taught.defined && pool.defined && pool.value >= 0.05 &&
				 2.0 * taught.value < pool.value;
	}
}

int eh_represent_make(struct eh_represent *out, const char *const *group, size_t k, const struct eh_person *taught,
		      size_t n_taught, const struct eh_person *pool, size_t n_pool, struct eh_err *err)
{
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	out->taught = (uint32_t)n_taught;
	out->pool = (uint32_t)n_pool;
	by_class(out, group, k, taught, n_taught, pool, n_pool);
	rc = by_value(out, EH_BY_PLACE, taught, n_taught, pool, n_pool, err);
	if (rc == EH_OK)
		rc = by_value(out, EH_BY_POSITION, taught, n_taught, pool, n_pool, err);
	if (rc != EH_OK) {
		memset(out, 0, sizeof *out);
		return rc;
	}
	by_kind(out, EH_BY_MODALITY, modalities, 4, modality_of, taught, n_taught, pool, n_pool);
	by_kind(out, EH_BY_VOICE, lengths, 5, length_of, taught, n_taught, pool, n_pool);
	mark_thin(out);
	return EH_OK;
}

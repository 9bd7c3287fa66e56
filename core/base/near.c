/* Names near a misspelt one; see near.h. */
#include "base/near.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_DISTANCE 2          /* edits that still count as a slip of the finger */
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

/* Levenshtein distance of short names; anything longer than the row counts as far away. */
static size_t distance(const char *a, const char *b)
{
	size_t row[48] = { 0 };
	size_t la = strlen(a), lb = strlen(b);

	if (la >= N_OF(row) || lb >= N_OF(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

static bool is_near(const char *wrong, const char *name)
{
	size_t lw = strlen(wrong), ln = strlen(name), common = lw < ln ? lw : ln;

	/* one-letter names are near to everything: only a name that is long enough may be proposed by its distance */
	if (ln > 3 && distance(wrong, name) <= MAX_DISTANCE)
		return true;
	return common >= 3 && strncmp(wrong, name, common) == 0;
}

void eh_near_names(char *out, size_t size, const char *wrong, const char *const *names, size_t n)
{
	size_t used = 0, shown = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n && shown < 4; i++) {
		int len = 0;

		if (!is_near(wrong, names[i]))
			continue;
		len = snprintf(out + used, size - used, "%s%s", shown == 0 ? ": did you mean " : ", ", names[i]);
		if (len < 0 || (size_t)len >= size - used)
			break;
		used += (size_t)len;
		shown++;
	}
	if (shown > 0 && used + 1 < size)
		memcpy(out + used, "?", 2);
}

/*
 * The bench table of `rates` as CSV on standard output: one decision per candidate or those of a panel of several
 * evaluators, six groups of 50 to 2 percent, selection rates that differ between the positions and not between the
 * groups.  Seeded: the same bytes everywhere.
 *   audit_table ROWS [EVALUATORS [POSITIONS [PANEL]]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"

#define POSITIONS_MAX 1000
#define PANEL_MAX 16

/* Somebody who is not among the n before him in the panel; he becomes one of them. */
static unsigned long draw_member(struct eh_rng *rng, unsigned long evaluators, unsigned long *panel, unsigned long n)
{
	unsigned long e, i;

	do {
		e = eh_rng_below(rng, evaluators);
		for (i = 0; i < n && panel[i] != e; i++)
			;
	} while (i < n);
	return panel[n] = e;
}

int main(int argc, char **argv)
{
	static const char *const groups[] = { "white", "black", "hispanic", "asian", "other", "native" };
	static const unsigned upto[] = { 50, 68, 84, 94, 98, 100 };
	unsigned long rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long evaluators = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	unsigned long positions = argc > 3 ? strtoul(argv[3], NULL, 10) : 20;
	unsigned long size = argc > 4 ? strtoul(argv[4], NULL, 10) : 1, panel[PANEL_MAX], j = 0;
	double base[POSITIONS_MAX];
	size_t g = 0;
	struct eh_rng rng;

	if (rows == 0 || evaluators == 0 || positions == 0 || positions > POSITIONS_MAX || size == 0 ||
	    size > PANEL_MAX || size > evaluators) {
		fprintf(stderr, "usage: audit_table ROWS [EVALUATORS [POSITIONS up to %d [PANEL up to %d]]]\n",
			POSITIONS_MAX, PANEL_MAX);
		return 2;
	}
	eh_rng_seed(&rng, 1);
	for (unsigned long k = 0; k < positions; k++)
		base[k] = 0.2 + 0.4 * eh_rng_unit(&rng);
	puts("evaluator_id,candidate_id,decision,race,position");
	for (unsigned long i = 0; i < rows; i++) {
		const unsigned long e = draw_member(&rng, evaluators, panel, i % size);

		if (i % size == 0) {
			unsigned u;

			j = eh_rng_below(&rng, positions);
			u = (unsigned)eh_rng_below(&rng, 100);
			for (g = 0; u >= upto[g]; g++)
				;
		}
		printf("E%04lu,C%07lu,%s,%s,J%02lu\n", e, i / size, eh_rng_unit(&rng) < base[j] ? "advance" : "reject",
		       groups[g], j);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

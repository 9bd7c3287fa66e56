/*
 * The bench table of `rates` as CSV on standard output: one decision per candidate, six groups of 50 to 2 percent,
 * selection rates that differ between the positions and not between the groups.  Seeded: the same bytes everywhere.
 *   audit_table ROWS [EVALUATORS [POSITIONS]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"

#define POSITIONS_MAX 1000

int main(int argc, char **argv)
{
	static const char *const groups[] = { "white", "black", "hispanic", "asian", "other", "native" };
	static const unsigned upto[] = { 50, 68, 84, 94, 98, 100 };
	unsigned long rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long evaluators = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
	unsigned long positions = argc > 3 ? strtoul(argv[3], NULL, 10) : 20;
	double base[POSITIONS_MAX];
	struct eh_rng rng;

	if (rows == 0 || evaluators == 0 || positions == 0 || positions > POSITIONS_MAX) {
		fprintf(stderr, "usage: audit_table ROWS [EVALUATORS [POSITIONS up to %d]]\n", POSITIONS_MAX);
		return 2;
	}
	eh_rng_seed(&rng, 1);
	for (unsigned long j = 0; j < positions; j++)
		base[j] = 0.2 + 0.4 * eh_rng_unit(&rng);
	puts("evaluator_id,candidate_id,decision,race,position");
	for (unsigned long i = 0; i < rows; i++) {
		unsigned long e = eh_rng_below(&rng, evaluators), j = eh_rng_below(&rng, positions);
		unsigned u = (unsigned)eh_rng_below(&rng, 100);
		size_t g = 0;

		while (u >= upto[g])
			g++;
		printf("E%04lu,C%07lu,%s,%s,J%02lu\n", e, i, eh_rng_unit(&rng) < base[j] ? "advance" : "reject",
		       groups[g], j);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

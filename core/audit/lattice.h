/*
 * lattice.h - the two roads of eh_table_posterior: P(ratio < limit) of two rates of counted persons.
 *
 * The lattice is ten times as fast and takes the tables of an evaluator; the panels take every table.
 */
#ifndef EH_AUDIT_LATTICE_H
#define EH_AUDIT_LATTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/table.h"

#define EH_LATTICE_PERSONS 16384 /* of a group; above, the powers lose digits */

/*
 * From both densities on one lattice of angles, in about 1 microsecond.  As eh_table_posterior, n1 and n2 > 0: absolute
 * error below 1e-11.  Below 1e-9 it keeps relative digits too: two to 1e-12, from there on the order of magnitude;
 * below 1e-13 it may be 0.
 *
 * false: not here, *p is unchanged.  That is a group above EH_LATTICE_PERSONS, one over sixty times as large as the
 * other, a limit close to 1 where nearly everybody is selected, and a small probability where few or nearly all are.
 */
bool eh_lattice_posterior(double *p, const struct eh_fourfold *t, int32_t num, int32_t den);

/* By Gauss panels over the narrower density: about 10 microseconds; n1 and n2 > 0. */
double eh_panels_posterior(const struct eh_fourfold *t, int32_t num, int32_t den);

#endif

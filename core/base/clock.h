/*
 * clock.h - the one place that reads the clocks.
 *
 * EVENHAND_TIME_NOW (RFC 3339) freezes eh_now() for tests and golden screens.
 */
#ifndef EH_BASE_CLOCK_H
#define EH_BASE_CLOCK_H

#include <stdint.h>

int64_t eh_now(void);           /* wall clock [s] since 1970-01-01 UTC */
double eh_monotonic(void);      /* [s] from an arbitrary origin, for durations only */

#endif

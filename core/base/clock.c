/* Wall and monotonic clock; see clock.h. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "base/text.h"

int64_t eh_now(void)
{
	const char *frozen = getenv("EVENHAND_TIME_NOW");
	int64_t t;

	if (frozen != NULL && eh_parse_time(&t, frozen, NULL) == EH_OK)
		return t;
	return (int64_t)time(NULL);
}

double eh_monotonic(void)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

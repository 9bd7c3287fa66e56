/*
 * worker_jobs.h - what the tests of core/worker start in a child, and how.
 */
#ifndef EH_TESTS_CORE_WORKER_JOBS_H
#define EH_TESTS_CORE_WORKER_JOBS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "worker/worker.h"

struct note {
	uint32_t sum;
	char text[60];
};

static inline struct eh_worker_spec spec_of(void (*job)(void *, int, void *), void *ctx, size_t size)
{
	struct eh_worker_spec s = { EH_WORKER_MEDIA, job, ctx, -1, size, 10.0, 0 };

	return s;
}

static inline bool filtered(void)
{
	struct eh_worker_layers layers = { 0, false };

	eh_worker_layers(&layers);
	return layers.seccomp;
}

static inline void job_socket(void *ctx, int fd, void *record)
{
	(void)ctx;
	(void)fd;
	(void)record;
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static inline int run(struct eh_worker_spec *s, struct note *n, struct eh_err *err)
{
	memset(n, 0x55, sizeof *n);
	return eh_worker_run(s, n, err);
}

#endif

/*
 * mem.h - memory, in two manners.
 *
 * eh_x*: small, unavoidable allocations.  They never return NULL; when memory ends, the
 * hook set by eh_mem_on_exhausted runs (the screens restore the terminal there) and the
 * program ends with exit status EH_MEM_EXIT (3).
 *
 * eh_try_*: anything whose size comes from input (frames, PCM, matrices, files).  They
 * return NULL when memory ends or the product of the sizes overflows; the caller answers
 * EH_ENOMEM.
 *
 * Fault injection: eh_mem_fail_at(n) lets the n-th eh_try_* call from now return NULL
 * (n = 0 switches it off); eh_mem_calls() counts the eh_try_* calls since then.
 */
#ifndef EH_BASE_MEM_H
#define EH_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EH_MEM_EXIT 3

void *eh_xmalloc(size_t size);
void *eh_xcalloc(size_t count, size_t size);
void *eh_xrealloc(void *p, size_t count, size_t size);
char *eh_xstrdup(const char *s);
char *eh_xstrndup(const char *s, size_t n);
char *eh_xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void *eh_try_malloc(size_t count, size_t size);
void *eh_try_calloc(size_t count, size_t size);
void *eh_try_realloc(void *p, size_t count, size_t size);
/*
 * As eh_try_malloc, for what will be written all over at once: in large pages (2 MiB) where the system has them, which
 * spares a page fault for every 4 KiB.  Takes up to 1.5 MiB more than asked for, nothing of it below 512 KiB.
 */
void *eh_try_pages(size_t count, size_t size);
/* From now on eh_try_pages is eh_try_malloc: for a child whose system-call filter knows no madvise. */
void eh_mem_plain(void);

/* Starts bringing what will be read next into the cache: changes nothing but how long the reading takes. */
static inline void eh_mem_fetch(const void *p, size_t size)
{
	for (size_t at = 0; at < size; at += 64)
		__builtin_prefetch((const char *)p + at);
}

/* a * b in *out; false when it does not fit. */
bool eh_size_mul(size_t *out, size_t a, size_t b);

void eh_mem_on_exhausted(void (*hook)(void));
void eh_mem_fail_at(uint64_t n);
uint64_t eh_mem_calls(void);

#endif

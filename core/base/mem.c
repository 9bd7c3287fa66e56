/* Memory with fault injection; see mem.h. */
#include "base/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void (*exhausted_hook)(void);
static uint64_t fail_at;
static _Atomic uint64_t calls;          /* counted from several threads of the learning */

void eh_mem_on_exhausted(void (*hook)(void))
{
	exhausted_hook = hook;
}

void eh_mem_fail_at(uint64_t n)
{
	fail_at = n;
	calls = 0;
}

uint64_t eh_mem_calls(void)
{
	return calls;
}

static void exhausted(void)
{
	static const char text[] = "evenhand: out of memory; nothing that was acknowledged is lost\n";

	if (exhausted_hook != NULL)
		exhausted_hook();
	/* write, not stdio: a buffered stream may want memory of its own */
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(EH_MEM_EXIT);
	_exit(EH_MEM_EXIT);
}

static bool fault(void)
{
	uint64_t now = ++calls;

	return fail_at != 0 && now == fail_at;
}

bool eh_size_mul(size_t *out, size_t a, size_t b)
{
	return !__builtin_mul_overflow(a, b, out);
}

void *eh_xmalloc(size_t size)
{
	void *p = malloc(size != 0 ? size : 1);

	if (p == NULL)
		exhausted();
	return p;
}

void *eh_xcalloc(size_t count, size_t size)
{
	void *p = calloc(count != 0 ? count : 1, size != 0 ? size : 1);

	if (p == NULL)
		exhausted();
	return p;
}

void *eh_xrealloc(void *p, size_t count, size_t size)
{
	size_t total;
	void *q = NULL;

	if (eh_size_mul(&total, count, size))
		q = realloc(p, total != 0 ? total : 1);
	if (q == NULL)
		exhausted();
	return q;
}

char *eh_xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = eh_xmalloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *eh_xstrdup(const char *s)
{
	return eh_xstrndup(s, strlen(s));
}

char *eh_xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		exhausted();
	p = eh_xmalloc((size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *eh_try_malloc(size_t count, size_t size)
{
	size_t total;

	if (fault() || !eh_size_mul(&total, count, size))
		return NULL;
	return malloc(total != 0 ? total : 1);
}

static bool plain;              /* set once, in a child that may not give the kernel advice */

void eh_mem_plain(void)
{
	plain = true;
}

void *eh_try_pages(size_t count, size_t size)
{
	const size_t page = (size_t)2 << 20, worth = page / 4;
	size_t total, rest;
	void *p = NULL;

	if (!eh_size_mul(&total, count, size) || total > SIZE_MAX - page)
		return NULL;
	if (total < worth || plain)
		return eh_try_malloc(count, size);
	if (fault())
		return NULL;
	rest = total % page;
	/* a small rest keeps small pages */
	if (rest >= worth)
		total += page - rest;
	if (posix_memalign(&p, page, total) != 0)
		return NULL;
	(void)madvise(p, total, MADV_HUGEPAGE);
	return p;
}

void *eh_try_calloc(size_t count, size_t size)
{
	if (fault())
		return NULL;
	return calloc(count != 0 ? count : 1, size != 0 ? size : 1);
}

void *eh_try_realloc(void *p, size_t count, size_t size)
{
	size_t total;

	if (fault() || !eh_size_mul(&total, count, size))
		return NULL;
	return realloc(p, total != 0 ? total : 1);
}

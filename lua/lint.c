/* Looks through a policy's text and its libraries without running them: remarks, and the whole of it; see lint.h. */
#include "lua/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lua/lint_parser.h"
#include "policy/library.h"

#define REMARKS_MAX 200

void eh_lint_remark(struct eh_lint *out, bool error, uint32_t line, const char *fmt, ...)
{
	struct eh_lint_remark *r = NULL;
	char text[400];
	va_list ap;

	if (out->n >= REMARKS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	out->v = eh_xrealloc(out->v, out->n + 1, sizeof *out->v);
	r = &out->v[out->n++];
	r->line = line;
	r->error = error;
	eh_text_printable(r->text, sizeof r->text, text, strlen(text));
	out->errors += error;
}

static int by_line(const void *a, const void *b)
{
	const struct eh_lint_remark *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void settle(struct eh_lint *out)
{
	size_t kept = 0;

	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, by_line);
	for (size_t i = 0; i < out->n; i++) {
		if (kept > 0 && by_line(&out->v[kept - 1], &out->v[i]) == 0)
			out->errors -= out->v[i].error;
		else
			out->v[kept++] = out->v[i];
	}
	out->n = kept;
}

/* Notes down what the library is made of; what may be said of it is its author's business, not the policy's. */
static void parse_library(struct eh_lint_parser *p, size_t text, const struct eh_library *l)
{
	const size_t n = p->m.out->n, errors = p->m.out->errors;

	eh_lint_parse(p, text, l->text, l->len);
	p->m.out->n = n;
	p->m.out->errors = errors;
}

void eh_lint_text(struct eh_lint *out, const char *text, size_t len, const struct eh_policy_info *info)
{
	struct eh_library library[EH_LIBRARIES_MAX];
	struct eh_lint_parser p;

	memset(&p, 0, sizeof p);
	*out = (struct eh_lint){ .v = NULL };
	p.m.out = out;
	p.m.library = library;
	p.m.n_library = eh_library_list(text, len, library, EH_LIBRARIES_MAX);
	eh_lint_parse(&p, 0, text, eh_library_own(text, len));
	for (size_t i = 0; i < p.m.n_library; i++)
		parse_library(&p, i + 1, &library[i]);
	eh_lint_conclude(&p.m, info);
	settle(out);
	free(p.scope);
	free(p.m.var);
	free(p.m.use);
	free(p.m.flow);
	free(p.m.call);
	free(p.m.function);
	free(p.m.role);
}

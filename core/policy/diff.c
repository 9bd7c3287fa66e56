/* Myers' method on lines; see diff.h. */
#include "policy/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct lines {
	struct eh_bytes *v;
	size_t n;
};

static struct lines split(const char *text, size_t len)
{
	struct lines l = { NULL, 0 };
	size_t cap = 1;

	for (size_t i = 0; i < len; i++)
		cap += text[i] == '\n';
	l.v = eh_xcalloc(cap, sizeof *l.v);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end != NULL ? (size_t)(end - (text + at)) : len - at;

		l.v[l.n++] = (struct eh_bytes){ (const unsigned char *)text + at, n };
		at += n + 1;
	}
	return l;
}

static bool same(const struct eh_bytes *a, const struct eh_bytes *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Which lines of a and b are kept, as pairs that rise on both sides; [n] of them. */
struct work {
	const struct eh_bytes *a, *b;   /* between the common head and tail */
	int na, nb;
	bool *keep_a, *keep_b;
};

static int furthest(const struct work *w, const int *v, int k, int d)
{
	int x = k == -d || (k != d && v[k - 1] < v[k + 1]) ? v[k + 1] : v[k - 1] + 1;

	while (x < w->na && x - k < w->nb && same(&w->a[x], &w->b[x - k]))
		x++;
	return x;
}

/* Back from the end along the stored frontiers; trail[d] is the frontier before step d, from diagonal -d on. */
static void walk_back(struct work *w, int *const *trail, int d)
{
	int x = w->na, y = w->nb;

	for (; d > 0; d--) {
		const int *v = trail[d] + d;
		int k = x - y;
		int from = k == -d || (k != d && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
		int px = v[from], py = px - from;

		while (x > px && y > py) {
			w->keep_a[--x] = true;
			w->keep_b[--y] = true;
		}
		x = px;
		y = py;
	}
	while (x > 0 && y > 0) {
		w->keep_a[--x] = true;
		w->keep_b[--y] = true;
	}
}

static void compare(struct work *w)
{
	int max = w->na + w->nb < EH_DIFF_EDITS_MAX ? w->na + w->nb : EH_DIFF_EDITS_MAX;
	int **trail = eh_xcalloc((size_t)max + 1, sizeof *trail);
	int *room = eh_xcalloc((size_t)(2 * max + 3), sizeof *room), *v = room + max + 1;
	int found = -1, d;

	for (d = 0; d <= max && found < 0; d++) {
		trail[d] = eh_xmalloc((size_t)(2 * d + 1) * sizeof **trail);
		memcpy(trail[d], v - d, (size_t)(2 * d + 1) * sizeof **trail);
		for (int k = -d; k <= d && found < 0; k += 2) {
			/* outside of the table: nothing can come from there */
			if (k > w->na || k < -w->nb)
				continue;
			v[k] = furthest(w, v, k, d);
			if (v[k] >= w->na && v[k] - k >= w->nb)
				found = d;
		}
	}
	if (found >= 0)
		walk_back(w, trail, found);
	while (d-- > 0)
		free(trail[d]);
	free(trail);
	free(room);
}

static void put(struct eh_diff_line *out, char kind, const struct eh_bytes *l, size_t old_line, size_t new_line)
{
	*out = (struct eh_diff_line){ kind, (const char *)l->data, l->len, old_line, new_line };
}

size_t eh_diff_lines(struct eh_diff_line **out, const char *before, size_t before_len, const char *after,
		     size_t after_len, size_t *changes)
{
	struct lines a = split(before, before_len), b = split(after, after_len);
	bool *keep_a = eh_xcalloc(a.n + 1, sizeof *keep_a), *keep_b = eh_xcalloc(b.n + 1, sizeof *keep_b);
	size_t head = 0, tail = 0, n = 0, i = 0, k = 0;
	struct work w;

	while (head < a.n && head < b.n && same(&a.v[head], &b.v[head]))
		head++;
	for (size_t j = 0; j < head; j++)
		keep_a[j] = keep_b[j] = true;
	while (tail < a.n - head && tail < b.n - head && same(&a.v[a.n - 1 - tail], &b.v[b.n - 1 - tail])) {
		tail++;
		keep_a[a.n - tail] = keep_b[b.n - tail] = true;
	}
	w = (struct work){ a.v + head, b.v + head, (int)(a.n - head - tail), (int)(b.n - head - tail), keep_a + head,
			   keep_b + head };
	if (w.na > 0 && w.nb > 0)
		compare(&w);
	*out = eh_xcalloc(a.n + b.n + 1, sizeof **out);
	*changes = 0;
	while (i < a.n || k < b.n) {
		if (i < a.n && !keep_a[i]) {
			put(&(*out)[n++], '-', &a.v[i], i + 1, 0);
			i++;
			++*changes;
		} else if (k < b.n && !keep_b[k]) {
			put(&(*out)[n++], '+', &b.v[k], 0, k + 1);
			k++;
			++*changes;
		} else {
			put(&(*out)[n++], ' ', &a.v[i], i + 1, k + 1);
			i++;
			k++;
		}
	}
	free(keep_a);
	free(keep_b);
	free(a.v);
	free(b.v);
	return n;
}

/* ---- the unified form ---- */

/* A hunk begins `context` lines before a change and goes on while changes are nearer than twice that. */
static size_t hunk_end(const struct eh_diff_line *v, size_t n, size_t from, size_t context)
{
	size_t end = from, quiet = 0;

	for (size_t i = from; i < n && quiet <= 2 * context; i++) {
		quiet = v[i].kind == ' ' ? quiet + 1 : 0;
		if (v[i].kind != ' ')
			end = i + 1;
	}
	return end + context < n ? end + context : n;
}

static void hunk(struct eh_buf *out, const struct eh_diff_line *v, size_t from, size_t to)
{
	size_t old_n = 0, new_n = 0, old_at = 0, new_at = 0;

	for (size_t i = 0; i < to; i++) {
		old_at += i < from && v[i].kind != '+';
		new_at += i < from && v[i].kind != '-';
		old_n += i >= from && v[i].kind != '+';
		new_n += i >= from && v[i].kind != '-';
	}
	/* of a side without lines the line before is named, of the others the first one */
	eh_buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", old_n > 0 ? old_at + 1 : old_at, old_n,
		      new_n > 0 ? new_at + 1 : new_at, new_n);
	for (size_t i = from; i < to; i++) {
		eh_buf_add(out, &v[i].kind, 1);
		eh_buf_add(out, v[i].text, v[i].len);
		eh_buf_add(out, "\n", 1);
	}
}

void eh_diff_unified(struct eh_buf *out, const struct eh_diff_line *v, size_t n, const char *before_name,
		     const char *after_name, size_t context)
{
	bool begun = false;

	for (size_t i = 0; i < n;) {
		size_t from, to;

		if (v[i].kind == ' ') {
			i++;
			continue;
		}
		from = i > context ? i - context : 0;
		to = hunk_end(v, n, i, context);
		if (!begun)
			eh_buf_printf(out, "--- %s\n+++ %s\n", before_name, after_name);
		begun = true;
		hunk(out, v, from, to);
		i = to;
	}
}

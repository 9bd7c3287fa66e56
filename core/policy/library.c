/* Finding the libraries that a policy's text names, and putting their texts behind it; see library.h. */
#include "policy/library.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/paths.h"
#include "policy/policy.h"

#define MARK "--@library "
#define CALL "evenhand.library"

/* ---- a text that is whole ---- */

/* The next line at or after from that begins a library, and its name; len where there is none. */
static size_t next_mark(const char *text, size_t len, size_t from, char name[EH_LIBRARY_NAME_MAX + 1], size_t *body)
{
	for (size_t i = from; i < len;) {
		const char *end = memchr(text + i, '\n', len - i);
		const size_t stop = end != NULL ? (size_t)(end - text) : len;
		const size_t n = stop - i;

		if (n > strlen(MARK) && n <= strlen(MARK) + EH_LIBRARY_NAME_MAX &&
		    memcmp(text + i, MARK, strlen(MARK)) == 0 &&
		    eh_attribute_valid(text + i + strlen(MARK), n - strlen(MARK))) {
			(void)snprintf(name, EH_LIBRARY_NAME_MAX + 1, "%.*s", (int)(n - strlen(MARK)),
				       text + i + strlen(MARK));
			*body = stop < len ? stop + 1 : len;
			return i;
		}
		i = stop + 1;
	}
	return len;
}

size_t eh_library_own(const char *text, size_t len)
{
	char name[EH_LIBRARY_NAME_MAX + 1];
	size_t body = 0;

	return next_mark(text, len, 0, name, &body);
}

size_t eh_library_list(const char *text, size_t len, struct eh_library *v, size_t max)
{
	char name[EH_LIBRARY_NAME_MAX + 1], next[EH_LIBRARY_NAME_MAX + 1];
	size_t n = 0, body = 0, after = 0, at = next_mark(text, len, 0, name, &body);

	while (at < len && n < max) {
		const size_t end = next_mark(text, len, body, next, &after);
		struct eh_library *l = &v[n++];

		*l = (struct eh_library){ .text = text + body, .len = end - body };
		memcpy(l->name, name, sizeof name);
		eh_sha256_hex(l->hash, l->text, l->len);
		memcpy(name, next, sizeof name);
		at = end;
		body = after;
	}
	return n;
}

/* ---- making it whole ---- */

static size_t blanks(const char *text, size_t len, size_t i)
{
	while (i < len && isspace((unsigned char)text[i]))
		i++;
	return i;
}

/* The name in `evenhand.library("NAME")`, whose call begins at i; without brackets and with either quote as in Lua. */
static bool named_at(const char *text, size_t len, size_t i, char name[EH_LIBRARY_NAME_MAX + 1])
{
	const char *end = NULL;
	size_t n = 0;

	i = blanks(text, len, i + strlen(CALL));
	if (i < len && text[i] == '(')
		i = blanks(text, len, i + 1);
	if (i >= len || (text[i] != '"' && text[i] != '\''))
		return false;
	end = memchr(text + i + 1, text[i], len - i - 1);
	n = end != NULL ? (size_t)(end - text) - i - 1 : 0;
	if (n == 0 || n > EH_LIBRARY_NAME_MAX || !eh_attribute_valid(text + i + 1, n))
		return false;
	(void)snprintf(name, EH_LIBRARY_NAME_MAX + 1, "%.*s", (int)n, text + i + 1);
	return true;
}

struct names {
	char v[EH_LIBRARIES_MAX + 1][EH_LIBRARY_NAME_MAX + 1];
	size_t n;
};

/* Puts the name where its bytes belong, once. */
static void keep_name(struct names *s, const char *name)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->v[i], name) < 0)
		i++;
	if ((i < s->n && strcmp(s->v[i], name) == 0) || s->n > EH_LIBRARIES_MAX)
		return;
	memmove(s->v + i + 1, s->v + i, (s->n - i) * sizeof s->v[0]);
	memcpy(s->v[i], name, sizeof s->v[i]);
	s->n++;
}

static int path_of(char *out, size_t size, const char *name, struct eh_err *err)
{
	char file[EH_LIBRARY_NAME_MAX + 16];

	(void)snprintf(file, sizeof file, "library/%s.lua", name);
	return eh_data_path(out, size, EH_DATA_POLICY, file, err);
}

static void find_names(struct names *s, const char *text, size_t len)
{
	char name[EH_LIBRARY_NAME_MAX + 1] = "", path[1024];
	const char *hit = text;

	while ((hit = memmem(hit, len - (size_t)(hit - text), CALL, strlen(CALL))) != NULL) {
		if (named_at(text, len, (size_t)(hit - text), name) && path_of(path, sizeof path, name, NULL) == EH_OK)
			keep_name(s, name);
		hit += strlen(CALL);
	}
}

static int add_library(struct eh_buf *b, const char *name, struct eh_err *err)
{
	char path[1024] = "", *text = NULL;
	size_t len = 0;
	uint32_t owner = 0;
	int rc = path_of(path, sizeof path, name, err);

	if (rc == EH_OK)
		rc = eh_policy_read_file(path, &text, &len, &owner, err);
	if (rc == EH_OK) {
		if (b->len > 0 && b->data[b->len - 1] != '\n')
			eh_buf_add(b, "\n", 1);
		eh_buf_printf(b, MARK "%s\n", name);
		eh_buf_add(b, text, len);
	}
	free(text);
	return rc;
}

int eh_library_complete(char **text, size_t *len, const char *path, struct eh_err *err)
{
	struct names s = { .n = 0 };
	struct eh_buf b;
	int rc = EH_OK;

	if (eh_library_own(*text, *len) < *len)
		return EH_OK;
	find_names(&s, *text, *len);
	if (s.n == 0)
		return EH_OK;
	if (s.n > EH_LIBRARIES_MAX)
		return eh_err_set(err, EH_EPOLICY, "%.300s: refused: more than %d libraries", path, EH_LIBRARIES_MAX);
	eh_buf_init(&b, EH_POLICY_SOURCE_MAX);
	eh_buf_add(&b, *text, *len);
	for (size_t i = 0; i < s.n && rc == EH_OK; i++)
		rc = add_library(&b, s.v[i], err);
	if (rc == EH_OK && b.failed)
		rc = eh_err_set(err, EH_EPOLICY,
				"%.300s: refused: with its libraries the source is larger than 256 KiB", path);
	if (rc == EH_OK) {
		free(*text);
		*text = eh_xstrndup((const char *)b.data, b.len);
		*len = b.len;
	}
	eh_buf_free(&b);
	return rc;
}

bool eh_library_shipped(const struct eh_library *l)
{
	char path[1024] = "", *text = NULL;
	size_t len = 0;
	uint32_t owner = 0;
	bool same = path_of(path, sizeof path, l->name, NULL) == EH_OK &&
		    eh_policy_read_file(path, &text, &len, &owner, NULL) == EH_OK && len == l->len &&
		    memcmp(text, l->text, len) == 0;

	free(text);
	return same;
}

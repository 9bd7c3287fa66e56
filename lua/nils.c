/* Names behind Lua's messages about nil; see nils.h. */
#include "lua/nils.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMED 3                         /* in one message */

void eh_nils_note(struct eh_nils *x, const char *outer, const char *section, const char *name, const char *why)
{
	struct eh_nil *to = &x->v[x->n++ % EH_NILS_MAX];
	size_t len = why != NULL ? strlen(why) : 0;

	len = len < sizeof to->why ? len : sizeof to->why - 1;
	to->outer = outer;
	to->section = section;
	to->name = name;
	if (len > 0)
		memcpy(to->why, why, len);
	to->why[len] = '\0';
}

void eh_nils_forget(struct eh_nils *x) { x->n = 0; }

static bool is_name_byte(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* The line of the source that the message names; false: it names none of this file. */
static bool failing_line(const struct eh_nils *x, const char *file, const char *message, const char **line, size_t *len)
{
	const size_t head = strlen(file);
	const char *at = x->text, *end = NULL, *stop = NULL;
	long wanted = 0;

	if (at == NULL || strncmp(message, file, head) != 0 || message[head] != ':')
		return false;
	wanted = strtol(message + head + 1, NULL, 10);
	stop = at + x->len;
	for (long k = 1; k < wanted && at != NULL; k++) {
		at = memchr(at, '\n', (size_t)(stop - at));
		at = at != NULL ? at + 1 : NULL;
	}
	if (wanted < 1 || at == NULL)
		return false;
	end = memchr(at, '\n', (size_t)(stop - at));
	*line = at;
	*len = (size_t)((end != NULL ? end : stop) - at);
	return true;
}

/* Is a field of this name read in the text: .name, ["name"], ['name']? */
static bool reads(const char *text, size_t len, const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 1; i + n <= len; i++)
		if (strchr(".\"'", text[i - 1]) != NULL && text[i - 1] != '\0' && memcmp(text + i, name, n) == 0 &&
		    (i + n == len || !is_name_byte(text[i + n])))
			return true;
	return false;
}

/* Lua's own word for the variable, "(field 'NAME')": only one of that name can be meant. */
static bool is_other_field(const char *message, const char *name)
{
	const char *at = strstr(message, "(field '");
	const size_t n = strlen(name);

	if (at == NULL)
		return false;
	at += strlen("(field '");
	return strncmp(at, name, n) != 0 || at[n] != '\'';
}

static bool is_about_nil(const char *message)
{
	return strstr(message, "nil") != NULL && strstr(message, "attempt to call") == NULL &&
	       strstr(message, "(global '") == NULL && strstr(message, "(method '") == NULL &&
	       (strstr(message, "attempt to ") != NULL || strstr(message, "got nil") != NULL ||
		strstr(message, "got no value") != NULL);
}

static bool same(const struct eh_nil *a, const struct eh_nil *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->section != NULL ? a->section : "",
						       b->section != NULL ? b->section : "") == 0 &&
	       strcmp(a->outer != NULL ? a->outer : "", b->outer != NULL ? b->outer : "") == 0;
}

static size_t put_one(char *out, size_t size, const struct eh_nil *x)
{
	const bool plain = x->section == NULL;
	int n = snprintf(out, size, "%s%s%s%s%s", x->outer != NULL ? x->outer : "", x->outer != NULL ? "." : "",
			 plain ? "" : x->section, plain ? "" : ".", x->name);

	if (n > 0 && (size_t)n < size && x->why[0] != '\0')
		n += snprintf(out + n, size - (size_t)n, " (%s%s%s%s)", plain ? "why." : "", plain ? x->name : "",
			      plain ? " says " : "", x->why);
	return n > 0 && (size_t)n < size ? (size_t)n : size - 1;
}

/* Those that the line names; without one (a local took the value on an earlier line) all that are kept. */
static size_t choose(const struct eh_nil *chosen[NAMED], const struct eh_nils *x, const char *line, size_t len,
		     const char *message)
{
	const unsigned kept = x->n < EH_NILS_MAX ? x->n : EH_NILS_MAX;
	size_t n = 0;

	for (unsigned i = 0; i < kept && n < NAMED; i++) {
		const struct eh_nil *e = &x->v[(x->n - 1 - i) % EH_NILS_MAX];
		bool again = is_other_field(message, e->name) || (line != NULL && !reads(line, len, e->name));

		for (size_t k = 0; k < n && !again; k++)
			again = same(chosen[k], e);
		if (!again)
			chosen[n++] = e;
	}
	return n;
}

void eh_nils_hint(char *out, size_t size, const struct eh_nils *x, const char *file, const char *message)
{
	const struct eh_nil *chosen[NAMED] = { NULL };
	const char *line = NULL;
	size_t len = 0, n = 0, used = 0;

	out[0] = '\0';
	if (x->n == 0 || !is_about_nil(message))
		return;
	if (failing_line(x, file, message, &line, &len))
		n = choose(chosen, x, line, len, message);
	if (n > 0) {
		used = (size_t)snprintf(out, size, "; nil here: ");
	} else {
		n = choose(chosen, x, NULL, 0, message);
		used = (size_t)snprintf(out, size, "; read as nil before: ");
	}
	for (size_t i = 0; i < n && used + 2 < size; i++) {
		if (i > 0)
			used += (size_t)snprintf(out + used, size - used, ", ");
		used += put_one(out + used, size - used, chosen[i]);
	}
	if (n == 0)
		out[0] = '\0';
	else if (used < size)
		(void)snprintf(out + used, size - used, "; test %s before use", n == 1 ? "it" : "them");
}

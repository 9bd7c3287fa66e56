/* See lexer.h. */
#include "lua/lexer.h"

#include <ctype.h>
#include <string.h>

static bool starts(const struct eh_lexer *x, const char *s)
{
	size_t len = strlen(s);

	return (size_t)(x->end - x->at) >= len && memcmp(x->at, s, len) == 0;
}

void eh_lexer_begin(struct eh_lexer *x, const char *text, size_t len)
{
	*x = (struct eh_lexer){ text, text + len, 1 };
	if (starts(x, "\xef\xbb\xbf"))
		x->at += 3;
	if (x->at < x->end && *x->at == '#') /* as Lua itself passes over a first line for the shell */
		while (x->at < x->end && *x->at != '\n')
			x->at++;
}

static void step(struct eh_lexer *x)
{
	if (*x->at == '\n')
		x->line++;
	x->at++;
}

/* [[...]] and [==[...]==]; false: it is none.  What is between goes into t. */
static bool long_bracket(struct eh_lexer *x, struct eh_token *t)
{
	const char *p = x->at;
	size_t level = 0;

	if (p >= x->end || *p != '[')
		return false;
	for (p++; p < x->end && *p == '='; p++)
		level++;
	if (p >= x->end || *p != '[')
		return false;
	x->at = p + 1;
	t->s = x->at;
	while (x->at < x->end) {
		if (*x->at == ']') {
			size_t n = 0;

			while (n < level && x->at + 1 + n < x->end && x->at[1 + n] == '=')
				n++;
			if (n == level && x->at + 1 + n < x->end && x->at[1 + n] == ']') {
				t->len = (size_t)(x->at - t->s);
				x->at += level + 2;
				return true;
			}
		}
		step(x);
	}
	t->len = (size_t)(x->end - t->s);
	return true;
}

static void skip_blank(struct eh_lexer *x)
{
	struct eh_token comment;

	while (x->at < x->end) {
		if (isspace((unsigned char)*x->at)) {
			step(x);
		} else if (starts(x, "--")) {
			x->at += 2;
			if (!long_bracket(x, &comment))
				while (x->at < x->end && *x->at != '\n')
					x->at++;
		} else {
			return;
		}
	}
}

static void quoted(struct eh_lexer *x, struct eh_token *t)
{
	char quote = *x->at++;

	t->s = x->at;
	while (x->at < x->end && *x->at != quote) {
		if (*x->at == '\\' && x->at + 1 < x->end)
			step(x);
		step(x);
	}
	t->len = (size_t)(x->at - t->s);
	if (x->at < x->end)
		x->at++;
}

static bool is_keyword(const struct eh_token *t)
{
	static const char *const words[] = { "and",	 "break",  "do",   "else", "elseif", "end",  "false", "for",
					     "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
					     "repeat",	 "return", "then", "true", "until",  "while" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == t->len && memcmp(words[i], t->s, t->len) == 0)
			return true;
	return false;
}

static void sign(struct eh_lexer *x, struct eh_token *t)
{
	static const char *const long_signs[] = { "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>" };

	t->kind = EH_TOKEN_SIGN;
	t->len = 1;
	for (size_t i = 0; i < sizeof long_signs / sizeof long_signs[0]; i++) {
		if (starts(x, long_signs[i])) {
			t->len = strlen(long_signs[i]);
			break;
		}
	}
	x->at += t->len;
}

struct eh_token eh_lexer_next(struct eh_lexer *x)
{
	struct eh_token t = { EH_TOKEN_END, "", 0, 0 };

	skip_blank(x);
	t.line = x->line;
	if (x->at >= x->end)
		return t;
	t.s = x->at;
	if (isalpha((unsigned char)*x->at) || *x->at == '_') {
		while (x->at < x->end && (isalnum((unsigned char)*x->at) || *x->at == '_'))
			x->at++;
		t.len = (size_t)(x->at - t.s);
		t.kind = is_keyword(&t) ? EH_TOKEN_KEYWORD : EH_TOKEN_NAME;
	} else if (isdigit((unsigned char)*x->at) ||
		   (*x->at == '.' && x->at + 1 < x->end && isdigit((unsigned char)x->at[1]))) {
		t.kind = EH_TOKEN_NUMBER;
		while (x->at < x->end && (isalnum((unsigned char)*x->at) || *x->at == '.' ||
					  ((*x->at == '-' || *x->at == '+') && strchr("eEpP", x->at[-1]) != NULL)))
			x->at++;
		t.len = (size_t)(x->at - t.s);
	} else if (*x->at == '"' || *x->at == '\'') {
		t.kind = EH_TOKEN_STRING;
		quoted(x, &t);
	} else if (long_bracket(x, &t)) {
		t.kind = EH_TOKEN_STRING;
	} else {
		sign(x, &t);
	}
	return t;
}

bool eh_token_is(const struct eh_token *t, const char *text)
{
	return t->kind != EH_TOKEN_STRING && t->kind != EH_TOKEN_END && strlen(text) == t->len &&
	       memcmp(t->s, text, t->len) == 0;
}

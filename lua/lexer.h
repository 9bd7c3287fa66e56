/*
 * lexer.h - the words of a Lua text, for those who look through it without running it.
 *
 * Of a text that is not Lua the words come as far as they can be told apart; nothing here fails.
 */
#ifndef EH_LUA_LEXER_H
#define EH_LUA_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eh_token_kind { EH_TOKEN_END, EH_TOKEN_NAME, EH_TOKEN_KEYWORD, EH_TOKEN_STRING, EH_TOKEN_NUMBER, EH_TOKEN_SIGN };

struct eh_token {
	enum eh_token_kind kind;
	const char *s;                  /* in the text; of a string what is between its quotes, as written */
	size_t len;
	uint32_t line;
};

struct eh_lexer {
	const char *at, *end;
	uint32_t line;
};

void eh_lexer_begin(struct eh_lexer *x, const char *text, size_t len);
struct eh_token eh_lexer_next(struct eh_lexer *x);
bool eh_token_is(const struct eh_token *t, const char *text);   /* a name, keyword or sign of these bytes */

#endif

/*
 * letter.h - one electronic letter as bytes (RFC 5322), and what may stand in one.
 *
 * Nothing of the caller's can add a header or end the text: addresses are plain ASCII of a small set, everything else
 * is cleaned, and no line is longer than 998 bytes.
 */
#ifndef EH_EXCHANGE_LETTER_H
#define EH_EXCHANGE_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define EH_ADDRESS_MAX 254              /* [bytes]; RFC 5321 4.5.3.1.3 allows that much between the angle brackets */

/* name@domain of letters, digits and !#$%&'*+-/=?^_`{|}~. without quoting: what everybody has. */
bool eh_address_valid(const char *s);

struct eh_letter {
	int64_t date;                   /* [s] since 1970 UTC */
	const char *from;
	const char *const *to;          /* [n_to] at least one */
	size_t n_to;
	const char *id;                 /* left of the @ of the Message-ID; the right is that of from */
	const char *subject;            /* ASCII, at most 200 bytes */
	const char *body;               /* lines ended by \n */
};

/*
 * Appends the letter, lines ended by CRLF.  EH_EINVAL: an address, id or subject that cannot stand in a header.  Bytes
 * of the body that are no printable UTF-8 become U+FFFD; longer lines are broken.
 */
int eh_letter_write(struct eh_buf *out, const struct eh_letter *l, struct eh_err *err);

#endif

/*
 * library.h - the shipped libraries of policies, and the whole text of a policy that uses some.
 *
 * A library is a file NAME.lua of scripts/library, returned tables of functions that several shipped policies share.  A
 * policy asks for it by evenhand.library("NAME"), the name written out.  What is hashed, stored, compared, proposed and
 * run is then the whole text: the policy's own, and behind it the text of every library that it names, in the order of
 * their bytes, each after a line
 *
 *	--@library NAME
 *
 * So a version's hash covers the libraries, and a stored version runs with those that it was approved with, whatever
 * came with the program since.  Of a policy that names none the whole text is the file.
 *
 * A file that has such lines already is whole (a print of `policy show` is one): nothing is added to it.
 */
#ifndef EH_POLICY_LIBRARY_H
#define EH_POLICY_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

#define EH_LIBRARIES_MAX 16     /* in one policy */
#define EH_LIBRARY_NAME_MAX 31

struct eh_library {
	char name[EH_LIBRARY_NAME_MAX + 1];     /* lower-case letters, digits, _ */
	const char *text;               /* [len] borrowed */
	size_t len;
	char hash[EH_DIGEST_HEX];       /* SHA-256 of the text alone */
};

/* Bytes of the policy's own text, before the first library. */
size_t eh_library_own(const char *text, size_t len);

/* The libraries that a whole text carries, in its order, at most max of them into v; their number. */
size_t eh_library_list(const char *text, size_t len, struct eh_library *v, size_t max);

/*
 * Makes a policy's text whole: *text [*len], the caller's, is put in the place of itself, with a NUL behind it.  The
 * text's evenhand.library("NAME") are found without running it, also in its comments; a name that no shipped library
 * has is passed over: the run says file and line.  path: for messages.
 * EH_EPOLICY: whole it is larger than EH_POLICY_SOURCE_MAX, or names more than EH_LIBRARIES_MAX.
 */
int eh_library_complete(char **text, size_t *len, const char *path, struct eh_err *err);

/* Is the carried library the one that came with the program? */
bool eh_library_shipped(const struct eh_library *l);

#endif

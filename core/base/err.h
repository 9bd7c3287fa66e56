/*
 * err.h - status codes and the caller-owned error that every fallible function fills.
 *
 * A function that can fail returns 0 (EH_OK) or one of the negative codes below and, when
 * its err argument is not NULL, leaves a text for a person: what happened, where
 * (file:line:column, id) and the mend.  The code is for programs.
 */
#ifndef EH_BASE_ERR_H
#define EH_BASE_ERR_H

#include <stdarg.h>

#define EH_STATUS_LIST(X)                                                     \
	X(EH_OK,        0, "done")                                            \
	X(EH_FAIL,     -1, "failed")                                          \
	X(EH_ENOMEM,   -2, "out of memory")                                   \
	X(EH_EINVAL,   -3, "wrong argument")                                  \
	X(EH_ERANGE,   -4, "value out of range")                              \
	X(EH_ENOENT,   -5, "not found")                                       \
	X(EH_EEXIST,   -6, "exists already")                                  \
	X(EH_EIO,      -7, "input or output failed")                          \
	X(EH_EFORMAT,  -8, "malformed data")                                  \
	X(EH_EREFUSED, -9, "refused")        /* consent, role or gate: exit 4 */ \
	X(EH_EENV,    -10, "environment")    /* terminal, store, library: exit 3 */ \
	X(EH_EUSAGE,  -11, "usage")          /* exit 2 */                     \
	X(EH_ESTALE,  -12, "changed by somebody else")                        \
	X(EH_EPOLICY, -13, "policy error")                                    \
	X(EH_EWORKER, -14, "worker ended early")                              \
	X(EH_ECANCEL, -15, "cancelled")                                       \
	X(EH_EFULL,   -16, "no space")

enum eh_status {
#define X(name, code, text) name = (code),
	EH_STATUS_LIST(X)
#undef X
};

struct eh_err {
	int code;
	char msg[512];
};

#define EH_ERR_INIT { EH_OK, "" }

/* The fixed text of a code; "unknown status" for a number outside the list. */
const char *eh_status_text(int code);

/* Exit status of the program for a code: 0, 1, 2, 3 or 4 (DESIGN.md 4.1). */
int eh_status_exit(int code);

/* Fills err (NULL is allowed) and returns code, so that "return eh_err_set(...)" works. */
int eh_err_set(struct eh_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts a text in front of the message that is there; the message itself is never lost.
 * Returns err->code (EH_FAIL for NULL). */
int eh_err_prefix(struct eh_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

/* Status codes and error texts; see err.h. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

const char *eh_status_text(int code)
{
	switch (code) {
#define X(name, number, text) case number: return text;
	EH_STATUS_LIST(X)
#undef X
	default: return "unknown status";
	}
}

int eh_status_exit(int code)
{
	switch (code) {
	case EH_OK: return 0;
	case EH_EUSAGE: return 2;
	case EH_EENV: return 3;
	case EH_EREFUSED: return 4;
	default: return 1;
	}
}

int eh_err_set(struct eh_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	return code;
}

int eh_err_prefix(struct eh_err *err, const char *fmt, ...)
{
	char old[sizeof err->msg];
	va_list ap;
	int n;

	if (err == NULL)
		return EH_FAIL;
	memcpy(old, err->msg, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof err->msg) {
		size_t used = (size_t)n;
		size_t room = sizeof err->msg - used - 1;
		size_t len = strlen(old) < room ? strlen(old) : room;

		memcpy(err->msg + used, old, len);
		err->msg[used + len] = '\0';
	}
	return err->code;
}

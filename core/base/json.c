/* JSON documents on top of jansson; see json.h. */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* An eh_json is a json_t: the cast lives in these two functions only. */
static json_t *raw(const struct eh_json *j)
{
	return (json_t *)(uintptr_t)j;
}

static struct eh_json *wrap(json_t *j)
{
	if (j == NULL)
		(void)eh_xmalloc(SIZE_MAX);     /* reports "out of memory" and ends */
	return (struct eh_json *)j;
}

static json_t *string_of(const char *value)
{
	size_t len, size;
	char *clean;
	json_t *j;

	if (value == NULL)
		return json_null();
	len = strlen(value);
	if (eh_utf8_valid(value, len))
		return json_string(value);
	size = 3 * len + 4;
	clean = eh_xmalloc(size);
	eh_text_printable(clean, size, value, len);
	j = json_string(clean);
	free(clean);
	return j;
}

static json_t *num_of(struct eh_num v)
{
	return v.defined && isfinite(v.value) ? json_real(v.value) : json_null();
}

struct eh_json *eh_json_object(void) { return wrap(json_object()); }
struct eh_json *eh_json_array(void) { return wrap(json_array()); }

void eh_json_free(struct eh_json **j)
{
	if (j == NULL || *j == NULL)
		return;
	json_decref(raw(*j));
	*j = NULL;
}

struct eh_json *eh_json_parse(const char *text, size_t len)
{
	return (struct eh_json *)json_loadb(text, len, 0, NULL);
}

static void set(struct eh_json *obj, const char *key, json_t *child)
{
	if (json_object_set_new(raw(obj), key, raw(wrap(child))) != 0)
		(void)eh_xmalloc(SIZE_MAX);
}

static void push(struct eh_json *arr, json_t *child)
{
	if (json_array_append_new(raw(arr), raw(wrap(child))) != 0)
		(void)eh_xmalloc(SIZE_MAX);
}

void eh_json_set(struct eh_json *obj, const char *key, struct eh_json *child) { set(obj, key, raw(child)); }
void eh_json_push(struct eh_json *arr, struct eh_json *child) { push(arr, raw(child)); }
void eh_json_str(struct eh_json *obj, const char *key, const char *value) { set(obj, key, string_of(value)); }
void eh_json_int(struct eh_json *obj, const char *key, int64_t value) { set(obj, key, json_integer(value)); }
void eh_json_real(struct eh_json *obj, const char *key, double value) { set(obj, key, num_of(eh_num(value))); }
void eh_json_num(struct eh_json *obj, const char *key, struct eh_num value) { set(obj, key, num_of(value)); }
void eh_json_bool(struct eh_json *obj, const char *key, bool value) { set(obj, key, json_boolean(value)); }
void eh_json_null(struct eh_json *obj, const char *key) { set(obj, key, json_null()); }

void eh_json_tri(struct eh_json *obj, const char *key, enum eh_tri value)
{
	set(obj, key, value == EH_UNKNOWN ? json_null() : json_boolean(value == EH_YES));
}

void eh_json_push_str(struct eh_json *arr, const char *value) { push(arr, string_of(value)); }
void eh_json_push_int(struct eh_json *arr, int64_t value) { push(arr, json_integer(value)); }
void eh_json_push_num(struct eh_json *arr, struct eh_num value) { push(arr, num_of(value)); }

static int write_failed(struct eh_err *err)
{
	return eh_err_set(err, EH_EIO, "writing JSON failed; is the disk full or the reader gone?");
}

int eh_json_write(const struct eh_json *j, FILE *out, struct eh_err *err)
{
	if (json_dumpf(raw(j), out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) != 0 || fputc('\n', out) == EOF ||
	    fflush(out) != 0)
		return write_failed(err);
	return EH_OK;
}

int eh_json_write_array(const struct eh_json *obj, const char *key,
			int (*next)(void *ctx, struct eh_json **element, struct eh_err *err), void *ctx, FILE *out,
			struct eh_err *err)
{
	char *text = json_dumps(raw(obj), JSON_INDENT(1) | JSON_REAL_PRECISION(17));
	struct eh_json *element = NULL;
	const char *between = "\n  ";
	size_t len;
	int rc;

	if (text == NULL)
		(void)eh_xmalloc(SIZE_MAX);
	/* without the object's end, which is a line of its own */
	len = strlen(text) - 2;
	fprintf(out, "%.*s,\n \"%s\": [", (int)len, text, key);
	free(text);
	while ((rc = next(ctx, &element, err)) == 1) {
		text = eh_json_text(element);
		fprintf(out, "%s%s", between, text);
		between = ",\n  ";
		free(text);
		eh_json_free(&element);
	}
	if (rc < 0)
		return rc;
	fprintf(out, "%s]\n}\n", between[0] == ',' ? "\n " : "");
	return ferror(out) || fflush(out) != 0 ? write_failed(err) : EH_OK;
}

char *eh_json_text(const struct eh_json *j)
{
	char *text = json_dumps(raw(j), JSON_COMPACT | JSON_REAL_PRECISION(17));

	if (text == NULL)
		(void)eh_xmalloc(SIZE_MAX);
	return text;
}

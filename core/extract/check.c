/* What a record of a worker may hold: it comes from a process that read hostile bytes, so every value is looked at. */
#include "extract/extract.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "extract/inside.h"
#include "extract/record.h"

#define LANDLOCK_ABI_MAX 1000   /* 7 in 2025; far from any real one */

int eh_record_bad(struct eh_err *err, const char *what)
{
	return eh_err_set(err, EH_EFORMAT, "the worker's result is not believable: %s is out of range", what);
}

bool eh_record_within(double v, double low, double high)
{
	return isfinite(v) && v >= low && v <= high;
}

bool eh_record_status_known(int32_t status)
{
	bool known = status == EH_OK;

#define X(name, code, text) known = known || status == (code);
	EH_STATUS_LIST(X)
#undef X
	return known;
}

bool eh_record_origin_fit(const struct eh_answer_origin *o)
{
	return memchr(o->extractor, '\0', sizeof o->extractor) != NULL && o->seccomp <= 1 && o->fast <= 1 &&
	       o->landlock_abi >= 0 && o->landlock_abi <= LANDLOCK_ABI_MAX;
}

uint64_t eh_record_mark(const void *data, size_t len)
{
	unsigned char digest[EH_DIGEST_SIZE];
	uint64_t mark = 0;

	eh_sha256(digest, data, len);
	for (size_t i = 0; i < sizeof mark; i++)
		mark = mark << 8 | digest[i];
	return mark;
}

static int check_head(const struct eh_answer *a, struct eh_err *err)
{
	if (!eh_record_status_known(a->status))
		return eh_record_bad(err, "status");
	if (memchr(a->message, '\0', sizeof a->message) == NULL)
		return eh_record_bad(err, "message");
	if (a->did_face > 1 || (a->did_face == 1 && a->status != EH_OK))
		return eh_record_bad(err, "did_face");
	if (a->did_voice > 1 || (a->did_voice == 1 && a->status != EH_OK))
		return eh_record_bad(err, "did_voice");
	return eh_record_origin_fit(&a->origin) ? EH_OK : eh_record_bad(err, "origin");
}

int eh_answer_check(const struct eh_answer *a, struct eh_err *err)
{
	int rc = check_head(a, err);

	if (rc == EH_OK)
		rc = eh_record_check_media(a, err);
	if (rc == EH_OK)
		rc = eh_record_check_face(a, err);
	if (rc == EH_OK)
		rc = eh_record_check_voice(&a->voice, a->media.decoded_audio_seconds, err);
	return rc;
}

void eh_answer_failed(struct eh_answer *a, int status, const char *message)
{
	memset(a, 0, sizeof *a);
	a->status = status;
	eh_text_printable(a->message, sizeof a->message, message, strlen(message));
}

void eh_answer_receive(struct eh_answer *a, const struct eh_extract_job *job)
{
	struct eh_err err = EH_ERR_INIT;
	char message[sizeof a->message], dropped[sizeof a->media.dropped] = "";

	if (eh_answer_check(a, &err) < 0) {
		eh_answer_failed(a, EH_EFORMAT, err.msg);
		return;
	}
	/* consent is kept by the parent too: a taken-over child must not be able to hand in more */
	eh_text_printable(dropped, sizeof dropped, a->media.dropped, strlen(a->media.dropped));
	memcpy(a->media.dropped, dropped, sizeof dropped);
	if (!job->want_face || a->status != EH_OK) {
		memset(&a->face, 0, sizeof a->face);
		a->did_face = 0;
	}
	if (!job->want_voice || a->status != EH_OK) {
		memset(&a->voice, 0, sizeof a->voice);
		a->did_voice = 0;
	}
	eh_text_printable(message, sizeof message, a->message, strlen(a->message));
	(void)snprintf(a->message, sizeof a->message, "%s", message);
	if (a->status == EH_OK)
		memset(a->message, 0, sizeof a->message);
}

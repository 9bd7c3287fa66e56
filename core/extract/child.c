/* Inside the locked worker: one recording from its descriptor to one record; and the extractor made before the fork. */
#include "extract/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "extract/inside.h"

#define SAMPLE_RATE 5.0         /* [pictures/s], facts/vision.md 7 */

static int open_extractor(struct eh_extractor **out, bool with_face, struct eh_err *err)
{
	struct eh_extractor *x = NULL;
	int rc = EH_OK;

	*out = NULL;
	x = eh_xcalloc(1, sizeof *x);
	rc = eh_media_load(err);
	if (rc == EH_OK && with_face)
		rc = eh_face_open(&x->face, err);
	if (rc == EH_OK)
		rc = eh_voice_open(&x->voice, err);
	if (rc < 0)
		goto out;
	(void)snprintf(x->version, sizeof x->version, "%s; %s%s%s", eh_media_version(),
		       with_face ? eh_face_version(x->face) : "", with_face ? "; " : "", eh_voice_version());
	*out = x;
	x = NULL;
out:
	eh_extractor_close(&x);
	return rc;
}

int eh_extractor_open(struct eh_extractor **out, struct eh_err *err)
{
	return open_extractor(out, true, err);
}

int eh_extractor_open_voice(struct eh_extractor **out, struct eh_err *err)
{
	return open_extractor(out, false, err);
}

void eh_extractor_close(struct eh_extractor **px)
{
	struct eh_extractor *x = *px;

	if (x == NULL)
		return;
	eh_face_close(&x->face);
	eh_voice_close(&x->voice);
	for (int k = 0; k < EH_COPY_KINDS; k++)
		eh_voice_close(&x->copies[k]);
	free(x);
	*px = NULL;
}

const char *eh_extractor_version(const struct eh_extractor *x)
{
	return x->version;
}

static int on_picture(void *ctx, const struct eh_image *image, struct eh_err *err)
{
	return eh_face_picture(((struct eh_extractor *)ctx)->face, image, err);
}

static int on_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	return eh_voice_sound(((struct eh_extractor *)ctx)->voice, pcm, n, err);
}

static int measure(struct eh_extractor *x, const struct eh_extract_job *job, struct eh_media *m, struct eh_answer *a,
		   struct eh_err *err)
{
	struct eh_media_sink sink = { on_picture, on_sound, x };
	int rc = EH_OK;

	if (job->want_face)
		rc = eh_face_begin(x->face, err);
	if (rc == EH_OK && job->want_voice)
		rc = eh_voice_begin(x->voice, err);
	if (rc == EH_OK)
		rc = eh_media_decode(m, &sink, &a->media, err);
	if (rc == EH_OK && job->want_face)
		rc = eh_face_finish(x->face, &a->face, err);
	if (rc == EH_OK && job->want_voice)
		rc = eh_voice_finish(x->voice, &a->voice, err);
	return rc;
}

void eh_extract_child(struct eh_extractor *x, const struct eh_extract_job *job, bool fast, int fd, struct eh_answer *a)
{
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_OK;

	/* what consent does not allow is not even decoded */
	options.sample_rate = job->want_face ? SAMPLE_RATE : 0.0;
	options.want_sound = job->want_voice;
	options.fast = fast;
	options.on_demand = true;       /* face/ asks for what it looks at */
	rc = eh_media_prepare(&m, fd, &options, &err);
	if (rc == EH_OK)
		rc = measure(x, job, m, a, &err);
	a->status = rc;
	if (rc == EH_OK) {
		a->did_face = job->want_face;
		a->did_voice = job->want_voice;
		return;         /* nothing is freed: the process ends now */
	}
	memset(&a->face, 0, sizeof a->face);
	memset(&a->voice, 0, sizeof a->voice);
	(void)snprintf(a->message, sizeof a->message, "%.199s", err.msg[0] != '\0' ? err.msg : eh_status_text(rc));
}

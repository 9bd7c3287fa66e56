/* What a record of a worker may hold: it comes from a process that read hostile bytes, so every value is looked at. */
#include "extract/extract.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "extract/inside.h"

#define SECONDS_MAX 1e6         /* [s]; media.h accepts 7200 by default and 1e6 at most */
#define FRAMES_MAX 300000000u   /* 1e6 s of 240 frames/s, rounded up */
#define FACES_MAX 3200u         /* anchors of both detectors: 896 + 2304, facts/vision.md 6.2 */

struct range {
	double low, high;
};

/* Own choice: far outside what a person or a microphone can give, near enough to catch garbage. */
static struct range face_range(const struct eh_indicator_info *info)
{
	if (strcmp(info->unit, "deg") == 0)
		return (struct range){ -180.0, 180.0 };
	return (struct range){ 0.0, 100.0 };    /* lengths per IOD and shares */
}

static struct range voice_range(enum eh_voice_indicator id)
{
	const char *unit = eh_voice_info[id].unit;

	if (id == EH_V_VOICED_SHARE)
		return (struct range){ 0.0, 1.0 };
	if (id == EH_V_F0_SPREAD)
		return (struct range){ 0.0, 120.0 };
	if (strncmp(unit, "semitone", 8) == 0)
		return (struct range){ -60.0, 120.0 };
	if (strcmp(unit, "Hz") == 0)
		return (struct range){ 0.0, EH_MEDIA_RATE / 2.0 };
	if (strcmp(unit, "dB") == 0)
		return (struct range){ -400.0, 400.0 };
	if (strcmp(unit, "dB/Hz") == 0)
		return (struct range){ -10.0, 10.0 };
	if (strcmp(unit, "1/s") == 0)
		return (struct range){ 0.0, 100.0 };
	return (struct range){ -1e4, 1e4 };     /* cepstral coefficients */
}

static int bad(struct eh_err *err, const char *what)
{
	return eh_err_set(err, EH_EFORMAT, "the worker's result is not believable: %s is out of range", what);
}

static bool within(double v, double low, double high)
{
	return isfinite(v) && v >= low && v <= high;
}

static bool ended(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static int check_head(const struct eh_answer *a, struct eh_err *err)
{
	bool known = a->status == EH_OK;

#define X(name, code, text) known = known || a->status == (code);
	EH_STATUS_LIST(X)
#undef X
	if (!known)
		return bad(err, "status");
	if (!ended(a->message, sizeof a->message))
		return bad(err, "message");
	if (a->did_face > 1 || (a->did_face == 1 && a->status != EH_OK))
		return bad(err, "did_face");
	if (a->did_voice > 1 || (a->did_voice == 1 && a->status != EH_OK))
		return bad(err, "did_voice");
	return EH_OK;
}

static int check_media(const struct eh_answer *a, struct eh_err *err)
{
	const struct eh_media_info *m = &a->media;

	/* a damaged or refused file may claim any length and size; what was measured may not */
	if (!within(m->container_seconds, 0.0, a->status == EH_OK ? SECONDS_MAX : 1e13))
		return bad(err, "media.container_seconds");
	if (!within(m->decoded_video_seconds, 0.0, 2 * SECONDS_MAX))
		return bad(err, "media.decoded_video_seconds");
	if (!within(m->decoded_audio_seconds, 0.0, 2 * SECONDS_MAX))
		return bad(err, "media.decoded_audio_seconds");
	if (a->status == EH_OK && (m->width > EH_MEDIA_MAX_WIDTH || m->height > EH_MEDIA_MAX_WIDTH))
		return bad(err, "media.width");
	if (m->frames_decoded > FRAMES_MAX || m->frames_sampled > m->frames_decoded)
		return bad(err, "media.frames_sampled");
	if (a->status == EH_OK && (m->audio_rate > 1000000 || m->audio_channels > 1024))
		return bad(err, "media.audio_rate");
	if (m->rotation != 0 && m->rotation != 90 && m->rotation != 180 && m->rotation != 270)
		return bad(err, "media.rotation");
	if (!ended(m->container, sizeof m->container) || !ended(m->video_codec, sizeof m->video_codec) ||
	    !ended(m->audio_codec, sizeof m->audio_codec))
		return bad(err, "media.container");
	return EH_OK;
}

static int check_face(const struct eh_answer *a, struct eh_err *err)
{
	const struct eh_face_answer *f = &a->face;

	if (f->frames_sampled > a->media.frames_sampled)
		return bad(err, "face.frames_sampled");
	if (f->frames_found > f->frames_sampled)
		return bad(err, "face.frames_found");
	if (f->frames_used > f->frames_found)
		return bad(err, "face.frames_used");
	if (f->frames_many > f->frames_sampled)
		return bad(err, "face.frames_many");
	if (f->max_faces > FACES_MAX)
		return bad(err, "face.max_faces");
	if (!within(f->mean_presence, 0.0, 1.0))
		return bad(err, "face.mean_presence");
	for (int i = 0; i < EH_FACE_N; i++) {
		struct range r = face_range(&eh_face_info[i]);

		if (f->present[i] > 1 || (f->present[i] == 1 && f->frames_used == 0) || !isfinite(f->median[i]) ||
		    !isfinite(f->mad[i]))
			return bad(err, eh_face_info[i].name);
		if (f->present[i] == 1 && (!within(f->median[i], r.low, r.high) || !within(f->mad[i], 0.0, r.high - r.low)))
			return bad(err, eh_face_info[i].name);
	}
	return EH_OK;
}

static int check_voice(const struct eh_answer *a, struct eh_err *err)
{
	const struct eh_voice_answer *v = &a->voice;

	/* frames overlap, so that the voiced ones may add up to a little more than the sound */
	if (!within(v->seconds, 0.0, a->media.decoded_audio_seconds + 1.0))
		return bad(err, "voice.seconds");
	if (!within(v->voiced_seconds, 0.0, v->seconds + 1.0))
		return bad(err, "voice.voiced_seconds");
	if (!within(v->bandwidth, 0.0, EH_MEDIA_RATE / 2.0))
		return bad(err, "voice.bandwidth");
	if (!within(v->snr, -400.0, 400.0))
		return bad(err, "voice.snr");
	if (!within(v->clipping, 0.0, 1.0))
		return bad(err, "voice.clipping");
	if (!within(v->level, -400.0, 100.0))
		return bad(err, "voice.level");
	for (int i = 0; i < EH_VOICE_N; i++) {
		struct range r = voice_range((enum eh_voice_indicator)i);

		if (v->present[i] > 1 || !isfinite(v->value[i]) ||
		    (v->present[i] == 1 && !within(v->value[i], r.low, r.high)))
			return bad(err, eh_voice_info[i].name);
	}
	return EH_OK;
}

int eh_answer_check(const struct eh_answer *a, struct eh_err *err)
{
	int rc = check_head(a, err);

	if (rc == EH_OK)
		rc = check_media(a, err);
	if (rc == EH_OK)
		rc = check_face(a, err);
	if (rc == EH_OK)
		rc = check_voice(a, err);
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
	char message[sizeof a->message];

	if (eh_answer_check(a, &err) < 0) {
		eh_answer_failed(a, EH_EFORMAT, err.msg);
		return;
	}
	/* consent is kept by the parent too: a taken-over child must not be able to hand in more */
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

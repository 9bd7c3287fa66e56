/*
 * degrade.h - sound as worse channels would have carried it: a telephone's band, noise, a low bit rate.
 *
 * For training on copies of the candidates' own recordings (facts/audio.md 11): a voice model that has heard only clean
 * speech takes an 8 kHz channel for another voice.  Streaming, EH_MEDIA_RATE in and out, level untouched; a copy
 * has as many samples as its original and lies on it sample by sample (delays of filters and codec are taken out).
 * The same sound, level and seed give the same bytes, in pieces of any size; opus12: with the same version of libopus.
 */
#ifndef EH_MEDIA_DEGRADE_H
#define EH_MEDIA_DEGRADE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "media/media.h"

enum eh_copy_kind {
	EH_COPY_BAND8K,         /* resampled to 8 kHz and back, by the resampler that a recording of 8 kHz goes through
				 * too: half the power at 3.7 kHz, 15 dB down at 4; then rounded to 16 bits, as it is
				 * stored: where the band leaves nothing, that floor decides cepstra and flatness */
	EH_COPY_NOISE15,        /* pink noise at 0.178 of the level of the voice added: 15 dB below it */
	EH_COPY_OPUS12,         /* coded in Opus at 12 kbit/s and decoded */
	EH_COPY_KINDS
};

#define EH_COPY_NOISE_SHARE 0.178       /* [1] RMS of the noise / RMS of the voice, facts/audio.md 11 */
#define EH_COPY_LEVEL_LOW (-400.0)      /* [dB re full scale] of a voice, what eh_answer_check lets through */
#define EH_COPY_LEVEL_HIGH 100.0

/* "band8k", "noise15", "opus12"; NULL for another number. */
const char *eh_copy_name(enum eh_copy_kind kind);

struct eh_degrader;

/*
 * eh_degrader_open - opens no file and starts no thread: may be called in a locked worker, once eh_media_load
 * was called before its fork.
 *
 * level_db     [dB re full scale] RMS of the voiced frames (struct eh_voice_answer.level) in
 *              EH_COPY_LEVEL_LOW..EH_COPY_LEVEL_HIGH; used by noise15 alone
 * seed         of the noise; used by noise15 alone
 *
 * EH_EINVAL: no such kind; EH_ERANGE: the level; EH_ENOMEM; EH_EENV: this FFmpeg was built without libopus,
 * or there is none (eh_media_load).
 */
int eh_degrader_open(struct eh_degrader **out, enum eh_copy_kind kind, double level_db, uint64_t seed,
		     struct eh_err *err);

/*
 * Takes n samples (any number, 0 too; no NaN, no infinity) and hands what is finished to sink->sound; the rest comes
 * with later ones.  Memory does not grow with the length.  EH_EINVAL after finish or a failure; EH_ENOMEM; EH_FAIL: the
 * codec gave up; a negative value of sink->sound is returned as it is.
 */
int eh_degrader_sound(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
		      struct eh_err *err);
/* The last samples: as many as went in have come out after it.  Once. */
int eh_degrader_finish(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err);
void eh_degrader_free(struct eh_degrader **d);

#endif

/*
 * voice.h - sound to audio indicators of the one voice of an interview.
 *
 * The one home of FFTW (single precision).  Definitions: facts/audio.md 3; level-dependent
 * measures are recorded as quality, never as indicators.
 */
#ifndef EH_VOICE_VOICE_H
#define EH_VOICE_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "face/face.h"          /* struct eh_indicator_info */
#include "media/media.h"        /* EH_MEDIA_RATE */

#define EH_VOICE_LIST(X)                                                                                       \
	X(EH_V_F0_MEDIAN,   "voice.f0_median",   "semitone re 27.5 Hz", S, "median pitch, two-pass autocorrelation (Boersma 1993)") \
	X(EH_V_F0_P20,      "voice.f0_p20",      "semitone re 27.5 Hz", S, "20 % quantile of pitch")               \
	X(EH_V_F0_P80,      "voice.f0_p80",      "semitone re 27.5 Hz", S, "80 % quantile of pitch")               \
	X(EH_V_F0_SPREAD,   "voice.f0_spread",   "semitone",            S, "80 % - 20 % quantile of pitch")        \
	X(EH_V_HNR,         "voice.hnr",         "dB",                  S, "median harmonics-to-noise ratio of voiced frames") \
	X(EH_V_F1,          "voice.f1",          "Hz",                  S, "median first formant, Burg order 10 at 11 kHz") \
	X(EH_V_F2,          "voice.f2",          "Hz",                  S, "median second formant")                \
	X(EH_V_F3,          "voice.f3",          "Hz",                  S, "median third formant")                 \
	X(EH_V_MFCC1,       "voice.mfcc1",       "1",                   S, "median cepstral coefficient 1, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC2,       "voice.mfcc2",       "1",                   S, "2")  \
	X(EH_V_MFCC3,       "voice.mfcc3",       "1",                   S, "3")  \
	X(EH_V_MFCC4,       "voice.mfcc4",       "1",                   S, "4")  \
	X(EH_V_MFCC5,       "voice.mfcc5",       "1",                   S, "5")  \
	X(EH_V_MFCC6,       "voice.mfcc6",       "1",                   S, "6")  \
	X(EH_V_MFCC7,       "voice.mfcc7",       "1",                   S, "7")  \
	X(EH_V_MFCC8,       "voice.mfcc8",       "1",                   S, "8")  \
	X(EH_V_MFCC9,       "voice.mfcc9",       "1",                   S, "9")  \
	X(EH_V_MFCC10,      "voice.mfcc10",      "1",                   S, "10") \
	X(EH_V_MFCC11,      "voice.mfcc11",      "1",                   S, "11") \
	X(EH_V_MFCC12,      "voice.mfcc12",      "1",                   S, "12") \
	X(EH_V_MFCC13,      "voice.mfcc13",      "1",                   S, "13") \
	X(EH_V_CENTROID,    "voice.centroid",    "Hz",                  S, "median spectral centroid of voiced frames") \
	X(EH_V_ALPHA,       "voice.alpha_ratio", "dB",                  S, "10 log10(E[1-5 kHz] / E[0-1 kHz]) of the long-term spectrum") \
	X(EH_V_HAMMARBERG,  "voice.hammarberg",  "dB",                  S, "10 log10(max 0-2 kHz / max 2-5 kHz)")  \
	X(EH_V_SLOPE_LOW,   "voice.slope_0_500", "dB/Hz",               S, "spectral slope 0-500 Hz")              \
	X(EH_V_SLOPE_MID,   "voice.slope_500_1500", "dB/Hz",            S, "spectral slope 500-1500 Hz")           \
	X(EH_V_VOICED_SHARE,"voice.voiced_share","1",                   B, "voiced frames / all frames")           \
	X(EH_V_PAUSE_RATE,  "voice.pause_rate",  "1/s",                 B, "pauses of at least 0.25 s per second")

enum eh_voice_indicator {
#define X(id, name, unit, kind, what) id,
	EH_VOICE_LIST(X)
#undef X
	EH_VOICE_N
};

#define EH_VOICE_MIN_SECONDS 10.0       /* [s] voiced per candidate, facts/audio.md 5 */
#define EH_VOICE_MIN_BANDWIDTH 3000.0   /* [Hz] below which no audio indicator is made; own choice, no measured value exists */

/* One answer; plain data, part of the fixed-size worker record. */
struct eh_voice_answer {
	double seconds;                 /* [s] of sound */
	double voiced_seconds;          /* [s] */
	double bandwidth;               /* [Hz] highest frequency within 40 dB of the long-term spectrum's maximum,
					 * in bands of 125 Hz; 0 = silence */
	double snr;                     /* [dB] p95 - p10 of frame energy, digital zero counted as -100 dB */
	double clipping;                /* [1] share of samples at full scale (0.99 and above) */
	double level;                   /* [dB re full scale] RMS of voiced frames, -100 without any; quality only */
	uint8_t present[EH_VOICE_N];
	double value[EH_VOICE_N];
};

struct eh_voice;

/* Makes the FFTW plans (FFTW_ESTIMATE: the same plan on every run) once, before any fork. */
int eh_voice_open(struct eh_voice **out, struct eh_err *err);
void eh_voice_close(struct eh_voice **v);
const char *eh_voice_version(void);

/* One recording: begin, sound in pieces of any size at EH_MEDIA_RATE, finish.  Memory grows only by the
 * frame series (at most 100 frames/s). EH_ENOMEM; EH_ERANGE: longer than two hours.  After an error begin anew.
 * Samples that are no numbers count as 0.  Below 0.1 s of voice nothing is present; pauses are counted between
 * the first and the last voiced frame. */
int eh_voice_begin(struct eh_voice *v, struct eh_err *err);
int eh_voice_sound(struct eh_voice *v, const float *pcm, size_t n, struct eh_err *err);
int eh_voice_finish(struct eh_voice *v, struct eh_voice_answer *out, struct eh_err *err);

extern const struct eh_indicator_info eh_voice_info[EH_VOICE_N];

#endif

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
#include "base/indicator.h"
#include "media/media.h"        /* EH_MEDIA_RATE */

/* Sources; the settings of all are those of facts/audio.md 3 and 4. */
#define EH_VOICE_BOERSMA "Boersma 1993"
#define EH_VOICE_PRAAT "Praat (Boersma & Weenink), own implementation"
#define EH_VOICE_BURG "Burg's method with Praat's settings"
#define EH_VOICE_GEMAPS "eGeMAPS, Eyben et al. 2016"
#define EH_VOICE_OWN "own choice"

/* How a measure varies over the voiced frames: manner of speaking, not timbre, hence behaviour.  rsd = 1.4826 times the
 * median distance from the median: the standard deviation of what is normally distributed. */
#define EH_VOICE_VARIATION(X, id, name, unit, low, high, spread, words)                                  \
	X(id##_P20, name "_p20", unit, B, low, high, EH_VOICE_OWN, "20 % quantile of " words)          \
	X(id##_P80, name "_p80", unit, B, low, high, EH_VOICE_OWN, "80 % quantile of " words)          \
	X(id##_RSD, name "_rsd", unit, B, 0, spread, EH_VOICE_OWN, "robust standard deviation of " words)

/*
 * Audio indicators: id, name, unit, kind, lowest and highest value believed, source, formula.  Kinds: base/indicator.h.
 * Medians, quantiles and deviations run over voiced frames (25 ms, every 10 ms).  The list grows at its end only.
 */
#define EH_VOICE_LIST(X) \
	X(EH_V_F0_MEDIAN, "voice.f0_median", "semitone re 27.5 Hz", S, 10, 57, EH_VOICE_BOERSMA, \
	  "median pitch, two-pass autocorrelation with path search") \
	X(EH_V_F0_P20, "voice.f0_p20", "semitone re 27.5 Hz", S, 10, 57, EH_VOICE_BOERSMA, "20 % quantile of pitch") \
	X(EH_V_F0_P80, "voice.f0_p80", "semitone re 27.5 Hz", S, 10, 57, EH_VOICE_BOERSMA, "80 % quantile of pitch") \
	X(EH_V_F0_SPREAD, "voice.f0_spread", "semitone", S, 0, 47, EH_VOICE_BOERSMA, \
	  "80 % - 20 % quantile of pitch") \
	X(EH_V_HNR, "voice.hnr", "dB", S, -10, 70, EH_VOICE_BOERSMA, \
	  "median harmonics-to-noise ratio, 10 log10(r / (1 - r)) at the period") \
	X(EH_V_F1, "voice.f1", "Hz", S, 0, 5500, EH_VOICE_BURG, "median formant 1, Burg order 10 at 11 kHz") \
	X(EH_V_F2, "voice.f2", "Hz", S, 0, 5500, EH_VOICE_BURG, "median formant 2") \
	X(EH_V_F3, "voice.f3", "Hz", S, 0, 5500, EH_VOICE_BURG, "median formant 3") \
	X(EH_V_MFCC1, "voice.mfcc1", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 1, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC2, "voice.mfcc2", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 2, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC3, "voice.mfcc3", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 3, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC4, "voice.mfcc4", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 4, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC5, "voice.mfcc5", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 5, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC6, "voice.mfcc6", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 6, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC7, "voice.mfcc7", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 7, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC8, "voice.mfcc8", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 8, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC9, "voice.mfcc9", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 9, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC10, "voice.mfcc10", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 10, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC11, "voice.mfcc11", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 11, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC12, "voice.mfcc12", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 12, voiced frames, no pre-emphasis") \
	X(EH_V_MFCC13, "voice.mfcc13", "1", S, -700, 700, EH_VOICE_GEMAPS, \
	  "median cepstral coefficient 13, voiced frames, no pre-emphasis") \
	X(EH_V_CENTROID, "voice.centroid", "Hz", S, 0, 8000, EH_VOICE_OWN, "median power-weighted mean frequency") \
	X(EH_V_ALPHA, "voice.alpha_ratio", "dB", S, -200, 200, EH_VOICE_GEMAPS, \
	  "10 log10(E[1-5 kHz] / E[0-1 kHz]) of the long-term spectrum") \
	X(EH_V_HAMMARBERG, "voice.hammarberg", "dB", S, -200, 200, EH_VOICE_GEMAPS, \
	  "10 log10(max 0-2 kHz / max 2-5 kHz) of the long-term spectrum") \
	X(EH_V_SLOPE_LOW, "voice.slope_0_500", "dB/Hz", S, -2, 2, EH_VOICE_GEMAPS, \
	  "slope of the long-term spectrum 0-500 Hz") \
	X(EH_V_SLOPE_MID, "voice.slope_500_1500", "dB/Hz", S, -2, 2, EH_VOICE_GEMAPS, \
	  "slope of the long-term spectrum 500-1500 Hz") \
	X(EH_V_VOICED_SHARE, "voice.voiced_share", "1", B, 0, 1, EH_VOICE_OWN, "voiced frames / all frames") \
	X(EH_V_PAUSE_RATE, "voice.pause_rate", "1/s", B, 0, 4, EH_VOICE_OWN, \
	  "pauses of at least 0.25 s per second, first to last voiced frame") \
	X(EH_V_F0_RSD, "voice.f0_rsd", "semitone", S, 0, 47, EH_VOICE_BOERSMA, "robust standard deviation of pitch") \
	X(EH_V_F0_HZ, "voice.f0_hz", "Hz", S, 49, 701, EH_VOICE_BOERSMA, "median pitch in Hz") \
	X(EH_V_JITTER, "voice.jitter", "1", S, 0, 0.3, EH_VOICE_PRAAT, \
	  "mean |T(i) - T(i-1)| / mean T of waveform-matched cycles") \
	X(EH_V_SHIMMER, "voice.shimmer", "1", S, 0, 0.6, EH_VOICE_PRAAT, \
	  "mean |A(i) - A(i-1)| / mean A, heights of the same cycles") \
	X(EH_V_F4, "voice.f4", "Hz", S, 0, 5500, EH_VOICE_BURG, "median formant 4") \
	X(EH_V_B1, "voice.b1", "Hz", S, 0, 6600, EH_VOICE_BURG, \
	  "median bandwidth of formant 1, -ln|root| 11000 / pi") \
	X(EH_V_B2, "voice.b2", "Hz", S, 0, 6600, EH_VOICE_BURG, "median bandwidth of formant 2") \
	X(EH_V_B3, "voice.b3", "Hz", S, 0, 6600, EH_VOICE_BURG, "median bandwidth of formant 3") \
	X(EH_V_B4, "voice.b4", "Hz", S, 0, 6600, EH_VOICE_BURG, "median bandwidth of formant 4") \
	X(EH_V_SPECTRAL_SD, "voice.spectral_sd", "Hz", S, 0, 4000, EH_VOICE_OWN, \
	  "median standard deviation of frequency around the centroid, power-weighted") \
	X(EH_V_SKEWNESS, "voice.skewness", "1", S, -20, 46, EH_VOICE_OWN, "median third standardised moment") \
	X(EH_V_KURTOSIS, "voice.kurtosis", "1", S, -3, 328, EH_VOICE_OWN, "median fourth standardised moment - 3") \
	X(EH_V_ROLLOFF85, "voice.rolloff_85", "Hz", S, 0, 8100, EH_VOICE_OWN, \
	  "median frequency below which 85 % of the power lies") \
	X(EH_V_ROLLOFF95, "voice.rolloff_95", "Hz", S, 0, 8100, EH_VOICE_OWN, "the same, 95 %") \
	X(EH_V_FLATNESS, "voice.flatness", "dB", S, -121, 12, EH_VOICE_OWN, \
	  "median 10 log10(geometric / arithmetic mean of the power)") \
	X(EH_V_FLUX, "voice.flux", "1", S, 0, 1.5, EH_VOICE_GEMAPS, \
	  "median L2 distance of normalised power spectra, frame to frame") \
	X(EH_V_LTAS0, "voice.ltas_125", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 125 Hz / total") \
	X(EH_V_LTAS1, "voice.ltas_157", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 157 Hz / total") \
	X(EH_V_LTAS2, "voice.ltas_198", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 198 Hz / total") \
	X(EH_V_LTAS3, "voice.ltas_250", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 250 Hz / total") \
	X(EH_V_LTAS4, "voice.ltas_315", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 315 Hz / total") \
	X(EH_V_LTAS5, "voice.ltas_397", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 397 Hz / total") \
	X(EH_V_LTAS6, "voice.ltas_500", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 500 Hz / total") \
	X(EH_V_LTAS7, "voice.ltas_630", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 630 Hz / total") \
	X(EH_V_LTAS8, "voice.ltas_794", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 794 Hz / total") \
	X(EH_V_LTAS9, "voice.ltas_1000", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 1000 Hz / total") \
	X(EH_V_LTAS10, "voice.ltas_1260", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 1260 Hz / total") \
	X(EH_V_LTAS11, "voice.ltas_1587", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 1587 Hz / total") \
	X(EH_V_LTAS12, "voice.ltas_2000", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 2000 Hz / total") \
	X(EH_V_LTAS13, "voice.ltas_2520", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 2520 Hz / total") \
	X(EH_V_LTAS14, "voice.ltas_3175", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 3175 Hz / total") \
	X(EH_V_LTAS15, "voice.ltas_4000", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 4000 Hz / total") \
	X(EH_V_LTAS16, "voice.ltas_5040", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 5040 Hz / total") \
	X(EH_V_LTAS17, "voice.ltas_6350", "dB", S, -200, 0.001, EH_VOICE_OWN, \
	  "long-term spectrum, third of an octave around 6350 Hz / total") \
	EH_VOICE_VARIATION(X, EH_V_HNR, "voice.hnr", "dB", -10, 70, 80, "the harmonics-to-noise ratio") \
	EH_VOICE_VARIATION(X, EH_V_F1, "voice.f1", "Hz", 0, 5500, 5500, "formant 1") \
	EH_VOICE_VARIATION(X, EH_V_F2, "voice.f2", "Hz", 0, 5500, 5500, "formant 2") \
	EH_VOICE_VARIATION(X, EH_V_F3, "voice.f3", "Hz", 0, 5500, 5500, "formant 3") \
	EH_VOICE_VARIATION(X, EH_V_F4, "voice.f4", "Hz", 0, 5500, 5500, "formant 4") \
	EH_VOICE_VARIATION(X, EH_V_B1, "voice.b1", "Hz", 0, 6600, 6600, "the bandwidth of formant 1") \
	EH_VOICE_VARIATION(X, EH_V_B2, "voice.b2", "Hz", 0, 6600, 6600, "the bandwidth of formant 2") \
	EH_VOICE_VARIATION(X, EH_V_B3, "voice.b3", "Hz", 0, 6600, 6600, "the bandwidth of formant 3") \
	EH_VOICE_VARIATION(X, EH_V_B4, "voice.b4", "Hz", 0, 6600, 6600, "the bandwidth of formant 4") \
	EH_VOICE_VARIATION(X, EH_V_MFCC1, "voice.mfcc1", "1", -700, 700, 1400, "cepstral coefficient 1") \
	EH_VOICE_VARIATION(X, EH_V_MFCC2, "voice.mfcc2", "1", -700, 700, 1400, "cepstral coefficient 2") \
	EH_VOICE_VARIATION(X, EH_V_MFCC3, "voice.mfcc3", "1", -700, 700, 1400, "cepstral coefficient 3") \
	EH_VOICE_VARIATION(X, EH_V_MFCC4, "voice.mfcc4", "1", -700, 700, 1400, "cepstral coefficient 4") \
	EH_VOICE_VARIATION(X, EH_V_MFCC5, "voice.mfcc5", "1", -700, 700, 1400, "cepstral coefficient 5") \
	EH_VOICE_VARIATION(X, EH_V_MFCC6, "voice.mfcc6", "1", -700, 700, 1400, "cepstral coefficient 6") \
	EH_VOICE_VARIATION(X, EH_V_MFCC7, "voice.mfcc7", "1", -700, 700, 1400, "cepstral coefficient 7") \
	EH_VOICE_VARIATION(X, EH_V_MFCC8, "voice.mfcc8", "1", -700, 700, 1400, "cepstral coefficient 8") \
	EH_VOICE_VARIATION(X, EH_V_MFCC9, "voice.mfcc9", "1", -700, 700, 1400, "cepstral coefficient 9") \
	EH_VOICE_VARIATION(X, EH_V_MFCC10, "voice.mfcc10", "1", -700, 700, 1400, "cepstral coefficient 10") \
	EH_VOICE_VARIATION(X, EH_V_MFCC11, "voice.mfcc11", "1", -700, 700, 1400, "cepstral coefficient 11") \
	EH_VOICE_VARIATION(X, EH_V_MFCC12, "voice.mfcc12", "1", -700, 700, 1400, "cepstral coefficient 12") \
	EH_VOICE_VARIATION(X, EH_V_MFCC13, "voice.mfcc13", "1", -700, 700, 1400, "cepstral coefficient 13") \
	EH_VOICE_VARIATION(X, EH_V_CENTROID, "voice.centroid", "Hz", 0, 8000, 8000, "the spectral centroid") \
	EH_VOICE_VARIATION(X, EH_V_SPECTRAL_SD, "voice.spectral_sd", "Hz", 0, 4000, 4000, "the spectral sd") \
	EH_VOICE_VARIATION(X, EH_V_SKEWNESS, "voice.skewness", "1", -20, 46, 70, "the spectral skewness") \
	EH_VOICE_VARIATION(X, EH_V_KURTOSIS, "voice.kurtosis", "1", -3, 328, 330, "the spectral kurtosis") \
	EH_VOICE_VARIATION(X, EH_V_ROLLOFF85, "voice.rolloff_85", "Hz", 0, 8100, 8100, "the 85 % roll-off") \
	EH_VOICE_VARIATION(X, EH_V_ROLLOFF95, "voice.rolloff_95", "Hz", 0, 8100, 8100, "the 95 % roll-off") \
	EH_VOICE_VARIATION(X, EH_V_FLATNESS, "voice.flatness", "dB", -121, 12, 150, "the spectral flatness") \
	EH_VOICE_VARIATION(X, EH_V_FLUX, "voice.flux", "1", 0, 1.5, 1.5, "the spectral flux") \
	X(EH_V_PAUSE_LENGTH, "voice.pause_length", "s", B, 0.25, 7300, EH_VOICE_OWN, "mean length of the pauses") \
	X(EH_V_SEGMENT_RATE, "voice.segment_rate", "1/s", B, 0, 100, EH_VOICE_OWN, \
	  "stretches of voice per second, gaps up to 50 ms bridged") \
	X(EH_V_SEGMENT_LENGTH, "voice.segment_length", "s", B, 0, 7300, EH_VOICE_OWN, \
	  "mean length of the stretches of voice") \
	X(EH_V_SYLLABLE_RATE, "voice.syllable_rate", "1/s", B, 0, 51, "de Jong & Wempe 2009", \
	  "voiced peaks of intensity with dips of at least 2 dB, per second") \
	X(EH_V_PITCH_AGREEMENT, "voice.pitch_agreement", "1", Q, 0, 1, \
	  "de Cheveigne & Kawahara 2002 (YIN)", \
	  "share of voiced frames, every fourth, in which both pitch methods agree within 20 %")

enum eh_voice_indicator {
#define X(id, name, unit, kind, low, high, source, what) id,
	EH_VOICE_LIST(X)
#undef X
	EH_VOICE_N
};

#define EH_VOICE_MIN_SECONDS 10.0       /* [s] voiced per candidate, facts/audio.md 5 */
#define EH_VOICE_MIN_BANDWIDTH 3000.0   /* [Hz] below which no audio indicator is made; own choice, none is measured */

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

/* One recording: begin, sound in pieces of any size at EH_MEDIA_RATE, finish.  Memory: 7.2 MB for the
 * frames of ten minutes, and 62 bytes for each voiced frame (11 MB for an hour half voiced).  EH_ENOMEM; EH_ERANGE:
 * longer than two hours; EH_EINVAL: an error or finish came before and no begin since.
 * Samples that are no numbers count as 0.  Below 0.1 s of voice nothing is present; pauses are counted between
 * the first and the last voiced frame. */
int eh_voice_begin(struct eh_voice *v, struct eh_err *err);
int eh_voice_sound(struct eh_voice *v, const float *pcm, size_t n, struct eh_err *err);
int eh_voice_finish(struct eh_voice *v, struct eh_voice_answer *out, struct eh_err *err);

/* Pitch [Hz] of frame i < eh_voice_frames(v) of the recording finished last, 0 = unvoiced: for plots and checks.
 * Frame i has its middle at 0.025 + 0.01 i seconds; of a recording longer than ten minutes, after the last full ten. */
size_t eh_voice_frames(const struct eh_voice *v);
double eh_voice_hz(const struct eh_voice *v, size_t i);
double eh_voice_first_hz(const struct eh_voice *v, size_t i);   /* of the first pass alone */

extern const struct eh_indicator_info eh_voice_info[EH_VOICE_N];

#endif

/* core/media/degrade: each channel does to sound what facts/audio.md 11 says, and nothing else, locked or not. */
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/rng.h"
#include "media/degrade.h"
#include "worker/worker.h"

#define RATE EH_MEDIA_RATE

struct sound {
	float *x;
	size_t n, size;
	int refuse;             /* what the sink returns */
};

static int on_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	struct sound *s = ctx;

	if (s->refuse < 0)
		return eh_err_set(err, s->refuse, "no more");
	if (s->n + n > s->size)
		return eh_err_set(err, EH_ERANGE, "more sound came out than went in");
	memcpy(s->x + s->n, pcm, n * sizeof *pcm);
	s->n += n;
	return EH_OK;
}

static int no_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	(void)pcm;
	(void)err;
	*(uint64_t *)ctx += n;
	return EH_OK;
}

static struct sound sound_of(size_t n)
{
	struct sound s = { calloc(n + 1, sizeof(float)), 0, n, 0 };

	assert_non_null(s.x);
	return s;
}

static struct sound degrade_in(enum eh_copy_kind kind, double level, uint64_t seed, const struct sound *in,
			       size_t piece)
{
	struct sound out = sound_of(in->n);
	struct eh_media_sink sink = { NULL, on_sound, &out };
	struct eh_degrader *d = NULL;
	struct eh_err err = EH_ERR_INIT;
	int rc = eh_degrader_open(&d, kind, level, seed, &err);

	for (size_t at = 0; rc == EH_OK && at < in->n; at += piece)
		rc = eh_degrader_sound(d, in->x + at, in->n - at < piece ? in->n - at : piece, &sink, &err);
	if (rc == EH_OK)
		rc = eh_degrader_finish(d, &sink, &err);
	if (rc != EH_OK)
		fail_msg("%s: %s", eh_copy_name(kind), err.msg);
	eh_degrader_free(&d);
	assert_null(d);
	assert_int_equal(out.n, in->n);
	return out;
}

static struct sound degrade(enum eh_copy_kind kind, const struct sound *in)
{
	return degrade_in(kind, -20.0, 7, in, 1000);
}

/* Something like a voice: harmonics of a pitch that moves, in syllables. */
static struct sound voice(size_t n)
{
	struct sound s = sound_of(n);
	double phase = 0.0;

	for (size_t i = 0; i < n; i++) {
		double t = (double)i / RATE, syllable = fmax(0.0, sin(2 * M_PI * 3 * t)), x = 0.0;

		phase += 2 * M_PI * (150.0 + 30.0 * sin(2 * M_PI * 0.7 * t)) / RATE;
		for (int h = 1; h <= 20; h++)
			x += sin(h * phase) / h;
		s.x[i] = (float)(0.1 * syllable * x);
	}
	s.n = n;
	return s;
}

static struct sound noise(size_t n)
{
	struct sound s = sound_of(n);
	struct eh_rng rng;

	eh_rng_seed(&rng, 5);
	for (size_t i = 0; i < n; i++)
		s.x[i] = (float)(0.1 * eh_rng_normal(&rng));
	s.n = n;
	return s;
}

/* Mean power between two frequencies, from Hann frames of 1024 samples; 1 = full scale. */
static double band_power(const float *x, size_t n, double low, double high)
{
	enum { N = 1024 };
	size_t from = (size_t)ceil(low * N / RATE), to = (size_t)ceil(high * N / RATE), frames = 0;
	double sum = 0.0;
	static float cosine[N];

	for (size_t i = 0; i < N; i++)
		cosine[i] = (float)cos(2 * M_PI * (double)i / N);
	for (size_t at = 0; at + N <= n; at += N, frames++) {
		float w[N];

		for (size_t i = 0; i < N; i++)
			w[i] = x[at + i] * 0.5f * (1.0f - cosine[i]);
		for (size_t k = from; k < to; k++) {
			float re = 0.0f, im = 0.0f;

			for (size_t i = 0; i < N; i++) {
				re += w[i] * cosine[k * i % N];
				im += w[i] * cosine[(k * i + N / 4) % N];
			}
			sum += (double)re * (double)re + (double)im * (double)im;
		}
	}
	return frames == 0 ? 0.0 : 2.0 * sum / ((double)frames * N * N * 0.375);
}

static double db(double power)
{
	return 10.0 * log10(power);
}

static double power_of(const float *x, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i];
	return sum / (double)n;
}

/* Correlation of b, shifted by lag, with a. */
static double correlation(const struct sound *a, const struct sound *b, int lag)
{
	double ab = 0.0, aa = 0.0, bb = 0.0;

	for (size_t i = 200; i + 200 < a->n; i++) {
		double x = (double)a->x[i], y = (double)b->x[(size_t)((long)i + lag)];

		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / sqrt(aa * bb);
}

static void assert_within(double is, double low, double high, const char *what)
{
	if (!(is >= low && is <= high))
		fail_msg("%s is %.4g, not in %.4g..%.4g", what, is, low, high);
}

/* Same place: the copy fits best without any shift. */
static void assert_in_place(const struct sound *a, const struct sound *b, double least)
{
	double here = correlation(a, b, 0);

	assert_within(here, least, 1.0, "correlation");
	for (int lag = -160; lag <= 160; lag++)
		if (lag < -1 || lag > 1)
			assert_true(correlation(a, b, lag) < here);
}

static void copies_have_names(void **state)
{
	(void)state;
	assert_string_equal(eh_copy_name(EH_COPY_BAND8K), "band8k");
	assert_string_equal(eh_copy_name(EH_COPY_NOISE15), "noise15");
	assert_string_equal(eh_copy_name(EH_COPY_OPUS12), "opus12");
	assert_null(eh_copy_name(EH_COPY_KINDS));
	assert_null(eh_copy_name((enum eh_copy_kind)-1));
}

static void band8k_takes_what_is_above_4_khz_and_leaves_the_rest_alone(void **state)
{
	struct sound in = noise(4 * RATE), out = degrade(EH_COPY_BAND8K, &in);
	struct sound v = voice(4 * RATE), w;

	(void)state;
	for (double f = 100; f < 3200; f += 500)
		assert_within(db(band_power(out.x, out.n, f, f + 300) / band_power(in.x, in.n, f, f + 300)), -0.1, 0.1,
			      "gain of the band");
	/* the resampler's own slope lies between 3.4 and 4.8 kHz */
	assert_within(db(band_power(out.x, out.n, 4000, 4800) / band_power(in.x, in.n, 4000, 4800)), -400, -18,
		      "what is left from 4 to 4.8 kHz [dB]");
	assert_within(db(band_power(out.x, out.n, 4800, 8000) / band_power(in.x, in.n, 4800, 8000)), -400, -70,
		      "what is left above 4.8 kHz [dB]");
	free(out.x);
	w = degrade(EH_COPY_BAND8K, &v);
	assert_in_place(&v, &w, 0.995);
	free(in.x);
	free(v.x);
	free(w.x);
}

/* The floor of 16 bits: 1 / 12 of the square of a step, spread over 8 kHz. */
static void band8k_has_the_floor_of_16_bits(void **state)
{
	struct sound in = noise(4 * RATE), copy = degrade(EH_COPY_BAND8K, &in);
	double floor = db(0x1p-30 / 12.0 * 3200.0 / 8000.0);

	(void)state;
	for (size_t i = 0; i < copy.n; i++)
		assert_true(copy.x[i] * 32768.0f == rintf(copy.x[i] * 32768.0f));
	assert_within(db(band_power(copy.x, copy.n, 4800, 8000)), floor - 1.0, floor + 1.0, "floor above 4.8 kHz [dB]");
	in.x[5] = 2.0f;
	free(copy.x);
	copy = degrade(EH_COPY_BAND8K, &in);
	for (size_t i = 0; i < copy.n; i++)
		assert_true(copy.x[i] >= -1.0f && copy.x[i] < 1.0f);
	free(copy.x);
	free(in.x);
}

static void noise15_is_pink_and_15_db_below_the_given_level(void **state)
{
	static const double levels[] = { -40.0, -20.0, -3.0 };
	struct sound in = voice(30 * RATE);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sound out = degrade_in(EH_COPY_NOISE15, levels[i], 11 + i, &in, 4096);
		double middle = 0.0;

		for (size_t j = 0; j < in.n; j++)
			out.x[j] -= in.x[j];
		assert_within(levels[i] - db(power_of(out.x, out.n)), 14.7, 15.3, "signal to noise [dB]");
		middle = band_power(out.x, out.n, 500, 1000);
		/* pink: every octave has the same power */
		assert_within(db(band_power(out.x, out.n, 125, 250) / middle), -0.6, 0.6, "octave from 125 Hz");
		assert_within(db(band_power(out.x, out.n, 250, 500) / middle), -0.5, 0.5, "octave from 250 Hz");
		assert_within(db(band_power(out.x, out.n, 1000, 2000) / middle), -0.5, 0.5, "octave from 1 kHz");
		assert_within(db(band_power(out.x, out.n, 2000, 4000) / middle), -0.5, 0.5, "octave from 2 kHz");
		assert_within(db(band_power(out.x, out.n, 4000, 8000) / middle), -0.5, 0.5, "octave from 4 kHz");
		free(out.x);
	}
	free(in.x);
}

static void noise15_depends_on_its_seed(void **state)
{
	struct sound in = sound_of(RATE), a, b;

	(void)state;
	in.n = RATE;
	a = degrade_in(EH_COPY_NOISE15, -20.0, 1, &in, 4096);
	b = degrade_in(EH_COPY_NOISE15, -20.0, 2, &in, 4096);
	assert_within(fabs(correlation(&a, &b, 0)), 0.0, 0.25, "correlation of two seeds");
	free(a.x);
	free(b.x);
	free(in.x);
}

static void opus12_alters_the_sound_but_stays_in_place(void **state)
{
	struct sound in = voice(4 * RATE), out = degrade(EH_COPY_OPUS12, &in);
	double error = 0.0;

	(void)state;
	assert_in_place(&in, &out, 0.9);
	for (size_t i = 0; i < in.n; i++)
		error += pow((double)out.x[i] - (double)in.x[i], 2) / (double)in.n;
	assert_within(db(power_of(in.x, in.n) / error), 3.0, 30.0, "signal to error [dB]");
	assert_within(db(power_of(out.x, out.n) / power_of(in.x, in.n)), -1.0, 1.0, "level [dB]");
	free(in.x);
	free(out.x);
}

static void same_bytes_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 7, 319, 320, 321, 4096, 1000000 };
	struct sound in = voice(RATE + 77);

	(void)state;
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct sound first = degrade((enum eh_copy_kind)k, &in);

		assert_true(memcmp(first.x, in.x, in.n * sizeof *in.x) != 0);
		for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
			struct sound again = degrade_in((enum eh_copy_kind)k, -20.0, 7, &in, pieces[i]);

			assert_memory_equal(first.x, again.x, in.n * sizeof *in.x);
			free(again.x);
		}
		free(first.x);
	}
	free(in.x);
}

static void as_much_comes_out_as_went_in(void **state)
{
	static const size_t lengths[] = { 0, 1, 2, 100, 319, 320, 321, 640, 1599, 16000 };

	(void)state;
	for (int k = 0; k < EH_COPY_KINDS; k++)
		for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
			struct sound in = sound_of(lengths[i]), out;

			in.n = lengths[i];
			out = degrade((enum eh_copy_kind)k, &in);       /* looks at the length */
			for (size_t j = 0; j < out.n; j++)
				assert_true(isfinite(out.x[j]));
			/* silence through a channel is silence, but for its noise */
			if (k != EH_COPY_NOISE15 && out.n > 0)
				assert_within(power_of(out.x, out.n), 0.0, 1e-8, "power of silence");
			free(in.x);
			free(out.x);
		}
}

/* Float files may hold 24 dB above full scale (media/mix.c). */
static void loud_sound_stays_finite(void **state)
{
	struct sound in = noise(RATE);

	(void)state;
	for (size_t i = 0; i < in.n; i++)
		in.x[i] = in.x[i] < 0.0f ? -16.0f : 16.0f;
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct sound out = degrade_in((enum eh_copy_kind)k, EH_COPY_LEVEL_HIGH, 8, &in, 1000);

		for (size_t i = 0; i < out.n; i++)
			assert_true(isfinite(out.x[i]));
		free(out.x);
	}
	free(in.x);
}

static void memory_does_not_grow_with_the_length(void **state)
{
	struct sound in = voice(RATE);

	(void)state;
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct eh_degrader *d = NULL;
		struct eh_err err = EH_ERR_INIT;
		uint64_t heard = 0, seconds = k == EH_COPY_OPUS12 ? 120 : 1200;
		struct eh_media_sink sink = { NULL, no_sound, &heard };
		size_t used = 0;

		assert_int_equal(eh_degrader_open(&d, (enum eh_copy_kind)k, -20.0, 1, &err), EH_OK);
		for (uint64_t s = 0; s < seconds; s++) {
			assert_int_equal(eh_degrader_sound(d, in.x, in.n, &sink, &err), EH_OK);
			if (s == 2)
				used = mallinfo2().uordblks;
		}
		assert_true(mallinfo2().uordblks <= used + 4096);
		assert_int_equal(eh_degrader_finish(d, &sink, &err), EH_OK);
		assert_int_equal(heard, seconds * RATE);
		eh_degrader_free(&d);
	}
	free(in.x);
}

static void wrong_use_is_refused(void **state)
{
	struct sound in = voice(RATE), out = sound_of(2 * RATE);
	struct eh_media_sink sink = { NULL, on_sound, &out };
	struct eh_degrader *d = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_degrader_open(&d, EH_COPY_KINDS, -20.0, 1, &err), EH_EINVAL);
	assert_int_equal(eh_degrader_open(&d, EH_COPY_NOISE15, (double)NAN, 1, &err), EH_ERANGE);
	assert_int_equal(eh_degrader_open(&d, EH_COPY_BAND8K, 101.0, 1, &err), EH_ERANGE);
	assert_null(d);
	eh_degrader_free(&d);
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		assert_int_equal(eh_degrader_open(&d, (enum eh_copy_kind)k, -20.0, 1, &err), EH_OK);
		assert_int_equal(eh_degrader_finish(d, &sink, &err), EH_OK);
		assert_int_equal(eh_degrader_sound(d, in.x, in.n, &sink, &err), EH_EINVAL);
		assert_int_equal(eh_degrader_finish(d, &sink, &err), EH_EINVAL);
		eh_degrader_free(&d);
		out.refuse = EH_EFULL;
		assert_int_equal(eh_degrader_open(&d, (enum eh_copy_kind)k, -20.0, 1, &err), EH_OK);
		assert_int_equal(eh_degrader_sound(d, in.x, in.n, &sink, &err), EH_EFULL);
		assert_string_equal(err.msg, "no more");
		out.refuse = 0;
		assert_int_equal(eh_degrader_sound(d, in.x, in.n, &sink, &err), EH_EINVAL);
		eh_degrader_free(&d);
	}
	free(in.x);
	free(out.x);
}

struct digests {
	int32_t done;
	unsigned char of[EH_COPY_KINDS][EH_DIGEST_SIZE];
};

static void digest_all(struct digests *out)
{
	struct sound in = voice(3 * RATE);

	for (int k = 0; k < EH_COPY_KINDS; k++) {
		struct sound s = degrade((enum eh_copy_kind)k, &in);

		eh_sha256(out->of[k], s.x, s.n * sizeof *s.x);
		free(s.x);
	}
	out->done = 1;
	free(in.x);
}

static void locked_job(void *ctx, int fd, void *record)
{
	(void)ctx;
	(void)fd;
	digest_all(record);
}

/* Filter, Landlock and limits are on: a forbidden call would kill the worker. */
static void a_locked_worker_makes_the_same_copies(void **state)
{
	struct eh_worker_spec spec = { EH_WORKER_MEDIA, locked_job, NULL, -1, sizeof(struct digests), 0, 0 };
	struct digests locked, open;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	memset(&open, 0, sizeof open);
	if (eh_worker_run(&spec, &locked, &err) != EH_OK)
		fail_msg("%s", err.msg);
	digest_all(&open);
	assert_int_equal(locked.done, 1);
	assert_memory_equal(&locked, &open, sizeof open);
}

static int set_up(void **state)
{
	(void)state;
	eh_media_global_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_locked_worker_makes_the_same_copies),
		cmocka_unit_test(copies_have_names),
		cmocka_unit_test(band8k_takes_what_is_above_4_khz_and_leaves_the_rest_alone),
		cmocka_unit_test(band8k_has_the_floor_of_16_bits),
		cmocka_unit_test(noise15_is_pink_and_15_db_below_the_given_level),
		cmocka_unit_test(noise15_depends_on_its_seed),
		cmocka_unit_test(opus12_alters_the_sound_but_stays_in_place),
		cmocka_unit_test(same_bytes_in_pieces_of_any_size),
		cmocka_unit_test(as_much_comes_out_as_went_in),
		cmocka_unit_test(loud_sound_stays_finite),
		cmocka_unit_test(memory_does_not_grow_with_the_length),
		cmocka_unit_test(wrong_use_is_refused)
	};

	return cmocka_run_group_tests_name("media_degrade", tests, set_up, NULL);
}

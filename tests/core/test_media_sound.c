/* core/media: sound comes out as the mean of the channels, 16 kHz, without its constant component. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media_files.h"

static void sound_is_handed_out_at_16_khz(void **state)
{
	struct result r;

	(void)state;
	decode_shared(&r, "hostile/derived/audio_8k.mp4");
	assert_int_equal(r.info.audio_rate, 8000);
	assert_true(fabs(r.samples / EH_MEDIA_RATE - 3.07) < 0.01);
	decode_shared(&r, "hostile/derived/two_audio_tracks.mp4");
	assert_int_equal(r.info.audio_streams, 2);
	assert_true(fabs(r.samples / EH_MEDIA_RATE - 3.0) < 0.01);
	decode_shared(&r, "hostile/derived/silent_audio.mp4");
	assert_true(r.peak < 1e-3);
}

static void sound_is_the_mean_of_the_channels_without_dc(void **state)
{
	static const uint32_t rates[] = { 8000, 16000, 44100, 48000 };
	struct result r;
	size_t i = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		decode_locked(&r, write_wav("tone.wav", rates[i], 0.25), NULL);
		assert_int_equal(r.status, EH_OK);
		assert_int_equal(r.info.audio_rate, rates[i]);
		assert_int_equal(r.info.audio_channels, 2);
		assert_true(fabs(r.samples - EH_MEDIA_RATE) < 64);
		assert_true(fabs(r.mean) < 1e-6);
		/* mean of 0.5 sine and 0 has amplitude 0.25 */
		assert_true(fabs(sqrt(2 * r.square) - 0.25) < 0.005);
		assert_true(fabs(r.info.decoded_audio_seconds - 1.0) < 0.01);
	}
}

static void every_sample_format_gives_the_same_sound(void **state)
{
	static const char *const codecs[] = { "pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s32le", "pcm_f32le",
					      "pcm_f64le", "pcm_alaw", "pcm_mulaw" };

	(void)state;
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
		char arguments[256];
		struct result r;

		/* left 0.5, right 0.25 of one sine: the mean has amplitude 0.375 */
		(void)snprintf(arguments, sizeof arguments,
			       "-f lavfi -i 'aevalsrc=0.5*sin(1256.637*t)|0.25*sin(1256.637*t):s=48000:d=1' -c:a %s",
			       codecs[i]);
		decode_locked(&r, make("format.mkv", arguments), NULL);
		if (r.status != EH_OK || fabs(sqrt(2 * r.square) - 0.375) > 0.005 ||
		    fabs(r.samples - EH_MEDIA_RATE) > 64)
			fail_msg("%s: status %d, amplitude %f, %f samples", codecs[i], r.status, sqrt(2 * r.square),
				 r.samples);
	}
}

static void samples_that_are_no_numbers_are_silence(void **state)
{
	static float pcm[16000];
	static unsigned char w[44 + sizeof pcm];
	struct result r;

	(void)state;
	for (size_t i = 0; i < 16000; i++)
		pcm[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? -INFINITY : 0.0f;
	memcpy(w, "RIFF....WAVEfmt \20\0\0\0\3\0\1\0", 24);
	put32(w + 4, (uint32_t)sizeof w - 8);
	put32(w + 24, 16000);
	put32(w + 28, 64000);
	memcpy(w + 32, "\4\0\40\0data", 8);
	put32(w + 40, (uint32_t)sizeof pcm);
	memcpy(w + 44, pcm, sizeof pcm);
	decode_locked(&r, write_file("nan.wav", w, sizeof w), NULL);
	assert_int_equal(r.status, EH_OK);
	assert_true(r.samples > 15900);
	assert_true(r.peak < 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_is_handed_out_at_16_khz),
		cmocka_unit_test(sound_is_the_mean_of_the_channels_without_dc),
		cmocka_unit_test(every_sample_format_gives_the_same_sound),
		cmocka_unit_test(samples_that_are_no_numbers_are_silence)
	};

	return cmocka_run_group_tests_name("media_sound", tests, media_set_up, media_tear_down);
}

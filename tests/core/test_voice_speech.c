/* Real speech of labelled speakers: pitch where it belongs.  Decoding: the ffmpeg command, for plain wav here. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "voice/voice.h"

#define MAX_SAMPLES (60 * EH_MEDIA_RATE)
#define MAX_FILES 128

static struct eh_voice *voice;
static float sound[MAX_SAMPLES];

static int open_voice(void **state)
{
	(void)state;
	return eh_voice_open(&voice, NULL);
}

static int close_voice(void **state)
{
	(void)state;
	eh_voice_close(&voice);
	return 0;
}

static const char *speech_folder(void)
{
	static char path[512];
	const char *shared = getenv("EVENHAND_SHARED");

	(void)snprintf(path, sizeof path, "%s/data/speech", shared != NULL ? shared : "../shared");
	return path;
}

static FILE *labels_or_skip(void)
{
	char path[1024];
	FILE *f = NULL;

	(void)snprintf(path, sizeof path, "%s/labels.csv", speech_folder());
	f = fopen(path, "r");
	if (f == NULL) {
		print_message("# no outside speech (%s)\n", path);
		skip();
	}
	return f;
}

static void ffmpeg_or_skip(void)
{
	if (system("command -v ffmpeg >/dev/null 2>&1") != 0) {
		print_message("# ffmpeg is not installed\n");
		skip();
	}
}

static size_t floats_of(const uint8_t *bytes, size_t n_bytes, float *out)
{
	size_t n = n_bytes / 2 < MAX_SAMPLES ? n_bytes / 2 : MAX_SAMPLES;

	for (size_t i = 0; i < n; i++)
		out[i] = (float)(int16_t)(uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8) / 32768.0f;
	return n;
}

static size_t decode(const char *file, const char *filters)
{
	static uint8_t bytes[2 * MAX_SAMPLES];
	char command[1024];
	FILE *pipe = NULL;
	size_t n = 0;

	(void)snprintf(command, sizeof command, "ffmpeg -v error -nostdin -i '%s/%s' %s -ac 1 -ar 16000 -f s16le -",
		       speech_folder(), file, filters);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(bytes, 1, sizeof bytes, pipe);
	assert_int_equal(pclose(pipe), 0);
	return floats_of(bytes, n, sound);
}

/* The value between samples i and i + 1 (band-limited). */
static float between(const float *x, size_t n, size_t i)
{
	double sum = 0.0;

	for (long d = -31; d <= 32; d++) {
		double at = (double)d - 0.5;
		long k = (long)i + d;

		if (k >= 0 && k < (long)n)
			sum += (double)x[k] * sin(M_PI * at) / (M_PI * at) * (0.5 + 0.5 * cos(M_PI * at / 32.5));
	}
	return (float)sum;
}

/* 16-bit mono wav at 8 kHz, brought to 16 kHz. */
static size_t read_wav(const char *file)
{
	static uint8_t bytes[1 << 20];
	static float coarse[MAX_SAMPLES];
	char path[1024];
	FILE *f = NULL;
	size_t n = 0, at = 12, len = 0;

	(void)snprintf(path, sizeof path, "%s/%s", speech_folder(), file);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	assert_int_equal(fclose(f), 0);
	assert_true(n > 44 && memcmp(bytes, "RIFF", 4) == 0);
	for (; at + 8 <= n; at += 8 + len) {
		len = 0;
		for (size_t i = 4; i > 0; i--)
			len = len << 8 | bytes[at + 3 + i];
		if (memcmp(bytes + at, "data", 4) == 0)
			break;
		if (memcmp(bytes + at, "fmt ", 4) == 0) {       /* PCM, one channel, 8000 Hz, 16 bits */
			assert_memory_equal(bytes + at + 8, "\1\0\1\0\x40\x1f\0\0", 8);
			assert_int_equal(bytes[at + 22], 16);
		}
	}
	assert_true(at + 8 < n);
	n = floats_of(bytes + at + 8, n - at - 8 < len ? n - at - 8 : len, coarse);
	for (size_t i = 0; i < n; i++) {
		sound[2 * i] = coarse[i];
		sound[2 * i + 1] = between(coarse, n, i);
	}
	return 2 * n;
}

static struct eh_voice_answer hear(size_t n)
{
	struct eh_voice_answer a;

	assert_int_equal(eh_voice_begin(voice, NULL), EH_OK);
	assert_int_equal(eh_voice_sound(voice, sound, n, NULL), EH_OK);
	assert_int_equal(eh_voice_finish(voice, &a, NULL), EH_OK);
	for (size_t i = 0; i < EH_VOICE_N; i++)
		assert_true(isfinite(a.value[i]) && (a.present[i] || a.value[i] == 0.0));
	return a;
}

static double hz_of(const struct eh_voice_answer *a)
{
	return 27.5 * pow(2.0, a->value[EH_V_F0_MEDIAN] / 12.0);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, ascending);
	return v[n / 2];
}

/* facts/audio.md 10: women 226 +- 35 Hz, men 121 +- 24 Hz; acted speech lies higher. */
static void women_speak_higher_than_men(void **state)
{
	FILE *labels = labels_or_skip();
	double women[MAX_FILES] = { 0.0 }, men[MAX_FILES] = { 0.0 };
	size_t n_women = 0, n_men = 0;
	char line[256], file[128], speaker[64], sex[16];

	(void)state;
	ffmpeg_or_skip();
	while (fgets(line, sizeof line, labels) != NULL) {
		struct eh_voice_answer a;

		if (sscanf(line, "%127[^,],%63[^,],%15[^,],", file, speaker, sex) != 3 ||
		    strstr(line, ",ravdess") == NULL)
			continue;
		a = hear(decode(file, ""));
		assert_true(a.present[EH_V_F0_MEDIAN] && a.present[EH_V_F1] && a.voiced_seconds > 0.3);
		if (strcmp(sex, "female") == 0 && n_women < MAX_FILES)
			women[n_women++] = hz_of(&a);
		else if (strcmp(sex, "male") == 0 && n_men < MAX_FILES)
			men[n_men++] = hz_of(&a);
	}
	assert_int_equal(fclose(labels), 0);
	assert_true(n_women >= 10 && n_men >= 10);
	print_message("# median pitch: %zu files of women %.0f Hz, %zu of men %.0f Hz\n", n_women,
		      median(women, n_women), n_men, median(men, n_men));
	assert_true(median(women, n_women) > 1.4 * median(men, n_men));
	assert_true(median(women, n_women) > 180.0 && median(men, n_men) < 165.0);
}

/* The six speakers of the digit set are men, recorded at 8 kHz. */
static void telephone_digits_of_men_are_low_and_narrow(void **state)
{
	FILE *labels = labels_or_skip();
	double hz[MAX_FILES] = { 0.0 };
	size_t n = 0, narrow = 0;
	char line[256], file[128];

	(void)state;
	while (fgets(line, sizeof line, labels) != NULL) {
		struct eh_voice_answer a;

		if (strstr(line, ",fsdd") == NULL || sscanf(line, "%127[^,],", file) != 1)
			continue;
		a = hear(read_wav(file));
		if (a.present[EH_V_F0_MEDIAN] && n < MAX_FILES) {
			hz[n++] = hz_of(&a);
			narrow += a.bandwidth < 5000.0 ? 1 : 0;
		}
	}
	assert_int_equal(fclose(labels), 0);
	assert_true(n >= 100);
	assert_true(median(hz, n) > 80.0 && median(hz, n) < 165.0);
	assert_true(narrow * 10 >= n * 9);
}

/* facts/audio.md 11: pitch is the one indicator that a narrow channel does not move; the bandwidth tells of it.
 * 5 kHz is the limit of the quality flag (learn/vector.h): the resampler's slope reaches 0.5 kHz beyond the
 * channel's 4. */
static void a_telephone_copy_keeps_the_pitch_and_shows_its_bandwidth(void **state)
{
	FILE *labels = labels_or_skip();
	size_t n = 0;
	char line[256], file[128];

	(void)state;
	ffmpeg_or_skip();
	while (fgets(line, sizeof line, labels) != NULL) {
		struct eh_voice_answer clean, copy;

		if (strstr(line, ",librispeech") == NULL || sscanf(line, "%127[^,],", file) != 1)
			continue;
		clean = hear(decode(file, ""));
		copy = hear(decode(file, "-af aresample=8000,aresample=16000"));
		assert_true(clean.bandwidth > 5000.0);
		assert_true(copy.bandwidth < 5000.0);
		assert_true(fabs(hz_of(&copy) / hz_of(&clean) - 1.0) < 0.02);
		n++;
	}
	assert_int_equal(fclose(labels), 0);
	assert_true(n >= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(women_speak_higher_than_men),
		cmocka_unit_test(telephone_digits_of_men_are_low_and_narrow),
		cmocka_unit_test(a_telephone_copy_keeps_the_pitch_and_shows_its_bandwidth),
	};

	return cmocka_run_group_tests(tests, open_voice, close_voice);
}

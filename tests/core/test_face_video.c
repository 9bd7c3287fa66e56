/* Recordings through core/media: pixels on demand, movement over time. */
#include "tests/core/face_pictures.h"

#include <fcntl.h>

#include "face/face.h"

static struct eh_face *face;

static int open_face(void **state)
{
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	eh_media_global_init();
	return eh_face_open(&face, &err);
}

static int close_face(void **state)
{
	(void)state;
	eh_face_close(&face);
	return 0;
}

static int on_picture(void *ctx, const struct eh_image *image, struct eh_err *err)
{
	return eh_face_picture(ctx, image, err);
}

/* A clip of the shared material, or the test is skipped. */
static struct eh_face_answer measured(const char *name, bool on_demand, double rate)
{
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { on_picture, NULL, face };
	struct eh_face_answer a;
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	char *path = shared_dir(name);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = EH_OK;

	free(path);
	if (fd < 0)
		skip();
	options.sample_rate = rate;
	options.want_sound = false;
	options.on_demand = on_demand;
	memset(&a, 0, sizeof a);
	assert_int_equal(eh_face_begin(face, &err), EH_OK);
	assert_int_equal(eh_media_prepare(&m, fd, &options, &err), EH_OK);
	rc = eh_media_decode(m, &sink, &info, &err);
	eh_media_free(&m);
	(void)close(fd);
	if (rc < 0)
		fail_msg("%s: %s", name, err.msg);
	assert_int_equal(eh_face_finish(face, &a, &err), EH_OK);
	return a;
}

/* Pixels that nobody asked for are those of earlier pictures: looking at one of them would change the answer. */
static void pixels_on_demand_give_the_same_bytes(void **state)
{
	struct eh_face_answer whole = measured("data/video/pyfeat_single_face.mp4", false, 5.0);
	struct eh_face_answer asked = measured("data/video/pyfeat_single_face.mp4", true, 5.0);

	(void)state;
	assert_true(whole.frames_used >= 10);
	assert_memory_equal(&whole, &asked, sizeof whole);
}

/* A sentence of three seconds: the mouth moves, more than the shape of the face. */
static void a_talker_moves_the_mouth_and_keeps_the_face(void **state)
{
	struct eh_face_answer a = measured("data/video/grid_brbk7n.mpg", true, 5.0);

	(void)state;
	assert_int_equal(a.present[EH_F_MOUTH_OPENING], 1);
	assert_true(a.sum[EH_F_MOUTH_OPENING].p90 > 2.0 * a.sum[EH_F_MOUTH_OPENING].p10);
	assert_true(a.sum[EH_F_MOUTH_OPENING].change > 0.1);
	assert_true(a.sum[EH_F_MOUTH_OPEN].mean > 0.0 && a.sum[EH_F_MOUTH_OPEN].mean <= 1.0);
	assert_true(a.sum[EH_F_EYE_WIDTH_L].mad < 0.03 * a.sum[EH_F_EYE_WIDTH_L].median);
	assert_int_equal(a.present[EH_F_BLINKS], 0);
}

static void dense_pictures_count_blinks(void **state)
{
	struct eh_face_answer a = measured("data/video/grid_brbk7n.mpg", true, 25.0);

	(void)state;
	assert_int_equal(a.present[EH_F_BLINKS], 1);
	assert_true(a.sum[EH_F_BLINKS].mean <= 60.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_on_demand_give_the_same_bytes),
		cmocka_unit_test(a_talker_moves_the_mouth_and_keeps_the_face),
		cmocka_unit_test(dense_pictures_count_blinks),
	};

	return cmocka_run_group_tests(tests, open_face, close_face);
}

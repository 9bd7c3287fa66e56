/*
 * module.h - the room's two halves: the forwarders in the program (load.c) and the module that links FFmpeg.
 *
 * Dynamic linking of FFmpeg's hundred and thirty libraries takes longer than everything else at the start of the
 * program, so that they belong to a shared object, evenhand-media.so, which is loaded when the first recording is to be
 * opened.  It exports one symbol, this table.  eh_err_set, eh_try_* and eh_rng_* it takes from the program (Makefile,
 * MEDIA_HOST), so that there is one state of each.  No other room includes this header.
 */
#ifndef EH_MEDIA_MODULE_H
#define EH_MEDIA_MODULE_H

#include "media/degrade.h"
#include "media/media.h"

#define EH_MEDIA_MODULE_FILE "evenhand-media.so"
#define EH_MEDIA_MODULE_SYMBOL "eh_media_module"

/* Checksum of the room's sources and of the headers that both halves see (Makefile).  Halves of different builds would
 * take each other's structures for something else. */
#ifndef EH_MEDIA_MARK
#define EH_MEDIA_MARK "unmarked"
#endif

/* Contracts are those of media.h and degrade.h. */
struct eh_media_module {
	const char *mark;               /* EH_MEDIA_MARK; first, whatever else changes */
	void (*global_init)(void);
	const char *(*version)(void);
	int (*prepare)(struct eh_media **out, int fd, const struct eh_media_options *options, struct eh_err *err);
	int (*decode)(struct eh_media *m, const struct eh_media_sink *sink, struct eh_media_info *info,
		      struct eh_err *err);
	void (*free)(struct eh_media **m);
	int (*image_need)(const struct eh_image *image, int x0, int y0, int x1, int y1, struct eh_err *err);
	int (*degrader_open)(struct eh_degrader **out, enum eh_copy_kind kind, double level_db, uint64_t seed,
			     struct eh_err *err);
	int (*degrader_sound)(struct eh_degrader *d, const float *pcm, size_t n, const struct eh_media_sink *sink,
			      struct eh_err *err);
	int (*degrader_finish)(struct eh_degrader *d, const struct eh_media_sink *sink, struct eh_err *err);
	void (*degrader_free)(struct eh_degrader **d);
};

extern const struct eh_media_module eh_media_module;

#endif

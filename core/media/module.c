/* The one symbol that the module exports; every other function of it is hidden (Makefile). */
#include "media/module.h"

__attribute__((visibility("default"))) const struct eh_media_module eh_media_module = {
	.mark = EH_MEDIA_MARK,
	.global_init = eh_media_global_init,
	.version = eh_media_version,
	.prepare = eh_media_prepare,
	.decode = eh_media_decode,
	.free = eh_media_free,
	.image_need = eh_image_need,
	.degrader_open = eh_degrader_open,
	.degrader_sound = eh_degrader_sound,
	.degrader_finish = eh_degrader_finish,
	.degrader_free = eh_degrader_free,
};

/* The audio indicators of a stored answer: written, read, looked at. */
#include "extract/record.h"

#include <math.h>

/* The lists of indicators grow at their end only; the count says how many a record has. */
static void put_values(struct eh_buf *b, const uint8_t *present, const double *v, uint16_t n)
{
	eh_put_u16(b, n);
	for (uint16_t i = 0; i < n; i++) {
		eh_put_u8(b, present[i]);
		eh_put_f64(b, v[i]);
	}
}

static void get_values(struct eh_reader *r, uint8_t *present, double *v, uint16_t n)
{
	if (eh_get_u16(r) != n) {
		r->bad = true;
		return;
	}
	for (uint16_t i = 0; i < n; i++) {
		present[i] = eh_get_u8(r);
		v[i] = eh_get_f64(r);
	}
}

void eh_record_put_voice(struct eh_buf *b, const struct eh_voice_answer *v)
{
	eh_put_f64(b, v->seconds);
	eh_put_f64(b, v->voiced_seconds);
	eh_put_f64(b, v->bandwidth);
	eh_put_f64(b, v->snr);
	eh_put_f64(b, v->clipping);
	eh_put_f64(b, v->level);
	put_values(b, v->present, v->value, EH_VOICE_N);
}

void eh_record_get_voice(struct eh_reader *r, struct eh_voice_answer *v)
{
	v->seconds = eh_get_f64(r);
	v->voiced_seconds = eh_get_f64(r);
	v->bandwidth = eh_get_f64(r);
	v->snr = eh_get_f64(r);
	v->clipping = eh_get_f64(r);
	v->level = eh_get_f64(r);
	get_values(r, v->present, v->value, EH_VOICE_N);
}

int eh_record_check_voice(const struct eh_voice_answer *v, double seconds, struct eh_err *err)
{
	/* frames overlap, so that the voiced ones may add up to a little more than the sound */
	if (!eh_record_within(v->seconds, 0.0, seconds + 1.0))
		return eh_record_bad(err, "voice.seconds");
	if (!eh_record_within(v->voiced_seconds, 0.0, v->seconds + 1.0))
		return eh_record_bad(err, "voice.voiced_seconds");
	if (!eh_record_within(v->bandwidth, 0.0, EH_MEDIA_RATE / 2.0))
		return eh_record_bad(err, "voice.bandwidth");
	if (!eh_record_within(v->snr, -400.0, 400.0))
		return eh_record_bad(err, "voice.snr");
	if (!eh_record_within(v->clipping, 0.0, 1.0))
		return eh_record_bad(err, "voice.clipping");
	if (!eh_record_within(v->level, -400.0, 100.0))
		return eh_record_bad(err, "voice.level");
	for (int i = 0; i < EH_VOICE_N; i++) {
		const struct eh_indicator_info *info = &eh_voice_info[i];

		if (v->present[i] > 1 || !isfinite(v->value[i]) ||
		    (v->present[i] == 1 ? !eh_record_within(v->value[i], info->low, info->high) : v->value[i] != 0.0))
			return eh_record_bad(err, info->name);
	}
	return EH_OK;
}

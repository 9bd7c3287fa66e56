/* Shares of pictures and rates; see share.h. */
#include "face/share.h"

#include <math.h>
#include <stdbool.h>

static void put(struct eh_face_answer *out, enum eh_face_indicator id, double v)
{
	out->present[id] = 1;
	out->sum[id] = (struct eh_summary){ .median = v, .mean = v, .p10 = v, .p90 = v };
}

/* Share of the rows in which all of the n indicators have a value that holds; not put below the minimum. */
static void share(const struct eh_gather *g, struct eh_face_answer *out, enum eh_face_indicator id,
		  bool (*has)(const struct eh_gather_kept *row),
		  bool (*holds)(const struct eh_gather_kept *row, const struct eh_face_answer *a))
{
	size_t n = 0, yes = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (!has(&g->row[i]))
			continue;
		n++;
		yes += holds(&g->row[i], out) ? 1 : 0;
	}
	if (n >= EH_FACE_MIN_FRAMES)
		put(out, id, (double)yes / (double)n);
}

static bool has_mouth(const struct eh_gather_kept *row)
{
	return row->present[EH_F_MOUTH_OPENING] == 1;
}

static bool mouth_open(const struct eh_gather_kept *row, const struct eh_face_answer *a)
{
	(void)a;
	return row->value[EH_F_MOUTH_OPENING] > (float)EH_MOUTH_CLOSED;
}

static bool has_smile(const struct eh_gather_kept *row)
{
	return row->present[EH_F_LIP_CORNER] == 1 && row->present[EH_F_MOUTH_STRETCH] == 1;
}

static bool smiles(const struct eh_gather_kept *row, const struct eh_face_answer *a)
{
	(void)a;
	return row->value[EH_F_LIP_CORNER] >= (float)EH_SMILE_CORNER &&
	       row->value[EH_F_MOUTH_STRETCH] >= (float)EH_SMILE_STRETCH;
}

static bool has_eyes(const struct eh_gather_kept *row)
{
	return row->present[EH_F_EYE_OPENING] == 1;
}

static bool eyes_closed(const struct eh_gather_kept *row, const struct eh_face_answer *a)
{
	double v = (double)row->value[EH_F_EYE_OPENING];

	return v < EH_EYE_CLOSED && v < EH_EYE_CLOSED_OWN * a->sum[EH_F_EYE_OPENING].median;
}

/* Closures that began and ended in view and were short enough; nothing where the pictures are too few a second. */
static void blinks(const struct eh_gather *g, struct eh_face_answer *out)
{
	const struct eh_gather_kept *last = NULL;
	double seconds = 0.0, closed_at = 0.0;
	size_t steps = 0, n = 0;
	bool closing = false;

	for (size_t i = 0; i < g->n; i++) {
		const struct eh_gather_kept *row = &g->row[i];
		double dt = last != NULL ? row->time - last->time : 0.0;
		bool shut = false;

		if (!has_eyes(row))
			continue;
		shut = eyes_closed(row, out);
		if (last == NULL || dt < EH_CHANGE_MIN || dt > EH_CHANGE_MAX) {
			closing = false;
		} else {
			seconds += dt;
			steps++;
			if (shut && !closing && !eyes_closed(last, out)) {
				closing = true;
				closed_at = row->time;
			} else if (!shut && closing) {
				closing = false;
				n += row->time - closed_at <= EH_BLINK_MAX ? 1 : 0;
			}
		}
		last = row;
	}
	/* one per cent for the rounding of time stamps to milliseconds */
	if (steps >= EH_FACE_MIN_FRAMES && (double)steps >= 0.99 * EH_BLINK_RATE * seconds)
		put(out, EH_F_BLINKS, fmin(60.0 * (double)n / seconds, eh_face_info[EH_F_BLINKS].high));
}

void eh_share_finish(const struct eh_gather *g, struct eh_face_answer *out)
{
	share(g, out, EH_F_MOUTH_OPEN, has_mouth, mouth_open);
	share(g, out, EH_F_SMILE, has_smile, smiles);
	if (out->present[EH_F_EYE_OPENING] == 1) {
		share(g, out, EH_F_EYES_CLOSED, has_eyes, eyes_closed);
		blinks(g, out);
	}
	if (g->n >= EH_FACE_MIN_FRAMES)
		put(out, EH_F_COVERAGE, (double)out->frames_found / (double)out->frames_sampled);
}

/* One candidate: indicators with their quality and origin, and the averaged mesh as a picture of dots. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/mesh.h"
#include "parts/words.h"
#include "views/view.h"

#define TEXT_COLUMNS 50         /* of the indicators beside the picture */
#define MESH_COLUMNS 24         /* least width of the picture */

struct state {
	eh_id id;
	struct eh_dossier dossier;
	bool loaded;
	int scroll;
	char **lines;
	size_t n, cap;
};

static void clear_lines(struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->lines[i]);
	s->n = 0;
}

static void add(struct state *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct state *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (s->n == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 128;
		s->lines = eh_xrealloc(s->lines, s->cap, sizeof *s->lines);
	}
	s->lines[s->n++] = eh_xstrdup(text);
}

/* ---- the text ---- */

static void add_wrapped(struct state *s, int width, const char *label, const char *text)
{
	char *part[16];
	size_t n = draw_wrap(text, width - 10, part, sizeof part / sizeof part[0]);

	for (size_t i = 0; i < n; i++) {
		add(s, "%-9s %s", i == 0 ? label : "", part[i]);
		free(part[i]);
	}
}

static void add_head(struct state *s, int width)
{
	const struct eh_dossier *d = &s->dossier;
	char text[400];

	(void)snprintf(text, sizeof text, "watch%s%s%s", d->line.face ? ", face" : "", d->line.voice ? ", voice" : "",
		       d->line.train ? ", train" : "");
	add_wrapped(s, width, "consent", text);
	if (d->face_why[0] != '\0')
		add_wrapped(s, width, "", d->face_why);
	if (d->voice_why[0] != '\0')
		add_wrapped(s, width, "", d->voice_why);
	for (size_t i = 0; i < d->n_classes; i++) {
		(void)snprintf(text, sizeof text, "%s %s (%s)", d->classes[i].attribute, d->classes[i].group,
			       eh_class_source_name(d->classes[i].source));
		add_wrapped(s, width, i == 0 ? "classes" : "", text);
	}
	(void)snprintf(text, sizeof text, "%u of %u interview%s, %u frame%s used, %.1f s voiced", d->line.measured,
		       d->line.interviews, words_s(d->line.interviews), d->vector.frames_used,
		       words_s(d->vector.frames_used), d->vector.voiced_seconds);
	add_wrapped(s, width, "measured", text);
	for (uint32_t bit = 1; bit != 0; bit <<= 1)
		if ((d->vector.quality & bit) != 0)
			add_wrapped(s, width, "quality", eh_quality_text(bit));
	if (d->vector.quality == 0 && d->line.measured > 0)
		add_wrapped(s, width, "quality", "nothing to remark");
}

static void add_answers(struct state *s, int width)
{
	char text[400];

	for (size_t i = 0; i < s->dossier.n_answers; i++) {
		const struct eh_candidate_answer *x = &s->dossier.answers[i];
		const struct eh_answer *a = &x->answer;

		if (a->status != EH_OK)
			(void)snprintf(text, sizeof text, "failed: %s", a->message);
		else
			(void)snprintf(text, sizeof text, "%s %s %ux%u, face in %u of %u, %.1f s voiced, SNR %.0f dB",
				       a->media.video_codec, a->media.audio_codec, a->media.width, a->media.height,
				       a->face.frames_found, a->face.frames_sampled, a->voice.voiced_seconds,
				       a->voice.snr);
		add_wrapped(s, width, x->question, text);
	}
}

static void add_indicators(struct state *s)
{
	const struct eh_dossier *d = &s->dossier;

	add(s, "%s", "");
	add(s, "%-26s %9s  %s", "indicator", "value", "unit");
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const struct eh_indicator_info *info = eh_vector_info(i);
		const char *why = eh_dossier_why(d, i);

		if (why[0] != '\0')
			add(s, "%-26s %9s  %s", info->name, "-", why);
		else
			add(s, "%-26s %9.3f  %s", info->name, d->vector.value[i], info->unit);
	}
}

/* ---- the screen ---- */

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_dossier *d = eh_xcalloc(1, sizeof *d);
	int rc = eh_desk_candidate(v->screens->desk, s->id, d, err);

	/* what was on the screen is gone when the consent is */
	eh_dossier_free(&s->dossier);
	s->loaded = rc == EH_OK;
	if (rc == EH_OK)
		s->dossier = *d;
	free(d);
	return rc;
}

static void draw_mesh(const struct state *s, int x)
{
	struct canvas c;

	if (!s->dossier.has_mesh) {
		(void)draw_paragraph(3, x, COLS - x - 1, 4, E_RULE,
				     s->dossier.line.face ? "no face measured" : "no consent for the face");
		return;
	}
	canvas_init(&c, COLS - x - 1, LINES - 6);
	mesh_outline(&c, (float (*)[3])s->dossier.mesh);
	canvas_draw(&c, 2, x, E_TEXT);
	canvas_free(&c);
	draw_textf(LINES - 3, x, COLS - x - 1, E_RULE, "mean mesh of %u frame%s", s->dossier.vector.frames_used,
		   words_s(s->dossier.vector.frames_used));
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	bool beside = COLS >= TEXT_COLUMNS + MESH_COLUMNS + 3;
	int width = beside ? TEXT_COLUMNS : COLS - 2, height = LINES - 4, last;
	char left[160], right[64];

	clear_lines(s);
	if (s->loaded) {
		add_head(s, width);
		add_answers(s, width);
		add_indicators(s);
	}
	v->scroll_max = (int)s->n > height ? (int)s->n - height : 0;
	s->scroll = s->scroll > v->scroll_max ? v->scroll_max : s->scroll;
	last = s->scroll + height < (int)s->n ? s->scroll + height : (int)s->n;
	(void)snprintf(left, sizeof left, "Candidate %s   %s   %s", s->id, s->dossier.line.jurisdiction,
		       s->dossier.line.position);
	(void)snprintf(right, sizeof right, "lines %d-%d of %zu", s->n > 0 ? s->scroll + 1 : 0, last, s->n);
	draw_title(left, right);
	for (int i = s->scroll; i < last; i++)
		draw_text(2 + i - s->scroll, 1, width, false, E_TEXT, s->lines[i]);
	if (s->loaded && beside)
		draw_mesh(s, TEXT_COLUMNS + 3);
	if (!s->loaded)
		draw_text(3, 2, COLS - 3, false, E_TEXT, "nothing may be shown of this candidate");
	v->cursor_y = 2;
	v->cursor_x = 1;
}

static void act(struct view *v, enum action a)
{
	(void)v;                        /* reading is all there is to do here */
	(void)a;
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	clear_lines(s);
	free(s->lines);
	eh_dossier_free(&s->dossier);
	free(s);
}

static const struct view_ops ops = { V_CANDIDATE, load, draw, act, NULL, NULL, close_view };

struct view *candidate_view(struct screens *screens, const char *id)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	(void)snprintf(s->id, sizeof s->id, "%s", id);
	v->scroll = &s->scroll;
	return v;
}

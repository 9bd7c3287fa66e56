/* evenhand show candidate: what was measured of one candidate, with its quality and where it comes from. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"
#include "parts/words.h"

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

/* The summary of an indicator; of the voice only the value itself is kept (its quantiles are indicators of their own).
 */
static bool summary_of(const struct eh_dossier *d, size_t i, struct eh_summary *out)
{
	if (i >= EH_FACE_N || !d->face_present[i] || !d->vector.present[i])
		return false;
	*out = d->face[i];
	return true;
}

/* ---- JSON ---- */

static void put_quality(struct eh_json *doc, uint32_t quality)
{
	struct eh_json *flags = eh_json_array();

	for (uint32_t bit = 1; bit != 0; bit <<= 1)
		if ((quality & bit) != 0)
			eh_json_push_str(flags, eh_quality_text(bit));
	eh_json_set(doc, "quality", flags);
}

static struct eh_json *media_json(const struct eh_media_info *m)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "container", m->container);
	eh_json_str(j, "video_codec", m->video_codec[0] != '\0' ? m->video_codec : NULL);
	eh_json_str(j, "audio_codec", m->audio_codec[0] != '\0' ? m->audio_codec : NULL);
	eh_json_int(j, "width", m->width);
	eh_json_int(j, "height", m->height);
	eh_json_int(j, "rotation", m->rotation);
	eh_json_int(j, "audio_rate", m->audio_rate);
	eh_json_int(j, "audio_channels", m->audio_channels);
	eh_json_real(j, "video_seconds", m->decoded_video_seconds);
	eh_json_real(j, "audio_seconds", m->decoded_audio_seconds);
	eh_json_int(j, "decode_errors", m->decode_errors);
	eh_json_str(j, "dropped", m->dropped[0] != '\0' ? m->dropped : NULL);
	return j;
}

static struct eh_json *origin_json(const struct eh_answer_origin *o)
{
	struct eh_json *j = eh_json_object();

	eh_json_str(j, "extractor", o->extractor);
	eh_json_int(j, "landlock_abi", o->landlock_abi);
	eh_json_bool(j, "seccomp", o->seccomp != 0);
	eh_json_bool(j, "fast", o->fast != 0);
	return j;
}

/* What a recording without that track, or a track without voice, does not have is null, not 0. */
static void put_real(struct eh_json *obj, const char *key, double value, bool there)
{
	if (there)
		eh_json_real(obj, key, value);
	else
		eh_json_null(obj, key);
}

static struct eh_json *answer_json(const struct eh_candidate_answer *x)
{
	const struct eh_answer *a = &x->answer;
	struct eh_json *j = eh_json_object(), *f = eh_json_object(), *v = eh_json_object();
	bool heard = a->did_voice != 0 && a->media.decoded_audio_seconds > 0.0;

	eh_json_str(j, "question", x->question);
	eh_json_str(j, "status", a->status == EH_OK ? "measured" : "failed");
	eh_json_str(j, "message", a->message[0] != '\0' ? a->message : NULL);
	eh_json_set(j, "origin", origin_json(&a->origin));
	eh_json_set(j, "media", media_json(&a->media));
	eh_json_bool(f, "measured", a->did_face != 0 && a->media.frames_sampled > 0);
	eh_json_int(f, "frames_sampled", a->face.frames_sampled);
	eh_json_int(f, "frames_found", a->face.frames_found);
	eh_json_int(f, "frames_used", a->face.frames_used);
	eh_json_int(f, "max_faces", a->face.max_faces);
	eh_json_real(f, "mean_presence", a->face.mean_presence);
	eh_json_set(j, "face", f);
	eh_json_bool(v, "measured", heard);
	put_real(v, "seconds", a->voice.seconds, heard);
	put_real(v, "voiced_seconds", a->voice.voiced_seconds, heard);
	put_real(v, "bandwidth", a->voice.bandwidth, heard && a->voice.voiced_seconds > 0.0);
	put_real(v, "snr", a->voice.snr, heard && a->voice.voiced_seconds > 0.0);
	put_real(v, "clipping", a->voice.clipping, heard);
	put_real(v, "level", a->voice.level, heard && a->voice.voiced_seconds > 0.0);
	eh_json_set(j, "voice", v);
	return j;
}

static struct eh_json *indicator_json(const struct eh_dossier *d, size_t i)
{
	const struct eh_indicator_info *info = eh_vector_info(i);
	const char *why = eh_dossier_why(d, i);
	struct eh_json *j = eh_json_object();
	struct eh_summary s;

	eh_json_str(j, "name", info->name);
	eh_json_str(j, "unit", info->unit);
	if (why[0] == '\0')
		eh_json_real(j, "value", d->vector.value[i]);
	else
		eh_json_null(j, "value");
	eh_json_str(j, "undefined", why[0] != '\0' ? why : NULL);
	if (summary_of(d, i, &s)) {
		eh_json_real(j, "mad", s.mad);
		eh_json_real(j, "mean", s.mean);
		eh_json_real(j, "sd", s.sd);
		eh_json_real(j, "p10", s.p10);
		eh_json_real(j, "p90", s.p90);
		eh_json_real(j, "change", s.change);
	}
	return j;
}

static struct eh_json *classes_json(const struct eh_dossier *d)
{
	struct eh_json *a = eh_json_array();

	for (size_t i = 0; i < d->n_classes; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "attribute", d->classes[i].attribute);
		eh_json_str(j, "group", d->classes[i].group);
		eh_json_str(j, "source", eh_class_source_name(d->classes[i].source));
		eh_json_push(a, j);
	}
	return a;
}

static struct eh_json *dossier_json(const struct eh_dossier *d)
{
	struct eh_json *doc = eh_json_object(), *consent = eh_json_object(), *answers = eh_json_array(),
		       *rows = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.candidate/1");
	eh_json_str(doc, "candidate", d->line.id);
	eh_json_str(doc, "jurisdiction", d->line.jurisdiction);
	eh_json_str(doc, "position", d->line.position[0] != '\0' ? d->line.position : NULL);
	eh_json_bool(consent, "watch", d->line.watch);
	eh_json_bool(consent, "face", d->line.face);
	eh_json_bool(consent, "voice", d->line.voice);
	eh_json_bool(consent, "train", d->line.train);
	eh_json_set(doc, "consent", consent);
	eh_json_set(doc, "classes", classes_json(d));
	eh_json_int(doc, "interviews", d->line.interviews);
	put_quality(doc, d->vector.quality);
	for (size_t i = 0; i < d->n_answers; i++)
		eh_json_push(answers, answer_json(&d->answers[i]));
	eh_json_set(doc, "answers", answers);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		eh_json_push(rows, indicator_json(d, i));
	eh_json_set(doc, "indicators", rows);
	return doc;
}

/* ---- tables ---- */

static struct cli_table *answers_table(const struct cli *c, const struct eh_dossier *d)
{
	struct cli_table *t = cli_table_new("question container/1 video/2 audio/3 size/4 >sampled/6 >found >used "
					    ">faces/5 >voiced_s >snr_db >band_hz/7 status~");

	for (size_t i = 0; i < d->n_answers; i++) {
		const struct eh_answer *a = &d->answers[i].answer;
		struct eh_num undefined = eh_undefined(EH_U_NOT_COMPUTED);

		cli_cell(t, "%s", d->answers[i].question);
		cli_cell(t, "%s", a->media.container);
		cli_cell(t, "%s", a->media.video_codec);
		cli_cell(t, "%s", a->media.audio_codec);
		if (a->media.width > 0)
			cli_cell(t, "%ux%u", a->media.width, a->media.height);
		else
			cli_cell(t, "%s", c->format == CLI_TABLE ? "-" : "");
		cli_cell_num(t, a->did_face ? eh_num(a->face.frames_sampled) : undefined, 0);
		cli_cell_num(t, a->did_face ? eh_num(a->face.frames_found) : undefined, 0);
		cli_cell_num(t, a->did_face ? eh_num(a->face.frames_used) : undefined, 0);
		cli_cell_num(t, a->did_face ? eh_num(a->face.max_faces) : undefined, 0);
		cli_cell_num(t, a->did_voice ? eh_num(a->voice.voiced_seconds) : undefined, 1);
		cli_cell_num(t, a->voice.voiced_seconds > 0.0 ? eh_num(a->voice.snr) : undefined, 0);
		cli_cell_num(t, a->voice.voiced_seconds > 0.0 ? eh_num(a->voice.bandwidth) : undefined, 0);
		cli_cell(t, "%s", a->status == EH_OK ? "measured" : a->message);
	}
	return t;
}

static struct cli_table *indicators_table(const struct eh_dossier *d)
{
	struct cli_table *t =
		cli_table_new("indicator unit >value >mad >mean/2 >sd/3 >p10/4 >p90/5 >change/1 undefined");

	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const char *why = eh_dossier_why(d, i);
		struct eh_num none = eh_undefined(EH_U_NOT_COMPUTED);
		struct eh_summary s;
		bool has = summary_of(d, i, &s);

		cli_cell(t, "%s", eh_vector_info(i)->name);
		cli_cell(t, "%s", eh_vector_info(i)->unit);
		cli_cell_num(t, why[0] == '\0' ? eh_num(d->vector.value[i]) : none, 3);
		cli_cell_num(t, has ? eh_num(s.mad) : none, 3);
		cli_cell_num(t, has ? eh_num(s.mean) : none, 3);
		cli_cell_num(t, has ? eh_num(s.sd) : none, 3);
		cli_cell_num(t, has ? eh_num(s.p10) : none, 3);
		cli_cell_num(t, has ? eh_num(s.p90) : none, 3);
		cli_cell_num(t, has ? eh_num(s.change) : none, 3);
		cli_cell(t, "%s", why);
	}
	return t;
}

static void put_head(const struct eh_dossier *d)
{
	printf("candidate   %s   %s   %s\n", d->line.id, d->line.jurisdiction,
	       d->line.position[0] != '\0' ? d->line.position : "no position");
	printf("consent     watch %s, face %s, voice %s, train %s\n", yes_no(d->line.watch), yes_no(d->line.face),
	       yes_no(d->line.voice), yes_no(d->line.train));
	if (d->face_why[0] != '\0')
		printf("            %s\n", d->face_why);
	if (d->voice_why[0] != '\0')
		printf("            %s\n", d->voice_why);
	for (size_t i = 0; i < d->n_classes; i++)
		printf("%-11s %s %s (%s)\n", i == 0 ? "classes" : "", d->classes[i].attribute, d->classes[i].group,
		       eh_class_source_name(d->classes[i].source));
	printf("measured    %u of %u interview%s, %u failed; %u picture frame%s used, %.1f s voiced\n",
	       d->line.measured, d->line.interviews, words_s(d->line.interviews), d->line.failed, d->vector.frames_used,
	       words_s(d->vector.frames_used), d->vector.voiced_seconds);
	for (size_t i = 0; i < d->n_answers; i++) {
		const struct eh_answer_origin *o = &d->answers[i].answer.origin;

		/* told once where all are the same, as they are after one run */
		if (o->extractor[0] != '\0' &&
		    (i == 0 || strcmp(o->extractor, d->answers[i - 1].answer.origin.extractor) != 0))
			printf("measured by %s\n", o->extractor);
	}
	for (uint32_t bit = 1, n = 0; bit != 0; bit <<= 1)
		if ((d->vector.quality & bit) != 0)
			printf("%-11s %s\n", n++ == 0 ? "quality" : "", eh_quality_text(bit));
	if (d->vector.quality == 0)
		puts("quality     nothing to remark");
}

static int run(struct cli *c)
{
	struct eh_dossier *d = eh_xcalloc(1, sizeof *d);
	struct cli_table *t = NULL;
	struct eh_json *doc = NULL;
	int status = 0;

	if (eh_desk_candidate(c->desk, c->argv[0], d, &c->err) != EH_OK) {
		free(d);
		return cli_fail(c);
	}
	if (c->format == CLI_JSON) {
		doc = dossier_json(d);
		status = cli_put_json(c, &doc);
	} else {
		if (c->format == CLI_TABLE) {
			put_head(d);
			putchar('\n');
		}
		if (c->format == CLI_TABLE || cli_has(c, "answers")) {
			t = answers_table(c, d);
			cli_table_print(&t, c);
		}
		if (c->format == CLI_TABLE)
			putchar('\n');
		if (!cli_has(c, "answers")) {
			t = indicators_table(d);
			cli_table_print(&t, c);
		}
	}
	eh_dossier_free(d);
	free(d);
	return status;
}

static const struct cli_flag flags[] = {
	{ "answers", NULL, "the answers with their recordings' quality instead of the indicators" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_show_candidate = {
	.name = "show candidate",
	.usage = "ID",
	.summary = "Shows what was measured of a candidate, with quality and provenance",
	.help = "Example: evenhand show candidate C017\n\n"
		"Only what the candidate's consent allows now is shown; without the consent to watch the command "
		"is refused (exit status 4). \"evenhand indicators\" explains the names.",
	.flags = flags,
	.min_args = 1,
	.max_args = 1,
	.wants_project = true,
	.run = run,
};

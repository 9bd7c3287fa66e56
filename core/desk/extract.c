/* Media to vectors: who may be measured, what is still to do, and one commit per finished file. */
#include "extract/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/copies.h"
#include "desk/inside.h"
#include "learn/vector.h"
#include "people/paper.h"
#include "store/codec.h"
#include "worker/worker.h"

struct plan {
	struct eh_desk *d;
	const struct eh_extract_options *o;
	struct eh_extract_report *report;
	const struct eh_progress *progress;
	struct eh_txn *txn;             /* only while planning */
	struct eh_list jobs;            /* struct eh_extract_job */
	int64_t now;
	eh_id last_skipped;
	bool known;                     /* the candidate asked for has an interview */
};

/* Refusals are counted by reason, with the candidate's id taken out. */
static void count_reason(struct plan *p, const char *text)
{
	struct eh_extract_report *r = p->report;

	for (size_t i = 0; i < r->n_reasons; i++) {
		if (strcmp(r->reasons[i].text, text) == 0) {
			r->reasons[i].candidates++;
			return;
		}
	}
	if (r->n_reasons == EH_SKIP_REASONS_MAX)
		return;
	(void)snprintf(r->reasons[r->n_reasons].text, sizeof r->reasons[0].text, "%s", text);
	r->reasons[r->n_reasons++].candidates = 1;
}

static void skip(struct plan *p, const char *candidate, const char *text)
{
	p->report->skipped++;
	if (strcmp(p->last_skipped, candidate) == 0)
		return;
	(void)snprintf(p->last_skipped, sizeof p->last_skipped, "%s", candidate);
	p->report->skipped_candidates++;
	count_reason(p, text);
}

/* Of a candidate whose consents hold, the rule whose paper is missing, for face first. */
static const struct eh_paper_rule *paper_rule(struct eh_txn *txn, const char *candidate, int64_t now,
					      const char **purpose)
{
	const struct eh_paper_rule *rule = eh_gate_paper(txn, candidate, *purpose = "face", now);

	return rule != NULL ? rule : eh_gate_paper(txn, candidate, *purpose = "voice", now);
}

static void why_shut(char out[EH_SKIP_TEXT], const struct plan *p, const char *candidate)
{
	const char *purpose;
	const struct eh_paper_rule *rule = paper_rule(p->txn, candidate, p->now, &purpose);

	if (rule != NULL)
		(void)snprintf(out, EH_SKIP_TEXT, "no complete %s (%s)", eh_paper_name(rule->paper), rule->name);
	else
		(void)snprintf(out, EH_SKIP_TEXT, "%s",
			       eh_gate(p->txn, candidate, "watch", p->now, NULL) != EH_OK
				       ? "no valid consent to watch the recording"
				       : "no valid consent for face or voice");
}

/* Without "watch" nothing else matters: that is said first; then what is nearest to being open. */
static int refuse(const struct plan *p, const char *candidate, struct eh_err *err)
{
	const char *purpose;
	const bool paper = paper_rule(p->txn, candidate, p->now, &purpose) != NULL;
	int rc = eh_gate(p->txn, candidate, "watch", p->now, err);

	return rc != EH_OK ? rc : eh_gate(p->txn, candidate, paper ? purpose : "face", p->now, err);
}

static int plan_interview(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct plan *p = ctx;
	struct eh_extract_job job;
	struct eh_answer *old;
	char why[EH_SKIP_TEXT];
	bool complete = false;
	int rc;

	if (p->o->candidate != NULL && strcmp(p->o->candidate, i->candidate) != 0)
		return EH_OK;
	p->known = true;
	p->report->answers++;
	memset(&job, 0, sizeof job);
	job.want_face = eh_gate(p->txn, i->candidate, "face", p->now, NULL) == EH_OK;
	job.want_voice = eh_gate(p->txn, i->candidate, "voice", p->now, NULL) == EH_OK;
	if (!job.want_face && !job.want_voice) {
		if (p->o->candidate != NULL)
			return refuse(p, i->candidate, err);
		why_shut(why, p, i->candidate);
		skip(p, i->candidate, why);
		return EH_OK;
	}
	old = eh_xcalloc(1, sizeof *old);
	rc = eh_answer_get(p->txn, i->candidate, i->question, old, NULL);
	if (rc == EH_OK)
		/* what was measured in fast mode counts for a fast run only; what was measured of another file for
		 * none */
		complete = old->status == EH_OK && eh_origin_fits(&old->origin, i->path) &&
			   old->did_face == job.want_face && old->did_voice == job.want_voice &&
			   (old->origin.fast == 0 || p->o->fast);
	free(old);
	if (complete && !p->o->again) {
		p->report->kept++;
		return EH_OK;
	}
	memcpy(job.candidate, i->candidate, sizeof job.candidate);
	memcpy(job.question, i->question, sizeof job.question);
	memcpy(job.path, i->path, sizeof job.path);
	(void)eh_list_push(&p->jobs, &job);
	return EH_OK;
}

static int make_plan(struct plan *p, struct eh_err *err)
{
	int rc = eh_txn_begin(&p->txn, p->d->store, false, err);

	if (rc == EH_OK)
		rc = eh_interviews_each(p->txn, plan_interview, p, err);
	if (rc == EH_OK && p->o->candidate != NULL && !p->known) {
		struct eh_candidate *c = eh_xcalloc(1, sizeof *c);

		rc = eh_candidate_get(p->txn, p->o->candidate, c, err);
		free(c);
		if (rc == EH_OK)
			rc = eh_err_set(err, EH_ENOENT, "candidate %s has no interview; import interviews first",
					p->o->candidate);
	}
	eh_txn_abort(&p->txn);
	return rc;
}

/* ---- one finished file ---- */

struct pooled {
	struct eh_answer *v;
	size_t n, max;
};

static int take_answer(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		       struct eh_err *err)
{
	struct pooled *p = ctx;

	(void)candidate;
	(void)question;
	(void)err;
	if (p->n < p->max)
		p->v[p->n++] = *a;
	return EH_OK;
}

static int count_answer(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
			struct eh_err *err)
{
	(void)candidate;
	(void)question;
	(void)a;
	(void)err;
	(*(size_t *)ctx)++;
	return EH_OK;
}

int eh_desk_repool(struct eh_txn *txn, const char *candidate, struct eh_err *err)
{
	struct pooled all = { NULL, 0, 0 };
	struct eh_vector *vec = eh_xcalloc(1, sizeof *vec);
	int rc = eh_answers_each(txn, candidate, count_answer, &all.max, err);

	if (rc == EH_OK) {
		all.v = eh_try_calloc(all.max, sizeof *all.v);
		rc = all.v != NULL
			? eh_answers_each(txn, candidate, take_answer, &all, err)
			: eh_err_set(err, EH_ENOMEM, "candidate %s: out of memory for %zu answers", candidate, all.max);
	}
	if (rc == EH_OK && all.n > 0) {
		eh_vector_pool(vec, candidate, all.v, all.n);
		rc = eh_vector_put(txn, vec, err);
	} else if (rc == EH_OK) {
		struct eh_key k = eh_key_of(candidate);

		rc = eh_txn_del(txn, EH_T_VECTORS, eh_key_bytes(&k), err);
		rc = rc == EH_ENOENT ? EH_OK : rc;
	}
	free(all.v);
	free(vec);
	return rc;
}

enum kept { KEPT_ALL, KEPT_PART, KEPT_NOTHING };

/*
 * A worker runs for minutes, and the store is open to others all the while: what was allowed when the recording was
 * opened is asked again in the transaction that would store it.  why: the refusal, of the last part that went.
 */
static enum kept keep_consented(struct eh_txn *txn, const struct eh_extract_job *job, struct eh_answer *a,
				struct eh_err *why)
{
	int64_t now = eh_now();
	bool face = job->want_face && eh_gate(txn, job->candidate, "face", now, why) == EH_OK;
	bool voice = job->want_voice && eh_gate(txn, job->candidate, "voice", now, why) == EH_OK;

	if (!face) {
		a->did_face = 0;
		memset(&a->face, 0, sizeof a->face);
	}
	if (!voice) {
		a->did_voice = 0;
		memset(&a->voice, 0, sizeof a->voice);
	}
	/* the note of a recording that could not be measured rests on these consents too */
	if (!face && !voice)
		return KEPT_NOTHING;
	return face == job->want_face && voice == job->want_voice ? KEPT_ALL : KEPT_PART;
}

static int put_answer(struct plan *p, const struct eh_extract_job *job, struct eh_answer *a, enum kept *kept,
		      struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, p->d->store, true, err);

	*kept = KEPT_ALL;
	if (rc == EH_OK)
		*kept = keep_consented(txn, job, a, &why);
	if (rc == EH_OK && *kept != KEPT_NOTHING) {
		rc = eh_answer_put(txn, job->candidate, job->question, a, err);
		if (rc == EH_OK)
			rc = eh_desk_copies_follow(txn, job->candidate, job->question, a, err);
		if (rc == EH_OK)
			rc = eh_desk_repool(txn, job->candidate, err);
		if (rc == EH_OK)
			rc = eh_txn_commit(&txn, err);
	}
	eh_txn_abort(&txn);
	if (rc == EH_OK && *kept != KEPT_ALL)
		(void)eh_desk_note_refusal(p->d, EH_EREFUSED, "extract", job->candidate, &why);
	eh_store_suspend(p->d->store);
	return rc;
}

static int store_answer(void *ctx, const struct eh_extract_job *job, const struct eh_answer *measured,
			struct eh_err *err)
{
	struct plan *p = ctx;
	struct eh_answer *a = eh_xmalloc(sizeof *a);
	char line[EH_ID_MAX + sizeof a->message + 1100];
	enum kept kept;
	int rc;

	memcpy(a, measured, sizeof *a);
	rc = put_answer(p, job, a, &kept, err);
	if (rc != EH_OK)
		goto out;
	if (kept != KEPT_ALL) {
		p->report->withdrawn++;
		(void)snprintf(line, sizeof line,
			       "candidate %s, question %s: a consent ended while it was measured; %s", job->candidate,
			       job->question, kept == KEPT_PART ? "that part is not stored" : "nothing is stored");
		eh_progress_note(p->progress, line);
	}
	if (kept == KEPT_NOTHING)
		goto out;
	if (a->status == EH_OK) {
		p->report->measured++;
		p->report->seconds_media += a->media.decoded_video_seconds > a->media.decoded_audio_seconds
			? a->media.decoded_video_seconds : a->media.decoded_audio_seconds;
		if (a->media.dropped[0] != '\0') {
			(void)snprintf(line, sizeof line, "candidate %s, question %s: %s", job->candidate,
				       job->question, a->media.dropped);
			eh_progress_note(p->progress, line);
		}
	} else {
		p->report->failed++;
		if (p->o->failed != NULL)
			p->o->failed(p->o->failed_ctx, job->candidate, job->question, job->path, a->message);
		(void)snprintf(line, sizeof line, "%s: %s", job->path, a->message);
		eh_progress_note(p->progress, line);
	}
out:
	free(a);
	return rc;
}

/* ---- coverage per known group ---- */

struct cover {
	struct eh_extract_report *report;
	struct eh_txn *txn;
	int64_t now;
	eh_id last;                     /* whose papers were looked at last */
};

static struct eh_coverage *cover_row(struct eh_extract_report *r, const char *attribute, const char *group)
{
	struct eh_coverage *c = NULL;

	for (size_t i = 0; i < r->n_coverage; i++)
		if (strcmp(r->coverage[i].attribute, attribute) == 0 && strcmp(r->coverage[i].group, group) == 0)
			return &r->coverage[i];
	if (r->n_coverage == EH_COVERAGE_MAX)
		return NULL;
	c = &r->coverage[r->n_coverage++];
	(void)snprintf(c->attribute, sizeof c->attribute, "%s", attribute);
	(void)snprintf(c->group, sizeof c->group, "%s", group);
	return c;
}

/* v: NULL for who is counted only as held back by a paper. */
static void cover_add(struct eh_extract_report *r, const char *attribute, const char *group, bool imported,
		      const struct eh_vector *v)
{
	struct eh_coverage *c = cover_row(r, attribute, group);

	if (c == NULL)
		return;
	if (v == NULL) {
		c->paper_missing++;
		return;
	}
	c->candidates++;
	c->imported += imported;
	c->with_face += v->has_face;
	c->with_voice += v->has_voice;
}

static int cover_person(struct cover *c, const char *candidate, const struct eh_vector *v, struct eh_err *err)
{
	struct eh_candidate *who = eh_xcalloc(1, sizeof *who);
	int rc = eh_candidate_get(c->txn, candidate, who, err);

	if (rc == EH_OK) {
		cover_add(c->report, "", "", false, v);
		for (size_t i = 0; i < who->n_declared; i++)
			cover_add(c->report, who->declared[i].attribute, who->declared[i].group,
				  who->declared[i].source == EH_BY_RECORD, v);
	}
	free(who);
	return rc;
}

static int cover_vector(void *ctx, const struct eh_vector *v, struct eh_err *err)
{
	return cover_person(ctx, v->candidate, v, err);
}

/* Interviews come by candidate. */
static int cover_paper(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct cover *c = ctx;
	const char *purpose;

	if (strcmp(c->last, i->candidate) == 0)
		return EH_OK;
	(void)snprintf(c->last, sizeof c->last, "%s", i->candidate);
	if (paper_rule(c->txn, i->candidate, c->now, &purpose) == NULL)
		return EH_OK;
	c->report->paper_missing++;
	return cover_person(c, i->candidate, NULL, err);
}

static int by_attribute_group(const void *a, const void *b)
{
	const struct eh_coverage *x = a, *y = b;
	int c = strcmp(x->attribute, y->attribute);

	return c != 0 ? c : strcmp(x->group, y->group);
}

static int cover(struct plan *p, struct eh_err *err)
{
	struct cover c = { .report = p->report, .now = eh_now() };
	int rc = eh_txn_begin(&c.txn, p->d->store, false, err);

	if (rc == EH_OK)
		rc = eh_vectors_each(c.txn, cover_vector, &c, err);
	if (rc == EH_OK)
		rc = eh_interviews_each(c.txn, cover_paper, &c, err);
	eh_txn_abort(&c.txn);
	qsort(p->report->coverage, p->report->n_coverage, sizeof p->report->coverage[0], by_attribute_group);
	return rc;
}

static int journal_extract(struct plan *p, const char *version, struct eh_err *err)
{
	struct eh_extract_report *r = p->report;
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, p->d->store, true, err);

	(void)snprintf(detail, sizeof detail,
		       "%u measured, %u failed, %u kept, %u answers of %u candidates not opened for want of consent, "
		       "release or waiver, "
		       "%u not stored (in whole or part) for a consent that ended meanwhile; %s%s%s%s",
		       r->measured, r->failed, r->kept, r->skipped, r->skipped_candidates, r->withdrawn,
		       p->o->fast ? "fast mode; " : "",
		       r->sandbox_missing[0] != '\0' ? "workers without " : "", r->sandbox_missing,
		       r->sandbox_missing[0] != '\0' ? "; " : "");
	(void)snprintf(detail + strlen(detail), sizeof detail - strlen(detail), "%s", version);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &p->d->actor, "extract", p->o->candidate != NULL ? p->o->candidate : "all",
				       detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

/* Fewer locks than usual are never passed over in silence (facts/reliability.md 3.2). */
static int look_at_sandbox(struct plan *p, struct eh_err *err)
{
	struct eh_worker_layers layers;
	const char *missing = NULL;
	char line[160];

	eh_worker_layers(&layers);
	missing = eh_worker_layers_missing(&layers);
	(void)snprintf(p->report->sandbox_missing, sizeof p->report->sandbox_missing, "%s", missing);
	if (missing[0] == '\0')
		return EH_OK;
	if (p->o->require_sandbox)
		return eh_err_set(err, EH_EENV,
				  "this kernel lacks %s, and --require-sandbox was given: no recording is opened; "
				  "\"evenhand doctor\" shows the layers",
				  missing);
	(void)snprintf(line, sizeof line,
		       "WARNING: this kernel lacks %s: recordings are decoded with fewer locks than intended", missing);
	eh_progress_note(p->progress, line);
	return EH_OK;
}

int eh_desk_extract(struct eh_desk *d, const struct eh_extract_options *o, const struct eh_progress *progress,
		    struct eh_extract_report *report, struct eh_err *err)
{
	struct plan p = { .d = d, .o = o, .report = report, .progress = progress, .now = eh_now() };
	struct eh_extract_settings settings = { o->workers, o->fast };
	struct eh_extractor *x = NULL;
	double started = eh_monotonic();
	int rc, run = EH_OK;

	memset(report, 0, sizeof *report);
	eh_list_init(&p.jobs, sizeof(struct eh_extract_job));
	rc = look_at_sandbox(&p, err);
	if (rc != EH_OK)
		goto out;
	rc = eh_desk_sweep(d, NULL, err);       /* expired and withdrawn consents first */
	if (rc == EH_OK)
		rc = make_plan(&p, err);
	if (rc != EH_OK)
		goto out;
	if (p.jobs.n > 0) {
		/* models and plans before the fork; the store away from it */
		rc = eh_extractor_open(&x, err);
		if (rc != EH_OK)
			goto out;
		eh_store_suspend(d->store);
		run = eh_extract_run(x, p.jobs.v, p.jobs.n, &settings, store_answer, &p, progress, err);
		if (run == EH_OK || run == EH_ECANCEL)
			rc = journal_extract(&p, eh_extractor_version(x), run == EH_OK ? err : NULL);
	}
	if (rc == EH_OK)
		rc = cover(&p, run == EH_OK ? err : NULL);
	if (run != EH_OK)
		rc = run;
out:
	report->seconds_wall = eh_monotonic() - started;
	eh_extractor_close(&x);
	free(p.jobs.v);
	return rc;
}

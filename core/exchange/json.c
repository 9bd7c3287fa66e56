/* Findings as JSON: the finding object and the document around it (DESIGN.md 4.3). */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit/scores.h"
#include "audit/screening.h"
#include "audit/strata.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/threads.h"
#include "exchange/exchange.h"

#define WHY_MAX 160 /* more than a finding has values */

#define PIECE 64u /* [findings] made at a time: a quarter of a megabyte */

/* The values that do not exist, and why not. */
struct why {
	size_t n;
	struct {
		const char *part[3]; /* of the value's name, "" = not there */
		const char *text;
	} v[WHY_MAX];
};

/* Notes the reason of an undefined value under PREFIX.KEY.END; PREFIX and END may be "". */
static void reason_of(struct why *why, const char *prefix, const char *key, const char *end, struct eh_num v)
{
	if (v.defined || why->n == WHY_MAX)
		return;
	why->v[why->n].part[0] = prefix;
	why->v[why->n].part[1] = key;
	why->v[why->n].part[2] = end;
	why->v[why->n++].text = eh_undef_text(v.why);
}

static void reason(struct why *why, const char *prefix, const char *key, struct eh_num v)
{
	reason_of(why, prefix, key, "", v);
}

static void write_reasons(struct eh_json_out *j, const struct why *why)
{
	eh_json_out_object(j, "why");
	for (size_t i = 0; i < why->n; i++) {
		char name[64], *p = name;

		for (size_t k = 0; k < 3; k++) {
			const size_t len = strlen(why->v[i].part[k]);

			if (len == 0 || p + len + 2 > name + sizeof name)
				continue;
			if (p > name)
				*p++ = '.';
			memcpy(p, why->v[i].part[k], len);
			p += len;
		}
		*p = '\0';
		eh_json_out_str(j, name, why->v[i].text);
	}
	eh_json_out_close(j);
}

static void number(struct eh_json_out *j, struct why *why, const char *prefix, const char *key, struct eh_num v)
{
	eh_json_out_num(j, key, v);
	reason(why, prefix, key, v);
}

/* [low, high]; the reasons of ends that are null stand under PREFIX.KEY.low and .high. */
static void interval(struct eh_json_out *j, struct why *why, const char *prefix, const char *key, struct eh_interval v)
{
	eh_json_out_array(j, key);
	eh_json_out_num(j, NULL, v.low);
	eh_json_out_num(j, NULL, v.high);
	eh_json_out_close(j);
	reason_of(why, prefix, key, "low", v.low);
	reason_of(why, prefix, key, "high", v.high);
}

/* Why the swap of one person could not be tried. */
static struct eh_num swap_state(const struct eh_finding *f)
{
	if (f->flips != EH_UNKNOWN)
		return eh_num(f->flips);
	if (f->is_reference)
		return eh_undefined(EH_U_IS_REFERENCE);
	return f->impact_ratio.defined ? eh_undefined(EH_U_SWAP_IMPOSSIBLE) : f->impact_ratio;
}

static void counts(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_str(j, "evaluator", f->evaluator[0] != '\0' ? f->evaluator : NULL);
	eh_json_out_str(j, "attribute", f->attribute);
	eh_json_out_str(j, "group", f->group);
	eh_json_out_str(j, "position", f->position[0] != '\0' ? f->position : NULL);
	eh_json_out_str(j, "reference", f->reference);
	eh_json_out_bool(j, "is_reference", f->is_reference);
	eh_json_out_int(j, "n", (int64_t)f->n);
	eh_json_out_int(j, "selected", (int64_t)f->selected);
	eh_json_out_int(j, "ref_n", (int64_t)f->ref_n);
	eh_json_out_int(j, "ref_selected", (int64_t)f->ref_selected);
	eh_json_out_int(j, "persons", (int64_t)f->persons);
	eh_json_out_int(j, "ref_persons", (int64_t)f->ref_persons);
	eh_json_out_int(j, "strata", f->strata);
}

/* What a finding of the policy's own is about besides: others have none of it. */
static void own(struct eh_json_out *j, const struct eh_finding *f)
{
	if (!f->own)
		return;
	eh_json_out_object(j, "own");
	eh_json_out_str(j, "subject", f->subject[0] != '\0' ? f->subject : NULL);
	eh_json_out_str(j, "stage", f->stage[0] != '\0' ? f->stage : NULL);
	eh_json_out_str(j, "question", f->question[0] != '\0' ? f->question : NULL);
	eh_json_out_str(j, "period", f->period[0] != '\0' ? f->period : NULL);
	eh_json_out_bool(j, "counted", f->counted);
	eh_json_out_close(j);
}

static void plain_table(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	number(j, why, "", "rate", f->rate);
	number(j, why, "", "ref_rate", f->ref_rate);
	number(j, why, "", "impact_ratio", f->impact_ratio);
	eh_json_out_str(j, "undefined", f->impact_ratio.defined ? NULL : eh_undef_text(f->impact_ratio.why));
	eh_json_out_tri(j, "below_limit", f->below_limit);
	eh_json_out_bool(j, "below_two_percent", f->below_two_percent);
	interval(j, why, "", "interval", f->interval);
	eh_json_out_str(j, "interval_method", f->interval_method);
	number(j, why, "", "z", f->z);
	number(j, why, "", "p_z", f->p_z);
	number(j, why, "", "p_fisher", f->p_fisher);
	number(j, why, "", "p_mid", f->p_mid);
	number(j, why, "", "shortfall", f->shortfall);
	eh_json_out_tri(j, "flips", f->flips);
	reason(why, "", "flips", swap_state(f));
	number(j, why, "", "mh_ratio", f->mh_ratio);
	interval(j, why, "", "mh_interval", f->mh_interval);
	number(j, why, "", "p_cmh", f->p_cmh);
	number(j, why, "", "p_breslow_day", f->p_breslow_day);
	number(j, why, "", "detectable", f->detectable);
}

static void further(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	number(j, why, "", "posterior", f->posterior);
	number(j, why, "", "cohen_h", f->cohen_h);
	number(j, why, "", "phi", f->phi);
	number(j, why, "", "odds_ratio", f->odds_ratio);
	interval(j, why, "", "odds_interval", f->odds_interval);
	number(j, why, "", "shortfall_pooled", f->shortfall_pooled);
	number(j, why, "", "p_boschloo", f->p_boschloo);
	eh_json_out_int(j, "uncertain_n", (int64_t)f->uncertain_n);
	eh_json_out_int(j, "uncertain_selected", (int64_t)f->uncertain_selected);
	number(j, why, "", "ratio_if_unknown_low", f->ratio_if_unknown_low);
	number(j, why, "", "ratio_if_unknown_high", f->ratio_if_unknown_high);
}

static void scores(struct eh_json_out *j, struct why *why, const struct eh_finding_scores *s)
{
	eh_json_out_object(j, "scores");
	eh_json_out_int(j, "n", (int64_t)s->n);
	eh_json_out_int(j, "ref_n", (int64_t)s->ref_n);
	number(j, why, "scores", "median", s->median);
	number(j, why, "scores", "scoring_rate", s->scoring_rate);
	number(j, why, "scores", "ref_scoring_rate", s->ref_scoring_rate);
	number(j, why, "scores", "scoring_ratio", s->scoring_ratio);
	number(j, why, "scores", "cohen_d", s->cohen_d);
	number(j, why, "scores", "hedges_g", s->hedges_g);
	number(j, why, "scores", "p_welch", s->p_welch);
	number(j, why, "scores", "p_mann_whitney", s->p_mann_whitney);
	eh_json_out_str(j, "rank_method", s->p_mann_whitney.defined ? eh_rank_method_text(s->rank_exact) : NULL);
	number(j, why, "scores", "ks", s->ks);
	eh_json_out_close(j);
}

/* Which p the family corrected, and how often the data were looked at; null = nobody can know. */
static void looks(struct eh_json_out *j, bool anytime, uint32_t look)
{
	eh_json_out_str(j, "looks", anytime ? "anytime" : "once");
	if (look > 0)
		eh_json_out_int(j, "look", look);
	else
		eh_json_out_null(j, "look");
}

static void decisive(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_str(j, "basis", f->basis == EH_BASIS_KNOWN ? "known" : "screening");
	number(j, why, "", "ratio", f->ratio);
	eh_json_out_str(j, "rests_on", eh_ratio_kind_text(f->rests_on));
	interval(j, why, "", "ratio_interval", f->ratio_interval);
	eh_json_out_tri(j, "ratio_below", f->ratio_below);
	number(j, why, "", "p", f->p);
	eh_json_out_str(j, "p_method", f->p_method);
	number(j, why, "", "q", f->q);
	number(j, why, "", "q_holm", f->q_holm);
	eh_json_out_int(j, "family_size", f->family_size);
	number(j, why, "", "p_anytime", f->p_anytime);
	looks(j, f->anytime, f->look);
}

static void benchmark(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_object(j, "benchmark");
	eh_json_out_int(j, "evaluators", f->bench_evaluators);
	eh_json_out_int(j, "n", (int64_t)f->bench_n);
	eh_json_out_int(j, "selected", (int64_t)f->bench_selected);
	number(j, why, "benchmark", "rate", f->bench_rate);
	number(j, why, "benchmark", "impact_ratio", f->bench_ratio);
	number(j, why, "benchmark", "deviation", f->deviation);
	eh_json_out_close(j);
}

static void peers(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_object(j, "peers");
	number(j, why, "peers", "ratio", f->peers_ratio);
	number(j, why, "peers", "z", f->peers_z);
	number(j, why, "peers", "p", f->peers_p);
	number(j, why, "peers", "q", f->peers_q);
	eh_json_out_close(j);
}

static void expected_classes(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_object(j, "em");
	number(j, why, "em", "ratio", f->em_ratio);
	interval(j, why, "em", "interval", f->em_interval);
	number(j, why, "em", "p", f->p_em);
	number(j, why, "em", "weighted_ratio", f->weighted_ratio);
	number(j, why, "em", "n", f->em_n);
	number(j, why, "em", "selected", f->em_selected);
	eh_json_out_bool(j, "robust", f->robust);
	eh_json_out_str(j, "guard", f->guard[0] != '\0' ? f->guard : NULL);
	eh_json_out_close(j);
}

/* How far an answer with predicted classes rests on what is assumed; "supports": which of the three go below the limit.
 */
static void assumption(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const struct eh_finding_assumption *a = &f->assume;
	const char *const in = "assumption";

	eh_json_out_object(j, in);
	eh_json_out_array(j, "interval");
	eh_json_out_num(j, NULL, eh_assumption_end(f, false));
	eh_json_out_num(j, NULL, eh_assumption_end(f, true));
	eh_json_out_close(j);
	interval(j, why, in, "bounds", a->bounds);
	eh_json_out_int(j, "cells", a->cells);
	eh_json_out_object(j, "supports");
	eh_json_out_bool(j, "em", a->em_supports);
	eh_json_out_bool(j, "weighted", f->robust);
	eh_json_out_bool(j, "bounds", a->bounds_support);
	eh_json_out_close(j);
	number(j, why, in, "n_eff", a->n_eff);
	number(j, why, in, "auc", a->auc);
	number(j, why, in, "auc_lo", a->auc_lo);
	number(j, why, in, "ece", a->ece);
	number(j, why, in, "out_of_scope", a->out_of_scope);
	number(j, why, in, "fit_p", a->fit_p);
	eh_json_out_int(j, "labelled", (int64_t)a->labelled);
	number(j, why, in, "p_score", a->p_score);
	number(j, why, in, "p_class", a->p_class);
	number(j, why, in, "threshold_ratio", a->threshold_ratio);
	number(j, why, in, "abstain_ratio", a->abstain_ratio);
	eh_json_out_int(j, "undetermined", (int64_t)a->undetermined);
	number(j, why, in, "matrix_ratio", a->matrix_ratio);
	number(j, why, in, "matrix_condition", a->matrix_condition);
	eh_json_out_close(j);
}

static void provenance(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_object(j, "provenance");
	eh_json_out_int(j, "declared", (int64_t)f->declared);
	eh_json_out_int(j, "imported", (int64_t)f->imported);
	eh_json_out_int(j, "predicted", (int64_t)f->predicted);
	eh_json_out_int(j, "unknown", (int64_t)f->unknown);
	eh_json_out_close(j);
}

/* What must be said beside a stratified ratio. */
static void notes(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_array(j, "notes");
	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_REVERSED; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			eh_json_out_str(j, NULL, eh_strata_note_text(bit));
	eh_json_out_close(j);
}

static void finding(struct eh_json_out *j, const char *key, const struct eh_finding *f)
{
	static const char *const scopes[] = { NULL, "individual", "systemic" };
	struct why why;

	why.n = 0;
	eh_json_out_object(j, key);
	counts(j, f);
	own(j, f);
	plain_table(j, &why, f);
	further(j, &why, f);
	if (f->scores.n + f->scores.ref_n > 0)
		scores(j, &why, &f->scores);
	else
		eh_json_out_null(j, "scores");
	decisive(j, &why, f);
	benchmark(j, &why, f);
	peers(j, &why, f);
	expected_classes(j, &why, f);
	if (f->basis == EH_BASIS_SCREENING)
		assumption(j, &why, f);
	else
		eh_json_out_null(j, "assumption");
	provenance(j, f);
	eh_json_out_str(j, "builtin", eh_verdict_text(f->builtin));
	eh_json_out_str(j, "verdict", eh_verdict_text(f->verdict));
	eh_json_out_str(j, "scope", (unsigned)f->scope < 3 ? scopes[f->scope] : NULL);
	eh_json_out_str(j, "reason", f->reason);
	eh_json_out_str(j, "rule", f->rule[0] != '\0' ? f->rule : NULL);
	notes(j, f);
	write_reasons(j, &why);
	eh_json_out_close(j);
}

struct eh_json *eh_json_finding(const struct eh_finding *f)
{
	struct eh_json_out *j = eh_json_out_new(NULL);

	finding(j, NULL, f);
	return eh_json_out_tree(&j);
}

/* ---- where a finding stands: in an attribute, there pooled, of a position or of an evaluator ---- */

enum part { POOLED, POSITIONS, EVALUATORS };

/* What is open while a finding is written that stands there. */
static const char *const open_in[] = { "{[{{[", "{[{[{[", "{[{[{[" };

static enum part part_of(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' ? EVALUATORS : f->position[0] != '\0' ? POSITIONS : POOLED;
}

static const char *unit_of(const struct eh_finding *f) { return f->evaluator[0] != '\0' ? f->evaluator : f->position; }

static void begin_attribute(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_object(j, NULL);
	eh_json_out_str(j, "attribute", f->attribute);
	if (part_of(f) == POOLED)
		eh_json_out_int(j, "unknown", (int64_t)f->unknown);
	else
		eh_json_out_null(j, "unknown");
	eh_json_out_object(j, "pooled");
	eh_json_out_array(j, "groups");
}

static void begin_unit(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_object(j, NULL);
	eh_json_out_str(j, part_of(f) == EVALUATORS ? "evaluator" : "position", unit_of(f));
	eh_json_out_array(j, "groups");
}

static void end_unit(struct eh_json_out *j)
{
	eh_json_out_close(j);
	eh_json_out_close(j);
}

/* From the end of one part to the beginning of a later one. */
static void go_on(struct eh_json_out *j, enum part from, enum part to)
{
	for (; from < to; from++) {
		eh_json_out_close(j);
		if (from == POOLED)
			eh_json_out_close(j);
		eh_json_out_array(j, from == POOLED ? "positions" : "evaluators");
	}
}

/* From behind f, the last of its attribute, to behind the attribute. */
static void end_attribute(struct eh_json_out *j, const struct eh_finding *f)
{
	if (part_of(f) != POOLED)
		end_unit(j);
	go_on(j, part_of(f), EVALUATORS);
	eh_json_out_close(j);
	eh_json_out_close(j);
}

/* From behind before (NULL: nothing was before) to where f stands; both are neighbours in the order of struct
 * eh_findings. */
static void step(struct eh_json_out *j, const struct eh_finding *before, const struct eh_finding *f)
{
	enum part at = POOLED;

	if (before == NULL || strcmp(before->attribute, f->attribute) != 0) {
		if (before != NULL)
			end_attribute(j, before);
		begin_attribute(j, f);
	} else {
		at = part_of(before);
		if (at == part_of(f) && strcmp(unit_of(before), unit_of(f)) == 0)
			return;
		if (at != POOLED)
			end_unit(j);
	}
	go_on(j, at, part_of(f));
	if (part_of(f) != POOLED)
		begin_unit(j, f);
}

/* v[from..to) of n, and what stands before, between and, at the end, behind them. */
static void findings(struct eh_json_out *j, const struct eh_finding *v, size_t from, size_t to, size_t n)
{
	for (size_t i = from; i < to; i++) {
		if (i + 1 < to)
			eh_mem_fetch(&v[i + 1], sizeof v[i + 1]);
		step(j, i > 0 ? &v[i - 1] : NULL, &v[i]);
		finding(j, NULL, &v[i]);
	}
	if (to == n && n > 0)
		end_attribute(j, &v[n - 1]);
}

/* ---- pieces of a document by several threads, put into it in their order ---- */

struct pieces {
	struct eh_json_out *to;
	const struct eh_finding *v;
	size_t n;
	struct eh_json_out **piece; /* by slot */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t next; /* the piece that is put in next */
};

static int make_piece(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct pieces *p = ctx;
	struct eh_json_out *j = p->piece[slot];
	const size_t from = i * PIECE, to = p->n - from < PIECE ? p->n : from + PIECE;

	(void)inside;
	(void)err;
	if (from > 0)
		eh_json_out_resume(j, open_in[part_of(&p->v[from - 1])], true);
	else
		eh_json_out_resume(j, "{[", false);
	findings(j, p->v, from, to, p->n);
	/* tasks begin in their order, so that the one whose turn it is has begun: nobody waits for ever */
	(void)pthread_mutex_lock(&p->lock);
	while (p->next != i)
		(void)pthread_cond_wait(&p->changed, &p->lock);
	eh_json_out_piece(p->to, j);
	p->next++;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	return EH_OK;
}

static int in_pieces(struct eh_json_out *to, const struct eh_finding *v, size_t n, size_t threads, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	const size_t pieces = (n + PIECE - 1) / PIECE, slots = eh_crew_threads(&crew, pieces, pieces);
	struct pieces p = { .to = to, .v = v, .n = n };
	int rc = EH_OK;

	(void)pthread_mutex_init(&p.lock, NULL);
	(void)pthread_cond_init(&p.changed, NULL);
	p.piece = eh_xcalloc(slots, sizeof *p.piece);
	for (size_t i = 0; i < slots; i++)
		p.piece[i] = eh_json_out_new(NULL);
	if (slots > 1)
		rc = eh_crew_run(&crew, pieces, pieces, make_piece, &p, err);
	else
		for (size_t i = 0; i < pieces; i++)
			(void)make_piece(&p, 0, i, NULL, err);
	for (size_t i = 0; i < slots; i++)
		eh_json_out_free(&p.piece[i]);
	free(p.piece);
	(void)pthread_cond_destroy(&p.changed);
	(void)pthread_mutex_destroy(&p.lock);
	return rc;
}

static int document(struct eh_json_out *j, const char *schema, const char *source, uint64_t rows,
		    const struct eh_import_report *report, const struct eh_audit_settings *s,
		    const struct eh_finding *v, size_t n, struct eh_err *err)
{
	const char *reference = s->reference == EH_REF_HIGHEST ? "highest"
				: s->reference == EH_REF_REST  ? "rest"
				: s->reference == EH_REF_MAJORITY ? "majority"
							       : s->fixed_reference;
	uint32_t size = 0;
	int rc = EH_OK;

	/* the evaluators' family; where there is none, the pooled one.  Every finding carries its own. */
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i].evaluator[0] != '\0')
			size = v[i].family_size;
	eh_json_out_object(j, NULL);
	eh_json_out_str(j, "schema", schema);
	eh_json_out_str(j, "source", source);
	eh_json_out_int(j, "rows", (int64_t)rows);
	eh_json_out_array(j, "limit");
	eh_json_out_int(j, NULL, s->limit_num);
	eh_json_out_int(j, NULL, s->limit_den);
	eh_json_out_close(j);
	eh_json_out_str(j, "reference", reference);
	eh_json_out_object(j, "family");
	eh_json_out_str(j, "method", s->family);
	eh_json_out_int(j, "size", size);
	eh_json_out_close(j);
	looks(j, s->anytime, s->look);
	eh_json_out_int(j, "min_group", s->min_group);
	eh_json_out_int(j, "min_total", s->min_total);
	eh_json_out_num(j, "min_share", eh_num(s->min_share / 10000.0));
	eh_json_out_str(j, "score_median", s->median_known ? "known" : "all");
	eh_json_out_int(j, "seed", (int64_t)s->seed);
	if (report != NULL) {
		eh_json_out_int(j, "skipped", (int64_t)report->skipped);
		eh_json_out_array(j, "errors");
		for (size_t i = 0; i < report->n_errors; i++)
			eh_json_out_str(j, NULL, report->errors[i]);
		eh_json_out_close(j);
		eh_json_out_int(j, "more_errors", (int64_t)report->more_errors);
	}
	eh_json_out_array(j, "attributes");
	rc = in_pieces(j, v, n, s->threads, err);
	eh_json_out_close(j);
	eh_json_out_close(j);
	return rc;
}

struct eh_json *eh_json_findings(const char *schema, const char *source, uint64_t rows,
				 const struct eh_audit_settings *s, const struct eh_finding *v, size_t n)
{
	struct eh_json_out *j = eh_json_out_new(NULL);
	struct eh_audit_settings alone = *s;

	alone.threads = 1; /* which cannot fail */
	(void)document(j, schema, source, rows, NULL, &alone, v, n, NULL);
	return eh_json_out_tree(&j);
}

int eh_json_rates(FILE *to, const char *source, const struct eh_import_report *report,
		  const struct eh_audit_settings *s, const struct eh_finding *v, size_t n, struct eh_err *err)
{
	struct eh_json_out *j = eh_json_out_new(to);
	int rc = document(j, "evenhand.rates/1", source, report->rows, report, s, v, n, err);

	if (rc == EH_OK)
		return eh_json_out_end(&j, err);
	eh_json_out_free(&j);
	return rc;
}

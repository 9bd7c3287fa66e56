/* Findings as JSON: the document around them (DESIGN.md 4.3). */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_out.h"
#include "base/mem.h"
#include "base/threads.h"
#include "exchange/exchange.h"
#include "exchange/explain_strata.h"
#include "exchange/json_finding.h"
#include "exchange/json_table.h"

#define PIECE 64u /* [findings] made at a time: a quarter of a megabyte */

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
		eh_json_put_finding(j, NULL, &v[i]);
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
		    const struct eh_finding *v, size_t n, const struct eh_audit_data *strata, struct eh_err *err)
{
	const char *reference = s->reference == EH_REF_HIGHEST	  ? "highest"
				: s->reference == EH_REF_REST	  ? "rest"
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
	/* an earlier version stored a run without it: 0, which no run has */
	eh_json_out_num(j, "alpha", s->alpha > 0.0 ? eh_num(s->alpha) : eh_undefined(EH_U_NOT_COMPUTED));
	eh_json_looks(j, s->anytime, s->look);
	eh_json_out_int(j, "min_group", s->min_group);
	eh_json_out_int(j, "min_total", s->min_total);
	eh_json_out_num(j, "min_share", eh_num(s->min_share / 10000.0));
	eh_json_out_str(j, "score_median", s->median_known ? "known" : "all");
	eh_json_out_int(j, "seed", (int64_t)s->seed);
	if (report != NULL)
		eh_json_table(j, report);
	eh_json_out_array(j, "attributes");
	rc = in_pieces(j, v, n, s->threads, err);
	eh_json_out_close(j);
	if (rc == EH_OK && strata != NULL)
		rc = eh_strata_array(j, strata, s, v, n, err);
	eh_json_out_close(j);
	return rc;
}

struct eh_json *eh_json_findings(const char *schema, const char *source, uint64_t rows,
				 const struct eh_audit_settings *s, const struct eh_finding *v, size_t n)
{
	struct eh_json_out *j = eh_json_out_new(NULL);
	struct eh_audit_settings alone = *s;

	alone.threads = 1; /* which cannot fail */
	(void)document(j, schema, source, rows, NULL, &alone, v, n, NULL, NULL);
	return eh_json_out_tree(&j);
}

int eh_json_rates(FILE *to, const char *source, const struct eh_import_report *report,
		  const struct eh_audit_settings *s, const struct eh_finding *v, size_t n,
		  const struct eh_audit_data *strata, struct eh_err *err)
{
	struct eh_json_out *j = eh_json_out_new(to);
	int rc = document(j, "evenhand.rates/1", source, report->rows, report, s, v, n, strata, err);

	if (rc == EH_OK)
		return eh_json_out_end(&j, err);
	eh_json_out_free(&j);
	return rc;
}

/* What is in front of the end of doc, "\n}\n", goes out as it is. */
static int put_open(FILE *to, const struct eh_json *doc, struct eh_err *err)
{
	static const char end[] = "\n}\n";
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	int rc = memory != NULL ? eh_json_write(doc, memory, err)
				: eh_err_set(err, EH_ENOMEM, "out of memory for a document");

	if (memory != NULL && fclose(memory) != 0 && rc == EH_OK)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for a document");
	if (rc == EH_OK && len >= sizeof end)
		(void)fwrite(text, 1, len - (sizeof end - 1), to);
	free(text);
	return rc;
}

int eh_json_put_with_findings(FILE *to, const struct eh_json *doc, const char *key, const struct eh_finding *v,
			      size_t n, struct eh_err *err)
{
	struct eh_json_out *out, *piece;
	int rc = put_open(to, doc, err);

	if (rc != EH_OK)
		return rc;
	out = eh_json_out_new(to);
	piece = eh_json_out_new(NULL);
	eh_json_out_resume(piece, "{", true);
	eh_json_out_array(piece, key);
	for (size_t i = 0; i < n; i++) {
		eh_json_put_finding(piece, NULL, &v[i]);
		if (i % PIECE == PIECE - 1) {
			eh_json_out_piece(out, piece);
			eh_json_out_resume(piece, "{[", true);
		}
	}
	eh_json_out_close(piece);
	eh_json_out_close(piece);
	eh_json_out_piece(out, piece);
	eh_json_out_free(&piece);
	return eh_json_out_end(&out, err);
}

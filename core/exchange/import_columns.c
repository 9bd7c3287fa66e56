/* The five kinds of import as tables of columns (DESIGN.md 4.2) and the parsers of their cells. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "exchange/import.h"

#define SCORE_LIMIT 1e12 /* far beyond any rating scale; keeps sums of squares finite */

static int parse_id(eh_id out, const char *text, struct eh_err *err)
{
	size_t len = strlen(text);

	if (len > EH_ID_MAX)
		return eh_err_set(err, EH_ERANGE, "the id '%s' is longer than %d bytes", eh_shown(text).text,
				  EH_ID_MAX);
	if (!eh_id_valid(text, len))
		return eh_err_set(err, EH_EFORMAT, "the id '%s' holds a control or invisible character",
				  eh_shown(text).text);
	if (text[0] == ' ' || text[len - 1] == ' ')
		return eh_err_set(err, EH_EFORMAT, "the id '%s' begins or ends with a blank; take it away",
				  eh_shown(text).text);
	memcpy(out, text, len + 1);
	return EH_OK;
}

/* One line of text for people. */
static int parse_text(char out[EH_TEXT_MAX + 1], const char *text, const char *what, struct eh_err *err)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return eh_err_set(err, EH_EFORMAT, "%s holds a control character or a line break; take it away",
					  what);
	return eh_text_copy(out, EH_TEXT_MAX + 1, text, what, err);
}

static int parse_email(char out[EH_TEXT_MAX + 1], const char *text, struct eh_err *err)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || at[1] == '\0' || strchr(text, ' ') != NULL)
		return eh_err_set(err, EH_EFORMAT, "'%s' is not an e-mail address; write name@host or leave it empty",
				  eh_shown(text).text);
	return parse_text(out, text, "the e-mail address", err);
}

int eh_decision_parse(enum eh_decision_kind *out, const char *text, struct eh_err *err)
{
	static const struct {
		const char *text;
		enum eh_decision_kind kind;
	} words[] = {
		{ "advance", EH_ADVANCE }, { "1", EH_ADVANCE }, { "reject", EH_REJECT },
		{ "0", EH_REJECT },	   { "hold", EH_HOLD },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(text, words[i].text) == 0) {
			*out = words[i].kind;
			return EH_OK;
		}
	return eh_err_set(err, EH_EFORMAT, "'%s' is not a decision; write advance, reject, hold, 1 or 0",
			  eh_shown(text).text);
}

int eh_class_parse(struct eh_candidate *c, const char *attribute, enum eh_class_source source, const char *text,
		   struct eh_err *err)
{
	size_t at = 0;

	if (eh_class_unknown(text))
		return EH_OK;
	if (!eh_group_valid(text, strlen(text)))
		return eh_err_set(err, EH_EFORMAT,
				  "'%s' is not a group name; write 1 to %d letters, digits, blanks or " EH_GROUP_SIGNS,
				  eh_shown(text).text, EH_NAME_MAX);
	while (at < c->n_declared && strcmp(c->declared[at].attribute, attribute) != 0)
		at++;
	if (at < c->n_declared && source == EH_BY_RECORD)
		return EH_OK;
	c->n_declared += at == c->n_declared;
	/* rows of the same key are compared byte by byte, so nothing of a longer name may stay behind a shorter one */
	memset(&c->declared[at], 0, sizeof c->declared[at]);
	(void)snprintf(c->declared[at].attribute, sizeof c->declared[at].attribute, "%s", attribute);
	(void)snprintf(c->declared[at].group, sizeof c->declared[at].group, "%s", text);
	c->declared[at].source = (uint8_t)source;
	return EH_OK;
}

static int parse_jurisdiction(char out[EH_JURISDICTION_MAX + 1], const char *text, struct eh_err *err)
{
	int rc = eh_jurisdiction_check(text, err);

	return rc != EH_OK ? rc : eh_text_copy(out, EH_JURISDICTION_MAX + 1, text, "the jurisdiction", err);
}

static int parse_answered(uint8_t *out, const char *text, struct eh_err *err)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return eh_err_set(err, EH_EFORMAT, "'%s' is neither yes nor no", eh_shown(text).text);
	*out = text[0] == 'y' ? EH_SAID_YES : EH_SAID_NO;
	return EH_OK;
}

static int parse_signature(char out[65], const char *text, struct eh_err *err)
{
	int rc = eh_signature_check(text, err);

	return rc != EH_OK ? rc : eh_text_copy(out, 65, text, "the signature", err);
}

/* One parser of a cell is the call of a general one on one field of the record. */
#define CELL(function, call)                                                                                           \
	static int function(union eh_import_record *r, const struct eh_import_run *run, const char *text,              \
			    struct eh_err *err)                                                                        \
	{                                                                                                              \
		(void)run;                                                                                             \
		return call;                                                                                           \
	}

CELL(evaluator_id, parse_id(r->evaluator.id, text, err))
CELL(evaluator_name, parse_text(r->evaluator.name, text, "the name", err))
CELL(evaluator_unit, parse_text(r->evaluator.unit, text, "the unit", err))
CELL(evaluator_email, parse_email(r->evaluator.email, text, err))

CELL(candidate_id, parse_id(r->candidate.id, text, err))
CELL(candidate_jurisdiction, parse_jurisdiction(r->candidate.jurisdiction, text, err))
CELL(candidate_position, parse_id(r->candidate.position, text, err))
CELL(candidate_name, parse_text(r->candidate.name, text, "the name", err))
CELL(candidate_email, parse_email(r->candidate.email, text, err))

CELL(consent_candidate, parse_id(r->consent.candidate, text, err))
CELL(consent_at, eh_parse_time(&r->consent.at, text, err))
CELL(consent_notice, parse_text(r->consent.notice, text, "the notice", err))
CELL(consent_expires, eh_parse_time(&r->consent.expires, text, err))

CELL(release_id, parse_id(r->consent.release.id, text, err))
CELL(release_purpose, parse_text(r->consent.release.purpose, text, "the purpose of the release", err))
CELL(release_term, eh_parse_time(&r->consent.release.term_until, text, err))
CELL(release_policy, parse_id(r->consent.release.policy_version, text, err))
CELL(waiver_name, parse_answered(&r->consent.release.signed_name, text, err))
CELL(waiver_date, eh_parse_time(&r->consent.release.interview_date, text, err))
CELL(waiver_read, parse_answered(&r->consent.release.waiver_read, text, err))
CELL(release_signature, parse_signature(r->consent.release.signature, text, err))

CELL(interview_candidate, parse_id(r->interview.candidate, text, err))
CELL(interview_question, parse_id(r->interview.question, text, err))
CELL(interview_path, eh_path_absolute(r->interview.path, sizeof r->interview.path, run->dir, text, err))

CELL(evaluation_evaluator, parse_id(r->evaluation.evaluator, text, err))
CELL(evaluation_candidate, parse_id(r->evaluation.candidate, text, err))
CELL(evaluation_position, parse_id(r->evaluation.position, text, err))
CELL(evaluation_stage, parse_id(r->evaluation.stage, text, err))
CELL(evaluation_question, parse_id(r->evaluation.question, text, err))
CELL(evaluation_decision, eh_decision_parse(&r->evaluation.decision, text, err))

static int consent_purpose(union eh_import_record *r, const struct eh_import_run *run, const char *text,
			   struct eh_err *err)
{
	int rc = eh_purpose_check(text, err);

	(void)run;
	return rc != EH_OK ? rc : eh_text_copy(r->consent.purpose, sizeof r->consent.purpose, text, "the purpose", err);
}

static int consent_granted(union eh_import_record *r, const struct eh_import_run *run, const char *text,
			   struct eh_err *err)
{
	(void)run;
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return eh_err_set(err, EH_EFORMAT, "'%s' is neither yes nor no", eh_shown(text).text);
	r->consent.granted = text[0] == 'y';
	return EH_OK;
}

static int evaluation_score(union eh_import_record *r, const struct eh_import_run *run, const char *text,
			    struct eh_err *err)
{
	(void)run;
	r->evaluation.has_score = true;
	return eh_parse_f64(&r->evaluation.score, text, -SCORE_LIMIT, SCORE_LIMIT, err);
}

static int evaluation_time(union eh_import_record *r, const struct eh_import_run *run, const char *text,
			   struct eh_err *err)
{
	(void)run;
	r->evaluation.has_time = true;
	return eh_parse_time(&r->evaluation.decided_at, text, err);
}

static void evaluator_key(struct eh_buf *out, const union eh_import_record *r) { eh_put_str(out, r->evaluator.id); }

static void candidate_key(struct eh_buf *out, const union eh_import_record *r) { eh_put_str(out, r->candidate.id); }

/* Two answers to one question at the same second are no answer. */
static void consent_key(struct eh_buf *out, const union eh_import_record *r)
{
	eh_put_str(out, r->consent.candidate);
	eh_put_str(out, r->consent.purpose);
	eh_put_i64(out, r->consent.at);
}

static int consent_check(const union eh_import_record *r, const char **column, struct eh_err *err)
{
	if (r->consent.granted && eh_gate_purpose(r->consent.purpose, err) != EH_OK) {
		*column = "purpose";
		return EH_EREFUSED;
	}
	if (r->consent.expires != 0 && r->consent.expires <= r->consent.at)
		return eh_err_set(err, EH_ERANGE,
				  "the consent expires before it begins; look at the columns at and expires");
	return EH_OK;
}

static void interview_key(struct eh_buf *out, const union eh_import_record *r)
{
	eh_put_str(out, r->interview.candidate);
	eh_put_str(out, r->interview.question);
}

static void evaluation_key(struct eh_buf *out, const union eh_import_record *r)
{
	eh_put_str(out, r->evaluation.evaluator);
	eh_put_str(out, r->evaluation.candidate);
	eh_put_str(out, r->evaluation.position);
	eh_put_str(out, r->evaluation.stage);
	eh_put_str(out, r->evaluation.question);
}

#define PUT(function, call)                                                                                            \
	static int function(struct eh_txn *txn, const union eh_import_record *r, enum eh_change *change,               \
			    struct eh_err *err)                                                                        \
	{                                                                                                              \
		return call;                                                                                           \
	}

PUT(put_evaluator, eh_evaluator_put(txn, &r->evaluator, change, err))
PUT(put_candidate, eh_candidate_put(txn, &r->candidate, change, err))
PUT(put_consent, eh_consent_put(txn, &r->consent, change, err))
PUT(put_interview, eh_interview_put(txn, &r->interview, change, err))

static int get_evaluator(struct eh_txn *txn, union eh_import_record *r, struct eh_err *err)
{
	struct eh_evaluator old;
	int rc = eh_evaluator_get(txn, r->evaluator.id, &old, err);

	if (rc == EH_OK)
		r->evaluator = old;
	return rc;
}

static int get_candidate(struct eh_txn *txn, union eh_import_record *r, struct eh_err *err)
{
	struct eh_candidate old;
	int rc = eh_candidate_get(txn, r->candidate.id, &old, err);

	if (rc == EH_OK)
		r->candidate = old;
	return rc;
}

struct same_consent {
	struct eh_consent *c;
	bool found;
};

static int same_consent_step(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	struct same_consent *s = ctx;

	(void)err;
	if (c->at == s->c->at && c->granted == s->c->granted && strcmp(c->purpose, s->c->purpose) == 0) {
		*s->c = *c; /* the last of them holds */
		s->found = true;
	}
	return EH_OK;
}

/* The ledger is only added to: without its end and notice the same answer would be one more record, without end. */
static int get_consent(struct eh_txn *txn, union eh_import_record *r, struct eh_err *err)
{
	eh_id candidate;
	struct same_consent s = { &r->consent, false };
	int rc = EH_OK;

	memcpy(candidate, r->consent.candidate, sizeof candidate);
	rc = eh_consents_each(txn, candidate, same_consent_step, &s, err);
	return rc != EH_OK || s.found ? rc : EH_ENOENT;
}

#define WHOLE(kind, field)                                                                                             \
	offsetof(union eh_import_record, kind.field), sizeof(((union eh_import_record *)0)->kind.field)
/* a flag and the value after it */
#define FLAGGED(kind, flag, field)                                                                                     \
	offsetof(union eh_import_record, kind.flag),                                                                   \
		offsetof(union eh_import_record, kind.field) + sizeof(((union eh_import_record *)0)->kind.field) - \
			offsetof(union eh_import_record, kind.flag)
#define NO_PART 0, 0

/* clang-format off */
static const struct eh_import_column evaluator_columns[] = {
	{ "evaluator_id", true, evaluator_id, NULL, NO_PART },
	{ "name", false, evaluator_name, NULL, WHOLE(evaluator, name) },
	{ "unit", false, evaluator_unit, NULL, WHOLE(evaluator, unit) },
	{ "email", false, evaluator_email, NULL, WHOLE(evaluator, email) },
};

static const struct eh_import_column candidate_columns[] = {
	{ "candidate_id", true, candidate_id, NULL, NO_PART },
	{ "jurisdiction", true, candidate_jurisdiction, NULL, NO_PART },
	{ "position_id", false, candidate_position, NULL, WHOLE(candidate, position) },
	{ "name", false, candidate_name, NULL, WHOLE(candidate, name) },
	{ "email", false, candidate_email, NULL, WHOLE(candidate, email) },
};
static const struct eh_import_column consent_columns[] = {
	{ "candidate_id", true, consent_candidate, "candidate", NO_PART },
	{ "purpose", true, consent_purpose, NULL, NO_PART },
	{ "granted", true, consent_granted, NULL, NO_PART },
	{ "at", true, consent_at, NULL, NO_PART },
	{ "notice", false, consent_notice, NULL, WHOLE(consent, notice) },
	{ "expires", false, consent_expires, NULL, WHOLE(consent, expires) },
	{ "release_id", false, release_id, NULL, WHOLE(consent, release.id) },
	{ "signature_sha256", false, release_signature, NULL, WHOLE(consent, release.signature) },
	{ "purpose_text", false, release_purpose, NULL, WHOLE(consent, release.purpose) },
	{ "term_until", false, release_term, NULL, WHOLE(consent, release.term_until) },
	{ "policy_version", false, release_policy, NULL, WHOLE(consent, release.policy_version) },
	{ "signed_name_given", false, waiver_name, NULL, WHOLE(consent, release.signed_name) },
	{ "interview_date", false, waiver_date, NULL, WHOLE(consent, release.interview_date) },
	{ "waiver_read", false, waiver_read, NULL, WHOLE(consent, release.waiver_read) },
};

static const struct eh_import_column interview_columns[] = {
	{ "candidate_id", true, interview_candidate, "candidate", NO_PART },
	{ "question_id", true, interview_question, NULL, NO_PART },
	{ "path", true, interview_path, NULL, NO_PART },
};

static const struct eh_import_column evaluation_columns[] = {
	{ "evaluator_id", true, evaluation_evaluator, "evaluator", NO_PART },
	{ "candidate_id", true, evaluation_candidate, "candidate", NO_PART },
	{ "position_id", false, evaluation_position, NULL, NO_PART },
	{ "stage", false, evaluation_stage, NULL, NO_PART },
	{ "question_id", false, evaluation_question, NULL, NO_PART },
	{ "decision", true, evaluation_decision, NULL, NO_PART },
	{ "score", false, evaluation_score, NULL, FLAGGED(evaluation, has_score, score) },
	{ "decided_at", false, evaluation_time, NULL, FLAGGED(evaluation, has_time, decided_at) },
};

/* clang-format on */

#define COLUMNS(v) v, sizeof(v) / sizeof((v)[0])

/* order of enum eh_import_kind */
const struct eh_import_spec eh_import_specs[EH_IMPORT_KINDS] = {
	{ "evaluators", COLUMNS(evaluator_columns), sizeof(struct eh_evaluator), false, evaluator_key, NULL,
	  get_evaluator, put_evaluator },
	{ "candidates", COLUMNS(candidate_columns), sizeof(struct eh_candidate), true, candidate_key, NULL,
	  get_candidate, put_candidate },
	{ "consents", COLUMNS(consent_columns), sizeof(struct eh_consent), false, consent_key, consent_check,
	  get_consent, put_consent },
	{ "interviews", COLUMNS(interview_columns), sizeof(struct eh_interview), false, interview_key, NULL,
	  NULL, put_interview },
	{ "evaluations", COLUMNS(evaluation_columns), sizeof(struct eh_evaluation), false, evaluation_key, NULL,
	  NULL, NULL },
};

int eh_import_consent_field(struct eh_consent *c, const char *column, const char *text, struct eh_err *err)
{
	union eh_import_record r;
	int rc = EH_ENOENT;

	memset(&r, 0, sizeof r);
	r.consent = *c;
	for (size_t i = 0; i < sizeof consent_columns / sizeof consent_columns[0] && rc == EH_ENOENT; i++)
		if (!consent_columns[i].required && strcmp(consent_columns[i].name, column) == 0)
			rc = consent_columns[i].parse(&r, NULL, text, err);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "a consent has no field '%s'", eh_shown(column).text);
	if (rc == EH_OK)
		*c = r.consent;
	return rc;
}

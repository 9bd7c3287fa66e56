/* Codec of findings and of the heads of audit runs; see finding.h. */
#include "audit/codec.h"
#include "audit/finding.h"

#include <string.h>

#include "audit/measures.h"
#include "store/codec.h"

#define FINDING_VERSION EH_FINDING_LAYOUT
/* 2: looks; 3: the policy's state, author and approver, its other settings; 4: version of the counts; 5: author and
 * pack of the text, own findings; 6: window; 7: settings of the text, reason, what the policy used */
#define HEAD_VERSION 7

/*
 * The stored order of the fields: one list for writing and for reading.  A new field goes behind them under a
 * new version.  E = an enum and its number of values.
 */
#define FINDING_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                       \
	STR(evaluator) STR(attribute) STR(group) STR(position) STR(reference) BOOL(is_reference)      \
	U64(n) U64(selected) U64(ref_n) U64(ref_selected) U64(persons) U64(ref_persons) U32(strata)   \
	NUM(rate) NUM(ref_rate) NUM(impact_ratio) E(below_limit, EH_UNKNOWN + 1)                      \
	BOOL(below_two_percent) RANGE(interval) STR(interval_method)                                  \
	NUM(z) NUM(p_z) NUM(p_fisher) NUM(p_mid) NUM(shortfall) E(flips, EH_UNKNOWN + 1)              \
	NUM(mh_ratio) NUM(p_cmh) NUM(p_breslow_day) RANGE(mh_interval) NUM(detectable)                \
	NUM(em_ratio) NUM(weighted_ratio) NUM(p_em) RANGE(em_interval) NUM(em_n) NUM(em_selected)     \
	BOOL(robust) STR(guard) E(basis, EH_BASIS_SCREENING + 1) NUM(ratio) RANGE(ratio_interval)     \
	E(ratio_below, EH_UNKNOWN + 1) NUM(p) STR(p_method) NUM(q) NUM(q_holm) U32(family_size)       \
	STR(family_method) U32(bench_evaluators) U64(bench_n) U64(bench_selected) NUM(bench_rate)     \
	NUM(bench_ratio) NUM(deviation) NUM(peers_ratio) NUM(peers_z) NUM(peers_p) NUM(peers_q)       \
	U64(declared) U64(imported) U64(predicted) U64(unknown) I32(limit_num) I32(limit_den)         \
	U32(min_group) U32(min_total) E(builtin, EH_VERDICT_COUNT) E(verdict, EH_VERDICT_COUNT)       \
	E(scope, EH_SCOPE_SYSTEMIC + 1) STR(reason)

/* What layout 3 adds behind rests_on of layout 2; scores and assumption only where there is something. */
#define FINDING_FIELDS_3(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                     \
	NUM(posterior) NUM(cohen_h) NUM(phi) NUM(odds_ratio) RANGE(odds_interval) NUM(shortfall_pooled) \
	NUM(p_boschloo) U64(uncertain_n) U64(uncertain_selected) NUM(ratio_if_unknown_low)            \
	NUM(ratio_if_unknown_high) U32(min_share) U64(scores.n) U64(scores.ref_n)                     \
	NUM(alpha) NUM(p_anytime) BOOL(anytime) U32(look) STR(rule)

/* What layout 4 adds for a finding of the policy's own. */
#define OWN_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE) \
	BOOL(counted) STR(stage) STR(question) STR(period) STR(subject)

/* What layout 5 adds behind those; of the pairs and the others only where there are any. */
#define FINDING_FIELDS_5(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                     \
	U32(family_rank) E(bench_kind, EH_BENCH_KINDS) U32(bench_strata) RANGE(deviation_interval)    \
	U64(paired.pairs) U64(paired.ref_pairs) NUM(paired.p) NUM(paired.p_group)                     \
	U32(peers_evaluators) NUM(peers_others) BOOL(peers_corrected)

#define PAIRED_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                        \
	U64(paired.first) U64(paired.second) U64(paired.split) U64(paired.ref_first) U64(paired.ref_second)

#define OTHERS_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                        \
	U64(peers_n) U64(peers_selected) U64(peers_ref_n) U64(peers_ref_selected)

#define SCORE_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                         \
	NUM(scores.median) NUM(scores.scoring_rate) NUM(scores.ref_scoring_rate)                      \
	NUM(scores.scoring_ratio) NUM(scores.cohen_d) NUM(scores.hedges_g) NUM(scores.p_welch)        \
	NUM(scores.p_mann_whitney) NUM(scores.ks) BOOL(scores.rank_exact)

/* What layout 6 adds behind those. */
#define FINDING_FIELDS_6(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                     \
	NUM(paired.ref_split) E(homogeneity_test, EH_STRATA_TESTS) NUM(p_homogeneity) NUM(homogeneity_inflation) \
	U64(assume.refused) RANGE(bench_interval)

/* Where somebody is predicted, or the predicted were refused. */
#define ASSUME_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)                                        \
	RANGE(assume.bounds) U32(assume.cells) BOOL(assume.em_supports) BOOL(assume.bounds_support)   \
	NUM(assume.n_eff) NUM(assume.auc) NUM(assume.auc_lo) NUM(assume.ece)                          \
	NUM(assume.out_of_scope) NUM(assume.fit_p) U64(assume.labelled) NUM(assume.p_score)           \
	NUM(assume.p_class) NUM(assume.threshold_ratio) NUM(assume.abstain_ratio)                     \
	NUM(assume.matrix_ratio) NUM(assume.matrix_condition) U64(assume.undetermined)

#define HEAD_FIELDS(STR, U64, U32, I32, I64)                                                          \
	U64(seq) I64(at) STR(policy) STR(policy_version) STR(policy_hash) I32(limit_num) I32(limit_den) \
	U32(findings) U32(evaluators) U32(notify) U32(watch) U32(too_few) U32(ok) U32(other)          \
	U32(family_size) STR(family_method) U64(decisions) U64(holds)

/* Layouts before 6 knew no refusal without predicted persons. */
static bool has_assumption(const struct eh_finding *f, unsigned layout)
{
	return f->predicted > 0 || (layout >= 6 && f->guard[0] != '\0');
}

static void put_range(struct eh_buf *b, const struct eh_interval *i)
{
	eh_put_num(b, i->low);
	eh_put_num(b, i->high);
}

static struct eh_interval get_range(struct eh_reader *r)
{
	struct eh_interval i;

	i.low = eh_get_num(r);
	i.high = eh_get_num(r);
	return i;
}

/* A value outside its list marks the reader bad, as a cut record does. */
static uint8_t get_enum(struct eh_reader *r, unsigned count)
{
	uint8_t v = eh_get_u8(r);

	if (v >= count)
		r->bad = true;
	return r->bad ? 0 : v;
}

static struct eh_key finding_key(uint64_t audit, uint32_t index)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u64(&k, audit);
	eh_key_u32(&k, index);
	return k;
}

static struct eh_key audit_key(uint64_t audit)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u64(&k, audit);
	return k;
}

static int put_record(struct eh_txn *txn, enum eh_table table, const struct eh_key *k, struct eh_buf *b,
		      const char *what, struct eh_err *err)
{
	int rc;

	if (b->failed)
		rc = eh_err_set(err, EH_ENOMEM, "%s: out of memory", what);
	else
		rc = eh_txn_put(txn, table, eh_key_bytes(k), (struct eh_bytes){ b->data, b->len }, err);
	eh_buf_free(b);
	return rc;
}

void eh_finding_encode(struct eh_buf *b, const struct eh_finding *f)
{
#define STR(x) eh_put_str(b, f->x);
#define U64(x) eh_put_u64(b, f->x);
#define U32(x) eh_put_u32(b, f->x);
#define I32(x) eh_put_u32(b, (uint32_t)f->x);
#define BOOL(x) eh_put_u8(b, f->x);
#define E(x, count) eh_put_u8(b, (uint8_t)f->x);
#define NUM(x) eh_put_num(b, f->x);
#define RANGE(x) put_range(b, &f->x);
	FINDING_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	eh_put_u8(b, (uint8_t)f->rests_on);
	FINDING_FIELDS_3(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	if (f->scores.n + f->scores.ref_n > 0) {
		SCORE_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	if (has_assumption(f, EH_FINDING_LAYOUT)) {
		ASSUME_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	eh_put_u8(b, f->own);
	if (f->own) {
		OWN_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	FINDING_FIELDS_5(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	if (f->bench_kind == EH_BENCH_CANDIDATES) {
		PAIRED_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	if (f->peers_evaluators > 0) {
		OTHERS_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	FINDING_FIELDS_6(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
#undef STR
#undef U64
#undef U32
#undef I32
#undef BOOL
#undef E
#undef NUM
#undef RANGE
}

/* Before layout 2 the strata decided wherever there were any. */
static enum eh_ratio_kind rested_on(const struct eh_finding *f)
{
	if (f->basis == EH_BASIS_SCREENING)
		return EH_RATIO_ESTIMATED;
	return f->mh_ratio.defined ? EH_RATIO_STRATIFIED : EH_RATIO_PLAIN;
}

void eh_finding_decode(struct eh_reader *r, struct eh_finding *f, unsigned layout)
{
	const struct eh_num later = eh_undefined(EH_U_NOT_COMPUTED);

	memset(f, 0, sizeof *f);
	eh_measures_none(f, EH_U_NOT_COMPUTED);
#define STR(x) eh_get_str(r, f->x, sizeof f->x);
#define U64(x) f->x = eh_get_u64(r);
#define U32(x) f->x = eh_get_u32(r);
#define I32(x) f->x = (int32_t)eh_get_u32(r);
#define BOOL(x) f->x = get_enum(r, 2) != 0;
#define E(x, count) f->x = get_enum(r, count);
#define NUM(x) f->x = eh_get_num(r);
#define RANGE(x) f->x = get_range(r);
	FINDING_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	f->rests_on = layout >= 2 ? get_enum(r, EH_RATIO_ESTIMATED + 1) : rested_on(f);
	f->min_share = EH_MIN_SHARE;
	f->alpha = f->p_anytime = eh_undefined(EH_U_NOT_COMPUTED);
	if (layout >= 3) {
		FINDING_FIELDS_3(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		if (f->scores.n > 0 || f->scores.ref_n > 0) {
			SCORE_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		}
		if (has_assumption(f, layout)) {
			ASSUME_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		}
	}
	f->own = layout >= 4 && get_enum(r, 2) != 0;
	if (f->own) {
		OWN_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
	f->peers_others = f->deviation_interval.low = f->deviation_interval.high = later;
	f->bench_interval.low = f->bench_interval.high = later;
	f->paired.p = f->paired.p_group = f->paired.ref_split = later;
	if (layout >= 5) {
		FINDING_FIELDS_5(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		if (f->bench_kind == EH_BENCH_CANDIDATES) {
			PAIRED_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		}
		if (f->peers_evaluators > 0) {
			OTHERS_FIELDS(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
		}
	}
	if (layout >= 6) {
		FINDING_FIELDS_6(STR, U64, U32, I32, BOOL, E, NUM, RANGE)
	}
#undef STR
#undef U64
#undef U32
#undef I32
#undef BOOL
#undef E
#undef NUM
#undef RANGE
}

int eh_finding_put(struct eh_txn *txn, uint64_t audit, uint32_t index, const struct eh_finding *f, struct eh_err *err)
{
	struct eh_key k = finding_key(audit, index);
	struct eh_buf b;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, FINDING_VERSION);
	eh_finding_encode(&b, f);
	return put_record(txn, EH_T_FINDINGS, &k, &b, "finding", err);
}

static int read_finding(struct eh_finding *f, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t layout = 0;
	int rc = eh_record_open(&r, value, FINDING_VERSION, &layout, "finding", err);

	if (rc < 0)
		return rc;
	eh_finding_decode(&r, f, layout);
	return eh_record_close(&r, "finding", err);
}

int eh_finding_get(struct eh_txn *txn, uint64_t audit, uint32_t index, struct eh_finding *out, struct eh_err *err)
{
	struct eh_key k = finding_key(audit, index);
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_txn_get(txn, EH_T_FINDINGS, eh_key_bytes(&k), &value, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, rc, "audit %llu has no finding %u", (unsigned long long)audit, index);
	return rc < 0 ? rc : read_finding(out, value, err);
}

struct each {
	int (*fn)(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err);
	void *ctx;
};

static int each_record(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each *e = ctx;
	struct eh_finding f;
	uint32_t index = 0;
	int rc = read_finding(&f, value, err);

	if (rc < 0)
		return rc;
	if (key.len != 12)
		return eh_err_set(err, EH_EFORMAT, "finding: the stored key is damaged");
	for (size_t i = 8; i < 12; i++)
		index = index << 8 | key.data[i];
	return e->fn(e->ctx, index, &f, err);
}

int eh_findings_each(struct eh_txn *txn, uint64_t audit,
		     int (*fn)(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err), void *ctx,
		     struct eh_err *err)
{
	struct eh_key k = audit_key(audit);
	struct each e = { fn, ctx };

	return eh_txn_scan(txn, EH_T_FINDINGS, eh_key_bytes(&k), each_record, &e, err);
}

static void put_head_settings(struct eh_buf *b, const struct eh_head_settings *s)
{
	eh_put_u32(b, (uint32_t)s->limit_num);
	eh_put_u32(b, (uint32_t)s->limit_den);
	eh_put_u32(b, s->min_group);
	eh_put_u32(b, s->min_total);
	eh_put_u32(b, s->min_share);
	eh_put_str(b, s->family);
	eh_put_num(b, s->alpha);
	eh_put_u8(b, s->anytime);
}

static void get_head_settings(struct eh_reader *r, struct eh_head_settings *s)
{
	s->limit_num = (int32_t)eh_get_u32(r);
	s->limit_den = (int32_t)eh_get_u32(r);
	s->min_group = eh_get_u32(r);
	s->min_total = eh_get_u32(r);
	s->min_share = eh_get_u32(r);
	eh_get_str(r, s->family, sizeof s->family);
	s->alpha = eh_get_num(r);
	s->anytime = get_enum(r, 2) != 0;
}

int eh_audit_head_put(struct eh_txn *txn, const struct eh_audit_head *h, struct eh_err *err)
{
	struct eh_key k = audit_key(h->seq);
	struct eh_buf b;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, HEAD_VERSION);
#define STR(x) eh_put_str(&b, h->x);
#define U64(x) eh_put_u64(&b, h->x);
#define U32(x) eh_put_u32(&b, h->x);
#define I32(x) eh_put_u32(&b, (uint32_t)h->x);
#define I64(x) eh_put_i64(&b, h->x);
	HEAD_FIELDS(STR, U64, U32, I32, I64)
#undef STR
#undef U64
#undef U32
#undef I32
#undef I64
	eh_put_u32(&b, h->look);
	eh_put_u8(&b, h->anytime);
	eh_put_u8(&b, (uint8_t)h->policy_state);
	eh_put_str(&b, h->policy_author);
	eh_put_str(&b, h->policy_approver);
	eh_put_num(&b, h->alpha);
	eh_put_u32(&b, h->min_group);
	eh_put_u32(&b, h->min_total);
	eh_put_u32(&b, h->min_share);
	eh_put_u64(&b, h->counts);
	eh_put_str(&b, h->author);
	eh_put_str(&b, h->pack);
	eh_put_u8(&b, (uint8_t)h->pack_state);
	eh_put_u32(&b, h->own);
	eh_put_str(&b, h->window.from);
	eh_put_str(&b, h->window.to);
	eh_put_u8(&b, h->window.period);
	eh_put_u64(&b, h->untimed);
	put_head_settings(&b, &h->text);
	eh_put_str(&b, h->reason);
	eh_put_u64(&b, h->instructions);
	eh_put_u64(&b, h->memory);
	eh_put_num(&b, h->seconds);
	return put_record(txn, EH_T_AUDITS, &k, &b, "audit", err);
}

static int read_head(struct eh_audit_head *h, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc = eh_record_open(&r, value, HEAD_VERSION, &version, "audit", err);

	memset(h, 0, sizeof *h);
	if (rc < 0)
		return rc;
#define STR(x) eh_get_str(&r, h->x, sizeof h->x);
#define U64(x) h->x = eh_get_u64(&r);
#define U32(x) h->x = eh_get_u32(&r);
#define I32(x) h->x = (int32_t)eh_get_u32(&r);
#define I64(x) h->x = eh_get_i64(&r);
	HEAD_FIELDS(STR, U64, U32, I32, I64)
#undef STR
#undef U64
#undef U32
#undef I32
#undef I64
	if (version >= 2) {
		h->look = eh_get_u32(&r);
		h->anytime = get_enum(&r, 2) != 0;
	}
	h->alpha = eh_undefined(EH_U_NOT_COMPUTED);
	if (version >= 3) {
		h->policy_state = (enum eh_policy_state)get_enum(&r, EH_POLICY_STATES);
		eh_get_str(&r, h->policy_author, sizeof h->policy_author);
		eh_get_str(&r, h->policy_approver, sizeof h->policy_approver);
		h->alpha = eh_get_num(&r);
		h->min_group = eh_get_u32(&r);
		h->min_total = eh_get_u32(&r);
		h->min_share = eh_get_u32(&r);
	}
	if (version >= 4)
		h->counts = eh_get_u64(&r);
	if (version >= 5) {
		eh_get_str(&r, h->author, sizeof h->author);
		eh_get_str(&r, h->pack, sizeof h->pack);
		h->pack_state = (enum eh_pack_state)get_enum(&r, EH_PACK_STATES);
		h->own = eh_get_u32(&r);
	}
	if (version >= 6) {
		eh_get_str(&r, h->window.from, sizeof h->window.from);
		eh_get_str(&r, h->window.to, sizeof h->window.to);
		h->window.period = get_enum(&r, EH_BY_YEAR + 1);
		h->untimed = eh_get_u64(&r);
	}
	h->text.alpha = h->seconds = eh_undefined(EH_U_NOT_COMPUTED);
	if (version >= 7) {
		get_head_settings(&r, &h->text);
		eh_get_str(&r, h->reason, sizeof h->reason);
		h->instructions = eh_get_u64(&r);
		h->memory = eh_get_u64(&r);
		h->seconds = eh_get_num(&r);
	}
	return eh_record_close(&r, "audit", err);
}

int eh_audit_head_last(struct eh_txn *txn, struct eh_audit_head *out, struct eh_err *err)
{
	struct eh_bytes key = { NULL, 0 }, value = { NULL, 0 };
	int rc = eh_txn_last(txn, EH_T_AUDITS, (struct eh_bytes){ NULL, 0 }, &key, &value, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, rc, "no audit was run yet; run `evenhand audit`");
	return rc < 0 ? rc : read_head(out, value, err);
}

/* Only heads of an earlier version have to be counted: what they looked at one after the other. */
static int count_looks(struct eh_txn *txn, uint64_t last, uint32_t *looks, struct eh_err *err)
{
	uint64_t decisions = 0;

	*looks = 0;
	for (uint64_t seq = 1; seq <= last; seq++) {
		struct eh_audit_head h;
		int rc = eh_audit_head_get(txn, seq, &h, err);

		if (rc == EH_ENOENT)
			continue;
		if (rc < 0)
			return rc;
		*looks += *looks == 0 || h.decisions != decisions;
		decisions = h.decisions;
	}
	return EH_OK;
}

/* The newest head of the same days. */
static int last_of(struct eh_txn *txn, const struct eh_window *window, struct eh_audit_head *out, struct eh_err *err)
{
	static const struct eh_window all = { "", "", EH_NO_PERIOD };
	uint64_t seq;
	int rc = eh_audit_head_last(txn, out, err);

	window = window != NULL ? window : &all;
	for (seq = rc == EH_OK ? out->seq : 0; rc == EH_OK && !eh_window_same_days(&out->window, window);) {
		do {
			rc = --seq > 0 ? eh_audit_head_get(txn, seq, out, NULL) : EH_ENOENT;
		} while (rc == EH_ENOENT && seq > 0);
		if (rc != EH_OK && rc != EH_ENOENT)
			return eh_audit_head_get(txn, seq, out, err);
	}
	return rc;
}

int eh_audit_look(struct eh_txn *txn, const struct eh_window *window, uint64_t decisions, uint64_t counts,
		  uint32_t *look, struct eh_err *err)
{
	struct eh_audit_head last;
	int rc = last_of(txn, window, &last, err);

	*look = 1;
	if (rc == EH_ENOENT)
		return EH_OK;
	if (rc == EH_OK && last.look == 0)
		rc = count_looks(txn, last.seq, &last.look, err);
	if (rc == EH_OK)
		*look = last.look + (decisions != last.decisions ||
				     (counts != 0 && last.counts != 0 && counts != last.counts));
	return rc;
}

int eh_audit_head_get(struct eh_txn *txn, uint64_t seq, struct eh_audit_head *out, struct eh_err *err)
{
	struct eh_key k = audit_key(seq);
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_txn_get(txn, EH_T_AUDITS, eh_key_bytes(&k), &value, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, rc, "there is no audit %llu", (unsigned long long)seq);
	return rc < 0 ? rc : read_head(out, value, err);
}

/*
 * Records that earlier versions stored still read, from bytes that those versions wrote themselves: tests/fixtures
 * holds findings of layouts 2, 4 and 5, notifications of version 3 about the first, of version 7 with a window and of
 * version 8 about the last, and the head of an audit of version 6, each dumped from a store as hexadecimal digits.
 */
#include "temp_project.h"

#include "audit/finding.h"
#include "audit/strata.h"
#include "base/mem.h"
#include "notify/notify.h"
#include "store/codec.h"

static size_t golden(unsigned char *out, size_t size, const char *name)
{
	char path[128];
	FILE *f;
	unsigned byte;
	size_t n = 0;

	(void)snprintf(path, sizeof path, "tests/fixtures/%s", name);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("%s: cannot be opened", path);
	while (n < size && fscanf(f, "%2x", &byte) == 1)
		out[n++] = (unsigned char)byte;
	assert_true(n < size && feof(f));
	(void)fclose(f);
	return n;
}

static void put(struct eh_txn *txn, enum eh_table table, const struct eh_key *key, const char *name, unsigned version)
{
	static unsigned char bytes[8192];
	size_t n = golden(bytes, sizeof bytes, name);

	assert_int_equal(bytes[0] + 256 * bytes[1], version);
	assert_int_equal(eh_txn_put(txn, table, eh_key_bytes(key), (struct eh_bytes){ bytes, n }, NULL), EH_OK);
}

static void is(struct eh_num v, double wanted)
{
	assert_true(v.defined);
	assert_true(v.value == wanted);
}

/* Every field that the layout had, and nothing made up for those that came later. */
static void check_finding(const struct eh_finding *f)
{
	assert_string_equal(f->evaluator, "");
	assert_string_equal(f->attribute, "sex");
	assert_string_equal(f->group, "female");
	assert_string_equal(f->position, "clerk");
	assert_string_equal(f->reference, "rest");
	assert_false(f->is_reference);
	assert_true(f->n == 60 && f->persons == 60 && f->selected == 15);
	assert_true(f->ref_n == 61 && f->ref_persons == 61 && f->ref_selected == 45 && f->strata == 2);
	is(f->rate, 0.25);
	is(f->ref_rate, 45.0 / 61.0);
	is(f->impact_ratio, 0.25 / (45.0 / 61.0));
	assert_int_equal(f->below_limit, EH_YES);
	is(f->interval.low, 0.125);
	is(f->interval.high, 0.5);
	assert_string_equal(f->interval_method, "score (Miettinen-Nurminen)");
	assert_true(!f->z.defined && f->z.why == EH_U_NOT_COMPUTED && !f->p_mid.defined);
	is(f->shortfall, 29.5);
	assert_int_equal(f->flips, EH_NO);
	is(f->mh_ratio, 0.34375);
	is(f->p_cmh, 0x1p-20);
	is(f->p_breslow_day, 0.75);
	assert_true(!f->p_homogeneity.defined && f->p_homogeneity.why == EH_U_NOT_COMPUTED);
	assert_int_equal(f->homogeneity_test, EH_STRATA_UNTESTED);
	assert_true((eh_strata_notes(f) & (EH_NOTE_UNCHECKED | EH_NOTE_UNEQUAL)) == EH_NOTE_UNCHECKED);
	is(f->mh_interval.low, 0.1875);
	assert_true(!f->mh_interval.high.defined && f->mh_interval.high.why == EH_U_UNBOUNDED);
	is(f->detectable, 0.625);
	assert_int_equal(f->basis, EH_BASIS_KNOWN);
	assert_int_equal(f->rests_on, EH_RATIO_PLAIN);
	is(f->ratio, 0.25 / (45.0 / 61.0));
	is(f->p, 0x1p-21);
	assert_string_equal(f->p_method, "clustered MH");
	is(f->q, 0x1p-19);
	is(f->q_holm, 0x1p-18);
	assert_int_equal(f->family_size, 12);
	assert_string_equal(f->family_method, "bh");
	assert_true(f->bench_evaluators == 3 && f->bench_n == 90 && f->bench_selected == 50);
	is(f->bench_ratio, 0.96875);
	is(f->deviation, -0.625);
	is(f->peers_ratio, 0.375);
	is(f->peers_z, -4.5);
	is(f->peers_q, 0x1p-16);
	assert_true(f->declared == 100 && f->imported == 21 && f->predicted == 0 && f->unknown == 4);
	assert_true(f->limit_num == 4 && f->limit_den == 5 && f->min_group == 10 && f->min_total == 30);
	assert_int_equal(f->builtin, EH_WATCH);
	assert_int_equal(f->verdict, EH_NOTIFY);
	assert_int_equal(f->scope, EH_SCOPE_SYSTEMIC);
	assert_string_equal(f->reason, "ratio 0.339 is below 4/5");
	/* layout 3 */
	assert_true(!f->posterior.defined && f->posterior.why == EH_U_NOT_COMPUTED);
	assert_true(!f->odds_interval.low.defined && !f->ratio_if_unknown_low.defined && !f->scores.cohen_d.defined);
	assert_true(!f->alpha.defined && !f->p_anytime.defined && !f->anytime && f->look == 0);
	assert_true(f->scores.n == 0 && f->uncertain_n == 0);
	assert_string_equal(f->rule, "");
}

static void a_finding_of_layout_2_reads(void **state)
{
	struct temp_project p;
	struct eh_finding f;
	struct eh_key k;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 7);
	eh_key_u32(&k, 0);
	put(txn, EH_T_FINDINGS, &k, "finding_layout_2.hex", 2);
	assert_int_equal(eh_finding_get(txn, 7, 0, &f, NULL), EH_OK);
	check_finding(&f);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* The other end of what a layout may hold: strata, scores, a finding of the policy's own. */
static void check_finding_4(const struct eh_finding *f)
{
	assert_string_equal(f->evaluator, "E17");
	assert_string_equal(f->reference, "male");
	assert_true(f->n == 64 && f->selected == 16 && f->persons == 32 && f->ref_selected == 40);
	is(f->mh_ratio, 0.53125);
	is(f->odds_interval.high, 0.9375);
	is(f->ratio_if_unknown_high, 0.625);
	assert_true(f->scores.n == 30 && f->scores.ref_n == 38 && f->scores.rank_exact);
	is(f->scores.ks, 0.1875);
	assert_true(f->family_size == 24 && f->look == 3);
	is(f->p_anytime, 0x1p-4);
	assert_true(f->bench_evaluators == 4 && f->bench_n == 120);
	is(f->deviation, -0.4375);
	is(f->peers_q, 0x1p-3);
	assert_string_equal(f->rule, "screen");
	assert_true(f->own && f->counted);
	assert_string_equal(f->question, "q2");
	assert_string_equal(f->period, "2026-03");
	/* layout 5 */
	assert_true(f->family_rank == 0 && f->bench_kind == EH_BENCH_NONE && f->bench_strata == 0);
	assert_int_equal(f->deviation_interval.low.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->deviation_interval.high.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->bench_interval.low.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->bench_interval.high.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->paired.p.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->paired.p_group.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->peers_others.why, EH_U_NOT_COMPUTED);
	assert_true(f->paired.pairs == 0 && f->peers_n == 0 && !f->peers_corrected && f->peers_evaluators == 0);
}

static void a_finding_of_layout_4_reads(void **state)
{
	struct temp_project p;
	struct eh_finding f;
	struct eh_key k;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 9);
	eh_key_u32(&k, 0);
	put(txn, EH_T_FINDINGS, &k, "finding_layout_4.hex", 4);
	assert_int_equal(eh_finding_get(txn, 9, 0, &f, NULL), EH_OK);
	check_finding_4(&f);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void check_pairs_and_others(const struct eh_finding *f)
{
	assert_true(f->bench_evaluators == 6 && f->bench_n == 300 && f->bench_kind == EH_BENCH_CANDIDATES);
	is(f->deviation_interval.low, -0.6875);
	assert_true(f->paired.pairs == 61 && f->paired.first == 3 && f->paired.second == 17 && f->paired.split == 5);
	assert_true(f->paired.ref_pairs == 70 && f->paired.ref_first == 8 && f->paired.ref_second == 7);
	is(f->paired.p, 0x1p-8);
	is(f->paired.p_group, 0x1p-4);
	assert_true(f->peers_evaluators == 11 && f->peers_n == 1000 && f->peers_selected == 480);
	assert_true(f->peers_ref_n == 1100 && f->peers_ref_selected == 560 && f->peers_corrected);
	is(f->peers_others, 0.9375);
}

/* Scores, predicted classes, pairs and others: whatever layout 5 may hold but a policy's own finding. */
static void check_finding_5(const struct eh_finding *f)
{
	assert_string_equal(f->attribute, "sex");
	assert_string_equal(f->reference, "rest");
	assert_true(f->n == 128 && f->ref_persons == 72 && f->strata == 2);
	is(f->mh_interval.high, 0.78125);
	assert_true(f->scores.n == 60 && f->scores.ref_n == 70 && !f->scores.rank_exact);
	is(f->scores.ks, 0.25);
	assert_int_equal(f->basis, EH_BASIS_SCREENING);
	is(f->em_n, 130.5);
	assert_true(f->assume.cells == 3 && f->assume.bounds_support && f->assume.undetermined == 2);
	is(f->assume.auc_lo, 0.8125);
	assert_true(f->family_size == 40 && f->family_rank == 5 && f->look == 2 && f->anytime);
	check_pairs_and_others(f);
	assert_int_equal(f->verdict, EH_NOTIFY);
	assert_string_equal(f->reason, "ratio 0.562 is below 4/5");
	assert_string_equal(f->rule, "screen");
	assert_false(f->own);
	/* layout 6 */
	assert_int_equal(f->paired.ref_split.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->bench_interval.low.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->p_homogeneity.why, EH_U_NOT_COMPUTED);
	assert_int_equal(f->homogeneity_inflation.why, EH_U_NOT_COMPUTED);
	assert_true(f->homogeneity_test == EH_STRATA_UNTESTED && f->assume.refused == 0);
}

static void a_finding_of_layout_5_reads(void **state)
{
	struct temp_project p;
	struct eh_finding f;
	struct eh_key k;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 9);
	eh_key_u32(&k, 0);
	put(txn, EH_T_FINDINGS, &k, "finding_layout_5.hex", 5);
	assert_int_equal(eh_finding_get(txn, 9, 0, &f, NULL), EH_OK);
	assert_string_equal(f.evaluator, "E21");
	assert_int_equal(f.scope, EH_SCOPE_INDIVIDUAL);
	check_finding_5(&f);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* And what is stored today reads back. */
static void a_finding_of_today_reads(void **state)
{
	struct temp_project p;
	struct eh_finding f, g;
	struct eh_txn *txn;

	(void)state;
	memset(&f, 0, sizeof f);
	strcpy(f.evaluator, "E1");
	f.family_rank = 7;
	f.bench_kind = EH_BENCH_CANDIDATES;
	f.bench_strata = 3;
	f.deviation_interval = (struct eh_interval){ eh_num(-0.75), eh_undefined(EH_U_UNBOUNDED) };
	f.bench_interval = (struct eh_interval){ eh_num(0.875), eh_undefined(EH_U_UNBOUNDED) };
	f.paired = (struct eh_finding_paired){ .pairs = 60, .first = 4, .second = 19, .split = 2, .ref_pairs = 50,
					       .ref_first = 6, .ref_second = 5, .ref_split = eh_num(3.0),
					       .p = eh_num(0.001),
					       .p_group = eh_undefined(EH_U_ZERO_VARIANCE) };
	f.peers_evaluators = 8;
	f.peers_n = 900;
	f.peers_selected = 450;
	f.peers_ref_n = 800;
	f.peers_ref_selected = 420;
	f.peers_others = eh_num(0.95);
	f.peers_corrected = true;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_finding_put(txn, 1, 0, &f, NULL), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &g, NULL), EH_OK);
	eh_txn_abort(&txn);
	temp_project_close(&p);
	assert_true(g.family_rank == 7 && g.bench_kind == EH_BENCH_CANDIDATES && g.bench_strata == 3);
	is(g.deviation_interval.low, -0.75);
	assert_int_equal(g.deviation_interval.high.why, EH_U_UNBOUNDED);
	is(g.bench_interval.low, 0.875);
	assert_int_equal(g.bench_interval.high.why, EH_U_UNBOUNDED);
	assert_true(g.paired.pairs == 60 && g.paired.first == 4 && g.paired.second == 19 && g.paired.split == 2);
	assert_true(g.paired.ref_pairs == 50 && g.paired.ref_first == 6 && g.paired.ref_second == 5);
	is(g.paired.ref_split, 3.0);
	is(g.paired.p, 0.001);
	assert_int_equal(g.paired.p_group.why, EH_U_ZERO_VARIANCE);
	assert_true(g.peers_evaluators == 8 && g.peers_n == 900 && g.peers_selected == 450);
	assert_true(g.peers_ref_n == 800 && g.peers_ref_selected == 420 && g.peers_corrected);
	is(g.peers_others, 0.95);
}

static void check_notification(const struct eh_notification *n, uint32_t revision)
{
	assert_int_equal(n->seq, 1);
	assert_int_equal(n->revision, revision);
	assert_true(n->raised_at == 1790000000 && n->audit == 7);
	assert_string_equal(n->policy, "evaluator_screen");
	assert_string_equal(n->policy_version, "1.0");
	assert_int_equal(strlen(n->policy_hash), 64);
	assert_true(n->systemic);
	assert_int_equal(n->n_members, 2);
	assert_string_equal(n->members[0], "E01");
	assert_string_equal(n->members[1], "E02");
	assert_int_equal(n->earlier, 0);
	check_finding(&n->finding);
}

/* It can be answered too, and is stored in the newest version then, with the same content. */
static void a_notification_of_version_3_reads_and_can_be_answered(void **state)
{
	struct temp_project p;
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response r = { .to = EH_N_CONFIRMED, .reason = "seen" };
	struct eh_bytes value = { NULL, 0 };
	struct eh_key k;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 1);
	put(txn, EH_T_NOTIFICATIONS, &k, "notification_version_3.hex", 3);
	assert_int_equal(eh_notification_get(txn, 1, n, NULL), EH_OK);
	check_notification(n, n->revision);
	assert_int_equal(n->state, EH_N_PENDING);
	assert_int_equal(n->responses, 0);
	assert_int_equal(eh_notification_respond(txn, 1, n->revision, &r, NULL), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_NOTIFICATIONS, eh_key_bytes(&k), &value, NULL), EH_OK);
	assert_true(((const unsigned char *)value.data)[0] > 3);
	r.seq = n->revision;
	assert_int_equal(eh_notification_get(txn, 1, n, NULL), EH_OK);
	check_notification(n, r.seq + 1);
	assert_int_equal(n->state, EH_N_CONFIRMED);
	assert_int_equal(n->responses, 1);
	eh_txn_abort(&txn);
	free(n);
	temp_project_close(&p);
}

/* The window came with version 7, at the end: a record of version 6 is the same without its bytes. */
static void a_notification_of_version_7_has_its_window_and_one_of_version_6_none(void **state)
{
	static const size_t window_bytes = 4 + 10 + 4 + 10 + 1;
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	unsigned char bytes[8192];
	struct temp_project p;
	struct eh_txn *txn;
	struct eh_key k;
	size_t len;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 1);
	put(txn, EH_T_NOTIFICATIONS, &k, "notification_version_7.hex", 7);
	assert_int_equal(eh_notification_get(txn, 1, n, NULL), EH_OK);
	assert_string_equal(n->window.from, "2026-01-01");
	assert_string_equal(n->window.to, "2026-03-31");
	assert_int_equal(n->window.period, EH_BY_QUARTER);
	assert_int_equal(n->finding.n, 7);
	assert_string_equal(n->pack, "a pack");

	len = golden(bytes, sizeof bytes, "notification_version_7.hex");
	bytes[0] = 6;
	assert_int_equal(eh_txn_put(txn, EH_T_NOTIFICATIONS, eh_key_bytes(&k),
				    (struct eh_bytes){ bytes, len - window_bytes }, NULL), EH_OK);
	assert_int_equal(eh_notification_get(txn, 1, n, NULL), EH_OK);
	assert_false(eh_window_dated(&n->window));
	assert_int_equal(n->finding.n, 7);
	assert_string_equal(n->pack, "a pack");
	eh_txn_abort(&txn);
	temp_project_close(&p);
	free(n);
}

/* Who had a notification of his own came with version 9: of an older one it is not known, also once it is answered. */
static void a_notification_of_version_8_does_not_know_who_has_one_of_his_own(void **state)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response r = { .to = EH_N_CONFIRMED, .reason = "seen" };
	struct temp_project p;
	struct eh_txn *txn;
	struct eh_key k;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 1);
	put(txn, EH_T_NOTIFICATIONS, &k, "notification_version_8.hex", 8);
	for (int answered = 0; answered < 2; answered++) {
		assert_int_equal(eh_notification_get(txn, 1, n, NULL), EH_OK);
		assert_true(n->systemic && n->n_members == 3 && n->audit == 9);
		assert_string_equal(n->members[2], "E07");
		assert_string_equal(n->window.to, "2026-03-31");
		assert_string_equal(n->pack, "a pack");
		assert_int_equal(n->policy_state, EH_POLICY_ACTIVE);
		assert_string_equal(n->finding.evaluator, "");
		check_finding_5(&n->finding);
		assert_true(!n->own_known && n->n_own == 0 && n->own_named == 0);
		assert_int_equal(n->responses, answered);
		if (answered == 0)
			assert_int_equal(eh_notification_respond(txn, 1, n->revision, &r, NULL), EH_OK);
	}
	eh_txn_abort(&txn);
	temp_project_close(&p);
	free(n);
}

/* The ids stand behind the members', as many as there is room for. */
static void a_notification_of_today_knows_it(void **state)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n), *back = eh_xcalloc(1, sizeof *back);
	enum eh_raised how;
	struct temp_project p;
	struct eh_txn *txn;
	uint64_t seq = 0;

	(void)state;
	strcpy(n->policy, "a policy");
	n->systemic = n->own_known = true;
	n->n_members = 2;
	n->own_named = EH_MEMBERS_MAX - 2;
	n->n_own = EH_MEMBERS_MAX + 5;
	for (unsigned i = 0; i < EH_MEMBERS_MAX; i++)
		(void)snprintf(n->members[i], sizeof n->members[i], "E%u", i);
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
	assert_int_equal(eh_notification_get(txn, seq, back, NULL), EH_OK);
	assert_true(back->own_known && back->n_own == n->n_own && back->own_named == n->own_named);
	assert_int_equal(back->n_members, 2);
	assert_string_equal(back->members[1], "E1");
	assert_string_equal(back->members[2], "E2");
	assert_string_equal(back->members[EH_MEMBERS_MAX - 1], "E1023");
	eh_txn_abort(&txn);
	temp_project_close(&p);
	free(back);
	free(n);
}

/* Of a run with settings of the command line; what the policy's own were was not kept then. */
static void an_audit_of_version_6_reads(void **state)
{
	struct temp_project p;
	struct eh_audit_head h;
	struct eh_txn *txn;
	struct eh_key k;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	eh_key_init(&k);
	eh_key_u64(&k, 1);
	put(txn, EH_T_AUDITS, &k, "audit_head_version_6.hex", 6);
	assert_int_equal(eh_audit_head_get(txn, 1, &h, NULL), EH_OK);
	assert_string_equal(h.policy, "ruled");
	assert_string_equal(h.policy_version, "3");
	assert_int_equal(strlen(h.policy_hash), 64);
	assert_int_equal(h.policy_state, EH_POLICY_DRAFT);
	assert_string_equal(h.author, "Ada");
	assert_string_equal(h.pack, "P (S 1), in force since 2026-01-01");
	assert_int_equal(h.pack_state, EH_PACK_IN_FORCE);
	assert_true(h.limit_num == 3 && h.limit_den == 4 && h.min_group == 7 && h.min_total == 30);
	assert_string_equal(h.family_method, "holm");
	is(h.alpha, 0.04);
	assert_true(h.findings == 26 && h.notify == 1 && h.ok == 25 && h.decisions == 1440 && h.look == 1);
	assert_true(!eh_window_dated(&h.window) && h.own == 0 && h.untimed == 0);
	assert_false(h.text.alpha.defined);
	assert_int_equal(eh_head_overridden(&h), 0);
	assert_string_equal(h.reason, "");
	assert_false(h.seconds.defined);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void an_audit_of_today_knows_what_was_overridden(void **state)
{
	const struct eh_audit_head h = {
		.seq = 1, .limit_num = 3, .limit_den = 4, .min_group = 10, .min_total = 30, .min_share = 200,
		.family_method = "bh", .alpha = eh_num(0.05),
		.text = { 6, 8, 7, 30, 200, "holm", eh_num(0.05), true },
		.reason = "the works council asked", .instructions = 5000, .memory = 70000, .seconds = eh_num(0.25),
	};
	struct eh_audit_head got;
	struct temp_project p;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_audit_head_put(txn, &h, NULL), EH_OK);
	assert_int_equal(eh_audit_head_get(txn, 1, &got, NULL), EH_OK);
	assert_true(got.text.limit_num == 6 && got.text.limit_den == 8 && got.text.min_group == 7 && got.text.anytime);
	assert_string_equal(got.text.family, "holm");
	assert_string_equal(got.reason, "the works council asked");
	assert_true(got.instructions == 5000 && got.memory == 70000);
	is(got.seconds, 0.25);
	/* 6/8 is no other limit than 3/4 */
	assert_int_equal(eh_head_overridden(&got), 1u << EH_SET_MIN_GROUP | 1u << EH_SET_FAMILY | 1u << EH_SET_LOOKS);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_audit_of_version_6_reads),
		cmocka_unit_test(an_audit_of_today_knows_what_was_overridden),
		cmocka_unit_test(a_finding_of_layout_2_reads),
		cmocka_unit_test(a_finding_of_layout_4_reads),
		cmocka_unit_test(a_finding_of_layout_5_reads),
		cmocka_unit_test(a_finding_of_today_reads),
		cmocka_unit_test(a_notification_of_version_3_reads_and_can_be_answered),
		cmocka_unit_test(a_notification_of_version_7_has_its_window_and_one_of_version_6_none),
		cmocka_unit_test(a_notification_of_version_8_does_not_know_who_has_one_of_his_own),
		cmocka_unit_test(a_notification_of_today_knows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* people/paper.c and the gate: place x purpose x fields of the release and the waiver, dates of the rules. */
#include "tests/core/temp_project.h"

#include "people/paper.h"
#include "tests/core/paper.h"

#define NOW INT64_C(1780000000)         /* 2026-05-28 */
#define DAY 86400

static struct temp_project project;
static struct eh_txn *txn;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	eh_txn_abort(&txn);
	temp_project_close(&project);
	return 0;
}

static void person(const char *id, const char *place)
{
	struct eh_candidate c;

	memset(&c, 0, sizeof c);
	(void)snprintf(c.id, sizeof c.id, "%s", id);
	(void)snprintf(c.jurisdiction, sizeof c.jurisdiction, "%s", place);
	assert_int_equal(eh_candidate_put(txn, &c, NULL, NULL), EH_OK);
}

static void grant(const char *id, const char *purpose, const struct eh_release *paper, int64_t at)
{
	struct eh_consent c;

	memset(&c, 0, sizeof c);
	(void)snprintf(c.candidate, sizeof c.candidate, "%s", id);
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	c.granted = true;
	c.at = at;
	if (paper != NULL)
		c.release = *paper;
	assert_int_equal(eh_consent_put(txn, &c, NULL, NULL), EH_OK);
}

/* Everybody may be watched, and agreed to the purpose with this paper; the answer of the gate, by each of its roads. */
static bool open_at(const char *id, const char *purpose, int64_t now, struct eh_err *err)
{
	static const char *const all[] = { "train", "face", "voice", "watch" };
	bool may[4], single = eh_gate(txn, id, purpose, now, err) == EH_OK;

	eh_gate_each(txn, id, NULL, all, 4, now, may);
	for (int k = 0; k < 4; k++)
		if (strcmp(all[k], purpose) == 0)
			assert_int_equal(may[k], single);
	return single;
}

enum { ID = 1, SIGNATURE = 2, PURPOSE = 4, TERM = 8, POLICY = 16, NAME = 32, DATE = 64, READ = 128, ALL = 256 };

static struct eh_release paper_of(unsigned fields)
{
	struct eh_release r, full;

	memset(&r, 0, sizeof r);
	memset(&full, 0, sizeof full);
	paper_sign(&full);
	paper_waive(&full);
	if (fields & ID)
		memcpy(r.id, full.id, sizeof r.id);
	if (fields & SIGNATURE)
		memcpy(r.signature, full.signature, sizeof r.signature);
	if (fields & PURPOSE)
		memcpy(r.purpose, full.purpose, sizeof r.purpose);
	r.term_until = fields & TERM ? full.term_until : 0;
	if (fields & POLICY)
		memcpy(r.policy_version, full.policy_version, sizeof r.policy_version);
	r.signed_name = fields & NAME ? EH_SAID_YES : EH_NOT_SAID;
	r.interview_date = fields & DATE ? full.interview_date : 0;
	r.waiver_read = fields & READ ? EH_SAID_YES : EH_NOT_SAID;
	return r;
}

/* Written from facts/law.md 4, not from the code: which fields must be there. */
static unsigned asked(const char *place, const char *purpose)
{
	const unsigned release = ID | SIGNATURE | PURPOSE | TERM | POLICY, waiver = NAME | DATE | READ;
	const bool face = strcmp(purpose, "face") == 0, voice = strcmp(purpose, "voice") == 0;

	if (strcmp(place, "US-IL") == 0)
		return face || voice ? release : 0;
	if (strcmp(place, "US-MD") == 0)
		return face ? waiver : 0;
	if (strcmp(place, "US") == 0) /* any of its states */
		return face ? release | waiver : voice ? release : 0;
	return 0;
}

/* Does the refusal list the field, before it goes on to the mend? */
static bool said_lacking(const char *msg, const char *field)
{
	const char *from = strstr(msg, " lacks "), *to = strstr(msg, "; record it: "), *at = strstr(msg, field);

	assert_non_null(from);
	assert_non_null(to);
	return at != NULL && at > from && at < to;
}

static void place_by_purpose_by_fields(void **state)
{
	static const char *const places[] = { "US-IL", "US-MD", "US", "US-NY", "DE", "GB" };
	static const char *const purposes[] = { "face", "voice", "watch", "train" };
	static const char *const names[] = { "release_id",     "signature_sha256",  "purpose_text",   "term_until",
					     "policy_version", "signed_name_given", "interview_date", "waiver_read" };
	size_t shut = 0;

	(void)state;
	for (unsigned fields = 0; fields < ALL; fields++)
		for (size_t p = 0; p < 6; p++)
			for (size_t u = 0; u < 4; u++) {
				const unsigned want = asked(places[p], purposes[u]);
				const struct eh_release r = paper_of(fields);
				struct eh_err err = EH_ERR_INIT;
				char id[32];
				bool open;

				(void)snprintf(id, sizeof id, "c%u-%zu-%zu", fields, p, u);
				person(id, places[p]);
				grant(id, "watch", strcmp(purposes[u], "watch") == 0 ? &r : NULL, 10);
				if (strcmp(purposes[u], "watch") != 0)
					grant(id, purposes[u], &r, 10);
				open = open_at(id, purposes[u], NOW, &err);
				if (open != ((fields & want) == want))
					fail_msg("%s %s with fields %x: %s", places[p], purposes[u], fields, err.msg);
				assert_int_equal(eh_gate_paper(txn, id, purposes[u], NOW) != NULL, !open);
				shut += !open;
				for (unsigned k = 0; k < 8 && !open && strcmp(places[p], "US") != 0; k++)
					if (want & 1u << k)
						assert_int_equal(said_lacking(err.msg, names[k]),
								 (fields & 1u << k) == 0);
			}
	assert_int_equal(shut, 2 * (256 - 8) + (256 - 32) + (256 - 1) + (256 - 8));
}

static void the_refusal_names_id_rule_field_and_mend(void **state)
{
	struct eh_release r = paper_of(ID | SIGNATURE | PURPOSE | POLICY);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	person("I1", "US-IL");
	grant("I1", "watch", NULL, 10);
	grant("I1", "face", &r, 10);
	assert_false(open_at("I1", "face", NOW, &err));
	assert_string_equal(err.msg,
			    "candidate 'I1': face refused in US-IL: the written release lacks term_until (Illinois "
			    "BIPA, 740 ILCS 14, PA 103-0769, in force); record it: evenhand consent "
			    "grant I1 face --release-id ... (its help names the five fields)");
	person("M1", "US-MD");
	grant("M1", "watch", NULL, 10);
	grant("M1", "face", &r, 10);
	assert_false(open_at("M1", "face", NOW, &err));
	assert_string_equal(err.msg,
			    "candidate 'M1': face refused in US-MD: the waiver lacks signed_name_given, "
			    "interview_date, waiver_read (Maryland facial recognition waiver, Md. Code, Labor and "
			    "Employment 3-717, in force); record it: evenhand consent grant M1 face "
			    "--signed-name-given yes --interview-date DAY --waiver-read yes");
}

static void a_term_that_is_over_and_a_no_are_missing(void **state)
{
	struct eh_release r = paper_of(ALL - 1);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	r.term_until = NOW;
	person("I1", "US-IL");
	grant("I1", "watch", NULL, 10);
	grant("I1", "voice", &r, 10);
	assert_true(open_at("I1", "voice", NOW - 1, NULL));
	assert_false(open_at("I1", "voice", NOW, &err));
	assert_non_null(strstr(err.msg, "lacks term_until (it is over)"));
	person("M1", "US-MD");
	grant("M1", "watch", NULL, 10);
	r.waiver_read = EH_SAID_NO;
	grant("M1", "face", &r, 10);
	assert_false(open_at("M1", "face", NOW, &err));
	assert_non_null(strstr(err.msg, "lacks waiver_read (it says no)"));
	r.waiver_read = EH_SAID_YES;
	r.signed_name = EH_SAID_NO;
	grant("M1", "face", &r, 20);
	assert_false(open_at("M1", "face", NOW, NULL));
}

/* Only the paper of the record that decides counts: a later grant without it shuts, an earlier one does not open. */
static void the_paper_is_that_of_the_record_that_decides(void **state)
{
	const struct eh_release r = paper_of(ALL - 1);

	(void)state;
	person("I1", "US-IL");
	grant("I1", "watch", NULL, 10);
	grant("I1", "face", &r, 10);
	assert_true(open_at("I1", "face", NOW, NULL));
	/* a release with the consent to watch, or for the face, is none for the voice */
	grant("I1", "watch", &r, 15);
	grant("I1", "voice", NULL, 10);
	assert_false(open_at("I1", "voice", NOW, NULL));
	grant("I1", "face", NULL, 20);
	assert_false(open_at("I1", "face", NOW, NULL));
	grant("I1", "face", &r, 19);
	assert_false(open_at("I1", "face", NOW, NULL));
	grant("I1", "face", &r, 20);
	assert_true(open_at("I1", "face", NOW, NULL));
}

/* The consents themselves come first: then no paper is named. */
static void a_paper_opens_nothing_without_consent(void **state)
{
	const struct eh_release r = paper_of(ALL - 1);
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	person("I1", "US-IL");
	grant("I1", "face", &r, 10);
	assert_false(open_at("I1", "face", NOW, &err));
	assert_non_null(strstr(err.msg, "no consent for watch"));
	assert_null(eh_gate_paper(txn, "I1", "face", NOW));
	grant("I1", "watch", NULL, NOW + 1);
	assert_null(eh_gate_paper(txn, "I1", "face", NOW));
	assert_null(eh_gate_paper(txn, "I1", "watch", NOW));
	assert_null(eh_gate_paper(txn, "nobody", "face", NOW));
	assert_null(eh_gate_paper(txn, "\x01", "face", NOW));
}

static void of_an_unknown_place_nothing_is_measured(void **state)
{
	const struct eh_release r = paper_of(ALL - 1);
	static const char *const odd[] = { "", "XX", "US-ZZ", "us-il" };
	struct eh_err err = EH_ERR_INIT;
	char id[8];

	(void)state;
	for (int i = 0; i < 4; i++) {
		(void)snprintf(id, sizeof id, "c%d", i);
		person(id, odd[i]);
		grant(id, "watch", NULL, 10);
		grant(id, "face", &r, 10);
		assert_true(open_at(id, "watch", NOW, NULL));
		assert_false(open_at(id, "face", NOW, &err));
		assert_non_null(strstr(err.msg, "is not known"));
	}
	grant("nobody", "watch", NULL, 10);
	grant("nobody", "voice", &r, 10);
	assert_false(open_at("nobody", "voice", NOW, &err));
	assert_non_null(strstr(err.msg, "the jurisdiction is not known"));
}

/* A rule whose first day is not known asks at any time; else that day is in it, and before it asks for nothing. */
static void rules_have_dates(void **state)
{
	size_t n = 0;
	const struct eh_paper_rule *v = eh_paper_rules(&n);
	const struct eh_release none = paper_of(0);
	char lacks[EH_PAPER_LACKS_MAX];

	(void)state;
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		int64_t from = 0;

		assert_true(v[i].name[0] != '\0' && v[i].source[0] != '\0');
		if (v[i].from[0] != '\0') {
			assert_int_equal(eh_parse_time(&from, v[i].from, NULL), EH_OK);
			assert_null(eh_paper_missing(lacks, v[i].place, "face", &none, from - 1));
		}
		assert_ptr_equal(eh_paper_missing(lacks, v[i].place, "face", &none, from), &v[i]);
		assert_ptr_equal(eh_paper_missing(lacks, v[i].place, "face", &none, NOW), &v[i]);
	}
}

/* The policies about the same papers carry the same day and source. */
static void the_packs_of_the_policies_say_the_same(void **state)
{
	static const char *const files[] = { "scripts/bipa_gate.lua", "scripts/maryland_waiver.lua" };
	size_t n = 0;
	const struct eh_paper_rule *v = eh_paper_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char text[8192], want[128];
		FILE *f = fopen(files[i], "r");
		size_t len;

		if (f == NULL)
			skip();
		len = fread(text, 1, sizeof text - 1, f);
		text[len] = '\0';
		assert_int_equal(fclose(f), 0);
		(void)snprintf(want, sizeof want, "from = \"%s\"", v[i].from[0] != '\0' ? v[i].from : "unknown");
		assert_non_null(strstr(text, want));
		(void)snprintf(want, sizeof want, "source = \"%s\"", v[i].source);
		assert_non_null(strstr(text, want));
		(void)snprintf(want, sizeof want, "local HERE = \"%s\"", v[i].place);
		assert_non_null(strstr(text, want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(place_by_purpose_by_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(the_refusal_names_id_rule_field_and_mend, setup, teardown),
		cmocka_unit_test_setup_teardown(a_term_that_is_over_and_a_no_are_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(the_paper_is_that_of_the_record_that_decides, setup, teardown),
		cmocka_unit_test_setup_teardown(a_paper_opens_nothing_without_consent, setup, teardown),
		cmocka_unit_test_setup_teardown(of_an_unknown_place_nothing_is_measured, setup, teardown),
		cmocka_unit_test(rules_have_dates),
		cmocka_unit_test(the_packs_of_the_policies_say_the_same),
	};

	return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}

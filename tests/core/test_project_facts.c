/* desk/project_facts, policy/declare, and the paper behind a consent: what policies are told about a project. */
#include "desk_project.h"

#include "desk/inside.h"
#include "desk/project_facts.h"
#include "learn/vector.h"
#include "people/paper.h"

static const char people[] = "candidate_id,jurisdiction,position_id,declared.sex\n"
			     "I1,US-IL,clerk,f\nI2,US-IL,clerk,m\nI3,US-IL,clerk,m\n"
			     "M1,US-MD,clerk,f\nM2,US-MD,clerk,f\nD1,DE,clerk,f\n";
static const char papers[] =
	"candidate_id,purpose,granted,at,expires,release_id,signature_sha256,purpose_text,term_until,policy_version,"
	"signed_name_given,interview_date,waiver_read\n"
	"I1,face,yes,2026-01-02,,R1,0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,hiring audit,"
	"2028-01-01,v3,,,\n"
	"I2,face,yes,2026-01-02,,R2,,hiring audit,2028-01-01,v3,,,\n"
	"I3,face,yes,2026-01-02,2026-02-01,,,,,,,,\n"
	"M1,face,yes,2026-01-02,,,,,,,yes,2026-01-05,yes\n"
	"M2,face,yes,2026-01-02,,,,,,,yes,2026-01-05,no\n"
	"M2,watch,yes,2026-01-02,,,,,,,,,\n"
	"M2,watch,no,2026-01-03,,,,,,,,,\n"
	"D1,infer:sex,yes,2026-01-02,,,,,,,,,\n";

static void measure(const char *id, bool face, bool voice)
{
	struct eh_vector *v = eh_xcalloc(1, sizeof *v);
	struct eh_txn *txn = NULL;

	(void)snprintf(v->candidate, sizeof v->candidate, "%s", id);
	v->layout = EH_LAYOUT;
	v->has_face = face;
	v->has_voice = voice;
	assert_int_equal(eh_txn_begin(&txn, desk->store, true, NULL), EH_OK);
	assert_int_equal(eh_vector_put(txn, v, NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	free(v);
}

static const struct eh_project_place *place(const struct eh_project *p, const char *code)
{
	for (size_t i = 0; i < p->n_places; i++)
		if (strcmp(p->places[i].code, code) == 0)
			return &p->places[i];
	fail_msg("no %s", code);
	return NULL;
}

static void assert_consent(const struct eh_project_place *p, const char *purpose, unsigned granted, unsigned withdrawn,
			   unsigned expired, unsigned none)
{
	for (size_t i = 0; i < p->n_consent; i++)
		if (strcmp(p->consent[i].purpose, purpose) == 0) {
			assert_int_equal(p->consent[i].granted, granted);
			assert_int_equal(p->consent[i].withdrawn, withdrawn);
			assert_int_equal(p->consent[i].expired, expired);
			assert_int_equal(p->consent[i].none, none);
			return;
		}
	fail_msg("no %s", purpose);
}

static void places_and_papers_are_counted(void **state)
{
	const struct eh_project_place *p;
	struct eh_project f;

	(void)state;
	import(EH_IMPORT_CANDIDATES, "p.csv", people);
	import(EH_IMPORT_CONSENTS, "r.csv", papers);
	import(EH_IMPORT_INTERVIEWS, "i.csv", "candidate_id,question_id,path\nI1,q1,a.mp4\nI1,q2,b.mp4\nM1,q1,c.mp4\n");
	measure("I1", true, false);
	measure("I2", true, false);
	measure("I3", false, false);
	measure("M1", true, true);
	measure("M2", true, false);
	assert_int_equal(eh_desk_project_facts(desk, &f, NULL), EH_OK);
	assert_string_equal(f.as_of, "2026-11-25");
	/* besides those of make_tables, 20 there and 20 in DE */
	p = place(&f, "US-IL");
	assert_int_equal(p->candidates, 23);
	assert_int_equal(p->recordings, 2);
	assert_int_equal(p->measured, 2);
	/* I2's release lacks the signature */
	assert_int_equal(p->release_missing, 1);
	assert_consent(p, "face", 2, 0, 1, 20);
	assert_consent(p, "voice", 0, 0, 0, 23);
	p = place(&f, "US-MD");
	/* M1's voice has no release, M2's face neither; M2 did not read the waiver */
	assert_int_equal(p->release_missing, 2);
	assert_int_equal(p->waiver_missing, 1);
	assert_consent(p, "watch", 0, 1, 0, 1);
	p = place(&f, "DE");
	assert_consent(p, "infer:sex", 1, 0, 0, 20);
	assert_string_equal(p->consent[0].purpose, "watch");
	assert_string_equal(p->consent[4].purpose, "infer:sex");
	assert_int_equal(f.data.vectors.n, 5);
	assert_string_equal(f.data.vectors.oldest, "");
	assert_int_equal(f.data.recordings.n, 3);
	assert_string_equal(f.data.recordings.oldest, "2026-11-25");
	assert_string_equal(f.data.journal.oldest, "2026-11-25");
	assert_int_equal(f.notifications.pending, 0);
	eh_project_free(&f);
}

/* The ledger's records from before releases keep their bytes: the same answer again is no new record. */
static void consents_without_a_release_are_as_before(void **state)
{
	struct eh_consent c, *v = NULL;
	struct eh_bytes key, value;
	struct eh_txn *txn = NULL;
	char lacks[EH_PAPER_LACKS_MAX];
	enum eh_change change;
	size_t n = 0;

	(void)state;
	import(EH_IMPORT_CANDIDATES, "p.csv", people);
	memset(&c, 0, sizeof c);
	strcpy(c.candidate, "D1");
	strcpy(c.purpose, "face");
	c.granted = true;
	c.at = 1000;
	assert_int_equal(eh_txn_begin(&txn, desk->store, true, NULL), EH_OK);
	assert_int_equal(eh_consent_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(eh_txn_last(txn, EH_T_CONSENTS, (struct eh_bytes){ (const unsigned char *)"D1", 3 }, &key,
				     &value, NULL), EH_OK);
	assert_int_equal(value.data[0], 1);
	assert_int_equal(eh_consent_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_SAME);
	strcpy(c.release.id, "R9");
	assert_int_equal(eh_consent_put(txn, &c, &change, NULL), EH_OK);
	assert_int_equal(change, EH_NEW);
	strcpy(c.release.signature, "abc");
	assert_int_equal(eh_consent_put(txn, &c, &change, NULL), EH_EFORMAT);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	assert_int_equal(eh_desk_consents(desk, "D1", &v, &n, NULL), EH_OK);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].release.id, "");
	assert_string_equal(v[1].release.id, "R9");
	assert_true(eh_paper_lacks(lacks, EH_PAPER_RELEASE, &v[1].release, 0));
	assert_non_null(strstr(lacks, "signature_sha256"));
	eh_list_free(&v);
}

static void a_wrong_cell_is_told_with_its_place(void **state)
{
	struct eh_import_report r;
	char path[128];

	(void)state;
	import(EH_IMPORT_CANDIDATES, "p.csv", people);
#define REFUSED(column, cell)                                                                                          \
	do {                                                                                                           \
		static const char text[] = "candidate_id,purpose,granted,at," column                                   \
					   "\nI1,face,yes,2026-01-02," cell "\n";                                     \
		temp_file(&temp, path, "w.csv", text, sizeof text - 1);                                             \
		assert_int_not_equal(eh_desk_import(desk, EH_IMPORT_CONSENTS, path, true, &r, NULL), EH_OK);           \
	} while (0)
	REFUSED("signature_sha256", "0123");
	REFUSED("signature_sha256", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef");
	REFUSED("waiver_read", "maybe");
	REFUSED("interview_date", "5 May");
	REFUSED("term_until", "soon");
	REFUSED("release_name", "x");
}

static void declarations_are_of_their_kind_and_journalled(void **state)
{
	struct eh_declaration *v = NULL;
	struct eh_journal_entry *log = NULL;
	struct eh_project f;
	eh_day day;
	struct eh_err err = EH_ERR_INIT;
	char text[256];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; eh_declare_key(i) != NULL; i++) {
		const struct eh_declare_key *k = eh_declare_key(i);

		assert_in_range(strlen(k->key), 1, EH_DECLARE_KEY_MAX);
		assert_true(i == 0 || strcmp(eh_declare_key(i - 1)->key, k->key) < 0);
		assert_ptr_equal(eh_declare_find(k->key), k);
		assert_int_equal(eh_declare_check(k->key, "", NULL), EH_OK);
	}
	assert_int_equal(eh_declare_check("dpia", "2026-02-30", &err), EH_EINVAL);
	assert_int_equal(eh_declare_check("auditor_independent", "maybe", &err), EH_EINVAL);
	assert_int_equal(eh_declare_check("retention_term_days", "-1", &err), EH_EINVAL);
	assert_int_equal(eh_declare_check("auditor", "a\nb", &err), EH_EINVAL);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(eh_declare_check("auditor", text, &err), EH_EINVAL);
	assert_int_equal(eh_declare_check("notices", "x", &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "near ones: notice_days_before_use; evenhand policy declarations --all"));
	assert_int_equal(eh_declare_check("xyz", "x", &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "'xyz' is nothing that can be declared; evenhand policy declarations --all"));
	assert_int_equal(eh_desk_declare(desk, "dpia", "2026-01-05", "signed", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "auditor_independent", "no", "", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "dpia", "2026-02-05", "", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "opt_out", "2026-02-05", "", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "opt_out", "", "not any more", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "opt_out", "", "again", &err), EH_ENOENT);
	assert_int_equal(eh_desk_declare(desk, "last_use", "", "never was", &err), EH_ENOENT);
	assert_non_null(strstr(err.msg, "last_use is not declared"));
	assert_int_equal(eh_desk_declarations(desk, &v, &n, NULL), EH_OK);
	assert_int_equal(n, 2);
	assert_string_equal(v[1].key, "dpia");
	assert_string_equal(v[1].value, "2026-02-05");
	assert_int_equal(v[1].who.uid, getuid());
	eh_list_free(&v);
	assert_int_equal(eh_desk_journal(desk, 0, &log, &n, NULL), EH_OK);
	assert_string_equal(log[n - 1].verb, "declare");
	assert_string_equal(log[n - 1].object, "opt_out");
	assert_string_equal(log[n - 1].detail, "taken back; reason: not any more");
	eh_list_free(&log);
	assert_int_equal(eh_desk_project_facts(desk, &f, NULL), EH_OK);
	assert_int_equal(f.n_declarations, 2);
	assert_string_equal(f.declarations[0].key, "auditor_independent");
	assert_string_equal(f.declarations[0].value, "no");
	memcpy(day, f.as_of, sizeof day);
	eh_project_free(&f);
	/* what has not come yet is no declaration; the day itself is */
	assert_int_equal(eh_desk_declare(desk, "dpia", "2999-12-31", "", NULL), EH_OK);
	assert_int_equal(eh_desk_declare(desk, "test_date", day, "", NULL), EH_OK);
	assert_int_equal(eh_desk_project_facts(desk, &f, NULL), EH_OK);
	assert_int_equal(f.n_declarations, 2);
	assert_string_equal(f.declarations[0].key, "auditor_independent");
	assert_string_equal(f.declarations[1].key, "test_date");
	eh_project_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_and_papers_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(consents_without_a_release_are_as_before, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_cell_is_told_with_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(declarations_are_of_their_kind_and_journalled, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	assert_int_equal(setenv("EVENHAND_TIME_NOW", "2026-11-25T10:00:00Z", 1), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

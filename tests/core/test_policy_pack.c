/* policy/pack: when a rule pack holds, and what becomes of a verdict outside its dates.  Dates: facts/law.md 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/pack.h"

static struct eh_pack pack(const char *name, const char *source, const char *from, const char *to)
{
	struct eh_pack p;

	memset(&p, 0, sizeof p);
	strcpy(p.name, name);
	strcpy(p.source, source);
	strcpy(p.from, from);
	strcpy(p.to, to);
	return p;
}

static void both_ends_are_days_in_force(void **state)
{
	const struct eh_pack p = pack("X", "law", "2026-01-01", "2026-12-31");
	const struct eh_pack open = pack("UGESP", "29 CFR 1607", "1978-09-25", ""), none = pack("", "", "", "");

	(void)state;
	assert_int_equal(eh_pack_state(&p, "2025-12-31"), EH_PACK_BEFORE);
	assert_int_equal(eh_pack_state(&p, "2026-01-01"), EH_PACK_IN_FORCE);
	assert_int_equal(eh_pack_state(&p, "2026-12-31"), EH_PACK_IN_FORCE);
	assert_int_equal(eh_pack_state(&p, "2027-01-01"), EH_PACK_OVER);
	assert_int_equal(eh_pack_state(&open, "1978-09-24"), EH_PACK_BEFORE);
	assert_int_equal(eh_pack_state(&open, "2999-12-31"), EH_PACK_IN_FORCE);
	assert_int_equal(eh_pack_state(&none, "2026-01-01"), EH_PACK_NONE);
}

static void the_words_name_pack_source_and_day(void **state)
{
	const struct eh_pack open = pack("UGESP", "29 CFR 1607", "1978-09-25", "");
	const struct eh_pack next = pack("Colorado", "SB 26-189", "2027-01-01", "");
	const struct eh_pack over = pack("Leap", "law", "2023-01-01", "2024-02-28");
	char text[EH_PACK_TEXT_MAX + 1];

	(void)state;
	eh_pack_text(text, &open, EH_PACK_IN_FORCE);
	assert_string_equal(text, "UGESP (29 CFR 1607), in force since 1978-09-25");
	eh_pack_text(text, &next, EH_PACK_BEFORE);
	assert_string_equal(text, "Colorado (SB 26-189), not in force before 2027-01-01");
	eh_pack_text(text, &over, EH_PACK_OVER);
	assert_string_equal(text, "Leap (law), no longer in force since 2024-02-29");
	eh_pack_text(text, &over, EH_PACK_IN_FORCE);
	assert_string_equal(text, "Leap (law), in force from 2023-01-01 to 2024-02-28");
	eh_pack_text(text, &open, EH_PACK_NONE);
	assert_string_equal(text, "");
}

static void what_the_source_does_not_say_is_said(void **state)
{
	const struct eh_pack year = pack("UGESP", "29 CFR 1607", "1978", "");
	const struct eh_pack now = pack("BIPA", "740 ILCS 14", "unknown", "");
	const struct eh_pack gone = pack("OFCCP", "EO 11246", "unknown", "unknown");
	const struct eh_pack last = pack("X", "law", "unknown", "2026");
	const struct eh_pack late = pack("X", "law", "2027", "unknown");
	char text[EH_PACK_TEXT_MAX + 1];

	(void)state;
	assert_int_equal(eh_pack_state(&year, "1977-12-31"), EH_PACK_BEFORE);
	assert_int_equal(eh_pack_state(&year, "1978-01-01"), EH_PACK_IN_FORCE);
	eh_pack_text(text, &year, EH_PACK_IN_FORCE);
	assert_string_equal(text, "UGESP (29 CFR 1607), in force since 1978");
	eh_pack_text(text, &year, EH_PACK_BEFORE);
	assert_string_equal(text, "UGESP (29 CFR 1607), not in force before 1978");
	assert_int_equal(eh_pack_state(&now, "1900-01-01"), EH_PACK_IN_FORCE);
	eh_pack_text(text, &now, EH_PACK_IN_FORCE);
	assert_string_equal(text, "BIPA (740 ILCS 14), in force (since when is not known)");
	assert_int_equal(eh_pack_state(&gone, "1900-01-01"), EH_PACK_OVER);
	eh_pack_text(text, &gone, EH_PACK_OVER);
	assert_string_equal(text, "OFCCP (EO 11246), no longer in force (since when is not known)");
	assert_int_equal(eh_pack_state(&last, "2026-12-31"), EH_PACK_IN_FORCE);
	assert_int_equal(eh_pack_state(&last, "2027-01-01"), EH_PACK_OVER);
	eh_pack_text(text, &last, EH_PACK_IN_FORCE);
	assert_string_equal(text, "X (law), in force (since when is not known) to 2026");
	eh_pack_text(text, &last, EH_PACK_OVER);
	assert_string_equal(text, "X (law), no longer in force since 2027-01-01");
	assert_int_equal(eh_pack_state(&late, "2026-12-31"), EH_PACK_BEFORE);
	assert_int_equal(eh_pack_state(&late, "2027-01-01"), EH_PACK_OVER);
	assert_null(eh_pack_wrong(&year));
	assert_null(eh_pack_wrong(&gone));
	assert_null(eh_pack_wrong(&late));
	assert_string_equal(eh_pack_date_text(eh_pack_date("")), "open");
	assert_string_equal(eh_pack_date_text(eh_pack_date("2026-11-30")), "day");
	assert_string_equal(eh_pack_date_text(eh_pack_date("1978")), "year");
	assert_string_equal(eh_pack_date_text(eh_pack_date("unknown")), "unknown");
	assert_int_equal(eh_pack_date("0978"), EH_PACK_BAD);
	assert_int_equal(eh_pack_date("19x8"), EH_PACK_BAD);
	assert_int_equal(eh_pack_date("Unknown"), EH_PACK_BAD);
}

static void what_is_no_pack_is_told(void **state)
{
	struct eh_pack p = pack("X", "law", "2026-01-01", "2026-12-31");

	(void)state;
	assert_null(eh_pack_wrong(&p));
	strcpy(p.to, "2025-12-31");
	assert_non_null(strstr(eh_pack_wrong(&p), "before from"));
	strcpy(p.to, "2026-02-30");
	assert_non_null(eh_pack_wrong(&p));
	strcpy(p.to, "");
	strcpy(p.to, "2025");
	assert_non_null(strstr(eh_pack_wrong(&p), "before from"));
	strcpy(p.to, "");
	strcpy(p.from, "2026-1-1");
	assert_non_null(eh_pack_wrong(&p));
	strcpy(p.from, "");
	assert_non_null(eh_pack_wrong(&p));
	p = pack("", "", "", "");
	assert_null(eh_pack_wrong(&p));
	strcpy(p.source, "law");
	assert_non_null(eh_pack_wrong(&p));
	assert_false(eh_pack_day_valid("2026-02-29"));
	assert_true(eh_pack_day_valid("2024-02-29"));
	assert_false(eh_pack_day_valid("0026-02-20"));
	assert_false(eh_pack_day_valid("2026-02-20T00:00:00Z"));
}

static void nobody_is_accused_outside_the_dates(void **state)
{
	const struct eh_pack p = pack("Colorado", "SB 26-189", "2027-01-01", "");
	struct eh_finding v[3];
	struct eh_findings f = { v, 3 };

	(void)state;
	memset(v, 0, sizeof v);
	v[0].verdict = EH_NOTIFY;
	v[0].scope = EH_SCOPE_INDIVIDUAL;
	strcpy(v[0].reason, "Ratio 0.5.");
	v[1].verdict = EH_TOO_FEW;
	v[2].verdict = EH_POLICY_ERROR;
	assert_int_equal(eh_pack_hold(&p, EH_PACK_IN_FORCE, &f), 0);
	assert_int_equal(v[0].verdict, EH_NOTIFY);
	assert_int_equal(eh_pack_hold(&p, EH_PACK_BEFORE, &f), 1);
	assert_int_equal(v[0].verdict, EH_WATCH);
	assert_int_equal(v[0].scope, EH_SCOPE_NONE);
	assert_string_equal(v[0].reason,
			    "Not notified: pack Colorado (SB 26-189), not in force before 2027-01-01. Ratio 0.5.");
	assert_int_equal(v[1].verdict, EH_TOO_FEW);
	assert_int_equal(v[2].verdict, EH_POLICY_ERROR);
	/* the longest reason is cut, not overrun */
	v[0].verdict = EH_NOTIFY;
	memset(v[0].reason, 'x', EH_REASON_MAX);
	v[0].reason[EH_REASON_MAX] = '\0';
	assert_int_equal(eh_pack_hold(&p, EH_PACK_OVER, &f), 1);
	assert_int_equal(strlen(v[0].reason), EH_REASON_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_are_days_in_force),
		cmocka_unit_test(the_words_name_pack_source_and_day),
		cmocka_unit_test(what_the_source_does_not_say_is_said),
		cmocka_unit_test(what_is_no_pack_is_told),
		cmocka_unit_test(nobody_is_accused_outside_the_dates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

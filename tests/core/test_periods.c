/* Days and the periods they fall into; windows in stored audits and notifications, and records from before them. */
#include "tests/core/temp_project.h"

#include "audit/data.h"
#include "audit/finding.h"
#include "audit/period.h"
#include "base/text.h"
#include "notify/notify.h"
#include "store/codec.h"

static void every_day_is_in_the_period_that_its_date_says(void **state)
{
	int32_t before[4] = { 0 };

	(void)state;
	for (int32_t day = -800000; day <= 800000; day++) {
		char date[EH_TIME_TEXT], text[EH_PERIOD_TEXT], wanted[EH_TIME_TEXT];

		eh_format_time(date, (int64_t)day * 86400);
		if (date[0] == '-')
			continue;
		for (int by = EH_BY_MONTH; by <= EH_BY_YEAR; by++) {
			const int32_t p = eh_period_of((enum eh_period)by, day);
			const int month = (date[5] - '0') * 10 + date[6] - '0';

			eh_period_text(text, (enum eh_period)by, p);
			assert_int_equal(eh_period_of_month((enum eh_period)by, eh_period_of(EH_BY_MONTH, day)), p);
			if (by == EH_BY_QUARTER)
				(void)snprintf(wanted, sizeof wanted, "%.4s-Q%d", date, (month + 2) / 3);
			else
				(void)snprintf(wanted, sizeof wanted, "%.*s", by == EH_BY_MONTH ? 7 : 4, date);
			if (strcmp(text, wanted) != 0)
				fail_msg("%s is in %s, not %s", date, wanted, text);
			/* without gaps */
			if (before[by] != 0 && p != before[by] && p != before[by] + 1)
				fail_msg("%s: %d after %d", date, p, before[by]);
			before[by] = p;
		}
	}
	assert_int_equal(eh_period_of(EH_BY_MONTH, 0), 1970 * 12);
	assert_int_equal(eh_period_of(EH_BY_YEAR, EH_NO_DAY), EH_PERIOD_NONE);
}

static void months_begin_with_their_first_day(void **state)
{
	int32_t month = 0;

	(void)state;
	for (int32_t day = -800000; day <= 800000; day++) {
		const int32_t m = eh_period_of(EH_BY_MONTH, day);
		const bool first = eh_period_of(EH_BY_MONTH, day - 1) != m;
		char text[EH_PERIOD_TEXT];

		if ((eh_month_day(m) == day) != first)
			fail_msg("day %d of month %d", day, m);
		if (!first)
			continue;
		eh_period_text(text, EH_BY_MONTH, m);
		assert_true(eh_month_read(&month, text));
		assert_int_equal(month, m);
	}
	assert_true(eh_month_read(&month, "") && month == EH_PERIOD_NONE);
	assert_int_equal(eh_month_day(EH_PERIOD_NONE), EH_NO_DAY);
	assert_int_equal(eh_period_of_month(EH_BY_YEAR, EH_PERIOD_NONE), EH_PERIOD_NONE);
	assert_false(eh_month_read(&month, "2026"));
	assert_false(eh_month_read(&month, "2026-13"));
	assert_false(eh_month_read(&month, "2026-1"));
	assert_false(eh_month_read(&month, "2026-01-01"));
}

static void a_window_of_whole_months(void **state)
{
	struct eh_months m;

	(void)state;
	assert_true(eh_window_months(&m, &(struct eh_window){ "2024-02-01", "2024-02-29", 0 }));
	assert_true(m.first == 2024 * 12 + 1 && m.last == m.first);
	assert_true(eh_window_months(&m, &(struct eh_window){ "2025-12-01", "", EH_BY_YEAR }));
	assert_true(m.first == 2025 * 12 + 11 && m.last == INT32_MAX);
	assert_true(eh_window_months(&m, &(struct eh_window){ "", "2025-12-31", 0 }));
	assert_true(m.first == EH_PERIOD_NONE + 1 && m.last == 2025 * 12 + 11);
	assert_true(eh_window_months(&m, &(struct eh_window){ "", "", 0 }));
	assert_false(eh_window_months(&m, &(struct eh_window){ "2024-02-02", "", 0 }));
	assert_false(eh_window_months(&m, &(struct eh_window){ "", "2024-02-28", 0 }));
	assert_false(eh_window_months(&m, &(struct eh_window){ "2024-03-01", "2024-02-29", 0 }));
	assert_false(eh_window_months(&m, &(struct eh_window){ "yesterday", "", 0 }));
}

static void a_window_is_its_days(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_days days;
	char text[EH_WINDOW_WORDS];

	(void)state;
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "1970-01-02", "1970-01-03", 0 }, &err), EH_OK);
	assert_true(days.first == 1 && days.last == 2);
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "1970-01-03", "1970-01-03", 0 }, &err), EH_OK);
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "1970-01-03", "1970-01-02", 0 }, &err), EH_EINVAL);
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "1970-02-30", "", 0 }, &err), EH_EINVAL);
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "", "", 4 }, &err), EH_EINVAL);
	assert_int_equal(eh_window_days(&days, &(struct eh_window){ "", "", 0 }, &err), EH_OK);
	/* a decision without a time is in no window */
	assert_true(days.first > EH_NO_DAY && days.last == INT32_MAX);
	assert_string_equal(eh_window_words(text, &(struct eh_window){ "2026-01-01", "2026-03-31", EH_BY_MONTH }),
			    "decisions of 2026-01-01 to 2026-03-31, compared month by month");
	assert_string_equal(eh_window_words(text, &(struct eh_window){ "", "2026-03-31", 0 }),
			    "decisions until 2026-03-31");
	assert_string_equal(eh_window_words(text, &(struct eh_window){ "", "", EH_BY_YEAR }),
			    "decisions compared year by year");
	assert_string_equal(eh_window_words(text, &(struct eh_window){ "", "", 0 }), "");
}

/* The stored record without its last bytes, and with an earlier version in front. */
static void age(struct eh_txn *txn, enum eh_table t, uint64_t seq, size_t bytes, uint16_t version)
{
	unsigned char *copy = malloc(EH_RECORD_MAX);
	struct eh_bytes v;
	struct eh_key k;
	struct eh_buf b;

	eh_key_init(&k);
	eh_key_u64(&k, seq);
	assert_int_equal(eh_txn_get(txn, t, eh_key_bytes(&k), &v, NULL), EH_OK);
	memcpy(copy, v.data, v.len);
	eh_buf_init(&b, 64);
	eh_record_begin(&b, version);
	memcpy(copy, b.data, b.len);
	assert_int_equal(eh_txn_put(txn, t, eh_key_bytes(&k), (struct eh_bytes){ copy, v.len - bytes }, NULL), EH_OK);
	eh_buf_free(&b);
	free(copy);
}

static size_t window_bytes(const struct eh_window *w)
{
	struct eh_buf b;
	size_t n;

	eh_buf_init(&b, 256);
	eh_put_str(&b, w->from);
	eh_put_str(&b, w->to);
	eh_put_u8(&b, w->period);
	n = b.len;
	eh_buf_free(&b);
	return n;
}

static const struct eh_window window = { "2026-01-01", "2026-03-31", EH_BY_QUARTER };

static void an_audit_keeps_its_window_and_an_older_one_has_none(void **state)
{
	struct eh_audit_head h = { .seq = 1, .decisions = 9, .window = window, .untimed = 3, .own = 2 }, got;
	struct temp_project p;
	struct eh_txn *txn;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	assert_int_equal(eh_audit_head_put(txn, &h, NULL), EH_OK);
	assert_int_equal(eh_audit_head_get(txn, 1, &got, NULL), EH_OK);
	assert_true(eh_window_same_days(&got.window, &window));
	assert_true(got.window.period == EH_BY_QUARTER && got.untimed == 3);
	/* behind the window and the untimed stands what version 7 added: two empty texts of 4 bytes, two undefined
	 * numbers of 9, five of 4 and two of 8, and whether looks were anytime */
	age(txn, EH_T_AUDITS, 1, window_bytes(&window) + 8 + 2 * 4 + 2 * 9 + 5 * 4 + 2 * 8 + 1, 5);
	assert_int_equal(eh_audit_head_get(txn, 1, &got, NULL), EH_OK);
	assert_true(!eh_window_dated(&got.window) && got.untimed == 0 && got.own == 2 && got.decisions == 9);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void looks_are_those_of_the_same_days(void **state)
{
	struct eh_audit_head h = { .decisions = 100, .look = 4 };
	struct eh_window by_month = { "", "", EH_BY_MONTH };
	struct eh_err err = EH_ERR_INIT;
	struct temp_project p;
	struct eh_txn *txn;
	uint32_t look;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	h.seq = 1;
	assert_int_equal(eh_audit_head_put(txn, &h, NULL), EH_OK);
	assert_int_equal(eh_audit_look(txn, &window, 40, 0, &look, &err), EH_OK);
	assert_int_equal(look, 1);
	/* number 2 is not there any more */
	h = (struct eh_audit_head){ .seq = 3, .decisions = 40, .look = 1, .window = window };
	assert_int_equal(eh_audit_head_put(txn, &h, NULL), EH_OK);
	assert_int_equal(eh_audit_look(txn, &window, 40, 0, &look, &err), EH_OK);
	assert_int_equal(look, 1);
	assert_int_equal(eh_audit_look(txn, &window, 41, 0, &look, &err), EH_OK);
	assert_int_equal(look, 2);
	assert_int_equal(eh_audit_look(txn, NULL, 100, 0, &look, &err), EH_OK);
	assert_int_equal(look, 4);
	assert_int_equal(eh_audit_look(txn, &by_month, 101, 0, &look, &err), EH_OK);
	assert_int_equal(look, 5);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void a_notification_keeps_its_window_until_it_is_refreshed(void **state)
{
	struct eh_notification *n = calloc(1, sizeof *n), *got = calloc(1, sizeof *got);
	struct temp_project p;
	struct eh_txn *txn;
	enum eh_raised how;
	uint64_t seq;

	(void)state;
	temp_project_open(&p);
	txn = temp_txn(&p);
	strcpy(n->policy, "mine");
	strcpy(n->pack, "a pack");
	strcpy(n->finding.evaluator, "E1");
	n->window = window;
	assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
	assert_int_equal(eh_notification_get(txn, seq, got, NULL), EH_OK);
	assert_true(eh_window_same_days(&got->window, &window) && got->window.period == EH_BY_QUARTER);
	/* the same matter, whatever days it is seen in */
	n->window = (struct eh_window){ "", "", 0 };
	n->finding.n = 5;
	assert_int_equal(eh_notification_raise(txn, n, &seq, &how, NULL), EH_OK);
	assert_int_equal(how, EH_RAISED_REFRESHED);
	assert_int_equal(eh_notification_get(txn, seq, got, NULL), EH_OK);
	assert_true(!eh_window_dated(&got->window) && got->finding.n == 5);
	assert_string_equal(got->pack, "a pack");
	eh_txn_abort(&txn);
	temp_project_close(&p);
	free(n);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_is_in_the_period_that_its_date_says),
		cmocka_unit_test(months_begin_with_their_first_day),
		cmocka_unit_test(a_window_of_whole_months),
		cmocka_unit_test(a_window_is_its_days),
		cmocka_unit_test(an_audit_keeps_its_window_and_an_older_one_has_none),
		cmocka_unit_test(looks_are_those_of_the_same_days),
		cmocka_unit_test(a_notification_keeps_its_window_until_it_is_refreshed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

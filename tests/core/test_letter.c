/* exchange/letter: one letter, and that nothing given to it can add a header, end it, or make a line too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exchange/letter.h"

static const char *const boss[] = { "boss@example.org" };

static struct eh_letter good(void)
{
	return (struct eh_letter){ .date = 1764532280, .from = "evenhand@example.org", .to = boss, .n_to = 1,
				   .id = "evenhand.L1", .subject = "Hello", .body = "one\ntwo\n" };
}

static int write_it(struct eh_buf *b, const struct eh_letter *l)
{
	eh_buf_init(b, 1u << 20);
	return eh_letter_write(b, l, NULL);
}

static void a_letter_byte_by_byte(void **state)
{
	struct eh_letter l = good();
	struct eh_buf b;

	(void)state;
	assert_int_equal(write_it(&b, &l), EH_OK);
	/* the day by the calendar, not by this program: 30 Nov 2025 was a Sunday */
	assert_string_equal(eh_buf_cstr(&b), "Date: Sun, 30 Nov 2025 19:51:20 +0000\r\n"
					     "From: <evenhand@example.org>\r\nTo: <boss@example.org>\r\n"
					     "Subject: Hello\r\n"
					     "Message-ID: <evenhand.L1@example.org>\r\nMIME-Version: 1.0\r\n"
					     "Content-Type: text/plain; charset=utf-8\r\n"
					     "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n"
					     "one\r\ntwo\r\n");
	eh_buf_free(&b);
}

static void addresses_are_plain(void **state)
{
	static const char *const fine[] = { "a@b", "a.b+c@d-e.example", "o'neil@example.org", "x_y@1.example" };
	static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "a,b@c", "a@b,c@d",
					   "<a@b>", "a@b\r\nBcc: c@d", "a@b\n", "\"a\"@b",
					   "a@[1.2.3.4]", "-oQ@b", "a@-b",
					   ".a@b",
					   "a.@b", "a..b@c", "a@.b", "a@b.", "\xc3\xa4@b", "a(x)@b", "a;b@c", "a\\@b" };
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
		if (!eh_address_valid(fine[i]))
			fail_msg("%s is refused", fine[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (eh_address_valid(bad[i]))
			fail_msg("%s is taken", bad[i]);
	memset(longest, 'a', sizeof longest);
	longest[252] = '@';
	longest[254] = '\0';
	assert_true(eh_address_valid(longest));
	memset(longest, 'a', sizeof longest);
	longest[253] = '@';
	longest[255] = '\0';
	assert_false(eh_address_valid(longest));
}

static void headers_take_nothing_else(void **state)
{
	struct eh_letter l = good();
	struct eh_buf b;

	(void)state;
	l.subject = "a\r\nBcc: x@y";
	assert_int_equal(write_it(&b, &l), EH_EINVAL);
	assert_int_equal(b.len, 0);
	l.subject = "\xc3\xa4";
	assert_int_equal(write_it(&b, &l), EH_EINVAL);
	l = good();
	l.id = "a> <b";
	assert_int_equal(write_it(&b, &l), EH_EINVAL);
	l = good();
	l.from = "a@b\nX: y";
	assert_int_equal(write_it(&b, &l), EH_EINVAL);
	l = good();
	l.n_to = 0;
	assert_int_equal(write_it(&b, &l), EH_EINVAL);
}

static void bodies_are_cleaned_and_broken(void **state)
{
	struct eh_letter l = good();
	char *body = calloc(1, 4001);
	const char *at;
	struct eh_buf b;

	(void)state;
	/* two bytes each, so that a line of 998 would end inside one */
	body[0] = 'x';
	for (int i = 0; i < 1999; i++)
		memcpy(body + 1 + 2 * i, "\xc3\xa4", 2);
	l.body = body;
	assert_int_equal(write_it(&b, &l), EH_OK);
	at = strstr(eh_buf_cstr(&b), "\r\n\r\n") + 4;
	for (size_t total = 0; *at != '\0' || total != 3999;) {
		size_t len = strcspn(at, "\r");

		assert_in_range(len, 1, 998);
		assert_true(((unsigned char)at[0] & 0xc0) != 0x80);
		total += len;
		at += len + 2;
	}
	eh_buf_free(&b);
	l.body = "a\rb\x1b[1m\n.\n\xff";
	assert_int_equal(write_it(&b, &l), EH_OK);
	assert_non_null(strstr(eh_buf_cstr(&b),
			       "\r\n\r\na\xef\xbf\xbd" "b\xef\xbf\xbd[1m\r\n.\r\n\xef\xbf\xbd\r\n"));
	eh_buf_free(&b);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_byte_by_byte),
		cmocka_unit_test(addresses_are_plain),
		cmocka_unit_test(headers_take_nothing_else),
		cmocka_unit_test(bodies_are_cleaned_and_broken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

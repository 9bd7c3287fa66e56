/* lua/record.c: what a worker that was taken over might write, and that none of it is believed. */
#include "policy_fixture.h"

#include <math.h>

#include "lua/record.h"

static struct eh_policy_info good_info(void)
{
	struct eh_policy_info info;

	memset(&info, 0, sizeof info);
	(void)snprintf(info.name, sizeof info.name, "own_rule");
	(void)snprintf(info.version, sizeof info.version, "1.0");
	(void)snprintf(info.needs, sizeof info.needs, "ratio q");
	info.n_attributes = 1;
	(void)snprintf(info.attributes[0], sizeof info.attributes[0], "sex");
	info.settings = (struct eh_audit_settings)EH_AUDIT_SETTINGS_INIT;
	return info;
}

static struct eh_verdict good_verdict(void)
{
	struct eh_verdict v;

	memset(&v, 0, sizeof v);
	v.kind = EH_NOTIFY;
	v.scope = EH_SCOPE_INDIVIDUAL;
	(void)snprintf(v.reason, sizeof v.reason, "Ratio 0.5 \xc3\xa4.");
	return v;
}

static void what_is_right_is_believed(void **state)
{
	struct eh_policy_info info = good_info();
	struct eh_verdict v = good_verdict();

	(void)state;
	assert_true(eh_lua_info_valid(&info));
	info.has_gate = true;
	info.n_attributes = 0;
	info.needs[0] = '\0';
	assert_true(eh_lua_info_valid(&info));
	assert_true(eh_lua_verdict_valid(&v));
	v.reason[0] = '\0';
	assert_true(eh_lua_verdict_valid(&v));
	memset(v.reason, 'x', EH_REASON_MAX);
	v.reason[EH_REASON_MAX] = '\0';
	assert_true(eh_lua_verdict_valid(&v));
}

/* WHAT is one assignment to info or v that spoils it. */
#define REFUSED_INFO(what)                              \
	do {                                            \
		struct eh_policy_info info = good_info(); \
								\
		what;                                   \
		assert_false(eh_lua_info_valid(&info)); \
	} while (0)
#define REFUSED_VERDICT(what)                           \
	do {                                            \
		struct eh_verdict v = good_verdict();   \
								\
		what;                                   \
		assert_false(eh_lua_verdict_valid(&v)); \
	} while (0)

static void a_table_out_of_range_is_refused(void **state)
{
	(void)state;
	REFUSED_INFO(info.name[0] = '\0');
	REFUSED_INFO(info.name[0] = 'O');
	REFUSED_INFO(memset(info.name, 'a', sizeof info.name));
	REFUSED_INFO(info.version[0] = '\x1b');
	REFUSED_INFO(memset(info.version, '1', sizeof info.version));
	REFUSED_INFO(memset(info.needs, 'n', sizeof info.needs));
	REFUSED_INFO(info.needs[0] = '\n');
	REFUSED_INFO(info.n_attributes = EH_POLICY_ATTRIBUTES_MAX + 1);
	REFUSED_INFO(info.n_attributes = 2);
	REFUSED_INFO(memset(&info.has_gate, 2, 1));
	REFUSED_INFO(memset(&info.has_summarise, 0xff, 1));
	REFUSED_INFO(memset(info.author, 'x', sizeof info.author));
	REFUSED_INFO(strcpy(info.author, "\x1b[1m"));
	REFUSED_INFO(strcpy(info.pack.source, "a law"));
	REFUSED_INFO((strcpy(info.pack.name, "X"), strcpy(info.pack.source, "a law")));
	REFUSED_INFO((strcpy(info.pack.name, "X"), strcpy(info.pack.source, "a law"),
		      strcpy(info.pack.from, "2026-13-01")));
	REFUSED_INFO(memset(info.pack.note, 'x', sizeof info.pack.note));
	REFUSED_INFO(memset(&info.has_compute, 7, 1));
	REFUSED_INFO(memset(&info.has_hook, 7, 1));
	REFUSED_INFO(memset(&info.stateless, 7, 1));
	REFUSED_INFO(memset(&info.declared_only, 7, 1));
	REFUSED_INFO(memset(&info.wants_project, 7, 1));
}

static void settings_out_of_range_are_refused(void **state)
{
	(void)state;
	REFUSED_INFO(info.settings.limit_num = 0);
	REFUSED_INFO(info.settings.limit_num = 6);
	REFUSED_INFO(info.settings.limit_den = 1001);
	REFUSED_INFO(info.settings.reference = (enum eh_reference_rule)77);
	REFUSED_INFO(info.settings.reference = EH_REF_FIXED);
	REFUSED_INFO(memset(info.settings.fixed_reference, 'a', sizeof info.settings.fixed_reference));
	REFUSED_INFO(info.settings.min_group = 0);
	REFUSED_INFO(info.settings.min_group = 1000001);
	REFUSED_INFO(info.settings.min_total = UINT32_MAX);
	REFUSED_INFO(memcpy(info.settings.family, "bonf", 5));
	REFUSED_INFO(memset(info.settings.family, 'h', sizeof info.settings.family));
	REFUSED_INFO(info.settings.alpha = (double)NAN);
	REFUSED_INFO(info.settings.min_share = 5001);
	REFUSED_INFO(memset(&info.settings.boschloo, 2, 1));
	REFUSED_INFO(memset(&info.settings.median_known, 2, 1));
	REFUSED_INFO(memset(&info.settings.anytime, 2, 1));
	REFUSED_INFO(info.settings.look = 1);
	REFUSED_INFO(info.n_intersect = EH_POLICY_INTERSECT_MAX + 1);
	REFUSED_INFO(info.n_intersect = 1); /* without names */
	REFUSED_INFO((info.n_intersect = 1, strcpy(info.intersect[0][0], "sex"), strcpy(info.intersect[0][1], "a b")));
	REFUSED_INFO(info.settings.alpha = 0.0);
	REFUSED_INFO(info.settings.alpha = 1.0);
	REFUSED_INFO(memset(&info.settings.known_only, 2, 1));
	REFUSED_INFO(memset(&info.settings.plain_ratio, 0xff, 1));
	REFUSED_INFO(info.settings.threads = 1000000);
	REFUSED_INFO(info.settings.seed = 2);
}

static void a_verdict_out_of_range_is_refused(void **state)
{
	(void)state;
	REFUSED_VERDICT(v.kind = EH_VERDICT_COUNT);
	REFUSED_VERDICT(v.kind = -1);
	REFUSED_VERDICT(v.kind = EH_WATCH);
	REFUSED_VERDICT(v.scope = EH_SCOPE_NONE);
	REFUSED_VERDICT(v.scope = 99);
	REFUSED_VERDICT(memset(v.reason, 'x', sizeof v.reason));
	REFUSED_VERDICT(memset(v.rule, 'x', sizeof v.rule));
	REFUSED_VERDICT(memcpy(v.rule, "a\nb", 4));
	REFUSED_VERDICT(memcpy(v.reason, "\xff\xfe", 3));
	REFUSED_VERDICT(memcpy(v.reason, "\x1b[2J", 5));
	REFUSED_VERDICT(memcpy(v.reason, "a\nb", 4));
	REFUSED_VERDICT(memcpy(v.reason, "\xe2\x80\xae", 4));
}

static void what_a_head_may_say(void **state)
{
	struct eh_lua_head h;

	(void)state;
	memset(&h, 0, sizeof h);
	assert_true(eh_lua_head_valid(&h));
	h = (struct eh_lua_head){ .outcome = EH_LUA_DONE, .gate_open = 1, .instructions = EH_LUA_INSTRUCTIONS + 1000,
				  .memory = EH_LUA_MEMORY };
	assert_true(eh_lua_head_valid(&h));
	h.gate_open = 2;
	assert_false(eh_lua_head_valid(&h));
	h.gate_open = 1;
	h.memory = EH_LUA_MEMORY + 1;
	assert_false(eh_lua_head_valid(&h));
	h.memory = 0;
	h.instructions = UINT64_MAX;
	assert_false(eh_lua_head_valid(&h));
	h.instructions = 0;
	h.outcome = -1;
	assert_false(eh_lua_head_valid(&h));
	h.outcome = EH_LUA_OUT_OF_BUDGET + 1;
	assert_false(eh_lua_head_valid(&h));
}

/* WHAT spoils a good answer of on_notification(). */
#define REFUSED_ANSWER(what)                                                            \
	do {                                                                            \
		struct eh_hook_answer a = { .text = "x", .n_roles = 1, .roles = { "boss" } }; \
											\
		assert_true(eh_lua_answer_valid(&a));                                   \
		what;                                                                   \
		assert_false(eh_lua_answer_valid(&a));                                  \
	} while (0)

static void a_text_out_of_range_is_refused(void **state)
{
	const struct eh_hook_answer nothing = { .silent = 1 };

	(void)state;
	assert_true(eh_lua_answer_valid(&nothing));
	REFUSED_ANSWER(a.silent = 1);
	REFUSED_ANSWER(a.silent = 2);
	REFUSED_ANSWER(a.text[0] = '\0');
	REFUSED_ANSWER(memset(a.text, 'x', sizeof a.text));
	REFUSED_ANSWER(strcpy(a.text, "a\nb"));
	REFUSED_ANSWER(a.n_roles = EH_HOOK_ROLES_MAX + 1);
	REFUSED_ANSWER(a.n_roles = 2);
	REFUSED_ANSWER(strcpy(a.roles[0], "a@b"));
	REFUSED_ANSWER(strcpy(a.trouble, "a text, and trouble with it"));
	REFUSED_ANSWER((a.silent = 1, a.text[0] = '\0', a.n_roles = 0, strcpy(a.trouble, "a\nb")));
	REFUSED_ANSWER(memset(a.roles[0], 'x', sizeof a.roles[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_believed),
		cmocka_unit_test(a_table_out_of_range_is_refused),
		cmocka_unit_test(settings_out_of_range_are_refused),
		cmocka_unit_test(a_verdict_out_of_range_is_refused),
		cmocka_unit_test(a_text_out_of_range_is_refused),
		cmocka_unit_test(what_a_head_may_say),
	};

	return cmocka_run_group_tests_name("policy worker's record", tests, NULL, NULL);
}

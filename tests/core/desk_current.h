/*
 * desk_current.h - an audit that stays open is at any time the audit that would be made anew.
 */
#ifndef TESTS_CORE_DESK_CURRENT_H
#define TESTS_CORE_DESK_CURRENT_H

#include "desk_project.h"

#include "audit/codec.h"

static inline void assert_same_finding(const struct eh_finding *a, const struct eh_finding *b)
{
	struct eh_buf x, y;

	eh_buf_init(&x, 1 << 20);
	eh_buf_init(&y, 1 << 20);
	eh_finding_encode(&x, a);
	eh_finding_encode(&y, b);
	if (x.failed || x.len != y.len || memcmp(x.data, y.data, x.len) != 0)
		fail_msg("%s %s %s %s", a->evaluator, a->position, a->attribute, a->group);
	eh_buf_free(&x);
	eh_buf_free(&y);
}

/* The open audit is the one that would be made now. */
static inline void assert_current(const struct eh_open_audit *a, const struct eh_audit_overrides *o)
{
	const struct eh_audit_result *kept = eh_desk_audit_result(a);
	struct eh_audit_result *full = eh_xcalloc(1, sizeof *full);
	struct eh_audit_head x = kept->head, y;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit(desk, policy_path, o, true, NULL, full, &err) != EH_OK)
		fail_msg("%s", err.msg);
	y = full->head;
	x.at = y.at = 0;
	assert_int_equal(kept->findings.n, full->findings.n);
	for (size_t i = 0; i < full->findings.n; i++)
		assert_same_finding(&kept->findings.v[i], &full->findings.v[i]);
	assert_int_equal(x.decisions, y.decisions);
	assert_int_equal(x.holds, y.holds);
	assert_int_equal(x.look, y.look);
	assert_int_equal(x.counts, y.counts);
	assert_int_equal(x.notify, y.notify);
	assert_int_equal(x.findings, y.findings);
	assert_int_equal(x.limit_num, y.limit_num);
	assert_int_equal(kept->policy_status, full->policy_status);
	assert_string_equal(kept->note, full->note);
	eh_audit_result_free(full);
	free(full);
}

#endif

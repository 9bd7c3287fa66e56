/*
 * policy_fixture.h - for the tests of lua/: a policy file from a string, a finding made by hand.
 *
 * Every function ends the test with a message when it cannot do its work.
 */
#ifndef EH_TESTS_POLICY_FIXTURE_H
#define EH_TESTS_POLICY_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "lua/engine.h"

#define WRAP_HEAD "return { name = \"t\", api = 1, version = \"1\", "

struct policy_file {
	char dir[64];
	char path[96];
};

static inline void policy_write(struct policy_file *f, const char *text, size_t len)
{
	FILE *out = NULL;

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/eh-lua-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/own.lua", f->dir);
	out = fopen(f->path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static inline void policy_remove(struct policy_file *f)
{
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(rmdir(f->dir), 0);
}

/* Loads a policy given as text; rc and the message are the caller's to look at. */
static inline int policy_from(struct eh_policy **out, const char *text, struct eh_err *err)
{
	struct policy_file f = { "", "" };
	int rc = 0;

	policy_write(&f, text, strlen(text));
	rc = eh_lua_engine()->load(out, f.path, err);
	policy_remove(&f);
	return rc;
}

/* 10 of 40 against 30 of 40: ratio 1/3, supported in every respect. */
static inline struct eh_finding make_finding(void)
{
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	(void)snprintf(f.evaluator, sizeof f.evaluator, "E3");
	(void)snprintf(f.attribute, sizeof f.attribute, "sex");
	(void)snprintf(f.group, sizeof f.group, "female");
	(void)snprintf(f.reference, sizeof f.reference, "rest");
	f.n = f.ref_n = 40;
	f.selected = 10;
	f.ref_selected = 30;
	f.persons = f.ref_persons = 20;
	f.strata = 2;
	f.rate = eh_num(0.25);
	f.ref_rate = eh_num(0.75);
	f.impact_ratio = f.ratio = f.mh_ratio = eh_num(1.0 / 3.0);
	f.below_limit = f.ratio_below = EH_YES;
	f.ratio_interval.low = eh_num(0.18);
	f.ratio_interval.high = eh_num(0.6);
	f.shortfall = eh_num(10.0);
	f.flips = EH_NO;
	f.detectable = eh_num(0.45);
	f.em_ratio = f.weighted_ratio = f.p_em = f.em_n = f.em_selected = eh_undefined(EH_U_NOT_COMPUTED);
	f.em_interval.low = f.em_interval.high = eh_undefined(EH_U_NOT_COMPUTED);
	f.z = f.p_z = f.p_fisher = f.p_mid = eh_undefined(EH_U_NOT_COMPUTED);
	f.p = eh_num(0.00001);
	f.q = f.q_holm = eh_num(0.0002);
	f.family_size = 24;
	(void)snprintf(f.family_method, sizeof f.family_method, "bh");
	f.bench_ratio = f.bench_rate = f.deviation = eh_undefined(EH_U_NO_PEERS);
	f.peers_ratio = eh_num(0.35);
	f.paired.ref_split = eh_num(4.0);
	f.peers_z = eh_num(-4.0);
	f.peers_p = eh_num(0.00006);
	f.peers_q = eh_num(0.001);
	f.declared = 40;
	f.limit_num = 4;
	f.limit_den = 5;
	f.min_group = 10;
	f.min_total = 30;
	f.posterior = eh_num(0.97);
	f.cohen_h = f.odds_interval.low = f.odds_interval.high = f.scores.median = eh_undefined(EH_U_ZERO_VARIANCE);
	f.uncertain_n = 3;
	f.ratio_if_unknown_low = eh_num(0.2);
	f.builtin = EH_NOTIFY;
	return f;
}

/* The shipped policy of that name; the test program lies below the source tree. */
static inline struct eh_policy *shipped(const char *name)
{
	char path[4096] = "";
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_policy_find(path, sizeof path, NULL, name, &err) < 0 || eh_lua_engine()->load(&p, path, &err) < 0)
		fail_msg("%s", err.msg);
	return p;
}

#endif

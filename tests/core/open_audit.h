/* An audit that stays open, over the project of desk_project.h; a failure fails the test. */
#ifndef TESTS_CORE_OPEN_AUDIT_H
#define TESTS_CORE_OPEN_AUDIT_H

#include "desk_project.h"

static struct eh_open_audit *open_now(const struct eh_audit_overrides *o)
{
	struct eh_open_audit *a = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit_open(&a, desk, policy_path, o, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return a;
}

static enum eh_refreshed refresh(struct eh_open_audit *a, struct eh_refresh *how)
{
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit_refresh(a, NULL, how, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return how->how;
}

#endif

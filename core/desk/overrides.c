/* Settings of a run that are not the policy's own: put in place, asked a reason for, and told in the journal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/policies_inside.h"

void eh_desk_override(struct eh_audit_settings *s, const struct eh_audit_overrides *o)
{
	if (o == NULL)
		return;
	if (o->limit_num > 0 && o->limit_den > 0) {
		s->limit_num = o->limit_num;
		s->limit_den = o->limit_den;
	}
	if (o->min_group >= 0)
		s->min_group = (uint32_t)o->min_group;
	if (o->min_total >= 0)
		s->min_total = (uint32_t)o->min_total;
	if (o->family[0] != '\0')
		memcpy(s->family, o->family, sizeof s->family);
	if (o->looks[0] != '\0')
		s->anytime = strcmp(o->looks, "anytime") == 0;
	if (o->alpha >= 0.0)
		s->alpha = o->alpha;
	if (o->min_share >= 0)
		s->min_share = (uint32_t)o->min_share;
}

void eh_desk_text_settings(struct eh_head_settings *out, const struct eh_audit_settings *s)
{
	*out = (struct eh_head_settings){ s->limit_num, s->limit_den, s->min_group, s->min_total, s->min_share, "",
					  eh_num(s->alpha), s->anytime };
	memcpy(out->family, s->family, sizeof out->family);
}

/* What two persons agreed on is not undone by one without a word: the comparison is the one that activation makes. */
static void find_loosened(struct eh_audit_result *r, const struct eh_audit_settings *text,
			  const struct eh_audit_settings *used)
{
	struct eh_policy_info *before = eh_xmalloc(sizeof *before), *now = eh_xmalloc(sizeof *now);
	char loosened[EH_LOOSENED_MAX + 1];

	*before = *now = r->policy;
	before->settings = *text;
	now->settings = *used;
	/* p-values for any number of looks are how growing data are audited rightly: no leniency */
	before->settings.anytime = now->settings.anytime;
	eh_policy_loosened(loosened, before, now);
	(void)snprintf(r->loosened, sizeof r->loosened, "%s", loosened);
	free(before);
	free(now);
}

int eh_desk_ask_reason(struct eh_audit_result *r, const struct eh_audit_settings *text,
		       const struct eh_audit_settings *used, const struct eh_audit_overrides *o, bool stored,
		       struct eh_err *err)
{
	const char *reason = o != NULL && o->reason != NULL ? o->reason : "";

	r->loosened[0] = r->reason[0] = '\0';
	find_loosened(r, text, used);
	if (strlen(reason) > EH_OVERRIDE_REASON_MAX)
		return eh_err_set(err, EH_ERANGE, "the reason has more than %d bytes", EH_OVERRIDE_REASON_MAX);
	if (!eh_text_clean(reason, true))
		return eh_err_set(err, EH_EINVAL, "the reason holds control characters or is not UTF-8; write it as "
				  "plain text");
	if (strspn(reason, " \t\r\n") < strlen(reason))
		(void)snprintf(r->reason, sizeof r->reason, "%s", reason);
	else if (stored && r->loosened[0] != '\0' && (r->state == EH_POLICY_ACTIVE || r->state == EH_POLICY_DEFAULT))
		return eh_err_set(err, EH_EINVAL,
				  "this loosens policy %s, which is %s (%.200s): give the reason with --reason TEXT; "
				  "--dry-run needs none", r->policy.name, eh_policy_state_text(r->state), r->loosened);
	return EH_OK;
}

static bool overrides(const struct eh_audit_overrides *o)
{
	return o != NULL && (o->limit_num > 0 || o->min_group >= 0 || o->min_total >= 0 || o->family[0] != '\0' ||
			     o->alpha >= 0.0 || o->min_share >= 0);
}

/* A broken text is there too: its audit says what is wrong with it. */
static int is_there(struct eh_desk *d, const char *policy, struct eh_err *err)
{
	struct eh_policy_source *s = NULL;
	char path[1024];
	int rc;

	if (!eh_desk_policy_is_version(policy))
		return eh_policy_find(path, sizeof path, eh_desk_dir(d), policy, err);
	s = eh_xcalloc(1, sizeof *s);
	rc = eh_desk_policy_source(d, policy, s, err);
	eh_policy_source_free(s);
	free(s);
	return rc == EH_EPOLICY ? EH_OK : rc;
}

int eh_desk_audit_asked(struct eh_desk *d, const char *policy, const struct eh_audit_overrides *o, bool dry_run,
			struct eh_err *err)
{
	struct eh_audit_result *r = NULL;
	struct eh_audit_settings used;
	struct eh_policy *p = NULL;
	int rc = is_there(d, policy, err);

	if (rc != EH_OK || dry_run || !overrides(o))
		return rc;
	r = eh_xcalloc(1, sizeof *r);
	eh_store_suspend(d->store);             /* loading forks */
	rc = eh_desk_load_policy(d, policy, &p, r, err);
	used = r->policy.settings;
	eh_desk_override(&used, o);
	if (rc == EH_OK)
		rc = eh_desk_ask_reason(r, &r->policy.settings, &used, o, true, err);
	if (p != NULL)
		d->engine->free(&p);
	free(r);
	return rc;
}

/* ---- the journal ---- */

/* The text without the directory of the policy's file: that may be a home directory, whose name is a person's. */
static void without_directory(char *out, size_t size, const char *text, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash + 1 - path) : 0, used = 0;

	while (*text != '\0' && used + 1 < size) {
		if (len > 0 && strncmp(text, path, len) == 0)
			text += len;
		else
			out[used++] = *text++;
	}
	out[used] = '\0';
}

/* Of the settings that are not the text's, what the text has: "limit 4/5, alpha 0.05"; "" = they are the text's. */
static void say_overridden(char *out, size_t size, const struct eh_audit_head *h)
{
	const struct eh_head_settings *t = &h->text;
	const unsigned bits = eh_head_overridden(h);
	char value[32];
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < EH_HEAD_SETTINGS && len < size; i++) {
		if ((bits & 1u << i) == 0)
			continue;
		switch ((enum eh_head_setting)i) {
		case EH_SET_LIMIT: (void)snprintf(value, sizeof value, "%d/%d", t->limit_num, t->limit_den); break;
		case EH_SET_MIN_GROUP: (void)snprintf(value, sizeof value, "%u", t->min_group); break;
		case EH_SET_MIN_TOTAL: (void)snprintf(value, sizeof value, "%u", t->min_total); break;
		case EH_SET_MIN_SHARE: (void)snprintf(value, sizeof value, "%g %%", t->min_share / 100.0); break;
		case EH_SET_FAMILY: (void)snprintf(value, sizeof value, "%s", t->family); break;
		case EH_SET_ALPHA: (void)snprintf(value, sizeof value, "%g", t->alpha.value); break;
		default: (void)snprintf(value, sizeof value, "%s", t->anytime ? "anytime" : "once"); break;
		}
		len += (size_t)snprintf(out + len, size - len, "%s%s %s", len > 0 ? ", " : "",
					eh_head_setting_text((enum eh_head_setting)i), value);
	}
}

/* "min_group 10, min_total 30, min_share 2 %, alpha 0.05", and which of the settings are not the policy's. */
static void say_settings(char *out, size_t size, const struct eh_audit_head *h)
{
	char other[200];

	say_overridden(other, sizeof other, h);
	(void)snprintf(out, size, "min_group %u, min_total %u, min_share %g %%, alpha %g%s%s%s", h->min_group,
		       h->min_total, h->min_share / 100.0, h->alpha.value,
		       other[0] != '\0' ? ", OVERRIDDEN (the policy has " : "", other, other[0] != '\0' ? ")" : "");
}

/* What is short and always there comes first: a long message of a policy is what may be cut. */
void eh_desk_describe_run(char *out, size_t size, const struct eh_audit_result *r)
{
	const struct eh_audit_head *h = &r->head;
	char why[sizeof r->policy_message] = "", window[EH_WINDOW_WORDS], untimed[64] = "", settings[300];

	if (h->untimed > 0)
		(void)snprintf(untimed, sizeof untimed, " (%llu without a time)", (unsigned long long)h->untimed);
	if (r->policy_status != EH_OK)
		without_directory(why, sizeof why, r->policy_message, r->policy.path);
	say_settings(settings, sizeof settings, h);
	(void)snprintf(out, size,
		       "run %llu, look %u%s%s%s%s, limit %d/%d, family %s of %u, %s; %u findings: %u notify, %u watch, "
		       "%u too few, %u ok, %u other; policy %s %s, sha256 %s, %s, %s%s; %u raised, %u refreshed, "
		       "%u answered before; used %llu instructions, %llu KiB, %.3f s%s%s%s%s%s%s%s%s%s%s",
		       (unsigned long long)h->seq, h->look, h->anytime ? " (anytime)" : "",
		       eh_window_dated(&h->window) ? ", " : "", eh_window_words(window, &h->window), untimed,
		       h->limit_num, h->limit_den, h->family_method, h->family_size, settings, h->findings, h->notify,
		       h->watch, h->too_few, h->ok, h->other, h->policy,
		       h->policy_version[0] != '\0' ? h->policy_version : "(not loaded)",
		       h->policy_hash[0] != '\0' ? h->policy_hash : "unknown", eh_policy_origin_text(r->origin),
		       eh_policy_state_text(r->state), eh_policy_state_open(r->state) ? ", not activated" : "",
		       r->raised, r->refreshed, r->answered, (unsigned long long)h->instructions,
		       (unsigned long long)(h->memory + 1023) / 1024, h->seconds.value,
		       h->reason[0] != '\0' ? "; reason: " : "", h->reason,
		       r->upgraded[0] != '\0' ? "; " : "", r->upgraded, r->pack[0] != '\0' ? "; pack " : "", r->pack,
		       r->policy.author[0] != '\0' ? "; author of the text: " : "", r->policy.author,
		       why[0] != '\0' ? "; policy error: " : "", why);
}

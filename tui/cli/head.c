/* What stands at the head of an audit run, as members of a document and as lines for people; see findings.h. */
#include <stdio.h>
#include <string.h>

#include "cli/findings.h"
#include "exchange/explain.h"
#include "policy/pack.h"

static void put_text(struct eh_json *doc, const char *key, const char *text)
{
	eh_json_str(doc, key, text[0] != '\0' ? text : NULL);
}

static struct eh_json *limit_json(int32_t num, int32_t den)
{
	struct eh_json *limit = eh_json_array();

	eh_json_push_int(limit, num);
	eh_json_push_int(limit, den);
	return limit;
}

/* The policy's own settings, and which of the run's are others; null: not known. */
static void put_settings(struct eh_json *doc, const struct eh_audit_head *h)
{
	const struct eh_head_settings *t = &h->text;
	const unsigned bits = eh_head_overridden(h);
	struct eh_json *j, *names;

	if (!t->alpha.defined) {
		eh_json_null(doc, "policy_settings");
		eh_json_null(doc, "overridden");
		return;
	}
	j = eh_json_object();
	eh_json_set(j, "limit", limit_json(t->limit_num, t->limit_den));
	eh_json_int(j, "min_group", t->min_group);
	eh_json_int(j, "min_total", t->min_total);
	eh_json_real(j, "min_share", t->min_share / 10000.0);
	eh_json_str(j, "family", t->family);
	eh_json_num(j, "alpha", t->alpha);
	eh_json_str(j, "looks", t->anytime ? "anytime" : "once");
	eh_json_set(doc, "policy_settings", j);
	names = eh_json_array();
	for (unsigned i = 0; i < EH_HEAD_SETTINGS; i++)
		if ((bits & 1u << i) != 0)
			eh_json_push_str(names, eh_head_setting_text((enum eh_head_setting)i));
	eh_json_set(doc, "overridden", names);
}

/* A dry run can be made again with the same bytes, so it has no time of the clock. */
static void put_budget(struct eh_json *doc, const struct eh_audit_head *h)
{
	struct eh_json *j;

	if (!h->seconds.defined) {
		eh_json_null(doc, "budget_used");
		return;
	}
	j = eh_json_object();
	eh_json_int(j, "instructions", (int64_t)h->instructions);
	eh_json_int(j, "memory", (int64_t)h->memory);
	eh_json_num(j, "seconds", h->seq != 0 ? h->seconds : eh_undefined(EH_U_NOT_COMPUTED));
	eh_json_set(doc, "budget_used", j);
}

void cli_put_policy(struct eh_json *doc, const struct eh_audit_head *h)
{
	eh_json_str(doc, "policy", h->policy);
	eh_json_str(doc, "policy_version", h->policy_version);
	put_text(doc, "policy_hash", h->policy_hash);
	eh_json_str(doc, "policy_state", eh_policy_state_text(h->policy_state));
	put_text(doc, "policy_author", h->policy_author);
	put_text(doc, "policy_approver", h->policy_approver);
	put_text(doc, "policy_text_author", h->author);
	put_settings(doc, h);
	put_text(doc, "override_reason", h->reason);
	put_budget(doc, h);
}

void cli_put_used(struct eh_json *doc, const struct eh_audit_head *h)
{
	struct eh_json *j = eh_json_object();

	eh_json_set(j, "limit", limit_json(h->limit_num, h->limit_den));
	eh_json_int(j, "min_group", h->min_group);
	eh_json_int(j, "min_total", h->min_total);
	eh_json_real(j, "min_share", h->min_share / 10000.0);
	eh_json_str(j, "family", h->family_method);
	eh_json_num(j, "alpha", h->alpha);
	eh_json_str(j, "looks", h->anytime ? "anytime" : "once");
	eh_json_set(doc, "settings", j);
}

/* A date that there is not is null; NAME_kind says why, and how exact one is that there is. */
static void put_pack_date(struct eh_json *j, const char *name, const char *date)
{
	const enum eh_pack_date kind = eh_pack_date(date);
	char key[16];

	(void)snprintf(key, sizeof key, "%s_kind", name);
	eh_json_str(j, name, kind == EH_PACK_DAY || kind == EH_PACK_YEAR ? date : NULL);
	eh_json_str(j, key, eh_pack_date_text(kind));
}

void cli_put_pack(struct eh_json *doc, const struct eh_audit_result *r)
{
	const struct eh_pack *p = &r->policy.pack;
	struct eh_json *j;

	if (r->pack[0] == '\0') {
		eh_json_null(doc, "pack");
		return;
	}
	j = eh_json_object();
	eh_json_str(j, "name", p->name);
	eh_json_str(j, "source", p->source);
	put_pack_date(j, "from", p->from);
	put_pack_date(j, "to", p->to);
	put_text(j, "note", p->note);
	eh_json_str(j, "state", eh_pack_state_text(r->pack_state));
	eh_json_str(j, "text", r->pack);
	eh_json_set(doc, "pack", j);
}

void cli_say_pack(const struct cli *c, const struct eh_audit_result *r)
{
	if (r->pack[0] != '\0' && r->pack_state != EH_PACK_IN_FORCE)
		fprintf(stderr, "evenhand %s: policy %s: pack %s: its notifications are held back as watch\n",
			c->entry->name, r->policy.name, r->pack);
	else if (r->pack[0] != '\0')
		cli_say(c, "pack %s", r->pack);
}

/* ", limit 1/5 (the policy's: 4/5)" */
static void say_setting(char *out, size_t size, const char *name, const char *used, const char *text, bool other)
{
	size_t len = strlen(out);

	(void)snprintf(out + len, size - len, "%s%s %s%s%s%s", len > 0 ? ", " : "", name, used,
		       other ? " (the policy's: " : "", other ? text : "", other ? ")" : "");
}

static void say_settings(char *out, size_t size, const struct eh_audit_head *h)
{
	const struct eh_head_settings *t = &h->text;
	const unsigned bits = eh_head_overridden(h);
	const struct { const char *name; uint32_t used, text; enum eh_head_setting bit; } minima[] = {
		{ "minimum per group", h->min_group, t->min_group, EH_SET_MIN_GROUP },
		{ "in all", h->min_total, t->min_total, EH_SET_MIN_TOTAL },
	};
	char used[32], text[32];

	out[0] = '\0';
	(void)snprintf(used, sizeof used, "%d/%d", h->limit_num, h->limit_den);
	(void)snprintf(text, sizeof text, "%d/%d", t->limit_num, t->limit_den);
	say_setting(out, size, "limit", used, text, (bits & 1u << EH_SET_LIMIT) != 0);
	for (size_t i = 0; i < sizeof minima / sizeof minima[0]; i++) {
		(void)snprintf(used, sizeof used, "%u", minima[i].used);
		(void)snprintf(text, sizeof text, "%u", minima[i].text);
		say_setting(out, size, minima[i].name, used, text, (bits & 1u << minima[i].bit) != 0);
	}
	(void)snprintf(used, sizeof used, "%g %%", h->min_share / 100.0);
	(void)snprintf(text, sizeof text, "%g %%", t->min_share / 100.0);
	say_setting(out, size, "smallest share", used, text, (bits & 1u << EH_SET_MIN_SHARE) != 0);
	(void)snprintf(used, sizeof used, "%g", h->alpha.value);
	(void)snprintf(text, sizeof text, "%g", t->alpha.value);
	say_setting(out, size, "alpha", used, text, (bits & 1u << EH_SET_ALPHA) != 0);
	say_setting(out, size, "correction", h->family_method, t->family, (bits & 1u << EH_SET_FAMILY) != 0);
	say_setting(out, size, "looks", h->anytime ? "anytime" : "once", t->anytime ? "anytime" : "once",
		    (bits & 1u << EH_SET_LOOKS) != 0);
}

void cli_print_policy(FILE *out, const struct eh_audit_head *h)
{
	char settings[400];
	struct eh_buf b;

	eh_buf_init(&b, 4096);
	eh_para(&b, "Policy text", "%s%s%s%s%s%s%s, sha256 %s", eh_policy_state_text(h->policy_state),
		h->author[0] != '\0' ? ", author " : "", h->author,
		h->policy_author[0] != '\0' ? ", proposed by " : "", h->policy_author,
		h->policy_approver[0] != '\0' ? ", approved by " : "", h->policy_approver,
		h->policy_hash[0] != '\0' ? h->policy_hash : "unknown");
	if (h->alpha.defined) {
		say_settings(settings, sizeof settings, h);
		eh_para(&b, "Settings", "%s", settings);
	}
	if (h->reason[0] != '\0')
		eh_para(&b, "Loosened", "%s", h->reason);
	fprintf(out, "%.*s", (int)b.len, (const char *)b.data);
	eh_buf_free(&b);
}

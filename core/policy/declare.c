/* Declarations about a project; see declare.h. */
#include "policy/declare.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/pack.h"
#include "store/codec.h"

#define DECLARATION_VERSION 1

/* Byte order of the keys. */
static const struct eh_declare_key keys[] = {
	{ "aedt_role", EH_DECLARE_TEXT, "what the program's output is used for, and that it decides about no candidate",
	  "LL144" },
	{ "agents_informed", EH_DECLARE_DATE, "vendors and agents were told that they count as employers",
	  "2 CCR 11008" },
	{ "ai_notice", EH_DECLARE_DATE, "candidates are told before the interview that AI may analyse the video, since",
	  "820 ILCS 42" },
	{ "aivia_ai_alone", EH_DECLARE_YES_NO, "AI alone decides who gets an in-person interview", "820 ILCS 42/20" },
	{ "art9_basis", EH_DECLARE_TEXT, "basis of special-category data, such as explicit consent 9(2)(a)",
	  "GDPR Art 9" },
	{ "audit_date", EH_DECLARE_DATE, "day of the last independent bias audit", "LL144" },
	{ "audit_posted", EH_DECLARE_DATE, "the summary of the bias audit is posted since", "LL144" },
	{ "auditor", EH_DECLARE_TEXT, "who made the bias audit", "LL144" },
	{ "auditor_independent", EH_DECLARE_YES_NO,
	  "the auditor took no part in use, development or distribution of the tool", "LL144" },
	{ "correction_process", EH_DECLARE_DATE, "people can have wrong data corrected, since", "SB 26-189" },
	{ "data_explanation", EH_DECLARE_TEXT, "why these data: historical, or test data and why", "LL144" },
	{ "data_policy_published", EH_DECLARE_DATE, "the written retention policy is public since", "740 ILCS 14" },
	{ "data_source", EH_DECLARE_TEXT, "where the data come from", "LL144" },
	{ "documentation_pack", EH_DECLARE_DATE, "the developer's documentation is at hand since", "SB 26-189" },
	{ "dpia", EH_DECLARE_DATE, "day of the data protection impact assessment", "GDPR Art 35" },
	{ "eeo_basis", EH_DECLARE_TEXT, "why demographic data are kept, and what protects them", "29 CFR 1607.4" },
	{ "how_it_works_notice", EH_DECLARE_DATE,
	  "candidates are told how the AI works and what it looks at, since", "820 ILCS 42" },
	{ "human_review", EH_DECLARE_DATE, "a person who can change the outcome reviews, since", "SB 26-189, ICO" },
	{ "labor_force_share", EH_DECLARE_TEXT, "source of the labour force shares behind the 2 % rule",
	  "29 CFR 1607.15" },
	{ "last_use", EH_DECLARE_DATE, "day on which the tool was used last", "LL144" },
	{ "legal_hold", EH_DECLARE_DATE, "nothing may be destroyed since, because of a charge or a dispute",
	  "29 CFR 1602.14" },
	{ "log_retention_days", EH_DECLARE_DAYS, "logs are kept that many days", "AI Act Art 26(6)" },
	{ "notice_days_before_use", EH_DECLARE_DAYS, "candidates are told that many business days before", "LL144" },
	{ "opt_out", EH_DECLARE_DATE, "people can refuse monitoring, since", "DPA 2018 Sch 1" },
	{ "outcome_notice", EH_DECLARE_DATE, "people are told after an adverse outcome, since", "SB 26-189" },
	{ "product_name", EH_DECLARE_TEXT, "the product, as notices name it", "HB 3773" },
	{ "purpose_satisfied", EH_DECLARE_DATE, "the purpose of the biometric data was satisfied on", "740 ILCS 14" },
	{ "response_recorded", EH_DECLARE_DATE, "what was done about the last test's results is recorded since",
	  "2 CCR 11008" },
	{ "retention_policy", EH_DECLARE_DATE, "a written retention policy is in force since", "740 ILCS 14, GDPR" },
	{ "retention_term_days", EH_DECLARE_DAYS, "biometric data are kept at most that many days", "740 ILCS 14" },
	{ "sch1_condition", EH_DECLARE_TEXT, "condition of equality monitoring, such as Schedule 1 paragraph 8",
	  "DPA 2018 Sch 1" },
	{ "sharing_limited", EH_DECLARE_DATE, "videos go only to people whose expertise is needed, since",
	  "820 ILCS 42" },
	{ "test_date", EH_DECLARE_DATE, "day of the last anti-bias test", "2 CCR 11008" },
	{ "tool_distribution_date", EH_DECLARE_DATE, "day on which the tool was first distributed", "LL144" },
	{ "training_data_summary", EH_DECLARE_DATE, "the categories of training data are described since",
	  "SB 26-189" },
	{ "worker_notice", EH_DECLARE_DATE, "evaluators and their representatives are informed since",
	  "AI Act Art 26(7)" },
};

const struct eh_declare_key *eh_declare_key(size_t i)
{
	return i < sizeof keys / sizeof keys[0] ? &keys[i] : NULL;
}

const struct eh_declare_key *eh_declare_find(const char *key)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i].key, key) == 0)
			return &keys[i];
	return NULL;
}

const char *eh_declare_kind_text(enum eh_declare_kind k)
{
	switch (k) {
	case EH_DECLARE_DATE:   return "a date such as 2026-11-30";
	case EH_DECLARE_YES_NO: return "yes or no";
	case EH_DECLARE_DAYS:   return "a number of days, 0 to 36500";
	default:                return "a line of text";
	}
}

static bool is_kind(enum eh_declare_kind k, const char *value)
{
	int64_t days;

	switch (k) {
	case EH_DECLARE_DATE:   return eh_pack_day_valid(value);
	case EH_DECLARE_YES_NO: return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	case EH_DECLARE_DAYS:   return eh_parse_i64(&days, value, 0, 36500, NULL) == EH_OK;
	default:                return eh_text_clean(value, false);
	}
}

/* Keys that share the first letters of the wrong one; all of them are too many for a message. */
static void near_keys(char *out, size_t size, const char *wrong)
{
	size_t used = 0;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0] && used < size; i++)
		if (strncmp(keys[i].key, wrong, 3) == 0)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : " near ones: ",
						 keys[i].key);
}

bool eh_declare_holds(const char *key, const char *value, const char *day)
{
	const struct eh_declare_key *k = eh_declare_find(key);

	return k == NULL || k->kind != EH_DECLARE_DATE || strcmp(value, day) <= 0;
}

int eh_declare_check(const char *key, const char *value, struct eh_err *err)
{
	const struct eh_declare_key *k = eh_declare_find(key);
	char list[300] = "", shown[64];

	if (k == NULL) {
		near_keys(list, sizeof list, key);
		eh_text_printable(shown, sizeof shown, key, strlen(key));
		return eh_err_set(err, EH_EINVAL, "'%s' is nothing that can be declared%s%s; evenhand policy "
				  "declarations --all lists the keys", shown, list[0] != '\0' ? ";" : "", list);
	}
	if (strlen(value) > EH_DECLARE_VALUE_MAX)
		return eh_err_set(err, EH_EINVAL, "%s: at most %d bytes", key, EH_DECLARE_VALUE_MAX);
	if (value[0] != '\0' && !is_kind(k->kind, value)) {
		eh_text_printable(shown, sizeof shown, value, strlen(value));
		return eh_err_set(err, EH_EINVAL, "%s is %s, not '%s'", key, eh_declare_kind_text(k->kind), shown);
	}
	return EH_OK;
}

int eh_declare_put(struct eh_txn *txn, const struct eh_declaration *d, struct eh_err *err)
{
	struct eh_key k = eh_key_of(d->key);
	struct eh_buf b;
	int rc = eh_declare_check(d->key, d->value, err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, DECLARATION_VERSION);
	eh_put_str(&b, d->value);
	eh_put_i64(&b, d->at);
	eh_put_u32(&b, d->who.uid);
	eh_put_str(&b, d->who.login);
	eh_put_str(&b, d->reason);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "declaration: out of memory")
		      : eh_txn_put(txn, EH_T_DECLARATIONS, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

struct walk {
	int (*fn)(void *ctx, const struct eh_declaration *d, struct eh_err *err);
	void *ctx;
};

static int step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct walk *w = ctx;
	struct eh_declaration d;
	struct eh_reader r;
	int rc = eh_record_open(&r, value, DECLARATION_VERSION, NULL, "declaration", err);

	memset(&d, 0, sizeof d);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, d.key, sizeof d.key))
		return eh_err_set(err, EH_EFORMAT, "declaration: the stored key is damaged");
	eh_get_str(&r, d.value, sizeof d.value);
	d.at = eh_get_i64(&r);
	d.who.uid = eh_get_u32(&r);
	eh_get_str(&r, d.who.login, sizeof d.who.login);
	eh_get_str(&r, d.reason, sizeof d.reason);
	rc = eh_record_close(&r, "declaration", err);
	if (rc != EH_OK || d.value[0] == '\0')
		return rc;
	return w->fn(w->ctx, &d, err);
}

int eh_declare_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_declaration *d, struct eh_err *err),
		    void *ctx, struct eh_err *err)
{
	struct walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_DECLARATIONS, (struct eh_bytes){ NULL, 0 }, step, &w, err);
}

/* Verdicts and what they rest on, in words and signs; see finding.h. */
#include "audit/finding.h"

#include <string.h>

static const char *ascii_of(enum eh_verdict_kind v, const char *symbol)
{
	switch (v) {
	case EH_OK_VERDICT:  return ".";
	case EH_NOTIFY:      return "!!";
	case EH_NOT_ALLOWED: return "x";
	default:             return symbol;
	}
}

static const char *const texts[] = {
#define X(id, text, symbol) [id] = text,
	EH_VERDICT_LIST(X)
#undef X
};

static const char *const symbols[] = {
#define X(id, text, symbol) [id] = symbol,
	EH_VERDICT_LIST(X)
#undef X
};

const char *eh_verdict_text(enum eh_verdict_kind v)
{
	return (unsigned)v < EH_VERDICT_COUNT ? texts[v] : "unknown";
}

const char *eh_verdict_symbol(enum eh_verdict_kind v, bool ascii)
{
	if ((unsigned)v >= EH_VERDICT_COUNT)
		return " ";
	return ascii ? ascii_of(v, symbols[v]) : symbols[v];
}

const char *eh_bench_kind_text(enum eh_bench_kind k)
{
	static const char *const words[] = {
#define X(id, text) [id] = text,
		EH_BENCH_LIST(X)
#undef X
	};

	return (unsigned)k < EH_BENCH_KINDS ? words[k] : "unknown";
}

void eh_finding_alone(struct eh_finding *f, enum eh_undef why)
{
	const struct eh_num none = eh_undefined(why);

	f->bench_evaluators = f->bench_strata = f->peers_evaluators = 0;
	f->bench_n = f->bench_selected = f->peers_n = f->peers_selected = f->peers_ref_n = f->peers_ref_selected = 0;
	f->bench_kind = EH_BENCH_NONE;
	f->bench_rate = f->bench_ratio = f->deviation = f->deviation_interval.low = f->deviation_interval.high = none;
	f->bench_interval.low = f->bench_interval.high = none;
	f->paired = (struct eh_finding_paired){ .ref_split = none, .p = none, .p_group = none };
	f->peers_ratio = f->peers_z = f->peers_p = f->peers_q = f->peers_others = none;
	f->peers_corrected = false;
}

const char *eh_deviation_method(const struct eh_finding *f)
{
	if (!f->deviation_interval.low.defined && !f->deviation_interval.high.defined)
		return "";
	return f->bench_kind == EH_BENCH_CANDIDATES ? "MOVER (Zou & Donner 2008), clustered by candidate" :
						      "MOVER (Zou & Donner 2008), independent ratios";
}

int eh_verdict_parse(enum eh_verdict_kind *out, const char *text)
{
	for (unsigned i = 0; i < EH_VERDICT_COUNT; i++) {
		if (strcmp(texts[i], text) == 0) {
			*out = (enum eh_verdict_kind)i;
			return EH_OK;
		}
	}
	return EH_EFORMAT;
}

const char *eh_policy_state_text(enum eh_policy_state s)
{
	static const char *const words[] = {
#define X(id, text) [id] = text,
		EH_POLICY_STATE_LIST(X)
#undef X
	};

	return (unsigned)s < EH_POLICY_STATES ? words[s] : "unknown";
}

const char *eh_pack_state_text(enum eh_pack_state s)
{
	static const char *const words[] = {
#define X(id, text) [id] = text,
		EH_PACK_STATE_LIST(X)
#undef X
	};

	return (unsigned)s < EH_PACK_STATES ? words[s] : "unknown";
}

bool eh_policy_state_open(enum eh_policy_state s)
{
	return s == EH_POLICY_DRAFT || s == EH_POLICY_PROPOSED || s == EH_POLICY_RETIRED;
}

const char *eh_ratio_kind_text(enum eh_ratio_kind k)
{
	static const char *const names[] = { "plain", "stratified", "estimated" };

	return (unsigned)k < sizeof names / sizeof names[0] ? names[k] : "unknown";
}

const char *eh_strata_test_text(enum eh_strata_test t)
{
	return t == EH_STRATA_BRESLOW_DAY ? "breslow_day" : t == EH_STRATA_LIANG_SELF ? "liang_self" : "";
}

struct eh_num eh_finding_other_ratio(const struct eh_finding *f)
{
	return f->rests_on == EH_RATIO_PLAIN ? f->mh_ratio : f->impact_ratio;
}

const char *eh_head_setting_text(enum eh_head_setting s)
{
	static const char *const words[] = {
#define X(name, text) text,
		EH_HEAD_SETTING_LIST(X)
#undef X
	};

	return (unsigned)s < EH_HEAD_SETTINGS ? words[s] : "";
}

unsigned eh_head_overridden(const struct eh_audit_head *h)
{
	const struct eh_head_settings *t = &h->text;
	unsigned bits = 0;

	if (!t->alpha.defined)
		return 0;
	bits |= (unsigned)((int64_t)h->limit_num * t->limit_den != (int64_t)t->limit_num * h->limit_den)
		<< EH_SET_LIMIT;
	bits |= (unsigned)(h->min_group != t->min_group) << EH_SET_MIN_GROUP;
	bits |= (unsigned)(h->min_total != t->min_total) << EH_SET_MIN_TOTAL;
	bits |= (unsigned)(h->min_share != t->min_share) << EH_SET_MIN_SHARE;
	bits |= (unsigned)(strcmp(h->family_method, t->family) != 0) << EH_SET_FAMILY;
	bits |= (unsigned)(h->alpha.value < t->alpha.value || h->alpha.value > t->alpha.value) << EH_SET_ALPHA;
	bits |= (unsigned)(h->anytime != t->anytime) << EH_SET_LOOKS;
	return bits;
}

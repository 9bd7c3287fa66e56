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

struct eh_num eh_finding_other_ratio(const struct eh_finding *f)
{
	return f->rests_on == EH_RATIO_PLAIN ? f->mh_ratio : f->impact_ratio;
}

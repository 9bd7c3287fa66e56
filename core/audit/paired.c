/* McNemar's test, its exact and its mid-p form; see paired.h. */
#include "audit/paired.h"

#include <math.h>

#include "audit/table.h"

#define NEGLIGIBLE 1e-24L

/* Half-and-half binomial: the mass at x over that at the mode, and the mass up to x over the whole. */
struct tail {
	long double upto, at;
};

static struct tail tail_of(uint64_t x, uint64_t n)
{
	uint64_t mode = n / 2;
	long double mass = 1.0L, total = 1.0L, at = 0.0L, upto = 0.0L;

	at = x == mode ? 1.0L : 0.0L;
	upto = mode <= x ? 1.0L : 0.0L;
	for (uint64_t k = mode; k > 0; k--) {
		mass *= (long double)k / (long double)(n - k + 1);
		total += mass;
		upto += k - 1 <= x ? mass : 0.0L;
		at = k - 1 == x ? mass : at;
		if (k - 1 <= x && mass < upto * NEGLIGIBLE)
			break;
	}
	mass = 1.0L;
	for (uint64_t k = mode; k < n && mass > NEGLIGIBLE; k++) {
		mass *= (long double)(n - k) / (long double)(k + 1);
		total += mass;
		upto += k + 1 <= x ? mass : 0.0L;
		at = k + 1 == x ? mass : at;
	}
	return (struct tail){ fminl(1.0L, upto / total), at / total };
}

struct eh_paired eh_paired(uint64_t first, uint64_t second)
{
	struct eh_num none = eh_undefined(EH_U_NO_DISCORDANT_PAIR);
	uint64_t n = first + second, few = first < second ? first : second;
	double d = fabs((double)first - (double)second), cut = fmax(0.0, d - 1.0);
	struct eh_paired out = { none, none, none, none, eh_num(1.0), eh_num(1.0), none };
	struct tail t;

	if (n == 0)
		return out;
	t = tail_of(few, n);
	out.chi = eh_num(d * d / (double)n);
	out.p = eh_p_of_chi(out.chi, 1.0);
	out.chi_yates = eh_num(cut * cut / (double)n);
	out.p_yates = eh_p_of_chi(out.chi_yates, 1.0);
	out.exact = eh_num((double)fminl(1.0L, 2.0L * t.upto));
	out.less = eh_num((double)tail_of(first, n).upto);
	out.mid = eh_num((double)fminl(1.0L, 2.0L * t.upto - t.at));
	return out;
}

/*
 * Doubles with 17 significant digits; see eh_format_real in text.h.
 *
 * x = m 2^e with an integer m below 2^53.  For 10^-39 <= x < 10^17 the digits are those of the integer next to
 * m 5^q 2^(e+q), where q = 16 - (decimal exponent of x) is 0..55 and 5^q fits 128 bits: the product is exact, so
 * rounding is that of printf, ties to even included, without an error to be bounded.  Everything else is printf's.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

__extension__ typedef unsigned __int128 u128;

#define POWERS 56 /* 5^55 < 2^128 < 5^56 */
#define TEN16 UINT64_C(10000000000000000)

static u128 power_of_5(unsigned q)
{
	static const uint64_t small[28] = {
		UINT64_C(1),
		UINT64_C(5),
		UINT64_C(25),
		UINT64_C(125),
		UINT64_C(625),
		UINT64_C(3125),
		UINT64_C(15625),
		UINT64_C(78125),
		UINT64_C(390625),
		UINT64_C(1953125),
		UINT64_C(9765625),
		UINT64_C(48828125),
		UINT64_C(244140625),
		UINT64_C(1220703125),
		UINT64_C(6103515625),
		UINT64_C(30517578125),
		UINT64_C(152587890625),
		UINT64_C(762939453125),
		UINT64_C(3814697265625),
		UINT64_C(19073486328125),
		UINT64_C(95367431640625),
		UINT64_C(476837158203125),
		UINT64_C(2384185791015625),
		UINT64_C(11920928955078125),
		UINT64_C(59604644775390625),
		UINT64_C(298023223876953125),
		UINT64_C(1490116119384765625),
		UINT64_C(7450580596923828125),
	};

	return q < 28 ? small[q] : q < 55 ? (u128)small[27] * small[q - 27] : (u128)small[27] * small[27] * 5;
}

/* round(m 5^q 2^shift), ties to even; below 2^63. */
static uint64_t rounded(uint64_t m, unsigned q, int shift)
{
	const u128 five = power_of_5(q);
	const u128 low = (u128)m * (uint64_t)five, high = (u128)m * (uint64_t)(five >> 64) + (uint64_t)(low >> 64);
	const uint64_t limb[4] = { (uint64_t)low, (uint64_t)high, (uint64_t)(high >> 64), 0 };
	const unsigned t = (unsigned)-shift, at = t / 64, bit = t % 64;
	uint64_t whole = 0, below = 0, half = 0;

	if (shift >= 0)
		return (uint64_t)low << shift;
	if (at > 2)
		return 0;
	whole = limb[at] >> bit | (bit > 0 ? limb[at + 1] << (64 - bit) : 0);
	half = t % 64 > 0 ? limb[at] >> (bit - 1) & 1 : limb[at - 1] >> 63;
	for (unsigned i = 0; i < (t - 1) / 64; i++)
		below |= limb[i];
	below |= (t - 1) % 64 > 0 ? limb[(t - 1) / 64] << (64 - (t - 1) % 64) : 0;
	return whole + (half & (below != 0 || (whole & 1) != 0));
}

/* The 17 digits of v > 0 and the decimal exponent of the first; false: not this way. */
static bool digits_of(char out[17], int *exponent, double v)
{
	int e = 0, x = 0;
	uint64_t m = (uint64_t)ldexp(frexp(v, &e), 53), d = 0;

	x = (int)floor((e - 1) * 0.30102999566398120); /* of the power of two below v: right or one too small */
	for (e -= 53; 16 - x >= 0 && 16 - x < POWERS; x++) {
		d = rounded(m, (unsigned)(16 - x), e + 16 - x);
		if (d < 10 * TEN16)
			break;
	}
	if (16 - x < 0 || 16 - x >= POWERS || d < TEN16)
		return false;
	for (size_t i = 17; i-- > 0; d /= 10)
		out[i] = (char)('0' + d % 10);
	*exponent = x;
	return true;
}

int eh_format_real(char out[EH_REAL_TEXT], double v)
{
	char digit[17];
	int x = 0, n = 17, used = 0;

	if (!(fabs(v) >= 1e-38 && fabs(v) < 1e16) || !digits_of(digit, &x, fabs(v)))
		return snprintf(out, EH_REAL_TEXT, "%.17g", v);
	while (n > 1 && digit[n - 1] == '0')
		n--;
	if (v < 0.0)
		out[used++] = '-';
	if (x < -4) {
		out[used++] = digit[0];
		if (n > 1)
			out[used++] = '.';
		memcpy(out + used, digit + 1, (size_t)n - 1);
		used += n - 1;
		memcpy(out + used, "e-", 2);
		out[used + 2] = (char)('0' + -x / 10);
		out[used + 3] = (char)('0' + -x % 10);
		used += 4;
	} else if (x < 0) {
		memcpy(out + used, "0.0000", 6);
		used += 1 - x;
		memcpy(out + used, digit, (size_t)n);
		used += n;
	} else {
		for (int i = 0; i <= x || i < n; i++) {
			if (i == x + 1)
				out[used++] = '.';
			out[used++] = i < n ? digit[i] : '0';
		}
	}
	out[used] = '\0';
	return used;
}

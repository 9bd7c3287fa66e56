/*
 * Doubles with 17 significant digits, or with few decimals, and integers, as text; see eh_format_real in text.h.
 *
 * x = m 2^e with an integer m below 2^53.  For 10^-39 <= x < 10^17 the digits are those of the integer next to
 * m 5^q 2^(e+q), where q = 16 - (decimal exponent of x) is 0..55 and 5^q fits 128 bits: the product is exact, so
 * rounding is that of printf, ties to even included, without an error to be bounded.  Everything else is printf's.
 */
#include <math.h>
#include <stddef.h>
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

/* round(m 5^q 2^-t), ties to even, for 0 < t < 128 and q < 28: the product is below 2^117. */
static uint64_t rounded_short(uint64_t m, unsigned q, unsigned t)
{
	const u128 product = (u128)m * (uint64_t)power_of_5(q), one = 1;
	const uint64_t whole = (uint64_t)(product >> t);
	const u128 rest = product & ((one << t) - 1), half = one << (t - 1);

	return whole + (rest > half || (rest == half && (whole & 1) != 0));
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
	if (q < 28 && t < 128)
		return rounded_short(m, q, t);
	if (at > 2)
		return 0;
	whole = limb[at] >> bit | (bit > 0 ? limb[at + 1] << (64 - bit) : 0);
	half = t % 64 > 0 ? limb[at] >> (bit - 1) & 1 : limb[at - 1] >> 63;
	for (unsigned i = 0; i < (t - 1) / 64; i++)
		below |= limb[i];
	below |= (t - 1) % 64 > 0 ? limb[(t - 1) / 64] << (64 - (t - 1) % 64) : 0;
	return whole + (half & (below != 0 || (whole & 1) != 0));
}

static void two_digits(char out[2], uint32_t n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
				    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

	memcpy(out, pairs + 2 * n, 2);
}

static void eight_digits(char out[8], uint32_t n)
{
	const uint32_t high = n / 10000, low = n % 10000;

	two_digits(out, high / 100);
	two_digits(out + 2, high % 100);
	two_digits(out + 4, low / 100);
	two_digits(out + 6, low % 100);
}

#define MANTISSA 52
#define HIDDEN (UINT64_C(1) << MANTISSA)

/* The 17 digits of v > 0, which is no subnormal, and the decimal exponent of the first; false: not this way. */
static bool digits_of(char out[17], int *exponent, double v)
{
	uint64_t bits, m = 0, d = 0;
	uint32_t top = 0;
	int e = 0, x = 0;

	memcpy(&bits, &v, sizeof bits);
	m = (bits & (HIDDEN - 1)) | HIDDEN;
	e = (int)(bits >> MANTISSA) - 1023;
	/* m / 2^52 - 1 is at most log2(m / 2^52): right, or one too small.  500: what is cut off is the floor then. */
	x = (int)(((double)e + (double)(m - HIDDEN) * 0x1p-52) * 0.30102999566398120 + 500.0) - 500;
	for (e -= MANTISSA; 16 - x >= 0 && 16 - x < POWERS; x++) {
		d = rounded(m, (unsigned)(16 - x), e + 16 - x);
		if (d < 10 * TEN16)
			break;
	}
	if (16 - x < 0 || 16 - x >= POWERS || d < TEN16)
		return false;
	top = (uint32_t)(d / 100000000);
	eight_digits(out + 9, (uint32_t)(d % 100000000));
	eight_digits(out + 1, top % 100000000);
	out[0] = (char)('0' + top / 100000000);
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
		/* the digits behind the n-th are zeros, as they are to be shown */
		memcpy(out + used, digit, (size_t)x + 1);
		used += x + 1;
		if (n > x + 1) {
			out[used++] = '.';
			memcpy(out + used, digit + x + 1, (size_t)(n - x - 1));
			used += n - x - 1;
		}
	}
	out[used] = '\0';
	return used;
}

/* The digits of n, at least `least` of them, to the end of a field of 20. */
static char *digits_before(char *end, uint64_t n, unsigned least)
{
	char *p = end;

	while (n >= 100) {
		p -= 2;
		two_digits(p, (uint32_t)(n % 100));
		n /= 100;
	}
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (end - p < (ptrdiff_t)least)
		*--p = '0';
	return p;
}

int eh_format_int(char out[EH_REAL_TEXT], int64_t v)
{
	char field[20], *end = field + sizeof field, *p = digits_before(end, v < 0 ? -(uint64_t)v : (uint64_t)v, 1);
	int used = 0;

	if (v < 0)
		out[used++] = '-';
	memcpy(out + used, p, (size_t)(end - p));
	used += (int)(end - p);
	out[used] = '\0';
	return used;
}

/* m 10^decimals is below 2^83, so that it is exact, and so is the comparison of what is cut off with a half. */
int eh_format_fixed(char out[EH_REAL_TEXT], double v, unsigned decimals)
{
	static const uint32_t tens[10] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
	char field[20], *end = field + sizeof field, *p = NULL;
	uint64_t bits, m = 0, whole = 0;
	unsigned e = 0, t = 0;
	int used = 0, before = 0;

	if (!(fabs(v) < 1e9) || decimals > 9)
		return 0;
	memcpy(&bits, &v, sizeof bits);
	e = (unsigned)(bits >> MANTISSA & 0x7ff);
	m = (bits & (HIDDEN - 1)) | (e > 0 ? HIDDEN : 0);
	t = 1075 - (e > 0 ? e : 1); /* v = m 2^-t, and t > 22 */
	if (t < 85) {
		const u128 product = (u128)m * tens[decimals], one = 1;
		const u128 rest = product & ((one << t) - 1), half = one << (t - 1);

		whole = (uint64_t)(product >> t);
		whole += rest > half || (rest == half && (whole & 1) != 0);
	}
	p = digits_before(end, whole, decimals + 1);
	before = (int)(end - p) - (int)decimals;
	if (signbit(v))
		out[used++] = '-';
	memcpy(out + used, p, (size_t)before);
	used += before;
	if (decimals > 0) {
		out[used++] = '.';
		memcpy(out + used, p + before, decimals);
		used += (int)decimals;
	}
	out[used] = '\0';
	return used;
}

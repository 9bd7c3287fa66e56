/* SHA-256 and SipHash through libsodium; see digest.h. */
#include "base/digest.h"

#include <sodium.h>

void eh_sha256(unsigned char out[EH_DIGEST_SIZE], const void *data, size_t len)
{
	/* no sodium_init needed: hashing uses neither random numbers nor guarded memory */
	(void)crypto_hash_sha256(out, data, len);
}

void eh_fingerprint(unsigned char out[EH_FINGERPRINT_SIZE], const void *data, size_t len)
{
	/* no secret: it only keeps ids made for other uses of SipHash from meeting here */
	static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = {
		'e', 'v', 'e', 'n', 'h', 'a', 'n', 'd'
	};

	(void)crypto_shorthash_siphashx24(out, data, len, key);
}

void eh_hex(char *out, const unsigned char *bytes, size_t len)
{
	(void)sodium_bin2hex(out, 2 * len + 1, bytes, len);
}

void eh_sha256_hex(char out[EH_DIGEST_HEX], const void *data, size_t len)
{
	unsigned char digest[EH_DIGEST_SIZE];

	eh_sha256(digest, data, len);
	eh_hex(out, digest, sizeof digest);
}

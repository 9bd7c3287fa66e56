/*
 * digest.h - SHA-256 (FIPS 180-4) and SipHash, from libsodium.
 *
 * This is libsodium's one home: journal, policies and model files all need digests, and the
 * sealed values of the store will be built on this file's neighbours.
 */
#ifndef EH_BASE_DIGEST_H
#define EH_BASE_DIGEST_H

#include <stddef.h>

#define EH_DIGEST_SIZE 32
#define EH_DIGEST_HEX 65                /* with the NUL */

void eh_sha256(unsigned char out[EH_DIGEST_SIZE], const void *data, size_t len);
void eh_sha256_hex(char out[EH_DIGEST_HEX], const void *data, size_t len);
/*
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein 2012) under a key that never changes: the same text has
 * the same fingerprint in every run.  Of n texts some two agree in b bits of it with probability n^2 / 2^(b+1).
 */
#define EH_FINGERPRINT_SIZE 16
void eh_fingerprint(unsigned char out[EH_FINGERPRINT_SIZE], const void *data, size_t len);
void eh_hex(char *out, const unsigned char *bytes, size_t len);  /* out holds 2 len + 1 */

#endif

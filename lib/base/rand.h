/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_RAND_H
#define BARO_BASE_RAND_H

/*
 * Seeded random numbers (xoshiro256**): the same seed gives the same run. Not
 * for secrets; secrets are siphash24() under a key from rand_secret().
 */

#include <stdint.h>

struct rand {
	uint64_t s[4];
};

void
rand_seed(struct rand *r, uint64_t seed);

/** Uniform over 64 bits. */
uint64_t
rand_u64(struct rand *r);

/** Uniform over 0..@below - 1; @below is at least 1. No modulo bias. */
uint32_t
rand_below(struct rand *r, uint32_t below);

/** Fill @buf from the operating system. @return 0 or -errno */
int
rand_secret(void *buf, uint32_t len);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

/* xoshiro256** (Blackman, Vigna 2018), its state filled by SplitMix64. */

#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

static uint64_t
rotl(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t
next_splitmix(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
rand_seed(struct rand *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		r->s[i] = next_splitmix(&seed);
}

uint64_t
rand_u64(struct rand *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

/*
 * Lemire 2019: the high half of a 32 by 32 bit product is uniform once the few
 * low halves that would make some results likelier are thrown away.
 */
uint32_t
rand_below(struct rand *r, uint32_t below)
{
	uint64_t product = (rand_u64(r) >> 32) * below;

	if ((uint32_t)product < below) {
		uint32_t surplus = (0u - below) % below; /* 2^32 mod below */

		while ((uint32_t)product < surplus)
			product = (rand_u64(r) >> 32) * below;
	}
	return (uint32_t)(product >> 32);
}

int
rand_secret(void *buf, uint32_t len)
{
	char *p = buf;
	ssize_t n;

	while (len > 0) {
		n = getrandom(p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (uint32_t)n;
	}
	return 0;
}

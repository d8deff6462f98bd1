/* SPDX-License-Identifier: BSD-3-Clause */

/* SipHash-2-4 of octets of any number; the rounds are in the header. */

#include "base/siphash.h"

/* Up to eight octets as a little-endian word; missing ones are zero. */
static uint64_t
get_word(const uint8_t *p, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

uint64_t
siphash24(const struct siphash_key *key, const void *data, size_t len)
{
	struct siphash_state s = siphash_begin(key);
	const uint8_t *p = data;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8)
		siphash_add(&s, get_word(p, 8), 2);
	siphash_add(&s, (uint64_t)len << 56 | get_word(p, left), 2);
	return siphash_end(&s, 4);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_SIPHASH_H
#define BARO_BASE_SIPHASH_H

/*
 * SipHash (Aumasson, Bernstein 2012): a keyed hash that a peer cannot aim.
 * 2-4 rounds for initial sequence numbers, 1-3 for tables.
 */

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0;
	uint64_t k1;
};

/** SipHash-2-4 of any octets; equal to the published vectors. */
uint64_t
siphash24(const struct siphash_key *key, const void *data, size_t len);

/* Inline by force: in registers all the time, or a datagram takes 55 ns to leave instead of 45. */
#define SIPHASH_INLINE static inline __attribute__((always_inline))

struct siphash_state {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

static inline uint64_t
siphash_rotl(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

SIPHASH_INLINE struct siphash_state
siphash_begin(const struct siphash_key *key)
{
	return (struct siphash_state){
		.v0 = key->k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = key->k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = key->k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = key->k1 ^ UINT64_C(0x7465646279746573),
	};
}

SIPHASH_INLINE void
siphash_round(struct siphash_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = siphash_rotl(s->v1, 13) ^ s->v0;
	s->v3 = siphash_rotl(s->v3, 16) ^ s->v2;
	s->v0 = siphash_rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = siphash_rotl(s->v1, 17) ^ s->v2;
	s->v3 = siphash_rotl(s->v3, 21) ^ s->v0;
	s->v2 = siphash_rotl(s->v2, 32);
}

/** Take in one word of the message by @rounds compression rounds. */
SIPHASH_INLINE void
siphash_add(struct siphash_state *s, uint64_t word, int rounds)
{
	s->v3 ^= word;
	for (int i = 0; i < rounds; i++)
		siphash_round(s);
	s->v0 ^= word;
}

SIPHASH_INLINE uint64_t
siphash_end(struct siphash_state *s, int rounds)
{
	s->v2 ^= 0xff;
#pragma GCC unroll 4
	for (int i = 0; i < rounds; i++)
		siphash_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/** SipHash-1-3 of 16 octets given as two words; inline, for tables on the hot path. */
static inline uint64_t
siphash13_2u64(const struct siphash_key *key, uint64_t a, uint64_t b)
{
	struct siphash_state s = siphash_begin(key);

	siphash_add(&s, a, 1);
	siphash_add(&s, b, 1);
	siphash_add(&s, UINT64_C(16) << 56, 1); /* the last word ends in the message's length */
	return siphash_end(&s, 3);
}

/** SipHash-1-3 of 12 octets: their number stands beside the last four, which saves a round. */
static inline uint64_t
siphash13_u64_u32(const struct siphash_key *key, uint64_t a, uint32_t b)
{
	struct siphash_state s = siphash_begin(key);

	siphash_add(&s, a, 1);
	siphash_add(&s, UINT64_C(12) << 56 | b, 1);
	return siphash_end(&s, 3);
}

#endif

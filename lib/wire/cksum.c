/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * RFC 1071 §2: the sum may be taken over wider words in memory order and folded at the end. 64-bit words are
 * added, and their carries counted: an add and an adc each. A carry out of the sum is worth 2^64, which is 1.
 */

#include "wire/cksum.h"

#include "wire/bytes.h"

/* To 16 bits and a carry; the result is zero only if @sum is. */
static uint32_t
fold64(uint64_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

struct wide_sum {
	uint64_t low;
	uint64_t carries;
};

static inline void
add_word(struct wide_sum *s, uint64_t word)
{
	s->low += word;
	s->carries += s->low < word;
}

static inline uint64_t
word64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/** The last @len < 8 octets as a word, zeroes behind them. */
static inline uint64_t
last_word(const uint8_t *p, uint32_t len)
{
	uint64_t word = 0;
	uint16_t pair = 0;

	if (len & 4) {
		word = cksum_word(p);
		p += 4;
	}
	if (len & 2) {
		memcpy(&pair, p, 2);
		word += (uint64_t)pair << 32; /* a multiple of 16 bits away: the sum is the same */
		p += 2;
	}
	if (len & 1) {
		pair = 0;
		memcpy(&pair, p, 1);
		word += (uint64_t)pair << 48;
	}
	return word;
}

uint32_t
cksum_add(uint32_t sum, const void *data, uint32_t len)
{
	const uint8_t *p = data;
	struct wide_sum s = { .low = sum };

	for (; len >= 32; len -= 32, p += 32) {
		add_word(&s, word64(p));
		add_word(&s, word64(p + 8));
		add_word(&s, word64(p + 16));
		add_word(&s, word64(p + 24));
	}
	for (; len >= 8; len -= 8, p += 8)
		add_word(&s, word64(p));
	if (len != 0)
		add_word(&s, last_word(p, len));
	return fold64(fold64(s.low) + s.carries);
}

uint32_t
cksum_add_odd(uint32_t sum, const void *data, uint32_t len)
{
	uint16_t piece = cksum_fold_seed(cksum_add(0, data, len));

	return fold64((uint64_t)sum + __builtin_bswap16(piece));
}

uint32_t
cksum_pseudo4(uint32_t src, uint32_t dst, uint8_t proto, uint32_t l4_len)
{
	/* the sum of the words in host order, put into the order of the wire, is that of the octets: §2 (B) */
	uint32_t sum = fold64((uint64_t)src + dst + l4_len + proto);
	uint16_t wire;

	put_u16((uint8_t *)&wire, cksum_fold_seed(sum));
	return wire;
}

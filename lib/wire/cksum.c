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
	uint32_t low = (uint32_t)sum;

	low += (uint32_t)(sum >> 32);
	low += low < (uint32_t)(sum >> 32);
	return (low & 0xffff) + (low >> 16);
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

	const uint8_t *end = p + (len & ~31u);

	for (; p != end; p += 32) {
		add_word(&s, word64(p));
		add_word(&s, word64(p + 8));
		add_word(&s, word64(p + 16));
		add_word(&s, word64(p + 24));
	}
	/* less than 32 are left: a question for each bit of their number, and no loop for headers */
	if (len & 16) {
		add_word(&s, word64(p));
		add_word(&s, word64(p + 8));
		p += 16;
	}
	if (len & 8) {
		add_word(&s, word64(p));
		p += 8;
	}
	add_word(&s, last_word(p, len & 7));
	s.low += s.carries;
	return fold64(s.low + (s.low < s.carries));
}

uint32_t
cksum_add_odd(uint32_t sum, const void *data, uint32_t len)
{
	uint16_t piece = cksum_fold_seed(cksum_add(0, data, len));

	return fold64((uint64_t)sum + __builtin_bswap16(piece));
}

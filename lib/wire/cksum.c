/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * RFC 1071 §2: the sum may be taken over wider words in memory order and folded
 * at the end. 32-bit words are added into 64-bit accumulators, which never
 * overflow, so there is no carry to mind; four of them keep the adders busy.
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

uint32_t
cksum_add(uint32_t sum, const void *data, uint32_t len)
{
	const uint8_t *p = data;
	uint64_t acc[4] = { sum };
	uint16_t last = 0;

	for (; len >= 32; len -= 32, p += 32) {
		for (unsigned i = 0; i < 4; i++)
			acc[i] += cksum_word(p + 8 * i) + cksum_word(p + 8 * i + 4);
	}
	for (; len >= 4; len -= 4, p += 4)
		acc[0] += cksum_word(p);
	if (len >= 2) {
		memcpy(&last, p, 2);
		acc[1] += last;
		p += 2;
	}
	if (len & 1) {
		last = 0;
		memcpy(&last, p, 1);
		acc[2] += last;
	}
	return fold64(acc[0] + acc[1] + acc[2] + acc[3]);
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
	uint8_t wire[12];

	put_u32(wire, src);
	put_u32(wire + 4, dst);
	put_u32(wire + 8, l4_len + proto);
	return fold64(cksum_word(wire) + cksum_word(wire + 4) + cksum_word(wire + 8));
}

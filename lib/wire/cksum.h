/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_CKSUM_H
#define BARO_WIRE_CKSUM_H

/*
 * The Internet checksum, RFC 1071. A partial sum is a uint32_t over 16-bit words
 * as they lie in memory, below 2^18, so that sums of pieces may be added. A piece
 * that begins at an odd distance from the start of the data goes through
 * cksum_add_odd().
 */

#include <stdint.h>
#include <string.h>

#include "wire/bytes.h"

/** Add @len octets, an odd last one as if a zero followed. @p needs no alignment. */
uint32_t
cksum_add(uint32_t sum, const void *p, uint32_t len);

/** The same where @p begins at an odd distance from the start of the data. */
uint32_t
cksum_add_odd(uint32_t sum, const void *p, uint32_t len);

/** Four octets as they lie in memory; the sum of any 2^32 of them fits 64 bits. */
static inline uint64_t
cksum_word(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/** To a partial sum: what was above 16 bits is added below. @sum is below 2^48. */
static inline uint32_t
cksum_narrow(uint64_t sum)
{
	return (uint32_t)((sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32));
}

/** Sum of the IPv4 pseudo-header, RFC 9293 §3.1; addresses and @l4_len in host order. */
static inline uint32_t
cksum_pseudo4(uint32_t src, uint32_t dst, uint8_t proto, uint32_t l4_len)
{
	/* the protocol lies in front of the length: one word, be the length longer than the field or not */
	uint64_t sum = (uint64_t)wire_u32(src) + wire_u32(dst) + wire_u32(l4_len + proto);

	return cksum_narrow(sum);
}

/** Sum of the 20 octets of an IPv4 header without options. */
static inline uint32_t
cksum_ipv4_hdr(const uint8_t *p)
{
	uint64_t sum = cksum_word(p);

	sum += cksum_word(p + 4) + cksum_word(p + 8) + cksum_word(p + 12) + cksum_word(p + 16);
	return cksum_narrow(sum);
}

/** Fold a sum and complement it: what is stored with memcpy, in memory order. */
static inline uint16_t
cksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/** Fold without complement: the seed that NICs want in the checksum field. */
static inline uint16_t
cksum_fold_seed(uint32_t sum)
{
	return (uint16_t)~cksum_fold(sum);
}

#endif

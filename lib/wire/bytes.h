/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_BYTES_H
#define BARO_WIRE_BYTES_H

/*
 * Network order to host order and back, unaligned, on any host; compilers make
 * one load or store and a swap of each. Only wire/ includes this. Neighbouring fields of a header
 * are put as one word: its checksum is taken by words, and a load of what several short stores have written waits.
 */

#include <stdint.h>
#include <string.h>

static inline uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void
put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/** @v as it lies in memory when it is written in network order. */
static inline uint32_t
wire_u32(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(v);
#else
	return v;
#endif
}

static inline uint64_t
wire_u64(uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(v);
#else
	return v;
#endif
}

static inline void
put_u32(uint8_t *p, uint32_t v)
{
	uint32_t word = wire_u32(v);

	memcpy(p, &word, sizeof(word));
}

static inline void
put_u64(uint8_t *p, uint64_t v)
{
	uint64_t word = wire_u64(v);

	memcpy(p, &word, sizeof(word));
}

#endif

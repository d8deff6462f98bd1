/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_BYTES_H
#define BARO_WIRE_BYTES_H

/*
 * Network order to host order and back, unaligned, on any host; compilers make
 * one load or store and a swap of each. Only wire/ includes this.
 */

#include <stdint.h>

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

static inline void
put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/** @v as it lies in memory when it is written in network order: for sums over whole words. */
static inline uint32_t
wire_u32(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(v);
#else
	return v;
#endif
}

#endif

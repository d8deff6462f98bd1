/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

/* The octets that drive the fuzzer, read as choices. Past their end every choice is 0. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script {
	const uint8_t *p;
	size_t len;
};

static inline uint8_t
script_u8(struct script *s)
{
	if (s->len == 0)
		return 0;
	s->len--;
	return *s->p++;
}

static inline uint32_t
script_u32(struct script *s)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | script_u8(s);
	return n;
}

/** 0..@below - 1, @below at most 256. */
static inline unsigned
script_below(struct script *s, unsigned below)
{
	return script_u8(s) % below;
}

/** A size: 0 to 2^16 octets, small ones more often. */
static inline uint32_t
script_size(struct script *s)
{
	unsigned bits = script_below(s, 17);

	return (1u << bits) - 1 + script_u8(s) % (1u << (bits < 8 ? bits : 7));
}

/** A distance: near 0 mostly, sometimes anything. */
static inline uint32_t
script_distance(struct script *s)
{
	switch (script_below(s, 6)) {
	case 0:
		return 0;
	case 1:
		return (uint32_t)(int8_t)script_u8(s);
	case 2:
		return (uint32_t)((int8_t)script_u8(s) * 1460);
	case 3:
		return script_size(s);
	case 4:
		return 0 - script_size(s);
	default:
		return script_u32(s);
	}
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TESTS_WIRE_OCTETS_H
#define BARO_TESTS_WIRE_OCTETS_H

/* Octets for readers, in memory that ends where they end. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"

/** Octets and their number, for a row of a table at file scope. */
#define OCTETS(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

/** Copy to a heap block of exactly @len octets: ASan sees any read beyond. free() it. */
static inline uint8_t *
exact_copy(const void *octets, size_t len)
{
	uint8_t *copy = malloc(len);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, octets, len);
	return copy;
}

static inline void
fill_any(struct rand *r, void *octets, size_t len)
{
	uint8_t *p = octets;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)rand_u64(r);
}

#endif

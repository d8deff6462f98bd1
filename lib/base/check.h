/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_CHECK_H
#define BARO_BASE_CHECK_H

/*
 * Assertions and the few macros that C lacks. BARO_ASSERT is for our own bugs
 * only: nothing that arrives from a network or a caller may trip it.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/** Octets in a cache line; dev/ asserts that DPDK agrees. */
#define BARO_CACHE_LINE 64

/** On in tests and debug builds; in a release it costs nothing. */
#ifdef NDEBUG
#define BARO_ASSERT(claim) ((void)(0 && (claim)))
#else
#define BARO_ASSERT(claim) ((claim) ? (void)0 : abort())
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** The structure that holds @member at @ptr. */
#define holder_of(ptr, type, member) ((type *)(void *)(((char *)(ptr)) - offsetof(type, member)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/** Cold code, kept out of its caller's instruction stream. */
#define BARO_COLD __attribute__((cold, noinline))

static inline uint32_t
min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t
max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static inline uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t
max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_PREFETCH_H
#define BARO_BASE_PREFETCH_H

/*
 * Memory that will be looked at soon is asked for, and nobody waits: prefetch() while other work is done, fetch() where
 * a batch is asked for in one go. When too many are on their way a CPU may drop prefetches (of 256 lines in a row, most),
 * but no load; and loads that nobody waits for overlap as far as it looks ahead, if nothing but loads is there.
 */

#include <stddef.h>

#include "base/check.h"

/** An address of nothing does no harm. */
static inline void
prefetch(const void *object, size_t len)
{
	for (size_t i = 0; i < len; i += BARO_CACHE_LINE)
		__builtin_prefetch((const char *)object + i);
}

/** All of it is readable. */
static inline void
fetch(const void *object, size_t len)
{
	for (size_t i = 0; i < len; i += BARO_CACHE_LINE)
		(void)*((const volatile char *)object + i);
}

#endif

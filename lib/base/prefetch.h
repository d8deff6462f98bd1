/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_PREFETCH_H
#define BARO_BASE_PREFETCH_H

/* Memory that will be looked at soon is asked for, and nobody waits. An address of nothing does no harm. */

#include <stddef.h>

#include "base/check.h"

static inline void
prefetch(const void *object, size_t len)
{
	for (size_t i = 0; i < len; i += BARO_CACHE_LINE)
		__builtin_prefetch((const char *)object + i);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_TIME_H
#define BARO_BASE_TIME_H

/* Time is nanoseconds in a uint64_t, monotonic, handed in by the caller. */

#include <stdint.h>

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

/** A deadline that never comes. */
#define TIME_NEVER UINT64_MAX

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

#include "bytes.h"

#include <string.h>

#define PERIOD 251

static uint8_t pattern[PERIOD * 64]; /* written by http_bytes_prepare() alone */

void
http_bytes_prepare(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i % PERIOD);
}

const char *
http_bytes_at(uint64_t offset)
{
	return (const char *)pattern + offset % PERIOD;
}

size_t
http_bytes_fill(uint8_t *room, size_t len, uint64_t offset)
{
	size_t at = (size_t)(offset % PERIOD);

	if (len > sizeof(pattern) - at)
		len = sizeof(pattern) - at;
	memcpy(room, pattern + at, len);
	return len;
}

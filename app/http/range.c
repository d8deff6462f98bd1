/* SPDX-License-Identifier: BSD-3-Clause */

#include "range.h"

#include <stddef.h>
#include <strings.h>

const char *
http_number_read(const char *text, uint64_t max, uint64_t *n)
{
	const uint64_t most = max / 10; /* that a digit may follow */
	const char *p = text;

	*n = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (*n > most || digit > max - *n * 10)
			return NULL;
		*n = *n * 10 + digit;
	}
	return p == text ? NULL : p;
}

/* "-suffix": the last octets. */
static enum http_range_verdict
read_suffix(const char *value, uint64_t size, uint64_t *first, uint64_t *len)
{
	uint64_t suffix;
	const char *end = http_number_read(value, UINT64_MAX, &suffix);

	if (end == NULL || *end != '\0')
		return HTTP_RANGE_IGNORE;
	if (suffix == 0 || size == 0)
		return HTTP_RANGE_OUTSIDE;
	*len = suffix < size ? suffix : size;
	*first = size - *len;
	return HTTP_RANGE_PART;
}

enum http_range_verdict
http_range_read(const char *value, uint64_t size, uint64_t *first, uint64_t *len)
{
	uint64_t from, last = UINT64_MAX;

	if (strncasecmp(value, "bytes=", 6) != 0)
		return HTTP_RANGE_IGNORE;
	value += 6;
	if (*value == '-')
		return read_suffix(value + 1, size, first, len);
	value = http_number_read(value, UINT64_MAX, &from);
	if (value == NULL || *value++ != '-')
		return HTTP_RANGE_IGNORE;
	if (*value != '\0')
		value = http_number_read(value, UINT64_MAX, &last);
	if (value == NULL || *value != '\0' || last < from)
		return HTTP_RANGE_IGNORE;
	if (from >= size)
		return HTTP_RANGE_OUTSIDE;
	*first = from;
	*len = (last < size ? last : size - 1) - from + 1;
	return HTTP_RANGE_PART;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

/* The Range header field (RFC 9110 §14.2). */

#include <stdint.h>

enum http_range_verdict {
	HTTP_RANGE_IGNORE, /* no range of octets, or several: send everything */
	HTTP_RANGE_PART,
	HTTP_RANGE_OUTSIDE, /* 416 */
};

/**
 * Apply "bytes=first-last", "bytes=first-" or "bytes=-suffix" to @size octets.
 *
 * @first, @len  set with HTTP_RANGE_PART only; @len is at least 1
 */
enum http_range_verdict
http_range_read(const char *value, uint64_t size, uint64_t *first, uint64_t *len);

/** Read digits up to @max. @return first character after them, NULL: no digit, or more than @max */
const char *
http_number_read(const char *text, uint64_t max, uint64_t *n);

#endif

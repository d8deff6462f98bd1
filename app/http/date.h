/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

/* Dates of HTTP (RFC 9110 §5.6.7), and which second it is, asked for once in each. */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define HTTP_DATE_LEN 29

/** "Sun, 06 Nov 1994 08:49:37 GMT" */
void
http_date_write(time_t t, char text[HTTP_DATE_LEN + 1]);

/** Read any of the three forms that a recipient must accept. @return false: none of them */
bool
http_date_read(const char *text, time_t *t);

/** Zeroed before first use. */
struct http_clock {
	uint64_t next_ns; /* of the core's time: until then now_s is right */
	time_t now_s;
};

/** @return true when the second has changed */
bool
http_clock_update(struct http_clock *clock, uint64_t now_ns);

#endif

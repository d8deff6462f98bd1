/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

/* The head of a response in words, and with it a body that is short. */

#include "response.h"

/** Octets that a head with its short body never exceeds. */
#define HTTP_TEXT_MAX 4096
/** Octets of a body that travels with its head. */
#define HTTP_SHORT_BODY_MAX 1024
/** Octets of a Location, as it is written. */
#define HTTP_LOCATION_MAX 2048

/**
 * Write the head, and the body too if it is short.
 *
 * @date    r->date_s in words, HTTP_DATE_LEN of them
 * @server  value of Server; NULL: no such field
 * @return  octets written
 */
size_t
http_head_write(const struct http_response *r, const char *date, const char *server,
	char text[HTTP_TEXT_MAX]);

/** The body does not travel with its head: it follows as there is room. */
bool
http_body_follows(const struct http_response *r);

/** Octets of the body as it will be sent. */
uint64_t
http_body_len(const struct http_response *r);

#endif

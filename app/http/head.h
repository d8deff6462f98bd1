/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

/* The head of a response in words, and with it a body that is short. */

#include "date.h"
#include "response.h"

/** Octets that no head with its short body exceeds. */
#define HTTP_TEXT_MAX 4096
/** Octets of a body that travels with its head. */
#define HTTP_SHORT_BODY_MAX 1024
/** Octets of a Location, as it is written. */
#define HTTP_LOCATION_MAX 2048

/** Octets of the value of Server. */
#define HTTP_SERVER_NAME_MAX 64

/** The fields that all heads of a second have: Date and Server. */
struct http_common {
	time_t date_s;
	size_t len;
	char text[HTTP_DATE_LEN + HTTP_SERVER_NAME_MAX + 32];
};

/** @server  value of Server, HTTP_SERVER_NAME_MAX octets at most; NULL: no such field */
void
http_common_write(struct http_common *common, time_t date_s, const char *server);

/** Octets that head and short body do not exceed, some hundreds more than they will have. */
size_t
http_head_room(const struct http_response *r);

/**
 * Write the head, and the body too if it is short.
 *
 * @common  of r->date_s
 * @text    http_head_room() octets
 * @return  octets written
 */
size_t
http_head_write(const struct http_response *r, const struct http_common *common, char *text);

/** The body does not travel with its head: it follows as there is room. */
bool
http_body_follows(const struct http_response *r);

/** Octets of the body as it will be sent. */
uint64_t
http_body_len(const struct http_response *r);

#endif

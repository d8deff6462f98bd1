/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_URL_H
#define GET_URL_H

/* The URLs that we understand: http://host[:port]/path?query. RFC 3986, 9110 §4.2.1. */

#include <stdbool.h>
#include <stdint.h>

enum {
	URL_HOST_MAX = 255,
	URL_TARGET_MAX = 4095,
	URL_TEXT_MAX = URL_HOST_MAX + URL_TARGET_MAX + 16,
};

struct url {
	char host[URL_HOST_MAX + 1];
	uint16_t port;
	char target[URL_TARGET_MAX + 1]; /* path and query, as a request has it */
};

/**
 * "http://" may be missing. A fragment is left out.
 * @return 0, -EINVAL (not a URL), -EPROTONOSUPPORT (of another scheme), -ENAMETOOLONG
 */
int
url_parse(struct url *u, const char *text);

/** What a Location field says, seen from @u (RFC 3986 §5.2). @return as url_parse() */
int
url_follow(struct url *u, const char *location);

/** "http://host:8080/path", the port only if it is not 80. @return @buf */
char *
url_format(const struct url *u, char buf[URL_TEXT_MAX]);

/** The value of a Host field. @return @buf */
char *
url_host(const struct url *u, char buf[URL_HOST_MAX + 8]);

/** The last part of the path, to name a file by; NULL: there is none. @len gets its length */
const char *
url_file_name(const struct url *u, unsigned *len);

#endif

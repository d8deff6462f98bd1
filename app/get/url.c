/* SPDX-License-Identifier: BSD-3-Clause */

#include "url.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "ftp:" or "https:" in front? @return its length without the colon; 0: no scheme */
static size_t
scheme_len(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || strchr("+-.", text[len]) != NULL) {
		if (text[len] == '\0')
			return 0;
		len++;
	}
	return strncmp(text + len, "://", 3) == 0 ? len : 0;
}

/* Path and query up to the fragment; what cannot stand in a request line is refused. */
static int
set_target(struct url *u, const char *text)
{
	size_t len = strcspn(text, "#");
	size_t slash = text[0] == '/' ? 0 : 1;

	if (len + slash > URL_TARGET_MAX)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return -EINVAL;
	u->target[0] = '/';
	memcpy(u->target + slash, text, len);
	u->target[slash + len] = '\0';
	return 0;
}

/* "host:port"; no user, no IPv6. */
static int
set_authority(struct url *u, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t host_len = colon != NULL ? (size_t)(colon - text) : len;
	char *end;

	if (host_len == 0 || memchr(text, '@', len) != NULL || text[0] == '[')
		return -EINVAL;
	if (host_len > URL_HOST_MAX)
		return -ENAMETOOLONG;
	memcpy(u->host, text, host_len);
	u->host[host_len] = '\0';
	u->port = 80;
	if (colon != NULL && colon + 1 != text + len) {
		unsigned long port = strtoul(colon + 1, &end, 10);

		if (!isdigit((unsigned char)colon[1]) || end != text + len || port < 1 ||
			port > 65535)
			return -EINVAL;
		u->port = (uint16_t)port;
	}
	for (const char *p = u->host; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return -EINVAL;
	return 0;
}

static int
set_rest(struct url *u, const char *text)
{
	size_t len = strcspn(text, "/?#");
	int err = set_authority(u, text, len);

	return err != 0 ? err : set_target(u, text + len);
}

int
url_parse(struct url *u, const char *text)
{
	size_t scheme = scheme_len(text);

	if (scheme != 0 && (scheme != 4 || strncasecmp(text, "http", 4) != 0))
		return -EPROTONOSUPPORT;
	return set_rest(u, scheme != 0 ? text + scheme + 3 : text);
}

/* RFC 3986 §5.2.4: "." and ".." go; the query stays. */
static void
remove_dots(char *target)
{
	char *query = target + strcspn(target, "?");
	char *from = target;
	char *to = target;

	while (from < query) {
		char *end = from + 1 + strcspn(from + 1, "/?");
		size_t len = (size_t)(end - from);

		if (len == 3 && memcmp(from, "/..", 3) == 0) {
			while (to > target && *--to != '/')
				;
		} else if (len != 2 || memcmp(from, "/.", 2) != 0) {
			memmove(to, from, len);
			to += len;
			from = end;
			continue;
		}
		from = end;
		if (from == query)
			*to++ = '/'; /* the last part was one of them */
	}
	if (to == target)
		*to++ = '/';
	memmove(to, query, strlen(query) + 1);
}

static int
set_relative(struct url *u, const char *location)
{
	char merged[2 * URL_TARGET_MAX + 2];
	size_t path_len = strcspn(u->target, "?");
	size_t kept = path_len;

	if (location[0] != '?')
		while (kept > 1 && u->target[kept - 1] != '/')
			kept--;
	if (strlen(location) > URL_TARGET_MAX)
		return -ENAMETOOLONG;
	memcpy(merged, u->target, kept);
	strcpy(merged + kept, location);
	return set_target(u, merged);
}

int
url_follow(struct url *u, const char *location)
{
	int err;

	if (scheme_len(location) != 0)
		err = url_parse(u, location);
	else if (strncmp(location, "//", 2) == 0)
		err = set_rest(u, location + 2);
	else if (location[0] == '/')
		err = set_target(u, location);
	else
		err = set_relative(u, location);
	if (err == 0)
		remove_dots(u->target);
	return err;
}

char *
url_host(const struct url *u, char buf[URL_HOST_MAX + 8])
{
	if (u->port == 80)
		snprintf(buf, URL_HOST_MAX + 8, "%s", u->host);
	else
		snprintf(buf, URL_HOST_MAX + 8, "%s:%u", u->host, u->port);
	return buf;
}

char *
url_format(const struct url *u, char buf[URL_TEXT_MAX])
{
	char host[URL_HOST_MAX + 8];

	snprintf(buf, URL_TEXT_MAX, "http://%s%s", url_host(u, host), u->target);
	return buf;
}

const char *
url_file_name(const struct url *u, unsigned *len)
{
	size_t end = strcspn(u->target, "?");
	size_t begin = end;

	while (begin > 0 && u->target[begin - 1] != '/')
		begin--;
	*len = (unsigned)(end - begin);
	return end != begin ? u->target + begin : NULL;
}

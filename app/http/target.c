/* SPDX-License-Identifier: BSD-3-Clause */

#include "target.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

/* The path of an origin-form, or of an absolute-form: where it begins in @text. */
static const char *
find_path(const char *text)
{
	if (*text == '/')
		return text;
	if (strncasecmp(text, "http://", 7) != 0)
		return NULL;
	text += 7;
	text += strcspn(text, "/?");
	return *text == '/' ? text : "/";
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One octet of *@from, escaped or not. @return -1: bad escape, or a control character */
static int
next_octet(const char **from)
{
	const char *p = *from;
	int octet = (unsigned char)*p, high;

	*from += 1;
	if (octet == '%') {
		high = hex_digit(p[1]);
		if (high < 0 || hex_digit(p[2]) < 0)
			return -1;
		octet = high << 4 | hex_digit(p[2]);
		*from += 2;
	}
	return octet < 0x20 || octet == 0x7f ? -1 : octet;
}

/* Remove escapes and the query. The result is never longer than the source. */
static bool
unescape(const char *from, char *to)
{
	while (*from != '\0' && *from != '?') {
		int octet = *from == '#' ? -1 : next_octet(&from);

		if (octet < 0)
			return false;
		*to++ = (char)octet;
	}
	*to = '\0';
	return true;
}

/* RFC 3986 §5.2.4, except that ".." does not leave the root unpunished. */
static bool
remove_dots(char *path)
{
	const char *from = path;
	char *to = path;

	while (*from != '\0') {
		size_t len;

		from += strspn(from, "/");
		len = strcspn(from, "/");
		if (len == 2 && memcmp(from, "..", 2) == 0) {
			if (to == path)
				return false;
			while (*--to != '/')
				;
		} else if (len > 0 && !(len == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
			from += len;
			continue;
		}
		from += len;
		if (*from == '\0')
			*to++ = '/';
	}
	*to = '\0';
	return true;
}

/* What ends a segment, or means another octet, or is none of a path. */
static const bool is_odd[UCHAR_MAX + 1] = {
	[0 ... ' ' - 1] = true,
	['#'] = true,
	['%'] = true,
	['/'] = true,
	['?'] = true,
	[0x7f] = true,
};

/* Most targets are paths already, without an empty segment or one that begins with a dot. */
static bool
is_plain(const char *text)
{
	const char *p = text;

	while (*p == '/' && p[1] != '/' && p[1] != '.') {
		do
			p++;
		while (!is_odd[(unsigned char)*p]);
	}
	return p > text && *p == '\0';
}

bool
http_target_decode(char *text, size_t len)
{
	const char *path;

	text[len] = '\0';
	if (is_plain(text))
		return true;
	path = find_path(text);
	return path != NULL && unescape(path, text) && remove_dots(text);
}

size_t
http_target_encode(const char *path, char *out, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~/!$&'()*+,;=:@";
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *path != '\0'; path++) {
		if (n + 4 > size)
			return 0;
		if (strchr(plain, *path) != NULL) {
			out[n++] = *path;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[(unsigned char)*path >> 4];
		out[n++] = digits[(unsigned char)*path & 15];
	}
	out[n] = '\0';
	return n;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* app/get/url.h: RFC 3986. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "../../app/get/url.h"

static const struct {
	const char *text;
	int err;
	const char *host;
	unsigned port;
	const char *target;
} rows[] = {
	{ "http://files.lab/bytes/10", 0, "files.lab", 80, "/bytes/10" },
	{ "HTTP://files.lab", 0, "files.lab", 80, "/" },
	{ "files.lab:8080/x?y#z", 0, "files.lab", 8080, "/x?y" },
	{ "http://files.lab?q=1", 0, "files.lab", 80, "/?q=1" },
	{ "http://198.18.0.1:/", 0, "198.18.0.1", 80, "/" },
	{ "https://files.lab/", -EPROTONOSUPPORT, NULL, 0, NULL },
	{ "ftp://files.lab/", -EPROTONOSUPPORT, NULL, 0, NULL },
	{ "http:///x", -EINVAL, NULL, 0, NULL },
	{ "", -EINVAL, NULL, 0, NULL },
	{ "http://user:pass@files.lab/", -EINVAL, NULL, 0, NULL },
	{ "http://[::1]/", -EINVAL, NULL, 0, NULL },
	{ "http://files.lab:0/", -EINVAL, NULL, 0, NULL },
	{ "http://files.lab:65536/", -EINVAL, NULL, 0, NULL },
	{ "http://files.lab:8x/", -EINVAL, NULL, 0, NULL },
	{ "http://files.lab/a b", -EINVAL, NULL, 0, NULL },
	{ "http://files.lab/a\r\nHost: x", -EINVAL, NULL, 0, NULL },
	{ "http://fi les.lab/", -EINVAL, NULL, 0, NULL },
};

Test(get_url, parts)
{
	struct url u;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(url_parse(&u, rows[i].text), rows[i].err, "%s", rows[i].text);
		if (rows[i].err != 0)
			continue;
		cr_expect_str_eq(u.host, rows[i].host);
		cr_expect_eq(u.port, rows[i].port);
		cr_expect_str_eq(u.target, rows[i].target, "%s: %s", rows[i].text, u.target);
	}
}

Test(get_url, too_long)
{
	static char text[2 * URL_TARGET_MAX];
	struct url u;

	memset(text, 'x', 300);
	cr_expect_eq(url_parse(&u, text), -ENAMETOOLONG);
	memset(text, 'x', URL_TARGET_MAX + 10);
	text[3] = '/';
	cr_expect_eq(url_parse(&u, text), -ENAMETOOLONG);
}

/* RFC 3986 §5.4, what of it we need */
static const char *const follows[][2] = {
	{ "g", "http://a/b/c/g" },
	{ "./g", "http://a/b/c/g" },
	{ "g/", "http://a/b/c/g/" },
	{ "/g", "http://a/g" },
	{ "//g", "http://g/" },
	{ "?y", "http://a/b/c/d?y" },
	{ "g?y", "http://a/b/c/g?y" },
	{ "g#s", "http://a/b/c/g" },
	{ ".", "http://a/b/c/" },
	{ "..", "http://a/b/" },
	{ "../g", "http://a/b/g" },
	{ "../..", "http://a/" },
	{ "../../../g", "http://a/g" },
	{ "/./g", "http://a/g" },
	{ "g.", "http://a/b/c/g." },
	{ "..g", "http://a/b/c/..g" },
	{ "./g/.", "http://a/b/c/g/" },
	{ "g/../h", "http://a/b/c/h" },
	{ "g?y/../x", "http://a/b/c/g?y/../x" },
	{ "http://b:81/x", "http://b:81/x" },
};

Test(get_url, references)
{
	char text[URL_TEXT_MAX];
	struct url u;

	for (unsigned i = 0; i < sizeof(follows) / sizeof(follows[0]); i++) {
		cr_assert_eq(url_parse(&u, "http://a/b/c/d?q"), 0);
		cr_expect_eq(url_follow(&u, follows[i][0]), 0, "%s", follows[i][0]);
		cr_expect_str_eq(
			url_format(&u, text), follows[i][1], "%s: %s", follows[i][0], text);
	}
	cr_expect_eq(url_follow(&u, "https://a/"), -EPROTONOSUPPORT);
}

Test(get_url, file_names)
{
	struct url u;
	unsigned len;

	cr_assert_eq(url_parse(&u, "http://a/b/c.txt?x=/y"), 0);
	cr_assert_not_null(url_file_name(&u, &len));
	cr_expect_eq(len, 5);
	cr_expect_eq(strncmp(url_file_name(&u, &len), "c.txt", 5), 0);
	cr_assert_eq(url_parse(&u, "http://a/b/"), 0);
	cr_expect_null(url_file_name(&u, &len));
}

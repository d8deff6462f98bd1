/* SPDX-License-Identifier: BSD-3-Clause */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../../app/http/target.h"

static const struct {
	const char *target;
	const char *path; /* NULL: refused */
} rows[] = {
	{ "/", "/" },
	{ "/a/b", "/a/b" },
	{ "/a/b/", "/a/b/" },
	{ "/a?b=/../c", "/a" },
	{ "/?", "/" },
	{ "/%61%2f%62", "/a/b" },
	{ "/a%20b", "/a b" },
	{ "/%C3%A4", "/\xc3\xa4" },
	{ "/%2561", "/%61" },
	{ "/%3f%23", "/?#" },
	{ "//a///b//", "/a/b/" },
	{ "/./a/./b/.", "/a/b/" },
	{ "/a/..", "/" },
	{ "/a/../b", "/b" },
	{ "/a/b/../../c", "/c" },
	{ "/a/b/..", "/a/" },
	{ "/...", "/..." },
	{ "/..a/.b", "/..a/.b" },
	{ "http://host", "/" },
	{ "http://host?q", "/" },
	{ "HTTP://host:80/a", "/a" },
	{ "/..", NULL },
	{ "/../a", NULL },
	{ "/a/../../b", NULL },
	{ "/%2e%2e/a", NULL },
	{ "/%2E%2E%2fa", NULL },
	{ "/a/%2e%2e/%2e%2e/b", NULL },
	{ "/a%00", NULL },
	{ "/%00", NULL },
	{ "/%0a", NULL },
	{ "/%7f", NULL },
	{ "/%", NULL },
	{ "/%4", NULL },
	{ "/%4g", NULL },
	{ "/%g4", NULL },
	{ "/a#b", NULL },
	{ "*", NULL },
	{ "", NULL },
	{ "a", NULL },
	{ "https://host/a", NULL },
	{ "http:/a", NULL },
};

Test(http_target, decodes)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].target);
		char *text = malloc(len + 1); /* exactly what is promised */

		memcpy(text, rows[i].target, len);
		cr_expect_eq(
			http_target_decode(text, len), rows[i].path != NULL, "%s", rows[i].target);
		if (rows[i].path != NULL)
			cr_expect_str_eq(text, rows[i].path, "%s -> %s", rows[i].target, text);
		free(text);
	}
}

Test(http_target, encodes_what_a_field_must_not_hold)
{
	char out[32];

	cr_expect_eq(http_target_encode("/a b\xc3%", out, 12), 0, "does not fit");
	cr_expect_gt(http_target_encode("/a b%\"?#~", out, sizeof(out)), 0);
	cr_expect_str_eq(out, "/a%20b%25%22%3F%23~");
}

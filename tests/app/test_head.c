/* SPDX-License-Identifier: BSD-3-Clause */

/* Heads of responses: none is longer than the room that is asked for it. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../app/http/head.h"

static char server[HTTP_SERVER_NAME_MAX + 1];
static char directory[HTTP_LOCATION_MAX];

/* All that a response can have, at its longest. */
static struct http_response
longest(uint16_t status, enum http_content content)
{
	struct http_response r;

	http_response_init(&r, status, content);
	r.has_modified = true;
	r.says_keep_alive = true;
	r.keeps_alive = true;
	r.allow = "GET, HEAD, PUT, POST";
	r.directory = directory;
	r.type = "text/javascript; charset=utf-8";
	r.size = UINT64_MAX;
	r.first = UINT64_MAX - 9;
	r.len = content == HTTP_CONTENT_BYTES ? HTTP_SHORT_BODY_MAX : UINT64_MAX;
	r.crc = UINT32_MAX;
	return r;
}

static void
begin(void)
{
	memset(server, 's', HTTP_SERVER_NAME_MAX);
	memset(directory, 'd', HTTP_LOCATION_MAX - 4);
	directory[0] = '/';
}

TestSuite(http_head, .init = begin);

Test(http_head, none_exceeds_its_room)
{
	static const uint16_t statuses[] = { 200, 206, 301, 304, 405, 416, 431, 505 };
	struct http_common common;

	http_common_write(&common, 784111777, server);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		for (enum http_content c = HTTP_CONTENT_NONE; c <= HTTP_CONTENT_METRICS; c++) {
			struct http_response r = longest(statuses[i], c);
			char text[2 * HTTP_TEXT_MAX];
			size_t len = http_head_write(&r, &common, text);

			cr_expect_leq(len, http_head_room(&r), "%u, content %d: %zu", statuses[i],
				c, len);
			cr_expect_leq(http_head_room(&r), HTTP_TEXT_MAX, "%u, content %d",
				statuses[i], c);
		}
	}
}

Test(http_head, has_what_all_have_in_common)
{
	static const char with[] = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: baro\r\n";
	static const char without[] = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
	struct http_common common;

	http_common_write(&common, 784111777, "baro");
	cr_expect_arr_eq(common.text, with, sizeof(with) - 1);
	cr_expect_eq(common.len, sizeof(with) - 1);
	http_common_write(&common, 784111777, NULL);
	cr_expect_arr_eq(common.text, without, sizeof(without) - 1);
	cr_expect_eq(common.len, sizeof(without) - 1);
}

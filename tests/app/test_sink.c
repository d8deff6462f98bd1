/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "web.h"

#define PUT     "PUT /sink HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED PUT "Transfer-Encoding: chunked\r\n\r\n"

TestSuite(http_sink, .init = web_start, .fini = web_stop);

Test(http_sink, tells_length_and_checksum)
{
	const char *text = ask(PUT "Content-Length: 9\r\n\r\n123456789");

	cr_expect(begins(text, "HTTP/1.1 200 OK\r\n"), "%s", text);
	cr_expect_str_eq(field(text, "Content-Type"), "application/json");
	cr_expect_str_eq(body(text), "{\"octets\":9,\"crc32\":\"cbf43926\"}\n");
	text = ask("POST /sink HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
	cr_expect_str_eq(body(text), "{\"octets\":0,\"crc32\":\"00000000\"}\n");
}

Test(http_sink, takes_chunks_cut_anywhere)
{
	static const char request[] =
		CHUNKED "4\r\n1234\r\n5;name=\"v\"\r\n56789\r\n0\r\nT: v\r\n\r\n";

	for (size_t piece = 1; piece < sizeof(request); piece++) {
		struct fake_client *f = web_connect();

		fake_say_pieces(f, request, sizeof(request) - 1, piece);
		cr_expect(
			contains(hear(f), "{\"octets\":9,\"crc32\":\"cbf43926\"}\n"), "%zu", piece);
		fake_free(f);
	}
	for (size_t cut = 1; cut < sizeof(request) - 1; cut++) {
		struct fake_client *f = web_connect();

		fake_say(f, request, cut);
		cr_expect_eq(fake_heard_len(f), 0);
		fake_say(f, request + cut, sizeof(request) - 1 - cut);
		cr_expect(contains(hear(f), "{\"octets\":9,\"crc32\":\"cbf43926\"}\n"), "%zu", cut);
		fake_free(f);
	}
}

Test(http_sink, keeps_nothing_of_a_large_body)
{
	enum { PIECE = 100000, PIECES = 200 };
	unsigned char *data = malloc(PIECE);
	struct fake_client *f = web_connect();
	uint32_t crc = 0;
	char want[100];

	say(f, PUT "Content-Length: 20000000\r\n\r\n");
	for (int i = 0; i < PIECES; i++) {
		for (int k = 0; k < PIECE; k++)
			data[k] = (unsigned char)(i * 7 + k);
		crc = (uint32_t)crc32(crc, data, PIECE);
		fake_say(f, data, PIECE);
		cr_assert_eq(fake_recv_queued(f), 0);
	}
	snprintf(want, sizeof(want), "{\"octets\":20000000,\"crc32\":\"%08x\"}\n", crc);
	cr_expect_str_eq(body(hear(f)), want);
	fake_free(f);
	free(data);
}

Test(http_sink, invites_a_body_that_waits)
{
	struct fake_client *f = web_connect();

	say(f, PUT "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
	cr_expect_str_eq(hear(f), "HTTP/1.1 100 Continue\r\n\r\n");
	say(f, "123456789");
	cr_expect(contains(hear(f), "cbf43926"));
	say(f, PUT "Content-Length: 9\r\nExpect: 100-Continue\r\n\r\n123456789");
	cr_expect(begins(hear(f), "HTTP/1.1 200 "), "not invited when it is there");
	fake_free(f);
}

Test(http_sink, does_not_invite_http_1_0)
{
	struct fake_client *f = web_connect();

	say(f, "PUT /sink HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
	cr_expect_eq(fake_heard_len(f), 0);
	say(f, "x");
	cr_expect(begins(hear(f), "HTTP/1.1 200 "));
	fake_free(f);
}

Test(http_sink, refuses_instead_of_inviting)
{
	struct fake_client *f = web_connect();
	const char *text;

	say(f, "PUT /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: "
	       "100-continue\r\n\r\n");
	text = hear(f);
	cr_expect(begins(text, "HTTP/1.1 404 ") || begins(text, "HTTP/1.1 405 "), "%s", text);
	cr_expect_str_eq(field(text, "Connection"), "close");
	cr_expect_eq(fake_end(f), FAKE_SHUT);
	fake_free(f);
}

Test(http_sink, bad_chunk_is_refused_and_nothing_after_it_is_read)
{
	const char *text = ask(CHUNKED "3\r\nabcX\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");

	cr_expect(begins(text, "HTTP/1.1 400 "));
	cr_expect_str_eq(field(text, "Connection"), "close");
	cr_expect_not(contains(text, " 200 "));
}

Test(http_sink, body_that_ends_early_is_refused)
{
	struct fake_client *f = web_connect();

	say(f, PUT "Content-Length: 9\r\n\r\n1234");
	fake_finish(f);
	cr_expect(begins(hear(f), "HTTP/1.1 400 "));
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

Test(http_sink, unwanted_bodies_are_dropped)
{
	struct fake_client *f = web_connect();

	say(f, "GET /bytes/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12");
	cr_expect_eq(fake_heard_len(f), 0);
	say(f, "345GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_expect(begins(hear(f), "HTTP/1.1 200 "));
	fake_free(f);
}

Test(http_sink, unwanted_chunks_have_a_limit)
{
	struct fake_client *f = web_connect();
	static char chunk[1 + 4 + 2 + 0x1000 + 2];

	say(f, "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + 6 + 0x1000, "\r\n", 2);
	for (int i = 0; i < 16; i++)
		fake_say(f, chunk, 6 + 0x1000 + 2);
	cr_expect_eq(fake_heard_len(f), 0);
	fake_say(f, chunk, 6 + 0x1000 + 2);
	cr_expect(begins(hear(f), "HTTP/1.1 413 "));
	fake_free(f);
}

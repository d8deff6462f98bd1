/* SPDX-License-Identifier: BSD-3-Clause */

/* One connection, many requests. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define GET_PAGE "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

TestSuite(http_conn, .init = web_start, .fini = web_stop);

static unsigned
count(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}

Test(http_conn, stays_for_the_next_request)
{
	struct fake_client *f = web_connect();

	for (int i = 0; i < 5; i++) {
		say(f, GET_PAGE);
		cr_expect_eq(count(hear(f), "HTTP/1.1 200 OK\r\n"), 1);
		cr_expect_eq(fake_end(f), FAKE_OPEN);
	}
	say(f, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	cr_expect_str_eq(field(hear(f), "Connection"), "keep-alive");
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	say(f, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_expect(begins(hear(f), "HTTP/1.1 404 "));
	cr_expect_eq(fake_end(f), FAKE_OPEN, "an error that is no doubt about where requests end");
	fake_free(f);
}

Test(http_conn, closes_when_asked)
{
	static const char *const requests[] = {
		"GET / HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /bytes/70000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	};

	for (size_t i = 0; i < 3; i++) {
		struct fake_client *f = web_connect();

		say(f, requests[i]);
		cr_expect_str_eq(field(hear(f), "Connection"), "close");
		cr_expect_eq(fake_end(f), FAKE_CLOSED, "%s", requests[i]);
		fake_free(f);
	}
}

Test(http_conn, nothing_after_close_is_answered)
{
	struct fake_client *f = web_connect();

	say(f, "GET / HTTP/1.0\r\n\r\n" GET_PAGE);
	cr_expect_eq(count(hear(f), "HTTP/1.1 "), 1);
	cr_expect_eq(fake_end(f), FAKE_CLOSED, "and no RST for what was not read");
	fake_free(f);
}

Test(http_conn, half_closed_client_gets_its_answer)
{
	struct fake_client *f = fake_connect(80, 3000);

	fake_stall(f);
	say(f, "GET /bytes/10000 HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_finish(f);
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	fake_drain(f);
	cr_expect_gt(fake_heard_len(f), 10000);
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

/* Up to 1024 octets travel with the head, more of them behind it */
Test(http_conn, short_bodies_and_long_ones_are_whole)
{
	for (unsigned len = 1023; len <= 1025; len++) {
		struct fake_client *f = web_connect();
		char request[128], n[8];
		const char *text, *octets;

		snprintf(request, sizeof(request),
			"GET /bytes/5000 HTTP/1.1\r\nHost: x\r\nRange: bytes=7-%u\r\n\r\n",
			6 + len);
		snprintf(n, sizeof(n), "%u", len);
		say(f, request);
		text = fake_heard(f);
		octets = body(text);
		cr_expect_str_eq(field(text, "Content-Length"), n);
		cr_assert_eq(fake_heard_len(f), (size_t)(octets - text) + len);
		for (unsigned i = 0; i < len; i++)
			cr_assert_eq((uint8_t)octets[i], (7 + i) % 251, "%u of %u", i, len);
		fake_free(f);
	}
}

Test(http_conn, client_that_says_nothing)
{
	struct fake_client *f = web_connect();

	fake_finish(f);
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	cr_expect_eq(fake_heard_len(f), 0);
	fake_free(f);
}

Test(http_conn, empty_lines_between_requests)
{
	struct fake_client *f = web_connect();

	say(f, "\r\n\r\n" GET_PAGE "\r\n");
	say(f, "\n" GET_PAGE);
	cr_expect_eq(count(hear(f), "HTTP/1.1 200 "), 2);
	fake_free(f);
}

Test(http_conn, pipelined_requests_cut_anywhere)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
				   "PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
				   "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
				   "PUT /sink HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
				   "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
				   "GET /bytes/3 HTTP/1.1\r\nHost: x\r\nRange: bytes=97-98\r\n\r\n"
				   "GET /y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct fake_client *f = web_connect();
	char *want;

	say(f, text);
	want = strdup(hear(f));
	fake_free(f);
	cr_expect_eq(count(want, "HTTP/1.1 "), 6);
	for (size_t cut = 1; cut < sizeof(text) - 1; cut++) {
		f = web_connect();
		fake_say(f, text, cut);
		fake_say(f, text + cut, sizeof(text) - 1 - cut);
		cr_expect_str_eq(hear(f), want, "cut at %zu", cut);
		cr_expect_eq(fake_end(f), FAKE_CLOSED);
		fake_free(f);
	}
	for (size_t piece = 1; piece < 100; piece++) {
		f = web_connect();
		fake_say_pieces(f, text, sizeof(text) - 1, piece);
		cr_expect_str_eq(hear(f), want, "pieces of %zu", piece);
		fake_free(f);
	}
	free(want);
}

Test(http_conn, small_queues_cut_responses_anywhere)
{
	static const char text[] =
		GET_PAGE "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
			 "PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
			 "GET /bytes/60 HTTP/1.0\r\n\r\n";
	struct fake_client *f = web_connect();
	char *want;

	say(f, text);
	want = strdup(hear(f));
	fake_free(f);
	for (size_t sndbuf = 1; sndbuf < 1200; sndbuf += sndbuf < 64 ? 1 : 37) {
		f = fake_connect(80, sndbuf);
		say(f, text);
		cr_expect_str_eq(hear(f), want, "queue of %zu", sndbuf);
		cr_expect_eq(fake_end(f), FAKE_CLOSED);
		fake_free(f);
	}
	free(want);
}

Test(http_conn, continue_through_a_small_queue)
{
	struct fake_client *f = fake_connect(80, 3);

	say(f, "PUT /sink HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
	       "1\r\n\r\n");
	cr_expect_str_eq(hear(f), "HTTP/1.1 100 Continue\r\n\r\n");
	say(f, "x");
	cr_expect(begins(hear(f), "HTTP/1.1 200 "));
	fake_free(f);
}

Test(http_conn, does_not_read_ahead_of_a_client_that_does_not_read)
{
	struct fake_client *f = fake_connect(80, 4000);

	fake_stall(f);
	say(f, "GET /bytes/1099511627776 HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		say(f, GET_PAGE);
	cr_expect_eq(fake_send_queued(f), 4000);
	cr_expect_eq(fake_heard_len(f), 4000);
	cr_expect_eq(fake_recv_queued(f), 1000 * strlen(GET_PAGE), "left to the stack's window");
	fake_free(f);
}

Test(http_conn, reads_on_when_the_response_is_out)
{
	struct fake_client *f = fake_connect(80, 4000);

	fake_stall(f);
	for (int i = 0; i < 100; i++)
		say(f, GET_PAGE);
	cr_expect_eq(fake_heard_len(f), 4000);
	fake_drain(f);
	cr_expect_eq(count(hear(f), "HTTP/1.1 200 "), 100);
	cr_expect_eq(fake_recv_queued(f), 0);
	fake_free(f);
}

Test(http_conn, bad_request_is_answered_and_its_rest_is_dropped)
{
	struct fake_client *f = web_connect();

	say(f, "BREW / HTTP/1.1\r\n");
	cr_expect(begins(hear(f), "HTTP/1.1 501 "));
	cr_expect_eq(fake_end(f), FAKE_SHUT);
	say(f, "Host: x\r\n\r\n" GET_PAGE);
	cr_expect_eq(fake_recv_queued(f), 0);
	cr_expect_eq(fake_heard_len(f), 0);
	fake_finish(f);
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

Test(http_conn, reset_at_any_time)
{
	static const char *const texts[] = {
		"",
		"GET",
		"PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123",
		"GET /bytes/1099511627776 HTTP/1.1\r\nHost: x\r\n\r\n",
		"BREW",
		"PUT /sink HTTP/1.1\r\nHost:\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fake_client *f = fake_connect(80, 10);

		fake_stall(f);
		if (texts[i][0] != '\0')
			say(f, texts[i]);
		fake_free(f);
		cr_expect_eq(fake_timers(), 0, "%s", texts[i]);
	}
}

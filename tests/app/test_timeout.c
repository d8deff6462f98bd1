/* SPDX-License-Identifier: BSD-3-Clause */

/* Time runs on virtual time: 60 s without progress, 10 s for a head. */

#include <string.h>

#include "web.h"

#define GET_PAGE "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

TestSuite(http_timeout, .init = web_start, .fini = web_stop);

Test(http_timeout, idle_connection_is_closed)
{
	struct fake_client *f = web_connect();

	fake_pass(S(59));
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	say(f, GET_PAGE);
	fake_pass(S(59));
	cr_expect_eq(fake_end(f), FAKE_OPEN, "60 s after the last request");
	hear(f);
	fake_pass(S(2));
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	cr_expect_eq(fake_heard_len(f), 0);
	fake_free(f);
}

Test(http_timeout, empty_lines_do_not_keep_it_open)
{
	struct fake_client *f = web_connect();

	for (int i = 0; i < 7; i++) {
		say(f, "\r\n");
		fake_pass(S(10));
	}
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

Test(http_timeout, slow_head_gets_408)
{
	struct fake_client *f = web_connect();

	fake_pass(S(30));
	for (int i = 0; i < 9; i++) {
		fake_say(f, &GET_PAGE[i], 1);
		fake_pass(MS(1100));
	}
	cr_expect_eq(fake_heard_len(f), 0);
	fake_pass(MS(200));
	cr_expect(begins(hear(f), "HTTP/1.1 408 Request Timeout\r\n"));
	cr_expect_eq(fake_end(f), FAKE_SHUT);
	fake_pass(MS(2100));
	cr_expect_eq(fake_end(f), FAKE_CLOSED, "it did not close its side in 2 s");
	fake_free(f);
}

Test(http_timeout, slow_second_head_too)
{
	struct fake_client *f = web_connect();

	say(f, GET_PAGE "GE");
	hear(f);
	fake_pass(MS(9900));
	cr_expect_eq(fake_heard_len(f), 0);
	fake_pass(MS(200));
	cr_expect(begins(hear(f), "HTTP/1.1 408 "));
	fake_free(f);
}

Test(http_timeout, body_may_be_slow_but_must_move)
{
	struct fake_client *f = web_connect();

	say(f, "PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
	for (int i = 0; i < 9; i++) {
		fake_pass(S(50));
		say(f, "x");
	}
	cr_expect_eq(fake_heard_len(f), 0);
	fake_pass(S(61));
	cr_expect(begins(hear(f), "HTTP/1.1 408 "));
	fake_free(f);
}

Test(http_timeout, reader_may_stall_for_twenty_seconds)
{
	struct fake_client *f = fake_connect(80, 10000);

	fake_stall(f);
	say(f, "GET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_pass(S(20));
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	fake_drain(f);
	cr_expect_gt(fake_heard_len(f), 100000);
	fake_free(f);
}

Test(http_timeout, reader_that_stops_is_reset)
{
	struct fake_client *f = fake_connect(80, 10000);

	fake_stall(f);
	say(f, "GET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_pass(S(61));
	cr_expect_eq(fake_end(f), FAKE_ABORTED);
	cr_expect_eq(fake_timers(), 0);
	fake_free(f);
}

Test(http_timeout, slow_reader_is_not_one_that_stops)
{
	struct fake_client *f = fake_connect(80, 10000);

	fake_stall(f);
	say(f, "GET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		fake_take(f, 20);
		fake_pass(S(55));
	}
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	fake_free(f);
}

Test(http_timeout, timer_is_moved_rarely)
{
	struct fake_client *f = web_connect();

	for (int i = 0; i < 1000; i++) {
		say(f, GET_PAGE);
		fake_pass(S(1));
	}
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	cr_expect_eq(fake_timers(), 1);
	fake_free(f);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* The server as a whole: many connections, draining, memory. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../app/http/server.h"
#include "web.h"

#define GET_PAGE "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

TestSuite(http_flow);

Test(http_flow, drain_closes_idle_ones_and_lets_others_finish)
{
	struct fake_client *idle, *busy, *reading;

	web_start();
	idle = web_connect();
	busy = fake_connect(80, 2000);
	reading = web_connect();
	say(idle, GET_PAGE);
	fake_stall(busy);
	say(busy, "GET /bytes/10000 HTTP/1.1\r\nHost: x\r\n\r\n" GET_PAGE);
	say(reading, "GET / HT");
	http_service_drain(web.service);
	cr_expect_not(fake_listens(80));
	cr_expect_eq(fake_end(idle), FAKE_CLOSED);
	cr_expect_eq(fake_end(busy), FAKE_OPEN);
	fake_drain(busy);
	cr_expect_gt(fake_heard_len(busy), 10000);
	cr_expect_eq(fake_end(busy), FAKE_CLOSED);
	fake_forget(reading);
	say(reading, "TP/1.1\r\nHost: x\r\n\r\n");
	cr_expect_str_eq(field(fake_heard(reading), "Connection"), "close");
	cr_expect_eq(fake_end(reading), FAKE_CLOSED);
	web_stop();
	fake_free(idle);
	fake_free(busy);
	fake_free(reading);
}

Test(http_flow, stop_resets_what_is_left)
{
	struct fake_client *f;

	web_start();
	f = fake_connect(80, 100);
	fake_stall(f);
	say(f, "GET /bytes/1000000 HTTP/1.1\r\nHost: x\r\n\r\n");
	web_stop();
	cr_expect_eq(fake_end(f), FAKE_ABORTED);
	fake_free(f);
}

Test(http_flow, a_thousand_at_once)
{
	enum { N = 1000 };
	static struct fake_client *f[N];

	web_start();
	for (int i = 0; i < N; i++)
		f[i] = web_connect();
	for (int i = 0; i < N; i++)
		say(f[i], i % 2 == 0 ? "GET / HTTP/1.1\r\nHo" : GET_PAGE);
	for (int i = 0; i < N; i += 2)
		say(f[i], "st: x\r\n\r\n");
	for (int i = 0; i < N; i++) {
		cr_expect(begins(fake_heard(f[i]), "HTTP/1.1 200 OK\r\n"));
		fake_free(f[i]);
	}
	cr_expect_eq(fake_timers(), 0);
	web_stop();
}

Test(http_flow, an_idle_connection_is_small)
{
	cr_expect_leq(sizeof(struct http_conn), 160);
	cr_expect_leq(sizeof(struct http_exchange), 1280);
}

Test(http_flow, access_log)
{
	char name[] = "/tmp/baro-log-XXXXXX", text[2048] = "";
	struct fake_client *f, *cut_short;
	FILE *log;

	close(mkstemp(name));
	http_options_init(&web.options);
	web.options.log = name;
	web_start_as_set();
	f = web_connect();
	say(f, "GET /a%22b HTTP/1.1\r\nHost: x\r\n\r\nHEAD /bytes/5 HTTP/1.0\r\nConnection: "
	       "keep-alive\r\n\r\n");
	say(f, "GET /bytes/5 HTTP/1.1\r\nHost: x\r\n\r\nBREW /\r\n");
	cut_short = web_connect();
	say(cut_short, "GET /never-whole");
	fake_pass(S(60));
	log = fopen(name, "r");
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, log), 0);
	fclose(log);
	cr_expect(begins(text, "198.18.0.1 - - ["), "%s", text);
	cr_expect(contains(text, "] \"GET /a\\\"b HTTP/1.1\" 404 14\n"), "%s", text);
	cr_expect(contains(text, "] \"HEAD /bytes/5 HTTP/1.0\" 200 0\n"), "%s", text);
	cr_expect(contains(text, "] \"GET /bytes/5 HTTP/1.1\" 200 5\n"), "%s", text);
	cr_expect(contains(text, "] \"-\" 501 "), "%s", text);
	cr_expect(contains(text, "] \"-\" 408 "), "%s", text);
	cr_expect(!contains(text, "never-whole"), "%s", text);
	fake_free(cut_short);
	fake_free(f);
	web_stop();
	unlink(name);
}

Test(http_flow, log_that_cannot_be_opened)
{
	http_options_init(&web.options);
	web.options.log = "/nonexistent/log";
	cr_expect_lt(http_service_start(fake_core(), &web.options, &web.service), 0);
}

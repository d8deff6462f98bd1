/* SPDX-License-Identifier: BSD-3-Clause */

/* Which answer, with which fields; then the connection. */

#include <stdlib.h>
#include <string.h>

#include "web.h"

#define HOST "Host: x\r\n"

TestSuite(http_status, .init = web_start, .fini = web_stop);

Test(http_status, one_row_each)
{
	static const struct {
		int status;
		const char *request;
	} rows[] = {
		{ 200, "GET / HTTP/1.1\r\n" HOST "\r\n" },
		{ 200, "HEAD / HTTP/1.1\r\n" HOST "\r\n" },
		{ 200, "GET http://x/ HTTP/1.1\r\n" HOST "\r\n" },
		{ 200, "GET /?q HTTP/1.0\r\n\r\n" },
		{ 200, "GET /bytes/0 HTTP/1.1\r\n" HOST "\r\n" },
		{ 200, "HEAD /bytes/1099511627776 HTTP/1.1\r\n" HOST "\r\n" },
		{ 200, "PUT /sink HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n" },
		{ 206, "GET /bytes/10 HTTP/1.1\r\n" HOST "Range: bytes=1-2\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\n\r\n" },
		{ 400, "GET /../x HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /%00 HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET * HTTP/1.1\r\n" HOST "\r\n" },
		{ 404, "GET /x HTTP/1.1\r\n" HOST "\r\n" },
		{ 404, "GET /bytes/ HTTP/1.1\r\n" HOST "\r\n" },
		{ 404, "GET /bytes/1x HTTP/1.1\r\n" HOST "\r\n" },
		{ 404, "GET /bytes/-1 HTTP/1.1\r\n" HOST "\r\n" },
		{ 404, "GET /bytes/1099511627777 HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "GET /sink HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "HEAD /sink HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "DELETE / HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n" },
		{ 405, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n" },
		{ 405, "TRACE / HTTP/1.1\r\n" HOST "\r\n" },
		{ 413, "GET / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n" },
		{ 416, "GET /bytes/10 HTTP/1.1\r\n" HOST "Range: bytes=10-\r\n\r\n" },
		{ 417, "PUT /sink HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n" },
		{ 417, "GET / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n" },
		{ 501, "BREW / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "PROPFIND / HTTP/1.1\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int status = ask_status(rows[i].request);

		cr_expect_eq(status, rows[i].status, "%d, not %d: %s", status, rows[i].status,
			rows[i].request);
	}
}

Test(http_status, limits_of_the_head)
{
	char *request = malloc(40000);

	strcpy(request, "GET /");
	memset(request + 5, 'a', 9000);
	strcpy(request + 9005, " HTTP/1.1\r\n" HOST "\r\n");
	cr_expect_eq(ask_status(request), 414);
	strcpy(request, "GET / HTTP/1.1\r\n" HOST "A: ");
	memset(request + strlen(request), 'a', 20000);
	request[20028] = '\0';
	cr_expect_eq(ask_status(request), 431);
	free(request);
}

Test(http_status, page_is_exactly_this)
{
	const char *text = ask("GET / HTTP/1.1\r\n" HOST "\r\n");

	cr_expect(begins(text, "HTTP/1.1 200 OK\r\nDate: *\r\nServer: baro\r\n"
			       "Content-Type: text/html; charset=utf-8\r\nContent-Length: "),
		"%s", text);
	cr_expect_eq(strlen(body(text)), (size_t)atoi(field(text, "Content-Length")));
	cr_expect(begins(body(text), "<!DOCTYPE html>"));
	cr_expect_null(field(text, "Connection"));
}

Test(http_status, page_is_the_same_by_the_long_way)
{
	char *fast = strdup(ask("GET / HTTP/1.1\r\n" HOST "\r\n"));
	const char *slow = ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

	cr_expect_str_eq(field(slow, "Connection"), "keep-alive");
	cr_expect_str_eq(body(slow), body(fast));
	free(fast);
}

Test(http_status, head_has_the_fields_and_no_body)
{
	static const char *const paths[] = { "/", "/x", "/bytes/1000", "/sink" };

	for (size_t i = 0; i < 4; i++) {
		char get[100], head[100], *want;
		const char *have;

		snprintf(get, sizeof(get), "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
		snprintf(head, sizeof(head), "HEAD %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
		want = strdup(ask(get));
		want[body(want) - want] = '\0';
		have = ask(head);
		cr_expect_str_eq(have, want, "%s", paths[i]);
		free(want);
	}
}

Test(http_status, allow_names_the_methods)
{
	cr_expect_str_eq(field(ask("GET /sink HTTP/1.1\r\n" HOST "\r\n"), "Allow"), "PUT, POST");
	cr_expect_str_eq(field(ask("DELETE / HTTP/1.1\r\n" HOST "\r\n"), "Allow"), "GET, HEAD");
}

Test(http_status, bytes_are_i_mod_251)
{
	const char *text = ask("GET /bytes/100000 HTTP/1.0\r\n\r\n");
	struct fake_client *f = web_connect();
	const unsigned char *octets;

	cr_expect_str_eq(field(text, "Content-Length"), "100000");
	cr_expect_str_eq(field(text, "Accept-Ranges"), "bytes");
	say(f, "GET /bytes/100000 HTTP/1.0\r\n\r\n");
	octets = (const unsigned char *)body(fake_heard(f));
	cr_expect_eq((size_t)((const char *)octets - fake_heard(f)) + 100000, fake_heard_len(f));
	for (size_t i = 0; i < 100000; i++)
		cr_assert_eq(octets[i], i % 251, "octet %zu", i);
	fake_free(f);
}

Test(http_status, bytes_in_part)
{
	const char *text = ask("GET /bytes/1099511627776 HTTP/1.1\r\n" HOST
			       "Range: bytes=1099511627770-1099511627772\r\n\r\n");
	uint64_t first = UINT64_C(1099511627770);

	cr_expect(begins(text, "HTTP/1.1 206 Partial Content\r\n"), "%s", text);
	cr_expect_str_eq(
		field(text, "Content-Range"), "bytes 1099511627770-1099511627772/1099511627776");
	cr_expect_str_eq(field(text, "Content-Length"), "3");
	for (unsigned i = 0; i < 3; i++)
		cr_expect_eq((unsigned char)body(text)[i], (first + i) % 251);
	text = ask("GET /bytes/10 HTTP/1.1\r\n" HOST "Range: bytes=10-\r\n\r\n");
	cr_expect_str_eq(field(text, "Content-Range"), "bytes */10");
}

Test(http_status, head_ignores_range)
{
	const char *text = ask("HEAD /bytes/10 HTTP/1.1\r\n" HOST "Range: bytes=1-2\r\n\r\n");

	cr_expect(begins(text, "HTTP/1.1 200 "));
	cr_expect_str_eq(field(text, "Content-Length"), "10");
}

Test(http_status, date_is_a_date)
{
	struct fake_client *f = web_connect();
	const char *date;

	say(f, "GET / HTTP/1.1\r\n" HOST "\r\n");
	date = field(fake_heard(f), "Date");
	cr_assert_not_null(date);
	cr_expect_eq(strlen(date), 29);
	cr_expect_str_eq(date + 25, " GMT");
	fake_free(f);
}

/* RFC 9110 section 9.3.2 */
Test(http_status, answer_to_head_has_no_body_whatever_it_says)
{
	static const char *const requests[] = {
		"HEAD /x HTTP/1.1\r\n" HOST "\r\n",
		"HEAD / HTTP/1.1\r\n" HOST "Expect: tea\r\n\r\n",
		"HEAD / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n",
		"HEAD / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n",
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		cr_expect_str_empty(body(ask(requests[i])), "%s", requests[i]);
}

Test(http_status, counters_are_at_the_path_that_was_configured_and_nowhere_else)
{
	const char *answer;

	web_stop();
	web.options.metrics = "/metrics";
	web_start_as_set();
	answer = ask("GET /metrics HTTP/1.1\r\n" HOST "\r\n");
	cr_expect(begins(answer, "HTTP/1.1 200 OK\r\n"));
	cr_expect_str_eq(body(answer), "# TYPE fake counter\nfake 1\n");
	answer = ask("HEAD /metrics HTTP/1.1\r\n" HOST "\r\n");
	cr_expect_str_eq(field(answer, "Content-Length"), "27");
	cr_expect_str_eq(field(answer, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
	cr_expect_str_eq(body(answer), "");
	cr_expect_eq(
		ask_status("POST /metrics HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"), 405);
	cr_expect_eq(ask_status("GET /metrics/ HTTP/1.1\r\n" HOST "\r\n"), 404);
}

Test(http_status, counters_are_not_there_unless_asked_for)
{
	cr_expect_eq(ask_status("GET /metrics HTTP/1.1\r\n" HOST "\r\n"), 404);
}

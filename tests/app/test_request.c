/* SPDX-License-Identifier: BSD-3-Clause */

/* The parser alone: the same outcome however a request is cut into pieces. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../app/http/request.h"

#define HOST "Host: x\r\n"
#define GET  "GET / HTTP/1.1\r\n" HOST

static struct http_pool targets;
static const struct http_limits limits = { .max_target = 300, .max_header = 400 };
static struct http_reader reader;

/* What one way of reading ended with. */
struct outcome {
	enum http_read what; /* MORE: the text ended before the request did */
	uint16_t status;
	size_t used;
	uint64_t body_len;
	struct http_request req;
};

static void
begin(void)
{
	http_pool_init(&targets, limits.max_target + 1);
	http_reader_init(&reader, &limits, &targets);
}

static void
end(void)
{
	cr_expect_eq(targets.used, 0, "targets leak");
	http_pool_destroy(&targets);
}

TestSuite(http_request, .init = begin, .fini = end);

/* Read one piece in memory of exactly its size. */
static enum http_read
read_piece(struct http_request *r, const char *text, size_t len, size_t *used)
{
	char *copy = malloc(len);
	enum http_read what;

	memcpy(copy, text, len);
	what = http_request_read(r, copy, len, used);
	free(copy);
	return what;
}

/* Cut at @cut once, or everywhere if it is 0. */
static struct outcome
read_cut(const char *text, size_t cut)
{
	struct outcome o = { .what = HTTP_READ_MORE };
	size_t len = strlen(text);

	http_request_init(&o.req, &reader);
	o.req.body_max = UINT64_MAX;
	while (o.used < len && (o.what == HTTP_READ_MORE || o.what == HTTP_READ_HEAD)) {
		size_t n = cut == 0 ? 1 : o.used < cut ? cut - o.used : len - o.used, k;

		o.what = read_piece(&o.req, text + o.used, n, &k);
		o.used += k;
	}
	o.status = o.what == HTTP_READ_BAD ? o.req.status : 0;
	o.body_len = o.req.body_len;
	http_request_end(&o.req);
	o.req.parser.data = NULL;
	return o;
}

static void
expect_same(const struct outcome *a, const struct outcome *b, const char *text, size_t cut)
{
	cr_expect(a->what == b->what && a->status == b->status, "cut at %zu: %d %u, not %d %u: %s",
		cut, b->what, b->status, a->what, a->status, text);
	if (a->what == HTTP_READ_DONE)
		cr_expect(a->used == b->used && a->body_len == b->body_len, "cut at %zu: %s", cut,
			text);
}

/* Read whole and cut in every way. */
static struct outcome
read_all(const char *text)
{
	struct outcome whole = read_cut(text, strlen(text));

	for (size_t cut = 0; cut < strlen(text); cut++) {
		struct outcome o = read_cut(text, cut);

		expect_same(&whole, &o, text, cut);
	}
	return whole;
}

Test(http_request, good_ones)
{
	static const struct {
		const char *text;
		size_t rest; /* octets after the request */
		uint64_t body_len;
	} rows[] = {
		{ GET "\r\n", 0, 0 },
		{ GET "\r\nGET", 3, 0 },
		{ GET "Empty:\r\nSpaces:   \t \r\nA:b\r\n\r\n", 0, 0 },
		{ GET "Content-Length: 0\r\n\r\n", 0, 0 },
		{ "GET / HTTP/1.0\r\n\r\n", 0, 0 },
		{ "PUT /sink HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabcX", 1, 3 },
		{ "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
		  "3\r\nabc\r\n00A;x=\"y\";z\r\n0123456789\r\n0\r\n\r\nX",
			1, 13 },
		{ "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked \r\n\r\n0\r\nT: v\r\n\r\n",
			0, 0 },
		{ "GET http://x/ HTTP/1.1\r\n" HOST "\r\n", 0, 0 },
		{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, 0 },
		{ "GET / HTTP/1.1\r\n" HOST "Connection: upgrade\r\nUpgrade: h2c\r\n\r\nX", 1, 0 },
		{ "CONNECT a:80 HTTP/1.1\r\n" HOST "\r\nX", 1, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome o = read_all(rows[i].text);

		cr_expect_eq(o.what, HTTP_READ_DONE, "%d %u: %s", o.what, o.status, rows[i].text);
		cr_expect_eq(o.used, strlen(rows[i].text) - rows[i].rest, "%s", rows[i].text);
		cr_expect_eq(o.body_len, rows[i].body_len, "%s", rows[i].text);
	}
}

Test(http_request, bad_ones)
{
	static const struct {
		uint16_t status;
		const char *text;
	} rows[] = {
		/* the request line */
		{ 501, "BREW / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "GE / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "GETS / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "get / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "PLAY / HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, " GET / HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "\x16\x03\x01\x02" },
		{ 400, "GET\r\n" },
		{ 400, "GET /\r\n\r\n" },
		{ 400, "GET / \r\n" },
		{ 400, "GET / FTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET / RTSP/1.0\r\n\r\n" },
		{ 400, "GET / HTTP/1\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/1.10\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/11.1\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/1.1 \r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/0.9\r\n\r\n" },
		{ 505, "GET / HTTP/1.2\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/9.9\r\n" HOST "\r\n" },
		{ 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
		{ 400, "GET /\xff HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /a b HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/1.1\r" HOST "\r\n" },
		/* fields */
		{ 400, "GET / HTTP/1.1\r\n\r\n" },
		{ 400, GET HOST "\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" },
		{ 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" },
		{ 400, GET "A : b\r\n\r\n" },
		{ 400, GET " A: b\r\n\r\n" },
		{ 400, GET "A b: c\r\n\r\n" },
		{ 400, GET ": c\r\n\r\n" },
		{ 400, GET "A: b\x01\r\n\r\n" },
		{ 400, GET "A: b\rc\r\n\r\n" },
		{ 400, GET "A: b\nC: d\r\n\r\n" },
		{ 400, GET "A: b\r\n c\r\n\r\n" },
		{ 400, GET "A: b\r\n\tc\r\n\r\n" },
		{ 400, GET "A:\r\n c\r\n\r\n" },
		{ 400, GET "A: \r\n  c\r\n\r\n" },
		{ 400, GET "A:\r\n \r\n c\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length:\r\n 3\r\n\r\nabc" },
		/* where the body ends */
		{ 400, "PUT / HTTP/1.1\r\n" HOST
		       "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST
		       "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, identity\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n" },
		{ 400, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n" },
		{ 400, "PUT / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n" },
		{ 501, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n" },
		{ 501, "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome o = read_all(rows[i].text);

		cr_expect_eq(o.what, HTTP_READ_BAD, "%d: %s", o.what, rows[i].text);
		cr_expect_eq(o.status, rows[i].status, "%u, not %u: %s", o.status, rows[i].status,
			rows[i].text);
	}
}

Test(http_request, bad_chunks)
{
	static const char *const bodies[] = {
		"x\r\n",
		"-1\r\n",
		"0x3\r\nabc\r\n0\r\n\r\n",
		" 3\r\nabc",
		"3 \r\nabc",
		"3\nabc\r\n0\r\n\r\n",
		"3\r\nabcd\r\n0\r\n\r\n",
		"3\r\nabc0\r\n\r\n",
		"3\r\nabc\n0\r\n\r\n",
		"3\rXabc\r\n0\r\n\r\n",
		"\r\nabc",
		"10000000000000000\r\n",
		"ffffffffffffffffff\r\n",
		"3;\r\nabc\r\n0\r\n\r\n",
		"3; a\r\nabc\r\n0\r\n\r\n",
		"0\r\nA: b\r\n c\r\n\r\n",
		"0\r\nA : b\r\n\r\n",
		"0\r\nA\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char text[200];
		struct outcome o;

		snprintf(text, sizeof(text),
			"PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%s",
			bodies[i]);
		o = read_all(text);
		cr_expect_eq(o.what, HTTP_READ_BAD, "%d: %s", o.what, bodies[i]);
		cr_expect_eq(o.status, 400, "%u: %s", o.status, bodies[i]);
	}
}

static struct outcome
read_target(size_t len)
{
	char text[1000] = "GET /";

	memset(text + 5, 'a', len - 1);
	strcpy(text + 4 + len, " HTTP/1.1\r\n" HOST "\r\n");
	return read_all(text);
}

Test(http_request, long_targets)
{
	for (size_t len = 157; len < 164; len++)
		cr_expect_eq(read_target(len).what, HTTP_READ_DONE, "%zu", len);
	cr_expect_eq(read_target(300).what, HTTP_READ_DONE);
	cr_expect_eq(read_target(301).status, 414);
}

/* A header section of @len octets, its last empty line among them. */
static struct outcome
read_header(size_t len)
{
	char text[1000] = GET "A: ";
	size_t start = strlen("GET / HTTP/1.1"), used = strlen(text);

	while (used - start < len - 4)
		text[used++] = 'b';
	strcpy(text + used, "\r\n\r\n");
	return read_all(text);
}

Test(http_request, large_headers)
{
	cr_expect_eq(read_header(400).what, HTTP_READ_DONE);
	cr_expect_eq(read_header(401).status, 431);
}

Test(http_request, endless_spaces_before_the_version)
{
	char text[1000] = "GET ";

	memset(text + 4, ' ', 900);
	cr_expect_eq(read_cut(text, 0).status, 431);
}

Test(http_request, endless_chunk_extensions_and_trailers)
{
	static const char *const starts[] = { "3;a=", "0\r\nA: " };

	for (size_t i = 0; i < 2; i++) {
		char text[1000] = "PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n";

		strcat(text, starts[i]);
		memset(text + strlen(text), 'x', 450);
		cr_expect_eq(read_cut(text, 0).status, 431, "%s", starts[i]);
	}
}

Test(http_request, keeps_values)
{
	struct outcome o =
		read_cut(GET "Range: bytes=0-1 \t\r\nif-MODIFIED-since: now\r\nExpect: a\r\n"
			     "Expect: b\r\nRangeX: no\r\n\r\n",
			0);

	cr_assert_eq(o.what, HTTP_READ_DONE);
	cr_expect_str_eq(http_request_value(&o.req, HTTP_FIELD_RANGE), "bytes=0-1");
	cr_expect_str_eq(http_request_value(&o.req, HTTP_FIELD_IF_MODIFIED_SINCE), "now");
	cr_expect_null(http_request_value(&o.req, HTTP_FIELD_EXPECT), "twice");
	cr_expect_null(http_request_value(&o.req, HTTP_FIELD_IF_RANGE), "not there");
}

Test(http_request, does_not_keep_half_of_a_long_value)
{
	char text[400] = GET "Range: bytes=0-";
	struct outcome o;

	memset(text + strlen(text), '1', 60);
	strcat(text, "\r\n\r\n");
	o = read_all(text);
	cr_assert_eq(o.what, HTTP_READ_DONE);
	cr_expect_null(http_request_value(&o.req, HTTP_FIELD_RANGE));
}

Test(http_request, trailers_are_not_headers)
{
	struct outcome o = read_all("PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
				    "0\r\nHost: y\r\nRange: bytes=0-0\r\n\r\n");

	cr_expect_eq(o.what, HTTP_READ_DONE);
	cr_expect_null(http_request_value(&o.req, HTTP_FIELD_RANGE));
}

Test(http_request, keep_alive)
{
	static const struct {
		bool keeps_alive;
		const char *text;
	} rows[] = {
		{ true, GET "\r\n" },
		{ false, GET "Connection: close\r\n\r\n" },
		{ false, GET "Connection: foo, Close\r\n\r\n" },
		{ true, GET "Connection: keep-alive\r\n\r\n" },
		{ false, "GET / HTTP/1.0\r\n\r\n" },
		{ true, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(read_cut(rows[i].text, 0).req.keeps_alive, rows[i].keeps_alive, "%s",
			rows[i].text);
}

Test(http_request, random_octets_do_no_harm)
{
	static const char alphabet[] = "GET / HTTP/1.1\r\n:,;0123 \tchunked\x80\xff";
	unsigned seed = 1;

	for (int round = 0; round < 20000; round++) {
		char text[64];

		strcpy(text, round % 2 == 0 ? GET : "");
		for (size_t i = strlen(text); i < 60; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		text[60] = '\0';
		read_cut(text, round % 3 == 0 ? 0 : (size_t)(round % 60));
	}
}

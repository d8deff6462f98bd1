/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A head is written for each response, so nothing here asks for the length of words that
 * the compiler knows, and nothing but numbers is formatted.
 */

#include "head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "target.h"

static const char page[] = "<!DOCTYPE html>\n"
			   "<html lang=\"en\">\n"
			   "<head><meta charset=\"utf-8\"><title>baro</title></head>\n"
			   "<body>\n"
			   "<h1>baro</h1>\n"
			   "<p>This page came out of a TCP/IP stack in user space.</p>\n"
			   "<ul>\n"
			   "<li><a href=\"/bytes/1000000\">/bytes/N</a>: N octets</li>\n"
			   "<li>PUT or POST to /sink: their number and CRC-32</li>\n"
			   "</ul>\n"
			   "</body>\n"
			   "</html>\n";

struct words {
	const char *text;
	size_t len;
};

#define WORDS(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* A head in the making; the longest has room. */
struct text {
	char *start;
	size_t len;
};

/* Inline: a copy of a length that is known is a few stores. There is room for all of the longest head. */
static inline void
put(struct text *t, const char *part, size_t len)
{
	if (len > HTTP_TEXT_MAX - t->len)
		return;
	memcpy(t->start + t->len, part, len);
	t->len += len;
}

#define PUT(t, literal) put(t, literal, sizeof(literal) - 1)

static void
put_words(struct text *t, struct words words)
{
	put(t, words.text, words.len);
}

static void
put_number(struct text *t, uint64_t n)
{
	char digits[20];
	char *const end = digits + sizeof(digits);
	char *p = end;

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	put(t, p, (size_t)(end - p));
}

/* The number and what it means. */
static struct words
status_words(uint16_t status)
{
	static const struct {
		uint16_t status;
		struct words words;
	} rows[] = {
		{ 200, WORDS("200 OK") }, { 206, WORDS("206 Partial Content") },
		{ 301, WORDS("301 Moved Permanently") }, { 304, WORDS("304 Not Modified") },
		{ 400, WORDS("400 Bad Request") }, { 404, WORDS("404 Not Found") },
		{ 405, WORDS("405 Method Not Allowed") }, { 408, WORDS("408 Request Timeout") },
		{ 413, WORDS("413 Content Too Large") }, { 414, WORDS("414 URI Too Long") },
		{ 416, WORDS("416 Range Not Satisfiable") },
		{ 417, WORDS("417 Expectation Failed") },
		{ 431, WORDS("431 Request Header Fields Too Large") },
		{ 501, WORDS("501 Not Implemented") }, { 503, WORDS("503 Service Unavailable") },
		{ 505, WORDS("505 HTTP Version Not Supported") },
		{ 500, WORDS("500 Internal Server Error") }, /* the last, for any other */
	};
	size_t i = 0;

	while (rows[i].status != status && rows[i].status != 500)
		i++;
	return rows[i].words;
}

static struct words
type_of(const struct http_response *r)
{
	static const struct words types[] = {
		[HTTP_CONTENT_NOTE] = WORDS("text/plain; charset=utf-8"),
		[HTTP_CONTENT_PAGE] = WORDS("text/html; charset=utf-8"),
		[HTTP_CONTENT_SUM] = WORDS("application/json"),
		[HTTP_CONTENT_BYTES] = WORDS("application/octet-stream"),
		[HTTP_CONTENT_METRICS] = WORDS("text/plain; version=0.0.4; charset=utf-8"),
	};

	return r->content == HTTP_CONTENT_FILE ? (struct words){ r->type, strlen(r->type) }
					       : types[r->content];
}

static bool
is_part_of_more(const struct http_response *r)
{
	return r->content == HTTP_CONTENT_BYTES || r->content == HTTP_CONTENT_FILE;
}

bool
http_body_follows(const struct http_response *r)
{
	return r->content == HTTP_CONTENT_FILE || r->content == HTTP_CONTENT_METRICS ||
	       (r->content == HTTP_CONTENT_BYTES && r->len > HTTP_SHORT_BODY_MAX);
}

/* The body, when it travels with the head. @return its length */
static size_t
write_body(const struct http_response *r, char body[HTTP_SHORT_BODY_MAX])
{
	struct words words;

	switch ((enum http_content)r->content) {
	case HTTP_CONTENT_NOTE:
		words = status_words(r->status);
		memcpy(body, words.text, words.len);
		body[words.len] = '\n';
		return words.len + 1;
	case HTTP_CONTENT_PAGE:
		memcpy(body, page, sizeof(page) - 1);
		return sizeof(page) - 1;
	case HTTP_CONTENT_SUM:
		return (size_t)snprintf(body, HTTP_SHORT_BODY_MAX,
			"{\"octets\":%" PRIu64 ",\"crc32\":\"%08" PRIx32 "\"}\n", r->size, r->crc);
	case HTTP_CONTENT_BYTES:
		return http_body_follows(r)
			       ? 0
			       : http_bytes_fill((uint8_t *)body, (size_t)r->len, r->first);
	case HTTP_CONTENT_NONE:
	case HTTP_CONTENT_FILE:
	case HTTP_CONTENT_METRICS:
		break;
	}
	return 0;
}

uint64_t
http_body_len(const struct http_response *r)
{
	char body[HTTP_SHORT_BODY_MAX];

	if (r->is_head)
		return 0;
	return http_body_follows(r) ? r->len : write_body(r, body);
}

/* "bytes 1-3/10", or with 416 an asterisk for the part. */
static void
put_content_range(struct text *t, const struct http_response *r)
{
	PUT(t, "Content-Range: bytes ");
	if (r->status == 206) {
		put_number(t, r->first);
		PUT(t, "-");
		put_number(t, r->first + r->len - 1);
	} else {
		PUT(t, "*");
	}
	PUT(t, "/");
	put_number(t, r->size);
	PUT(t, "\r\n");
}

/* The fields that tell about the body. */
static void
put_content(struct text *t, const struct http_response *r, size_t short_len)
{
	char date[HTTP_DATE_LEN + 1];

	if (r->content != HTTP_CONTENT_NONE) {
		PUT(t, "Content-Type: ");
		put_words(t, type_of(r));
		PUT(t, "\r\nContent-Length: ");
		put_number(t, http_body_follows(r) ? r->len : short_len);
		PUT(t, "\r\n");
	}
	if (r->has_modified) {
		http_date_write(r->modified_s, date);
		PUT(t, "Last-Modified: ");
		put(t, date, HTTP_DATE_LEN);
		PUT(t, "\r\n");
	}
	if (is_part_of_more(r))
		PUT(t, "Accept-Ranges: bytes\r\n");
	if (r->status == 206 || r->status == 416)
		put_content_range(t, r);
}

static void
put_location(struct text *t, const char *directory)
{
	char location[HTTP_LOCATION_MAX];
	size_t len = http_target_encode(directory, location, sizeof(location));

	if (len == 0)
		return;
	PUT(t, "Location: ");
	put(t, location, len);
	PUT(t, "/\r\n");
}

static void
put_connection(struct text *t, const struct http_response *r)
{
	if (!r->keeps_alive)
		PUT(t, "Connection: close\r\n");
	else if (r->says_keep_alive)
		PUT(t, "Connection: keep-alive\r\n");
}

size_t
http_head_write(const struct http_response *r, const char *date, const char *server,
	char text[HTTP_TEXT_MAX])
{
	struct text t = { .start = text };
	char body[HTTP_SHORT_BODY_MAX];
	size_t body_len = write_body(r, body);

	PUT(&t, "HTTP/1.1 ");
	put_words(&t, status_words(r->status));
	PUT(&t, "\r\nDate: ");
	put(&t, date, HTTP_DATE_LEN);
	PUT(&t, "\r\n");
	if (server != NULL) {
		PUT(&t, "Server: ");
		put(&t, server, strlen(server));
		PUT(&t, "\r\n");
	}
	put_content(&t, r, body_len);
	if (r->allow != NULL) {
		PUT(&t, "Allow: ");
		put(&t, r->allow, strlen(r->allow));
		PUT(&t, "\r\n");
	}
	if (r->directory != NULL)
		put_location(&t, r->directory);
	put_connection(&t, r);
	PUT(&t, "\r\n");
	if (!r->is_head)
		put(&t, body, body_len);
	return t.len;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A head is written for each response, so nothing here asks for the length of words that
 * the compiler knows, or for room: http_head_room() has asked for all of it. Nothing but numbers is formatted.
 */

#include "head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "target.h"

/* All fields that there are, the longest of each, and a note; but for a Location. */
#define FIELDS_MAX 640
/* A body made of words and numbers. */
#define NOTE_MAX 80

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

/* Inline: a copy of a length that is known is a few stores. @return behind the last octet */
static inline char *
put(char *at, const char *part, size_t len)
{
	memcpy(at, part, len);
	return at + len;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *
put_words(char *at, struct words words)
{
	return put(at, words.text, words.len);
}

static char *
put_number(char *at, uint64_t n)
{
	size_t len = 1;

	for (uint64_t rest = n; rest >= 10; rest /= 10)
		len++;
	for (char *p = at + len; p > at; n /= 10)
		*--p = (char)('0' + n % 10);
	return at + len;
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

/* The body, when it travels with the head; @note has room for one that is made here. */
static struct words
short_body(const struct http_response *r, char note[NOTE_MAX])
{
	char *end;

	switch ((enum http_content)r->content) {
	case HTTP_CONTENT_NOTE:
		end = put_words(note, status_words(r->status));
		end = PUT(end, "\n");
		return (struct words){ note, (size_t)(end - note) };
	case HTTP_CONTENT_PAGE:
		return (struct words)WORDS(page);
	case HTTP_CONTENT_SUM:
		return (struct words){ note,
			(size_t)snprintf(note, NOTE_MAX,
				"{\"octets\":%" PRIu64 ",\"crc32\":\"%08" PRIx32 "\"}\n", r->size,
				r->crc) };
	case HTTP_CONTENT_BYTES:
		if (!http_body_follows(r))
			return (struct words){ http_bytes_at(r->first), (size_t)r->len };
		break;
	case HTTP_CONTENT_NONE:
	case HTTP_CONTENT_FILE:
	case HTTP_CONTENT_METRICS:
		break;
	}
	return (struct words)WORDS("");
}

uint64_t
http_body_len(const struct http_response *r)
{
	char note[NOTE_MAX];

	if (r->is_head)
		return 0;
	return http_body_follows(r) ? r->len : short_body(r, note).len;
}

void
http_common_write(struct http_common *common, time_t date_s, const char *server)
{
	char *at = PUT(common->text, "\r\nDate: ");

	common->date_s = date_s;
	http_date_write(date_s, at);
	at += HTTP_DATE_LEN;
	if (server != NULL) {
		at = PUT(at, "\r\nServer: ");
		at = put(at, server, strlen(server));
	}
	at = PUT(at, "\r\n");
	common->len = (size_t)(at - common->text);
}

/* "bytes 1-3/10", or with 416 an asterisk for the part. */
static char *
put_content_range(char *at, const struct http_response *r)
{
	at = PUT(at, "Content-Range: bytes ");
	if (r->status == 206) {
		at = put_number(at, r->first);
		at = PUT(at, "-");
		at = put_number(at, r->first + r->len - 1);
	} else {
		at = PUT(at, "*");
	}
	at = PUT(at, "/");
	at = put_number(at, r->size);
	return PUT(at, "\r\n");
}

/* The fields that tell about the body. */
static char *
put_content(char *at, const struct http_response *r, size_t short_len)
{
	if (r->content != HTTP_CONTENT_NONE) {
		at = PUT(at, "Content-Type: ");
		at = put_words(at, type_of(r));
		at = PUT(at, "\r\nContent-Length: ");
		at = put_number(at, http_body_follows(r) ? r->len : short_len);
		at = PUT(at, "\r\n");
	}
	if (r->has_modified) {
		at = PUT(at, "Last-Modified: ");
		http_date_write(r->modified_s, at);
		at = PUT(at + HTTP_DATE_LEN, "\r\n");
	}
	if (is_part_of_more(r))
		at = PUT(at, "Accept-Ranges: bytes\r\n");
	if (r->status == 206 || r->status == 416)
		at = put_content_range(at, r);
	return at;
}

static char *
put_location(char *at, const char *directory)
{
	char *value = PUT(at, "Location: ");
	size_t len = http_target_encode(directory, value, HTTP_LOCATION_MAX);

	return len == 0 ? at : PUT(value + len, "/\r\n");
}

static char *
put_connection(char *at, const struct http_response *r)
{
	if (!r->keeps_alive)
		return PUT(at, "Connection: close\r\n");
	return r->says_keep_alive ? PUT(at, "Connection: keep-alive\r\n") : at;
}

size_t
http_head_room(const struct http_response *r)
{
	size_t room = FIELDS_MAX;

	if (r->directory != NULL)
		room += HTTP_LOCATION_MAX;
	if (r->content == HTTP_CONTENT_PAGE)
		room += sizeof(page);
	else if (r->content == HTTP_CONTENT_BYTES && !http_body_follows(r))
		room += (size_t)r->len;
	return room;
}

size_t
http_head_write(const struct http_response *r, const struct http_common *common, char *text)
{
	char note[NOTE_MAX];
	struct words body = short_body(r, note);
	char *at = PUT(text, "HTTP/1.1 ");

	at = r->status == 200 ? PUT(at, "200 OK") : put_words(at, status_words(r->status));
	at = put(at, common->text, common->len);
	at = put_content(at, r, body.len);
	if (r->allow != NULL) {
		at = PUT(at, "Allow: ");
		at = put(at, r->allow, strlen(r->allow));
		at = PUT(at, "\r\n");
	}
	if (r->directory != NULL)
		at = put_location(at, r->directory);
	at = put_connection(at, r);
	at = PUT(at, "\r\n");
	if (!r->is_head)
		at = put(at, body.text, body.len);
	return (size_t)(at - text);
}

/* SPDX-License-Identifier: BSD-3-Clause */

#include "response.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "files.h"
#include "target.h"

/* About 50 ms without an answer from the disk: then one read may wait for it. */
#define DISK_WAITS_MAX 50
#define SHORT_BODY_MAX 1024

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

const char *
http_reason(uint16_t status)
{
	static const struct {
		uint16_t status;
		const char *reason;
	} rows[] = {
		{ 200, "OK" },
		{ 206, "Partial Content" },
		{ 301, "Moved Permanently" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 416, "Range Not Satisfiable" },
		{ 417, "Expectation Failed" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == status)
			return rows[i].reason;
	}
	return "Unknown";
}

void
http_response_init(struct http_response *r, uint16_t status, enum http_content content)
{
	*r = (struct http_response){ .status = status, .content = (uint8_t)content, .fd = -1 };
}

void
http_response_end(struct http_response *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	free(r->metrics);
	r->metrics = NULL;
}

/* A head in the making; http_response_text() has room for the longest. */
struct text {
	char *start;
	size_t len;
};

static void
put(struct text *t, const char *part)
{
	size_t len = strlen(part);

	if (len > HTTP_TEXT_MAX - t->len)
		len = HTTP_TEXT_MAX - t->len;
	memcpy(t->start + t->len, part, len);
	t->len += len;
}

static void
put_number(struct text *t, uint64_t n)
{
	char digits[21];
	char *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	put(t, p);
}

static void
put_field(struct text *t, const char *name, const char *value)
{
	put(t, name);
	put(t, value);
	put(t, "\r\n");
}

/* The body, when it is short enough to travel with the head. @return its length */
static size_t
write_short_body(const struct http_response *r, char *body, size_t size)
{
	int n = 0;

	if (r->content == HTTP_CONTENT_NOTE)
		n = snprintf(body, size, "%u %s\n", r->status, http_reason(r->status));
	else if (r->content == HTTP_CONTENT_PAGE)
		n = snprintf(body, size, "%s", page);
	else if (r->content == HTTP_CONTENT_SUM)
		n = snprintf(body, size, "{\"octets\":%" PRIu64 ",\"crc32\":\"%08" PRIx32 "\"}\n",
			r->size, r->crc);
	else
		body[0] = '\0';
	return (size_t)n;
}

static const char *
type_of(const struct http_response *r)
{
	static const char *const types[] = {
		[HTTP_CONTENT_NOTE] = "text/plain; charset=utf-8",
		[HTTP_CONTENT_PAGE] = "text/html; charset=utf-8",
		[HTTP_CONTENT_SUM] = "application/json",
		[HTTP_CONTENT_BYTES] = "application/octet-stream",
		[HTTP_CONTENT_METRICS] = "text/plain; version=0.0.4; charset=utf-8",
	};

	return r->content == HTTP_CONTENT_FILE ? r->type : types[r->content];
}

static bool
is_streamed(const struct http_response *r)
{
	return r->content == HTTP_CONTENT_BYTES || r->content == HTTP_CONTENT_FILE ||
	       r->content == HTTP_CONTENT_METRICS;
}

uint64_t
http_response_body_len(const struct http_response *r)
{
	char body[SHORT_BODY_MAX];

	if (r->is_head)
		return 0;
	return is_streamed(r) ? r->len : write_short_body(r, body, sizeof(body));
}

/* "bytes 1-3/10", or with 416 an asterisk for the part. */
static void
put_content_range(struct text *t, const struct http_response *r)
{
	put(t, "Content-Range: bytes ");
	if (r->status == 206) {
		put_number(t, r->first);
		put(t, "-");
		put_number(t, r->first + r->len - 1);
	} else {
		put(t, "*");
	}
	put(t, "/");
	put_number(t, r->size);
	put(t, "\r\n");
}

/* The fields that tell about the body. */
static void
put_content(struct text *t, const struct http_response *r, size_t short_len)
{
	char date[HTTP_DATE_LEN + 1];

	if (r->content != HTTP_CONTENT_NONE) {
		put_field(t, "Content-Type: ", type_of(r));
		put(t, "Content-Length: ");
		put_number(t, is_streamed(r) ? r->len : short_len);
		put(t, "\r\n");
	}
	if (r->has_modified) {
		http_date_write(r->modified_s, date);
		put_field(t, "Last-Modified: ", date);
	}
	if (is_streamed(r) && r->content != HTTP_CONTENT_METRICS)
		put(t, "Accept-Ranges: bytes\r\n");
	if (r->status == 206 || r->status == 416)
		put_content_range(t, r);
}

static void
put_location(struct text *t, const char *directory)
{
	char location[HTTP_LOCATION_MAX];

	if (http_target_encode(directory, location, sizeof(location)) == 0)
		return;
	put(t, "Location: ");
	put_field(t, location, "/");
}

size_t
http_response_text(const struct http_response *r, const char *date, const char *server,
	char text[HTTP_TEXT_MAX])
{
	struct text t = { .start = text };
	char body[SHORT_BODY_MAX];
	size_t body_len = write_short_body(r, body, sizeof(body));

	put(&t, "HTTP/1.1 ");
	put_number(&t, r->status);
	put(&t, " ");
	put_field(&t, http_reason(r->status), "");
	put_field(&t, "Date: ", date);
	if (server != NULL)
		put_field(&t, "Server: ", server);
	put_content(&t, r, body_len);
	if (r->allow != NULL)
		put_field(&t, "Allow: ", r->allow);
	if (r->directory != NULL)
		put_location(&t, r->directory);
	if (!r->keeps_alive)
		put(&t, "Connection: close\r\n");
	else if (r->says_keep_alive)
		put(&t, "Connection: keep-alive\r\n");
	put(&t, "\r\n");
	if (!r->is_head)
		put(&t, body);
	return t.len;
}

/* @return false: the queue is full */
static bool
send_text(struct http_response *r, const struct http_clock *clock, const char *server,
	struct baro_conn *c)
{
	char text[HTTP_TEXT_MAX], old_date[HTTP_DATE_LEN + 1];
	const char *date = clock->text;

	if (r->date_s != clock->now_s) {
		http_date_write(r->date_s, old_date);
		date = old_date;
	}
	r->text_len = (uint16_t)http_response_text(r, date, server, text);
	while (r->text_sent < r->text_len) {
		ssize_t n = baro_conn_send(
			c, text + r->text_sent, (size_t)(r->text_len - r->text_sent));

		if (n <= 0)
			return false;
		r->text_sent = (uint16_t)(r->text_sent + n);
	}
	return true;
}

/* Put the next octets of the body where they will be sent from. @return as http_files_read() */
static ssize_t
fill(struct http_response *r, void *room, size_t len)
{
	const uint64_t offset = r->first + r->body_sent;

	if (len > r->len - r->body_sent)
		len = (size_t)(r->len - r->body_sent);
	if (r->content == HTTP_CONTENT_BYTES)
		return (ssize_t)http_bytes_fill(room, len, offset);
	if (r->content == HTTP_CONTENT_METRICS) {
		memcpy(room, r->metrics + offset, len);
		return (ssize_t)len;
	}
	return http_files_read(r->fd, room, len, offset, r->disk_waits > DISK_WAITS_MAX);
}

static enum http_sent
stream_body(struct http_response *r, struct baro_conn *c)
{
	while (r->body_sent < r->len) {
		size_t room_len;
		void *room = baro_conn_reserve(c, &room_len);
		ssize_t n;

		if (room == NULL)
			return HTTP_SENT_FULL;
		n = fill(r, room, room_len);
		if (n <= 0) {
			r->disk_waits++;
			return n == -EAGAIN ? HTTP_SENT_DISK : HTTP_SENT_BROKEN;
		}
		r->disk_waits = 0;
		baro_conn_commit(c, (size_t)n);
		r->body_sent += (uint64_t)n;
	}
	return HTTP_SENT_ALL;
}

enum http_sent
http_response_send(struct http_response *r, const struct http_clock *clock, const char *server,
	struct baro_conn *c)
{
	bool is_text_sent = r->text_len > 0 && r->text_sent == r->text_len;

	if (!is_text_sent && !send_text(r, clock, server, c))
		return HTTP_SENT_FULL;
	return is_streamed(r) && !r->is_head ? stream_body(r, c) : HTTP_SENT_ALL;
}

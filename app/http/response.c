/* SPDX-License-Identifier: BSD-3-Clause */

#include "response.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "date.h"
#include "files.h"
#include "target.h"

/* About 50 ms without an answer from the disk: then one read may wait for it. */
#define DISK_WAITS_MAX 50

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
}

struct text {
	char *start;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->start + t->len, HTTP_TEXT_MAX - t->len, format, args);
	va_end(args);
	if (n > 0)
		t->len +=
			(size_t)n < HTTP_TEXT_MAX - t->len ? (size_t)n : HTTP_TEXT_MAX - t->len - 1;
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
	};

	return r->content == HTTP_CONTENT_FILE ? r->type : types[r->content];
}

static bool
is_streamed(const struct http_response *r)
{
	return r->content == HTTP_CONTENT_BYTES || r->content == HTTP_CONTENT_FILE;
}

/* The fields that tell about the body. */
static void
add_content(struct text *t, const struct http_response *r, size_t short_len)
{
	if (r->content != HTTP_CONTENT_NONE)
		add(t, "Content-Type: %s\r\nContent-Length: %" PRIu64 "\r\n", type_of(r),
			is_streamed(r) ? r->len : short_len);
	if (r->has_modified) {
		char date[HTTP_DATE_LEN + 1];

		http_date_write(r->modified_s, date);
		add(t, "Last-Modified: %s\r\n", date);
	}
	if (is_streamed(r))
		add(t, "Accept-Ranges: bytes\r\n");
	if (r->status == 206)
		add(t, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", r->first,
			r->first + r->len - 1, r->size);
	else if (r->status == 416)
		add(t, "Content-Range: bytes */%" PRIu64 "\r\n", r->size);
}

static void
add_location(struct text *t, const char *directory)
{
	char location[HTTP_LOCATION_MAX];

	if (http_target_encode(directory, location, sizeof(location)) > 0)
		add(t, "Location: %s/\r\n", location);
}

size_t
http_response_text(const struct http_response *r, const char *date, const char *server,
	char text[HTTP_TEXT_MAX])
{
	struct text t = { .start = text };
	char body[1024];
	size_t body_len = write_short_body(r, body, sizeof(body));

	add(&t, "HTTP/1.1 %u %s\r\nDate: %s\r\n", r->status, http_reason(r->status), date);
	if (server != NULL)
		add(&t, "Server: %s\r\n", server);
	add_content(&t, r, body_len);
	if (r->allow != NULL)
		add(&t, "Allow: %s\r\n", r->allow);
	if (r->directory != NULL)
		add_location(&t, r->directory);
	if (!r->keeps_alive)
		add(&t, "Connection: close\r\n");
	else if (r->says_keep_alive)
		add(&t, "Connection: keep-alive\r\n");
	add(&t, "\r\n%s", r->is_head ? "" : body_len > 0 ? body : "");
	return t.len;
}

/* @return false: the queue is full */
static bool
send_text(struct http_response *r, const char *server, struct baro_conn *c)
{
	char text[HTTP_TEXT_MAX], date[HTTP_DATE_LEN + 1];

	http_date_write(r->date_s, date);
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
http_response_send(struct http_response *r, const char *server, struct baro_conn *c)
{
	if ((r->text_len == 0 || r->text_sent < r->text_len) && !send_text(r, server, c))
		return HTTP_SENT_FULL;
	return is_streamed(r) && !r->is_head ? stream_body(r, c) : HTTP_SENT_ALL;
}

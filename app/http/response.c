/* SPDX-License-Identifier: BSD-3-Clause */

#include "response.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "files.h"
#include "head.h"

/* About 50 ms without an answer from the disk: then one read may wait for it. */
#define DISK_WAITS_MAX 200

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
	r->text_len = (uint16_t)http_head_write(r, date, server, text);
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
	return http_body_follows(r) && !r->is_head ? stream_body(r, c) : HTTP_SENT_ALL;
}

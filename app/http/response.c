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
	const size_t half = offsetof(struct http_response, size);

	/* In two parts, as http_request_init() does */
	memset(r, 0, half);
	memset((char *)r + half, 0, sizeof(*r) - half);
	r->status = status;
	r->content = (uint8_t)content;
	r->fd = -1;
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

/* The head where it will be sent from, if there is room in one piece. */
static bool
write_in_place(struct http_response *r, const struct http_common *common, struct baro_conn *c)
{
	size_t room;
	char *text = baro_conn_reserve(c, &room);

	if (text == NULL || room < http_head_room(r))
		return false;
	r->text_len = (uint16_t)http_head_write(r, common, text);
	r->text_sent = r->text_len;
	baro_conn_commit(c, r->text_len);
	return true;
}

/* What is left of the head, made again. @return false: the queue is full */
static bool
send_rest(struct http_response *r, const struct http_common *common, struct baro_conn *c)
{
	char text[HTTP_TEXT_MAX];

	r->text_len = (uint16_t)http_head_write(r, common, text);
	while (r->text_sent < r->text_len) {
		ssize_t n = baro_conn_send(
			c, text + r->text_sent, (size_t)(r->text_len - r->text_sent));

		if (n <= 0)
			return false;
		r->text_sent = (uint16_t)(r->text_sent + n);
	}
	return true;
}

static bool
send_text(struct http_response *r, const struct http_common *common, const char *server,
	struct baro_conn *c)
{
	struct http_common old;

	if (r->date_s != common->date_s) {
		http_common_write(&old, r->date_s, server);
		common = &old;
	}
	return (r->text_sent == 0 && write_in_place(r, common, c)) || send_rest(r, common, c);
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
http_response_send(struct http_response *r, const struct http_common *common, const char *server,
	struct baro_conn *c)
{
	bool is_text_sent = r->text_len > 0 && r->text_sent == r->text_len;

	if (!is_text_sent && !send_text(r, common, server, c))
		return HTTP_SENT_FULL;
	return http_body_follows(r) && !r->is_head ? stream_body(r, c) : HTTP_SENT_ALL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP/1.1 requests. Answers are parsed by llhttp, but for one shortcut that keeps the client lighter
 * than the servers it measures: an answer whose head is the same as the last one parsed, octet for octet,
 * is as long as that one.
 */

#include <errno.h>
#include <llhttp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

enum { HEAD_MAX = 1024 };

/** One connection's answers. */
struct reply {
	llhttp_t parser;
	bool is_within; /* the parser has seen the beginning of an answer */
	bool is_gone;   /* the flow has ended in a callback */
	uint64_t skip;  /* octets of body left, by the shortcut */
};

/** One core's. */
struct http {
	llhttp_settings_t settings;
	struct reply *reply; /* a flow each */
	char head[HEAD_MAX]; /* the last one parsed */
	size_t head_len;     /* 0: none fits */
	uint64_t body_len;
};

static const char *
check(struct load_plan *plan)
{
	if (plan->path[0] == '\0')
		strcpy(plan->path, "/");
	return NULL;
}

static int
on_complete(llhttp_t *parser)
{
	struct load_flow *f = parser->data;
	struct load_worker *w = worker_of(f);
	struct http *http = w->state;
	struct reply *r = &http->reply[f->index];

	r->is_within = false;
	if (parser->status_code / 100 != 2) {
		w->counts.failed[LOAD_STATUS]++;
		http->head_len = 0;
	}
	worker_replied(w, f);
	if (w->plan->close != LOAD_KEEP)
		r->is_gone = !stream_finish(w, f);
	return r->is_gone ? HPE_PAUSED : 0;
}

static int
make_request(struct load_worker *w)
{
	char host[BARO_ENDPOINT_STRLEN];
	int n;

	w->request = malloc(LOAD_PATH_MAX + 128);
	if (w->request == NULL)
		return -ENOMEM;
	n = snprintf(w->request, LOAD_PATH_MAX + 128, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n",
		w->plan->path, baro_endpoint_format(&w->plan->to, host),
		w->plan->close == LOAD_KEEP ? "" : "Connection: close\r\n");
	w->request_len = (uint32_t)n;
	return 0;
}

static int
begin(struct load_worker *w)
{
	struct http *http = calloc(1, sizeof(*http) + w->n_flows * sizeof(*http->reply));

	if (http == NULL)
		return -ENOMEM;
	w->state = http;
	http->reply = (struct reply *)(http + 1);
	llhttp_settings_init(&http->settings);
	http->settings.on_message_complete = on_complete;
	return make_request(w);
}

/** The answer that begins at @data is the last one again. @return octets of it here; 0: not known */
static size_t
recognise(struct http *http, struct reply *r, const char *data, size_t len)
{
	if (r->is_within || http->head_len == 0 || len < http->head_len ||
		memcmp(data, http->head, http->head_len) != 0)
		return 0;
	if (len - http->head_len >= http->body_len)
		return http->head_len + http->body_len;
	r->skip = http->body_len - (len - http->head_len);
	return len;
}

/** Remember the head that begins at @data, if it is whole there and says how long the body is. */
static void
remember(struct http *http, const char *data, size_t len)
{
	static const char field[] = "\r\nContent-Length: ";
	const char *end = memmem(data, len < HEAD_MAX ? len : HEAD_MAX, "\r\n\r\n", 4);
	const char *at;

	http->head_len = 0;
	if (end == NULL)
		return;
	at = memmem(data, (size_t)(end - data), field, sizeof(field) - 1);
	if (at == NULL)
		return;
	http->head_len = (size_t)(end + 4 - data);
	http->body_len = strtoull(at + sizeof(field) - 1, NULL, 10);
	memcpy(http->head, data, http->head_len);
}

/** One answer, or a part of it, by the parser. @return octets read; 0: the flow is gone */
static size_t
parse(struct load_worker *w, struct load_flow *f, struct reply *r, const char *data, size_t len)
{
	struct http *http = w->state;
	enum llhttp_errno err;

	if (!r->is_within)
		remember(http, data, len);
	r->is_within = true;
	err = llhttp_execute(&r->parser, data, len);
	if (r->is_gone)
		return 0;
	if (err != HPE_OK) {
		baro_conn_abort(f->conn);
		worker_failed(w, f, LOAD_STATUS);
		return 0;
	}
	return len;
}

/** The body of a recognised answer. @return octets of it here */
static size_t
skip_body(struct reply *r, size_t len)
{
	size_t n = len < r->skip ? len : (size_t)r->skip;

	r->skip -= n;
	return n;
}

static bool
take(struct load_worker *w, struct load_flow *f, const char *data, size_t len)
{
	struct http *http = w->state;
	struct reply *r = &http->reply[f->index];

	while (len != 0) {
		size_t n = r->skip != 0 ? skip_body(r, len) : recognise(http, r, data, len);

		if (n == 0) {
			n = parse(w, f, r, data, len);
			if (n == 0)
				return false;
		} else if (r->skip == 0) {
			worker_replied(w, f);
			if (w->plan->close != LOAD_KEEP)
				return stream_finish(w, f);
		}
		data += n;
		len -= n;
	}
	return true;
}

static void
readable(struct baro_conn *c)
{
	stream_read(c, take);
}

static void
open_http(struct load_flow *f)
{
	static const struct baro_conn_ops ops = {
		.opened = stream_opened,
		.readable = readable,
		.writable = stream_writable,
		.closed = stream_closed,
	};
	struct http *http = worker_of(f)->state;
	struct reply *r = &http->reply[f->index];

	*r = (struct reply){ .is_within = false };
	llhttp_init(&r->parser, HTTP_RESPONSE, &http->settings);
	r->parser.data = f;
	stream_open(f, &ops);
}

const struct load_mode load_http = {
	.name = "http",
	.about = "HTTP/1.1: GET --path, by a web server",
	.has_replies = true,
	.check = check,
	.begin = begin,
	.open = open_http,
	.request = stream_request,
	.abort = stream_abort,
};

/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One request is read, its response is queued, then the next one is looked at: what a
 * client sends ahead waits unread in the receive queue, so that nothing grows here. The phases
 * (server.h) follow each other in run(); a function of a phase says what is to be done next.
 */

#include "conn.h"

#include <string.h>
#include <strings.h>

#include "routes.h"

#define NS_PER_MS    UINT64_C(1000000)
#define DISK_WAIT_NS (NS_PER_MS / 4)
#define LINGER_NS    (2000 * NS_PER_MS)
#define PIECES       16

static const char continue_text[] = "HTTP/1.1 100 Continue\r\n\r\n";

enum next {
	NEXT_GO,   /* to the phase that is set now */
	NEXT_WAIT, /* for octets, room or time */
	NEXT_GONE, /* the connection is no more */
};

static struct http_conn *
http_conn_of(struct baro_timer *t)
{
	return (struct http_conn *)(void *)((char *)t - offsetof(struct http_conn, timer));
}

static void
end_exchange(struct http_conn *h)
{
	if (h->exchange == NULL)
		return;
	http_request_end(&h->exchange->request);
	http_response_end(&h->exchange->response);
	http_pool_put(&h->server->exchanges, h->exchange);
	h->exchange = NULL;
}

/* Free what is ours. The handle is gone, or going. */
static void
forget(struct http_conn *h)
{
	struct http_server *s = h->server;

	end_exchange(h);
	baro_timer_stop(s->core, &h->timer);
	if (h->next != NULL)
		h->next->prev = h->prev;
	if (h->prev != NULL)
		h->prev->next = h->next;
	else
		s->first = h->next;
	http_pool_put(&s->conns, h);
}

/* Unread octets would make an RST of the FIN. */
static enum next
close_now(struct http_conn *h)
{
	struct baro_conn *c = h->conn;

	baro_conn_consume(c, baro_conn_recv_queued(c));
	forget(h);
	baro_conn_close(c);
	return NEXT_GONE;
}

static enum next
abort_now(struct http_conn *h)
{
	struct baro_conn *c = h->conn;

	forget(h);
	baro_conn_abort(c);
	return NEXT_GONE;
}

static uint64_t
phase_ns(const struct http_conn *h)
{
	const struct http_options *o = h->server->options;

	if (h->phase == HTTP_PHASE_LINGER)
		return LINGER_NS;
	return h->phase == HTTP_PHASE_HEAD ? o->header_timeout_ns : o->idle_timeout_ns;
}

static enum next
enter(struct http_conn *h, enum http_phase phase)
{
	h->phase = (uint8_t)phase;
	h->is_new_phase = true;
	return NEXT_GO;
}

/*
 * Wait. Bodies and responses may take as long as they move; a head and a farewell may not. Most phases begin
 * and end between two waits: the time they have is asked for here, by those that do not.
 * The timer itself is moved only when it would be late.
 */
static void
await(struct http_conn *h)
{
	if (h->is_new_phase || h->phase == HTTP_PHASE_BODY || h->phase == HTTP_PHASE_RESPONSE)
		h->deadline_ns = baro_core_now(h->server->core) +
				 (h->waits_for_disk ? DISK_WAIT_NS : phase_ns(h));
	h->is_new_phase = false;
	if (h->phase == HTTP_PHASE_RESPONSE)
		h->queued = baro_conn_send_queued(h->conn);
	if (h->deadline_ns < h->armed_ns) {
		h->armed_ns = h->deadline_ns;
		baro_timer_start(h->server->core, &h->timer, h->armed_ns);
	}
}

/* The response of this exchange is decided: fill in what all of them have. */
static enum next
respond(struct http_conn *h)
{
	const struct http_request *req = &h->exchange->request;
	struct http_response *resp = &h->exchange->response;
	struct http_server *s = h->server;

	if (http_clock_update(&s->clock, baro_core_now(s->core)))
		http_common_write(&s->common, s->clock.now_s, s->options->server_name);
	resp->is_head = req->method == HTTP_HEAD;
	resp->date_s = s->clock.now_s;
	resp->keeps_alive = req->is_complete && req->keeps_alive && !s->is_draining;
	resp->says_keep_alive = req->minor == 0;
	http_server_log(s, h);
	return enter(h, HTTP_PHASE_RESPONSE);
}

/* Answer with an error and read no more of this client. */
static enum next
refuse(struct http_conn *h, uint16_t status)
{
	h->exchange->request.keeps_alive = false;
	http_response_end(&h->exchange->response);
	http_response_init(&h->exchange->response, status, HTTP_CONTENT_NOTE);
	return respond(h);
}

static void
route(struct http_conn *h)
{
	const struct http_site site = { .root_fd = h->server->options->root_fd,
		.metrics = h->server->options->metrics,
		.core = h->server->core };

	http_route(&site, &h->exchange->request, &h->exchange->response);
}

/* The head is there, the body is not. */
static enum next
take_head(struct http_conn *h)
{
	struct http_request *req = &h->exchange->request;

	route(h);
	if (h->exchange->response.status >= 400)
		return respond(h);
	if (req->minor > 0 && req->seen[HTTP_FIELD_EXPECT] > 0 &&
		baro_conn_recv_queued(h->conn) == 0) {
		h->continue_len = 0;
		return enter(h, HTTP_PHASE_CONTINUE);
	}
	return enter(h, HTTP_PHASE_BODY);
}

static enum next
take_request(struct http_conn *h)
{
	struct http_request *req = &h->exchange->request;
	struct http_response *resp = &h->exchange->response;

	if (!req->has_body)
		route(h);
	if (resp->content == HTTP_CONTENT_SUM) {
		resp->size = req->body_len;
		resp->crc = req->body_crc;
	}
	return respond(h);
}

static enum next
begin_exchange(struct http_conn *h)
{
	h->exchange = http_pool_get(&h->server->exchanges);
	if (h->exchange == NULL)
		return abort_now(h);
	http_request_init(&h->exchange->request, &h->server->reader);
	http_response_init(&h->exchange->response, 0, HTTP_CONTENT_NONE);
	return enter(h, HTTP_PHASE_HEAD);
}

static enum next
act_on(struct http_conn *h, enum http_read what)
{
	if (what == HTTP_READ_BAD)
		return refuse(h, h->exchange->request.status);
	return what == HTTP_READ_HEAD ? take_head(h) : take_request(h);
}

/* Read a request where it lies, as far as it is there. */
static enum next
read_request(struct http_conn *h)
{
	enum http_read what = HTTP_READ_MORE;
	struct iovec iov[PIECES];
	size_t used = 0;
	int n = baro_conn_peek(h->conn, iov, PIECES);

	if (n == 0)
		return baro_conn_is_eof(h->conn) ? refuse(h, 400) : NEXT_WAIT;
	for (int i = 0; i < n && what == HTTP_READ_MORE; i++) {
		size_t k;

		what = http_request_read(
			&h->exchange->request, iov[i].iov_base, iov[i].iov_len, &k);
		used += k;
	}
	baro_conn_consume(h->conn, used);
	return what == HTTP_READ_MORE ? NEXT_GO : act_on(h, what);
}

/* RFC 9112 §2.2: empty lines before a request are skipped. */
static size_t
count_line_ends(const struct iovec *iov)
{
	const char *text = iov->iov_base;
	size_t n = 0;

	while (n < iov->iov_len && (text[n] == '\r' || text[n] == '\n'))
		n++;
	return n;
}

static enum next
await_request(struct http_conn *h)
{
	struct iovec iov;
	size_t skipped;

	if (baro_conn_peek(h->conn, &iov, 1) == 0)
		return baro_conn_is_eof(h->conn) ? close_now(h) : NEXT_WAIT;
	skipped = count_line_ends(&iov);
	if (skipped > 0) {
		baro_conn_consume(h->conn, skipped);
		return NEXT_GO;
	}
	return begin_exchange(h);
}

static enum next
send_continue(struct http_conn *h)
{
	const size_t len = strlen(continue_text);

	while (h->continue_len < len) {
		ssize_t n = baro_conn_send(
			h->conn, &continue_text[h->continue_len], len - h->continue_len);

		if (n <= 0)
			return NEXT_WAIT;
		h->continue_len = (uint8_t)(h->continue_len + n);
	}
	return enter(h, HTTP_PHASE_BODY);
}

/* The whole response is queued. */
static enum next
finish_exchange(struct http_conn *h)
{
	bool is_complete = h->exchange->request.is_complete;
	bool keeps_alive = h->exchange->response.keeps_alive && !h->server->is_draining;

	end_exchange(h);
	if (keeps_alive)
		return enter(h, HTTP_PHASE_IDLE);
	if (is_complete)
		return close_now(h);
	baro_conn_shutdown(h->conn);
	return enter(h, HTTP_PHASE_LINGER);
}

static enum next
send_response(struct http_conn *h)
{
	const struct http_server *s = h->server;
	struct http_response *resp = &h->exchange->response;

	switch (http_response_send(resp, &s->common, s->options->server_name, h->conn)) {
	case HTTP_SENT_ALL:
		h->waits_for_disk = false;
		return finish_exchange(h);
	case HTTP_SENT_FULL:
		h->waits_for_disk = false;
		return NEXT_WAIT;
	case HTTP_SENT_DISK:
		h->waits_for_disk = true;
		return NEXT_WAIT;
	case HTTP_SENT_BROKEN:
		break;
	}
	return abort_now(h);
}

static enum next
drop_rest(struct http_conn *h)
{
	baro_conn_consume(h->conn, baro_conn_recv_queued(h->conn));
	return baro_conn_is_eof(h->conn) ? close_now(h) : NEXT_WAIT;
}

static enum next
run_phase(struct http_conn *h)
{
	switch ((enum http_phase)h->phase) {
	case HTTP_PHASE_IDLE:
		return await_request(h);
	case HTTP_PHASE_HEAD:
	case HTTP_PHASE_BODY:
		return read_request(h);
	case HTTP_PHASE_CONTINUE:
		return send_continue(h);
	case HTTP_PHASE_RESPONSE:
		return send_response(h);
	case HTTP_PHASE_LINGER:
		break;
	}
	return drop_rest(h);
}

static void
run(struct http_conn *h)
{
	enum next next;

	do
		next = run_phase(h);
	while (next == NEXT_GO);
	if (next == NEXT_WAIT)
		await(h);
}

/* writable() comes when a quarter of what may be queued is free; a slow reader is not there yet. */
static enum next
check_reader(struct http_conn *h)
{
	if (h->waits_for_disk)
		return NEXT_GO;
	if (baro_conn_send_queued(h->conn) >= h->queued)
		return abort_now(h);
	await(h);
	return NEXT_WAIT;
}

/* Time is up. */
static enum next
give_up(struct http_conn *h)
{
	switch ((enum http_phase)h->phase) {
	case HTTP_PHASE_HEAD:
	case HTTP_PHASE_BODY:
		return refuse(h, 408);
	case HTTP_PHASE_RESPONSE:
		return check_reader(h);
	case HTTP_PHASE_CONTINUE:
		return abort_now(h);
	case HTTP_PHASE_IDLE:
	case HTTP_PHASE_LINGER:
		break;
	}
	return close_now(h);
}

static void
fire(struct baro_timer *t, uint64_t now_ns)
{
	struct http_conn *h = http_conn_of(t);

	h->armed_ns = BARO_NEVER;
	if (now_ns < h->deadline_ns) {
		h->armed_ns = h->deadline_ns;
		baro_timer_start(h->server->core, t, h->armed_ns);
	} else if (give_up(h) == NEXT_GO) {
		run(h);
	}
}

static void
opened(struct baro_conn *c)
{
	struct http_server *s = baro_conn_user(c);
	struct http_conn *h = http_pool_get(&s->conns);

	if (h == NULL) {
		baro_conn_abort(c);
		return;
	}
	*h = (struct http_conn){
		.conn = c,
		.server = s,
		.next = s->first,
		.armed_ns = BARO_NEVER,
		.timer = { .fire = fire },
	};
	if (s->first != NULL)
		s->first->prev = h;
	s->first = h;
	baro_conn_set_user(c, h);
	baro_conn_set(c, BARO_TCP_NODELAY, 1);
	enter(h, HTTP_PHASE_IDLE);
	await(h);
}

static void
readable(struct baro_conn *c)
{
	struct http_conn *h = baro_conn_user(c);

	if (h->phase != HTTP_PHASE_RESPONSE && h->phase != HTTP_PHASE_CONTINUE)
		run(h);
}

static void
writable(struct baro_conn *c)
{
	struct http_conn *h = baro_conn_user(c);

	if (h->phase == HTTP_PHASE_RESPONSE || h->phase == HTTP_PHASE_CONTINUE)
		run(h);
}

static void
closed(struct baro_conn *c, int err)
{
	(void)err;
	forget(baro_conn_user(c));
}

const struct baro_conn_ops http_conn_ops = {
	.opened = opened,
	.readable = readable,
	.writable = writable,
	.closed = closed,
};

void
http_conn_drain_all(struct http_server *s)
{
	s->is_draining = true;
	for (struct http_conn *h = s->first, *next; h != NULL; h = next) {
		next = h->next;
		if (h->phase == HTTP_PHASE_IDLE)
			close_now(h);
	}
}

void
http_conn_abort_all(struct http_server *s)
{
	while (s->first != NULL)
		abort_now(s->first);
}

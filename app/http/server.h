/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

/* What the connections of one core share, and what each of them has. */

#include <baro/baro.h>
#include <stdio.h>

#include "date.h"
#include "head.h"
#include "options.h"
#include "pool.h"
#include "request.h"
#include "response.h"

enum http_phase {
	HTTP_PHASE_IDLE,     /* no octet of a request is there */
	HTTP_PHASE_HEAD,     /* some are */
	HTTP_PHASE_CONTINUE, /* 100 Continue is being queued */
	HTTP_PHASE_BODY,
	HTTP_PHASE_RESPONSE, /* is being queued; nothing is read meanwhile */
	HTTP_PHASE_LINGER, /* all is said: what still arrives is dropped, lest RST eats the answer */
};

/** A request and its response. A connection has one from the first octet to the last. */
struct http_exchange {
	struct http_response response;
	struct http_request request;
};

/** A connection; an idle one has nothing else. */
struct http_conn {
	struct baro_conn *conn;
	struct http_server *server;
	struct http_conn *next;
	struct http_conn *prev;
	struct http_exchange *exchange; /* NULL: idle */
	uint64_t deadline_ns;
	uint64_t armed_ns;    /* when the timer fires: not after deadline_ns */
	size_t queued;        /* octets in the send queue when a response began to wait */
	uint8_t phase;        /* enum http_phase */
	uint8_t continue_len; /* octets of 100 Continue queued */
	bool is_new_phase;    /* deadline_ns is the last one's */
	bool waits_for_disk;
	struct baro_timer timer;
};

struct http_server {
	struct baro_core *core;
	const struct http_options *options; /* of all cores, nobody writes to it */
	struct http_clock clock;
	struct http_common common;
	struct http_pool conns;
	struct http_pool exchanges;
	struct http_pool targets;
	struct http_reader reader;
	struct http_conn *first; /* all connections */
	bool is_draining;
	bool is_flush_due;
	FILE *log; /* NULL: none */
	struct baro_timer flush;
};

/** @return 0, -ENOMEM, -errno of opening the log */
int
http_server_create(
	struct baro_core *core, const struct http_options *options, struct http_server **out);

/** No connection may be left. */
void
http_server_destroy(struct http_server *s);

/** Log the exchange of @h, if there is a log. */
void
http_server_log(struct http_server *s, const struct http_conn *h);

#endif

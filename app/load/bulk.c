/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bulk: as many octets as the way takes, to an echo, discard or, with --path, a web server that takes
 * uploads (baro-http's /sink). What comes back is counted and thrown away. And connections that are only held.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

enum { CHUNK = 64 * 1024 };

/** Longer than any run. */
#define UPLOAD "1152921504606846976"

static int
begin_send(struct load_worker *w)
{
	w->request_len = CHUNK;
	w->request = malloc(CHUNK);
	if (w->request == NULL)
		return -ENOMEM;
	memset(w->request, 'b', CHUNK);
	return 0;
}

static void
fill_queue(struct baro_conn *c)
{
	struct load_flow *f = baro_conn_user(c);
	struct load_worker *w = worker_of(f);
	ssize_t n;

	while ((n = baro_conn_send(c, w->request, CHUNK)) > 0)
		if (worker_measures(w))
			w->counts.octets_out += (uint64_t)n;
}

static void
opened_send(struct baro_conn *c)
{
	struct load_flow *f = baro_conn_user(c);
	const struct load_plan *plan = worker_of(f)->plan;
	char head[LOAD_PATH_MAX + 128];
	int n;

	stream_opened(c);
	if (plan->path[0] != '\0') {
		n = snprintf(head, sizeof(head),
			"POST %s HTTP/1.1\r\nHost: baro-load\r\nContent-Length: " UPLOAD "\r\n\r\n",
			plan->path);
		baro_conn_send(c, head, (size_t)n);
	}
	fill_queue(c);
}

static bool
throw_away(struct load_worker *w, struct load_flow *f, const char *data, size_t len)
{
	(void)w, (void)f, (void)data, (void)len;
	return true;
}

static void
readable(struct baro_conn *c)
{
	stream_read(c, throw_away);
}

static void
open_send(struct load_flow *f)
{
	static const struct baro_conn_ops ops = {
		.opened = opened_send,
		.readable = readable,
		.writable = fill_queue,
		.closed = stream_closed,
	};

	stream_open(f, &ops);
}

static void
open_idle(struct load_flow *f)
{
	static const struct baro_conn_ops ops = {
		.opened = stream_opened,
		.readable = readable,
		.closed = stream_closed,
	};

	stream_open(f, &ops);
}

static const char *
check(struct load_plan *plan)
{
	if (plan->rate != 0)
		return "--rate is of requests; this mode has none";
	return plan->close != LOAD_KEEP ? "--close is for requests; this mode has none" : NULL;
}

const struct load_mode load_send = {
	.name = "send",
	.about = "TCP: octets without end, to an echo or discard service or as an upload to --path",
	.check = check,
	.begin = begin_send,
	.open = open_send,
	.abort = stream_abort,
};

const struct load_mode load_idle = {
	.name = "idle",
	.about = "TCP: connections that are opened and held",
	.check = check,
	.open = open_idle,
	.abort = stream_abort,
};

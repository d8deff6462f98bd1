/* SPDX-License-Identifier: BSD-3-Clause */
/* Ping-pong over TCP: `size` octets go, as many come back, from an echo service. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static int
begin(struct load_worker *w)
{
	w->request_len = w->plan->size;
	w->request = malloc(w->request_len);
	if (w->request == NULL)
		return -ENOMEM;
	memset(w->request, 'b', w->request_len);
	return 0;
}

static bool
take(struct load_worker *w, struct load_flow *f, const char *data, size_t len)
{
	(void)data;
	while (len != 0) {
		uint32_t n = len < f->need ? (uint32_t)len : f->need;

		if (f->sent == f->done)
			break; /* more than was asked for */
		f->need -= n;
		len -= n;
		if (f->need != 0)
			break;
		f->need = w->request_len;
		worker_replied(w, f);
		if (w->plan->close != LOAD_KEEP)
			return stream_finish(w, f);
	}
	return true;
}

static void
readable(struct baro_conn *c)
{
	stream_read(c, take);
}

static void
open_ping(struct load_flow *f)
{
	static const struct baro_conn_ops ops = {
		.opened = stream_opened,
		.readable = readable,
		.writable = stream_writable,
		.closed = stream_closed,
	};

	f->need = worker_of(f)->request_len;
	stream_open(f, &ops);
}

static const char *
check(struct load_plan *plan)
{
	if (plan->close == LOAD_PEER)
		return "--close server: an echo service does not close; fin or rst";
	return NULL;
}

const struct load_mode load_ping = {
	.name = "ping",
	.about = "TCP: --size octets there and back, by an echo service",
	.has_replies = true,
	.check = check,
	.begin = begin,
	.open = open_ping,
	.request = stream_request,
	.abort = stream_abort,
};

/* SPDX-License-Identifier: BSD-3-Clause */

/* The echo service (RFC 862): what arrives goes back from the buffers it arrived in. */

#include "echo.h"

static void
opened(struct baro_conn *c)
{
	baro_conn_set(c, BARO_TCP_NODELAY, 1);
}

/*
 * Also called when the send queue has room again. What does not fit stays unread:
 * the window closes, and the peer waits.
 */
static void
readable(struct baro_conn *c)
{
	struct iovec iov;
	ssize_t n;

	while (baro_conn_peek(c, &iov, 1) == 1 &&
		(n = baro_conn_send(c, iov.iov_base, iov.iov_len)) > 0)
		baro_conn_consume(c, (size_t)n);
	if (baro_conn_is_eof(c))
		baro_conn_close(c); /* sends the queue first, then FIN */
}

static const struct baro_conn_ops ops = {
	.opened = opened, .readable = readable, .writable = readable,
	/* no closed: there is nothing of ours to free */
};

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	if (d->from.port != d->to.port) /* two echo services would never stop */
		baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

int
echo_start(struct baro_core *core, uint16_t port)
{
	const struct baro_endpoint any = { .port = port };
	struct baro_listener *listener;
	struct baro_udp *udp;
	int err = baro_listen(core, &any, NULL, &ops, NULL, &listener);

	return err != 0 ? err : baro_udp_open(core, &any, received, NULL, &udp);
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Datagram sockets, over baro/udp.h. */

#include <errno.h>
#include <stdlib.h>

#include "socket/sock.h"
#include "socket/sockaddr.h"

/* What the network tells */

static void
readable(struct baro_udp *u)
{
	sock_wake(baro_udp_user(u), EPOLLIN);
}

/** As on Linux: the next call of a connected socket is told, if asking again is of no use. */
static void
failed(struct baro_udp *u, const struct baro_udp_error *e)
{
	struct sock *s = baro_udp_user(u);
	struct baro_endpoint peer;

	baro_udp_remote(u, &peer);
	if (peer.port == 0 || !e->is_hard)
		return;
	s->err = -e->err;
	sock_wake(s, EPOLLERR | EPOLLIN | EPOLLOUT);
}

static const struct baro_udp_ops ops = { .readable = readable, .failed = failed };

static int
init_udp(struct sock *s)
{
	return baro_udp_create(core_of(s->stack), &ops, s, &s->udp.udp);
}

static void
close_udp(struct sock *s)
{
	baro_udp_close(s->udp.udp);
	sock_free(s);
}

/* Names */

static int
bind_udp(struct sock *s, const struct baro_endpoint *local)
{
	return baro_udp_bind(s->udp.udp, local);
}

static int
connect_udp(struct sock *s, const struct baro_endpoint *remote)
{
	return baro_udp_connect(s->udp.udp, remote);
}

static int
disconnect_udp(struct sock *s)
{
	return baro_udp_disconnect(s->udp.udp);
}

static void
local_of(const struct sock *s, struct baro_endpoint *ep)
{
	baro_udp_local(s->udp.udp, ep);
}

static int
remote_of(const struct sock *s, struct baro_endpoint *ep)
{
	baro_udp_remote(s->udp.udp, ep);
	return ep->port != 0 ? 0 : -ENOTCONN;
}

/* Sending */

/** The address that IP_PKTINFO says it is to leave from. */
static const struct baro_endpoint *
find_source(struct msghdr *msg, struct baro_endpoint *from)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO ||
			c->cmsg_len < CMSG_LEN(sizeof(info)))
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		*from = (struct baro_endpoint){
			.addr = baro_addr_from_v4(ntohl(info.ipi_spec_dst.s_addr)),
		};
		return from;
	}
	return NULL;
}

/** The octets in one piece: where they are, or copied together. NULL: no memory */
static const void *
flatten(struct sock *s, struct sock_io *io)
{
	uint8_t **flat = &s->stack->socks.flat;
	size_t done = 0;

	if (io->left == 0 || sock_io_next(io).iov_len >= io->left)
		return io->left != 0 ? sock_io_next(io).iov_base : "";
	if (*flat == NULL)
		*flat = malloc(BARO_UDP_MAX);
	while (*flat != NULL && io->left != 0) {
		struct iovec piece = sock_io_next(io);

		memcpy(*flat + done, piece.iov_base, piece.iov_len);
		done += piece.iov_len;
		sock_io_done(io, piece.iov_len);
	}
	return *flat;
}

static ssize_t
send_udp(struct sock *s, struct sock_io *io)
{
	struct baro_endpoint to;
	struct baro_endpoint from;
	size_t len = io->left;
	const void *data;
	int rc = 0;

	if (s->err != 0)
		return sock_take_error(s);
	if (s->udp.is_wr_shut)
		return -EPIPE;
	if (len > BARO_UDP_MAX)
		return -EMSGSIZE;
	if ((io->flags & MSG_MORE) != 0)
		return -EOPNOTSUPP;
	if (io->msg->msg_name != NULL)
		rc = sockaddr_read(io->msg->msg_name, io->msg->msg_namelen, &to);
	if (rc != 0)
		return rc;
	data = flatten(s, io);
	if (data == NULL)
		return -ENOMEM;
	rc = baro_udp_send(s->udp.udp, io->msg->msg_name != NULL ? &to : NULL,
		find_source(io->msg, &from), data, len);
	io->left = 0;
	return rc == 0 ? (ssize_t)len : rc;
}

/* Receiving */

/** Where the next piece of control data goes; what has no room is flagged. */
struct control {
	struct msghdr *msg;
	size_t used;
};

static void
put_control(struct control *c, int type, const void *value, size_t len)
{
	struct cmsghdr head = { .cmsg_level = IPPROTO_IP, .cmsg_type = type };
	uint8_t *at = (uint8_t *)c->msg->msg_control + c->used;

	if (c->msg->msg_controllen < c->used + CMSG_SPACE(len)) {
		c->msg->msg_flags |= MSG_CTRUNC;
		return;
	}
	head.cmsg_len = CMSG_LEN(len);
	memset(at, 0, CMSG_SPACE(len));
	memcpy(at, &head, sizeof(head));
	memcpy(at + CMSG_LEN(0), value, len);
	c->used += CMSG_SPACE(len);
}

/** The number of an interface, from 1, in the order of baro_addr_read(); 0: ourselves. */
static int
interface_number(const struct sock *s, const char *name)
{
	struct netif *netif = ip_find_netif(&s->stack->ip, name);

	return netif != NULL ? (int)ip_netif_index(&s->stack->ip, netif) + 1 : 0;
}

static void
tell_control(const struct sock *s, const struct baro_datagram *d, struct msghdr *msg)
{
	struct control c = { .msg = msg };
	struct in_pktinfo info = { 0 };
	int n;

	if (msg->msg_control == NULL)
		msg->msg_controllen = 0;
	if (s->udp.wants_pktinfo) {
		info.ipi_ifindex = interface_number(s, d->iface);
		info.ipi_addr.s_addr = htonl(baro_addr_to_v4(&d->to.addr));
		info.ipi_spec_dst = info.ipi_addr;
		put_control(&c, IP_PKTINFO, &info, sizeof(info));
	}
	n = d->ttl;
	if (s->udp.wants_ttl)
		put_control(&c, IP_TTL, &n, sizeof(n));
	if (s->udp.wants_tos)
		put_control(&c, IP_TOS, &d->tos, sizeof(d->tos));
	msg->msg_controllen = c.used;
}

static ssize_t
recv_udp(struct sock *s, struct sock_io *io)
{
	struct msghdr *msg = io->msg;
	struct baro_datagram d;
	size_t n;

	if (s->err != 0)
		return sock_take_error(s);
	if (baro_udp_peek(s->udp.udp, &d, 1) == 0)
		return s->udp.is_rd_shut ? 0 : -EAGAIN;
	n = sock_io_put(io, d.data, d.len);
	if (n < d.len)
		msg->msg_flags |= MSG_TRUNC;
	if (msg->msg_name != NULL)
		sockaddr_write(&d.from, msg->msg_name, &msg->msg_namelen);
	tell_control(s, &d, msg);
	if ((io->flags & MSG_TRUNC) != 0)
		n = d.len;
	if ((io->flags & MSG_PEEK) == 0)
		baro_udp_consume(s->udp.udp, 1);
	return (ssize_t)n;
}

/* What is so now */

static uint32_t
ready_udp(const struct sock *s)
{
	const struct sock_udp *u = &s->udp;
	uint32_t events = EPOLLOUT | EPOLLWRNORM;

	if (baro_udp_recv_queued(u->udp, NULL) != 0 || u->is_rd_shut || s->err != 0)
		events |= EPOLLIN | EPOLLRDNORM;
	if (u->is_rd_shut)
		events |= EPOLLRDHUP;
	if (u->is_rd_shut && u->is_wr_shut)
		events |= EPOLLHUP;
	return events | (s->err != 0 ? EPOLLERR : 0);
}

/** As on Linux: of the next datagram. */
static size_t
queued_of(const struct sock *s)
{
	struct baro_datagram d;

	return baro_udp_peek(s->udp.udp, &d, 1) != 0 ? d.len : 0;
}

static size_t
unsent_of(const struct sock *s)
{
	(void)s;
	return 0;
}

static int
shutdown_udp(struct sock *s, int how)
{
	struct baro_endpoint peer;

	if (remote_of(s, &peer) != 0)
		return -ENOTCONN;
	s->udp.is_rd_shut |= how != SHUT_WR;
	s->udp.is_wr_shut |= how != SHUT_RD;
	sock_wake(s, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
	return 0;
}

const struct sock_class sock_udp_class = {
	.type = SOCK_DGRAM,
	.protocol = IPPROTO_UDP,
	.init = init_udp,
	.bind = bind_udp,
	.connect = connect_udp,
	.disconnect = disconnect_udp,
	.send = send_udp,
	.recv = recv_udp,
	.shutdown = shutdown_udp,
	.ready = ready_udp,
	.local = local_of,
	.remote = remote_of,
	.queued = queued_of,
	.unsent = unsent_of,
	.close = close_udp,
};

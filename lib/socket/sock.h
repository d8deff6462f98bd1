/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_SOCKET_SOCK_H
#define BARO_SOCKET_SOCK_H

/*
 * A socket as POSIX knows it, over a connection, a listener or a UDP socket of the callback API, whose
 * callbacks are this layer's. Inside of it calls return -errno and none of them waits: waiting is done in
 * one place, wait.c, above.
 */

#include <baro/addr.h>
#include <baro/conn.h>
#include <baro/udp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "socket/stack.h"
#include "socket/watch.h"

struct sock;

/** A caller's buffers, and how far a call has come with them. */
struct sock_io {
	const struct iovec *iov; /* the one that is next */
	size_t off;              /* octets of it that are done */
	size_t left;             /* octets in all that are not */
	int flags;               /* MSG_* */
	struct msghdr *msg;      /* its address and control, in and out */
};

/** What a kind of socket does. NULL: it cannot. */
struct sock_class {
	int type; /* SOCK_STREAM, SOCK_DGRAM; 0: an epoll */
	int protocol;
	int (*init)(struct sock *s); /* just made and zeroed. @return 0, -ENOMEM: it is freed */
	int (*bind)(struct sock *s, const struct baro_endpoint *local);
	/** @return 0, -EINPROGRESS (the outcome comes with EPOLLOUT), or why not */
	int (*connect)(struct sock *s, const struct baro_endpoint *remote);
	int (*disconnect)(struct sock *s);
	/** @return octets taken from @io, -EAGAIN (EPOLLOUT will follow) or why not */
	ssize_t (*send)(struct sock *s, struct sock_io *io);
	/** @return octets put into @io, 0 at the end, -EAGAIN (EPOLLIN will follow) or why not */
	ssize_t (*recv)(struct sock *s, struct sock_io *io);
	int (*shutdown)(struct sock *s, int how);
	/** What is so now: EPOLLIN, ... */
	uint32_t (*ready)(const struct sock *s);
	void (*local)(const struct sock *s, struct baro_endpoint *ep);
	/** @return 0, -ENOTCONN */
	int (*remote)(const struct sock *s, struct baro_endpoint *ep);
	/** Octets to be read, and octets sent but not acknowledged or not sent yet. */
	size_t (*queued)(const struct sock *s);
	size_t (*unsent)(const struct sock *s);
	void (*close)(struct sock *s);
};

enum sock_stage {
	SOCK_FRESH,      /* neither connected nor listening */
	SOCK_LISTENING,  /* tcp.listener */
	SOCK_CONNECTING, /* tcp.conn, of which nobody has heard yet */
	SOCK_OPEN, /* tcp.conn, until the application closes: also when the connection is over */
};

/** Options of connections that do not exist yet: the socket's own, or those that a listener will accept. */
struct sock_wishes {
	uint64_t has; /* a bit for each enum baro_conn_option */
	int value[64];
};

struct sock_tcp {
	enum sock_stage stage;
	struct baro_conn *conn;
	struct baro_listener *listener;
	struct baro_endpoint bound; /* asked for by bind() */
	struct list by_port;        /* in socks->bound */
	struct list queue; /* a listener's connections that wait for accept(), or its place there */
	struct sock *acceptor; /* whose queue it stands in; NULL: none */
	bool is_ended;         /* the connection is over */
	bool is_rd_shut;       /* SHUT_RD */
	bool has_more;         /* the last one said MSG_MORE */
	bool is_corked;        /* TCP_CORK */
	bool is_early;         /* Fast Open: text is taken though the SYN has not been answered */
	uint32_t defer_s;      /* TCP_DEFER_ACCEPT */
	int fast_limit;        /* TCP_FASTOPEN; -1: as configured */
	struct sock_wishes *wishes; /* NULL: none */
	const char *cc; /* TCP_CONGESTION before there is a connection; NULL: not asked for */
};

struct sock_udp {
	struct baro_udp *udp;
	bool is_rd_shut;
	bool is_wr_shut;
	/* with each datagram, beside its data */
	bool wants_pktinfo;
	bool wants_ttl;
	bool wants_tos;
};

struct sock_epoll {
	struct list watches;
	struct list ready; /* those that may have something to tell */
	int host_fd;       /* the host's epoll that watches the host's descriptors; -1: none */
	uint64_t host_ns;  /* when it was asked last */
};

struct sock {
	uint32_t index;  /* in the slab */
	uint32_t number; /* in the table of descriptors */
	const struct sock_class *class;
	struct stack *stack;
	struct list watchers; /* struct watch */
	int err;              /* of the connection, told once: SO_ERROR; an errno, positive */
	bool is_nonblocking;
	bool reuses_addr;
	uint32_t rcv_lowat;
	uint64_t rcv_timeout_ns; /* 0: for ever */
	uint64_t snd_timeout_ns;
	union {
		struct sock_tcp tcp;
		struct sock_udp udp;
		struct sock_epoll epoll;
		void *other; /* of a class of a layer above */
	};
};

extern const struct sock_class sock_tcp_class;
extern const struct sock_class sock_udp_class;
extern const struct sock_class sock_epoll_class;

/* Descriptors (sock.c) */

/** A socket with a number. @return 0, -EMFILE (too many), -ENOMEM */
int
sock_make(struct stack *stack, const struct sock_class *class, struct sock **out);

/** It is nobody's any more: its number goes, and whoever watches it forgets it. */
void
sock_free(struct sock *s);

/** What the application calls it. */
int
sock_fd(const struct sock *s);

/** The core that this thread is on; NULL: none. */
struct stack *
sock_stack(void);

/**
 * @return 0
 *         -EBADF   closed, or never open
 *         -EXDEV   another core's, or this thread is on no core
 */
int
sock_find(int fd, struct sock **out);

/* News */

/** @events have happened: those who watch @s look. */
void
sock_wake(struct sock *s, uint32_t events);

/** The error that has happened, told once. @return 0, -errno */
static inline int
sock_take_error(struct sock *s)
{
	int err = s->err;

	s->err = 0;
	return -err;
}

/* What a call moves */

/** The next octets of @io, one piece; left is not 0. */
static inline struct iovec
sock_io_next(struct sock_io *io)
{
	while (io->off == io->iov->iov_len) {
		io->iov++;
		io->off = 0;
	}
	return (struct iovec){ (char *)io->iov->iov_base + io->off, io->iov->iov_len - io->off };
}

/** @n of them are done. */
static inline void
sock_io_done(struct sock_io *io, size_t n)
{
	io->off += n;
	io->left -= n;
}

/** Copy as many of @len octets as there is room for. @return how many */
static inline size_t
sock_io_put(struct sock_io *io, const void *octets, size_t len)
{
	const uint8_t *from = octets;
	size_t done = 0;

	while (done < len && io->left != 0) {
		struct iovec to = sock_io_next(io);
		size_t n = to.iov_len < len - done ? to.iov_len : len - done;

		memcpy(to.iov_base, from + done, n);
		sock_io_done(io, n);
		done += n;
	}
	return done;
}

#endif

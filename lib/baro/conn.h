/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_CONN_H
#define BARO_CONN_H

/*
 * TCP connections by callbacks: the fast path of the API. A core calls its
 * application; the application reads received octets where they lie and queues
 * octets to send. Every call belongs on the core that owns the object.
 *
 * The life of a connection: opened() once; then readable() and writable() as
 * often as there is reason; then, unless the application closed first,
 * closed() once, after which the handle is gone. baro_conn_close() and
 * baro_conn_abort() end the application's part: no callback follows them.
 */

#include <baro/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct baro_conn;
struct baro_listener;

/** What a connection tells its application; any of them may be NULL. */
struct baro_conn_ops {
	/** Connected: accepted by a listener (user is the listener's), or our connect succeeded. */
	void (*opened)(struct baro_conn *c);

	/**
	 * New octets or the peer's end of data are there. Not called again for what was
	 * left unread: read all, or come back for the rest yourself.
	 */
	void (*readable)(struct baro_conn *c);

	/** The send queue, once found full, has room again: a quarter of what it may hold, or may hold
	 * unsent (BARO_TCP_NOTSENT_LOWAT), which is less than its size where buffers are short. */
	void (*writable)(struct baro_conn *c);

	/** The connection ended without baro_conn_close(): @err is 0 when both sides had
	 * finished, else -ECONNRESET, -ETIMEDOUT (nothing was acknowledged for
	 * tcp.user_timeout, or tcp.connect_timeout is over), -ECONNREFUSED (RST or ICMP
	 * while connecting), -EHOSTUNREACH or -ENETUNREACH (instead of -ETIMEDOUT, when the network
	 * said why; while connecting also at once: nobody answers ARP, or a filter refuses),
	 * -EPROTO (a router found fault with our packets, and nothing got through) or -EADDRNOTAVAIL
	 * (our address was given up to another host: neighbour.give_up). The handle is gone on return. */
	void (*closed)(struct baro_conn *c, int err);
};

struct baro_listen_opts {
	uint32_t backlog; /* connections not yet established; 0: tcp.backlog of the configuration */
	/* A connection is opened by its first text, or after so many nanoseconds without any; 0:
	 * at once. Saves a wakeup where the client speaks first (Linux: TCP_DEFER_ACCEPT). */
	uint64_t defer_accept_ns;
};

/**
 * Accept connections to @local (any address if its address is zero). Of several cores each accepts
 * the flows that hash to it: listen on all of them, or what hashes to the others is reset.
 *
 * @opts  NULL: defaults
 * @ops   must outlive the listener and its connections
 * @user  what baro_conn_user() of a new connection returns at first
 * @return 0, -EADDRINUSE (this core listens there), -EADDRNOTAVAIL (address is not ours, or no
 *         IPv4), -EINVAL (port 0), -ENOMEM
 */
int
baro_listen(struct baro_core *core, const struct baro_endpoint *local,
	const struct baro_listen_opts *opts, const struct baro_conn_ops *ops, void *user,
	struct baro_listener **out);

/*
 * A full backlog does not keep clients out: SYNs are answered by SYN cookies then (tcp.syncookies), with
 * window scale and SACK for those who use timestamps.
 */

/** Stop listening; @l is gone. Connections not yet established are reset; the others live on. */
void
baro_listener_close(struct baro_listener *l);

/**
 * Begin to connect. The outcome comes by opened() or closed(), never from
 * within this call. To send with the SYN: BARO_TCP_FASTOPEN_CONNECT.
 *
 * @local   NULL or zero fields: source address by route, port chosen (RFC 6056). With several
 *          cores leave the port 0: the answers to one of your own may go to another core
 * @ops     must outlive the connection
 * @return 0, -ENETUNREACH (no route), -EADDRINUSE (this 4-tuple is in use, or was less than a second
 *         ago, or is in TIME-WAIT and one of the two connections has no timestamps),
 *         -EADDRNOTAVAIL (@local is not ours, or of 127/8 and @remote is another host; no port
 *         left), -EINVAL (@remote is no unicast IPv4 address, or has port 0), -ENOMEM,
 *         -ENOBUFS (no room for another neighbour), -EHOSTUNREACH (the next hop has not answered ARP a
 *         moment ago)
 */
int
baro_connect(struct baro_core *core, const struct baro_endpoint *remote,
	const struct baro_endpoint *local, const struct baro_conn_ops *ops, void *user,
	struct baro_conn **out);

/** Which core owns @c. */
struct baro_core *
baro_conn_core(const struct baro_conn *c);

/** What was given to baro_listen() or baro_connect(), or set since; the application's memory. */
void *
baro_conn_user(const struct baro_conn *c);
void
baro_conn_set_user(struct baro_conn *c, void *user);

/** Replace the callbacks, e.g. when a connection changes its protocol. @ops must outlive @c. */
void
baro_conn_set_ops(struct baro_conn *c, const struct baro_conn_ops *ops);

void
baro_conn_local(const struct baro_conn *c, struct baro_endpoint *ep);
void
baro_conn_remote(const struct baro_conn *c, struct baro_endpoint *ep);

/**
 * @c will be used in a moment: what that needs is fetched into the caches. Worth it for whoever has many connections at
 * work and knows beforehand which of them come next, if it asks for several in a row, so that all are on their way
 * at a time, and has fetched the handles before (__builtin_prefetch(c)).
 */
void
baro_conn_prefetch(const struct baro_conn *c);

/**
 * Queue octets; they are copied once, into the buffers that will be sent.
 *
 * @return octets taken, 1..@len, may be fewer than @len (writable() will follow then); 0 for
 *         @len 0
 *         -EAGAIN     the queue is full or buffers ran out; writable() will follow
 *         -EPIPE      this direction is closed already, or the connection has ended
 *         -ENOTCONN   not connected yet (but see BARO_TCP_FASTOPEN_CONNECT)
 */
ssize_t
baro_conn_send(struct baro_conn *c, const void *buf, size_t len);

/**
 * Room at the end of the send queue, to write into in place; what is written counts
 * only after baro_conn_commit(). One reservation at a time; it ends with the callback.
 *
 * @room  set to the octets available, at least 1
 * @return where to write, NULL when the queue is full (writable() will follow),
 *         the direction is closed or not open yet
 */
void *
baro_conn_reserve(struct baro_conn *c, size_t *room);

/** Queue the first @len octets of the last reservation; @len <= its room. */
void
baro_conn_commit(struct baro_conn *c, size_t len);

/**
 * Octets that the send queue would still take; 0 when closed or not open. Never more than may be unsent
 * (BARO_TCP_NOTSENT_LOWAT), however large the queue.
 */
size_t
baro_conn_send_room(const struct baro_conn *c);

/** Octets queued and not yet acknowledged by the peer. */
size_t
baro_conn_send_queued(const struct baro_conn *c);

/**
 * Look at received octets where they lie. They stay valid and queued until
 * baro_conn_consume().
 *
 * @iov  filled from the oldest octet on
 * @n    entries in @iov, at least 1
 * @return entries filled; 0 when nothing is queued (see baro_conn_is_eof())
 */
int
baro_conn_peek(const struct baro_conn *c, struct iovec *iov, int n);

/** Give the first @len queued octets back to the stack; opens the window. @len <= queued. */
void
baro_conn_consume(struct baro_conn *c, size_t len);

/**
 * Copy out and consume.
 *
 * @return octets copied; 0 at the end of data, or for @len 0; -EAGAIN when there is nothing yet
 */
ssize_t
baro_conn_recv(struct baro_conn *c, void *buf, size_t len);

/** Octets received and not consumed. */
size_t
baro_conn_recv_queued(const struct baro_conn *c);

/** All octets that the peer sent before its FIN have been consumed. */
bool
baro_conn_is_eof(const struct baro_conn *c);

/** Send FIN after the queue; receiving goes on. @return 0, -ENOTCONN (not yet, or no more), -EPIPE
 * (done before) */
int
baro_conn_shutdown(struct baro_conn *c);

/**
 * The application has finished with both directions: the queue is sent, then FIN, in the background
 * (BARO_TCP_LINGER). With received octets unread the peer gets RST instead (RFC 9293 §3.6.1). No
 * callback follows; the handle is gone.
 */
void
baro_conn_close(struct baro_conn *c);

/** RST now; both queues are dropped. No callback follows; the handle is gone. */
void
baro_conn_abort(struct baro_conn *c);

/**
 * Options of a connection, named and meant as on Linux unless said otherwise; the range is what
 * baro_conn_set() takes. They hold from then on: set them in opened(), or after baro_connect(), before
 * whose SYN the calling callback returns. What baro_listener_set() has set of a listener, the
 * connections that it accepts begin with, and its SYN|ACK has the window, segment size, TOS and TTL.
 */
enum baro_conn_option {
	BARO_TCP_NODELAY, /* 0 or 1: send small segments at once (RFC 9293 §3.7.4) */
	BARO_TCP_CORK,    /* 0 or 1: send full segments only, until set back to 0 */
	/* octets that the send and the receive queue take, 1..2^30; once set they do not grow by
	 * themselves any more. A connection's receive queue never shrinks. The window cannot say
	 * more than tcp.rcv_buf_max */
	BARO_TCP_SNDBUF,
	BARO_TCP_RCVBUF,

	/* octets, 0..2^30: of what is queued so many at most may be unsent; 0: tcp.notsent_lowat */
	BARO_TCP_NOTSENT_LOWAT,
	/* octets, 0..2^30: the window offered is never larger; 0: no such limit. What was offered stays */
	BARO_TCP_WINDOW_CLAMP,
	/* octets of text in a segment of ours at most, 88..9000; set before the SYN leaves, or of the
	 * listener, the peer is told, too. Reads as the size in use */
	BARO_TCP_MAXSEG,
	BARO_TCP_QUICKACK, /* 0 or 1: delay no acknowledgement, until set back to 0 */
	/* octets a second, 0..2^31 - 1; 0: no limit (Linux: SO_MAX_PACING_RATE) */
	BARO_TCP_MAX_PACING_RATE,
	BARO_IP_TOS, /* 0..255; the two bits of ECN are left to TCP. Not in answers out of TIME-WAIT */
	BARO_IP_TTL, /* 1..255 */

	/* Ask a silent peer whether it is there: 0 or 1; the silence before the first probe and the time
	 * between probes, seconds, 1..32767; how many without an answer end the connection with
	 * -ETIMEDOUT, 1..127. Unset they read as the configuration: tcp.keepalive* */
	BARO_TCP_KEEPALIVE, /* Linux: SO_KEEPALIVE */
	BARO_TCP_KEEPIDLE,
	BARO_TCP_KEEPINTVL,
	BARO_TCP_KEEPCNT,

	/* milliseconds, 0..24 h: text unacknowledged so long ends the connection with -ETIMEDOUT, and
	 * so do keepalive probes, instead of their number; 0: tcp.user_timeout. A peer that keeps its
	 * window closed and says so is waited for all the same (RFC 9293 §3.8.6.1) */
	BARO_TCP_USER_TIMEOUT,
	/* 1..127: the SYN is sent again so often, within tcp.connect_timeout; unset, 0: tcp.syn_retries */
	BARO_TCP_SYNCNT,
	/* What baro_conn_close() does, which never waits. -1, the default: what is queued is sent in the
	 * background. 0: RST at once. 1..32767 seconds: as -1, but what the peer has not acknowledged
	 * by then is given up with RST (Linux: SO_LINGER) */
	BARO_TCP_LINGER,
	/* seconds in FIN-WAIT-2 after baro_conn_close(), 1..32767; unset: tcp.fin_wait_2 */
	BARO_TCP_LINGER2,

	/*
	 * TCP Fast Open (RFC 7413): text on SYNs. It saves a round trip and is not safe from repetition: a SYN
	 * that the network doubles opens a second connection with the same text. tcp.fastopen has a say.
	 *
	 * Of a listener alone, 0..65535: so many connections may be opened by a SYN with a good cookie and
	 * wait for the handshake's last ACK; more are opened as usual. Opened so, opened() and readable() come with the SYN,
	 * and what is sent then leaves at once. 0, the default: none
	 */
	BARO_TCP_FASTOPEN,
	/* Of a baro_connect(), 0 or 1, set before its SYN leaves, else -EINVAL: baro_conn_send() takes
	 * text at once. What has been queued when the calling callback returns goes with the SYN, as far as one
	 * segment takes it and the peer has given us a cookie before; all else when the connection is open */
	BARO_TCP_FASTOPEN_CONNECT,
};

/** @return 0, -ENOPROTOOPT (no such option of a connection), -EINVAL (value out of range, or too late) */
int
baro_conn_set(struct baro_conn *c, enum baro_conn_option option, int value);

/** @return 0, -ENOPROTOOPT */
int
baro_conn_get(const struct baro_conn *c, enum baro_conn_option option, int *value);

/**
 * Congestion control by its name (Linux: TCP_CONGESTION): "cubic", "newreno", "bbr". It may change at any
 * time: the window stays, and what the other knew of the way is forgotten.
 *
 * @return 0, -ENOENT (no such algorithm)
 */
int
baro_conn_set_cc(struct baro_conn *c, const char *name);

/** What is in use: newreno where memory lacked for the one asked for. */
const char *
baro_conn_get_cc(const struct baro_conn *c);

/** The same for connections that @l will accept; without it they have tcp.congestion. */
int
baro_listener_set_cc(struct baro_listener *l, const char *name);
const char *
baro_listener_get_cc(const struct baro_listener *l);

/**
 * What connections that @l accepts from now on begin with.
 *
 * @return 0, -ENOPROTOOPT (no such option of a listener), -EINVAL (value out of range), -ENOMEM
 */
int
baro_listener_set(struct baro_listener *l, enum baro_conn_option option, int value);

/** @return 0, -ENOPROTOOPT, -ENOMEM */
int
baro_listener_get(struct baro_listener *l, enum baro_conn_option option, int *value);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SOCKET_H
#define BARO_SOCKET_H

/*
 * Sockets as POSIX has them, over the connections of conn.h and udp.h: the same names, arguments and
 * results, -1 and errno. (The rest of the API returns -errno.) A program is ported by renaming its
 * calls; posix.h does that for a whole source file.
 *
 * What differs:
 *
 * - A descriptor belongs to the core that made it. It is 2^30 or more, which the host's never are
 *   (baro_is_socket()), and does not come again until 16 million others have been used: a stale one is
 *   EBADF, never somebody else's socket. dup(), select() and the host's calls do not know it.
 * - Calls belong on the core's thread: elsewhere, or where baro_core_enter() has not been called, they fail
 *   with EXDEV. Several cores each have a listener of their own on one port; a connection is accepted where
 *   its packets arrive.
 * - A call that waits (on a descriptor without O_NONBLOCK, baro_poll(), baro_epoll_wait()) runs the core's
 *   loop meanwhile. It needs the loop of baro_app_main(): in a program that calls baro_core_poll() itself, and
 *   in callbacks, nothing ever waits: EAGAIN, EINPROGRESS, or 0 descriptors ready.
 * - A call that waits fails with EINTR when the program is to end: once for the first signal, always after
 *   the second. Signals that are not baro_app_main()'s disturb nobody.
 * - SIGPIPE is never sent: EPIPE alone tells (MSG_NOSIGNAL is taken and changes nothing).
 * - What is sent leaves at the end of the core's turn: in the next call that waits, or baro_core_poll().
 * - close() never waits: see SO_LINGER.
 * - IPv4 only: struct sockaddr_in.
 */

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct mmsghdr; /* <sys/socket.h> has it with _GNU_SOURCE */
struct timespec;

/**
 * From now on the socket calls of this thread mean @core; NULL: none. The callbacks of struct baro_app
 * run after it.
 */
void
baro_core_enter(struct baro_core *core);

/** NULL: this thread has entered none. */
struct baro_core *
baro_core_current(void);

/** A descriptor of ours, open or not; false: the host's, or negative. */
bool
baro_is_socket(int fd);

/**
 * @domain    AF_INET
 * @type      SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK. SOCK_CLOEXEC is always so
 * @protocol  0, or the type's: IPPROTO_TCP, IPPROTO_UDP
 * @return a descriptor; -1: EAFNOSUPPORT, EPROTONOSUPPORT, EINVAL (type), EMFILE (2^20 sockets are open),
 *         ENOMEM, EXDEV
 */
int
baro_socket(int domain, int type, int protocol);

/**
 * Every call fails with EBADF (not open), EXDEV (wrong core) and ENOTSOCK (an epoll) besides what is said here.
 *
 * @return 0; -1: EADDRINUSE, EADDRNOTAVAIL (not one of ours), EAFNOSUPPORT, EINVAL (bound or connected
 *         already; @len)
 */
int
baro_sock_bind(int fd, const struct sockaddr *addr, socklen_t len);

/**
 * @backlog  connections that wait to be accepted, at least 1. A SYN that finds so many waiting is not
 *           answered. May be called again
 * @return 0; -1: EADDRINUSE, EINVAL (connected), EOPNOTSUPP (a datagram socket)
 */
int
baro_sock_listen(int fd, int backlog);

/** @return a descriptor; -1: EAGAIN (none waits), EINVAL (does not listen), EOPNOTSUPP, EINTR */
int
baro_sock_accept(int fd, struct sockaddr *addr, socklen_t *len);

/** @flags  SOCK_NONBLOCK, SOCK_CLOEXEC. @return as accept(); EINVAL (flags), too */
int
baro_sock_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

/**
 * @return 0; -1: EINPROGRESS (EPOLLOUT follows, and SO_ERROR tells), EALREADY (in progress), EISCONN,
 *         ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS, EINVAL (no
 *         address to connect to), EINTR. After a failure it may be called again
 */
int
baro_sock_connect(int fd, const struct sockaddr *addr, socklen_t len);

/**
 * Sending. Flags: MSG_DONTWAIT, MSG_MORE, MSG_NOSIGNAL. A call that waits takes everything.
 *
 * @return octets taken; -1: EAGAIN (no room: EPOLLOUT follows), EPIPE (shut down, or the connection is over),
 *         ECONNRESET, ETIMEDOUT, EHOSTUNREACH and others of the connection, each told once; ENOTCONN,
 *         EOPNOTSUPP (another flag)
 */
ssize_t
baro_sock_send(int fd, const void *buf, size_t len, int flags);
ssize_t
baro_sock_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
	socklen_t addr_len);
ssize_t
baro_sock_sendmsg(int fd, const struct msghdr *msg, int flags);
int
baro_sock_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags);
ssize_t
baro_sock_write(int fd, const void *buf, size_t len);
ssize_t
baro_sock_writev(int fd, const struct iovec *iov, int n);

/**
 * Receiving. Flags: MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL, MSG_TRUNC (of a stream: octets are thrown away
 * instead of copied).
 *
 * @return octets, 0 at the end of the stream; -1: EAGAIN, ECONNRESET, ETIMEDOUT and others of the
 *         connection, each told once, after what was received before; ENOTCONN, EOPNOTSUPP (another flag), EINTR
 */
ssize_t
baro_sock_recv(int fd, void *buf, size_t len, int flags);
ssize_t
baro_sock_recvfrom(
	int fd, void *buf, size_t len, int flags, struct sockaddr *addr, socklen_t *addr_len);
ssize_t
baro_sock_recvmsg(int fd, struct msghdr *msg, int flags);
int
baro_sock_recvmmsg(
	int fd, struct mmsghdr *msg, unsigned n, int flags, const struct timespec *timeout);
ssize_t
baro_sock_read(int fd, void *buf, size_t len);
ssize_t
baro_sock_readv(int fd, const struct iovec *iov, int n);

/** @how  SHUT_RD, SHUT_WR, SHUT_RDWR. @return 0; -1: ENOTCONN, EINVAL */
int
baro_sock_shutdown(int fd, int how);

/**
 * The descriptor is gone. A connection sends what is queued, then FIN; with received octets unread it is reset.
 * A listener's connections that nobody has accepted are reset.
 */
int
baro_sock_close(int fd);

/** The address is cut to *@len octets, which becomes what it needs. @return 0; -1: EFAULT, EINVAL */
int
baro_sock_getsockname(int fd, struct sockaddr *addr, socklen_t *len);

/** @return as getsockname(); ENOTCONN, too */
int
baro_sock_getpeername(int fd, struct sockaddr *addr, socklen_t *len);

/** F_GETFL, F_SETFL (O_NONBLOCK), F_GETFD, F_SETFD (always FD_CLOEXEC). @return as fcntl(); EINVAL (others) */
int
baro_sock_fcntl(int fd, int command, ...);

/**
 * FIONBIO (an int: not 0 is O_NONBLOCK); FIONREAD (octets to be read), TIOCOUTQ, Linux's SIOCOUTQ (octets not
 * yet acknowledged). @return 0; -1: ENOTTY (others)
 */
int
baro_sock_ioctl(int fd, unsigned long request, ...);

/**
 * Options, named and meant as on Linux; all others fail with ENOPROTOOPT. Those of connections hold from
 * enum baro_conn_option (conn.h), those of datagrams from enum baro_udp_option (udp.h): ranges are told there.
 * What is set on a socket before it is connected holds when it is, and what is set on a listener for the
 * connections that it accepts.
 *
 *	SOL_SOCKET   SO_REUSEADDR, SO_KEEPALIVE, SO_LINGER, SO_SNDBUF, SO_RCVBUF, SO_RCVLOWAT, SO_RCVTIMEO,
 *	             SO_SNDTIMEO, SO_MAX_PACING_RATE, SO_BROADCAST; to be read: SO_ERROR, SO_TYPE, SO_PROTOCOL,
 *	             SO_DOMAIN, SO_ACCEPTCONN
 *	IPPROTO_TCP  TCP_NODELAY, TCP_CORK, TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT,
 *	             TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_USER_TIMEOUT,
 *	             TCP_NOTSENT_LOWAT, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_CONGESTION (a string); to be read:
 *	             TCP_INFO (a struct baro_tcp_info, cut to *@len octets)
 *	IPPROTO_IP   IP_TOS, IP_TTL, IP_MTU_DISCOVER (IP_PMTUDISC_WANT, IP_PMTUDISC_DO), IP_PKTINFO, IP_RECVTTL,
 *	             IP_RECVTOS, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_MULTICAST_IF, IP_ADD_MEMBERSHIP,
 *	             IP_DROP_MEMBERSHIP (these three by struct ip_mreq or ip_mreqn, IP_MULTICAST_IF by struct in_addr,
 *	             too; interfaces are numbered as IP_PKTINFO tells them); to be read: IP_MTU. An octet will do for
 *	             an int
 *
 * - SO_REUSEADDR, TCP: bind() minds listeners only. Without it, other sockets that are bound to the port and not
 *   connected, too. TIME-WAIT is in nobody's way. UDP: BARO_UDP_REUSEADDR.
 * - SO_SNDBUF, SO_RCVBUF are octets of text: they are not doubled.
 * - SO_LINGER: close() never waits; what the time is for is told at BARO_TCP_LINGER.
 * - TCP_FASTOPEN: so many of a listener's connections may be opened by a SYN with text (BARO_TCP_FASTOPEN).
 *   TCP_FASTOPEN_CONNECT: connect() to a peer that has given us a cookie returns 0 at once, and what is sent before the
 *   next call that waits goes with the SYN; how it went is told by the calls that follow.
 * - IP_ADD_MEMBERSHIP: EADDRINUSE (a member already), ENODEV (no such interface), ENOBUFS (256 groups are joined on
 *   this core), EINVAL (no group). A socket hears the groups that it has joined itself (Linux: IP_MULTICAST_ALL off).
 *   IP_DROP_MEMBERSHIP, IP_MULTICAST_IF: EADDRNOTAVAIL (no member; no such interface).
 * - SO_RCVTIMEO, SO_SNDTIMEO: a call that waits so long fails with EAGAIN, connect() with EINPROGRESS.
 *
 * @return 0; -1: ENOPROTOOPT, EINVAL (value, or its length), EFAULT, EDOM (no time), ENOTCONN (needs a
 *         connection)
 */
int
baro_sock_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int
baro_sock_setsockopt(int fd, int level, int name, const void *value, socklen_t len);

/**
 * Wait for some of @n descriptors, ours and the host's, with poll()'s arguments and results. @timeout_ms
 * below 0: for ever; 0: one turn of the core. Many descriptors are better watched by an epoll.
 *
 * @return how many have something to tell; -1: EINTR
 */
int
baro_poll(struct pollfd *fds, nfds_t n, int timeout_ms);

/**
 * Watch many descriptors: ours, of the same core, and the host's (eventfd, timerfd, pipes, the host's sockets).
 * Level-triggered, EPOLLET, EPOLLONESHOT, EPOLLRDHUP. The host's are asked for their news every 20 us while
 * the core has other work, and wake it when it sleeps.
 *
 * @return a descriptor, to be closed by baro_sock_close(); -1: EINVAL, EMFILE, ENOMEM, EXDEV
 */
int
baro_epoll_create1(int flags);
int
baro_epoll_create(int size);

/**
 * A socket that is closed is watched no more.
 *
 * @return 0; -1: EBADF, EXDEV, EEXIST, ENOENT, EINVAL (no epoll; @op; events that are not there,
 *         EPOLLEXCLUSIVE among them), ELOOP (an epoll in an epoll), ENOSPC (2^20 are watched), ENOMEM, EFAULT
 */
int
baro_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);

/**
 * At least one turn of the core, even when there is something to tell already: packets and those who wait for
 * them have their turn, however busy the application is.
 *
 * @timeout_ms  below 0: for ever; 0: one turn
 * @return events filled in, at most @max; 0: the time is up, or the caller drives the core himself; -1: EBADF,
 *         EXDEV, EINVAL, EINTR
 */
int
baro_epoll_wait(int epfd, struct epoll_event *events, int max, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif

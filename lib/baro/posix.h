/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_POSIX_H
#define BARO_POSIX_H

/*
 * For a source that was written for the host's sockets: include this behind all other headers, and its calls
 * are ours (socket.h tells what differs). Calls that other descriptors know, too, go to the host with those:
 * read(), write(), close(), fcntl(), ioctl() and the like. Only calls are renamed, so that functions of these
 * names may still be pointed at; members of structures may not be called by them.
 *
 * What a source has to do itself: its main loop is the run() of a struct baro_app (app.h), on each core, and
 * ends when a call fails with EINTR. app/epoll/ is an example: one source, for both.
 */

#include <baro/socket.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

static inline ssize_t
baro_posix_read(int fd, void *buf, size_t len)
{
	return baro_is_socket(fd) ? baro_sock_read(fd, buf, len) : read(fd, buf, len);
}

static inline ssize_t
baro_posix_write(int fd, const void *buf, size_t len)
{
	return baro_is_socket(fd) ? baro_sock_write(fd, buf, len) : write(fd, buf, len);
}

static inline ssize_t
baro_posix_readv(int fd, const struct iovec *iov, int n)
{
	return baro_is_socket(fd) ? baro_sock_readv(fd, iov, n) : readv(fd, iov, n);
}

static inline ssize_t
baro_posix_writev(int fd, const struct iovec *iov, int n)
{
	return baro_is_socket(fd) ? baro_sock_writev(fd, iov, n) : writev(fd, iov, n);
}

static inline int
baro_posix_close(int fd)
{
	return baro_is_socket(fd) ? baro_sock_close(fd) : close(fd);
}

#define read(...)   baro_posix_read(__VA_ARGS__)
#define write(...)  baro_posix_write(__VA_ARGS__)
#define readv(...)  baro_posix_readv(__VA_ARGS__)
#define writev(...) baro_posix_writev(__VA_ARGS__)
#define close(...)  baro_posix_close(__VA_ARGS__)
#define fcntl(fd, ...) \
	(baro_is_socket(fd) ? baro_sock_fcntl(fd, __VA_ARGS__) : fcntl(fd, __VA_ARGS__))
#define ioctl(fd, ...) \
	(baro_is_socket(fd) ? baro_sock_ioctl(fd, __VA_ARGS__) : ioctl(fd, __VA_ARGS__))

#define socket(...)        baro_socket(__VA_ARGS__)
#define bind(...)          baro_sock_bind(__VA_ARGS__)
#define listen(...)        baro_sock_listen(__VA_ARGS__)
#define accept(...)        baro_sock_accept(__VA_ARGS__)
#define accept4(...)       baro_sock_accept4(__VA_ARGS__)
#define connect(...)       baro_sock_connect(__VA_ARGS__)
#define send(...)          baro_sock_send(__VA_ARGS__)
#define sendto(...)        baro_sock_sendto(__VA_ARGS__)
#define sendmsg(...)       baro_sock_sendmsg(__VA_ARGS__)
#define sendmmsg(...)      baro_sock_sendmmsg(__VA_ARGS__)
#define recv(...)          baro_sock_recv(__VA_ARGS__)
#define recvfrom(...)      baro_sock_recvfrom(__VA_ARGS__)
#define recvmsg(...)       baro_sock_recvmsg(__VA_ARGS__)
#define recvmmsg(...)      baro_sock_recvmmsg(__VA_ARGS__)
#define shutdown(...)      baro_sock_shutdown(__VA_ARGS__)
#define getsockname(...)   baro_sock_getsockname(__VA_ARGS__)
#define getpeername(...)   baro_sock_getpeername(__VA_ARGS__)
#define getsockopt(...)    baro_sock_getsockopt(__VA_ARGS__)
#define setsockopt(...)    baro_sock_setsockopt(__VA_ARGS__)
#define poll(...)          baro_poll(__VA_ARGS__)
#define epoll_create(...)  baro_epoll_create(__VA_ARGS__)
#define epoll_create1(...) baro_epoll_create1(__VA_ARGS__)
#define epoll_ctl(...)     baro_epoll_ctl(__VA_ARGS__)
#define epoll_wait(...)    baro_epoll_wait(__VA_ARGS__)

#endif

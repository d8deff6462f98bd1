/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* The calls of baro/socket.h that make, name and end sockets. */

#include <asm/fcntl.h> /* <fcntl.h> has a struct stat, which is not our enum */
#include <baro/socket.h>
#include <errno.h>
#include <stdarg.h>

#include "socket/sockaddr.h"
#include "socket/tcp_sock.h"
#include "socket/wait.h"

/** POSIX's way of saying it. */
static int
result(int rc)
{
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

/** As sock_find(), and -ENOTSOCK. */
static int
find(int fd, struct sock **s)
{
	int rc = sock_find(fd, s);

	return rc == 0 && (*s)->class->type == 0 ? -ENOTSOCK : rc;
}

static const struct sock_class *
find_class(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return &sock_tcp_class;
	case SOCK_DGRAM:
		return &sock_udp_class;
	}
	return NULL;
}

static int
make(int domain, int type, int protocol)
{
	const struct sock_class *class = find_class(type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC));
	struct sock *s;
	int rc;

	if (domain != AF_INET)
		return -EAFNOSUPPORT;
	if (class == NULL)
		return -EINVAL;
	if (protocol != 0 && protocol != class->protocol)
		return -EPROTONOSUPPORT;
	if (sock_stack() == NULL)
		return -EXDEV;
	rc = sock_make(sock_stack(), class, &s);
	if (rc != 0)
		return rc;
	s->is_nonblocking = (type & SOCK_NONBLOCK) != 0;
	return sock_fd(s);
}

int
baro_socket(int domain, int type, int protocol)
{
	return result(make(domain, type, protocol));
}

int
baro_sock_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct baro_endpoint local;
	struct sock *s;
	int rc = find(fd, &s);

	if (rc == 0)
		rc = sockaddr_read(addr, len, &local);
	return result(rc == 0 ? s->class->bind(s, &local) : rc);
}

int
baro_sock_listen(int fd, int backlog)
{
	struct sock *s;
	int rc = find(fd, &s);

	if (rc == 0)
		rc = s->class == &sock_tcp_class ? sock_tcp_listen(s, backlog) : -EOPNOTSUPP;
	return result(rc);
}

/* Accepting */

static int
accept_now(int fd, struct sock **listener, struct sock **out)
{
	int rc = find(fd, listener);

	if (rc != 0)
		return rc;
	return (*listener)->class == &sock_tcp_class ? sock_tcp_accept(*listener, out)
						     : -EOPNOTSUPP;
}

static int
accept_flags(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	struct baro_endpoint peer;
	struct sock *listener;
	struct sock *s;
	int rc;

	if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
		return -EINVAL;
	while ((rc = accept_now(fd, &listener, &s)) == -EAGAIN && !listener->is_nonblocking) {
		rc = wait_sock(listener, EPOLLIN, listener->rcv_timeout_ns);
		if (rc != 0)
			break;
	}
	if (rc != 0)
		return rc;
	s->is_nonblocking = (flags & SOCK_NONBLOCK) != 0;
	if (addr != NULL && len != NULL && s->class->remote(s, &peer) == 0)
		sockaddr_write(&peer, addr, len);
	return sock_fd(s);
}

int
baro_sock_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return result(accept_flags(fd, addr, len, flags));
}

int
baro_sock_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
	return result(accept_flags(fd, addr, len, 0));
}

/* Connecting */

/** @return how the connection that is being opened turned out; -EINPROGRESS: the time is up */
static int
await_connection(struct sock *s)
{
	int rc = wait_sock(s, EPOLLOUT | EPOLLERR, s->snd_timeout_ns);

	if (rc == -EAGAIN)
		return -EINPROGRESS;
	return rc == 0 ? sock_take_error(s) : rc;
}

int
baro_sock_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct baro_endpoint remote;
	struct sock *s;
	int rc = find(fd, &s);

	if (rc == 0 && s->class->disconnect != NULL && addr != NULL &&
		len >= sizeof(addr->sa_family) && addr->sa_family == AF_UNSPEC)
		return result(s->class->disconnect(s));
	if (rc == 0)
		rc = sockaddr_read(addr, len, &remote);
	if (rc == 0)
		rc = s->class->connect(s, &remote);
	if ((rc == -EINPROGRESS || rc == -EALREADY) && !s->is_nonblocking)
		rc = await_connection(s);
	return result(rc);
}

/* Names */

static int
tell_name(const struct baro_endpoint *ep, struct sockaddr *addr, socklen_t *len)
{
	if (addr == NULL || len == NULL)
		return -EFAULT;
	sockaddr_write(ep, addr, len);
	return 0;
}

int
baro_sock_getsockname(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct baro_endpoint ep;
	struct sock *s;
	int rc = find(fd, &s);

	if (rc != 0)
		return result(rc);
	s->class->local(s, &ep);
	return result(tell_name(&ep, addr, len));
}

int
baro_sock_getpeername(int fd, struct sockaddr *addr, socklen_t *len)
{
	struct baro_endpoint ep;
	struct sock *s;
	int rc = find(fd, &s);

	if (rc == 0)
		rc = s->class->remote(s, &ep);
	return result(rc == 0 ? tell_name(&ep, addr, len) : rc);
}

/* Modes */

static int
control(struct sock *s, int command, int value)
{
	switch (command) {
	case F_GETFL:
		return O_RDWR | (s->is_nonblocking ? O_NONBLOCK : 0);
	case F_SETFL:
		s->is_nonblocking = (value & O_NONBLOCK) != 0;
		return 0;
	case F_GETFD:
		return FD_CLOEXEC;
	case F_SETFD:
		return (value & FD_CLOEXEC) != 0 ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int
baro_sock_fcntl(int fd, int command, ...)
{
	struct sock *s;
	int value = 0;
	va_list args;
	int rc;

	if (command == F_SETFL || command == F_SETFD) {
		va_start(args, command);
		value = va_arg(args, int);
		va_end(args);
	}
	rc = sock_find(fd, &s);
	return result(rc == 0 ? control(s, command, value) : rc);
}

static int
request_of(struct sock *s, unsigned long request, int *value)
{
	switch (request) {
	case FIONBIO:
		s->is_nonblocking = *value != 0;
		return 0;
	case FIONREAD:
		*value = (int)s->class->queued(s);
		return 0;
	case TIOCOUTQ:
		*value = (int)s->class->unsent(s);
		return 0;
	}
	return -ENOTTY;
}

int
baro_sock_ioctl(int fd, unsigned long request, ...)
{
	struct sock *s;
	va_list args;
	int *value;
	int rc = find(fd, &s);

	va_start(args, request);
	value = va_arg(args, int *);
	va_end(args);
	return result(rc == 0 ? request_of(s, request, value) : rc);
}

/* Ending */

int
baro_sock_shutdown(int fd, int how)
{
	struct sock *s;
	int rc = find(fd, &s);

	if (rc == 0 && how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		rc = -EINVAL;
	return result(rc == 0 ? s->class->shutdown(s, how) : rc);
}

int
baro_sock_close(int fd)
{
	struct sock *s;
	int rc = sock_find(fd, &s);

	if (rc == 0)
		s->class->close(s);
	return result(rc);
}

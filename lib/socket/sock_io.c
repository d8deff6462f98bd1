/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* The calls of baro/socket.h that send and receive. */

#include <baro/socket.h>
#include <errno.h>
#include <limits.h>

#include "socket/sock.h"
#include "socket/wait.h"

enum {
	IOVS_MAX = 1024, /* the host's IOV_MAX */
	SEND_FLAGS = MSG_DONTWAIT | MSG_MORE | MSG_NOSIGNAL,
	RECV_FLAGS =
		MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL | MSG_TRUNC | MSG_NOSIGNAL | MSG_CMSG_CLOEXEC,
};

static ssize_t
result(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	errno = (int)-rc;
	return -1;
}

/** @return 0, -EBADF, -EXDEV, -ENOTSOCK, -EOPNOTSUPP (flags), -EMSGSIZE, -EINVAL (too much) */
static int
begin(int fd, struct msghdr *msg, int flags, int known, struct sock **s, struct sock_io *io)
{
	int rc = sock_find(fd, s);

	if (rc != 0)
		return rc;
	if ((*s)->class->send == NULL)
		return -ENOTSOCK;
	if ((flags & ~known) != 0)
		return -EOPNOTSUPP;
	if (msg->msg_iovlen > IOVS_MAX)
		return -EMSGSIZE;
	*io = (struct sock_io){ .iov = msg->msg_iov, .flags = flags, .msg = msg };
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		if (msg->msg_iov[i].iov_len > SSIZE_MAX - io->left)
			return -EINVAL;
		io->left += msg->msg_iov[i].iov_len;
	}
	return 0;
}

static bool
may_wait(const struct sock *s, int flags)
{
	return !s->is_nonblocking && (flags & MSG_DONTWAIT) == 0;
}

/** What has been done already is told first. */
static ssize_t
so_far(size_t done, ssize_t rc)
{
	return done != 0 ? (ssize_t)done : rc;
}

/** So is it when @s fails, with @err as its error before: that waits for the next call. */
static ssize_t
so_far_and_keep(struct sock *s, int err, size_t done, ssize_t rc)
{
	if (done != 0)
		s->err = err;
	return so_far(done, rc);
}

static ssize_t
send_msg(int fd, struct msghdr *msg, int flags)
{
	struct sock *s;
	struct sock_io io;
	size_t done = 0;
	int err;
	ssize_t n = begin(fd, msg, flags, SEND_FLAGS, &s, &io);

	if (n != 0)
		return n;
	for (;;) {
		err = s->err;
		n = s->class->send(s, &io);
		if (n < 0 && n != -EAGAIN)
			return so_far_and_keep(s, err, done, n);
		if (n > 0)
			done += (size_t)n;
		if (io.left == 0 && n >= 0)
			return (ssize_t)done;
		if (!may_wait(s, flags))
			return so_far(done, -EAGAIN);
		n = wait_sock(s, EPOLLOUT | EPOLLERR | EPOLLHUP, s->snd_timeout_ns);
		if (n != 0)
			return so_far(done, n);
	}
}

/** So many octets are waited for; a datagram is one, however long. */
static size_t
target_of(const struct sock *s, const struct sock_io *io)
{
	if ((io->flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL)
		return io->left;
	return io->left < s->rcv_lowat ? io->left : s->rcv_lowat;
}

static ssize_t
recv_msg(int fd, struct msghdr *msg, int flags)
{
	struct sock *s;
	struct sock_io io;
	size_t target;
	size_t done = 0;
	ssize_t n;
	int err;

	n = begin(fd, msg, flags, RECV_FLAGS, &s, &io);
	if (n != 0)
		return n;
	msg->msg_flags = 0;
	target = target_of(s, &io);
	if (io.left == 0 && s->class->type == SOCK_STREAM)
		return 0;
	for (;;) {
		err = s->err;
		n = s->class->recv(s, &io);
		if (n < 0 && n != -EAGAIN)
			return so_far_and_keep(s, err, done, n);
		if (n >= 0)
			done += (size_t)n;
		if (n == 0 || (n > 0 && (done >= target || s->class->type == SOCK_DGRAM)))
			return (ssize_t)done;
		if (!may_wait(s, flags) || (done != 0 && (flags & MSG_PEEK) != 0))
			return so_far(done, -EAGAIN);
		n = wait_sock(s, EPOLLIN | EPOLLERR | EPOLLHUP, s->rcv_timeout_ns);
		if (n != 0)
			return so_far(done, n);
	}
}

ssize_t
baro_sock_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr own = *msg;

	return result(send_msg(fd, &own, flags));
}

/** Messages that went, or the error of the first one. */
static int
how_many(unsigned done, ssize_t rc)
{
	if (done != 0)
		return (int)done;
	return (int)result(rc);
}

int
baro_sock_sendmmsg(int fd, struct mmsghdr *msg, unsigned n, int flags)
{
	ssize_t rc = 0;
	unsigned i;

	for (i = 0; i < n && i < IOVS_MAX; i++) {
		rc = send_msg(fd, &msg[i].msg_hdr, flags);
		if (rc < 0)
			break;
		msg[i].msg_len = (unsigned)rc;
	}
	return how_many(i, rc);
}

int
baro_sock_recvmmsg(
	int fd, struct mmsghdr *msg, unsigned n, int flags, const struct timespec *timeout)
{
	int later = (flags & MSG_WAITFORONE) != 0 ? MSG_DONTWAIT : 0;
	ssize_t rc = 0;
	unsigned i;

	if (timeout != NULL)
		return (int)result(-EOPNOTSUPP);
	flags &= ~MSG_WAITFORONE;
	for (i = 0; i < n && i < IOVS_MAX; i++) {
		rc = recv_msg(fd, &msg[i].msg_hdr, flags);
		if (rc < 0)
			break;
		msg[i].msg_len = (unsigned)rc;
		flags |= later;
	}
	return how_many(i, rc);
}

ssize_t
baro_sock_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
	socklen_t addr_len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (addr != NULL) {
		msg.msg_name = (void *)(uintptr_t)addr;
		msg.msg_namelen = addr_len;
	}
	return result(send_msg(fd, &msg, flags));
}

ssize_t
baro_sock_send(int fd, const void *buf, size_t len, int flags)
{
	return baro_sock_sendto(fd, buf, len, flags, NULL, 0);
}

ssize_t
baro_sock_write(int fd, const void *buf, size_t len)
{
	return baro_sock_sendto(fd, buf, len, 0, NULL, 0);
}

ssize_t
baro_sock_writev(int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov };

	if (n < 0)
		return result(-EINVAL);
	msg.msg_iovlen = (size_t)n;
	return result(send_msg(fd, &msg, 0));
}

ssize_t
baro_sock_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return result(recv_msg(fd, msg, flags));
}

ssize_t
baro_sock_recvfrom(
	int fd, void *buf, size_t len, int flags, struct sockaddr *addr, socklen_t *addr_len)
{
	struct iovec iov = { buf, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	if (addr != NULL && addr_len != NULL) {
		msg.msg_name = addr;
		msg.msg_namelen = *addr_len;
	}
	n = recv_msg(fd, &msg, flags);
	if (n >= 0 && addr_len != NULL)
		*addr_len = msg.msg_namelen;
	return result(n);
}

ssize_t
baro_sock_recv(int fd, void *buf, size_t len, int flags)
{
	return baro_sock_recvfrom(fd, buf, len, flags, NULL, NULL);
}

ssize_t
baro_sock_read(int fd, void *buf, size_t len)
{
	return baro_sock_recvfrom(fd, buf, len, 0, NULL, NULL);
}

ssize_t
baro_sock_readv(int fd, const struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov };

	if (n < 0)
		return result(-EINVAL);
	msg.msg_iovlen = (size_t)n;
	return result(recv_msg(fd, &msg, 0));
}

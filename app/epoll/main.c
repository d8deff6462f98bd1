/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A server by epoll, as it is written for the host's sockets: echo (RFC 862) on one port, and on the other
 * "hello" to every HTTP request. The same source is two programs: with WITH_BARO its calls are ours, on every
 * core; without, the host's.
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef WITH_BARO
#include <baro/app.h>
#include <baro/posix.h>
#endif

enum {
	BACKLOG = 1024,
	EVENTS = 256,
	OUT_MAX = 16384,
};

static const char hello[] = "HTTP/1.1 200 OK\r\n"
			    "Content-Type: text/plain\r\n"
			    "Content-Length: 6\r\n"
			    "\r\n"
			    "hello\n";

/** A listener, or a client of one. */
struct peer {
	int fd;
	bool is_listener;
	bool is_http;
	bool is_full;      /* waits for room to send, and reads nothing meanwhile */
	unsigned n_end;    /* octets of the empty line that ends a request, seen so far */
	size_t n_out;      /* octets in out */
	char out[OUT_MAX]; /* of a client */
};

static void
drop(struct peer *p)
{
	close(p->fd); /* and nobody watches it any more */
	free(p);
}

/* What arrives, and what is answered */

/** Every empty line ends a request; what else it says does not matter here. */
static void
answer_requests(struct peer *p, const char *text, size_t len)
{
	static const char end[4] = { '\r', '\n', '\r', '\n' };

	for (size_t i = 0; i < len; i++) {
		p->n_end = text[i] == end[p->n_end] ? p->n_end + 1 : text[i] == '\r';
		if (p->n_end < sizeof(end))
			continue;
		p->n_end = 0;
		memcpy(p->out + p->n_out, hello, sizeof(hello) - 1);
		p->n_out += sizeof(hello) - 1;
	}
}

/** @return as read(), of as much as its answers leave room for */
static ssize_t
take(struct peer *p)
{
	char text[4 * OUT_MAX / sizeof(hello)]; /* a request is four octets at least */
	ssize_t n;

	if (!p->is_http) {
		n = read(p->fd, p->out, OUT_MAX);
		p->n_out = n > 0 ? (size_t)n : 0;
		return n;
	}
	n = read(p->fd, text, sizeof(text));
	if (n > 0)
		answer_requests(p, text, (size_t)n);
	return n;
}

/** @return false: the client has gone */
static bool
send_out(struct peer *p)
{
	ssize_t n = send(p->fd, p->out, p->n_out, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN;
	p->n_out -= (size_t)n;
	memmove(p->out, p->out + n, p->n_out);
	return true;
}

/** Wait for room to send, or for something to read. */
static void
wait_for_room(int ep, struct peer *p, bool is_full)
{
	struct epoll_event e = { .events = is_full ? EPOLLOUT : EPOLLIN, .data.ptr = p };

	if (is_full == p->is_full)
		return;
	p->is_full = is_full;
	epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &e);
}

static void
serve(int ep, struct peer *p)
{
	ssize_t n = 1;

	if (p->n_out == 0)
		n = take(p);
	if (n == 0 || (n < 0 && errno != EAGAIN) || (p->n_out != 0 && !send_out(p))) {
		drop(p);
		return;
	}
	wait_for_room(ep, p, p->n_out != 0);
}

/* Who comes */

static void
add(int ep, struct peer *p)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };

	epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &e);
}

static void
welcome(int ep, const struct peer *listener)
{
	struct peer *p;
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		p = calloc(1, sizeof(*p));
		if (p == NULL) {
			close(fd);
			continue;
		}
		p->fd = fd;
		p->is_http = listener->is_http;
		add(ep, p);
	}
}

/** @return false: errno tells */
static bool
open_listener(int ep, struct peer *p, unsigned short port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int one = 1;

	p->is_listener = true;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
		bind(p->fd, (struct sockaddr *)&in, sizeof(in)) != 0 || listen(p->fd, BACKLOG) != 0)
		return false;
	add(ep, p);
	return true;
}

/** Until a signal comes. @return exit status */
static int
serve_all(unsigned short echo_port, unsigned short http_port)
{
	struct peer echo = { .is_http = false };
	struct peer http = { .is_http = true };
	struct epoll_event events[EVENTS];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int n;

	if (ep < 0 || !open_listener(ep, &echo, echo_port) ||
		!open_listener(ep, &http, http_port)) {
		perror("cannot listen");
		return 1;
	}
	while ((n = epoll_wait(ep, events, EVENTS, -1)) >= 0) {
		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (p->is_listener)
				welcome(ep, p);
			else
				serve(ep, p);
		}
	}
	close(echo.fd);
	close(http.fd);
	close(ep);
	return errno == EINTR ? 0 : 1;
}

#ifdef WITH_BARO

static int
run(struct baro_core *core, void *user)
{
	(void)core;
	(void)user;
	return serve_all(7, 80);
}

int
main(int argc, char **argv)
{
	static const struct baro_app app = {
		.name = "baro-epoll",
		.about = "a server by epoll: echo on port 7, HTTP on port 80",
		.run = run,
	};

	return baro_app_main(&app, argc, argv);
}

#else

int
main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: %s ECHO-PORT HTTP-PORT\n", argv[0]);
		return 2;
	}
	return serve_all((unsigned short)atoi(argv[1]), (unsigned short)atoi(argv[2]));
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Lookups by descriptor, for programs with an epoll, and the one that waits. */

#include <baro/resolve.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "socket/wait.h"

/** A lookup and what came of it. */
struct pending {
	struct sock *sock;          /* its descriptor; NULL: none, somebody waits */
	struct baro_lookup *lookup; /* NULL: done */
	int err;
	struct baro_host host;
	char name[BARO_NAME_STRLEN];
};

static void
found(int err, const struct baro_host *host, void *user)
{
	struct pending *p = user;

	p->lookup = NULL;
	p->err = err;
	if (host != NULL) {
		p->host = *host;
		p->host.name = strcpy(p->name, host->name);
	}
	if (p->sock != NULL)
		sock_wake(p->sock, EPOLLIN);
}

static int
failed(int err)
{
	errno = -err;
	return -1;
}

/* The class of its descriptors: they can be watched and closed, no more */

static int
init(struct sock *s)
{
	struct pending *p = calloc(1, sizeof(*p));

	s->other = p;
	if (p == NULL)
		return -ENOMEM;
	p->sock = s;
	return 0;
}

static uint32_t
ready(const struct sock *s)
{
	return ((const struct pending *)s->other)->lookup == NULL ? EPOLLIN : 0;
}

static void
close_pending(struct sock *s)
{
	struct pending *p = s->other;

	if (p->lookup != NULL)
		baro_lookup_cancel(p->lookup);
	free(p);
	sock_free(s);
}

static const struct sock_class pending_class = {
	.init = init,
	.ready = ready,
	.close = close_pending,
};

int
baro_lookup_open(const char *name, const struct baro_resolve_opts *opts)
{
	struct stack *stack = sock_stack();
	struct pending *p;
	struct sock *s;
	int rc;

	if (stack == NULL)
		return failed(-EXDEV);
	rc = sock_make(stack, &pending_class, &s);
	if (rc != 0)
		return failed(rc);
	p = s->other;
	rc = baro_getaddrinfo(core_of(stack), name, opts, found, p, &p->lookup);
	if (rc == 0)
		return sock_fd(s);
	close_pending(s);
	return failed(rc);
}

int
baro_lookup_host(int fd, struct baro_host *host)
{
	const struct pending *p;
	struct sock *s;
	int rc = sock_find(fd, &s);

	if (rc == 0 && s->class != &pending_class)
		rc = -EINVAL;
	if (rc != 0)
		return failed(rc);
	p = s->other;
	if (p->lookup != NULL)
		return failed(-EAGAIN);
	if (p->err != 0)
		return failed(p->err);
	*host = p->host;
	return 0;
}

/* The call that waits */

static bool
is_over(struct stack *stack, void *arg)
{
	(void)stack;
	return ((const struct pending *)arg)->lookup == NULL;
}

/* @return 0, or why p->host is not there */
static int
await(struct stack *stack, const char *name, struct pending *p)
{
	const struct wait wait = {
		.is_over = is_over, .arg = p, .timeout_ns = TIME_NEVER, .host_fd = -1
	};
	int rc;

	if (!wait_is_possible(stack))
		return -EAGAIN;
	rc = baro_getaddrinfo(core_of(stack), name, NULL, found, p, &p->lookup);
	if (rc != 0)
		return rc;
	rc = wait_turns(stack, &wait);
	if (p->lookup != NULL)
		baro_lookup_cancel(p->lookup);
	return rc != 0 ? rc : p->err;
}

/** What baro_gethostbyname() returns lives here until the thread calls it again. */
struct answer {
	struct hostent entry;
	char name[BARO_NAME_STRLEN];
	struct in_addr addr[BARO_HOST_ADDRS];
	char *list[BARO_HOST_ADDRS + 1];
	char *aliases[1];
};

static struct hostent *
to_hostent(const struct baro_host *host, struct answer *a)
{
	unsigned i;

	strcpy(a->name, host->name);
	for (i = 0; i < host->n_addrs; i++) {
		a->addr[i].s_addr = htonl(baro_addr_to_v4(&host->addr[i]));
		a->list[i] = (char *)&a->addr[i];
	}
	a->list[i] = NULL;
	a->aliases[0] = NULL;
	a->entry = (struct hostent){
		.h_name = a->name,
		.h_aliases = a->aliases,
		.h_addrtype = AF_INET,
		.h_length = sizeof(a->addr[0]),
		.h_addr_list = a->list,
	};
	return &a->entry;
}

struct hostent *
baro_gethostbyname(const char *name)
{
	static _Thread_local struct answer answer;
	static _Thread_local struct pending p;
	struct stack *stack = sock_stack();
	int rc;

	p.lookup = NULL;
	rc = stack != NULL ? await(stack, name, &p) : -EXDEV;
	if (rc == 0)
		return to_hostent(&p.host, &answer);
	errno = -rc;
	return NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Lookups by descriptor, and the one that waits. */

#include <arpa/inet.h>
#include <baro/socket.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "base/time.h"
#include "kit/dns_lab.h"
#include "socket/stack.h"

enum { WWW = 0xc6120107 };

static struct dns_lab lab;

static void
names(struct dns_lab *l, const struct dns_seen *q)
{
	bool is_known = strcmp(q->name, "www.lab") == 0;

	dns_say(&l->say, q, is_known ? DNS_NOERROR : DNS_NXDOMAIN);
	if (is_known) {
		dns_say_a(&l->say, q->name, 60, WWW);
		dns_say_a(&l->say, q->name, 60, WWW + 1);
	}
	dns_send(q, &l->say);
}

/* The test is the program: a turn is a millisecond of the simulator. */
static bool is_interrupted;

static int
turn(struct baro_core *core, void *user)
{
	(void)core;
	dns_lab_run_ms(user, 1);
	return is_interrupted ? -EINTR : 1;
}

static void
open_lab(void)
{
	dns_lab_open(&lab, names);
	baro_core_enter(lab.core);
	is_interrupted = false;
}

static void
close_lab(void)
{
	dns_lab_close(&lab);
}

TestSuite(pending, .init = open_lab, .fini = close_lab);

static void
drive(void)
{
	stack_of(lab.core)->socks.driver = (struct sock_driver){ .turn = turn, .user = &lab };
}

Test(pending, by_descriptor)
{
	int fd = baro_lookup_open("www.lab", NULL);
	struct baro_host host;

	cr_assert_geq(fd, 0);
	cr_expect(baro_lookup_host(fd, &host) == -1 && errno == EAGAIN);
	dns_lab_run_ms(&lab, 100);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(baro_lookup_host(fd, &host), 0);
		cr_expect_str_eq(host.name, "www.lab");
		cr_expect_eq(baro_addr_to_v4(&host.addr[1]), WWW + 1);
	}
	cr_expect_eq(baro_sock_close(fd), 0);
	cr_expect(baro_lookup_host(fd, &host) == -1 && errno == EBADF);
}

Test(pending, epoll_waits_for_a_lookup)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct baro_host host;
	int ep = baro_epoll_create1(0);
	int fd;

	drive();
	fd = baro_lookup_open("www.lab", NULL);
	cr_assert_geq(fd, 0);
	e.data.fd = fd;
	cr_assert_eq(baro_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e), 0);
	e = (struct epoll_event){ 0 };
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 1000), 1);
	cr_expect_eq(e.data.fd, fd);
	cr_expect_eq(e.events, EPOLLIN);
	cr_expect_eq(baro_lookup_host(fd, &host), 0);
	cr_expect_eq(baro_sock_close(fd), 0);
	cr_expect_eq(baro_epoll_wait(ep, &e, 1, 5), 0, "it is watched no more");
	cr_expect_eq(baro_sock_close(ep), 0);
}

Test(pending, by_descriptor_without_success)
{
	int fd = baro_lookup_open("nothing.lab", NULL);
	int other = baro_socket(AF_INET, SOCK_STREAM, 0);
	struct baro_host host;

	cr_assert_geq(fd, 0);
	dns_lab_run_ms(&lab, 100);
	cr_expect(baro_lookup_host(fd, &host) == -1 && errno == ENOENT);
	cr_expect(baro_lookup_host(other, &host) == -1 && errno == EINVAL);
	cr_expect(baro_lookup_open("a..b", NULL) == -1 && errno == EINVAL);
	cr_expect_eq(baro_sock_close(fd), 0);
	cr_expect_eq(baro_sock_close(other), 0);
	baro_core_enter(NULL);
	cr_expect(baro_lookup_open("www.lab", NULL) == -1 && errno == EXDEV);
}

/* Nobody is told of what is closed, and the core may end at any time. */
Test(pending, closed_too_early)
{
	int fd = baro_lookup_open("www.lab", NULL);

	cr_assert_eq(baro_sock_close(fd), 0);
	dns_lab_run_ms(&lab, 100);
	cr_assert_geq(baro_lookup_open("www.lab", NULL), 0);
	dns_lab_run_ms(&lab, 100);
	cr_assert_geq(baro_lookup_open("nothing.lab", NULL), 0);
}

/* S4 */
Test(pending, gethostbyname_waits)
{
	struct hostent *h;

	drive();
	h = baro_gethostbyname("www.lab");
	cr_assert_not_null(h);
	cr_expect_str_eq(h->h_name, "www.lab");
	cr_expect_eq(h->h_addrtype, AF_INET);
	cr_expect_eq(h->h_length, 4);
	cr_expect_eq(ntohl(((struct in_addr *)(void *)h->h_addr_list[1])->s_addr), WWW + 1);
	cr_expect_null(h->h_addr_list[2]);
	cr_expect_null(h->h_aliases[0]);
	cr_expect(baro_gethostbyname("nothing.lab") == NULL && errno == ENOENT);
	cr_expect(baro_gethostbyname("198.18.1.9") != NULL);
}

Test(pending, gethostbyname_cannot_wait)
{
	cr_expect(
		baro_gethostbyname("www.lab") == NULL && errno == EAGAIN, "nobody turns the core");
	drive();
	is_interrupted = true;
	lab.script = NULL;
	cr_expect(baro_gethostbyname("slow.lab") == NULL && errno == EINTR);
	baro_core_enter(NULL);
	cr_expect(baro_gethostbyname("www.lab") == NULL && errno == EXDEV);
}

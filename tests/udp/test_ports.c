/* SPDX-License-Identifier: BSD-3-Clause */

/* Which socket has which port: RFC 6056, 1122 §4.1.3. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "kit/host.h"

static struct host *h;
static struct udp_sock *many;

static void
setup(void)
{
	h = host_new(NULL);
}

static void
teardown(void)
{
	host_delete(h);
	free(many); /* those that are still bound */
}

TestSuite(ports, .init = setup, .fini = teardown);

Test(ports, port_is_taken_once)
{
	static struct udp_sock a = { .owner = NULL };
	static struct udp_sock b = { .owner = NULL };

	cr_expect_eq(udp_bind(&h->udp, &a, 0, 7), 0);
	cr_expect_eq(a.flow.lport, 7);
	cr_expect_eq(udp_bind(&h->udp, &b, 0, 7), -EADDRINUSE);
	cr_expect_eq(udp_bind(&h->udp, &b, 0, 8), 0);
	udp_unbind(&h->udp, &a);
	cr_expect_null(udp_find(&h->udp, OUR_IP, 7));
	cr_expect_eq(udp_bind(&h->udp, &a, 0, 7), 0);
}

Test(ports, only_our_own_addresses_can_be_bound)
{
	static struct udp_sock a = { .owner = NULL };

	cr_expect_eq(udp_bind(&h->udp, &a, PEER_IP, 7), -EADDRNOTAVAIL);
	cr_expect_eq(udp_bind(&h->udp, &a, BCAST_IP, 7), -EADDRNOTAVAIL);
	cr_expect_eq(udp_bind(&h->udp, &a, OUR_IP, 7), 0);
}

/* E07 */
Test(ports, most_specific_binding_wins)
{
	static struct udp_sock any = { .owner = NULL };
	static struct udp_sock ours = { .owner = NULL };

	cr_assert_eq(udp_bind(&h->udp, &any, 0, 7), 0);
	cr_expect_eq(udp_find(&h->udp, OUR_IP, 7), &any);
	cr_assert_eq(udp_bind(&h->udp, &ours, OUR_IP, 7), 0);
	cr_expect_eq(udp_find(&h->udp, OUR_IP, 7), &ours);
	cr_expect_eq(udp_find(&h->udp, BCAST_IP, 7), &any);
	cr_expect_null(udp_find(&h->udp, OUR_IP, 8));
	udp_unbind(&h->udp, &ours);
	cr_expect_eq(udp_find(&h->udp, OUR_IP, 7), &any);
}

Test(ports, every_port_finds_its_own_socket)
{
	struct udp_sock *s = many = calloc(65536, sizeof(*s));

	cr_assert_not_null(s);
	for (unsigned port = 1; port < 65536; port += 3)
		cr_assert_eq(udp_bind(&h->udp, &s[port], 0, (uint16_t)port), 0);
	for (unsigned port = 1; port < 65536; port++)
		cr_assert_eq(udp_find(&h->udp, OUR_IP, (uint16_t)port),
			port % 3 == 1 ? &s[port] : NULL, "port %u", port);
}

/* RFC 6056 §3.3.1: as TCP does */
Test(ports, chosen_ports_are_neither_in_order_nor_low)
{
	static struct udp_sock s[1000];
	unsigned n_steps = 0;

	for (unsigned i = 0; i < ARRAY_LEN(s); i++) {
		cr_assert_eq(udp_bind(&h->udp, &s[i], 0, 0), 0);
		cr_expect_geq(s[i].flow.lport, 1024);
		n_steps += i > 0 && s[i].flow.lport == s[i - 1].flow.lport + 1;
	}
	cr_expect_leq(n_steps, 5);
}

Test(ports, all_ports_can_be_had_and_then_no_more)
{
	struct udp_sock *s = many = calloc(65536, sizeof(*s));
	unsigned n = 0;
	uint16_t port;

	cr_assert_not_null(s);
	/* most are asked for, which is quick; the last ones are chosen */
	for (unsigned p = 16384; p < 65536; p++)
		if (p % 100 != 0)
			cr_assert_eq(udp_bind(&h->udp, &s[n++], 0, (uint16_t)p), 0);
	while (udp_bind(&h->udp, &s[n], 0, 0) == 0)
		n++;
	cr_expect_eq(n, 65536 - 16384);
	cr_expect_eq(udp_bind(&h->udp, &s[n], OUR_IP, 0), -EADDRINUSE);
	port = s[100].flow.lport;
	udp_unbind(&h->udp, &s[100]);
	cr_expect_eq(udp_bind(&h->udp, &s[n], 0, 0), 0);
	cr_expect_eq(s[n].flow.lport, port);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Packets to ourselves: RFC 1122 §3.2.1.3 (g), §3.3.1.1. Nothing of them reaches the wire. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "runtime/core.h"
#include "runtime/steer.h"
#include "tcp/conn.h"

enum {
	PORT = 80,
	TEXT_LEN = 1 << 20,
};

#define US       0xc6120002u
#define PEER     0xc6120001u
#define LOOPBACK 0x7f000001u

static struct baro_core *core;
static struct baro_port *port;
static uint64_t now_ns;
static unsigned n_frames;

static struct {
	unsigned n_opened, n_closed;
	int err;
	size_t n_read; /* by the server */
	bool is_right; /* what it read is the pattern */
	size_t to_send;
	struct baro_endpoint from; /* of a datagram */
	size_t len;
	unsigned n_datagrams;
} seen;

static void
transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
	n_frames++;
}

static void
open_port(struct baro_core *of, struct baro_port **out)
{
	const struct baro_port_opts opts = { .transmit = transmit,
		.address = baro_addr_from_v4(US),
		.gateway = baro_addr_from_v4(PEER) };

	cr_assert_eq(baro_port_open(of, &opts, out), 0);
}

static void
setup(void)
{
	static const struct baro_config config = { .core.seed = 1 };

	memset(&seen, 0, sizeof(seen));
	seen.is_right = true;
	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	open_port(core, &port);
	baro_core_poll(core, 0);
	now_ns = 3 * NS_PER_SEC;
	baro_core_poll(core, now_ns);
	n_frames = 0;
}

static void
teardown(void)
{
	struct baro_usage usage;

	cr_expect_eq(n_frames, 0, "%u frames on the wire", n_frames);
	baro_usage_read(core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers left", usage.mbufs);
	baro_core_destroy(core);
}

TestSuite(loop, .init = setup, .fini = teardown);

/** Turns until nothing is left to do at once. */
static void
run(void)
{
	for (unsigned i = 0; i < 10000 && baro_core_next_deadline(core) <= now_ns; i++)
		baro_core_poll(core, now_ns);
}

static void
run_for(uint64_t ns)
{
	for (uint64_t end_ns = now_ns + ns; now_ns < end_ns;) {
		uint64_t next = baro_core_next_deadline(core);

		now_ns = next < now_ns ? now_ns : next < end_ns ? next : end_ns;
		baro_core_poll(core, now_ns);
		now_ns += 1000;
	}
}

static struct baro_endpoint
at(uint32_t addr, uint16_t p)
{
	struct baro_endpoint ep = { .port = p };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	seen.n_datagrams++;
	seen.from = d->from;
	seen.len = d->len;
	if (d->from.port != PORT)
		cr_expect_eq(baro_udp_send(u, &d->from, &d->to, d->data, d->len), 0);
}

/** A datagram from a socket on @from to @to comes back from there, and says that it came from @says. */
static void
asks(uint32_t from, uint32_t to, uint32_t says, size_t len)
{
	static const uint8_t data[65507];
	struct baro_endpoint server = at(0, PORT);
	struct baro_endpoint client = at(from, 0);
	struct baro_endpoint dst = at(to, PORT);
	struct baro_udp *u[2];

	cr_assert_eq(baro_udp_open(core, &server, received, NULL, &u[0]), 0);
	cr_assert_eq(baro_udp_open(core, &client, received, NULL, &u[1]), 0);
	seen.n_datagrams = 0;
	cr_expect_eq(baro_udp_send(u[1], &dst, NULL, data, len), 0);
	cr_expect_eq(baro_core_next_deadline(core), 0, "there is work");
	baro_core_poll(core, now_ns);
	cr_expect_eq(seen.n_datagrams, 1, "one turn, one way");
	cr_expect_eq(baro_addr_to_v4(&seen.from.addr), says);
	baro_core_poll(core, now_ns);
	cr_expect_eq(seen.n_datagrams, 2);
	cr_expect_eq(baro_addr_to_v4(&seen.from.addr), to);
	cr_expect_eq(seen.len, len);
	baro_udp_close(u[0]);
	baro_udp_close(u[1]);
}

Test(loop, datagram_to_our_own_address_comes_back)
{
	asks(0, US, US, 100);
	asks(US, US, US, 0);
	asks(0, LOOPBACK, LOOPBACK, 1);
	asks(LOOPBACK, US, LOOPBACK, 1);
	asks(US, LOOPBACK, US, 1);
	asks(0, 0x7f0908ffu, LOOPBACK, 1);
	asks(0, US, US, 65507); /* in one packet */
}

/* RFC 1122 §3.2.1.3 (g) */
Test(loop, loopback_network_does_not_leave_the_host)
{
	const struct baro_conn_ops ops = { 0 };
	struct baro_endpoint own = at(LOOPBACK, 0);
	struct baro_endpoint peer = at(PEER, PORT);
	struct baro_conn *c;
	struct baro_udp *u;

	cr_assert_eq(baro_udp_open(core, &own, received, NULL, &u), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, "x", 1), -EADDRNOTAVAIL);
	baro_udp_close(u);
	cr_assert_eq(
		baro_udp_open(core, &(struct baro_endpoint){ .port = 0 }, received, NULL, &u), 0);
	cr_expect_eq(baro_udp_send(u, &peer, &own, "x", 1), -EADDRNOTAVAIL);
	baro_udp_close(u);
	cr_expect_eq(baro_connect(core, &peer, &own, &ops, NULL, &c), -EADDRNOTAVAIL);
	run();
}

static uint8_t
octet(size_t i)
{
	return (uint8_t)(i % 251);
}

static void
server_readable(struct baro_conn *c)
{
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		for (size_t i = 0; i < iov.iov_len; i++)
			seen.is_right &= ((uint8_t *)iov.iov_base)[i] == octet(seen.n_read + i);
		seen.n_read += iov.iov_len;
		baro_conn_consume(c, iov.iov_len);
	}
	if (baro_conn_is_eof(c))
		baro_conn_close(c);
}

static void
client_writable(struct baro_conn *c)
{
	static uint8_t text[TEXT_LEN];
	ssize_t n;

	for (size_t i = 0; i < TEXT_LEN; i++)
		text[i] = octet(i);
	while (seen.to_send != 0 &&
		(n = baro_conn_send(c, text + TEXT_LEN - seen.to_send, seen.to_send)) > 0)
		seen.to_send -= (size_t)n;
	if (seen.to_send == 0)
		baro_conn_close(c);
}

static void
opened(struct baro_conn *c)
{
	(void)c;
	seen.n_opened++;
}

static void
client_opened(struct baro_conn *c)
{
	seen.n_opened++;
	seen.to_send = TEXT_LEN;
	client_writable(c);
}

static void
closed(struct baro_conn *c, int err)
{
	(void)c;
	seen.n_closed++;
	seen.err = err;
}

static const struct baro_conn_ops server_ops = {
	.opened = opened, .readable = server_readable, .closed = closed
};
static const struct baro_conn_ops client_ops = {
	.opened = client_opened, .writable = client_writable, .closed = closed
};

/** A connection from us to @to carries a megabyte there, in order and whole. */
static void
transfers(uint32_t to)
{
	struct baro_endpoint any = at(0, PORT);
	struct baro_endpoint dst = at(to, PORT);
	struct baro_listener *l;
	struct baro_conn *c;

	cr_assert_eq(baro_listen(core, &any, NULL, &server_ops, NULL, &l), 0);
	cr_assert_eq(baro_connect(core, &dst, NULL, &client_ops, NULL, &c), 0);
	run_for(NS_PER_SEC);
	cr_expect_eq(seen.n_opened, 2);
	cr_expect_eq(seen.n_read, TEXT_LEN, "%zu octets", seen.n_read);
	cr_expect(seen.is_right);
	baro_listener_close(l);
	run_for(60 * NS_PER_SEC); /* TIME-WAIT */
}

Test(loop, connection_to_our_own_address_carries_text)
{
	transfers(US);
	for (unsigned i = 0; i < DROP_COUNT; i++)
		cr_expect_eq(core->stack.env.drops[i], 0, "%u", i);
	cr_expect_eq(core->stack.env.stats[STAT_TCP_RETRANS_SEGS], 0);
}

Test(loop, connection_to_the_loopback_address_carries_text)
{
	transfers(LOOPBACK);
}

Test(loop, connection_to_our_own_closed_port_is_refused)
{
	struct baro_endpoint dst = at(US, PORT);
	struct baro_conn *c;

	cr_assert_eq(baro_connect(core, &dst, NULL, &client_ops, NULL, &c), 0);
	run();
	cr_expect_eq(seen.n_closed, 1);
	cr_expect_eq(seen.err, -ECONNREFUSED);
}

/* RFC 9293 §3.5, figure 8: it meets its own SYN */
Test(loop, connection_to_itself_opens)
{
	struct baro_endpoint dst = at(US, PORT);
	struct baro_conn *c;
	static const struct baro_conn_ops ops = { .opened = opened, .closed = closed };

	cr_assert_eq(baro_connect(core, &dst, &dst, &ops, NULL, &c), 0);
	run();
	cr_expect_eq(seen.n_opened, 1);
	baro_conn_abort(c);
	run_for(NS_PER_SEC);
}

/* R03: what is too much for one turn is dropped by name */
Test(loop, too_many_packets_of_one_turn_are_dropped)
{
	struct baro_endpoint any = at(0, PORT);
	struct baro_udp *u;

	cr_assert_eq(baro_udp_open(core, &any, received, NULL, &u), 0);
	any = at(US, PORT);
	for (unsigned i = 0; i < 4099; i++)
		cr_expect_eq(baro_udp_send(u, &any, NULL, "x", 1), 0);
	cr_expect_eq(core->stack.env.drops[DROP_LOOP_FULL], 3);
	run();
	baro_udp_close(u);
}

/* R03: what waits when the core ends is not leaked */
Test(loop, packets_under_way_go_with_the_core)
{
	struct baro_endpoint any = at(0, PORT);
	struct baro_endpoint dst = at(US, PORT);
	struct baro_core *other;
	struct baro_port *p;
	struct baro_udp *u;

	cr_assert_eq(baro_core_create(NULL, 0, &other), 0);
	open_port(other, &p);
	cr_assert_eq(baro_udp_open(other, &any, received, NULL, &u), 0);
	cr_expect_eq(baro_udp_send(u, &dst, NULL, "x", 1), 0);
	baro_core_destroy(other);
}

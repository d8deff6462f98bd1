/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that we begin: RFC 9293 §3.5, §3.10.1, §3.10.7.3. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "kit/lab.h"
#include "runtime/core.h"

extern const struct baro_conn_ops lab_ops;

/** Connect to @addr:@port; the SYN is forgotten. @return what baro_connect() says */
static int
connect_to(struct lab *l, uint32_t addr, uint16_t port, const struct baro_endpoint *local,
	struct baro_conn **c)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(addr), port };
	int err = baro_connect(l->core, &remote, local, &lab_ops, l, c);

	lab_poll(l);
	lab_skip_all(l);
	return err;
}

static uint16_t
local_port(const struct baro_conn *c)
{
	struct baro_endpoint at;

	baro_conn_local(c, &at);
	return at.port;
}

/* G01 H01 */
Test(tcp_open_active, syn_ack_opens_once)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	cr_expect_eq(l.last.mss, 1460);
	cr_expect(l.last.has_ts && l.last.sack_ok && l.last.wscale_plus_1 != 0);
	cr_expect_eq(l.app.n_opened, 0);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(l.app.n_opened, 1);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460)); /* our ACK was lost */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_SYN, 1));
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

/* G12: RFC 9293 §3.10.7.3, "continue processing at the sixth step" */
Test(tcp_open_active, text_and_fin_on_a_syn_ack_are_taken)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_recv(&l, SEG(SYN_ACK_FIN, .seq = 0, .ack = 1, .data = "hello"));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 7));
	cr_expect_eq(l.app.len, 5);
	cr_expect(l.app.is_eof);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 1,
			     .data = "hello")); /* from a peer that sends it again */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 7));
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	lab_close(&l);
}

/* G04 G05: 1, 2, 4 ... s; at least three minutes */
Test(tcp_open_active, syn_is_resent_with_doubled_waits_for_three_minutes)
{
	struct lab l;
	uint64_t wait_ms = 1000;
	uint64_t first_ns;
	uint64_t last_ns;
	unsigned n = 0;

	lab_open(&l, NULL);
	lab_connect(&l);
	first_ns = last_ns = l.last_at_ns;
	while (l.conn != NULL) {
		lab_run_ms(&l, 100);
		if (lab_pending(&l) == 0)
			continue;
		lab_sends(&l, SEG(SYN, .seq = 0, .mss = 1460));
		cr_expect_eq((l.last_at_ns - last_ns) / NS_PER_MS, wait_ms);
		last_ns = l.last_at_ns;
		wait_ms = wait_ms < 32000 ? 2 * wait_ms : 60000;
		n++;
	}
	cr_expect_eq(n, 7, "resent %u times", n);
	cr_expect_geq(l.now_ns - first_ns, 180 * NS_PER_SEC);
	cr_expect_leq(l.now_ns - first_ns, 245 * NS_PER_SEC);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	cr_expect_eq(l.app.n_opened, 0);
	lab_holds(&l, 0, 0);
	lab_dropped_nothing(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_ATTEMPT_FAILS), 1);
	lab_close(&l);
}

/* G05: it is a setting, and so is the first wait */
Test(tcp_open_active, connect_timeout_can_be_set)
{
	struct baro_config config = { .tcp = { .connect_timeout_ns = 5 * NS_PER_SEC,
					      .rto_initial_ns = 3 * NS_PER_SEC } };
	struct lab l;

	lab_open(&l, &config);
	lab_connect(&l);
	lab_run_ms(&l, 2999);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_run_ms(&l, 6010);
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	lab_close(&l);
}

/* G05: tcp.syn_retries ends it sooner */
Test(tcp_open_active, connect_gives_up_after_so_many_syns)
{
	struct baro_config config = { .tcp.syn_retries = 2 };
	struct lab l;

	lab_open(&l, &config);
	lab_connect(&l);
	lab_run_ms(&l, 3001);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_run_ms(&l, 3990);
	cr_expect_eq(l.app.n_closed, 0);
	lab_run_ms(&l, 20);
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	lab_close(&l);
}

/* G04: RFC 6298 §5.7 and RFC 5681 §3.1: a SYN that was lost makes a careful start */
Test(tcp_open_active, connection_whose_syn_was_lost_starts_with_one_segment)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_write(&l, 10000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1460));
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* G06 */
Test(tcp_open_active, bad_ack_is_reset_and_the_good_one_still_opens)
{
	static const uint32_t bad[] = { 0, 2, 1000, 0x7fffffff, 0x80000000, 0xffffffff };
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	for (unsigned i = 0; i < 6; i++) {
		lab_recv(&l, SEG(SYN_ACK, .seq = 77, .ack = bad[i]));
		lab_sends(&l, SEG(RST, .seq = bad[i]));
	}
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_SYN_SENT_ACK, 6));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

/* G07 */
Test(tcp_open_active, rst_with_our_ack_is_a_refusal)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_recv(&l, SEG(RST, .seq = 0));
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 0));
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 2));
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1), DROPPED(DROP_TCP_SYN_SENT_ACK, 2));
	lab_state_is(&l, TCP_ST_SYN_SENT);
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ECONNREFUSED);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/** Simultaneous open as far as SYN-RECEIVED. */
static void
cross_syns(struct lab *l)
{
	lab_open(l, NULL);
	lab_connect(l);
	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460, .wscale_plus_1 = 8));
	l->peer_wscale = 7;
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends_nothing(l);
	lab_state_is(l, TCP_ST_SYN_RECEIVED);
	cr_expect_eq(l->app.n_opened, 0);
}

/* G08 */
Test(tcp_open_active, syns_cross_and_an_ack_opens)
{
	struct lab l;

	cross_syns(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 100));
	lab_sends_nothing(&l);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(l.app.n_opened, 1);
	cr_expect_eq(lab_tcp(&l)->snd_wnd, 100 << 7);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G08 H05: the window of the SYN|ACK is not scaled */
Test(tcp_open_active, syns_cross_and_a_syn_ack_opens)
{
	struct lab l;

	cross_syns(&l);
	lab_recv(
		&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .wscale_plus_1 = 8, .wnd = 5000));
	lab_sends_nothing(&l);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(l.app.n_opened, 1);
	cr_expect_leq(lab_tcp(&l)->snd_wnd, 5000);
	cr_expect_geq(lab_tcp(&l)->snd_wnd, 5000 - 128);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G08 G11: the connection was ours, so we are told */
Test(tcp_open_active, rst_after_syns_crossed_is_a_refusal)
{
	struct lab l;

	cross_syns(&l);
	lab_recv(&l, SEG(RST, .seq = 1));
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ECONNREFUSED);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* G08: the SYN|ACK is resent too, and given up */
Test(tcp_open_active, crossed_syns_without_an_end_time_out)
{
	struct lab l;

	cross_syns(&l);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_run_ms(&l, 300 * 1000);
	lab_skip_all(&l);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* G09: RFC 9293 §3.5.1, figure 9: we are the one that has forgotten */
Test(tcp_open_active, old_ack_of_a_half_open_peer_is_reset_and_the_syn_comes_again)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_recv(&l, SEG(ACK, .seq = 100, .ack = 300)); /* challenge of the old connection */
	lab_sends(&l, SEG(RST, .seq = 300));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_dropped(&l, DROPPED(DROP_TCP_SYN_SENT_ACK, 1));
	lab_close(&l);
}

/* O11 */
Test(tcp_open_active, close_in_syn_sent_is_silent_and_a_late_syn_ack_is_reset)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_NO_CONN, 1));
	lab_run_ms(&l, 10000);
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_close(&l);
}

/* O11: the SYN|ACK is there already when close() is called */
Test(tcp_open_active, close_in_syn_sent_wins_over_a_syn_ack_of_the_same_turn)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_queue(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_CONN, 1));
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* O11 N05 */
Test(tcp_open_active, abort_in_syn_sent_is_silent)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_run_ms(&l, 10000);
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_close(&l);
}

/* O11 */
Test(tcp_open_active, close_in_syn_received_sends_fin_after_the_ack)
{
	struct lab l;

	cross_syns(&l);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_holds(&l, 0, 1);
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* N05 */
Test(tcp_open_active, abort_in_syn_received_sends_rst)
{
	struct lab l;

	cross_syns(&l);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_close(&l);
}

/* G17: not one of the first ports, not the same order twice, none twice */
Test(tcp_open_active, chosen_ports_do_not_repeat)
{
	enum { N = 2000 };
	struct lab l;
	static bool is_taken[65536];

	lab_open(&l, NULL);
	for (unsigned i = 0; i < N; i++) {
		struct baro_conn *c;
		uint16_t port;

		cr_assert_eq(connect_to(&l, LAB_PEER, 80, NULL, &c), 0);
		port = local_port(c);
		cr_assert_geq(port, 1024);
		cr_assert(!is_taken[port], "port %u was used a moment ago", port);
		is_taken[port] = true;
		baro_conn_close(c);
	}
	lab_poll(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* G17: who sees the ports of its own connections learns nothing about those to others */
Test(tcp_open_active, chosen_ports_to_one_peer_say_nothing_about_another)
{
	enum { N = 64 };
	struct lab l;
	unsigned n_near = 0;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < N; i++) {
		struct baro_conn *a;
		struct baro_conn *b;
		int apart;

		cr_assert_eq(connect_to(&l, LAB_PEER, (uint16_t)(1000 + i), NULL, &a), 0);
		cr_assert_eq(connect_to(&l, LAB_PEER, (uint16_t)(2000 + i), NULL, &b), 0);
		apart = (int)local_port(a) - (int)local_port(b);
		n_near += apart > -16 && apart < 16;
		baro_conn_close(a);
		baro_conn_close(b);
	}
	cr_expect_leq(n_near, 2, "%u of %u pairs are close", n_near, N);
	lab_close(&l);
}

/* G17: another secret, other ports */
Test(tcp_open_active, chosen_ports_depend_on_the_secret)
{
	uint16_t port[4];
	unsigned n_equal = 0;

	for (unsigned i = 0; i < 4; i++) {
		struct baro_config config = { .core.seed = i + 1 };
		struct lab l;
		struct baro_conn *c;

		lab_open(&l, &config);
		cr_assert_eq(connect_to(&l, LAB_PEER, 80, NULL, &c), 0);
		port[i] = local_port(c);
		n_equal += i != 0 && port[i] == port[i - 1];
		lab_close(&l);
	}
	cr_expect_eq(n_equal, 0);
}

/* G17: every port to one peer, and then none; a listener's port is never chosen */
Test(tcp_open_active, connect_fails_when_no_port_is_left)
{
	enum { PORTS = 32768 };
	struct baro_config config = { .core.mbufs = 8192 };
	const struct baro_endpoint listened = { .port = 50000 };
	struct baro_listener *listener;
	struct baro_conn *last = NULL;
	struct baro_conn *c;
	struct lab l;

	lab_open(&l, &config);
	cr_assert_eq(baro_listen(l.core, &listened, NULL, &lab_ops, &l, &listener), 0);
	for (unsigned i = 0; i < PORTS - 1; i++) {
		cr_assert_eq(connect_to(&l, LAB_PEER, 80, NULL, &c), 0);
		cr_assert_neq(local_port(c), 50000);
		last = c;
	}
	cr_expect_eq(connect_to(&l, LAB_PEER, 80, NULL, &c), -EADDRNOTAVAIL);
	cr_expect_eq(connect_to(&l, LAB_PEER, 81, NULL, &c), 0); /* another peer: all are free */
	baro_conn_close(last);
	lab_poll(&l);
	cr_expect_eq(connect_to(&l, LAB_PEER, 80, NULL, &c), 0);
	lab_close(&l);
}

/* G17: the flow in TIME-WAIT is not used again */
Test(tcp_open_active, flow_in_time_wait_is_in_use)
{
	struct lab l;
	struct baro_endpoint local = { baro_addr_from_v4(LAB_ADDR), 0 };
	struct baro_conn *c;

	lab_open(&l, NULL);
	lab_establish_active(&l, LAB_PLAIN);
	local.port = l.local_port;
	cr_expect_eq(connect_to(&l, LAB_PEER, LAB_PEER_PORT, &local, &c), -EADDRINUSE);
	baro_conn_close(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	cr_expect_eq(connect_to(&l, LAB_PEER, LAB_PEER_PORT, &local, &c), -EADDRINUSE);
	lab_run_ms(&l, 30001);
	cr_expect_eq(connect_to(&l, LAB_PEER, LAB_PEER_PORT, &local, &c), 0);
	cr_expect_eq(local_port(c), local.port);
	lab_close(&l);
}

struct connect_row {
	const char *name;
	uint32_t addr;
	uint16_t port;
	uint32_t laddr;
	int result;
};

/* G17: errno of baro_connect(); RFC 9293 §3.9.2.3 (MUST-46) */
Test(tcp_open_active, connect_says_why_not)
{
	static const struct connect_row rows[] = {
		{ "port 0", LAB_PEER, 0, 0, -EINVAL },
		{ "address 0", 0, 80, 0, -EINVAL },
		{ "a group", 0xe0000001, 80, 0, -EINVAL },
		{ "everybody", 0xffffffff, 80, 0, -EINVAL },
		{ "everybody on our network", 0xc61200ff, 80, 0, -EINVAL },
		{ "from loopback to a neighbour", LAB_PEER, 80, 0x7f000001, -EADDRNOTAVAIL },
		{ "from an address that is not ours", LAB_PEER, 80, LAB_GATEWAY, -EADDRNOTAVAIL },
		{ "a neighbour", LAB_PEER, 80, 0, 0 },
		{ "a neighbour, from our address", LAB_PEER, 80, LAB_ADDR, 0 },
		{ "far away", 0x08080808, 80, 0, 0 },
	};
	struct lab l;
	struct baro_conn *c;
	const struct baro_endpoint v6 = { .addr.b = { 0x20, 0x01, [15] = 1 }, .port = 80 };
	const struct baro_endpoint v4 = { baro_addr_from_v4(LAB_PEER), 80 };

	lab_open(&l, NULL);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct baro_endpoint local = { .port = 0 };
		int got;

		if (rows[i].laddr != 0)
			local.addr = baro_addr_from_v4(rows[i].laddr);
		got = connect_to(&l, rows[i].addr, rows[i].port, &local, &c);
		cr_expect_eq(got, rows[i].result, "%s: %d", rows[i].name, got);
		if (got == 0)
			baro_conn_close(c);
	}
	cr_expect_eq(baro_connect(l.core, &v6, NULL, &lab_ops, &l, &c), -EINVAL);
	cr_expect_eq(baro_connect(l.core, &v4, &v6, &lab_ops, &l, &c), -EADDRNOTAVAIL);
	lab_poll(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* G17: no port, no route, no memory */
Test(tcp_open_active, connect_without_a_route_or_memory_fails)
{
	struct baro_config config = { .tcp.max_conns = 1, .tcp.backlog = 1 };
	struct baro_core *bare;
	struct baro_conn *c;
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), 80 };
	struct lab l;
	unsigned n = 0;
	int err;

	cr_assert_eq(baro_core_create(&config, 0, &bare), 0);
	cr_expect_eq(baro_connect(bare, &remote, NULL, &lab_ops, &l, &c), -ENETUNREACH);
	baro_core_destroy(bare);
	lab_open(&l, &config);
	while ((err = connect_to(&l, LAB_PEER, 80, NULL, &c)) == 0)
		cr_assert_lt(++n, 10000);
	cr_expect_eq(err, -ENOMEM);
	lab_close(&l);
}

/* G05: never from within the call */
Test(tcp_open_active, connect_calls_nobody_back)
{
	struct lab l;
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };

	lab_open(&l, NULL);
	cr_assert_eq(baro_connect(l.core, &remote, NULL, &lab_ops, &l, &l.conn), 0);
	cr_expect_eq(l.app.n_opened + l.app.n_closed + l.app.n_readable, 0);
	cr_expect_eq(lab_pending(&l), 0);
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -ENOTCONN);
	cr_expect_eq(baro_conn_send_room(l.conn), 0);
	cr_expect_eq(baro_conn_shutdown(l.conn), -ENOTCONN);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_close(&l);
}

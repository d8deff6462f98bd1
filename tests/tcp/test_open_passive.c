/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections that peers begin: RFC 9293 §3.5, §3.10.7.2, and SYN-RECEIVED in §3.10.7.4. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"
#include "runtime/core.h"

/** Listen with a backlog of its own. */
static void
listen_with_backlog(struct lab *l, uint32_t backlog)
{
	extern const struct baro_conn_ops lab_ops;
	const struct baro_endpoint local = { .port = LAB_PORT };
	const struct baro_listen_opts opts = { .backlog = backlog };

	cr_assert_eq(baro_listen(l->core, &local, &opts, &lab_ops, l, &l->listener), 0);
}

/* G01 H01 */
Test(tcp_open_passive, syn_is_answered_and_the_ack_opens_once)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	cr_expect_eq(l.app.n_opened, 0);
	lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.app.n_opened, 1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
	cr_expect_eq(l.app.n_opened, 1);
	lab_dropped_nothing(&l);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(lab_stat(&l, STAT_TCP_PASSIVE_OPENS), 1);
	lab_close(&l);
}

/* G01: both ends know each other's names */
Test(tcp_open_passive, endpoints_are_those_of_the_segments)
{
	struct lab l;
	struct baro_endpoint local;
	struct baro_endpoint remote;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	baro_conn_local(l.conn, &local);
	baro_conn_remote(l.conn, &remote);
	cr_expect_eq(baro_addr_to_v4(&local.addr), LAB_ADDR);
	cr_expect_eq(local.port, LAB_PORT);
	cr_expect_eq(baro_addr_to_v4(&remote.addr), LAB_PEER);
	cr_expect_eq(remote.port, LAB_PEER_PORT);
	cr_expect_eq(baro_conn_core(l.conn), l.core);
	cr_expect_eq(baro_conn_user(l.conn), &l);
	lab_close(&l);
}

/* G04: 1 s, doubled each time; then it is given up in silence */
Test(tcp_open_passive, syn_ack_is_resent_with_doubled_waits_and_given_up)
{
	struct lab l;
	uint64_t wait_ms = 1000;
	uint64_t last_ns;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	last_ns = l.last_at_ns;
	lab_run_ms(&l, 200 * 1000);
	for (unsigned i = 0; i < 5; i++) {
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
		cr_expect_eq((l.last_at_ns - last_ns) / NS_PER_MS, wait_ms, "wait %u is %lu ms", i,
			(l.last_at_ns - last_ns) / NS_PER_MS);
		last_ns = l.last_at_ns;
		wait_ms *= 2;
	}
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G04: the third ACK was lost, the text that follows it opens as well */
Test(tcp_open_passive, text_opens_when_the_third_ack_was_lost)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.app.n_opened, 1);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 21));
	lab_has_read(&l, 20);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G10 */
Test(tcp_open_passive, repeated_syns_make_one_connection)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	for (unsigned i = 0; i < 3; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	}
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 3));
	lab_holds(&l, 1, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

/* G10: a burst of three: each of them may have been the one that our SYN|ACK did not answer */
Test(tcp_open_passive, syns_of_one_burst_make_one_connection)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned i = 0; i < 3; i++)
		lab_queue(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_poll(&l);
	for (unsigned i = 0; i < 3; i++)
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_sends_nothing(&l);
	lab_holds(&l, 1, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 2));
	lab_close(&l);
}

/* G11 G14: the place in the backlog is free again, nobody is told */
Test(tcp_open_passive, rst_takes_a_half_open_connection_back_to_listen)
{
	struct lab l;

	lab_open(&l, NULL);
	listen_with_backlog(&l, 1);
	for (unsigned i = 0; i < 3; i++) {
		lab_enter(&l, TCP_ST_SYN_RECEIVED);
		lab_recv(&l, SEG(RST, .seq = 1));
		lab_flow_is(&l, TCP_ST_CLOSED);
		lab_holds(&l, 0, 0);
		lab_run_ms(&l, 10);
		lab_forget(&l);
	}
	cr_expect_eq(l.app.n_opened + l.app.n_closed, 0);
	lab_dropped_nothing(&l);
	lab_establish(&l, LAB_PLAIN);
	lab_close(&l);
}

/* G11: the RST of an unacceptable ACK must not end a SYN-SENT at the peer: it has no ACK */
Test(tcp_open_passive, bad_third_ack_is_reset_and_the_good_one_still_opens)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1000));
	lab_sends(&l, SEG(RST, .seq = 1000));
	lab_dropped(&l, DROPPED(DROP_TCP_BAD_ACK, 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

/* G12 O02 */
Test(tcp_open_passive, text_and_fin_on_the_third_ack_are_delivered_after_opened)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 12));
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_has_read(&l, 10);
	cr_expect(l.app.is_eof);
	cr_expect_eq(l.app.n_opened, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G13 */
Test(tcp_open_passive, text_on_a_syn_is_not_acknowledged_and_comes_again)
{
	struct lab l;
	struct baro_usage use[2];

	lab_open(&l, NULL);
	lab_listen(&l);
	baro_usage_read(l.core, &use[0]);
	lab_recv(&l, SEG(SYN, .seq = 0, .data = "hello"));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	baro_usage_read(l.core, &use[1]);
	cr_expect_eq(use[1].mbufs, use[0].mbufs);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "hello"));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 6));
	cr_expect_eq(l.app.len, 5);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G14 */
Test(tcp_open_passive, full_backlog_drops_syns_in_silence)
{
	struct baro_config config = { .tcp.syncookies = BARO_OFF };
	struct lab l;
	uint32_t iss;

	lab_open(&l, &config);
	listen_with_backlog(&l, 2);
	lab_establish(&l, LAB_PLAIN); /* does not count any more */
	iss = l.our_iss;
	for (unsigned i = 1; i <= 2; i++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = LAB_PEER_PORT + i));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	}
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = LAB_PEER_PORT + 3));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_BACKLOG, 1));
	lab_holds(&l, 3, 0);
	/* the third ACK of one makes room for another */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = LAB_PEER_PORT + 2));
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = LAB_PEER_PORT + 3));
	lab_forget(&l);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	l.our_iss = iss;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 5));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 6));
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G14: a slab's chunk is the least that max_conns can mean */
Test(tcp_open_passive, syn_without_room_for_a_connection_is_dropped_in_silence)
{
	struct baro_config config = { .tcp.max_conns = 1, .tcp.backlog = 1 };
	struct lab l;
	unsigned n = 0;

	lab_open(&l, &config);
	lab_listen(&l);
	while (lab_stat(&l, STAT_TCP_PASSIVE_OPENS) == n) {
		uint16_t port = (uint16_t)(1024 + n++);

		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = port));
		if (lab_pending(&l) == 0)
			break;
		lab_forget(&l);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = port));
		lab_sends_nothing(&l);
		cr_assert_lt(n, 10000);
	}
	lab_dropped(&l, DROPPED(DROP_TCP_NO_MEMORY, 1));
	cr_expect_eq(l.app.n_opened, n - 1);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
	lab_forget(&l);
	lab_establish(&l, LAB_PLAIN);
	lab_close(&l);
}

/* G18 */
Test(tcp_open_passive, closing_a_listener_resets_the_half_open_and_no_other)
{
	struct lab l;
	uint32_t iss;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	iss = l.our_iss;
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = LAB_PEER_PORT + 1));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	baro_listener_close(l.listener);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.last.dst_port, LAB_PEER_PORT + 1);
	lab_sends_nothing(&l);
	lab_holds(&l, 1, 0);
	cr_expect_eq(l.app.n_closed, 0);
	l.our_iss = iss;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 5));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 6));
	lab_dropped_nothing(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = LAB_PEER_PORT + 2));
	lab_sends(&l, SEG(RST_ACK, .seq = 0u - iss, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_NO_CONN, 1));
	lab_close(&l);
}

/* G18: a listener on the same port begins afresh */
Test(tcp_open_passive, a_port_can_be_listened_on_again)
{
	struct lab l;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < 3; i++) {
		lab_enter(&l, TCP_ST_SYN_RECEIVED);
		baro_listener_close(l.listener);
		l.listener = NULL;
		lab_poll(&l);
		lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
		lab_holds(&l, 0, 0);
		lab_forget(&l);
	}
	lab_establish(&l, LAB_PLAIN);
	lab_close(&l);
}

/* G03: at each microsecond that is a multiple of four the clock of a flow ticks once */
Test(tcp_open_passive, initial_sequence_numbers_of_a_flow_grow_with_the_clock)
{
	struct lab l;
	uint32_t last;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	last = l.our_iss;
	for (unsigned i = 0; i < 10; i++) {
		lab_recv(&l, SEG(RST, .seq = 1));
		lab_forget(&l);
		lab_run_ms(&l, 100);
		lab_enter(&l, TCP_ST_SYN_RECEIVED);
		cr_expect_eq(l.our_iss - last, 25000, "grown by %u in 100 ms", l.our_iss - last);
		last = l.our_iss;
	}
	lab_close(&l);
}

/* G03: 64 flows at one moment */
Test(tcp_open_passive, initial_sequence_numbers_of_flows_have_nothing_in_common)
{
	enum { N = 64 };
	struct lab l;
	uint32_t iss[N];
	unsigned n_near = 0;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned i = 0; i < N; i++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(2000 + i)));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		iss[i] = l.our_iss;
	}
	for (unsigned i = 0; i < N; i++)
		for (unsigned k = 0; k < i; k++)
			n_near += iss[i] - iss[k] < 1u << 16 || iss[k] - iss[i] < 1u << 16;
	cr_expect_leq(n_near, 3, "%u pairs are close", n_near); /* 2016 pairs: 0.06 by chance */
	lab_close(&l);
}

/* G03: another secret, other numbers */
Test(tcp_open_passive, initial_sequence_numbers_depend_on_the_secret)
{
	uint32_t iss[2];

	for (unsigned i = 0; i < 2; i++) {
		struct baro_config config = { .core.seed = i + 1 };
		struct lab l;

		lab_open(&l, &config);
		lab_enter(&l, TCP_ST_SYN_RECEIVED);
		iss[i] = l.our_iss;
		lab_close(&l);
	}
	cr_expect_neq(iss[0], iss[1]);
}

/* The public call */

struct listen_row {
	const char *name;
	uint32_t addr;
	uint16_t port;
	int result;
};

/* G01: errno of baro_listen(), each row after the ones before it */
Test(tcp_open_passive, listen_says_why_not)
{
	extern const struct baro_conn_ops lab_ops;
	static const struct listen_row rows[] = {
		{ "port 0", 0, 0, -EINVAL },
		{ "an address that is not ours", LAB_PEER, 80, -EADDRNOTAVAIL },
		{ "any address", 0, 80, 0 },
		{ "any address again", 0, 80, -EADDRINUSE },
		{ "our address beside any", LAB_ADDR, 80, 0 },
		{ "our address again", LAB_ADDR, 80, -EADDRINUSE },
		{ "another port", LAB_ADDR, 81, 0 },
		{ "a port of the same bucket", LAB_ADDR, 80 + 64, 0 },
	};
	struct lab l;
	struct baro_listener *out;
	struct baro_endpoint v6 = { .addr.b = { 0x20, 0x01, [15] = 1 }, .port = 80 };
	struct baro_usage use;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct baro_endpoint at = { .port = rows[i].port };

		if (rows[i].addr != 0)
			at.addr = baro_addr_from_v4(rows[i].addr);
		cr_expect_eq(baro_listen(l.core, &at, NULL, &lab_ops, &l, &out), rows[i].result,
			"%s", rows[i].name);
	}
	cr_expect_eq(baro_listen(l.core, &v6, NULL, &lab_ops, &l, &out), -EADDRNOTAVAIL);
	baro_usage_read(l.core, &use);
	cr_expect_eq(use.listeners, 4);
	lab_close(&l);
}

/* G01: the listener of an address is asked before the one of any */
Test(tcp_open_passive, listener_of_our_address_goes_before_that_of_any)
{
	extern const struct baro_conn_ops lab_ops;
	struct lab l;
	struct lab other = { 0 };
	const struct baro_endpoint here = { baro_addr_from_v4(LAB_ADDR), LAB_PORT };
	struct baro_listener *specific;

	lab_open(&l, NULL);
	cr_assert_eq(baro_listen(l.core, &here, NULL, &lab_ops, &other, &specific), 0);
	lab_listen(&l);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(other.app.n_opened, 1);
	cr_expect_eq(l.app.n_opened, 0);
	baro_listener_close(specific);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = 5000));
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

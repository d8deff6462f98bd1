/* SPDX-License-Identifier: BSD-3-Clause */

/* Options of a connection: what they take, what they read as, and that each has its effect. */

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>

#include "ip/ip.h"
#include "kit/lab.h"
#include "runtime/core.h"
#include "tcp/sndq.h"

#define MSS 1460

static struct lab l;

static void
setup(void)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_tcp(&l)->quick_acks = 0;
}

static void
teardown(void)
{
	lab_close(&l);
}

TestSuite(options, .init = setup, .fini = teardown);

static int
get(enum baro_conn_option option)
{
	int value = -7;

	cr_assert_eq(baro_conn_get(l.conn, option, &value), 0);
	return value;
}

static void
set(enum baro_conn_option option, int value)
{
	cr_assert_eq(baro_conn_set(l.conn, option, value), 0);
	lab_poll(&l);
}

/** Every option: its default, the ends of its range. */
static const struct {
	const char *name;
	enum baro_conn_option option;
	int fallback;
	int least;
	int most;
} rows[] = {
	{ "NODELAY", BARO_TCP_NODELAY, 0, 0, 1 },
	{ "CORK", BARO_TCP_CORK, 0, 0, 1 },
	{ "SNDBUF", BARO_TCP_SNDBUF, 262144, 1, 1 << 30 },
	{ "NOTSENT_LOWAT", BARO_TCP_NOTSENT_LOWAT, 0, 0, 1 << 30 },
	{ "WINDOW_CLAMP", BARO_TCP_WINDOW_CLAMP, 0, 0, 1 << 30 },
	{ "QUICKACK", BARO_TCP_QUICKACK, 0, 0, 1 },
	{ "MAX_PACING_RATE", BARO_TCP_MAX_PACING_RATE, 0, 0, INT_MAX },
	{ "TTL", BARO_IP_TTL, 64, 1, 255 },
	{ "KEEPALIVE", BARO_TCP_KEEPALIVE, 0, 0, 1 },
	{ "KEEPIDLE", BARO_TCP_KEEPIDLE, 7200, 1, 32767 },
	{ "KEEPINTVL", BARO_TCP_KEEPINTVL, 75, 1, 32767 },
	{ "KEEPCNT", BARO_TCP_KEEPCNT, 9, 1, 127 },
	{ "USER_TIMEOUT", BARO_TCP_USER_TIMEOUT, 0, 0, 86400000 },
	{ "SYNCNT", BARO_TCP_SYNCNT, 0, 1, 127 },
	{ "LINGER", BARO_TCP_LINGER, -1, -1, 32767 },
	{ "LINGER2", BARO_TCP_LINGER2, 60, 1, 32767 },
};

Test(options, each_takes_its_range_and_reads_as_set)
{
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		enum baro_conn_option o = rows[i].option;

		cr_expect_eq(get(o), rows[i].fallback, "%s is %d", rows[i].name, get(o));
		set(o, rows[i].least);
		cr_expect_eq(get(o), rows[i].least, "%s", rows[i].name);
		set(o, rows[i].most);
		cr_expect_eq(get(o), rows[i].most, "%s", rows[i].name);
		cr_expect_eq(
			baro_conn_set(l.conn, o, rows[i].least - 1), -EINVAL, "%s", rows[i].name);
		if (rows[i].most != INT_MAX)
			cr_expect_eq(baro_conn_set(l.conn, o, rows[i].most + 1), -EINVAL, "%s",
				rows[i].name);
		cr_expect_eq(get(o), rows[i].most, "%s", rows[i].name);
	}
	cr_expect_eq(baro_conn_set(l.conn, (enum baro_conn_option)99, 1), -ENOPROTOOPT);
	cr_expect_eq(baro_conn_set(l.conn, (enum baro_conn_option) - 1, 1), -ENOPROTOOPT);
	cr_expect_eq(baro_conn_get(l.conn, (enum baro_conn_option)99, &(int){ 0 }), -ENOPROTOOPT);
}

/* B12: every segment of the connection bears them, the RST at its end, too */
Test(options, tos_and_ttl_are_on_every_segment)
{
	set(BARO_IP_TOS, 0xbb);
	set(BARO_IP_TTL, 7);
	cr_expect_eq(get(BARO_IP_TOS), 0xb8, "ECN's bits are not the application's");
	lab_write(&l, 2000); /* by reference, and by copy */
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 500);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	cr_assert_geq(lab_pending(&l), 4);
	while (lab_pending(&l) != 0) {
		const struct lab_frame *f = lab_next_frame(&l);

		cr_expect_eq(f->octets[ETH_HDR_LEN + 1] & 0xfc, 0xb8);
		cr_expect_eq(f->octets[ETH_HDR_LEN + 8], 7);
	}
}

/* B12: and none of other connections' */
Test(options, tos_is_the_connections_own)
{
	struct baro_conn *first = l.conn;

	set(BARO_IP_TOS, 0xb8);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = MSS, .src_port = 50000));
	cr_assert_eq(lab_pending(&l), 1);
	cr_expect_eq(lab_next_frame(&l)->octets[ETH_HDR_LEN + 1], 0);
	baro_conn_abort(first);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(options, maxseg_bounds_our_segments)
{
	cr_expect_eq(get(BARO_TCP_MAXSEG), MSS);
	cr_expect_eq(baro_conn_set(l.conn, BARO_TCP_MAXSEG, 87), -EINVAL);
	cr_expect_eq(baro_conn_set(l.conn, BARO_TCP_MAXSEG, 9001), -EINVAL);
	set(BARO_TCP_MAXSEG, 9000);
	cr_expect_eq(get(BARO_TCP_MAXSEG), MSS);
	set(BARO_TCP_MAXSEG, 1000);
	cr_expect_eq(get(BARO_TCP_MAXSEG), 1000);
	lab_write(&l, 2000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	lab_sends(&l, SEG(PSH, .seq = 1001, .ack = 1, .len = 1000));
}

/* H01: before our SYN leaves */
Test(options, maxseg_is_told_to_the_peer)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	struct baro_conn *first = l.conn;

	baro_conn_abort(first);
	lab_poll(&l);
	lab_skip_all(&l);
	lab_forget(&l);
	cr_assert_eq(
		baro_connect(l.core, &remote, NULL, &(struct baro_conn_ops){ 0 }, &l, &l.conn), 0);
	set(BARO_TCP_MAXSEG, 700);
	lab_sends(&l, SEG(SYN, .seq = 0, .mss = 700));
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
}

/* I02: none is delayed; the one that waits when it is set is sent at once */
Test(options, quickack_delays_nothing)
{
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	set(BARO_TCP_QUICKACK, 1);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	for (uint32_t i = 0; i < 300; i++) {
		lab_recv(&l, SEG(PSH, .seq = 11 + i, .ack = 1, .len = 1));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 12 + i));
	}
	set(BARO_TCP_QUICKACK, 0);
	lab_recv(&l, SEG(PSH, .seq = 311, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 321));
}

/* I09: what was offered before stays */
Test(options, window_clamp_bounds_the_window)
{
	set(BARO_TCP_WINDOW_CLAMP, 20000);
	set(BARO_TCP_QUICKACK, 1);
	for (uint32_t at = 1; at < 1 + 60 * 1000; at += 1000) {
		lab_recv(&l, SEG(PSH, .seq = at, .ack = 1, .len = 1000));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = at + 1000));
		if (at < 40000)
			cr_expect_geq(at + 1000 + l.last.wnd, 1 + 65535, "the edge moved left");
		if (at > 47000)
			cr_expect(l.last.wnd <= 20000 && l.last.wnd > 15000, "%u", l.last.wnd);
	}
	set(BARO_TCP_WINDOW_CLAMP, 0);
	lab_recv(&l, SEG(PSH, .seq = 60001, .ack = 1, .len = 1000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 61001, .wnd = 65535));
}

/* J13: room is for what may be unsent; what is in flight does not count; writable() as it leaves */
Test(options, notsent_lowat_bounds_what_waits)
{
	set(BARO_TCP_NOTSENT_LOWAT, 4000);
	cr_expect_eq(baro_conn_send_room(l.conn), 4000);
	lab_write(&l, 4000);
	lab_skip_all(&l); /* 2 × 1460, and by Nagle the rest waits */
	cr_expect_eq(baro_conn_send_room(l.conn), 4000 - (4000 - 2 * MSS));
	lab_write(&l, 2920);
	lab_skip_all(&l);
	for (unsigned i = 0; i < 10; i++) { /* until cwnd, 10 segments, is full */
		static char text[4000];

		baro_conn_send(l.conn, text, sizeof(text));
		lab_poll(&l);
	}
	cr_expect_eq(tcp_flight(lab_tcp(&l)), 10 * MSS);
	cr_expect_eq(baro_conn_send_queued(l.conn), 10 * MSS + 4000);
	cr_expect_eq(baro_conn_send(l.conn, "x", 1), -EAGAIN);
	lab_poll(&l);
	l.app.n_writable = 0;
	lab_run_ms(&l, 20);
	cr_expect_eq(l.app.n_writable, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 4 * MSS));
	lab_run_ms(&l, 1);
	cr_expect_eq(l.app.n_writable, 1);
	cr_expect_gt(baro_conn_send_room(l.conn), 1000);
	l.n_seen = l.n_out;
}

/* J13: the core's limit holds where the connection has none of its own; what is in flight does not count */
Test(options, what_waits_is_bounded_by_the_configuration)
{
	static char text[50000];
	struct lab own;

	lab_open(&own, &(struct baro_config){ .tcp.notsent_lowat = 20000 });
	lab_establish(&own, LAB_PLAIN);
	cr_expect_eq(baro_conn_send(own.conn, text, sizeof(text)), 20000);
	lab_poll(&own);
	cr_expect_eq(tcp_flight(lab_tcp(&own)), 10 * MSS);
	cr_expect_eq(baro_conn_send_room(own.conn), 10 * MSS);
	cr_assert_eq(baro_conn_set(own.conn, BARO_TCP_NOTSENT_LOWAT, 30000), 0);
	cr_expect_eq(baro_conn_send_room(own.conn), 10 * MSS + 10000);
	cr_assert_eq(baro_conn_set(own.conn, BARO_TCP_NOTSENT_LOWAT, 0), 0);
	cr_expect_eq(baro_conn_send_room(own.conn), 10 * MSS);
	baro_conn_abort(own.conn);
	own.conn = NULL;
	lab_poll(&own);
	lab_skip_all(&own);
	lab_close(&own);
}

/* J06: 100 kB a second: what was one burst takes its time */
Test(options, max_pacing_rate_spreads_segments)
{
	uint64_t begun_ns = l.now_ns;
	uint64_t took_ms;

	set(BARO_TCP_MAX_PACING_RATE, 100000);
	lab_write(&l, 10 * MSS);
	cr_expect_eq(lab_pending(&l), 3); /* the quantum is two */
	while (lab_pending(&l) < 10)
		lab_run_ms(&l, 1);
	took_ms = (l.now_ns - begun_ns) / NS_PER_MS;
	cr_expect(took_ms >= 102 && took_ms <= 104, "7 * 14.6 ms, not %lu", took_ms);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 10 * MSS));
	set(BARO_TCP_MAX_PACING_RATE, 0);
	lab_run_ms(&l, 20);
	lab_write(&l, 5 * MSS);
	cr_expect_eq(lab_pending(&l), 5);
	lab_skip_all(&l);
}

/* TCP_CONGESTION: at any time, and what it was is let go */
Test(options, congestion_control_goes_by_name)
{
	struct slab *blocks = &l.core->stack.tcp.cc_blocks;

	cr_expect_str_eq(baro_conn_get_cc(l.conn), "cubic");
	cr_expect_eq(baro_conn_set_cc(l.conn, "reno"), -ENOENT);
	cr_expect_str_eq(baro_conn_get_cc(l.conn), "cubic");
	cr_expect_eq(baro_conn_set_cc(l.conn, "bbr"), 0);
	cr_expect_str_eq(baro_conn_get_cc(l.conn), "bbr");
	cr_expect_eq(blocks->n_used, 1);
	cr_expect_neq(lab_tcp(&l)->pace_rate, 0);
	lab_write(&l, MSS);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	cr_expect_eq(baro_conn_set_cc(l.conn, "newreno"), 0);
	cr_expect_eq(blocks->n_used, 0);
	cr_expect_eq(lab_tcp(&l)->pace_rate, 0);
	cr_expect_eq(baro_conn_set_cc(l.conn, "bbr"), 0);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_skip_all(&l);
	cr_expect_eq(blocks->n_used, 0, "it ends with the connection");
}

/* A listener's connections have its, a connect may have its own before it is open. */
Test(options, congestion_control_of_a_listener)
{
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_skip_all(&l);
	cr_expect_str_eq(baro_listener_get_cc(l.listener), "cubic");
	cr_expect_eq(baro_listener_set_cc(l.listener, "vegas"), -ENOENT);
	cr_expect_eq(baro_listener_set_cc(l.listener, "bbr"), 0);
	cr_expect_str_eq(baro_listener_get_cc(l.listener), "bbr");
	lab_establish(&l, LAB_PLAIN);
	cr_expect_str_eq(baro_conn_get_cc(l.conn), "bbr");
	cr_expect_eq(l.core->stack.tcp.cc_blocks.n_used, 1);
}

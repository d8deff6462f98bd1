/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections of a listener in SYN-RECEIVED, a cache line each: what they keep until the control
 * block is made, and what keeps it from being made. The segments they judge are in test_states.c.
 */

#include <criterion/criterion.h>

#include "kit/lab.h"
#include "runtime/core.h"

extern const struct baro_conn_ops lab_ops;

static struct tcp_listener *
listener(const struct lab *l)
{
	return (struct tcp_listener *)l->listener;
}

static void
listen_with(struct lab *l, const struct baro_listen_opts *opts)
{
	const struct baro_endpoint local = { .port = LAB_PORT };

	cr_assert_eq(baro_listen(l->core, &local, opts, &lab_ops, l, &l->listener), 0);
}

static void
expect_usage(const struct lab *l, uint32_t conns, uint32_t embryos)
{
	struct baro_usage use;

	baro_usage_read(l->core, &use);
	cr_expect_eq(use.conns, conns, "%u connections", use.conns);
	cr_expect_eq(use.embryos, embryos, "%u embryos", use.embryos);
}

/* G15: memory of a SYN: no control block, no buffer, no record of what was sent */
Test(tcp_embryo, syn_takes_a_cache_line_and_nothing_else)
{
	struct baro_usage use[2];
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	baro_usage_read(l.core, &use[0]);
	for (unsigned i = 0; i < 100; i++)
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(2000 + i)));
	lab_skip_all(&l);
	baro_usage_read(l.core, &use[1]);
	cr_expect_eq(use[1].embryos, 100);
	cr_expect_eq(use[1].conns, 0);
	cr_expect_eq(use[1].sent, 0);
	cr_expect_eq(use[1].mbufs, use[0].mbufs);
	cr_expect_eq(use[1].timers - use[0].timers, 100);
	cr_expect_eq(l.core->stack.tcp.embryos.obj_len, 64);
	lab_close(&l);
}

/* G15: tcp.max_embryos bounds them, whatever the backlogs add up to */
Test(tcp_embryo, there_are_no_more_than_configured)
{
	struct baro_config config = { .tcp = { .max_embryos = 1, .syncookies = BARO_OFF } };
	struct lab l;

	lab_open(&l, &config); /* a chunk of the slab is the least: 1024 */
	listen_with(&l, &(struct baro_listen_opts){ .backlog = 100000 });
	for (unsigned i = 0; i < 1030; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(2000 + i)));
		lab_skip_all(&l);
	}
	expect_usage(&l, 0, 1024);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_MEMORY, 6));
	lab_close(&l);
}

/* H02 H04 H06 H07: all that the SYN said is known when the ACK comes */
Test(tcp_embryo, what_the_syn_said_is_carried_over)
{
	struct lab l;
	const struct tcp_conn *c;

	lab_open(&l, NULL);
	lab_listen(&l);
	l.uses_ts = true;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1000, .wscale_plus_1 = 6, .sack_ok = true,
			     .has_ts = true, .tsval = 777));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .sack_ok = true, .has_ts = true,
			      .tsecr = 777, .wnd = 65535));
	l.peer_ts = 800;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 300));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	c = lab_tcp(&l);
	cr_expect_eq(c->mss, 1000 - 12);
	cr_expect_eq(c->snd_wscale, 5);
	cr_expect_eq(c->snd_wnd, 300 << 5);
	cr_expect(tcp_is(c, TCP_F_TS) && tcp_is(c, TCP_F_SACK) && tcp_is(c, TCP_F_WSCALE));
	cr_expect_eq(c->ts_recent, 800);
	cr_expect_eq(c->iss.n, l.our_iss);
	lab_close(&l);
}

/* H02 H08: and what it did not say is not in use */
Test(tcp_embryo, what_the_syn_did_not_say_is_not_in_use)
{
	struct lab l;
	const struct tcp_conn *c;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .no_ts = true));
	cr_expect(!l.last.sack_ok && l.last.wscale_plus_1 == 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 300));
	c = lab_tcp(&l);
	cr_expect_eq(c->mss, 536);
	cr_expect_eq(c->snd_wnd, 300);
	cr_expect(!tcp_is(c, TCP_F_TS | TCP_F_SACK | TCP_F_WSCALE));
	lab_close(&l);
}

struct rtt_row {
	const char *name;
	uint32_t options;
	unsigned wait_ms; /* after the (last) SYN|ACK */
	bool is_resent;
	bool syn_again;
	uint64_t rtt_ms; /* 0: none is measured */
};

/* K01 K03: RFC 6298 §2, §3: the handshake is a round trip, unless it is not known which SYN|ACK was answered */
Test(tcp_embryo, round_trip_is_measured_from_the_syn_ack)
{
	static const struct rtt_row rows[] = {
		{ "once, no timestamps", LAB_PLAIN, 50, false, false, 50 },
		{ "once, timestamps", LAB_WITH_TS, 50, false, false, 50 },
		{ "resent, no timestamps", LAB_PLAIN, 50, true, false, 0 },
		{ "resent, timestamps", LAB_WITH_TS, 50, true, false, 50 },
		{ "SYN came again, no timestamps", LAB_PLAIN, 50, false, true, 0 },
		{ "SYN came again, timestamps", LAB_WITH_TS, 50, false, true, 50 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct rtt_row *r = &rows[i];
		struct lab l;

		lab_open(&l, NULL);
		l.row = r->name;
		lab_listen(&l);
		l.uses_ts = r->options == LAB_WITH_TS;
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		if (r->is_resent) {
			lab_run_ms(&l, 1001);
			lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		}
		if (r->syn_again) {
			lab_run_ms(&l, 500);
			lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
			lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		}
		l.now_ns = l.last_at_ns + r->wait_ms * NS_PER_MS;
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_state_is(&l, TCP_ST_ESTABLISHED);
		cr_expect_eq(lab_tcp(&l)->srtt_ns, r->rtt_ms * NS_PER_MS, "%s: %lu us", r->name,
			lab_tcp(&l)->srtt_ns / 1000);
		lab_close(&l);
	}
}

/* M02 M03 H06: PAWS and missing timestamps count before the third ACK, too */
Test(tcp_embryo, third_ack_is_judged_by_its_timestamp)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_ts = true, .tsval = 1000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_ts = true));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .no_ts = true));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_TIMESTAMP, 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .tsval = 999));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .tsecr = 1000));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	cr_expect_eq(l.app.n_opened, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .tsval = 1000));
	cr_expect_eq(l.app.n_opened, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* H05 N02: the window of a challenge is scaled, that of a SYN|ACK is not */
Test(tcp_embryo, challenge_tells_the_window_by_its_scale)
{
	struct lab l;

	lab_open(&l, &(struct baro_config){ .tcp.rcv_buf = 1 << 20 });
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .wscale_plus_1 = 1));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .wnd = 65535));
	lab_recv(&l, SEG(SYN, .seq = 5));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 65535 >> (l.last.wscale_plus_1 - 1)));
	lab_dropped(&l, DROPPED(DROP_TCP_SYN, 1));
	lab_close(&l);
}

/* F08 N01: a RST is none because there is a SYN on it, wherever it stands */
Test(tcp_embryo, rst_on_a_repeated_syn_is_not_answered)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(SYN_RST, .seq = 0));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1));
	lab_close(&l);
}

/* G12 I01: text on the third ACK that begins before the window is taken from where that begins */
Test(tcp_embryo, third_ack_may_begin_before_the_window)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 0, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 10));
	cr_expect_eq(l.app.len, 9);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G14: with no place for one more, the third ACK is as if lost: SYN|ACK comes again */
Test(tcp_embryo, full_accept_queue_keeps_the_third_ack_out)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	listener(&l)->max_unaccepted = 1;
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = 5000));
	cr_expect_eq(listener(&l)->n_unaccepted, 1);
	lab_forget(&l);
	listener(&l)->n_unaccepted = 0; /* for the SYN: it came before */
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	listener(&l)->n_unaccepted = 1;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_opened, 1);
	lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5001)); /* nor does it take new ones */
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_ACCEPT_FULL, 3));
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	listener(&l)->n_unaccepted = 0; /* the application has accepted */
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_expect_eq(l.app.n_opened, 2);
	cr_expect_eq(listener(&l)->n_unaccepted, 1);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G14: tcp.abort_on_overflow */
Test(tcp_embryo, full_accept_queue_resets_if_told_to)
{
	struct baro_config config = { .tcp.abort_on_overflow = BARO_ON };
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	listener(&l)->max_unaccepted = 1;
	listener(&l)->n_unaccepted = 1;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_ACCEPT_FULL, 1));
	expect_usage(&l, 0, 0);
	lab_close(&l);
}

/* G14: the third ACK finds no room for a control block */
Test(tcp_embryo, third_ack_without_memory_is_dropped_in_silence)
{
	struct lab l;
	struct slab *conns;
	uint32_t limit;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_SYN_RECEIVED);
	conns = &l.core->stack.tcp.conns;
	limit = conns->limit;
	conns->limit = 0;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_MEMORY, 1));
	lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
	conns->limit = limit;
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	expect_usage(&l, 1, 0);
	lab_close(&l);
}

/* G18: each of two listeners has embryos; those of one go, and their memory is used again */
Test(tcp_embryo, closing_a_listener_ends_its_embryos_only)
{
	const struct baro_endpoint local = { .port = LAB_PORT + 1 };
	struct baro_listener *other;
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	cr_assert_eq(baro_listen(l.core, &local, NULL, &lab_ops, &l, &other), 0);
	for (unsigned i = 0; i < 20; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(2000 + i),
				     .dst_port = LAB_PORT + i % 2));
		lab_skip_all(&l);
	}
	baro_listener_close(other);
	lab_poll(&l);
	cr_expect_eq(lab_pending(&l), 10);
	lab_skip_all(&l);
	expect_usage(&l, 0, 10);
	cr_expect_eq(listener(&l)->n_embryos, 10);
	lab_run_ms(&l, 70 * 1000); /* the others go on to their end */
	cr_expect_eq(lab_pending(&l), 50);
	lab_skip_all(&l);
	expect_usage(&l, 0, 0);
	cr_expect_eq(listener(&l)->n_embryos, 0);
	lab_close(&l);
}

/* Deferred */

static void
begin_deferred(struct lab *l, enum lab_options options)
{
	lab_open(l, NULL);
	listen_with(l, &(struct baro_listen_opts){ .defer_accept_ns = 5 * NS_PER_SEC });
	l->uses_ts = (options & LAB_WITH_TS) != 0;
	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(l);
	cr_expect_eq(l->app.n_opened, 0);
	expect_usage(l, 0, 1);
}

/* G12: a listener that defers opens with the first text, not with the third ACK */
Test(tcp_embryo, deferred_connection_opens_with_its_first_text)
{
	struct lab l;

	begin_deferred(&l, LAB_PLAIN);
	lab_run_ms(&l, 4000);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1)); /* does not begin the wait anew */
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_expect_eq(l.app.n_opened, 1);
	lab_has_read(&l, 10);
	lab_dropped_nothing(&l);
	expect_usage(&l, 1, 0);
	lab_close(&l);
}

/* G12 */
Test(tcp_embryo, deferred_connection_opens_with_a_fin)
{
	struct lab l;

	begin_deferred(&l, LAB_PLAIN);
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
	cr_expect_eq(l.app.n_opened, 1);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_close(&l);
}

/* G12: after the time SYN|ACK goes out again, and its ACK opens */
Test(tcp_embryo, deferred_connection_without_text_opens_when_the_time_is_over)
{
	struct lab l;

	begin_deferred(&l, LAB_PLAIN);
	lab_run_ms(&l, 3000);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_run_ms(&l, 1990);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 11);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	cr_expect_eq(l.app.n_opened, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.app.n_opened, 1);
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	cr_expect_gt(lab_tcp(&l)->cwnd, 1460, "nothing was lost");
	lab_close(&l);
}

/* G12: a peer that has gone meanwhile is given up as any other */
Test(tcp_embryo, deferred_connection_whose_peer_is_gone_is_given_up)
{
	struct lab l;

	begin_deferred(&l, LAB_PLAIN);
	lab_run_ms(&l, 5001);
	for (unsigned i = 0; i < 6; i++) {
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_run_ms(&l, 1001u << i);
	}
	lab_sends_nothing(&l);
	expect_usage(&l, 0, 0);
	cr_expect_eq(l.app.n_opened, 0);
	lab_close(&l);
}

/* K03: how long a client has nothing to say is no round trip */
Test(tcp_embryo, deferred_connection_measures_no_round_trip)
{
	static const enum lab_options options[] = { LAB_PLAIN, LAB_WITH_TS };

	for (unsigned i = 0; i < 2; i++) {
		struct lab l;

		begin_deferred(&l, options[i]);
		lab_run_ms(&l, 3000);
		lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
		cr_expect_eq(lab_tcp(&l)->srtt_ns, 0);
		lab_close(&l);
	}
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The size of segments and the path's MTU: RFC 9293 §3.7.1, RFC 6691, RFC 1191, RFC 5927 §7. */

#include "peer.h"
#include "wire/icmp.h"

enum { MSS = 1460 };

#define TOO_BIG(...) ICMP(.code = ICMP_UNREACH_FRAG, __VA_ARGS__)
#define FULL(i)      SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)

/** An established connection with ten full segments in flight, and more queued. */
static void
ten_in_flight(struct lab *l, enum lab_options options)
{
	story_begin(l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 }, options);
	lab_write(l, 40 * MSS);
	lab_skip_all(l);
	cr_assert_eq(tcp_flight(lab_tcp(l)), 10u * lab_tcp(l)->mss);
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* D11 H02: RFC 1191 §3, §6.5 */
Test(tcp_mtu, segment_too_big_for_a_link_is_sent_again_smaller_at_once)
{
	struct tcp_conn *c;
	struct lab l;
	uint32_t cwnd;

	story_begin(&l, NULL, LAB_PLAIN);
	c = lab_tcp(&l);
	lab_write(&l, MSS);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = MSS));
	cwnd = c->cwnd;
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1360));
	lab_sends(&l, SEG(ACK, .seq = 1361, .ack = 1, .len = 100));
	lab_sends_nothing(&l);
	cr_expect_eq(c->cwnd, cwnd);
	cr_expect_eq(c->ssthresh, UINT32_MAX);
	cr_expect_eq(c->backoff, 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_TOO_BIG), 1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461));
	lab_write(&l, 2000);
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = 1360));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461 + 1360));
	lab_sends(&l, SEG(PSH, .seq = 1461 + 1360, .ack = 1, .len = 640));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 3461));
	story_end(&l);
}

/* D11: a window of them; the words about the others that follow change nothing */
Test(tcp_mtu, all_that_is_in_flight_and_too_big_is_sent_again)
{
	struct tcp_conn *c;
	struct lab l;
	uint32_t at = 1;

	ten_in_flight(&l, LAB_PLAIN);
	c = lab_tcp(&l);
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	for (struct lab_seg s; lab_next(&l, &s);) {
		if (s.seq != at)
			continue;
		cr_expect_leq(s.len, 1360);
		at += s.len;
	}
	cr_expect_eq(at, 1 + 10 * MSS, "all of it: up to %u", at);
	for (uint32_t i = 1; i < 10; i++)
		lab_recv_icmp(&l, TOO_BIG(.seq = 1 + i * MSS, .mtu = 1400));
	lab_sends_nothing(&l);
	cr_expect_eq(c->cwnd, 10 * MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	end_unfinished(&l);
}

/* D11: more than leaves in one turn, or than cwnd lets out: still no signal of congestion */
Test(tcp_mtu, large_window_is_sent_again_without_a_smaller_one)
{
	static const enum lab_options options[] = { LAB_PLAIN, LAB_WITH_ALL };

	for (unsigned i = 0; i < ARRAY_LEN(options); i++) {
		struct tcp_conn *c;
		struct peer *p;
		struct lab l;
		uint32_t cwnd;

		story_begin(&l,
			&(struct baro_config){ .tcp = { .snd_buf = 1 << 20,
						       .notsent_lowat = 1 << 20,
						       .initial_window = 100 } },
			options[i]);
		c = lab_tcp(&l);
		lab_write(&l, 150000);
		cr_assert_gt(tcp_flight(c), 60000);
		cwnd = c->cwnd;
		lab_skip_all(&l); /* all dropped by the router */
		lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1000));
		p = peer_of(&l, 1);
		p->way_ms = 5;
		while (baro_conn_send_queued(l.conn) != 0) {
			peer_step(p);
			cr_assert_geq(c->cwnd, cwnd);
		}
		cr_expect_eq(c->ssthresh, UINT32_MAX);
		cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
		cr_expect_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
		cr_expect(!tcp_is(c, TCP_F_LOSS));
		end_unfinished(&l);
	}
}

/* D11: so too where acknowledgements come while some of it still waits to leave */
Test(tcp_mtu, what_is_too_big_for_a_link_begins_no_recovery)
{
	struct tcp_conn *c;
	struct lab l;

	ten_in_flight(&l, LAB_WITH_SACK);
	c = lab_tcp(&l);
	c->cwnd = c->ssthresh = 4 * MSS;
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1361));
	cr_assert_gt(c->lost, 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	cr_expect_eq(c->ssthresh, 4 * MSS);
	end_unfinished(&l);
}

/* D11 L13: what was sent again for a loss tells nothing of what is sent again for its size */
Test(tcp_mtu, word_in_a_recovery_leaves_nothing_to_take_back)
{
	struct tcp_conn *c;
	struct lab l;
	uint32_t ts;

	ten_in_flight(&l, LAB_WITH_ALL);
	c = lab_tcp(&l);
	ts = l.last_tsval;
	lab_run_ms(&l, 40);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .tsval = l.peer_ts, .tsecr = ts,
			     .n_sack = 1, .sack = { { 1 + 6 * c->mss, 1 + 9 * c->mss } }));
	lab_skip_all(&l);
	cr_assert(tcp_is(c, TCP_F_RECOVERY));
	lab_recv_icmp(&l, TOO_BIG(.seq = 1 + 5 * c->mss, .mtu = 1400));
	cr_expect(!tcp_is(c, TCP_F_LOSS), "it is the same recovery");
	cr_assert_gt(c->lost, 0);
	lab_recv(&l,
		SEG(ACK, .seq = 1, .ack = 1449, .has_ts = true, .tsval = l.peer_ts, .tsecr = ts));
	cr_expect_gt(c->lost, 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_UNDONE), 0);
	end_unfinished(&l);
}

/* D11: smaller segments that overtake cause duplicates; they mean no congestion */
Test(tcp_mtu, duplicates_of_what_fitted_are_no_loss)
{
	struct tcp_conn *c;
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.nodelay = BARO_ON }, LAB_PLAIN);
	c = lab_tcp(&l);
	lab_write(&l, MSS);
	for (int i = 0; i < 5; i++)
		lab_write(&l, 10);
	lab_skip_all(&l);
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1360));
	lab_sends(&l, SEG(ACK, .seq = 1361, .ack = 1, .len = 100));
	for (int i = 0; i < 5; i++)
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	cr_expect_eq(c->ssthresh, UINT32_MAX);
	end_unfinished(&l);
}

/* D11: after time-outs of the large ones, whose back-off ends with them */
Test(tcp_mtu, word_that_comes_late_ends_the_back_off)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, MSS);
	lab_run_ms(&l, 500);
	lab_skip_all(&l);
	cr_assert_gt(lab_tcp(&l)->backoff, 0);
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1360));
	cr_expect_eq(lab_tcp(&l)->backoff, 0);
	end_unfinished(&l);
}

/* D11: other connections to that host, new ones too */
Test(tcp_mtu, news_reach_every_connection_to_that_host)
{
	struct baro_conn *first;
	struct lab l;

	ten_in_flight(&l, LAB_PLAIN);
	first = l.conn;
	ip_pmtu_learn(&l.core->stack.ip, LAB_PEER, 1300, 1500, l.now_ns);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	for (struct lab_seg s; lab_next(&l, &s);)
		cr_expect_leq(s.len, 1260);
	cr_expect_eq(lab_tcp(&l)->mss, 1260);
	baro_conn_abort(first);
	lab_poll(&l);
	lab_forget(&l);
	lab_skip_all(&l);
	l.conn = NULL;
	l.peer_iss += 100000;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = LAB_PEER_PORT));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(lab_tcp(&l)->mss, 1260, "we may receive more than we may send: RFC 6691");
	end_unfinished(&l);
}

/* H02: RFC 6691, the options of each segment count */
Test(tcp_mtu, timestamps_are_counted_off)
{
	struct lab l;

	ten_in_flight(&l, LAB_WITH_TS);
	cr_assert_eq(lab_tcp(&l)->mss, 1448);
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1348));
	end_unfinished(&l);
}

/* H02 D13: the path shrinks below what the peer takes, and no further up than that again */
Test(tcp_mtu, peers_option_bounds_it_too)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(lab_tcp(&l)->mss, 1000);
	ip_pmtu_learn(&l.core->stack.ip, LAB_PEER, 1300, 1500, l.now_ns);
	lab_write(&l, 1000);
	cr_expect_eq(lab_tcp(&l)->mss, 1000);
	ip_pmtu_learn(&l.core->stack.ip, LAB_PEER, 900, 1500, l.now_ns);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1001));
	lab_write(&l, 1000);
	cr_expect_eq(lab_tcp(&l)->mss, 860);
	end_unfinished(&l);
}

/* D12 */
Test(tcp_mtu, old_routers_word_leads_down_the_plateaus)
{
	static const uint16_t mtu[] = { 1492, 1006, 552 };
	uint16_t len = 1500;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	for (unsigned i = 0; i < ARRAY_LEN(mtu); i++) {
		lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = i == 1 ? 67 : 0, .len = len));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = mtu[i] - 40u));
		lab_skip_all(&l);
		len = mtu[i];
	}
	end_unfinished(&l);
}

/* D12: never below the floor; a way that is narrower still may cut packets up */
Test(tcp_mtu, below_the_floor_packets_go_without_df)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 512);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 512));
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 300, .len = 552));
	cr_expect_eq(lab_tcp(&l)->mss, 512);
	lab_run_ms(&l, 300);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 512, .no_df = true));
	end_unfinished(&l);
}

/* D13: RFC 1191 §6.3 */
Test(tcp_mtu, grows_again_when_the_word_is_old)
{
	struct lab l;

	story_begin(
		&l, &(struct baro_config){ .ip.path_mtu_expiry_ns = 20 * NS_PER_SEC }, LAB_PLAIN);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	lab_recv_icmp(&l, TOO_BIG(.seq = 1, .mtu = 1400));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	lab_run_ms(&l, 19900);
	lab_skip_all(&l);
	lab_write(&l, MSS);
	lab_sends(&l, SEG(ACK, .seq = 1 + MSS, .ack = 1, .len = 1360));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS + 1360));
	lab_sends(&l, SEG(PSH, .seq = 1 + MSS + 1360, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 2 * MSS));
	lab_run_ms(&l, 4000);
	lab_write(&l, MSS);
	lab_sends(&l, SEG(PSH, .seq = 1 + 2 * MSS, .ack = 1, .len = MSS));
	end_unfinished(&l);
}

/** A word that is not believed. */
static void
is_ignored(struct lab *l, const char *name, const struct lab_icmp *word)
{
	l->row = name;
	lab_recv_icmp(l, word);
	lab_sends_nothing(l);
	cr_expect_eq(lab_tcp(l)->mss, MSS, "%s", name);
	cr_expect_eq(l->core->stack.ip.pmtu.n_used, 0, "%s", name);
	lab_dropped(l, DROPPED(DROP_ICMP_QUOTE, 1));
}

/* D09 D14: RFC 5927 §7.2 */
Test(tcp_mtu, word_that_cannot_be_true_is_ignored)
{
	struct lab l;

	ten_in_flight(&l, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	lab_skip_all(&l);
	is_ignored(&l, "acknowledged already", TOO_BIG(.seq = 1, .mtu = 1400));
	is_ignored(&l, "not sent yet", TOO_BIG(.seq = 1 + 30 * MSS, .mtu = 1400));
	is_ignored(&l, "within a segment", TOO_BIG(.seq = 2 + MSS, .mtu = 1400));
	is_ignored(&l, "it would have passed", TOO_BIG(.seq = 1 + MSS, .mtu = 1500));
	is_ignored(&l, "smaller than said", TOO_BIG(.seq = 1 + MSS, .mtu = 1400, .len = 1399));
	is_ignored(&l, "smaller than it was", TOO_BIG(.seq = 1 + MSS, .mtu = 552, .len = 1499));
	is_ignored(&l, "larger than we send", TOO_BIG(.seq = 1 + MSS, .mtu = 1400, .len = 1501));
	l.row = NULL;
	lab_recv_icmp(&l, TOO_BIG(.seq = 1 + MSS, .mtu = 1400));
	cr_expect_eq(lab_tcp(&l)->mss, 1360);
	end_unfinished(&l);
}

/* D14: nor is a SYN too big for anything */
Test(tcp_mtu, word_about_a_syn_is_ignored)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_recv_icmp(&l, TOO_BIG(.seq = 0, .mtu = 576, .len = 60));
	lab_dropped(&l, DROPPED(DROP_ICMP_QUOTE, 1));
	lab_recv_icmp(&l, TOO_BIG(.seq = 0, .mtu = 0, .len = 60));
	cr_expect_eq(l.core->stack.ip.pmtu.n_used, 0);
	lab_sends_nothing(&l);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_close(&l);
}

/* D11: everything arrives, whatever the routers say meanwhile */
Test(tcp_mtu, bulk_survives_a_way_that_gets_narrower)
{
	struct peer *p;
	struct lab l;

	lab_open(&l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 });
	lab_establish(&l, LAB_WITH_ALL);
	p = peer_of(&l, 3);
	p->loss_percent = 1;
	for (uint16_t mtu = 1400; mtu > 500; mtu = (uint16_t)(mtu - 150)) {
		peer_gets(p, 20000);
		lab_write(&l, 5000);
		lab_recv_icmp(&l, TOO_BIG(.seq = lab_tcp(&l)->snd_una.n - l.our_iss, .mtu = mtu,
					  .len = lab_tcp(&l)->mtu.path));
		peer_drain(p);
		cr_expect_eq(lab_tcp(&l)->mtu.path, mtu < 552 ? 552 : mtu);
	}
	end_unfinished(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Paths that drop large packets without a word, and the search for what gets through: RFC 4821, 8899. */

#include "peer.h"
#include "tcp/mtu_search.h"

enum { MSS = 1460, BASE_MSS = MTU_BASE - 40, BUF = 1 << 20 };

/** A path that carries @through octets of text a segment; 0: all. */
static struct peer *
path(struct lab *l, enum baro_switch probing, enum lab_options options, uint32_t through)
{
	struct peer *p;

	story_begin(l,
		&(struct baro_config){
			.tcp = { .snd_buf = BUF, .notsent_lowat = BUF, .mtu_probing = probing } },
		options);
	story_round_trip(l, 20, 220);
	p = peer_of(l, 1);
	p->sacks = options & LAB_WITH_SACK;
	p->longest_through = through;
	return p;
}

/** Room for probes, and slow growth: there are many round trips in what is sent. */
static void
set_window(struct lab *l)
{
	lab_tcp(l)->cwnd = lab_tcp(l)->ssthresh = 10 * MSS;
}

static void
until_probe(struct peer *p, uint64_t n)
{
	while (lab_stat(p->l, STAT_TCP_MTU_PROBES) < n)
		peer_step(p);
}

static void
end(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* L19: RFC 4821 §7.7 */
Test(tcp_mtu_search, what_has_vanished_twice_is_sent_smaller)
{
	struct lab l;

	path(&l, BARO_AUTO, LAB_PLAIN, 0);
	lab_write(&l, MSS);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = MSS));
	lab_run_ms(&l, 221);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 441);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = BASE_MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + BASE_MSS));
	lab_sends(&l, SEG(ACK, .seq = 1 + BASE_MSS, .ack = 1, .len = MSS - BASE_MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_HOLES), 1);
	cr_expect_eq(lab_tcp(&l)->mss, BASE_MSS);
	story_end(&l);
}

/* L19: small ones vanish for other reasons */
Test(tcp_mtu_search, a_small_segment_that_vanishes_tells_nothing)
{
	struct lab l;

	path(&l, BARO_AUTO, LAB_PLAIN, 0);
	lab_write(&l, BASE_MSS);
	lab_run_ms(&l, 2000);
	lab_skip_all(&l);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_HOLES), 0);
	end(&l);
}

Test(tcp_mtu_search, nothing_is_searched_for_if_that_is_off)
{
	struct lab l;

	path(&l, BARO_OFF, LAB_PLAIN, 0);
	lab_write(&l, MSS);
	lab_run_ms(&l, 10000);
	lab_skip_all(&l);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	end(&l);
}

/* L19: the search ends near the path's size, and losses of probes are no congestion (§7.5) */
Test(tcp_mtu_search, the_size_that_gets_through_is_found)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_AUTO, LAB_WITH_SACK, 1300);
	peer_gets(p, 20 * MSS); /* out of the hole, by time-outs */
	cr_assert_eq(lab_stat(&l, STAT_TCP_MTU_HOLES), 1);
	set_window(&l);
	peer_gets(p, 500 * MSS);
	cr_expect_leq(lab_tcp(&l)->mss, 1300);
	cr_expect_geq(lab_tcp(&l)->mss, 1300 - 16);
	cr_expect_geq(lab_tcp(&l)->cwnd, 10 * MSS, "%u", lab_tcp(&l)->cwnd);
	cr_expect_eq(lab_tcp(&l)->ssthresh, 10 * MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	cr_expect_leq(lab_stat(&l, STAT_TCP_TIMEOUTS), 2);
	cr_expect_leq(lab_stat(&l, STAT_TCP_MTU_PROBES), 3 * 6 + 6);
	end(&l);
}

/* L19: without SACK it may take long, as a probe needs room for those behind it, but all gets through */
Test(tcp_mtu_search, without_sack_the_hole_is_left_as_well)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_AUTO, LAB_PLAIN, 1300);
	peer_gets(p, 500 * MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_HOLES), 1);
	cr_expect_leq(lab_tcp(&l)->mss, 1300);
	end(&l);
}

/* L19: it was no hole: the first probe has the path's size */
Test(tcp_mtu_search, one_probe_ends_a_needless_search)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_AUTO, LAB_WITH_SACK, 100);
	lab_write(&l, 30 * MSS);
	for (int i = 0; i < 60; i++)
		peer_step(p);
	cr_assert_eq(lab_tcp(&l)->mss, BASE_MSS);
	p->longest_through = 0;
	peer_drain(p);
	set_window(&l);
	peer_gets(p, 40 * MSS);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_PROBES), 1);
	cr_expect(!tcp_is(lab_tcp(&l), TCP_F_MTU_SEARCH));
	end(&l);
}

/* L19: RFC 8899 §5.1.2: a size is given up when three probes of it are lost, as one may be by accident */
Test(tcp_mtu_search, a_probe_that_is_lost_is_sent_again)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_ON, LAB_WITH_SACK, BASE_MSS);
	set_window(&l);
	lab_write(&l, 100 * MSS);
	until_probe(p, 2);
	p->longest_through = 0;
	peer_drain(p);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_PROBES), 3);
	end(&l);
}

/* L19: each size has three */
Test(tcp_mtu_search, losses_of_probes_are_counted_for_each_size)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_ON, LAB_WITH_SACK, BASE_MSS);
	set_window(&l);
	lab_write(&l, 200 * MSS);
	until_probe(p, 5); /* all three of the path's size, two of the middle */
	p->longest_through = 1300;
	until_probe(p, 7); /* the middle's third; the first of the next */
	p->longest_through = 0;
	peer_drain(p);
	cr_expect_gt(lab_tcp(&l)->mss, 1400);
	end(&l);
}

/* L19: RFC 4821 §7.4: what follows it tells of its loss; where too little does there is no probe */
Test(tcp_mtu_search, a_probe_has_segments_behind_it)
{
	const uint32_t least = MSS + 4 * BASE_MSS;

	for (uint32_t len = least - 1; len <= least; len++) {
		struct lab l;

		path(&l, BARO_ON, LAB_WITH_SACK, 0);
		lab_write(&l, len);
		cr_expect_eq(lab_stat(&l, STAT_TCP_MTU_PROBES), len == least);
		end(&l);
	}
}

/* L19: RFC 8899 §5.1.1: a path that carries more again is found after ten minutes */
Test(tcp_mtu_search, what_failed_is_tried_again_after_ten_minutes)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_ON, LAB_WITH_SACK, 1200);
	set_window(&l);
	peer_gets(p, 400 * MSS);
	cr_assert_leq(lab_tcp(&l)->mss, 1200);
	cr_assert_geq(lab_tcp(&l)->mss, 1200 - 16);
	p->longest_through = 0;
	lab_run_ms(&l, 590 * 1000);
	set_window(&l);
	peer_gets(p, 40 * MSS);
	cr_expect_leq(lab_tcp(&l)->mss, 1200);
	lab_run_ms(&l, 20 * 1000);
	set_window(&l);
	peer_gets(p, 40 * MSS);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	end(&l);
}

/* mtu_probing on: from the first segment on, and up at once where nothing is in the way */
Test(tcp_mtu_search, always_begins_at_the_base)
{
	struct peer *p;
	struct lab l;

	p = path(&l, BARO_ON, LAB_WITH_SACK, 0);
	cr_expect_eq(lab_tcp(&l)->mss, BASE_MSS);
	peer_gets(p, 40 * MSS);
	cr_expect_eq(lab_tcp(&l)->mss, MSS);
	end(&l);
}

/* a router's word about less than was found ends the search */
Test(tcp_mtu_search, a_router_that_tells_is_believed)
{
	struct lab l;

	path(&l, BARO_ON, LAB_PLAIN, 0);
	lab_write(&l, BASE_MSS);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = BASE_MSS));
	lab_recv_icmp(&l, ICMP(.code = 4, .seq = 1, .len = MTU_BASE, .mtu = 1000));
	cr_expect_eq(lab_tcp(&l)->mss, 960);
	cr_expect(!tcp_is(lab_tcp(&l), TCP_F_MTU_SEARCH));
	end(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The retransmission timer, RFC 6298. */

#include "peer.h"
#include "tcp/rtt.h"

enum { MSS = 1460 };

/** The same segment vanishes time and again, and stays as large. */
static const struct baro_config no_search = { .tcp.mtu_probing = BARO_OFF };

/** The next segment sent, and when: milliseconds after @since, rounded down. */
static void
sends_after(struct lab *l, uint64_t since, uint64_t ms, const struct lab_seg *seg)
{
	lab_run_ns(l, since + (ms + 1) * NS_PER_MS - l->now_ns);
	lab_sends(l, seg);
	cr_assert_eq((l->last_at_ns - since) / NS_PER_MS, ms, "after %lu ms",
		(l->last_at_ns - since) / NS_PER_MS);
	lab_sends_nothing(l);
}

/* K04 K05: the earliest again, after 0.2, 0.4, 0.8 s */
Test(tcp_rto, expiry_sends_the_earliest_again_and_doubles)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, &no_search, LAB_PLAIN);
	since = l.now_ns;
	lab_write(&l, 3 * MSS);
	lab_skip_all(&l);
	sends_after(&l, since, 200, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	sends_after(&l, since, 600, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	sends_after(&l, since, 1400, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	sends_after(&l, since, 3000, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 4);
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 4);
	story_end(&l);
}

/* K02 */
Test(tcp_rto, floor_and_ceiling_are_settings)
{
	const struct baro_config config = { .tcp = { .rto_min_ns = NS_PER_SEC,
						    .rto_max_ns = 3 * NS_PER_SEC } };
	struct lab l;
	uint64_t since;

	story_begin(&l, &config, LAB_PLAIN);
	since = l.now_ns;
	lab_write(&l, 10);
	lab_skip_all(&l);
	sends_after(&l, since, 1000, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	sends_after(&l, since, 3000, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	sends_after(&l, since, 6000, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	sends_after(&l, since, 9000, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	story_end(&l);
}

/* K02: the default is 60 s, as RFC 6298 §2.5 allows */
Test(tcp_rto, ceiling_is_sixty_seconds)
{
	struct lab l;
	uint64_t last;

	story_begin(
		&l, &(struct baro_config){ .tcp.user_timeout_ns = 600 * NS_PER_SEC }, LAB_PLAIN);
	lab_write(&l, 10);
	lab_run_ms(&l, 102300);
	lab_skip_all(&l);
	last = l.now_ns;
	lab_run_ms(&l, 60001);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	lab_sends_nothing(&l);
	last = l.last_at_ns;
	lab_run_ms(&l, 60001);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	cr_assert_eq((l.last_at_ns - last) / NS_PER_MS, 60000);
	story_end(&l);
}

/* K04: RFC 6298 §5.2, §5.3 */
Test(tcp_rto, new_acknowledgement_restarts_the_timer_and_the_last_stops_it)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, 150);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	since = l.now_ns;
	/* 150 ms, an eighth of which counts after a handshake without delay, and the floor on top */
	sends_after(&l, since, 218, SEG(ACK, .seq = 1 + MSS, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 2 * MSS));
	cr_assert_eq(lab_tcp(&l)->rexmt_ns, TIME_NEVER);
	lab_run_ms(&l, 100000);
	story_end(&l);
}

/* K04: RFC 6298 §5.1, no restart by what is sent later */
Test(tcp_rto, sending_more_does_not_restart_the_timer)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, &(struct baro_config){ .tcp.nodelay = BARO_ON }, LAB_PLAIN);
	since = l.now_ns;
	lab_write(&l, MSS);
	lab_run_ms(&l, 150);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	sends_after(&l, since, 200, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	story_end(&l);
}

/* K01 */
Test(tcp_rto, follows_the_round_trips)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	rtt_init(lab_tcp(&l)); /* the handshake took no time: forget it */
	lab_write(&l, 10);
	lab_run_ms(&l, 300);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_skip_all(&l);
	since = l.now_ns;
	lab_write(&l, 10);
	lab_skip_all(&l);
	sends_after(&l, since, 900, SEG(ACK, .seq = 11, .ack = 1, .len = 10));
	story_end(&l);
}

/* K03: Karn, and the back-off stays until there is a sample */
Test(tcp_rto, acknowledgement_of_what_was_sent_again_is_no_sample)
{
	struct lab l;
	uint64_t since;
	uint64_t srtt;

	story_begin(&l, NULL, LAB_PLAIN);
	srtt = lab_tcp(&l)->srtt_ns;
	lab_write(&l, 2 * MSS);
	lab_run_ms(&l, 500); /* again after 0.2 s */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 2 * MSS));
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->srtt_ns, srtt);
	since = l.now_ns;
	lab_write(&l, 10);
	lab_skip_all(&l);
	sends_after(&l, since, 400, SEG(ACK, .seq = 1 + 2 * MSS, .ack = 1, .len = 10));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11 + 2 * MSS));
	since = l.now_ns;
	lab_write(&l, 10);
	lab_run_ms(&l, 1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 21 + 2 * MSS));
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->backoff, 0);
	story_end(&l);
}

/* K03 M06: with timestamps it is known what was acknowledged (RFC 7323 §4.1) */
Test(tcp_rto, timestamp_echoed_is_a_sample)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_TS);
	rtt_init(lab_tcp(&l));
	lab_write(&l, 10);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 10)); /* and what it says is echoed */
	lab_run_ms(&l, 50);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_assert_geq(lab_tcp(&l)->srtt_ns, 49 * NS_PER_MS);
	cr_assert_leq(lab_tcp(&l)->srtt_ns, 53 * NS_PER_MS);
	cr_assert_eq(lab_tcp(&l)->backoff, 0);
	story_end(&l);
}

/* K03: the peer had acknowledged at once, but that was lost; it echoes what it took first */
Test(tcp_rto, wait_for_a_lost_acknowledgement_is_no_round_trip)
{
	struct lab l;
	uint64_t srtt;
	uint32_t echo;

	story_begin(&l, NULL, LAB_WITH_TS);
	srtt = lab_tcp(&l)->srtt_ns;
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	echo = l.last.tsval;
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 5);
	lab_recv(&l,
		SEG(ACK, .seq = 1, .ack = 11, .has_ts = true, .tsval = l.peer_ts, .tsecr = echo));
	cr_assert_eq(lab_tcp(&l)->srtt_ns, srtt);
	cr_assert_eq(lab_tcp(&l)->backoff, 1);
	story_end(&l);
}

/* K06: RFC 5681 §3.1 equation 4 */
Test(tcp_rto, expiry_leaves_one_segment_and_halves_once)
{
	struct lab l;

	story_begin(&l, &no_search, LAB_PLAIN);
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, 201);
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->cwnd, MSS);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	lab_run_ms(&l, 400);
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->cwnd, MSS);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	story_end(&l);
}

/* K06: in recovery more than the window can be outstanding: what SACK has reported is */
Test(tcp_rto, half_of_the_window_stays_when_more_is_outstanding)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	lab_tcp(&l)->cwnd = 6 * MSS;
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 3 * MSS);
	story_end(&l);
}

/* K06 L02: slow start over what was in flight; RFC 3465 §2.3, one segment for an ACK */
Test(tcp_rto, after_it_slow_start_repairs_the_rest)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, 201);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	lab_sends(&l, SEG(ACK, .seq = 1 + MSS, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1 + 2 * MSS, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 3 * MSS)); /* two at once: still one more */
	lab_sends(&l, SEG(ACK, .seq = 1 + 3 * MSS, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1 + 4 * MSS, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1 + 5 * MSS, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 10 * MSS)); /* the rest had arrived */
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->lost, 0);
	lab_run_ms(&l, 10000);
	story_end(&l);
}

/* K07 L01: RFC 6298 §5.7, RFC 5681 §3.1 */
Test(tcp_rto, lost_syn_means_three_seconds_and_one_segment)
{
	struct lab l;
	uint64_t since;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	since = l.now_ns;
	lab_write(&l, 3 * MSS);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	sends_after(&l, since, 3000, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_skip_all(&l);
	story_end(&l);
}

/* K07 L01: the same for SYN|ACK */
Test(tcp_rto, lost_syn_ack_means_one_segment)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_write(&l, 3 * MSS);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	story_end(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Tail loss probes, RFC 8985 §7. */

#include "peer.h"

enum { MSS = 1460, RTT_MS = 40, PTO_MS = 2 * RTT_MS, RTO_MS = 1000, RTO_MIN_MS = 100 };

#define FULL(i) SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define PUSH(i) SEG(PSH, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define AT(i)   (1 + (i)*MSS)
#define HAS(i, j)            \
	{                    \
		AT(i), AT(j) \
	}
#define GOT(n)         SEG(ACK, .seq = 1, .ack = AT(n))
#define GOT_SACK(n, b) SEG(ACK, .seq = 1, .ack = AT(n), .n_sack = 1, .sack = { b })

/** The round trip is known to be RTT_MS; cwnd is @wnd segments, nothing is in flight. */
static void
begin(struct lab *l, uint32_t wnd, enum lab_options options)
{
	const struct baro_config config = { .tcp = { .snd_buf = 1 << 20,
						    .initial_window = wnd,
						    .nodelay = BARO_ON,
						    .rto_min_ns = RTO_MIN_MS * NS_PER_MS,
						    .mtu_probing = BARO_OFF } };

	story_begin(l, &config, options);
	story_round_trip(l, RTT_MS, RTO_MS);
}

/** And @n segments have just left, no more to come. */
static void
in_flight(struct lab *l, uint32_t n)
{
	begin(l, 30, LAB_WITH_SACK);
	lab_write(l, n * MSS);
	cr_assert_eq(lab_pending(l), n);
	lab_skip_all(l);
}

/** The next segment leaves after @ms, and not before. */
static void
sends_after(struct lab *l, uint32_t ms, const struct lab_seg *seg)
{
	lab_run_ms(l, ms - 1);
	lab_sends_nothing(l);
	lab_run_ms(l, 2);
	lab_sends(l, seg);
	lab_sends_nothing(l);
}

/** @n segments in flight, and the last of them has left again as a probe. */
static void
probed(struct lab *l, uint32_t n)
{
	in_flight(l, n);
	sends_after(l, PTO_MS, FULL(n - 1));
	cr_assert_eq(lab_stat(l, STAT_TCP_TAIL_PROBES), 1);
}

static void
reduced_nothing(const struct lab *l)
{
	cr_assert_eq(lab_tcp(l)->cwnd, 30 * MSS);
	cr_assert_eq(lab_tcp(l)->ssthresh, UINT32_MAX);
	cr_assert_eq(lab_stat(l, STAT_TCP_TAIL_REPAIRED), 0);
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* L14: the last segment again after two round trips; no reduction for it */
Test(tcp_tlp, silence_is_answered_by_the_last_segment_again)
{
	struct lab l;

	probed(&l, 4);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	cr_assert_eq(lab_tcp(&l)->totals.probes, 1);
	reduced_nothing(&l);
	end_unfinished(&l);
}

/* L14: one probe, then the time-out, counted from the probe */
Test(tcp_tlp, one_probe_only)
{
	struct lab l;

	probed(&l, 4);
	lab_run_ms(&l, RTO_MS - 2);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_run_ms(&l, 2 * RTO_MS - 2);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 3);
	lab_sends(&l, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 1);
	end_unfinished(&l);
}

/* L14: new text rather than old, one segment, whatever cwnd says; nothing follows from it */
Test(tcp_tlp, new_text_is_preferred)
{
	struct lab l;

	begin(&l, 4, LAB_WITH_SACK);
	lab_write(&l, 7 * MSS);
	lab_skip_all(&l);
	sends_after(&l, PTO_MS, FULL(4));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
	lab_recv(&l, GOT(5));
	lab_sends(&l, FULL(5));
	lab_sends(&l, PUSH(6));
	cr_assert_eq(lab_tcp(&l)->ssthresh, UINT32_MAX);
	lab_recv(&l, GOT(7));
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_DISORDER));
	end_unfinished(&l);
}

/* L14: on a short way a lone segment of new text might be acknowledged late, which what has arrived never is */
Test(tcp_tlp, on_a_short_way_the_last_segment_leaves_again)
{
	struct lab l;

	begin(&l, 4, LAB_WITH_SACK);
	story_round_trip(&l, 10, RTO_MS);
	lab_write(&l, 7 * MSS);
	lab_skip_all(&l);
	sends_after(&l, 20, FULL(3));
	lab_recv(&l, GOT_SACK(4, HAS(3, 4)));
	lab_sends(&l, FULL(4));
	cr_assert_eq(lab_tcp(&l)->ssthresh, UINT32_MAX);
	end_unfinished(&l);
}

/* L14: nor is it what the application has corked */
Test(tcp_tlp, corked_text_is_no_probe)
{
	struct lab l;

	begin(&l, 30, LAB_WITH_SACK);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_CORK, 1), 0);
	lab_write(&l, 2 * MSS + 10);
	lab_skip_all(&l);
	sends_after(&l, PTO_MS, FULL(1));
	end_unfinished(&l);
}

/* L14: but not beyond the peer's window */
Test(tcp_tlp, new_text_obeys_the_peers_window)
{
	struct lab l;

	begin(&l, 30, LAB_WITH_SACK);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 4 * MSS));
	lab_write(&l, 7 * MSS);
	lab_skip_all(&l);
	sends_after(&l, PTO_MS, FULL(3));
	end_unfinished(&l);
}

/** @first and then @second octets in flight; nothing is heard of them for @ms, then the last leave again. */
static void
waits_for(uint32_t first, uint32_t second, uint32_t ms)
{
	struct lab l;
	struct lab_seg last;

	begin(&l, 30, LAB_WITH_SACK);
	lab_write(&l, first);
	if (second != 0)
		lab_write(&l, second);
	lab_skip_all(&l);
	lab_run_ms(&l, ms - 1);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	cr_assert(lab_next(&l, &last));
	cr_assert_eq(last.seq + last.len, 1 + first + second);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 1);
	end_unfinished(&l);
}

/* L14: a lone segment may wait for a delayed acknowledgement; so may small ones */
Test(tcp_tlp, delayed_acknowledgements_are_waited_for)
{
	waits_for(50, 0, PTO_MS + RTO_MIN_MS);
	waits_for(MSS, 0, PTO_MS + RTO_MIN_MS);
	waits_for(50, 50, PTO_MS + RTO_MIN_MS);
	waits_for(MSS - 50, 50, PTO_MS + RTO_MIN_MS);
}

/* L14: RFC 8985 §7.2, what is more than a full segment is acknowledged at once */
Test(tcp_tlp, two_segments_are_not_delayed)
{
	waits_for(MSS, 50, PTO_MS);
	waits_for(MSS, MSS, PTO_MS);
}

/* L14: RFC 8985 §7.2, the probe is not later than the time-out would be, and takes its place */
Test(tcp_tlp, time_out_bounds_the_wait)
{
	struct lab l;

	begin(&l, 30, LAB_WITH_SACK);
	story_round_trip(&l, RTT_MS, 150);
	lab_write(&l, 10);
	lab_skip_all(&l);
	sends_after(&l, 150, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	sends_after(&l, 149, SEG(ACK, .seq = 1, .ack = 1, .len = 10));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	end_unfinished(&l);
}

/* L14: what leaves meanwhile puts it off, up to the time-out */
Test(tcp_tlp, text_that_leaves_puts_it_off)
{
	struct lab l;

	in_flight(&l, 3);
	lab_run_ms(&l, PTO_MS - 10);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	sends_after(&l, PTO_MS, FULL(3));
	end_unfinished(&l);

	begin(&l, 30, LAB_WITH_SACK);
	story_round_trip(&l, RTT_MS, 150);
	for (int i = 0; i < 3; i++) { /* 0, 60, 120 ms */
		lab_write(&l, MSS);
		lab_skip_all(&l);
		if (i < 2)
			lab_run_ms(&l, 60);
	}
	sends_after(&l, 30, FULL(2));
	end_unfinished(&l);
}

/* L14: so does an acknowledgement */
Test(tcp_tlp, acknowledgements_put_it_off)
{
	struct lab l;

	in_flight(&l, 6);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(2));
	sends_after(&l, PTO_MS, FULL(5));
	end_unfinished(&l);
}

/* L14: RFC 8985 §7.4.2: both copies have arrived, nothing had been lost */
Test(tcp_tlp, duplicate_reported_means_no_loss)
{
	struct lab l;

	probed(&l, 4);
	lab_recv(&l, GOT(4));
	lab_recv(&l, GOT_SACK(4, HAS(3, 4)));
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_DISORDER));
	cr_assert_eq(lab_tcp(&l)->loss.reo_wnd_mult, 1, "nor is it a reordering");
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(6));
	reduced_nothing(&l);
	end_unfinished(&l);
}

/* L14: the same from a peer who knows SACK but not D-SACK: a duplicate acknowledgement */
Test(tcp_tlp, duplicate_acknowledgement_means_no_loss)
{
	struct lab l;

	probed(&l, 4);
	lab_recv(&l, GOT(4));
	lab_recv(&l, GOT(4));
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(6));
	reduced_nothing(&l);
	end_unfinished(&l);
}

/* L14 O01: of text with a FIN on it the text is reported */
Test(tcp_tlp, duplicate_reported_before_a_fin_means_no_loss)
{
	struct lab l;

	begin(&l, 2, LAB_WITH_SACK);
	lab_write(&l, 3 * MSS);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_run_ms(&l, RTT_MS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(2));
	lab_sends(&l, SEG(PSH_FIN, .seq = AT(2), .ack = 1, .len = MSS));
	sends_after(&l, RTT_MS + RTO_MIN_MS, SEG(FIN, .seq = AT(2), .ack = 1, .len = MSS));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(3) + 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(3) + 1, .n_sack = 1, .sack = { HAS(2, 3) }));
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_DISORDER));
	end_unfinished(&l);
}

/* L14: but not one that has its reason in a SACK of what left later */
Test(tcp_tlp, duplicate_acknowledgement_with_sack_tells_nothing_of_the_probe)
{
	struct lab l;

	probed(&l, 4);
	lab_recv(&l, GOT(4));
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(4, HAS(5, 6)));
	lab_recv(&l, GOT(6));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_REPAIRED), 1);
	end_unfinished(&l);
}

/* L14: RFC 8985 §7.4.2: one copy has arrived, so one was lost: a reduction as for any other loss */
Test(tcp_tlp, repaired_loss_counts_as_one)
{
	struct tcp_conn *c;
	struct lab l;

	probed(&l, 8);
	c = lab_tcp(&l);
	lab_recv(&l, GOT(8));
	cr_assert_eq(c->ssthresh, UINT32_MAX, "not known yet");
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(10));
	cr_assert_eq(c->ssthresh, 5 * MSS);
	cr_assert_leq(c->cwnd, 7 * MSS);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_REPAIRED), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	lab_recv(&l, GOT(18));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_REPAIRED), 1);
	end_unfinished(&l);
}

static void
set_threshold_only(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)now_ns;
	c->ssthresh = flight / 2;
}

/* L14: no proportional reduction follows, so the window falls at once, whoever sets the threshold */
Test(tcp_tlp, repaired_loss_lowers_the_window_to_the_threshold)
{
	struct tcp_cc cc;
	struct lab l;

	probed(&l, 8);
	cc = *lab_tcp(&l)->cc;
	cc.lost = set_threshold_only;
	lab_tcp(&l)->cc = &cc;
	lab_recv(&l, GOT(8));
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(10));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	cr_assert_eq(lab_tcp(&l)->cwnd, 5 * MSS);
	end_unfinished(&l);
}

/* L14 L11: the probe's SACK shows RACK what else is missing: no time-out for a tail that is lost whole */
Test(tcp_tlp, lost_tail_is_recovered_by_the_probes_sack)
{
	struct lab l;

	probed(&l, 4);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(3, 4)));
	lab_sends(&l, FULL(0));
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(1, HAS(3, 4)));
	lab_sends(&l, FULL(1));
	lab_sends(&l, FULL(2));
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(4));
	lab_run_ms(&l, 3 * RTO_MS);
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(6));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_REPAIRED), 0, "one reduction is enough");
	end_unfinished(&l);
}

/* L12: the retransmission is lost, or what acknowledged it, and nothing behind it could tell: once more, then the time-out */
Test(tcp_tlp, hole_is_filled_once_more_in_silence)
{
	struct lab l;

	in_flight(&l, 4);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(1, 4)));
	lab_sends(&l, FULL(0));
	sends_after(&l, PTO_MS, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 0);
	lab_run_ms(&l, PTO_MS);
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	lab_recv(&l, GOT(4));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 2 * MSS);
	end_unfinished(&l);
}

/* L12: each hole by itself, and the time-out counts from the last of it */
Test(tcp_tlp, next_hole_is_filled_once_more_too)
{
	struct lab l;

	in_flight(&l, 8);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(1, 4)));
	lab_sends(&l, FULL(0));
	sends_after(&l, PTO_MS, FULL(0));
	lab_recv(&l, GOT_SACK(4, HAS(5, 8)));
	lab_sends(&l, FULL(4));
	sends_after(&l, (uint32_t)(2 * lab_tcp(&l)->srtt_ns / NS_PER_MS), FULL(4));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	sends_after(&l, (uint32_t)(lab_tcp(&l)->rto_ns / NS_PER_MS), FULL(4));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	end_unfinished(&l);
}

/* L14: so it is if the time-out came */
Test(tcp_tlp, probe_that_a_timeout_followed_has_repaired_nothing)
{
	struct lab l;

	probed(&l, 4);
	lab_run_ms(&l, RTO_MS + 1);
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(4));
	lab_write(&l, MSS);
	lab_sends(&l, PUSH(4));
	lab_recv(&l, GOT(5));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_REPAIRED), 0);
	end_unfinished(&l);
}

/* L14: no probe where RACK's timer or recovery is at work */
Test(tcp_tlp, no_probe_while_something_is_missing)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(1, 5)));
	lab_skip_all(&l);
	lab_run_ms(&l, RTO_MS - 10);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 0);
	end_unfinished(&l);
}

/* L14: RFC 8985 §7.2: nor before recovery is over, though all that was reported is acknowledged by now */
Test(tcp_tlp, no_probe_in_recovery)
{
	struct lab l;

	in_flight(&l, 10);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(1, 5)));
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(5));
	cr_assert(tcp_is(lab_tcp(&l), TCP_F_RECOVERY));
	lab_run_ms(&l, RTT_MS + RTO_MIN_MS - 1);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, FULL(5));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 0);
	end_unfinished(&l);

	probed(&l, 2);
	lab_run_ms(&l, RTO_MS);
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(1));
	lab_run_ms(&l, RTO_MS);
	lab_sends_nothing(&l);
	end_unfinished(&l);
}

/* L14: nor without SACK: nothing would be learnt from it */
Test(tcp_tlp, no_probe_without_sack)
{
	struct lab l;

	begin(&l, 30, LAB_PLAIN);
	lab_write(&l, 4 * MSS);
	lab_skip_all(&l);
	sends_after(&l, RTO_MS, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 0);
	end_unfinished(&l);
}

/* L14 O01: FIN is a tail as well */
Test(tcp_tlp, fin_is_probed)
{
	struct lab l;

	in_flight(&l, 2);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = AT(2), .ack = 1));
	sends_after(&l, PTO_MS, SEG(FIN, .seq = AT(2), .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(2) + 1));
	lab_state_is(&l, TCP_ST_FIN_WAIT_2);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(2) + 1));
	cr_assert(!tcp_is(lab_tcp(&l), TCP_F_DISORDER));
	end_unfinished(&l);
}

/* L14: a fast way has no probes within a scheduler's whim */
Test(tcp_tlp, probe_has_a_floor)
{
	struct lab l;

	begin(&l, 30, LAB_WITH_SACK);
	story_round_trip(&l, RTT_MS, RTO_MS);
	lab_tcp(&l)->srtt_ns = 50000;
	lab_write(&l, 4 * MSS);
	lab_skip_all(&l);
	sends_after(&l, 5, FULL(3));
	lab_recv(&l, GOT(4));
	lab_recv(&l, GOT(4)); /* both copies */
	lab_tcp(&l)->srtt_ns = 50000;
	lab_write(&l, 2 * MSS);
	lab_run_ms(&l, 3);
	lab_write(&l, MSS); /* puts it off, by as much */
	lab_skip_all(&l);
	sends_after(&l, 5, FULL(6));
	end_unfinished(&l);
}

/* L14: the next tail has its own */
Test(tcp_tlp, probe_is_possible_again_when_the_last_one_is_clear)
{
	struct lab l;

	probed(&l, 4);
	lab_recv(&l, GOT(4));
	lab_recv(&l, GOT_SACK(4, HAS(3, 4)));
	story_round_trip(&l, RTT_MS, RTO_MS);
	lab_write(&l, 4 * MSS);
	lab_skip_all(&l);
	sends_after(&l, PTO_MS, FULL(7));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TAIL_PROBES), 2);
	end_unfinished(&l);
}

/* L14 K02: a SYN is no tail: without a round trip measured the time-out is the initial one */
Test(tcp_tlp, no_probe_of_a_syn)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_run_ms(&l, 990);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 20);
	cr_assert_eq(lab_pending(&l), 1);
	lab_skip_all(&l);
	story_end_clean(&l);
}

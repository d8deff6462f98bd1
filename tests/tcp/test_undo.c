/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions for nothing are taken back: RFC 3522, RFC 3708, RFC 5682. */

#include <string.h>

#include "peer.h"
#include "tcp/recover.h"

enum { MSS = 1460, MSS_TS = MSS - 12, RTT_MS = 40, RTO_MS = 300 };

#define FULL(i) SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS)
#define AT(i)   (1 + (i)*MSS)
#define HAS(i, j)            \
	{                    \
		AT(i), AT(j) \
	}
#define GOT(n)        SEG(ACK, .seq = 1, .ack = AT(n))
#define N_BLOCKS(...) (sizeof((uint32_t[][2]){ __VA_ARGS__ }) / sizeof(uint32_t[2]))
#define GOT_SACK(n, ...) \
	SEG(ACK, .seq = 1, .ack = AT(n), .n_sack = N_BLOCKS(__VA_ARGS__), .sack = { __VA_ARGS__ })

/** Of @queued segments ten are in flight; the round trip is known to be RTT_MS. */
static void
ten_in_flight(struct lab *l, uint32_t queued, enum lab_options options)
{
	const struct baro_config config = { .tcp = { .snd_buf = 1 << 20,
						    .rto_min_ns = RTO_MS * NS_PER_MS,
						    .mtu_probing = BARO_OFF } };

	story_begin(l, &config, options);
	story_round_trip(l, RTT_MS, RTO_MS);
	lab_run_ms(l, 10);
	lab_write(l, queued * (options & LAB_WITH_TS ? MSS_TS : MSS));
	cr_assert_eq(lab_pending(l), 10);
	lab_skip_all(l);
}

/** The timestamp of segments that leave now. */
static uint32_t
ts_now(const struct lab *l)
{
	return tcp_ts_now(lab_tcp(l), l->now_ns);
}

/** The peer has the first @n segments; what moved the edge last had left at @ts. */
static void
recv_echo(struct lab *l, uint32_t n, uint32_t ts)
{
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1 + n * MSS_TS, .has_ts = true, .tsval = l->peer_ts,
			    .tsecr = ts));
}

/** cwnd and ssthresh are as they were with ten in flight, or better. */
static void
is_undone(const struct lab *l)
{
	const struct tcp_conn *c = lab_tcp(l);

	cr_assert_geq(c->cwnd, 10u * c->mss);
	cr_assert_eq(c->ssthresh, UINT32_MAX);
	cr_assert(!tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS));
	cr_assert_eq(c->lost, 0);
	cr_assert_eq(lab_stat(l, STAT_TCP_UNDONE), 1);
	cr_assert_eq(c->totals.undone, 1);
}

static void
is_not_undone(const struct lab *l)
{
	cr_assert_lt(lab_tcp(l)->ssthresh, UINT32_MAX);
	cr_assert_eq(lab_stat(l, STAT_TCP_UNDONE), 0);
}

static void
has_windows(const struct lab *l, uint32_t cwnd, uint32_t ssthresh)
{
	cr_assert_eq(lab_tcp(l)->cwnd, cwnd, "cwnd is %u", lab_tcp(l)->cwnd);
	cr_assert_eq(lab_tcp(l)->ssthresh, ssthresh, "ssthresh is %u", lab_tcp(l)->ssthresh);
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/** The time-out has come, and the first segment has left again. */
static void
timed_out(struct lab *l, uint32_t queued, enum lab_options options)
{
	ten_in_flight(l, queued, options);
	lab_run_ms(l, RTO_MS + 1);
	cr_assert_eq(lab_pending(l), 1);
	lab_skip_all(l);
	cr_assert_eq(lab_stat(l, STAT_TCP_TIMEOUTS), 1);
	cr_assert_eq(lab_tcp(l)->cwnd, lab_tcp(l)->mss);
}

/* K08: RFC 3522: the echo is of the original, which was only late. Nothing more is sent again */
Test(tcp_undo, timestamp_shows_that_a_timeout_was_spurious)
{
	struct lab l;
	uint32_t ts;

	ten_in_flight(&l, 10, LAB_WITH_TS);
	ts = ts_now(&l);
	lab_run_ms(&l, RTO_MS + 1);
	lab_skip_all(&l);
	lab_run_ms(&l, 20);
	recv_echo(&l, 1, ts);
	lab_sends_nothing(&l);
	is_undone(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_SPURIOUS_TIMEOUTS), 1);
	for (uint32_t i = 2; i <= 10; i++)
		recv_echo(&l, i, ts);
	lab_sends_nothing(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 1);
	/* and the time that it took is a round trip: the next time-out will not be too early again */
	cr_assert_gt(lab_tcp(&l)->rto_ns, (RTO_MS + 20) * NS_PER_MS);
	end_unfinished(&l);
}

/* K08: an echo of what was sent again proves nothing */
Test(tcp_undo, timestamp_of_the_retransmission_is_no_proof)
{
	struct lab l;

	timed_out(&l, 10, LAB_WITH_TS);
	lab_run_ms(&l, RTT_MS);
	recv_echo(&l, 1, ts_now(&l) - RTT_MS + 1);
	is_not_undone(&l);
	cr_assert_eq(lab_pending(&l), 2, "it goes on sending again");
	end_unfinished(&l);
}

/* K08: RFC 3522 §3.2 step 5: all acknowledgements of a flight may have been lost */
Test(tcp_undo, acknowledgement_of_everything_is_no_proof_of_a_spurious_timeout)
{
	struct lab l;
	uint32_t ts;

	ten_in_flight(&l, 10, LAB_WITH_TS);
	ts = ts_now(&l);
	lab_run_ms(&l, RTO_MS + 1);
	lab_skip_all(&l);
	recv_echo(&l, 10, ts);
	is_not_undone(&l);
	end_unfinished(&l);
}

/* K08: RFC 5682 §3.1 step 2a: nor by what SACK would have told of a part of it */
Test(tcp_undo, acknowledgement_of_everything_is_no_proof_with_sack_either)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, RTO_MS + 2 * RTT_MS + 2); /* the tail's probe, and the time-out */
	lab_skip_all(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_recv(&l, GOT(10));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* K08: RFC 5682 §2.1, neither timestamps nor SACK: new text instead of old, and it goes well */
Test(tcp_undo, new_text_shows_that_a_timeout_was_spurious)
{
	struct lab l;

	timed_out(&l, 30, LAB_PLAIN);
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(10));
	lab_sends(&l, FULL(11));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT(2));
	is_undone(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_SPURIOUS_TIMEOUTS), 1);
	for (struct lab_seg s; lab_next(&l, &s);)
		cr_assert_geq(s.seq, AT(12), "nothing is sent again");
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 1);
	end_unfinished(&l);
}

/* K08 L04: three duplicates mean a loss again, though of what left before the time-out */
Test(tcp_undo, loss_behind_a_spurious_timeout_is_found)
{
	struct lab l;

	timed_out(&l, 30, LAB_PLAIN);
	lab_recv(&l, GOT(1));
	lab_recv(&l, GOT(2));
	is_undone(&l);
	lab_skip_all(&l);
	for (int i = 0; i < 3; i++)
		lab_recv(&l, GOT(2));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	end_unfinished(&l);
}

/* K08: RFC 5682 §3.1: with SACK an acknowledgement behind the retransmission's does not make the rest late by it */
Test(tcp_undo, what_left_before_a_spurious_timeout_is_not_late_by_it)
{
	struct lab l;

	ten_in_flight(&l, 30, LAB_WITH_SACK);
	lab_run_ms(&l, RTO_MS + 2 * RTT_MS + 2);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT(1));
	lab_recv(&l, GOT(2));
	is_undone(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	end_unfinished(&l);
}

/* K08: RFC 5682 §2.1 step 3a: a duplicate: the loss was real, and what waited is sent */
Test(tcp_undo, duplicate_shows_that_a_timeout_was_right)
{
	struct lab l;

	timed_out(&l, 30, LAB_PLAIN);
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(10));
	lab_sends(&l, FULL(11));
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(1));
	is_not_undone(&l);
	lab_recv(&l, GOT(2)); /* too late to be a proof */
	is_not_undone(&l);
	end_unfinished(&l);
}

/* K08: RFC 5682 §2.1 step 2: without new text there is nothing to try */
Test(tcp_undo, without_new_text_what_is_lost_is_sent_again)
{
	struct lab l;

	timed_out(&l, 10, LAB_PLAIN);
	lab_recv(&l, GOT(1));
	lab_sends(&l, FULL(1));
	lab_sends(&l, FULL(2));
	lab_sends_nothing(&l);
	is_not_undone(&l);
	end_unfinished(&l);
}

/* K08: RFC 5682 §2.1 step 2b: nor beyond the peer's window */
Test(tcp_undo, without_room_what_is_lost_is_sent_again)
{
	struct lab l;

	ten_in_flight(&l, 30, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 10 * MSS));
	lab_run_ms(&l, RTO_MS + 1);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = AT(1), .wnd = 9 * MSS));
	lab_sends(&l, FULL(1));
	end_unfinished(&l);
}

/* K08: two time-outs in a row are no accident */
Test(tcp_undo, second_timeout_ends_the_trial)
{
	struct lab l;

	timed_out(&l, 30, LAB_PLAIN);
	lab_recv(&l, GOT(1));
	lab_skip_all(&l);
	lab_run_ms(&l, 2 * RTO_MS + 1);
	lab_sends(&l, FULL(1));
	lab_recv(&l, GOT(2));
	lab_sends(&l, FULL(2));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* K08 K09: RFC 5682 §3.1: SACK of an original that left before the time-out */
Test(tcp_undo, sack_of_an_original_shows_that_a_timeout_was_spurious)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(9)); /* the tail's probe */
	lab_run_ms(&l, RTO_MS + 1);
	lab_sends(&l, FULL(0));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_recv(&l, GOT_SACK(0, HAS(1, 2)));
	is_undone(&l);
	cr_assert_eq(lab_stat(&l, STAT_TCP_SPURIOUS_TIMEOUTS), 1);
	lab_run_ms(&l, 1);
	lab_recv(&l, GOT(10));
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 2);
	end_unfinished(&l);
}

/* K08: RFC 5682 §3.1 step 3a: nor is one that comes after SACK of what was sent again, be it with a window's update */
Test(tcp_undo, sack_of_what_was_sent_again_ends_the_trial)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, RTO_MS + 2 * RTT_MS + 2);
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_recv(&l,
		SEG(ACK, .seq = 1, .ack = 1, .wnd = 60000, .n_sack = 1, .sack = { HAS(9, 10) }));
	lab_recv(&l, GOT_SACK(0, HAS(1, 2), HAS(9, 10)));
	is_not_undone(&l);
	end_unfinished(&l);
}

/** Ten in flight; three from behind the first have arrived, which has left again. */
static void
recovering(struct lab *l, enum lab_options options)
{
	ten_in_flight(l, 10, options);
	lab_run_ms(l, RTT_MS);
	lab_recv(l, GOT_SACK(0, HAS(1, 2)));
	lab_recv(l, GOT_SACK(0, HAS(1, 3)));
	lab_recv(l, GOT_SACK(0, HAS(1, 4)));
	lab_sends(l, FULL(0));
	cr_assert_eq(lab_stat(l, STAT_TCP_FAST_RECOVERIES), 1);
}

/* L13: the original comes late, if only just: it was only reordered, and the next time there is patience */
Test(tcp_undo, timestamp_shows_that_a_recovery_was_spurious)
{
	const uint32_t at = 1 + MSS_TS;

	for (uint32_t ms = 1; ms <= 1 + RTT_MS; ms += RTT_MS) {
		struct lab l;
		uint32_t ts;

		ten_in_flight(&l, 10, LAB_WITH_ALL);
		ts = ts_now(&l);
		lab_run_ms(&l, RTT_MS);
		for (uint32_t i = 2; i <= 4; i++)
			lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true,
					     .tsval = l.peer_ts, .tsecr = ts, .n_sack = 1,
					     .sack = { { at, 1 + i * MSS_TS } }));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS_TS));
		cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
		lab_run_ms(&l, ms);
		recv_echo(&l, 4, ts);
		is_undone(&l);
		cr_assert_eq(lab_stat(&l, STAT_TCP_SPURIOUS_TIMEOUTS), 0);
		cr_assert(lab_tcp(&l)->loss.is_reordering_seen);
		recv_echo(&l, 10, ts);
		lab_sends_nothing(&l);
		end_unfinished(&l);
	}
}

/* L13: the same without SACK: duplicates counted until then tell nothing any more */
Test(tcp_undo, timestamp_shows_that_duplicates_were_spurious)
{
	struct lab l;
	uint32_t ts;

	ten_in_flight(&l, 10, LAB_WITH_TS);
	ts = ts_now(&l);
	lab_run_ms(&l, RTT_MS);
	for (int i = 0; i < 3; i++)
		recv_echo(&l, 0, ts);
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	lab_run_ms(&l, 1);
	recv_echo(&l, 1, ts);
	is_undone(&l);
	cr_assert_eq(lab_tcp(&l)->sacked, 0);
	end_unfinished(&l);
}

/* L13 I07: beside a report of a duplicate the echo is no proof for the others */
Test(tcp_undo, timestamp_beside_a_duplicate_is_no_proof)
{
	const uint32_t at = 1 + 2 * MSS_TS;
	struct lab l;
	uint32_t ts;

	ten_in_flight(&l, 10, LAB_WITH_ALL);
	ts = ts_now(&l);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .tsval = l.peer_ts, .tsecr = ts,
			     .n_sack = 1, .sack = { { at, at + 6 * MSS_TS } }));
	cr_assert_eq(lab_pending(&l), 2);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS_TS, .has_ts = true, .tsval = l.peer_ts,
			     .tsecr = ts, .n_sack = 2,
			     .sack = { { 1, 1 + MSS_TS }, { at, at + 6 * MSS_TS } }));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13 I07: what was sent again has arrived twice: even when recovery is over */
Test(tcp_undo, duplicates_show_that_a_recovery_was_spurious)
{
	struct lab l;

	recovering(&l, LAB_WITH_SACK);
	lab_recv(&l, GOT(10));
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	lab_recv(&l, GOT_SACK(10, HAS(0, 1)));
	is_undone(&l);
	lab_recv(&l, GOT_SACK(10, HAS(0, 1))); /* once */
	cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), 1);
	end_unfinished(&l);
}

static unsigned n_told;
static unsigned n_recovered;

static void
note_undone(struct tcp_conn *c, uint64_t now_ns)
{
	(void)c;
	(void)now_ns;
	n_told++;
}

static void
note_recovered(struct tcp_conn *c, uint64_t now_ns)
{
	(void)c;
	(void)now_ns;
	n_recovered++;
}

/* L13: the algorithm has variables of its own to take back; and is told of the end, if it comes by that */
Test(tcp_undo, congestion_control_is_told)
{
	for (uint32_t end = 4; end <= 10; end += 6) {
		struct tcp_cc cc;
		struct lab l;

		recovering(&l, LAB_WITH_SACK);
		cc = *lab_tcp(&l)->cc;
		cc.undone = note_undone;
		cc.recovered = note_recovered;
		lab_tcp(&l)->cc = &cc;
		n_told = n_recovered = 0;
		if (end == 10)
			lab_recv(&l, GOT(end));
		cr_assert_eq(n_recovered, end == 10);
		lab_recv(&l, GOT_SACK(end, HAS(0, 1)));
		is_undone(&l);
		cr_assert_eq(n_told, 1);
		cr_assert_eq(n_recovered, 1);
		end_unfinished(&l);
	}
}

/* L13: in the midst of it, too */
Test(tcp_undo, duplicates_end_a_recovery_that_was_spurious)
{
	struct lab l;

	recovering(&l, LAB_WITH_SACK);
	lab_recv(&l, GOT_SACK(4, HAS(0, 1)));
	is_undone(&l);
	end_unfinished(&l);
}

/* L13: all of it has to have arrived twice, and nothing else counts */
Test(tcp_undo, some_duplicates_are_no_proof)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(2, 8)));
	lab_sends(&l, FULL(0));
	lab_sends(&l, FULL(1));
	lab_recv(&l, GOT(10));
	lab_recv(&l, GOT_SACK(10, HAS(0, 1)));
	is_not_undone(&l);
	lab_recv(&l, GOT_SACK(10, HAS(0, 1)));
	end_unfinished(&l);

	recovering(&l, LAB_WITH_SACK);
	lab_recv(&l, GOT(10));
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, GOT(12));
	lab_recv(&l, GOT_SACK(12, HAS(10, 12))); /* the network's doing */
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13: the probe of a tail may be reported twice as well: it is no proof for the segment */
Test(tcp_undo, duplicate_of_a_probe_is_no_proof)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(9));
	lab_recv(&l, GOT_SACK(0, HAS(1, 9)));
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT(10));
	lab_recv(&l, GOT_SACK(10, HAS(9, 10)));
	is_not_undone(&l);
	lab_recv(&l, GOT_SACK(10, HAS(0, 1)));
	is_undone(&l);
	end_unfinished(&l);
}

/** Two recoveries for nothing, the second one before duplicates of the first were reported. */
static void
recovered_twice(struct lab *l)
{
	recovering(l, LAB_WITH_SACK);
	lab_recv(l, GOT(10));
	lab_write(l, 5 * MSS);
	lab_skip_all(l);
	lab_run_ms(l, RTT_MS);
	lab_recv(l, GOT_SACK(10, HAS(11, 15)));
	lab_sends(l, FULL(10));
	lab_recv(l, GOT(15));
	has_windows(l, 5 * MSS / 2, 5 * MSS / 2);
}

/* L13: what is late by many round trips is reported when the next reduction has begun: it is taken out */
Test(tcp_undo, duplicates_deny_a_reduction_before_the_last_one)
{
	struct lab l;

	recovered_twice(&l);
	lab_recv(&l, GOT_SACK(15, HAS(0, 1)));
	has_windows(&l, 5 * MSS, 5 * MSS); /* as the second one alone would have it */
	cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), 1);
	cr_assert_eq(lab_tcp(&l)->totals.undone, 1);
	cr_assert(lab_tcp(&l)->loss.is_reordering_seen);
	lab_recv(&l, GOT_SACK(15, HAS(10, 11)));
	has_windows(&l, 10 * MSS, UINT32_MAX);
	cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), 2);
	end_unfinished(&l);
}

/* L13 */
Test(tcp_undo, duplicates_deny_two_reductions_in_any_order)
{
	struct lab l;

	recovered_twice(&l);
	lab_recv(&l, GOT_SACK(15, HAS(10, 11)));
	has_windows(&l, 5 * MSS, 5 * MSS);
	lab_recv(&l, GOT_SACK(15, HAS(10, 11))); /* once */
	has_windows(&l, 5 * MSS, 5 * MSS);
	lab_recv(&l, GOT_SACK(15, HAS(0, 1)));
	has_windows(&l, 10 * MSS, UINT32_MAX);
	cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), 2);
	end_unfinished(&l);
}

/** cwnd is full of segments from number @at on, and the first of them is late. @return the number after the last */
static uint32_t
lose_first_of_window(struct lab *l, uint32_t at)
{
	uint32_t n = lab_tcp(l)->cwnd / MSS;

	lab_write(l, n * MSS);
	lab_skip_all(l);
	lab_run_ms(l, RTT_MS);
	lab_recv(l, GOT_SACK(at, HAS(at + 1, at + n)));
	lab_sends(l, FULL(at));
	lab_recv(l, GOT(at + n));
	return at + n;
}

/** @n windows in a row, the first of 40 segments, have lost their first segment, or so it seems: numbers @at. */
static void
lost_in_a_row(struct lab *l, const char *congestion, uint32_t n, uint32_t *at)
{
	struct baro_config config = { .tcp = { .snd_buf = 1 << 20,
					      .initial_window = 40,
					      .rto_min_ns = RTO_MS * NS_PER_MS,
					      .mtu_probing = BARO_OFF } };

	strcpy(config.tcp.congestion, congestion);
	story_begin(l, &config, LAB_WITH_SACK | LAB_WITH_WSCALE);
	story_round_trip(l, RTT_MS, RTO_MS);
	for (uint32_t i = 0; i < n; i++)
		at[i + 1] = lose_first_of_window(l, at[i]);
	cr_assert_eq(lab_stat(l, STAT_TCP_FAST_RECOVERIES), n);
}

/** What was sent again as number @at of @end had not been lost. */
static void
deny(struct lab *l, uint32_t at, uint32_t end)
{
	lab_recv(l, GOT_SACK(end, HAS(at, at + 1)));
}

/* L13: whichever is denied, what is left is as if it had never been */
Test(tcp_undo, any_of_three_reductions_can_be_denied)
{
	static const uint8_t orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const uint8_t *order = orders[i];
		uint32_t at[4] = { 0 };
		struct lab l;

		lost_in_a_row(&l, "newreno", 3, at);
		has_windows(&l, 5 * MSS, 5 * MSS);
		deny(&l, at[order[0]], at[3]);
		has_windows(&l, 10 * MSS, 10 * MSS);
		deny(&l, at[order[1]], at[3]);
		has_windows(&l, 20 * MSS, 20 * MSS);
		deny(&l, at[order[2]], at[3]);
		has_windows(&l, 40 * MSS, UINT32_MAX);
		end_unfinished(&l);
	}
}

/* L13: the last few are remembered */
Test(tcp_undo, oldest_of_many_reductions_stands)
{
	uint32_t at[7] = { 0 };
	struct lab l;

	lost_in_a_row(&l, "cubic", 6, at);
	deny(&l, at[0], at[6]);
	cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), 0);
	for (uint32_t i = 1; i < 6; i++) {
		deny(&l, at[i], at[6]);
		cr_assert_eq(lab_stat(&l, STAT_TCP_UNDONE), i);
	}
	end_unfinished(&l);
}

/* L13 L15: the window is not larger than before the reduction that is denied, and CUBIC's curve begins where it is */
Test(tcp_undo, window_that_has_grown_meanwhile_is_bounded)
{
	uint32_t at[3] = { 0 };
	struct tcp_conn *c;
	struct lab l;

	lost_in_a_row(&l, "cubic", 2, at);
	c = lab_tcp(&l);
	c->cwnd = 35 * MSS;
	c->cc_state.cubic.epoch.is_begun = true;
	deny(&l, at[0], at[2]);
	cr_assert_eq(c->cwnd, 40 * MSS);
	cr_assert(!c->cc_state.cubic.epoch.is_begun);
	end_unfinished(&l);
}

/* P04: nor is a mark of the network forgotten when what came before it is denied */
Test(tcp_undo, mark_stands_whatever_came_before)
{
	struct lab l;

	recovered_twice(&l);
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	cr_assert(recover_marked(lab_tcp(&l), l.now_ns));
	lab_recv(&l, GOT_SACK(15, HAS(0, 1)));
	lab_recv(&l, GOT_SACK(15, HAS(10, 11)));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13 K06: nor is a window that a time-out has closed opened by what came before it */
Test(tcp_undo, reductions_before_a_timeout_stand)
{
	struct lab l;

	recovered_twice(&l);
	lab_write(&l, MSS);
	lab_run_ms(&l, 4 * RTO_MS);
	lab_skip_all(&l);
	cr_assert_geq(lab_stat(&l, STAT_TCP_TIMEOUTS), 1);
	lab_recv(&l, GOT_SACK(15, HAS(0, 1)));
	cr_assert_eq(lab_tcp(&l)->cwnd, MSS);
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13: duplicates are not that late */
Test(tcp_undo, old_reductions_stand)
{
	struct lab l;

	recovered_twice(&l);
	for (uint32_t i = 16; i <= 26; i++) { /* it does not rest meanwhile */
		lab_write(&l, MSS);
		lab_run_ms(&l, 1);
		lab_recv(&l, GOT(i));
		lab_run_ms(&l, 1000);
	}
	lab_skip_all(&l);
	lab_recv(&l, GOT_SACK(26, HAS(0, 1)));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13: nor is that of one whose segment SACK has told of before */
Test(tcp_undo, duplicate_of_a_probe_that_has_arrived_is_no_proof)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, 2 * RTT_MS + 1);
	lab_sends(&l, FULL(9));
	lab_recv(&l, GOT_SACK(0, HAS(1, 10)));
	lab_sends(&l, FULL(0));
	lab_recv(&l, GOT_SACK(10, HAS(9, 10)));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* P04: a mark of the network stands, whatever is found out of the loss before it */
Test(tcp_undo, later_reduction_stands)
{
	struct lab l;

	recovering(&l, LAB_WITH_SACK);
	lab_recv(&l, GOT(10));
	lab_write(&l, 10 * MSS);
	lab_skip_all(&l);
	cr_assert(recover_marked(lab_tcp(&l), l.now_ns));
	lab_recv(&l, GOT_SACK(10, HAS(0, 1)));
	is_not_undone(&l);
	end_unfinished(&l);
}

/* L13: found once more, should it be missing all the same */
Test(tcp_undo, loss_that_was_denied_is_found_again)
{
	struct lab l;

	ten_in_flight(&l, 10, LAB_WITH_SACK);
	lab_run_ms(&l, RTT_MS);
	lab_recv(&l, GOT_SACK(0, HAS(2, 5)));
	lab_sends(&l, FULL(0));
	lab_sends_nothing(&l);
	lab_recv(&l, GOT_SACK(1, HAS(0, 1), HAS(2, 5)));
	is_undone(&l);
	lab_sends_nothing(&l);
	lab_run_ms(&l, RTT_MS);
	lab_sends(&l, FULL(1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 2);
	cr_assert_lt(lab_tcp(&l)->ssthresh, UINT32_MAX);
	end_unfinished(&l);
}

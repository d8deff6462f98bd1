/* SPDX-License-Identifier: BSD-3-Clause */
/* D-SACK, the receiver's half: RFC 2883 §4. */

#include "story.h"

#define TEXT(from, to) SEG(ACK, .seq = (from), .ack = 1, .len = (to) - (from))
#define ACKS(n, ...)                                                                         \
	SEG(ACK, .seq = 1, .ack = (n), .n_sack = sizeof((uint32_t[][2]){ __VA_ARGS__ }) / 8, \
		.sack = { __VA_ARGS__ })
#define BLOCK(from, to)  \
	{                \
		from, to \
	}

static void
begin(struct lab *l)
{
	story_begin(
		l, &(struct baro_config){ .tcp.delayed_ack_ns = 400 * NS_PER_MS }, LAB_WITH_SACK);
}

/** Octets 1 to 1000 have been taken and acknowledged. */
static void
begin_after_text(struct lab *l)
{
	begin(l);
	lab_recv(l, TEXT(1, 1001));
	lab_run_ms(l, 401);
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 1001, .no_sack = true));
}

/* I07: RFC 2883 §4.1.1, all of the segment was acknowledged before */
Test(tcp_dsack, segment_taken_before_is_reported)
{
	struct lab l;

	begin_after_text(&l);
	lab_recv(&l, TEXT(501, 1001));
	lab_sends(&l, ACKS(1001, BLOCK(501, 1001)));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_DSACKS_OUT), 1);
	lab_recv(&l, TEXT(1001, 1501)); /* and once only */
	lab_run_ms(&l, 401);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1501, .no_sack = true));
	lab_has_read(&l, 1500);
	story_end(&l);
}

/* I07: RFC 2883 §4.2.1, a part of it was, and the rest is new */
Test(tcp_dsack, of_a_segment_taken_in_part_that_part_is_reported)
{
	struct lab l;

	begin_after_text(&l);
	lab_recv(&l, TEXT(801, 1301));
	lab_sends(&l, ACKS(1301, BLOCK(801, 1001)));
	lab_sends_nothing(&l);
	lab_has_read(&l, 1300);
	story_end(&l);
}

/* I07 I06: RFC 2883 §4.1.2, §4.1.3: the block that holds it comes second, then the others */
Test(tcp_dsack, segment_held_out_of_order_is_reported_before_the_block_that_holds_it)
{
	struct lab l;

	begin(&l);
	lab_recv(&l, TEXT(501, 1001));
	lab_sends(&l, ACKS(1, BLOCK(501, 1001)));
	lab_recv(&l, TEXT(2001, 2501));
	lab_sends(&l, ACKS(1, BLOCK(2001, 2501), BLOCK(501, 1001)));
	lab_recv(&l, TEXT(601, 801));
	lab_sends(&l, ACKS(1, BLOCK(601, 801), BLOCK(501, 1001), BLOCK(2001, 2501)));
	lab_sends_nothing(&l);
	lab_recv(&l, TEXT(3001, 3501));
	lab_sends(&l, ACKS(1, BLOCK(3001, 3501), BLOCK(501, 1001), BLOCK(2001, 2501)));
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* I07: RFC 2883 §4.1.3: that block comes second though another has grown since */
Test(tcp_dsack, duplicates_of_one_turn_are_each_followed_by_the_block_that_holds_it)
{
	struct lab l;

	begin(&l);
	lab_recv(&l, TEXT(501, 1001));
	lab_recv(&l, TEXT(2001, 2501));
	lab_skip_all(&l);
	lab_queue(&l, TEXT(601, 801));
	lab_queue(&l, TEXT(2101, 2201));
	lab_poll(&l);
	lab_sends(&l, ACKS(1, BLOCK(601, 801), BLOCK(501, 1001), BLOCK(2001, 2501)));
	lab_sends(&l, ACKS(1, BLOCK(2101, 2201), BLOCK(2001, 2501), BLOCK(501, 1001)));
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* I07: RFC 2883 §4.2.2: it begins behind a hole and ends in what is held */
Test(tcp_dsack, overlap_out_of_order_is_reported)
{
	struct lab l;

	begin(&l);
	lab_recv(&l, TEXT(501, 1001));
	lab_sends(&l, ACKS(1, BLOCK(501, 1001)));
	lab_recv(&l, TEXT(301, 701));
	lab_sends(&l, ACKS(1, BLOCK(501, 701), BLOCK(301, 1001)));
	lab_recv(&l, TEXT(901, 1201));
	lab_sends(&l, ACKS(1, BLOCK(901, 1001), BLOCK(301, 1201)));
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* I07: what fills the hole overlaps what lies behind it */
Test(tcp_dsack, overlap_of_what_fills_a_hole_is_reported)
{
	struct lab l;

	begin(&l);
	lab_recv(&l, TEXT(501, 1001));
	lab_sends(&l, ACKS(1, BLOCK(501, 1001)));
	lab_recv(&l, TEXT(1, 601));
	lab_sends(&l, ACKS(1001, BLOCK(501, 601)));
	lab_sends_nothing(&l);
	lab_has_read(&l, 1000);
	story_end(&l);
}

/* I07: a window sent again needlessly arrives in one burst: one block tells it all */
Test(tcp_dsack, neighbours_of_one_turn_are_reported_together)
{
	struct lab l;

	begin_after_text(&l);
	for (uint32_t at = 1; at < 1001; at += 100)
		lab_queue(&l, TEXT(at, at + 100));
	lab_poll(&l);
	lab_sends(&l, ACKS(1001, BLOCK(1, 1001)));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 10));
	story_end(&l);
}

/* I07: others have an acknowledgement each, up to a limit */
Test(tcp_dsack, distant_duplicates_of_one_turn_are_reported_one_by_one)
{
	struct lab l;

	begin_after_text(&l);
	for (uint32_t at = 1; at < 1001; at += 200)
		lab_queue(&l, TEXT(at, at + 100));
	lab_poll(&l);
	for (uint32_t i = 0; i < DSACK_MAX; i++)
		lab_sends(&l, ACKS(1001, BLOCK(1 + 200 * i, 101 + 200 * i)));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 5));
	story_end(&l);
}

/* I07 M02: what PAWS refuses has been seen, too */
Test(tcp_dsack, duplicate_with_an_old_timestamp_is_reported)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000, .has_ts = true, .tsval = 9000,
			     .tsecr = 1));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001, .has_ts = true));
	lab_recv(&l, SEG(ACK, .seq = 501, .ack = 1, .len = 500, .has_ts = true, .tsval = 8000,
			     .tsecr = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001, .has_ts = true, .n_sack = 1,
			      .sack = { { 501, 1001 } }));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	story_end(&l);
}

/* I07: text of ours has its full size: the report leaves before it */
Test(tcp_dsack, report_leaves_before_text)
{
	struct lab l;

	begin_after_text(&l);
	lab_queue(&l, TEXT(501, 1001));
	lab_write(&l, 2 * 1460);
	lab_sends(&l, ACKS(1001, BLOCK(501, 1001)));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001, .len = 1460, .no_sack = true));
	lab_sends(&l, SEG(PSH, .seq = 1461, .ack = 1001, .len = 1460, .no_sack = true));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	story_end_clean(&l);
}

/* I07 H07: only those who have agreed to SACK are told */
Test(tcp_dsack, nothing_is_reported_without_sack)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, TEXT(1, 1001));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001));
	lab_recv(&l, TEXT(1, 1001));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001, .no_sack = true));
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_DSACKS_OUT), 0);
	story_end(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Timestamps, RFC 7323 §3 to §5. */

#include "peer.h"
#include "wire/arp.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/** A segment from the peer that says @tsval. */
#define AT(tsval_, ...) SEG(ACK, .has_ts = true, .tsval = tsval_, .tsecr = 1, __VA_ARGS__)

/** The stack acknowledges @ack_ and echoes @echo. */
#define ECHO(ack_, echo) SEG(ACK, .seq = 1, .ack = ack_, .has_ts = true, .tsecr = echo)

/** A connection whose peer stands at timestamp 10000. */
static void
begin_at_10000(struct lab *l)
{
	story_begin(l, NULL, LAB_WITH_ALL);
	lab_recv(l, AT(10000, .seq = 1, .ack = 1, .len = 100));
	lab_run_ms(l, 41);
	lab_sends(l, ECHO(101, 10000));
}

/* H06 M01 */
Test(tcp_paws, delayed_acknowledgement_echoes_the_first_segment_it_covers)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, AT(10010, .seq = 101, .ack = 1, .len = 10));
	lab_sends(&l, ECHO(111, 10010));
	lab_recv(&l, AT(10020, .seq = 111, .ack = 1, .len = 10));
	lab_recv(&l, AT(10030, .seq = 121, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, ECHO(131, 10020));
	story_end(&l);
}

/* M01: RFC 7323 §4.3 (B), (C) */
Test(tcp_paws, segment_out_of_order_is_not_echoed_and_the_one_that_fills_the_hole_is)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, AT(10010, .seq = 201, .ack = 1, .len = 100));
	lab_sends(&l, ECHO(101, 10000));
	lab_recv(&l, AT(10020, .seq = 301, .ack = 1, .len = 100));
	lab_sends(&l, ECHO(101, 10000));
	lab_recv(&l, AT(10030, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, ECHO(401, 10030));
	story_end(&l);
}

/* M01: R3 of RFC 7323 §5.3 looks at the segment as it came, not at what is new of it */
Test(tcp_paws, segment_that_begins_before_the_last_acknowledgement_is_echoed)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, AT(10005, .seq = 101, .ack = 1, .len = 10));
	lab_sends(&l, ECHO(111, 10005));
	lab_recv(&l, AT(10010, .seq = 111, .ack = 1, .len = 40));
	lab_recv(&l, AT(10020, .seq = 51, .ack = 1, .len = 200));
	lab_run_ms(&l, 41);
	lab_sends(&l, ECHO(251, 10020));
	lab_has_read(&l, 250);
	story_end(&l);
}

/* M02 */
Test(tcp_paws, older_timestamp_is_answered_and_dropped)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, AT(9999, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, ECHO(101, 10000));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	lab_has_read(&l, 100);
	lab_recv(&l, AT(9999, .seq = 101, .ack = 1));
	lab_sends(&l, ECHO(101, 10000));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	lab_recv(&l, AT(10000, .seq = 101, .ack = 1, .len = 100)); /* as old as the last is fine */
	lab_has_read(&l, 200);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end(&l);
}

/* M02: an old acknowledgement does nothing */
Test(tcp_paws, older_timestamp_acknowledges_nothing)
{
	struct lab l;

	begin_at_10000(&l);
	lab_write(&l, 100);
	lab_skip_all(&l);
	lab_recv(&l, AT(9000, .seq = 101, .ack = 101, .wnd = 5));
	lab_skip_all(&l);
	cr_assert_eq(lab_tcp(&l)->snd_una.n, l.our_iss + 1);
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	story_end(&l);
}

/* M02: timestamps go round */
Test(tcp_paws, timestamps_cross_their_wrap)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	lab_tcp(&l)->ts_recent = 0xfffffff0;
	lab_recv(&l, AT(0xffffffff, .seq = 1, .ack = 1, .len = 10));
	lab_recv(&l, AT(5, .seq = 11, .ack = 1, .len = 10));
	lab_has_read(&l, 20);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	lab_recv(&l, AT(0xfffffff0, .seq = 21, .ack = 1, .len = 10));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	lab_skip_all(&l);
	story_end(&l);
}

/* M03: RFC 7323 §3.2 */
Test(tcp_paws, missing_timestamp_is_dropped_in_silence)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, SEG(ACK, .no_ts = true, .seq = 101, .ack = 1, .len = 100));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_NO_TIMESTAMP, 1));
	lab_has_read(&l, 100);
	story_end(&l);
}

/* M03 */
Test(tcp_paws, reset_needs_no_timestamp)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, SEG(RST, .no_ts = true, .seq = 101));
	cr_assert_eq(l.app.err, -ECONNRESET);
	story_end(&l);
}

/* M03: RFC 7323 §5.2, nor a new one */
Test(tcp_paws, reset_with_an_old_timestamp_is_taken)
{
	struct lab l;

	begin_at_10000(&l);
	lab_recv(&l, SEG(RST, .has_ts = true, .tsval = 3, .seq = 101));
	cr_assert_eq(l.app.err, -ECONNRESET);
	story_end(&l);
}

/** The peer makes itself known again. */
static void
introduce(struct lab *l)
{
	uint8_t frame[ETH_HDR_LEN + ARP_LEN];

	eth_write(frame, &(struct eth_hdr){
				 .dst = MAC_BROADCAST, .src = LAB_PEER_MAC, .type = ETH_TYPE_ARP });
	arp_write(frame + ETH_HDR_LEN,
		&(struct arp_msg){
			.op = ARP_REQUEST, .sha = LAB_PEER_MAC, .spa = LAB_PEER, .tpa = LAB_ADDR });
	lab_recv_frame(l, frame, sizeof(frame));
	lab_skip_all(l);
}

/* M04: RFC 7323 §5.5, half of the peer's clock's circle later its timestamps look old */
Test(tcp_paws, idle_of_more_than_24_days_forgets_the_last_timestamp)
{
	const uint32_t later = 10000 + 25u * DAY_MS;
	struct lab l;

	cr_assert_lt((int32_t)(later - 10000), 0);
	begin_at_10000(&l);
	lab_run_ms(&l, 23ull * DAY_MS);
	introduce(&l);
	lab_recv(&l, AT(9000, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, ECHO(101, 10000));
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	lab_run_ms(&l, 2ull * DAY_MS);
	introduce(&l);
	lab_recv(&l, AT(later, .seq = 101, .ack = 1, .len = 100));
	lab_has_read(&l, 200);
	lab_run_ms(&l, 41);
	lab_sends(&l, ECHO(201, later));
	lab_recv(&l, AT(later - 1, .seq = 201, .ack = 1, .len = 100));
	lab_skip_all(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_PAWS, 1));
	story_end(&l);
}

/* M05 H06: a tick is a millisecond, on every segment, from an offset of the connection's own */
Test(tcp_paws, own_clock_ticks_in_milliseconds)
{
	const struct tcp_flow other = { LAB_ADDR, LAB_PEER, LAB_PORT, LAB_PEER_PORT + 1 };
	struct lab l;
	uint32_t before;

	begin_at_10000(&l);
	before = l.last.tsval;
	cr_assert_neq(before, (uint32_t)(l.last_at_ns / NS_PER_MS));
	cr_assert_neq(
		tcp_numbers_of(&l.core->stack.tcp, &other, 0).ts_offset, lab_tcp(&l)->ts_offset);
	lab_run_ms(&l, 1000);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 101, .len = 10, .has_ts = true));
	cr_assert_geq(l.last.tsval - before, 1000);
	cr_assert_leq(l.last.tsval - before, 1001);
	story_end(&l);
}

/* M06: nor does what stands where an acknowledgement would, be both as if all had arrived after 100 ms */
Test(tcp_paws, echo_without_ack_means_nothing)
{
	struct lab l;
	uint64_t srtt;

	begin_at_10000(&l);
	srtt = lab_tcp(&l)->srtt_ns;
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 101, .len = 10));
	lab_run_ms(&l, 100);
	lab_recv(&l, SEG(NONE, .seq = 101, .ack = 11, .has_ts = true, .tsval = 10001,
			     .tsecr = l.last_tsval));
	lab_dropped(&l, DROPPED(DROP_TCP_NO_ACK, 1));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->srtt_ns, srtt);
	cr_assert_eq(tcp_flight(lab_tcp(&l)), 10);
	story_end(&l);
}

/* M06: and a SYN that crosses ours, whatever it seems to echo */
Test(tcp_paws, echo_of_a_crossing_syn_means_nothing)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l);
	lab_run_ms(&l, 100);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_ts = true, .tsval = 10000,
			     .tsecr = l.last_tsval));
	lab_state_is(&l, TCP_ST_SYN_RECEIVED);
	cr_assert_eq(lab_tcp(&l)->srtt_ns, 0);
	lab_skip_all(&l);
	lab_close(&l);
}

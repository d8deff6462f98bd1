/* SPDX-License-Identifier: BSD-3-Clause */

/* What a core records for a capture file: which octets, with which reason, and what when it is full. */

#include <string.h>

#include "dev/capture.h"
#include "rig.h"
#include "wire/cksum.h"
#include "wire/ipv4.h"

enum { RING_LEN = 4096 };

static struct rig rig;
static struct capture *capture;

static void
setup(void)
{
	rig_init(&rig, 64);
	cr_assert_eq(capture_create(RING_LEN, UINT16_MAX, NULL, NULL, &capture), 0);
	rig.env.capture = capture;
}

static void
teardown(void)
{
	capture_destroy(capture);
	rig_fini(&rig);
}

TestSuite(capture, .init = setup, .fini = teardown);

/** A frame of @len comes in by port 3 at 7 ns. */
static void
comes(struct rte_mbuf *m)
{
	capture_frames(&rig.env, 3, &m, 1, false, 7);
}

static void
turn_ends(void)
{
	capture_publish(&rig.env);
}

/** The next record: taken; its octets are those of packet @n. */
static struct capture_record
take(uint32_t n)
{
	const struct capture_record *r = capture_peek(capture);
	struct capture_record copy;

	cr_assert_not_null(r);
	for (uint32_t i = 0; i < r->cap_len; i++)
		cr_assert_eq(((const uint8_t *)(r + 1))[i], rig_octet(n, i), "octet %u", i);
	copy = *r;
	capture_release(capture, r);
	return copy;
}

Test(capture, a_frame_is_shown_at_the_end_of_its_turn)
{
	struct rte_mbuf *m = rig_packet(&rig, 1, 100);
	struct capture_record r;

	comes(m);
	cr_expect_null(capture_peek(capture));
	turn_ends();
	r = take(1);
	cr_expect_eq(r.len, 100);
	cr_expect_eq(r.port, 3);
	cr_expect_eq(r.time_ns, 7);
	cr_expect_eq(r.why, DROP_NONE);
	cr_expect_not(r.is_out);
	cr_expect_null(capture_peek(capture));
	cr_expect_eq(rig.env.stats[STAT_CAPTURED], 1);
	pkt_release(m);
}

Test(capture, a_chain_is_recorded_in_one_piece)
{
	struct rte_mbuf *m = rig_chain(&rig, 2, 1000, 101);

	comes(m);
	turn_ends();
	cr_expect_eq(take(2).cap_len, 1000);
	pkt_release(m);
}

Test(capture, frames_are_cut_to_the_length_that_was_asked_for)
{
	struct rte_mbuf *m = rig_packet(&rig, 1, 100);
	struct capture_record r;

	capture->snap_len = 60;
	comes(m);
	turn_ends();
	r = take(1);
	cr_expect_eq(r.cap_len, 60);
	cr_expect_eq(r.len, 100);
	pkt_release(m);
}

Test(capture, a_frame_that_is_dropped_says_why)
{
	struct rte_mbuf *m[2] = { rig_packet(&rig, 1, 60), rig_packet(&rig, 2, 60) };

	comes(m[0]);
	comes(m[1]);
	drop(&rig.env, m[0], DROP_UDP_NO_PORT);
	turn_ends();
	cr_expect_eq(take(1).why, DROP_UDP_NO_PORT);
	cr_expect_eq(take(2).why, DROP_NONE);
	pkt_release(m[1]);
	cr_expect_eq(rig.env.drops[DROP_UDP_NO_PORT], 1);
}

Test(capture, of_a_buffer_that_came_twice_in_a_turn_the_last_frame_is_meant)
{
	struct rte_mbuf *m = rig_packet(&rig, 1, 60);

	comes(m);
	comes(m);
	drop(&rig.env, m, DROP_ETH_TYPE);
	turn_ends();
	cr_expect_eq(take(1).why, DROP_NONE);
	cr_expect_eq(take(1).why, DROP_ETH_TYPE);
}

Test(capture, a_drop_in_a_later_turn_marks_nothing)
{
	struct rte_mbuf *m = rig_packet(&rig, 1, 60);

	comes(m);
	turn_ends();
	drop(&rig.env, m, DROP_IP_REASS_TIMEOUT);
	turn_ends();
	cr_expect_eq(take(1).why, DROP_NONE);
	cr_expect_null(capture_peek(capture));
}

static bool
is_odd(const void *filter, const uint8_t *frame, uint32_t cap_len, uint32_t len)
{
	cr_expect_eq(filter, &rig);
	cr_expect_eq(cap_len, len);
	return frame[0] % 2 == 1;
}

Test(capture, what_is_not_wanted_is_not_recorded)
{
	capture->wants = is_odd;
	capture->filter = &rig;
	for (uint32_t n = 0; n < 6; n++) {
		struct rte_mbuf *m = rig_chain(&rig, n, 60, 7);

		comes(m);
		pkt_release(m);
	}
	turn_ends();
	for (uint32_t n = 1; n < 6; n += 2)
		take(n);
	cr_expect_null(capture_peek(capture));
}

/* The ring goes round many times, with frames of all lengths: in order, whole, none missing. */
Test(capture, the_ring_goes_round)
{
	for (uint32_t n = 0; n < 5000; n++) {
		struct rte_mbuf *m = rig_packet(&rig, n, (uint16_t)(4 + n * 37 % 1400));

		comes(m);
		turn_ends();
		cr_expect_eq(take(n).len, m->pkt_len);
		pkt_release(m);
	}
	cr_expect_eq(rig.env.stats[STAT_CAPTURE_LOST], 0);
}

Test(capture, what_finds_no_room_is_lost_and_counted_and_the_rest_is_right)
{
	unsigned n_shown = 0;

	for (uint32_t n = 0; n < 20; n++) {
		struct rte_mbuf *m = rig_packet(&rig, n, 500);

		comes(m);
		pkt_release(m);
	}
	turn_ends();
	while (capture_peek(capture) != NULL)
		take(n_shown++);
	cr_expect_eq(n_shown, 7, "%u of 548 octets fit", n_shown);
	cr_expect_eq(rig.env.stats[STAT_CAPTURE_LOST], 13);
	cr_expect_eq(capture->n_lost, 13);
	cr_expect_eq(rig.env.stats[STAT_CAPTURED], 7);
}

/** An IPv4 packet of UDP or TCP, with the seeds that a port wants. @l2_len octets stand in front. */
static struct rte_mbuf *
unfinished(uint8_t proto, uint16_t l2_len)
{
	struct rte_mbuf *m = rig_packet(&rig, 0, (uint16_t)(l2_len + 20 + 31));
	uint8_t *p = rte_pktmbuf_mtod_offset(m, uint8_t *, l2_len);
	const struct ipv4_hdr h = {
		.src = 0xc6120002, .dst = 0xc6120001, .total_len = 51, .ttl = 64, .proto = proto
	};
	uint16_t seed = cksum_fold_seed(cksum_pseudo4(h.src, h.dst, proto, 31));

	ipv4_write(p, &h, false);
	memcpy(p + 20 + (proto == IP_PROTO_TCP ? 16 : 6), &seed, sizeof(seed));
	m->l2_len = l2_len & 0x7fu;
	m->l3_len = 20;
	m->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
		      (proto == IP_PROTO_TCP ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_UDP_CKSUM);
	return m;
}

/** In the record both checksums are right. */
static void
is_finished(const struct capture_record *r, uint8_t proto, uint16_t l2_len)
{
	const uint8_t *p = (const uint8_t *)(r + 1) + l2_len;
	uint32_t sum = cksum_pseudo4(0xc6120002, 0xc6120001, proto, 31);

	cr_expect_eq(cksum_fold(cksum_add(0, p, 20)), 0);
	cr_expect_eq(cksum_fold(cksum_add(sum, p + 20, 31)), 0);
}

Test(capture, checksums_that_the_port_fills_in_are_right_in_the_record)
{
	static const uint8_t protos[] = { IP_PROTO_TCP, IP_PROTO_UDP };

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *m = unfinished(protos[i], 14);
		const struct capture_record *r;

		capture_frames(&rig.env, 0, &m, 1, true, 1);
		turn_ends();
		r = capture_peek(capture);
		cr_assert_not_null(r);
		cr_expect(r->is_out);
		is_finished(r, protos[i], 14);
		capture_release(capture, r);
		pkt_release(m);
	}
}

Test(capture, a_packet_that_never_gets_a_frame_is_recorded_where_it_ends)
{
	const struct capture_record *r;

	drop(&rig.env, unfinished(IP_PROTO_UDP, 0), DROP_NEIGH_FAILED);
	turn_ends();
	r = capture_peek(capture);
	cr_assert_not_null(r);
	cr_expect_eq(r->port, CAPTURE_UNSENT);
	cr_expect_eq(r->why, DROP_NEIGH_FAILED);
	is_finished(r, IP_PROTO_UDP, 0);
}

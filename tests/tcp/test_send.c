/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending: segmentation, Nagle, PSH, the send queue, and octets that leave again. */

#include "peer.h"

enum { MSS = 1460, MSS_TS = 1448 };

/* H02 J07: full segments, and PSH on the one that empties the queue */
Test(tcp_send, text_leaves_in_full_segments_the_last_with_psh)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 3 * MSS + 7);
	for (uint32_t at = 1; at < 3 * MSS; at += MSS)
		lab_sends(&l, SEG(ACK, .seq = at, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2 * MSS + 1));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 3 * MSS + 1));
	lab_sends(&l, SEG(PSH, .seq = 3 * MSS + 1, .ack = 1, .len = 7));
	story_end(&l);
}

/* H02: RFC 6691, options count */
Test(tcp_send, timestamps_make_segments_smaller)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	lab_write(&l, 2 * MSS_TS);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS_TS, .has_ts = true));
	lab_sends(&l, SEG(PSH, .seq = 1 + MSS_TS, .ack = 1, .len = MSS_TS, .has_ts = true));
	story_end(&l);
}

/* H02: and SACK blocks while there are any: no frame exceeds the MTU */
Test(tcp_send, sack_blocks_make_segments_smaller)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	for (uint32_t i = 1; i <= 4; i++)
		lab_recv(&l, SEG(ACK, .seq = 1 + 200 * i, .ack = 1, .len = 100));
	lab_skip_all(&l);
	lab_write(&l, 2 * MSS_TS);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS_TS - 28, .n_sack = 3,
			      .sack = { { 801, 901 }, { 601, 701 }, { 401, 501 } }));
	lab_sends(&l, SEG(ACK, .seq = 1 + MSS_TS - 28, .ack = 1, .len = MSS_TS - 28));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 200));
	lab_skip_all(&l);
	story_end(&l);
}

/* J06 */
Test(tcp_send, nagle_holds_a_small_tail_until_the_acknowledgement)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_write(&l, 10);
	lab_write(&l, 10);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_sends(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 20));
	lab_write(&l, MSS); /* a full one need not wait */
	lab_sends(&l, SEG(PSH, .seq = 31, .ack = 1, .len = MSS));
	story_end(&l);
}

/* J06 */
Test(tcp_send, nodelay_sends_small_segments_at_once)
{
	struct lab l;
	int value;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_get(l.conn, BARO_TCP_NODELAY, &value), 0);
	cr_assert_eq(value, 0);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_write(&l, 10);
	lab_sends_nothing(&l);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_NODELAY, 1), 0);
	lab_poll(&l); /* what waits leaves now */
	lab_sends(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 21, .ack = 1, .len = 10));
	story_end(&l);
}

/* J06 */
Test(tcp_send, nodelay_can_be_the_default)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.nodelay = BARO_ON }, LAB_PLAIN);
	lab_write(&l, 10);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	story_end(&l);
}

Test(tcp_send, cork_lets_only_full_segments_out)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_run_ms(&l, 200000); /* longer idle than the user timeout */
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_CORK, 1), 0);
	lab_write(&l, 1000);
	lab_sends_nothing(&l);
	lab_write(&l, 1000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	lab_sends_nothing(&l);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_CORK, 0), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1 + MSS, .ack = 1, .len = 2000 - MSS));
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_CORK, 2), -EINVAL);
	story_end(&l);
}

Test(tcp_send, what_is_corked_leaves_after_a_while_or_with_the_fin)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_CORK, 1), 0);
	lab_write(&l, 100);
	lab_run_ms(&l, 199);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_write(&l, 100);
	lab_sends_nothing(&l);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH_FIN, .seq = 101, .ack = 1, .len = 100));
	story_end(&l);
}

/* J13 */
Test(tcp_send, full_queue_says_so_and_tells_when_there_is_room)
{
	static uint8_t octets[20000];
	struct lab l;
	size_t room;

	story_begin(&l, &(struct baro_config){ .tcp.snd_buf = 10000 }, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 2 * MSS));
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = lab_octet(i);
	cr_assert_eq(baro_conn_send_room(l.conn), 10000);
	cr_assert_eq(baro_conn_send(l.conn, octets, sizeof(octets)), 10000);
	cr_assert_eq(baro_conn_send_queued(l.conn), 10000);
	cr_assert_eq(baro_conn_send_room(l.conn), 0);
	cr_assert_eq(baro_conn_send(l.conn, octets, 1), -EAGAIN);
	cr_assert_null(baro_conn_reserve(l.conn, &room));
	lab_poll(&l);
	lab_skip_all(&l);
	cr_assert_eq(l.app.n_writable, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS, .wnd = 2 * MSS));
	cr_assert_eq(l.app.n_writable, 0, "not for less than a quarter");
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 2 * MSS, .wnd = 2 * MSS));
	cr_assert_eq(l.app.n_writable, 1);
	cr_assert_eq(baro_conn_send_room(l.conn), 2 * MSS);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 3 * MSS, .wnd = 2 * MSS));
	cr_assert_eq(l.app.n_writable, 1, "once");
	lab_skip_all(&l);
	story_end(&l);
}

/* J13: however few buffers there are */
Test(tcp_send, room_told_is_room_given)
{
	static uint8_t octets[1 << 20];
	struct rand r;
	struct lab l;

	rand_seed(&r, 1);
	for (int i = 0; i < 30; i++) {
		const struct baro_config config = { .core.mbufs = 512 + rand_below(&r, 4000),
			.tcp.snd_buf = 4096 + rand_below(&r, 1 << 20) };
		uint32_t first;
		uint32_t room;

		story_begin(&l, &config, LAB_PLAIN);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
		room = (uint32_t)baro_conn_send_room(l.conn);
		first = rand_below(&r, room);
		cr_assert_eq(baro_conn_send(l.conn, octets, first), (ssize_t)first);
		cr_assert_eq(baro_conn_send_room(l.conn), room - first);
		cr_assert_eq(baro_conn_send(l.conn, octets, sizeof(octets)), room - first);
		cr_assert_eq(baro_conn_send_room(l.conn), 0);
		story_end_clean(&l);
	}
}

/* Reservations in place are the same octets. */
Test(tcp_send, reserved_room_is_sent_as_far_as_it_is_committed)
{
	struct lab l;
	struct peer *p = peer_of(&l, 1);
	uint32_t at = 0;

	story_begin(&l, NULL, LAB_PLAIN);
	for (int i = 0; i < 40; i++) {
		size_t room = 0;
		uint8_t *to = baro_conn_reserve(l.conn, &room);
		uint32_t len;

		cr_assert_not_null(to);
		cr_assert_geq(room, 1);
		len = min_u32((uint32_t)room, 1 + 37u * (uint32_t)i);
		for (uint32_t n = 0; n < room; n++)
			to[n] = n < len ? lab_octet(at + n) : 0xee;
		if (i % 5 == 4) /* thought better of it */
			continue;
		baro_conn_commit(l.conn, len);
		at += len;
		if (i % 3 == 0)
			lab_poll(&l);
	}
	peer_drain(p);
	cr_assert_eq(p->nxt, at + 1);
	story_end_clean(&l);
}

/** What the application writes, and by how much it is acknowledged: any size and any order. */
static void
write_and_ack(struct lab *l, uint64_t seed, uint32_t longest)
{
	struct peer *p = peer_of(l, seed);
	struct rand r;
	uint32_t written = 0;

	rand_seed(&r, seed);
	p->loss_percent = 10;
	p->way_ms = 1;
	for (int i = 0; i < 1500 && written < 900000; i++) {
		uint32_t len = min_u32(
			1 + rand_below(&r, longest), (uint32_t)baro_conn_send_room(l->conn));

		if (rand_below(&r, 3) != 0 && len != 0) {
			lab_write(l, len);
			written += len;
		}
		if (rand_below(&r, 8) == 0)
			baro_conn_set(l->conn, BARO_TCP_NODELAY, (int)rand_below(&r, 2));
		if (rand_below(&r, 30) == 0)
			lab_run_ms(l, 200); /* all that is in flight leaves again */
		peer_take(p);
		if (rand_below(&r, 2) == 0)
			peer_answer(p);
	}
	while (p->nxt <= written) {
		lab_run_ms(l, 100);
		peer_take(p);
		peer_answer(p);
	}
	cr_assert_eq(p->nxt, written + 1);
}

/* K05: whatever range leaves again has the right octets, copied (up to 256) or referred to */
Test(tcp_send, octets_are_right_whatever_is_sent_again)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		lab_open(&l, NULL);
		lab_establish(&l, LAB_PLAIN);
		write_and_ack(&l, seed, seed % 3 == 0 ? 40 : seed % 3 == 1 ? 700 : 5000);
		lab_dropped_nothing(&l);
		story_end_clean(&l);
	}
}

/* K05: acknowledged up to any octet, the rest leaves again from there */
Test(tcp_send, any_sub_range_can_be_sent_again)
{
	static const uint32_t acked[] = { 1, 2, 100, 255, 256, 257, 1000, 1204, 1205, 1459 };
	struct lab l;

	for (unsigned i = 0; i < sizeof(acked) / sizeof(acked[0]); i++) {
		story_begin(&l, NULL, LAB_PLAIN);
		lab_write(&l, 2 * MSS);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + acked[i], .wnd = 900));
		lab_run_ms(&l, 201);
		lab_sends(&l, SEG(ACK, .seq = 1 + acked[i], .ack = 1,
				      .len = min_u32(900, MSS - acked[i])));
		lab_skip_all(&l);
		story_end(&l);
	}
}

/** Hours pass, and the peer is still known. */
static const struct baro_config patient = { .neighbour.stale_ns = 24 * 3600 * NS_PER_SEC };

/* F10 */
Test(tcp_send, bulk_crosses_the_wrap)
{
	struct lab l;

	lab_open(&l, &patient);
	story_wait_for_iss(&l, 0xffff8000);
	lab_establish(&l, LAB_PLAIN);
	cr_assert_leq(l.our_iss - 0xffff8000u, 2);
	peer_gets(peer_of(&l, 1), 500000);
	cr_assert_lt(lab_tcp(&l)->snd_una.n, 500000);
	story_end_clean(&l);
}

/* F10: with loss exactly there */
Test(tcp_send, loss_at_the_wrap_is_repaired)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct peer *p;

		lab_open(&l, &patient);
		story_wait_for_iss(&l, 0xffffc000);
		lab_establish(&l, LAB_WITH_TS);
		p = peer_of(&l, seed);
		p->loss_percent = 15;
		peer_gets(p, 60000);
		story_end_clean(&l);
	}
}

/* one turn sends at most so much of one connection, and the next goes on */
Test(tcp_send, a_large_window_is_filled_in_several_turns)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.notsent_lowat = 140 * MSS }, LAB_WITH_WSCALE);
	lab_tcp(&l)->cwnd = 200 * MSS;
	lab_write(&l, 140 * MSS);
	lab_run_ms(&l, 1);
	for (uint32_t i = 0; i < 140; i++)
		lab_sends(&l, i < 139 ? SEG(ACK, .seq = 1 + i * MSS, .ack = 1, .len = MSS)
				      : SEG(PSH, .seq = 1 + i * MSS, .ack = 1, .len = MSS));
	story_end(&l);
}

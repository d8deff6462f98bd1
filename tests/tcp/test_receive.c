/* SPDX-License-Identifier: BSD-3-Clause */
/* Receiving: RFC 9293 §3.10.7.4, seventh and eighth step; RFC 5681 §4.2; RFC 2018. */

#include "story.h"

enum { MSS = 1460 };

static const struct baro_config small_window = { .tcp.rcv_buf = 4096 };

/** The window of 4096 octets is full, and the application does not read. */
static void
fill_window(struct lab *l)
{
	l->app.reads = false;
	for (uint32_t at = 1; at < 4097; at += 1024)
		lab_queue(l, SEG(ACK, .seq = at, .ack = 1, .len = 1024));
	lab_poll(l);
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
}

/* I01 */
Test(tcp_receive, segment_beyond_the_window_is_answered_and_not_taken)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 4097, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 4096));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_SEQ, 1));
	lab_recv(&l, SEG(ACK, .seq = 0x70000000, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_SEQ, 1));
	lab_has_read(&l, 0);
	story_end(&l);
}

/* I01 */
Test(tcp_receive, segment_before_the_window_is_answered_and_not_taken)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 200));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 201));
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 201));
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	lab_has_read(&l, 200);
	story_end(&l);
}

/* I01 */
Test(tcp_receive, of_a_segment_that_begins_before_the_window_the_rest_is_taken)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 51, .ack = 1, .len = 100));
	lab_has_read(&l, 150);
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 151));
	lab_recv(&l, SEG(FIN, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 202));
	lab_has_read(&l, 200);
	cr_assert(l.app.is_eof);
	story_end(&l);
}

/* I01 */
Test(tcp_receive, of_a_segment_that_ends_beyond_the_window_the_first_part_is_taken)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	l.app.reads = false;
	lab_recv(&l, SEG(FIN, .seq = 3901, .ack = 1, .len = 500));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	for (uint32_t at = 1; at < 3901; at += 1300)
		lab_queue(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1300));
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	cr_assert_eq(baro_conn_recv_queued(l.conn), 4096);
	lab_state_is(&l, TCP_ST_ESTABLISHED); /* the FIN was beyond */
	story_end(&l);
}

/* I02 */
Test(tcp_receive, lone_segment_is_acknowledged_within_40_ms)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	since = l.now_ns;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_run_ms(&l, 39);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101));
	cr_assert_leq(l.last_at_ns - since, 41 * NS_PER_MS);
	lab_run_ms(&l, 5000);
	story_end(&l);
}

/* I02 */
Test(tcp_receive, delay_of_acknowledgements_is_a_setting)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.delayed_ack_ns = 200 * NS_PER_MS }, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_run_ms(&l, 199);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 2);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101));
	story_end(&l);
}

/* I03 */
Test(tcp_receive, every_second_full_segment_is_acknowledged_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 0; i < 10; i += 2) {
		lab_recv(&l, SEG(ACK, .seq = 1 + MSS * i, .ack = 1, .len = MSS));
		lab_sends_nothing(&l);
		lab_recv(&l, SEG(ACK, .seq = 1 + MSS * (i + 1), .ack = 1, .len = MSS));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS * (i + 2)));
	}
	lab_has_read(&l, 10 * MSS);
	story_end(&l);
}

/* I04: one for each of them, also when a burst brings them */
Test(tcp_receive, each_segment_out_of_order_is_answered_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (uint32_t i = 1; i <= 3; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .no_sack = true));
		lab_sends_nothing(&l);
	}
	for (uint32_t i = 4; i <= 6; i++)
		lab_queue(&l, SEG(ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100));
	lab_poll(&l);
	for (uint32_t i = 4; i <= 6; i++)
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_OUT_OF_ORDER), 6);
	lab_has_read(&l, 0);
	story_end(&l);
}

/* I04 */
Test(tcp_receive, segment_that_fills_a_hole_is_acknowledged_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 301, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 50)); /* not even all of it */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 51));
	lab_recv(&l, SEG(ACK, .seq = 51, .ack = 1, .len = 50));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 201));
	lab_recv(&l, SEG(ACK, .seq = 201, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 401));
	lab_has_read(&l, 400);
	story_end(&l);
}

/** Any pieces of a stream of @total octets, until all of it has been taken. */
static void
send_shuffled(struct lab *l, uint64_t seed, uint32_t total)
{
	struct rand r;

	rand_seed(&r, seed);
	for (int i = 0; l->app.len < total; i++) {
		uint32_t at = (uint32_t)l->app.len;
		uint32_t len = 1 + rand_below(&r, 1448);

		if (rand_below(&r, 4) != 0)
			at += rand_below(&r, 9000);
		at -= min_u32(at, rand_below(&r, 2000));
		if (at >= total)
			continue;
		lab_queue(l, SEG(ACK, .seq = 1 + at, .ack = 1, .len = min_u32(len, total - at)));
		if (rand_below(&r, 3) == 0) {
			lab_poll(l);
			lab_skip_all(l);
		}
		cr_assert_lt(i, 1000000);
	}
	lab_poll(l);
	lab_skip_all(l);
}

/* I05 F10 */
Test(tcp_receive, any_order_overlap_and_duplication_gives_each_octet_once)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 6; seed++) {
		lab_open(&l, NULL);
		l.peer_iss = seed % 2 ? 0xffffc000 : 77;
		lab_establish(&l, seed % 3 == 0 ? LAB_WITH_ALL : LAB_PLAIN);
		send_shuffled(&l, seed, 200000);
		lab_has_read(&l, 200000);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 200001));
		story_end_clean(&l);
	}
}

/* I06 */
Test(tcp_receive, sack_tells_the_latest_arrival_first)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_SACK);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 1, .sack = { { 101, 201 } }));
	lab_recv(&l, SEG(ACK, .seq = 501, .ack = 1, .len = 100));
	lab_sends(&l,
		SEG(ACK, .seq = 1, .ack = 1, .n_sack = 2, .sack = { { 501, 601 }, { 101, 201 } }));
	lab_recv(&l, SEG(ACK, .seq = 301, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 3,
			      .sack = { { 301, 401 }, { 501, 601 }, { 101, 201 } }));
	lab_recv(&l, SEG(ACK, .seq = 601, .ack = 1, .len = 100)); /* grows a block */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 3,
			      .sack = { { 501, 701 }, { 301, 401 }, { 101, 201 } }));
	lab_recv(&l, SEG(ACK, .seq = 901, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .n_sack = 4,
			      .sack = { { 901, 1001 }, { 501, 701 }, { 301, 401 }, { 101, 201 } }));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100)); /* only what is above the ACK */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 201, .n_sack = 3,
			      .sack = { { 901, 1001 }, { 501, 701 }, { 301, 401 } }));
	lab_recv(&l, SEG(ACK, .seq = 201, .ack = 1, .len = 700));
	/* nothing above it any more, but what came twice: I07 */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001, .n_sack = 1, .sack = { { 301, 401 } }));
	lab_has_read(&l, 1000);
	story_end(&l);
}

/* I06 M01: timestamps leave room for three blocks; what is out of order is not echoed */
Test(tcp_receive, three_sack_blocks_beside_timestamps)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_ALL);
	for (uint32_t i = 1; i <= 4; i++)
		lab_recv(&l, SEG(ACK, .seq = 1 + 200 * i, .ack = 1, .len = 100, .has_ts = true,
				     .tsval = 9000 + i, .tsecr = 1));
	for (uint32_t i = 1; i <= 3; i++)
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .has_ts = true, .n_sack = 3,
			      .sack = { { 801, 901 }, { 601, 701 }, { 401, 501 } }));
	cr_assert_lt(l.last.tsecr, 9000);
	story_end(&l);
}

/* I11 */
Test(tcp_receive, full_buffer_closes_the_window_and_reading_opens_it)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	l.app.reads = false;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1400));
	lab_recv(&l, SEG(ACK, .seq = 1401, .ack = 1, .len = 1400));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2801, .wnd = 1296));
	lab_recv(&l, SEG(PSH, .seq = 2801, .ack = 1, .len = 1296));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	lab_recv(&l, SEG(ACK, .seq = 4097, .ack = 1, .len = 1)); /* probe */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	lab_recv(&l, SEG(ACK, .seq = 4096, .ack = 1)); /* probe of another kind */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	lab_dropped(&l, DROPPED(DROP_TCP_SEQ, 1));
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 3000), 3000);
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd = 3000));
	story_end(&l);
}

/* I11: nobody waits for it yet, but half of the buffer is worth a word */
Test(tcp_receive, reading_half_of_the_buffer_is_told_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	l.app.reads = false;
	for (uint32_t at = 1; at < 1 + 40000; at += 1000)
		lab_queue(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1000));
	lab_poll(&l);
	lab_run_ms(&l, 50);
	while (lab_next(&l, &(struct lab_seg){ 0 }))
		;
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, LAB_WND / 2 - 1), LAB_WND / 2 - 1);
	lab_poll(&l);
	lab_sends_nothing(&l); /* an octet short of it */
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 1), 1);
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 40001, .wnd = LAB_WND - 40000 + LAB_WND / 2));
	lab_sends_nothing(&l);
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, LAB_DATA_MAX), 40000 - LAB_WND / 2);
	story_end(&l);
}

/* I10 */
Test(tcp_receive, window_is_not_opened_in_small_steps)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	fill_window(&l);
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 1459), 1459);
	lab_poll(&l);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 4097, .ack = 1, .len = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd_is_zero = true));
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 1), 1);
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd = 1460));
	story_end(&l);
}

/* I10: a segment is what the peer sends, which may be larger than what it takes */
Test(tcp_receive, window_opens_by_segments_of_the_peers_size)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	lab_tcp(&l)->mss = 88; /* as if it had asked for so little */
	fill_window(&l);
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 1000), 1000);
	lab_poll(&l);
	lab_sends_nothing(&l);
	cr_assert_eq(baro_conn_recv(l.conn, l.app.data, 24), 24);
	lab_poll(&l);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 4097, .wnd = 1024));
	story_end(&l);
}

/* I01: what the field could not say was not announced, however large the buffer */
Test(tcp_receive, window_taken_is_the_window_told)
{
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.rcv_buf = 1 << 20 }, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101, .wnd = 65435));
	lab_recv(&l, SEG(ACK, .seq = 101 + 65435, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101, .wnd = 65435));
	lab_dropped(&l, DROPPED(DROP_TCP_SEQ, 1));
	lab_recv(&l, SEG(ACK, .seq = 1 + 65435, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101, .wnd = 65435));
	story_end(&l);
}

/* I12 */
Test(tcp_receive, at_a_closed_window_acknowledgements_still_count)
{
	struct lab l;

	story_begin(&l, &small_window, LAB_PLAIN);
	fill_window(&l);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 4097, .len = 100, .wnd_is_zero = true));
	lab_recv(&l, SEG(URG, .seq = 4097, .ack = 101, .len = 10, .wnd = 5000, .urg = 10));
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 4097, .wnd_is_zero = true));
	cr_assert_eq(lab_tcp(&l)->snd_una.n, l.our_iss + 101);
	cr_assert_eq(lab_tcp(&l)->snd_wnd, 5000);
	cr_assert_eq(baro_conn_recv_queued(l.conn), 4096);
	lab_recv(&l, SEG(RST, .seq = 4097));
	cr_assert_eq(l.app.n_closed, 1);
	cr_assert_eq(l.app.err, -ECONNRESET);
	story_end(&l);
}

/* I13 O09 */
Test(tcp_receive, fin_behind_a_hole_waits_for_the_hole)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(FIN, .seq = 101, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_assert(!l.app.is_eof);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 201, .ack = 1, .len = 10)); /* beyond the FIN */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_AFTER_FIN, 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 202));
	lab_has_read(&l, 200);
	cr_assert(l.app.is_eof);
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	story_end(&l);
}

/* I13: nothing but a FIN comes out of order */
Test(tcp_receive, bare_fin_behind_a_hole_waits_for_the_hole)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(FIN, .seq = 101, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 102));
	lab_has_read(&l, 100);
	cr_assert(l.app.is_eof);
	story_end(&l);
}

/* I14 */
Test(tcp_receive, text_without_psh_is_readable_as_it_arrives)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 7));
	lab_has_read(&l, 7);
	cr_assert_eq(l.app.n_readable, 1);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end(&l);
}

/* J12: RFC 6093 §3 */
Test(tcp_receive, urgent_text_stays_in_line)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(URG, .seq = 1, .ack = 1, .len = 10, .urg = 5));
	lab_recv(&l, SEG(URG, .seq = 11, .ack = 1, .len = 10, .urg = 65535));
	lab_recv(&l, SEG(ACK, .seq = 21, .ack = 1, .len = 10, .urg = 0));
	lab_has_read(&l, 30);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end(&l);
}

/** Watch the window's right edge as the peer sees it: it never moves left. */
static void
watch_edge(struct lab *l, uint32_t *edge)
{
	struct lab_seg got;

	while (lab_next(l, &got)) {
		uint32_t to = got.ack + (got.wnd << lab_tcp(l)->rcv_wscale);

		cr_assert_geq((int32_t)(to - *edge), 0, "the edge moves from %u to %u", *edge, to);
		*edge = to;
	}
	lab_skip_all(l);
}

/** A peer that fills the window as it may, an application that reads by fits and starts. */
static void
fill_and_read(struct lab *l, uint64_t seed, uint32_t total, uint32_t longest)
{
	uint32_t edge = 1;
	uint32_t sent = 0;
	size_t most = 0;
	struct rand r;

	rand_seed(&r, seed);
	l->app.reads = false;
	watch_edge(l, &edge);
	edge = 1 + min_u32(lab_tcp(l)->rcv_buf, LAB_WND);
	while (l->app.len < total) {
		for (uint32_t n = rand_below(&r, 20); n != 0; n--) {
			uint32_t room = edge - 1 - sent;
			uint32_t len =
				min_u32(min_u32(1 + rand_below(&r, longest), room), total - sent);

			if (len == 0)
				break;
			lab_queue(l, SEG(ACK, .seq = 1 + sent, .ack = 1, .len = len));
			sent += len;
		}
		lab_run_ms(l, rand_below(&r, 50));
		if (baro_conn_recv_queued(l->conn) > most)
			most = baro_conn_recv_queued(l->conn);
		if (rand_below(&r, 3) == 0) {
			ssize_t n = baro_conn_recv(l->conn, l->app.data + l->app.len,
				rand_below(&r, 3 * l->core->stack.tcp.common.rcv_buf / 2));

			l->app.len += n > 0 ? (size_t)n : 0;
			lab_poll(l);
		}
		watch_edge(l, &edge);
	}
	lab_has_read(l, total);
	cr_assert_leq(
		most, lab_tcp(l)->rcv_buf / 8 * 9 + MSS, "more is queued than the buffer takes");
}

/* I09 I10 I11 I15 */
Test(tcp_receive, right_edge_never_moves_left)
{
	struct baro_config config = { .tcp.rcv_buf = 60000 };
	struct lab l;

	for (uint64_t seed = 1; seed <= 4; seed++) {
		story_begin(&l, &config, LAB_PLAIN);
		fill_and_read(&l, seed, 600000, MSS);
		story_end_clean(&l);
		config.tcp.rcv_buf =
			250000; /* with a scale of 2: the field cannot say every window */
		story_begin(&l, &config, LAB_WITH_WSCALE);
		fill_and_read(&l, seed, 900000, MSS);
		story_end_clean(&l);
	}
}

/* I15: a scaled window cannot be told to the octet; small segments must not live on the difference */
Test(tcp_receive, tiny_segments_do_not_outgrow_the_receive_buffer)
{
	const struct baro_config config = { .tcp.rcv_buf = 8 << 20, .core.mbufs = 16384 };
	struct lab_seg got = { .flags = 0 };
	uint32_t wnd = 70000;
	uint32_t sent = 0;
	struct lab l;

	story_begin(&l, &config, LAB_WITH_WSCALE);
	l.app.reads = false;
	cr_assert_eq(lab_tcp(&l)->rcv_wscale, 8);
	lab_tcp(&l)->rcv_buf = 100000; /* as if all the rest were filled */
	lab_tcp(&l)->rcv_adv = seq_add(lab_tcp(&l)->rcv_nxt, 70000);
	while (sent < 300000 && wnd != 0) {
		lab_recv(&l, SEG(ACK, .seq = 1 + sent, .ack = 1, .len = min_u32(97, wnd)));
		sent += min_u32(97, wnd);
		while (lab_next(&l, &got))
			wnd = got.wnd << 8;
		lab_skip_all(&l);
		wnd = min_u32(wnd, seq_len(lab_tcp(&l)->rcv_nxt, lab_tcp(&l)->rcv_adv));
	}
	cr_assert_lt(sent, 115000, "%u octets were taken into a buffer of 100000", sent);
	story_end_clean(&l);
}

/* I09: RFC 7323 §2.4, the field seems to take back a rest that it cannot say; the rest is taken still */
Test(tcp_receive, what_was_offered_once_is_taken_though_the_field_cannot_say_it)
{
	const struct baro_config config = { .tcp.rcv_buf = 8 << 20, .core.mbufs = 16384 };
	struct lab_seg got = { .flags = 0 };
	uint32_t nxt = 1;
	uint32_t edge = 0; /* rightmost of those told */
	struct lab l;

	story_begin(&l, &config, LAB_WITH_WSCALE);
	l.app.reads = false;
	lab_tcp(&l)->rcv_buf = 100000; /* as if all the rest were filled */
	lab_tcp(&l)->rcv_adv = seq_add(lab_tcp(&l)->rcv_nxt, 70000);
	while (edge <= got.ack + (got.wnd << 8)) {
		edge = got.ack + (got.wnd << 8);
		cr_assert_lt(nxt, 200000, "the window is never rounded down");
		lab_recv(&l, SEG(ACK, .seq = nxt, .ack = 1, .len = 97));
		nxt += 97;
		while (lab_next(&l, &got))
			;
		lab_skip_all(&l);
	}
	for (uint32_t len; nxt < edge; nxt += len) {
		len = min_u32(1400, edge - nxt);
		lab_recv(&l, SEG(ACK, .seq = nxt, .ack = 1, .len = len));
		lab_skip_all(&l);
	}
	lab_recv(&l, SEG(ACK, .seq = nxt, .ack = 1, .len = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = edge, .wnd_is_zero = true));
	cr_expect_eq(baro_conn_recv_queued(l.conn), edge - 1);
	story_end_clean(&l);
}

/* I15 F10: bulk over the wrap, read as it comes */
Test(tcp_receive, bulk_crosses_the_wrap)
{
	struct lab l;

	lab_open(&l, NULL);
	l.peer_iss = 0xffff0000;
	lab_establish(&l, LAB_WITH_ALL);
	for (uint32_t sent = 0; sent < 700 * 1448; sent += 1448) {
		lab_queue(&l, SEG(ACK, .seq = 1 + sent, .ack = 1, .len = 1448));
		if (sent % (1448 * 7) == 0) {
			lab_poll(&l);
			lab_skip_all(&l);
		}
	}
	lab_run_ms(&l, 50);
	lab_has_read(&l, 700 * 1448);
	cr_assert_eq(lab_tcp(&l)->rcv_nxt.n, l.peer_iss + 1 + 700 * 1448);
	lab_skip_all(&l);
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

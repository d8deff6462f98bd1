/* SPDX-License-Identifier: BSD-3-Clause */
/* Short of memory: counted, nothing breaks, and all goes on when there is some again. */

#include "peer.h"

enum { MSS = 1460, HOARD_MAX = 8192 };

/** Buffers that somebody else has. */
struct hoard {
	struct rte_mbuf *m[HOARD_MAX];
	unsigned n;
};

/** Take all buffers of @pool but @spare. */
static struct hoard *
hoard_all_but(struct rte_mempool *pool, unsigned spare)
{
	static struct hoard h;

	h.n = 0;
	while (h.n < HOARD_MAX && (h.m[h.n] = rte_pktmbuf_alloc(pool)) != NULL)
		h.n++;
	while (spare-- != 0)
		rte_pktmbuf_free(h.m[--h.n]);
	return &h;
}

static void
give_back(struct hoard *h)
{
	while (h->n != 0)
		rte_pktmbuf_free(h->m[--h->n]);
}

/** Drops for this reason, however often it was tried; no other moved. */
static void
dropped_some(struct lab *l, enum drop why)
{
	uint64_t n = l->core->stack.env.drops[why] - l->before.drops[why];

	cr_assert_gt(n, 0);
	lab_dropped(l, DROPPED(why, n));
}

/* R03 J13 */
Test(tcp_memory, without_text_buffers_the_application_waits_and_is_told)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	h = hoard_all_but(l.core->stack.pool.text, 0);
	cr_assert_eq(baro_conn_send(l.conn, "x", 1), -EAGAIN);
	lab_poll(&l);
	lab_run_ms(&l, 1);
	give_back(h);
	lab_run_ms(&l, 1);
	cr_assert_geq(l.app.n_writable, 1);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* R03 */
Test(tcp_memory, without_head_buffers_text_waits)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	h = hoard_all_but(l.core->stack.pool.head, 0);
	lab_write(&l, 5 * MSS);
	lab_run_ms(&l, 1);
	lab_sends_nothing(&l);
	dropped_some(&l, DROP_NO_MBUF);
	give_back(h);
	lab_run_ms(&l, 1);
	for (uint32_t i = 0; i < 4; i++)
		lab_sends(&l, SEG(ACK, .seq = 1 + i * MSS, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(PSH, .seq = 1 + 4 * MSS, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* R03: the header has a buffer, what it refers to the text with has none */
Test(tcp_memory, half_a_segment_is_none)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	h = hoard_all_but(l.core->stack.pool.head, 1);
	lab_write(&l, MSS);
	lab_run_ms(&l, 1);
	lab_sends_nothing(&l);
	dropped_some(&l, DROP_NO_MBUF);
	give_back(h);
	lab_run_ms(&l, 1);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = MSS));
	cr_assert_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
	story_end_clean(&l);
}

/* R03: acknowledgements, single and duplicate */
Test(tcp_memory, acknowledgements_owed_are_sent_later)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	h = hoard_all_but(l.core->stack.pool.head, 0);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 100));
	lab_recv(&l, SEG(ACK, .seq = 201, .ack = 1, .len = 100));
	lab_run_ms(&l, 1);
	lab_sends_nothing(&l);
	dropped_some(&l, DROP_NO_MBUF);
	give_back(h);
	lab_run_ms(&l, 1);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	story_end_clean(&l);
}

/* R03 J03: a probe that could not leave leaves when it can */
Test(tcp_memory, probe_of_a_closed_window_is_not_forgotten)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 10);
	lab_run_ms(&l, 150);
	h = hoard_all_but(l.core->stack.pool.head, 0);
	lab_run_ms(&l, 60);
	lab_sends_nothing(&l);
	dropped_some(&l, DROP_NO_MBUF);
	give_back(h);
	lab_run_ms(&l, 1);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
	cr_assert_eq(lab_stat(&l, STAT_TCP_PROBES), 1);
	story_end_clean(&l);
}

/* R03 K05: nor a retransmission */
Test(tcp_memory, retransmission_is_not_forgotten)
{
	struct hoard *h;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 2 * MSS);
	lab_skip_all(&l);
	h = hoard_all_but(l.core->stack.pool.head, 0);
	lab_run_ms(&l, 250);
	dropped_some(&l, DROP_NO_MBUF);
	give_back(h);
	lab_run_ms(&l, 1);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 2 * MSS));
	lab_sends_nothing(&l);
	cr_assert_eq(lab_tcp(&l)->lost, 0);
	story_end_clean(&l);
}

/* R03: by fits and starts, all arrives */
Test(tcp_memory, bulk_goes_on_through_shortage)
{
	struct peer *p;
	struct lab l;
	uint32_t total = 0;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	p = peer_of(&l, 3);
	p->loss_percent = 3;
	for (int i = 0; i < 60; i++) {
		struct hoard *h;

		if (i % 2 != 0) {
			h = hoard_all_but(l.core->stack.pool.head, rand_below(&p->rand, 4));
			lab_write(&l, 5000);
		} else {
			lab_write(&l, 5000);
			h = hoard_all_but(l.core->stack.pool.text, rand_below(&p->rand, 12));
		}
		total += 5000;
		lab_run_ms(&l, rand_below(&p->rand, 300));
		give_back(h);
		for (int n = 0; n < 4; n++)
			peer_step(p);
	}
	peer_drain(p);
	cr_assert_eq(p->nxt, total + 1);
	dropped_some(&l, DROP_NO_MBUF);
	story_end_clean(&l);
}

/* I08: what tiny segments out of order can tie up is bounded; what was acknowledged stays */
Test(tcp_memory, too_many_pieces_out_of_order_are_refused)
{
	const uint32_t most = 64 + 8192 / 256;
	struct lab l;

	story_begin(&l, &(struct baro_config){ .tcp.rcv_buf = 8192 }, LAB_PLAIN);
	for (uint32_t i = 0; i < most + 10; i++)
		lab_recv(&l, SEG(ACK, .seq = 11 + 2 * i, .ack = 1, .len = 1));
	cr_assert_eq(lab_pending(&l), most + 10, "each is answered");
	lab_skip_all(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_REASS_FULL, 10));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1001));
	lab_has_read(&l, 1000);
	story_end_clean(&l);
}

/* I08: text out of order that nobody takes any more is given back */
Test(tcp_memory, what_is_held_out_of_order_is_given_back)
{
	struct lab l;

	for (int i = 0; i < 3; i++) {
		story_begin(&l, NULL, LAB_WITH_SACK);
		for (uint32_t n = 1; n < 20; n++)
			lab_recv(&l, SEG(ACK, .seq = 1 + 1000 * n, .ack = 1, .len = 700));
		lab_skip_all(&l);
		cr_assert_eq(l.core->stack.tcp.rcv_mbufs, 19);
		if (i == 1)
			lab_recv(&l, SEG(RST, .seq = 1));
		if (i == 2) {
			lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
			lab_recv(&l, SEG(ACK, .seq = 1701, .ack = 1, .len = 300));
			lab_skip_all(&l);
			cr_assert_eq(l.core->stack.tcp.rcv_mbufs, 17);
		}
		story_end_clean(&l);
	}
}

/* I08 I15 R03: many octets for an application that reads nothing */
Test(tcp_memory, received_text_leaves_buffers_for_the_others)
{
	const struct baro_config config = { .core.mbufs = 1024, .tcp.rcv_buf = 1 << 20 };
	struct lab l;
	uint32_t at = 1;

	story_begin(&l, &config, LAB_WITH_WSCALE);
	l.app.reads = false;
	for (uint32_t i = 0; i < 1024 / 8 * 3 / 4 * 3; i++, at += 1000)
		lab_recv(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1000));
	lab_skip_all(&l);
	lab_dropped_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = at));
	lab_recv(&l, SEG(FIN, .seq = at, .ack = 1, .len = 1000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = at));
	lab_dropped(&l, DROPPED(DROP_TCP_NO_MEMORY, 2));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_write(&l, 1000); /* sending is another matter */
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = at, .len = 1000));
	for (unsigned i = 0; i < 4; i++) { /* no duplicate acknowledgements: they came with text */
		lab_recv(&l, SEG(ACK, .seq = at, .ack = 1, .len = 1000));
		lab_sends(&l, SEG(ACK, .seq = 1001, .ack = at));
	}
	lab_sends_nothing(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 0);
	lab_recv(&l, SEG(ACK, .seq = at, .ack = 1001)); /* and so are acknowledgements */
	cr_assert_eq(baro_conn_send_queued(l.conn), 0);
	l.app.reads = true;
	l.app.len = (size_t)baro_conn_recv(l.conn, l.app.data, LAB_DATA_MAX);
	lab_poll(&l);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = at, .ack = 1001, .len = 1000));
	lab_has_read(&l, at - 1 + 1000);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* What the application of the next test was answered, and how often it was called back. */
static ssize_t answer;
static unsigned n_called_back;

static void
answer_request(struct baro_conn *c)
{
	baro_conn_consume(c, baro_conn_recv_queued(c));
	answer = baro_conn_send(c, "answer", 6);
}

static void
answer_later(struct baro_conn *c)
{
	n_called_back++;
	answer = baro_conn_send(c, "answer", 6);
}

static const struct baro_conn_ops answering = {
	.readable = answer_request,
	.writable = answer_later,
};

/* J13 R03: the request is consumed, the answer finds no buffer: it is asked for as soon as there are some */
Test(tcp_memory, answer_without_a_buffer_is_sent_when_there_is_one)
{
	struct lab l;
	struct tcp *tcp;

	story_begin(&l, NULL, LAB_PLAIN);
	tcp = &l.core->stack.tcp;
	baro_conn_set_ops(l.conn, &answering);
	lab_tcp(&l)->quick_acks = 1;          /* the request itself is acknowledged in its turn */
	tcp->snd_mbufs += tcp->max_snd_mbufs; /* others hold them all */
	lab_queue(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	baro_core_poll(l.core, l.now_ns);
	cr_expect_eq(answer, -EAGAIN);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	for (unsigned i = 0; i < 3; i++) {
		l.now_ns += NS_PER_MS;
		baro_core_poll(l.core, l.now_ns);
	}
	cr_expect_eq(answer, -EAGAIN);
	cr_expect_eq(n_called_back, 0);
	lab_sends_nothing(&l);
	tcp->snd_mbufs -= tcp->max_snd_mbufs;
	lab_run_ms(&l, 1);
	cr_expect_eq(answer, 6);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .data = "answer"));
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 7));
	story_end_clean(&l);
}

/* I15: small segments share buffers */
Test(tcp_memory, many_small_segments_take_few_buffers)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	l.app.reads = false;
	for (uint32_t i = 0; i < 2000; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 20 * i, .ack = 1, .len = 20));
		lab_skip_all(&l);
	}
	cr_assert_eq(baro_conn_recv_queued(l.conn), 40000);
	cr_assert_leq(l.core->stack.tcp.rcv_mbufs, 40000 / 1460 + 2);
	l.app.len = (size_t)baro_conn_recv(l.conn, l.app.data, LAB_DATA_MAX);
	lab_has_read(&l, 40000);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* J13 I15: a peer that takes nothing */
Test(tcp_memory, peer_that_never_reads_costs_what_may_be_unsent)
{
	static uint8_t octets[1 << 20];
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	cr_assert_eq(baro_conn_send(l.conn, octets, sizeof(octets)), 96 * MSS);
	for (int i = 0; i < 10; i++) {
		lab_run_ms(&l, 30000);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
		baro_conn_send(l.conn, octets, sizeof(octets));
		cr_assert_eq(baro_conn_send_queued(l.conn), 96 * MSS + 1, "a probe has one octet");
	}
	lab_dropped_nothing(&l);
	story_end_clean(&l);
}

/* R03: the send buffers of one connection leave some for another */
Test(tcp_memory, no_connection_takes_all_send_buffers)
{
	static uint8_t octets[1 << 20];
	const struct baro_config config = { .core.mbufs = 1024, .tcp.snd_buf = 1 << 20 };
	struct lab l;
	ssize_t n;

	story_begin(&l, &config, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	n = baro_conn_send(l.conn, octets, sizeof(octets));
	cr_assert_gt(n, 50000);
	cr_assert_lt(n, 1024 / 8 * 3 / 3 * MSS);
	story_end_clean(&l);
}

/* I08 R03: what came out of order may hold many buffers, but never those that the missing text needs */
Test(tcp_memory, text_out_of_order_leaves_buffers_for_what_fills_the_hole)
{
	const struct baro_config config = { .core.mbufs = 1024, .tcp.rcv_buf = 1 << 20 };
	struct lab l;
	uint32_t end = 1;

	story_begin(&l, &config, LAB_WITH_WSCALE);
	for (uint32_t i = 1; i <= 1024 / 8 * 3; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 1000 * i, .ack = 1, .len = 1000));
		lab_skip_all(&l);
	}
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	cr_assert_gt(l.app.len, 100 * 1000, "the hole is filled");
	lab_skip_all(&l);
	for (end += (uint32_t)l.app.len; end < 1024 / 8 * 3 * 1000; end += 1000)
		lab_recv(&l, SEG(ACK, .seq = end, .ack = 1, .len = 1000));
	lab_has_read(&l, end - 1);
	dropped_some(&l, DROP_TCP_NO_MEMORY);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* R03: more resets at once than the ring holds */
Test(tcp_memory, every_half_open_connection_is_reset_when_its_listener_ends)
{
	const unsigned n = DEV_TX_RING + 100;
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned i = 0; i < n; i++)
		lab_recv(&l, SEG(SYN, .src_port = (uint16_t)(1000 + i)));
	lab_skip_all(&l);
	baro_listener_close(l.listener);
	lab_poll(&l);
	cr_expect_eq(lab_pending(&l), n);
	lab_skip_all(&l);
	lab_dropped_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* I15 R03: those who do not read do not keep others from it */
Test(tcp_memory, connection_that_reads_is_heard_beside_one_that_does_not)
{
	const struct baro_config config = { .core.mbufs = 1024, .tcp.rcv_buf = 1 << 20 };
	struct baro_conn *hog;
	struct lab l;

	story_begin(&l, &config, LAB_WITH_WSCALE);
	l.app.reads = false;
	for (uint32_t i = 0; i < 1024 / 8 * 3; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1 + 1000 * i, .ack = 1, .len = 1000));
		lab_skip_all(&l);
	}
	hog = l.conn;
	l.app.reads = true;
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .src_port = 50000, .mss = MSS));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .dst_port = 50000));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .src_port = 50000, .len = 100));
	lab_has_read(&l, 100);
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	cr_assert_neq(l.conn, hog);
	baro_conn_abort(hog);
	dropped_some(&l, DROP_TCP_NO_MEMORY);
	story_end_clean(&l);
}

/* I15 R03: many connections whose peers never read leave room for an answer on another one */
Test(tcp_memory, last_send_buffers_are_for_those_that_hold_none)
{
	struct lab l;
	struct tcp *tcp;
	uint32_t taken;

	story_begin(&l, NULL, LAB_PLAIN);
	tcp = &l.core->stack.tcp;
	taken = tcp->max_snd_mbufs - tcp->max_snd_mbufs / 8;
	tcp->snd_mbufs += taken; /* others hold them */
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	cr_expect_eq(baro_conn_send(l.conn, "more", 4), -EAGAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	cr_expect_eq(l.app.n_writable, 1);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 101, .ack = 1, .len = 100));
	tcp->snd_mbufs -= taken;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 201));
	story_end_clean(&l);
}

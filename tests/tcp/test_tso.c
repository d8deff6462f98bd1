/* SPDX-License-Identifier: BSD-3-Clause */
/* Long frames that the port cuts: what is in them, and what is not; every octet is compared with what leaves without. */

#include "story.h"

#include <rte_mbuf.h>

#include "dev/port.h"
#include "wire/ipv4.h"

enum {
	MSS = 1460,
	HEADERS = 14 + 20 + 20, /* of a segment without options */
	TS_LEN = 12,
	N_MAX = 128,
};

static struct dev_queue *
queue(struct lab *l)
{
	return &l->core->port[0]->queue;
}

/* A port that cuts and sums, and a window wide open. */
static void
begin_with(struct lab *l, bool cuts, enum lab_options options)
{
	story_begin(l, NULL, options);
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1, .wnd = LAB_WND));
	queue(l)->port->can.tx_multi_seg = true;
	queue(l)->port->can.tx_tcp_sum = cuts;
	queue(l)->port->can.tx_tso = cuts;
	queue(l)->port->tso_segs = cuts ? 64 : 0;
	lab_tcp(l)->cwnd = 200 * MSS;
}

static void
queue_text(struct lab *l, uint32_t len)
{
	static uint8_t text[LAB_DATA_MAX];

	for (uint32_t i = 0; i < len; i++)
		text[i] = lab_octet(i);
	cr_assert_eq(baro_conn_send(l->conn, text, len), (ssize_t)len);
}

static void
begin(struct lab *l, bool cuts)
{
	begin_with(l, cuts, LAB_WITH_WSCALE);
}

/* Text is queued and planned; what is to leave stays in the port's queue. */
static void
plan(struct lab *l, uint32_t len)
{
	queue_text(l, len);
	conn_dispatch(&l->core->stack);
}

/* The same, then FIN, in one turn. */
static void
plan_and_shut(struct lab *l, uint32_t len)
{
	queue_text(l, len);
	baro_conn_shutdown(l->conn);
	conn_dispatch(&l->core->stack);
}

static const struct rte_mbuf *
frame(struct lab *l, unsigned i)
{
	cr_assert_lt(i, queue(l)->n_tx, "frame %u of %u", i, queue(l)->n_tx);
	return queue(l)->tx[i];
}

/* What is in the queue gets lost. */
static void
lose(struct lab *l)
{
	for (unsigned i = 0; i < queue(l)->n_tx; i++)
		pkt_release(queue(l)->tx[i]);
	queue(l)->n_tx = 0;
}

/* Frames of the queue go nowhere: the lab's peer has no port that cuts. */
static void
end(struct lab *l)
{
	lose(l);
	lab_skip_all(l);
	lab_close(l);
}

struct cut {
	uint32_t len;
	uint8_t b[HEADERS + TS_LEN + MSS];
};

/* What a port makes of @m (RTE_MBUF_F_TX_TCP_SEG). @return how many */
static unsigned
cut(const struct rte_mbuf *m, struct cut *out)
{
	static uint8_t whole[1 << 17];
	const uint8_t *all = rte_pktmbuf_read(m, 0, m->pkt_len, whole);
	uint32_t headers = (uint32_t)m->l2_len + m->l3_len + m->l4_len;
	bool is_long = (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
	uint32_t size = is_long ? m->tso_segsz : m->pkt_len - headers;
	unsigned n = 0;

	cr_assert_eq(get_u16(all + 14 + IPV4_LEN_AT), m->pkt_len - 14,
		"the IP header says how long it is");
	for (uint32_t at = headers; at < m->pkt_len; at += size, n++) {
		uint32_t len = min_u32(size, m->pkt_len - at);
		struct cut *c = &out[n];
		uint8_t *ip = c->b + 14;
		uint8_t *tcp = ip + 20;
		uint16_t sum = 0;

		c->len = headers + len;
		memcpy(c->b, all, headers);
		memcpy(c->b + headers, all + at, len);
		put_u16(ip + IPV4_LEN_AT, (uint16_t)(headers - 14 + len));
		memcpy(ip + IPV4_SUM_AT, &sum, sizeof(sum));
		sum = cksum_fold(cksum_ipv4_hdr(ip));
		memcpy(ip + IPV4_SUM_AT, &sum, sizeof(sum));
		put_u32(tcp + 4, get_u32(all + 38) + (at - headers));
		if (at + len < m->pkt_len)
			tcp[TCP_FLAGS_AT] &= (uint8_t) ~(TCP_PSH | TCP_FIN);
		memset(tcp + TCP_SUM_AT, 0, sizeof(sum));
		sum = cksum_fold(
			cksum_add(cksum_pseudo4(LAB_ADDR, LAB_PEER, IP_PROTO_TCP, m->l4_len + len),
				tcp, m->l4_len + len));
		memcpy(tcp + TCP_SUM_AT, &sum, sizeof(sum));
	}
	return n;
}

/* What the port's queue holds, cut. */
static unsigned
cut_all(struct lab *l, struct cut *out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < queue(l)->n_tx; i++)
		n += cut(queue(l)->tx[i], out + n);
	return n;
}

/* The same text without a port that cuts, frame by frame. */
static void
compare(struct lab *with, enum lab_options options, uint32_t len, bool shuts_down)
{
	static struct cut cuts[N_MAX];
	struct lab l;
	unsigned n = cut_all(with, cuts);
	unsigned i;

	begin_with(&l, false, options);
	if (shuts_down)
		plan_and_shut(&l, len);
	else
		plan(&l, len);
	for (i = 0; i < queue(&l)->n_tx; i++) {
		const struct rte_mbuf *m = frame(&l, i);
		uint8_t octets[HEADERS + TS_LEN + MSS];
		const uint8_t *p = rte_pktmbuf_read(m, 0, m->pkt_len, octets);

		cr_assert_lt(i, n, "%u frames were cut", n);
		cr_assert_eq(m->pkt_len, cuts[i].len, "frame %u", i);
		cr_assert_arr_eq(p, cuts[i].b, m->pkt_len, "frame %u", i);
	}
	cr_assert_eq(i, n);
	end(&l);
}

static void
is_what_leaves_without(struct lab *with, uint32_t len, bool shuts_down)
{
	compare(with, LAB_WITH_WSCALE, len, shuts_down);
}

/* H02: segments that follow each other are one frame, each one's header what it is by itself */
Test(tcp_tso, what_leaves_in_a_turn_is_one_frame)
{
	struct counters before;
	struct lab l;

	begin(&l, true);
	before = counters_of(&l.core->stack.env);
	plan(&l, 10 * MSS);
	cr_assert_eq(queue(&l)->n_tx, 1);
	cr_assert_eq(frame(&l, 0)->tso_segsz, MSS);
	cr_assert_eq(frame(&l, 0)->pkt_len, HEADERS + 10 * MSS);
	expect_counters(&before, &l.core->stack.env, COUNTED(STAT_TCP_OUT_SEGS, 10),
		COUNTED(STAT_TCP_OUT_JOINED, 9), COUNTED(STAT_IP_OUT, 1));
	is_what_leaves_without(&l, 10 * MSS, false);
	end(&l);
}

/* A reference that goes on where the last one ended takes no buffer of its own. */
Test(tcp_tso, a_frame_has_as_many_buffers_as_the_queue)
{
	struct lab l;
	uint32_t n_queued = 0;

	begin(&l, true);
	plan(&l, 30 * MSS);
	for (const struct rte_mbuf *m = lab_tcp(&l)->snd_head; m != NULL; m = m->next)
		n_queued++;
	cr_assert_eq(frame(&l, 0)->nb_segs, 1 + n_queued);
	rte_mbuf_sanity_check(frame(&l, 0), 1);
	is_what_leaves_without(&l, 30 * MSS, false);
	end(&l);
}

/* H02: timestamps are the same in all of them; a port that sums IP headers finds none in it */
Test(tcp_tso, timestamps_are_repeated_and_the_ports_sums_are_its_own)
{
	for (int sums_ip = 0; sums_ip < 2; sums_ip++) {
		struct lab l;

		begin_with(&l, true, LAB_WITH_ALL);
		queue(&l)->port->can.tx_ip_sum = sums_ip;
		plan(&l, 8 * (MSS - TS_LEN));
		cr_assert_eq(queue(&l)->n_tx, 1);
		cr_assert_eq(frame(&l, 0)->l4_len, 20 + TS_LEN);
		cr_assert_eq(get_u16((const uint8_t *)rte_pktmbuf_mtod_offset(
				     frame(&l, 0), const void *, 14 + IPV4_SUM_AT)) == 0,
			sums_ip);
		compare(&l, LAB_WITH_ALL, 8 * (MSS - TS_LEN), false);
		end(&l);
	}
}

/* RFC 791: 65,535 octets are the most that an IP header can say */
Test(tcp_tso, a_frame_ends_with_what_ip_can_say)
{
	struct lab l;

	begin(&l, true);
	plan(&l, 44 * MSS + 5 * MSS);
	cr_assert_eq(queue(&l)->n_tx, 2);
	cr_assert_eq(frame(&l, 0)->pkt_len, HEADERS + 44 * MSS);
	cr_assert_leq(frame(&l, 0)->pkt_len - 14, UINT16_MAX);
	cr_assert_eq(frame(&l, 1)->pkt_len, HEADERS + 5 * MSS);
	is_what_leaves_without(&l, 49 * MSS, false);
	end(&l);
}

Test(tcp_tso, a_frame_ends_with_the_buffers_that_the_port_takes)
{
	struct lab l;

	begin(&l, true);
	queue(&l)->port->tso_segs = 6;
	plan(&l, 20 * MSS);
	cr_assert_gt(queue(&l)->n_tx, 1);
	for (unsigned i = 0; i < queue(&l)->n_tx; i++)
		cr_assert_leq(frame(&l, i)->nb_segs, 6);
	is_what_leaves_without(&l, 20 * MSS, false);
	end(&l);
}

/* FIN is the last one's; those before it say nothing of it */
Test(tcp_tso, fin_leaves_with_the_last_segment)
{
	struct lab l;

	begin(&l, true);
	plan_and_shut(&l, 3 * MSS + 9);
	cr_assert_eq(queue(&l)->n_tx, 1);
	is_what_leaves_without(&l, 3 * MSS + 9, true);
	end(&l);
}

/* A frame of an earlier turn is not to be touched: the next segment begins another */
Test(tcp_tso, nothing_joins_a_frame_of_another_turn)
{
	struct lab l;

	begin(&l, true);
	plan(&l, 2 * MSS);
	lab_tcp(&l)->cwnd = 300 * MSS;
	plan(&l, 2 * MSS);
	cr_assert_eq(queue(&l)->n_tx, 2);
	end(&l);
}

/* A port that does not cut gets no long frame */
Test(tcp_tso, a_port_that_cannot_cut_gets_segments)
{
	struct lab l;

	begin(&l, false);
	plan(&l, 5 * MSS);
	cr_assert_eq(queue(&l)->n_tx, 5);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(frame(&l, i)->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0);
	end(&l);
}

/* What is in a segment for it alone, here SACK blocks, is not said twice */
Test(tcp_tso, segments_with_sack_blocks_stand_alone)
{
	struct lab l;

	begin_with(&l, true, LAB_WITH_ALL);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .len = 100));
	lab_skip_all(&l);
	plan(&l, 4 * MSS);
	cr_assert_eq(queue(&l)->n_tx, 4);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(frame(&l, i)->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0);
	end(&l);
}

/* I01: a lost segment is sent again by itself */
Test(tcp_tso, what_is_sent_again_stands_alone)
{
	struct counters before;
	struct lab l;

	begin(&l, true);
	plan(&l, 10 * MSS);
	lose(&l);
	before = counters_of(&l.core->stack.env);
	lab_run_ms(&l, 3000);
	cr_assert_gt(l.core->stack.env.stats[STAT_TCP_RETRANS_SEGS], 0);
	cr_assert_eq(
		l.core->stack.env.stats[STAT_TCP_OUT_JOINED], before.stats[STAT_TCP_OUT_JOINED]);
	end(&l);
}

/* No buffer for a reference: the frame stays as it was, and the rest leaves when there are some */
Test(tcp_tso, without_buffers_the_frame_stays_as_it_was)
{
	static struct cut cuts[N_MAX];
	struct rte_mempool *pool;
	struct rte_mbuf *taken[4096];
	unsigned n = 0;
	struct lab l;

	begin(&l, true);
	pool = l.core->stack.tcp.pool->head;
	while (n < ARRAY_LEN(taken) && (taken[n] = rte_pktmbuf_alloc(pool)) != NULL)
		n++;
	for (unsigned i = 0; i < 4; i++)
		rte_pktmbuf_free(taken[--n]);
	plan(&l, 20 * MSS);
	while (n != 0)
		rte_pktmbuf_free(taken[--n]);
	cr_assert_eq(queue(&l)->n_tx, 1);
	rte_mbuf_sanity_check(frame(&l, 0), 1);
	cr_assert_leq(frame(&l, 0)->nb_segs, 4);
	cr_assert_eq(cut_all(&l, cuts), (frame(&l, 0)->pkt_len - HEADERS) / MSS);
	end(&l);
}

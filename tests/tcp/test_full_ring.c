/* SPDX-License-Identifier: BSD-3-Clause */
/* The transmit ring takes nothing for a while: what can wait does, in order, and the rest is counted. */

#include <rte_ethdev.h>

#include "dev/funcport.h"
#include "story.h"
#include "tcp/farewell.h"
#include "tcp/xmit.h"

enum { MSS = 1460, STUCK_PORT = 7 };

/* A port of DPDK over the one of the lab. */

static struct {
	void (*transmit)(const struct iovec *frame, int n, void *user);
	void *user;
	uint16_t room; /* packets that the ring takes still */
} wire;

static uint16_t
wire_tx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	(void)queue;
	n = (uint16_t)min_u32(n, wire.room);
	wire.room = (uint16_t)(wire.room - n);
	for (uint16_t i = 0; i < n; i++) {
		struct iovec piece[16];
		int n_pieces = 0;

		for (struct rte_mbuf *s = pkts[i]; s != NULL; s = s->next, n_pieces++)
			piece[n_pieces] =
				(struct iovec){ rte_pktmbuf_mtod(s, void *), s->data_len };
		wire.transmit(piece, n_pieces, wire.user);
		rte_pktmbuf_free(pkts[i]);
	}
	return n;
}

static uint16_t
wire_rx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	(void)queue;
	(void)pkts;
	(void)n;
	return 0;
}

static void
take_over(struct lab *l)
{
	struct dev_queue *q = &l->core->port[0]->queue;
	static void *queues[2];
	static struct rte_eth_rxtx_callback *callbacks[2];

	rte_eth_fp_ops[STUCK_PORT] = (struct rte_eth_fp_ops){
		.rx_pkt_burst = wire_rx,
		.tx_pkt_burst = wire_tx,
		.rxq = { .data = queues, .clbk = (void **)callbacks },
		.txq = { .data = queues, .clbk = (void **)callbacks },
	};
	wire.transmit = q->transmit;
	wire.user = q->user;
	wire.room = 0;
	q->port->port_id = STUCK_PORT;
	q->transmit = NULL;
}

static void
hand_back(struct lab *l)
{
	l->core->port[0]->queue.transmit = wire.transmit;
}

/* R03: the ring is full for a while; what was sent again meanwhile is sent again */
Test(tcp_full_ring, holds_text_back)
{
	uint32_t at = 1;
	struct lab_seg s;
	struct lab l;

	story_begin(&l,
		&(struct baro_config){ .core.mbufs = 16384,
			.tcp = { .snd_buf = 1 << 20, .notsent_lowat = 1 << 20 } },
		LAB_WITH_WSCALE);
	lab_tcp(&l)->cwnd = 400 * MSS;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 10000));
	take_over(&l);
	for (int n = 0; n < 4; n++) {
		static uint8_t octets[100 * MSS];
		uint32_t queued = (uint32_t)baro_conn_send_queued(l.conn);

		for (uint32_t i = 0; i < sizeof(octets); i++)
			octets[i] = lab_octet(queued + i);
		cr_assert_eq(
			baro_conn_send(l.conn, octets, sizeof(octets)), (ssize_t)sizeof(octets));
		baro_core_poll(l.core, l.now_ns);
	}
	for (int n = 0; n < 5; n++)
		baro_core_poll(l.core, l.now_ns += NS_PER_MS);
	cr_assert_eq(l.core->port[0]->queue.n_tx, DEV_TX_RING);
	cr_assert_eq(
		tcp_flight(lab_tcp(&l)), DEV_TX_RING * MSS, "what is on the ring is in flight");
	lab_sends_nothing(&l);
	wire.room = 30;
	baro_core_poll(l.core, l.now_ns += NS_PER_MS);
	cr_assert_eq(lab_pending(&l), 30);
	wire.room = UINT16_MAX;
	lab_run_ms(&l, 2);
	while (lab_next(&l, &s)) {
		cr_assert_eq(s.seq, at);
		at += s.len;
	}
	cr_assert_eq(at, 1 + 400 * MSS, "in order, none left out");
	lab_dropped_nothing(&l);
	hand_back(&l);
	lab_run_ms(&l, 1);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* R03: answers without a connection do not wait; they are counted */
Test(tcp_full_ring, drops_answers_to_strangers)
{
	uint16_t port = 1;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	for (int turn = 0; turn < 10; turn++) {
		for (int i = 0; i < 32; i++)
			lab_queue(&l,
				SEG(ACK, .seq = 1, .ack = 1, .src_port = port++, .dst_port = 9));
	}
	take_over(&l);
	for (int turn = 0; turn < 10; turn++) {
		struct rte_mbuf *m[32];
		uint16_t n = funcport_rx(&l.core->port[0]->queue, m, 32);

		for (uint16_t i = 0; i < n; i++)
			rte_pktmbuf_free(m[i]);
		for (int i = 0; i < 32; i++) {
			struct tcp_reply r = { .flow = { LAB_ADDR, LAB_PEER, 9, port++ } };

			r.h.flags = TCP_RST;
			xmit_reply(&l.core->stack.tcp, &r, l.now_ns);
		}
	}
	lab_dropped(&l, DROPPED(DROP_TX_FULL, 320 - DEV_TX_RING));
	wire.room = UINT16_MAX;
	baro_core_poll(l.core, l.now_ns);
	cr_assert_eq(lab_pending(&l), DEV_TX_RING);
	lab_skip_all(&l);
	hand_back(&l);
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	story_end_clean(&l);
}

/** One turn, @ms later; not until the core rests, for it does not with frames on its hands. */
static void
turn(struct lab *l, uint64_t ms)
{
	baro_core_poll(l->core, l->now_ns += ms * NS_PER_MS);
}

/** From now on the ring takes nothing, and is full. */
static void
stop_up(struct lab *l)
{
	take_over(l);
	while (l->core->port[0]->queue.n_tx < DEV_TX_RING) {
		struct tcp_reply r = { .flow = { LAB_ADDR, LAB_PEER, 9, 9 }, .h.flags = TCP_RST };

		xmit_reply(&l->core->stack.tcp, &r, l->now_ns);
	}
	cr_assert_eq(l->core->port[0]->queue.n_tx, DEV_TX_RING);
}

/** The ring takes everything, and what stopped it up has gone. */
static void
let_through(struct lab *l)
{
	wire.room = UINT16_MAX;
	turn(l, 0);
	for (int n = 0; n < DEV_TX_RING; n++)
		lab_next_frame(l);
	hand_back(l);
	lab_poll(l);
}

/* N05 R03: RST is sent once: it waits for room, and its connection does not */
Test(tcp_full_ring, an_rst_waits_for_room)
{
	struct lab l;
	uint64_t rsts;

	story_begin(&l, NULL, LAB_PLAIN);
	stop_up(&l);
	rsts = lab_stat(&l, STAT_TCP_OUT_RSTS);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	turn(&l, 0);
	lab_holds(&l, 0, 0);
	turn(&l, 199);
	cr_expect_eq(lab_stat(&l, STAT_TCP_OUT_RSTS), rsts, "it has not left");
	let_through(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_expect_eq(lab_stat(&l, STAT_TCP_OUT_RSTS), rsts + 1);
	story_end(&l);
}

/* N05 R03: that of a connection at rest, too */
Test(tcp_full_ring, the_rst_of_who_rests_waits_for_room)
{
	struct lab l;

	story_begin(&l,
		&(struct baro_config){ .tcp.rest_after_ns = NS_PER_SEC, .tcp.rcv_buf = LAB_WND },
		LAB_PLAIN);
	lab_run_ms(&l, 2000);
	cr_assert_eq(l.core->stack.tcp.n_resting, 1);
	stop_up(&l);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	turn(&l, 0);
	lab_holds(&l, 0, 0);
	let_through(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	story_end(&l);
}

/* N05 R03: not for ever: by then the peer has asked again */
Test(tcp_full_ring, an_rst_that_waits_in_vain_is_counted)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	stop_up(&l);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	turn(&l, 199);
	lab_dropped_nothing(&l);
	turn(&l, 2);
	lab_dropped(&l, DROPPED(DROP_TX_FULL, 1));
	let_through(&l);
	story_end(&l);
}

/* N05 R03: 4096 wait at most: who finds no place is counted at once */
Test(tcp_full_ring, rsts_that_find_no_place_to_wait_are_counted)
{
	enum { PLACES = 4096 };
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	stop_up(&l);
	for (uint32_t i = 0; i <= PLACES; i++)
		farewell_say(&l.core->stack.tcp,
			&(struct tcp_farewell){
				.flow = { LAB_ADDR, LAB_PEER, LAB_PORT, (uint16_t)(1 + i) } },
			l.now_ns);
	lab_dropped(&l, DROPPED(DROP_TX_FULL, 1));
	turn(&l, 201);
	lab_dropped(&l, DROPPED(DROP_TX_FULL, PLACES));
	cr_expect_not(tcp_is_hungry(&l.core->stack.tcp));
	let_through(&l);
	story_end_clean(&l);
}

/* R03: who is not ours any more says nothing */
Test(tcp_full_ring, an_rst_from_an_address_that_is_not_ours_is_not_said)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	stop_up(&l);
	farewell_say(&l.core->stack.tcp,
		&(struct tcp_farewell){ .flow = { LAB_ADDR + 1, LAB_PEER, LAB_PORT, 1 } },
		l.now_ns);
	turn(&l, 0);
	cr_expect_not(tcp_is_hungry(&l.core->stack.tcp));
	let_through(&l);
	story_end_clean(&l);
}

/* N05: the program ends: those that it resets learn of it */
Test(tcp_full_ring, the_last_rsts_are_said_when_the_core_ends)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cr_expect(core_say_farewell(l.core, l.now_ns));
	stop_up(&l);
	cr_expect_not(core_say_farewell(l.core, l.now_ns), "what is gathered has not left");
	baro_conn_abort(l.conn);
	l.conn = NULL;
	turn(&l, 0);
	cr_expect_not(core_is_quiet(l.core));
	cr_expect_not(core_say_farewell(l.core, l.now_ns));
	wire.room = UINT16_MAX;
	cr_expect(core_say_farewell(l.core, ++l.now_ns));
	cr_expect(core_is_quiet(l.core));
	for (int n = 0; n < DEV_TX_RING; n++)
		lab_next_frame(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	hand_back(&l);
	story_end(&l);
}

static const struct baro_conn_ops no_ops;

static void
dial(struct lab *l, uint16_t from, struct baro_conn **c)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	const struct baro_endpoint local = { baro_addr_from_v4(LAB_ADDR), from };

	cr_assert_eq(baro_connect(l->core, &remote, &local, &no_ops, NULL, c), 0);
}

/* N02 N05 R03: or the peer would challenge the SYN */
Test(tcp_full_ring, the_next_syn_of_the_port_goes_behind_the_rst)
{
	struct lab_seg s;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	baro_listener_close(l.listener);
	l.listener = NULL;
	stop_up(&l);
	baro_conn_abort(l.conn);
	turn(&l, 0);
	dial(&l, LAB_PORT, &l.conn);
	turn(&l, 0);
	let_through(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert(lab_next(&l, &s));
	cr_expect_eq(s.flags, TCP_SYN);
	lab_sends_nothing(&l);
	story_end_clean(&l);
}

/* N02 N05 R03: neither in the same turn, though there is room again */
Test(tcp_full_ring, a_syn_does_not_overtake_the_rst_in_its_turn)
{
	struct lab_seg s;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	baro_listener_close(l.listener);
	l.listener = NULL;
	stop_up(&l);
	baro_conn_abort(l.conn);
	conn_dispatch(&l.core->stack);
	dial(&l, LAB_PORT, &l.conn);
	wire.room = UINT16_MAX;
	conn_dispatch(&l.core->stack);
	let_through(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	cr_assert(lab_next(&l, &s));
	cr_expect_eq(s.flags, TCP_SYN);
	story_end_clean(&l);
}

/* R03: who lacks something else is looked at in every turn */
Test(tcp_full_ring, those_who_wait_for_room_hold_up_nobody_who_lacks_memory)
{
	enum { CONNS = 1200 };
	static struct baro_conn *conns[CONNS + 1];
	struct slab *sents;
	struct slab had;
	struct lab l;

	lab_open(&l, NULL);
	sents = &l.core->stack.tcp.sents;
	take_over(&l);
	for (uint16_t i = 0; i < CONNS; i++)
		dial(&l, (uint16_t)(1000 + i), &conns[i]);
	turn(&l, 0);
	had = *sents;
	sents->open = SLAB_NONE;
	sents->limit = sents->n_made;
	dial(&l, 999, &conns[CONNS]);
	turn(&l, 0);
	tcp_feed(&l.core->stack.tcp, l.now_ns);
	cr_expect(tcp_is(((struct tcp_rest *)conns[CONNS])->conn, TCP_F_READY));
	*sents = had;
	hand_back(&l);
	for (unsigned i = 0; i <= CONNS; i++)
		baro_conn_abort(conns[i]);
	lab_poll(&l);
	lab_skip_all(&l);
	lab_close(&l);
}

/* R03: each has its turn; however many wait, no more are looked at than there are places */
Test(tcp_full_ring, those_who_wait_for_room_take_turns)
{
	enum { CONNS = 600, ROOM = 30 };
	static struct baro_conn *conns[CONNS];
	bool has_left[CONNS] = { false };
	struct tcp *tcp;
	unsigned turns = 0;
	struct lab l;

	lab_open(&l, NULL);
	tcp = &l.core->stack.tcp;
	take_over(&l);
	for (uint16_t i = 0; i < CONNS; i++)
		dial(&l, (uint16_t)(1000 + i), &conns[i]);
	for (int n = 0; n < 5; n++)
		turn(&l, 0);
	tcp_feed(tcp, l.now_ns);
	for (const struct tcp_conn *c = tcp->ready.head; c != NULL; c = c->ready_next)
		turns++;
	cr_expect_eq(turns, DEV_TX_RING);
	for (turns = 0; turns < CONNS / ROOM; turns++) {
		const struct lab_frame *f;

		wire.room = ROOM;
		turn(&l, 0);
		while (lab_pending(&l) != 0) {
			f = lab_next_frame(&l);
			has_left[(f->octets[34] << 8 | f->octets[35]) - 1000] = true;
		}
		lab_skip_all(&l);
	}
	for (unsigned i = 0; i < CONNS; i++)
		cr_assert(has_left[i], "%u", i);
	cr_expect_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
	lab_dropped_nothing(&l);
	hand_back(&l);
	for (unsigned i = 0; i < CONNS; i++)
		baro_conn_abort(conns[i]);
	lab_poll(&l);
	story_end_clean(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: mbufs become segments. */
/*
 * A segment arrives: checked, turned into a struct tcp_seg, given to the connection that
 * claims it; then what the protocol core asked for is done. Replies wait for the end of the turn.
 */

#include "base/prefetch.h"
#include "dev/pkt.h"
#include "tcp/embryo.h"
#include "tcp/fast.h"
#include "tcp/fastopen.h"
#include "tcp/input_fast.h"
#include "tcp/listen.h"
#include "tcp/rest.h"
#include "tcp/sack.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"
#include "tcp/tcp.h"
#include "tcp/timewait.h"
#include "tcp/xmit.h"

uint32_t
tcp_hash_in(const struct tcp *tcp, const struct ip_in *in, const uint8_t *p)
{
	const struct tcp_flow flow = { .laddr = in->dst,
		.faddr = in->src,
		.lport = tcp_peek_dst_port(p),
		.fport = tcp_peek_src_port(p) };

	return tcp_hash(tcp, &flow);
}

const struct tcp_rest *
tcp_fetch(const struct tcp *tcp, uint32_t hash)
{
	struct flowtab_cursor at;
	uint32_t value = flowtab_first(&tcp->table, hash, &at);
	const struct tcp_rest *r;

	if (value >= TCP_TAG_TIMEWAIT)
		return NULL;
	r = slab_at(&tcp->rests, value);
	fetch(r, 1);
	return r;
}

void
tcp_fetch_text(const struct tcp_rest *r)
{
	const struct rte_mbuf *m = r->is_resting ? NULL : r->conn->snd_head;

	if (m != NULL)
		fetch(m, sizeof(*m));
}

/** Check the segment and read its header. */
static enum drop
read_segment(struct rte_mbuf *m, const struct ip_in *in, struct tcp_seg *seg)
{
	enum drop why;
	uint32_t sum;

	if (in->is_group)
		return DROP_TCP_BROADCAST;
	why = tcp_read(pkt_data(m), min_u32(m->data_len, in->len), &seg->h);
	if (why != DROP_NONE)
		return why;
	if (!in->is_l4_sum_good) {
		sum = cksum_pseudo4(in->src, in->dst, IP_PROTO_TCP, in->len);
		if (cksum_fold(sum + ip_sum_chain(m, 0, in->len)) != 0)
			return DROP_TCP_CHECKSUM;
	}
	seg->len = in->len - seg->h.hdr_len;
	seg->text = NULL;
	seg->is_ce = (in->tos & IPV4_ECN) == IPV4_CE;
	seg->was_refused = false;
	return DROP_NONE;
}

/** The segment's text lies scattered: it is described a piece a buffer; empty buffers are let go. */
static BARO_COLD void
attach_pieces(struct rte_mbuf *m, struct tcp_seg *seg, struct seq at)
{
	struct text_list list = { NULL, NULL };
	uint32_t skip = seg->h.hdr_len;
	uint32_t left = seg->len;
	struct rte_mbuf *next;

	for (; m != NULL; m = next) {
		struct text *t = mbuf_text(m);
		uint32_t n = min_u32(m->data_len - min_u32(skip, m->data_len), left);

		next = m->next;
		m->next = NULL;
		m->nb_segs = 1;
		if (n == 0) {
			skip -= min_u32(skip, m->data_len);
			pkt_release(m);
			continue;
		}
		*t = (struct text){ .data = pkt_data(m) + skip, .seq = at, .len = n };
		text_append(&list, t);
		at = seq_add(at, n);
		left -= n;
		skip = 0;
	}
	seg->text = list.head;
}

/** Describe the text that lies in the packet @m, nearly always in one buffer. */
static inline void
attach_text(struct rte_mbuf *m, struct tcp_seg *seg)
{
	struct seq at = seq_add(seg->h.seq, (seg->h.flags & TCP_SYN) != 0);

	if (unlikely(m->next != NULL)) {
		attach_pieces(m, seg, at);
		return;
	}
	seg->text = mbuf_text(m);
	*seg->text =
		(struct text){ .data = pkt_data(m) + seg->h.hdr_len, .seq = at, .len = seg->len };
}

/**
 * <SEQ=@seq><CTL=RST>. Without ACK: a peer that is still in SYN-SENT must not take it for the
 * refusal of its SYN (RFC 9293 §3.10.7.3, §3.10.7.4).
 */
static void
answer_by_rst(struct tcp_conn *c, struct seq seq, uint64_t now_ns)
{
	struct tcp_reply r = { .flow = c->flow, .tos = c->tos, .ttl = c->ttl };

	r.h.seq = seq;
	r.h.flags = TCP_RST;
	xmit_reply(c->tcp, &r, now_ns);
}

/** Notes for those that SACK blocks cut in two. */
static struct tcp_sent *
get_spares(struct tcp *tcp)
{
	struct tcp_sent *spare = NULL;

	for (int i = 0; i < SACK_SPARES; i++) {
		uint32_t index;
		struct tcp_sent *s = slab_get(&tcp->sents, &index);

		if (s == NULL)
			break;
		s->index = index;
		s->next = spare;
		spare = s;
	}
	return spare;
}

static void
put_notes(struct tcp *tcp, struct tcp_sent *s)
{
	struct tcp_sent *next;

	for (; s != NULL; s = next) {
		next = s->next;
		slab_put(&tcp->sents, s->index);
	}
}

/** Do what the protocol core asked for. */
static void
carry_out(struct tcp *tcp, struct tcp_conn *c, struct tcp_todo *todo, uint64_t now_ns)
{
	put_notes(tcp, todo->done);
	if (unlikely(todo->spare != NULL))
		put_notes(tcp, todo->spare);
	if (todo->acked_text != 0) {
		sndq_release(c, todo->acked_text);
		if (tcp_is(c, TCP_F_FULL))
			tcp_wake_writer(c);
	}
	if (todo->taken.head != NULL)
		rcvq_append(c, &todo->taken);
	if (unlikely(todo->waste.head != NULL))
		text_free(&todo->waste);
	if (unlikely(todo->wants_room))
		rcvq_grow(c);
	if (unlikely(todo->send_rst))
		answer_by_rst(c, todo->rst_seq, now_ns);
	if (todo->done != NULL && c->path_neigh != NULL && c->path_neigh_gen == c->path_neigh->gen)
		neigh_confirm(c->path_neigh, now_ns); /* RFC 4861 §7.3.1: forward progress */
}

/**
 * Is memory for received text so short that only control counts? Half of it is for text in order: what
 * waits behind a hole must not take the buffers of what fills it. A quarter is for connections
 * whose application has read everything: those that do not read must not stop them.
 */
static bool
is_short_of_room(const struct tcp *tcp, const struct tcp_conn *c, const struct tcp_seg *seg)
{
	uint32_t quarters = 4;

	if (seq_gt(seg->h.seq, c->rcv_nxt))
		quarters = 2;
	else if (c->rcv_queued != 0)
		quarters = 3;
	return tcp->rcv_mbufs >= tcp->max_rcv_mbufs / 4 * quarters;
}

/** A segment for a connection whose handshake is not done. */
static BARO_COLD enum drop
input_opening(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	const struct tcp_hdr h = seg->h;
	bool is_own_syn = tcp_is(c, TCP_F_PASSIVE) && seq_eq(c->snd_nxt, c->iss) &&
			  (h.flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_SYN;
	enum drop why;

	if (is_own_syn) /* it has made the connection: SYN|ACK has not left */
		return tcp_input_fast_syn(c, seg, now_ns, todo);
	if (c->state == TCP_ST_SYN_SENT)
		why = tcp_input_syn_sent(c, seg, now_ns, todo);
	else
		why = tcp_input(c, seg, now_ns, todo);
	fastopen_learn(c, &h, now_ns);
	return why;
}

/** A segment of a connection. Takes @m unless its text was taken. */
static void
rx_conn(struct tcp *tcp, struct tcp_conn *c, struct rte_mbuf *m, struct tcp_seg *seg,
	uint64_t now_ns)
{
	struct tcp_todo todo = { 0 };
	enum drop why = DROP_NONE;
	uint32_t held = c->reass.n_pieces;
	uint32_t len = seg->len;

	if (unlikely(seg->len != 0 && is_short_of_room(tcp, c, seg))) {
		count_drop(tcp->common.env, m, DROP_TCP_NO_MEMORY);
		seg->len = 0;
		seg->was_refused = true;
		seg->h.flags &= (uint8_t)~TCP_FIN;
	}
	if (seg->len != 0)
		attach_text(m, seg);
	else
		pkt_release(m);
	if (unlikely((seg->h.opts.has & TCP_HAS_SACK) != 0))
		todo.spare = get_spares(tcp);
	if (likely(tcp_is_expected(c, seg))) {
		count(tcp->common.env, STAT_TCP_IN_FAST);
		tcp_input_fast(c, seg, now_ns, &todo);
	} else if (unlikely(!tcp_is_synchronised(c))) {
		why = input_opening(c, seg, now_ns, &todo);
	} else {
		why = tcp_input(c, seg, now_ns, &todo);
	}
	if (unlikely(why != DROP_NONE))
		count_drop(tcp->common.env, m, why);
	if (unlikely(seg->text != NULL)) { /* refused: nobody has taken it */
		struct text_list rest = { seg->text, NULL };

		text_free(&rest);
	}
	if (unlikely(seg->was_refused && tcp_is_synchronised(c)))
		tcp_mark(c, TCP_F_ACK_NOW);
	tcp->rcv_mbufs += c->reass.n_pieces - held;
	totals_arrived(&c->totals, len, c->rcv_nxt, now_ns);
	carry_out(tcp, c, &todo, now_ns);
	tcp_ready(tcp, c);
}

/** A segment for a connection in SYN-RECEIVED that has no control block, or gets it now. */
static void
rx_embryo(struct tcp *tcp, struct tcp_embryo *e, struct rte_mbuf *m, struct tcp_seg *seg,
	const struct ip_in *in, uint64_t now_ns)
{
	struct tcp_conn *c;
	enum drop why = embryo_input(tcp, e, seg, in->netif->mtu, now_ns, &c);

	if (c != NULL)
		rx_conn(tcp, c, m, seg, now_ns);
	else if (why != DROP_NONE)
		drop(tcp->common.env, m, why);
	else
		pkt_release(m);
}

/** A segment that no connection claims; @old is what is left of the last one, or NULL. */
static void
rx_listener(struct tcp *tcp, struct rte_mbuf *m, struct tcp_seg *seg, const struct ip_in *in,
	struct tcp_timewait *old, uint64_t now_ns)
{
	struct tcp_conn *c;
	enum drop why = tcp_input_listen(tcp, seg, in, old, now_ns, &c);

	if (c != NULL)
		rx_conn(tcp, c, m, seg, now_ns);
	else if (why != DROP_NONE)
		drop(tcp->common.env, m, why);
	else
		pkt_release(m);
}

/** A segment of @r's flow. @return false: it has ended in this very turn, and the flow is free */
static bool
rx_known(struct tcp *tcp, struct tcp_rest *r, struct rte_mbuf *m, struct tcp_seg *seg,
	uint64_t now_ns)
{
	struct tcp_conn *c = likely(!r->is_resting) ? r->conn : rest_wake(r, now_ns);

	if (unlikely(c == NULL)) {
		drop(tcp->common.env, m, DROP_TCP_NO_MEMORY); /* it will come again */
		return true;
	}
	if (unlikely(c->state == TCP_ST_CLOSED)) {
		tcp_conn_unlist(c);
		return false;
	}
	rx_conn(tcp, c, m, seg, now_ns);
	return true;
}

void
tcp_rx(struct tcp *tcp, struct rte_mbuf *m, const struct ip_in *in, uint32_t hash, uint64_t now_ns)
{
	struct tcp_found found;
	struct tcp_embryo *embryo;
	struct tcp_timewait *old;
	struct tcp_flow flow;
	struct tcp_seg seg;
	enum drop why;

	count(tcp->common.env, STAT_TCP_IN_SEGS);
	if (unlikely((why = read_segment(m, in, &seg)) != DROP_NONE)) {
		drop(tcp->common.env, m, why);
		return;
	}
	seg.hash = hash;
	flow = (struct tcp_flow){ in->dst, in->src, seg.h.dst_port, seg.h.src_port };
	found = tcp_find(tcp, &flow, hash);
	if (likely(found.rest != NULL) && likely(rx_known(tcp, found.rest, m, &seg, now_ns)))
		return;
	embryo = tcp_found_embryo(tcp, found);
	if (embryo != NULL) {
		rx_embryo(tcp, embryo, m, &seg, in, now_ns);
		return;
	}
	old = tcp_found_timewait(tcp, found);
	if (old != NULL) {
		why = timewait_input(tcp, old, &seg, now_ns);
		if (why != DROP_NONE) {
			drop(tcp->common.env, m, why);
			return;
		}
		/* a new incarnation may begin: RFC 9293 §3.6.1 */
	}
	rx_listener(tcp, m, &seg, in, old, now_ns);
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: plans become mbufs. */
/*
 * A segment is a head buffer with the header and, behind it, its text: copied if it is
 * small, by reference to the send queue if it is not, so that it can be sent again.
 */

#include "tcp/xmit.h"

#include <string.h>

#include "dev/pkt.h"
#include "ip/out4.h"
#include "tcp/ecn.h"
#include "tcp/mtu.h"
#include "tcp/out_text.h"
#include "tcp/output.h"
#include "tcp/soft.h"
#include "tcp/tso.h"

void
xmit_take_path(struct tcp_conn *c, const struct ip_path *path, uint64_t now_ns)
{
	c->path_netif = path->netif;
	c->path_neigh = path->neigh;
	c->path_neigh_gen = path->neigh_gen;
	c->path_route_gen = path->route_gen;
	c->mtu.may_fragment = path->may_fragment;
	if (path->mtu != c->mtu.path)
		mtu_follow(c, path->mtu, now_ns);
}

/** The way has changed, or is not known yet. */
static BARO_COLD bool
find_path(struct tcp_conn *c, uint64_t now_ns, struct ip_path *path)
{
	if (ip_find_path(c->tcp->ip, c->flow.faddr, now_ns, path) != 0)
		return false;
	if (!ip_is_local(c->tcp->ip, c->flow.laddr)) /* removed, or given up: RFC 5227 §2.4 */
		return false;
	xmit_take_path(c, path, now_ns);
	return true;
}

static inline bool
last_path(const struct tcp_conn *c, struct ip_path *path)
{
	*path = (struct ip_path){ .netif = c->path_netif,
		.neigh = c->path_neigh,
		.neigh_gen = c->path_neigh_gen,
		.route_gen = c->path_route_gen,
		.mtu = c->mtu.path,
		.may_fragment = c->mtu.may_fragment };
	return ip_path_is_fresh(c->tcp->ip, path);
}

static inline bool
get_path(struct tcp_conn *c, uint64_t now_ns, struct ip_path *path)
{
	return likely(last_path(c, path)) || find_path(c, now_ns, path);
}

bool
xmit_last_path(const struct tcp_conn *c, struct ip_path *path)
{
	return last_path(c, path);
}

bool
xmit_path(struct tcp_conn *c, uint64_t now_ns, struct ip_path *path)
{
	return get_path(c, now_ns, path);
}

bool
xmit_resizes(struct tcp_conn *c, uint64_t now_ns)
{
	uint16_t mss = c->mss;
	struct ip_path path;

	return xmit_path(c, now_ns, &path) && c->mss != mss;
}

/** Finish the checksum of the segment in @m, or leave it to the port. */
static inline void
checksum(struct rte_mbuf *m, const struct ip_path *path, const struct ip_out *out, uint32_t hdr_len)
{
	uint8_t *p = pkt_data(m);
	uint32_t pseudo = cksum_pseudo4(out->src, out->dst, IP_PROTO_TCP, m->pkt_len);
	uint16_t sum;

	m->l4_len = (uint8_t)hdr_len;
	if (path->netif->link.queue->port->can.tx_tcp_sum) {
		m->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
		sum = cksum_fold_seed(pseudo);
	} else {
		sum = cksum_fold(pseudo + ip_sum_chain(m, 0, m->pkt_len));
	}
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
}

/*
 * Both are inline by force: the compiler does not by itself, for there are two callers, and each segment would
 * pay for the calls and for what it hands over in memory.
 */

/** A head buffer with the written header. NULL: none to be had. */
static __rte_always_inline struct rte_mbuf *
new_segment(struct tcp *tcp, const struct tcp_hdr *h, uint32_t *hdr_len)
{
	struct rte_mbuf *m = pkt_alloc(tcp->pool->head);

	if (m == NULL)
		return NULL;
	*hdr_len = tcp_write(pkt_data(m), h);
	m->data_len = (uint16_t)*hdr_len;
	m->pkt_len = *hdr_len;
	return m;
}

/** Checksum, IP and out. */
static __rte_always_inline void
send_segment(struct tcp *tcp, struct rte_mbuf *m, const struct ip_path *path,
	const struct ip_out *out, uint32_t hdr_len, uint64_t now_ns)
{
	checksum(m, path, out, hdr_len);
	ip_output(tcp->ip, path, m, out, now_ns);
	count(tcp->common.env, STAT_TCP_OUT_SEGS);
}

/**
 * The doorbell is rung once; who found no room then is not overtaken in this turn. Not BARO_COLD: gcc would keep what
 * writes headers out of line with it, 93 instructions a turn.
 */
static bool
ring_for_room(struct dev_queue *q, uint64_t now_ns)
{
	if (q->full_ns == now_ns)
		return false;
	dev_flush(q, now_ns);
	if (dev_tx_room(q) != 0)
		return true;
	q->full_ns = now_ns;
	return false;
}

/** Is there room for a packet, now or after the doorbell? */
static bool
make_room(const struct ip_path *path, uint64_t now_ns)
{
	struct dev_queue *q = path->netif->link.queue;

	return likely(dev_tx_room(q) != 0) || ring_for_room(q, now_ns);
}

/** The text of @o behind its header. @return false: no buffers */
static inline bool
add_text(struct tcp_conn *c, struct rte_mbuf *m, const struct tcp_out *o)
{
	struct sndq_place at = sndq_find(c, seq_add(o->seq, (o->flags & TCP_SYN) != 0));
	struct rte_mbuf *last = m;

	if (o->len > OUT_TEXT_COPY_MAX)
		return out_text_refer(c->tcp, m, &last, at, o->len);
	out_text_copy(m, at, o->len);
	return true;
}

bool
xmit_segment(struct tcp_conn *c, const struct tcp_out *o, struct tso *tso, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	struct ip_path path;
	struct tcp_hdr h;
	struct rte_mbuf *m;
	uint32_t hdr_len;

	if (unlikely(tso->m != NULL) && tso_join(tso, c, o))
		return true;
	if (unlikely(!get_path(c, now_ns, &path))) {
		tcp->common.env->drops[DROP_IP_NO_ROUTE]++;
		return true; /* as if lost on the way: the timer tries again */
	}
	if (unlikely(!make_room(&path, now_ns))) {
		tcp->found_full = true;
		return false;
	}
	if (unlikely(path.neigh->state == NEIGH_FAILED))
		soft_remember(c, o->seq, -EHOSTUNREACH, true);
	tcp_fill_hdr(c, o, now_ns, &h);
	m = new_segment(tcp, &h, &hdr_len);
	if (m == NULL) {
		tcp->common.env->drops[DROP_NO_MBUF]++;
		return false;
	}
	if (o->len != 0 && !add_text(c, m, o)) {
		drop(tcp->common.env, m, DROP_NO_MBUF);
		return false;
	}
	send_segment(tcp, m, &path,
		&(struct ip_out){ .src = c->flow.laddr,
			.dst = c->flow.faddr,
			.proto = IP_PROTO_TCP,
			.may_fragment = path.may_fragment,
			.tos = c->tos | ecn_codepoint(c, o),
			.ttl = c->ttl },
		hdr_len, now_ns);
	if (unlikely(path.netif->link.queue->port->can.tx_tso))
		tso_open(tso, m, &path, o, &h);
	return true;
}

bool
xmit_ack(struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_out o = { .seq = c->snd_nxt };

	if (!xmit_segment(c, &o, &(struct tso){ .m = NULL }, now_ns))
		return false;
	count(c->tcp->common.env, STAT_TCP_OUT_ACKS);
	return true;
}

bool
xmit_keepalive(struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_out o = { .seq = seq_sub(c->snd_nxt, 1) };

	if (!xmit_segment(c, &o, &(struct tso){ .m = NULL }, now_ns))
		return false;
	count(c->tcp->common.env, STAT_TCP_KEEPALIVES);
	return true;
}

enum drop
xmit_reply_by(struct tcp *tcp, const struct ip_path *path, struct tcp_reply *r, uint64_t now_ns)
{
	struct rte_mbuf *m;
	uint32_t hdr_len;

	if (unlikely(!make_room(path, now_ns)))
		return DROP_TX_FULL;
	r->h.src_port = r->flow.lport;
	r->h.dst_port = r->flow.fport;
	if (r->h.opts.mss == 0 ||
		r->h.opts.mss > path->netif->mtu - 40) /* written only if opts.has it */
		r->h.opts.mss = (uint16_t)(path->netif->mtu - 40);
	m = new_segment(tcp, &r->h, &hdr_len);
	if (m == NULL)
		return DROP_NO_MBUF;
	send_segment(tcp, m, path,
		&(struct ip_out){ .src = r->flow.laddr,
			.dst = r->flow.faddr,
			.proto = IP_PROTO_TCP,
			.may_fragment = path->may_fragment,
			.tos = r->tos,
			.ttl = r->ttl },
		hdr_len, now_ns);
	if (r->h.flags & TCP_RST)
		count(tcp->common.env, STAT_TCP_OUT_RSTS);
	return DROP_NONE;
}

enum drop
xmit_reply_if_room(struct tcp *tcp, struct tcp_reply *r, uint64_t now_ns)
{
	struct ip_path path;

	if (ip_find_path(tcp->ip, r->flow.faddr, now_ns, &path) != 0)
		return DROP_NONE;
	return xmit_reply_by(tcp, &path, r, now_ns);
}

void
xmit_reply(struct tcp *tcp, struct tcp_reply *r, uint64_t now_ns)
{
	enum drop why = xmit_reply_if_room(tcp, r, now_ns);

	if (unlikely(why != DROP_NONE))
		tcp->common.env->drops[why]++;
}

void
xmit_rst_for(struct tcp *tcp, const struct tcp_flow *flow, const struct tcp_hdr *h, uint32_t len,
	uint64_t now_ns)
{
	struct tcp_reply r = { .flow = *flow };

	r.h.flags = TCP_RST;
	if (h->flags & TCP_ACK) {
		r.h.seq = h->ack;
	} else {
		r.h.flags |= TCP_ACK;
		r.h.ack = seq_add(
			h->seq, len + ((h->flags & TCP_SYN) != 0) + ((h->flags & TCP_FIN) != 0));
	}
	xmit_reply(tcp, &r, now_ns);
}

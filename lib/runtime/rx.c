/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The spine: a burst of frames walks upward. Layers only say what a packet is or why
 * it is dropped; nobody below calls anybody above. Three stages over the whole burst hide
 * the memory's latency: what is it; where does its connection lie; give it there.
 *
 * What is fetched for a burst is asked for in one go, by loads that nobody waits for (base/prefetch.h): they overlap only with
 * what is at most a few hundred instructions away.
 */

#include "dev/pkt.h"
#include "ip/group.h"
#include "link/arp.h"
#include "runtime/core.h"
#include "runtime/steer.h"
#include "wire/arp.h"
#include "wire/icmp.h"

/** A packet between the stages. */
struct rx_pkt {
	struct rte_mbuf *m; /* NULL: gone */
	struct ip_in in;
	uint32_t hash;               /* of a TCP segment's flow */
	const struct tcp_rest *conn; /* whose it is, by the hash; NULL: nobody's */
};

/** Read the last header: ours, and for whom? On DROP_NONE the data begins behind it. */
static enum drop
classify_frame(const struct core_port *core_port, struct rte_mbuf *m, struct eth_hdr *eth,
	struct netif **netif)
{
	const struct dev_port *port = core_port->queue.port;
	enum drop why = eth_read(pkt_data(m), m->data_len, eth);

	if (unlikely(why != DROP_NONE))
		return why;
	if (!mac_is_group(eth->dst) && unlikely(!mac_eq(eth->dst, port->mac)))
		return DROP_ETH_NOT_OURS;
	*netif = core_port->netif;
	if (unlikely(eth->vlan != port->vlan)) {
		*netif = iface_of_vlan(core_port, eth->vlan);
		if (*netif == NULL)
			return DROP_ETH_VLAN;
	}
	if (eth->type != ETH_TYPE_IPV4 && eth->type != ETH_TYPE_ARP)
		return DROP_ETH_TYPE;
	rte_pktmbuf_adj(m, eth->len);
	return DROP_NONE;
}

static enum drop
input_arp(struct stack *stack, struct netif *netif, struct rx_pkt *p, uint64_t now_ns)
{
	enum drop why = ip_pull(&stack->ip, &p->m, ARP_LEN);

	if (why == DROP_NONE)
		why = arp_input(&netif->link, pkt_data(p->m), p->m->data_len, now_ns);
	if (unlikely(netif->link.is_changed))
		iface_addrs_changed(stack, netif, now_ns);
	if (why != DROP_NONE)
		return why;
	pkt_release(p->m);
	p->m = NULL;
	return DROP_NONE;
}

static inline void
hash_flow(struct stack *stack, struct rx_pkt *p)
{
	p->hash = 0;
	if (p->in.proto == IP_PROTO_TCP && p->in.len >= TCP_HDR_LEN)
		p->hash = tcp_hash_in(&stack->tcp, &p->in, pkt_data(p->m));
}

/** A fragment; the datagram that it completes goes on as if it had come whole, on its own core. */
static BARO_COLD enum drop
input_fragment(struct baro_core *core, struct rx_pkt *p, uint64_t now_ns)
{
	struct ip4 *ip = &core->stack.ip;
	enum drop why = ip_reassemble(ip, &p->m, &p->in, now_ns);

	if (why != DROP_NONE || p->m == NULL)
		return why;
	if (core->steer != NULL) {
		rte_pktmbuf_prepend(p->m, p->in.hdr_len);
		if (steer_packet(core, ip_netif_index(ip, p->in.netif), p->m)) {
			p->m = NULL;
			return DROP_NONE;
		}
		rte_pktmbuf_adj(p->m, p->in.hdr_len);
	}
	hash_flow(&core->stack, p);
	return DROP_NONE;
}

/** IP refuses it. RFC 1122 §3.2.2: nobody is told of what came in a frame to many. */
static BARO_COLD enum drop
refused(struct stack *stack, const struct rx_pkt *p, enum drop why, bool is_to_many,
	uint64_t now_ns)
{
	if (why == DROP_IP_OPTION && p->in.bad_octet != 0 && !is_to_many)
		icmp_send_parameter(&stack->ip, p->m, &p->in, now_ns);
	return why;
}

/** First stage. ARP ends here; a TCP segment learns the hash of its flow. */
static enum drop
classify(struct core_port *port, struct rx_pkt *p, uint64_t now_ns)
{
	struct stack *stack = &port->core->stack;
	struct netif *netif;
	struct eth_hdr eth;
	enum drop why = DROP_NONE;

	if (unlikely(p->m->nb_segs > 1))
		why = ip_pull(&stack->ip, &p->m, ETH_HDR_LEN + ETH_VLAN_LEN);
	if (likely(why == DROP_NONE))
		why = classify_frame(port, p->m, &eth, &netif);
	if (unlikely(why != DROP_NONE))
		return why;
	if (unlikely(eth.type == ETH_TYPE_ARP))
		return input_arp(stack, netif, p, now_ns);
	why = ip_input(&stack->ip, netif, &p->m, &p->in);
	if (unlikely(why != DROP_NONE) && why != DROP_IP_FRAGMENT)
		return refused(stack, p, why, mac_is_group(eth.dst), now_ns);
	if (unlikely(mac_is_group(eth.dst)) && !p->in.is_group)
		return DROP_IP_BROADCAST_FRAME; /* RFC 1122 §3.3.6 */
	if (unlikely(why == DROP_IP_FRAGMENT))
		return input_fragment(port->core, p, now_ns);
	hash_flow(stack, p);
	return DROP_NONE;
}

enum drop
core_take_note(struct stack *stack, const struct icmp_note *note, uint64_t now_ns)
{
	if (note->proto == IP_PROTO_TCP)
		return tcp_icmp(&stack->tcp, note, now_ns);
	if (note->proto == IP_PROTO_UDP)
		return udp_icmp(&stack->udp, note, now_ns);
	if (note->proto == IP_PROTO_ICMP)
		return ping_take(stack, note, NULL, NULL, now_ns);
	return note->proto == 0 ? DROP_NONE : DROP_ICMP_QUOTE;
}

static void
input_icmp(struct stack *stack, struct rx_pkt *p, uint64_t now_ns)
{
	struct icmp_note note = { .proto = 0 };
	bool is_taken = false;
	enum drop why = icmp_input(&stack->ip, p->m, &p->in, now_ns, &note, &is_taken);

	if (is_taken)
		return;
	if (why == DROP_NONE && note.proto == IP_PROTO_ICMP)
		why = ping_take(stack, &note, p->m, &p->in, now_ns);
	else if (why == DROP_NONE)
		why = core_take_note(stack, &note, now_ns);
	if (why != DROP_NONE)
		drop(&stack->env, p->m, why);
	else
		pkt_release(p->m);
}

static BARO_COLD void
input_igmp(struct stack *stack, struct rx_pkt *p, uint64_t now_ns)
{
	enum drop why = igmp_input(&stack->ip, p->m, &p->in, now_ns);

	if (why != DROP_NONE)
		drop(&stack->env, p->m, why);
	else
		pkt_release(p->m);
}

static void
input_udp(struct stack *stack, struct rx_pkt *p, uint64_t now_ns)
{
	enum drop why = udp_input(&stack->udp, p->m, &p->in);

	if (why == DROP_UDP_NO_PORT)
		icmp_send_unreachable(&stack->ip, p->m, &p->in, ICMP_UNREACH_PORT, now_ns);
	if (why != DROP_NONE)
		drop(&stack->env, p->m, why);
}

/** Neither TCP nor UDP: apart from them, so that they need not keep the registers that this takes. */
static BARO_COLD void
input_other(struct stack *stack, struct rx_pkt *p, uint64_t now_ns)
{
	switch (p->in.proto) {
	case IP_PROTO_ICMP:
		input_icmp(stack, p, now_ns);
		return;
	case IP_PROTO_IGMP:
		input_igmp(stack, p, now_ns);
		return;
	default:
		icmp_send_unreachable(&stack->ip, p->m, &p->in, ICMP_UNREACH_PROTO, now_ns);
		drop(&stack->env, p->m, DROP_IP_PROTO);
	}
}

/** Third stage: to its protocol. */
static void
input(struct stack *stack, struct rx_pkt *p, uint64_t now_ns)
{
	switch (p->in.proto) {
	case IP_PROTO_TCP:
		tcp_rx(&stack->tcp, p->m, &p->in, p->hash, now_ns);
		return;
	case IP_PROTO_UDP:
		input_udp(stack, p, now_ns);
		return;
	default:
		input_other(stack, p, now_ns);
	}
}

static inline bool
is_segment(const struct rx_pkt *p)
{
	return likely(p->m != NULL) && likely(p->in.proto == IP_PROTO_TCP);
}

/**
 * Second stage: slots of the table are fetched, then the connections that they name, their control blocks, and what those
 * lead to; for one packet alone there is nobody to wait meanwhile.
 */
static void
fetch_conns(const struct tcp *tcp, struct rx_pkt *pkt, uint16_t n)
{
	const struct tcp_rest *conn[DEV_BURST_MAX];
	unsigned n_conns = 0;

	for (uint16_t i = 0; i < n; i++)
		if (is_segment(&pkt[i]))
			flowtab_fetch(&tcp->table, pkt[i].hash);
	for (uint16_t i = 0; i < n; i++) {
		pkt[i].conn = is_segment(&pkt[i]) ? tcp_fetch(tcp, pkt[i].hash) : NULL;
		conn[n_conns] = pkt[i].conn;
		n_conns += conn[n_conns] != NULL;
	}
	for (unsigned i = 0; i < n_conns; i++)
		rest_fetch(conn[i]);
	for (unsigned i = 0; n_conns > 1 && i < n_conns; i++)
		tcp_fetch_text(conn[i]);
}

/**
 * All that was fetched for a burst is more than the first-level cache holds: what the next segments begin with is
 * brought back there. Nothing of it has been freed meanwhile: connections go at the end of a turn.
 */
static __rte_always_inline void
look_ahead(const struct rx_pkt *pkt, uint16_t i, uint16_t n)
{
	if (i + 2 < n && pkt[i + 2].conn != NULL)
		__builtin_prefetch(pkt[i + 2].conn);
	if (i + 1 < n && pkt[i + 1].conn != NULL && !pkt[i + 1].conn->is_resting)
		prefetch(pkt[i + 1].conn->conn, (size_t)3 * BARO_CACHE_LINE);
}

/** The three stages over one burst of one port. */
static void
carry_up(struct core_port *port, struct rte_mbuf **m, uint16_t n, uint64_t now_ns)
{
	struct stack *stack = &port->core->stack;
	struct rx_pkt pkt[DEV_BURST_MAX];
	uint16_t i;

	for (i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(m[i], void *));
	for (i = 0; i < n; i++) {
		enum drop why;

		pkt[i].m = m[i];
		why = classify(port, &pkt[i], now_ns);
		if (unlikely(why != DROP_NONE)) {
			drop(&stack->env, pkt[i].m, why);
			pkt[i].m = NULL;
		}
	}
	fetch_conns(&stack->tcp, pkt, n);
	for (i = 0; i < n; i++) {
		look_ahead(pkt, i, n);
		if (likely(pkt[i].m != NULL))
			input(stack, &pkt[i], now_ns);
	}
}

/** A packet without a frame around it: our own, or another core's finding, made whole there. */
static BARO_COLD void
carry_up_bare(struct baro_core *core, uint32_t netif, struct rte_mbuf *m, uint64_t now_ns)
{
	struct stack *stack = &core->stack;
	struct rx_pkt p = { .m = m };
	enum drop why = ip_input(&stack->ip, ip_netif_at(&stack->ip, netif), &p.m, &p.in);

	if (why != DROP_NONE) {
		drop(&stack->env, p.m, why);
		return;
	}
	hash_flow(stack, &p);
	input(stack, &p, now_ns);
}

/** What we sent to ourselves until now; what comes of it waits for the next turn. */
static BARO_COLD unsigned
rx_loop(struct baro_core *core, uint64_t now_ns)
{
	struct ip4 *ip = &core->stack.ip;
	unsigned n = ip_loop_count(ip);

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = ip_loop_take(ip);

		if (core->steer == NULL || !steer_packet(core, IP_MAX_NETIFS, m))
			carry_up_bare(core, IP_MAX_NETIFS, m, now_ns);
	}
	return n;
}

static inline bool
is_recording(const struct baro_core *core)
{
	return core->stack.env.capture != NULL;
}

/** For a capture. Of ARP every core has a copy: who found it records it. */
static BARO_COLD void
record_frames(struct core_port *port, struct rte_mbuf **m, uint16_t n, bool is_handed_over,
	uint64_t now_ns)
{
	for (uint16_t i = 0; i < n; i++) {
		struct eth_hdr eth;

		if (is_handed_over && eth_read(pkt_data(m[i]), m[i]->data_len, &eth) == DROP_NONE &&
			eth.type == ETH_TYPE_ARP)
			continue;
		capture_frames(
			&port->core->stack.env, port->queue.port->index, m + i, 1, false, now_ns);
	}
}

/** Frames that other cores found and that belong to us; bursts are made of those of one port. */
static unsigned
rx_handed_over(struct baro_core *core, uint64_t now_ns)
{
	struct rte_mbuf *m[DEV_BURST_MAX];
	uint32_t port[DEV_BURST_MAX];
	uint16_t n = steer_in(core, port, m, core->burst);
	uint16_t from = 0;

	for (uint16_t i = 1; i <= n; i++) {
		if (i < n && port[i] == port[from])
			continue;
		if (unlikely(is_recording(core)) && (port[from] & STEER_BARE) == 0)
			record_frames(core->port[port[from]], m + from, (uint16_t)(i - from), true,
				now_ns);
		if ((port[from] & STEER_BARE) == 0)
			carry_up(core->port[port[from]], m + from, (uint16_t)(i - from), now_ns);
		for (; (port[from] & STEER_BARE) != 0 && from < i; from++)
			carry_up_bare(core, port[from] & ~STEER_BARE, m[from], now_ns);
		from = i;
	}
	return n;
}

unsigned
core_rx(struct baro_core *core, uint64_t now_ns)
{
	struct rte_mbuf *m[DEV_BURST_MAX];
	unsigned n = 0;

	for (uint32_t i = 0; i < core->n_ports; i++) {
		uint16_t got = dev_rx(&core->port[i]->queue, m, core->burst, now_ns);

		n += got;
		if (core->steer != NULL && got != 0)
			got = steer_out(core, i, m, got);
		if (unlikely(is_recording(core)))
			record_frames(core->port[i], m, got, false, now_ns);
		if (got != 0)
			carry_up(core->port[i], m, got, now_ns);
	}
	if (core->steer != NULL)
		n += rx_handed_over(core, now_ns);
	if (unlikely(ip_loop_count(&core->stack.ip) != 0))
		n += rx_loop(core, now_ns);
	return n;
}

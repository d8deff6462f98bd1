/* SPDX-License-Identifier: BSD-3-Clause */

/* A host without runtime: link, ip and udp over a queue that nobody empties but the test. */

#include "kit/host.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "dev/pkt.h"
#include "ip/group.h"
#include "link/arp.h"
#include "link/neigh.h"
#include "link/park.h"

/* A port that seems to be a pair of functions; the queue is read before it would be flushed. */
static void
no_transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
	cr_assert_fail("nobody flushes the queue");
}

static void
make_env(struct env *env)
{
	rand_seed(&env->rand, 1);
	env->secret = (struct siphash_key){ 1, 2 };
	env->table_key = (struct siphash_key){ 3, 4 };
	wheel_init(&env->wheel, AT_S(0));
}

struct netif *
host_add_netif(struct host *h, uint32_t addr, uint8_t prefix_len, uint32_t gateway)
{
	const struct netif_opts opts = {
		.neigh = &h->neigh,
		.queue = &h->queue,
		.name = "port0",
		.addr = addr,
		.prefix_len = prefix_len,
		.gateway = gateway,
		.vlan = h->port.vlan,
	};
	struct netif *netif = NULL;
	int rc = ip_add_netif(&h->ip, &opts, &netif);

	cr_assert_eq(rc, 0, "%d", rc);
	return netif;
}

struct host *
host_new(const struct host_opts *opts)
{
	static const struct host_opts defaults;
	struct host *h = calloc(1, sizeof(*h));
	int rc;

	opts = opts != NULL ? opts : &defaults;
	cr_assert_not_null(h);
	h->now_ns = AT_S(0);
	h->neigh = opts->config.neighbour;
	make_env(&h->env);
	rc = dev_pool_create_plain(&h->pool, opts->mbufs != 0 ? opts->mbufs : 2048);
	cr_assert_eq(rc, 0);
	h->port = (struct dev_port){
		.name = "stub",
		.mtu = opts->mtu != 0 ? opts->mtu : 1500,
		.vlan = opts->vlan,
		.mac = OUR_MAC,
		.can = opts->can,
	};
	h->queue = (struct dev_queue){ .port = &h->port, .env = &h->env, .transmit = no_transmit };
	rc = ip_init(&h->ip, &opts->config, &h->env, &h->pool);
	cr_assert_eq(rc, 0);
	h->netif = host_add_netif(h, OUR_IP, opts->prefix_len != 0 ? opts->prefix_len : 24,
		opts->has_no_gateway ? 0 : GW_IP);
	rc = udp_init(&h->udp, &h->ip, &opts->config.udp);
	cr_assert_eq(rc, 0);
	return h;
}

void
host_delete(struct host *h)
{
	for (uint32_t i = 0; i < h->queue.n_tx; i++)
		pkt_release(h->queue.tx[i]);
	ip_fini(&h->ip);
	udp_fini(&h->udp);
	cr_expect_eq(h->env.wheel.n_armed, 0, "%u timers left", h->env.wheel.n_armed);
	cr_expect_eq(dev_pool_in_use(&h->pool), 0, "%u buffers left", dev_pool_in_use(&h->pool));
	dev_pool_destroy(&h->pool);
	free(h);
}

/* What could not be delivered is nobody's here; runtime/timers.c tells those who sent it. */
static void
neighbour_timer(struct host *h, struct neigh *n, uint64_t now_ns)
{
	struct rte_mbuf *m;

	neigh_timer(n, now_ns);
	if (n->state == NEIGH_FAILED)
		ip_redirect_forget(&h->ip, holder_of(n->link, struct netif, link), n->addr);
	while (n->state == NEIGH_FAILED && (m = neigh_unpark(n)) != NULL)
		drop(n->link->env, m, DROP_NEIGH_FAILED);
}

static void
address_timer(struct host *h, struct link *l)
{
	link_timer(l, h->now_ns);
	if (l->is_changed)
		ip_addrs_changed(&h->ip, holder_of(l, struct netif, link));
}

static void
fire(struct host *h, struct wheel_timer *t)
{
	uint64_t now_ns = h->now_ns;

	if (t->kind == TIMER_NEIGH)
		neighbour_timer(h, holder_of(t, struct neigh, timer), now_ns);
	else if (t->kind == TIMER_LINK)
		address_timer(h, holder_of(t, struct link, timer));
	else if (t->kind == TIMER_PMTU)
		ip_pmtu_timer(&h->ip, now_ns);
	else if (t->kind == TIMER_REDIRECT)
		ip_redirect_timer(&h->ip, h->now_ns);
	else if (t->kind == TIMER_FRAGQ)
		ip_reass_timer(&h->ip, now_ns);
	else if (t->kind == TIMER_GROUP)
		group_timer(&h->ip, holder_of(t, struct ip_group, timer), now_ns);
	else if (t->kind == TIMER_IGMP)
		igmp_timer(&h->ip, holder_of(t, struct ip_igmp, timer), now_ns);
	else
		cr_assert_fail("a timer of nobody's: %u", t->kind);
}

static void
expire(struct host *h)
{
	struct list expired;
	struct list *node;

	list_init(&expired);
	wheel_expire(&h->env.wheel, h->now_ns, &expired);
	while ((node = list_first(&expired)) != NULL) {
		list_remove(node);
		fire(h, holder_of(node, struct wheel_timer, node));
	}
}

void
host_until(struct host *h, uint64_t at_ns)
{
	uint64_t next;

	while ((next = wheel_next(&h->env.wheel)) <= at_ns) {
		h->now_ns = max_u64(h->now_ns, next);
		expire(h);
	}
	h->now_ns = max_u64(h->now_ns, at_ns);
	expire(h);
}

enum drop
host_arp_octets(struct host *h, const struct octets *o)
{
	uint8_t *exact = malloc(o->len != 0 ? o->len : 1); /* a read beyond it is seen */
	enum drop why;

	memcpy(exact, o->b, o->len);
	why = arp_input(&h->netif->link, exact, o->len, h->now_ns);
	free(exact);
	if (h->netif->link.is_changed)
		ip_addrs_changed(&h->ip, h->netif);
	if (why != DROP_NONE)
		h->env.drops[why]++;
	return why;
}

enum drop
host_arp(struct host *h, const struct arp_msg *msg)
{
	struct octets o = arp_octets(msg);

	return host_arp_octets(h, &o);
}

static enum drop
take_icmp(struct host *h, struct rte_mbuf *m, const struct ip_in *in, bool *is_taken)
{
	uint64_t replies = h->env.stats[STAT_ICMP_ECHO_REPLIES];
	enum drop why = icmp_input(&h->ip, m, in, h->now_ns, &h->note, is_taken);

	h->has_echo_copy = !*is_taken && h->env.stats[STAT_ICMP_ECHO_REPLIES] != replies;
	return why;
}

static enum drop
take_udp(struct host *h, struct rte_mbuf *m, const struct ip_in *in, bool *is_taken)
{
	enum drop why = udp_input(&h->udp, m, in);

	*is_taken = why == DROP_NONE;
	if (why == DROP_UDP_NO_PORT)
		icmp_send_unreachable(&h->ip, m, in, ICMP_UNREACH_PORT, h->now_ns);
	return why;
}

static enum drop
take_packet(struct host *h, struct rte_mbuf *m, const struct ip_in *in, bool *is_taken)
{
	switch (in->proto) {
	case IP_PROTO_ICMP:
		return take_icmp(h, m, in, is_taken);
	case IP_PROTO_UDP:
		return take_udp(h, m, in, is_taken);
	default:
		icmp_send_unreachable(&h->ip, m, in, ICMP_UNREACH_PROTO, h->now_ns);
		return DROP_IP_PROTO;
	}
}

enum drop
host_ip_mbuf(struct host *h, struct rte_mbuf *m)
{
	bool is_taken = false;
	struct ip_in in;
	enum drop why;

	why = ip_input(&h->ip, h->netif, &m, &in);
	if (why == DROP_IP_OPTION && in.bad_octet != 0)
		icmp_send_parameter(&h->ip, m, &in, h->now_ns);
	if (why == DROP_IP_FRAGMENT)
		why = ip_reassemble(&h->ip, &m, &in, h->now_ns);
	if (why == DROP_NONE && m == NULL)
		return DROP_NONE;
	if (why == DROP_NONE) {
		cr_expect_eq(in.len, m->pkt_len, "the packet is its payload");
		cr_expect_geq(m->data_len, min_u32(in.len, IP_PULL));
		why = take_packet(h, m, &in, &is_taken);
	}
	if (why != DROP_NONE)
		drop(&h->env, m, why);
	else if (!is_taken)
		pkt_release(m);
	return why;
}

enum drop
host_ip(struct host *h, const struct octets *packet)
{
	return host_ip_mbuf(h, host_chain(h, packet, packet->len, 0));
}

void
host_meet(struct host *h, uint32_t addr, struct mac mac)
{
	struct neigh *n = neigh_find(&h->netif->link, addr, h->now_ns);

	cr_assert_not_null(n);
	n->n_sent = 1; /* as if asked */
	neigh_learn(n, mac, true, h->now_ns);
	cr_assert_eq(n->state, NEIGH_REACHABLE);
}

static struct rte_mbuf *
make_piece(struct host *h, const uint8_t *p, uint32_t len, bool is_head)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(h->pool.text);

	cr_assert_not_null(m);
	if (!is_head)
		m->data_off = (uint16_t)(m->buf_len - len); /* a read beyond it is seen */
	cr_assert_leq(len, rte_pktmbuf_tailroom(m));
	memcpy(rte_pktmbuf_append(m, (uint16_t)len), p, len);
	return m;
}

struct rte_mbuf *
host_chain(struct host *h, const struct octets *o, uint32_t first, uint32_t others)
{
	struct rte_mbuf *m = make_piece(h, o->b, min_u32(first, o->len), true);
	struct rte_mbuf *last = m;
	uint32_t len;

	for (uint32_t at = m->data_len; at < o->len; at += len) {
		len = min_u32(others != 0 ? others : UINT32_MAX, o->len - at);
		last->next = make_piece(h, o->b + at, len, false);
		last = last->next;
		m->nb_segs++;
		m->pkt_len += len;
	}
	return m;
}

uint32_t
host_n_sent(const struct host *h)
{
	return h->queue.n_tx;
}

static struct rte_mbuf *
take_sent(struct host *h)
{
	struct rte_mbuf *m = h->queue.tx[0];

	cr_assert_neq(h->queue.n_tx, 0, "nothing was sent");
	h->queue.n_tx--;
	memmove(h->queue.tx, h->queue.tx + 1, h->queue.n_tx * sizeof(h->queue.tx[0]));
	return m;
}

/* What a port does that finishes checksums: over l2_len, l3_len and the seed, as DPDK wants it. */
static void
finish_sums(struct octets *frame, const struct rte_mbuf *m)
{
	uint8_t *ip = frame->b + m->l2_len;
	uint8_t *udp = ip + m->l3_len;
	uint32_t udp_len = frame->len - (uint32_t)(m->l2_len + m->l3_len);
	uint16_t sum;

	if ((m->ol_flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) == 0)
		return;
	cr_expect_neq(m->ol_flags & RTE_MBUF_F_TX_IPV4, 0);
	if ((m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0) {
		memcpy(&sum, ip + 10, sizeof(sum));
		cr_expect_eq(sum, 0);
		sum = cksum_fold(cksum_add(0, ip, m->l3_len));
		memcpy(ip + 10, &sum, sizeof(sum));
	}
	if ((m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_UDP_CKSUM) {
		sum = cksum_fold(cksum_add(0, udp, udp_len));
		if (sum == 0)
			sum = 0xffff;
		memcpy(udp + UDP_SUM_AT, &sum, sizeof(sum));
	}
}

static void
copy_octets(struct octets *o, const struct rte_mbuf *m)
{
	uint32_t n_segs = 0;

	o->len = 0;
	for (const struct rte_mbuf *seg = m; seg != NULL; seg = seg->next) {
		cr_assert_leq(o->len + seg->data_len, OCTETS_MAX);
		memcpy(o->b + o->len, rte_pktmbuf_mtod(seg, const void *), seg->data_len);
		o->len += seg->data_len;
		n_segs++;
	}
	cr_expect_eq(o->len, m->pkt_len);
	cr_expect_eq(n_segs, m->nb_segs);
}

static void
read_udp(struct sent *s, const uint8_t *p, uint32_t len)
{
	uint32_t sum = cksum_pseudo4(s->ip.src, s->ip.dst, IP_PROTO_UDP, len);

	cr_expect_eq(udp_read(p, len, len, &s->udp), DROP_NONE);
	cr_expect_eq(s->udp.len, len);
	cr_expect(s->udp.has_sum);
	cr_expect_eq(cksum_fold(cksum_add(sum, p, len)), 0, "wrong UDP checksum sent");
	s->data = p + UDP_HDR_LEN;
	s->len = len - UDP_HDR_LEN;
}

static void
read_icmp(struct sent *s, const uint8_t *p, uint32_t len)
{
	cr_expect_eq(icmp_read(p, len, &s->icmp), DROP_NONE);
	cr_expect_eq(cksum_fold(cksum_add(0, p, len)), 0, "wrong ICMP checksum sent");
	s->data = p + ICMP_HDR_LEN;
	s->len = len - ICMP_HDR_LEN;
}

static void
read_ip(struct sent *s, const uint8_t *p, uint32_t len)
{
	cr_expect_eq(ipv4_read(p, len, len, false, &s->ip), DROP_NONE); /* B02 */
	cr_expect_eq(s->ip.total_len, len);
	cr_expect_neq(s->ip.ttl, 0); /* B06 */
	s->data = p + s->ip.hdr_len;
	s->len = len - s->ip.hdr_len;
	if ((s->ip.frag & (IPV4_MF | IPV4_FRAG_OFF)) != 0)
		return;
	if (s->ip.proto == IP_PROTO_UDP)
		read_udp(s, s->data, s->len);
	else if (s->ip.proto == IP_PROTO_ICMP)
		read_icmp(s, s->data, s->len);
}

const struct sent *
host_sent(struct host *h)
{
	static struct sent s;
	struct rte_mbuf *m = take_sent(h);
	const uint8_t *p;

	memset(&s, 0, sizeof(s));
	copy_octets(&s.frame, m);
	finish_sums(&s.frame, m);
	s.n_segs = m->nb_segs;
	s.ol_flags = m->ol_flags;
	s.tx_offload = m->tx_offload;
	pkt_release(m);
	cr_expect_eq(eth_read(s.frame.b, s.frame.len, &s.eth), DROP_NONE);
	cr_expect(mac_eq(s.eth.src, OUR_MAC));
	cr_expect_eq(s.eth.vlan, h->port.vlan);
	p = s.frame.b + s.eth.len;
	if (s.eth.type == ETH_TYPE_ARP)
		cr_expect_eq(arp_read(p, s.frame.len - s.eth.len, &s.arp), DROP_NONE);
	else if (s.eth.type == ETH_TYPE_IPV4)
		read_ip(&s, p, s.frame.len - s.eth.len);
	else
		cr_expect_fail("EtherType %04x sent", s.eth.type);
	return &s;
}

struct octets
arp_octets(const struct arp_msg *msg)
{
	struct octets o = { .len = ARP_LEN };

	arp_write(o.b, msg);
	return o;
}

struct arp_msg
arp_who_has(uint32_t addr, uint32_t from, struct mac mac)
{
	return (struct arp_msg){ .op = ARP_REQUEST, .sha = mac, .spa = from, .tpa = addr };
}

struct arp_msg
arp_is_at(uint32_t from, struct mac mac)
{
	return (struct arp_msg){
		.op = ARP_REPLY,
		.sha = mac,
		.spa = from,
		.tha = OUR_MAC,
		.tpa = OUR_IP,
	};
}

void
ip_octets_sum(struct octets *packet)
{
	uint32_t hdr_len = (packet->b[0] & 0xfu) * 4;
	uint16_t sum = 0;

	memcpy(packet->b + 10, &sum, sizeof(sum));
	sum = cksum_fold(cksum_add(0, packet->b, hdr_len));
	memcpy(packet->b + 10, &sum, sizeof(sum));
}

struct octets
ip_octets_opt(const struct ipv4_hdr *h, const uint8_t *opt, uint32_t opt_len,
	const struct octets *payload)
{
	struct octets o = { .len = IPV4_HDR_LEN + opt_len + payload->len };
	struct ipv4_hdr full = *h;

	full.src = h->src != 0 ? h->src : PEER_IP;
	full.dst = h->dst != 0 ? h->dst : OUR_IP;
	full.ttl = h->ttl != 0 ? h->ttl : 64;
	full.total_len = h->total_len != 0 ? h->total_len : (uint16_t)o.len;
	ipv4_write(o.b, &full, false);
	o.b[0] = (uint8_t)(0x40 | (IPV4_HDR_LEN + opt_len) / 4);
	if (opt_len != 0)
		memcpy(o.b + IPV4_HDR_LEN, opt, opt_len);
	memcpy(o.b + IPV4_HDR_LEN + opt_len, payload->b, payload->len);
	ip_octets_sum(&o);
	return o;
}

struct octets
ip_octets(const struct ipv4_hdr *h, const struct octets *payload)
{
	return ip_octets_opt(h, NULL, 0, payload);
}

struct octets
udp_octets_between(
	uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port, const struct octets *data)
{
	struct octets o = { .len = UDP_HDR_LEN + data->len };
	uint16_t sum;

	udp_write(o.b, &(struct udp_hdr){
			       .src_port = src_port,
			       .dst_port = dst_port,
			       .len = (uint16_t)o.len,
		       });
	memcpy(o.b + UDP_HDR_LEN, data->b, data->len);
	sum = cksum_fold(cksum_add(cksum_pseudo4(src, dst, IP_PROTO_UDP, o.len), o.b, o.len));
	if (sum == 0)
		sum = 0xffff;
	memcpy(o.b + UDP_SUM_AT, &sum, sizeof(sum));
	return o;
}

struct octets
udp_octets(uint16_t src_port, uint16_t dst_port, const struct octets *data)
{
	return udp_octets_between(PEER_IP, OUR_IP, src_port, dst_port, data);
}

struct octets
icmp_octets(const struct icmp_hdr *h, const struct octets *data)
{
	struct octets o = { .len = ICMP_HDR_LEN + data->len };

	icmp_write(o.b, h);
	memcpy(o.b + ICMP_HDR_LEN, data->b, data->len);
	icmp_write_sum(o.b, cksum_fold(cksum_add(0, o.b, o.len)));
	return o;
}

struct octets
some_octets(uint32_t len)
{
	struct octets o = { .len = len };

	for (uint32_t i = 0; i < len; i++)
		o.b[i] = (uint8_t)(7 * i + 1);
	return o;
}

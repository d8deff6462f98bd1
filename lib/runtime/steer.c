/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames go to the core that owns their flow; see the header. */

#include "runtime/steer.h"

#include <errno.h>
#include <rte_ring.h>
#include <stdlib.h>

#include "dev/pkt.h"
#include "runtime/wake.h"
#include "wire/icmp.h"
#include "wire/udp.h"

enum {
	RING_LEN = 1024,
	HASHES_COMPARED = 64,
	EVERYBODY = -1,
	/* to the ports of what an ICMP error quotes */
	HEADERS_MAX = ETH_HDR_LEN + ETH_VLAN_LEN + 2 * IPV4_HDR_MAX + ICMP_HDR_LEN + ICMP_QUOTE_LEN,
};

static struct rte_ring *
ring_of(const struct steer *s, unsigned from, unsigned to)
{
	return s->ring[from * s->n_cores + to];
}

static int
make_rings(struct steer *s)
{
	size_t len =
		RTE_ALIGN_CEIL((size_t)rte_ring_get_memsize(RING_LEN), (size_t)BARO_CACHE_LINE);

	for (unsigned i = 0; i < s->n_cores * s->n_cores; i++) {
		if (i / s->n_cores == i % s->n_cores)
			continue;
		s->ring[i] = aligned_alloc(BARO_CACHE_LINE, len);
		if (s->ring[i] == NULL)
			return -ENOMEM;
		rte_ring_init(s->ring[i], "baro_steer", RING_LEN, RING_F_SP_ENQ | RING_F_SC_DEQ);
	}
	return 0;
}

static int
make_wakes(struct steer *s)
{
	int err = 0;

	s->wake = aligned_alloc(BARO_CACHE_LINE, s->n_cores * sizeof(*s->wake));
	if (s->wake == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n_cores; i++)
		s->wake[i].fd = -1;
	for (unsigned i = 0; i < s->n_cores && err == 0; i++)
		err = wake_init(&s->wake[i]);
	return err;
}

int
steer_create(unsigned n_cores, struct steer **out)
{
	struct steer *s = calloc(1, sizeof(*s) + n_cores * n_cores * sizeof(s->ring[0]));
	int err;

	if (s == NULL)
		return -ENOMEM;
	s->n_cores = n_cores;
	err = make_rings(s);
	if (err == 0)
		err = make_wakes(s);
	if (err == 0)
		err = rand_secret(&s->key, sizeof(s->key));
	if (err == 0)
		err = rss_draw(&s->rss, n_cores);
	if (err != 0) {
		steer_destroy(s);
		return err;
	}
	*out = s;
	return 0;
}

void
steer_destroy(struct steer *s)
{
	struct rte_mbuf *m;

	for (unsigned i = 0; i < s->n_cores * s->n_cores; i++) {
		while (s->ring[i] != NULL && rte_ring_sc_dequeue(s->ring[i], (void **)&m) == 0)
			pkt_release(m);
		free(s->ring[i]);
	}
	for (unsigned i = 0; s->wake != NULL && i < s->n_cores; i++)
		wake_fini(&s->wake[i]);
	free(s->wake);
	free(s);
}

/** A packet as a core finds it. */
struct found {
	const struct baro_core *core;
	const struct rte_mbuf *m;
	struct dev_queue *queue; /* whose device may have hashed its flow; NULL: it has not */
};

static bool
is_hashed(const struct found *found, uint8_t proto)
{
	const struct dev_queue *q = found->queue;

	return q != NULL && (found->m->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0 &&
	       (proto == IP_PROTO_TCP ? q->port->hash.is_of_tcp : q->port->hash.is_of_udp);
}

/** A key that reads back as it was written proves no hash: the first ones are computed, too. */
static BARO_COLD uint32_t
compare_hash(const struct found *found, const struct flow *flow)
{
	uint32_t hash = rss_hash(&found->core->steer->rss, flow);

	if (hash == found->m->hash.rss) {
		found->queue->n_hashes++;
	} else {
		found->queue->denies_hashes = true;
		count(found->queue->env, STAT_HASHES_DENIED);
	}
	return hash;
}

/** From the device, if it can be had there. */
static uint32_t
hash_of(const struct found *found, uint8_t proto, const struct flow *flow)
{
	if (!is_hashed(found, proto) || unlikely(found->queue->denies_hashes))
		return rss_hash(&found->core->steer->rss, flow);
	if (unlikely(found->queue->n_hashes < HASHES_COMPARED))
		return compare_hash(found, flow);
	return found->m->hash.rss;
}

/** A UDP port that one core has is that core's; nobody's is the finder's. */
static int
owner_of_flow(const struct found *found, uint8_t proto, const struct flow *flow)
{
	const struct steer *s = found->core->steer;
	uint64_t having;

	if (proto != IP_PROTO_UDP)
		return (int)rss_owner(&s->rss, hash_of(found, proto, flow));
	having = udp_cores_having(&s->udp_cores, flow->lport);
	if (having == 0)
		return (int)found->core->stack.id;
	if ((having & (having - 1)) == 0)
		return __builtin_ctzll(having);
	return (int)udp_cores_owner(having, hash_of(found, proto, flow));
}

/** An ICMP error is about a flow: what it quotes begins at @p, as we sent it. */
static int
owner_of_error(const struct baro_core *core, const uint8_t *p, uint32_t len)
{
	struct icmp_quote quote;
	struct ipv4_hdr ip;

	if (ipv4_read(p, len, UINT16_MAX, true, &ip) != DROP_NONE ||
		len < ip.hdr_len + (uint32_t)ICMP_QUOTE_LEN)
		return (int)core->stack.id;
	quote = icmp_read_quote(p + ip.hdr_len);
	if (ip.proto == IP_PROTO_ICMP) /* an echo request: its identifier */
		return (int)ping_owner((uint16_t)(quote.seq >> 16), core->steer->n_cores);
	return owner_of_flow(&(struct found){ .core = core }, ip.proto,
		&(struct flow){ ip.src, ip.dst, quote.src_port, quote.dst_port });
}

/** What a ring's packets bring along, in their private areas. */
struct steer_note {
	uint32_t from; /* port, or interface with STEER_BARE */
};

static inline struct steer_note *
steer_note(struct rte_mbuf *m)
{
	return (struct steer_note *)rte_mbuf_to_priv(m);
}

/** Fragments of one datagram meet on one core, whatever its flow. */
static int
owner_of_fragment(const struct baro_core *core, const struct ipv4_hdr *ip)
{
	uint64_t addrs = (uint64_t)ip->src << 32 | ip->dst;
	uint64_t rest = (uint64_t)ip->proto << 16 | ip->id;
	uint64_t hash = siphash13_2u64(&core->stack.env.table_key, addrs, rest);

	return (int)rss_owner(&core->steer->rss, (uint32_t)hash);
}

/**
 * Whose is this packet? Only its shape is looked at; the owner checks it. What cannot be told is the
 * finder's own: echo requests, anything malformed. @len octets are readable at @p, its IP header.
 */
static int
owner_of_packet(const struct found *found, const uint8_t *p, uint32_t len, uint32_t packet_len)
{
	const struct baro_core *core = found->core;
	struct found computed = { .core = core };
	struct ipv4_hdr ip;

	if (ipv4_read(p, len, packet_len, true, &ip) != DROP_NONE)
		return (int)core->stack.id;
	if (ip.proto == IP_PROTO_IGMP)
		return EVERYBODY; /* each core reports its own groups */
	if ((ip.frag & (IPV4_MF | IPV4_FRAG_OFF)) != 0)
		return owner_of_fragment(core, &ip);
	if (len < ip.hdr_len + (uint32_t)UDP_HDR_LEN)
		return (int)core->stack.id;
	p += ip.hdr_len;
	if (ip.proto == IP_PROTO_ICMP && p[0] == ICMP_ECHO_REPLY)
		return (int)ping_owner(get_u16(p + 4), core->steer->n_cores);
	if (ip.proto == IP_PROTO_ICMP && icmp_is_error(p[0]))
		return owner_of_error(
			core, p + ICMP_HDR_LEN, len - ip.hdr_len - (uint32_t)ICMP_HDR_LEN);
	if (ip.proto != IP_PROTO_TCP && ip.proto != IP_PROTO_UDP)
		return (int)core->stack.id;
	if (unlikely(ip.hdr_len != IPV4_HDR_LEN)) /* devices differ about options */
		found = &computed;
	return owner_of_flow(found, ip.proto,
		&(struct flow){ ip.dst, ip.src, tcp_peek_dst_port(p), tcp_peek_src_port(p) });
}

static int
owner_of_frame(const struct baro_core *core, struct dev_queue *queue, struct rte_mbuf *m)
{
	struct found found = { .core = core, .m = m };
	uint8_t headers[HEADERS_MAX];
	uint32_t len = min_u32(m->pkt_len, sizeof(headers));
	const uint8_t *p = rte_pktmbuf_read(m, 0, len, headers);
	struct eth_hdr eth;

	if (eth_read(p, len, &eth) != DROP_NONE)
		return (int)core->stack.id;
	if (eth.type == ETH_TYPE_ARP)
		return EVERYBODY;
	if (eth.type != ETH_TYPE_IPV4)
		return (int)core->stack.id;
	found.queue =
		eth.len == ETH_HDR_LEN ? queue : NULL; /* nor is it known what they make of tags */
	return owner_of_packet(&found, p + eth.len, len - eth.len, m->pkt_len - eth.len);
}

static void
hand_over(struct baro_core *core, unsigned to, uint32_t from, struct rte_mbuf *m)
{
	steer_note(m)->from = from;
	if (rte_ring_sp_enqueue(ring_of(core->steer, core->stack.id, to), m) != 0)
		drop(&core->stack.env, m, DROP_STEER_FULL);
	else
		count(&core->stack.env, STAT_STEERED);
}

/** A copy for every other core. */
static void
tell_everybody(struct baro_core *core, uint32_t from, struct rte_mbuf *m)
{
	for (unsigned to = 0; to < core->steer->n_cores; to++) {
		struct rte_mbuf *copy;

		if (to == core->stack.id)
			continue;
		copy = rte_pktmbuf_copy(m, core->stack.pool.text, 0, UINT32_MAX);
		if (copy == NULL)
			core->stack.env.drops[DROP_NO_MBUF]++;
		else
			hand_over(core, to, from, copy);
	}
}

/** Those of @told that sleep get up; a bit for each core. */
static void
wake_cores(const struct steer *s, uint64_t told)
{
	for (; told != 0; told &= told - 1)
		wake_ring(&s->wake[__builtin_ctzll(told)]);
}

static uint64_t
others_of(const struct baro_core *core)
{
	return (UINT64_MAX >> (64 - core->steer->n_cores)) & ~(UINT64_C(1) << core->stack.id);
}

uint16_t
steer_out(struct baro_core *core, uint32_t port, struct rte_mbuf **m, uint16_t n)
{
	struct dev_queue *queue = &core->port[port]->queue;
	uint64_t told = 0;
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		int owner = owner_of_frame(core, queue, m[i]);

		if (owner == EVERYBODY) {
			tell_everybody(core, port, m[i]);
			told |= others_of(core);
		}
		if (owner == EVERYBODY || owner == (int)core->stack.id) {
			m[kept++] = m[i];
		} else {
			hand_over(core, (unsigned)owner, port, m[i]);
			told |= UINT64_C(1) << owner;
		}
	}
	wake_cores(core->steer, told);
	return kept;
}

bool
steer_packet(struct baro_core *core, uint32_t netif, struct rte_mbuf *m)
{
	uint8_t headers[HEADERS_MAX];
	uint32_t len = min_u32(m->pkt_len, sizeof(headers));
	int owner = owner_of_packet(&(struct found){ .core = core, .m = m },
		rte_pktmbuf_read(m, 0, len, headers), len, m->pkt_len);

	if (owner == (int)core->stack.id)
		return false;
	if (owner == EVERYBODY) {
		tell_everybody(core, netif | STEER_BARE, m);
		wake_cores(core->steer, others_of(core));
		return false;
	}
	hand_over(core, (unsigned)owner, netif | STEER_BARE, m);
	wake_cores(core->steer, UINT64_C(1) << owner);
	return true;
}

uint16_t
steer_in(struct baro_core *core, uint32_t *port, struct rte_mbuf **m, uint16_t n)
{
	const struct steer *s = core->steer;
	uint16_t got = 0;

	for (unsigned from = 0; from < s->n_cores && got < n; from++)
		if (from != core->stack.id)
			got = (uint16_t)(got +
					 rte_ring_sc_dequeue_burst(ring_of(s, from, core->stack.id),
						 (void **)(m + got), (unsigned)(n - got), NULL));
	for (uint16_t i = 0; i < got; i++)
		port[i] = steer_note(m[i])->from;
	return got;
}

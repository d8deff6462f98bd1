/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets in and out are mbufs. */
#ifndef BARO_IP_IP_H
#define BARO_IP_IP_H

/*
 * IPv4 of one core: interfaces, routes, in and out. RFC 791, 1122 §3.
 */

#include <baro/config.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "ip/fragq.h"
#include "ip/packet.h"
#include "ip/pmtu.h"
#include "link/neigh.h"
#include "wire/ipv4.h"

enum {
	IP_MAX_NETIFS = BARO_MAX_PORTS,
	IP_TTL_DEFAULT = 64,
	IP_IDS = 256, /* counters of identifications; each serves many destinations */
};

/** An interface: a port seen from IP. */
struct netif {
	struct link link;
	uint32_t addr; /* host order */
	uint32_t netmask;
	uint32_t gateway; /* 0: none */
	uint16_t mtu;
};

/** Events a second, with a burst of as many: a second's worth of credit, spent by events. */
struct ip_limit {
	uint64_t last_ns;
	uint64_t credit_ns;
	uint64_t ns_per_event;
};

struct ip4 {
	struct env *env;
	struct dev_pool *pool;
	struct netif netif[IP_MAX_NETIFS];
	uint32_t n_netifs;
	uint32_t route_gen; /* changes with every change of interfaces and routes */
	struct pmtu_cache pmtu;
	uint16_t next_id[IP_IDS]; /* RFC 6864 §4.3: of datagrams that may be fragmented */
	struct ip_limit error_limit;
	struct ip_limit echo_limit;
	struct fragq fragq;
};

/** @env is seeded already. @return 0, -ENOMEM */
int
ip_init(struct ip4 *ip, const struct baro_config *config, struct env *env, struct dev_pool *pool);
void
ip_fini(struct ip4 *ip);

/**
 * Add an interface over @queue.
 *
 * @prefix_len  1..32
 * @gateway     on the interface's network; 0: none
 * @return      0, -ENOSPC (IP_MAX_NETIFS), -EINVAL (prefix; address that no host can have;
 *              gateway that is not a neighbour), -ENOMEM
 */
int
ip_add_netif(struct ip4 *ip, const struct baro_config *config, struct dev_queue *queue,
	uint32_t addr, uint8_t prefix_len, uint32_t gateway, struct netif **out);

/** Is @addr one of our own? */
static inline bool
ip_is_local(const struct ip4 *ip, uint32_t addr)
{
	for (uint32_t i = 0; i < ip->n_netifs; i++) {
		if (ip->netif[i].addr == addr)
			return true;
	}
	return false;
}

/** A broadcast address that packets on @netif may bear: limited, or its own network's. */
static inline bool
ip_is_broadcast(const struct netif *netif, uint32_t addr)
{
	return addr == IPV4_BROADCAST ||
	       ipv4_is_directed_broadcast(addr, netif->addr, netif->netmask);
}

/** Where packets to one destination go: kept by a connection, found again when it is stale. */
struct ip_path {
	struct netif *netif;
	struct neigh *neigh;
	uint32_t neigh_gen;
	uint32_t route_gen;
	uint32_t src;      /* address that this route gives us */
	uint16_t mtu;      /* octets of a packet that it carries, as far as is known (RFC 1191) */
	bool may_fragment; /* it carries less than the floor of path MTUs: DF would lose packets */
};

/**
 * RFC 1122 §3.3.1: the longest of the prefixes of our networks, else a gateway. Broadcasts have
 * the interface's permanent neighbour.
 *
 * @return  0
 *          -ENETUNREACH    no route, or a group: sending to those is not there yet
 *          -EADDRNOTAVAIL  one of our own addresses: there is no loopback yet
 *          -ENOBUFS        no room for the neighbour
 */
int
ip_find_path(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path);

/** The drop reason that says what ip_find_path() said. */
enum drop
ip_path_drop(int error);

static inline bool
ip_path_is_fresh(const struct ip4 *ip, const struct ip_path *path)
{
	return path->neigh != NULL && path->route_gen == ip->route_gen &&
	       path->neigh_gen == path->neigh->gen;
}

/** Everybody on the link receives what is sent this way: TCP must not. */
static inline bool
ip_path_is_broadcast(const struct ip_path *path)
{
	return path->neigh == &path->netif->link.broadcast;
}

/**
 * A router says that a packet of ours, of @len octets, was too big for the way to @dst, and the
 * protocol that sent it believes it; @told: the MTU there, 0: not told. All paths become stale, so that
 * whoever uses this way learns it.
 *
 * @return true if less is known to be carried now than before
 */
bool
ip_pmtu_learn(struct ip4 *ip, uint32_t dst, uint16_t told, uint16_t len, uint64_t now_ns);

/** ip->pmtu.timer fired. */
void
ip_pmtu_timer(struct ip4 *ip, uint64_t now_ns);

/**
 * The packet's data is an IPv4 header; afterwards its payload, of which the first
 * min(len, IP_PULL) octets are contiguous. On a drop the packet stays the caller's. *@m is
 * another mbuf afterwards if headers lay scattered; only *@m is the packet then.
 *
 * @return  DROP_IP_FRAGMENT: all is well, but this is a fragment: ip_reassemble() takes it
 */
enum drop
ip_input(struct ip4 *ip, struct netif *netif, struct rte_mbuf **m, struct ip_in *in);

/**
 * A fragment, as ip_input() left it. On DROP_NONE *@m is NULL (it is kept), or the whole datagram
 * that it made complete, as ip_input() would have left that: header in front, IP_PULL octets
 * contiguous. On a drop the packet stays the caller's.
 */
enum drop
ip_reassemble(struct ip4 *ip, struct rte_mbuf **m, struct ip_in *in, uint64_t now_ns);

/** ip->fragq.timer fired: datagrams that never became whole go, RFC 1122 §3.3.2. */
void
ip_reass_timer(struct ip4 *ip, uint64_t now_ns);

/* ip_output() is in ip/out4.h. */

/**
 * Send a packet that is longer than the way's MTU in fragments (RFC 791 §3.2): all of them, or none.
 * Its data is the payload, all checksums done; it is taken.
 *
 * @return 0, -ENOBUFS (no buffers, or no room in the transmit ring; counted)
 */
int
ip_fragment(struct ip4 *ip, const struct ip_path *path, struct rte_mbuf *m,
	const struct ip_out *out, uint64_t now_ns);

/* Packets as chains of mbufs (chain.c): */

/** Sum over the data of an mbuf chain from @off on, @len octets; the packet has them. */
uint32_t
ip_sum_chain(const struct rte_mbuf *m, uint32_t off, uint32_t len);

/**
 * Make the first min(@want, packet) octets contiguous, @want <= POOL_HEAD_ROOM. What other packets
 * share is not written to: the octets move to a new mbuf, which takes *@m's place.
 *
 * @return DROP_NONE, DROP_NO_MBUF
 */
enum drop
ip_pull(struct ip4 *ip, struct rte_mbuf **m, uint32_t want);

/**
 * As ip_pull(), and these octets may be written to afterwards. @want octets are there.
 *
 * @return DROP_NONE, DROP_NO_MBUF
 */
enum drop
ip_own(struct ip4 *ip, struct rte_mbuf **m, uint32_t want);

/** Cut a packet down to its first @len octets; it has them. */
void
ip_cut(struct rte_mbuf *m, uint32_t len);

/** An event may happen now; it is counted then. */
bool
ip_limit_allows(struct ip_limit *limit, uint64_t now_ns);

/* ICMP (icmp.c), RFC 792 */

/** An error that came for one of our packets: what TCP or UDP needs to know. */
struct icmp_note {
	uint8_t type;
	uint8_t code;
	uint16_t mtu; /* of ICMP_UNREACH_FRAG; 0: not told */
	uint16_t len; /* of the quoted packet, as its header says it: octets with that header */
	uint8_t proto;
	uint32_t src; /* of the quoted packet: one of ours */
	uint32_t dst;
	uint16_t src_port;
	uint16_t dst_port;
	bool is_next_hop; /* no router's word but our own link's: nobody answers for the next hop */
	uint32_t seq;     /* the quoted TCP sequence number */
};

/**
 * An ICMP message; it begins at the mbuf's data. The packet stays the caller's, unless it
 * became the echo reply.
 *
 * @note     filled when the verdict is DROP_NONE and note->proto is not 0
 * @is_taken set when the packet was turned into a reply and sent
 */
enum drop
icmp_input(struct ip4 *ip, struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns,
	struct icmp_note *note, bool *is_taken);

/**
 * The next hop of @m, a packet of ours with its IP header in front, did not answer ARP: what an ICMP
 * "host unreachable" from our own link would say. @m stays the caller's.
 */
void
ip_note_undelivered(const struct rte_mbuf *m, struct icmp_note *note);

/**
 * Answer @m, as ip_input() left it, by an error, if RFC 1122 §3.2.2 and the rate limit allow. @m
 * stays the caller's.
 */
void
icmp_send_error(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint8_t type,
	uint8_t code, uint64_t now_ns);

/** "Unreachable". */
void
icmp_send_unreachable(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	uint8_t code, uint64_t now_ns);

#endif

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

#include "ip/fib.h"
#include "ip/fragq.h"
#include "ip/packet.h"
#include "ip/pmtu.h"
#include "link/neigh.h"
#include "wire/ipv4.h"

enum {
	IP_MAX_NETIFS = 64,
	IP_NAME_LEN = 16,
	IP_NEIGH_BITS = 24, /* of ip_neigh_number(); the others are the interface's */
	IP_TTL_DEFAULT = 64,
	IP_IDS = 256, /* counters of identifications; each serves many destinations */
};

/** An interface: a port, or one VLAN of it, seen from IP. */
struct netif {
	struct link link;       /* with all addresses */
	uint32_t addr;          /* the primary one, host order; 0: none is in use */
	uint16_t mtu;           /* octets */
	char name[IP_NAME_LEN]; /* "port0", "port0.100" */
};

/** Events a second, with a burst of as many: a second's worth of credit, spent by events. */
struct ip_limit {
	uint64_t last_ns;
	uint64_t credit_ns;
	uint64_t ns_per_event;
};

enum { REDIRECTS_MAX = 128 };

/** A gateway's word: @dst is reached better by another one. */
struct redirect {
	uint32_t dst;
	uint32_t gateway;
	struct netif *netif;
	uint64_t deadline_ns;
};

struct redirects {
	struct redirect entry[REDIRECTS_MAX]; /* the oldest first */
	uint32_t n;
	bool is_on;
	uint64_t expiry_ns;
	struct wheel_timer timer; /* TIMER_REDIRECT: the oldest one's deadline */
};

struct ip_groups;

struct ip4 {
	struct env *env;
	struct dev_pool *pool;
	struct netif netif[IP_MAX_NETIFS];
	uint32_t n_netifs;
	uint64_t ours;      /* ip_may_be_ours() */
	uint32_t route_gen; /* changes with every change of interfaces and routes */
	struct fib fib;
	struct pmtu_cache pmtu;
	struct redirects redirects;
	uint16_t next_id[IP_IDS]; /* RFC 6864 §4.3: of datagrams that may be fragmented */
	struct ip_groups *groups; /* group.h */
	struct ip_limit error_limit;
	struct ip_limit echo_limit;
	bool tells_time; /* answers timestamp requests */
	struct fragq fragq;

	/* ourselves as a neighbour (loop.c) */
	struct netif loop;
	struct neigh self;
	struct dev_port loop_port;
	struct dev_queue loop_queue;
};

/** @env is seeded already. @return 0, -ENOMEM */
int
ip_init(struct ip4 *ip, const struct baro_config *config, struct env *env, struct dev_pool *pool);
void
ip_fini(struct ip4 *ip);

struct netif_opts {
	const struct baro_neigh_config *neigh;
	struct dev_queue *queue;
	const char *name;   /* shorter than IP_NAME_LEN; copied */
	uint32_t addr;      /* the first one */
	uint8_t prefix_len; /* 1..32 */
	uint32_t gateway;   /* on the address's network; 0: none */
	uint16_t vlan;      /* 0: untagged */
	uint16_t mtu;       /* 0: the port's */
};

/**
 * Add an interface; it lives as long as @ip.
 *
 * @return 0, -ENOSPC (IP_MAX_NETIFS), -EINVAL (prefix; address that no host can have; gateway that is
 *         not a neighbour), -EEXIST (the address is ours already), -ENOMEM
 */
int
ip_add_netif(struct ip4 *ip, const struct netif_opts *opts, struct netif **out);

/** By name; NULL: there is none. */
struct netif *
ip_find_netif(struct ip4 *ip, const char *name);

/** Number of an interface, the same on all cores; and back. */
static inline uint32_t
ip_netif_index(const struct ip4 *ip, const struct netif *netif)
{
	return netif == &ip->loop ? (uint32_t)IP_MAX_NETIFS : (uint32_t)(netif - ip->netif);
}

static inline struct netif *
ip_netif_at(struct ip4 *ip, uint32_t index)
{
	return index == IP_MAX_NETIFS ? &ip->loop : &ip->netif[index];
}

/**
 * Another address, and a route to its network. It is not announced.
 *
 * @return 0, -EINVAL (prefix_len not 1..32; address that no host can have), -EEXIST (it is ours),
 *         -ENOSPC (LINK_ADDRS_MAX), -ENOMEM
 */
int
ip_add_addr(struct ip4 *ip, struct netif *netif, uint32_t addr, uint8_t prefix_len);

/**
 * An address goes, with its network's route and the gateways that it alone can reach.
 *
 * @return 0, -ENOENT (not this interface's), -EBUSY (its last one)
 */
int
ip_remove_addr(struct ip4 *ip, struct netif *netif, uint32_t addr);

/** Some of its addresses have come into use, or are no more (@netif->link.is_changed). */
void
ip_addrs_changed(struct ip4 *ip, struct netif *netif);

/** @addr is a neighbour on one of the interface's networks; every address is for a /32. */
bool
ip_is_on_link(const struct netif *netif, uint32_t addr);

/** False: @addr is none of our addresses nor a broadcast of our networks. True: look closer. */
static inline bool
ip_may_be_ours(const struct ip4 *ip, uint32_t addr)
{
	return (ip->ours >> addr % 64 & 1) != 0;
}

/** Some interface has the address @addr. */
bool
ip_has_addr(const struct ip4 *ip, uint32_t addr);

/** Is @addr one of our own, 127/8 included? */
static inline bool
ip_is_local(const struct ip4 *ip, uint32_t addr)
{
	return ipv4_is_loopback(addr) || (ip_may_be_ours(ip, addr) && ip_has_addr(ip, addr));
}

/** A broadcast address that packets on @netif may bear: limited, or of one of its networks. */
static inline bool
ip_is_broadcast(const struct netif *netif, uint32_t addr)
{
	return addr == IPV4_BROADCAST || link_is_broadcast(&netif->link, addr);
}

/* Routes (route.c), RFC 1122 §3.3.1 */

/**
 * @want->netif  NULL: that of the gateway's network
 * @return  0
 *          -EEXIST       there is one by the same gateway and interface
 *          -EINVAL       prefix with bits beyond its length, or of no hosts; neither gateway nor
 *                        interface; gateway that is no host's address, or ours
 *          -ENETUNREACH  the gateway is no neighbour on that interface
 *          -ENOMEM
 */
int
ip_add_route(struct ip4 *ip, const struct fib_route *want);

/** The static route to this prefix, by this gateway (0: any) and interface (NULL: any). @return 0, -ENOENT */
int
ip_remove_route(struct ip4 *ip, const struct fib_route *which);

/* Redirects (redirect.c), RFC 1122 §3.2.2.2 */

struct redirect_opts {
	uint32_t from; /* who says so */
	uint32_t gateway;
	struct netif *netif; /* where it came in */
};

/** @dst is to be sent to by @r->gateway. @return false: not from the gateway in use, or it leads off the link */
bool
ip_redirect(struct ip4 *ip, uint32_t dst, const struct redirect_opts *r, uint64_t now_ns);

/** ip->redirects.timer fired. */
void
ip_redirect_timer(struct ip4 *ip, uint64_t now_ns);

/** Forget what leads to @gateway (0: any) on @netif: it is silent (RFC 1122 §3.3.1.4). */
void
ip_redirect_forget(struct ip4 *ip, const struct netif *netif, uint32_t gateway);

/* Ourselves (loop.c) */

void
ip_loop_init(struct ip4 *ip);

/** The oldest packet that we have sent to ourselves, its IP header first; NULL: none. */
struct rte_mbuf *
ip_loop_take(struct ip4 *ip);

/** So many wait. */
static inline uint32_t
ip_loop_count(const struct ip4 *ip)
{
	return ip->self.n_parked;
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
 * The way to @dst, RFC 1122 §3.3.1. Broadcasts and groups have permanent neighbours of the interface, our
 * own addresses ourselves.
 *
 * @return  0
 *          -ENETUNREACH    no route
 *          -ENOBUFS        no room for the neighbour
 */
int
ip_find_path(struct ip4 *ip, uint32_t dst, uint64_t now_ns, struct ip_path *path);

/** The same, leaving by @netif whatever the routes say; without a route there @dst is a neighbour. */
int
ip_find_path_by(
	struct ip4 *ip, struct netif *netif, uint32_t dst, uint64_t now_ns, struct ip_path *path);

/** The interface that the routes give for a group, RFC 1112 §6.1; NULL: there is none. */
struct netif *
ip_group_netif(struct ip4 *ip, uint32_t group);

/** The drop reason that says what ip_find_path() said. */
enum drop
ip_path_drop(int error);

static inline bool
ip_path_is_fresh(const struct ip4 *ip, const struct ip_path *path)
{
	return path->neigh != NULL && path->route_gen == ip->route_gen &&
	       path->neigh_gen == path->neigh->gen;
}

/** A number for @n, the neighbour of a path or NULL, that fits in a word; NEIGH_NONE: it has none. */
static inline uint32_t
ip_neigh_number(const struct ip4 *ip, const struct neigh *n)
{
	uint32_t i = n != NULL ? neigh_index(n) : NEIGH_NONE;

	if (i >> IP_NEIGH_BITS != 0)
		return NEIGH_NONE;
	return ip_netif_index(ip, holder_of(n->link, struct netif, link)) << IP_NEIGH_BITS | i;
}

/** The neighbour with this @number, which may be another address's by now, and its @netif; NULL: it has none. */
static inline struct neigh *
ip_neigh_at(struct ip4 *ip, uint32_t number, struct netif **netif)
{
	if (number == NEIGH_NONE)
		return NULL;
	*netif = ip_netif_at(ip, number >> IP_NEIGH_BITS);
	return &(*netif)->link.neigh[number & ((UINT32_C(1) << IP_NEIGH_BITS) - 1)];
}

/** RFC 1122 §3.2.1.3 (g): 127/8 does not leave the host. */
static inline bool
ip_path_allows_source(const struct ip4 *ip, const struct ip_path *path, uint32_t src)
{
	return !ipv4_is_loopback(src) || path->netif == &ip->loop;
}

/** Many receive what is sent this way, a broadcast or group: TCP must not. */
static inline bool
ip_path_is_broadcast(const struct ip_path *path)
{
	return path->neigh == &path->netif->link.broadcast || ipv4_is_multicast(path->neigh->addr);
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
 *          DROP_IP_OPTION: with @in->bad_octet set the sender may be told by icmp_send_parameter()
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

/** ip_sum_chain() over several buffers. */
uint32_t
ip_sum_pieces(const struct rte_mbuf *m, uint32_t off, uint32_t len);

/** Sum over the data of an mbuf chain from @off on, @len octets; the packet has them. */
static inline uint32_t
ip_sum_chain(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	if (likely(off + len <= m->data_len))
		return cksum_add(0, rte_pktmbuf_mtod_offset(m, const uint8_t *, off), len);
	return ip_sum_pieces(m, off, len);
}

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

/* Groups (group.h) */

/** @return 0, -ENOMEM */
int
group_init(struct ip4 *ip);
void
group_fini(struct ip4 *ip);

/* ICMP (icmp.c, icmp_error.c, icmp_send.c), RFC 792 */

/**
 * An error that came for one of our packets, or the reply to an echo of ours: what its sender needs to
 * know.
 */
struct icmp_note {
	uint8_t type;
	uint8_t code;
	bool is_hard; /* asking again is of no use */
	int err;      /* what the sender's caller should hear, a negative errno; 0 of a reply */
	uint16_t mtu; /* of ICMP_UNREACH_FRAG; 0: not told */
	uint16_t len; /* of the quoted packet, as its header says it: octets with that header */
	uint8_t proto;
	uint32_t by;  /* who says so; 0: our own link */
	uint32_t src; /* of the quoted packet: one of ours */
	uint32_t dst;
	uint16_t src_port;
	uint16_t dst_port;
	bool is_next_hop; /* no router's word but our own link's: nobody answers for the next hop */
	uint32_t seq;     /* the quoted TCP sequence number; of an echo identifier and sequence */
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

/** @m has an option that cannot be (DROP_IP_OPTION, @in->bad_octet): "parameter problem". */
void
icmp_send_parameter(
	struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns);

/** "Unreachable". */
void
icmp_send_unreachable(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	uint8_t code, uint64_t now_ns);

#endif

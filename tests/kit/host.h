/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_HOST_H
#define BARO_KIT_HOST_H

/*
 * The layers from link to udp of one core, without runtime: frames and packets in by call, what
 * is sent read from the port's queue, time as the test says. 198.18.0.2/24 behind 198.18.0.254.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "dev/pool.h"
#include "dev/port.h"
#include "ip/ip.h"
#include "kit/counters.h"
#include "udp/udp.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* who is who */
#define OUR_IP    IP4(198, 18, 0, 2)
#define PEER_IP   IP4(198, 18, 0, 1)
#define PEER2_IP  IP4(198, 18, 0, 3)
#define GW_IP     IP4(198, 18, 0, 254)
#define BCAST_IP  IP4(198, 18, 0, 255)
#define FAR_IP    IP4(203, 0, 113, 9)
#define OUR_MAC   ((struct mac){ { 0x02, 0, 0, 0, 0, 2 } })
#define PEER_MAC  ((struct mac){ { 0x02, 0, 0, 0, 0, 1 } })
#define PEER2_MAC ((struct mac){ { 0x02, 0, 0, 0, 0, 3 } })
#define OTHER_MAC ((struct mac){ { 0x02, 0, 0, 0, 9, 9 } })
#define GW_MAC    ((struct mac){ { 0x02, 0, 0, 0, 0, 0xfe } })

/** Virtual time: a test begins at AT_S(1000). */
#define AT_MS(ms) (1000 * NS_PER_SEC + (uint64_t)(ms)*NS_PER_MS)
#define AT_S(s)   AT_MS(1000 * (uint64_t)(s))

enum { OCTETS_MAX = 9216 };

/** Octets by value: a message, a packet or a frame. */
struct octets {
	uint32_t len;
	uint8_t b[OCTETS_MAX];
};

struct host {
	struct env env;
	struct dev_pool pool;
	struct dev_port port;
	struct dev_queue queue;
	struct ip4 ip;
	struct udp udp;
	struct netif *netif;
	struct baro_neigh_config neigh; /* of its interfaces */
	uint64_t now_ns;
	struct icmp_note note; /* of the last ICMP error */
	bool has_echo_copy;    /* the last echo reply was made in another mbuf */
};

struct host_opts {
	struct baro_config config;
	struct dev_offload can;
	uint16_t mtu; /* 0: 1500 */
	uint16_t vlan;
	uint8_t prefix_len;  /* 0: 24 */
	uint32_t mbufs;      /* 0: 2048 */
	bool has_no_gateway; /* else GW_IP */
};

/** Make a host; @opts may be NULL. */
struct host *
host_new(const struct host_opts *opts);

/** Another interface, "port0" as well, over the same queue. */
struct netif *
host_add_netif(struct host *h, uint32_t addr, uint8_t prefix_len, uint32_t gateway);

/** Take it apart; every buffer must have come back. */
void
host_delete(struct host *h);

/** Time goes on to @at_ns, timer by timer. */
void
host_until(struct host *h, uint64_t at_ns);

/** An ARP message arrives. @return the verdict, counted */
enum drop
host_arp(struct host *h, const struct arp_msg *msg);

/** The octets behind an Ethernet header arrive as an ARP message. */
enum drop
host_arp_octets(struct host *h, const struct octets *o);

/** An IPv4 packet arrives in one mbuf, and goes up as runtime/rx.c does it. @return the verdict */
enum drop
host_ip(struct host *h, const struct octets *packet);

/** The same with the mbuf given; it is the host's from here on. */
enum drop
host_ip_mbuf(struct host *h, struct rte_mbuf *m);

/** The neighbour at @addr becomes REACHABLE at @mac, as if it had been asked. */
void
host_meet(struct host *h, uint32_t addr, struct mac mac);

/** An mbuf chain of pieces: the first of @first octets, the others of @others (0: all the rest). */
struct rte_mbuf *
host_chain(struct host *h, const struct octets *o, uint32_t first, uint32_t others);

/** A frame that left, read; checksums are right, those left to the port finished as it would. */
struct sent {
	struct octets frame;
	struct eth_hdr eth;
	struct arp_msg arp;   /* ETH_TYPE_ARP */
	struct ipv4_hdr ip;   /* ETH_TYPE_IPV4 */
	struct icmp_hdr icmp; /* IP_PROTO_ICMP */
	struct udp_hdr udp;   /* IP_PROTO_UDP */
	const uint8_t *data;  /* behind all headers */
	uint32_t len;
	uint32_t n_segs;
	uint64_t ol_flags;
	uint64_t tx_offload; /* l2_len, l3_len, l4_len, ... as DPDK packs them */
};

/** The oldest frame not yet looked at; the test fails if there is none. Valid until the next call. */
const struct sent *
host_sent(struct host *h);

/** Frames that left and were not looked at. */
uint32_t
host_n_sent(const struct host *h);

#define host_sends_nothing(h) cr_expect_eq(host_n_sent(h), 0, "%u frames", host_n_sent(h))

/* what peers say */

struct octets
arp_octets(const struct arp_msg *msg);

/** A who-has of @addr by a host; @mac is its own. */
struct arp_msg
arp_who_has(uint32_t addr, uint32_t from, struct mac mac);

/** The answer of a host to us. */
struct arp_msg
arp_is_at(uint32_t from, struct mac mac);

/** A packet around @payload; zero fields of @h: from PEER_IP to OUR_IP, TTL 64, lengths as they are. */
struct octets
ip_octets(const struct ipv4_hdr *h, const struct octets *payload);

/** The same with options, a multiple of 4 octets. */
struct octets
ip_octets_opt(const struct ipv4_hdr *h, const uint8_t *opt, uint32_t opt_len,
	const struct octets *payload);

/** Make the header's checksum right again after a change. */
void
ip_octets_sum(struct octets *packet);

/** A datagram with a right checksum, as PEER_IP sends it to OUR_IP. */
struct octets
udp_octets(uint16_t src_port, uint16_t dst_port, const struct octets *data);

struct octets
udp_octets_between(uint32_t src, uint32_t dst, uint16_t src_port, uint16_t dst_port,
	const struct octets *data);

struct octets
icmp_octets(const struct icmp_hdr *h, const struct octets *data);

/** @len octets, the i-th (7 i + 1) mod 256. */
struct octets
some_octets(uint32_t len);

#endif

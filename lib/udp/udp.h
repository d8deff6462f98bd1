/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */
#ifndef BARO_UDP_UDP_H
#define BARO_UDP_UDP_H

/* UDP of one core: ports, in, out. RFC 768, 1122 §4.1. */

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "ip/ip.h"
#include "wire/udp.h"

enum {
	UDP_QUEUE_MAX = 512, /* datagrams that wait in one socket */
};

struct udp_sock {
	struct list ready;   /* in udp->ready while datagrams wait */
	struct list by_port; /* in its bucket */
	uint32_t laddr;      /* 0: any */
	uint16_t lport;
	bool is_closed; /* by the application, in its own callback: freed after it */
	bool has_df;    /* what it sends may not be fragmented */
	uint8_t tos;    /* of what it sends */
	uint8_t ttl;    /* 0: the default */
	uint16_t n_queued;
	struct rte_mbuf *first; /* waiting datagrams, linked in their private area */
	struct rte_mbuf *last;
	void *owner;         /* the socket layer's */
	struct ip_path path; /* of the last destination */
	uint32_t path_dst;
};

enum {
	UDP_BUCKETS = 256,
	UDP_TEXT_MAX = 65507, /* octets of data, under the longest IPv4 packet */
};

struct udp {
	struct env *env;
	struct ip4 *ip;
	struct list ready; /* sockets with waiting datagrams */
	struct list bucket[UDP_BUCKETS];
	uint8_t flat[UDP_TEXT_MAX]; /* a scattered datagram, put together for the application */
};

void
udp_init(struct udp *udp, struct ip4 *ip);

/**
 * Begin to receive on @addr (0: any) and @port (0: one is chosen at random, RFC 6056). A socket on
 * an address of its own and one on any address may share a port: the former is asked first.
 *
 * @s      zeroed, or unbound
 * @return 0
 *         -EADDRINUSE     taken; with @port 0, all are
 *         -EADDRNOTAVAIL  @addr is none of ours
 */
int
udp_bind(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port);

/** Receive no more; what waits is released. */
void
udp_unbind(struct udp *udp, struct udp_sock *s);

/** The socket that takes datagrams to this address and port: the most specific, or NULL. */
struct udp_sock *
udp_find(const struct udp *udp, uint32_t addr, uint16_t port);

/** What a waiting datagram's private area holds. */
struct udp_note {
	struct rte_mbuf *next;
	uint32_t src;
	uint32_t dst;
	uint16_t src_port;
	uint16_t len; /* octets of data; the mbuf's data begins there */
};

static inline struct udp_note *
udp_note(struct rte_mbuf *m)
{
	return (struct udp_note *)rte_mbuf_to_priv(m);
}

/**
 * A datagram as ip_input() left it. On DROP_NONE it waits in its socket, which is on udp->ready;
 * else it is the caller's, unchanged.
 */
enum drop
udp_input(struct udp *udp, struct rte_mbuf *m, const struct ip_in *in);

/** Oldest waiting datagram of @s, taken off the queue; NULL with none. */
struct rte_mbuf *
udp_take(struct udp_sock *s);

/**
 * Send a datagram; the data is copied.
 *
 * @src    0: the socket's, else by route
 * @return 0
 *         -EMSGSIZE       longer than the MTU carries, and @s sends no fragments; or than 65,507
 *         -ENETUNREACH    no route
 *         -EADDRNOTAVAIL  from 127/8 to another host
 *         -EHOSTUNREACH   the next hop did not answer ARP a moment ago
 *         -ENOBUFS        no packet buffer, or no room for the neighbour
 */
int
udp_output(struct udp *udp, struct udp_sock *s, uint32_t src, uint32_t dst, uint16_t dst_port,
	const void *data, uint32_t len, uint64_t now_ns);

#endif

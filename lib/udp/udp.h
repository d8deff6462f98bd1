/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: datagrams are mbufs. */
#ifndef BARO_UDP_UDP_H
#define BARO_UDP_UDP_H

/* UDP of one core: sockets and their ports, in, out, errors. RFC 768, 1122 §4.1. */

#include <baro/config.h>
#include <baro/udp.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/flow.h"
#include "base/flowtab.h"
#include "base/list.h"
#include "base/slab.h"
#include "ip/ip.h"
#include "udp/cores.h"
#include "wire/udp.h"

enum {
	UDP_TEXT_MAX = 65507,    /* octets of data, under the longest IPv4 packet */
	UDP_RCV_DATAGRAMS = 512, /* that wait in one socket, unless configured */
	UDP_RCV_OCTETS = 1024 * 1024,
	UDP_CONNECTED_MAX = 1 << 20, /* sockets of a core */
	UDP_ERRORS_MAX = 64,         /* that one turn passes on */
};

/** A socket; zeroed is one that is not bound. */
struct udp_sock {
	/* what a datagram's arrival touches */
	struct list ready;      /* in udp->ready until the application has been called */
	struct rte_mbuf *first; /* waiting datagrams, linked in their private area */
	struct rte_mbuf *last;
	uint32_t n_queued;
	uint32_t queued_len; /* octets of data */
	uint32_t max_queued;
	uint32_t max_queued_len;
	void *owner; /* the socket layer's */

	/* whose datagrams it takes */
	struct flow flow;      /* laddr 0: of any; faddr 0: not connected */
	uint32_t bound;        /* laddr as it was bound: it returns with the connection's end */
	uint32_t line;         /* connected: which line of udp->lines */
	struct udp_sock *next; /* not connected: of those with this port, the one bound before it */
	struct list all; /* in udp->all: the socket layer's always, others while they have a port */
	struct netif *netif;        /* the only one it takes part in; NULL: all */
	struct udp_member *members; /* groups it has joined */

	/* what it sends */
	struct ip_path path; /* of the last destination */
	uint32_t path_dst;
	uint8_t tos;
	uint8_t ttl;               /* 0: the default */
	uint8_t group_ttl;         /* of multicasts; 0: they do not leave the host */
	bool has_no_loop;          /* its multicasts do not come back to us */
	struct netif *group_netif; /* where its multicasts leave; NULL: by route */
	uint32_t group_src;        /* from which address, unless bound to one; 0: the interface's */

	bool has_df;        /* what it sends may not be fragmented */
	bool may_broadcast; /* SO_BROADCAST */
	bool may_share;     /* its port, with others that may: SO_REUSEADDR */
	bool wants_errors;  /* the application takes them one by one */
	int16_t err;        /* -errno of a hard error that the next send tells; 0: none */
};

/** A socket's membership. */
struct udp_member {
	struct udp_member *next;
	struct ip_group *group;
};

/** A connected socket's line in the flow table. */
struct udp_line {
	struct flow flow;
	struct udp_sock *sock;
};

/** Who has a port. */
struct udp_port {
	struct udp_sock *bound; /* the last one first */
	uint32_t n_connected;
	uint32_t n_alone; /* of those, that do not share */
};

/** What the network said of a datagram that @sock sent. */
struct udp_error {
	struct udp_sock *sock; /* NULL: it has gone meanwhile */
	struct icmp_note note;
	int err; /* -errno */
	bool is_hard;
	uint16_t mtu; /* of the way, with -EMSGSIZE */
};

struct udp {
	struct env *env;
	struct ip4 *ip;
	struct list ready;  /* sockets with datagrams that the application does not know of */
	uint32_t n_waiting; /* datagrams, in all sockets */
	uint32_t max_waiting;
	uint32_t max_queued; /* of a new socket */
	uint32_t max_queued_len;
	struct udp_port *port;   /* 65536 */
	struct flowtab flows;    /* of connected sockets: lines */
	struct slab lines;       /* struct udp_line */
	struct list all;         /* sockets */
	struct udp_cores *cores; /* who else has a port; NULL: no other core is there */
	const struct rss *rss;   /* how those share the flows of a port that several have */
	uint32_t core;
	uint32_t n_errors;
	struct udp_error error[UDP_ERRORS_MAX]; /* of this turn */
	uint8_t flat[UDP_TEXT_MAX]; /* a scattered datagram, put together for the application */
};

/** @return 0, -ENOMEM */
int
udp_init(struct udp *udp, struct ip4 *ip, const struct baro_udp_config *config);

/** No socket has a port any more. */
void
udp_fini(struct udp *udp);

/* Ports (ports.c) */

/**
 * Begin to receive on @addr (0: any) and @port (0: one is chosen at random, RFC 6056). A socket on
 * an address of its own and one on any address may share a port: the former is asked first.
 *
 * @s      zeroed, or unbound
 * @return 0
 *         -EADDRINUSE     taken; with @port 0, all are
 *         -EADDRNOTAVAIL  @addr is none of ours, nor a group
 */
int
udp_bind(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port);

/** Receive no more; what waits is released. */
void
udp_unbind(struct udp *udp, struct udp_sock *s);

/** What may wait in @s is as configured, unless it has been set. */
static inline void
udp_set_bounds(const struct udp *udp, struct udp_sock *s)
{
	if (s->max_queued == 0)
		s->max_queued = udp->max_queued;
	if (s->max_queued_len == 0)
		s->max_queued_len = udp->max_queued_len;
}

static inline bool
udp_is_bound(const struct udp_sock *s)
{
	return s->flow.lport != 0;
}

static inline bool
udp_is_connected(const struct udp_sock *s)
{
	return s->flow.faddr != 0;
}

/** The unconnected socket that takes datagrams to this address and port: the most specific, or NULL. */
struct udp_sock *
udp_find(const struct udp *udp, uint32_t addr, uint16_t port);

/** The socket connected so, or NULL. */
struct udp_sock *
udp_find_connected(const struct udp *udp, const struct flow *f);

/**
 * Receive from @addr and @port only; a socket without a port gets one.
 *
 * @return as baro_udp_connect()
 */
int
udp_connect(struct udp *udp, struct udp_sock *s, uint32_t addr, uint16_t port, uint64_t now_ns);

/** Receive from everybody again. @s is connected. */
void
udp_disconnect(struct udp *udp, struct udp_sock *s);

/* Groups (group.c) */

/** @netif NULL: by route. @return as group_join(), -EADDRINUSE (it is a member), -ENOMEM */
int
udp_join(struct udp *udp, struct udp_sock *s, uint32_t group, struct netif *netif, uint64_t now_ns);

/** @netif NULL: any. @return 0, -EADDRNOTAVAIL (it is no member) */
int
udp_leave(struct udp *udp, struct udp_sock *s, uint32_t group, const struct netif *netif,
	uint64_t now_ns);

/** All of them. */
void
udp_leave_all(struct udp *udp, struct udp_sock *s, uint64_t now_ns);

/** Has @s asked for what is sent to @group? @netif: where it came in */
bool
udp_is_member(
	const struct udp *udp, const struct udp_sock *s, uint32_t group, const struct netif *netif);

/* In (in.c) */

/** What a waiting datagram's private area holds. */
struct udp_note {
	struct rte_mbuf *next;
	struct netif *netif;
	uint32_t src;
	uint32_t dst;
	uint16_t src_port;
	uint16_t len; /* octets of data; the mbuf's data begins there */
	uint8_t ttl;
	uint8_t tos;
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
udp_take(struct udp *udp, struct udp_sock *s);

/* Errors (icmp.c) */

/** What the network says about a datagram of ours. @return DROP_NONE: it is in udp->error, or nobody's */
enum drop
udp_icmp(struct udp *udp, const struct icmp_note *note, uint64_t now_ns);

/* Out (out.c) */

/** Where a datagram goes, and where it comes from. */
struct udp_to {
	uint32_t dst;
	uint32_t src; /* 0: the socket's, else by route */
	uint16_t port;
};

/**
 * Send a datagram; the data is copied.
 *
 * @return 0
 *         -EMSGSIZE       longer than the MTU carries, and @s sends no fragments; or than 65,507
 *         -ENETUNREACH    no route
 *         -EACCES         a broadcast, which @s may not send
 *         -EADDRNOTAVAIL  from 127/8 to another host; port 0
 *         -EHOSTUNREACH   the next hop did not answer ARP a moment ago
 *         -ENOBUFS        no packet buffer, or no room for the neighbour
 */
int
udp_output(struct udp *udp, struct udp_sock *s, const struct udp_to *to, const void *data,
	size_t len, uint64_t now_ns);

/** Several of them to one destination: the way is asked for once. @return how many; with 0, as above */
int
udp_output_burst(struct udp *udp, struct udp_sock *s, const struct udp_to *to,
	const struct baro_udp_msg *msg, unsigned n, uint64_t now_ns);

/** The way to @dst, kept in s->path. @return 0, -ENETUNREACH, -ENOBUFS, -EACCES */
int
udp_find_path(struct udp *udp, struct udp_sock *s, uint32_t dst, uint64_t now_ns);

#endif

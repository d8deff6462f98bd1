/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_UDP_H
#define BARO_UDP_H

/*
 * UDP by callbacks: bind, connect, send, receive. Calls belong on the core that owns the object.
 *
 * Of several cores each has sockets of its own. A port that one core alone has open receives there, whatever
 * it sends and to whom. A port that several have open receives by flows: all datagrams of one peer come to
 * one of them. Servers open theirs on all cores; the others need not think of it.
 */

#include <baro/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct baro_udp;

/** Octets of data in a datagram at most. */
#define BARO_UDP_MAX 65507

/** A datagram as it came. */
struct baro_datagram {
	struct baro_endpoint from;
	struct baro_endpoint to; /* the address it was sent to: what a reply leaves from */
	const void *data;
	size_t len;        /* octets, 0..BARO_UDP_MAX */
	const char *iface; /* the interface it came by (baro/iface.h), "loop": from ourselves */
	uint8_t ttl;
	uint8_t tos; /* with the mark of congestion in its lowest two bits (RFC 3168) */
};

/** What the network says about a datagram of ours that did not arrive. */
struct baro_udp_error {
	int err;                 /* -ECONNREFUSED: nobody has the port; others as on Linux */
	bool is_hard;            /* asking again is of no use */
	struct baro_endpoint to; /* where the datagram was to go */
	struct baro_addr by;     /* who says so: a router, or the host; zero: our own link */
	uint8_t type;            /* of the ICMP message */
	uint8_t code;
	uint16_t mtu; /* of -EMSGSIZE: octets of an IP packet that the way carries; else 0 */
};

typedef void (*baro_udp_received)(struct baro_udp *u, const struct baro_datagram *d);

/** Callbacks; each may close any socket. */
struct baro_udp_ops {
	/** Called for each datagram, which is valid until it returns. */
	baro_udp_received received;

	/**
	 * Instead of received: called once a turn in which datagrams came. They wait for
	 * baro_udp_peek() or baro_udp_recv(), within the bounds of the socket's queue.
	 */
	void (*readable)(struct baro_udp *u);

	/**
	 * Every ICMP error about what this socket sent, once (RFC 1122 §4.1.3.3). Without it the next
	 * baro_udp_send() of a connected socket returns a hard one, and sends nothing.
	 */
	void (*failed)(struct baro_udp *u, const struct baro_udp_error *e);
};

/**
 * A socket without address: bind or connect it.
 *
 * @ops  received or readable, not both; outlives the socket
 * @return 0, -ENOMEM
 */
int
baro_udp_create(
	struct baro_core *core, const struct baro_udp_ops *ops, void *user, struct baro_udp **out);

/**
 * Receive datagrams for @local: any address if zero, a multicast group too; a port is chosen if 0
 * (RFC 6056), which no other core has.
 *
 * @return 0, -EADDRINUSE (this core has a socket there, or no port is left), -EADDRNOTAVAIL
 *         (address is not ours, or no IPv4), -EINVAL (bound already)
 */
int
baro_udp_bind(struct baro_udp *u, const struct baro_endpoint *local);

/** baro_udp_create() and baro_udp_bind(); @received must not be NULL. */
int
baro_udp_open(struct baro_core *core, const struct baro_endpoint *local, baro_udp_received received,
	void *user, struct baro_udp **out);

/**
 * From now on only datagrams of @peer are received, and ICMP errors about it alone; what waits from others
 * stays. A socket not bound yet gets a port, one bound to any address the one that the route gives. May be
 * called again, for another peer. A thousand connected sockets on one port cost as much as one.
 *
 * @return 0, -ENETUNREACH (no route), -EACCES (a broadcast address, without BARO_UDP_BROADCAST),
 *         -EADDRNOTAVAIL (port 0, or no IPv4; of several cores that have this port open, another one receives
 *         from this peer), -EADDRINUSE (another socket has this pair of addresses and ports, or no port is
 *         left), -ENOBUFS (no room for the neighbour), -ENOMEM
 */
int
baro_udp_connect(struct baro_udp *u, const struct baro_endpoint *peer);

/** Receive from everybody again, at the address as bound. @return 0, -ENOTCONN */
int
baro_udp_disconnect(struct baro_udp *u);

/** Datagrams not yet received are dropped; @u is gone. Allowed in its own callbacks, too. */
void
baro_udp_close(struct baro_udp *u);

/**
 * Options, named and meant as on Linux unless said otherwise. There is none to leave the checksum out
 * (Linux: SO_NO_CHECK): a port computes it, or it costs less than copying the data does, and without it
 * nobody notices what is spoilt behind the last Ethernet's CRC (RFC 1122 §4.1.3.4).
 */
enum baro_udp_option {
	BARO_UDP_DF, /* 0 or 1: never in fragments; what is too long is refused (RFC 1191) */
	BARO_UDP_TOS, /* 0..255: the TOS octet of what is sent, DSCP in its upper six bits (RFC 2474) */
	BARO_UDP_TTL,       /* 1..255; 0: 64 */
	BARO_UDP_BROADCAST, /* 0 or 1: may send to broadcast addresses */
	/* 0 or 1: share the port with others that say so. Broadcasts and groups go to all of them, other
	 * datagrams to the one bound last. Before binding */
	BARO_UDP_REUSEADDR,
	/* what may wait to be received: octets, 1..2^30; datagrams, 1..2^20. Unset: udp.rcv_* */
	BARO_UDP_RCVBUF,
	BARO_UDP_RCV_DATAGRAMS,
	BARO_UDP_GROUP_TTL, /* 0..255: of multicasts, 1 unless set; 0: they do not leave the host */
	BARO_UDP_GROUP_LOOP, /* 0 or 1, the default: multicasts come to our own members, too */
};

/** @return 0, -ENOPROTOOPT (no such option), -EINVAL (value; BARO_UDP_REUSEADDR once bound) */
int
baro_udp_set(struct baro_udp *u, enum baro_udp_option option, int value);

/** @return 0, -ENOPROTOOPT */
int
baro_udp_get(const struct baro_udp *u, enum baro_udp_option option, int *value);

/**
 * Take part in one interface only: receive by it, and send by it, past the routes (Linux: SO_BINDTODEVICE).
 *
 * @iface  "port0" (baro/iface.h); NULL: by all, the default
 * @return 0, -ENODEV (no such interface)
 */
int
baro_udp_set_iface(struct baro_udp *u, const char *iface);

/** By which interface multicasts leave; NULL: as the routes say. @return 0, -ENODEV */
int
baro_udp_set_group_iface(struct baro_udp *u, const char *iface);

/**
 * Receive what is sent to a multicast group, from any source, on this socket's port: IGMP tells the routers
 * (RFC 3376). Bind to any address, or to the group's. Leaving comes with closing.
 *
 * @iface  where; NULL: the interface that the routes give for the group
 * @return 0, -EINVAL (no group), -ENODEV (no such interface), -EADDRINUSE (a member already), -ENETUNREACH
 *         (no interface at all), -ENOSPC (256 groups are joined on this core), -ENOMEM
 */
int
baro_udp_join(struct baro_udp *u, const struct baro_addr *group, const char *iface);

/** @iface NULL: wherever it was joined. @return 0, -EADDRNOTAVAIL (no member), -ENODEV */
int
baro_udp_leave(struct baro_udp *u, const struct baro_addr *group, const char *iface);

/**
 * Send one datagram; it is copied. What is longer than the MTU leaves in fragments.
 *
 * @to    NULL: the peer
 * @from  its port is not looked at; NULL, zero, or a broadcast or group address: the socket's address, or
 *        the one that the route gives
 * @return 0, -EDESTADDRREQ (no @to, and not connected), -EMSGSIZE (more than BARO_UDP_MAX octets; with
 *         BARO_UDP_DF, than the MTU carries), -ENETUNREACH (no route, or @to is no IPv4 address that can be
 *         sent to), -EACCES (a broadcast address, without BARO_UDP_BROADCAST), -EHOSTUNREACH (the neighbour
 *         does not answer), -EADDRNOTAVAIL (@from is not ours, or of 127/8 and @to is another host; @to has
 *         port 0), -ENOBUFS (no buffer, no room for the neighbour or for all fragments), -EADDRINUSE (not
 *         bound, and no port is left), or what the network said of an earlier datagram (struct baro_udp_ops)
 */
int
baro_udp_send(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	const void *data, size_t len);

/** A datagram to be sent; as the arguments of baro_udp_send(). */
struct baro_udp_msg {
	const struct baro_endpoint *to;
	const struct baro_endpoint *from;
	const void *data;
	size_t len;
};

/**
 * Send @n datagrams, until one fails. Those in a row to one destination share what is asked and prepared for it:
 * of 64 octets one of 32 costs 750 instructions, and 1,030 by baro_udp_send().
 *
 * @return how many were sent; if the first one fails, why (as baro_udp_send())
 */
int
baro_udp_send_burst(struct baro_udp *u, const struct baro_udp_msg *msg, unsigned n);

/**
 * Look at waiting datagrams, the oldest first, where they lie. They stay valid and queued until
 * baro_udp_consume().
 *
 * @return datagrams filled in, at most @n; 0: none waits. Fewer than wait may be: one that lies in several
 *         buffers is put together, one such at a time
 */
unsigned
baro_udp_peek(struct baro_udp *u, struct baro_datagram *d, unsigned n);

/** Give the @n oldest datagrams back to the stack. @n <= those that wait. */
void
baro_udp_consume(struct baro_udp *u, unsigned n);

/**
 * Copy the oldest datagram out, and consume it. What does not fit into @buf is lost.
 *
 * @d  may be NULL; d->data is @buf, and d->len the datagram's whole length: more than @len if it was cut
 * @return octets copied; -EAGAIN: none waits
 */
int
baro_udp_recv(struct baro_udp *u, void *buf, size_t len, struct baro_datagram *d);

/** Datagrams that wait; their octets of data in *@octets, unless NULL. */
unsigned
baro_udp_recv_queued(const struct baro_udp *u, size_t *octets);

/** What was given to baro_udp_create() or baro_udp_open(). */
void *
baro_udp_user(const struct baro_udp *u);
struct baro_core *
baro_udp_core(const struct baro_udp *u);
/** Address and port as bound, or connected; zero: any, or none yet. */
void
baro_udp_local(const struct baro_udp *u, struct baro_endpoint *ep);
/** Zero: not connected. */
void
baro_udp_remote(const struct baro_udp *u, struct baro_endpoint *ep);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_UDP_H
#define BARO_UDP_H

/* UDP by callbacks: bind, send, receive. Calls belong on the core that owns the object. */

#include <baro/addr.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct baro_udp;

/** A datagram as it is handed to the application; valid during the callback only. */
struct baro_datagram {
	struct baro_endpoint from;
	struct baro_endpoint to; /* the address it was sent to: what a reply leaves from */
	const void *data;
	size_t len; /* octets, 0..65507 */
};

typedef void (*baro_udp_received)(struct baro_udp *u, const struct baro_datagram *d);

/**
 * Receive datagrams for @local (any address if zero; a port is chosen if 0, RFC 6056). Of several
 * cores each receives the datagrams that hash to it: open on all of them, with the same port.
 *
 * @received  must not be NULL
 * @return 0, -EADDRINUSE (this core has a socket there, or no port is left), -EADDRNOTAVAIL
 *         (address is not ours, or no IPv4), -ENOMEM
 */
int
baro_udp_open(struct baro_core *core, const struct baro_endpoint *local, baro_udp_received received,
	void *user, struct baro_udp **out);

/** Datagrams not yet received are dropped; @u is gone. Allowed in its own callback, too. */
void
baro_udp_close(struct baro_udp *u);

/** What baro_udp_set() sets. */
enum baro_udp_option {
	BARO_UDP_DF, /* 0 or 1: never in fragments; what is too long is refused (RFC 1191) */
	BARO_UDP_TOS, /* 0..255: the TOS octet of what is sent, DSCP in its upper six bits (RFC 2474) */
	BARO_UDP_TTL, /* 1..255; 0: 64 */
};

/** @return 0, -EINVAL (no such option, or value) */
int
baro_udp_set(struct baro_udp *u, enum baro_udp_option option, int value);

/**
 * Send one datagram; it is copied. What is longer than the MTU leaves in fragments.
 *
 * @from  its port is not looked at; NULL, zero, or a broadcast address: the socket's address, or
 *        the one that the route gives
 * @return 0, -EMSGSIZE (more than 65,507 octets; with BARO_UDP_DF, than the MTU carries),
 *         -ENETUNREACH (no route, or @to is no unicast or broadcast IPv4 address), -EHOSTUNREACH
 *         (the neighbour does not answer), -EADDRNOTAVAIL (@from is not ours, or of 127/8 and @to is
 *         another host), -ENOBUFS (no buffer, no room for the neighbour or for all fragments)
 */
int
baro_udp_send(struct baro_udp *u, const struct baro_endpoint *to, const struct baro_endpoint *from,
	const void *data, size_t len);

/** What was given to baro_udp_open(). */
void *
baro_udp_user(const struct baro_udp *u);
struct baro_core *
baro_udp_core(const struct baro_udp *u);
/** Address and port as bound; the chosen port if 0 was asked for. */
void
baro_udp_local(const struct baro_udp *u, struct baro_endpoint *ep);

#ifdef __cplusplus
}
#endif

#endif

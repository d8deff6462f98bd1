/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_ROUTE_H
#define BARO_ROUTE_H

/*
 * Routes of a core, at run time: the longest prefix wins, then the least metric, then the oldest route.
 * The interface, and of its addresses the one in the next hop's network, is where packets leave from.
 * Each core has its own table: what is called on one is to be called on all. Calls belong on the core's
 * thread.
 */

#include <baro/addr.h>
#include <baro/iface.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;

struct baro_route {
	struct baro_addr dest;          /* zero with prefix_len 0: everywhere */
	uint8_t prefix_len;             /* 0..32; no bits of dest lie beyond it */
	bool is_connected;              /* out: an address brought it; it goes with the address */
	bool is_redirect;               /* out: a gateway's word for one host; it expires */
	uint32_t metric;                /* less is better */
	struct baro_addr gateway;       /* zero: dest is on the interface's link */
	char iface[BARO_IFACE_NAMELEN]; /* "port0"; "": the one in whose network the gateway is */
};

/**
 * Connections take their new way with the next segment.
 *
 * @return 0
 *         -EEXIST       the same prefix by the same gateway and interface is there
 *         -EINVAL       no IPv4; prefix too long, with bits beyond it, or of no hosts; neither gateway nor
 *                       interface; gateway that is ours, or no host's address
 *         -ENOENT       no such interface
 *         -ENETUNREACH  the gateway is in no network of the interface, or of any
 *         -ENOMEM
 */
int
baro_route_add(struct baro_core *core, const struct baro_route *route);

/**
 * Remove the route to dest/prefix_len that was added, or that a port's gateway is; a zero gateway or an
 * empty interface fit any.
 *
 * @return 0, -ENOENT (no such route, or interface)
 */
int
baro_route_del(struct baro_core *core, const struct baro_route *route);

/** The @i-th route of a core, in no order. @return 0, -ERANGE (there are fewer) */
int
baro_route_read(const struct baro_core *core, unsigned i, struct baro_route *out);

#ifdef __cplusplus
}
#endif

#endif

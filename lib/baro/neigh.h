/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_NEIGH_H
#define BARO_NEIGH_H

/*
 * Neighbours of a core: which MAC the hosts on our links have, at run time. Most are learnt by ARP; what is
 * added here is static. Each core has its own table: what is called on one is to be called on all. Calls
 * belong on the core's thread.
 */

#include <baro/addr.h>
#include <baro/iface.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;

/** The states of RFC 4861 §7.3.2. */
enum baro_neigh_state {
	BARO_NEIGH_INCOMPLETE, /* asked for; packets wait */
	BARO_NEIGH_REACHABLE,  /* confirmed lately */
	BARO_NEIGH_STALE,      /* not confirmed lately, nor used since */
	BARO_NEIGH_DELAY,      /* used again; a question follows unless TCP vouches for it */
	BARO_NEIGH_PROBE,      /* asked by unicast */
	BARO_NEIGH_FAILED,     /* does not answer; packets to it are refused for some seconds */
	BARO_NEIGH_STATIC,     /* added; never asked for, never learnt over, never forgotten */
};

struct baro_neigh {
	struct baro_addr addr;
	char iface[BARO_IFACE_NAMELEN];
	enum baro_neigh_state state;
	uint8_t mac[6];    /* zero: not known */
	uint32_t n_parked; /* packets that wait for its MAC */
	uint64_t
		confirmed_ns; /* last proof that the MAC is right, a time of the core's clock; 0: none */
	uint64_t used_ns; /* last packet sent to it; 0: none */
};

/**
 * @addr is at @mac, whatever ARP says; what waits for it leaves. An entry that is there already is
 * changed, and is static from now on.
 *
 * @iface   "port0"; "" or NULL: the one in whose network @addr is
 * @return  0
 *          -EINVAL   no host's IPv4 address, or one of ours; no host's MAC
 *          -ENOENT   no such interface, or none in whose network the address is
 *          -ENOBUFS  the table is full of entries in use or static
 */
int
baro_neigh_add(struct baro_core *core, const char *iface, const struct baro_addr *addr,
	const uint8_t mac[6]);

/**
 * Forget a neighbour, static or learnt. Packets that wait for it are dropped; the next packet asks anew.
 *
 * @iface   as above
 * @return  0, -ENOENT (no such interface or entry)
 */
int
baro_neigh_del(struct baro_core *core, const char *iface, const struct baro_addr *addr);

/**
 * Read the table step by step, a few entries a turn if it is large: entries made or forgotten meanwhile
 * may be missed, no other.
 *
 * @at      0 at first; moves on
 * @return  0, -ERANGE (that were all)
 */
int
baro_neigh_next(const struct baro_core *core, uint32_t *at, struct baro_neigh *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_IFACE_H
#define BARO_IFACE_H

/*
 * Interfaces of a core and their addresses, at run time. A port is an interface: "port0" is the first,
 * and so is each of its VLANs: "port0.100". Of several cores each has its own: what is called on one is to
 * be called on all, in the same order. Calls belong on the core's thread.
 */

#include <baro/addr.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;

/** Characters of an interface's name, final NUL included. */
#define BARO_IFACE_NAMELEN 16

/** Addresses that an interface has at most. */
#define BARO_IFACE_ADDRS 16

/** A VLAN of a port. */
struct baro_vlan_opts {
	uint16_t vlan;            /* 802.1Q identifier, 1..4094 */
	struct baro_addr address; /* a host's, IPv4; needed */
	uint8_t prefix_len;       /* 1..32; 0: 24 */
	struct baro_addr gateway; /* in the network of the address; zero: none */
	uint16_t mtu;             /* octets of an IP packet, 576 to the port's; 0: the port's */
};

/**
 * Take part in another VLAN of a port, by an interface of its own with the port's MAC. It lives as long
 * as the core.
 *
 * @port   "port0"
 * @return 0, -ENOENT (no such port), -EINVAL (VLAN, MTU, address, prefix or gateway that cannot be),
 *         -EEXIST (the port has this VLAN, or we have the address), -ENOSPC (64 interfaces are there),
 *         -ENOMEM
 */
int
baro_vlan_open(struct baro_core *core, const char *port, const struct baro_vlan_opts *opts);

/**
 * Another address of an interface, with a route to its network; it is announced. With neighbour.acd
 * it is probed first (RFC 5227): it comes into use some 6 s later, or is given up to who has it.
 *
 * @prefix_len  1..32
 * @return 0, -ENOENT (no such interface), -EINVAL (prefix, or address that no host can have), -EEXIST
 *         (it is ours already), -ENOSPC (BARO_IFACE_ADDRS are there), -ENOMEM
 */
int
baro_addr_add(struct baro_core *core, const char *iface, const struct baro_addr *addr,
	uint8_t prefix_len);

/**
 * An address goes. With it go its network's route and those whose gateway nobody can reach any more; what
 * is bound to it stays open, but receives nothing.
 *
 * @return 0, -ENOENT (no such interface, or the address is not its own), -EBUSY (its last address)
 */
int
baro_addr_del(struct baro_core *core, const char *iface, const struct baro_addr *addr);

enum baro_addr_state {
	BARO_ADDR_IN_USE,
	BARO_ADDR_PROBING, /* neighbour.acd: nobody has answered for it yet; not used before */
	BARO_ADDR_GIVEN_UP, /* another host has it (RFC 5227): not used until it is removed and added again */
};

struct baro_iface_addr {
	char iface[BARO_IFACE_NAMELEN];
	struct baro_addr addr;
	uint8_t prefix_len;
	uint16_t mtu; /* the interface's */
	enum baro_addr_state state;
};

/** The @i-th address of a core. @return 0, -ERANGE (there are fewer) */
int
baro_addr_read(const struct baro_core *core, unsigned i, struct baro_iface_addr *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: parked packets are mbufs. */
#ifndef BARO_LINK_NEIGH_H
#define BARO_LINK_NEIGH_H

/*
 * Neighbours of one interface: IPv4 address to MAC, with the states of RFC 4861
 * §7.3.2 over ARP. An entry that is not resolved keeps a few packets until it is.
 */

#include "link/link.h"

/** The entry for @addr, made if need be (no request is sent yet). NULL: table full of busy entries. */
struct neigh *
neigh_find(struct link *l, uint32_t addr, uint64_t now_ns);

/**
 * @addr is at @mac for good: ARP is neither asked nor believed about it. What waits for it leaves.
 *
 * @return 0, -ENOBUFS (table full of busy entries)
 */
int
neigh_add_static(struct link *l, uint32_t addr, struct mac mac, uint64_t now_ns);

/** Forget @addr, static or learnt; what waits for it is dropped. @return 0, -ENOENT */
int
neigh_delete(struct link *l, uint32_t addr);

/**
 * TCP has proof that packets reach @n (RFC 4861 §7.3.1). Cheap. @n must still be the entry of the
 * peer's address: that of a fresh path.
 */
static inline void
neigh_confirm(struct neigh *n, uint64_t now_ns)
{
	n->confirmed_ns = now_ns;
}

/** @n said by ARP that its MAC is @mac; @is_answer: in a reply to us. Sends what is parked. */
void
neigh_learn(struct neigh *n, struct mac mac, bool is_answer, uint64_t now_ns);

/**
 * n->timer fired. If @n is FAILED then, what it has parked cannot be delivered: the caller takes it by
 * neigh_unpark() and tells those who sent it.
 */
void
neigh_timer(struct neigh *n, uint64_t now_ns);

#endif

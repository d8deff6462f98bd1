/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: parked packets are mbufs. */
#ifndef BARO_LINK_LINK_H
#define BARO_LINK_LINK_H

/* One interface's link layer on one core: its neighbours and its claim to its own address. */

#include <baro/config.h>
#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/list.h"
#include "base/wheel.h"
#include "dev/port.h"
#include "wire/eth.h"

enum neigh_state {
	NEIGH_FREE = 0,
	NEIGH_INCOMPLETE, /* asked by broadcast; packets are parked. Nothing sent yet: n_sent is 0 */
	NEIGH_REACHABLE,  /* confirmed lately */
	NEIGH_STALE,      /* MAC known, not confirmed lately, nobody has sent to it since */
	NEIGH_PROBE, /* MAC known and in use; unicast requests follow (RFC 4861's DELAY: n_sent 0) */
	NEIGH_FAILED, /* no answer; packets are refused until the state runs out */
	NEIGH_SELF,   /* we are it: what is parked, ip_loop_take() takes */
};

/** One neighbour. Hot: what a packet on its way out reads. */
struct neigh {
	uint32_t addr;
	uint32_t gen; /* changes when the entry is given to another address */
	struct mac mac;
	uint8_t state;  /* enum neigh_state */
	uint8_t n_sent; /* requests without answer */
	bool is_static; /* somebody's word: REACHABLE for ever, whatever ARP says */
	struct link *link;
	uint64_t used_ns;      /* last packet sent to it; 0: none yet */
	uint64_t confirmed_ns; /* last proof that the MAC is right; 0: none yet */

	/* the states' changes only */
	uint64_t asked_ns;       /* last request; 0: none yet */
	struct rte_mbuf *parked; /* oldest first, linked in their private area */
	struct rte_mbuf *parked_last;
	uint32_t n_parked;
	uint32_t chain;           /* next entry of its bucket, or of the free ones */
	struct list idle;         /* in link->unused or link->idle: may be evicted */
	struct wheel_timer timer; /* TIMER_NEIGH */
};

enum {
	LINK_ADDRS_MAX = 16,
	LINK_GROUPS = 16, /* multicast groups sent to that are remembered */
};

enum link_addr_state {
	LINK_ADDR_IN_USE = 0,
	LINK_ADDR_PROBING,  /* RFC 5227 §2.1: whether somebody else has it is not known yet */
	LINK_ADDR_GIVEN_UP, /* somebody else has it */
};

/** One of our addresses on a link, host order. */
struct link_addr {
	uint32_t addr;
	uint32_t netmask;
	uint8_t state; /* enum link_addr_state */
	uint8_t n_probed;
	uint8_t n_announced;
	uint64_t defended_ns; /* last time it was defended; 0: never */
	uint64_t next_ns;     /* the next probe or announcement; TIME_NEVER: none */
};

/** The link layer of one interface on one core. */
struct link {
	struct env *env;
	struct dev_queue *queue;
	struct rte_mempool *pool; /* ARP frames */
	uint16_t vlan;            /* 802.1Q tag of its frames; 0: untagged */
	uint16_t n_addrs;
	struct link_addr addr[LINK_ADDRS_MAX]; /* the first is the primary one */
	struct neigh broadcast;                /* permanent: every IPv4 broadcast on this link */
	struct neigh group[LINK_GROUPS];       /* link_group(): no ARP for them, RFC 1112 §6.4 */

	struct neigh *neigh; /* limit entries */
	uint32_t *bucket;    /* first entry of each chain, or NEIGH_NONE; a power of two of them */
	uint32_t bucket_mask;
	uint32_t limit;
	uint32_t n_used;
	uint32_t n_made;     /* entries below it have been used before */
	uint32_t first_free; /* of those; chained */
	uint32_t last_found; /* by neigh_lookup() */
	struct list unused;  /* first to be evicted: FAILED, then never sent to */
	struct list idle;    /* then these: STALE, the one unused longest first */

	struct wheel_timer timer; /* TIMER_LINK: the next probe or announcement */
	bool is_changed; /* an address came into use or was given up: ip_addrs_changed() takes note */
	bool probes;     /* addresses are probed before they are used */
	bool gives_up;   /* RFC 5227 §2.4 (b): what is claimed again soon after its defence */
	bool is_silent; /* another core speaks for the address: no replies, no announcements */

	/* resolved configuration */
	uint64_t reachable_ns;
	uint64_t stale_ns;
	uint64_t retrans_ns;
	uint32_t max_parked;
};

/** No entry. */
#define NEIGH_NONE UINT32_MAX

/** Its place in the table of its link; NEIGH_NONE: it is permanent, and has none. */
static inline uint32_t
neigh_index(const struct neigh *n)
{
	uintptr_t octets = (uintptr_t)n - (uintptr_t)n->link->neigh;
	uintptr_t i = octets / sizeof(*n);

	return i < n->link->n_made ? (uint32_t)i : NEIGH_NONE;
}

struct link_opts {
	const struct baro_neigh_config *config;
	struct dev_queue *queue; /* brings its core's env */
	struct rte_mempool *pool;
	uint16_t vlan;
};

/** @return 0, -ENOMEM */
int
link_init(struct link *l, const struct link_opts *opts);

/** Stop the timers, release what is parked. */
void
link_fini(struct link *l);

/**
 * Another address of ours. With l->probes it is not used before link_announce() has asked whether
 * anybody has it.
 *
 * @return 0, -EEXIST, -ENOSPC
 */
int
link_add_addr(struct link *l, uint32_t addr, uint32_t netmask);

/** @return 0, -ENOENT */
int
link_remove_addr(struct link *l, uint32_t addr);

/** Is @addr one of ours on this link, in whatever state? NULL: it is not. */
static inline struct link_addr *
link_find_addr(struct link *l, uint32_t addr)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (l->addr[i].addr == addr)
			return &l->addr[i];
	}
	return NULL;
}

/** It is, and in use. */
static inline bool
link_has_addr(struct link *l, uint32_t addr)
{
	const struct link_addr *a = link_find_addr(l, addr);

	return a != NULL && a->state == LINK_ADDR_IN_USE;
}

/** The broadcast address of one of the networks on this link. */
bool
link_is_broadcast(const struct link *l, uint32_t addr);

/** The multicast group @addr as a neighbour: always reachable, but another one may take its place. */
struct neigh *
link_group(struct link *l, uint32_t addr);

/**
 * RFC 1122 §3.3.4.3: which of our addresses speaks to the neighbour @to: one in its network, of several
 * the one in the smallest, else the primary one; 0: there is none in use.
 */
uint32_t
link_source(const struct link *l, uint32_t to);

/**
 * Our addresses appear or reappear. Those to be probed are asked for three times (RFC 5227 §2.1.1);
 * what is in use, or nobody else has, is told to everybody, twice (gratuitous ARP, §2.3).
 */
void
neigh_announce(struct link *l, uint64_t now_ns);

/** The same for one of them. */
void
link_announce(struct link *l, uint32_t addr, uint64_t now_ns);

/** Somebody else has the address @a: it is ours no more. */
void
link_give_up(struct link *l, struct link_addr *a);

/** l->timer fired: the next probe or announcement. */
void
link_timer(struct link *l, uint64_t now_ns);

#endif

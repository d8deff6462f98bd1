/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: parked packets are mbufs. */

/*
 * A neighbour's states (RFC 4861 §7.3, over ARP), its timer, and the packets that are not
 * simply sent. RFC 1122 §2.3.2: a request a second at most, stale entries are asked again,
 * the latest packet is kept.
 *
 *	          first packet: ask everybody            answer
 *	(made) ---------------------------> INCOMPLETE -----------> REACHABLE
 *	                3 requests, no answer |    ^                 |     ^
 *	          FAILED <--------------------+    |     not         |     | answer, or TCP's word
 *	            | some seconds later: forgotten|     confirmed   v     |
 *	            v                              +----------------- PROBE
 *	                                             3 unicast        ^ |
 *	                                             requests         | | not used lately
 *	                                                  used again  | v
 *	                                                             STALE --> forgotten, unused
 */

#include "link/neigh.h"

#include <errno.h>

#include "dev/pkt.h"
#include "link/arp_send.h"
#include "link/out.h"
#include "link/park.h"
#include "link/table.h"

enum { TRIES = 3 }; /* RFC 4861 §10: MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT */

/** From the first packet over a MAC not confirmed to the first question: TCP may vouch for it. */
#define DELAY_NS (5 * NS_PER_SEC) /* RFC 4861 §10, DELAY_FIRST_PROBE_TIME */

/** How long nobody asks again for a host that did not answer. */
#define FAILED_NS (5 * NS_PER_SEC)

static void
become(struct neigh *n, enum neigh_state to, uint64_t deadline_ns)
{
	list_remove(&n->idle);
	n->state = (uint8_t)to;
	n->n_sent = 0;
	wheel_start(&n->link->env->wheel, &n->timer, deadline_ns);
}

static void
become_stale(struct neigh *n, uint64_t now_ns)
{
	struct link *l = n->link;

	become(n, NEIGH_STALE, now_ns + l->stale_ns);
	list_add(n->used_ns == 0 ? &l->unused : &l->idle, &n->idle);
}

static void
become_reachable(struct neigh *n)
{
	become(n, NEIGH_REACHABLE, n->confirmed_ns + n->link->reachable_ns);
}

/** FAILED entries are worth least: they go to the front of those that may be evicted. */
static void
become_failed(struct neigh *n, uint64_t now_ns)
{
	become(n, NEIGH_FAILED, now_ns + FAILED_NS);
	list_add(n->link->unused.next, &n->idle);
}

static bool
is_confirmed(const struct neigh *n, uint64_t now_ns)
{
	return n->confirmed_ns != 0 && now_ns < n->confirmed_ns + n->link->reachable_ns;
}

static bool
is_used_lately(const struct neigh *n, uint64_t now_ns)
{
	return n->used_ns != 0 && now_ns < n->used_ns + DELAY_NS;
}

/** RFC 1122 §2.3.2.1: not more than one request a second and address, whatever the state. */
static void
ask(struct neigh *n, struct mac to, uint64_t now_ns)
{
	struct link *l = n->link;

	if (n->asked_ns == 0 || now_ns >= n->asked_ns + l->retrans_ns) {
		arp_send_request(l, n->addr, to);
		n->asked_ns = now_ns;
		n->n_sent++;
	}
	wheel_start(&l->env->wheel, &n->timer, n->asked_ns + l->retrans_ns);
}

struct neigh *
neigh_find(struct link *l, uint32_t addr, uint64_t now_ns)
{
	struct neigh *n = neigh_lookup(l, addr);

	if (n != NULL)
		return n;
	n = neigh_add(l, addr);
	if (n == NULL)
		return NULL;
	become(n, NEIGH_INCOMPLETE, now_ns + l->stale_ns);
	list_add(&l->unused, &n->idle);
	return n;
}

/** RFC 1122 §2.3.2.2: packets wait for the answer; with too many, the latest ones are kept. */
static void
park_packet(struct neigh *n, struct rte_mbuf *m)
{
	struct env *env = n->link->env;

	if (n->n_parked == n->link->max_parked)
		drop(env, neigh_unpark(n), DROP_NEIGH_QUEUE_FULL);
	neigh_park(n, m);
}

BARO_COLD void
link_output_slow(struct neigh *n, struct rte_mbuf *m, uint64_t now_ns)
{
	n->used_ns = now_ns;
	switch ((enum neigh_state)n->state) {
	case NEIGH_STALE:
		if (is_confirmed(n, now_ns))
			become_reachable(n);
		else
			become(n, NEIGH_PROBE, now_ns + DELAY_NS);
		/* fallthrough */
	case NEIGH_REACHABLE: /* these two do not come here */
	case NEIGH_PROBE:
		link_send(n->link, m, n->mac, ETH_TYPE_IPV4);
		break;
	case NEIGH_INCOMPLETE:
		park_packet(n, m);
		if (n->n_sent == 0) {
			list_remove(&n->idle);
			ask(n, MAC_BROADCAST, now_ns);
		}
		break;
	case NEIGH_SELF:
		if (n->n_parked == n->link->max_parked)
			drop(n->link->env, m, DROP_LOOP_FULL);
		else
			neigh_park(n, m);
		break;
	case NEIGH_FREE:
	case NEIGH_FAILED:
		drop(n->link->env, m, DROP_NEIGH_FAILED);
		break;
	}
}

static bool
has_mac(const struct neigh *n)
{
	return n->state == NEIGH_REACHABLE || n->state == NEIGH_STALE || n->state == NEIGH_PROBE;
}

/* RFC 4861 §7.2.5, in ARP's terms: only an answer proves that packets go both ways. */
void
neigh_learn(struct neigh *n, struct mac mac, bool is_answer, uint64_t now_ns)
{
	bool had_mac = has_mac(n);
	bool is_moved = had_mac && !mac_eq(n->mac, mac);
	struct rte_mbuf *m;

	if (n->is_static)
		return;
	if (is_moved)
		count(n->link->env, STAT_NEIGH_CHANGED);
	if (!had_mac || is_moved)
		n->confirmed_ns = 0; /* any proof was of another one */
	n->mac = mac;
	if (is_answer && n->n_sent != 0) {
		n->confirmed_ns = now_ns;
		become_reachable(n);
	} else if (!had_mac || is_moved) {
		if (n->parked != NULL || is_used_lately(n, now_ns))
			become(n, NEIGH_PROBE, now_ns + DELAY_NS);
		else
			become_stale(n, now_ns);
	}
	while ((m = neigh_unpark(n)) != NULL)
		link_send(n->link, m, mac, ETH_TYPE_IPV4);
}

int
neigh_add_static(struct link *l, uint32_t addr, struct mac mac, uint64_t now_ns)
{
	struct neigh *n = neigh_find(l, addr, now_ns);
	struct rte_mbuf *m;

	if (n == NULL)
		return -ENOBUFS;
	become(n, NEIGH_REACHABLE, TIME_NEVER);
	n->is_static = true;
	n->mac = mac;
	while ((m = neigh_unpark(n)) != NULL)
		link_send(l, m, mac, ETH_TYPE_IPV4);
	return 0;
}

int
neigh_delete(struct link *l, uint32_t addr)
{
	struct neigh *n = neigh_lookup(l, addr);
	struct rte_mbuf *m;

	if (n == NULL)
		return -ENOENT;
	while ((m = neigh_unpark(n)) != NULL)
		drop(l->env, m, DROP_NEIGH_FAILED);
	neigh_remove(n);
	return 0;
}

/* A REACHABLE entry's timer is not moved by neigh_confirm(): look at what it left. */
static void
reachable_ran_out(struct neigh *n, uint64_t now_ns)
{
	if (is_confirmed(n, now_ns))
		become_reachable(n);
	else if (is_used_lately(n, now_ns)) {
		become(n, NEIGH_PROBE, now_ns);
		ask(n, n->mac, now_ns);
	} else
		become_stale(n, now_ns);
}

static void
probe_ran_out(struct neigh *n, uint64_t now_ns)
{
	if (is_confirmed(n, now_ns)) {
		become_reachable(n);
	} else if (n->n_sent < TRIES) {
		ask(n, n->mac, now_ns);
	} else {
		/* Perhaps the host lives on under another MAC. */
		become(n, NEIGH_INCOMPLETE, now_ns);
		ask(n, MAC_BROADCAST, now_ns);
	}
}

static void
incomplete_ran_out(struct neigh *n, uint64_t now_ns)
{
	if (n->n_sent == 0)
		neigh_remove(n);
	else if (n->n_sent < TRIES)
		ask(n, MAC_BROADCAST, now_ns);
	else
		become_failed(n, now_ns);
}

void
neigh_timer(struct neigh *n, uint64_t now_ns)
{
	switch ((enum neigh_state)n->state) {
	case NEIGH_REACHABLE:
		reachable_ran_out(n, now_ns);
		break;
	case NEIGH_PROBE:
		probe_ran_out(n, now_ns);
		break;
	case NEIGH_INCOMPLETE:
		incomplete_ran_out(n, now_ns);
		break;
	case NEIGH_STALE:
	case NEIGH_FAILED:
		neigh_remove(n);
		break;
	case NEIGH_SELF:
	case NEIGH_FREE:
		break;
	}
}

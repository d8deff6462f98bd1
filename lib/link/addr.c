/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */

/*
 * Our addresses on a link, and the claim to them: RFC 5227 §2.1 (probe), §2.3 (announce). Several cores
 * have the same address and one of them speaks for it; they agree on its times by the key that
 * they share.
 *
 *	        probes, if so configured      nobody has it
 *	(added) ----------------------> PROBING ------------> IN_USE, announced
 *	                                  | somebody has it     | claimed again soon after its defence
 *	                                  +----> GIVEN_UP <-----+
 */

#include <errno.h>
#include <string.h>

#include "base/siphash.h"
#include "link/arp_send.h"
#include "link/link.h"
#include "wire/ipv4.h"

/* RFC 5227 §1.1 */
enum {
	PROBE_NUM = 3,
	ANNOUNCE_NUM = 2,
};

#define PROBE_WAIT_NS        (1 * NS_PER_SEC)
#define PROBE_MIN_NS         (1 * NS_PER_SEC)
#define PROBE_MAX_NS         (2 * NS_PER_SEC)
#define ANNOUNCE_WAIT_NS     (2 * NS_PER_SEC)
#define ANNOUNCE_INTERVAL_NS (2 * NS_PER_SEC)

int
link_add_addr(struct link *l, uint32_t addr, uint32_t netmask)
{
	if (link_find_addr(l, addr) != NULL)
		return -EEXIST;
	if (l->n_addrs == LINK_ADDRS_MAX)
		return -ENOSPC;
	l->addr[l->n_addrs++] = (struct link_addr){
		.addr = addr,
		.netmask = netmask,
		.state = l->probes ? LINK_ADDR_PROBING : LINK_ADDR_IN_USE,
		.next_ns = TIME_NEVER,
	};
	return 0;
}

int
link_remove_addr(struct link *l, uint32_t addr)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (l->addr[i].addr != addr)
			continue;
		l->n_addrs--;
		memmove(&l->addr[i], &l->addr[i + 1], (l->n_addrs - i) * sizeof(l->addr[0]));
		return 0;
	}
	return -ENOENT;
}

bool
link_is_broadcast(const struct link *l, uint32_t addr)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		if (ipv4_is_directed_broadcast(addr, l->addr[i].addr, l->addr[i].netmask))
			return true;
	}
	return false;
}

uint32_t
link_source(const struct link *l, uint32_t to)
{
	const struct link_addr *first = NULL;
	const struct link_addr *best = NULL;

	for (uint32_t i = 0; i < l->n_addrs; i++) {
		const struct link_addr *a = &l->addr[i];

		if (a->state != LINK_ADDR_IN_USE)
			continue;
		if (first == NULL)
			first = a;
		if (((a->addr ^ to) & a->netmask) == 0 &&
			(best == NULL || a->netmask > best->netmask))
			best = a;
	}
	if (best == NULL)
		best = first;
	return best != NULL ? best->addr : 0;
}

static void
set_timer(struct link *l)
{
	uint64_t next_ns = TIME_NEVER;

	for (uint32_t i = 0; i < l->n_addrs; i++)
		next_ns = min_u64(next_ns, l->addr[i].next_ns);
	wheel_start(&l->env->wheel, &l->timer, next_ns);
}

/** Up to @span_ns, different for every address and probe of a host, the same on all its cores. */
static uint64_t
spread(const struct link *l, const struct link_addr *a, uint64_t span_ns)
{
	return siphash13_2u64(&l->env->table_key, a->addr, a->n_probed) % span_ns;
}

static void
announce(struct link *l, struct link_addr *a, uint64_t now_ns)
{
	arp_send_announcement(l, a->addr);
	a->next_ns = ++a->n_announced < ANNOUNCE_NUM ? now_ns + ANNOUNCE_INTERVAL_NS : TIME_NEVER;
}

/** RFC 5227 §2.1.1: three probes, one to two seconds apart, then silence for two more. */
static void
probe(struct link *l, struct link_addr *a, uint64_t now_ns)
{
	if (a->n_probed == PROBE_NUM) {
		a->state = LINK_ADDR_IN_USE;
		l->is_changed = true;
		announce(l, a, now_ns);
		return;
	}
	arp_send_probe(l, a->addr);
	a->n_probed++;
	a->next_ns = now_ns +
		     (a->n_probed == PROBE_NUM
				     ? ANNOUNCE_WAIT_NS
				     : PROBE_MIN_NS + spread(l, a, PROBE_MAX_NS - PROBE_MIN_NS));
}

/** The procedure begins, or begins anew. */
static void
begin(struct link *l, struct link_addr *a, uint64_t now_ns)
{
	a->n_probed = 0;
	a->n_announced = 0;
	if (a->state == LINK_ADDR_PROBING)
		a->next_ns = now_ns + spread(l, a, PROBE_WAIT_NS);
	else if (a->state == LINK_ADDR_IN_USE)
		announce(l, a, now_ns);
}

void
neigh_announce(struct link *l, uint64_t now_ns)
{
	for (uint32_t i = 0; i < l->n_addrs; i++)
		begin(l, &l->addr[i], now_ns);
	set_timer(l);
}

void
link_announce(struct link *l, uint32_t addr, uint64_t now_ns)
{
	struct link_addr *a = link_find_addr(l, addr);

	if (a == NULL)
		return;
	begin(l, a, now_ns);
	set_timer(l);
}

void
link_give_up(struct link *l, struct link_addr *a)
{
	a->state = LINK_ADDR_GIVEN_UP;
	a->next_ns = TIME_NEVER;
	l->is_changed = true;
	count(l->env, STAT_ADDR_GIVEN_UP);
	set_timer(l);
}

void
link_timer(struct link *l, uint64_t now_ns)
{
	for (uint32_t i = 0; i < l->n_addrs; i++) {
		struct link_addr *a = &l->addr[i];

		if (a->next_ns > now_ns)
			continue;
		if (a->state == LINK_ADDR_PROBING)
			probe(l, a, now_ns);
		else
			announce(l, a, now_ns);
	}
	set_timer(l);
}

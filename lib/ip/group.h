/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through ip.h. */
#ifndef BARO_IP_GROUP_H
#define BARO_IP_GROUP_H

/*
 * Multicast groups that we are members of, on one core: RFC 1112, and as hosts of IGMPv3 (RFC 3376), which
 * speak version 2 or 1 while a querier does. Groups are joined from any source: the filter of every group is
 * EXCLUDE of nobody.
 *
 * Of several cores each reports its own memberships, as if they were hosts of one address, and hears every
 * query: a group that one core leaves is kept alive by the answers of the others.
 */

#include "ip/ip.h"

#define IPV4_ALL_HOSTS   0xe0000001u /* 224.0.0.1: never reported */
#define IPV4_ALL_ROUTERS 0xe0000002u
#define IPV4_IGMP        0xe0000016u /* 224.0.0.22: reports of version 3 */

/** A group on an interface. */
struct ip_group {
	uint32_t addr;      /* 0: free */
	uint32_t n_members; /* 0: it is being left, which routers are still to hear */
	struct netif *netif;
	uint32_t next;            /* of its bucket, or of the free ones; IP_GROUPS_MAX: none */
	uint8_t n_unsolicited;    /* changes yet to be reported: RFC 3376 §5.1 */
	bool is_last_reporter;    /* RFC 2236 §3: we reported last, so we tell when we leave */
	struct wheel_timer timer; /* TIMER_GROUP: the next report */
};

/** An interface, as a host of IGMP. */
struct ip_igmp {
	struct netif *netif;
	uint8_t robustness;   /* RFC 3376 §8.1 */
	uint64_t v1_until_ns; /* a querier of version 1, or 2, was heard: RFC 3376 §7.2.1 */
	uint64_t v2_until_ns;
	struct wheel_timer timer; /* TIMER_IGMP: the answer to a general query */
};

enum {
	IP_GROUPS_MAX = 256,
	IP_GROUP_BUCKETS = 64,
};

struct ip_groups {
	struct ip4 *ip;
	uint32_t n_used;
	uint32_t first_free;
	uint32_t bucket[IP_GROUP_BUCKETS];
	struct ip_group group[IP_GROUPS_MAX];
	struct ip_igmp igmp[IP_MAX_NETIFS];
};

/** Our membership; @netif NULL: on any interface. NULL: none. */
struct ip_group *
group_find(const struct ip4 *ip, const struct netif *netif, uint32_t addr);

/** Packets to @addr that come by @netif are taken: we are a member, as of 224.0.0.1 always. */
bool
group_is_ours(const struct ip4 *ip, const struct netif *netif, uint32_t addr);

/**
 * One member more.
 *
 * @netif  NULL: the one that the routes give
 * @return 0, -EINVAL (no group), -ENETUNREACH (no interface), -ENOSPC (IP_GROUPS_MAX)
 */
int
group_join(
	struct ip4 *ip, struct netif *netif, uint32_t addr, uint64_t now_ns, struct ip_group **out);

/** One member less. */
void
group_leave(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);

/** Nobody knows it any more. */
void
group_remove(struct ip4 *ip, struct ip_group *g);

/* What routers are told of it (igmp.c) */

enum { IGMP_ROBUSTNESS = 2 }; /* RFC 3376 §8.1 */

/** A group has its first member. */
void
igmp_joined(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);

/** Its last one has gone. @return true: that has to be said again, group_timer() will remove it */
bool
igmp_left(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);

/** An IGMP message, as ip_input() left it; it stays the caller's. */
enum drop
igmp_input(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns);

/** The timers fired. */
void
group_timer(struct ip4 *ip, struct ip_group *g, uint64_t now_ns);
void
igmp_timer(struct ip4 *ip, struct ip_igmp *igmp, uint64_t now_ns);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TESTS_LINK_PACKETS_H
#define BARO_TESTS_LINK_PACKETS_H

/* Packets of one octet, their tag, by which a test knows them again. */

#include <criterion/criterion.h>

#include "dev/pkt.h"
#include "ip/out4.h"
#include "kit/host.h"
#include "link/neigh.h"
#include "link/table.h"

enum { PROTO_NONE = 253 }; /* RFC 3692: for experiments */

static inline void
send_to(struct host *h, uint32_t addr, uint8_t tag)
{
	struct ip_out out = { .src = OUR_IP, .dst = addr, .proto = PROTO_NONE };
	struct rte_mbuf *m = rte_pktmbuf_alloc(h->pool.head);
	struct ip_path path;

	cr_assert_not_null(m);
	*(uint8_t *)rte_pktmbuf_append(m, 1) = tag;
	cr_assert_eq(ip_find_path(&h->ip, addr, h->now_ns, &path), 0);
	ip_output(&h->ip, &path, m, &out, h->now_ns);
}

/** The oldest frame is this packet to that MAC. */
static inline void
sends_packet(struct host *h, struct mac mac, uint8_t tag)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->eth.type, ETH_TYPE_IPV4);
	cr_expect(mac_eq(s->eth.dst, mac), "to %02x:..:%02x", s->eth.dst.b[0], s->eth.dst.b[5]);
	cr_expect_eq(s->len, 1);
	cr_expect_eq(s->data[0], tag, "packet %u instead of %u", s->data[0], tag);
}

/** The oldest frame asks @to who has @addr. */
static inline void
sends_request(struct host *h, uint32_t addr, struct mac to)
{
	const struct sent *s = host_sent(h);

	cr_expect_eq(s->eth.type, ETH_TYPE_ARP);
	cr_expect(mac_eq(s->eth.dst, to));
	cr_expect_eq(s->arp.op, ARP_REQUEST);
	cr_expect(mac_eq(s->arp.sha, OUR_MAC));
	cr_expect_eq(s->arp.spa, OUR_IP);
	cr_expect_eq(s->arp.tpa, addr, "about %08x", s->arp.tpa);
}

/** State of the entry of @addr; NEIGH_FREE with none. It is not made by this. */
static inline enum neigh_state
state_of(struct host *h, uint32_t addr)
{
	const struct neigh *n = neigh_lookup(&h->netif->link, addr);

	return n != NULL ? n->state : NEIGH_FREE;
}

#endif

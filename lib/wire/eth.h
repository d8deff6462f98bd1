/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_ETH_H
#define BARO_WIRE_ETH_H

/* Ethernet II (RFC 894) with an optional 802.1Q tag. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/env.h"
#include "wire/bytes.h"

enum {
	ETH_HDR_LEN = 14,
	ETH_VLAN_LEN = 4,
	ETH_MIN_LEN = 60, /* without the frame check sequence */
	ETH_TYPE_IPV4 = 0x0800,
	ETH_TYPE_ARP = 0x0806,
	ETH_TYPE_VLAN = 0x8100,
};

struct mac {
	uint8_t b[6];
};

static inline bool
mac_eq(struct mac a, struct mac b)
{
	uint32_t head[2];
	uint16_t tail[2];

	/* no branch between the two halves, and both stay in registers */
	memcpy(&head[0], a.b, 4);
	memcpy(&head[1], b.b, 4);
	memcpy(&tail[0], a.b + 4, 2);
	memcpy(&tail[1], b.b + 4, 2);
	return ((head[0] ^ head[1]) | (uint32_t)(tail[0] ^ tail[1])) == 0;
}

/** Broadcast included. */
static inline bool
mac_is_group(struct mac a)
{
	return (a.b[0] & 1) != 0;
}

static inline bool
mac_is_zero(struct mac a)
{
	return (a.b[0] | a.b[1] | a.b[2] | a.b[3] | a.b[4] | a.b[5]) == 0;
}

#define MAC_BROADCAST ((struct mac){ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } })

/** Where packets to a multicast group go: RFC 1112 §6.4. @group in host order */
static inline struct mac
mac_of_group(uint32_t group)
{
	return (struct mac){ { 0x01, 0x00, 0x5e, (uint8_t)(group >> 16 & 0x7f),
		(uint8_t)(group >> 8), (uint8_t)group } };
}

/** Header in host order. */
struct eth_hdr {
	struct mac dst;
	struct mac src;
	uint16_t type; /* of what follows the tag, if there is one */
	uint16_t vlan; /* VLAN identifier 1..4094; 0: untagged or priority-tagged */
	uint16_t len;  /* octets of the header: 14 or 18 */
};

/** Check and read the header of a frame of which @len octets are readable at @p. */
static inline enum drop
eth_read(const uint8_t *p, uint32_t len, struct eth_hdr *h)
{
	if (unlikely(len < ETH_HDR_LEN))
		return DROP_ETH_SHORT;
	memcpy(&h->dst, p, 6);
	memcpy(&h->src, p + 6, 6);
	h->type = get_u16(p + 12);
	h->vlan = 0;
	h->len = ETH_HDR_LEN;
	if (unlikely(h->type == ETH_TYPE_VLAN)) {
		if (len < ETH_HDR_LEN + ETH_VLAN_LEN)
			return DROP_ETH_SHORT;
		h->vlan = get_u16(p + 14) & 0x0fff;
		h->type = get_u16(p + 16);
		h->len = ETH_HDR_LEN + ETH_VLAN_LEN;
	}
	return DROP_NONE;
}

/** Octets that eth_write() will write for this VLAN. */
static inline uint16_t
eth_hdr_len(uint16_t vlan)
{
	return vlan != 0 ? ETH_HDR_LEN + ETH_VLAN_LEN : ETH_HDR_LEN;
}

/** Write @h at @p, tagged if h->vlan is not 0; h->len is ignored. */
static inline void
eth_write(uint8_t *p, const struct eth_hdr *h)
{
	memcpy(p, &h->dst, 6);
	memcpy(p + 6, &h->src, 6);
	p += 12;
	if (h->vlan != 0) {
		put_u16(p, ETH_TYPE_VLAN);
		put_u16(p + 2, h->vlan);
		p += ETH_VLAN_LEN;
	}
	put_u16(p, h->type);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

/* RFC 826: hardware type, protocol type, their lengths, operation, sender, target. */

#include "wire/arp.h"

enum {
	HTYPE_ETHERNET = 1,
	HLEN = 6,
	PLEN = 4,
};

enum drop
arp_read(const uint8_t *p, uint32_t len, struct arp_msg *m)
{
	if (len < ARP_LEN)
		return DROP_ARP_SHORT;
	if (get_u16(p) != HTYPE_ETHERNET || get_u16(p + 2) != ETH_TYPE_IPV4)
		return DROP_ARP_FORMAT;
	if (p[4] != HLEN || p[5] != PLEN)
		return DROP_ARP_FORMAT;
	m->op = get_u16(p + 6);
	if (m->op != ARP_REQUEST && m->op != ARP_REPLY)
		return DROP_ARP_FORMAT;
	memcpy(&m->sha, p + 8, HLEN);
	m->spa = get_u32(p + 14);
	memcpy(&m->tha, p + 18, HLEN);
	m->tpa = get_u32(p + 24);
	return DROP_NONE;
}

void
arp_write(uint8_t *p, const struct arp_msg *m)
{
	put_u16(p, HTYPE_ETHERNET);
	put_u16(p + 2, ETH_TYPE_IPV4);
	p[4] = HLEN;
	p[5] = PLEN;
	put_u16(p + 6, m->op);
	memcpy(p + 8, &m->sha, HLEN);
	put_u32(p + 14, m->spa);
	memcpy(p + 18, &m->tha, HLEN);
	put_u32(p + 24, m->tpa);
}

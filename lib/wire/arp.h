/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_ARP_H
#define BARO_WIRE_ARP_H

/* ARP for IPv4 over Ethernet, RFC 826. */

#include "wire/eth.h"

enum {
	ARP_LEN = 28,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

/** Message in host order. */
struct arp_msg {
	uint16_t op; /* ARP_REQUEST or ARP_REPLY */
	struct mac sha;
	uint32_t spa;
	struct mac tha;
	uint32_t tpa;
};

/** Check and read: DROP_ARP_SHORT, DROP_ARP_FORMAT (types, lengths, operation). */
enum drop
arp_read(const uint8_t *p, uint32_t len, struct arp_msg *m);

/** Write ARP_LEN octets at @p. */
void
arp_write(uint8_t *p, const struct arp_msg *m);

#endif

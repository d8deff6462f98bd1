/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: ARP frames are mbufs. */
#ifndef BARO_LINK_ARP_SEND_H
#define BARO_LINK_ARP_SEND_H

/* ARP out: the messages that we send. Without a buffer nothing is sent: NO_MBUF counts. */

#include "link/link.h"
#include "wire/arp.h"

/** Ask who has @addr: everybody, or the one host that should still have it. */
void
arp_send_request(struct link *l, uint32_t addr, struct mac to);

/** Ask who has @addr, which is not ours yet: nobody learns from it, RFC 5227 §1.1. */
void
arp_send_probe(struct link *l, uint32_t addr);

/** Claim @addr, one of ours: gratuitous request, RFC 5227 §2.3. */
void
arp_send_announcement(struct link *l, uint32_t addr);

/** Answer @request: the address that it asks for is at our MAC. */
void
arp_send_reply(struct link *l, const struct arp_msg *request);

#endif

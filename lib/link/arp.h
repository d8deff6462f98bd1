/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */
#ifndef BARO_LINK_ARP_H
#define BARO_LINK_ARP_H

/* ARP in, RFC 826. */

#include "link/link.h"

/** An ARP message arrived; @p is what follows the Ethernet header. Consumes nothing. */
enum drop
arp_input(struct link *l, const uint8_t *p, uint32_t len, uint64_t now_ns);

#endif

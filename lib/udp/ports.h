/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp.h. */
#ifndef BARO_UDP_PORTS_H
#define BARO_UDP_PORTS_H

/* Sockets that are not connected, by port. */

#include "udp/udp.h"

/** @s receives from everybody, by s->flow; before those that were added earlier. */
void
ports_add(struct udp *udp, struct udp_sock *s);
void
ports_remove(struct udp *udp, struct udp_sock *s);

#endif

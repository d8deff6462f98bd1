/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_STEER_H
#define BARO_RUNTIME_STEER_H

/*
 * Several cores, one host: each flow belongs to one core, which RSS tells (base/rss.h). Whatever
 * queue a port chose for a frame, the core that finds it there hands it over by a ring if it is
 * another's; an ICMP error goes by the flow that it quotes. ARP goes to everybody, as each core has
 * neighbours of its own. Fragments meet on the core of their datagram's key; what becomes whole there
 * goes on to the core of its flow. A port that has our key and table finds the right queue by itself
 * and saves the ring; none has to.
 */

#include <rte_mbuf.h>

#include "runtime/core.h"

/** @n_cores 2..BARO_MAX_CORES. @return 0, -ENOMEM, -errno of eventfd */
int
steer_create(unsigned n_cores, struct steer **out);
void
steer_destroy(struct steer *s);

/**
 * Frames that a port gave to @core: those of other cores are handed over.
 *
 * @port  index of the port at every core
 * @return frames that are left in @m: this core's
 */
uint16_t
steer_out(struct baro_core *core, uint32_t port, struct rte_mbuf **m, uint16_t n);

/** Handed over without Ethernet header: an IPv4 packet that came in by interface @port, less this. */
#define STEER_BARE (UINT32_C(1) << 31)

/**
 * A packet that begins with its IPv4 header and came in by interface @netif: true if it was another
 * core's and has been handed over.
 */
bool
steer_packet(struct baro_core *core, uint32_t netif, struct rte_mbuf *m);

/**
 * Frames that others have handed to @core, at most @n.
 *
 * @port  set to the port that each came by, or with STEER_BARE to the interface
 */
uint16_t
steer_in(struct baro_core *core, uint32_t *port, struct rte_mbuf **m, uint16_t n);

#endif

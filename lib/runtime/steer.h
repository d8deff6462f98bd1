/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_STEER_H
#define BARO_RUNTIME_STEER_H

/*
 * Several cores, one host: each flow belongs to one core, told by a keyed hash that all cores
 * share. Whatever queue a port chose for a frame, the core that finds it there hands it
 * over by a ring if it is another's; an ICMP error goes by the flow that it quotes. ARP goes to
 * everybody, as each core has neighbours of its own. No port has to know how to steer.
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

/**
 * Frames that others have handed to @core, at most @n.
 *
 * @port  set to the port that each came by
 */
uint16_t
steer_in(struct baro_core *core, uint32_t *port, struct rte_mbuf **m, uint16_t n);

#endif

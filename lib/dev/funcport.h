/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_FUNCPORT_H
#define BARO_DEV_FUNCPORT_H

/*
 * The port made of two functions (baro/port.h): frames come in by call and wait in a ring
 * until dev_rx(), frames go out by callback in dev_flush().
 *
 * A frame that goes out is padded with zeros to 60 octets, as Ethernet wants it: what the
 * callback captures or puts on a wire needs no further care. Ports of DPDK are not padded
 * here: a NIC does it in hardware, and the software devices carry short frames as they are.
 */

#include <baro/port.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/queue.h"

/**
 * Fill in a port and its only queue.
 *
 * @index    for the name, "port0"
 * @in_pool  where frames are copied to; their data room decides into how many segments
 * @return   0, -EINVAL (no transmit, a prefix, MTU, VLAN or MAC that cannot be, an address
 *           that is not IPv4), -ENOMEM
 */
int
funcport_init(struct dev_queue *q, struct dev_port *port, unsigned index,
	const struct baro_port_opts *opts, struct env *env, struct rte_mempool *in_pool);

/** Release every frame that waits, in either direction. */
void
funcport_fini(struct dev_queue *q);

/** A frame arrives and is copied. @return as baro_port_input(); RX_LONG and RX_FULL count */
int
funcport_input(struct dev_queue *q, const void *frame, size_t len);

/** dev_rx() without the counting. */
uint16_t
funcport_rx(struct dev_queue *q, struct rte_mbuf **pkts, uint16_t n);

/** Hand all that is queued to the callback; nothing stays queued. */
void
funcport_tx(struct dev_queue *q);

/** A packet of these octets, in as many segments as it takes. @return NULL: no buffers */
struct rte_mbuf *
pkt_copy_in(struct rte_mempool *pool, const void *octets, size_t len);

#endif

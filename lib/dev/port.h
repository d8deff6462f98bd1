/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_PORT_H
#define BARO_DEV_PORT_H

/*
 * Ports and a core's queues on them. A port is an ethdev or a pair of functions; the layers
 * above see only dev_rx(), dev_tx() and what the port can do.
 */

#include "dev/queue.h"
#include "dev/rx.h"
#include "dev/tx.h"

/** Frames to multicast groups are wanted from now on: all of them, what is not joined is dropped above. */
BARO_COLD void
dev_allow_groups(struct dev_queue *q);

/**
 * When there is work by itself: 0 with frames waiting in or out, else when a frame held back by
 * a fault is due; TIME_NEVER with none.
 */
uint64_t
dev_next(const struct dev_queue *q);

#endif

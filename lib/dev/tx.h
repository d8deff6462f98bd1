/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_TX_H
#define BARO_DEV_TX_H

/* Frames out: gathered during the turn, handed over at its end. Included by dev/port.h. */

#include <string.h>

#include "dev/pkt.h"
#include "dev/port.h"

/** Hand over what is queued: one call to the driver. */
void dev_tx_burst(struct dev_queue *q, uint64_t now_ns);

static inline void
dev_tx(struct dev_queue *q, struct rte_mbuf *m)
{
	if (unlikely(q->n_tx == DEV_TX_RING)) {
		drop(q->env, m, DROP_TX_FULL);
		return;
	}
	q->tx[q->n_tx++] = m;
}

static inline void
dev_flush(struct dev_queue *q, uint64_t now_ns)
{
	if (q->n_tx != 0 || unlikely(q->tx_fault != NULL))
		dev_tx_burst(q, now_ns);
}

#endif

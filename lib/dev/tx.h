/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_TX_H
#define BARO_DEV_TX_H

/* Frames out: gathered during the turn, handed over at its end. */

#include <string.h>

#include "dev/pkt.h"
#include "dev/queue.h"

/** Hand over what is queued: one call to the driver. */
void
dev_tx_burst(struct dev_queue *q, uint64_t now_ns);

/** Nothing new for a while: what the driver left in its ring goes on. */
BARO_COLD void
dev_tx_kick(struct dev_queue *q, uint64_t now_ns);

/** Packets that dev_tx() takes for sure. */
static inline uint32_t
dev_tx_room(const struct dev_queue *q)
{
	return DEV_TX_RING - (uint32_t)q->n_tx;
}

/** Queue a packet for the end of the turn; it is dev's from here on. TX_FULL when it cannot wait. */
static inline void
dev_tx(struct dev_queue *q, struct rte_mbuf *m)
{
	if (unlikely(q->n_tx == DEV_TX_RING)) {
		drop(q->env, m, DROP_TX_FULL);
		return;
	}
	q->tx[q->n_tx++] = m;
}

/** Ring the doorbell: hand over what is queued. What the port does not take stays queued. */
static inline void
dev_flush(struct dev_queue *q, uint64_t now_ns)
{
	if (q->n_tx != 0 || unlikely(q->tx_fault != NULL))
		dev_tx_burst(q, now_ns);
	if (unlikely(q->kick_ns != 0 && q->kick_ns <= now_ns))
		dev_tx_kick(q, now_ns);
}

#endif

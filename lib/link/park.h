/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: parked packets are mbufs. */
#ifndef BARO_LINK_PARK_H
#define BARO_LINK_PARK_H

/* Packets that wait for a neighbour's MAC: a queue through their private areas. */

#include "link/link.h"

struct park_note {
	struct rte_mbuf *next;
};

static inline struct park_note *
park_note(struct rte_mbuf *m)
{
	return (struct park_note *)rte_mbuf_to_priv(m);
}

static inline void
neigh_park(struct neigh *n, struct rte_mbuf *m)
{
	park_note(m)->next = NULL;
	if (n->parked == NULL)
		n->parked = m;
	else
		park_note(n->parked_last)->next = m;
	n->parked_last = m;
	n->n_parked++;
}

/** The oldest one, taken off; NULL with none. */
static inline struct rte_mbuf *
neigh_unpark(struct neigh *n)
{
	struct rte_mbuf *m = n->parked;

	if (m == NULL)
		return NULL;
	n->parked = park_note(m)->next;
	n->n_parked--;
	return m;
}

#endif

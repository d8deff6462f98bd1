/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */
#ifndef BARO_LINK_TABLE_H
#define BARO_LINK_TABLE_H

/*
 * The table of neighbours: keyed hash, chains, bounded. Who goes when it is full is decided by
 * two lists that the states keep (neigh.c): link->unused, then link->idle.
 */

#include "link/link.h"

/** @return 0, -ENOMEM */
int
neigh_table_init(struct link *l);
void
neigh_table_fini(struct link *l);

/** The entry for @addr, or NULL. */
struct neigh *
neigh_lookup(struct link *l, uint32_t addr);

/** A fresh entry for @addr, which has none: all zero but for addr, gen and link. NULL: full. */
struct neigh *
neigh_add(struct link *l, uint32_t addr);

/** The entry is nobody's; it keeps no packets any more. */
void
neigh_remove(struct neigh *n);

#endif

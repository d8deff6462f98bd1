/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
#ifndef BARO_TCP_QUIET_H
#define BARO_TCP_QUIET_H

/*
 * Connections that wait for nothing, in the order in which they will have been silent for tcp.rest_after:
 * then they may rest (rest.h). All wait for the same time, so a queue takes the place of the wheel, and one
 * timer fires for all. Who stirs does not leave the queue: that is found out at its end, and it waits again, so
 * that a request costs nothing here. And as who comes next is known long before, it can be fetched: of a
 * million connections none is in a cache when its time has come.
 *
 * But where more than tcp.rest_beyond are awake, whoever waits for nothing at the end of its turn rests at once: all that
 * this takes is at hand then, and would have to be fetched later, line by line. A request that wakes a connection
 * meets the few lines of what was written down instead of all of a control block; and the blocks that are in use
 * go from hand to hand, and stay in the cache.
 */

#include "tcp/tcp.h"

/** @return 0, -ENOMEM */
int
quiet_init(struct tcp *tcp);

void
quiet_fini(struct tcp *tcp);

/** @c, which is not in the queue, has nothing to wait for. Without memory it will not rest before it stirs again. */
void
quiet_add(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns);

/** There are enough control blocks in use for connections to rest as soon as they can. */
static inline bool
quiet_is_crowded(const struct tcp *tcp)
{
	return tcp->conns.n_used > tcp->common.rest_beyond;
}

/**
 * @c, which may be in the queue, has nothing to wait for: it rests now, if it can. One whose window grows does not:
 * parts of a segment would be lost each time; nor one that may hear yet that a reduction was for nothing.
 *
 * @return false: it is as before
 */
bool
quiet_rest(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns);

/** The control block of @c, which may be in the queue, goes to somebody else. */
void
quiet_remove(struct tcp *tcp, struct tcp_conn *c);

#endif

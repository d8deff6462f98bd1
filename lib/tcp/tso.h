/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: segments share a packet. */
#ifndef BARO_TCP_TSO_H
#define BARO_TCP_TSO_H

/*
 * TCP segmentation offload: where a port cuts long frames into segments, those that leave one after
 * the other are one frame, with one header. For everything else in TCP they stay segments: each is
 * planned, noted and, if lost, sent again by itself.
 */

#include "ip/ip.h"
#include "tcp/seg.h"
#include "tcp/sndq.h"
#include "tcp/tcp.h"

/** The frame that the next segment of a connection can join, while the turn sends its segments. */
struct tso {
	struct rte_mbuf *m;    /* NULL: none */
	struct rte_mbuf *last; /* of its buffers */
	struct dev_queue *queue;
	struct seq next; /* that would follow */
	uint16_t segsz;  /* octets of text in each of its segments */
};

/**
 * The segment @o has been queued as frame @m, for a port that cuts long ones: may others join it?
 *
 * @h  its header
 */
void
tso_open(struct tso *t, struct rte_mbuf *m, const struct ip_path *path, const struct tcp_out *o,
	const struct tcp_hdr *h);

/** Have @o join the frame that is open, @t->m, if it can. @return false: it has to leave by itself */
bool
tso_join(struct tso *t, struct tcp_conn *c, const struct tcp_out *o);

#endif

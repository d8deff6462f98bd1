/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: queued text lies in mbufs. */
#ifndef BARO_TCP_SNDQ_H
#define BARO_TCP_SNDQ_H

/*
 * The queues of a connection as buffers. Text to send is written once, into the mbufs that
 * will be sent by reference, and stays there until it is acknowledged. A buffer holds
 * one full segment, so that a segment is one reference. Received text stays where the port put it.
 */

#include "tcp/tcp.h"

/** Octets that may be queued now: the configured size, or less when buffers run short. */
uint32_t
sndq_room(const struct tcp_conn *c);

/** Is there so much room that an application which found none is to be told: a quarter of the most? */
bool
sndq_has_drained(const struct tcp_conn *c);

/** The queue holds twice cwnd, so that it never runs dry; within tcp.snd_buf_max. */
void
sndq_follow_cwnd(struct tcp_conn *c);

/**
 * Room to write at the end of the queue, in place.
 *
 * @len  set to its octets
 * @return NULL: queue full, or no buffer
 */
uint8_t *
sndq_reserve(struct tcp_conn *c, uint32_t *len);

/** @len octets were written there. */
void
sndq_commit(struct tcp_conn *c, uint32_t len);

/** The first @len octets have been acknowledged. */
void
sndq_release(struct tcp_conn *c, uint32_t len);

/** A place in the queue: @off octets into @m. */
struct sndq_place {
	struct rte_mbuf *m;
	uint32_t off;
};

/** Where the octet at @seq lies; it is queued. Moves the cursor when @seq is ahead of it. */
struct sndq_place
sndq_find(struct tcp_conn *c, struct seq seq);

/** Drop everything that waits to be sent, and the notes on what is in flight. */
void
sndq_clear(struct tcp_conn *c);

/** Append received text, in order. A small piece is copied behind the last one if it fits there. */
void
rcvq_append(struct tcp_conn *c, struct text_list *taken);

/** The application has done with @len octets. */
void
rcvq_release(struct tcp_conn *c, uint32_t len);

/** Double the receive buffer, within tcp.rcv_buf_max, unless the buffers for received text run short. */
void
rcvq_grow(struct tcp_conn *c);

/** Drop everything that waits to be read, in order or not. */
void
rcvq_clear(struct tcp_conn *c);

/** The mbuf whose private area holds @t. */
static inline struct rte_mbuf *
text_mbuf(const struct text *t)
{
	return (struct rte_mbuf *)(uintptr_t)((uintptr_t)t - sizeof(struct rte_mbuf));
}

/** The piece that describes @m. */
static inline struct text *
mbuf_text(struct rte_mbuf *m)
{
	return (struct text *)rte_mbuf_to_priv(m);
}

/** Free a list of pieces. */
void
text_free(struct text_list *l);

#endif

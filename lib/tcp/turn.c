/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* The end of a connection's turn: what is due is sent, what is over is let go. */

#include <limits.h>

#include "dev/queue.h"
#include "tcp/ack.h"
#include "tcp/dsack.h"
#include "tcp/farewell.h"
#include "tcp/fastopen.h"
#include "tcp/output.h"
#include "tcp/quiet.h"
#include "tcp/sent.h"
#include "tcp/sndq.h"
#include "tcp/table.h"
#include "tcp/tcp.h"
#include "tcp/timer.h"
#include "tcp/timewait.h"
#include "tcp/trace.h"
#include "tcp/tso.h"
#include "tcp/xmit.h"

enum {
	SEGMENTS_A_TURN = 64, /* of one connection, so that the others have theirs */
};

/** Something could not be sent: look at @c again in a later turn, unless this one does. @return whether */
static BARO_COLD bool
starves(struct tcp *tcp, struct tcp_conn *c)
{
	struct tcp_line *line = tcp->found_full ? &tcp->blocked : &tcp->starved;

	tcp->found_full = false;
	if (tcp_is(c, TCP_F_STARVED | TCP_F_READY))
		return false;
	tcp_mark(c, TCP_F_STARVED);
	tcp_line_put(line, c);
	return true;
}

void
tcp_wake_writer(struct tcp_conn *c)
{
	sndq_follow_cwnd(c);
	if (!tcp_may_send(c) || !sndq_has_drained(c))
		return;
	tcp_unmark(c, TCP_F_FULL);
	c->events |= TCP_EV_WRITABLE;
}

static void
feed(struct tcp *tcp, struct tcp_line *line, unsigned most)
{
	struct tcp_conn *c;

	for (; most != 0 && (c = tcp_line_take(line)) != NULL; most--) {
		tcp_unmark(c, TCP_F_STARVED);
		if (tcp_is(c, TCP_F_FULL))
			tcp_wake_writer(c);
		tcp_ready(tcp, c);
	}
}

void
tcp_feed(struct tcp *tcp, uint64_t now_ns)
{
	farewell_retry(tcp, DEV_TX_RING, now_ns); /* the next SYN of a flow goes behind its RST */
	feed(tcp, &tcp->blocked, DEV_TX_RING);    /* more are not looked at in vain */
	feed(tcp, &tcp->starved, UINT_MAX);
}

/** Send all that may leave. @return false: something could not for want of buffers, room or turn */
static bool
send_all(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_out o;
	struct tso tso;

	tso.m = NULL; /* the rest is written with it */
	for (unsigned n = 0; tcp_next_out(c, now_ns, &o); n++) {
		uint32_t index;
		struct tcp_sent *note;

		if (n == SEGMENTS_A_TURN)
			return false;
		if (unlikely(c->path_route_gen != tcp->ip->route_gen) && xmit_resizes(c, now_ns))
			continue;
		note = slab_get(&tcp->sents, &index);
		if (note == NULL)
			return false;
		note->index = index;
		if (!xmit_segment(c, &o, &tso, now_ns)) {
			slab_put(&tcp->sents, index);
			return false;
		}
		if (!tcp_was_sent(c, &o, note, now_ns))
			slab_put(&tcp->sents, index);
	}
	return true;
}

/** Duplicate acknowledgements, one for each segment that came out of order; then text; then what is left. */
static bool
send_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	for (; c->dups_owed != 0; c->dups_owed--) {
		if (!xmit_ack(c, now_ns))
			return false;
		ack_sent(c);
		dsack_told(c);
	}
	if (!send_all(tcp, c, now_ns))
		return false;
	if (tcp_is(c, TCP_F_ACK_NOW)) {
		if (!xmit_ack(c, now_ns))
			return false;
		ack_sent(c);
	}
	if (unlikely(tcp_is(c, TCP_F_KEEP_PROBE))) {
		if (!xmit_keepalive(c, now_ns))
			return false;
		tcp_unmark(c, TCP_F_KEEP_PROBE);
	}
	tcp_output_done(c, now_ns);
	return true;
}

/** It has ended: the peer is told if it has to be, and nothing is kept for it. */
static void
bury(struct tcp_conn *c, uint64_t now_ns)
{
	if (tcp_is(c, TCP_F_RST))
		farewell_conn(c, now_ns);
	tcp_unmark(c, TCP_F_RST);
	fastopen_learn(c, NULL, now_ns);
	tcp_conn_unlist(c);
	sndq_clear(c);
}

/** Nobody needs the control block any more. */
static bool
is_over(const struct tcp_conn *c)
{
	bool is_ended = c->state == TCP_ST_CLOSED || c->state == TCP_ST_TIME_WAIT;

	return is_ended && (c->events & TCP_EV_CLOSED) == 0 &&
	       (tcp_is(c, TCP_F_ORPHAN) || !tcp_is(c, TCP_F_KNOWN));
}

/**
 * The application has text and found no room, but not because too much waits for acknowledgement: it
 * is buffers that were lacking, or what was unsent has left (BARO_TCP_NOTSENT_LOWAT).
 */
static bool
may_write_soon(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_FULL) && tcp_may_send(c) &&
	       (c->snd_queued == 0 || sndq_has_drained(c));
}

/** The wheel wakes @c for what it waits for; if for nothing, it may rest. */
static void
wait(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	tcp_timer_update(c);
	if (c->timer.is_armed || c->state != TCP_ST_ESTABLISHED)
		return;
	if (unlikely(quiet_is_crowded(tcp)) && quiet_rest(tcp, c, now_ns))
		return;
	if (c->quiet_at == 0)
		quiet_add(tcp, c, now_ns);
}

/** Nearly always the acknowledgement has come long ago, and most of @c needs no look. */
void
tcp_conn_timer(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	if (likely(!tcp_timer_is_due(c, now_ns))) {
		wait(tcp, c, now_ns);
		return;
	}
	tcp_timer(c, now_ns);
	tcp_ready(tcp, c);
}

void
tcp_flush(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	bool is_done =
		c->state == TCP_ST_CLOSED || (send_due(tcp, c, now_ns) && !may_write_soon(c));

	if (trace_is_on(c))
		trace_turn(c);
	if (unlikely(!is_done) && starves(tcp, c))
		return;
	if (c->state == TCP_ST_TIME_WAIT && tcp_is(c, TCP_F_IN_TABLE)) {
		timewait_begin(c, now_ns);
		c->rexmt_ns = c->ack_ns = c->idle_ns = TIME_NEVER;
		tcp_unmark(c, TCP_F_EARLY);
		if (!tcp_is(c, TCP_F_ORPHAN)) {
			c->events |= TCP_EV_CLOSED;
			tcp_ready(tcp, c);
		}
	} else if (c->state == TCP_ST_CLOSED) {
		bury(c, now_ns);
	}
	if (is_over(c) && !tcp_is(c, TCP_F_READY | TCP_F_STARVED))
		tcp_conn_free(c);
	else
		wait(tcp, c, now_ns);
}

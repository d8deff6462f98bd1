/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NewReno loss recovery in terms of the pipe: a duplicate acknowledgement says that one
 * segment has left the network (conn->sacked), a segment marked lost has left it too
 * (conn->lost); cwnd bounds what is left. That is RFC 6582's inflating and deflating
 * of cwnd, without touching cwnd.
 */

#include "tcp/recover.h"

#include <stddef.h>

#include "tcp/conn.h"
#include "tcp/sent.h"

enum { DUP_THRESH = 3 }; /* RFC 5681 §3.2 */

/** Not more can have left than is in flight, less the segment that is missing. */
static void
count_departed(struct tcp_conn *c)
{
	uint32_t flight = tcp_flight(c);
	uint32_t most = flight > c->lost + c->mss ? flight - c->lost - c->mss : 0;

	c->sacked = min_u32(c->sacked + c->mss, max_u32(most, c->sacked));
}

/** Something sent before the last reduction for a mark is still in flight. */
static bool
was_marked(const struct tcp_conn *c)
{
	struct seq end = c->loss.cwr_end;

	return seq_gt(end, c->snd_una) && seq_le(end, c->snd_nxt);
}

/** RFC 6582 §3.2 step 2. */
static void
enter(struct tcp_conn *c, uint64_t now_ns)
{
	c->recover = c->snd_nxt;
	tcp_mark(c, TCP_F_RECOVERY);
	/* RFC 5681 §3.2 step 2: what limited transmit has sent beyond cwnd does not count. RFC 3168
	 * §6.1.2: one reduction a window, be it for a mark or for a loss. */
	if (!was_marked(c))
		c->cc->lost(c, min_u32(tcp_flight(c), c->cwnd), now_ns);
	tcp_mark(c, TCP_F_CWR);
	sent_mark_lost(c, c->sent_head);
	c->totals.recoveries++;
	count(common_of(c)->env, STAT_TCP_FAST_RECOVERIES);
}

void
recover_dupack(struct tcp_conn *c, uint64_t now_ns)
{
	bool is_recovering = tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS);

	if (c->sent_head == NULL)
		return;
	if (c->dupacks < UINT8_MAX)
		c->dupacks++;
	/* RFC 6582 §3.2 step 1: what was sent again needlessly in the recovery before causes
	 * duplicates of its end; they are no news. */
	if (!is_recovering && c->dupacks >= DUP_THRESH && !seq_gt(c->snd_una, c->recover))
		return;
	count_departed(c);
	if (!is_recovering && c->dupacks == DUP_THRESH)
		enter(c, now_ns);
}

/** RFC 6582 §3.2 step 3: everything sent before the loss was found has arrived. */
static void
leave(struct tcp_conn *c, uint64_t now_ns)
{
	bool was_fast = tcp_is(c, TCP_F_RECOVERY);

	tcp_unmark(c, TCP_F_RECOVERY | TCP_F_LOSS);
	c->sacked = 0;
	if (was_fast)
		c->cc->recovered(c, now_ns);
}

void
recover_acked(struct tcp_conn *c, struct tcp_cc_sample *s)
{
	c->dupacks = 0;
	if (!tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS)) {
		c->sacked = 0;
		c->recover =
			seq_sub(c->snd_una, 1); /* stays near: it would seem ahead 2^31 octets on */
		c->cc->acked(c, s);
		return;
	}
	if (seq_ge(c->snd_una, c->recover)) {
		leave(c, s->now_ns);
		return;
	}
	if (tcp_is(c, TCP_F_LOSS)) {
		c->sacked = 0;
		c->cc->acked(c, s);
		return;
	}
	/* A partial acknowledgement: what it covers, but for the segment sent again, was counted as
	 * departed before; the next hole begins at snd_una. */
	c->sacked -= min_u32(c->sacked, s->acked > c->mss ? s->acked - c->mss : 0);
	if (c->sent_head != NULL && !(c->sent_head->flags & SENT_AGAIN))
		sent_mark_lost(c, c->sent_head);
	c->sacked = min_u32(c->sacked, tcp_flight(c) - c->lost);
}

void
recover_timeout(struct tcp_conn *c, uint64_t now_ns)
{
	bool is_first = !tcp_is(c, TCP_F_LOSS);

	c->cc->timed_out(c, tcp_flight(c), is_first, now_ns);
	tcp_unmark(c, TCP_F_RECOVERY);
	tcp_mark(c, TCP_F_LOSS | TCP_F_CWR);
	c->recover = c->snd_nxt; /* RFC 6582 §4.1 */
	c->dupacks = 0;
	c->sacked = 0;
	sent_mark_all_lost(c);
	c->totals.timeouts++;
	count(common_of(c)->env, STAT_TCP_TIMEOUTS);
}

bool
recover_marked(struct tcp_conn *c, uint64_t now_ns)
{
	uint32_t flight = min_u32(tcp_pipe(c), c->cwnd);

	if (tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS) || was_marked(c))
		return false;
	c->loss.cwr_end = c->snd_nxt;
	if (c->cc->marked != NULL) {
		c->cc->marked(c, flight, now_ns);
	} else {
		c->cc->lost(c, flight, now_ns);
		c->cwnd = c->ssthresh;
	}
	tcp_mark(c, TCP_F_CWR);
	return true;
}

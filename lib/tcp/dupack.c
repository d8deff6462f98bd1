/* SPDX-License-Identifier: BSD-3-Clause */
/* Losses without SACK; see the header. */

#include "tcp/dupack.h"

#include "tcp/sent.h"

enum { DUP_THRESH = 3 }; /* RFC 5681 §3.2 */

/** Not more can have left than is in flight, less the segment that is missing. */
static uint32_t
count_departed(struct tcp_conn *c)
{
	uint32_t flight = tcp_flight(c);
	uint32_t most = flight > c->lost + c->mss ? flight - c->lost - c->mss : 0;
	uint32_t was = c->sacked;

	c->sacked = min_u32(c->sacked + c->mss, max_u32(most, c->sacked));
	tcp_mark(c, TCP_F_DISORDER);
	return c->sacked - was;
}

static uint32_t
take_duplicate(struct tcp_conn *c)
{
	bool is_recovering = tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS);
	uint32_t departed;

	if (c->dupacks < UINT8_MAX)
		c->dupacks++;
	/* RFC 6582 §3.2 step 1: what was sent again needlessly in the recovery before causes
	 * duplicates of its end; they are no news. */
	if (!is_recovering && c->dupacks >= DUP_THRESH && !seq_gt(c->snd_una, c->recover))
		return 0;
	departed = count_departed(c);
	if (!is_recovering && c->dupacks == DUP_THRESH)
		sent_mark_lost(c, c->sent_head);
	return departed;
}

/**
 * A partial acknowledgement: what it covers, but for the segment sent again, was counted as
 * departed before; the next hole begins at snd_una.
 */
static uint32_t
take_partial(struct tcp_conn *c, uint32_t acked)
{
	uint32_t counted = min_u32(c->sacked, acked > c->mss ? acked - c->mss : 0);

	c->sacked -= counted;
	if (c->sent_head != NULL && !(c->sent_head->flags & SENT_AGAIN))
		sent_mark_lost(c, c->sent_head);
	c->sacked = min_u32(c->sacked, tcp_flight(c) - c->lost);
	return acked - counted;
}

uint32_t
dupack_take(struct tcp_conn *c, const struct tcp_news *n)
{
	if (!n->is_advance)
		return n->is_dupack && c->sent_head != NULL ? take_duplicate(c) : 0;
	c->dupacks = 0;
	if (tcp_is(c, TCP_F_RECOVERY) && seq_lt(c->snd_una, c->recover))
		return take_partial(c, n->s.acked);
	if (!tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS))
		c->recover = seq_sub(c->snd_una, 1); /* stays near, as in recover_acked() */
	c->sacked = 0;
	return n->s.acked;
}

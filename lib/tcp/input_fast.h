/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_INPUT_FAST_H
#define BARO_TCP_INPUT_FAST_H

/*
 * The segment that was to be expected: the next text in order, or an
 * acknowledgement and nothing else. A few questions; any "no" leads to tcp_input(), which
 * would do the same and more.
 */

#include "tcp/ack.h"
#include "tcp/input.h"
#include "tcp/rcvbuf.h"

/** True if @seg is what an undisturbed connection sees nearly always. */
static inline bool
tcp_is_expected(const struct tcp_conn *c, const struct tcp_seg *seg)
{
	const uint32_t disturbed = TCP_F_RECOVERY | TCP_F_LOSS | TCP_F_FIN_SEEN;
	const struct tcp_opts *opts = &seg->h.opts;

	return c->state == TCP_ST_ESTABLISHED &&
	       /* no SYN, FIN, RST, URG, ECE, CWR, and not marked */
	       ((seg->h.flags & ~(unsigned)TCP_PSH) | (unsigned)seg->is_ce << 8) == TCP_ACK &&
	       seq_eq(seg->h.seq, c->rcv_nxt) &&                             /* next in order */
	       seg->len <= tcp_rcv_wnd(c) &&                                 /* within the window */
	       seq_le(seg->h.ack, c->snd_nxt) &&                             /* of what was sent */
	       (seq_gt(seg->h.ack, c->snd_una) ||                            /* news, */
		       (seg->len != 0 && seq_eq(seg->h.ack, c->snd_una))) && /* or text */
	       seq_ge(seg->h.seq, c->snd_wl1) && /* nothing newer has told a window */
	       seg->h.wnd != 0 &&
	       c->snd_wnd != 0 && !tcp_is(c, disturbed) && reass_is_empty(&c->reass) &&
	       opts->has == (tcp_is(c, TCP_F_TS) ? TCP_HAS_TS : 0) &&
	       (opts->has == 0 || (int32_t)(opts->tsval - c->ts_recent) >= 0);
}

/** Take the expected segment. */
static inline void
tcp_input_fast(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	if (seg->h.opts.has != 0)
		take_timestamp(c, seg, now_ns);
	if (seq_gt(seg->h.ack, c->snd_una))
		take_ack(c, seg, now_ns, todo);
	c->snd_wnd = (uint32_t)seg->h.wnd << c->snd_wscale;
	c->snd_wl1 = seg->h.seq;
	c->max_snd_wnd = max_u32(c->max_snd_wnd, c->snd_wnd);
	if (seg->len == 0)
		return;
	for (struct text *t = seg->text; t != NULL; t = seg->text) {
		seg->text = t->next;
		text_append(&todo->taken, t);
	}
	if (unlikely(seg->len > c->rcv_mss))
		c->rcv_mss = (uint16_t)min_u32(seg->len, c->our_mss); /* a long frame is many */
	c->rcv_nxt = seq_add(c->rcv_nxt, seg->len);
	c->rcv_queued += seg->len;
	rcvbuf_taken(c, now_ns, todo);
	c->events |= TCP_EV_READABLE;
	ack_taken(c, now_ns);
}

#endif

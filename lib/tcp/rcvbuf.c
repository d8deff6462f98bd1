/* SPDX-License-Identifier: BSD-3-Clause */
/* Is our window in the peer's way? See the header. */

#include "tcp/rcvbuf.h"

/** What can be offered at most. */
static uint32_t
full_window(const struct tcp_conn *c)
{
	return min_u32(c->rcv_buf, (uint32_t)UINT16_MAX << c->rcv_wscale);
}

void
rcvbuf_begin(struct tcp_conn *c, uint64_t now_ns)
{
	c->rcv_mark = seq_add(c->rcv_nxt, full_window(c));
	c->rcv_mark_ns = now_ns;
}

void
rcvbuf_measure(struct tcp_conn *c, uint64_t now_ns, struct tcp_todo *todo)
{
	bool was_window_limited = now_ns - c->rcv_mark_ns <= c->srtt_ns + c->srtt_ns / 2;
	bool is_read = c->rcv_queued <= c->rcv_buf / 2;
	bool may_grow = !c->asked.has_rcv_buf && c->rcv_buf < common_of(c)->rcv_buf_max &&
			full_window(c) == c->rcv_buf;

	todo->wants_room = may_grow && is_read && was_window_limited;
	rcvbuf_begin(c, now_ns);
}

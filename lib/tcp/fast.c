/* SPDX-License-Identifier: BSD-3-Clause */
/* Text on a SYN; see the header. */

#include "tcp/fast.h"

#include "tcp/input.h"
#include "tcp/sent.h"

uint32_t
fast_syn_text(const struct tcp_conn *c, uint32_t opt_len)
{
	uint32_t full = min_u32(c->fast.mss, c->our_mss);

	if (c->state != TCP_ST_SYN_SENT || c->fast.cookie.len == 0)
		return 0;
	return min_u32(c->snd_queued, full - min_u32(opt_len, full));
}

void
fast_begin(struct tcp_conn *c, const struct tcp_seg *syn, uint64_t now_ns)
{
	c->fast.is_early = true;
	c->snd_wnd = syn->h.wnd; /* RFC 7323 §2.2: not scaled */
	c->max_snd_wnd = c->snd_wnd;
	tcp_begin_text(c, now_ns);
	c->events |= TCP_EV_OPENED;
}

enum drop
tcp_input_fast_syn(struct tcp_conn *c, struct tcp_seg *seg, uint64_t now_ns, struct tcp_todo *todo)
{
	if (!seq_eq(seq_add(seg->h.seq, 1), c->rcv_nxt))
		return DROP_TCP_OLD_DATA; /* twice in one burst */
	c->fast.is_used |= seg->len != 0;
	return take_behind_syn(c, seg, now_ns, todo);
}

struct tcp_sent *
fast_unsend(struct tcp_conn *c, struct seq ack)
{
	struct tcp_sent *syn;
	struct tcp_sent *rest;

	if (seq_eq(ack, c->snd_nxt))
		return NULL;
	syn = sent_take_all(c);
	rest = syn->next;
	syn->next = NULL;
	syn->len = seq_len(c->iss, ack);
	syn->flags &= (uint8_t) ~(SENT_LOST | SENT_LISTED);
	c->sent_head = syn;
	c->sent_tail = syn;
	c->snd_nxt = ack;
	return rest;
}

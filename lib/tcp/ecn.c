/* SPDX-License-Identifier: BSD-3-Clause */
/* ECN; see the header. */

#include "tcp/ecn.h"

#include "tcp/recover.h"

void
ecn_init(struct tcp_conn *c, bool is_active)
{
	enum tcp_ecn_use use = common_of(c)->ecn;

	if (use == TCP_ECN_OFFER || (use == TCP_ECN_ACCEPT && !is_active))
		tcp_mark(c, TCP_F_ECN);
}

void
ecn_agree(struct tcp_conn *c, uint8_t flags)
{
	/* A SYN|ACK with both bits is the echo of one who knows nothing of ECN */
	uint8_t want = flags & TCP_ACK ? TCP_ECE : TCP_ECE | TCP_CWR;

	if ((flags & (TCP_ECE | TCP_CWR)) != want)
		tcp_unmark(c, TCP_F_ECN);
}

bool
ecn_give_up(struct tcp_conn *c)
{
	bool has_asked = tcp_is(c, TCP_F_ECN);

	tcp_unmark(c, TCP_F_ECN);
	return has_asked;
}

uint8_t
ecn_flags(const struct tcp_conn *c, const struct tcp_out *o)
{
	uint8_t flags = 0;

	if (o->flags & TCP_SYN) /* a SYN|ACK says that it agrees, a SYN asks */
		return c->state == TCP_ST_SYN_SENT ? TCP_ECE | TCP_CWR : TCP_ECE;
	if (c->echoes_mark)
		flags |= TCP_ECE;
	if (tcp_is(c, TCP_F_CWR) &&
		ecn_is_new_text(c, o)) /* §6.1.2: that will not be mistaken for an old one */
		flags |= TCP_CWR;
	return flags;
}

/** §6.1.3: every acknowledgement echoes the mark until CWR has come. */
static void
take_mark(struct tcp_conn *c)
{
	count(common_of(c)->env, STAT_TCP_CE_IN);
	if (!c->echoes_mark)
		tcp_mark(c, TCP_F_ACK_NOW);
	c->echoes_mark = true;
}

void
ecn_input(struct tcp_conn *c, const struct tcp_seg *seg, uint64_t now_ns)
{
	if (seg->h.flags & TCP_CWR) {
		c->echoes_mark = false;
		tcp_mark(c, TCP_F_ACK_NOW); /* its window may be one segment now */
	}
	if (seg->is_ce && seg->len != 0)
		take_mark(c);
	if ((seg->h.flags & TCP_ECE) != 0 && recover_marked(c, now_ns)) {
		c->totals.ecn_marks++;
		count(common_of(c)->env, STAT_TCP_ECN_MARKS);
	}
}

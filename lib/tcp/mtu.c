/* SPDX-License-Identifier: BSD-3-Clause */
/* The size of segments; see the header. */

#include "tcp/mtu.h"

#include "tcp/mss.h"
#include "tcp/mtu_search.h"
#include "tcp/rtt.h"
#include "tcp/sent.h"
#include "tcp/undo.h"

/** Text of a note, octets. */
static uint32_t
text_of(const struct tcp_sent *s)
{
	return s->len - ((s->flags & (SENT_SYN | SENT_FIN)) != 0);
}

void
mtu_init(struct tcp_conn *c, uint16_t mtu)
{
	c->our_mss = (uint16_t)(mtu - MSS_HEADERS);
	c->mtu = (struct tcp_mtu){ .path = mtu, .peer_mss = c->our_mss };
	c->mss = c->our_mss;
}

void
mtu_agree(struct tcp_conn *c, uint16_t peer_mss)
{
	c->mtu.peer_mss = peer_mss;
	mss_update(c);
}

void
mtu_limit(struct tcp_conn *c, uint16_t maxseg)
{
	c->asked.maxseg = maxseg;
	mss_update(c);
	if (c->state == TCP_ST_SYN_SENT && c->sent_head == NULL)
		c->our_mss = (uint16_t)min_u32(c->our_mss, maxseg);
}

/** @return true if there was any */
static bool
mark_oversize_lost(struct tcp_conn *c)
{
	uint32_t lost = c->lost;

	for (struct tcp_sent *s = c->sent_head; s != NULL; s = s->next)
		if (text_of(s) > c->mss)
			sent_mark_too_big(c, s);
	return c->lost != lost;
}

void
mtu_follow(struct tcp_conn *c, uint16_t mtu, uint64_t now_ns)
{
	uint16_t before = c->mss;

	c->mtu.path = mtu;
	mtu_search_follow(c);
	mss_update(c);
	if (c->mss >= before || !mark_oversize_lost(c))
		return;
	/* As after a time-out, whose loss is known already, but without its window: what is marked here,
	 * and duplicates of what came through meanwhile, must not begin fast recovery. */
	if (!tcp_is(c, TCP_F_RECOVERY))
		tcp_mark(c, TCP_F_LOSS);
	undo_forget(c);
	c->recover = c->snd_nxt;
	c->backoff = 0;
	c->rexmt_ns = now_ns + rtt_timeout(c);
}

bool
mtu_is_about_ours(const struct tcp_conn *c, struct seq seq, uint16_t len, uint16_t told)
{
	const struct tcp_sent *s = c->sent_head;

	if (len <= told || len > c->our_mss + (uint32_t)MSS_HEADERS)
		return false;
	while (s != NULL && seq_lt(s->seq, seq))
		s = s->next;
	/* perhaps it has been split since */
	return s != NULL && seq_eq(s->seq, seq) && len >= MSS_HEADERS + text_of(s);
}

void
mtu_timed_out(struct tcp_conn *c)
{
	uint32_t base = common_of(c)->mtu_base;

	if (common_of(c)->mtu_probing == TCP_MTU_PROBE_NEVER || c->backoff == 0 ||
		c->mtu.path <= base || text_of(c->sent_head) <= mss_in(c, base))
		return;
	mtu_search_begin(c);
	count(common_of(c)->env, STAT_TCP_MTU_HOLES);
}

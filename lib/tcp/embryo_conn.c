/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* An embryo becomes a connection. */

#include "tcp/agree.h"
#include "tcp/ecn.h"
#include "tcp/embryo.h"
#include "tcp/rest.h"
#include "tcp/sent.h"
#include "tcp/table.h"
#include "tcp/xmit.h"

/** The SYN|ACK has a note, as if a control block had sent it: the round trip comes from there. */
static bool
note_syn_ack(struct tcp_conn *c, const struct tcp_embryo *e, uint64_t now_ns)
{
	struct tcp *tcp = c->tcp;
	uint32_t index;
	struct tcp_sent *s = slab_get(&tcp->sents, &index);
	bool was_once = e->n_resent == 0 && (e->flags & EMBRYO_REPEATED) == 0;

	if (s == NULL)
		return false;
	s->seq = c->iss;
	s->len = 1;
	s->index = index;
	s->flags = was_once ? SENT_SYN : SENT_SYN | SENT_AGAIN;
	sent_add(c, s, was_once ? e->timer.deadline_ns - embryo_timeout(tcp, e) : now_ns);
	c->snd_nxt = seq_add(c->iss, 1);
	return true;
}

/** The header that the SYN may have had. */
static struct tcp_hdr
syn_of(const struct tcp_embryo *e)
{
	struct tcp_hdr h = { .seq = e->irs, .flags = TCP_SYN };

	if (e->flags & EMBRYO_ECN)
		h.flags |= TCP_ECE | TCP_CWR;
	h.opts.has = TCP_HAS_MSS;
	h.opts.mss = e->peer_mss;
	if (e->flags & EMBRYO_SACK)
		h.opts.has |= TCP_HAS_SACK_OK;
	if (e->flags & EMBRYO_TS) {
		h.opts.has |= TCP_HAS_TS;
		h.opts.tsval = e->ts_recent;
	}
	if (e->flags & EMBRYO_WSCALE) {
		h.opts.has |= TCP_HAS_WSCALE;
		h.opts.wscale = e->snd_wscale;
	}
	return h;
}

struct tcp_conn *
embryo_begin_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint32_t hash, uint16_t mtu,
	uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	const struct tcp_hdr syn = syn_of(e);
	bool has_ts = (e->flags & EMBRYO_TS) != 0;
	struct tcp_conn *c = tcp_conn_new(tcp, &e->flow, hash);

	if (c == NULL)
		return NULL;
	tcp_conn_init(c, e->iss, has_ts ? tcp_numbers_of(tcp, &e->flow, now_ns).ts_offset : 0, mtu,
		now_ns);
	tcp_mark(c, TCP_F_PASSIVE);
	ecn_init(c, false);
	c->cc = l->cc;
	if (l->model != NULL)
		tcp_inherit(c, l->model);
	tcp_take_syn(c, &syn, now_ns);
	tcp_set_state(c, TCP_ST_SYN_RECEIVED);
	c->syn_retries = e->n_resent;
	c->rest->ops = l->ops;
	c->rest->user = l->user;
	if (l->max_unaccepted != 0)
		l->n_unaccepted++;
	return c;
}

struct tcp_conn *
embryo_make_conn(struct tcp_listener *l, const struct tcp_embryo *e, uint32_t hash, uint16_t mtu,
	uint64_t now_ns)
{
	struct tcp_conn *c = embryo_begin_conn(l, e, hash, mtu, now_ns);
	struct ip_path path;

	if (c == NULL)
		return NULL;
	if (!note_syn_ack(c, e, now_ns)) {
		if (l->max_unaccepted != 0)
			l->n_unaccepted--;
		tcp_conn_free(c);
		return NULL;
	}
	xmit_path(c, now_ns, &path); /* the ACK that opens it confirms the neighbour on it */
	return c;
}

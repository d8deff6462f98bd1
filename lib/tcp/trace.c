/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of what happens to connections; see the header. */

#include "tcp/trace.h"

#include "tcp/rtt.h"

#define VALUES(...) ((const uint64_t[TCP_TRACE_VALUES]){ __VA_ARGS__ })

static bool
is_wanted(const struct tcp_trace *t, const struct tcp_flow *f)
{
	for (unsigned i = 0; i < t->n_filters; i++) {
		const struct tcp_trace_filter *w = &t->filter[i];
		bool is_ours = (w->addr == 0 || w->addr == f->laddr) &&
			       (w->port == 0 || w->port == f->lport);
		bool is_theirs = (w->addr == 0 || w->addr == f->faddr) &&
				 (w->port == 0 || w->port == f->fport);

		if (is_ours || is_theirs)
			return true;
	}
	return false;
}

static bool
is_recovering(const struct tcp_conn *c)
{
	return tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS);
}

static struct tcp_trace_mark
mark_of(const struct tcp_conn *c)
{
	return (struct tcp_trace_mark){ .cwnd = c->cwnd,
		.ssthresh = c->ssthresh,
		.snd_wnd = c->snd_wnd,
		.rcv_buf = c->rcv_buf,
		.found_lost = c->found_lost,
		.timeouts = c->totals.timeouts,
		.probes = c->totals.probes,
		.undone = c->totals.undone,
		.srtt_ns = c->srtt_ns,
		.rto_ns = rtt_timeout(c),
		.mss = c->mss,
		.is_recovering = is_recovering(c) };
}

void
trace_conn(struct tcp_conn *c)
{
	struct tcp_trace *t = common_of(c)->trace;
	uint32_t index;
	struct tcp_trace_mark *m;

	if (!is_wanted(t, &c->flow) || c->trace_mark != 0)
		return;
	m = slab_get(&t->marks, &index);
	if (m == NULL) {
		t->n_missed++;
		return;
	}
	*m = mark_of(c);
	c->trace_mark = index + 1;
}

void
trace_forget(struct tcp_conn *c)
{
	if (c->trace_mark == 0)
		return;
	slab_put(&common_of(c)->trace->marks, c->trace_mark - 1);
	c->trace_mark = 0;
}

void
trace_put(
	const struct tcp_conn *c, enum tcp_event_kind kind, const uint64_t value[TCP_TRACE_VALUES])
{
	struct tcp_trace *t = common_of(c)->trace;
	struct tcp_event *e;

	if (t->n == TCP_TRACE_RECORDS) {
		t->n_missed++;
		return;
	}
	e = &t->event[t->n++];
	e->flow = c->flow;
	e->kind = (uint32_t)kind;
	for (unsigned i = 0; i < TCP_TRACE_VALUES; i++)
		e->value[i] = value[i];
}

/** A sequence number, counted from the first octet of our text. */
static uint64_t
seq_of(const struct tcp_conn *c, struct seq seq)
{
	return seq.n - c->iss.n - 1;
}

/** Losses, and what became of them. */
static void
tell_recovery(
	const struct tcp_conn *c, const struct tcp_trace_mark *was, const struct tcp_trace_mark *is)
{
	if (is->found_lost != was->found_lost)
		trace_put(c, TCP_TRACE_LOST, VALUES(is->found_lost - was->found_lost, tcp_pipe(c)));
	if (is->probes != was->probes)
		trace_put(c, TCP_TRACE_TLP, VALUES(is->probes));
	if (is->timeouts != was->timeouts)
		trace_put(c, TCP_TRACE_TIMEOUT, VALUES(is->timeouts, is->rto_ns / NS_PER_US));
	if (is->undone != was->undone)
		trace_put(c, TCP_TRACE_UNDONE, VALUES(c->cwnd, c->ssthresh));
	if (is->is_recovering && !was->is_recovering)
		trace_put(
			c, TCP_TRACE_RECOVERY, VALUES(seq_of(c, c->recover), c->cwnd, c->ssthresh));
	if (!is->is_recovering && was->is_recovering)
		trace_put(c, TCP_TRACE_RECOVERED, VALUES(c->cwnd, c->ssthresh));
}

static void
tell_windows(
	const struct tcp_conn *c, const struct tcp_trace_mark *was, const struct tcp_trace_mark *is)
{
	if (is->cwnd != was->cwnd || is->ssthresh != was->ssthresh)
		trace_put(
			c, TCP_TRACE_CWND, VALUES(c->cwnd, c->ssthresh, tcp_pipe(c), c->pace_rate));
	if (is->snd_wnd != was->snd_wnd)
		trace_put(c, TCP_TRACE_SND_WND, VALUES(is->snd_wnd));
	if (is->rcv_buf != was->rcv_buf)
		trace_put(c, TCP_TRACE_RCV_BUF, VALUES(is->rcv_buf));
	if (is->mss != was->mss)
		trace_put(c, TCP_TRACE_MSS, VALUES(is->mss, c->mtu.path));
}

void
trace_turn(struct tcp_conn *c)
{
	struct tcp_trace_mark *was = slab_at(&common_of(c)->trace->marks, c->trace_mark - 1);
	struct tcp_trace_mark is = mark_of(c);

	tell_recovery(c, was, &is);
	tell_windows(c, was, &is);
	if (is.srtt_ns != was->srtt_ns || is.rto_ns != was->rto_ns)
		trace_put(c, TCP_TRACE_RTT,
			VALUES(c->srtt_ns / NS_PER_US, c->rttvar_ns / NS_PER_US,
				c->min_rtt_ns / NS_PER_US, is.rto_ns / NS_PER_US));
	*was = is;
}

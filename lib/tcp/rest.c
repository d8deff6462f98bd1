/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* To rest, and back; see the header. */

#include "tcp/rest.h"

#include <stdlib.h>
#include <string.h>

#include "tcp/cc_change.h"
#include "tcp/cc_window.h"
#include "tcp/farewell.h"
#include "tcp/pace.h"
#include "tcp/rtt.h"
#include "tcp/trace.h"

enum { CHALLENGES_NS = NS_PER_SEC + (1 << 21) }; /* their credit is whole again: ack.c */

struct tcp_rest *
rest_new(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t index;
	struct tcp_rest *r = slab_get(&tcp->rests, &index);

	if (r != NULL)
		*r = (struct tcp_rest){ .conn = c, .flow = c->flow, .index = index & INT32_MAX };
	return r;
}

void
rest_free(struct tcp *tcp, struct tcp_rest *r)
{
	r->is_resting = 0;
	r->conn = NULL; /* whoever walks over all handles takes it for free */
	slab_put(&tcp->rests, r->index);
}

/* To rest */

static bool
fits(uint64_t value)
{
	return value <= UINT32_MAX;
}

/** Nothing is in flight, queued, owed or waited for. */
static bool
is_settled(const struct tcp_conn *c)
{
	const uint32_t kept = TCP_F_TS | TCP_F_SACK | TCP_F_WSCALE | TCP_F_PASSIVE | TCP_F_ECN |
			      TCP_F_NODELAY | TCP_F_CORK | TCP_F_IN_TABLE | TCP_F_KNOWN |
			      TCP_F_CWR | TCP_F_LOWAT | TCP_F_CLAMP | TCP_F_MTU_SEARCH;
	const uint32_t needed = TCP_F_IN_TABLE | TCP_F_KNOWN;

	return c->state == TCP_ST_ESTABLISHED && (c->flags & ~kept) == 0 &&
	       (c->flags & needed) == needed && c->events == 0 && c->sent_head == NULL &&
	       seq_eq(c->snd_una, c->snd_nxt) && c->snd_head == NULL && c->rcv_queued == 0 &&
	       reass_is_empty(&c->reass) && seq_eq(c->last_ack_sent, c->rcv_nxt) &&
	       c->dups_owed == 0 && c->backoff == 0 && !c->echoes_mark && !c->timer.is_armed &&
	       c->totals.limit == TCP_LIMIT_IDLE;
}

/** The numbers are such that they can be written down. */
static bool
is_writable(const struct tcp_conn *c, uint64_t now_ns)
{
	const struct tcp_totals *t = &c->totals;

	return c->cc->rest != NULL && !trace_is_on(c) && c->fast.pending_of == NULL &&
	       fits(c->srtt_ns) && fits(c->rttvar_ns) && fits(c->min_rtt_ns) &&
	       fits(c->min_rtt_now_ns) && fits(t->segs_in) && fits(t->segs_out) &&
	       fits(c->rate_ns) && (uint32_t)t->received == c->rcv_nxt.n &&
	       (c->srtt_ns != 0 || c->rto_ns == common_of(c)->rto_initial_ns) &&
	       c->app_limited == max_u32((uint32_t)c->delivered, 1) && c->pace_ns <= now_ns &&
	       /* what has to do with the last second or round trip is over, or has not begun */
	       (t->text_rcvd_ns == 0 || now_ns - c->rcv_mark_ns > c->srtt_ns + c->srtt_ns / 2) &&
	       (c->challenge_ns == 0 || (uint32_t)(now_ns >> 20) - c->challenge_ns > 1000);
}

static uint32_t
most_used(const struct tcp_conn *c)
{
	return c->use.most > cc_initial_window(c) ? c->use.most : 0;
}

/** @c has nothing of what a struct tcp_rest_more keeps. Seldom is anything else the case: no branches. */
static bool
is_usual(const struct tcp_conn *c)
{
	static const struct tcp_asked nothing;
	const struct tcp_common *common = common_of(c);
	bool is = memcmp(&c->asked, &nothing, sizeof(nothing)) == 0;

	is &= c->delivered >> 32 == 0;
	is &= c->totals.received >> 32 == 0;
	is &= most_used(c) == 0;
	is &= seq_eq(c->loss.cwr_end, c->iss);
#define KEPT(type, name, place, usual) is &= c->place == (usual);
#include "tcp/rest_more.def"
#undef KEPT
	return is;
}

static void
write_more(const struct tcp_conn *c, struct tcp_rest_more *m)
{
	m->asked = c->asked;
	m->delivered = (uint32_t)(c->delivered >> 32);
	m->received = (uint32_t)(c->totals.received >> 32);
	m->use_most = most_used(c);
	m->cwr_end = seq_len(c->iss, c->loss.cwr_end);
#define KEPT(type, name, place, usual) m->name = c->place;
#include "tcp/rest_more.def"
#undef KEPT
}

/** @return false: there is something, and no room for it */
static bool
put_more(struct tcp *tcp, const struct tcp_conn *c, uint32_t *index)
{
	struct tcp_rest_more *m;

	*index = SLAB_NONE;
	if (likely(is_usual(c)))
		return true;
	m = slab_get(&tcp->rests_more, index);
	if (m == NULL)
		return false;
	write_more(c, m);
	return true;
}

static uint32_t
coarse(uint64_t ns)
{
	return (uint32_t)(ns >> REST_TIME_BITS);
}

/**
 * Both matter to a microsecond while they are near each other (ack.c), and the later one in any case; the
 * other one is told up to 36 minutes before it.
 */
static void
write_text_times(const struct tcp_conn *c, struct tcp_rest *r)
{
	uint64_t sent_ns = c->last_sent_ns;
	uint64_t rcvd_ns = c->totals.text_rcvd_ns;
	int64_t gap = (int64_t)(sent_ns >> REST_GAP_BITS) - (int64_t)(rcvd_ns >> REST_GAP_BITS);

	r->text_ns = max_u64(sent_ns, rcvd_ns);
	if (rcvd_ns == 0)
		r->text_gap = REST_NONE_RCVD;
	else if (sent_ns == 0)
		r->text_gap = REST_NONE_SENT;
	else if (gap >= REST_NONE_RCVD)
		r->text_gap = REST_NONE_RCVD - 1;
	else
		r->text_gap = gap > REST_NONE_SENT ? (int32_t)gap : REST_NONE_SENT + 1;
}

/** All but what stands before rcv_nxt in struct tcp_rest, and but for the unusual. */
static void
write_down(const struct tcp_conn *c, struct tcp_rest *r)
{
	r->rcv_nxt = c->rcv_nxt;
	r->rcv_adv = c->rcv_adv;
	r->ts_recent = c->ts_recent;
	r->ts_recent_age = c->ts_recent_age;
	r->ts_offset = c->ts_offset;
	r->flags = c->flags;
	r->snd_nxt = c->snd_nxt;
	r->snd_wnd = c->snd_wnd;
	r->max_snd_wnd = c->max_snd_wnd;
	r->cwnd = c->cwnd;
	r->ssthresh = c->ssthresh;
	r->rcv_buf = c->rcv_buf;
	r->mss = c->mss;
	r->rcv_mss = c->rcv_mss;
	r->our_mss = c->our_mss;
	r->path_mtu = c->mtu.path;
	r->peer_mss = c->mtu.peer_mss;
	r->quick_acks = c->quick_acks;
	r->wscales = (uint8_t)(c->snd_wscale << 4 | c->rcv_wscale);
	r->iss = c->iss;
	r->irs = c->irs;
	r->srtt_ns = (uint32_t)c->srtt_ns;
	r->rttvar_ns = (uint32_t)c->rttvar_ns;
	r->min_rtt_ns = (uint32_t)c->min_rtt_ns;
	r->min_rtt_now_ns = (uint32_t)c->min_rtt_now_ns;
	r->min_rtt_since = coarse(c->min_rtt_since_ns);
	r->begun = coarse(c->totals.begun_ns);
	r->rcvd = coarse(c->totals.rcvd_ns);
	write_text_times(c, r);
	r->rcv_mark = c->rcv_mark;
	r->use_since = c->use.since;
	r->delivered = (uint32_t)c->delivered;
	r->busy_ns = c->totals.limited_ns[TCP_LIMIT_WAY];
	r->segs_in = (uint32_t)c->totals.segs_in;
	r->segs_out = (uint32_t)c->totals.segs_out;
	r->rate_ns = (uint32_t)c->rate_ns;
	r->rate_octets = c->rate_octets;
	r->path_neigh = ip_neigh_number(c->tcp->ip, c->path_neigh);
	r->path_neigh_gen = c->path_neigh_gen;
	r->path_route_gen = c->path_route_gen;
	c->cc->rest(c, &r->cc);
}

bool
rest_begin(struct tcp *tcp, struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_rest *r = c->rest;

	if (!is_settled(c) || !is_writable(c, now_ns) || !put_more(tcp, c, &r->more))
		return false;
	write_down(c, r);
	r->tcp = tcp;
	r->is_resting = 1;
	tcp->n_resting++;
	count(tcp->common.env, STAT_TCP_RESTS);
	c->state = TCP_ST_CLOSED; /* who walks over all control blocks takes it for free */
	c->flags = 0;
	slab_put(&tcp->conns, c->index);
	return true;
}

/* And back */

static uint64_t
fine(uint32_t coarse)
{
	return (uint64_t)coarse << REST_TIME_BITS;
}

static void
read_more(const struct tcp_rest_more *m, struct tcp_conn *c)
{
	c->asked = m->asked;
	c->delivered += (uint64_t)m->delivered << 32;
	c->totals.received += (uint64_t)m->received << 32;
	c->use.most = m->use_most & INT32_MAX;
	c->loss.cwr_end = seq_add(c->iss, m->cwr_end);
	c->loss.told_lost = m->found_lost;
#define KEPT(type, name, place, usual) c->place = m->name;
#include "tcp/rest_more.def"
#undef KEPT
}

/** What arrives may not be older than what has arrived, and nothing before it is in flight. */
static void
read_numbers(const struct tcp_rest *r, struct tcp_conn *c)
{
	c->rcv_nxt = r->rcv_nxt;
	c->rcv_adv = r->rcv_adv;
	c->last_ack_sent = r->rcv_nxt;
	c->rcv_mark = r->rcv_mark;
	c->ts_recent = r->ts_recent;
	c->ts_recent_age = r->ts_recent_age;
	c->ts_offset = r->ts_offset;
	c->snd_una = r->snd_nxt;
	c->snd_nxt = r->snd_nxt;
	c->snd_wl1 = r->rcv_nxt;
	c->recover = seq_sub(r->snd_nxt, 1);
	c->cwnd_full = r->snd_nxt;
	c->iss = r->iss;
	c->irs = r->irs;
	c->loss.cwr_end = r->iss;
	c->loss.reo_wnd_mult = 1;
}

static void
read_sizes(const struct tcp_rest *r, struct tcp_conn *c)
{
	c->snd_wnd = r->snd_wnd;
	c->max_snd_wnd = r->max_snd_wnd;
	c->cwnd = r->cwnd;
	c->ssthresh = r->ssthresh;
	c->snd_buf = common_of(c)->snd_buf;
	c->rcv_buf = r->rcv_buf;
	c->mss = r->mss;
	c->rcv_mss = r->rcv_mss;
	c->our_mss = r->our_mss;
	c->mtu.path = r->path_mtu;
	c->mtu.peer_mss = r->peer_mss;
	c->quick_acks = r->quick_acks;
	c->snd_wscale = r->wscales >> 4;
	c->rcv_wscale = r->wscales & 15;
	c->use.since = r->use_since;
}

static void
read_times(const struct tcp_rest *r, uint64_t now_ns, struct tcp_conn *c)
{
	c->rexmt_ns = TIME_NEVER;
	c->ack_ns = TIME_NEVER;
	c->idle_ns = TIME_NEVER;
	c->progress_ns = now_ns;
	c->srtt_ns = r->srtt_ns;
	c->rttvar_ns = r->rttvar_ns;
	c->min_rtt_ns = r->min_rtt_ns;
	c->min_rtt_now_ns = r->min_rtt_now_ns;
	c->min_rtt_since_ns = fine(r->min_rtt_since);
	if (r->srtt_ns != 0)
		rtt_set_timeout(c);
	else
		c->rto_ns = common_of(c)->rto_initial_ns;
}

static void
read_text_times(const struct tcp_rest *r, struct tcp_conn *c)
{
	uint64_t before_ns = (uint64_t)llabs((int64_t)r->text_gap) << REST_GAP_BITS;
	uint64_t earlier_ns = r->text_ns - min_u64(before_ns, r->text_ns);

	c->last_sent_ns = r->text_gap >= 0 ? r->text_ns : earlier_ns;
	c->totals.text_rcvd_ns = r->text_gap >= 0 ? earlier_ns : r->text_ns;
	if (r->text_gap == REST_NONE_SENT)
		c->last_sent_ns = 0;
	if (r->text_gap == REST_NONE_RCVD)
		c->totals.text_rcvd_ns = 0;
}

static void
read_totals(const struct tcp_rest *r, uint64_t now_ns, struct tcp_conn *c)
{
	struct tcp_totals *t = &c->totals;

	t->begun_ns = fine(r->begun);
	t->rcvd_ns = fine(r->rcvd);
	read_text_times(r, c);
	c->rcv_mark_ns = t->text_rcvd_ns == 0 ? t->begun_ns : 0; /* as is_writable() has seen to */
	t->segs_in = r->segs_in;
	t->segs_out = r->segs_out;
	t->received = r->rcv_nxt.n;
	t->limit_since_ns = now_ns;
	t->limited_ns[TCP_LIMIT_WAY] = r->busy_ns;
	c->delivered = r->delivered;
	c->app_limited = max_u32(r->delivered, 1);
	c->rate_ns = r->rate_ns;
	c->rate_octets = r->rate_octets;
}

/** It leads on, unless something has changed meanwhile: xmit.c looks. */
static void
read_path(const struct tcp_rest *r, struct tcp_conn *c)
{
	c->path_neigh = ip_neigh_at(c->tcp->ip, r->path_neigh, &c->path_netif);
	c->path_neigh_gen = r->path_neigh_gen;
	c->path_route_gen = r->path_route_gen;
}

void
rest_read(const struct tcp_rest *r, uint64_t now_ns, struct tcp_conn *c)
{
	struct tcp *tcp = r->tcp;

	memset(c, 0, sizeof(*c));
	c->flow = r->flow;
	c->tcp = tcp;
	c->rest = (struct tcp_rest *)(uintptr_t)r;
	c->cc = tcp->common.cc;
	c->state = TCP_ST_ESTABLISHED;
	c->flags = r->flags;
	read_numbers(r, c);
	read_sizes(r, c);
	read_times(r, now_ns, c);
	read_totals(r, now_ns, c);
	read_path(r, c);
	if (r->more != SLAB_NONE)
		read_more(slab_at(&tcp->rests_more, r->more), c);
	c->cc->resume(c, &r->cc);
	if (!c->cc->wants_pacing)
		pace_by_window(c);
	wheel_timer_init(&c->timer, TIMER_TCP_CONN);
}

/** Who wakes next has the block that is free then. */
static inline void
prefetch_next(const struct slab *conns)
{
	const struct tcp_conn *next = slab_next(conns);

	if (next != NULL)
		prefetch(next, sizeof(*next));
}

struct tcp_conn *
rest_wake(struct tcp_rest *r, uint64_t now_ns)
{
	struct tcp *tcp = r->tcp;
	uint32_t index;
	struct tcp_conn *c = slab_get(&tcp->conns, &index);

	if (c == NULL)
		return NULL;
	prefetch_next(&tcp->conns);
	rest_read(r, now_ns, c);
	c->index = index;
	if (r->more != SLAB_NONE)
		slab_put(&tcp->rests_more, r->more);
	r->conn = c;
	r->is_resting = 0;
	tcp->n_resting--;
	if (unlikely(tcp->common.trace != NULL))
		trace_conn(c);
	tcp_ready(tcp, c); /* it may be over with this call: then it is quiet again */
	return c;
}

void
rest_abandon(struct tcp_rest *r, uint64_t now_ns)
{
	struct tcp *tcp = r->tcp;

	farewell_say(tcp,
		&(struct tcp_farewell){ .flow = r->flow, .seq = r->snd_nxt, .ack = r->rcv_nxt },
		now_ns);
	count(tcp->common.env, STAT_TCP_ESTAB_RESETS);
	if (r->more != SLAB_NONE)
		slab_put(&tcp->rests_more, r->more);
	flowtab_remove(&tcp->table, tcp_hash(tcp, &r->flow), r->index);
	tcp->n_resting--;
	rest_free(tcp, r);
}

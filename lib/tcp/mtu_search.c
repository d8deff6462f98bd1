/* SPDX-License-Identifier: BSD-3-Clause */
/* Probes for the size that gets through; see the header. */

#include "tcp/mtu_search.h"

enum {
	MAX_PROBES = 3,   /* of one size, RFC 8899 §5.1.2 */
	NEAR_ENOUGH = 16, /* octets: no further search */
	PROBE_BEHIND =
		4, /* segments that follow a probe, so that its loss is found (RFC 4821 §7.4) */
};

/** Nothing is known to fail. */
static uint16_t
beyond(const struct tcp_mtu *m)
{
	return (uint16_t)min_u32(m->path + 1u, UINT16_MAX);
}

void
mtu_search_begin(struct tcp_conn *c)
{
	struct tcp_mtu *m = &c->mtu;

	m->bound = common_of(c)->mtu_base;
	m->fails = beyond(m);
	m->probe = 0;
	m->n_lost = 0;
	m->again_ns = 0;
	tcp_mark(c, TCP_F_MTU_SEARCH);
	mss_update(c);
}

static void
end_search(struct tcp_conn *c)
{
	c->mtu.bound = 0;
	c->mtu.probe = 0;
	tcp_unmark(c, TCP_F_MTU_SEARCH);
}

void
mtu_search_follow(struct tcp_conn *c)
{
	struct tcp_mtu *m = &c->mtu;

	if (!tcp_is(c, TCP_F_MTU_SEARCH))
		return;
	if (m->path <= m->bound)
		end_search(c);
	else
		m->fails = (uint16_t)min_u32(m->fails, beyond(m));
}

/** Larger ones are known to fail, or there are none. */
static bool
is_found(const struct tcp_mtu *m)
{
	return m->fails <= m->path && m->fails - m->bound <= NEAR_ENOUGH;
}

void
mtu_established(struct tcp_conn *c)
{
	if (common_of(c)->mtu_probing == TCP_MTU_PROBE_ALWAYS &&
		c->mtu.path > common_of(c)->mtu_base)
		mtu_search_begin(c);
}

/** The size to try next: the path's own at first, then the middle of what is not known. */
static uint32_t
next_size(const struct tcp_mtu *m)
{
	return m->fails > m->path ? m->path : (m->bound + m->fails) / 2u;
}

uint32_t
mtu_probe_len(struct tcp_conn *c, uint32_t unsent, uint32_t room, uint64_t now_ns)
{
	struct tcp_mtu *m = &c->mtu;
	uint32_t behind;
	uint32_t len;

	if (m->probe != 0 || tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS | TCP_F_DISORDER))
		return 0;
	if (is_found(m)) {
		if (m->again_ns == 0 || now_ns < m->again_ns)
			return 0;
		m->fails = beyond(m);
	}
	len = mss_in(c, next_size(m));
	if (len <= c->mss) { /* the peer takes no more, or the application wants none */
		end_search(c);
		return 0;
	}
	behind = PROBE_BEHIND * (uint32_t)c->mss;
	/* By SACK it is found whenever they follow; without, they are to leave with it. */
	if (unsent < len + behind || room < len + (tcp_is(c, TCP_F_SACK) ? 0 : behind))
		return 0;
	return len;
}

void
mtu_probe_sent(struct tcp_conn *c)
{
	c->mtu.probe = (uint16_t)next_size(&c->mtu);
	c->mtu.probe_end = c->snd_nxt;
	count(common_of(c)->env, STAT_TCP_MTU_PROBES);
}

static void
probe_arrived(struct tcp_conn *c)
{
	struct tcp_mtu *m = &c->mtu;

	m->bound = m->probe;
	m->probe = 0;
	m->n_lost = 0;
	if (m->bound >= m->path)
		end_search(c);
	mss_update(c);
}

void
mtu_acked(struct tcp_conn *c, uint64_t now_ns)
{
	struct tcp_mtu *m = &c->mtu;

	if (m->probe != 0 && seq_ge(c->snd_una, m->probe_end))
		probe_arrived(c);
	else if (m->again_ns == 0 && is_found(m))
		m->again_ns = now_ns + common_of(c)->mtu_again_ns;
}

bool
mtu_probe_lost(struct tcp_conn *c, struct seq end)
{
	struct tcp_mtu *m = &c->mtu;

	if (m->probe == 0 || !seq_eq(end, m->probe_end))
		return false;
	if (++m->n_lost >= MAX_PROBES) {
		m->fails = m->probe;
		m->n_lost = 0;
		m->again_ns = 0;
	}
	m->probe = 0;
	/* It leaves again at once, in pieces: as in mtu_follow(), no recovery begins. */
	if (!tcp_is(c, TCP_F_RECOVERY | TCP_F_LOSS)) {
		tcp_mark(c, TCP_F_LOSS);
		c->recover = c->snd_nxt;
	}
	return true;
}

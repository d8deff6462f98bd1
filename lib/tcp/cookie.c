/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* SYN cookies; see the header. */

#include "tcp/cookie.h"

#include "tcp/embryo.h"
#include "tcp/table.h"

enum {
	HASH_BITS = 24,
	HASH_MASK = (1 << HASH_BITS) - 1,
	AGE_MASK = 0xff, /* bits of M above the hash */
	AGE_MAX = 1,     /* in units of 2^24 ticks of M */

	TS_WSCALE = 0x0f, /* in TSval; all ones: none */
	TS_SACK = 0x10,
	TS_ECN = 0x20,
	TS_MASK = 0x3f,
};

#define PERIOD_NS (UINT64_C(4000) << HASH_BITS) /* M ticks every 4 us */

/** Segment sizes that a cookie can say: Ethernet less usual tunnels, jumbo frames, and the floor. */
static const uint16_t sizes[] = { 88, 536, 1220, 1360, 1400, 1440, 1460, 8960 };

/** The largest of them that is not above @mss, or the floor. */
static uint32_t
index_of(uint16_t mss)
{
	uint32_t i = ARRAY_LEN(sizes) - 1;

	while (i > 0 && sizes[i] > mss)
		i--;
	return i;
}

static uint32_t
hash(const struct tcp *tcp, const struct tcp_flow *f, struct seq irs, uint32_t period)
{
	const uint32_t words[] = { f->laddr, f->faddr, (uint32_t)f->lport << 16 | f->fport, irs.n,
		period };

	return (uint32_t)siphash24(&tcp->common.env->secret, words, sizeof(words)) & HASH_MASK;
}

/** The sequence number that says @mss to whoever echoes it. */
static struct seq
make(const struct tcp *tcp, const struct tcp_flow *f, struct seq irs, uint16_t mss, uint64_t now_ns)
{
	uint32_t period = (uint32_t)(now_ns / PERIOD_NS);
	uint32_t low = (hash(tcp, f, irs, period) + index_of(mss)) & HASH_MASK;

	return seq_add(tcp_numbers_of(tcp, f, 0).iss, period << HASH_BITS | low);
}

/** What a sequence number says; 0: it is no cookie, or too old. */
static uint16_t
read_size(const struct tcp *tcp, const struct tcp_flow *f, struct seq irs, struct seq iss,
	uint64_t now_ns)
{
	uint32_t clock = seq_len(tcp_numbers_of(tcp, f, 0).iss, iss);
	uint32_t period = (uint32_t)(now_ns / PERIOD_NS);
	uint32_t age = (period - (clock >> HASH_BITS)) & AGE_MASK;
	uint32_t i;

	if (age > AGE_MAX)
		return 0;
	i = (clock - hash(tcp, f, irs, period - age)) & HASH_MASK;
	return i < ARRAY_LEN(sizes) ? sizes[i] : 0;
}

/** TSval not after @now, with what is to be remembered in its low bits. */
static uint32_t
make_tsval(const struct tcp_embryo *e, uint32_t now)
{
	uint32_t bits = e->flags & EMBRYO_WSCALE ? min_u32(e->snd_wscale, TCP_WSCALE_MAX)
						 : (uint32_t)TS_WSCALE;
	uint32_t tsval;

	if (e->flags & EMBRYO_SACK)
		bits |= TS_SACK;
	if (e->flags & EMBRYO_ECN)
		bits |= TS_ECN;
	tsval = (now & ~(uint32_t)TS_MASK) | bits;
	return (int32_t)(tsval - now) > 0 ? tsval - (TS_MASK + 1) : tsval;
}

/** The options that the echo of our TSval brings back. */
static uint8_t
read_tsecr(uint32_t tsecr, uint8_t *wscale)
{
	uint8_t flags = EMBRYO_TS;

	*wscale = tsecr & TS_WSCALE;
	if (*wscale != TS_WSCALE)
		flags |= EMBRYO_WSCALE;
	if (tsecr & TS_SACK)
		flags |= EMBRYO_SACK;
	if (tsecr & TS_ECN)
		flags |= EMBRYO_ECN;
	return flags;
}

void
cookie_send(struct tcp_listener *l, const struct tcp_flow *flow, const struct tcp_hdr *syn,
	uint64_t now_ns)
{
	struct tcp *tcp = l->tcp;
	uint32_t ts_now = embryo_ts_now(tcp_numbers_of(tcp, flow, now_ns).ts_offset, now_ns);
	struct tcp_embryo e = { .flow = *flow, .listener = l->index };

	embryo_read_syn(tcp, syn, &e);
	if ((e.flags & EMBRYO_TS) == 0)
		e.flags = EMBRYO_LIVE; /* we promise nothing that we cannot remember */
	e.iss = make(tcp, flow, syn->seq, e.peer_mss, now_ns);
	embryo_send_syn_ack(tcp, &e, make_tsval(&e, ts_now),
		syn->opts.has & TCP_HAS_FASTOPEN ? &syn->opts.cookie : NULL, now_ns);
	l->cookie_ns = now_ns + 1; /* a clock may begin at 0 */
	count(tcp->common.env, STAT_TCP_COOKIES_OUT);
}

bool
cookie_is_awaited(const struct tcp_listener *l, uint64_t now_ns)
{
	return l->cookie_ns != 0 && now_ns + 1 - l->cookie_ns < (AGE_MAX + 1) * PERIOD_NS;
}

/** The embryo that the SYN would have been. @return false: it is not our cookie */
static bool
remember(const struct tcp *tcp, const struct tcp_seg *seg, uint64_t now_ns, struct tcp_embryo *e)
{
	const struct tcp_opts *o = &seg->h.opts;

	e->irs = seq_sub(seg->h.seq, 1);
	e->iss = seq_sub(seg->h.ack, 1);
	e->peer_mss = read_size(tcp, &e->flow, e->irs, e->iss, now_ns);
	if (e->peer_mss == 0)
		return false;
	e->flags = EMBRYO_LIVE | EMBRYO_REPEATED; /* nobody knows when the SYN|ACK left */
	if ((o->has & TCP_HAS_TS) != 0 && tcp->common.with_ts) {
		e->flags |= read_tsecr(o->tsecr, &e->snd_wscale);
		e->ts_recent = o->tsval;
	}
	return true;
}

enum drop
cookie_take(struct tcp_listener *l, const struct tcp_flow *flow, struct tcp_seg *seg, uint16_t mtu,
	uint64_t now_ns, struct tcp_conn **made)
{
	struct tcp_embryo e = { .flow = *flow };
	struct env *env = l->tcp->common.env;

	if ((seg->h.flags & TCP_SYN) != 0 || !remember(l->tcp, seg, now_ns, &e)) {
		count(env, STAT_TCP_COOKIES_FAILED);
		return DROP_TCP_LISTEN_ACK;
	}
	if (tcp_accept_is_full(l)) /* the cookie is good for some time yet */
		return DROP_TCP_ACCEPT_FULL;
	*made = embryo_make_conn(l, &e, seg->hash, mtu, now_ns);
	if (*made == NULL)
		return DROP_TCP_NO_MEMORY;
	seg->h.opts.tsecr = 0; /* its low bits told no time: no round trip from it */
	count(env, STAT_TCP_COOKIES_IN);
	count(env, STAT_TCP_PASSIVE_OPENS);
	return DROP_NONE;
}

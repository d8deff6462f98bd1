/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/*
 * What the network says about segments that it did not deliver: RFC 9293 §3.9.2.2, RFC 5461, RFC 5927.
 * Whoever says it may be an attacker who sees nothing: a word counts only about what is in flight, and
 * an established connection lives on whatever it hears.
 */

#include "tcp/mtu.h"
#include "tcp/soft.h"
#include "tcp/table.h"
#include "tcp/tcp.h"
#include "tcp/xmit.h"
#include "wire/icmp.h"

/** What an error says. */
struct meaning {
	int err;
	bool is_hard; /* asking again is of no use: a connect fails at once */
};

/**
 * RFC 9293 §3.9.2.2 calls 2 to 4 hard; a filter that says so (RFC 1812 §5.2.7.1: 9, 10, 13) is no more
 * likely to change its mind. All others may heal.
 */
static struct meaning
unreachable(uint8_t code)
{
	switch (code) {
	case ICMP_UNREACH_PROTO:
	case ICMP_UNREACH_PORT:
		return (struct meaning){ -ECONNREFUSED, true };
	case ICMP_UNREACH_NET_PROHIBITED:
		return (struct meaning){ -ENETUNREACH, true };
	case ICMP_UNREACH_HOST_PROHIBITED:
	case ICMP_UNREACH_FILTERED:
		return (struct meaning){ -EHOSTUNREACH, true };
	case ICMP_UNREACH_NET:
	case ICMP_UNREACH_NET_UNKNOWN:
	case ICMP_UNREACH_NET_TOS:
		return (struct meaning){ -ENETUNREACH, false };
	default:
		return (struct meaning){ -EHOSTUNREACH, false };
	}
}

static struct meaning
meaning_of(const struct icmp_note *note)
{
	if (note->type == ICMP_UNREACHABLE)
		return unreachable(note->code);
	if (note->type == ICMP_PARAMETER)
		return (struct meaning){ -EPROTO, false };
	return (struct meaning){ -EHOSTUNREACH, false }; /* time exceeded */
}

/** RFC 1191: the way to the peer carries less than was thought. */
static enum drop
too_big(struct tcp *tcp, struct tcp_conn *c, const struct icmp_note *note, uint64_t now_ns)
{
	struct ip_path path;

	if (!mtu_is_about_ours(c, (struct seq){ note->seq }, note->len, note->mtu))
		return DROP_ICMP_QUOTE;
	count(tcp->common.env, STAT_TCP_TOO_BIG);
	ip_pmtu_learn(tcp->ip, note->dst, note->mtu, note->len, now_ns);
	xmit_path(c, now_ns,
		&path); /* which may be news to this connection even if not to the core */
	tcp_ready(tcp, c);
	return DROP_NONE;
}

enum drop
tcp_icmp(struct tcp *tcp, const struct icmp_note *note, uint64_t now_ns)
{
	const struct tcp_flow flow = { note->src, note->dst, note->src_port, note->dst_port };
	struct tcp_conn *c = tcp_find(tcp, &flow, tcp_hash(tcp, &flow)).conn;
	const struct seq seq = { note->seq };
	struct meaning what;

	/* RFC 5927 §4.1: only about what is in flight */
	if (c == NULL || c->state == TCP_ST_CLOSED || !seq_within(seq, c->snd_una, tcp_flight(c)))
		return DROP_ICMP_QUOTE;
	if (note->type == ICMP_UNREACHABLE && note->code == ICMP_UNREACH_FRAG)
		return too_big(tcp, c, note, now_ns);
	what = meaning_of(note);
	/* RFC 5927 §5.2: hard errors end a connection only before it is established */
	if (c->state == TCP_ST_SYN_SENT && (what.is_hard || note->is_next_hop)) {
		tcp_end(c, what.err);
		tcp_ready(tcp, c);
	} else {
		soft_remember(c, seq, what.err, note->is_next_hop);
	}
	return DROP_NONE;
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/* ICMP errors about segments of ours; see the header. */

#include "tcp/icmp.h"

#include "tcp/input.h"
#include "tcp/table.h"
#include "tcp/tcp.h"
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

enum drop
tcp_icmp(struct tcp *tcp, const struct icmp_note *note, uint64_t now_ns)
{
	const struct tcp_flow flow = { note->src, note->dst, note->src_port, note->dst_port };
	struct tcp_conn *c = tcp_find(tcp, &flow, tcp_hash(tcp, &flow)).conn;
	const struct seq seq = { note->seq };
	struct meaning what;

	(void)now_ns;
	/* RFC 5927 §4.1: only about what is in flight */
	if (c == NULL || c->state == TCP_ST_CLOSED || !seq_within(seq, c->snd_una, tcp_flight(c)))
		return DROP_ICMP_QUOTE;
	if (note->type == ICMP_UNREACHABLE && note->code == ICMP_UNREACH_FRAG)
		return DROP_NONE;
	what = meaning_of(note);
	/* RFC 5927 §5.2: hard errors end a connection only before it is established */
	if (c->state == TCP_ST_SYN_SENT && (what.is_hard || note->is_next_hop)) {
		tcp_end(c, what.err);
		tcp_ready(tcp, c);
	} else {
		icmp_remember(c, seq, what.err, note->is_next_hop);
	}
	return DROP_NONE;
}

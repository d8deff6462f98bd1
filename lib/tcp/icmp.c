/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through tcp.h. */
/*
 * What the network says about segments that it did not deliver: RFC 9293 §3.9.2.2, RFC 5461, RFC 5927.
 * Whoever says it may be an attacker who sees nothing: a word counts only about what is in flight, and
 * an established connection lives on whatever it hears.
 */

#include "tcp/mtu.h"
#include "tcp/rest.h"
#include "tcp/soft.h"
#include "tcp/table.h"
#include "tcp/tcp.h"
#include "tcp/xmit.h"
#include "wire/icmp.h"

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
	struct tcp_conn *c = rest_awake(tcp_find(tcp, &flow, tcp_hash(tcp, &flow)).rest);
	const struct seq seq = { note->seq };

	/* RFC 5927 §4.1: only about what is in flight */
	if (c == NULL || c->state == TCP_ST_CLOSED || !seq_within(seq, c->snd_una, tcp_flight(c)))
		return DROP_ICMP_QUOTE;
	if (note->type == ICMP_UNREACHABLE && note->code == ICMP_UNREACH_FRAG)
		return too_big(tcp, c, note, now_ns);
	/* RFC 5927 §5.2: hard errors end a connection only before it is established */
	if (c->state == TCP_ST_SYN_SENT && (note->is_hard || note->is_next_hop)) {
		tcp_end(c, note->err);
		tcp_ready(tcp, c);
	} else {
		soft_remember(c, seq, note->err, note->is_next_hop);
	}
	return DROP_NONE;
}

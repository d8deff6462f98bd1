/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * ICMP in, RFC 792 as RFC 1122 §3.2.2 has it: what each message is, and answers to echo and, if
 * configured, timestamp. Source quench is dead (RFC 6633), and nothing else is answered (RFC 6918).
 */

#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "ip/icmp_error.h"
#include "ip/out4.h"
#include "wire/icmp.h"

enum {
	OUT_ROOM = IPV4_HDR_LEN + ETH_HDR_LEN + ETH_VLAN_LEN,
};

/* Octets @p to @p + 8 go out where a message with the sum of zero was: RFC 1624. */
static uint16_t
renew_sum(uint32_t sum_before, uint32_t sum_after)
{
	return cksum_fold((uint32_t)cksum_fold(sum_before) + sum_after);
}

/* The mbuf's octets and its headroom are ours alone: they may be written to. */
static bool
is_writable(const struct rte_mbuf *m)
{
	return RTE_MBUF_DIRECT(m) && rte_mbuf_refcnt_read(m) == 1 &&
	       rte_pktmbuf_headroom(m) >= OUT_ROOM;
}

/* The packet itself, or a copy that may be written to. NULL: no buffer. */
static struct rte_mbuf *
make_writable(struct ip4 *ip, struct rte_mbuf *m)
{
	if (likely(is_writable(m))) {
		m->ol_flags = 0;
		m->tx_offload = 0;
		return m;
	}
	m = rte_pktmbuf_copy(m, ip->pool->text, 0, UINT32_MAX);
	if (m != NULL) {
		m->ol_flags = 0;
		m->tx_offload = 0;
	}
	return m;
}

/* Turn a request into its reply; identifier, sequence and data stay: RFC 1122 §3.2.2.6. */
static void
turn_around(struct rte_mbuf *m, struct icmp_hdr *h)
{
	uint8_t *p = pkt_data(m);
	uint32_t before = cksum_add(0, p, ICMP_HDR_LEN);

	h->type = ICMP_ECHO_REPLY;
	icmp_write(p, h);
	icmp_write_sum(p, renew_sum(before, cksum_add(0, p, ICMP_HDR_LEN)));
}

/* RFC 1122 §3.2.2.6, 3.2.2.8: a request to us alone, within the limit, is answered by @path. */
static enum drop
may_reply(struct ip4 *ip, const struct ip_in *in, uint64_t now_ns, struct ip_path *path)
{
	int rc;

	if (in->is_group)
		return DROP_ICMP_BROADCAST;
	if (!ip_limit_allows(&ip->echo_limit, now_ns))
		return DROP_ICMP_RATE;
	rc = ip_find_path(ip, in->src, now_ns, path);
	return rc == 0 ? DROP_NONE : ip_path_drop(rc);
}

/* The message in @reply goes back to where the request @in came from. */
static void
send_reply(struct ip4 *ip, const struct ip_path *path, struct rte_mbuf *reply,
	const struct ip_in *in, uint64_t now_ns)
{
	const struct ip_out out = {
		.src = in->dst,
		.dst = in->src,
		.proto = IP_PROTO_ICMP,
		.tos = in->tos, /* RFC 1122 §3.2.2: that of the request */
		.may_fragment = true,
	};

	if (likely(reply->pkt_len + (uint32_t)IPV4_HDR_LEN <= path->mtu))
		ip_output(ip, path, reply, &out, now_ns);
	else
		ip_fragment(ip, path, reply, &out, now_ns);
}

static enum drop
answer_echo(struct ip4 *ip, struct rte_mbuf *m, const struct ip_in *in, struct icmp_hdr *h,
	uint64_t now_ns, bool *is_taken)
{
	struct ip_path path;
	struct rte_mbuf *reply;
	enum drop why = may_reply(ip, in, now_ns, &path);

	if (why != DROP_NONE)
		return why;
	reply = make_writable(ip, m);
	if (reply == NULL)
		return DROP_NO_MBUF;
	*is_taken = reply == m;
	turn_around(reply, h);
	count(ip->env, STAT_ICMP_ECHO_REPLIES);
	send_reply(ip, &path, reply, in, now_ns);
	return DROP_NONE;
}

/*
 * RFC 1122 §3.2.2.8: the times of arrival and departure are one. Ours is no time of day, which the
 * highest bit says.
 */
static BARO_COLD enum drop
answer_timestamp(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	struct icmp_hdr *h, uint64_t now_ns)
{
	uint32_t ours = (uint32_t)(now_ns / NS_PER_MS) | ICMP_TIMESTAMP_OWN;
	struct ip_path path;
	struct rte_mbuf *reply;
	enum drop why;
	uint8_t *p;

	if (!ip->tells_time)
		return DROP_ICMP_TYPE;
	if (in->len < ICMP_TIMESTAMP_LEN)
		return DROP_ICMP_SHORT;
	why = may_reply(ip, in, now_ns, &path);
	if (why != DROP_NONE)
		return why;
	reply = rte_pktmbuf_alloc(ip->pool->head);
	if (reply == NULL)
		return DROP_NO_MBUF;
	rte_pktmbuf_append(reply, ICMP_TIMESTAMP_LEN);
	p = rte_pktmbuf_mtod(reply, uint8_t *);
	memcpy(p, rte_pktmbuf_mtod(m, const uint8_t *), ICMP_TIMESTAMP_LEN);
	h->type = ICMP_TIMESTAMP_REPLY;
	icmp_write(p, h);
	put_u32(p + ICMP_HDR_LEN + 4, ours);
	put_u32(p + ICMP_HDR_LEN + 8, ours);
	icmp_write_sum(p, cksum_fold(cksum_add(0, p, ICMP_TIMESTAMP_LEN)));
	count(ip->env, STAT_ICMP_TIMESTAMP_REPLIES);
	send_reply(ip, &path, reply, in, now_ns);
	return DROP_NONE;
}

/* What a ping of ours wants to know. */
static enum drop
note_reply(const struct ip_in *in, const struct icmp_hdr *h, struct icmp_note *note)
{
	*note = (struct icmp_note){
		.type = ICMP_ECHO_REPLY,
		.proto = IP_PROTO_ICMP,
		.by = in->src,
		.src = in->dst,
		.dst = in->src,
		.seq = h->rest,
	};
	return DROP_NONE;
}

enum drop
icmp_input(struct ip4 *ip, struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns,
	struct icmp_note *note, bool *is_taken)
{
	struct icmp_hdr h;
	enum drop why;

	note->proto = 0;
	*is_taken = false;
	why = icmp_read(pkt_data(m), in->len, &h);
	if (why != DROP_NONE)
		return why;
	if (cksum_fold(ip_sum_chain(m, 0, in->len)) != 0)
		return DROP_ICMP_CHECKSUM;
	count(ip->env, STAT_ICMP_IN);
	switch (h.type) {
	case ICMP_ECHO:
		return answer_echo(ip, m, in, &h, now_ns, is_taken);
	case ICMP_ECHO_REPLY:
		return note_reply(in, &h, note);
	case ICMP_TIMESTAMP:
		return answer_timestamp(ip, m, in, &h, now_ns);
	case ICMP_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER:
		return icmp_note_error(ip, m, in, &h, note);
	case ICMP_REDIRECT:
		return icmp_redirect(ip, m, in, &h, now_ns);
	default:
		return DROP_ICMP_TYPE;
	}
}

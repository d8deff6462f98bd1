/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * ICMP, RFC 792 as RFC 1122 §3.2.2 has it: echo, errors in and errors out. Redirects are not
 * followed (RFC 6274 §4.5), source quench is dead (RFC 6633), and nothing else is answered (RFC 6918).
 */

#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "ip/ip.h"
#include "ip/out4.h"
#include "wire/icmp.h"

enum {
	QUOTE_READ = ICMP_HDR_LEN + IPV4_HDR_MAX + ICMP_QUOTE_LEN,
	ERROR_MAX = 576, /* octets of the whole error packet, RFC 1812 §4.3.2.3 */
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

static enum drop
answer_echo(struct ip4 *ip, struct rte_mbuf *m, const struct ip_in *in, struct icmp_hdr *h,
	uint64_t now_ns, bool *is_taken)
{
	const struct ip_out out = {
		.src = in->dst,
		.dst = in->src,
		.proto = IP_PROTO_ICMP,
		.tos = in->tos, /* RFC 1122 §3.2.2: that of the request */
		.may_fragment = true,
	};
	struct ip_path path;
	struct rte_mbuf *reply;
	int rc;

	if (in->is_group)
		return DROP_ICMP_BROADCAST;
	if (!ip_limit_allows(&ip->echo_limit, now_ns))
		return DROP_ICMP_RATE;
	rc = ip_find_path(ip, in->src, now_ns, &path);
	if (rc != 0)
		return ip_path_drop(rc);
	reply = make_writable(ip, m);
	if (reply == NULL)
		return DROP_NO_MBUF;
	*is_taken = reply == m;
	turn_around(reply, h);
	count(ip->env, STAT_ICMP_ECHO_REPLIES);
	if (likely(reply->pkt_len + (uint32_t)IPV4_HDR_LEN <= path.mtu))
		ip_output(ip, &path, reply, &out, now_ns);
	else
		ip_fragment(ip, &path, reply, &out, now_ns);
	return DROP_NONE;
}

/*
 * An error quotes the packet that caused it: one that we sent, to whom the error is addressed.
 * RFC 1122 §3.2.2.
 */
static enum drop
read_error(const struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *icmp, struct icmp_note *note)
{
	uint8_t octets[QUOTE_READ];
	uint32_t len = min_u32(in->len, QUOTE_READ) - (uint32_t)ICMP_HDR_LEN;
	const uint8_t *p = rte_pktmbuf_read(m, ICMP_HDR_LEN, len, octets);
	struct icmp_quote quote;
	struct ipv4_hdr h;

	/* What lies on the way may have changed the header: its checksum says nothing. */
	if (ipv4_read(p, len, UINT16_MAX, true, &h) != DROP_NONE ||
		len < h.hdr_len + (uint32_t)ICMP_QUOTE_LEN)
		return DROP_ICMP_QUOTE;
	if (h.src != in->dst || !ip_is_local(ip, h.src) || (h.frag & IPV4_FRAG_OFF) != 0)
		return DROP_ICMP_QUOTE;
	count(ip->env, STAT_ICMP_ERRORS_IN);
	if (h.proto != IP_PROTO_TCP && h.proto != IP_PROTO_UDP)
		return DROP_NONE;
	quote = icmp_read_quote(p + h.hdr_len);
	*note = (struct icmp_note){
		.type = icmp->type,
		.code = icmp->code,
		.mtu = (uint16_t)icmp->rest, /* RFC 1191 §4: the low half */
		.len = h.total_len,
		.proto = h.proto,
		.by = in->src,
		.src = h.src,
		.dst = h.dst,
		.src_port = quote.src_port,
		.dst_port = quote.dst_port,
		.seq = quote.seq,
	};
	return DROP_NONE;
}

void
ip_note_undelivered(const struct rte_mbuf *m, struct icmp_note *note)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	struct icmp_quote quote = { 0 };
	struct ipv4_hdr h;

	*note = (struct icmp_note){ .proto = 0 };
	if (ipv4_read(p, m->data_len, m->pkt_len, true, &h) != DROP_NONE)
		return;
	if (m->data_len >= h.hdr_len + (uint32_t)ICMP_QUOTE_LEN)
		quote = icmp_read_quote(p + h.hdr_len);
	*note = (struct icmp_note){
		.type = ICMP_UNREACHABLE,
		.code = ICMP_UNREACH_HOST,
		.len = h.total_len,
		.proto = h.proto,
		.src = h.src,
		.dst = h.dst,
		.src_port = quote.src_port,
		.dst_port = quote.dst_port,
		.is_next_hop = true,
		.seq = quote.seq,
	};
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
	case ICMP_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER:
		return read_error(ip, m, in, &h, note);
	default:
		return DROP_ICMP_TYPE;
	}
}

/* RFC 1122 §3.2.2: no error about these. */
static bool
is_beyond_reproach(const struct rte_mbuf *m, const struct ip_in *in)
{
	struct icmp_hdr h;

	if (in->is_group || (!ipv4_is_unicast(in->src) && !ipv4_is_loopback(in->src)))
		return true;
	if (in->proto != IP_PROTO_ICMP)
		return false;
	return icmp_read(rte_pktmbuf_mtod(m, const uint8_t *), in->len, &h) != DROP_NONE ||
	       icmp_is_error(h.type);
}

/* The message: eight octets, and as much of the packet, its IP header first, as fits. */
static void
write_error(struct rte_mbuf *e, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *h)
{
	uint32_t room = ERROR_MAX - (uint32_t)(IPV4_HDR_LEN + ICMP_HDR_LEN) - in->hdr_len;
	uint32_t text_len = min_u32(in->len, room);
	uint32_t len = (uint32_t)ICMP_HDR_LEN + in->hdr_len + text_len;
	uint8_t *p = (uint8_t *)rte_pktmbuf_append(e, (uint16_t)len);
	uint8_t *text = p + ICMP_HDR_LEN + in->hdr_len;
	const void *from;

	icmp_write(p, h);
	memcpy(p + ICMP_HDR_LEN, rte_pktmbuf_mtod(m, const uint8_t *) - in->hdr_len, in->hdr_len);
	from = rte_pktmbuf_read(m, 0, text_len, text);
	if (from != text)
		memcpy(text, from, text_len);
	icmp_write_sum(p, cksum_fold(cksum_add(0, p, len)));
}

BARO_COLD void
icmp_send_error(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint8_t type,
	uint8_t code, uint64_t now_ns)
{
	const struct icmp_hdr h = { .type = type, .code = code };
	const struct ip_out out = {
		.src = in->dst,
		.dst = in->src,
		.proto = IP_PROTO_ICMP,
		.may_fragment = true,
	};
	struct ip_path path;
	struct rte_mbuf *e;
	int rc;

	if (is_beyond_reproach(m, in))
		return;
	if (!ip_limit_allows(&ip->error_limit, now_ns)) {
		ip->env->drops[DROP_ICMP_RATE]++;
		return;
	}
	rc = ip_find_path(ip, in->src, now_ns, &path);
	if (rc != 0) {
		ip->env->drops[ip_path_drop(rc)]++;
		return;
	}
	e = rte_pktmbuf_alloc(ip->pool->text);
	if (e == NULL) {
		ip->env->drops[DROP_NO_MBUF]++;
		return;
	}
	write_error(e, m, in, &h);
	count(ip->env, STAT_ICMP_ERRORS_OUT);
	ip_output(ip, &path, e, &out, now_ns);
}

void
icmp_send_unreachable(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	uint8_t code, uint64_t now_ns)
{
	icmp_send_error(ip, m, in, ICMP_UNREACHABLE, code, now_ns);
}

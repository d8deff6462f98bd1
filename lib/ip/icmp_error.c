/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * ICMP messages about packets of ours: whose packet it was, what the sender of it should hear (RFC 1122
 * §4.2.3.9, RFC 9293 §3.9.2.2), and redirects (RFC 1122 §3.2.2.2).
 */

#include <errno.h>

#include "ip/icmp_error.h"

#include "dev/pkt.h"
#include "wire/icmp.h"

enum {
	QUOTE_READ = ICMP_HDR_LEN + IPV4_HDR_MAX + ICMP_QUOTE_LEN,
};

/** What an error says. */
struct meaning {
	int err;
	bool is_hard; /* asking again is of no use */
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
	case ICMP_UNREACH_FRAG:
		return (struct meaning){ -EMSGSIZE, false }; /* RFC 1191 made it soft */
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
meaning_of(uint8_t type, uint8_t code)
{
	if (type == ICMP_UNREACHABLE)
		return unreachable(code);
	if (type == ICMP_PARAMETER)
		return (struct meaning){ -EPROTO, false };
	return (struct meaning){ -EHOSTUNREACH, false }; /* time exceeded */
}

/** A packet of ours with the header @h, whose payload begins at @payload with ICMP_QUOTE_LEN octets. */
static void
write_note(struct icmp_note *note, uint8_t type, uint8_t code, const struct ipv4_hdr *h,
	const uint8_t *payload)
{
	struct meaning meaning = meaning_of(type, code);
	struct icmp_quote quote = icmp_read_quote(payload);

	*note = (struct icmp_note){
		.type = type,
		.code = code,
		.len = h->total_len,
		.proto = h->proto,
		.src = h->src,
		.dst = h->dst,
		.src_port = quote.src_port,
		.dst_port = quote.dst_port,
		.seq = quote.seq,
		.err = meaning.err,
		.is_hard = meaning.is_hard,
	};
}

/**
 * The packet that the message in @m is about: one that we sent, to whom the message is addressed.
 * @octets: room for QUOTE_READ. NULL: it is none of ours, or too little of it is here.
 */
static const uint8_t *
read_quote(const struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint8_t *octets,
	struct ipv4_hdr *h)
{
	uint32_t len = min_u32(in->len, QUOTE_READ) - (uint32_t)ICMP_HDR_LEN;
	const uint8_t *p = rte_pktmbuf_read(m, ICMP_HDR_LEN, len, octets);

	/* What lies on the way may have changed the header: its checksum says nothing. */
	if (ipv4_read(p, len, UINT16_MAX, true, h) != DROP_NONE ||
		len < h->hdr_len + (uint32_t)ICMP_QUOTE_LEN)
		return NULL;
	if (h->src != in->dst || !ip_is_local(ip, h->src) || (h->frag & IPV4_FRAG_OFF) != 0)
		return NULL;
	return p + h->hdr_len;
}

/** Somebody here waits for what becomes of such a packet: a connection, a socket, a ping. */
static bool
has_sender(uint8_t proto, const uint8_t *payload)
{
	return proto == IP_PROTO_TCP || proto == IP_PROTO_UDP ||
	       (proto == IP_PROTO_ICMP && payload[0] == ICMP_ECHO);
}

enum drop
icmp_note_error(const struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *icmp, struct icmp_note *note)
{
	uint8_t octets[QUOTE_READ];
	struct ipv4_hdr h;
	const uint8_t *payload = read_quote(ip, m, in, octets, &h);

	if (payload == NULL)
		return DROP_ICMP_QUOTE;
	count(ip->env, STAT_ICMP_ERRORS_IN);
	if (!has_sender(h.proto, payload))
		return DROP_NONE;
	write_note(note, icmp->type, icmp->code, &h, payload);
	note->mtu = (uint16_t)icmp->rest; /* RFC 1191 §4: the low half */
	note->by = in->src;
	return DROP_NONE;
}

void
ip_note_undelivered(const struct rte_mbuf *m, struct icmp_note *note)
{
	static const uint8_t nothing[ICMP_QUOTE_LEN];
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	bool has_quote;
	struct ipv4_hdr h;

	*note = (struct icmp_note){ .proto = 0 };
	if (ipv4_read(p, m->data_len, m->pkt_len, true, &h) != DROP_NONE)
		return;
	/* a datagram in fragments: the first says for all that it did not arrive */
	has_quote =
		(h.frag & IPV4_FRAG_OFF) == 0 && m->pkt_len >= h.hdr_len + (uint32_t)ICMP_QUOTE_LEN;
	if (has_quote) {
		uint8_t octets[ICMP_QUOTE_LEN];

		write_note(note, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, &h,
			rte_pktmbuf_read(m, h.hdr_len, ICMP_QUOTE_LEN, octets));
	} else {
		write_note(note, ICMP_UNREACHABLE, ICMP_UNREACH_HOST, &h, nothing);
	}
	note->is_next_hop = true;
}

enum drop
icmp_redirect(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *icmp, uint64_t now_ns)
{
	const struct redirect_opts r = {
		.from = in->src, .gateway = icmp->rest, .netif = in->netif
	};
	uint8_t octets[QUOTE_READ];
	struct ipv4_hdr h;

	if (!ip->redirects.is_on)
		return DROP_ICMP_TYPE;
	if (read_quote(ip, m, in, octets, &h) == NULL)
		return DROP_ICMP_QUOTE;
	if (!ip_redirect(ip, h.dst, &r, now_ns))
		return DROP_ICMP_REDIRECT;
	count(ip->env, STAT_ICMP_REDIRECTS_IN);
	return DROP_NONE;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that are nearly right; see the header. */

#include "fuzz/mutate.h"

#include <string.h>

#include "fuzz/conversation.h"
#include "wire/arp.h"
#include "wire/cksum.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"
#include "wire/udp.h"

/** Where the layers of a frame lie. */
struct layers {
	struct eth_hdr eth;
	struct ipv4_hdr ip;
	uint8_t *packet;  /* the IPv4 header */
	uint8_t *payload; /* behind it */
	uint32_t len;     /* of the payload */
};

static bool
find_layers(struct frame *f, struct layers *l)
{
	if (eth_read(f->octets, f->len, &l->eth) != DROP_NONE || l->eth.type != ETH_TYPE_IPV4)
		return false;
	l->packet = f->octets + l->eth.len;
	if (ipv4_read(l->packet, f->len - l->eth.len, f->len - l->eth.len, true, &l->ip) !=
		DROP_NONE)
		return false;
	l->payload = l->packet + l->ip.hdr_len;
	l->len = l->ip.total_len - (uint32_t)l->ip.hdr_len;
	return true;
}

/** The checksum of @len octets at @p, put at distance @at, over @sum. */
static void
mend_sum(uint8_t *p, uint32_t len, uint32_t at, uint32_t sum)
{
	uint16_t value;

	if (len < at + 2)
		return;
	memset(p + at, 0, 2);
	value = cksum_fold(cksum_add(sum, p, len));
	memcpy(p + at, &value, sizeof(value));
}

/** Right checksums for what the frame says it is. */
static void
mend_sums(struct frame *f)
{
	struct layers l;

	if (!find_layers(f, &l))
		return;
	mend_sum(l.packet, l.ip.hdr_len, 10, 0);
	if (l.ip.proto == IP_PROTO_TCP)
		mend_sum(l.payload, l.len, TCP_SUM_AT,
			cksum_pseudo4(l.ip.src, l.ip.dst, l.ip.proto, l.len));
	else if (l.ip.proto == IP_PROTO_UDP)
		mend_sum(l.payload, l.len, 6, cksum_pseudo4(l.ip.src, l.ip.dst, l.ip.proto, l.len));
	else if (l.ip.proto == IP_PROTO_ICMP)
		mend_sum(l.payload, l.len, 2, 0);
}

/** SACK blocks around what is acknowledged: true, old, false ones, and such as mean nothing. */
static void
change_sack(struct tcp_hdr *h, struct script *s)
{
	h->opts.has |= TCP_HAS_SACK;
	h->opts.n_sack = (uint8_t)(1 + script_below(s, TCP_SACK_MAX));
	for (unsigned i = 0; i < h->opts.n_sack; i++) {
		h->opts.sack[i].from = seq_add(h->ack, script_distance(s));
		h->opts.sack[i].to = seq_add(h->opts.sack[i].from, script_distance(s));
	}
}

/** A Fast Open cookie: asked for, another one, or one of another length. */
static void
change_cookie(struct tcp_hdr *h, struct script *s)
{
	struct tcp_cookie *cookie = &h->opts.cookie;

	if ((h->opts.has & TCP_HAS_FASTOPEN) == 0)
		*cookie = (struct tcp_cookie){ .len = 0 };
	h->opts.has |= TCP_HAS_FASTOPEN;
	switch (script_below(s, 3)) {
	case 0:
		cookie->len = 0;
		break;
	case 1:
		cookie->octets[script_below(s, TCP_COOKIE_MAX)] ^= script_u8(s);
		break;
	default:
		cookie->len = (uint8_t)(TCP_COOKIE_MIN +
					script_below(s, TCP_COOKIE_MAX - TCP_COOKIE_MIN + 1));
		break;
	}
}

static void
change_options(struct tcp_hdr *h, struct script *s)
{
	switch (script_below(s, 6)) {
	case 0:
		h->opts.has ^= script_u8(s) & 0x3f;
		if ((h->opts.has & TCP_HAS_SACK) != 0)
			change_sack(h, s);
		break;
	case 1:
		h->opts.tsval += script_distance(s);
		break;
	case 2:
		h->opts.tsecr += script_distance(s);
		break;
	case 3:
		h->opts.mss = (uint16_t)script_size(s);
		h->opts.wscale = script_u8(s);
		break;
	case 4:
		change_cookie(h, s);
		break;
	default:
		change_sack(h, s);
		break;
	}
}

static void
change_header(struct tcp_hdr *h, struct script *s)
{
	static const uint8_t flags[] = { 0, TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_RST,
		TCP_RST | TCP_ACK, TCP_FIN | TCP_ACK, TCP_SYN | TCP_FIN, 0xff, TCP_ACK | TCP_ECE,
		TCP_ACK | TCP_CWR, TCP_SYN | TCP_ECE | TCP_CWR };

	switch (script_below(s, 8)) {
	case 0:
		h->seq = seq_add(h->seq, script_distance(s));
		break;
	case 1:
		h->ack = seq_add(h->ack, script_distance(s));
		break;
	case 2:
		h->flags ^= (uint8_t)(1u << script_below(s, 8));
		break;
	case 3:
		h->flags = flags[script_below(s, sizeof(flags))];
		break;
	case 4:
		h->wnd = (uint16_t)script_size(s);
		break;
	case 5:
		h->urg = (uint16_t)script_size(s);
		break;
	case 6:
		h->dst_port = (uint16_t)(h->dst_port + (int8_t)script_u8(s));
		break;
	default:
		change_options(h, s);
		break;
	}
}

/** Another header in front of the text, and perhaps more text or less. */
static void
change_segment(struct frame *f, const struct layers *l, struct script *s)
{
	uint8_t text[FRAME_MAX] = { 0 };
	uint32_t len = l->len;
	struct tcp_hdr h = { 0 };
	uint32_t hdr_len;

	if (tcp_read(l->payload, l->len, &h) != DROP_NONE)
		return;
	len -= h.hdr_len;
	memcpy(text, l->payload + h.hdr_len, len);
	for (unsigned n = 1 + script_below(s, 3); n > 0; n--)
		change_header(&h, s);
	if (script_below(s, 4) == 0)
		len = script_size(s) % 1500;
	hdr_len = tcp_write(l->payload, &h);
	if (len > 1500 - l->ip.hdr_len - hdr_len)
		len = 1500 - l->ip.hdr_len - hdr_len;
	memcpy(l->payload + hdr_len, text, len);
	put_u16(l->packet + 2, (uint16_t)(l->ip.hdr_len + hdr_len + len));
	f->len = l->eth.len + l->ip.hdr_len + hdr_len + len;
}

/** A few octets, anywhere; or the end is cut off. */
static void
change_octets(struct frame *f, struct script *s)
{
	for (unsigned n = 1 + script_below(s, 4); n > 0; n--)
		f->octets[script_u32(s) % (script_below(s, 2) ? 60 : FRAME_MAX)] ^= script_u8(s);
	if (script_below(s, 4) == 0)
		f->len = script_u32(s) % (f->len + 1);
}

void
mutate(struct frame *f, struct script *s)
{
	unsigned how = script_u8(s);
	struct layers l;

	if ((how & 7) != 0 && find_layers(f, &l) && l.ip.proto == IP_PROTO_TCP)
		change_segment(f, &l, s);
	else
		change_octets(f, s);
	if ((how & 8) == 0 || (how & 16) == 0)
		mend_sums(f);
}

/** Ethernet and IPv4 in front of @len octets of payload, which are there. */
static void
wrap(struct frame *f, int to, uint8_t proto, uint32_t len)
{
	const struct ipv4_hdr ip = { .src = conversation_address(1 - to),
		.dst = conversation_address(to),
		.total_len = (uint16_t)(IPV4_HDR_LEN + len),
		.ttl = 64,
		.proto = proto };

	eth_write(f->octets, &(struct eth_hdr){ .dst = conversation_mac(to),
				     .src = conversation_mac(1 - to),
				     .type = ETH_TYPE_IPV4 });
	ipv4_write(f->octets + ETH_HDR_LEN, &ip, true);
	f->len = ETH_HDR_LEN + IPV4_HDR_LEN + len;
}

static void
make_arp(struct frame *f, int to, struct script *s)
{
	const struct arp_msg m = { .op = (uint16_t)(1 + script_below(s, 3)),
		.sha = conversation_mac(1 - to),
		.spa = conversation_address(script_below(s, 4) == 0 ? to : 1 - to),
		.tha = conversation_mac(to),
		.tpa = conversation_address(script_below(s, 4) == 0 ? 1 - to : to) };

	eth_write(f->octets, &(struct eth_hdr){ .dst = conversation_mac(to),
				     .src = conversation_mac(1 - to),
				     .type = ETH_TYPE_ARP });
	arp_write(f->octets + ETH_HDR_LEN, &m);
	f->len = ETH_HDR_LEN + ARP_LEN;
}

/** Any type and code, with what was captured last quoted behind it. */
static void
make_icmp(struct frame *f, int to, struct script *s)
{
	static const uint8_t types[] = { 0, 3, 3, 3, 4, 5, 8, 8, 11, 12, 13, 17 };
	struct frame quoted = *f; /* what the host has sent */
	uint8_t *p = f->octets + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t len = script_below(s, 2) ? 28 : script_size(s) % 1000;

	memset(p, 0, 8);
	p[0] = types[script_below(s, sizeof(types))];
	p[1] = (uint8_t)script_below(s, 16);
	put_u16(p + 6, (uint16_t)script_size(s)); /* MTU, or a sequence number */
	memcpy(p + 8, quoted.octets + ETH_HDR_LEN, len);
	wrap(f, to, IP_PROTO_ICMP, 8 + len);
}

static void
make_udp(struct frame *f, int to, struct script *s)
{
	uint8_t *p = f->octets + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t len = 8 + script_size(s) % 1400;

	put_u16(p, (uint16_t)script_u32(s));
	put_u16(p + 2, script_below(s, 2) ? CONVERSATION_UDP_PORT : (uint16_t)script_u32(s));
	put_u16(p + 4, (uint16_t)(len + (script_below(s, 8) == 0 ? script_u8(s) : 0)));
	memset(p + 6, script_u8(s), len - 6);
	wrap(f, to, IP_PROTO_UDP, len);
}

void
make_up(struct frame *f, int to, struct script *s)
{
	unsigned what = script_u8(s);

	switch (what & 3) {
	case 0:
		make_arp(f, to, s);
		break;
	case 1:
	case 2:
		make_icmp(f, to, s);
		break;
	default:
		make_udp(f, to, s);
		break;
	}
	if ((what & 4) != 0)
		change_octets(f, s);
	if ((what & 8) == 0 || (what & 16) == 0)
		mend_sums(f);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames of a script into three stacks that differ in nothing that may be seen from outside: one gets
 * them whole, one in pieces, one leaves its checksums to the port. All three answer with the same
 * octets, every frame out is right, and at the end nothing is left. Unlike conversation.c the peer is
 * nobody's stack: most frames are templates of ARP, ICMP, UDP, TCP and fragments with some octets
 * changed, cut, or at random.
 */

#include <baro/baro.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "dev/funcport.h"
#include "dev/pkt.h"
#include "fuzz/script.h"
#include "fuzz/target.h"
#include "runtime/core.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
	WHOLE,
	IN_PIECES,
	BY_PORT, /* its checksums */
	HOSTS,
	FRAME_MAX = 1600,
	OUT_MAX = 1 << 20, /* octets of answers to one step, lengths included */
	OPS_MAX = 300,
	TURNS_MAX = 3000,
	VLAN = 100,
};

#define OURS    UINT32_C(0xc6120002) /* 198.18.0.2, .3; 198.19.0.2 in the VLAN */
#define OURS2   UINT32_C(0xc6120003)
#define OURS3   UINT32_C(0xc6130002)
#define PEER    UINT32_C(0xc6120001)
#define GATEWAY UINT32_C(0xc61200fe)
#define FAR     UINT32_C(0xcb007109)

static const struct mac our_mac = { { 2, 0, 0, 0, 0, 2 } };
static const struct mac peer_mac = { { 2, 0, 0, 0, 0, 1 } };

struct host {
	struct baro_core *core;
	struct baro_port *port;
	struct baro_listener *listener;
	struct baro_udp *udp;
	struct baro_ping *ping;
	uint8_t out[OUT_MAX]; /* what it has sent in this step */
	uint32_t len;
};

static struct host hosts[HOSTS];
static uint64_t now_ns;

/* the last IPv4 packet that left: errors quote it, answers answer it */
static uint8_t last_out[FRAME_MAX];
static uint32_t last_out_len;

static void
fail(const char *why)
{
	fprintf(stderr, "fuzz: %s\n", why);
	abort();
}

/* Frames out */

static void
put_sum(uint8_t *at, uint32_t sum)
{
	uint16_t folded = cksum_fold(sum);

	memcpy(at, &folded, sizeof(folded));
}

/** What a port does that finishes checksums. */
static void
finish_sums(uint8_t *p, uint32_t len)
{
	struct ipv4_hdr h;
	uint8_t *payload;
	uint32_t payload_len;

	memset(p + 10, 0, 2);
	put_sum(p + 10, cksum_add(0, p, IPV4_HDR_LEN));
	if (ipv4_read(p, len, len, false, &h) != DROP_NONE)
		fail("a packet out has a header that cannot be");
	payload = p + h.hdr_len;
	payload_len = h.total_len - (uint32_t)h.hdr_len;
	if ((h.frag & (IPV4_MF | IPV4_FRAG_OFF)) != 0)
		return; /* no port sees such a datagram whole */
	if (h.proto == IP_PROTO_TCP)
		put_sum(payload + TCP_SUM_AT, cksum_add(0, payload, payload_len));
	else if (h.proto == IP_PROTO_UDP) {
		put_sum(payload + UDP_SUM_AT, cksum_add(0, payload, payload_len));
		if (get_u16(payload + UDP_SUM_AT) == 0)
			memset(payload + UDP_SUM_AT, 0xff, 2);
	}
}

static void
check_packet(const uint8_t *p, uint32_t len)
{
	struct ipv4_hdr h;
	uint32_t pseudo, sum;

	if (ipv4_read(p, len, len, false, &h) != DROP_NONE || h.ttl == 0)
		fail("a packet out has a wrong header");
	if ((h.frag & (IPV4_MF | IPV4_FRAG_OFF)) != 0)
		return;
	len = h.total_len - (uint32_t)h.hdr_len;
	sum = cksum_add(0, p + h.hdr_len, len);
	pseudo = cksum_pseudo4(h.src, h.dst, h.proto, len);
	if (h.proto == IP_PROTO_ICMP && cksum_fold(sum) != 0)
		fail("an ICMP message out has a wrong checksum");
	if ((h.proto == IP_PROTO_TCP || h.proto == IP_PROTO_UDP) && cksum_fold(sum + pseudo) != 0)
		fail("a segment or datagram out has a wrong checksum");
}

static void
transmit(const struct iovec *iov, int n, void *user)
{
	struct host *h = user;
	uint8_t *frame = h->out + h->len + 4;
	uint32_t len = 0;
	struct eth_hdr eth;

	for (int i = 0; i < n; i++) {
		if (h->len + 4 + len + iov[i].iov_len > OUT_MAX)
			fail("answers without end");
		memcpy(frame + len, iov[i].iov_base, iov[i].iov_len);
		len += (uint32_t)iov[i].iov_len;
	}
	put_u32(h->out + h->len, len);
	h->len += 4 + len;
	if (eth_read(frame, len, &eth) != DROP_NONE || !mac_eq(eth.src, our_mac))
		fail("a frame out has a wrong Ethernet header");
	if (eth.type != ETH_TYPE_IPV4)
		return;
	if (h == &hosts[BY_PORT])
		finish_sums(frame + eth.len, len - eth.len);
	check_packet(frame + eth.len, len - eth.len);
	if (h == &hosts[WHOLE] && len <= FRAME_MAX) {
		last_out_len = len - eth.len;
		memcpy(last_out, frame + eth.len, last_out_len);
	}
}

/* Applications: they answer what comes */

static void
readable(struct baro_conn *c)
{
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		(void)baro_conn_send(c, iov.iov_base, iov.iov_len);
		baro_conn_consume(c, iov.iov_len);
	}
	if (baro_conn_is_eof(c))
		baro_conn_close(c);
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)baro_udp_send(u, &d->from, &d->to, d->data, d->len);
}

static void
heard(struct baro_ping *p, const struct baro_ping_news *news)
{
	(void)p;
	if (news->what == BARO_PING_REPLY && news->rtt_ns > now_ns)
		fail("a reply before its request");
}

static void
open_host(struct host *h, const struct baro_config *config)
{
	static const struct baro_conn_ops ops = { .readable = readable };
	const struct baro_endpoint udp = { .port = 53 }, tcp = { .port = 7 };
	const struct baro_vlan_opts vlan = { .vlan = VLAN, .address = baro_addr_from_v4(OURS3) };
	const struct baro_addr second = baro_addr_from_v4(OURS2);
	const struct baro_ping_opts ping = { .to = baro_addr_from_v4(FAR),
		.len = 300,
		.heard = heard,
		.timeout_ns = 3600 * NS_PER_SEC };
	struct baro_port_opts opts = { .transmit = transmit,
		.user = h,
		.address = baro_addr_from_v4(OURS),
		.gateway = baro_addr_from_v4(GATEWAY) };

	h->len = 0;
	memcpy(opts.mac, our_mac.b, sizeof(opts.mac));
	if (baro_core_create(config, now_ns, &h->core) != 0 ||
		baro_port_open(h->core, &opts, &h->port) != 0 ||
		baro_addr_add(h->core, "port0", &second, 24) != 0 ||
		baro_vlan_open(h->core, "port0", &vlan) != 0 ||
		baro_udp_open(h->core, &udp, received, NULL, &h->udp) != 0 ||
		baro_listen(h->core, &tcp, NULL, &ops, NULL, &h->listener) != 0 ||
		baro_ping_open(h->core, &ping, &h->ping) != 0)
		fail("cannot begin");
	if (h == &hosts[BY_PORT]) {
		struct dev_offload *can = &h->core->port[0]->port.can;

		can->tx_ip_sum = can->tx_tcp_sum = can->tx_udp_sum = true;
	}
}

/* Frames in */

/** Room behind @p for @len octets more: the whole is FRAME_MAX at most. */
static uint32_t
write_ip(uint8_t *p, struct script *s, uint8_t proto, const uint8_t *payload, uint32_t len)
{
	static const uint32_t src[] = { PEER, GATEWAY, FAR, OURS, IPV4_BROADCAST, 0 };
	static const uint32_t dst[] = { OURS, OURS2, OURS3, 0xc61200ff, IPV4_BROADCAST,
		0xe0000001 };
	unsigned which = script_u8(s);
	struct ipv4_hdr h = {
		.src = src[which < 200 ? which % 3 : which % 6],
		.dst = dst[which < 200 ? which / 3 % 2 : which % 6],
		.total_len = (uint16_t)(IPV4_HDR_LEN + len),
		.ttl = 64,
		.proto = proto,
	};

	if (script_below(s, 4) == 0) { /* a fragment, of one of few datagrams */
		h.id = (uint16_t)script_below(s, 4);
		h.frag = (uint16_t)(script_below(s, 2) != 0 ? IPV4_MF : 0) |
			 (uint16_t)(script_below(s, 3) * 8);
	}
	memcpy(p + IPV4_HDR_LEN, payload, len);
	ipv4_write(p, &h, true);
	return IPV4_HDR_LEN + len;
}

static uint32_t
make_arp(uint8_t *p, struct script *s)
{
	static const uint32_t who[] = { PEER, OURS, OURS2, 0, GATEWAY, FAR };
	struct arp_msg msg = {
		.op = script_below(s, 2) != 0 ? ARP_REQUEST : ARP_REPLY,
		.sha = peer_mac,
		.tha = our_mac,
	};

	msg.spa = who[script_below(s, 6)];
	msg.tpa = who[script_below(s, 6)];
	msg.sha.b[5] = (uint8_t)(1 + script_below(s, 3)); /* sometimes ours */
	arp_write(p, &msg);
	return ARP_LEN;
}

/** Of any kind; an error quotes what left last, an answer answers it. */
static uint32_t
make_icmp(uint8_t *p, struct script *s)
{
	static const uint8_t type[] = { ICMP_ECHO, ICMP_ECHO_REPLY, ICMP_UNREACHABLE, ICMP_REDIRECT,
		ICMP_TIME_EXCEEDED, ICMP_PARAMETER, ICMP_TIMESTAMP, ICMP_SOURCE_QUENCH };
	uint8_t text[FRAME_MAX] = { 0 };
	uint32_t len = 8 + script_below(s, 200);
	struct icmp_hdr h = { .type = type[script_below(s, 8)],
		.code = (uint8_t)script_below(s, 16) };

	h.rest = h.type == ICMP_REDIRECT ? PEER + script_below(s, 4) : script_size(s);
	if (icmp_is_error(h.type) && last_out_len != 0) {
		len = min_u32(last_out_len, 28 + script_below(s, 100));
		memcpy(text + ICMP_HDR_LEN, last_out, len);
	} else if (h.type == ICMP_ECHO_REPLY && last_out_len > IPV4_HDR_LEN + ICMP_HDR_LEN) {
		len = last_out_len - IPV4_HDR_LEN - ICMP_HDR_LEN;
		memcpy(text, last_out + IPV4_HDR_LEN, last_out_len - IPV4_HDR_LEN);
		h.rest = get_u32(text + 4);
	}
	icmp_write(text, &h);
	put_sum(text + 2, cksum_add(0, text, ICMP_HDR_LEN + len));
	return write_ip(p, s, IP_PROTO_ICMP, text, ICMP_HDR_LEN + len);
}

static uint32_t
make_udp(uint8_t *p, struct script *s)
{
	uint8_t text[FRAME_MAX] = { 0 };
	uint32_t len = script_below(s, 256);

	for (uint32_t i = 0; i < len; i++)
		text[UDP_HDR_LEN + i] = (uint8_t)i;
	udp_write(text, &(struct udp_hdr){ .src_port = 1024,
				.dst_port = script_below(s, 4) == 0 ? 9 : 53,
				.len = (uint16_t)(UDP_HDR_LEN + len) });
	return write_ip(p, s, IP_PROTO_UDP, text, UDP_HDR_LEN + len);
}

static uint32_t
make_tcp(uint8_t *p, struct script *s)
{
	uint8_t text[FRAME_MAX] = { 0 };
	uint32_t len = script_below(s, 256);

	put_u16(text, (uint16_t)(1024 + script_below(s, 4)));
	put_u16(text + 2, 7);
	put_u32(text + 4, script_distance(s));
	put_u32(text + 8, script_distance(s));
	text[12] = (uint8_t)(script_below(s, 8) == 0 ? script_u8(s) : 0x50);
	text[13] = script_u8(s);
	put_u16(text + 14, 0xffff);
	return write_ip(p, s, IP_PROTO_TCP, text, TCP_HDR_LEN + len);
}

/** TCP's and UDP's checksums become right, so that more than the first check is met. */
static void
mend(uint8_t *p, uint32_t len)
{
	struct ipv4_hdr h;
	uint32_t rest, at;

	if (len < IPV4_HDR_LEN || (uint32_t)(p[0] & 15) * 4 > len || (p[0] & 15) < 5)
		return;
	memset(p + 10, 0, 2);
	put_sum(p + 10, cksum_add(0, p, (uint32_t)(p[0] & 15) * 4));
	if (ipv4_read(p, len, len, true, &h) != DROP_NONE)
		return;
	rest = h.total_len - (uint32_t)h.hdr_len;
	at = h.proto == IP_PROTO_TCP ? TCP_SUM_AT : h.proto == IP_PROTO_UDP ? UDP_SUM_AT : 2;
	if (at + 2 > rest)
		return;
	p += h.hdr_len;
	memset(p + at, 0, 2);
	put_sum(p + at,
		cksum_add(0, p, rest) +
			(h.proto == IP_PROTO_ICMP ? 0
						  : cksum_pseudo4(h.src, h.dst, h.proto, rest)));
}

/** @return its octets */
static uint32_t
make_frame(uint8_t *frame, struct script *s)
{
	unsigned what = script_below(s, 6);
	struct eth_hdr eth = { .dst = our_mac, .src = peer_mac, .type = ETH_TYPE_IPV4 };
	uint32_t len, head;

	if (script_below(s, 8) == 0)
		eth.dst = MAC_BROADCAST;
	if (script_below(s, 8) == 0)
		eth.vlan = VLAN;
	if (what == 0)
		eth.type = ETH_TYPE_ARP;
	head = eth_hdr_len(eth.vlan);
	eth_write(frame, &eth);
	len = what == 0   ? make_arp(frame + head, s)
	      : what == 1 ? make_udp(frame + head, s)
	      : what == 2 ? make_tcp(frame + head, s)
			  : make_icmp(frame + head, s);
	for (unsigned n = script_below(s, 4); n != 0; n--) /* any octet but our MAC, anything */
		frame[6 + (script_u8(s) + (size_t)script_u8(s)) % (head + len - 6)] = script_u8(s);
	if (eth.type == ETH_TYPE_IPV4 && script_below(s, 8) != 0)
		mend(frame + head, len);
	len += head;
	switch (script_below(s, 8)) {
	case 0: /* cut */
		return script_u8(s) % len + 1;
	case 1: /* padding */
		head = script_u8(s) % 64;
		memset(frame + len, script_u8(s), head);
		return len + head;
	default:
		return len;
	}
}

/** As it may come from a device that scatters: pieces of @piece octets. */
static void
input_pieces(struct host *h, const uint8_t *frame, uint32_t len, uint32_t piece)
{
	struct dev_queue *q = &h->core->port[0]->queue;
	struct rte_mbuf *first = NULL;

	for (uint32_t at = 0; at < len; at += piece) {
		uint32_t n = min_u32(piece, len - at);
		struct rte_mbuf *m = rte_pktmbuf_alloc(q->in_pool);

		if (m == NULL)
			fail("no buffer for a frame");
		memcpy(rte_pktmbuf_append(m, (uint16_t)n), frame + at, n);
		if (first == NULL)
			first = m;
		else if (rte_pktmbuf_chain(first, m) != 0)
			fail("too many pieces");
	}
	q->in[q->in_tail++ % DEV_IN_MAX] = first;
}

/** All say the same. */
static void
compare(void)
{
	for (int i = 1; i < HOSTS; i++) {
		if (hosts[i].len != hosts[0].len ||
			memcmp(hosts[i].out, hosts[0].out, hosts[0].len) != 0)
			fail(i == IN_PIECES ? "a frame in pieces is answered otherwise"
					    : "with checksums by the port other octets leave");
	}
	for (int i = 0; i < HOSTS; i++)
		hosts[i].len = 0;
}

static void
poll_all(void)
{
	for (int i = 0; i < HOSTS; i++) {
		unsigned n = 0;

		do
			baro_core_poll(hosts[i].core, now_ns);
		while (++n < TURNS_MAX && baro_core_next_deadline(hosts[i].core) <= now_ns);
		if (n == TURNS_MAX)
			fail("a core does not come to rest");
	}
	compare();
}

static void
pass(uint64_t for_ns)
{
	uint64_t end = now_ns + for_ns;
	unsigned n = 0;

	for (; n < TURNS_MAX; n++) {
		uint64_t next = end;

		for (int i = 0; i < HOSTS; i++)
			next = min_u64(next, baro_core_next_deadline(hosts[i].core));
		now_ns = max_u64(next, now_ns);
		poll_all();
		if (next >= end)
			return;
	}
}

static void
step_frame(struct script *s)
{
	uint8_t frame[FRAME_MAX + 512];
	uint32_t len = make_frame(frame, s);
	uint32_t piece = 1 + script_u8(s);

	if (len > 1518)
		return;
	piece = max_u32(piece, len / 200 + 1);
	(void)baro_port_input(hosts[WHOLE].port, frame, len);
	(void)baro_port_input(hosts[BY_PORT].port, frame, len);
	input_pieces(&hosts[IN_PIECES], frame, len, piece);
	poll_all();
}

static void
step_ping(void)
{
	for (int i = 0; i < HOSTS; i++)
		(void)baro_ping_send(hosts[i].ping);
	poll_all();
}

static void
close_all(void)
{
	pass(2 * 3600 * NS_PER_SEC);
	for (int i = 0; i < HOSTS; i++) {
		baro_listener_close(hosts[i].listener);
		baro_udp_close(hosts[i].udp);
		baro_ping_close(hosts[i].ping);
	}
	for (unsigned n = 0; n < 10; n++)
		pass(3600 * NS_PER_SEC);
	for (int i = 0; i < HOSTS; i++) {
		struct baro_usage u;

		baro_usage_read(hosts[i].core, &u);
		if (u.mbufs != 0)
			fail("buffers are left at the end");
		baro_core_destroy(hosts[i].core);
	}
}

void
target_run(const uint8_t *data, size_t len)
{
	static const uint64_t unit[] = { NS_PER_MS, NS_PER_SEC, 60 * NS_PER_SEC };
	struct script s = { data, len };
	struct baro_config config = { .core = { .seed = 1, .mbufs = 1024 } };
	uint8_t flags = script_u8(&s);

	now_ns = NS_PER_SEC;
	last_out_len = 0;
	config.icmp.timestamp = (flags & 1) != 0 ? BARO_ON : BARO_OFF;
	config.neighbour.acd = (flags & 6) == 0 ? BARO_ON : BARO_OFF;
	config.neighbour.max_entries = 8;
	for (int i = 0; i < HOSTS; i++)
		open_host(&hosts[i], &config);
	poll_all();
	for (unsigned n = 0; s.len != 0 && n < OPS_MAX; n++) {
		unsigned what = script_below(&s, 16);

		if (what == 0)
			pass(unit[script_below(&s, 3)] * script_u8(&s));
		else if (what == 1)
			step_ping();
		else
			step_frame(&s);
	}
	close_all();
}

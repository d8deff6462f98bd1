/* SPDX-License-Identifier: BSD-3-Clause */
/* See the header. */

#include "rig.h"

#include <criterion/criterion.h>
#include <string.h>

#include "runtime/core.h"

struct rig rig;

static void
note_packet(struct rig_sent *s, uint32_t eth_len)
{
	const uint8_t *p = s->frame.b + eth_len;
	uint32_t len = s->frame.len - eth_len;
	struct udp_hdr h = { 0 };

	cr_assert_eq(ipv4_read(p, len, len, false, &s->ip), DROP_NONE);
	s->data = p + s->ip.hdr_len;
	if (s->ip.proto != IP_PROTO_UDP || (s->ip.frag & IPV4_FRAG_OFF) != 0)
		return;
	udp_read(s->data, len - s->ip.hdr_len, UINT16_MAX, &h);
	s->src_port = h.src_port;
	s->dst_port = h.dst_port;
	s->data += UDP_HDR_LEN;
}

static void
transmit(const struct iovec *iov, int n, void *user)
{
	struct rig_sent *s = &rig.sent[rig.n_sent];
	struct eth_hdr eth;

	(void)user;
	s->frame.len = 0;
	for (int i = 0; i < n; i++) {
		memcpy(s->frame.b + s->frame.len, iov[i].iov_base, iov[i].iov_len);
		s->frame.len += (uint32_t)iov[i].iov_len;
	}
	cr_assert_eq(eth_read(s->frame.b, s->frame.len, &eth), DROP_NONE);
	s->dst = eth.dst;
	if (eth.type != ETH_TYPE_IPV4)
		return;
	note_packet(s, eth.len);
	if (rig.n_sent < RIG_MAX - 1)
		rig.n_sent++;
}

void
rig_turn(void)
{
	baro_core_poll(rig.core, rig.now_ns);
}

void
rig_until(uint64_t at_ns)
{
	uint64_t next;

	while ((next = baro_core_next_deadline(rig.core)) <= at_ns) {
		rig.now_ns = max_u64(rig.now_ns, next);
		rig_turn();
	}
	rig.now_ns = at_ns;
	rig_turn();
}

void
rig_frame(const void *payload, uint32_t len, uint16_t type, struct mac dst)
{
	uint8_t b[OCTETS_MAX];

	eth_write(b, &(struct eth_hdr){ .dst = dst, .src = PEER_MAC, .type = type });
	memcpy(b + ETH_HDR_LEN, payload, len);
	cr_assert_eq(baro_port_input(rig.port, b, ETH_HDR_LEN + len), 0);
}

static struct mac
mac_for(uint32_t dst)
{
	if (ipv4_is_multicast(dst))
		return mac_of_group(dst);
	return dst == BCAST_IP || dst == IPV4_BROADCAST ? MAC_BROADCAST : OUR_MAC;
}

void
rig_datagram(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port, uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets datagram = udp_octets_between(src, dst, src_port, dst_port, &data);
	const struct ipv4_hdr h = {
		.src = src, .dst = dst, .proto = IP_PROTO_UDP, .ttl = 63, .tos = 0xb8
	};
	struct octets o = ip_octets(&h, &datagram);

	rig_frame(o.b, o.len, ETH_TYPE_IPV4, mac_for(dst));
}

void
rig_hear(uint32_t dst, uint16_t dst_port, uint32_t len)
{
	rig_datagram(PEER_IP, 1000, dst, dst_port, len);
}

void
rig_icmp(uint32_t by, const struct icmp_hdr *h, unsigned i)
{
	const struct octets *frame = &rig.sent[i].frame;
	struct octets quote = { .len = IPV4_HDR_LEN + ICMP_QUOTE_LEN };
	struct octets message;
	struct octets o;

	cr_assert_lt(i, rig.n_sent);
	memcpy(quote.b, frame->b + ETH_HDR_LEN, quote.len);
	message = icmp_octets(h, &quote);
	o = ip_octets(&(struct ipv4_hdr){ .src = by, .proto = IP_PROTO_ICMP }, &message);
	rig_frame(o.b, o.len, ETH_TYPE_IPV4, OUR_MAC);
}

void
rig_begin(const struct baro_config *config, uint16_t mtu)
{
	struct arp_msg ask = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);
	struct octets o = arp_octets(&ask);
	struct baro_port_opts opts = {
		.transmit = transmit,
		.address = baro_addr_from_v4(OUR_IP),
		.gateway = baro_addr_from_v4(PEER_IP),
		.prefix_len = 24,
		.mac = { 0x02, 0, 0, 0, 0, 2 },
		.mtu = mtu,
	};

	memset(&rig, 0, sizeof(rig));
	rig.now_ns = AT_S(0);
	cr_assert_eq(baro_core_create(config, rig.now_ns, &rig.core), 0);
	cr_assert_eq(baro_port_open(rig.core, &opts, &rig.port), 0);
	rig_frame(o.b, o.len, ETH_TYPE_ARP, MAC_BROADCAST);
	rig_turn();
}

void
rig_end(void)
{
	struct baro_usage usage;

	rig_until(rig.now_ns + 10 * NS_PER_SEC); /* nothing waits for a neighbour any more */
	baro_usage_read(rig.core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers left", usage.mbufs);
	baro_core_destroy(rig.core);
}

struct baro_endpoint
rig_endpoint(uint32_t addr, uint16_t port)
{
	struct baro_endpoint ep = { .port = port };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

void
rig_received(struct baro_udp *u, const struct baro_datagram *d)
{
	struct rig_heard *at = &rig.heard[rig.n_heard++ % RIG_MAX];

	*at = (struct rig_heard){
		.by = u, .from = d->from, .to = d->to, .ttl = d->ttl, .tos = d->tos
	};
	strncpy(at->iface, d->iface, sizeof(at->iface) - 1);
	at->data.len = (uint32_t)d->len;
	if (d->len != 0)
		memcpy(at->data.b, d->data, d->len);
}

void
rig_note_failed(struct baro_udp *u, const struct baro_udp_error *e)
{
	rig.failed[rig.n_failed++ % RIG_MAX] = (struct rig_failed){ u, *e };
}

const struct baro_udp_ops rig_ops = { .received = rig_received, .failed = rig_note_failed };

struct baro_udp *
rig_open(uint32_t addr, uint16_t port, const struct baro_udp_ops *ops)
{
	static const struct baro_udp_ops plain = { .received = rig_received };
	struct baro_endpoint local = rig_endpoint(addr, port);
	struct baro_udp *u = NULL;

	cr_assert_eq(baro_udp_create(rig.core, ops != NULL ? ops : &plain, &rig, &u), 0);
	cr_assert_eq(baro_udp_bind(u, &local), 0);
	return u;
}

uint64_t
rig_drops(enum drop why)
{
	return rig.core->stack.env.drops[why];
}

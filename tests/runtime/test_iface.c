/* SPDX-License-Identifier: BSD-3-Clause */

/* Several ports, VLANs and addresses of one core, and the calls that change them at run time. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "runtime/core.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"
#include "wire/udp.h"

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

enum { N_PORTS = 2, MAX_FRAMES = 64, FRAME_MAX = 9100 };

/** A frame that left. */
struct frame {
	unsigned port;
	uint32_t len;
	uint8_t b[FRAME_MAX];
	struct eth_hdr eth;
	struct arp_msg arp;
	struct ipv4_hdr ip;
};

static const struct mac peer_mac = { { 2, 0, 0, 0, 0, 0x77 } };
static struct baro_core *core;
static struct baro_port *port[N_PORTS];
static unsigned number[N_PORTS] = { 0, 1 };
static struct frame frame[MAX_FRAMES];
static unsigned n_frames;
static uint64_t now_ns;

static void
transmit(const struct iovec *iov, int n, void *user)
{
	struct frame *f = &frame[n_frames++];
	const uint8_t *p;

	cr_assert_leq(n_frames, MAX_FRAMES);
	*f = (struct frame){ .port = *(unsigned *)user };
	for (int i = 0; i < n; i++) {
		memcpy(f->b + f->len, iov[i].iov_base, iov[i].iov_len);
		f->len += (uint32_t)iov[i].iov_len;
	}
	cr_assert_eq(eth_read(f->b, f->len, &f->eth), DROP_NONE);
	p = f->b + f->eth.len;
	if (f->eth.type == ETH_TYPE_ARP)
		cr_assert_eq(arp_read(p, f->len - f->eth.len, &f->arp), DROP_NONE);
	else
		cr_assert_eq(ipv4_read(p, f->len - f->eth.len, f->len - f->eth.len, false, &f->ip),
			DROP_NONE);
}

/** port0 is 198.18.0.2/24 behind 198.18.0.254, port1 198.19.0.2/24 without a gateway. */
static void
open_ports(uint16_t mtu)
{
	for (unsigned i = 0; i < N_PORTS; i++) {
		struct baro_port_opts opts = { .transmit = transmit,
			.user = &number[i],
			.address = baro_addr_from_v4(IP4(198, 18 + i, 0, 2)),
			.mtu = mtu };

		if (i == 0)
			opts.gateway = baro_addr_from_v4(IP4(198, 18, 0, 254));
		cr_assert_eq(baro_port_open(core, &opts, &port[i]), 0);
	}
	baro_core_poll(core, now_ns);
	now_ns += 3 * NS_PER_SEC;
	baro_core_poll(core, now_ns);
	n_frames = 0;
}

static void
setup(void)
{
	static const struct baro_config config = { .core.seed = 1 };

	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(iface, .init = setup, .fini = teardown);

static void
turn(void)
{
	now_ns += 1000;
	baro_core_poll(core, now_ns);
}

static struct baro_addr
addr(uint32_t v4)
{
	return v4 != 0 ? baro_addr_from_v4(v4) : (struct baro_addr){ .b = { 0 } };
}

static struct mac
mac_of(unsigned i)
{
	return core->port[i]->queue.port->mac;
}

/** A peer asks who has @tpa. @return whether it is answered, and only by that and in the same VLAN */
static bool
answers_for(unsigned i, uint16_t vlan, uint32_t tpa, uint32_t spa)
{
	uint8_t b[ETH_HDR_LEN + ETH_VLAN_LEN + ARP_LEN];
	uint16_t len = eth_hdr_len(vlan);
	const struct frame *f = &frame[0];

	eth_write(b, &(struct eth_hdr){ MAC_BROADCAST, peer_mac, ETH_TYPE_ARP, vlan, 0 });
	arp_write(b + len,
		&(struct arp_msg){ .op = ARP_REQUEST, .sha = peer_mac, .spa = spa, .tpa = tpa });
	n_frames = 0;
	cr_assert_eq(baro_port_input(port[i], b, len + (size_t)ARP_LEN), 0);
	turn();
	if (n_frames == 0)
		return false;
	cr_expect_eq(n_frames, 1);
	cr_expect_eq(f->port, i);
	cr_expect_eq(f->eth.vlan, vlan);
	cr_expect_eq(f->arp.op, ARP_REPLY);
	cr_expect_eq(f->arp.spa, tpa);
	cr_expect(mac_eq(f->arp.sha, mac_of(i)));
	return true;
}

/** A peer pings @dst. @return the reply; NULL: none */
static const struct frame *
ping(unsigned i, uint16_t vlan, uint32_t dst, uint32_t src)
{
	uint8_t b[ETH_HDR_LEN + ETH_VLAN_LEN + IPV4_HDR_LEN + ICMP_HDR_LEN] = { 0 };
	uint16_t len = eth_hdr_len(vlan);
	uint8_t *p = b + len + IPV4_HDR_LEN;

	eth_write(b, &(struct eth_hdr){ mac_of(i), peer_mac, ETH_TYPE_IPV4, vlan, 0 });
	ipv4_write(b + len,
		&(struct ipv4_hdr){ .src = src,
			.dst = dst,
			.total_len = IPV4_HDR_LEN + ICMP_HDR_LEN,
			.ttl = 64,
			.proto = IP_PROTO_ICMP },
		true);
	icmp_write(p, &(struct icmp_hdr){ .type = ICMP_ECHO });
	icmp_write_sum(p, cksum_fold(cksum_add(0, p, ICMP_HDR_LEN)));
	n_frames = 0;
	cr_assert_eq(baro_port_input(port[i], b, (size_t)len + IPV4_HDR_LEN + ICMP_HDR_LEN), 0);
	turn();
	return n_frames == 1 && frame[0].eth.type == ETH_TYPE_IPV4 ? &frame[0] : NULL;
}

static void
open_vlan(uint16_t vlan, uint32_t address, uint32_t gateway, uint16_t mtu)
{
	const struct baro_vlan_opts opts = {
		.vlan = vlan, .address = addr(address), .gateway = addr(gateway), .mtu = mtu
	};

	cr_assert_eq(baro_vlan_open(core, "port0", &opts), 0);
	turn();
	now_ns += 3 * NS_PER_SEC;
	turn();
	n_frames = 0;
}

Test(iface, each_vlan_has_its_own_address_and_hears_its_own_frames)
{
	const struct frame *f;

	open_ports(0);
	open_vlan(100, IP4(10, 100, 0, 2), 0, 0);
	open_vlan(4094, IP4(10, 200, 0, 2), 0, 0);
	cr_expect(answers_for(0, 0, IP4(198, 18, 0, 2), IP4(198, 18, 0, 1)));
	cr_expect(answers_for(0, 100, IP4(10, 100, 0, 2), IP4(10, 100, 0, 1)));
	cr_expect(answers_for(0, 4094, IP4(10, 200, 0, 2), IP4(10, 200, 0, 1)));
	cr_expect_not(answers_for(0, 100, IP4(198, 18, 0, 2), IP4(10, 100, 0, 1)));
	cr_expect_not(answers_for(0, 0, IP4(10, 100, 0, 2), IP4(198, 18, 0, 1)));
	cr_expect_eq(core->stack.env.drops[DROP_ETH_VLAN], 0);
	cr_expect_not(answers_for(0, 101, IP4(10, 100, 0, 2), IP4(10, 100, 0, 1)));
	cr_expect_not(answers_for(1, 100, IP4(10, 100, 0, 2), IP4(10, 100, 0, 1)));
	cr_expect_eq(core->stack.env.drops[DROP_ETH_VLAN], 2);

	f = ping(0, 100, IP4(10, 100, 0, 2), IP4(10, 100, 0, 1));
	cr_assert_not_null(f);
	cr_expect_eq(f->eth.vlan, 100);
	cr_expect_eq(f->ip.src, IP4(10, 100, 0, 2));
	f = ping(0, 0, IP4(198, 18, 0, 2), IP4(198, 18, 0, 1));
	cr_assert_not_null(f);
	cr_expect_eq(f->eth.vlan, 0);
}

/* A12 */
Test(iface, vlan_announces_its_address_in_its_vlan)
{
	const struct baro_vlan_opts opts = { .vlan = 7, .address = addr(IP4(10, 7, 0, 2)) };

	open_ports(0);
	cr_assert_eq(baro_vlan_open(core, "port0", &opts), 0);
	turn();
	cr_assert_eq(n_frames, 1);
	cr_expect_eq(frame[0].eth.vlan, 7);
	cr_expect_eq(frame[0].arp.spa, IP4(10, 7, 0, 2));
	cr_expect_eq(frame[0].arp.tpa, IP4(10, 7, 0, 2));
	now_ns += 2 * NS_PER_SEC + NS_PER_MS;
	turn();
	cr_expect_eq(n_frames, 2);
}

Test(iface, impossible_vlans_are_refused)
{
	struct baro_vlan_opts opts = { .vlan = 5, .address = addr(IP4(10, 7, 0, 2)) };

	open_ports(0);
	cr_expect_eq(baro_vlan_open(core, "port9", &opts), -ENOENT);
	cr_expect_eq(baro_vlan_open(core, "port0", &(struct baro_vlan_opts){ .vlan = 0 }), -EINVAL);
	cr_expect_eq(
		baro_vlan_open(core, "port0", &(struct baro_vlan_opts){ .vlan = 4095 }), -EINVAL);
	cr_expect_eq(baro_vlan_open(core, "port0", &(struct baro_vlan_opts){ .vlan = 5 }), -EINVAL);
	opts.mtu = 1501;
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), -EINVAL);
	opts.mtu = 575;
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), -EINVAL);
	opts.mtu = 1400;
	opts.gateway = addr(IP4(10, 8, 0, 1));
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), -EINVAL);
	opts.gateway = addr(0);
	opts.address = addr(IP4(198, 18, 0, 2));
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), -EEXIST);
	opts.address = addr(IP4(10, 7, 0, 2));
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), 0);
	opts.address = addr(IP4(10, 7, 0, 3));
	cr_expect_eq(baro_vlan_open(core, "port0", &opts), -EEXIST);
	cr_expect_eq(baro_vlan_open(core, "port1", &opts), 0);
}

static struct baro_udp *udp;

static void
ignore(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

/** The interface by which a datagram to @to leaves is seen by the question for its next hop. */
static void
leaves_by(uint32_t to, unsigned i, uint16_t vlan, uint32_t next_hop, uint32_t source)
{
	const struct baro_endpoint ep = { addr(to), 9 };

	if (udp == NULL)
		cr_assert_eq(baro_udp_open(core, &(struct baro_endpoint){ .port = 0 }, ignore, NULL,
				     &udp),
			0);
	n_frames = 0;
	cr_assert_eq(baro_udp_send(udp, &ep, NULL, "x", 1), 0);
	turn();
	cr_assert_eq(n_frames, 1, "to %08x: %u frames", to, n_frames);
	cr_expect_eq(frame[0].port, i);
	cr_expect_eq(frame[0].eth.vlan, vlan);
	cr_expect_eq(frame[0].arp.tpa, next_hop, "to %08x by %08x", to, frame[0].arp.tpa);
	cr_expect_eq(frame[0].arp.spa, source);
}

static struct baro_route
route(uint32_t dest, uint8_t prefix_len, uint32_t gateway, const char *iface)
{
	struct baro_route r = {
		.dest = addr(dest), .prefix_len = prefix_len, .gateway = addr(gateway)
	};

	strcpy(r.iface, iface);
	return r;
}

/* A15: destination, mask, gateway, interface; the interface gives the source */
Test(iface, routes_at_run_time_choose_port_vlan_gateway_and_source)
{
	struct baro_route r;

	open_ports(0);
	open_vlan(100, IP4(10, 100, 0, 2), 0, 0);
	leaves_by(IP4(8, 8, 8, 8), 0, 0, IP4(198, 18, 0, 254), IP4(198, 18, 0, 2));
	leaves_by(IP4(198, 19, 0, 9), 1, 0, IP4(198, 19, 0, 9), IP4(198, 19, 0, 2));
	leaves_by(IP4(10, 100, 0, 9), 0, 100, IP4(10, 100, 0, 9), IP4(10, 100, 0, 2));

	r = route(IP4(172, 16, 0, 0), 12, IP4(198, 19, 0, 77), "");
	cr_expect_eq(baro_route_add(core, &r), 0);
	leaves_by(IP4(172, 16, 5, 5), 1, 0, IP4(198, 19, 0, 77), IP4(198, 19, 0, 2));
	r = route(IP4(172, 20, 0, 0), 16, IP4(10, 100, 0, 78), "port0.100");
	cr_expect_eq(baro_route_add(core, &r), 0);
	leaves_by(IP4(172, 20, 5, 5), 0, 100, IP4(10, 100, 0, 78), IP4(10, 100, 0, 2));
	r = route(IP4(172, 21, 0, 0), 16, 0, "port1");
	cr_expect_eq(baro_route_add(core, &r), 0);
	leaves_by(IP4(172, 21, 5, 5), 1, 0, IP4(172, 21, 5, 5), IP4(198, 19, 0, 2));

	cr_expect_eq(baro_route_add(core, &r), -EEXIST);
	r = route(IP4(172, 22, 0, 0), 16, IP4(198, 19, 0, 79), "port0");
	cr_expect_eq(baro_route_add(core, &r), -ENETUNREACH);
	r = route(IP4(172, 22, 0, 0), 16, IP4(198, 19, 0, 79), "port7");
	cr_expect_eq(baro_route_add(core, &r), -ENOENT);
	cr_expect_eq(baro_route_del(core, &r), -ENOENT);
	r.dest.b[0] = 0x20;
	cr_expect_eq(baro_route_add(core, &r), -EINVAL);

	r = route(0, 0, 0, ""); /* the port's gateway */
	cr_expect_eq(baro_route_del(core, &r), 0);
	cr_expect_eq(baro_udp_send(udp, &(struct baro_endpoint){ addr(IP4(8, 8, 8, 8)), 9 }, NULL,
			     "x", 1),
		-ENETUNREACH);
	r = route(0, 0, IP4(198, 19, 0, 80), "");
	cr_expect_eq(baro_route_add(core, &r), 0);
	leaves_by(IP4(8, 8, 8, 8), 1, 0, IP4(198, 19, 0, 80), IP4(198, 19, 0, 2));
}

Test(iface, routes_can_be_listed)
{
	struct baro_route r = route(IP4(172, 16, 0, 0), 12, IP4(198, 19, 0, 77), "");
	unsigned n_connected = 0;
	unsigned n_found = 0;
	unsigned i;

	r.metric = 12;
	open_ports(0);
	cr_expect_eq(baro_route_add(core, &r), 0);
	for (i = 0; baro_route_read(core, i, &r) == 0; i++) {
		n_connected += r.is_connected;
		if (baro_addr_to_v4(&r.dest) != IP4(172, 16, 0, 0))
			continue;
		n_found++;
		cr_expect_eq(r.prefix_len, 12);
		cr_expect_eq(r.metric, 12);
		cr_expect_eq(baro_addr_to_v4(&r.gateway), IP4(198, 19, 0, 77));
		cr_expect_str_eq(r.iface, "port1");
	}
	cr_expect_eq(i, 4, "two networks, the gateway, and this");
	cr_expect_eq(n_connected, 2);
	cr_expect_eq(n_found, 1);
}

/* A01, A12: at run time */
Test(iface, address_at_run_time_is_announced_answered_for_and_spoken_from)
{
	struct baro_addr more = addr(IP4(10, 0, 0, 7));
	struct baro_iface_addr a;
	const struct frame *f;

	open_ports(0);
	cr_expect_eq(baro_addr_add(core, "port1", &more, 8), 0);
	turn();
	cr_assert_eq(n_frames, 1);
	cr_expect_eq(frame[0].port, 1);
	cr_expect_eq(frame[0].arp.spa, IP4(10, 0, 0, 7));
	cr_expect_eq(frame[0].arp.tpa, IP4(10, 0, 0, 7));
	now_ns += 2 * NS_PER_SEC + NS_PER_MS;
	turn();
	cr_expect_eq(n_frames, 2);
	cr_expect(answers_for(1, 0, IP4(10, 0, 0, 7), IP4(10, 0, 0, 1)));
	cr_expect(answers_for(1, 0, IP4(198, 19, 0, 2), IP4(198, 19, 0, 1)));
	f = ping(1, 0, IP4(10, 0, 0, 7), IP4(10, 0, 0, 1));
	cr_assert_not_null(f);
	cr_expect_eq(f->ip.src, IP4(10, 0, 0, 7));

	cr_expect_eq(baro_addr_read(core, 2, &a), 0);
	cr_expect_str_eq(a.iface, "port1");
	cr_expect_eq(baro_addr_to_v4(&a.addr), IP4(10, 0, 0, 7));
	cr_expect_eq(a.prefix_len, 8);
	cr_expect_eq(a.mtu, 1500);
	cr_expect_eq(baro_addr_read(core, 3, &a), -ERANGE);

	cr_expect_eq(baro_addr_del(core, "port1", &more), 0);
	cr_expect_not(answers_for(1, 0, IP4(10, 0, 0, 7), IP4(10, 0, 0, 1)));
	cr_expect_eq(baro_addr_del(core, "port1", &more), -ENOENT);
	cr_expect_eq(baro_addr_del(core, "port5", &more), -ENOENT);
	cr_expect_eq(baro_addr_add(core, "port5", &more, 8), -ENOENT);
}

/* A14: each address is defended by itself */
Test(iface, every_address_is_defended)
{
	struct baro_addr more = addr(IP4(10, 0, 0, 7));
	uint32_t claimed[] = { IP4(198, 18, 0, 2), IP4(10, 0, 0, 7) };

	open_ports(0);
	cr_assert_eq(baro_addr_add(core, "port0", &more, 8), 0);
	now_ns += 3 * NS_PER_SEC;
	turn();
	for (unsigned i = 0; i < ARRAY_LEN(claimed); i++) {
		uint8_t b[ETH_HDR_LEN + ARP_LEN];

		eth_write(b, &(struct eth_hdr){ MAC_BROADCAST, peer_mac, ETH_TYPE_ARP, 0, 0 });
		arp_write(b + ETH_HDR_LEN, &(struct arp_msg){ .op = ARP_REQUEST,
						   .sha = peer_mac,
						   .spa = claimed[i],
						   .tpa = claimed[i] });
		n_frames = 0;
		for (unsigned k = 0; k < 2; k++)
			cr_assert_eq(baro_port_input(port[0], b, sizeof(b)), 0);
		turn();
		cr_assert_eq(n_frames, 1, "once in ten seconds");
		cr_expect_eq(frame[0].arp.spa, claimed[i]);
	}
}

/** A SYN from a peer to @dst. @return the MSS of the answer */
static uint16_t
mss_told_to(uint16_t vlan, uint32_t dst, uint32_t src)
{
	static uint16_t src_port = 1000;
	uint8_t b[ETH_HDR_LEN + ETH_VLAN_LEN + IPV4_HDR_LEN + TCP_HDR_LEN] = { 0 };
	uint16_t len = eth_hdr_len(vlan);
	uint8_t *p = b + len + IPV4_HDR_LEN;
	struct tcp_hdr h;
	uint16_t sum;

	cr_assert(answers_for(0, vlan, dst, src));
	eth_write(b, &(struct eth_hdr){ mac_of(0), peer_mac, ETH_TYPE_IPV4, vlan, 0 });
	ipv4_write(b + len,
		&(struct ipv4_hdr){ .src = src,
			.dst = dst,
			.total_len = IPV4_HDR_LEN + TCP_HDR_LEN,
			.ttl = 64,
			.proto = IP_PROTO_TCP },
		true);
	tcp_write(p, &(struct tcp_hdr){ .src_port = src_port++, .dst_port = 80, .flags = TCP_SYN });
	sum = cksum_fold(
		cksum_add(cksum_pseudo4(src, dst, IP_PROTO_TCP, TCP_HDR_LEN), p, TCP_HDR_LEN));
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
	n_frames = 0;
	cr_assert_eq(baro_port_input(port[0], b, (size_t)len + IPV4_HDR_LEN + TCP_HDR_LEN), 0);
	turn();
	cr_assert_eq(n_frames, 1);
	cr_assert_eq(tcp_read(frame[0].b + frame[0].eth.len + IPV4_HDR_LEN,
			     frame[0].ip.total_len - (uint32_t)IPV4_HDR_LEN, &h),
		DROP_NONE);
	cr_assert_eq(h.flags, TCP_SYN | TCP_ACK);
	return h.opts.mss;
}

/* H01: jumbo frames, and a VLAN that carries less than its port */
Test(iface, mss_follows_the_mtu_of_the_interface)
{
	static const struct baro_conn_ops ops = { 0 };
	const struct baro_endpoint any = { .port = 80 };
	struct baro_listener *l;

	open_ports(9000);
	open_vlan(100, IP4(10, 100, 0, 2), 0, 1400);
	cr_assert_eq(baro_listen(core, &any, NULL, &ops, NULL, &l), 0);
	cr_expect_eq(mss_told_to(0, IP4(198, 18, 0, 2), IP4(198, 18, 0, 1)), 8960);
	cr_expect_eq(mss_told_to(100, IP4(10, 100, 0, 2), IP4(10, 100, 0, 1)), 1360);
}

static size_t n_received;

static void
count_octets(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	for (size_t i = 0; i < d->len; i++)
		cr_assert_eq(((const uint8_t *)d->data)[i], (uint8_t)(i % 251));
	n_received += d->len;
}

/* R02: a frame of 9,000 octets lies in several buffers */
Test(iface, jumbo_frames_are_received_whole)
{
	static uint8_t b[ETH_HDR_LEN + 9000];
	const struct baro_endpoint any = { .port = 80 };
	const uint16_t len = 9000 - IPV4_HDR_LEN;
	uint8_t *p = b + ETH_HDR_LEN + IPV4_HDR_LEN;
	struct baro_udp *u;
	uint16_t sum;

	open_ports(9000);
	cr_assert_eq(baro_udp_open(core, &any, count_octets, NULL, &u), 0);
	eth_write(b, &(struct eth_hdr){ mac_of(0), peer_mac, ETH_TYPE_IPV4, 0, 0 });
	ipv4_write(b + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = IP4(198, 18, 0, 1),
			.dst = IP4(198, 18, 0, 2),
			.total_len = 9000,
			.ttl = 64,
			.proto = IP_PROTO_UDP },
		true);
	for (unsigned i = 0; i < len - UDP_HDR_LEN; i++)
		p[UDP_HDR_LEN + i] = (uint8_t)(i % 251);
	udp_write(p, &(struct udp_hdr){ 1, 80, len, false });
	sum = cksum_fold(cksum_add(
		cksum_pseudo4(IP4(198, 18, 0, 1), IP4(198, 18, 0, 2), IP_PROTO_UDP, len), p, len));
	memcpy(p + UDP_SUM_AT, &sum, sizeof(sum));
	cr_assert_eq(baro_port_input(port[0], b, sizeof(b)), 0);
	turn();
	cr_expect_eq(n_received, len - UDP_HDR_LEN);
	cr_expect_eq(baro_port_input(port[0], b, sizeof(b) + 5), -EMSGSIZE);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Frames that are not for us, over a whole core: the first step of runtime/rx.c. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <string.h>

#include "kit/host.h"
#include "socket/stack.h"

static struct baro_core *core;
static struct baro_port *port;
static unsigned n_frames;
static struct counters before;

static void
transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
	n_frames++;
}

static struct env *
env(void)
{
	return &stack_of(core)->env;
}

static void
begin(uint16_t vlan)
{
	struct baro_port_opts opts = {
		.transmit = transmit,
		.address = baro_addr_from_v4(OUR_IP),
		.mac = { 0x02, 0, 0, 0, 0, 2 },
		.vlan = vlan,
	};

	cr_assert_eq(baro_core_create(NULL, AT_S(0), &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	baro_core_poll(core, AT_S(0)); /* announces itself */
	n_frames = 0;
}

static void
setup(void)
{
	begin(0);
}

static void
teardown(void)
{
	struct baro_usage usage;

	baro_usage_read(core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers left", usage.mbufs);
	baro_core_destroy(core);
}

TestSuite(frames, .init = setup, .fini = teardown);

static struct octets
frame_of(struct eth_hdr eth, const struct octets *payload)
{
	struct octets o = { .len = eth_hdr_len(eth.vlan) + payload->len };

	eth.src = PEER_MAC;
	eth_write(o.b, &eth);
	memcpy(o.b + eth_hdr_len(eth.vlan), payload->b, payload->len);
	return o;
}

static void
hear(const struct octets *o)
{
	before = counters_of(env());
	n_frames = 0;
	cr_assert_eq(baro_port_input(port, o->b, o->len), 0);
	baro_core_poll(core, AT_S(0));
}

/* Dropped in silence for this reason, and no other counter moves. */
static void
is_dropped(const char *name, const struct octets *o, enum drop why)
{
	hear(o);
	cr_expect_eq(n_frames, 0, "%s", name);
	expect_counters(&before, env(), DROPPED(why, 1), COUNTED(STAT_RX_PACKETS, 1),
		COUNTED(STAT_RX_OCTETS, o->len));
}

static struct octets
who_has_us(struct mac dst, uint16_t type, uint16_t vlan)
{
	struct arp_msg msg = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);
	struct octets payload = arp_octets(&msg);

	return frame_of((struct eth_hdr){ .dst = dst, .type = type, .vlan = vlan }, &payload);
}

/* A01, A16 */
Test(frames, frames_for_us_and_for_everybody_are_taken)
{
	static const struct mac dst[] = {
		{ { 0x02, 0, 0, 0, 0, 2 } },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
	};

	for (unsigned i = 0; i < ARRAY_LEN(dst); i++) {
		struct octets o = who_has_us(dst[i], ETH_TYPE_ARP, 0);

		hear(&o);
		cr_expect_eq(n_frames, 1);
	}
}

/* A16 */
Test(frames, frame_for_another_host_is_dropped)
{
	struct octets o = who_has_us(PEER2_MAC, ETH_TYPE_ARP, 0);

	is_dropped("ARP", &o, DROP_ETH_NOT_OURS);
	o = who_has_us(PEER2_MAC, ETH_TYPE_IPV4, 0);
	is_dropped("IPv4", &o, DROP_ETH_NOT_OURS);
}

/* A16 */
Test(frames, frame_of_another_protocol_is_dropped)
{
	static const uint16_t type[] = { 0x86dd, 0x88cc, 0x8847, 0xffff, 0, 46, 1500, 0x0801 };
	struct octets o;

	for (unsigned i = 0; i < ARRAY_LEN(type); i++) {
		o = who_has_us(OUR_MAC, type[i], 0);
		is_dropped("type or length", &o, DROP_ETH_TYPE);
	}
}

/* A16 */
Test(frames, frame_shorter_than_its_header_is_dropped)
{
	struct octets whole = who_has_us(OUR_MAC, ETH_TYPE_ARP, 0);

	for (uint32_t len = 1; len < ETH_HDR_LEN; len++) {
		whole.len = len;
		is_dropped("short", &whole, DROP_ETH_SHORT);
	}
	whole = who_has_us(OUR_MAC, ETH_TYPE_ARP, 9);
	for (uint32_t len = ETH_HDR_LEN; len < ETH_HDR_LEN + ETH_VLAN_LEN; len++) {
		whole.len = len;
		is_dropped("short tag", &whole, DROP_ETH_SHORT);
	}
}

/* A16 */
Test(frames, frame_of_a_vlan_is_not_for_an_untagged_port)
{
	struct octets o = who_has_us(OUR_MAC, ETH_TYPE_ARP, 9);

	is_dropped("VLAN 9", &o, DROP_ETH_VLAN);
}

/* A16 */
Test(frames, tagged_port_takes_its_own_vlan_only)
{
	struct octets o;

	baro_core_destroy(core);
	begin(9);
	o = who_has_us(OUR_MAC, ETH_TYPE_ARP, 0);
	is_dropped("untagged", &o, DROP_ETH_VLAN);
	o = who_has_us(OUR_MAC, ETH_TYPE_ARP, 10);
	is_dropped("VLAN 10", &o, DROP_ETH_VLAN);
	o = who_has_us(OUR_MAC, ETH_TYPE_ARP, 9);
	hear(&o);
	cr_expect_eq(n_frames, 1);
}

/* A08 */
Test(frames, arp_cut_short_is_dropped)
{
	struct octets o = who_has_us(OUR_MAC, ETH_TYPE_ARP, 0);

	while (--o.len >= ETH_HDR_LEN)
		is_dropped("ARP", &o, DROP_ARP_SHORT);
}

/* D04: a datagram for us alone has no business in a frame for everybody, and is not answered */
Test(frames, packet_for_us_in_a_frame_for_everybody_is_dropped)
{
	static const struct mac dst[] = {
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
		{ { 0x01, 0x00, 0x5e, 0, 0, 1 } },
	};
	struct octets data = some_octets(10);
	struct octets datagram = udp_octets(1000, 9, &data);
	struct octets packet = ip_octets(&(struct ipv4_hdr){ .proto = IP_PROTO_UDP }, &datagram);

	for (unsigned i = 0; i < ARRAY_LEN(dst); i++) {
		struct octets o =
			frame_of((struct eth_hdr){ .dst = dst[i], .type = ETH_TYPE_IPV4 }, &packet);

		hear(&o);
		cr_expect_eq(n_frames, 0);
		expect_counters(&before, env(), DROPPED(DROP_IP_BROADCAST_FRAME, 1),
			COUNTED(STAT_RX_PACKETS, 1), COUNTED(STAT_RX_OCTETS, o.len),
			COUNTED(STAT_IP_IN, 1));
	}
}

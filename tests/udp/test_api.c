/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP as applications see it: baro/udp.h over a whole core and a port of two functions. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "kit/host.h"

enum { HEARD_MAX = 16 };

/* What the callbacks were told. */
struct heard {
	struct baro_udp *by;
	struct baro_endpoint from;
	struct baro_endpoint to;
	struct octets data;
};

static struct baro_core *core;
static struct baro_port *port;
static struct heard heard[HEARD_MAX];
static unsigned n_heard;
static struct octets frame[HEARD_MAX]; /* that left, of IPv4 */
static unsigned n_frames;

static void
transmit(const struct iovec *iov, int n, void *user)
{
	struct octets *o = &frame[n_frames];

	(void)user;
	o->len = 0;
	for (int i = 0; i < n; i++) {
		memcpy(o->b + o->len, iov[i].iov_base, iov[i].iov_len);
		o->len += (uint32_t)iov[i].iov_len;
	}
	if (o->b[12] == 0x08 && o->b[13] == 0x00 && n_frames < HEARD_MAX - 1)
		n_frames++;
}

static void
turn(void)
{
	baro_core_poll(core, AT_S(0));
}

/* A frame from PEER_IP. */
static void
hear_frame(const void *payload, uint32_t len, uint16_t type, struct mac dst)
{
	uint8_t b[OCTETS_MAX];

	eth_write(b, &(struct eth_hdr){ .dst = dst, .src = PEER_MAC, .type = type });
	memcpy(b + ETH_HDR_LEN, payload, len);
	cr_assert_eq(baro_port_input(port, b, ETH_HDR_LEN + len), 0);
}

static void
hear_datagram(uint32_t dst, uint16_t dst_port, uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets datagram = udp_octets_between(PEER_IP, dst, 1000, dst_port, &data);
	struct octets o =
		ip_octets(&(struct ipv4_hdr){ .dst = dst, .proto = IP_PROTO_UDP }, &datagram);

	hear_frame(o.b, o.len, ETH_TYPE_IPV4, dst == OUR_IP ? OUR_MAC : MAC_BROADCAST);
}

static void
begin(uint16_t mtu)
{
	struct arp_msg ask = arp_who_has(OUR_IP, PEER_IP, PEER_MAC);
	struct octets o = arp_octets(&ask);
	struct baro_port_opts opts = {
		.transmit = transmit,
		.address = baro_addr_from_v4(OUR_IP),
		.prefix_len = 24,
		.mac = { 0x02, 0, 0, 0, 0, 2 },
		.mtu = mtu,
	};

	cr_assert_eq(baro_core_create(NULL, AT_S(0), &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	hear_frame(o.b, o.len, ETH_TYPE_ARP, MAC_BROADCAST);
	turn();
}

static void
setup(void)
{
	begin(1500);
}

static void
teardown(void)
{
	struct baro_usage usage;

	turn();
	baro_usage_read(core, &usage);
	cr_expect_eq(usage.mbufs, 0, "%u buffers left", usage.mbufs);
	baro_core_destroy(core);
}

TestSuite(udp_api, .init = setup, .fini = teardown);

static void
listen_to(struct baro_udp *u, const struct baro_datagram *d)
{
	struct heard *at = &heard[n_heard % HEARD_MAX];

	*at = (struct heard){ .by = u, .from = d->from, .to = d->to };
	at->data.len = (uint32_t)d->len;
	if (d->len != 0)
		memcpy(at->data.b, d->data, d->len);
	n_heard++;
}

static struct baro_endpoint
endpoint(uint32_t addr, uint16_t at_port)
{
	struct baro_endpoint ep = { .port = at_port };

	if (addr != 0)
		ep.addr = baro_addr_from_v4(addr);
	return ep;
}

static struct baro_udp *
open_at(uint32_t addr, uint16_t at_port, baro_udp_received received)
{
	struct baro_endpoint local = endpoint(addr, at_port);
	struct baro_udp *u = NULL;

	cr_assert_eq(baro_udp_open(core, &local, received, &heard, &u), 0);
	return u;
}

/* E03, E10 */
Test(udp_api, datagrams_are_handed_over_one_by_one)
{
	struct baro_udp *u = open_at(0, 7, listen_to);

	for (uint32_t len = 0; len < 5; len++)
		hear_datagram(OUR_IP, 7, len);
	turn();
	cr_expect_eq(n_heard, 5);
	for (uint32_t len = 0; len < 5; len++) {
		struct octets data = some_octets(len);

		cr_expect_eq(heard[len].by, u);
		cr_expect_eq(baro_addr_to_v4(&heard[len].from.addr), PEER_IP);
		cr_expect_eq(heard[len].from.port, 1000);
		cr_expect_eq(baro_addr_to_v4(&heard[len].to.addr), OUR_IP);
		cr_expect_eq(heard[len].to.port, 7);
		cr_expect_eq(heard[len].data.len, len);
		cr_expect_eq(memcmp(heard[len].data.b, data.b, len), 0);
	}
	cr_expect_eq(baro_udp_user(u), &heard);
	cr_expect_eq(baro_udp_core(u), core);
	baro_udp_close(u);
}

/* B09 */
Test(udp_api, broadcasts_are_heard)
{
	struct baro_udp *u = open_at(0, 7, listen_to);

	hear_datagram(BCAST_IP, 7, 5);
	hear_datagram(IPV4_BROADCAST, 7, 6);
	turn();
	cr_expect_eq(n_heard, 2);
	cr_expect_eq(baro_addr_to_v4(&heard[0].to.addr), BCAST_IP);
	baro_udp_close(u);
}

/* R02: the callback sees it in one piece */
Test(udp_api, datagram_in_several_buffers_is_put_together)
{
	struct octets data = some_octets(8900);
	struct baro_udp *u;

	baro_core_destroy(core);
	begin(9000);
	u = open_at(0, 7, listen_to);
	hear_datagram(OUR_IP, 7, 8900);
	turn();
	cr_assert_eq(n_heard, 1);
	cr_expect_eq(heard[0].data.len, 8900);
	cr_expect_eq(memcmp(heard[0].data.b, data.b, 8900), 0);
	baro_udp_close(u);
}

static void
answer(struct baro_udp *u, const struct baro_datagram *d)
{
	n_heard++;
	cr_expect_eq(baro_udp_send(u, &d->from, &d->to, d->data, d->len), 0);
}

/* E04 */
Test(udp_api, answer_sent_in_the_callback_leaves_in_the_same_turn)
{
	struct baro_udp *u = open_at(0, 7, answer);
	struct octets data = some_octets(100);
	struct ipv4_hdr ip;

	hear_datagram(OUR_IP, 7, 100);
	turn();
	cr_assert_eq(n_frames, 1);
	cr_assert_eq(ipv4_read(frame[0].b + 14, frame[0].len - 14, frame[0].len - 14, false, &ip),
		DROP_NONE);
	cr_expect_eq(ip.src, OUR_IP);
	cr_expect_eq(ip.dst, PEER_IP);
	cr_expect_eq(memcmp(frame[0].b + 42, data.b, 100), 0);
	baro_udp_close(u);
}

/* E04 B09 */
Test(udp_api, answer_to_a_broadcast_leaves_from_our_own_address)
{
	struct baro_udp *u = open_at(0, 7, answer);
	struct ipv4_hdr ip;

	hear_datagram(BCAST_IP, 7, 100);
	hear_datagram(IPV4_BROADCAST, 7, 100);
	turn();
	cr_assert_eq(n_frames, 2);
	for (unsigned i = 0; i < 2; i++) {
		cr_assert_eq(ipv4_read(frame[i].b + 14, frame[i].len - 14, frame[i].len - 14, false,
				     &ip),
			DROP_NONE);
		cr_expect_eq(ip.src, OUR_IP);
		cr_expect_eq(ip.dst, PEER_IP);
	}
	baro_udp_close(u);
}

static void
close_self(struct baro_udp *u, const struct baro_datagram *d)
{
	listen_to(u, d);
	baro_udp_close(u);
	baro_udp_close(u);
	cr_expect_eq(((const uint8_t *)d->data)[0], 1, "still ours until we return");
}

Test(udp_api, socket_may_be_closed_in_its_own_callback)
{
	open_at(0, 7, close_self);
	for (unsigned i = 0; i < 3; i++)
		hear_datagram(OUR_IP, 7, 5);
	turn();
	cr_expect_eq(n_heard, 1);
	hear_datagram(OUR_IP, 7, 5);
	turn();
	cr_expect_eq(n_heard, 1);
	baro_udp_close(open_at(0, 7, listen_to)); /* the port is free again */
}

static struct baro_udp *victim;

static void
close_other(struct baro_udp *u, const struct baro_datagram *d)
{
	listen_to(u, d);
	if (victim != NULL)
		baro_udp_close(victim);
	victim = NULL;
}

Test(udp_api, another_socket_may_be_closed_in_a_callback)
{
	struct baro_udp *first = open_at(0, 7, close_other);

	victim = open_at(0, 8, listen_to);
	hear_datagram(OUR_IP, 7, 1);
	hear_datagram(OUR_IP, 8, 2);
	hear_datagram(OUR_IP, 7, 3);
	turn();
	cr_expect_eq(n_heard, 2);
	baro_udp_close(first);
}

static void
replace_self(struct baro_udp *u, const struct baro_datagram *d)
{
	listen_to(u, d);
	baro_udp_close(u);
	victim = open_at(0, 7, listen_to);
}

Test(udp_api, socket_may_be_replaced_in_its_own_callback)
{
	open_at(0, 7, replace_self);
	hear_datagram(OUR_IP, 7, 1);
	turn();
	hear_datagram(OUR_IP, 7, 2);
	turn();
	cr_expect_eq(n_heard, 2);
	cr_expect_eq(heard[1].by, victim);
	baro_udp_close(victim);
}

Test(udp_api, local_endpoint_is_told)
{
	struct baro_udp *any = open_at(0, 0, listen_to);
	struct baro_udp *ours = open_at(OUR_IP, 99, listen_to);
	struct baro_endpoint ep;

	baro_udp_local(any, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), 0);
	cr_expect_neq(ep.port, 0);
	baro_udp_local(ours, &ep);
	cr_expect_eq(baro_addr_to_v4(&ep.addr), OUR_IP);
	cr_expect_eq(ep.port, 99);
	baro_udp_close(any);
	baro_udp_close(ours);
}

Test(udp_api, what_cannot_be_opened_is_refused)
{
	struct baro_udp *u = open_at(0, 7, listen_to);
	struct baro_udp *none = NULL;
	struct baro_endpoint ep = endpoint(0, 7);

	cr_expect_eq(baro_udp_open(core, &ep, listen_to, NULL, &none), -EADDRINUSE);
	ep = endpoint(PEER_IP, 8);
	cr_expect_eq(baro_udp_open(core, &ep, listen_to, NULL, &none), -EADDRNOTAVAIL);
	ep = (struct baro_endpoint){ .addr.b = { 0x20, 1 }, .port = 8 };
	cr_expect_eq(baro_udp_open(core, &ep, listen_to, NULL, &none), -EADDRNOTAVAIL);
	cr_expect_null(none);
	baro_udp_close(u);
}

Test(udp_api, what_cannot_be_sent_is_refused)
{
	struct baro_udp *u = open_at(0, 7, listen_to);
	struct baro_endpoint peer = endpoint(PEER_IP, 9);
	struct baro_endpoint far = endpoint(FAR_IP, 9);
	struct baro_endpoint v6 = { .addr.b = { 0x20, 1 }, .port = 9 };
	static const uint8_t data[70000];

	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1473), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, sizeof(data)), -EMSGSIZE);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_DF, 1), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1472), 0);
	cr_expect_eq(baro_udp_send(u, &peer, NULL, data, 1473), -EMSGSIZE); /* C11 */
	cr_expect_eq(baro_udp_set(u, BARO_UDP_DF, 2), -EINVAL);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_TTL, 256), -EINVAL);
	cr_expect_eq(baro_udp_set(u, BARO_UDP_TOS, -1), -EINVAL);
	cr_expect_eq(baro_udp_set(u, (enum baro_udp_option)99, 0), -EINVAL);
	cr_expect_eq(baro_udp_send(u, &far, NULL, data, 1), -ENETUNREACH);
	cr_expect_eq(baro_udp_send(u, &v6, NULL, data, 1), -ENETUNREACH);
	cr_expect_eq(baro_udp_send(u, &peer, &far, data, 1), -EADDRNOTAVAIL);
	cr_expect_eq(baro_udp_send(u, &peer, &v6, data, 1), -EADDRNOTAVAIL);
	baro_udp_close(u);
}

/* The core's end closes what the application left open. */
Test(udp_api, socket_left_open_ends_with_the_core)
{
	open_at(0, 7, listen_to);
}

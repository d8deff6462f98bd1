/* SPDX-License-Identifier: BSD-3-Clause */

/* A two-function port of IP packets. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "wire/ipv4.h"

enum { OURS = 0xc6120002, THEIRS = 0xc6130001 };

static struct baro_core *core;
static struct baro_port *port;
static uint8_t out[9000];
static size_t out_len;
static unsigned n_out;

static void
transmit(const struct iovec *packet, int n, void *user)
{
	cr_expect_eq(user, &n_out);
	n_out++;
	out_len = 0;
	for (int i = 0; i < n; out_len += packet[i++].iov_len)
		memcpy(out + out_len, packet[i].iov_base, packet[i].iov_len);
}

static const struct baro_port_opts opts = {
	.transmit = transmit,
	.user = &n_out,
	.prefix_len = 24,
	.is_ip = true,
};

static void
setup(void)
{
	struct baro_port_opts o = opts;

	o.address = baro_addr_from_v4(OURS);
	o.gateway = baro_addr_from_v4(OURS + 1);
	cr_assert_eq(baro_core_create(NULL, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &o, &port), 0);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(ipport, .init = setup, .fini = teardown);

static void
turn(void)
{
	do
		baro_core_poll(core, 1000);
	while (baro_core_next_deadline(core) <= 1000);
}

Test(ipport, packets_come_and_go_without_link_header_and_arp)
{
	const struct baro_endpoint any = { .port = 0 };
	const struct baro_endpoint to = { baro_addr_from_v4(THEIRS), 53 };
	struct baro_udp *u;

	turn();
	cr_expect_eq(n_out, 0, "announcements stay inside");
	cr_assert_eq(baro_udp_create(core, &(const struct baro_udp_ops){ 0 }, NULL, &u), 0);
	cr_assert_eq(baro_udp_bind(u, &any), 0);
	cr_assert_eq(baro_udp_send(u, &to, NULL, "hello", 5), 0);
	turn();
	cr_expect_eq(n_out, 1);
	cr_expect_eq(out_len, IPV4_HDR_LEN + 8 + 5, "no padding: %zu", out_len);
	cr_expect_eq(out[0], 0x45);
	cr_expect_eq(memcmp(out + 28, "hello", 5), 0);
}

Test(ipport, a_packet_is_answered)
{
	uint8_t echo[IPV4_HDR_LEN + 8] = { 0 };

	ipv4_write(echo,
		&(struct ipv4_hdr){ .src = THEIRS,
			.dst = OURS,
			.total_len = sizeof(echo),
			.ttl = 64,
			.proto = IP_PROTO_ICMP },
		true);
	echo[IPV4_HDR_LEN] = 8;
	echo[IPV4_HDR_LEN + 2] = 0xf7; /* the checksum of nothing else */
	echo[IPV4_HDR_LEN + 3] = 0xff;
	cr_expect_eq(baro_port_input(port, echo, sizeof(echo)), 0);
	turn();
	cr_expect_eq(n_out, 1);
	cr_expect_eq(out_len, sizeof(echo));
	cr_expect_eq(out[IPV4_HDR_LEN], 0); /* echo reply */
}

Test(ipport, what_cannot_be_is_refused)
{
	static uint8_t packet[1501];
	struct baro_port_opts o = opts;

	cr_expect_eq(baro_port_input(port, packet, sizeof(packet)), -EMSGSIZE);
	o.address = baro_addr_from_v4(OURS + 256);
	o.vlan = 7;
	cr_expect_eq(baro_port_open(core, &o, &port), -EINVAL);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Neighbours at run time (baro/neigh.h), and what conflict detection tells of addresses. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/env.h"
#include "base/time.h"
#include "wire/arp.h"
#include "wire/eth.h"

static const struct mac peer_mac = { { 2, 0, 0, 0, 0, 0x77 } };
static struct baro_core *core;
static struct baro_port *port;
static uint64_t now_ns;
static unsigned n_frames;
static struct eth_hdr last;

static void
transmit(const struct iovec *iov, int n, void *user)
{
	(void)n;
	(void)user;
	n_frames++;
	cr_assert_eq(eth_read(iov[0].iov_base, (uint32_t)iov[0].iov_len, &last), DROP_NONE);
}

static void
begin(enum baro_switch acd)
{
	const struct baro_config config = { .core.seed = 1, .neighbour.acd = acd };
	struct baro_port_opts opts = { .transmit = transmit };

	now_ns = 0;
	baro_addr_parse("198.18.0.2", &opts.address);
	cr_assert_eq(baro_core_create(&config, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	baro_core_poll(core, now_ns);
}

static void
setup(void)
{
	begin(BARO_OFF);
}

static void
teardown(void)
{
	baro_core_destroy(core);
}

TestSuite(neigh_api, .init = setup, .fini = teardown);

static struct baro_addr
addr(const char *text)
{
	struct baro_addr a;

	cr_assert_eq(baro_addr_parse(text, &a), 0);
	return a;
}

static int
add(const char *iface, const char *text)
{
	struct baro_addr a = addr(text);

	return baro_neigh_add(core, iface, &a, peer_mac.b);
}

static int
del(const char *iface, const char *text)
{
	struct baro_addr a = addr(text);

	return baro_neigh_del(core, iface, &a);
}

static void
run_ms(uint64_t ms)
{
	uint64_t end = now_ns + ms * NS_PER_MS;
	uint64_t next;

	while ((next = baro_core_next_deadline(core)) <= end) {
		now_ns = next > now_ns ? next : now_ns + 1;
		baro_core_poll(core, now_ns);
	}
	now_ns = end;
	baro_core_poll(core, now_ns);
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

static int
send_to(const char *text)
{
	const struct baro_endpoint any = { .port = 0 };
	struct baro_endpoint to = { addr(text), 9 };
	struct baro_udp *u;
	int rc;

	cr_assert_eq(baro_udp_open(core, &any, received, NULL, &u), 0);
	n_frames = 0;
	rc = baro_udp_send(u, &to, NULL, "x", 1);
	baro_core_poll(core, now_ns);
	baro_udp_close(u);
	return rc;
}

Test(neigh_api, added_neighbour_is_used_until_it_is_deleted)
{
	cr_expect_eq(add("port0", "198.18.0.9"), 0);
	cr_expect_eq(add("", "198.18.0.9"), 0);
	cr_expect_eq(send_to("198.18.0.9"), 0);
	cr_expect_eq(n_frames, 1);
	cr_expect_eq(last.type, ETH_TYPE_IPV4);
	cr_expect(mac_eq(last.dst, peer_mac));
	cr_expect_eq(del(NULL, "198.18.0.9"), 0);
	cr_expect_eq(send_to("198.18.0.9"), 0);
	cr_expect_eq(last.type, ETH_TYPE_ARP);
}

Test(neigh_api, impossible_entries_are_refused)
{
	static const uint8_t none[6], group[6] = { 1, 0, 0x5e, 0, 0, 1 };
	struct baro_addr a = addr("198.18.0.9");
	struct baro_addr six = { .b = { 0x20, 1 } };

	cr_expect_eq(baro_neigh_add(core, "", &a, none), -EINVAL);
	cr_expect_eq(baro_neigh_add(core, "", &a, group), -EINVAL);
	cr_expect_eq(baro_neigh_add(core, "", &six, peer_mac.b), -EINVAL);
	cr_expect_eq(add("", "198.18.0.2"), -EINVAL);
	cr_expect_eq(add("", "198.18.0.255"), -EINVAL);
	cr_expect_eq(add("", "224.0.0.1"), -EINVAL);
	cr_expect_eq(add("", "10.0.0.1"), -ENOENT);
	cr_expect_eq(add("port1", "198.18.0.9"), -ENOENT);
	cr_expect_eq(del("port1", "198.18.0.9"), -ENOENT);
	cr_expect_eq(del("", "198.18.0.9"), -ENOENT);
}

Test(neigh_api, neighbours_can_be_listed_with_their_states)
{
	struct baro_addr first = addr("198.18.0.9");
	struct baro_neigh n;
	uint32_t at = 0;
	unsigned seen = 0;

	cr_expect_eq(baro_neigh_next(core, &at, &n), -ERANGE);
	cr_assert_eq(add("", "198.18.0.9"), 0);
	cr_assert_eq(send_to("198.18.0.10"), 0);
	for (at = 0; baro_neigh_next(core, &at, &n) == 0; seen++) {
		bool is_first = memcmp(&n.addr, &first, sizeof(first)) == 0;

		cr_expect_str_eq(n.iface, "port0");
		cr_expect_eq(n.state, is_first ? BARO_NEIGH_STATIC : BARO_NEIGH_INCOMPLETE);
		cr_expect_eq(n.n_parked, is_first ? 0 : 1);
		cr_expect_eq(memcmp(n.mac, peer_mac.b, 6) == 0, is_first);
	}
	cr_expect_eq(seen, 2);
	/* A06: and the caller hears of it */
	run_ms(4000);
	at = 0;
	cr_expect_eq(baro_neigh_next(core, &at, &n), 0);
	cr_expect_eq(baro_neigh_next(core, &at, &n), 0);
	cr_expect_eq(n.state, BARO_NEIGH_FAILED);
	cr_expect_eq(send_to("198.18.0.10"), -EHOSTUNREACH);
}

static enum baro_addr_state
state(void)
{
	struct baro_iface_addr a;

	cr_assert_eq(baro_addr_read(core, 0, &a), 0);
	return a.state;
}

/** Another host says that our address is his. */
static void
claim(void)
{
	uint8_t b[ETH_HDR_LEN + ARP_LEN];
	struct arp_msg msg = { .op = ARP_REQUEST, .sha = peer_mac };
	struct baro_addr ours = addr("198.18.0.2");

	msg.spa = msg.tpa = baro_addr_to_v4(&ours);
	eth_write(b, &(struct eth_hdr){ MAC_BROADCAST, peer_mac, ETH_TYPE_ARP, 0, 0 });
	arp_write(b + ETH_HDR_LEN, &msg);
	cr_assert_eq(baro_port_input(port, b, sizeof(b)), 0);
	now_ns += 1000;
	baro_core_poll(core, now_ns);
}

/* A11, A14 */
Test(neigh_api, probing_and_giving_up_can_be_seen)
{
	baro_core_destroy(core);
	begin(BARO_ON);
	cr_expect_eq(state(), BARO_ADDR_PROBING);
	cr_expect_eq(send_to("198.18.0.9"), -ENETUNREACH);
	run_ms(10000);
	cr_expect_eq(state(), BARO_ADDR_IN_USE);
	cr_expect_eq(send_to("198.18.0.9"), 0);
	claim();
	cr_expect_eq(state(), BARO_ADDR_IN_USE);
	claim();
	cr_expect_eq(state(), BARO_ADDR_GIVEN_UP);
	cr_expect_eq(send_to("198.18.0.9"), -ENETUNREACH);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Groups by the options of ip(7): who hears what, what routers are told, and where it leaves. */

#include <baro/iface.h>

#include "sock_kit.h"

#include "wire/ipv4.h"
#include "wire/udp.h"

#define GROUP      0xef010203u /* 239.1.2.3 */
#define GROUP2     0xef010204u
#define VLAN_ADDR  (LAB_ADDR + 0x10000)
#define OTHER_ADDR (LAB_ADDR + 7)

enum { PORT = 5000 };

static struct lab l;
static int fd;

static void
setup(void)
{
	const struct baro_addr other = baro_addr_from_v4(OTHER_ADDR);
	const struct baro_vlan_opts vlan = { .vlan = 9, .address = baro_addr_from_v4(VLAN_ADDR) };

	sock_lab_open(&l, NULL);
	cr_assert_eq(baro_vlan_open(l.core, "port0", &vlan), 0);
	cr_assert_eq(baro_addr_add(l.core, "port0", &other, 24), 0);
	fd = baro_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(baro_sock_bind(fd, ADDR(INADDR_ANY, PORT)), 0);
	lab_poll(&l);
	lab_forget(&l);
}

static void
teardown(void)
{
	lab_skip_all(&l);
	lab_close(&l);
}

TestSuite(sock_group, .init = setup, .fini = teardown);

static int
set(int name, const void *value, socklen_t len)
{
	return baro_sock_setsockopt(fd, IPPROTO_IP, name, value, len);
}

/** By interface: an address, a number, or neither. */
static int
member(int name, uint32_t group, uint32_t addr, int number)
{
	const struct ip_mreqn m = {
		.imr_multiaddr.s_addr = htonl(group),
		.imr_address.s_addr = htonl(addr),
		.imr_ifindex = number,
	};

	return set(name, &m, number != 0 ? sizeof(m) : sizeof(struct ip_mreq));
}

static int
set_iface(uint32_t addr)
{
	const struct in_addr in = { .s_addr = htonl(addr) };

	return set(IP_MULTICAST_IF, &in, sizeof(in));
}

/** A datagram from the peer to a group. */
static void
arrives(uint32_t group)
{
	uint8_t b[UDP_HDR_LEN + 1] = { 0 };
	const struct udp_hdr h = { .src_port = 9, .dst_port = PORT, .len = sizeof(b) };

	udp_write(b, &h);
	lab_recv_ip(&l, LAB_PEER, group, IP_PROTO_UDP, b, sizeof(b));
}

static bool
has_heard(void)
{
	char b[8];

	return baro_sock_recv(fd, b, sizeof(b), 0) == 1;
}

static bool
is_arp(const struct lab_frame *f)
{
	return get_u16(f->octets + (f->octets[12] == 0x81 ? 16 : 12)) == ETH_TYPE_ARP;
}

/** The header of the next packet that leaves, and whether it is tagged. */
static struct ipv4_hdr
leaves(bool is_tagged)
{
	const struct lab_frame *f;
	struct ipv4_hdr h = { 0 };
	uint32_t at = is_tagged ? ETH_HDR_LEN + 4 : ETH_HDR_LEN;

	lab_poll(&l);
	do
		f = lab_next_frame(&l);
	while (is_arp(f)); /* the addresses are announced meanwhile */
	cr_assert_eq(f->octets[12] == 0x81, is_tagged);
	h.ttl = f->octets[at + 8];
	h.proto = f->octets[at + 9];
	h.src = get_u32(f->octets + at + 12);
	h.dst = get_u32(f->octets + at + 16);
	return h;
}

static void
sends(uint32_t group)
{
	cr_expect_eq(baro_sock_sendto(fd, "x", 1, 0, ADDR(group, 9)), 1, "%s", strerror(errno));
}

Test(sock_group, a_member_hears_until_it_leaves_and_routers_are_told)
{
	arrives(GROUP);
	cr_expect_not(has_heard());
	cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, LAB_ADDR, 0), 0, "%s", strerror(errno));
	cr_expect_eq(leaves(false).proto, IP_PROTO_IGMP);
	arrives(GROUP);
	cr_expect(has_heard());
	arrives(GROUP2);
	cr_expect_not(has_heard());
	lab_forget(&l);
	cr_expect_eq(member(IP_DROP_MEMBERSHIP, GROUP, LAB_ADDR, 0), 0);
	cr_expect_eq(leaves(false).proto, IP_PROTO_IGMP);
	arrives(GROUP);
	cr_expect_not(has_heard());
}

/* Each way to name port0; the same one is what is left by another way, or by none. */
Test(sock_group, interfaces_go_by_address_by_number_or_by_route)
{
	static const struct {
		uint32_t addr;
		int number;
	} rows[] = { { 0, 0 }, { LAB_ADDR, 0 }, { OTHER_ADDR, 0 }, { 0, 1 }, { VLAN_ADDR, 1 } };

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, rows[i].addr, rows[i].number), 0);
		arrives(GROUP);
		cr_expect(has_heard(), "row %u", i);
		fails(member(IP_ADD_MEMBERSHIP, GROUP, 0, 1), EADDRINUSE);
		fails(member(IP_DROP_MEMBERSHIP, GROUP, VLAN_ADDR, 0), EADDRNOTAVAIL);
		cr_expect_eq(member(IP_DROP_MEMBERSHIP, GROUP, i % 2 != 0 ? LAB_ADDR : 0, 0), 0);
	}
	cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, 0, 2), 0);
	arrives(GROUP);
	cr_expect_not(has_heard(), "a member in the VLAN alone");
	cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, 0, 1), 0, "in another interface, too");
}

Test(sock_group, what_cannot_be_is_refused_as_linux_does)
{
	const struct ip_mreq m = { .imr_multiaddr.s_addr = htonl(GROUP) };
	struct ip_mreqn out;
	socklen_t len = sizeof(out);

	fails(member(IP_ADD_MEMBERSHIP, LAB_PEER, 0, 0), EINVAL);
	fails(member(IP_ADD_MEMBERSHIP, LAB_PEER, LAB_PEER, 0), EINVAL);
	fails(member(IP_ADD_MEMBERSHIP, GROUP, LAB_PEER, 0), ENODEV);
	fails(member(IP_ADD_MEMBERSHIP, GROUP, 0, 3), ENODEV);
	fails(member(IP_ADD_MEMBERSHIP, GROUP, 0, -1), ENODEV);
	fails(set(IP_ADD_MEMBERSHIP, &m, sizeof(m) - 1), EINVAL);
	fails(set(IP_ADD_MEMBERSHIP, NULL, sizeof(m)), EFAULT);
	fails(member(IP_DROP_MEMBERSHIP, GROUP, 0, 0), EADDRNOTAVAIL);
	fails(member(IP_DROP_MEMBERSHIP, GROUP, 0, 3), EADDRNOTAVAIL);
	fails(member(IP_DROP_MEMBERSHIP, GROUP, LAB_PEER, 0), EADDRNOTAVAIL);
	fails(set_iface(LAB_PEER), EADDRNOTAVAIL);
	fails(baro_sock_getsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &out, &len), ENOPROTOOPT);
	for (uint32_t i = 0; i < 256; i++)
		cr_assert_eq(member(IP_ADD_MEMBERSHIP, GROUP + i, 0, 0), 0);
	fails(member(IP_ADD_MEMBERSHIP, GROUP + 256, 0, 0), ENOBUFS);
}

/* RFC 1112 §6.1 */
Test(sock_group, what_is_sent_has_the_ttl_and_leaves_by_the_interface)
{
	const struct ip_mreqn vlan = { .imr_ifindex = 2 };
	struct in_addr in = { .s_addr = 1 };
	socklen_t len = sizeof(in);
	struct ipv4_hdr h;
	int ttl = 7;

	sends(GROUP);
	h = leaves(false);
	cr_expect_eq(h.ttl, 1);
	cr_expect_eq(h.src, LAB_ADDR);
	cr_expect_eq(set(IP_MULTICAST_TTL, &ttl, sizeof(ttl)), 0);
	cr_expect_eq(set_iface(VLAN_ADDR), 0);
	sends(GROUP);
	h = leaves(true);
	cr_expect_eq(h.ttl, 7);
	cr_expect_eq(h.src, VLAN_ADDR);
	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &in, &len), 0);
	cr_expect_eq(ntohl(in.s_addr), VLAN_ADDR);
	cr_expect_eq(set_iface(OTHER_ADDR), 0);
	sends(GROUP);
	cr_expect_eq(leaves(false).src, OTHER_ADDR, "the address that names it");
	cr_expect_eq(set(IP_MULTICAST_IF, &vlan, sizeof(vlan)), 0);
	sends(GROUP);
	cr_expect_eq(leaves(true).src, VLAN_ADDR, "the interface's own");
	cr_expect_eq(set_iface(INADDR_ANY), 0);
	sends(GROUP);
	cr_expect_eq(leaves(false).src, LAB_ADDR);
	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &in, &len), 0);
	cr_expect_eq(in.s_addr, 0);
}

Test(sock_group, the_address_of_a_bound_socket_stays_its_source)
{
	fd = baro_socket(AF_INET, SOCK_DGRAM, 0);
	cr_assert_eq(baro_sock_bind(fd, ADDR(LAB_ADDR, PORT + 1)), 0);
	cr_expect_eq(set_iface(OTHER_ADDR), 0);
	sends(GROUP);
	cr_expect_eq(leaves(false).src, LAB_ADDR);
}

/* RFC 1112 §6.1; an octet is enough, as on BSD */
Test(sock_group, our_members_hear_us_unless_loop_is_off)
{
	const uint8_t off = 0;
	uint8_t octet = 9;
	socklen_t len = 1;

	cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, 0, 0), 0);
	cr_expect_eq(baro_sock_sendto(fd, "x", 1, 0, ADDR(GROUP, PORT)), 1);
	lab_poll(&l);
	lab_poll(&l);
	cr_expect(has_heard());
	cr_expect_eq(set(IP_MULTICAST_LOOP, &off, sizeof(off)), 0);
	cr_expect_eq(baro_sock_getsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &octet, &len), 0);
	cr_expect_eq(octet, 0);
	cr_expect_eq(len, 1);
	cr_expect_eq(baro_sock_sendto(fd, "x", 1, 0, ADDR(GROUP, PORT)), 1);
	lab_poll(&l);
	lab_poll(&l);
	cr_expect_not(has_heard());
	fails(set(IP_MULTICAST_LOOP, &off, 0), EINVAL);
}

Test(sock_group, closing_leaves)
{
	cr_expect_eq(member(IP_ADD_MEMBERSHIP, GROUP, 0, 0), 0);
	lab_poll(&l);
	lab_forget(&l);
	cr_expect_eq(baro_sock_close(fd), 0);
	cr_expect_eq(leaves(false).proto, IP_PROTO_IGMP);
}

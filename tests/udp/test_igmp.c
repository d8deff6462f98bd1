/* SPDX-License-Identifier: BSD-3-Clause */

/* What routers are told of our groups: RFC 3376 §5, §7; RFC 2236 §3; RFC 1112. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ip/group.h"
#include "rig.h"
#include "wire/igmp.h"

#define GROUP_IP IP4(239, 1, 2, 3)
#define OTHER_IP IP4(239, 1, 2, 4)

static struct baro_udp *u;

static void
setup(void)
{
	rig_begin(NULL, 1500);
	u = rig_open(0, 7, NULL);
}

static void
teardown(void)
{
	baro_udp_close(u);
	rig_end();
}

TestSuite(igmp, .init = setup, .fini = teardown);

static void
join(uint32_t group)
{
	struct baro_addr a = baro_addr_from_v4(group);

	cr_assert_eq(baro_udp_join(u, &a, NULL), 0);
}

static void
leave(uint32_t group)
{
	struct baro_addr a = baro_addr_from_v4(group);

	cr_assert_eq(baro_udp_leave(u, &a, NULL), 0);
}

/** The @i-th packet is an IGMP message as RFC 3376 §4 wants it. */
static const uint8_t *
message(unsigned i, uint32_t dst)
{
	const struct rig_sent *s = &rig.sent[i];

	cr_assert_lt(i, rig.n_sent, "message %u was not sent", i);
	cr_expect_eq(s->ip.proto, IP_PROTO_IGMP);
	cr_expect_eq(s->ip.ttl, 1);
	cr_expect_eq(s->ip.tos, 0xc0);
	cr_expect_eq(s->ip.hdr_len, 24);
	cr_expect_eq(s->frame.b[ETH_HDR_LEN + 20], 148, "Router Alert");
	cr_expect_eq(s->ip.src, OUR_IP);
	cr_expect_eq(s->ip.dst, dst);
	cr_expect(mac_eq(s->dst, mac_of_group(dst)));
	cr_expect_eq(cksum_fold(cksum_add(0, s->data, s->ip.total_len - 24u)), 0);
	return s->data;
}

/** It is a report of version 3 of one record. */
static void
is_record(unsigned i, enum igmp_record type, uint32_t group)
{
	const uint8_t *p = message(i, IPV4_IGMP);

	cr_expect_eq(p[0], IGMP_V3_REPORT);
	cr_expect_eq(get_u16(p + 6), 1);
	cr_expect_eq(p[8], type, "record %u", p[8]);
	cr_expect_eq(get_u16(p + 10), 0, "sources");
	cr_expect_eq(get_u32(p + 12), group);
}

static void
is_short(unsigned i, uint8_t type, uint32_t group, uint32_t dst)
{
	const uint8_t *p = message(i, dst);

	cr_expect_eq(rig.sent[i].ip.total_len, 24 + 8);
	cr_expect_eq(p[0], type);
	cr_expect_eq(p[1], 0);
	cr_expect_eq(get_u32(p + 4), group);
}

/** Who speaks: a router or a host, or nobody: a switch that only listens in. */
static uint32_t from = PEER_IP;

static void
has_no_source(struct octets *packet)
{
	uint16_t sum = 0;

	memset(packet->b + 12, 0, 4);
	memcpy(packet->b + 10, &sum, sizeof(sum));
	sum = cksum_fold(cksum_add(0, packet->b, IPV4_HDR_LEN));
	memcpy(packet->b + 10, &sum, sizeof(sum));
}

/** A message of @len octets comes. */
static void
hear(const uint8_t *message_octets, uint32_t len, uint32_t dst)
{
	struct octets o = { .len = len };
	struct octets packet;
	uint16_t sum;

	memcpy(o.b, message_octets, len);
	sum = cksum_fold(cksum_add(0, o.b, len));
	memcpy(o.b + 2, &sum, sizeof(sum));
	packet = ip_octets(&(struct ipv4_hdr){ .dst = dst, .ttl = 1, .proto = IP_PROTO_IGMP }, &o);
	if (from == 0)
		has_no_source(&packet);
	rig_frame(packet.b, packet.len, ETH_TYPE_IPV4, mac_of_group(dst));
	rig_turn();
}

static void
hear_query(unsigned version, uint8_t tenths, uint32_t group)
{
	uint8_t q[12] = { IGMP_QUERY, tenths, 0, 0, (uint8_t)(group >> 24), (uint8_t)(group >> 16),
		(uint8_t)(group >> 8), (uint8_t)group, 2, 125 };

	hear(q, version == 3 ? 12 : 8, group != 0 ? group : IPV4_ALL_HOSTS);
}

Test(igmp, joining_is_told_twice)
{
	join(GROUP_IP);
	rig_turn();
	cr_expect_eq(rig.n_sent, 1);
	is_record(0, IGMP_TO_EXCLUDE, GROUP_IP);
	rig_until(AT_MS(1001)); /* RFC 3376 §8.11 */
	cr_expect_eq(rig.n_sent, 2);
	is_record(1, IGMP_TO_EXCLUDE, GROUP_IP);
	rig_until(AT_S(600));
	cr_expect_eq(rig.n_sent, 2);
}

Test(igmp, only_the_first_member_and_the_last_are_told)
{
	struct baro_udp *other = rig_open(0, 8, NULL);
	struct baro_addr a = baro_addr_from_v4(GROUP_IP);

	join(GROUP_IP);
	rig_until(AT_S(2));
	cr_assert_eq(baro_udp_join(other, &a, NULL), 0);
	rig_until(AT_S(4));
	cr_expect_eq(rig.n_sent, 2);
	leave(GROUP_IP);
	rig_until(AT_S(6));
	cr_expect_eq(rig.n_sent, 2);
	baro_udp_close(other);
	rig_until(AT_S(8));
	cr_expect_eq(rig.n_sent, 4);
	is_record(2, IGMP_TO_INCLUDE, GROUP_IP);
	is_record(3, IGMP_TO_INCLUDE, GROUP_IP);
}

Test(igmp, group_joined_again_while_it_is_left)
{
	join(GROUP_IP);
	rig_until(AT_S(2));
	leave(GROUP_IP);
	join(GROUP_IP);
	rig_hear(GROUP_IP, 7, 1);
	rig_until(AT_S(4));
	cr_expect_eq(rig.n_heard, 1);
	cr_expect_eq(rig.n_sent, 5);
	is_record(2, IGMP_TO_INCLUDE, GROUP_IP);
	is_record(3, IGMP_TO_EXCLUDE, GROUP_IP);
	is_record(4, IGMP_TO_EXCLUDE, GROUP_IP);
}

Test(igmp, all_hosts_is_never_reported)
{
	join(IPV4_ALL_HOSTS);
	hear_query(3, 1, 0);
	rig_hear(IPV4_ALL_HOSTS, 7, 1);
	rig_until(AT_S(2));
	leave(IPV4_ALL_HOSTS);
	rig_until(AT_S(4));
	cr_expect_eq(rig.n_sent, 0);
	cr_expect_eq(rig.n_heard, 1);
}

/* RFC 3376 §5.2 */
Test(igmp, general_query_is_answered_by_one_report_of_all)
{
	const uint8_t *p;

	join(GROUP_IP);
	join(OTHER_IP);
	rig_until(AT_S(2));
	rig.n_sent = 0;
	hear_query(3, 100, 0);
	cr_expect_eq(rig.n_sent, 0, "not at once");
	rig_until(AT_S(12) + NS_PER_MS);
	cr_assert_eq(rig.n_sent, 1);
	p = message(0, IPV4_IGMP);
	cr_expect_eq(get_u16(p + 6), 2);
	cr_expect_eq(p[8], IGMP_IS_EXCLUDE);
	cr_expect_eq(get_u32(p + 12) ^ get_u32(p + 20), GROUP_IP ^ OTHER_IP);
}

Test(igmp, many_groups_take_several_reports)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < 100; i++) {
		join(IP4(239, 0, 0, i));
		rig_turn();
		rig.n_sent = 0;
	}
	rig_until(AT_S(2));
	rig.n_sent = 0;
	hear_query(3, 10, 0);
	rig_until(AT_S(4));
	cr_assert_eq(rig.n_sent, 2);
	for (unsigned i = 0; i < 2; i++)
		n += get_u16(message(i, IPV4_IGMP) + 6);
	cr_expect_eq(n, 100);
}

/* RFC 4541: a switch without an address asks from 0.0.0.0; all else from there is dropped */
Test(igmp, query_from_nobody_is_answered)
{
	struct octets packet = { .len = 0 };

	join(GROUP_IP);
	rig_until(AT_S(10));
	rig.n_sent = 0;
	from = 0;
	hear_query(3, 100, 0);
	rig_until(AT_S(30));
	cr_expect_eq(rig.n_sent, 1);
	is_record(0, IGMP_IS_EXCLUDE, GROUP_IP);
	packet = ip_octets(&(struct ipv4_hdr){ .dst = GROUP_IP, .ttl = 1, .proto = IP_PROTO_UDP },
		&(struct octets){ .len = 8 });
	has_no_source(&packet);
	rig_frame(packet.b, packet.len, ETH_TYPE_IPV4, mac_of_group(GROUP_IP));
	rig_turn();
	cr_expect_eq(rig_drops(DROP_IP_SOURCE), 1);
}

/* RFC 3376 §5.2: asked for some of its sources, a group that is wanted from all is wanted */
Test(igmp, query_for_sources_is_answered_for_the_group)
{
	uint8_t q[16] = { IGMP_QUERY, 10, 0, 0, GROUP_IP >> 24, GROUP_IP >> 16 & 0xff,
		GROUP_IP >> 8 & 0xff, GROUP_IP & 0xff, 2, 125, 0, 1, 198, 18, 0, 77 };

	join(GROUP_IP);
	join(OTHER_IP);
	rig_until(AT_S(10));
	rig.n_sent = 0;
	hear(q, sizeof(q), GROUP_IP);
	rig_until(AT_S(30));
	cr_expect_eq(rig.n_sent, 1);
	is_record(0, IGMP_IS_EXCLUDE, GROUP_IP);
}

Test(igmp, query_for_a_group_is_answered_for_it_alone)
{
	join(GROUP_IP);
	join(OTHER_IP);
	rig_until(AT_S(2));
	rig.n_sent = 0;
	hear_query(3, 10, GROUP_IP);
	rig_until(AT_S(3) + NS_PER_MS);
	cr_expect_eq(rig.n_sent, 1);
	is_record(0, IGMP_IS_EXCLUDE, GROUP_IP);
}

/* RFC 2236 §3 */
Test(igmp, querier_of_version_2_is_spoken_to_in_version_2)
{
	hear_query(2, 100, 0);
	join(GROUP_IP);
	rig_until(AT_S(11));
	cr_expect_eq(rig.n_sent, 2);
	is_short(0, IGMP_V2_REPORT, GROUP_IP, GROUP_IP);
	is_short(1, IGMP_V2_REPORT, GROUP_IP, GROUP_IP);
	leave(GROUP_IP);
	rig_until(AT_S(20));
	cr_expect_eq(rig.n_sent, 3);
	is_short(2, IGMP_LEAVE, GROUP_IP, IPV4_ALL_ROUTERS);
}

Test(igmp, another_member_s_report_is_enough_in_version_2)
{
	uint8_t report[8] = { IGMP_V2_REPORT, 0, 0, 0, 239, 1, 2, 3 };

	hear_query(2, 100, 0);
	join(GROUP_IP);
	rig_until(AT_S(12));
	rig.n_sent = 0;
	hear_query(2, 100, 0);
	hear(report, sizeof(report), GROUP_IP);
	rig_until(AT_S(30));
	cr_expect_eq(rig.n_sent, 0);
	leave(GROUP_IP);
	rig_until(AT_S(40));
	cr_expect_eq(rig.n_sent, 0, "who reported last will tell");
}

Test(igmp, querier_of_version_1_hears_no_leaving)
{
	hear_query(1, 0, 0);
	join(GROUP_IP);
	rig_until(AT_S(11));
	is_short(0, IGMP_V1_REPORT, GROUP_IP, GROUP_IP);
	rig.n_sent = 0;
	hear_query(1, 0, 0);
	rig_until(AT_S(22));
	cr_expect_eq(rig.n_sent, 1);
	is_short(0, IGMP_V1_REPORT, GROUP_IP, GROUP_IP);
	leave(GROUP_IP);
	rig_until(AT_S(30));
	cr_expect_eq(rig.n_sent, 1);
}

/* RFC 3376 §8.12: twice 125 s and 10 s */
Test(igmp, version_3_returns_when_the_old_querier_has_gone)
{
	hear_query(2, 100, 0);
	rig_until(AT_S(259));
	join(GROUP_IP);
	rig_until(AT_S(261));
	is_short(0, IGMP_V2_REPORT, GROUP_IP, GROUP_IP);
	rig.n_sent = 0;
	leave(GROUP_IP);
	rig_turn();
	is_record(0, IGMP_TO_INCLUDE, GROUP_IP);
}

Test(igmp, robustness_is_the_querier_s)
{
	uint8_t q[12] = { IGMP_QUERY, 1, 0, 0, 0, 0, 0, 0, 4, 125 };

	hear(q, sizeof(q), IPV4_ALL_HOSTS);
	rig_until(AT_S(1)); /* its answer, if it has one, has left */
	join(GROUP_IP);
	rig_until(AT_S(5));
	cr_expect_eq(rig.n_sent, 4, "%u reports", rig.n_sent);
}

Test(igmp, what_is_malformed_is_dropped_by_name)
{
	uint8_t q[12] = { IGMP_QUERY, 10 };
	struct octets o = { .len = 8, .b = { IGMP_QUERY, 10 } };
	struct octets packet;

	for (uint32_t len = 0; len < 8; len++)
		hear(q, len < 4 ? 4 : len, IPV4_ALL_HOSTS);
	cr_expect_eq(rig_drops(DROP_IGMP_SHORT), 8);
	packet = ip_octets(&(struct ipv4_hdr){ .dst = IPV4_ALL_HOSTS, .proto = IP_PROTO_IGMP }, &o);
	rig_frame(packet.b, packet.len, ETH_TYPE_IPV4, mac_of_group(IPV4_ALL_HOSTS));
	rig_turn();
	cr_expect_eq(rig_drops(DROP_IGMP_CHECKSUM), 1);
	q[0] = 0x99;
	hear(q, 8, IPV4_ALL_HOSTS);
	cr_expect_eq(rig_drops(DROP_IGMP_TYPE), 1);
}

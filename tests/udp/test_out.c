/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP out: RFC 768, 1122 §4.1.3. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

static struct host *h;
static struct udp_sock sock;
static struct counters before;

static void
begin(const struct host_opts *opts)
{
	h = host_new(opts);
	host_meet(h, PEER_IP, PEER_MAC);
	memset(&sock, 0, sizeof(sock));
	cr_assert_eq(udp_bind(&h->udp, &sock, 0, 53), 0);
	before = counters_of(&h->env);
}

static void
setup(void)
{
	begin(NULL);
}

static void
begin_anew(const struct host_opts *opts)
{
	host_delete(h);
	begin(opts);
}

static void
teardown(void)
{
	udp_unbind(&h->udp, &sock);
	host_delete(h);
}

TestSuite(udp_out, .init = setup, .fini = teardown);

static int
emit(uint32_t dst, uint32_t len)
{
	static uint8_t data[UDP_TEXT_MAX + 1];
	struct octets some = some_octets(min_u32(len, OCTETS_MAX));

	memcpy(data, some.b, some.len);
	return udp_output(
		&h->udp, &sock, &(struct udp_to){ .dst = dst, .port = 1000 }, data, len, h->now_ns);
}

static const struct sent *
sends(uint32_t len)
{
	const struct sent *s = host_sent(h);
	struct octets data = some_octets(len);

	cr_expect(mac_eq(s->eth.dst, PEER_MAC));
	cr_expect_eq(s->ip.src, OUR_IP);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->ip.proto, IP_PROTO_UDP);
	cr_expect_eq(s->udp.src_port, 53);
	cr_expect_eq(s->udp.dst_port, 1000);
	cr_expect_eq(s->len, len);
	cr_expect_eq(memcmp(s->data, data.b, len), 0, "%u octets", len);
	return s;
}

/* E01, E03, E10 */
Test(udp_out, datagrams_of_any_size_up_to_the_mtu_leave)
{
	for (uint32_t len = 0; len <= 1472; len++) {
		cr_expect_eq(emit(PEER_IP, len), 0);
		sends(len);
	}
	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 1473), COUNTED(STAT_UDP_OUT, 1473));
}

/* C11 */
Test(udp_out, datagram_longer_than_the_mtu_is_refused_if_it_may_not_be_cut)
{
	sock.has_df = true;
	cr_expect_eq(emit(PEER_IP, 1473), -EMSGSIZE);
	cr_expect_eq(emit(PEER_IP, UDP_TEXT_MAX), -EMSGSIZE);
	host_sends_nothing(h);
	expect_no_counter(&before, &h->env);
	cr_expect_eq(emit(PEER_IP, 1472), 0);
	cr_expect_eq(sends(1472)->ip.frag, IPV4_DF);
}

Test(udp_out, datagram_of_more_than_65507_octets_is_refused)
{
	cr_expect_eq(emit(PEER_IP, UDP_TEXT_MAX + 1), -EMSGSIZE);
	host_sends_nothing(h);
	expect_no_counter(&before, &h->env);
}

/* B06, B12 */
Test(udp_out, ttl_and_dscp_are_the_socket_s)
{
	const struct sent *s;

	sock.ttl = 3;
	sock.tos = 46 << 2;
	cr_expect_eq(emit(PEER_IP, 10), 0);
	s = sends(10);
	cr_expect_eq(s->ip.ttl, 3);
	cr_expect_eq(s->ip.tos, 46 << 2);
}

/* R02: longer than one buffer */
Test(udp_out, jumbo_datagrams_leave_in_chains)
{
	begin_anew(&(struct host_opts){ .mtu = 9000 });
	for (uint32_t len = 2030; len <= 8972; len += 401) {
		cr_expect_eq(emit(PEER_IP, len), 0);
		cr_expect_geq(sends(len)->n_segs, 1 + (len > 2040));
	}
	cr_expect_eq(emit(PEER_IP, 8972), 0);
	sends(8972);
}

/* E01, R05: whoever computes it */
Test(udp_out, datagram_is_the_same_with_any_offload)
{
	struct octets plain;
	const struct sent *s;

	cr_expect_eq(emit(PEER_IP, 333), 0);
	plain = sends(333)->frame;
	for (unsigned bits = 0; bits < 4; bits++) {
		begin_anew(&(struct host_opts){
			.can = { .tx_ip_sum = bits & 1, .tx_udp_sum = (bits & 2) != 0 },
		});
		cr_expect_eq(emit(PEER_IP, 333), 0);
		s = sends(333);
		cr_expect_eq((s->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0, (bits & 1) != 0);
		cr_expect_eq((s->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_UDP_CKSUM,
			(bits & 2) != 0);
		cr_expect_eq(s->tx_offload, rte_mbuf_tx_offload(ETH_HDR_LEN, IPV4_HDR_LEN,
						    (bits & 2) != 0 ? UDP_HDR_LEN : 0, 0, 0, 0, 0));
		cr_expect_eq(s->frame.len, plain.len);
		cr_expect_eq(memcmp(s->frame.b, plain.b, plain.len), 0, "offloads %u", bits);
	}
}

/* E01 */
Test(udp_out, checksum_of_zero_is_sent_as_all_ones)
{
	uint8_t data[2] = { 0 };
	uint16_t sum;

	cr_assert_eq(udp_output(&h->udp, &sock, &(struct udp_to){ .dst = PEER_IP, .port = 1000 },
			     data, 2, h->now_ns),
		0);
	memcpy(data, host_sent(h)->data - UDP_HDR_LEN + UDP_SUM_AT, 2);
	cr_assert_eq(udp_output(&h->udp, &sock, &(struct udp_to){ .dst = PEER_IP, .port = 1000 },
			     data, 2, h->now_ns),
		0);
	memcpy(&sum, host_sent(h)->data - UDP_HDR_LEN + UDP_SUM_AT, 2);
	cr_expect_eq(sum, 0xffff);
}

/* E04 */
Test(udp_out, reply_leaves_from_the_address_that_the_request_came_to)
{

	host_add_netif(h, IP4(10, 0, 0, 1), 8, 0);
	cr_assert_eq(
		udp_output(&h->udp, &sock,
			&(struct udp_to){ .dst = PEER_IP, .src = IP4(10, 0, 0, 1), .port = 1000 },
			"x", 1, h->now_ns),
		0);
	cr_expect_eq(host_sent(h)->ip.src, IP4(10, 0, 0, 1));
	cr_assert_eq(emit(PEER_IP, 1), 0);
	cr_expect_eq(host_sent(h)->ip.src, OUR_IP);
}

Test(udp_out, bound_socket_sends_from_its_address)
{
	static struct udp_sock bound = { .owner = NULL };

	host_add_netif(h, IP4(10, 0, 0, 1), 8, 0);
	cr_assert_eq(udp_bind(&h->udp, &bound, IP4(10, 0, 0, 1), 99), 0);
	cr_assert_eq(udp_output(&h->udp, &bound, &(struct udp_to){ .dst = PEER_IP, .port = 1000 },
			     "x", 1, h->now_ns),
		0);
	cr_expect_eq(host_sent(h)->ip.src, IP4(10, 0, 0, 1));
}

/* B09 */
Test(udp_out, broadcasts_may_be_sent)
{
	cr_expect_eq(emit(BCAST_IP, 5), -EACCES);
	sock.may_broadcast = true;
	cr_expect_eq(emit(BCAST_IP, 5), 0);
	cr_expect(mac_eq(host_sent(h)->eth.dst, MAC_BROADCAST));
	cr_expect_eq(emit(IPV4_BROADCAST, 5), 0);
	cr_expect(mac_eq(host_sent(h)->eth.dst, MAC_BROADCAST));
}

/* The remembered path is forgotten when it should be */
Test(udp_out, each_datagram_goes_where_it_is_sent)
{
	struct octets data = some_octets(4);

	host_meet(h, PEER2_IP, PEER2_MAC);
	for (unsigned i = 0; i < 4; i++) {
		cr_expect_eq(emit(PEER_IP, 4), 0);
		cr_expect(mac_eq(host_sent(h)->eth.dst, PEER_MAC));
		cr_expect_eq(emit(PEER2_IP, data.len), 0);
		cr_expect(mac_eq(host_sent(h)->eth.dst, PEER2_MAC));
	}
}

Test(udp_out, addresses_without_a_path_are_refused)
{
	begin_anew(&(struct host_opts){ .has_no_gateway = true });
	cr_expect_eq(emit(FAR_IP, 5), -ENETUNREACH);
	cr_expect_eq(emit(0, 5), -ENETUNREACH);
	cr_expect_eq(emit(IP4(240, 0, 0, 1), 5), -ENETUNREACH);
	expect_no_counter(&before, &h->env);
	cr_expect_eq(emit(PEER_IP, 5), 0);
}

Test(udp_out, path_of_an_earlier_datagram_is_not_mistaken_for_a_missing_one)
{
	begin_anew(&(struct host_opts){ .has_no_gateway = true });
	cr_expect_eq(emit(PEER_IP, 5), 0);
	cr_expect_eq(emit(FAR_IP, 5), -ENETUNREACH);
	cr_expect_eq(emit(FAR_IP, 5), -ENETUNREACH);
	cr_expect_eq(host_n_sent(h), 1);
}

/* A06 */
Test(udp_out, host_that_does_not_answer_arp_is_unreachable)
{
	cr_expect_eq(emit(PEER2_IP, 5), 0);
	host_until(h, AT_MS(3010));
	before = counters_of(&h->env);
	cr_expect_eq(emit(PEER2_IP, 5), -EHOSTUNREACH);
	expect_no_counter(&before, &h->env);
	host_until(h, AT_MS(9000));
	cr_expect_eq(emit(PEER2_IP, 5), 0);
}

Test(udp_out, without_room_for_the_neighbour_there_are_no_buffers)
{
	begin_anew(&(struct host_opts){ .config.neighbour.max_entries = 1 });
	cr_expect_eq(emit(PEER2_IP, 5), -ENOBUFS);
	cr_expect_eq(emit(PEER_IP, 5), 0);
}

/* R03 */
Test(udp_out, without_buffers_it_says_so_and_recovers)
{
	struct rte_mbuf *held[4096];
	unsigned n = 0;

	begin_anew(&(struct host_opts){ .mtu = 9000 });
	while ((held[n] = rte_pktmbuf_alloc(h->pool.text)) != NULL)
		n++;
	pkt_release(held[--n]);
	pkt_release(held[--n]);
	before = counters_of(&h->env);
	cr_expect_eq(emit(PEER_IP, 8000), -ENOBUFS);
	expect_counters(&before, &h->env, DROPPED(DROP_NO_MBUF, 1));
	cr_expect_eq(emit(PEER_IP, 4000), 0); /* what was begun has been given back */
	cr_expect_eq(emit(PEER_IP, 1000), -ENOBUFS);
	cr_expect_eq(emit(PEER_IP, 100), 0);
	while (n > 0)
		pkt_release(held[--n]);
}

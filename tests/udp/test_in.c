/* SPDX-License-Identifier: BSD-3-Clause */

/* UDP in: RFC 768, 1122 §4.1.3. */

#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

static struct host *h;
static struct udp_sock sock;
static struct counters before;

static void
setup(void)
{
	h = host_new(NULL);
	cr_assert_eq(udp_bind(&h->udp, &sock, 0, 53), 0);
	before = counters_of(&h->env);
}

static void
teardown(void)
{
	udp_unbind(&h->udp, &sock);
	host_delete(h);
}

TestSuite(udp_in, .init = setup, .fini = teardown);

static struct octets
packet_of(const struct octets *datagram)
{
	return ip_octets(&(struct ipv4_hdr){ .proto = IP_PROTO_UDP }, datagram);
}

static struct octets
packet(uint32_t len)
{
	struct octets data = some_octets(len);
	struct octets datagram = udp_octets(1000, 53, &data);

	return packet_of(&datagram);
}

static void
gives(struct udp_sock *s, const struct octets *data)
{
	uint8_t flat[OCTETS_MAX];
	struct rte_mbuf *m = udp_take(&h->udp, s);
	const struct udp_note *note;

	cr_assert_not_null(m);
	note = udp_note(m);
	cr_expect_eq(note->src, PEER_IP);
	cr_expect_eq(note->src_port, 1000);
	cr_expect_eq(note->len, data->len);
	cr_expect_eq(m->pkt_len, data->len);
	if (data->len != 0)
		cr_expect_eq(
			memcmp(rte_pktmbuf_read(m, 0, data->len, flat), data->b, data->len), 0);
	pkt_release(m);
}

static void
is_delivered(const struct octets *o, const struct octets *data)
{
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, o), DROP_NONE);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_UDP_IN, 1));
	gives(&sock, data);
	cr_expect_null(udp_take(&h->udp, &sock));
}

static void
is_dropped(const char *name, const struct octets *o, enum drop why)
{
	enum drop verdict;

	before = counters_of(&h->env);
	verdict = host_ip(h, o);
	cr_expect_eq(verdict, why, "%s: %u instead of %u", name, verdict, why);
	host_sends_nothing(h);
	cr_expect_null(udp_take(&h->udp, &sock));
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(why, 1));
}

/* E03 */
Test(udp_in, datagrams_of_any_size_are_delivered)
{
	for (uint32_t len = 0; len <= 1472; len++) {
		struct octets data = some_octets(len);
		struct octets o = packet(len);

		is_delivered(&o, &data);
	}
}

Test(udp_in, socket_is_ready_while_datagrams_wait)
{
	struct octets data = some_octets(3);
	struct octets o = packet(3);

	cr_expect(list_is_empty(&h->udp.ready));
	host_ip(h, &o);
	host_ip(h, &o);
	cr_expect_eq(list_first(&h->udp.ready), &sock.ready);
	gives(&sock, &data);
	cr_expect_eq(list_first(&h->udp.ready), &sock.ready);
	gives(&sock, &data);
	cr_expect(list_is_empty(&h->udp.ready));
}

/* E04: the address that a reply must leave from */
Test(udp_in, note_tells_the_address_that_was_written_to)
{
	struct octets data = some_octets(3);
	struct octets datagram = udp_octets_between(PEER_IP, BCAST_IP, 1000, 53, &data);
	struct octets o =
		ip_octets(&(struct ipv4_hdr){ .dst = BCAST_IP, .proto = IP_PROTO_UDP }, &datagram);
	struct rte_mbuf *m;

	cr_expect_eq(host_ip(h, &o), DROP_NONE); /* B09 */
	m = udp_take(&h->udp, &sock);
	cr_assert_not_null(m);
	cr_expect_eq(udp_note(m)->dst, BCAST_IP);
	pkt_release(m);
}

/* E01 */
Test(udp_in, wrong_checksum_is_dropped)
{
	for (uint32_t at = IPV4_HDR_LEN; at < IPV4_HDR_LEN + UDP_HDR_LEN + 33; at++) {
		struct octets o = packet(33);

		if (at >= IPV4_HDR_LEN + 4 && at < IPV4_HDR_LEN + 6)
			continue; /* the length, of which test below */
		o.b[at] ^= 0x10;
		is_dropped("checksum", &o, DROP_UDP_CHECKSUM);
	}
}

/* E01: the pseudo-header counts */
Test(udp_in, datagram_meant_for_another_address_is_dropped)
{
	struct octets data = some_octets(33);
	struct octets datagram = udp_octets_between(PEER_IP, PEER2_IP, 1000, 53, &data);
	struct octets o = packet_of(&datagram);

	is_dropped("pseudo-header", &o, DROP_UDP_CHECKSUM);
}

/* E01 */
Test(udp_in, checksum_of_zero_is_none)
{
	struct octets data = some_octets(33);
	struct octets o = packet(33);

	memset(o.b + IPV4_HDR_LEN + UDP_SUM_AT, 0, 2);
	is_delivered(&o, &data);
}

/* E01: a datagram that sums up to zero bears all ones */
Test(udp_in, checksum_of_all_ones_is_one)
{
	struct octets data = { .len = 2 };
	struct octets datagram;
	struct octets o;
	uint16_t sum;

	datagram = udp_octets(1000, 53, &data);
	memcpy(data.b, datagram.b + UDP_SUM_AT, 2);
	datagram = udp_octets(1000, 53, &data);
	memcpy(&sum, datagram.b + UDP_SUM_AT, 2);
	cr_assert_eq(sum, 0xffff);
	o = packet_of(&datagram);
	is_delivered(&o, &data);
}

/* E01, R05 */
Test(udp_in, checksum_that_the_port_found_good_is_not_looked_at_again)
{
	struct octets o = packet(33);
	struct rte_mbuf *m;

	h->port.can.rx_l4_sum = true;
	o.b[o.len - 1] ^= 1;
	m = host_chain(h, &o, o.len, 0);
	m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	cr_expect_eq(host_ip_mbuf(h, m), DROP_NONE);
	m = host_chain(h, &o, o.len, 0);
	m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_BAD;
	cr_expect_eq(host_ip_mbuf(h, m), DROP_UDP_CHECKSUM);
	m = host_chain(h, &o, o.len, 0);
	cr_expect_eq(host_ip_mbuf(h, m), DROP_UDP_CHECKSUM);
}

/* E02 */
Test(udp_in, datagram_cut_in_its_header_is_dropped)
{
	for (uint32_t len = 0; len < UDP_HDR_LEN; len++) {
		struct octets text = some_octets(len);
		struct octets o = packet_of(&text);

		is_dropped("short", &o, DROP_UDP_SHORT);
	}
}

static struct octets
packet_with_len(uint16_t len, uint32_t n_octets)
{
	struct octets data = some_octets(n_octets);
	struct octets datagram = udp_octets(1000, 53, &data);

	udp_write(datagram.b, &(struct udp_hdr){ .src_port = 1000, .dst_port = 53, .len = len });
	return packet_of(&datagram);
}

/* E02 */
Test(udp_in, length_that_contradicts_the_packet_is_dropped)
{
	struct octets o;

	for (uint16_t len = 0; len < UDP_HDR_LEN; len++) {
		o = packet_with_len(len, 10);
		is_dropped("below the header", &o, DROP_UDP_SHORT);
	}
	o = packet_with_len(19, 10);
	is_dropped("one more than there is", &o, DROP_UDP_SHORT);
	o = packet_with_len(65535, 10);
	is_dropped("much more than there is", &o, DROP_UDP_SHORT);
}

/* E02 */
Test(udp_in, octets_beyond_the_length_are_not_delivered)
{
	struct octets data = some_octets(10);

	for (uint32_t more = 0; more < 100; more++) {
		struct octets o = packet_with_len(18, 10 + more);

		is_delivered(&o, &data);
	}
}

/* E02, R02: they may lie in mbufs of their own */
Test(udp_in, octets_beyond_the_length_go_from_a_scattered_datagram)
{
	struct octets data = some_octets(150);
	struct octets o = packet_with_len(158, 200);

	for (uint32_t first = 0; first <= o.len; first++) {
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 9)), DROP_NONE);
		gives(&sock, &data);
	}
}

/* R02 */
Test(udp_in, datagram_split_anywhere_is_delivered)
{
	struct octets data = some_octets(150);
	struct octets o = packet(150);

	for (uint32_t first = 0; first <= o.len; first++) {
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 0)), DROP_NONE);
		gives(&sock, &data);
		cr_expect_eq(host_ip_mbuf(h, host_chain(h, &o, first, 13)), DROP_NONE);
		gives(&sock, &data);
	}
}

/* R02: two holders of the same octets, both delivered */
Test(udp_in, shared_octets_are_not_written_to)
{
	struct octets data = some_octets(150);
	struct octets o = packet(150);
	struct rte_mbuf *m = host_chain(h, &o, o.len, 0);
	struct rte_mbuf *clone = rte_pktmbuf_clone(m, h->pool.head);

	cr_expect_eq(host_ip_mbuf(h, clone), DROP_NONE);
	cr_expect_eq(memcmp(pkt_data(m), o.b, o.len), 0);
	cr_expect_eq(host_ip_mbuf(h, m), DROP_NONE);
	gives(&sock, &data);
	gives(&sock, &data);
}

/* D06, E07 */
Test(udp_in, port_that_nobody_has_is_unreachable)
{
	struct octets data = some_octets(3);
	struct octets datagram = udp_octets(1000, 54, &data);
	struct octets o = packet_of(&datagram);

	host_meet(h, PEER_IP, PEER_MAC);
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_UDP_NO_PORT);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), COUNTED(STAT_IP_OUT, 1),
		DROPPED(DROP_UDP_NO_PORT, 1), COUNTED(STAT_ICMP_ERRORS_OUT, 1));
	cr_expect_eq(host_sent(h)->icmp.code, ICMP_UNREACH_PORT);
}

/* E07 */
Test(udp_in, more_specific_socket_gets_it)
{
	struct octets data = some_octets(3);
	struct octets o = packet(3);
	static struct udp_sock ours = { .owner = NULL };

	cr_assert_eq(udp_bind(&h->udp, &ours, OUR_IP, 53), 0);
	host_ip(h, &o);
	gives(&ours, &data);
	cr_expect_null(udp_take(&h->udp, &sock));
}

/* E08 */
Test(udp_in, datagram_too_many_is_dropped_and_the_earlier_ones_stay)
{
	struct octets first = some_octets(1);
	struct octets other = some_octets(2);
	struct octets o = packet(1);

	for (unsigned i = 0; i < UDP_RCV_DATAGRAMS; i++)
		cr_expect_eq(host_ip(h, &o), DROP_NONE);
	o = packet(2);
	before = counters_of(&h->env);
	cr_expect_eq(host_ip(h, &o), DROP_UDP_QUEUE_FULL);
	host_sends_nothing(h);
	expect_counters(&before, &h->env, COUNTED(STAT_IP_IN, 1), DROPPED(DROP_UDP_QUEUE_FULL, 1));
	gives(&sock, &first);
	cr_expect_eq(host_ip(h, &o), DROP_NONE);
	for (unsigned i = 1; i < UDP_RCV_DATAGRAMS; i++)
		gives(&sock, &first);
	gives(&sock, &other);
}

/* E06 */
Test(udp_in, datagram_from_many_is_dropped)
{
	static const uint32_t sources[] = { IPV4_BROADCAST, BCAST_IP, IP4(224, 0, 0, 1),
		IP4(239, 1, 2, 3), IP4(240, 0, 0, 1), IPV4_LOOPBACK, 0, OUR_IP };

	for (unsigned i = 0; i < ARRAY_LEN(sources); i++) {
		struct octets data = some_octets(3);
		struct octets datagram = udp_octets_between(sources[i], OUR_IP, 1000, 53, &data);
		struct octets o = ip_octets(
			&(struct ipv4_hdr){ .src = sources[i], .proto = IP_PROTO_UDP }, &datagram);

		if (sources[i] == 0)
			memset(o.b + 12, 0, 4), ip_octets_sum(&o);
		before = counters_of(&h->env);
		cr_expect_eq(host_ip(h, &o), DROP_IP_SOURCE, "source %u", i);
		host_sends_nothing(h);
		expect_counters(&before, &h->env, DROPPED(DROP_IP_SOURCE, 1));
	}
}

/* E10 */
Test(udp_in, boundaries_and_order_are_kept)
{
	for (uint32_t len = 0; len < 100; len++) {
		struct octets o = packet(len);

		host_ip(h, &o);
	}
	for (uint32_t len = 0; len < 100; len++) {
		struct octets data = some_octets(len);

		gives(&sock, &data);
	}
}

Test(udp_in, unbinding_releases_what_waits)
{
	struct octets o = packet(5);

	for (unsigned i = 0; i < 10; i++)
		host_ip(h, &o);
	udp_unbind(&h->udp, &sock);
	cr_expect(list_is_empty(&h->udp.ready));
	cr_expect_eq(dev_pool_in_use(&h->pool), 0);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Fragments out: RFC 791 §3.2, 1122 §3.3.3. */

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

static struct host *h;
static struct udp_sock sock;
static struct counters before;
static uint8_t text[UDP_TEXT_MAX];

static void
begin(const struct host_opts *opts)
{
	h = host_new(opts);
	host_meet(h, PEER_IP, PEER_MAC);
	memset(&sock, 0, sizeof(sock));
	cr_assert_eq(udp_bind(&h->udp, &sock, 0, 53), 0);
	for (uint32_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 256);
	before = counters_of(&h->env);
}

static void
setup(void)
{
	begin(NULL);
}

static void
teardown(void)
{
	udp_unbind(&h->udp, &sock);
	host_delete(h);
}

static void
begin_anew(const struct host_opts *opts)
{
	teardown();
	begin(opts);
}

TestSuite(frag_out, .init = setup, .fini = teardown);

static int
emit(uint32_t len)
{
	return udp_output(&h->udp, &sock, &(struct udp_to){ .dst = PEER_IP, .port = 1000 }, text,
		len, h->now_ns);
}

/** The fragments of one datagram, as its receiver would join them. */
static void
sends_fragments(uint32_t len, uint16_t mtu)
{
	static uint8_t whole[65535];
	const struct sent *s = host_sent(h);
	uint16_t id = s->ip.id;
	uint32_t have = 0;
	struct udp_hdr udp;
	uint32_t sum;

	for (;; s = host_sent(h)) {
		bool has_more = (s->ip.frag & IPV4_MF) != 0;

		cr_expect_eq(s->ip.src, OUR_IP);
		cr_expect_eq(s->ip.dst, PEER_IP);
		cr_expect_eq(s->ip.id, id);
		cr_expect_eq(s->ip.frag & IPV4_DF, 0);
		cr_expect_eq((s->ip.frag & IPV4_FRAG_OFF) * 8u, have);
		cr_expect_leq(s->ip.total_len, mtu);
		cr_expect_eq(s->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
		if (has_more) {
			cr_expect_eq(s->len % 8, 0);
			cr_expect_gt(s->ip.total_len + 8, mtu, "as much as fits");
		}
		memcpy(whole + have, s->data, s->len);
		have += s->len;
		if (!has_more)
			break;
	}
	cr_expect_eq(have, len + UDP_HDR_LEN);
	cr_expect_eq(udp_read(whole, have, have, &udp), DROP_NONE);
	cr_expect_eq(udp.src_port, 53);
	sum = cksum_pseudo4(OUR_IP, PEER_IP, IP_PROTO_UDP, have);
	cr_expect_eq(cksum_fold(cksum_add(sum, whole, have)), 0);
	cr_expect_eq(memcmp(whole + UDP_HDR_LEN, text, len), 0);
}

/* C10 */
Test(frag_out, datagram_longer_than_the_mtu_leaves_in_legal_fragments)
{
	static const uint32_t len[] = { 1473, 1474, 2952, 2953, 9000, UDP_TEXT_MAX };

	for (unsigned i = 0; i < ARRAY_LEN(len); i++) {
		before = counters_of(&h->env);
		cr_expect_eq(emit(len[i]), 0);
		expect_counters(&before, &h->env, COUNTED(STAT_UDP_OUT, 1),
			COUNTED(STAT_IP_FRAGMENTED, 1),
			COUNTED(STAT_IP_OUT, (len[i] + 8 + 1479) / 1480));
		sends_fragments(len[i], 1500);
		host_sends_nothing(h);
	}
}

/* C10: MTUs whose payload is no multiple of 8 */
Test(frag_out, fragments_fit_any_mtu)
{
	for (uint16_t mtu = 576; mtu < 576 + 17; mtu++) {
		begin_anew(&(struct host_opts){ .mtu = mtu });
		cr_expect_eq(emit(5000), 0);
		sends_fragments(5000, mtu);
		host_sends_nothing(h);
	}
}

/* C10, R05: the port cannot sum up what it does not see whole */
Test(frag_out, checksum_is_right_whatever_the_port_does)
{
	begin_anew(&(struct host_opts){ .can = { .tx_ip_sum = true, .tx_udp_sum = true } });
	cr_expect_eq(emit(5000), 0);
	sends_fragments(5000, 1500);
}

/* C10: the datagram's octets are referred to, not copied */
Test(frag_out, fragments_share_the_datagram_s_buffers)
{
	cr_expect_eq(emit(3000), 0);
	cr_expect_geq(host_sent(h)->n_segs, 2);
}

/* B10 */
Test(frag_out, each_datagram_has_an_identification_of_its_own)
{
	uint16_t id[2];

	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(emit(2000), 0);
		id[i] = host_sent(h)->ip.id;
		cr_expect_eq(host_sent(h)->ip.id, id[i]);
	}
	cr_expect_neq(id[0], id[1]);
}

/* R03: all fragments or none */
Test(frag_out, without_buffers_no_fragment_leaves)
{
	struct rte_mbuf *held[4096];
	unsigned n = 0;

	while ((held[n] = rte_pktmbuf_alloc(h->pool.head)) != NULL)
		n++;
	for (unsigned left = 0; left < 9; left++) {
		before = counters_of(&h->env);
		cr_expect_eq(emit(5000), -ENOBUFS);
		expect_counters(
			&before, &h->env, DROPPED(DROP_NO_MBUF, 1), COUNTED(STAT_UDP_OUT, 1));
		pkt_release(held[--n]);
	}
	while (n != 0)
		pkt_release(held[--n]);
	host_sends_nothing(h);
	cr_expect_eq(emit(5000), 0);
	sends_fragments(5000, 1500);
}

/** A port that takes nothing. */
static void
no_transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	++*(unsigned *)user;
}

/* R03 */
Test(frag_out, transmit_ring_is_emptied_before_it_overflows)
{
	unsigned n_sent = 0;

	h->queue.transmit = no_transmit;
	h->queue.user = &n_sent;
	for (unsigned i = 0; i < 6; i++) /* of 45 fragments */
		cr_expect_eq(emit(UDP_TEXT_MAX), 0);
	cr_expect_eq(n_sent, 5 * 45);
	cr_expect_eq(h->env.drops[DROP_TX_FULL], 0);
}

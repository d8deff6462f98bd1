/* SPDX-License-Identifier: BSD-3-Clause */

/* IPv4 out: headers, identifications, offloads. RFC 791, 1122 §3.2.1, 6864. */

#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "ip/out4.h"
#include "kit/host.h"

enum { PROTO_NONE = 253 }; /* RFC 3692: for experiments */

static struct host *h;

static void
begin(const struct host_opts *opts)
{
	h = host_new(opts);
	host_meet(h, PEER_IP, PEER_MAC);
	host_meet(h, PEER2_IP, PEER2_MAC);
	host_meet(h, GW_IP, GW_MAC);
}

static void
setup(void)
{
	begin(NULL);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(out4, .init = setup, .fini = teardown);

static const struct sent *
emit(struct ip_out out)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(h->pool.head);
	struct octets text = some_octets(33);
	struct ip_path path;

	out.src = OUR_IP;
	out.proto = PROTO_NONE;
	memcpy(rte_pktmbuf_append(m, (uint16_t)text.len), text.b, text.len);
	cr_assert_eq(ip_find_path(&h->ip, out.dst, h->now_ns, &path), 0);
	ip_output(&h->ip, &path, m, &out, h->now_ns);
	return host_sent(h);
}

/* B02, B06, B11 */
Test(out4, header_is_plain)
{
	struct counters before = counters_of(&h->env);
	const struct sent *s = emit((struct ip_out){ .dst = PEER_IP });
	struct octets text = some_octets(33);

	expect_counters(&before, &h->env, COUNTED(STAT_IP_OUT, 1));
	cr_expect(mac_eq(s->eth.dst, PEER_MAC));
	cr_expect_eq(s->ip.src, OUR_IP);
	cr_expect_eq(s->ip.dst, PEER_IP);
	cr_expect_eq(s->ip.hdr_len, 20);
	cr_expect_eq(s->ip.proto, PROTO_NONE);
	cr_expect_eq(s->ip.tos, 0);
	cr_expect_eq(s->ip.ttl, 64);
	cr_expect_eq(s->ip.frag, IPV4_DF);
	cr_expect_eq(s->ip.id, 0);
	cr_expect_eq(s->len, text.len);
	cr_expect_eq(memcmp(s->data, text.b, text.len), 0);
}

/* B06, B12 */
Test(out4, ttl_and_tos_are_the_caller_s)
{
	const struct sent *s = emit((struct ip_out){ .dst = PEER_IP, .ttl = 1, .tos = 0xb8 });

	cr_expect_eq(s->ip.ttl, 1);
	cr_expect_eq(s->ip.tos, 0xb8);
}

/* A15 */
Test(out4, far_host_is_reached_through_the_gateway)
{
	const struct sent *s = emit((struct ip_out){ .dst = FAR_IP });

	cr_expect(mac_eq(s->eth.dst, GW_MAC));
	cr_expect_eq(s->ip.dst, FAR_IP);
}

/* B10 */
Test(out4, no_identification_returns_before_65536_datagrams)
{
	static bool has_been[65536];

	for (unsigned i = 0; i < 65536; i++) {
		const struct sent *s =
			emit((struct ip_out){ .dst = PEER_IP, .may_fragment = true });

		cr_expect_eq(s->ip.frag, 0);
		cr_assert_not(has_been[s->ip.id], "%u came twice, at %u", s->ip.id, i);
		has_been[s->ip.id] = true;
	}
}

/* B10: traffic to others does not show in it (RFC 6274 §3.5.2) */
Test(out4, destinations_do_not_share_one_counter)
{
	const struct ip_out peer = { .dst = PEER_IP, .may_fragment = true };
	const struct ip_out peer2 = { .dst = PEER2_IP, .may_fragment = true };
	uint16_t first = emit(peer)->ip.id;

	for (unsigned i = 0; i < 10; i++)
		emit(peer2);
	cr_expect_eq((uint16_t)(emit(peer)->ip.id - first), 1);
}

/* B02, R05 */
Test(out4, header_is_the_same_whoever_computes_its_checksum)
{
	struct octets by_us = emit((struct ip_out){ .dst = PEER_IP })->frame;
	const struct sent *s;

	h->port.can.tx_ip_sum = true;
	s = emit((struct ip_out){ .dst = PEER_IP });
	cr_expect_eq(s->ol_flags, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	cr_expect_eq(s->frame.len, by_us.len);
	cr_expect_eq(memcmp(s->frame.b, by_us.b, by_us.len), 0);
}

Test(out4, tagged_port_has_its_tag_in_every_frame)
{
	host_delete(h);
	begin(&(struct host_opts){ .vlan = 7, .can.tx_ip_sum = true });
	cr_expect_eq(emit((struct ip_out){ .dst = PEER_IP })->eth.vlan, 7);
}

/* B09 */
Test(out4, broadcasts_go_to_everybody_without_a_question)
{
	cr_expect(mac_eq(emit((struct ip_out){ .dst = BCAST_IP })->eth.dst, MAC_BROADCAST));
	cr_expect(mac_eq(emit((struct ip_out){ .dst = IPV4_BROADCAST })->eth.dst, MAC_BROADCAST));
	cr_expect_eq(h->env.stats[STAT_ARP_REQUESTS_OUT], 0);
}

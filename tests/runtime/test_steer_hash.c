/* SPDX-License-Identifier: BSD-3-Clause */

/* What a device says of a frame's flow: taken where it can be right, and has been. */

#include "two_cores.h"

static void
transmit(const struct iovec *frame, int n, void *user)
{
	(void)frame;
	(void)n;
	(void)user;
}

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

static void
setup(void)
{
	two_cores_begin(transmit, received);
}

TestSuite(steer_hash, .init = setup, .fini = two_cores_end);

/** Core 0 finds a frame that its device has hashed to @hash. @return true: handed over */
static bool
is_handed_over_by(const uint8_t *frame, uint16_t len, uint32_t hash)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(core[0]->stack.pool.text);
	uint16_t kept;

	memcpy(rte_pktmbuf_append(m, len), frame, len);
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = hash;
	kept = steer_out(core[0], 0, &m, 1);
	if (kept == 0)
		cr_assert_eq(steer_in(core[1], &(uint32_t){ 0 }, &m, 1), 1);
	pkt_release(m);
	return kept == 0;
}

static uint32_t
hash_of_datagram(uint16_t src_port)
{
	return rss_hash(&steer->rss, &(struct flow){ HOST, PEER, ECHO_PORT, src_port });
}

/** Is the hash of a datagram like this believed, whatever it says? */
static bool
is_believed(const uint8_t *frame, uint16_t len)
{
	return is_handed_over_by(frame, len, 0) != is_handed_over_by(frame, len, 1);
}

enum { HASHES_ENOUGH = 64 };

static void
prove_hashes(void)
{
	uint8_t frame[FRAME_LEN] = { 0 };

	core[0]->port[0]->queue.port->hash = (struct dev_hash){ true, true };
	for (uint16_t i = 0; i < HASHES_ENOUGH; i++) {
		uint32_t hash = hash_of_datagram(i);

		write_datagram(frame, i);
		cr_expect_eq(is_handed_over_by(frame, FRAME_LEN, hash),
			rss_owner(&steer->rss, hash) == 1);
	}
}

Test(steer_hash, hash_of_a_device_is_taken_once_it_has_been_right)
{
	uint8_t frame[FRAME_LEN] = { 0 };

	write_datagram(frame, 1000);
	cr_expect_not(is_believed(frame, FRAME_LEN), "the port hashes nothing");
	prove_hashes();
	cr_expect(is_believed(frame, FRAME_LEN));
	core[0]->port[0]->queue.port->hash.is_of_udp = false;
	cr_expect_not(is_believed(frame, FRAME_LEN), "the port hashes TCP only");
	cr_expect_eq(core[0]->stack.env.stats[STAT_HASHES_DENIED], 0);
}

Test(steer_hash, device_that_hashes_otherwise_is_not_asked_again)
{
	uint8_t frame[FRAME_LEN] = { 0 };
	uint32_t hash = hash_of_datagram(1000);

	core[0]->port[0]->queue.port->hash = (struct dev_hash){ true, true };
	write_datagram(frame, 1000);
	cr_expect_eq(is_handed_over_by(frame, FRAME_LEN, ~hash), rss_owner(&steer->rss, hash) == 1);
	cr_expect_eq(core[0]->stack.env.stats[STAT_HASHES_DENIED], 1);
	prove_hashes();
	cr_expect_not(is_believed(frame, FRAME_LEN));
	cr_expect_eq(core[0]->stack.env.stats[STAT_HASHES_DENIED], 1, "told once");
}

/* Tags, options, fragments: nobody knows what the device has hashed there. */
Test(steer_hash, hash_of_a_device_is_taken_of_plain_packets_only)
{
	uint8_t plain[FRAME_LEN] = { 0 };
	uint8_t other[FRAME_LEN + 4] = { 0 };

	prove_hashes();
	write_datagram(plain, 1000);
	eth_write(other, &(struct eth_hdr){ host_mac, peer_mac, ETH_TYPE_IPV4, 5, 0 });
	memcpy(other + ETH_HDR_LEN + ETH_VLAN_LEN, plain + ETH_HDR_LEN, FRAME_LEN - ETH_HDR_LEN);
	cr_expect_not(is_believed(other, FRAME_LEN + ETH_VLAN_LEN), "tagged");

	memcpy(other, plain, ETH_HDR_LEN + IPV4_HDR_LEN);
	memset(other + ETH_HDR_LEN + IPV4_HDR_LEN, 1 /* no operation */, 4);
	memcpy(other + ETH_HDR_LEN + IPV4_HDR_LEN + 4, plain + ETH_HDR_LEN + IPV4_HDR_LEN,
		FRAME_LEN - ETH_HDR_LEN - IPV4_HDR_LEN);
	other[ETH_HDR_LEN] = 0x46;
	other[ETH_HDR_LEN + 3] += 4;
	cr_expect_not(is_believed(other, FRAME_LEN + 4), "options");

	plain[ETH_HDR_LEN + 6] = 0x20; /* more fragments */
	cr_expect_not(is_believed(plain, FRAME_LEN), "a fragment");
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_DEV_RIG_H
#define TESTS_DEV_RIG_H

/* What the tests of dev/ share: plain pools, counters, and packets with known octets. */

#include <criterion/criterion.h>

#include "dev/pkt.h"
#include "dev/pool.h"

struct rig {
	struct env env;
	struct dev_pool pool;
};

static inline void
rig_init(struct rig *r, uint32_t mbufs)
{
	memset(&r->env, 0, sizeof(r->env));
	cr_assert_eq(dev_pool_create_plain(&r->pool, mbufs), 0);
}

/** Everything came back, too. */
static inline void
rig_fini(struct rig *r)
{
	cr_expect_eq(dev_pool_in_use(&r->pool), 0, "%u packets leaked", dev_pool_in_use(&r->pool));
	dev_pool_destroy(&r->pool);
}

/** Packets dropped, for whatever reason. */
static inline uint64_t
rig_drops(const struct rig *r)
{
	uint64_t sum = 0;

	for (int why = 0; why < DROP_COUNT; why++)
		sum += r->env.drops[why];
	return sum;
}

/** Octet @at of the packet numbered @n. */
static inline uint8_t
rig_octet(uint32_t n, uint32_t at)
{
	return at < 4 ? (uint8_t)(n >> 8 * at) : (uint8_t)(n * 31 + at * 7);
}

/** A packet of one segment, its number in the first four octets. */
static inline struct rte_mbuf *
rig_packet(struct rig *r, uint32_t n, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(r->pool.text);
	uint8_t *p;

	cr_assert_not_null(m);
	p = (uint8_t *)rte_pktmbuf_append(m, len);
	cr_assert_not_null(p);
	for (uint32_t at = 0; at < len; at++)
		p[at] = rig_octet(n, at);
	return m;
}

/** The same octets in segments of @piece. */
static inline struct rte_mbuf *
rig_chain(struct rig *r, uint32_t n, uint32_t len, uint16_t piece)
{
	struct rte_mbuf *first = NULL;
	struct rte_mbuf *m;

	for (uint32_t at = 0; at < len;) {
		m = rte_pktmbuf_alloc(r->pool.head);
		cr_assert_not_null(m);
		for (uint16_t i = 0; i < piece && at < len; i++, at++)
			*(uint8_t *)rte_pktmbuf_append(m, 1) = rig_octet(n, at);
		if (first == NULL)
			first = m;
		else
			cr_assert_eq(rte_pktmbuf_chain(first, m), 0);
	}
	return first;
}

static inline uint32_t
rig_number(const struct rte_mbuf *m)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/** Bits in which the packet differs from what rig_packet() or rig_chain() wrote. */
static inline uint32_t
rig_flipped(const struct rte_mbuf *m, uint32_t n)
{
	uint32_t bits = 0;
	uint32_t at = 0;

	for (; m != NULL; m = m->next) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

		for (uint32_t i = 0; i < m->data_len; i++, at++)
			bits += (uint32_t)__builtin_popcount(p[i] ^ rig_octet(n, at));
	}
	return bits;
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

/* Scattered packets: summed, gathered, cut. R02. */

#include <criterion/criterion.h>
#include <string.h>

#include "dev/pkt.h"
#include "kit/host.h"

static struct host *h;

static void
setup(void)
{
	h = host_new(NULL);
}

static void
teardown(void)
{
	host_delete(h);
}

TestSuite(chain, .init = setup, .fini = teardown);

static void
holds(struct rte_mbuf *m, const struct octets *o, uint32_t len)
{
	uint8_t flat[OCTETS_MAX];

	rte_mbuf_sanity_check(m, 1);
	cr_expect_eq(m->pkt_len, len);
	if (len != 0)
		cr_expect_eq(memcmp(rte_pktmbuf_read(m, 0, len, flat), o->b, len), 0);
}

Test(chain, sum_does_not_depend_on_the_pieces)
{
	struct octets o = some_octets(211);
	struct rte_mbuf *m;

	for (uint32_t piece = 1; piece <= o.len; piece++) {
		m = host_chain(h, &o, piece % 5, piece);
		for (uint32_t off = 0; off < 30; off++) {
			uint32_t len = o.len - off - piece % 7;

			cr_expect_eq(cksum_fold(ip_sum_chain(m, off, len)),
				cksum_fold(cksum_add(0, o.b + off, len)), "pieces of %u, from %u",
				piece, off);
		}
		pkt_release(m);
	}
}

Test(chain, sum_of_nothing_is_zero)
{
	struct octets o = some_octets(10);
	struct rte_mbuf *m = host_chain(h, &o, 10, 0);

	cr_expect_eq(ip_sum_chain(m, 0, 0), 0);
	cr_expect_eq(ip_sum_chain(m, 10, 0), 0);
	pkt_release(m);
}

Test(chain, cut_keeps_what_it_should_and_frees_the_rest)
{
	struct octets o = some_octets(50);
	struct rte_mbuf *m;

	for (uint32_t piece = 1; piece <= 51; piece++) {
		for (uint32_t len = 0; len <= o.len; len++) {
			m = host_chain(h, &o, piece, piece);
			ip_cut(m, len);
			holds(m, &o, len);
			cr_expect_leq(m->nb_segs, len / piece + 1);
			pkt_release(m);
		}
	}
}

Test(chain, pull_gathers_so_many_octets)
{
	struct octets o = some_octets(50);
	struct rte_mbuf *m;

	for (uint32_t piece = 1; piece <= 51; piece++) {
		for (uint32_t want = 0; want <= o.len + 10; want++) {
			m = host_chain(h, &o, piece / 3, piece);
			cr_assert_eq(ip_pull(&h->ip, &m, want), DROP_NONE);
			cr_expect_geq(m->data_len, min_u32(want, o.len));
			holds(m, &o, o.len);
			pkt_release(m);
		}
	}
}

Test(chain, pull_leaves_alone_what_is_gathered)
{
	struct octets o = some_octets(50);
	struct rte_mbuf *m = host_chain(h, &o, 20, 0);
	struct rte_mbuf *same = m;

	cr_assert_eq(ip_pull(&h->ip, &m, 20), DROP_NONE);
	cr_expect_eq(m, same);
	pkt_release(m);
}

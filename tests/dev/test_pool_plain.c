/* SPDX-License-Identifier: BSD-3-Clause */

/* Packet buffers without EAL: every mbuf call that the stack makes. */

#include <criterion/criterion.h>

#include <errno.h>
#include <malloc.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <sys/resource.h>

#include "dev/pkt.h"
#include "dev/pool.h"

enum {
	N = 100, /* no multiple of what is made at a time */
};

static struct dev_pool pool;

static void
setup(void)
{
	cr_assert_eq(rte_lcore_id(), LCORE_ID_ANY, "this suite must run without EAL");
	cr_assert_eq(dev_pool_create_plain(&pool, N), 0);
}

static void
teardown(void)
{
	dev_pool_destroy(&pool);
}

TestSuite(pool_plain, .init = setup, .fini = teardown);

Test(pool_plain, a_fresh_buffer_is_what_dpdk_would_give)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool.text);

	cr_assert_not_null(m);
	cr_expect_eq(m->pool, pool.text);
	cr_expect_eq(rte_mempool_from_obj(m), pool.text);
	cr_expect_eq(rte_pktmbuf_headroom(m), PKT_HEADROOM);
	cr_expect_eq(rte_pktmbuf_tailroom(m), POOL_TEXT_ROOM);
	cr_expect_eq(m->pkt_len, 0);
	cr_expect_eq(m->nb_segs, 1);
	cr_expect_eq(rte_mbuf_refcnt_read(m), 1);
	cr_expect_eq(m->priv_size, PKT_PRIV_LEN);
	cr_expect_eq((uintptr_t)m % RTE_CACHE_LINE_SIZE, 0);
	rte_mbuf_sanity_check(m, 1);
	pkt_release(m);
	m = rte_pktmbuf_alloc(pool.head);
	cr_expect_eq(rte_pktmbuf_tailroom(m), POOL_HEAD_ROOM);
	pkt_release(m);
}

Test(pool_plain, every_octet_of_every_buffer_is_its_own)
{
	struct rte_mbuf *m[N];
	uint8_t *data;

	for (int i = 0; i < N; i++) {
		m[i] = rte_pktmbuf_alloc(pool.text);
		cr_assert_not_null(m[i]);
		cr_assert_eq((uintptr_t)m[i] % RTE_CACHE_LINE_SIZE, 0);
		rte_pktmbuf_prepend(m[i], PKT_HEADROOM);
		rte_pktmbuf_append(m[i], POOL_TEXT_ROOM);
		memset(pkt_data(m[i]), i, m[i]->data_len);
		memset(rte_mbuf_to_priv(m[i]), i, PKT_PRIV_LEN);
	}
	for (int i = 0; i < N; i++) {
		data = pkt_data(m[i]);
		for (int at = 0; at < m[i]->data_len; at++)
			cr_assert_eq(data[at], i);
		data = rte_mbuf_to_priv(m[i]);
		for (int at = 0; at < PKT_PRIV_LEN; at++)
			cr_assert_eq(data[at], i);
		rte_mbuf_sanity_check(m[i], 1);
		pkt_release(m[i]);
	}
}

Test(pool_plain, exhaustion_gives_null_and_recovers)
{
	struct rte_mbuf *m[N];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < N; i++)
			cr_assert_not_null(m[i] = rte_pktmbuf_alloc(pool.text));
		cr_expect_null(rte_pktmbuf_alloc(pool.text));
		cr_expect_null(rte_pktmbuf_alloc(pool.text));
		cr_expect_eq(dev_pool_in_use(&pool), N);
		pkt_release(m[7]);
		cr_expect_eq(rte_pktmbuf_alloc(pool.text), m[7], "the last one freed comes first");
		for (int i = 0; i < N; i++)
			pkt_release(m[i]);
		cr_expect_eq(dev_pool_in_use(&pool), 0);
	}
}

Test(pool_plain, bulk_is_all_or_nothing)
{
	struct rte_mbuf *m[N + 1];

	cr_expect_neq(rte_pktmbuf_alloc_bulk(pool.text, m, N + 1), 0);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
	cr_assert_eq(rte_pktmbuf_alloc_bulk(pool.text, m, N), 0);
	cr_expect_eq(dev_pool_in_use(&pool), N);
	cr_expect_neq(rte_pktmbuf_alloc_bulk(pool.text, m + N, 1), 0);
	rte_pktmbuf_free_bulk(m, N);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
}

Test(pool_plain, counts_what_is_in_use_of_both_kinds)
{
	struct rte_mbuf *text = rte_pktmbuf_alloc(pool.text);
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool.head);

	cr_expect_eq(dev_pool_in_use(&pool), 2);
	cr_expect_eq(rte_mempool_avail_count(pool.text), N - 1);
	rte_pktmbuf_chain(head, text);
	pkt_release(head);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
	cr_expect_eq(rte_mempool_full(pool.text), 1);
}

Test(pool_plain, an_indirect_buffer_keeps_its_text_alive)
{
	struct rte_mbuf *text = rte_pktmbuf_alloc(pool.text);
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool.head);

	memset(rte_pktmbuf_append(text, 1000), 0x5a, 1000);
	rte_pktmbuf_attach(head, text);
	cr_expect_eq(rte_mbuf_refcnt_read(text), 2);
	pkt_release(text);
	cr_expect_eq(dev_pool_in_use(&pool), 2);
	cr_expect_eq(head->pkt_len, 1000);
	cr_expect_eq(pkt_data(head)[999], 0x5a);
	pkt_release(head);
	cr_expect_eq(dev_pool_in_use(&pool), 0);

	head = rte_pktmbuf_alloc(pool.head);
	cr_expect_eq(rte_pktmbuf_tailroom(head), POOL_HEAD_ROOM, "detached when it was freed");
	cr_expect_eq(head->ol_flags, 0);
	pkt_release(head);
}

Test(pool_plain, a_reference_needs_two_releases)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool.text);

	rte_mbuf_refcnt_update(m, 1);
	pkt_release(m);
	cr_expect_eq(dev_pool_in_use(&pool), 1);
	pkt_release(m);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
}

static void
note_free(void *octets, void *user)
{
	(void)octets;
	++*(int *)user;
}

Test(pool_plain, foreign_octets_attach_and_are_given_back)
{
	static char octets[5000];
	int n_freed = 0;
	struct rte_mbuf_ext_shared_info info = { .free_cb = note_free, .fcb_opaque = &n_freed };
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool.head);
	struct rte_mbuf *clone;

	rte_mbuf_ext_refcnt_set(&info, 1);
	rte_pktmbuf_attach_extbuf(m, octets, RTE_BAD_IOVA, sizeof(octets), &info);
	rte_pktmbuf_append(m, sizeof(octets));
	clone = rte_pktmbuf_clone(m, pool.head);
	cr_assert_not_null(clone);
	cr_expect_eq(pkt_data(clone), (uint8_t *)octets);
	pkt_release(m);
	cr_expect_eq(n_freed, 0);
	pkt_release(clone);
	cr_expect_eq(n_freed, 1);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
}

Test(pool_plain, copies_and_clones_of_chains)
{
	struct rte_mbuf *chain = rte_pktmbuf_alloc(pool.head);
	struct rte_mbuf *text = rte_pktmbuf_alloc(pool.text);
	struct rte_mbuf *copy;
	struct rte_mbuf *clone;

	memset(rte_pktmbuf_append(chain, 54), 1, 54);
	memset(rte_pktmbuf_append(text, 1460), 2, 1460);
	rte_pktmbuf_chain(chain, text);
	copy = rte_pktmbuf_copy(chain, pool.text, 0, UINT32_MAX);
	clone = rte_pktmbuf_clone(chain, pool.head);
	cr_assert_not_null(copy);
	cr_assert_not_null(clone);
	cr_expect_eq(copy->nb_segs, 1);
	cr_expect_eq(copy->pkt_len, 1514);
	cr_expect_eq(pkt_data(copy)[53], 1);
	cr_expect_eq(pkt_data(copy)[54], 2);
	cr_expect_eq(clone->nb_segs, 2);
	cr_expect_eq(pkt_data(clone->next), pkt_data(text));
	pkt_release(chain);
	pkt_release(copy);
	pkt_release(clone);
	cr_expect_eq(dev_pool_in_use(&pool), 0);
}

Test(pool_plain, a_pool_of_one_buffer_works)
{
	struct dev_pool one;
	struct rte_mbuf *m;

	cr_assert_eq(dev_pool_create_plain(&one, 1), 0);
	cr_assert_not_null(m = rte_pktmbuf_alloc(one.text));
	cr_expect_null(rte_pktmbuf_alloc(one.text));
	pkt_release(m);
	dev_pool_destroy(&one);
}

Test(pool_plain, buffers_in_use_vanish_with_the_pool)
{
	struct dev_pool doomed;

	cr_assert_eq(dev_pool_create_plain(&doomed, N), 0);
	cr_assert_not_null(rte_pktmbuf_alloc(doomed.text));
	cr_assert_not_null(rte_pktmbuf_alloc(doomed.head));
	dev_pool_destroy(&doomed);
}

static long
page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Tests make thousands of cores: a pool costs what is used of it. */
Test(pool_plain, a_large_pool_touches_only_what_is_used)
{
	struct dev_pool large;
	long before;

	mallopt(M_PERTURB, 0); /* fills what it hands out */
	before = page_faults();
	cr_assert_eq(dev_pool_create_plain(&large, 1024 * 1024), 0);
	pkt_release(rte_pktmbuf_alloc(large.text));
	cr_expect_lt(page_faults() - before, 4096, "%ld pages", page_faults() - before);
	dev_pool_destroy(&large);
}

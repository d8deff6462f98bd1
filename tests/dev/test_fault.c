/* SPDX-License-Identifier: BSD-3-Clause */

/* Faults on purpose: each alone, then together, over many frames. */

#include "dev/fault.h"
#include "dev/rig.h"

enum {
	MANY = 100000, /* frames for a statistic */
	MBUFS = 8192,
	LEN = 64,
};

/* A frame that came out. */
struct arrival {
	uint64_t at_ns;
	uint32_t number;
	uint32_t n_flipped;
};

static struct rig rig;
static struct fault *f;
static struct arrival seen[2 * MANY];
static uint32_t n_seen;

static void
setup(void)
{
	rig_init(&rig, MBUFS);
}

static void
teardown(void)
{
	fault_destroy(f);
	rig_fini(&rig);
}

TestSuite(fault, .init = setup, .fini = teardown);

static void
begin(struct baro_fault_config config)
{
	fault_destroy(f);
	n_seen = 0;
	cr_assert_eq(fault_create(&config, &rig.env, rig.pool.text, &f), 0);
}

/* Take out what is due at or before @until_ns, each at its very time. */
static void
run(uint64_t until_ns)
{
	struct rte_mbuf *m;
	uint64_t at_ns;

	while ((at_ns = fault_next(f)) <= until_ns && at_ns != TIME_NEVER) {
		if (at_ns > 0)
			cr_assert_eq(fault_pop(f, &m, 1, at_ns - 1), 0, "never early");
		cr_assert_eq(fault_pop(f, &m, 1, at_ns), 1);
		cr_assert_lt(n_seen, RTE_DIM(seen));
		seen[n_seen++] = (struct arrival){
			.at_ns = at_ns,
			.number = rig_number(m),
			.n_flipped = rig_flipped(m, rig_number(m)),
		};
		pkt_release(m);
	}
}

/* Frames 0.. of LEN octets, one each @gap_ns. */
static void
feed(uint32_t n, uint64_t gap_ns)
{
	for (uint32_t i = 0; i < n; i++) {
		run(i * gap_ns);
		fault_push(f, rig_packet(&rig, i, LEN), i * gap_ns);
	}
	run(TIME_NEVER - 1);
}

/* Within six standard deviations of what @ppm of @n should be. */
static void
expect_share(uint64_t count, uint32_t n, uint32_t ppm, const char *of)
{
	double mean = n * (ppm / 1e6);
	double variance = mean * (1 - ppm / 1e6);
	double off = (double)count - mean;

	cr_expect(off * off <= 6 * 6 * variance, "%s: %lu of %u, not about %.0f", of,
		(unsigned long)count, n, mean);
}

Test(fault, wanted_is_what_does_anything)
{
	static const struct {
		const char *name;
		struct baro_fault_config config;
		bool is_wanted;
	} rows[] = {
		{ "nothing", { 0 }, false },
		{ "a seed alone", { .seed = 7 }, false },
		{ "a queue alone", { .queue_frames = 7 }, false },
		{ "reorder_ns alone", { .reorder_ns = 7 }, false },
		{ "loss", { .loss_ppm = 1 }, true },
		{ "duplication", { .duplicate_ppm = 1 }, true },
		{ "reordering", { .reorder_ppm = 1 }, true },
		{ "corruption", { .corrupt_ppm = 1 }, true },
		{ "a longest frame", { .max_frame = 1 }, true },
		{ "delay", { .delay_ns = 1 }, true },
		{ "delay of 2^32 ns", { .delay_ns = UINT64_C(1) << 32 }, true },
		{ "rate", { .rate_bps = 1 }, true },
	};

	for (size_t i = 0; i < RTE_DIM(rows); i++)
		cr_expect_eq(
			fault_is_wanted(&rows[i].config), rows[i].is_wanted, "%s", rows[i].name);
}

Test(fault, nothing_configured_changes_nothing)
{
	begin((struct baro_fault_config){ 0 });
	cr_expect_eq(fault_next(f), TIME_NEVER);
	feed(1000, 10);
	cr_assert_eq(n_seen, 1000);
	for (uint32_t i = 0; i < n_seen; i++) {
		cr_assert_eq(seen[i].number, i);
		cr_assert_eq(seen[i].at_ns, i * 10);
		cr_assert_eq(seen[i].n_flipped, 0);
	}
	cr_expect_eq(rig_drops(&rig), 0);
}

Test(fault, the_frame_itself_comes_out_not_a_copy)
{
	struct rte_mbuf *m = rig_chain(&rig, 1, 1000, 300);
	struct rte_mbuf *out = NULL;

	begin((struct baro_fault_config){ .delay_ns = 5 });
	fault_push(f, m, 0);
	cr_expect_eq(fault_pop(f, &out, 1, 5), 1);
	cr_expect_eq(out, m);
	cr_expect_eq(out->nb_segs, 4);
	pkt_release(m);
}

Test(fault, loss_is_as_frequent_as_asked)
{
	static const uint32_t shares[] = { 1000, 10000, 300000, 999000 };

	for (size_t i = 0; i < RTE_DIM(shares); i++) {
		memset(&rig.env, 0, sizeof(rig.env));
		begin((struct baro_fault_config){ .loss_ppm = shares[i], .seed = i + 1 });
		feed(MANY, 10);
		expect_share(MANY - n_seen, MANY, shares[i], "loss");
		cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], MANY - n_seen);
		cr_expect_eq(rig_drops(&rig), MANY - n_seen);
		for (uint32_t k = 1; k < n_seen; k++)
			cr_assert_lt(seen[k - 1].number, seen[k].number, "order is kept");
	}
}

Test(fault, a_million_ppm_is_always)
{
	begin((struct baro_fault_config){ .loss_ppm = 1000000 });
	feed(1000, 10);
	cr_expect_eq(n_seen, 0);
	begin((struct baro_fault_config){ .duplicate_ppm = 1000000 });
	feed(1000, 10);
	cr_expect_eq(n_seen, 2000);
	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	feed(1000, 10);
	cr_assert_eq(n_seen, 1000);
	for (uint32_t i = 0; i < n_seen; i++)
		cr_assert_eq(seen[i].n_flipped, 1);
}

Test(fault, a_duplicate_comes_right_behind_its_original)
{
	uint32_t twice = 0;

	begin((struct baro_fault_config){ .duplicate_ppm = 20000, .delay_ns = 100 });
	feed(MANY, 10);
	for (uint32_t i = 0; i < n_seen; i++) {
		cr_assert_eq(seen[i].n_flipped, 0);
		if (i == 0 || seen[i].number != seen[i - 1].number) {
			cr_assert_eq(seen[i].number, i - twice);
			continue;
		}
		twice++;
		cr_assert_eq(seen[i].at_ns, seen[i - 1].at_ns);
	}
	cr_expect_eq(n_seen, MANY + twice);
	expect_share(twice, MANY, 20000, "duplication");
}

Test(fault, a_duplicate_is_a_copy_with_the_same_notes)
{
	struct rte_mbuf *m = rig_chain(&rig, 1, 1000, 300);
	struct rte_mbuf *out[2];

	begin((struct baro_fault_config){ .duplicate_ppm = 1000000 });
	m->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	fault_push(f, m, 0);
	cr_assert_eq(fault_pop(f, out, 2, 0), 2);
	cr_expect_eq(out[0], m);
	cr_expect_eq(rig_flipped(out[1], 1), 0);
	cr_expect_eq(out[1]->pkt_len, 1000);
	cr_expect_eq(out[1]->ol_flags, RTE_MBUF_F_RX_IP_CKSUM_GOOD);
	cr_expect_neq(pkt_data(out[1]), pkt_data(m));
	rte_pktmbuf_free_bulk(out, 2);
}

Test(fault, corruption_is_one_bit_behind_the_ethernet_header)
{
	static uint32_t at_bit[8 * LEN];
	uint32_t n_hit = 0;
	struct rte_mbuf *m;

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	for (uint32_t i = 0; i < 20000; i++) {
		fault_push(f, rig_packet(&rig, i, LEN), i);
		cr_assert_eq(fault_pop(f, &m, 1, i), 1);
		cr_assert_eq(rig_flipped(m, i), 1);
		for (uint32_t at = 0; at < 8 * LEN; at++)
			at_bit[at] += ((pkt_data(m)[at / 8] ^ rig_octet(i, at / 8)) >> at % 8) & 1;
		pkt_release(m);
	}
	for (uint32_t at = 0; at < 8 * LEN; at++) {
		if (at < 8 * 14)
			cr_assert_eq(at_bit[at], 0, "bit %u of the Ethernet header", at);
		n_hit += at_bit[at] != 0;
	}
	cr_expect_eq(n_hit, 8 * (LEN - 14), "every other bit gets its turn");
	cr_expect_eq(rig_drops(&rig), 0);
}

Test(fault, corruption_is_as_frequent_as_asked)
{
	uint32_t n_hit = 0;

	begin((struct baro_fault_config){ .corrupt_ppm = 10000 });
	feed(MANY, 10);
	cr_assert_eq(n_seen, MANY);
	for (uint32_t i = 0; i < n_seen; i++) {
		cr_assert_eq(seen[i].number, i);
		n_hit += seen[i].n_flipped;
	}
	expect_share(n_hit, MANY, 10000, "corruption");
}

Test(fault, a_frame_without_a_payload_cannot_be_corrupted)
{
	struct rte_mbuf *m;

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	for (uint16_t len = 4; len <= 14; len++) {
		fault_push(f, rig_packet(&rig, 1, len), 0);
		cr_assert_eq(fault_pop(f, &m, 1, 0), 1);
		cr_expect_eq(rig_flipped(m, 1), 0);
		pkt_release(m);
	}
}

Test(fault, corruption_forgets_what_the_device_said_about_checksums)
{
	struct rte_mbuf *m = rig_packet(&rig, 1, LEN);

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	m->ol_flags =
		RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	fault_push(f, m, 0);
	cr_assert_eq(fault_pop(f, &m, 1, 0), 1);
	cr_expect_eq(m->ol_flags, RTE_MBUF_F_RX_VLAN);
	m->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM;
	fault_push(f, m, 1);
	cr_assert_eq(fault_pop(f, &m, 1, 1), 1);
	cr_expect_eq(m->ol_flags, RTE_MBUF_F_TX_IPV4);
	pkt_release(m);
}

Test(fault, corruption_spares_what_others_refer_to)
{
	struct rte_mbuf *text = rig_packet(&rig, 1, 1000);
	struct rte_mbuf *shared[3];
	struct rte_mbuf *m;

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	shared[0] = rte_pktmbuf_clone(text, rig.pool.head); /* indirect */
	shared[1] = text;                                   /* direct, two references */
	rte_mbuf_refcnt_update(text, 1);
	shared[2] = rig_chain(&rig, 1, 14, 14); /* both in a chain */
	rte_pktmbuf_chain(shared[2], rte_pktmbuf_clone(text, rig.pool.head));
	for (int i = 0; i < 3; i++) {
		fault_push(f, shared[i], 0);
		cr_assert_eq(fault_pop(f, &m, 1, 0), 1);
		cr_expect_neq(m, shared[i]);
		cr_expect_eq(m->pkt_len, i < 2 ? 1000 : 1014);
		if (i < 2)
			cr_expect_eq(rig_flipped(m, 1), 1);
		cr_expect_eq(rig_flipped(text, 1), 0);
		pkt_release(m);
	}
	cr_expect_eq(rte_mbuf_refcnt_read(text), 1);
	pkt_release(text);
}

Test(fault, corruption_of_foreign_octets_works_on_a_copy)
{
	static uint8_t page[1000];
	struct rte_mbuf_ext_shared_info info = { .refcnt = 1 };
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool.head);

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000 });
	rte_mbuf_ext_refcnt_set(&info, 2);
	rte_pktmbuf_attach_extbuf(m, page, RTE_BAD_IOVA, sizeof(page), &info);
	rte_pktmbuf_append(m, sizeof(page));
	fault_push(f, m, 0);
	cr_assert_eq(fault_pop(f, &m, 1, 0), 1);
	for (size_t at = 0; at < sizeof(page); at++)
		cr_assert_eq(page[at], 0);
	cr_expect_eq(rte_mbuf_ext_refcnt_read(&info), 1);
	pkt_release(m);
}

Test(fault, without_a_buffer_for_the_copy_the_frame_is_lost)
{
	static struct rte_mbuf *all[MBUFS];
	struct rte_mbuf *text = rig_packet(&rig, 1, 100);
	struct rte_mbuf *m;

	begin((struct baro_fault_config){ .corrupt_ppm = 1000000, .duplicate_ppm = 1000000 });
	rte_mbuf_refcnt_update(text, 1);
	cr_assert_eq(rte_pktmbuf_alloc_bulk(rig.pool.text, all, MBUFS - 1), 0);
	fault_push(f, text, 0);
	cr_expect_eq(fault_pop(f, &m, 1, 0), 0);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 1);
	fault_push(f, text, 1);
	cr_expect_eq(fault_pop(f, &m, 1, 1), 1, "a duplicate that cannot be is no loss");
	cr_expect_eq(rig_drops(&rig), 1);
	pkt_release(m);
	rte_pktmbuf_free_bulk(all, MBUFS - 1);
}

Test(fault, reordered_frames_are_held_back_the_others_keep_their_order)
{
	uint32_t n_late = 0;
	uint32_t last = 0;

	begin((struct baro_fault_config){
		.reorder_ppm = 50000, .reorder_ns = 255, .delay_ns = 1000 });
	feed(MANY, 10);
	cr_assert_eq(n_seen, MANY);
	for (uint32_t i = 0; i < n_seen; i++) {
		if (seen[i].at_ns == seen[i].number * UINT64_C(10) + 1255) {
			n_late++;
			continue;
		}
		cr_assert_eq(seen[i].at_ns, seen[i].number * UINT64_C(10) + 1000);
		cr_assert_geq(seen[i].number, last);
		last = seen[i].number;
	}
	expect_share(n_late, MANY, 50000, "reordering");
}

Test(fault, reordering_holds_back_for_a_millisecond_unless_told)
{
	begin((struct baro_fault_config){ .reorder_ppm = 1000000 });
	feed(1, 0);
	cr_expect_eq(seen[0].at_ns, NS_PER_MS);
}

Test(fault, frames_due_together_keep_their_order)
{
	begin((struct baro_fault_config){ .delay_ns = 100 });
	feed(5000, 0);
	cr_assert_eq(n_seen, 5000);
	for (uint32_t i = 0; i < n_seen; i++) {
		cr_assert_eq(seen[i].number, i);
		cr_assert_eq(seen[i].at_ns, 100);
	}
}

Test(fault, a_burst_takes_no_more_than_asked)
{
	struct rte_mbuf *m[10];

	begin((struct baro_fault_config){ .delay_ns = 1 });
	for (uint32_t i = 0; i < 15; i++)
		fault_push(f, rig_packet(&rig, i, LEN), 0);
	cr_expect_eq(fault_pop(f, m, 10, 0), 0);
	cr_assert_eq(fault_pop(f, m, 10, 1), 10);
	rte_pktmbuf_free_bulk(m, 10);
	cr_assert_eq(fault_pop(f, m, 10, 1), 5);
	cr_expect_eq(rig_number(m[4]), 14);
	rte_pktmbuf_free_bulk(m, 5);
}

Test(fault, the_rate_is_kept_exactly)
{
	static const struct {
		uint64_t rate_bps;
		uint32_t n;
		uint64_t last_ns; /* n * LEN * 8 * 10^9 / rate, rounded down */
	} rows[] = {
		{ 1000, 100, UINT64_C(51200000000) },
		{ 1000000, 1000, 512000000 },
		{ 512000000, 1000, 1000000 },
		{ 3, 3, UINT64_C(512000000000) },
		{ 7000000, 999, 73069714 },
		{ UINT64_C(10000000000), 1000, 51200 },
		{ UINT64_C(400000000000), 1000, 1280 },
	};

	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		begin((struct baro_fault_config){ .rate_bps = rows[i].rate_bps });
		feed(rows[i].n, 0);
		cr_assert_eq(n_seen, rows[i].n);
		for (uint32_t k = 0; k < n_seen; k++) {
			cr_assert_eq(seen[k].number, k);
			cr_assert_eq(seen[k].at_ns,
				(uint64_t)((k + 1) * ((unsigned __int128)LEN * 8 * NS_PER_SEC) /
					   rows[i].rate_bps),
				"frame %u at %lu bit/s", k, (unsigned long)rows[i].rate_bps);
		}
		cr_expect_eq(seen[n_seen - 1].at_ns, rows[i].last_ns);
	}
}

Test(fault, an_idle_rate_saves_nothing_up)
{
	begin((struct baro_fault_config){
		.rate_bps = LEN * 8 * NS_PER_SEC / 100 }); /* 100 ns each */
	feed(1, 0);
	fault_push(f, rig_packet(&rig, 1, LEN), 10000);
	fault_push(f, rig_packet(&rig, 2, LEN), 10000);
	run(TIME_NEVER - 1);
	cr_assert_eq(n_seen, 3);
	cr_expect_eq(seen[0].at_ns, 100);
	cr_expect_eq(seen[1].at_ns, 10100);
	cr_expect_eq(seen[2].at_ns, 10200);
}

Test(fault, delay_comes_after_the_rate)
{
	begin((struct baro_fault_config){
		.rate_bps = LEN * 8 * NS_PER_SEC / 100, .delay_ns = 1000000, .queue_frames = 5 });
	feed(50, 100);
	cr_assert_eq(n_seen, 50, "what is under way does not wait in the queue");
	for (uint32_t i = 0; i < n_seen; i++)
		cr_assert_eq(seen[i].at_ns, i * 100 + 1000100);
}

Test(fault, a_full_queue_loses_the_last_frame)
{
	begin((struct baro_fault_config){
		.rate_bps = LEN * 8 * NS_PER_SEC / 100, .queue_frames = 10 });
	for (uint32_t i = 0; i < 15; i++)
		fault_push(f, rig_packet(&rig, i, LEN), 0);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 5);
	fault_push(f, rig_packet(&rig, 15, LEN), 99);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 6);
	fault_push(f, rig_packet(&rig, 16, LEN), 100);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 6, "one has left");
	fault_push(f, rig_packet(&rig, 17, LEN), 100);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 7);
	run(TIME_NEVER - 1);
	cr_assert_eq(n_seen, 11);
	cr_expect_eq(seen[9].number, 9);
	cr_expect_eq(seen[10].number, 16);
	cr_expect_eq(seen[10].at_ns, 1100);
}

Test(fault, a_thousand_frames_wait_unless_told)
{
	begin((struct baro_fault_config){ .rate_bps = 1000 });
	feed(1200, 0);
	cr_expect_eq(n_seen, 1000);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 200);
}

Test(fault, overload_passes_exactly_the_rate)
{
	begin((struct baro_fault_config){
		.rate_bps = LEN * 8 * NS_PER_SEC / 100, .queue_frames = 100 });
	feed(MANY, 50); /* twice the rate */
	cr_expect_geq(n_seen, MANY / 2 + 99);
	cr_expect_leq(n_seen, MANY / 2 + 101);
	for (uint32_t i = 0; i < n_seen; i++)
		cr_assert_eq(seen[i].at_ns, (i + 1) * UINT64_C(100), "never idle");
}

/* Several faults at once, and a trace of what came out. */
static uint64_t
trace(uint64_t seed)
{
	uint64_t hash = 0;

	begin((struct baro_fault_config){
		.loss_ppm = 30000,
		.duplicate_ppm = 20000,
		.reorder_ppm = 40000,
		.reorder_ns = 777,
		.corrupt_ppm = 10000,
		.delay_ns = 5000,
		.rate_bps = UINT64_C(20000000000),
		.seed = seed,
	});
	feed(20000, 30);
	for (uint32_t i = 0; i < n_seen; i++) {
		hash = (hash ^ seen[i].at_ns) * UINT64_C(0x100000001b3);
		hash = (hash ^ seen[i].number) * UINT64_C(0x100000001b3);
		hash = (hash ^ seen[i].n_flipped) * UINT64_C(0x100000001b3);
	}
	return hash;
}

Test(fault, the_same_seed_gives_the_same_run)
{
	uint64_t first = trace(42);

	cr_expect_eq(trace(42), first);
	cr_expect_neq(trace(43), first);
	cr_expect_eq(trace(0), trace(1), "no seed is seed 1");
}

Test(fault, all_faults_together_are_as_frequent_as_asked)
{
	uint32_t n_hit = 0;

	begin((struct baro_fault_config){
		.loss_ppm = 100000, .duplicate_ppm = 100000, .corrupt_ppm = 100000 });
	feed(MANY, 10);
	expect_share(n_seen, MANY, 990000, "0.9 of all, one in ten of these twice");
	for (uint32_t i = 0; i < n_seen; i++)
		n_hit += seen[i].n_flipped;
	expect_share(n_hit, n_seen, 100000, "corruption of what arrives");
}

Test(fault, a_change_holds_for_frames_that_enter_from_then_on)
{
	static const struct baro_fault_config slow = { .delay_ns = 1000 };
	static const struct baro_fault_config lossy = { .loss_ppm = 1000000 };
	static const struct baro_fault_config none = { 0 };

	begin(slow);
	fault_push(f, rig_packet(&rig, 0, LEN), 0);
	fault_set(f, &lossy);
	fault_push(f, rig_packet(&rig, 1, LEN), 10);
	fault_set(f, &none);
	fault_push(f, rig_packet(&rig, 2, LEN), 20);
	run(TIME_NEVER - 1);
	cr_assert_eq(n_seen, 2);
	cr_expect_eq(seen[0].number, 0);
	cr_expect_eq(seen[0].at_ns, 1000);
	cr_expect_eq(seen[1].number, 2);
	cr_expect_eq(seen[1].at_ns, 1000, "a shorter delay overtakes nobody");
}

Test(fault, a_new_seed_starts_the_dice_again)
{
	struct baro_fault_config half = { .loss_ppm = 500000, .seed = 5 };
	uint64_t first = 0;
	uint64_t second = 0;

	begin(half);
	feed(64, 1);
	for (uint32_t i = 0; i < n_seen; i++)
		first |= UINT64_C(1) << seen[i].number;
	half.seed = 6;
	fault_set(f, &half);
	half.seed = 5;
	fault_set(f, &half);
	n_seen = 0;
	feed(64, 1);
	for (uint32_t i = 0; i < n_seen; i++)
		second |= UINT64_C(1) << seen[i].number;
	cr_expect_eq(first, second);
}

Test(fault, times_beyond_the_end_of_time_never_come)
{
	begin((struct baro_fault_config){ .delay_ns = UINT64_MAX - 10 });
	fault_push(f, rig_packet(&rig, 0, LEN), 1000);
	cr_expect_eq(fault_next(f), TIME_NEVER);
}

Test(fault, destroying_releases_what_is_under_way)
{
	begin((struct baro_fault_config){ .delay_ns = 1000 });
	for (uint32_t i = 0; i < 1000; i++)
		fault_push(f, rig_packet(&rig, i, LEN), 0);
	cr_expect_eq(dev_pool_in_use(&rig.pool), 1000);
	fault_destroy(f);
	f = NULL;
	cr_expect_eq(dev_pool_in_use(&rig.pool), 0);
}

/* A black hole: frames of LEN octets pass, or none does. */
Test(fault, longer_frames_vanish)
{
	begin((struct baro_fault_config){ .max_frame = LEN });
	feed(100, 1000);
	cr_expect_eq(n_seen, 100);
	begin((struct baro_fault_config){ .max_frame = LEN - 1 });
	feed(100, 1000);
	cr_expect_eq(n_seen, 0);
	cr_expect_eq(rig.env.drops[DROP_PORT_FAULT], 100);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* What routers tell of the ways out, and how long it holds: RFC 1191. */

#include <criterion/criterion.h>

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

TestSuite(pmtu, .init = setup, .fini = teardown);

static void
begin_anew(const struct host_opts *opts)
{
	host_delete(h);
	h = host_new(opts);
}

static struct ip_path
path_to(uint32_t dst)
{
	struct ip_path path;

	cr_assert_eq(ip_find_path(&h->ip, dst, h->now_ns, &path), 0, "to %08x", dst);
	return path;
}

static bool
told(uint32_t dst, uint16_t mtu, uint16_t len)
{
	return ip_pmtu_learn(&h->ip, dst, mtu, len, h->now_ns);
}

/* D11: and of that destination alone */
Test(pmtu, way_carries_what_a_router_told)
{
	cr_expect_eq(path_to(FAR_IP).mtu, 1500);
	cr_expect(told(FAR_IP, 1400, 1500));
	cr_expect_eq(path_to(FAR_IP).mtu, 1400);
	cr_expect(!path_to(FAR_IP).may_fragment);
	cr_expect_eq(path_to(FAR_IP + 1).mtu, 1500);
	cr_expect_eq(path_to(PEER_IP).mtu, 1500);
}

/* D11: connections to that destination learn it by their path, which is no longer fresh */
Test(pmtu, paths_are_stale_after_news_and_after_nothing_else)
{
	struct ip_path path = path_to(PEER_IP);

	cr_expect(told(FAR_IP, 1400, 1500));
	cr_expect(!ip_path_is_fresh(&h->ip, &path));
	path = path_to(FAR_IP);
	cr_expect(!told(FAR_IP, 1400, 1500), "no news");
	cr_expect(!told(FAR_IP, 1450, 1500), "no word raises it");
	cr_expect_eq(path_to(FAR_IP).mtu, 1400);
	cr_expect(ip_path_is_fresh(&h->ip, &path));
}

/* D12: RFC 1191 §7.1 */
Test(pmtu, old_router_that_tells_no_mtu_gets_the_next_plateau)
{
	static const struct {
		uint16_t len, mtu;
	} rows[] = { { 9000, 8166 }, { 8166, 4352 }, { 1500, 1492 }, { 1492, 1006 }, { 1006, 552 },
		{ 553, 552 }, { 65535, 32000 } };

	begin_anew(&(struct host_opts){ .mtu = 9000 });
	for (uint32_t i = 0; i < ARRAY_LEN(rows); i++) {
		told(FAR_IP + i, i % 2 == 0 ? 0 : 67, rows[i].len);
		cr_expect_eq(
			path_to(FAR_IP + i).mtu, min_u32(rows[i].mtu, 9000), "%u", rows[i].len);
	}
}

/* D12: below the floor DF would lose everything for ever; it is not set there */
Test(pmtu, never_below_the_floor)
{
	static const uint16_t mtu[] = { 68, 100, 296, 551, 552 };

	for (uint32_t i = 0; i < ARRAY_LEN(mtu); i++) {
		cr_expect(told(FAR_IP + i, mtu[i], 1500));
		cr_expect_eq(path_to(FAR_IP + i).mtu, 552, "%u", mtu[i]);
		cr_expect_eq(path_to(FAR_IP + i).may_fragment, mtu[i] < 552, "%u", mtu[i]);
	}
	cr_expect(told(FAR_IP + 4, 300, 552), "and later it can turn out to be narrower still");
	cr_expect(path_to(FAR_IP + 4).may_fragment);
	cr_expect(told(FAR_IP + 5, 0, 1006), "a guess is no proof of that");
	cr_expect(!path_to(FAR_IP + 5).may_fragment);
	cr_expect(told(FAR_IP + 5, 0, 552));
	cr_expect(path_to(FAR_IP + 5).may_fragment);
}

/* D14: RFC 5927 §7.2 */
Test(pmtu, packet_that_would_have_passed_teaches_nothing)
{
	cr_expect(!told(FAR_IP, 1400, 1400));
	cr_expect(!told(FAR_IP, 0, 60));
	cr_expect_eq(path_to(FAR_IP).mtu, 1500);
	cr_expect_eq(h->ip.pmtu.n_used, 0);
}

Test(pmtu, floor_is_a_setting)
{
	begin_anew(&(struct host_opts){ .config.ip.path_mtu_min = 1000 });
	told(FAR_IP, 600, 1500);
	cr_expect_eq(path_to(FAR_IP).mtu, 1000);
}

/* D13 */
Test(pmtu, never_above_the_interfaces)
{
	begin_anew(&(struct host_opts){ .mtu = 1200 });
	cr_expect(told(FAR_IP, 1400, 1500));
	cr_expect_eq(path_to(FAR_IP).mtu, 1200);
}

/* D13: RFC 1191 §6.3 */
Test(pmtu, raised_again_ten_minutes_after_the_last_word)
{
	struct ip_path path;

	told(FAR_IP, 1400, 1500);
	host_until(h, AT_S(300));
	told(FAR_IP, 1400, 1500);
	told(PEER2_IP, 1300, 1500);
	path = path_to(FAR_IP);
	host_until(h, AT_S(899));
	cr_expect_eq(path_to(FAR_IP).mtu, 1400);
	cr_expect(ip_path_is_fresh(&h->ip, &path));
	host_until(h, AT_S(900 + 61));
	cr_expect_eq(path_to(FAR_IP).mtu, 1500);
	cr_expect_eq(path_to(PEER2_IP).mtu, 1500);
	cr_expect(!ip_path_is_fresh(&h->ip, &path), "users of the path look again");
	cr_expect(told(FAR_IP, 1400, 1500), "and it can be learnt anew");
}

Test(pmtu, how_long_a_word_holds_is_a_setting)
{
	begin_anew(&(struct host_opts){ .config.ip.path_mtu_expiry_ns = 10 * NS_PER_SEC });
	told(FAR_IP, 1400, 1500);
	host_until(h, AT_MS(9999));
	cr_expect_eq(path_to(FAR_IP).mtu, 1400);
	host_until(h, AT_S(12));
	cr_expect_eq(path_to(FAR_IP).mtu, 1500);
}

/* R03: of bounded size; the oldest makes room */
Test(pmtu, full_cache_forgets_the_oldest)
{
	const uint32_t n = 40 * PMTU_SETS * PMTU_WAYS;
	uint32_t known = 0;

	for (uint32_t i = 0; i < n; i++) {
		host_until(h, h->now_ns + 1);
		cr_assert(told(FAR_IP + i, 1400, 1500));
		cr_assert_eq(path_to(FAR_IP + i).mtu, 1400);
	}
	cr_expect_leq(h->ip.pmtu.n_used, PMTU_SETS * PMTU_WAYS);
	for (uint32_t i = 0; i < n / 2; i++)
		known += pmtu_find(&h->ip.pmtu, FAR_IP + i) != NULL;
	cr_expect_eq(known, 0, "%u of the older half", known);
	host_until(h, h->now_ns + 700 * NS_PER_SEC);
	cr_expect_eq(h->ip.pmtu.n_used, 0);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* A wire that drops large frames without a word (RFC 4821): text gets through all the same. */

#include <criterion/criterion.h>

#include "base/time.h"
#include "sim/transfer.h"

/** 4 MB over 10 Mbit/s and 10 ms, where frames of 1314 octets pass, packets of 1300. */
static struct transfer_result
transfer(const char *congestion, enum baro_switch probing)
{
	const struct transfer_plan plan = {
		.congestion = congestion,
		.wire = { .rate_bps = 10000000,
			.delay_ns = 5 * NS_PER_MS,
			.queue_frames = 100,
			.max_frame = 1314 },
		.octets = 4000000,
		.within_ns = 60 * NS_PER_SEC,
		.mtu_probing = probing,
	};
	struct transfer_result r;

	cr_assert_eq(transfer_run(&plan, &r), 0);
	cr_assert(!r.is_wrong);
	return r;
}

/* L19 */
Test(sim_mtu, a_black_hole_costs_two_timeouts)
{
	static const char *const names[] = { "cubic", "newreno", "bbr" };

	for (unsigned i = 0; i < 3; i++) {
		struct transfer_result r = transfer(names[i], BARO_AUTO);

		cr_expect(r.is_done, "%s: %lu octets", names[i], r.octets);
		cr_expect_leq(r.timeouts, 3, "%s: %lu time-outs", names[i], r.timeouts);
		cr_expect_geq(transfer_goodput(&r) * 8 / 1e6, 6.5, "%s: %.2f Mbit/s", names[i],
			transfer_goodput(&r) * 8 / 1e6);
	}
}

Test(sim_mtu, probing_from_the_beginning_costs_none)
{
	struct transfer_result r = transfer("cubic", BARO_ON);

	cr_expect(r.is_done);
	cr_expect_eq(r.timeouts, 0);
}

Test(sim_mtu, without_the_search_nothing_gets_through)
{
	struct transfer_result r = transfer("cubic", BARO_OFF);

	cr_expect_eq(r.octets, 0, "the test shows nothing");
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Round-trip times, without a core. */

#include <criterion/criterion.h>

#include "tcp/rtt.h"
#include "tcp/tcp.h"

struct bench {
	struct tcp tcp;
	struct tcp_conn c;
};

static struct bench *
bench(uint64_t min_ms, uint64_t max_ms)
{
	static struct bench b;

	b = (struct bench){ .tcp.common = { .rto_initial_ns = NS_PER_SEC,
				    .rto_min_ns = min_ms * NS_PER_MS,
				    .rto_max_ns = max_ms * NS_PER_MS } };
	b.c.tcp = &b.tcp;
	rtt_init(&b.c);
	return &b;
}

/* K01 */
Test(tcp_rtt, waits_one_second_before_the_first_measurement)
{
	struct bench *b = bench(200, 60000);

	cr_assert_eq(rtt_timeout(&b->c), NS_PER_SEC);
}

/* K01 */
Test(tcp_rtt, first_sample_gives_three_times_itself)
{
	struct bench *b = bench(1, 60000);

	rtt_sample(&b->c, 100 * NS_PER_MS);
	cr_assert_eq(b->c.srtt_ns, 100 * NS_PER_MS);
	cr_assert_eq(b->c.rttvar_ns, 50 * NS_PER_MS);
	cr_assert_eq(rtt_timeout(&b->c), 300 * NS_PER_MS);
}

/* K01: RTTVAR by the old SRTT, then SRTT */
Test(tcp_rtt, later_samples_weigh_an_eighth_and_a_quarter)
{
	struct bench *b = bench(1, 60000);

	rtt_sample(&b->c, 80 * NS_PER_MS);
	rtt_sample(&b->c, 160 * NS_PER_MS);
	cr_assert_eq(b->c.rttvar_ns, 30 * NS_PER_MS + 20 * NS_PER_MS);
	cr_assert_eq(b->c.srtt_ns, 90 * NS_PER_MS);
	cr_assert_eq(rtt_timeout(&b->c), 290 * NS_PER_MS);
	rtt_sample(&b->c, 10 * NS_PER_MS);
	cr_assert_eq(b->c.rttvar_ns, 37500 * NS_PER_US + 20 * NS_PER_MS);
	cr_assert_eq(b->c.srtt_ns, 80 * NS_PER_MS);
}

/* K01 */
Test(tcp_rtt, steady_round_trips_bring_the_variation_down)
{
	struct bench *b = bench(1, 60000);

	for (int i = 0; i < 200; i++)
		rtt_sample(&b->c, 100 * NS_PER_MS);
	cr_assert_eq(b->c.srtt_ns, 100 * NS_PER_MS);
	cr_assert_lt(rtt_timeout(&b->c), 102 * NS_PER_MS);
}

/* K02: on a long way whose round trips never varied, a little more delay is no loss */
Test(tcp_rtt, the_floor_lies_on_top_of_the_round_trip)
{
	struct bench *b = bench(200, 60000);

	for (int i = 0; i < 200; i++)
		rtt_sample(&b->c, 320 * NS_PER_MS);
	cr_assert_eq(rtt_timeout(&b->c), 520 * NS_PER_MS);
}

/* K02 */
Test(tcp_rtt, floor_and_ceiling_are_settings)
{
	struct bench *b = bench(250, 700);

	rtt_sample(&b->c, NS_PER_MS);
	cr_assert_eq(rtt_timeout(&b->c), 251 * NS_PER_MS);
	b->c.backoff = 1;
	cr_assert_eq(rtt_timeout(&b->c), 502 * NS_PER_MS);
	b->c.backoff = 2;
	cr_assert_eq(rtt_timeout(&b->c), 700 * NS_PER_MS);
	b->c.backoff = 255;
	cr_assert_eq(rtt_timeout(&b->c), 700 * NS_PER_MS);
	rtt_sample(&b->c, 3600 * NS_PER_SEC);
	cr_assert_eq(rtt_timeout(&b->c), 700 * NS_PER_MS);
}

/* K05 */
Test(tcp_rtt, a_sample_ends_the_back_off)
{
	struct bench *b = bench(200, 60000);

	rtt_sample(&b->c, 100 * NS_PER_MS);
	b->c.backoff = 5;
	cr_assert_eq(rtt_timeout(&b->c), 9600 * NS_PER_MS);
	rtt_sample(&b->c, 100 * NS_PER_MS);
	cr_assert_lt(rtt_timeout(&b->c), 301 * NS_PER_MS);
}

/* M06 K03: RFC 7323 §3.2: a zero echoes nothing; nor does an echo from the future tell a round trip */
Test(tcp_rtt, an_echo_of_nothing_is_no_sample)
{
	struct bench *b = bench(200, 60000);
	struct tcp_opts o = { .has = TCP_HAS_TS, .tsecr = 1 };

	b->c.flags = TCP_F_TS;
	cr_assert_eq(rtt_from_echo(&b->c, &o, 51 * NS_PER_MS), 50 * NS_PER_MS);
	o.tsecr = 0;
	cr_assert_eq(rtt_from_echo(&b->c, &o, 51 * NS_PER_MS), 0);
	o.tsecr = 52;
	cr_assert_eq(rtt_from_echo(&b->c, &o, 51 * NS_PER_MS), 0);
}

/* K07 */
Test(tcp_rtt, a_slow_handshake_begins_with_three_seconds)
{
	struct bench *b = bench(200, 60000);

	b->c.backoff = 2;
	rtt_handshake_was_slow(&b->c);
	cr_assert_eq(rtt_timeout(&b->c), 3 * NS_PER_SEC);
}

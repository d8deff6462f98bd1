/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-load against an echo service at the other end of a simulated wire, 1 ms long. */

#include "../../app/load/options.h"
#include "../../app/load/worker.h"
#include "../../app/echo/echo.h"
#include "sim/pair.h"

#include <math.h>
#include <string.h>

enum { DELAY_MS = 1, ROUND_TRIP_MS = 2 };

static struct pair net;
static struct load_plan plan;

/** A load of core 0 on the echo service of core 1 begins. */
static struct load_worker *
start_load(const struct baro_fault_config *fault)
{
	struct load_worker *w = calloc(1, sizeof(*w));
	struct baro_fault_config way = *fault;

	way.delay_ns = DELAY_MS * NS_PER_MS;
	pair_open(&net, &way, 7);
	cr_assert_eq(echo_start(net.core[1], 7), 0);
	plan.to = (struct baro_endpoint){ net.addr[1], 7 };
	cr_assert_null(load_plan_check(&plan));
	load_worker[0] = w;
	cr_assert_eq(worker_start(w, net.core[0], &plan, plan.flows), 0);
	return w;
}

/** One from now until it is over. */
static const struct load_worker *
run_load(const struct baro_fault_config *fault)
{
	struct load_worker *w = start_load(fault);

	for (int i = 0; i < 200 && atomic_load(&w->phase) != LOAD_OVER; i++)
		pair_run(&net, 100 * NS_PER_MS);
	cr_assert_eq(atomic_load(&w->phase), LOAD_OVER);
	return w;
}

static void
end_load(void)
{
	worker_abort(load_worker[0]);
	pair_run(&net, 200 * NS_PER_SEC);
	worker_free(load_worker[0]);
	load_worker[0] = NULL;
	pair_close(&net);
}

static void
no_plan(void)
{
	load_plan_init(&plan);
	plan.warmup_ns = 100 * NS_PER_MS;
	plan.duration_ns = NS_PER_SEC;
}

TestSuite(load, .init = no_plan);

static const struct baro_fault_config clean;

static bool
is_near(double value, double wanted, double percent)
{
	return fabs(value - wanted) <= wanted * percent / 100;
}

Test(load, percentiles_are_exact_to_a_part_in_128)
{
	static struct hist h, more;

	for (uint64_t i = 1; i <= 100000; i++)
		hist_add(i % 2 != 0 ? &h : &more, i * 1000);
	hist_merge(&h, &more);
	cr_expect_eq(h.n, 100000);
	cr_expect(is_near((double)hist_percentile(&h, 50), 50e6, 0.8));
	cr_expect(is_near((double)hist_percentile(&h, 99.9), 99.9e6, 0.8));
	cr_expect_eq(hist_percentile(&h, 100), 100000000);
	cr_expect_eq(hist_mean(&h), 50000500);
	cr_expect_eq(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
	for (uint64_t ns = 1; ns < UINT64_C(1) << 40; ns = ns * 3 / 2 + 1)
		cr_expect_geq(hist_bucket(ns), hist_bucket(ns - 1), "%lu", ns);
}

Test(load, a_closed_loop_sends_the_next_request_when_the_answer_comes)
{
	const struct load_worker *w;

	plan.flows = 4;
	plan.depth = 2;
	w = run_load(&clean);
	cr_expect(is_near((double)w->counts.replies, 4 * 2 * 1000 / ROUND_TRIP_MS, 1));
	cr_expect(is_near((double)hist_percentile(&w->latency, 50), ROUND_TRIP_MS * 1e6, 1));
	cr_expect(is_near((double)w->latency.max_ns, ROUND_TRIP_MS * 1e6, 1));
	cr_expect_eq(w->n_open, 4);
	cr_expect(is_near((double)w->counts.octets_in, (double)w->counts.replies * 64, 1));
	end_load();
}

Test(load, active_connections_take_turns)
{
	const struct load_worker *w;

	plan.flows = 10;
	plan.active = 2;
	w = run_load(&clean);
	cr_expect(is_near((double)w->counts.replies, 2 * 1000 / ROUND_TRIP_MS, 1));
	for (uint32_t i = 0; i < plan.flows; i++)
		cr_expect(is_near(worker_flow(w, i)->done, 2 * 1100 / ROUND_TRIP_MS / 10.0, 10),
			"%u", i);
	end_load();
}

Test(load, turns_are_taken_among_some_of_the_connections)
{
	const struct load_worker *w;

	plan.flows = 12;
	plan.active = 2;
	plan.among = 4;
	w = run_load(&clean);
	cr_expect_eq(w->n_open, 12);
	for (uint32_t i = 0; i < plan.flows; i++)
		cr_expect(is_near(worker_flow(w, i)->done,
				  i % 3 != 0 ? 0 : 2 * 1100 / ROUND_TRIP_MS / 4.0, 10),
			"%u", i);
	end_load();
}

Test(load, those_who_take_turns_are_spread_evenly)
{
	const struct load_worker *w;
	uint32_t n_asked = 0;

	plan.flows = 19;
	plan.active = 1;
	plan.among = 10;
	w = run_load(&clean);
	for (uint32_t i = 0; i < plan.flows; i++) {
		n_asked += worker_flow(w, i)->done != 0;
		cr_expect(i == 0 || (worker_flow(w, i)->done != 0) +
						    (worker_flow(w, i - 1)->done != 0) >=
					    1,
			"%u", i);
	}
	cr_expect_eq(n_asked, 10);
	end_load();
}

static void
fail_all(struct load_worker *w)
{
	for (uint32_t i = 0; i < plan.flows; i++) {
		plan.mode->abort(worker_flow(w, i));
		worker_failed(w, worker_flow(w, i), LOAD_RESET);
	}
}

/* All that take turns have ended: who is open again has the turns. */
Test(load, turns_go_on_when_all_had_ended)
{
	struct load_worker *w;
	uint64_t replies;

	plan.flows = 4;
	plan.active = 2;
	plan.among = 2;
	plan.duration_ns = 10 * NS_PER_SEC;
	w = start_load(&clean);
	pair_run(&net, 2 * NS_PER_SEC);
	replies = w->counts.replies;
	cr_assert_gt(replies, 0);
	fail_all(w);
	pair_run(&net, 2 * NS_PER_SEC);
	cr_expect_gt(w->counts.replies, replies + 2 * 1000 / ROUND_TRIP_MS);
	end_load();
}

/* Those that waited for a request to be due when they ended are opened again too. */
Test(load, an_open_loop_opens_again_what_has_ended)
{
	struct load_worker *w;

	plan.flows = 4;
	plan.rate = 100;
	plan.duration_ns = 10 * NS_PER_SEC;
	w = start_load(&clean);
	pair_run(&net, 2 * NS_PER_SEC);
	cr_assert_eq(w->n_open, 4);
	fail_all(w);
	cr_assert_eq(w->n_open, 0);
	pair_run(&net, 2 * NS_PER_SEC);
	cr_expect_eq(w->n_open, 4);
	end_load();
}

/* Each has its turn before one has its second, also where the distance between turns divides their number. */
Test(load, turns_come_round)
{
	const struct load_worker *w;

	plan.flows = 2 * 7919;
	plan.active = 1000;
	w = run_load(&clean);
	for (uint32_t i = 0; i < plan.flows; i++)
		cr_assert_geq(worker_flow(w, i)->done, 1, "%u", i);
	end_load();
}

/* However much is late: SYNs by the thousand would be lost on the way, and tried again a second later. */
Test(load, an_open_loop_opens_no_more_than_256_at_a_time)
{
	const struct load_worker *w;

	plan.flows = 2000;
	plan.close = LOAD_RST;
	plan.rate = 1e6;
	w = run_load(&clean);
	cr_expect_gt(w->counts.opened, 200 * 1000 / ROUND_TRIP_MS);
	cr_expect_leq(w->counts.opened, 256 * 1200 / ROUND_TRIP_MS);
	end_load();
}

Test(load, connections_share_the_ports_of_the_server)
{
	const struct load_worker *w;

	plan.flows = 4;
	plan.n_to = 2; /* nobody is at the second */
	w = run_load(&clean);
	cr_expect_eq(w->n_open, 2);
	cr_expect_gt(w->counts.failed[LOAD_REFUSED], 2);
	end_load();
}

Test(load, one_connection_finds_the_way_before_the_others)
{
	const struct baro_fault_config silence = { .loss_ppm = 1000000 };
	const struct load_worker *w;

	plan.flows = 10;
	w = run_load(&silence);
	cr_expect_eq(w->n_begun, 1);
	cr_expect_eq(w->counts.opened, 0);
	end_load();
}

Test(load, a_connection_that_fails_at_once_waits_for_the_tick)
{
	const struct load_worker *w;

	plan.flows = 4;
	plan.close = LOAD_FIN;
	plan.n_from = 1;
	plan.from = baro_addr_from_v4(0xc6120063); /* which is not ours */
	w = run_load(&clean);
	cr_expect_gt(w->counts.failed[LOAD_LOCAL], 1000);
	cr_expect_lt(w->counts.failed[LOAD_LOCAL], 20000, "one a tick");
	end_load();
}

Test(load, an_open_loop_keeps_its_rate_whatever_comes_back)
{
	const struct load_worker *w;

	plan.flows = 10;
	plan.rate = 1500; /* of the 5000 that ten connections could carry */
	w = run_load(&clean);
	cr_expect(is_near((double)w->counts.requests, 1500, 1));
	cr_expect(is_near((double)hist_percentile(&w->latency, 50), ROUND_TRIP_MS * 1e6, 2));
	end_load();
}

/* One connection carries 500 a second: what is due in between waits, and its waiting counts. */
Test(load, an_open_loop_charges_the_server_for_those_who_wait)
{
	const struct load_worker *w;

	plan.flows = 1;
	plan.rate = 1000;
	w = run_load(&clean);
	cr_expect(is_near((double)w->counts.replies, 500, 2));
	cr_expect_gt(hist_percentile(&w->latency, 99), 400 * NS_PER_MS);
	end_load();
}

Test(load, each_request_may_have_a_connection_of_its_own)
{
	for (enum load_close how = LOAD_FIN; how <= LOAD_RST; how++) {
		const struct load_worker *w;

		plan.flows = 3;
		plan.close = how;
		w = run_load(&clean);
		cr_expect(is_near((double)w->counts.replies, 3 * 1000 / (2 * ROUND_TRIP_MS), 2),
			"%d: %lu answers", how, w->counts.replies);
		cr_expect_geq(w->counts.opened, w->counts.replies);
		end_load();
	}
}

/* An open loop opens nothing before its schedule begins, but for the one that looks for the way */
Test(load, the_schedule_of_single_connections_begins_at_once)
{
	const struct load_worker *w;

	plan.flows = 10;
	plan.close = LOAD_RST;
	plan.rate = 500;
	w = run_load(&clean);
	cr_expect_lt(w->begin_ns - w->first_ns, 100 * NS_PER_MS);
	cr_expect_eq(w->n_begun, 10);
	cr_expect(is_near((double)w->counts.replies, 500, 2));
	end_load();
}

Test(load, who_is_refused_tries_again_and_is_counted)
{
	struct load_worker *w = calloc(1, sizeof(*w));

	pair_open(&net, &clean, 7);
	plan.to = (struct baro_endpoint){ net.addr[1], 99 };
	load_worker[0] = w;
	cr_assert_eq(worker_start(w, net.core[0], &plan, 1), 0);
	pair_run(&net, 100 * NS_PER_MS);
	cr_expect_gt(w->counts.failed[LOAD_REFUSED], 10);
	cr_expect_lt(w->counts.failed[LOAD_REFUSED], 200, "not more than one try a tick");
	cr_expect_eq(w->n_open, 0);
	end_load();
}

Test(load, a_request_without_an_answer_times_out)
{
	const struct load_worker *w;

	plan.timeout_ns = ROUND_TRIP_MS * NS_PER_MS / 2; /* before any answer can come */
	w = run_load(&clean);
	cr_expect_eq(w->counts.replies, 0);
	cr_expect_gt(w->counts.failed[LOAD_TIMEOUT], 10);
	end_load();
}

Test(load, connections_are_opened_evenly_in_the_ramp)
{
	struct load_worker *w = calloc(1, sizeof(*w));

	pair_open(&net, &clean, 7);
	cr_assert_eq(echo_start(net.core[1], 7), 0);
	plan.to = (struct baro_endpoint){ net.addr[1], 7 };
	plan.mode = &load_idle;
	plan.flows = 1000;
	plan.ramp_ns = NS_PER_SEC;
	load_worker[0] = w;
	cr_assert_eq(worker_start(w, net.core[0], &plan, 1000), 0);
	pair_run(&net, 500 * NS_PER_MS);
	cr_expect(is_near(w->n_open, 500, 2), "%u", w->n_open);
	pair_run(&net, 600 * NS_PER_MS);
	cr_expect_eq(w->n_open, 1000);
	end_load();
}

Test(load, datagrams_that_are_lost_are_counted_once)
{
	const struct baro_fault_config lossy = { .loss_ppm = 100000 };
	const struct load_worker *w;

	plan.mode = &load_udp;
	plan.flows = 20;
	plan.depth = 4;
	plan.rate = 2000;
	plan.duration_ns = 5 * NS_PER_SEC;
	plan.timeout_ns = 20 * NS_PER_MS;
	w = run_load(&lossy);
	/* 10 % each way */
	cr_expect(is_near((double)w->counts.lost, (double)w->counts.requests * 0.19, 10));
	cr_expect(is_near(
		(double)(w->counts.replies + w->counts.lost), (double)w->counts.requests, 2));
	cr_expect_eq(w->counts.duplicates, 0);
	end_load();
}

Test(load, answers_that_come_twice_are_no_answers)
{
	const struct baro_fault_config twice = { .duplicate_ppm = 500000 };
	const struct load_worker *w;

	plan.mode = &load_udp;
	w = run_load(&twice);
	cr_expect_gt(w->counts.duplicates, w->counts.replies / 2);
	cr_expect(is_near((double)w->counts.replies, 1000.0 / ROUND_TRIP_MS, 2));
	end_load();
}

Test(load, an_even_stream_has_no_jitter_and_no_loss)
{
	const struct load_worker *w;

	plan.mode = &load_media;
	plan.flows = 10;
	plan.size = 172;
	plan.warmup_ns = 2 * NS_PER_SEC; /* the first ones wait for ARP */
	w = run_load(&clean);
	cr_expect(is_near((double)w->counts.requests, 10 * 50, 2));
	cr_expect_eq(w->counts.lost, 0);
	cr_expect_eq(w->counts.reordered, 0);
	cr_expect_leq(w->jitter.max_ns, 20 * NS_PER_US);
	end_load();
}

Test(load, a_stream_over_a_bad_wire_tells_loss_from_disorder)
{
	const struct baro_fault_config bad = {
		.loss_ppm = 50000, .reorder_ppm = 50000, .reorder_ns = 30 * NS_PER_MS
	};
	const struct load_worker *w;

	plan.mode = &load_media;
	plan.flows = 20;
	plan.duration_ns = 10 * NS_PER_SEC;
	w = run_load(&bad);
	cr_expect(is_near((double)w->counts.lost, (double)w->counts.requests * 0.0975, 15),
		"%lu of %lu", w->counts.lost, w->counts.requests);
	cr_expect_gt(w->counts.reordered, w->counts.requests / 25);
	cr_expect_gt(hist_percentile(&w->jitter, 50), NS_PER_MS);
	end_load();
}

/* Options */

static const char *
set(const char *name, const char *value)
{
	for (const struct baro_app_option *o = load_option_table; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o->set(value, &plan);
	cr_assert_fail("no option %s", name);
	return NULL;
}

Test(load, options_that_cannot_be_are_refused)
{
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "to", "198.18.0.2" },
		{ "to", "*:7" },
		{ "mode", "pong" },
		{ "connections", "0" },
		{ "connections", "1x" },
		{ "connections", "1kk" },
		{ "size", "2M" },
		{ "to", "198.18.0.2:65535+2" },
		{ "to", "198.18.0.2:7+0" },
		{ "active", "0" },
		{ "among", "0" },
		{ "depth", "0" },
		{ "rate", "fast" },
		{ "rate", "-5" },
		{ "close", "now" },
		{ "path", "index.html" },
		{ "path", "/a b" },
		{ "duration", "10" },
		{ "duration", "2d" },
		{ "timeout", "0s" },
		{ "from", "198.18.0.300" },
		{ "from", "198.18.0.3+999" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_not_null(
			set(rows[i].name, rows[i].value), "--%s %s", rows[i].name, rows[i].value);
}

Test(load, options_say_what_they_say)
{
	cr_expect_null(set("to", "198.18.0.2:80"));
	cr_expect_null(set("mode", "http"));
	cr_expect_null(set("connections", "10k"));
	cr_expect_null(set("rate", "1.5M"));
	cr_expect_null(set("duration", "500ms"));
	cr_expect_null(set("close", "server"));
	cr_expect_null(load_plan_check(&plan));
	cr_expect_eq(plan.mode, &load_http);
	cr_expect_eq(plan.flows, 10000);
	cr_expect_eq(plan.rate, 1.5e6);
	cr_expect_eq(plan.duration_ns, 500 * NS_PER_MS);
	cr_expect_eq(plan.close, LOAD_PEER);
	cr_expect_str_eq(plan.path, "/");
}

Test(load, options_that_do_not_go_together_are_refused)
{
	cr_expect_not_null(load_plan_check(&plan), "no server");
	plan.to = (struct baro_endpoint){ baro_addr_from_v4(0xc6120002), 7 };
	plan.close = LOAD_PEER;
	cr_expect_not_null(load_plan_check(&plan), "an echo service does not close");
	plan.mode = &load_http;
	plan.depth = 2;
	cr_expect_not_null(load_plan_check(&plan), "one connection a request, and two of them");
	plan = (struct load_plan){ .mode = &load_ping, .to = plan.to, .flows = 2, .active = 3 };
	cr_expect_not_null(load_plan_check(&plan), "more active than there are");
	plan.active = 0;
	plan.among = 2;
	cr_expect_not_null(load_plan_check(&plan), "turns of whom?");
	plan.active = 2;
	plan.among = 1;
	cr_expect_not_null(load_plan_check(&plan), "more at a time than take turns");
	plan.among = 3;
	cr_expect_not_null(load_plan_check(&plan), "more take turns than there are");
	plan.among = 0;
	plan.active = 1;
	plan.rate = 10;
	cr_expect_not_null(load_plan_check(&plan), "turns and a schedule");
	plan = (struct load_plan){ .mode = &load_udp_send, .to = plan.to, .size = 64 };
	cr_expect_not_null(load_plan_check(&plan), "one way and no rate");
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* Two TCPs over a bad wire: every octet arrives, once, in order, and the same way each time. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/pair.h"

enum {
	PORT = 80,
	SEEDS = 20,
};

static struct pair p;

/* One transfer from end 0 to end 1. */
static struct {
	uint64_t len; /* octets to be sent */
	uint64_t sent;
	uint64_t received;
	int is_done; /* the receiver has seen the end */
	int is_closed;
	int err;
	uint64_t done_ns;
} flow;

static uint8_t
pattern(uint64_t at)
{
	return (uint8_t)(at * 7 + (at >> 8) * 13 + (at >> 16));
}

static void
send_more(struct baro_conn *c)
{
	size_t room;
	uint8_t *to;

	while (flow.sent < flow.len && (to = baro_conn_reserve(c, &room)) != NULL) {
		if (room > flow.len - flow.sent)
			room = flow.len - flow.sent;
		for (size_t i = 0; i < room; i++)
			to[i] = pattern(flow.sent + i);
		baro_conn_commit(c, room);
		flow.sent += room;
	}
	if (flow.sent == flow.len) {
		flow.sent++; /* once */
		baro_conn_shutdown(c);
	}
}

static void
ignore(struct baro_conn *c)
{
	(void)c;
}

static void
end_client(struct baro_conn *c, int err)
{
	(void)c;
	flow.err = err;
	flow.is_closed = 1;
}

static void
receive(struct baro_conn *c)
{
	uint8_t buf[8192];
	ssize_t n;

	while ((n = baro_conn_recv(c, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			cr_assert_eq(buf[i], pattern(flow.received + (uint64_t)i), "octet %lu",
				(unsigned long)flow.received + (unsigned long)i);
		flow.received += (uint64_t)n;
	}
	if (n == 0 && !flow.is_done) {
		flow.is_done = 1;
		flow.done_ns = baro_core_now(baro_conn_core(c));
		baro_conn_close(c);
	}
}

static void
end_server(struct baro_conn *c, int err)
{
	(void)c;
	cr_assert_fail("the receiver's connection ended with %d", err);
}

static const struct baro_conn_ops client_ops = {
	.opened = send_more,
	.readable = ignore,
	.writable = send_more,
	.closed = end_client,
};

static const struct baro_conn_ops server_ops = {
	.opened = ignore,
	.readable = receive,
	.closed = end_server,
};

/* Listen at end 1, connect from end 0. */
static struct baro_listener *
begin(uint64_t len)
{
	struct baro_endpoint local = { .port = PORT };
	struct baro_endpoint remote = { .addr = p.addr[1], .port = PORT };
	struct baro_listener *listener;
	struct baro_conn *c;

	memset(&flow, 0, sizeof(flow));
	flow.len = len;
	cr_assert_eq(baro_listen(p.core[1], &local, NULL, &server_ops, NULL, &listener), 0);
	cr_assert_eq(baro_connect(p.core[0], &remote, NULL, &client_ops, NULL, &c), 0);
	return listener;
}

/* Run it, and close down. */
static void
finish(struct baro_listener *listener, uint64_t within_ns)
{
	cr_assert(pair_run_until(&p, &flow.is_done, within_ns), "%lu of %lu octets after %lu ms",
		(unsigned long)flow.received, (unsigned long)flow.len,
		(unsigned long)(within_ns / NS_PER_MS));
	cr_expect_eq(flow.received, flow.len);
	cr_assert(pair_run_until(&p, &flow.is_closed, 60 * NS_PER_SEC));
	cr_expect_eq(flow.err, 0);
	baro_listener_close(listener);
	pair_run(&p, 120 * NS_PER_SEC);
}

static void
transfer(const struct baro_fault_config *fault, uint64_t len, uint64_t within_ns)
{
	pair_open(&p, fault, 1);
	finish(begin(len), within_ns);
}

Test(sim_tcp, every_fault_alone_loses_nothing)
{
	static const struct {
		const char *name;
		struct baro_fault_config fault;
	} rows[] = {
		{ "no fault, no delay", { 0 } },
		{ "delay", { .delay_ns = 10 * NS_PER_MS } },
		{ "loss", { .loss_ppm = 20000, .delay_ns = NS_PER_MS } },
		{ "duplication", { .duplicate_ppm = 50000, .delay_ns = NS_PER_MS } },
		{ "reordering",
			{ .reorder_ppm = 50000, .reorder_ns = 300000, .delay_ns = NS_PER_MS } },
		{ "corruption", { .corrupt_ppm = 20000, .delay_ns = NS_PER_MS } },
		{ "rate", { .rate_bps = 100000000, .delay_ns = NS_PER_MS } },
		{ "rate with a short queue",
			{ .rate_bps = 100000000, .queue_frames = 10, .delay_ns = NS_PER_MS } },
		{ "all", { .loss_ppm = 10000,
				 .duplicate_ppm = 10000,
				 .reorder_ppm = 10000,
				 .corrupt_ppm = 10000,
				 .delay_ns = 2 * NS_PER_MS,
				 .rate_bps = 1000000000 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_log_info("%s", rows[i].name);
		transfer(&rows[i].fault, 1000000, 600 * NS_PER_SEC);
		cr_log_info("%s: %lu ms", rows[i].name, (unsigned long)(flow.done_ns / NS_PER_MS));
		pair_close(&p);
	}
}

Test(sim_tcp, a_rate_is_filled_and_not_exceeded)
{
	static const struct baro_fault_config slow = {
		.rate_bps = 10000000, .delay_ns = NS_PER_MS, .queue_frames = 100
	};
	uint64_t least_ns = 2000000 * 8 * UINT64_C(100); /* payload alone */

	transfer(&slow, 2000000, 60 * NS_PER_SEC);
	cr_expect_gt(flow.done_ns, least_ns);
	cr_expect_lt(flow.done_ns, least_ns * 115 / 100, "%lu ms",
		(unsigned long)(flow.done_ns / NS_PER_MS));
	pair_close(&p);
}

Test(sim_tcp, a_wire_that_is_cut_for_a_while_heals)
{
	static const struct baro_fault_config good = { .delay_ns = NS_PER_MS,
		.rate_bps = 10000000 };
	static const struct baro_fault_config cut = { .loss_ppm = 1000000 };
	struct baro_listener *listener;
	uint64_t before;

	pair_open(&p, &good, 1);
	listener = begin(1000000);
	pair_run(&p, 300 * NS_PER_MS);
	before = flow.received;
	cr_expect_gt(before, 0);
	baro_sim_set(p.sim, 0, &cut);
	baro_sim_set(p.sim, 1, &cut);
	pair_run(&p, 5 * NS_PER_SEC);
	cr_expect_lt(flow.received, 1000000);
	baro_sim_set(p.sim, 0, &good);
	baro_sim_set(p.sim, 1, &good);
	finish(listener, 60 * NS_PER_SEC);
	pair_close(&p);
}

Test(sim_tcp, a_very_bad_wire_loses_nothing_whatever_the_seed)
{
	struct baro_fault_config bad = {
		.loss_ppm = 50000,
		.duplicate_ppm = 30000,
		.reorder_ppm = 50000,
		.reorder_ns = 3 * NS_PER_MS,
		.corrupt_ppm = 30000,
		.delay_ns = 2 * NS_PER_MS,
		.rate_bps = 100000000,
		.queue_frames = 50,
	};
	/* long enough for a neighbour to be found again after a corrupted ARP, too */
	struct baro_config config = { .tcp = { .user_timeout_ns = 900 * NS_PER_SEC } };

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		cr_log_info("seed %lu", (unsigned long)seed);
		bad.seed = seed;
		config.core.seed = seed;
		pair_open_with(&p, &bad, &config);
		finish(begin(200000), 900 * NS_PER_SEC);
		pair_close(&p);
	}
}

static uint64_t
trace_of(uint64_t fault_seed, uint64_t core_seed)
{
	struct baro_fault_config bad = {
		.loss_ppm = 10000,
		.duplicate_ppm = 10000,
		.reorder_ppm = 10000,
		.corrupt_ppm = 10000,
		.delay_ns = 2 * NS_PER_MS,
		.rate_bps = 1000000000,
		.seed = fault_seed,
	};
	uint64_t trace;

	pair_open(&p, &bad, core_seed);
	finish(begin(300000), 600 * NS_PER_SEC);
	trace = p.trace;
	pair_close(&p);
	return trace;
}

Test(sim_tcp, the_same_seeds_give_the_same_frames_at_the_same_times)
{
	uint64_t first = trace_of(1, 1);

	cr_expect_eq(trace_of(1, 1), first);
	cr_expect_neq(trace_of(2, 1), first);
	cr_expect_neq(trace_of(1, 2), first);
}

/* L04 L08 L12: a long transfer over a way that loses and reorders waits for the timer hardly ever */
Test(sim_tcp, losses_are_repaired_without_the_timer)
{
	static const struct baro_fault_config bad = { .loss_ppm = 10000,
		.reorder_ppm = 10000,
		.delay_ns = 2 * NS_PER_MS,
		.rate_bps = 1000000000 };
	struct baro_config config = { .core.seed = 1 };

	pair_open_with(&p, &bad, &config);
	finish(begin(50 * 1000 * 1000), 600 * NS_PER_SEC);
	cr_expect_leq(pair_count(&p, 0, "TCP_TIMEOUTS"), 2);
	cr_expect_geq(pair_count(&p, 0, "TCP_FAST_RECOVERIES"), 200);
	/* one in a hundred is lost, and one in a thousand more may be sent again for nothing */
	cr_expect_leq(pair_count(&p, 0, "TCP_RETRANS_SEGS"), 50000000 / 1448 / 1000 * 13);
	cr_expect_leq(flow.done_ns, 20 * NS_PER_SEC);
	pair_close(&p);
}

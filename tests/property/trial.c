/* SPDX-License-Identifier: BSD-3-Clause */
/* A trial from its first turn to its last. */

#include "property/trial.h"

#include <string.h>

#include "kit/any_config.h"
#include "kit/invariants.h"
#include "property/run.h"
#include "runtime/core.h"
#include "tcp/table.h"

static const char *const feature_name[WITH_FEATURES] = { "loss", "duplicates", "reordering",
	"corruption", "delay", "rate", "cut", "abort", "settings", "wrap", "mtu", "meeting", "more",
	"knobs" };

enum {
	STEPS_MAX = 250,
	USER_TIMEOUT_S = 900, /* where nothing is to time out */
	QUICK_TIMEOUT_S = 4,  /* where something is */
	PATIENCE_S = 3000,    /* virtual; everything is over by then */
};

const char *
trial_feature(unsigned i)
{
	return feature_name[i];
}

/* What the seed means */

static void
choose_config(struct run *r, struct baro_config *config)
{
	struct baro_tcp_config *tcp = &config->tcp;

	*config = (struct baro_config){ .core = { .seed = r->trial->seed, .mbufs = 1024 } };
	tcp->user_timeout_ns = USER_TIMEOUT_S * NS_PER_SEC;
	tcp->connect_timeout_ns = USER_TIMEOUT_S * NS_PER_SEC;
	tcp->msl_ns = NS_PER_SEC;
	tcp->syn_ack_retries = 8;
	if (has(r, WITH_SETTINGS, 3, 4))
		any_config(config, (uint32_t)rand_u64(&r->rand), (uint32_t)rand_u64(&r->rand));
}

/** The wire from now on; @end: the way out of it. */
static void
choose_wire(struct run *r, int end)
{
	struct baro_fault_config f = { .seed = 1 + rand_below(&r->rand, 1 << 30) };
	uint32_t how_bad = any_size(r, 300000);

	f.loss_ppm = has(r, WITH_LOSS, 1, 2) ? how_bad : 0;
	f.duplicate_ppm = has(r, WITH_DUPLICATES, 1, 3) ? how_bad : 0;
	f.reorder_ppm = has(r, WITH_REORDERING, 1, 3) ? how_bad : 0;
	f.corrupt_ppm = has(r, WITH_CORRUPTION, 1, 4) ? how_bad / 2 : 0;
	f.reorder_ns = any_size(r, 50000) * NS_PER_US;
	f.delay_ns = has(r, WITH_DELAY, 3, 4) ? any_size(r, 100000) * NS_PER_US : 0;
	f.rate_bps = has(r, WITH_RATE, 1, 4) ? 100000 + (uint64_t)any_size(r, 1 << 30) : 0;
	f.queue_frames = any_size(r, 200);
	r->was_bad |= f.loss_ppm + f.corrupt_ppm != 0 || f.rate_bps != 0;
	run_tells(r, "wire %d>: loss %u duplicate %u reorder %u corrupt %u ppm, delay %lu us", end,
		f.loss_ppm, f.duplicate_ppm, f.reorder_ppm, f.corrupt_ppm,
		(unsigned long)(f.delay_ns / NS_PER_US));
	baro_sim_set(r->sim, end, &f);
}

static void
mend_wire(struct run *r)
{
	static const struct baro_fault_config good = { .delay_ns = NS_PER_MS };

	run_tells(r, "the wire is good");
	baro_sim_set(r->sim, 0, &good);
	baro_sim_set(r->sim, 1, &good);
}

/* Time */

static void
check_books(struct run *r)
{
	for (int end = 0; end < 2; end++) {
		const char *why = invariants_of_core(r->core[end]);

		if (why != NULL)
			run_fails(r, "end %d: %s", end, why);
	}
}

static void
pass(struct run *r, uint64_t for_ns)
{
	uint64_t until_ns = r->now_ns + for_ns;

	baro_sim_run(r->sim, r->now_ns, until_ns);
	r->now_ns = until_ns;
	check_books(r);
}

/** Both ways nothing arrives, for longer than anybody waits. */
static void
cut_wire(struct run *r)
{
	static const struct baro_fault_config cut = { .loss_ppm = 1000000 };

	run_tells(r, "the wire is cut");
	baro_sim_set(r->sim, 0, &cut);
	if (chance(r, 3, 4))
		baro_sim_set(r->sim, 1, &cut);
	pass(r, 3 * QUICK_TIMEOUT_S * NS_PER_SEC);
}

/* Opening */

static void
see_frame(int from, const void *frame, size_t len, uint64_t now_ns, void *user)
{
	(void)now_ns;
	run_tells_frame(user, from, frame, len);
}

static struct baro_addr
address_of(int end)
{
	return baro_addr_from_v4(0xc6120001u + (uint32_t)end);
}

static bool
open_cores(struct run *r, const struct baro_config *config)
{
	struct baro_port_opts opts = { .prefix_len = 24 };

	if (baro_sim_create(NULL, NULL, &r->sim) != 0)
		return false;
	baro_sim_watch(r->sim, see_frame, r);
	if (has(r, WITH_MTU, 1, 2))
		opts.mtu = (uint16_t)(576 + any_size(r, 9000 - 576));
	for (int end = 0; end < 2; end++) {
		if (baro_core_create(config, 0, &r->core[end]) != 0)
			return false;
		opts.address = address_of(end);
		baro_sim_end(r->sim, end, &opts);
		if (baro_port_open(r->core[end], &opts, &r->port[end]) != 0)
			return false;
		baro_sim_join(r->sim, end, r->core[end], r->port[end]);
	}
	return true;
}

/** Wait until the first connection's numbers, of one side, begin shortly before 2^32. */
static void
wait_for_wrap(struct run *r)
{
	struct baro_addr of[2] = { address_of(0), address_of(1) };
	int end = (int)rand_below(&r->rand, 2);
	uint32_t before = any_size(r, OCTETS_MAX);
	struct tcp_flow flow = { .laddr = baro_addr_to_v4(&of[end]),
		.faddr = baro_addr_to_v4(&of[1 - end]),
		.lport = end == 0 ? PEER_PORT : PORT_FIRST,
		.fport = end == 0 ? PORT_FIRST : PEER_PORT };
	uint32_t now;

	now = tcp_numbers_of(&r->core[end]->stack.tcp, &flow, r->now_ns).iss.n;
	pass(r, (uint64_t)(uint32_t)(0 - before - now) * 4 * NS_PER_US);
}

static void
connect_side(struct side *s)
{
	struct run *r = s->talk->run;
	uint16_t port[2] = { (uint16_t)(PEER_PORT + s->talk->number),
		(uint16_t)(PORT_FIRST + s->talk->number) };
	struct baro_endpoint local = { address_of(s->end), port[s->end] };
	struct baro_endpoint remote = { address_of(1 - s->end), port[1 - s->end] };
	int err = baro_connect(r->core[s->end], &remote, &local, &app_ops, s, &s->conn);

	run_tells(r, "%u.%d connect: %d", s->talk->number, s->end, err);
	/* what the other has sent may have come and gone: a SYN that found nobody leaves nothing */
	if (err != 0)
		run_fails(r, "%u.%d: connect returns %d", s->talk->number, s->end, err);
}

static void
open_talk(struct run *r, struct talk *t, unsigned number)
{
	struct baro_endpoint at = { .port = (uint16_t)(PORT_FIRST + number) };

	t->run = r;
	t->number = number;
	t->is_meeting = has(r, WITH_MEETING, 1, 12);
	for (int end = 0; end < 2; end++) {
		t->side[end].talk = t;
		t->side[end].end = end;
		t->side[end].reads = chance(r, 2, 3);
		t->side[end].closes_on_eof = chance(r, 1, 3);
	}
	t->side[rand_below(&r->rand, 2)].waits = chance(r, 1, 2);
	if (!t->is_meeting && baro_listen(r->core[1], &at, NULL, &app_ops, &t->side[1],
				      &r->listener[number]) != 0)
		run_fails(r, "listen");
	connect_side(&t->side[0]);
	if (t->is_meeting)
		connect_side(&t->side[1]);
}

/* The middle */

static void
step(struct run *r)
{
	struct talk *t = &r->talk[rand_below(&r->rand, r->n_talks)];

	pass(r, any_size(r, 200000) * NS_PER_US);
	if (chance(r, 1, 8))
		choose_wire(r, (int)rand_below(&r->rand, 2));
	app_acts(&t->side[rand_below(&r->rand, 2)]);
}

/* The end */

static bool
is_over(const struct run *r)
{
	bool over = true;

	for (unsigned i = 0; i < r->n_talks; i++)
		for (int end = 0; end < 2; end++)
			over &= app_is_over(&r->talk[i].side[end]);
	return over;
}

/** A side that has said all it had to say waits for ever for one that is gone: it leaves. */
static void
leave(struct run *r)
{
	for (unsigned i = 0; i < r->n_talks; i++) {
		struct side *s = r->talk[i].side;

		for (int end = 0; end < 2; end++)
			if (!app_is_over(&s[end]) && app_is_over(&s[1 - end]) && s[end].was_shut &&
				!s[end].saw_eof)
				app_leaves(&s[end]);
	}
}

/** Everything comes to its end on a good wire, what was accepted meanwhile too. */
static void
finish(struct run *r)
{
	uint64_t until_ns = r->now_ns + PATIENCE_S * NS_PER_SEC;
	uint64_t step_ns = 10 * NS_PER_MS;

	mend_wire(r);
	while (!is_over(r) && r->now_ns < until_ns) {
		for (unsigned i = 0; i < r->n_talks; i++) {
			app_finishes(&r->talk[i].side[0]);
			app_finishes(&r->talk[i].side[1]);
		}
		pass(r, step_ns);
		step_ns = min_u64(2 * step_ns, 10 * NS_PER_SEC);
		if (r->now_ns + PATIENCE_S / 2 * NS_PER_SEC > until_ns)
			leave(r);
	}
	if (!is_over(r))
		run_fails(r, "it does not come to its end");
}

/** What is left when all is over: nothing. */
static void
check_leaks(struct run *r)
{
	for (unsigned i = 0; i < r->n_talks; i++)
		if (r->listener[i] != NULL)
			baro_listener_close(r->listener[i]);
	pass(r, 2 * (uint64_t)USER_TIMEOUT_S * NS_PER_SEC); /* orphans, TIME-WAIT */
	for (int end = 0; end < 2; end++) {
		struct baro_usage u;

		baro_usage_read(r->core[end], &u);
		if (u.mbufs + u.conns + u.time_waits + u.sent + u.listeners != 0)
			run_fails(r,
				"end %d: %u buffers, %u connections, %u TIME-WAITs, %u notes, %u "
				"listeners are left",
				end, u.mbufs, u.conns, u.time_waits, u.sent, u.listeners);
		if (u.timers > u.neighbours)
			run_fails(r, "end %d: %u timers are left", end, u.timers);
	}
}

static void
run(struct run *r)
{
	struct baro_config config;
	unsigned n_steps;

	choose_config(r, &config);
	if (has(r, WITH_CUT, 1, 6)) {
		r->was_cut = true;
		config.tcp.user_timeout_ns = QUICK_TIMEOUT_S * NS_PER_SEC;
		config.tcp.connect_timeout_ns = QUICK_TIMEOUT_S * NS_PER_SEC;
	}
	r->has_cookies = config.tcp.syncookies == BARO_ON;
	if (!open_cores(r, &config)) {
		run_fails(r, "no memory");
		return;
	}
	if (has(r, WITH_WRAP, 1, 3))
		wait_for_wrap(r);
	choose_wire(r, 0);
	choose_wire(r, 1);
	r->n_talks = has(r, WITH_MORE, 1, 4) ? 1 + rand_below(&r->rand, CONNS_MAX) : 1;
	for (unsigned i = 0; i < r->n_talks; i++)
		open_talk(r, &r->talk[i], i);
	n_steps = 1 + rand_below(&r->rand, STEPS_MAX);
	for (unsigned i = 0; i < n_steps && (r->trial->steps == 0 || i < r->trial->steps); i++) {
		if (r->was_cut && i == n_steps / 2)
			cut_wire(r);
		step(r);
	}
	finish(r);
	for (unsigned i = 0; i < r->n_talks; i++)
		explain(r, &r->talk[i]);
	check_leaks(r);
}

const char *
trial_run(const struct trial *t)
{
	static struct run r;

	memset(&r, 0, sizeof(r));
	r.trial = t;
	rand_seed(&r.rand, t->seed);
	run(&r);
	run_tells_counters(&r);
	for (int end = 0; end < 2; end++)
		if (r.core[end] != NULL)
			baro_core_destroy(r.core[end]);
	baro_sim_destroy(r.sim);
	return r.why[0] != '\0' ? r.why : NULL;
}

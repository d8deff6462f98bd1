/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The simulated wire: two ends, a fault in each direction, and a clock that jumps from one
 * event to the next. Nothing here reads a real clock or sleeps.
 *
 * At each instant rounds follow each other until nothing is due any more: frames that have
 * arrived are handed in, a burst each way, then both cores have a turn. Both always have one,
 * so that their clocks agree, and one more at the end of a run, so that what an application
 * does between two runs happens at the right time. Cores need no time to work.
 *
 * On a wire without delay two cores can answer each other for ever at one instant, and a core
 * may always have more to do. So an instant has a few rounds for nothing, and more on credit,
 * ROUND_NS each, that grows with time. Without credit time goes on by as much, although not
 * all is done: a run always comes to its end, and soon.
 */

#include <baro/sim.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/fault.h"
#include "dev/funcport.h"
#include "dev/pkt.h"
#include "dev/pool.h"
#include "dev/pool_plain.h"

enum {
	WIRE_FRAMES = 1 << 18, /* most segments of frames under way, both directions */
	FRAME_MAX = 9000 + ETH_HDR_LEN + ETH_VLAN_LEN,
	BURST = 32,      /* frames handed in a round, as many as a core takes in a turn */
	ROUNDS_FREE = 8, /* of an instant */
	ROUND_NS = 10000,
	CREDIT_MAX_NS = 4096 * ROUND_NS,
};

struct end {
	struct baro_sim *sim;
	struct baro_core *core; /* NULL: no core of ours */
	struct baro_port *port;
	const struct baro_sim_peer *peer; /* NULL: nobody has joined; what arrives here is lost */
	void *user;
	struct fault *way_out;
	struct env env; /* counts what its way out loses */
};

struct baro_sim {
	struct end end[2];
	uint64_t now_ns;
	uint64_t credit_ns; /* for rounds at one instant */
	struct rte_mempool *pool;
	void (*seen)(int from, const void *frame, size_t len, uint64_t now_ns, void *user);
	void *user;
};

int
baro_sim_create(const struct baro_fault_config *a_to_b, const struct baro_fault_config *b_to_a,
	struct baro_sim **out)
{
	static const struct baro_fault_config nothing;
	const struct baro_fault_config *way[2] = { a_to_b, b_to_a };
	struct baro_sim *sim = calloc(1, sizeof(*sim));
	int err = 0;

	if (sim == NULL)
		return -ENOMEM;
	sim->credit_ns = CREDIT_MAX_NS;
	sim->pool = pool_plain_create("wire", WIRE_FRAMES, POOL_TEXT_ROOM);
	if (sim->pool == NULL)
		err = -ENOMEM;
	for (int i = 0; i < 2 && err == 0; i++) {
		sim->end[i].sim = sim;
		err = fault_create(way[i] != NULL ? way[i] : &nothing, &sim->end[i].env, sim->pool,
			&sim->end[i].way_out);
	}
	if (err != 0)
		baro_sim_destroy(sim);
	else
		*out = sim;
	return err;
}

void
baro_sim_destroy(struct baro_sim *sim)
{
	if (sim == NULL)
		return;
	fault_destroy(sim->end[0].way_out);
	fault_destroy(sim->end[1].way_out);
	pool_plain_destroy(sim->pool);
	free(sim);
}

/* The pieces in a row. @return octets, 0: too many */
static size_t
join_pieces(const struct iovec *frame, int n, uint8_t octets[FRAME_MAX])
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		if (frame[i].iov_len > FRAME_MAX - len)
			return 0;
		memcpy(octets + len, frame[i].iov_base, frame[i].iov_len);
		len += frame[i].iov_len;
	}
	return len;
}

/* A core may have its turn outside of a run, too: its own time counts. */
static uint64_t
time_at(const struct end *end)
{
	uint64_t now_ns = end->sim->now_ns;

	return end->core == NULL ? now_ns : max_u64(now_ns, baro_core_now(end->core));
}

/* The transmit() of both ends. */
static void
enter_wire(const struct iovec *frame, int n, void *user)
{
	struct end *end = user;
	struct baro_sim *sim = end->sim;
	uint64_t now_ns = time_at(end);
	uint8_t octets[FRAME_MAX];
	size_t len = join_pieces(frame, n, octets);
	struct rte_mbuf *m;

	if (len == 0) {
		end->env.drops[DROP_TX_REFUSED]++;
		return;
	}
	if (sim->seen != NULL)
		sim->seen((int)(end - sim->end), octets, len, now_ns, sim->user);
	m = pkt_copy_in(sim->pool, octets, len);
	if (m == NULL)
		end->env.drops[DROP_NO_MBUF]++;
	else
		fault_push(end->way_out, m, now_ns);
}

void
baro_sim_end(struct baro_sim *sim, int end, struct baro_port_opts *opts)
{
	opts->transmit = enter_wire;
	opts->user = &sim->end[end];
}

/* A core of ours as a peer. */

static void
core_input(const void *frame, size_t len, void *user)
{
	const struct end *end = user;

	baro_port_input(end->port, frame, len);
}

static void
core_poll(uint64_t now_ns, void *user)
{
	const struct end *end = user;

	baro_core_poll(end->core, max_u64(now_ns, baro_core_now(end->core)));
}

static uint64_t
core_next_deadline(void *user)
{
	const struct end *end = user;

	return baro_core_next_deadline(end->core);
}

static const struct baro_sim_peer core_peer = { core_input, core_poll, core_next_deadline };

void
baro_sim_join(struct baro_sim *sim, int end, struct baro_core *core, struct baro_port *port)
{
	baro_sim_join_peer(sim, end, core != NULL ? &core_peer : NULL, &sim->end[end]);
	sim->end[end].core = core;
	sim->end[end].port = port;
}

void
baro_sim_join_peer(struct baro_sim *sim, int end, const struct baro_sim_peer *peer, void *user)
{
	sim->end[end].core = NULL;
	sim->end[end].peer = peer;
	sim->end[end].user = user;
}

void
baro_sim_watch(struct baro_sim *sim,
	void (*seen)(int from, const void *frame, size_t len, uint64_t now_ns, void *user),
	void *user)
{
	sim->seen = seen;
	sim->user = user;
}

void
baro_sim_set(struct baro_sim *sim, int end, const struct baro_fault_config *fault)
{
	fault_set(sim->end[end].way_out, fault);
}

uint64_t
baro_sim_lost(const struct baro_sim *sim, int end)
{
	const uint64_t *drops = sim->end[end].env.drops;

	return drops[DROP_PORT_FAULT] + drops[DROP_TX_REFUSED] + drops[DROP_NO_MBUF];
}

/* Frames that have come through @way arrive at @to. */
static void
deliver(struct fault *way, const struct end *to, uint64_t now_ns)
{
	struct rte_mbuf *pkts[BURST];
	uint8_t octets[FRAME_MAX];
	uint16_t n = fault_pop(way, pkts, BURST, now_ns);

	for (uint16_t i = 0; i < n; i++) {
		uint32_t len = pkts[i]->pkt_len;

		if (to->peer != NULL)
			to->peer->input(rte_pktmbuf_read(pkts[i], 0, len, octets), len, to->user);
		pkt_release(pkts[i]);
	}
}

/* When something happens next: in the past, too, if it is due and has not been done. */
static uint64_t
next_event(const struct baro_sim *sim)
{
	uint64_t next = TIME_NEVER;

	for (int i = 0; i < 2; i++) {
		const struct end *end = &sim->end[i];

		next = min_u64(next, fault_next(end->way_out));
		if (end->peer != NULL)
			next = min_u64(next, end->peer->next_deadline(end->user));
	}
	return next;
}

static void
run_round(struct baro_sim *sim)
{
	struct end *end = sim->end;

	deliver(end[0].way_out, &end[1], sim->now_ns);
	deliver(end[1].way_out, &end[0], sim->now_ns);
	for (int i = 0; i < 2; i++) {
		if (end[i].peer != NULL)
			end[i].peer->poll(sim->now_ns, end[i].user);
	}
}

/* Do what is due now. @return when the next thing is: now or earlier if credit has run out */
static uint64_t
run_instant(struct baro_sim *sim)
{
	uint64_t next;

	for (unsigned rounds = 1;; rounds++) {
		run_round(sim);
		next = next_event(sim);
		if (next > sim->now_ns)
			return next;
		if (rounds < ROUNDS_FREE)
			continue;
		if (sim->credit_ns < ROUND_NS)
			return next;
		sim->credit_ns -= ROUND_NS;
	}
}

static void
advance(struct baro_sim *sim, uint64_t to_ns)
{
	uint64_t passed_ns = min_u64(to_ns - sim->now_ns, CREDIT_MAX_NS);

	sim->credit_ns = min_u64(sim->credit_ns + passed_ns, CREDIT_MAX_NS);
	sim->now_ns = to_ns;
}

uint64_t
baro_sim_run(struct baro_sim *sim, uint64_t now_ns, uint64_t until_ns)
{
	uint64_t next;

	sim->now_ns = now_ns;
	for (;;) {
		next = run_instant(sim);
		if (next == TIME_NEVER || sim->now_ns >= until_ns)
			return sim->now_ns;
		if (next <= sim->now_ns)
			next = sim->now_ns + ROUND_NS;
		advance(sim, min_u64(next, until_ns));
	}
}

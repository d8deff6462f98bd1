/* SPDX-License-Identifier: BSD-3-Clause */

#include "sim/transfer.h"

#include <baro/baro.h>
#include <string.h>

#include "base/check.h"
#include "base/env.h"
#include "base/rand.h"
#include "base/time.h"

enum {
	PORT = 80,
	PERIOD = 65521,   /* a prime: text shifted by whole segments never looks the same */
	RUN = 64 * 1024,  /* octets compared or copied at once, at most */
	FRAME_LEN = 1514, /* of a full segment, on an MTU of 1500 */
};

#define STEP_NS        (5 * NS_PER_MS)  /* between two looks at whether all has arrived */
#define PREPARE_NS     NS_PER_SEC       /* ports have announced themselves, and ARP is over */
#define DELAYED_ACK_NS (40 * NS_PER_MS) /* the default of tcp.delayed_ack */

struct transfer;

struct flow {
	struct transfer *t;
	struct baro_conn *conn; /* the sender's; NULL: has ended */
	uint64_t sent;
	uint64_t received;
	uint64_t warm; /* received before the warm-up ended */
	bool is_done;
};

struct transfer {
	const struct transfer_plan *plan;
	struct transfer_result *result;
	struct baro_sim *sim;
	struct baro_core *core[2];
	struct baro_addr addr[2];
	struct flow flow[TRANSFER_FLOWS_MAX];
	unsigned n_begun;
	unsigned n_accepted;
	unsigned n_done;
	uint64_t now_ns;
	uint64_t begin_ns;
	/* of the silence that goes on */
	uint64_t last_ns;
	uint64_t last_timeouts;
	uint64_t last_acked;
	uint64_t rto_ns; /* the longest since something was acknowledged */
	/* looks at the first flow's round trip */
	uint64_t rtt_sum_ns;
	uint64_t n_looks;
};

/** The octets at @offset of every transfer: RUN of them can be read. */
static const uint8_t *
text_at(uint64_t offset)
{
	static uint8_t text[PERIOD + RUN];
	static bool is_made;
	struct rand r;

	if (!is_made) {
		rand_seed(&r, 1);
		for (size_t i = 0; i < PERIOD; i++)
			text[i] = (uint8_t)rand_u64(&r);
		for (size_t i = PERIOD; i < sizeof(text); i++)
			text[i] = text[i - PERIOD];
		is_made = true;
	}
	return text + offset % PERIOD;
}

static uint64_t
counter(const struct baro_core *core, enum stat which)
{
	struct baro_counter c = { .value = 0 };

	baro_stat_read(core, which, &c);
	return c.value;
}

/* The sender. */

static void
send_more(struct baro_conn *c)
{
	struct flow *f = baro_conn_user(c);
	uint64_t end = f->t->plan->octets == 0 ? UINT64_MAX : f->t->plan->octets;
	size_t room;
	void *to;

	while (f->sent < end && (to = baro_conn_reserve(c, &room)) != NULL) {
		room = (size_t)min_u64(min_u64(room, RUN), end - f->sent);
		memcpy(to, text_at(f->sent), room);
		baro_conn_commit(c, room);
		f->sent += room;
	}
	if (f->sent == end)
		baro_conn_shutdown(c); /* Nagle's algorithm would hold back a small last segment */
}

static void
sender_ended(struct baro_conn *c, int err)
{
	struct flow *f = baro_conn_user(c);

	(void)err;
	f->conn = NULL;
	f->t->result->is_wrong = true;
}

static const struct baro_conn_ops sender_ops = {
	.opened = send_more,
	.writable = send_more,
	.closed = sender_ended,
};

/* The receiver: the n-th connection accepted is some flow; all send the same text. */

static void
accept_flow(struct baro_conn *c)
{
	struct transfer *t = baro_conn_user(c);

	if (t->n_accepted < TRANSFER_FLOWS_MAX)
		baro_conn_set_user(c, &t->flow[t->n_accepted++]);
	else
		t->result->is_wrong = true;
}

static void
receive(struct baro_conn *c)
{
	struct flow *f = baro_conn_user(c);
	struct transfer *t = f->t;
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		size_t len = min_u64(iov.iov_len, RUN);

		t->result->is_wrong |= memcmp(iov.iov_base, text_at(f->received), len) != 0;
		f->received += len;
		t->result->octets += len;
		baro_conn_consume(c, len);
	}
	if (!f->is_done && f->received == t->plan->octets) {
		f->is_done = true;
		t->n_done++;
		t->result->took_ns = baro_core_now(t->core[1]) - t->begin_ns;
	}
}

static void
receiver_ended(struct baro_conn *c, int err)
{
	struct flow *f = baro_conn_user(c);

	(void)err;
	f->t->result->is_wrong = true;
}

static const struct baro_conn_ops receiver_ops = {
	.opened = accept_flow,
	.readable = receive,
	.closed = receiver_ended,
};

/* Silence. */

/** How long a frame and what it causes may be under way: a full queue, there and back, a delayed
 * ACK. */
static uint64_t
way_ns(const struct transfer_plan *plan)
{
	const struct baro_fault_config *wire = &plan->wire;
	uint64_t queued = (uint64_t)(wire->queue_frames + 1) * FRAME_LEN * 8;
	uint64_t ns = 2 * wire->delay_ns + DELAYED_ACK_NS;

	if (wire->reorder_ppm != 0)
		ns += wire->reorder_ns;
	if (wire->rate_bps != 0)
		ns += queued * NS_PER_SEC / wire->rate_bps;
	return ns;
}

/**
 * Nothing was on its way for so long. After what was under way had arrived, the sender's RTO explains
 * it: one since the last progress, for that set the timer. A time-out that ended the silence has
 * doubled it.
 */
static void
judge_silence(struct transfer *t, uint64_t silent_ns, uint64_t rto_ns, bool has_timed_out)
{
	struct transfer_result *r = t->result;
	uint64_t explained_ns = way_ns(t->plan);

	r->silent_ns = max_u64(r->silent_ns, silent_ns);
	explained_ns += max_u64(t->rto_ns, rto_ns >> has_timed_out);
	if (silent_ns > explained_ns)
		r->unexplained_ns = max_u64(r->unexplained_ns, silent_ns - explained_ns);
}

/** A frame enters the wire. A flow alone is watched, from its SYN until all has arrived. */
static void
see_frame(int from, const void *frame, size_t len, uint64_t now_ns, void *user)
{
	struct transfer *t = user;
	uint64_t silent_ns = now_ns - t->last_ns;
	uint64_t timeouts = counter(t->core[0], STAT_TCP_TIMEOUTS);
	struct baro_tcp_info info;

	(void)from;
	(void)frame;
	(void)len;
	if (t->flow[0].conn == NULL || t->plan->n_flows > 1 || t->n_done != 0)
		return;
	baro_conn_info(t->flow[0].conn, &info);
	if (t->last_ns != 0)
		judge_silence(t, silent_ns, info.rto_ns, timeouts != t->last_timeouts);
	if (info.octets_acked != t->last_acked)
		t->rto_ns = 0;
	t->rto_ns = max_u64(t->rto_ns, info.rto_ns);
	t->last_acked = info.octets_acked;
	t->last_ns = now_ns;
	t->last_timeouts = timeouts;
}

/* Cores, wire, and the run. */

uint64_t
transfer_bdp(const struct baro_fault_config *wire)
{
	return wire->rate_bps / 8 * (2 * wire->delay_ns) / NS_PER_SEC;
}

static int
open_end(struct transfer *t, int end, const struct baro_config *config)
{
	struct baro_port_opts opts = { .prefix_len = 24 };
	struct baro_port *port;
	int err = baro_core_create(config, 0, &t->core[end]);

	if (err != 0)
		return err;
	t->addr[end] = baro_addr_from_v4(0xc6120001u + (uint32_t)end);
	opts.address = t->addr[end];
	baro_sim_end(t->sim, end, &opts);
	err = baro_port_open(t->core[end], &opts, &port);
	if (err == 0)
		baro_sim_join(t->sim, end, t->core[end], port);
	return err;
}

/** Buffers that never limit: twice what the wire and its queue hold. */
static struct baro_config
config_of(const struct transfer_plan *plan, unsigned n_flows)
{
	uint64_t held = transfer_bdp(&plan->wire) + (uint64_t)plan->wire.queue_frames * FRAME_LEN;
	uint64_t buffer = plan->buffer != 0 ? plan->buffer : 2 * held + 256 * 1024;
	struct baro_config config = {
		.core = { .seed = 1, .mbufs = (uint32_t)(16384 + 8 * n_flows * buffer / 1448) },
		.tcp = { .snd_buf = (uint32_t)buffer,
			.notsent_lowat = (uint32_t)buffer,
			.rcv_buf = (uint32_t)buffer,
			.mtu_probing = plan->mtu_probing,
			.user_timeout_ns = 900 * NS_PER_SEC },
	};

	strncpy(config.tcp.congestion, plan->congestion, sizeof(config.tcp.congestion) - 1);
	return config;
}

static int
open_all(struct transfer *t, unsigned n_flows)
{
	struct baro_config config = config_of(t->plan, n_flows);
	struct baro_endpoint local = { .port = PORT };
	struct baro_listener *listener;
	int err = baro_sim_create(NULL, NULL, &t->sim);

	for (int end = 0; end < 2 && err == 0; end++)
		err = open_end(t, end, &config);
	if (err == 0)
		err = baro_listen(t->core[1], &local, NULL, &receiver_ops, t, &listener);
	return err;
}

static int
begin_flow(struct transfer *t)
{
	struct baro_endpoint remote = { .addr = t->addr[1], .port = PORT };
	struct flow *f = &t->flow[t->n_begun++];

	int err;

	f->t = t;
	err = baro_connect(t->core[0], &remote, NULL, &sender_ops, f, &f->conn);
	if (err == 0 && t->plan->other != NULL && t->n_begun % 2 == 0)
		err = baro_conn_set_cc(f->conn, t->plan->other);
	return err;
}

static void
look_at_round_trip(struct transfer *t)
{
	struct baro_tcp_info info;

	if (t->flow[0].conn == NULL)
		return;
	baro_conn_info(t->flow[0].conn, &info);
	t->rtt_sum_ns += info.rtt_ns;
	t->n_looks++;
}

static void
run_for(struct transfer *t, uint64_t for_ns)
{
	baro_sim_run(t->sim, t->now_ns, t->now_ns + for_ns);
	t->now_ns += for_ns;
}

/** One flow after the other begins; then all go on until they are done or cut. */
static int
run_flows(struct transfer *t, unsigned n_flows)
{
	uint64_t end_ns = t->begin_ns + t->plan->within_ns;
	bool is_cold = true;
	int err = 0;

	while (err == 0 && t->now_ns < end_ns && t->n_done < n_flows && !t->result->is_wrong) {
		if (t->n_begun < n_flows &&
			t->now_ns - t->begin_ns >= t->n_begun * t->plan->stagger_ns) {
			err = begin_flow(t);
			continue;
		}
		if (is_cold && t->now_ns - t->begin_ns >= t->plan->warm_ns) {
			for (unsigned i = 0; i < n_flows; i++)
				t->flow[i].warm = t->flow[i].received;
			is_cold = false;
		}
		if (!is_cold)
			look_at_round_trip(t);
		run_for(t, min_u64(STEP_NS, end_ns - t->now_ns));
	}
	return err;
}

/** A clean wire for ARP; then the real one. Flows begin on it as the two sides had talked before. */
static int
prepare(struct transfer *t)
{
	struct baro_endpoint remote = { .addr = t->addr[1], .port = PORT + 1 };
	static const struct baro_conn_ops nothing;
	struct baro_conn *refused;
	int err = baro_connect(t->core[0], &remote, NULL, &nothing, NULL, &refused);

	run_for(t, PREPARE_NS);
	baro_sim_set(t->sim, 0, &t->plan->wire);
	baro_sim_set(t->sim, 1, &t->plan->wire);
	baro_sim_watch(t->sim, see_frame, t);
	t->begin_ns = t->now_ns;
	return err;
}

static void
close_all(struct transfer *t)
{
	for (int end = 0; end < 2; end++) {
		if (t->core[end] != NULL)
			baro_core_destroy(t->core[end]);
	}
	baro_sim_destroy(t->sim);
}

int
transfer_run(const struct transfer_plan *plan, struct transfer_result *result)
{
	static struct transfer t;
	unsigned n_flows = plan->n_flows == 0 ? 1 : plan->n_flows;
	int err;

	memset(&t, 0, sizeof(t));
	memset(result, 0, sizeof(*result));
	t.plan = plan;
	t.result = result;
	err = open_all(&t, n_flows);
	if (err == 0)
		err = prepare(&t);
	if (err == 0)
		err = run_flows(&t, n_flows);
	if (err == 0) {
		result->is_done = t.n_done == n_flows;
		if (!result->is_done)
			result->took_ns = t.now_ns - t.begin_ns;
		result->sent_again = counter(t.core[0], STAT_TCP_RETRANS_SEGS);
		result->timeouts = counter(t.core[0], STAT_TCP_TIMEOUTS);
		result->lost = baro_sim_lost(t.sim, 0);
		result->probes = counter(t.core[0], STAT_TCP_TAIL_PROBES);
		result->rtt_ns = t.n_looks != 0 ? t.rtt_sum_ns / t.n_looks : 0;
		for (unsigned i = 0; i < n_flows; i++)
			result->share[i] = t.flow[i].received - t.flow[i].warm;
	}
	close_all(&t);
	return err;
}

double
transfer_goodput(const struct transfer_result *result)
{
	return result->took_ns == 0 ? 0 : (double)result->octets * 1e9 / (double)result->took_ns;
}

double
transfer_fairness(const struct transfer_result *result, unsigned n_flows)
{
	double sum = 0;
	double squares = 0;

	for (unsigned i = 0; i < n_flows; i++) {
		double share = (double)result->share[i];

		sum += share;
		squares += share * share;
	}
	return squares == 0 ? 0 : sum * sum / (n_flows * squares);
}

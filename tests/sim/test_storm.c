/* SPDX-License-Identifier: BSD-3-Clause */

/* Two ends that disagree about where they are, and answer each other: for how long? */

#include <string.h>

#include "sim/pair.h"
#include "socket/stack.h"

enum {
	PORT = 80,
	CREDIT_MAX = 15, /* challenge ACKs a second */
	SECONDS = 30,
};

static struct pair p;
static struct baro_conn *conn[2];
static int is_open;

static void
accepted(struct baro_conn *c)
{
	conn[1] = c;
	is_open = 1;
}

static void
ignore(struct baro_conn *c)
{
	(void)c;
}

static void
closed(struct baro_conn *c, int err)
{
	(void)err;
	conn[c == conn[1]] = NULL;
}

static const struct baro_conn_ops server_ops = {
	.opened = accepted, .readable = ignore, .closed = closed
};
static const struct baro_conn_ops client_ops = { .closed = closed };

static struct tcp_conn *
end(int i)
{
	return tcp_of(conn[i]);
}

static void
open_pair(bool has_timestamps)
{
	struct baro_config config = { .core.seed = 1,
		.tcp.timestamps = has_timestamps ? BARO_ON : BARO_OFF };
	const struct baro_endpoint local = { .port = PORT };
	struct baro_listener *listener;
	struct baro_endpoint remote;

	is_open = 0;
	pair_open_with(&p, NULL, &config);
	remote = (struct baro_endpoint){ p.addr[1], PORT };
	cr_assert_eq(baro_listen(p.core[1], &local, NULL, &server_ops, NULL, &listener), 0);
	cr_assert_eq(baro_connect(p.core[0], &remote, NULL, &client_ops, NULL, &conn[0]), 0);
	cr_assert(pair_run_until(&p, &is_open, NS_PER_SEC));
	pair_run(&p, NS_PER_SEC);
}

static void
close_pair(void)
{
	for (int i = 0; i < 2; i++)
		if (conn[i] != NULL)
			baro_conn_abort(conn[i]);
	pair_run(&p, 100 * NS_PER_SEC); /* one of them may have seen no RST that it believes */
	for (int i = 0; i < 2; i++)
		conn[i] = NULL;
	pair_close(&p);
}

/** Both ends speak once; then they may answer each other, but not without end. */
static void
expect_no_storm(const char *name, uint32_t most)
{
	uint64_t before = p.n_frames[0] + p.n_frames[1];
	uint64_t n;

	for (int i = 0; i < 2; i++) {
		tcp_mark(end(i), TCP_F_ACK_NOW);
		baro_conn_set(conn[i], BARO_TCP_QUICKACK, 0); /* has the turn look at it */
	}
	pair_run(&p, SECONDS * NS_PER_SEC);
	n = p.n_frames[0] + p.n_frames[1] - before;
	cr_expect(n >= 2 && n <= most, "%s: %u frames in %u s", name, (unsigned)n, SECONDS);
}

/* N07 */
Test(storm, ends_out_of_step_answer_a_limited_number_of_times)
{
	static const struct {
		const char *name;
		int32_t seq[2]; /* by which each end is wrong about what it receives */
		int32_t ack[2]; /* and about what it has sent */
	} rows[] = {
		{ "both think the other is ahead", { 1 << 24, 1 << 24 }, { 0, 0 } },
		{ "both think the other is behind", { -(1 << 24), -(1 << 24) }, { 0, 0 } },
		{ "one thinks so", { 1 << 24, 0 }, { 0, 0 } },
		{ "both have sent what nobody knows of", { 0, 0 }, { 1 << 24, 1 << 24 } },
		{ "one has", { 0, 0 }, { 1 << 28, 0 } },
		{ "nothing fits", { 1 << 26, -(1 << 25) }, { 1 << 24, -(1 << 23) } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		open_pair(false);
		for (int k = 0; k < 2; k++) {
			struct tcp_conn *c = end(k);

			c->rcv_nxt.n += (uint32_t)rows[i].seq[k];
			c->rcv_adv.n += (uint32_t)rows[i].seq[k];
			c->last_ack_sent.n += (uint32_t)rows[i].seq[k];
			c->snd_una.n += (uint32_t)rows[i].ack[k];
			c->snd_nxt.n += (uint32_t)rows[i].ack[k];
		}
		expect_no_storm(rows[i].name, 2 + 2 * CREDIT_MAX * SECONDS);
		close_pair();
	}
}

/* N07 M02: each finds the other's timestamps too old */
Test(storm, ends_with_old_timestamps_answer_a_limited_number_of_times)
{
	open_pair(true);
	for (int k = 0; k < 2; k++)
		end(k)->ts_recent += 1 << 30;
	expect_no_storm("PAWS", 2 + 2 * CREDIT_MAX * SECONDS);
	close_pair();
}

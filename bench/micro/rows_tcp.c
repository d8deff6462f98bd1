/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP's way through the whole stack, over the two-function port, by kinds of turns: what comes in is there
 * before the turn, what goes out is gone after it. Less the turn with nothing to do they are the price of
 * input, output and acknowledgements. ARG connections, ARG2 octets of text.
 */

#include "micro/rig.h"
#include "micro/row.h"

enum {
	HAS_TS = 1u << 31, /* in arg2 */
	RESTS = 1u << 30,  /* who has nothing to wait for; else nobody does */
};

/* Applications */

static void
echo(struct baro_conn *c)
{
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		baro_conn_send(c, iov.iov_base, iov.iov_len);
		baro_conn_consume(c, iov.iov_len);
	}
}

static void
discard(struct baro_conn *c)
{
	baro_conn_consume(c, baro_conn_recv_queued(c));
}

static const struct baro_conn_ops echo_ops = {
	.opened = rig_opened, .readable = echo, .closed = rig_closed
};
static const struct baro_conn_ops discard_ops = {
	.opened = rig_opened, .readable = discard, .closed = rig_closed
};

static void *
open_conns(const struct row *row, const struct baro_conn_ops *ops)
{
	const struct baro_config config = { .core.burst = RIG_BURST_MAX,
		.tcp.rest_beyond = (row->arg2 & RESTS) != 0 ? 1 : RIG_CLIENTS_MAX };
	struct rig *r = rig_open(&config);

	if (r == NULL)
		return NULL;
	r->has_ts = (row->arg2 & HAS_TS) != 0;
	r->text_len = row->arg2 & ~(HAS_TS | RESTS);
	r->burst = row->per;
	return rig_connect(r, ops, row->arg) ? r : NULL;
}

static void *
open_echo(const struct row *row)
{
	return open_conns(row, &echo_ops);
}

static void *
open_discard(const struct row *row)
{
	return open_conns(row, &discard_ops);
}

static void
run_turn(void *rig)
{
	rig_turn(rig);
}

/** A segment of each client of this burst. */
static void
send_burst(struct rig *r, uint8_t flags, uint32_t len)
{
	for (uint32_t k = 0; k < r->burst; k++)
		rig_send(r, rig_client(r, k), flags, len);
}

/** A request of each of the next clients, acknowledging the last answer. */
static void
prepare_requests(void *rig)
{
	struct rig *r = rig;

	rig_hear(r);
	send_burst(r, TCP_PSH | TCP_ACK, r->text_len);
	rig_advance(r);
}

/** The answers of the last turn are acknowledged, so that who may rest does; the next requests come. */
static void
prepare_wakes(void *rig)
{
	struct rig *r = rig;

	rig_hear(r);
	send_burst(r, TCP_ACK, 0);
	rig_turn(r);
	rig_advance(r);
	send_burst(r, TCP_PSH | TCP_ACK, r->text_len);
}

/** Acknowledgements of answers come in. */
static void
prepare_rests(void *rig)
{
	struct rig *r = rig;

	rig_advance(r);
	send_burst(r, TCP_PSH | TCP_ACK, r->text_len);
	rig_turn(r);
	rig_hear(r);
	send_burst(r, TCP_ACK, 0);
}

/** The application has something to say on each of the next connections, all of it acknowledged before. */
static void
prepare_output(void *rig)
{
	struct rig *r = rig;

	rig_hear(r);
	send_burst(r, TCP_ACK, 0);
	rig_turn(r);
	rig_advance(r);
}

static void
run_output(void *rig)
{
	struct rig *r = rig;

	for (uint32_t k = 0; k < r->burst; k++)
		baro_conn_send(r->peer[rig_client(r, k)].conn, r->text, r->text_len);
	rig_turn(r);
}

/** Acknowledgements alone come in, of what was sent in a turn before. */
static void
prepare_acks(void *rig)
{
	struct rig *r = rig;

	run_output(r);
	rig_hear(r);
	send_burst(r, TCP_ACK, 0);
	rig_advance(r);
}

#define TURN(title, n, conns, len, opened, prepared, ran)                           \
	{                                                                           \
		.name = title, .per = n, .arg = conns, .arg2 = len, .open = opened, \
		.prepare = prepared, .run = ran, .close = rig_close                 \
	}

const struct row rows_tcp[] = {
	TURN("turn with nothing to do", 1, 1, 64, open_echo, NULL, run_turn),
	TURN("TCP turn, 64 octets", 1, 1, 64, open_echo, prepare_requests, run_turn),
	TURN("TCP turn, 64 octets, timestamps", 1, 1, 64 | HAS_TS, open_echo, prepare_requests,
		run_turn),
	TURN("TCP turn, 1448 octets", 1, 1, 1448, open_echo, prepare_requests, run_turn),
	TURN("TCP turn, 32 of 128 connections", 32, 128, 64, open_echo, prepare_requests, run_turn),
	TURN("TCP turn, 32 of 5000 connections", 32, 5000, 64, open_echo, prepare_requests,
		run_turn),
	TURN("TCP turn, 32 of 5000 at rest", 32, 5000, 64 | RESTS, open_echo, prepare_wakes,
		run_turn),
	TURN("TCP acknowledgement in, to rest", 32, 5000, 64 | RESTS, open_echo, prepare_rests,
		run_turn),
	TURN("TCP acknowledgement in, of 5000", 32, 5000, 64, open_echo, prepare_rests, run_turn),
	TURN("TCP input in order, 64 octets", 32, 128, 64, open_discard, prepare_requests,
		run_turn),
	TURN("TCP input in order, 1448 octets", 32, 128, 1448, open_discard, prepare_requests,
		run_turn),
	TURN("TCP output, 64 octets", 32, 128, 64, open_discard, prepare_output, run_output),
	TURN("TCP output, 1448 octets", 32, 128, 1448, open_discard, prepare_output, run_output),
	TURN("TCP acknowledgement in", 32, 128, 64, open_discard, prepare_acks, run_turn),
	{ .name = NULL },
};

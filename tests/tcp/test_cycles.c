/* SPDX-License-Identifier: BSD-3-Clause */
/* O10: connections come and go by the thousand, and leave nothing behind. */

#include <criterion/criterion.h>

#include "kit/lab.h"
#include "kit/lab_fail.h"

enum {
	CYCLES = 8000,   /* of each end, both ways: more than 100,000 in all */
	TEXT = 1448,     /* a full segment beside timestamps */
	OURS = 1 + TEXT, /* what we send next after talk() */
};

static void
fresh_flow(struct lab *l)
{
	lab_skip_all(l);
	lab_forget(l);
	l->app.len = 0;
	l->peer_iss += 0x1234567;
}

static void
expect_usage(const struct lab *l, const struct baro_usage *want)
{
	struct baro_usage got;

	baro_usage_read(l->core, &got);
	cr_expect_eq(got.conns, want->conns, "%s: %u connections", l->row, got.conns);
	cr_expect_eq(got.time_waits, want->time_waits, "%s: %u TIME-WAITs", l->row, got.time_waits);
	cr_expect_eq(got.listeners, want->listeners, "%s: %u listeners", l->row, got.listeners);
	cr_expect_eq(got.timers, want->timers, "%s: %u timers, not %u", l->row, got.timers,
		want->timers);
	cr_expect_eq(
		got.mbufs, want->mbufs, "%s: %u buffers, not %u", l->row, got.mbufs, want->mbufs);
	cr_expect_eq(got.sent, want->sent, "%s: %u records", l->row, got.sent);
}

/** Text both ways on a connection that is open. */
static void
talk(struct lab *l)
{
	lab_recv(l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_write(l, TEXT);
	lab_recv(l, SEG(ACK, .seq = 101, .ack = OURS));
	lab_skip_all(l);
}

static void
close_conn(struct lab *l)
{
	baro_conn_close(l->conn);
	l->conn = NULL;
	lab_poll(l);
}

/* One cycle each; the connection is open, 101 and OURS are next */

static void
we_close(struct lab *l)
{
	close_conn(l);
	lab_recv(l, SEG(ACK, .seq = 101, .ack = OURS + 1));
	lab_recv(l, SEG(FIN, .seq = 101, .ack = OURS + 1));
}

static void
the_peer_closes(struct lab *l)
{
	lab_recv(l, SEG(FIN, .seq = 101, .ack = OURS));
	close_conn(l);
	lab_recv(l, SEG(ACK, .seq = 102, .ack = OURS + 1));
}

static void
both_close(struct lab *l)
{
	close_conn(l);
	lab_recv(l, SEG(FIN, .seq = 101, .ack = OURS));
	lab_recv(l, SEG(ACK, .seq = 102, .ack = OURS + 1));
}

static void
we_abort(struct lab *l)
{
	baro_conn_abort(l->conn);
	l->conn = NULL;
	lab_poll(l);
}

static void
the_peer_resets(struct lab *l)
{
	lab_recv(l, SEG(PSH, .seq = 201, .ack = OURS, .len = 50));
	lab_recv(l, SEG(RST, .seq = 101));
}

static void
we_close_with_text_unread(struct lab *l)
{
	l->app.reads = false;
	lab_recv(l, SEG(PSH, .seq = 101, .ack = OURS, .len = 50));
	lab_recv(l, SEG(PSH, .seq = 201, .ack = OURS, .len = 50));
	cr_assert_eq(baro_conn_send(l->conn, l->app.data, 5000), 5000);
	close_conn(l);
	l->app.reads = true;
}

/** Never a third ACK, then a RST: the connection that lab_establish() made stays out of it. */
static void
half_open(struct lab *l)
{
	the_peer_resets(l);
	lab_recv(l, SEG(SYN, .seq = 1000000));
	lab_recv(l, SEG(RST, .seq = 1000001));
}

struct cycle {
	const char *name;
	void (*end)(struct lab *l);
	unsigned time_waits; /* each leaves so many */
};

static const struct cycle ends[] = {
	{ "we close", we_close, 1 },
	{ "the peer closes", the_peer_closes, 0 },
	{ "both close", both_close, 1 },
	{ "we abort", we_abort, 0 },
	{ "the peer resets", the_peer_resets, 0 },
	{ "we close with text unread", we_close_with_text_unread, 0 },
	{ "half open", half_open, 0 },
};

static void
passive(struct lab *l)
{
	lab_establish(l, LAB_WITH_ALL);
}

static void
active(struct lab *l)
{
	lab_establish_active(l, LAB_WITH_ALL);
}

/** Many cycles of each end; the peer keeps its port, so TIME-WAITs are reopened or left alone. */
static void
go_round(void (*begin)(struct lab *l), bool reopens, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		struct baro_usage before;
		struct lab l;

		lab_open(&l, NULL);
		lab_listen(&l);
		baro_usage_read(l.core, &before);
		l.row = ends[i].name;
		for (unsigned n = 0; n < CYCLES; n++) {
			begin(&l);
			talk(&l);
			ends[i].end(&l);
			fresh_flow(&l);
			if (n % 16 == 0)
				lab_run_ms(&l, 1);
		}
		if (!reopens)
			lab_holds(&l, 0, ends[i].time_waits * CYCLES);
		lab_run_ms(&l, 30001);
		lab_holds(&l, 0, 0);
		expect_usage(&l, &before);
		lab_skip_all(&l);
		lab_close(&l);
	}
}

/* O10 */
Test(tcp_cycles, connections_of_peers_leave_nothing)
{
	go_round(passive, true, 0, sizeof(ends) / sizeof(ends[0]));
}

/* O10 G17 */
Test(tcp_cycles, connections_of_ours_leave_nothing)
{
	go_round(active, false, 0, sizeof(ends) / sizeof(ends[0]) - 1);
}

/* O10 O11: closed before they were open */
Test(tcp_cycles, attempts_leave_nothing)
{
	struct baro_usage before;
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	l.row = "attempts";
	baro_usage_read(l.core, &before);
	for (unsigned n = 0; n < CYCLES; n++) {
		lab_connect(&l);
		if (n % 3 == 0)
			close_conn(&l);
		else if (n % 3 == 1)
			we_abort(&l);
		else
			lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
		fresh_flow(&l);
	}
	expect_usage(&l, &before);
	lab_close(&l);
}

/* O10: as many open at once as a flood leaves half open, all given up */
Test(tcp_cycles, half_open_connections_leave_nothing)
{
	struct baro_config config = { .tcp = { .backlog = 400, .syncookies = BARO_OFF } };
	struct baro_usage before;
	struct baro_usage during;
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	l.row = "half open";
	baro_usage_read(l.core, &before);
	for (unsigned n = 0; n < 5000; n++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(1024 + n)));
		lab_skip_all(&l);
	}
	baro_usage_read(l.core, &during);
	cr_expect_eq(during.embryos, 400);
	cr_expect_eq(during.conns, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_BACKLOG, 5000 - 400));
	for (unsigned s = 0; s < 7 * 1000; s++) {
		lab_run_ms(&l, 10);
		lab_skip_all(&l);
	}
	expect_usage(&l, &before);
	lab_close(&l);
}

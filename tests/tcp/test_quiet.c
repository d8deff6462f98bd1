/* SPDX-License-Identifier: BSD-3-Clause */

/* The queue of connections that wait for nothing: in order, a few a turn, and without those that are gone. */

#include "story.h"
#include "tcp/quiet.h"

#define REST_AFTER_NS (2 * NS_PER_SEC)

enum { MANY = 1500 }; /* control blocks, more than the queue has room for at first */

static const struct baro_config rest_soon = { .tcp.rest_after_ns = REST_AFTER_NS,
	.tcp.rest_beyond = 10 * MANY };
static const struct baro_config few_awake = { .tcp.rest_beyond = 10 };

static struct tcp *
tcp_in(const struct lab *l)
{
	return &l->core->stack.tcp;
}

static uint32_t
n_resting(const struct lab *l)
{
	return tcp_in(l)->n_resting;
}

Test(tcp_quiet, who_stirs_waits_again_from_the_end_of_its_time)
{
	struct lab l;

	story_begin(&l, &rest_soon, LAB_PLAIN);
	lab_run_ms(&l, 1500);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_run_ms(&l, 1500);
	cr_expect_eq(n_resting(&l), 0, "its time has come, and it was silent for 1.5 s");
	lab_run_ms(&l, 1500);
	cr_expect_eq(n_resting(&l), 1, "twice its time, at most");
	cr_expect_eq(lab_stat(&l, STAT_TCP_RESTS), 1);
	story_end(&l);
}

Test(tcp_quiet, the_next_one_in_a_control_block_does_not_take_over_its_place)
{
	struct lab l;
	uint32_t index;

	story_begin(&l, &rest_soon, LAB_PLAIN);
	index = rest_of(l.conn)->conn->index;
	lab_run_ms(&l, 1000);
	lab_recv(&l, SEG(RST, .seq = 1));
	lab_forget(&l);
	l.peer_iss += 0x1234567;
	lab_run_ms(&l, 500);
	lab_establish(&l, LAB_PLAIN);
	cr_assert_eq(rest_of(l.conn)->conn->index, index);
	lab_run_ms(&l, 1000);
	cr_expect_eq(n_resting(&l), 0, "the place was that of the one before");
	lab_run_ms(&l, 1500);
	cr_expect_eq(n_resting(&l), 1);
	story_end(&l);
}

Test(tcp_quiet, keepalive_holds_it_and_lets_it_go)
{
	struct lab l;

	story_begin(&l, &rest_soon, LAB_PLAIN);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 1), 0);
	lab_run_ms(&l, 5000);
	cr_expect_eq(n_resting(&l), 0);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_KEEPALIVE, 0), 0);
	lab_run_ms(&l, 4000);
	cr_expect_eq(n_resting(&l), 1);
	story_end(&l);
}

/* Connections of their own, without the lab's peer: they lead from us to us. */

static const struct baro_conn_ops no_ops;

static struct baro_endpoint
server(void)
{
	return (struct baro_endpoint){ baro_addr_from_v4(0x7f000001), 80 };
}

static void
connect_many(struct lab *l, unsigned n)
{
	const struct baro_endpoint to = server();
	struct baro_listener *listener;
	struct baro_conn *c;

	cr_assert_eq(baro_listen(l->core, &to, NULL, &no_ops, NULL, &listener), 0);
	for (unsigned i = 0; i < n; i++)
		cr_assert_eq(baro_connect(l->core, &to, NULL, &no_ops, NULL, &c), 0);
	lab_run_ms(l, 1900);
	cr_assert_eq(tcp_in(l)->conns.n_used, 2 * n);
}

Test(tcp_quiet, a_crowd_comes_to_rest_by_and_by_and_the_queue_is_small_again)
{
	struct lab l;
	uint32_t before;

	lab_open(&l, &rest_soon);
	connect_many(&l, MANY / 2);
	cr_expect_gt(tcp_in(&l)->quiet.mask, 1024);
	l.now_ns += NS_PER_SEC; /* all of their times come at once */
	do {
		before = n_resting(&l);
		baro_core_poll(l.core, l.now_ns);
		cr_assert_leq(n_resting(&l) - before, 256, "segments have to wait");
	} while (n_resting(&l) != before);
	cr_expect_eq(n_resting(&l), MANY);
	cr_expect_eq(tcp_in(&l)->conns.n_used, 0);
	cr_expect_lt(tcp_in(&l)->quiet.mask, 1024);
	lab_close(&l);
}

/* In a crowd */

/** The connection of the story, which is one too many. */
static void
crowded_begin(struct lab *l)
{
	story_begin(l, NULL, LAB_PLAIN);
	tcp_in(l)->common.rest_beyond = 0;
}

Test(tcp_quiet, in_a_crowd_who_waits_for_nothing_rests_at_the_end_of_its_turn)
{
	struct lab l;

	crowded_begin(&l);
	lab_run_ms(&l, 10);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	cr_expect_eq(n_resting(&l), 0, "it owes an acknowledgement");
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_expect_eq(n_resting(&l), 1);
	cr_assert_eq(baro_conn_send(l.conn, &(uint8_t){ lab_octet(0) }, 1), 1);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .len = 1));
	cr_expect_eq(n_resting(&l), 0, "it waits for an acknowledgement");
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 2));
	cr_expect_eq(n_resting(&l), 1);
	cr_expect_eq(tcp_in(&l)->conns.n_used, 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_RESTS), 2);
	lab_sends_nothing(&l);
	story_end(&l);
}

Test(tcp_quiet, in_a_crowd_it_is_remembered_that_answers_follow_soon)
{
	struct lab l;

	crowded_begin(&l);
	for (uint32_t i = 0; i < 3; i++) {
		lab_run_ms(&l, 300);
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 1 + i, .len = 10));
		lab_sends_nothing(&l);
		lab_run_ms(&l, 1);
		cr_assert_eq(baro_conn_send(l.conn, &(uint8_t){ lab_octet(i) }, 1), 1);
		lab_poll(&l);
		lab_sends(&l, SEG(PSH, .seq = 1 + i, .ack = 11 + 10 * i, .len = 1));
		lab_recv(&l, SEG(ACK, .seq = 11 + 10 * i, .ack = 2 + i));
		cr_expect_eq(n_resting(&l), 1);
	}
	story_end(&l);
}

Test(tcp_quiet, in_a_crowd_who_has_been_read_between_turns_rests)
{
	struct lab l;
	char text[10];

	crowded_begin(&l);
	lab_run_ms(&l, 10);
	l.app.reads = false;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	cr_expect_eq(n_resting(&l), 0);
	cr_assert_eq(baro_conn_recv(l.conn, text, sizeof(text)), sizeof(text));
	lab_poll(&l);
	cr_expect_eq(n_resting(&l), 1);
	story_end(&l);
}

/** So many full segments, and all are acknowledged. */
static void
send_segments(struct lab *l, uint32_t *seq, uint32_t n)
{
	uint8_t text[10 * 1460];

	for (uint32_t i = 0; i < n * 1460; i++)
		text[i] = lab_octet(*seq - 1 + i);
	cr_assert_eq(baro_conn_send(l->conn, text, n * 1460), n * 1460);
	lab_poll(l);
	lab_skip_all(l);
	*seq += n * 1460;
	lab_recv(l, SEG(ACK, .seq = 1, .ack = *seq));
}

Test(tcp_quiet, in_a_crowd_windows_that_grow_by_parts_of_a_segment_stay_awake)
{
	struct lab l;
	struct tcp_conn *c;
	uint32_t seq = 1;

	crowded_begin(&l);
	send_segments(&l, &seq, 10);
	cr_expect_eq(n_resting(&l), 1, "in slow start there are no parts");
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_NODELAY, 1), 0);
	c = rest_of(l.conn)->conn;
	c->ssthresh = c->cwnd = 10 * 1460;
	send_segments(&l, &seq, 10);
	cr_expect_eq(n_resting(&l), 0, "it needs more");
	send_segments(&l, &seq, 8);
	cr_expect_eq(n_resting(&l), 0, "it needs most of it");
	lab_run_ms(&l, 1100);
	send_segments(&l, &seq, 1);
	lab_run_ms(&l, 1);
	send_segments(&l, &seq, 5);
	cr_expect_eq(n_resting(&l), 1, "it has no need of it");
	story_end(&l);
}

Test(tcp_quiet, in_a_crowd_who_may_hear_of_a_needless_reduction_stays_awake)
{
	struct lab l;
	uint32_t seq = 1;

	crowded_begin(&l);
	send_segments(&l, &seq, 1);
	cr_assert_eq(baro_conn_set(l.conn, BARO_TCP_NODELAY, 1), 0);
	rest_of(l.conn)->conn->loss.undo = (struct tcp_undo){ .cwnd = 20 * 1460,
		.octets = 1460,
		.again_ts = tcp_ts_now(rest_of(l.conn)->conn, l.now_ns) };
	send_segments(&l, &seq, 1);
	cr_expect_eq(n_resting(&l), 0, "D-SACK may come");
	lab_run_ms(&l, 10001);
	send_segments(&l, &seq, 1);
	cr_expect_eq(n_resting(&l), 1, "and would be too late");
	story_end(&l);
}

Test(tcp_quiet, in_a_crowd_those_who_were_first_stay_awake)
{
	struct lab l;
	const struct baro_endpoint to = server();
	struct baro_listener *listener;
	struct baro_conn *c[20];

	lab_open(&l, &few_awake);
	cr_assert_eq(baro_listen(l.core, &to, NULL, &no_ops, NULL, &listener), 0);
	for (unsigned i = 0; i < ARRAY_LEN(c); i++) {
		cr_assert_eq(baro_connect(l.core, &to, NULL, &no_ops, NULL, &c[i]), 0);
		lab_run_ms(&l, 1);
	}
	cr_expect_eq(tcp_in(&l)->conns.n_used, 10);
	cr_expect_eq(n_resting(&l), 2 * ARRAY_LEN(c) - 10);
	cr_expect_not(rest_of(c[0])->is_resting);
	baro_conn_abort(c[0]);
	lab_run_ms(&l, 1);
	cr_expect_eq(tcp_in(&l)->conns.n_used, 8, "room for two");
	cr_assert_eq(baro_conn_send(c[19], "x", 1), 1);
	lab_run_ms(&l, 100);
	cr_expect_not(rest_of(c[19])->is_resting, "it has one of them");
	cr_expect_eq(tcp_in(&l)->conns.n_used, 10);
	lab_run_ms(&l, 20001);
	cr_expect_eq(tcp_in(&l)->conns.n_used, 1,
		"their time has come, but for the one whose text nobody has read");
	cr_expect_eq(tcp_in(&l)->quiet.n_gone, 0);
	lab_close(&l);
}

Test(tcp_quiet, those_who_come_and_go_do_not_lengthen_the_queue)
{
	struct lab l;
	const struct baro_endpoint to = server();
	struct baro_listener *listener;

	lab_open(&l, &rest_soon);
	tcp_in(&l)->quiet.head = tcp_in(&l)->quiet.tail =
		UINT32_MAX - 200; /* numbers wrap on the way */
	cr_assert_eq(baro_listen(l.core, &to, NULL, &no_ops, NULL, &listener), 0);
	for (unsigned i = 0; i < 3 * MANY; i++) {
		struct baro_conn *c;

		cr_assert_eq(baro_connect(l.core, &to, NULL, &no_ops, NULL, &c), 0);
		lab_run_ns(&l, 20000);
		baro_conn_abort(c);
		lab_run_ns(&l, 20000);
		if (i % 100 == 0) /* some stay, and move up */
			cr_assert_eq(baro_connect(l.core, &to, NULL, &no_ops, NULL, &c), 0);
	}
	cr_expect_lt(tcp_in(&l)->quiet.mask, 1024);
	cr_expect_eq(tcp_in(&l)->conns.n_used, 2 * (3 * MANY / 100));
	lab_run_ms(&l, 4001);
	cr_expect_eq(n_resting(&l), 2 * (3 * MANY / 100), "all of them");
	cr_expect_eq(tcp_in(&l)->quiet.n_gone, 0);
	lab_close(&l);
}

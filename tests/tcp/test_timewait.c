/* SPDX-License-Identifier: BSD-3-Clause */
/* TIME-WAIT: RFC 9293 §3.6.1, RFC 1337, RFC 6191. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"

/** A connection with these options has gone to TIME-WAIT; both FINs are number 1. */
static void
enter_time_wait(struct lab *l, enum lab_options options)
{
	lab_establish(l, options);
	baro_conn_close(l->conn);
	l->conn = NULL;
	lab_poll(l);
	lab_sends(l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(l, SEG(ACK, .seq = 2, .ack = 2));
	lab_sends_nothing(l);
	lab_flow_is(l, TCP_ST_TIME_WAIT);
	lab_dropped_nothing(l);
}

/* O05: 30 s, and a setting */
Test(tcp_timewait, lasts_two_msl)
{
	static const uint64_t settings_ms[] = { 0, 1000, 120000 };

	for (unsigned i = 0; i < 3; i++) {
		struct baro_config config = { .tcp.msl_ns = settings_ms[i] * NS_PER_MS };
		uint64_t msl_ms = settings_ms[i] != 0 ? settings_ms[i] : 15000;
		struct lab l;

		lab_open(&l, &config);
		enter_time_wait(&l, LAB_PLAIN);
		lab_holds(&l, 0, 1);
		lab_run_ms(&l, 2 * msl_ms - 1);
		lab_flow_is(&l, TCP_ST_TIME_WAIT);
		lab_run_ms(&l, 2);
		lab_flow_is(&l, TCP_ST_CLOSED);
		lab_holds(&l, 0, 0);
		lab_sends_nothing(&l);
		lab_close(&l);
	}
}

/* O05 */
Test(tcp_timewait, repeated_fin_is_acknowledged_and_begins_the_wait_anew)
{
	struct lab l;

	lab_open(&l, NULL);
	enter_time_wait(&l, LAB_PLAIN);
	for (unsigned i = 0; i < 3; i++) {
		lab_run_ms(&l, 29000);
		lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
		lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	}
	lab_run_ms(&l, 29999);
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_run_ms(&l, 2);
	lab_holds(&l, 0, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 3));
	lab_close(&l);
}

/* O05: the FIN may come again with the text before it */
Test(tcp_timewait, repeated_text_with_the_fin_begins_the_wait_anew)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_enter(&l, TCP_ST_FIN_WAIT_2);
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 2, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 12));
	lab_run_ms(&l, 29000);
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 2, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 12));
	lab_run_ms(&l, 29000);
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_close(&l);
}

/* O07: RFC 1337's three hazards; none begins the wait anew either */
Test(tcp_timewait, old_segments_neither_end_nor_prolong_it)
{
	struct lab l;

	lab_open(&l, NULL);
	enter_time_wait(&l, LAB_PLAIN);
	lab_run_ms(&l, 29000);
	lab_recv(&l, SEG(RST, .seq = 2));
	lab_recv(&l, SEG(RST_ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(ACK, .seq = 2, .ack = 1));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(PSH, .seq = 2, .ack = 2, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(SYN, .seq = 0));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_run_ms(&l, 1001);
	lab_holds(&l, 0, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 6));
	lab_close(&l);
}

/* O07, G09: a peer that has started anew and knows nothing of the old connection need not wait */
Test(tcp_timewait, rst_that_answers_our_answer_to_a_syn_ends_it)
{
	struct lab l;

	lab_open(&l, NULL);
	enter_time_wait(&l, LAB_PLAIN);
	lab_recv(&l, SEG(SYN, .seq = 0));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(RST, .seq = 3));
	lab_flow_is(&l, TCP_ST_TIME_WAIT); /* another number */
	lab_recv(&l, SEG(RST, .seq = 2));
	lab_flow_is(&l, TCP_ST_CLOSED);
	lab_holds(&l, 0, 0);
	lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 3));
	lab_recv(&l, SEG(SYN, .seq = 0));
	cr_expect_eq(lab_pending(&l), 1, "SYN|ACK");
	lab_skip_all(&l);
	lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
	lab_close(&l);
}

struct syn_row {
	const char *name;
	enum lab_options was; /* LAB_WITH_TS, or not */
	uint32_t seq;         /* of the SYN; the FIN was 1 */
	int32_t ts_later;     /* than the last timestamp of the peer; only if has_ts */
	bool has_ts;
	bool opens;
};

#define LAST_TS 7000

/* O06: RFC 6191 §2, every case of its list */
Test(tcp_timewait, new_syn_is_judged_by_timestamp_then_by_number)
{
	static const struct syn_row rows[] = {
		{ "neither had timestamps, higher number", LAB_PLAIN, 3, 0, false, true },
		{ "neither had timestamps, far higher number", LAB_PLAIN, 0x70000000, 0, false,
			true },
		{ "neither had timestamps, lower number", LAB_PLAIN, 0, 0, false, false },
		{ "neither had timestamps, far lower number", LAB_PLAIN, 0x90000000, 0, false,
			false },
		{ "timestamps are new, higher number", LAB_PLAIN, 1000, INT32_MIN, true, true },
		{ "timestamps are new, lower number", LAB_PLAIN, 0x90000000, INT32_MIN, true,
			true },
		{ "later, higher number", LAB_WITH_TS, 1000, 1, true, true },
		{ "later, lower number", LAB_WITH_TS, 0x90000000, 1, true, true },
		{ "same time, higher number", LAB_WITH_TS, 1000, 0, true, true },
		{ "same time, lower number", LAB_WITH_TS, 0x90000000, 0, true, false },
		{ "earlier, higher number", LAB_WITH_TS, 1000, -1, true, false },
		{ "earlier, lower number", LAB_WITH_TS, 0x90000000, -1, true, false },
		{ "timestamps are gone, higher number", LAB_WITH_TS, 1000, 0, false, true },
		{ "timestamps are gone, lower number", LAB_WITH_TS, 0x90000000, 0, false, false },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct syn_row *r = &rows[i];
		struct lab l;
		uint32_t old_iss;

		lab_open(&l, NULL);
		l.row = r->name;
		l.peer_ts = LAST_TS - 2; /* SYN, ACK, FIN */
		enter_time_wait(&l, r->was);
		old_iss = l.our_iss;
		lab_run_ms(&l, 1000);
		lab_recv(
			&l, SEG(SYN, .seq = r->seq, .mss = 1460, .has_ts = r->has_ts,
				    .no_ts = !r->has_ts, .tsval = LAST_TS + (uint32_t)r->ts_later));
		if (r->opens) {
			l.knows_our_iss = false;
			lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = r->seq + 1, .mss = 1460));
			cr_expect_gt((int32_t)(l.our_iss - old_iss), 1, "%s: ISN", r->name);
			lab_flow_is(&l, TCP_ST_SYN_RECEIVED);
			lab_holds(&l, 1, 0);
			lab_dropped_nothing(&l);
		} else {
			lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
			lab_flow_is(&l, TCP_ST_TIME_WAIT);
			lab_holds(&l, 0, 1);
			lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 1));
		}
		lab_close(&l);
	}
}

/* O06 G03: the clock of 4 us is slower than a connection may be: MAY-2 (1) wants more than it says */
Test(tcp_timewait, new_connection_begins_beyond_what_the_old_one_sent)
{
	struct lab l;
	uint32_t sent = 1;
	uint32_t old_next;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	for (unsigned i = 0; i < 20; i++) { /* 292,000 octets in no time */
		lab_write(&l, 14600);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = sent += 14600));
	}
	lab_skip_all(&l);
	baro_conn_close(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = sent, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = sent + 1));
	lab_sends(&l, SEG(ACK, .seq = sent + 1, .ack = 2));
	old_next = l.our_iss + sent + 1;
	lab_run_ms(&l, 10); /* 2500 ticks */
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 1000, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1001));
	cr_expect_gt((int32_t)(l.our_iss - old_next), 0, "begins %d octets before the old end",
		(int32_t)(old_next - l.our_iss));
	lab_close(&l);
}

/* O06: without a listener a SYN opens nothing and ends nothing */
Test(tcp_timewait, syn_for_a_port_of_ours_that_nobody_listens_on_ends_nothing)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish_active(&l, LAB_PLAIN);
	baro_conn_close(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(SYN, .seq = 1000));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_dropped(&l, DROPPED(DROP_TCP_TIME_WAIT, 1));
	lab_close(&l);
}

/* O06 G14: nor with a full backlog */
Test(tcp_timewait, syn_that_finds_no_room_ends_nothing)
{
	extern const struct baro_conn_ops lab_ops;
	const struct baro_endpoint local = { .port = LAB_PORT };
	const struct baro_listen_opts opts = { .backlog = 1 };
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(baro_listen(l.core, &local, &opts, &lab_ops, &l, &l.listener), 0);
	enter_time_wait(&l, LAB_PLAIN);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000));
	lab_skip_all(&l);
	lab_recv(&l, SEG(SYN, .seq = 1000));
	lab_sends_nothing(&l);
	lab_flow_is(&l, TCP_ST_TIME_WAIT);
	lab_dropped(&l, DROPPED(DROP_TCP_BACKLOG, 1));
	lab_close(&l);
}

/* O06: the connection that follows works to its end */
Test(tcp_timewait, connection_that_follows_is_a_whole_one)
{
	struct lab l;

	lab_open(&l, NULL);
	for (unsigned i = 0; i < 5; i++) {
		l.app.len = 0;
		enter_time_wait(&l, LAB_WITH_ALL);
		lab_run_ms(&l, 10);
		lab_forget(&l);
		l.peer_iss += 100000;
	}
	lab_establish(&l, LAB_WITH_ALL);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_has_read(&l, 10);
	lab_holds(&l, 1, 0);
	cr_expect_eq(lab_stat(&l, STAT_TCP_TIME_WAITS), 5);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

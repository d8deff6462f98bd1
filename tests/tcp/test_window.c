/* SPDX-License-Identifier: BSD-3-Clause */
/* The peer's window: RFC 9293 §3.8.6. The own one: test_receive.c. */

#include "peer.h"

enum { MSS = 1460 };

/* J01 J05: two full segments fit, the rest would be a small one */
Test(tcp_window, what_does_not_fit_waits)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 3000));
	lab_write(&l, 10000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461, .wnd = 3000));
	lab_sends(&l, SEG(ACK, .seq = 2921, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 4381, .wnd = 5620));
	for (uint32_t at = 4381; at < 8761; at += MSS)
		lab_sends(&l, SEG(ACK, .seq = at, .ack = 1, .len = MSS));
	lab_sends_nothing(&l); /* the tail waits for Nagle's sake */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 8761, .wnd = 1240));
	lab_sends(&l, SEG(PSH, .seq = 8761, .ack = 1, .len = 1240));
	story_end(&l);
}

/* J01 H04: the window of a segment is scaled */
Test(tcp_window, is_scaled_as_agreed)
{
	struct lab l;

	story_begin(&l, NULL, LAB_WITH_WSCALE);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 23)); /* 2944 */
	lab_write(&l, 10000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = MSS));
	story_end(&l);
}

/* J05: RFC 9293 §3.8.6.2.1 (4), the override */
Test(tcp_window, small_one_is_used_after_a_while)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 1000));
	since = l.now_ns;
	lab_write(&l, 5000);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	cr_assert_geq(l.last_at_ns - since, 100 * NS_PER_MS);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1001, .wnd = 4000));
	lab_sends(&l, SEG(ACK, .seq = 1001, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 2461, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 3921, .wnd = 4000));
	lab_sends(&l, SEG(PSH, .seq = 3921, .ack = 1, .len = 1080));
	story_end(&l);
}

/* J05: RFC 9293 §3.8.6.2.1 (3), half of the largest window ever */
Test(tcp_window, half_of_a_small_receiver_is_used_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->max_snd_wnd = 1200; /* as if it had never offered more */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 1200));
	lab_write(&l, 5000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1200));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1201, .wnd = 599));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1201, .wnd = 600));
	lab_sends(&l, SEG(ACK, .seq = 1201, .ack = 1, .len = 600));
	story_end(&l);
}

/* J03 */
Test(tcp_window, closed_one_is_probed_ever_more_rarely)
{
	static const uint32_t wait_ms[] = { 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200,
		60000, 60000 };
	uint64_t due;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	due = l.now_ns;
	lab_write(&l, 5000);
	for (unsigned i = 0; i < sizeof(wait_ms) / sizeof(wait_ms[0]); i++) {
		due += wait_ms[i] * NS_PER_MS;
		lab_run_ns(&l, due - NS_PER_MS - l.now_ns);
		lab_sends_nothing(&l);
		lab_run_ns(&l, due + NS_PER_MS - l.now_ns);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
		lab_sends_nothing(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	cr_assert_eq(lab_stat(&l, STAT_TCP_PROBES), sizeof(wait_ms) / sizeof(wait_ms[0]));
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	lab_state_is(&l, TCP_ST_ESTABLISHED); /* for nearly four minutes */
	story_end(&l);
}

/* J03 J10 */
Test(tcp_window, peer_that_answers_no_probe_is_given_up)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_run_ms(&l, 500000); /* time without anything to do does not count */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_run_ms(&l, 500000);
	lab_write(&l, 100);
	lab_run_ms(&l, 99000);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_run_ms(&l, 62000);
	cr_assert_eq(l.app.n_closed, 1);
	cr_assert_eq(l.app.err, -ETIMEDOUT);
	lab_skip_all(&l);
	story_end(&l);
}

/* J04 */
Test(tcp_window, update_resumes_at_once)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 5000);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461, .wnd_is_zero = true));
	lab_run_ms(&l, 201);
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461, .wnd = 2 * MSS)); /* the probe fell on it */
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = 1));
	lab_sends(&l, SEG(ACK, .seq = 1462, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2922, .wnd_is_zero = true));
	lab_run_ms(&l, 1000);
	lab_sends(&l, SEG(ACK, .seq = 2922, .ack = 1, .len = 1));
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2923, .wnd = 3000)); /* the probe was taken */
	lab_sends(&l, SEG(ACK, .seq = 2923, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 4383, .wnd = 3000));
	lab_sends(&l, SEG(PSH, .seq = 4383, .ack = 1, .len = 618));
	story_end(&l);
}

/* J04 K05: the probes' waiting is over with them */
Test(tcp_window, back_off_of_the_probes_ends_with_them)
{
	struct lab l;
	uint64_t since;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, MSS + 1);
	lab_run_ms(&l, 5000);
	lab_skip_all(&l);
	since = l.now_ns;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 5000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
	lab_sends(&l, SEG(PSH, .seq = 2, .ack = 1, .len = MSS));
	lab_run_ms(&l, 201);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
	cr_assert_eq((l.last_at_ns - since) / NS_PER_MS, 200);
	lab_skip_all(&l);
	story_end(&l);
}

/* J03 K03: a probe repeated tells no round trip, as it cannot be told which one was taken */
Test(tcp_window, repeated_probe_gives_no_round_trip)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 5000);
	lab_run_ms(&l, 3500); /* 200 600 1400 3000 */
	for (int i = 0; i < 4; i++)
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2, .wnd = 20000));
	cr_assert_lt(lab_tcp(&l)->srtt_ns, 100 * NS_PER_MS);
	lab_skip_all(&l);
	story_end(&l);
}

/* J02 */
Test(tcp_window, shrunk_under_what_is_in_flight_is_obeyed)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 6 * MSS);
	for (uint32_t at = 1; at < 6 * MSS; at += MSS)
		lab_sends(&l, at < 5 * MSS ? SEG(ACK, .seq = at, .ack = 1, .len = MSS)
					   : SEG(PSH, .seq = at, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1461, .wnd = 1000));
	lab_sends_nothing(&l);
	lab_write(&l, 100);
	lab_sends_nothing(&l);
	lab_run_ms(&l, 201);
	lab_sends(&l, SEG(ACK, .seq = 1461, .ack = 1, .len = 1000));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 2461, .wnd = 20000));
	lab_sends(&l, SEG(ACK, .seq = 2461, .ack = 1, .len = 460));
	lab_sends(&l, SEG(ACK, .seq = 2921, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 8761, .wnd = 20000));
	lab_sends(&l, SEG(PSH, .seq = 8761, .ack = 1, .len = 100));
	story_end(&l);
}

/* J02 J03 */
Test(tcp_window, shrunk_to_nothing_is_probed_with_what_is_in_flight)
{
	uint64_t due;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	due = l.now_ns;
	lab_write(&l, 3 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	for (int i = 0; i < 8; i++) {
		due += (200 << i) * NS_PER_MS;
		lab_run_ns(&l, due + NS_PER_MS - l.now_ns);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1));
		lab_sends_nothing(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	cr_assert_eq(lab_stat(&l, STAT_TCP_TIMEOUTS), 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 20000));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 3 * MSS + 1, .wnd = 20000));
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 3 * MSS + 1, .ack = 1, .len = 10));
	story_end(&l);
}

/* J02: text that leaves with a FIN is text */
Test(tcp_window, text_before_a_fin_obeys_a_closed_window)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	cr_assert_eq(baro_conn_send(l.conn, l.app.data, 0), 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_write(&l, MSS); /* the next one waits for Nagle's sake, and gets the FIN */
	lab_sends(&l, SEG(PSH, .seq = 101, .ack = 1, .len = MSS));
	lab_write(&l, 50);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(PSH_FIN, .seq = 1561, .ack = 1, .len = 50));
	lab_run_ms(&l, 201); /* all is thought lost */
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 1, .len = MSS));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1561, .wnd_is_zero = true));
	lab_sends_nothing(&l);
	lab_run_ms(&l, 1000);
	lab_sends(&l, SEG(ACK, .seq = 1561, .ack = 1, .len = 1));
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1561, .wnd = 100));
	lab_sends(&l, SEG(FIN, .seq = 1561, .ack = 1, .len = 50));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1612));
	lab_state_is(&l, TCP_ST_FIN_WAIT_2);
	story_end(&l);
}

/* J01 J02 J03 J04 F10 */
Test(tcp_window, whatever_the_window_does_all_arrives_and_nothing_beyond_it)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct peer *p;

		lab_open(&l, NULL);
		lab_establish(&l, seed % 2 ? LAB_WITH_TS : LAB_PLAIN);
		p = peer_of(&l, seed);
		p->wnd_max = seed % 3 == 0 ? 2000 : 30000;
		p->wnd_zero_percent = 60;
		peer_gets(p, 150000);
		lab_dropped_nothing(&l);
		story_end_clean(&l);
	}
}

/* J01 L09 */
Test(tcp_window, with_loss_both_ways_all_arrives)
{
	struct lab l;

	for (uint64_t seed = 1; seed <= 16; seed++) {
		struct peer *p;

		lab_open(&l, NULL);
		lab_establish(&l, seed % 2 ? LAB_WITH_ALL & ~LAB_WITH_WSCALE : LAB_PLAIN);
		p = peer_of(&l, seed);
		p->loss_percent = 1 + (uint32_t)seed;
		p->ack_loss_percent = 5;
		p->wnd_max = seed % 4 == 0 ? 4000 : 60000;
		p->wnd_zero_percent = seed % 4 == 0 ? 50 : 0;
		peer_gets(p, 200000);
		lab_dropped_nothing(&l);
		story_end_clean(&l);
	}
}

/* J03: nobody waits for the rest any more, but a window that stays closed does not open by that */
Test(tcp_window, probes_of_a_closed_connection_are_backed_off)
{
	unsigned n = 0;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 10);
	baro_conn_close(l.conn);
	l.conn = NULL;
	for (unsigned ms = 0; ms < 20000; ms += 100) {
		lab_run_ms(&l, 100);
		if (lab_pending(&l) == 0)
			continue;
		n += lab_pending(&l);
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	}
	cr_assert_leq(n, 8, "%u probes in 20 s", n);
	lab_run_ms(&l, 120000);
	lab_skip_all(&l);
	lab_holds(&l, 0, 0);
	story_end(&l);
}

/* J03: a peer that keeps saying so does not hold the text for ever either */
Test(tcp_window, closed_window_of_a_closed_connection_is_given_up)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
	lab_write(&l, 10);
	lab_run_ms(&l, 250); /* a probe is in flight */
	baro_conn_close(l.conn);
	l.conn = NULL;
	for (unsigned i = 0; i < 1700 && l.core->stack.tcp.conns.n_used != 0; i++) {
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd_is_zero = true));
		lab_run_ms(&l, 100);
		lab_skip_all(&l);
	}
	lab_holds(&l, 0, 0);
	lab_skip_all(&l);
	lab_close(&l);
}

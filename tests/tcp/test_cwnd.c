/* SPDX-License-Identifier: BSD-3-Clause */
/* When a window counts as used, seen from outside. */

#include "story.h"
#include "tcp/recover.h"

enum { MSS = 1460 };

#define GOT(n) SEG(ACK, .seq = 1, .ack = 1 + (n)*MSS)

/** In congestion avoidance, ten segments in flight and more to send. */
static void
begin(struct lab *l)
{
	story_begin(l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 }, LAB_PLAIN);
	lab_tcp(l)->ssthresh = 10 * MSS;
	lab_write(l, 60 * MSS);
	cr_assert_eq(lab_pending(l), 10);
	lab_skip_all(l);
}

/* L02: the window was full when what they acknowledge was sent, though it is not when they come */
Test(tcp_cwnd, acknowledgements_of_one_turn_all_count)
{
	struct lab l;

	begin(&l);
	for (uint32_t i = 1; i <= 10; i++)
		lab_queue(&l, GOT(i));
	lab_poll(&l);
	cr_assert_eq(lab_tcp(&l)->cwnd, 11 * MSS);
	cr_assert_eq(lab_pending(&l), 11);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* L04: half of the flight is acknowledged in the turn that shows the loss: it was in flight all the same */
Test(tcp_cwnd, reduction_is_of_the_window_that_was_full)
{
	struct lab l;

	begin(&l);
	for (int i = 0; i < 4; i++)
		lab_queue(&l, GOT(5));
	lab_poll(&l);
	cr_assert_eq(lab_tcp(&l)->ssthresh, 5 * MSS);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* L03: once the text has ended, what is still in flight proves the window, what follows does not */
Test(tcp_cwnd, a_flight_that_filled_the_window_proves_it_once)
{
	uint32_t cwnd;
	struct lab l;

	begin(&l);
	for (uint32_t i = 10; i <= 60; i += 5)
		lab_recv(&l, GOT(i));
	lab_skip_all(&l);
	cwnd = lab_tcp(&l)->cwnd;
	cr_assert_gt(cwnd, 12 * MSS);
	for (uint32_t i = 61; i <= 200; i++) {
		lab_write(&l, MSS);
		lab_recv(&l, GOT(i));
	}
	cr_assert_leq(lab_tcp(&l)->cwnd, cwnd);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* L02 L03: RFC 7661 §4.3: slow start goes on while half of the window is used, as it doubles in a round trip */
Test(tcp_cwnd, half_of_it_is_enough_in_slow_start)
{
	for (uint32_t n = 4; n <= 5; n++) {
		struct lab l;

		story_begin(&l, &(struct baro_config){ .tcp.snd_buf = 1 << 20 }, LAB_PLAIN);
		cr_assert_eq(lab_tcp(&l)->cwnd, 10 * MSS);
		lab_write(&l, n * MSS);
		lab_skip_all(&l);
		lab_recv(&l, GOT(n));
		cr_assert_eq(lab_tcp(&l)->cwnd > 10 * MSS, n == 5);
		story_end_clean(&l);
	}
}

static unsigned n_idle;

static void
note_idle(struct tcp_conn *c, uint64_t idle_ns)
{
	(void)c;
	(void)idle_ns;
	n_idle++;
}

/* L03: between requests that follow each other within a round trip there is no pause to be told of */
Test(tcp_cwnd, pause_is_longer_than_a_round_trip)
{
	struct tcp_cc cc;
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	cc = *lab_tcp(&l)->cc;
	cc.idle = note_idle;
	lab_tcp(&l)->cc = &cc;
	for (uint32_t n = 1; n <= 3; n++) {
		lab_write(&l, MSS);
		cr_assert_eq(n_idle, n == 3);
		lab_skip_all(&l);
		lab_recv(&l, GOT(n));
		story_round_trip(&l, 40, 240);
		lab_run_ms(&l, n == 1 ? 39 : 41);
	}
	story_end_clean(&l);
}

/* L03: a window that was full 2 GiB ago must not look as if it were full now */
Test(tcp_cwnd, old_proof_is_forgotten)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_tcp(&l)->cwnd_full = seq_sub(lab_tcp(&l)->snd_una, 0x7fffff00);
	for (uint32_t i = 1; i <= 3; i++) {
		lab_write(&l, MSS);
		lab_recv(&l, GOT(i));
	}
	cr_assert_eq(lab_tcp(&l)->cwnd, 10 * MSS);
	lab_skip_all(&l);
	story_end_clean(&l);
}

/* L02: tcp.hystart: with it all of what is acknowledged counts, not two segments an acknowledgement */
Test(tcp_cwnd, hystart_is_a_setting)
{
	for (int is_on = 0; is_on < 2; is_on++) {
		struct lab l;

		story_begin(&l,
			&(struct baro_config){
				.tcp.snd_buf = 1 << 20, .tcp.hystart = is_on ? BARO_ON : BARO_OFF },
			LAB_PLAIN);
		lab_write(&l, 60 * MSS);
		lab_skip_all(&l);
		lab_recv(&l, GOT(10));
		cr_assert_eq(lab_tcp(&l)->cwnd, (is_on ? 20 : 12) * MSS);
		lab_skip_all(&l);
		story_end_clean(&l);
	}
}

/* L04: tcp.abe: RFC 8511 */
Test(tcp_cwnd, abe_is_a_setting)
{
	for (int is_on = 0; is_on < 2; is_on++) {
		struct lab l;

		story_begin(&l, &(struct baro_config){ .tcp.abe = is_on ? BARO_ON : BARO_OFF },
			LAB_PLAIN);
		lab_write(&l, 10 * MSS);
		lab_skip_all(&l);
		cr_assert(recover_marked(lab_tcp(&l), l.now_ns));
		cr_assert_eq(lab_tcp(&l)->cwnd, (is_on ? 8 : 5) * MSS);
		story_end_clean(&l);
	}
}

/* L15: tcp.congestion: CUBIC is the default */
Test(tcp_cwnd, congestion_control_is_a_setting)
{
	static const char *const names[] = { "", "cubic", "newreno" };

	for (int i = 0; i < 3; i++) {
		struct baro_config config = { 0 };
		struct lab l;

		strcpy(config.tcp.congestion, names[i]);
		lab_open(&l, &config);
		lab_establish(&l, LAB_PLAIN);
		cr_assert_str_eq(lab_tcp(&l)->cc->name, i == 0 ? "cubic" : names[i]);
		lab_write(&l, 10 * MSS);
		lab_skip_all(&l);
		for (int n = 0; n < 3; n++)
			lab_recv(&l, GOT(0));
		cr_assert_eq(lab_tcp(&l)->ssthresh, (i < 2 ? 7 : 5) * MSS);
		lab_skip_all(&l);
		story_end_clean(&l);
	}
}

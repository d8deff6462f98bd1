/* SPDX-License-Identifier: BSD-3-Clause */
/* SYN cookies, RFC 4987 §3.6: floods, what a cookie can say, forgeries, age. */

#include <criterion/criterion.h>

#include "base/rand.h"
#include "kit/lab.h"
#include "runtime/core.h"

extern const struct baro_conn_ops lab_ops;

/** A lab whose listener has no memory for a SYN. */
static void
open_full(struct lab *l)
{
	struct baro_config config = { .tcp.syncookies = BARO_ON };

	lab_open(l, &config);
	lab_listen(l);
}

static void
expect_usage(const struct lab *l, uint32_t conns, uint32_t embryos)
{
	struct baro_usage use;

	baro_usage_read(l->core, &use);
	cr_expect_eq(use.conns, conns, "%u connections", use.conns);
	cr_expect_eq(use.embryos, embryos, "%u embryos", use.embryos);
}

/* G15: ten times as many SYNs as the backlog holds, none of them answered; a client connects all the same */
Test(tcp_cookie, client_connects_through_a_flood)
{
	struct baro_config config = { .tcp.backlog = 100 };
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	for (unsigned i = 0; i < 1000; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = (uint16_t)(2000 + i)));
		lab_skip_all(&l);
	}
	expect_usage(&l, 0, 100);
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_OUT), 900);
	lab_establish(&l, LAB_WITH_ALL);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .len = 10));
	cr_expect_eq(l.app.n_opened, 1);
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_IN), 1);
	expect_usage(&l, 1, 100);
	lab_dropped_nothing(&l);
	lab_run_ms(&l, 70 * 1000); /* the flood is over: SYNs are remembered again */
	lab_skip_all(&l);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = 5000));
	lab_skip_all(&l);
	expect_usage(&l, 1, 1);
	lab_close(&l);
}

/* G15: nothing is kept of a SYN that a cookie answered */
Test(tcp_cookie, cookies_take_no_memory)
{
	struct baro_usage use[2];
	struct lab l;

	open_full(&l);
	baro_usage_read(l.core, &use[0]);
	for (unsigned i = 0; i < 1000; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = (uint16_t)(2000 + i)));
		lab_skip_all(&l);
	}
	baro_usage_read(l.core, &use[1]);
	cr_expect_eq(memcmp(&use[0], &use[1], sizeof(use[0])), 0);
	lab_run_ms(&l, 10000);
	lab_sends_nothing(&l); /* nothing is resent either */
	lab_close(&l);
}

struct row {
	const char *name;
	struct lab_seg syn;
	uint16_t mss; /* of segments sent, timestamps counted off */
	uint8_t snd_wscale;
	bool wscale, sack, ts;
};

/* G16 H02 H03 H04 H06 H07: what of a SYN comes back with its cookie */
Test(tcp_cookie, options_survive_as_far_as_a_cookie_can_say_them)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ "nothing", { .mss = 0 }, 536, 0, false, false, false },
		{ "Ethernet", { .mss = 1460 }, 1460, 0, false, false, false },
		{ "a tunnel", { .mss = 1412 }, 1400, 0, false, false, false },
		{ "another tunnel", { .mss = 1359 }, 1220, 0, false, false, false },
		{ "tiny", { .mss = 1 }, 88, 0, false, false, false },
		{ "less than the default", { .mss = 500 }, 88, 0, false, false, false },
		{ "jumbo", { .mss = 9000 }, 1460, 0, false, false, false },
		{ "all but timestamps", { .mss = 1460, .wscale_plus_1 = 8, .sack_ok = true }, 1460, 0, false, false, false },
		{ "timestamps", { .mss = 1460, .has_ts = true }, 1448, 0, false, false, true },
		{ "and SACK", { .mss = 1460, .has_ts = true, .sack_ok = true }, 1448, 0, false, true, true },
		{ "and scale", { .mss = 1460, .has_ts = true, .wscale_plus_1 = 8 }, 1448, 7, true, false, true },
		{ "all", { .mss = 1460, .has_ts = true, .wscale_plus_1 = 8, .sack_ok = true }, 1448, 7, true, true, true },
		{ "scale 0", { .mss = 1460, .has_ts = true, .wscale_plus_1 = 1, .sack_ok = true }, 1448, 0, true, true, true },
		{ "scale 15", { .mss = 1460, .has_ts = true, .wscale_plus_1 = 16 }, 1448, 14, true, false, true },
	};
	/* clang-format on */

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct lab_seg syn = r->syn;
		const struct tcp_conn *c;
		struct lab l;

		open_full(&l);
		l.row = r->name;
		syn.flags = TCP_SYN;
		syn.tsval = 777;
		lab_recv(&l, &syn);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .has_ts = r->ts,
				      .no_ts = !r->ts, .tsecr = r->ts ? 777 : 0));
		cr_expect_eq(l.last.wscale_plus_1 != 0, r->wscale, "%s", r->name);
		cr_expect_eq(l.last.sack_ok, r->sack, "%s", r->name);
		l.uses_ts = r->ts;
		lab_run_ms(&l, 50);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 200));
		lab_sends_nothing(&l);
		lab_state_is(&l, TCP_ST_ESTABLISHED);
		c = lab_tcp(&l);
		cr_expect_eq(c->mss, r->mss, "%s: mss %u", r->name, c->mss);
		cr_expect_eq(
			c->snd_wnd, 200u << r->snd_wscale, "%s: window %u", r->name, c->snd_wnd);
		cr_expect_eq(tcp_is(c, TCP_F_SACK), r->sack, "%s", r->name);
		cr_expect_eq(tcp_is(c, TCP_F_TS), r->ts, "%s", r->name);
		cr_expect_eq(c->srtt_ns, 0, "%s: a round trip that nobody measured", r->name);
		lab_dropped_nothing(&l);
		lab_close(&l);
	}
}

/* G16 P01: ECN comes back with the timestamp; without one it is not promised */
Test(tcp_cookie, ecn_survives_in_the_timestamp)
{
	struct baro_tcp_info info;
	struct lab l;

	for (int has_ts = 0; has_ts < 2; has_ts++) {
		open_full(&l);
		lab_recv(&l, SEG(SYN_ECN, .seq = 0, .has_ts = has_ts, .tsval = 777));
		if (has_ts)
			lab_sends(&l, SEG(SYN_ACK_ECE, .seq = 0, .ack = 1, .tsecr = 777));
		else
			lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		l.uses_ts = has_ts;
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		baro_conn_info(l.conn, &info);
		cr_expect_eq(info.has_ecn, has_ts);
		lab_close(&l);
	}
}

/* G12 G16: text and FIN with the cookie; the first text when the bare ACK was lost */
Test(tcp_cookie, text_and_fin_come_with_the_cookie)
{
	struct lab l;

	open_full(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 12));
	lab_state_is(&l, TCP_ST_CLOSE_WAIT);
	lab_has_read(&l, 10);
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

struct forgery {
	const char *name;
	struct lab_seg ack;
};

/* G16: an ACK that is not quite the answer to a cookie is reset, and opens nothing */
Test(tcp_cookie, forged_cookies_are_reset)
{
	static const struct forgery rows[] = {
		{ "another number", { .seq = 1, .ack = 1000 } },
		{ "a later time", { .seq = 1, .ack = 1 + (1u << 24) } },
		{ "an earlier time", { .seq = 1, .ack = 1 - (1u << 24) } },
		{ "another sequence of the peer", { .seq = 2, .ack = 1 } },
		{ "another port of the peer", { .seq = 1, .ack = 1, .src_port = 5000 } },
		{ "with text behind a hole", { .seq = 100, .ack = 1, .len = 10 } },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lab_seg ack = rows[i].ack;
		struct lab l;

		open_full(&l);
		l.row = rows[i].name;
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		ack.flags = TCP_ACK;
		lab_recv(&l, &ack);
		lab_sends(&l, SEG(RST, .seq = ack.ack));
		lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_ACK, 1));
		cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_FAILED), 1);
		cr_expect_eq(l.app.n_opened, 0);
		expect_usage(&l, 0, 0);
		lab_close(&l);
	}
}

/* G16: whoever guesses opens nothing in 100,000 tries */
Test(tcp_cookie, guesses_open_nothing)
{
	struct rand rand;
	struct lab l;

	rand_seed(&rand, 7);
	open_full(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t low = (uint32_t)rand_u64(&rand) & 0xffffff;

		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 100 + low)); /* the high bits are known */
		lab_skip_all(&l);
	}
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_IN), 0);
	cr_expect_eq(l.app.n_opened, 0);
	lab_close(&l);
}

/* G16: one minute old is good, two and a quarter are not */
Test(tcp_cookie, cookies_age)
{
	static const struct {
		unsigned after_s;
		bool opens;
	} rows[] = { { 0, true }, { 30, true }, { 67, true }, { 135, false }, { 200, false },
		{ 256 * 67, false } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lab l;

		open_full(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_run_ms(&l, rows[i].after_s * 1000);
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000)); /* the flood goes on */
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		if (!rows[i].opens)
			lab_sends(&l, SEG(RST, .seq = 1));
		lab_sends_nothing(&l);
		cr_expect_eq(l.app.n_opened, rows[i].opens, "after %u s", rows[i].after_s);
		lab_close(&l);
	}
}

/* G16: where no cookie was sent of late, none is taken, even a good one; G02 */
Test(tcp_cookie, quiet_listener_takes_none)
{
	struct lab l;
	struct tcp_listener *listener;

	open_full(&l);
	listener = (struct tcp_listener *)l.listener;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	listener->cookie_ns = 0; /* as if it had come from another listener */
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(RST, .seq = 1));
	lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_ACK, 1));
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_FAILED), 0);
	listener->cookie_ns = l.now_ns - 135 * NS_PER_SEC;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends(&l, SEG(RST, .seq = 1));
	listener->cookie_ns = l.now_ns - 134 * NS_PER_SEC;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

/* G15: tcp.syncookies off: a full backlog is silent */
Test(tcp_cookie, can_be_turned_off)
{
	struct baro_config config = { .tcp = { .backlog = 1, .syncookies = BARO_OFF } };
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000));
	lab_skip_all(&l);
	lab_recv(&l, SEG(SYN, .seq = 0));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_BACKLOG, 1));
	lab_close(&l);
}

/* G14: the accept queue is full: the ACK is dropped, the text that follows opens when there is room */
Test(tcp_cookie, full_accept_queue_keeps_cookies_out)
{
	struct lab l;
	struct tcp_listener *listener;

	open_full(&l);
	listener = (struct tcp_listener *)l.listener;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	listener->max_unaccepted = 1;
	listener->n_unaccepted = 1;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_ACCEPT_FULL, 1));
	listener->n_unaccepted = 0;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 5));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 6));
	cr_expect_eq(listener->n_unaccepted, 1);
	lab_close(&l);
}

/* M05: the timestamp that keeps options is of the past, by 64 ms at most */
Test(tcp_cookie, timestamps_of_cookies_are_never_ahead_of_the_clock)
{
	struct lab l;

	open_full(&l);
	for (unsigned i = 0; i < 200; i++) {
		uint32_t of_cookie;

		l.uses_ts = true;
		l.peer_iss += 1000;
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .sack_ok = true, .wscale_plus_1 = 15));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_ts = true));
		of_cookie = l.last.tsval;
		lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1));
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2, .has_ts = true));
		cr_assert_leq(l.last.tsval - of_cookie, 64, "at %u ms: by %d ms", i,
			(int)(l.last.tsval - of_cookie));
		baro_conn_abort(l.conn);
		lab_poll(&l);
		lab_skip_all(&l);
		lab_forget(&l);
		lab_run_ms(&l, 1);
	}
	lab_close(&l);
}

/* G03: cookies of a flow grow with time as other ISNs do */
Test(tcp_cookie, cookies_of_a_flow_grow)
{
	struct lab l;
	uint32_t last = 0;

	open_full(&l);
	for (unsigned i = 0; i < 20; i++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		cr_expect(i == 0 || (int32_t)(l.our_iss - last) > 0, "%u: %d", i,
			(int)(l.our_iss - last));
		last = l.our_iss;
		lab_run_ms(&l, 2 * 67200);
	}
	lab_close(&l);
}

/* O06: a new connection has to begin beyond the one in TIME-WAIT: it is remembered, not made a cookie */
Test(tcp_cookie, flow_in_time_wait_gets_none)
{
	struct lab l;

	open_full(&l);
	lab_establish(&l, LAB_PLAIN);
	baro_conn_close(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
	lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
	lab_recv(&l, SEG(SYN, .seq = 100000, .mss = 1460));
	lab_forget(&l);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 100001));
	expect_usage(&l, 0, 1);
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_OUT), 1);
	lab_close(&l);
}

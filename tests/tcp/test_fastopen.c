/* SPDX-License-Identifier: BSD-3-Clause */

/* Listeners that take text on a SYN: RFC 7413 §4.2. */

#include <criterion/criterion.h>
#include <errno.h>

#include "base/time.h"
#include "kit/lab.h"
#include "runtime/core.h"
#include "tcp/fastopen.h"

#define MINUTE_MS 60000

/** A listener that takes @limit of them. */
static void
open_with(struct lab *l, const struct baro_config *config, int limit)
{
	lab_open(l, config);
	lab_listen(l);
	cr_assert_eq(baro_listener_set(l->listener, BARO_TCP_FASTOPEN, limit), 0);
}

/** The peer asks for a cookie, by a connection that it does not complete. */
static struct tcp_cookie
ask(struct lab *l)
{
	struct tcp_cookie cookie;

	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .src_port = 999));
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	cookie = l->last.cookie;
	lab_recv(l, SEG(RST, .seq = 1, .src_port = 999));
	lab_forget(l);
	return cookie;
}

/* G19: no cookie, then one */
Test(tcp_fastopen, cookie_is_given_to_who_asks_and_opens_at_once)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .data = "lost"));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	cookie = l.last.cookie;
	cr_expect_eq(cookie.len, 8);
	cr_expect_eq(l.app.n_opened, 0);
	lab_recv(&l, SEG(RST, .seq = 1));
	lab_forget(&l);

	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			     .len = 100, .src_port = 40001));
	cr_expect_eq(l.app.n_opened, 1);
	lab_has_read(&l, 100);
	lab_state_is(&l, TCP_ST_SYN_RECEIVED);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 101, .no_fastopen = true));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 101, .ack = 1, .src_port = 40001));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(l.app.n_opened, 1);
	lab_dropped_nothing(&l);
	cr_expect_eq(lab_stat(&l, STAT_TCP_FASTOPEN_PASSIVE), 1);
	lab_close(&l);
}

/* G19: text that the server has for the client leaves behind SYN|ACK, as far as the first window goes */
Test(tcp_fastopen, server_answers_before_the_handshake_is_done)
{
	struct tcp_cookie cookie;
	struct baro_tcp_info info;
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	l.app.echoes = true;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			     .len = 1400));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1401));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1401, .len = 1400));
	lab_sends_nothing(&l);
	baro_conn_info(l.conn, &info);
	cr_expect(info.has_fastopen);
	cr_expect_eq(info.snd_unsent, 0);
	cr_assert_eq(baro_conn_shutdown(l.conn), 0); /* its FIN waits for the third ACK */
	lab_poll(&l);
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 1401, .ack = 1401));
	lab_sends(&l, SEG(FIN, .seq = 1401, .ack = 1401));
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G19 H01: the listener's BARO_TCP_MAXSEG is told to those as well */
Test(tcp_fastopen, syn_ack_says_what_the_listener_was_told_to_say)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	cr_assert_eq(baro_listener_set(l.listener, BARO_TCP_MAXSEG, 700), 0);
	cookie = ask(&l);
	lab_recv(&l,
		SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie, .len = 10));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 11, .mss = 700));
	lab_close(&l);
}

/* G19: the window that its text left by was the SYN's: an ACK of then is no forgery, should the third be smaller */
Test(tcp_fastopen, window_of_the_syn_is_remembered)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	l.app.echoes = true;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			     .len = 1400));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1401));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1401, .len = 1400));
	lab_recv(&l, SEG(ACK, .seq = 1401, .ack = 1401, .wnd_is_zero = true));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_recv(&l, SEG(ACK, .seq = 1401, .ack = 1, .wnd_is_zero = true)); /* overtaken */
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G19: SYN|ACK is lost; L01: what was sent behind it with it */
Test(tcp_fastopen, lost_syn_ack_is_sent_again_and_then_the_text)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	l.app.echoes = true;
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			     .len = 500));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 501));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 501, .len = 500));
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460)); /* again, without text: RFC 7413 §4.2.1 */
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 501, .no_fastopen = true));
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	lab_run_ms(&l, 2500);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 501));
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_opened, 1);
	lab_recv(&l, SEG(ACK, .seq = 501, .ack = 1));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 501, .len = 500));
	lab_recv(&l, SEG(ACK, .seq = 501, .ack = 501));
	lab_run_ms(&l, 5000);
	lab_sends_nothing(&l);
	lab_close(&l);
}

Test(tcp_fastopen, nobody_completes_the_handshake)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 1);
	cookie = ask(&l);
	lab_recv(&l,
		SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie, .len = 5));
	lab_run_ms(&l, 2 * MINUTE_MS);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ETIMEDOUT);
	for (int i = 0; i < 6; i++)
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	lab_sends_nothing(&l);
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			     .len = 5)); /* its place is free */
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	lab_close(&l);
}

/* G19: bad cookies; each gets a good one */
Test(tcp_fastopen, text_with_a_bad_cookie_is_not_acknowledged)
{
	struct tcp_cookie cookie;
	struct tcp_cookie bad[3];
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	bad[0] = cookie;
	bad[0].octets[7] ^= 1;
	bad[1] = cookie;
	bad[1].len = 6;
	bad[2] = cookie;
	bad[2].len = 16;
	for (int i = 0; i < 3; i++) {
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = bad[i],
				     .len = 100));
		lab_sends(&l,
			SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true, .cookie = cookie));
		cr_expect_eq(l.app.n_opened, 0);
		lab_recv(&l, SEG(RST, .seq = 1));
		lab_forget(&l);
	}
	cr_expect_eq(lab_stat(&l, STAT_TCP_FASTOPEN_REFUSED), 3);
	/* and the last goes on as any other */
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = bad[0],
			     .len = 100));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_has_read(&l, 100);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101));
	lab_close(&l);
}

/** What the listener says of a SYN from @faddr to @laddr; its option becomes that of SYN|ACK. */
static bool
judge(struct lab *l, uint32_t laddr, uint32_t faddr, struct tcp_opts *o)
{
	const struct tcp_flow flow = { .laddr = laddr, .faddr = faddr };
	struct tcp_hdr syn = { .flags = TCP_SYN, .opts = *o };
	bool is_good = fastopen_judge((struct tcp_listener *)l->listener, &flow, &syn, l->now_ns);

	*o = syn.opts;
	return is_good;
}

/* G19: a cookie is worth something from its address alone */
Test(tcp_fastopen, cookie_is_bound_to_both_addresses)
{
	struct tcp_opts o = { .has = TCP_HAS_FASTOPEN };
	struct tcp_opts other;
	struct lab l;

	open_with(&l, NULL, 10);
	cr_assert_not(judge(&l, LAB_ADDR, LAB_PEER, &o));
	other = o;
	cr_expect_not(judge(&l, LAB_ADDR, LAB_PEER + 1, &other));
	other = o;
	cr_expect_not(judge(&l, LAB_ADDR + 1, LAB_PEER, &other));
	other = o;
	cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &other));
	lab_close(&l);
}

/* G19: §4.1.2: keys change; the one before is still good, and who has it gets a new cookie */
Test(tcp_fastopen, old_key_holds_for_one_more_life)
{
	struct baro_config config = { .core.seed = 1,
		.tcp.fastopen_key_life_ns = 3600 * NS_PER_SEC };
	struct tcp_opts first = { .has = TCP_HAS_FASTOPEN };
	struct tcp_opts o;
	struct lab l;

	open_with(&l, &config, 10);
	cr_assert_not(judge(&l, LAB_ADDR, LAB_PEER, &first));
	o = first;
	cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &o));
	cr_expect_eq(o.has & TCP_HAS_FASTOPEN, 0);
	l.now_ns += 3600 * NS_PER_SEC;
	o = first;
	cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &o));
	cr_expect_neq(o.has & TCP_HAS_FASTOPEN, 0);
	cr_expect_arr_neq(o.cookie.octets, first.cookie.octets, 8);
	cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &o));
	l.now_ns += 3600 * NS_PER_SEC;
	o = first;
	cr_expect_not(judge(&l, LAB_ADDR, LAB_PEER, &o));
	lab_close(&l);
}

/* G19: hosts with the same key believe each other's cookies, and those of the key before, which they renew */
Test(tcp_fastopen, key_is_shared_by_hosts_that_have_it)
{
#define OLD_KEY "00000001-00000002-00000003-00000004"
#define NEW_KEY "00000005-00000006-00000007-00000008"
	static const char *const keys[] = { OLD_KEY, NEW_KEY "," OLD_KEY, NEW_KEY };
	struct tcp_opts old = { .has = TCP_HAS_FASTOPEN };
	struct tcp_opts new = { .has = TCP_HAS_FASTOPEN };

	for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
		struct baro_config config = { .core.seed = 1 + i }; /* other secrets */
		struct tcp_opts o;
		struct lab l;

		strcpy(config.tcp.fastopen_key, keys[i]);
		open_with(&l, &config, 10);
		l.now_ns += i * 48 * 3600 * NS_PER_SEC; /* and it does not change by itself */
		if (i == 0) {
			cr_expect_not(judge(&l, LAB_ADDR, LAB_PEER, &old));
		} else if (i == 1) {
			o = old;
			cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &o));
			cr_expect_neq(o.has & TCP_HAS_FASTOPEN, 0, "not renewed");
			new = o;
		} else {
			o = old;
			cr_expect_not(judge(&l, LAB_ADDR, LAB_PEER, &o));
		}
		o = i == 0 ? old : new;
		cr_expect(judge(&l, LAB_ADDR, LAB_PEER, &o));
		cr_expect_eq(o.has & TCP_HAS_FASTOPEN, 0);
		lab_close(&l);
	}
}

/** A SYN with text and a good cookie from @port. */
static void
send_text(struct lab *l, struct tcp_cookie cookie, uint16_t port)
{
	lab_forget(l);
	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie,
			    .len = 5, .src_port = port));
}

/* G19: §5.1: PendingFastOpenRequests */
Test(tcp_fastopen, pending_requests_are_limited)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 2);
	cookie = ask(&l);
	send_text(&l, cookie, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	send_text(&l, cookie, 1002);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	send_text(&l, cookie, 1003);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .no_fastopen = true));
	cr_expect_eq(lab_stat(&l, STAT_TCP_FASTOPEN_OVERFLOWS), 1);
	cr_expect_eq(l.app.n_opened, 2);
	lab_recv(&l,
		SEG(PSH, .seq = 1, .ack = 1, .len = 5, .src_port = 1003)); /* goes on as usual */
	cr_expect_eq(l.app.n_opened, 3);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 6));
	send_text(&l, cookie, 1004);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 1, .src_port = 1004));
	/* the third ACK frees a place */
	send_text(&l, cookie, 1005);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 1, .src_port = 1005));
	lab_close(&l);
}

Test(tcp_fastopen, third_ack_frees_a_place_at_once)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 1);
	cookie = ask(&l);
	for (uint16_t port = 1001; port < 1010; port++) {
		send_text(&l, cookie, port);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
		lab_recv(&l, SEG(ACK, .seq = 6, .ack = 1, .src_port = port));
	}
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* G19: §5.1: whoever sends SYNs in the name of others would have their RSTs free the places */
Test(tcp_fastopen, place_of_a_connection_that_is_reset_is_held_for_a_minute)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 2);
	cookie = ask(&l);
	for (uint16_t port = 1001; port < 1003; port++) {
		send_text(&l, cookie, port);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
		lab_recv(&l, SEG(RST, .seq = 6, .src_port = port));
		cr_expect_eq(l.app.err, -ECONNRESET);
	}
	cr_expect_eq(l.app.n_closed, 2);
	for (unsigned i = 0; i < 2; i++) {
		send_text(&l, cookie, 1003);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(RST, .seq = 1, .src_port = 1003));
		if (i == 0)
			lab_run_ms(&l, MINUTE_MS - 100);
	}
	lab_run_ms(&l, MINUTE_MS + 200);
	send_text(&l, cookie, 1004);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	lab_close(&l);
}

/* G19: nobody gets it who has not asked for it */
Test(tcp_fastopen, it_is_off_unless_asked_for)
{
	struct baro_config off = { .core.seed = 1, .tcp.fastopen = BARO_OFF };
	struct baro_config on = { .core.seed = 1, .tcp.fastopen = BARO_ON };
	const struct lab_seg *syn = SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .len = 5);
	struct lab l;
	int value;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, syn);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .no_fastopen = true));
	lab_close(&l);
	open_with(&l, &off, 10);
	lab_recv(&l, syn);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .no_fastopen = true));
	lab_close(&l);
	lab_open(&l, &on);
	lab_listen(&l);
	cr_assert_eq(baro_listener_get(l.listener, BARO_TCP_FASTOPEN, &value), 0);
	cr_expect_eq(value, 256);
	lab_recv(&l, syn);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	lab_close(&l);
}

/* G15 G19: who is answered by a SYN cookie can have one for the next time, too */
Test(tcp_fastopen, syn_cookie_and_fast_open_go_together)
{
	struct baro_config config = { .core.seed = 1, .tcp.syncookies = BARO_ON };
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, &config, 10);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_fastopen = true));
	cr_expect_eq(lab_stat(&l, STAT_TCP_COOKIES_OUT), 1);
	cookie = l.last.cookie;
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.app.n_opened, 1);
	send_text(&l, cookie, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	cr_expect_eq(l.app.n_opened, 2);
	lab_close(&l);
}

Test(tcp_fastopen, connections_outlive_their_listener)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	send_text(&l, cookie, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	baro_listener_close(l.listener);
	l.listener = NULL;
	lab_recv(&l, SEG(ACK, .seq = 6, .ack = 1, .src_port = 1001));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

Test(tcp_fastopen, deferred_connection_is_opened_by_text_alone)
{
	const struct baro_endpoint local = { .port = LAB_PORT };
	const struct baro_listen_opts opts = { .defer_accept_ns = NS_PER_SEC };
	extern const struct baro_conn_ops lab_ops;
	struct tcp_cookie cookie;
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(baro_listen(l.core, &local, &opts, &lab_ops, &l, &l.listener), 0);
	cr_assert_eq(baro_listener_set(l.listener, BARO_TCP_FASTOPEN, 5), 0);
	cookie = ask(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	cr_expect_eq(l.app.n_opened, 0);
	lab_recv(&l, SEG(RST, .seq = 1));
	lab_forget(&l);
	send_text(&l, cookie, 1001);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 6));
	cr_expect_eq(l.app.n_opened, 1);
	lab_close(&l);
}

/* G19: two in one burst are one connection */
Test(tcp_fastopen, doubled_syn_is_taken_once)
{
	struct tcp_cookie cookie;
	struct lab l;

	open_with(&l, NULL, 10);
	cookie = ask(&l);
	lab_queue(&l,
		SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie, .len = 7));
	lab_recv(&l,
		SEG(SYN, .seq = 0, .mss = 1460, .has_fastopen = true, .cookie = cookie, .len = 7));
	lab_has_read(&l, 7);
	cr_expect_eq(l.app.n_opened, 1);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 8));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
	lab_close(&l);
}

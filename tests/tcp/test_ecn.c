/* SPDX-License-Identifier: BSD-3-Clause */
/* Explicit congestion notification: RFC 3168 §6.1. */

#include <errno.h>

#include "story.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

enum { MSS = 1460 };

static const struct baro_config asking = { .tcp.ecn = BARO_ECN_ON };

/** A listener's connection that has agreed on ECN. */
static void
agree(struct lab *l)
{
	lab_open(l, &(struct baro_config){ .tcp.rcv_buf = LAB_WND,
			    .tcp.snd_buf = 1 << 20,
			    .tcp.congestion = "newreno" });
	lab_listen(l);
	lab_recv(l, SEG(SYN_ECN, .seq = 0, .mss = 1460));
	lab_sends(l, SEG(SYN_ACK_ECE, .seq = 0, .ack = 1));
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(l, TCP_ST_ESTABLISHED);
	lab_tcp(l)->quick_acks = 0;
}

static struct baro_tcp_info
info_of(const struct lab *l)
{
	struct baro_tcp_info info;

	baro_conn_info(l->conn, &info);
	return info;
}

static void
end_unfinished(struct lab *l)
{
	lab_skip_all(l);
	lab_dropped_nothing(l);
	story_end_clean(l);
}

/* P01: what a SYN asks for, and what is answered; ECE or CWR alone ask for nothing */
Test(tcp_ecn, listener_agrees_when_both_bits_ask_for_it)
{
	static const struct {
		uint8_t syn;
		enum baro_ecn use;
		bool is_agreed;
	} rows[] = {
		{ SEG_SYN_ECN, BARO_ECN_AUTO, true },
		{ SEG_SYN_ECN, BARO_ECN_PASSIVE, true },
		{ SEG_SYN_ECN, BARO_ECN_ON, true },
		{ SEG_SYN_ECN, BARO_ECN_OFF, false },
		{ SEG_SYN, BARO_ECN_ON, false },
		{ SEG_SYN_ECE, BARO_ECN_ON, false },
		{ SEG_SYN_CWR, BARO_ECN_ON, false },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct lab_seg syn = { .flags = rows[i].syn, .mss = 1460 };
		struct lab_seg reply = { .flags = SEG_SYN_ACK, .ack = 1 };
		struct lab_seg text = { .flags = SEG_PSH, .seq = 1, .ack = 1, .len = 10 };
		struct lab l;

		lab_open(&l, &(struct baro_config){ .tcp.ecn = rows[i].use });
		lab_listen(&l);
		lab_recv(&l, &syn);
		reply.flags |= rows[i].is_agreed ? TCP_ECE : 0;
		lab_sends(&l, &reply);
		lab_run_ms(&l, 1001);
		lab_sends(&l, &reply); /* again */
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		cr_expect_eq(info_of(&l).has_ecn, rows[i].is_agreed, "row %u", i);
		lab_write(&l, 10);
		text.ecn = rows[i].is_agreed ? IPV4_ECT0 : IPV4_NOT_ECT;
		lab_sends(&l, &text);
		end_unfinished(&l);
	}
}

/* P01: an echo of both bits is no agreement */
Test(tcp_ecn, connect_asks_and_looks_at_the_answer)
{
	static const struct {
		uint8_t syn_ack;
		bool is_agreed;
	} rows[] = {
		{ SEG_SYN_ACK_ECE, true },
		{ SEG_SYN_ACK, false },
		{ SEG_SYN_ACK_ECN, false },
		{ SEG_SYN_ACK | TCP_CWR, false },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
		struct lab_seg syn_ack = { .flags = rows[i].syn_ack, .ack = 1, .mss = 1460 };
		struct lab_seg text = { .flags = SEG_PSH, .seq = 1, .ack = 1, .len = 10 };
		extern const struct baro_conn_ops lab_ops;
		struct lab l;

		lab_open(&l, &asking);
		cr_assert_eq(baro_connect(l.core, &remote, NULL, &lab_ops, &l, &l.conn), 0);
		lab_poll(&l);
		lab_sends(&l, SEG(SYN_ECN, .seq = 0));
		cr_expect(!info_of(&l).has_ecn, "asked for only");
		lab_recv(&l, &syn_ack);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
		cr_expect_eq(info_of(&l).has_ecn, rows[i].is_agreed, "row %u", i);
		lab_write(&l, 10);
		text.ecn = rows[i].is_agreed ? IPV4_ECT0 : IPV4_NOT_ECT;
		lab_sends(&l, &text);
		end_unfinished(&l);
	}
}

/* P01: by default nobody asks */
Test(tcp_ecn, connect_does_not_ask_by_default)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_connect(&l); /* a bare SYN */
	lab_recv(&l, SEG(SYN_ACK_ECE, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect(!info_of(&l).has_ecn);
	end_unfinished(&l);
}

/* P02 */
Test(tcp_ecn, new_text_alone_is_ecn_capable)
{
	struct lab l;

	agree(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11)); /* a pure ACK is not */
	lab_write(&l, 100);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .len = 100, .ecn = IPV4_ECT0));
	lab_run_ms(&l, 250);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11, .len = 100)); /* nor what is sent again */
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 101, .wnd_is_zero = true));
	lab_write(&l, 100);
	lab_run_ms(&l, 401);
	lab_sends(&l, SEG(ACK, .seq = 101, .ack = 11, .len = 1)); /* nor a probe */
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 102));
	lab_sends(&l, SEG(PSH_CWR, .seq = 102, .ack = 11, .len = 99, .ecn = IPV4_ECT0));
	lab_recv(&l, SEG(ACK, .seq = 11, .ack = 201));
	cr_assert_eq(baro_conn_shutdown(l.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(FIN, .seq = 201, .ack = 11)); /* nor a FIN alone */
	end_unfinished(&l);
}

/* P03 */
Test(tcp_ecn, mark_is_echoed_until_cwr_comes)
{
	struct lab l;

	agree(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IPV4_CE));
	lab_sends(&l, SEG(ACK_ECE, .seq = 1, .ack = 11)); /* at once */
	lab_recv(&l, SEG(PSH, .seq = 11, .ack = 1, .len = 10, .ecn = IPV4_ECT0));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK_ECE, .seq = 1, .ack = 21));
	lab_write(&l, 10);
	lab_sends(&l, SEG(PSH_ECE, .seq = 1, .ack = 21, .len = 10, .ecn = IPV4_ECT0));
	lab_recv(&l, SEG(PSH_CWR, .seq = 21, .ack = 11, .len = 10, .ecn = IPV4_ECT0));
	lab_sends(&l, SEG(ACK, .seq = 11, .ack = 31));
	/* marked and CWR in one: the mark is newer */
	lab_recv(&l, SEG(PSH_CWR, .seq = 31, .ack = 11, .len = 10, .ecn = IPV4_CE));
	lab_sends(&l, SEG(ACK_ECE, .seq = 11, .ack = 41));
	cr_expect_eq(lab_stat(&l, STAT_TCP_CE_IN), 2);
	lab_has_read(&l, 40);
	end_unfinished(&l);
}

/* P03: behind a hole, too; what is no news is not looked at */
Test(tcp_ecn, mark_counts_on_text_out_of_order_and_not_on_what_is_refused)
{
	struct lab l;

	agree(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IPV4_CE)); /* old */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_recv(&l, SEG(PSH, .seq = 100000, .ack = 1, .len = 10, .ecn = IPV4_CE)); /* outside */
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_recv(&l,
		SEG(ACK, .seq = 11, .ack = 1, .ecn = IPV4_CE)); /* a pure ACK may not be marked */
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1), DROPPED(DROP_TCP_SEQ, 1));
	lab_recv(&l, SEG(PSH, .seq = 21, .ack = 1, .len = 10, .ecn = IPV4_CE));
	lab_sends(&l, SEG(ACK_ECE, .seq = 1, .ack = 11));
	end_unfinished(&l);
}

/* P03: nobody echoes what was not agreed */
Test(tcp_ecn, mark_without_agreement_is_ignored)
{
	struct lab l;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .ecn = IPV4_CE));
	lab_run_ms(&l, 41);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_write(&l, 5 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK_ECE, .seq = 11, .ack = 1 + MSS));
	cr_expect_eq(lab_tcp(&l)->ssthresh, UINT32_MAX);
	cr_expect_eq(info_of(&l).ecn_marks, 0);
	end_unfinished(&l);
}

/** The next segment is a full one of new text. */
#define FULL(i, ...) \
	SEG(ACK, .seq = 1 + (i)*MSS, .ack = 1, .len = MSS, .ecn = IPV4_ECT0, ##__VA_ARGS__)

/* P04: RFC 3168 §6.1.2 */
Test(tcp_ecn, echo_halves_the_window_once_and_is_confirmed_on_new_text)
{
	struct lab_seg cwr = { .flags = SEG_ACK_CWR, .ack = 1, .len = MSS, .ecn = IPV4_ECT0 };
	struct tcp_conn *c;
	struct lab l;
	uint32_t i;

	agree(&l);
	c = lab_tcp(&l);
	lab_write(&l, 60 * MSS);
	for (i = 0; i < 10; i++)
		lab_sends(&l, FULL(i));
	for (i = 1; i <= 10; i++) /* what is in flight all echoes the same mark */
		lab_recv(&l, SEG(ACK_ECE, .seq = 1, .ack = 1 + i * MSS));
	cr_expect_eq(c->ssthresh, 9 * MSS / 2);
	cr_expect_leq(c->cwnd, 7 * MSS);
	cr_expect_eq(info_of(&l).ecn_marks, 1);
	cr_expect_eq(lab_stat(&l, STAT_TCP_ECN_MARKS), 1);
	cr_expect_eq(lab_stat(&l, STAT_TCP_RETRANS_SEGS), 0);
	cwr.seq = 1 + 10 * MSS;
	lab_sends(&l, &cwr);
	for (i = 11; lab_pending(&l) != 0; i++)
		lab_sends(&l, FULL(i));                           /* once */
	lab_recv(&l, SEG(ACK_ECE, .seq = 1, .ack = 1 + i * MSS)); /* a window later: another mark */
	cr_expect_eq(info_of(&l).ecn_marks, 2);
	cr_expect_lt(c->ssthresh, 9 * MSS / 2);
	end_unfinished(&l);
}

/* P02 P04: CWR is not said on what is sent again, but on the first new text after it */
Test(tcp_ecn, loss_is_told_by_cwr_on_new_text)
{
	bool has_cwr = false;
	struct lab_seg s;
	struct lab l;

	agree(&l);
	lab_write(&l, 40 * MSS);
	lab_skip_all(&l);
	for (int i = 0; i < 3; i++)
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	while (lab_next(&l, &s)) {
		if (s.seq == 1)
			cr_expect_eq(s.flags, TCP_ACK);
		if (s.seq == 1)
			cr_expect_eq(s.ecn, IPV4_NOT_ECT);
	}
	cr_assert_eq(lab_stat(&l, STAT_TCP_FAST_RECOVERIES), 1);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 10 * MSS));
	while (lab_next(&l, &s) && !has_cwr)
		has_cwr = (s.flags & TCP_CWR) != 0;
	cr_expect(has_cwr);
	end_unfinished(&l);
}

static void
ask(struct lab *l)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	extern const struct baro_conn_ops lab_ops;

	lab_open(l, &asking);
	cr_assert_eq(baro_connect(l->core, &remote, NULL, &lab_ops, l, &l->conn), 0);
	lab_poll(l);
	lab_sends(l, SEG(SYN_ECN, .seq = 0));
}

/* P05: RFC 3168 §6.1.1.1 */
Test(tcp_ecn, syn_lost_twice_asks_no_more)
{
	struct lab l;

	ask(&l);
	lab_run_ms(&l, 1001);
	lab_sends(&l, SEG(SYN_ECN, .seq = 0));
	lab_run_ms(&l, 2001);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	end_unfinished(&l);
}

/* P05: a RST may mean the bits; the second one means the port */
Test(tcp_ecn, syn_answered_by_rst_is_sent_again_without)
{
	struct lab l;

	ask(&l);
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_RST, 1));
	lab_state_is(&l, TCP_ST_SYN_SENT);
	lab_recv(&l, SEG(RST_ACK, .seq = 0, .ack = 1));
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -ECONNREFUSED);
	lab_close(&l);
}

/* P01: both ask; what each SYN says is both an offer and an answer */
Test(tcp_ecn, simultaneous_open_agrees)
{
	struct lab l;

	ask(&l);
	lab_recv(&l, SEG(SYN_ECN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK_ECE, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(SYN_ACK_ECE, .seq = 0, .ack = 1, .mss = 1460));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect(info_of(&l).has_ecn);
	end_unfinished(&l);
}

/* B12: ECN bits of what comes make no difference to whom it goes */
Test(tcp_ecn, ecn_field_does_not_disturb_demultiplexing)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	for (uint32_t i = 0; i < 4; i++)
		lab_recv(&l, SEG(PSH, .seq = 1 + 10 * i, .ack = 1, .len = 10, .ecn = (uint8_t)i));
	lab_has_read(&l, 40);
	end_unfinished(&l);
}

/* An algorithm that looks at every mark, as one for L4S would. */

static unsigned n_marked;
static unsigned n_plain;

static void
look_at_marks(struct tcp_conn *c, const struct tcp_cc_sample *s)
{
	(void)c;
	n_marked += s->is_marked;
	n_plain += !s->is_marked;
}

static void
once_a_round_trip(struct tcp_conn *c, uint32_t flight, uint64_t now_ns)
{
	(void)c;
	(void)flight;
	(void)now_ns;
}

/* P04: samples tell of every acknowledgement whether it carried ECE */
Test(tcp_ecn, samples_tell_of_every_mark)
{
	static const struct tcp_cc cc = {
		.name = "looker", .sampled = look_at_marks, .marked = once_a_round_trip
	};
	struct lab l;

	agree(&l);
	lab_tcp(&l)->cc = &cc;
	lab_write(&l, 4 * MSS);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	for (uint32_t i = 2; i < 4; i++)
		lab_recv(&l, SEG(ACK_ECE, .seq = 1, .ack = 1 + i * MSS));
	cr_expect_eq(n_plain, 1);
	cr_expect_eq(n_marked, 2);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + 4 * MSS));
	cr_expect_eq(n_plain, 2);
	end_unfinished(&l);
}

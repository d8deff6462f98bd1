/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 9293 §3.10.7.3 and §3.10.7.4 as a table: every state, every kind of segment. Both sides'
 * SYNs are 0; lab_enter() leaves what a FIN takes, and nothing else, behind them.
 */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"

enum { OPEN = 1 }; /* the application is not told of an end */

struct row {
	const char *name;
	enum tcp_state in;
	struct lab_seg comes;
	enum drop drop;
	struct lab_seg reply; /* no flags: silence */
	enum tcp_state then;
	int closed; /* what closed() is told; OPEN: it is not called */
};

#define COMES(seg_flags, ...)                         \
	{                                             \
		.flags = SEG_##seg_flags, __VA_ARGS__ \
	}
#define REPLY(seg_flags, ...)                         \
	{                                             \
		.flags = SEG_##seg_flags, __VA_ARGS__ \
	}
#define SILENCE            \
	{                  \
		.flags = 0 \
	}
#define IN_WINDOW 1000u
#define BEHIND    (UINT32_MAX - 8) /* nine octets before the SYN */
#define BEYOND    0x7000000u

static void
run(const struct row *r)
{
	struct lab l;

	lab_open(&l, NULL);
	l.row = r->name;
	lab_enter(&l, r->in);
	l.app.n_closed = 0;
	lab_recv(&l, &r->comes);
	if (r->reply.flags != 0)
		lab_sends(&l, &r->reply);
	lab_sends_nothing(&l);
	if (r->drop != DROP_NONE)
		lab_dropped(&l, DROPPED(r->drop, 1));
	else
		lab_dropped_nothing(&l);
	lab_flow_is(&l, r->then);
	cr_expect_eq(l.app.n_closed, r->closed != OPEN, "%s: closed() %u times", r->name,
		l.app.n_closed);
	cr_expect(
		r->closed == OPEN || l.app.err == r->closed, "%s: closed(%d)", r->name, l.app.err);
	lab_close(&l);
}

#define RUN(rows)                                                       \
	for (unsigned i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	run(&(rows)[i])

/* clang-format off */

#define IN TCP_ST_SYN_SENT

/* G06 G07 G08 G09 F08 */
Test(tcp_states, syn_sent)
{
	static const struct row rows[] = {
	{ "RST without ACK", IN, COMES(RST), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "RST with our ACK", IN, COMES(RST_ACK, .ack = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNREFUSED },
	{ "RST with an ACK too low", IN, COMES(RST_ACK, .ack = 0), DROP_TCP_SYN_SENT_ACK, SILENCE, IN, OPEN },
	{ "RST with an ACK too high", IN, COMES(RST_ACK, .ack = 2), DROP_TCP_SYN_SENT_ACK, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .mss = 1460), DROP_NONE, REPLY(SYN_ACK, .seq = 0, .ack = 1), TCP_ST_SYN_RECEIVED, OPEN },
	{ "SYN with our ACK", IN, COMES(SYN_ACK, .ack = 1), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 1), TCP_ST_ESTABLISHED, OPEN },
	{ "SYN with an ACK too low", IN, COMES(SYN_ACK, .ack = 0), DROP_TCP_SYN_SENT_ACK, REPLY(RST, .seq = 0), IN, OPEN },
	{ "SYN with an ACK too high", IN, COMES(SYN_ACK, .ack = 2), DROP_TCP_SYN_SENT_ACK, REPLY(RST, .seq = 2), IN, OPEN },
	{ "FIN with our ACK", IN, COMES(FIN, .ack = 1), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	{ "FIN alone", IN, COMES(BARE_FIN), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	{ "SYN with RST", IN, COMES(SYN_RST), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "ACK of our SYN", IN, COMES(ACK, .seq = 1, .ack = 1), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	{ "ACK of something old", IN, COMES(ACK, .seq = 300, .ack = 100), DROP_TCP_SYN_SENT_ACK, REPLY(RST, .seq = 100), IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 1, .ack = 1, .len = 10), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	{ "no flags", IN, COMES(NONE), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	{ "FIN PSH URG", IN, COMES(XMAS), DROP_TCP_SYN_SENT_NO_SYN, SILENCE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#define IN TCP_ST_SYN_RECEIVED

/* G01 G10 G11 G12 F08: a listener's connection; its application does not know of it */
Test(tcp_states, syn_received)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, OPEN },
	{ "RST elsewhere in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, REPLY(ACK, .seq = 1, .ack = 1), IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = BEYOND), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "the same SYN", IN, COMES(SYN, .mss = 1460), DROP_TCP_OLD_DATA, REPLY(SYN_ACK, .seq = 0, .ack = 1), IN, OPEN },
	{ "another SYN in the window", IN, COMES(SYN, .seq = IN_WINDOW), DROP_TCP_SYN, REPLY(ACK, .seq = 1, .ack = 1), IN, OPEN },
	{ "another SYN outside", IN, COMES(SYN, .seq = BEYOND), DROP_TCP_SEQ, REPLY(ACK, .seq = 1, .ack = 1), IN, OPEN },
	{ "FIN", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 2), TCP_ST_CLOSE_WAIT, OPEN },
	{ "FIN without ACK", IN, COMES(BARE_FIN, .seq = 1), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	{ "ACK", IN, COMES(ACK, .seq = 1, .ack = 1), DROP_NONE, SILENCE, TCP_ST_ESTABLISHED, OPEN },
	{ "ACK too low", IN, COMES(ACK, .seq = 1, .ack = 0), DROP_TCP_BAD_ACK, REPLY(RST, .seq = 0), IN, OPEN },
	{ "ACK too high", IN, COMES(ACK, .seq = 1, .ack = 2), DROP_TCP_BAD_ACK, REPLY(RST, .seq = 2), IN, OPEN },
	{ "ACK outside of the window", IN, COMES(ACK, .seq = BEYOND, .ack = 1), DROP_TCP_SEQ, REPLY(ACK, .seq = 1, .ack = 1), IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 1, .ack = 1, .len = 10), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 11), TCP_ST_ESTABLISHED, OPEN },
	{ "text without ACK", IN, COMES(NONE, .seq = 1, .len = 10), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	{ "text and FIN", IN, COMES(PSH_FIN, .seq = 1, .ack = 1, .len = 10), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 12), TCP_ST_CLOSE_WAIT, OPEN },
	{ "no flags", IN, COMES(NONE, .seq = 1), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#define IN TCP_ST_ESTABLISHED
#define CHALLENGE REPLY(ACK, .seq = 1, .ack = 1)

/* N01 N02 N03 F08 */
Test(tcp_states, established)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in place with ACK", IN, COMES(RST_ACK, .seq = 1, .ack = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST one beyond", IN, COMES(RST, .seq = 2), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST elsewhere in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST one before", IN, COMES(RST, .seq = 0), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = BEYOND), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN in place", IN, COMES(SYN, .seq = 1), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "SYN in the window", IN, COMES(SYN, .seq = IN_WINDOW), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "SYN outside", IN, COMES(SYN, .seq = BEYOND), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "the first SYN again", IN, COMES(SYN, .seq = 0), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "SYN with ACK", IN, COMES(SYN_ACK, .seq = 0, .ack = 1), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "SYN with FIN", IN, COMES(SYN_FIN, .seq = 1), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 2), TCP_ST_CLOSE_WAIT, OPEN },
	{ "FIN behind a hole", IN, COMES(FIN, .seq = 11, .ack = 1), DROP_NONE, CHALLENGE, IN, OPEN },
	{ "FIN without ACK", IN, COMES(BARE_FIN, .seq = 1), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	{ "ACK again", IN, COMES(ACK, .seq = 1, .ack = 1), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of what was not sent", IN, COMES(ACK, .seq = 1, .ack = 2), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "ACK old by a window", IN, COMES(ACK, .seq = 1, .ack = 1u - LAB_WND), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK older than a window", IN, COMES(ACK, .seq = 1, .ack = 0u - LAB_WND), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "ACK outside of the window", IN, COMES(ACK, .seq = BEYOND, .ack = 1), DROP_TCP_SEQ, CHALLENGE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 1, .ack = 1, .len = 10), DROP_NONE, REPLY(ACK, .seq = 1, .ack = 11), IN, OPEN },
	{ "text without ACK", IN, COMES(NONE, .seq = 1, .len = 10), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	{ "text that is old", IN, COMES(PSH, .seq = BEHIND, .ack = 1, .len = 10), DROP_TCP_OLD_DATA, CHALLENGE, IN, OPEN },
	{ "text outside of the window", IN, COMES(PSH, .seq = BEYOND, .ack = 1, .len = 10), DROP_TCP_SEQ, CHALLENGE, IN, OPEN },
	{ "text with a bad ACK", IN, COMES(PSH, .seq = 1, .ack = 2, .len = 10), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "no flags", IN, COMES(NONE, .seq = 1), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	{ "FIN PSH URG", IN, COMES(XMAS, .seq = 1), DROP_TCP_NO_ACK, SILENCE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#undef CHALLENGE
#define IN TCP_ST_FIN_WAIT_1
#define CHALLENGE REPLY(ACK, .seq = 2, .ack = 1)

/* N01 N02 N03 N08 O03 O04 */
Test(tcp_states, fin_wait_1)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = 0), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .seq = 1), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN across ours", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 2), TCP_ST_CLOSING, OPEN },
	{ "FIN with the ACK of ours", IN, COMES(FIN, .seq = 1, .ack = 2), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 2), TCP_ST_TIME_WAIT, 0 },
	{ "ACK of our FIN", IN, COMES(ACK, .seq = 1, .ack = 2), DROP_NONE, SILENCE, TCP_ST_FIN_WAIT_2, OPEN },
	{ "ACK of less", IN, COMES(ACK, .seq = 1, .ack = 1), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of more", IN, COMES(ACK, .seq = 1, .ack = 3), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 1, .ack = 1, .len = 10), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 11), IN, OPEN },
	{ "text with the ACK of our FIN", IN, COMES(PSH, .seq = 1, .ack = 2, .len = 10), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 11), TCP_ST_FIN_WAIT_2, OPEN },
	{ "text and FIN", IN, COMES(PSH_FIN, .seq = 1, .ack = 2, .len = 10), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 12), TCP_ST_TIME_WAIT, 0 },
	};
	RUN(rows);
}

#undef IN
#define IN TCP_ST_FIN_WAIT_2

/* N01 N02 N03 N08 O03 */
Test(tcp_states, fin_wait_2)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 1), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = 0), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .seq = 1), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN", IN, COMES(FIN, .seq = 1, .ack = 2), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 2), TCP_ST_TIME_WAIT, 0 },
	{ "FIN behind a hole", IN, COMES(FIN, .seq = 11, .ack = 2), DROP_NONE, CHALLENGE, IN, OPEN },
	{ "ACK again", IN, COMES(ACK, .seq = 1, .ack = 2), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of more", IN, COMES(ACK, .seq = 1, .ack = 3), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 1, .ack = 2, .len = 10), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 11), IN, OPEN },
	{ "text and FIN", IN, COMES(PSH_FIN, .seq = 1, .ack = 2, .len = 10), DROP_NONE, REPLY(ACK, .seq = 2, .ack = 12), TCP_ST_TIME_WAIT, 0 },
	};
	RUN(rows);
}

#undef IN
#undef CHALLENGE
#define IN TCP_ST_CLOSE_WAIT
#define CHALLENGE REPLY(ACK, .seq = 1, .ack = 2)

/* N01 N02 N03 N08 O02 O09 */
Test(tcp_states, close_wait)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 2), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST where the FIN was", IN, COMES(RST, .seq = 1), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .seq = 2), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN again", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_TCP_OLD_DATA, CHALLENGE, IN, OPEN },
	{ "FIN beyond the FIN", IN, COMES(FIN, .seq = 2, .ack = 1), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	{ "ACK again", IN, COMES(ACK, .seq = 2, .ack = 1), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of what was not sent", IN, COMES(ACK, .seq = 2, .ack = 2), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "text beyond the FIN", IN, COMES(PSH, .seq = 2, .ack = 1, .len = 10), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	{ "text across the FIN", IN, COMES(PSH, .seq = 1, .ack = 1, .len = 10), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#undef CHALLENGE
#define IN TCP_ST_CLOSING
#define CHALLENGE REPLY(ACK, .seq = 2, .ack = 2)

/* N01 N02 N03 N08 O04 O09 */
Test(tcp_states, closing)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 2), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = 1), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .seq = 2), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN again", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_TCP_OLD_DATA, CHALLENGE, IN, OPEN },
	{ "FIN beyond the FIN", IN, COMES(FIN, .seq = 2, .ack = 1), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	{ "ACK of our FIN", IN, COMES(ACK, .seq = 2, .ack = 2), DROP_NONE, SILENCE, TCP_ST_TIME_WAIT, 0 },
	{ "ACK of less", IN, COMES(ACK, .seq = 2, .ack = 1), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of more", IN, COMES(ACK, .seq = 2, .ack = 3), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 2, .ack = 1, .len = 10), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#define IN TCP_ST_LAST_ACK

/* N01 N02 N03 N08 O09 */
Test(tcp_states, last_ack)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 2), DROP_NONE, SILENCE, TCP_ST_CLOSED, -ECONNRESET },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_RST, CHALLENGE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = 1), DROP_TCP_RST, SILENCE, IN, OPEN },
	{ "SYN", IN, COMES(SYN, .seq = 2), DROP_TCP_SYN, CHALLENGE, IN, OPEN },
	{ "FIN again", IN, COMES(FIN, .seq = 1, .ack = 1), DROP_TCP_OLD_DATA, CHALLENGE, IN, OPEN },
	{ "FIN beyond the FIN", IN, COMES(FIN, .seq = 2, .ack = 1), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	{ "ACK of our FIN", IN, COMES(ACK, .seq = 2, .ack = 2), DROP_NONE, SILENCE, TCP_ST_CLOSED, 0 },
	{ "ACK of less", IN, COMES(ACK, .seq = 2, .ack = 1), DROP_NONE, SILENCE, IN, OPEN },
	{ "ACK of more", IN, COMES(ACK, .seq = 2, .ack = 3), DROP_TCP_BAD_ACK, CHALLENGE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 2, .ack = 1, .len = 10), DROP_TCP_AFTER_FIN, CHALLENGE, IN, OPEN },
	};
	RUN(rows);
}

#undef IN
#define IN TCP_ST_TIME_WAIT

/* N02 N07 N08 O05 O07 */
Test(tcp_states, time_wait)
{
	static const struct row rows[] = {
	{ "RST in place", IN, COMES(RST, .seq = 2), DROP_TCP_TIME_WAIT, SILENCE, IN, OPEN },
	{ "RST in the window", IN, COMES(RST, .seq = IN_WINDOW), DROP_TCP_TIME_WAIT, SILENCE, IN, OPEN },
	{ "RST outside", IN, COMES(RST, .seq = 1), DROP_TCP_TIME_WAIT, SILENCE, IN, OPEN },
	{ "SYN of old", IN, COMES(SYN, .seq = 0), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "SYN with ACK", IN, COMES(SYN_ACK, .seq = IN_WINDOW, .ack = 1), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "SYN with FIN", IN, COMES(SYN_FIN, .seq = IN_WINDOW), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "FIN again", IN, COMES(FIN, .seq = 1, .ack = 2), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "FIN beyond the FIN", IN, COMES(FIN, .seq = 2, .ack = 2), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "ACK in place", IN, COMES(ACK, .seq = 2, .ack = 2), DROP_TCP_TIME_WAIT, SILENCE, IN, OPEN },
	{ "ACK out of place", IN, COMES(ACK, .seq = BEYOND, .ack = 2), DROP_TCP_TIME_WAIT, SILENCE, IN, OPEN },
	{ "text", IN, COMES(PSH, .seq = 2, .ack = 2, .len = 10), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	{ "old text", IN, COMES(PSH, .seq = BEHIND, .ack = 2, .len = 5), DROP_TCP_TIME_WAIT, CHALLENGE, IN, OPEN },
	};
	RUN(rows);
}

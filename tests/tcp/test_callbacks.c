/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What baro/conn.h promises about callbacks: opened() once, closed() once, none after close() or
 * abort(), and everything may be called from within each of them.
 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "kit/lab.h"

enum call { OPENED, READABLE, WRITABLE, CLOSED, CALLS };

static const char *const call_names[CALLS] = { "opened", "readable", "writable", "closed" };

enum deed { NOTHING, SEND, SHUTDOWN, CLOSE, ABORT, SWITCH, CHANGE, DEEDS };

static const char *const deed_names[DEEDS] = { "nothing", "send", "shutdown", "close", "abort",
	"other callbacks", "another algorithm" };

/** An application that does one thing in one callback, and notes all calls. */
struct actor {
	enum call in;
	enum deed deed;
	char log[64]; /* "orc": opened, readable, closed */
	unsigned n;
	struct baro_conn *conn;
	ssize_t result;
	int err;
};

static const struct baro_conn_ops actor_ops;
static const struct baro_conn_ops other_ops;

static void
act(struct baro_conn *c, enum call in)
{
	struct actor *a = baro_conn_user(c);

	cr_assert_lt(a->n, sizeof(a->log) - 1);
	a->log[a->n++] = call_names[in][0];
	a->conn = in == CLOSED ? NULL : c;
	if (in != a->in)
		return;
	switch (a->deed) {
	case NOTHING:
		break;
	case SEND:
		a->result = baro_conn_send(c, "hello", 5);
		break;
	case SHUTDOWN:
		a->result = baro_conn_shutdown(c);
		break;
	case CLOSE:
		a->conn = NULL;
		baro_conn_close(c);
		break;
	case ABORT:
		a->conn = NULL;
		baro_conn_abort(c);
		break;
	case SWITCH:
		baro_conn_set_ops(c, &other_ops);
		break;
	case CHANGE:
		cr_expect_eq(baro_conn_set_cc(c, "bbr"), 0);
		break;
	case DEEDS:
		break;
	}
}

static void
opened(struct baro_conn *c)
{
	act(c, OPENED);
}

/** Reads all, first. */
static void
readable(struct baro_conn *c)
{
	char data[4096];

	while (baro_conn_recv(c, data, sizeof(data)) > 0)
		;
	act(c, READABLE);
}

static void
writable(struct baro_conn *c)
{
	act(c, WRITABLE);
}

static void
closed(struct baro_conn *c, int err)
{
	struct actor *a = baro_conn_user(c);

	a->err = err;
	act(c, CLOSED);
}

static const struct baro_conn_ops actor_ops = { opened, readable, writable, closed };

static void
other_readable(struct baro_conn *c)
{
	struct actor *a = baro_conn_user(c);

	a->log[a->n++] = 'R';
}

static void
other_closed(struct baro_conn *c, int err)
{
	struct actor *a = baro_conn_user(c);

	(void)err;
	a->log[a->n++] = 'C';
}

/** No writable(): it may be NULL. */
static const struct baro_conn_ops other_ops = { NULL, other_readable, NULL, other_closed };

static void
open_actor(struct lab *l, struct actor *a)
{
	const struct baro_endpoint local = { .port = LAB_PORT };

	lab_open(l, &(struct baro_config){ .tcp.congestion = "newreno" });
	cr_assert_eq(baro_listen(l->core, &local, NULL, &actor_ops, a, &l->listener), 0);
	lab_recv(l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1));
}

/* G01 */
Test(tcp_callbacks, opened_may_send)
{
	struct actor a = { .in = OPENED, .deed = SEND };
	struct lab l;

	open_actor(&l, &a);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(a.result, 5);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "hello"));
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* G01: on our own connection the text carries the third ACK */
Test(tcp_callbacks, opened_may_send_on_a_connection_of_ours)
{
	struct actor a = { .in = OPENED, .deed = SEND };
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(baro_connect(l.core, &remote, NULL, &actor_ops, &a, &a.conn), 0);
	lab_poll(&l);
	lab_sends(&l, SEG(SYN, .seq = 0));
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "hello"));
	lab_sends_nothing(&l);
	lab_close(&l);
}

struct story {
	enum call in;
	enum deed deed;
	const char *log;  /* calls that are made when it is done */
	const char *sent; /* flags of what is sent: F, R; nothing else with FIN or RST */
};

/** The third ACK, text and FIN come one after the other, or in one burst. */
static void
tell(const struct story *s, bool in_a_burst)
{
	struct actor a = { .in = s->in, .deed = s->deed };
	char sent[16] = "";
	unsigned n = 0;
	struct lab l;

	open_actor(&l, &a);
	lab_queue(&l, SEG(ACK, .seq = 1, .ack = 1));
	if (!in_a_burst)
		lab_poll(&l);
	lab_queue(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	if (!in_a_burst)
		lab_poll(&l);
	lab_queue(&l, SEG(FIN, .seq = 11, .ack = 1));
	lab_poll(&l);
	while (lab_pending(&l) != 0) {
		struct tcp_hdr h;
		const struct lab_frame *f = lab_next_frame(&l);

		cr_assert_eq(tcp_read(f->octets + ETH_HDR_LEN + 20, f->len - ETH_HDR_LEN - 20, &h),
			DROP_NONE);
		if (n < sizeof(sent) - 1 && (h.flags & (TCP_FIN | TCP_RST)) != 0)
			sent[n++] = h.flags & TCP_FIN ? 'F' : 'R';
	}
	cr_expect_str_eq(a.log, s->log, "%s in %s%s: calls %s, expected %s", deed_names[s->deed],
		call_names[s->in], in_a_burst ? ", one burst" : "", a.log, s->log);
	cr_expect_eq(sent[0], s->sent[0], "%s in %s%s: sent %s, expected %s", deed_names[s->deed],
		call_names[s->in], in_a_burst ? ", one burst" : "", sent, s->sent);
	lab_skip_all(&l);
	if (a.conn != NULL)
		baro_conn_abort(a.conn);
	lab_run_ms(&l, 300 * 1000);
	lab_skip_all(&l);
	cr_expect_str_eq(a.log, s->log, "%s in %s: calls %s afterwards", deed_names[s->deed],
		call_names[s->in], a.log);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* O03 O04 N05 N06: text, then FIN */
Test(tcp_callbacks, each_deed_in_each_callback)
{
	static const struct story stories[] = {
		{ OPENED, NOTHING, "orr", "" },
		{ OPENED, SEND, "orr", "" },
		{ OPENED, SHUTDOWN, "orr", "F" },
		{ OPENED, CLOSE, "o", "F" }, /* and RST for the text that comes then */
		{ OPENED, ABORT, "o", "R" },
		{ OPENED, SWITCH, "oRR", "" },
		{ OPENED, CHANGE, "orr", "" },
		{ READABLE, NOTHING, "orr", "" },
		{ READABLE, SEND, "orr", "" },
		{ READABLE, SHUTDOWN, "orr", "F" },
		{ READABLE, CLOSE, "or", "F" },
		{ READABLE, ABORT, "or", "R" },
		{ READABLE, SWITCH, "orR", "" },
	};

	for (unsigned i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i], false);
}

/* O03 O04 N05 N06: told in one turn, readable() is called once */
Test(tcp_callbacks, each_deed_in_each_callback_of_one_burst)
{
	static const struct story stories[] = {
		{ OPENED, NOTHING, "or", "" },
		{ OPENED, SHUTDOWN, "or", "F" },
		{ OPENED, CLOSE, "o", "R" }, /* the text is unread */
		{ OPENED, ABORT, "o", "R" },
		{ OPENED, SWITCH, "oR", "" },
		{ READABLE, NOTHING, "or", "" },
		{ READABLE, SEND, "or", "" },
		{ READABLE, SHUTDOWN, "or", "F" },
		{ READABLE, CLOSE, "or", "F" },
		{ READABLE, ABORT, "or", "R" },
		{ READABLE, SWITCH, "or", "" },
	};

	for (unsigned i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		tell(&stories[i], true);
}

/* N08: whatever is done in closed(), it is the last call, and nothing is sent */
Test(tcp_callbacks, closed_is_the_last_call)
{
	for (enum deed deed = NOTHING; deed < DEEDS; deed++) {
		struct actor a = { .in = CLOSED, .deed = deed };
		struct lab l;

		open_actor(&l, &a);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_recv(&l, SEG(RST, .seq = 1));
		lab_run_ms(&l, 1000);
		lab_sends_nothing(&l);
		cr_expect_str_eq(a.log, "oc", "%s: %s", deed_names[deed], a.log);
		cr_expect_eq(a.err, -ECONNRESET);
		if (deed == SEND)
			cr_expect_eq(a.result, -EPIPE);
		lab_holds(&l, 0, 0);
		lab_close(&l);
	}
}

/* N08: the same at an end in peace */
Test(tcp_callbacks, closed_is_the_last_call_in_time_wait)
{
	for (enum deed deed = NOTHING; deed < DEEDS; deed++) {
		struct actor a = { .in = CLOSED, .deed = deed };
		struct lab l;

		open_actor(&l, &a);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		cr_expect_eq(baro_conn_shutdown(a.conn), 0);
		lab_poll(&l);
		lab_sends(&l, SEG(FIN, .seq = 1, .ack = 1));
		lab_recv(&l, SEG(FIN, .seq = 1, .ack = 2));
		lab_sends(&l, SEG(ACK, .seq = 2, .ack = 2));
		lab_sends_nothing(&l);
		cr_expect_str_eq(a.log, "orc", "%s: %s", deed_names[deed], a.log);
		cr_expect_eq(a.err, 0);
		lab_holds(&l, 0, 1);
		lab_close(&l);
	}
}

/* N08: opened() and closed() of one burst are both told */
Test(tcp_callbacks, connection_that_opens_and_dies_in_one_burst_is_told)
{
	struct actor a = { .in = READABLE, .deed = SEND };
	struct lab l;

	open_actor(&l, &a);
	lab_queue(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_queue(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_queue(&l, SEG(RST, .seq = 11));
	lab_poll(&l);
	lab_sends_nothing(&l);
	cr_expect_str_eq(a.log, "orc", "%s", a.log);
	cr_expect_eq(a.result, -EPIPE); /* it is over, though nobody has said so yet */
	cr_expect_eq(a.err, -ECONNRESET);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* G11 */
Test(tcp_callbacks, half_open_connection_ends_without_a_word)
{
	struct actor a = { .in = OPENED };
	struct lab l;

	open_actor(&l, &a);
	lab_queue(&l, SEG(RST, .seq = 1));
	lab_queue(&l, SEG(ACK, .seq = 1, .ack = 1)); /* too late */
	lab_poll(&l);
	lab_sends(&l, SEG(RST, .seq = 1));
	cr_expect_str_eq(a.log, "");
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* O03: writable() comes back when a quarter of the queue is free, once */
Test(tcp_callbacks, writable_follows_a_full_queue)
{
	struct actor a = { .in = CALLS };
	static char text[300000];
	struct lab l;
	ssize_t n;

	open_actor(&l, &a);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	n = baro_conn_send(a.conn, text, sizeof(text));
	cr_assert(n > 0 && n < (ssize_t)sizeof(text));
	cr_expect_eq(baro_conn_send(a.conn, text, 1), -EAGAIN);
	cr_expect_null(baro_conn_reserve(a.conn, &(size_t){ 0 }));
	lab_poll(&l);
	lab_skip_all(&l);
	for (uint32_t ack = 1; baro_conn_send_queued(a.conn) != 0;) {
		ack += baro_conn_send_queued(a.conn) < 1460
			       ? (uint32_t)baro_conn_send_queued(a.conn)
			       : 1460;
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = ack));
		lab_skip_all(&l);
	}
	cr_expect_str_eq(a.log, "ow", "%s", a.log);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/** Closes its listener from within. */
static void
opened_unlistens(struct baro_conn *c)
{
	struct lab *l = baro_conn_user(c);

	baro_listener_close(l->listener);
	l->listener = NULL;
	l->conn = c;
	l->app.n_opened++;
}

/* G18 */
Test(tcp_callbacks, listener_may_be_closed_in_opened)
{
	static const struct baro_conn_ops ops = { .opened = opened_unlistens };
	const struct baro_endpoint local = { .port = LAB_PORT };
	struct lab l;

	lab_open(&l, NULL);
	cr_assert_eq(baro_listen(l.core, &local, NULL, &ops, &l, &l.listener), 0);
	lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000));
	lab_skip_all(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	cr_expect_eq(l.app.n_opened, 1);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	cr_expect_eq(lab_pending(&l), 1);
	lab_skip_all(&l); /* RST to the half-open one */
	cr_expect_eq(lab_stat(&l, STAT_TCP_OUT_RSTS), 1);
	lab_holds(&l, 1, 0);
	lab_close(&l);
}

static struct baro_conn *pair[2];

/** Whoever is called first closes the other. */
static void
readable_closes_the_other(struct baro_conn *c)
{
	struct lab *l = baro_conn_user(c);
	struct baro_conn *other = pair[c == pair[0]];

	l->app.n_readable++;
	if (other == NULL)
		return;
	pair[c == pair[0]] = NULL;
	baro_conn_close(other);
}

static void
opened_in_turn(struct baro_conn *c)
{
	struct lab *l = baro_conn_user(c);

	pair[l->app.n_opened++] = c;
}

/* N06: a connection that is closed by another's callback in the same turn is not called */
Test(tcp_callbacks, connection_closed_by_another_is_not_called)
{
	static const struct baro_conn_ops ops = { .opened = opened_in_turn,
		.readable = readable_closes_the_other };
	const struct baro_endpoint local = { .port = LAB_PORT };
	struct lab l;
	uint32_t iss[2];

	lab_open(&l, NULL);
	cr_assert_eq(baro_listen(l.core, &local, NULL, &ops, &l, &l.listener), 0);
	for (unsigned i = 0; i < 2; i++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .src_port = 5000 + i));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = 5000 + i));
		iss[i] = l.our_iss;
	}
	for (unsigned i = 0; i < 2; i++) {
		l.our_iss = iss[i];
		lab_queue(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .src_port = 5000 + i));
	}
	lab_poll(&l);
	cr_expect_eq(l.app.n_readable, 1);
	lab_holds(&l, 1, 0); /* the closed one had unread text: RST */
	cr_expect_eq(lab_stat(&l, STAT_TCP_OUT_RSTS), 1);
	lab_skip_all(&l);
	lab_close(&l);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* The receive buffer follows what the peer could send, and what our application reads. */

#include "story.h"

#define MSS   1460
#define RTT   50 /* ms */
#define SMALL 65536

static const struct baro_config config = { .tcp = { .rcv_buf = SMALL, .rcv_buf_max = 1 << 20 } };

/** An active connection with a round trip of RTT ms, measured by its SYN. */
static void
begin(struct lab *l, const struct baro_config *with)
{
	lab_open(l, with);
	lab_connect(l);
	lab_run_ms(l, RTT);
	l->peer_wscale = 7;
	lab_recv(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = MSS, .wscale_plus_1 = 8));
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(l);
}

/** The peer sends @len octets from @at on, in @ms milliseconds; @return where it stands then */
static uint32_t
peer_sends(struct lab *l, uint32_t at, uint32_t len, uint32_t ms)
{
	uint32_t n = (len + MSS - 1) / MSS;
	uint32_t end = at + len;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t size = min_u32(MSS, end - at);

		lab_recv(l, SEG(ACK, .seq = at, .ack = 1, .len = size));
		at += size;
		lab_run_ns(l, ms * NS_PER_MS / n);
		lab_skip_all(l);
	}
	return at;
}

static uint32_t
rcv_buf(const struct lab *l)
{
	return lab_tcp(l)->rcv_buf;
}

static void
end(struct lab *l)
{
	lab_run_ms(l, 50);
	lab_skip_all(l);
	story_end_clean(l);
}

/* I15: a window a round trip is all that our window lets through: it is doubled, up to the limit */
Test(tcp_rcvbuf, grows_where_the_window_is_in_the_way)
{
	uint32_t at = 1;
	struct lab l;

	begin(&l, &config);
	cr_assert_eq(rcv_buf(&l), SMALL);
	at = peer_sends(&l, at, SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), 2 * SMALL);
	cr_assert_geq(tcp_rcv_wnd(lab_tcp(&l)), 2 * SMALL - 2 * MSS, "and the peer is told");
	for (uint32_t n = 2 * SMALL; n < 1 << 20; n *= 2) {
		at = peer_sends(&l, at, n, RTT);
		cr_assert_eq(rcv_buf(&l), 2 * n);
	}
	at = peer_sends(&l, at, 1 << 20, RTT);
	cr_assert_eq(rcv_buf(&l), 1 << 20, "the limit");
	lab_dropped_nothing(&l);
	end(&l);
}

/* I15: a peer that sends less than a window a round trip is held up by something else */
Test(tcp_rcvbuf, stays_where_the_peer_is_slow)
{
	uint32_t at = 1;
	struct lab l;

	begin(&l, &config);
	for (int i = 0; i < 5; i++)
		at = peer_sends(&l, at, SMALL, 2 * RTT);
	cr_assert_eq(rcv_buf(&l), SMALL);
	at = peer_sends(&l, at, SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), 2 * SMALL, "and then it is not");
	end(&l);
}

/* I15: an application that does not read gets no more */
Test(tcp_rcvbuf, stays_where_nobody_reads)
{
	struct lab l;

	begin(&l, &config);
	l.app.reads = false;
	peer_sends(&l, 1, SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), SMALL);
	cr_assert_lt(tcp_rcv_wnd(lab_tcp(&l)), SMALL / 8, "%u", tcp_rcv_wnd(lab_tcp(&l)));
	baro_conn_consume(l.conn, SMALL);
	lab_poll(&l);
	end(&l);
}

/* I15: what the application has set is not tuned */
Test(tcp_rcvbuf, stays_as_the_application_set_it)
{
	struct lab l;

	begin(&l, &config);
	baro_conn_set(l.conn, BARO_TCP_RCVBUF, 100000);
	peer_sends(&l, peer_sends(&l, 1, 100000, RTT), 100000, RTT);
	cr_assert_eq(rcv_buf(&l), 100000);
	end(&l);
}

/* I15: a configured size alone is meant */
Test(tcp_rcvbuf, stays_as_it_is_configured)
{
	struct lab l;

	begin(&l, &(struct baro_config){ .tcp.rcv_buf = SMALL });
	peer_sends(&l, peer_sends(&l, 1, SMALL, RTT), SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), SMALL);
	end(&l);
}

/* I15 R03: nor does it grow when the buffers of all run short */
Test(tcp_rcvbuf, stays_where_memory_is_short)
{
	struct tcp *tcp;
	struct lab l;

	begin(&l, &config);
	tcp = &l.core->stack.tcp;
	tcp->rcv_mbufs += tcp->max_rcv_mbufs / 2; /* others hold them */
	peer_sends(&l, 1, SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), SMALL);
	tcp->rcv_mbufs -= tcp->max_rcv_mbufs / 2;
	peer_sends(&l, 1 + SMALL, SMALL, RTT);
	cr_assert_eq(rcv_buf(&l), 2 * SMALL);
	end(&l);
}

/* H04: the shift is chosen for what the buffer may become */
Test(tcp_rcvbuf, window_scale_is_that_of_the_largest)
{
	static const struct {
		uint32_t rcv_buf, rcv_buf_max;
		uint8_t shift;
	} rows[] = {
		{ SMALL, 1 << 20, 5 },
		{ 60000, 0, 0 },
		{ 300000, 0, 3 },
		{ 300000, 100, 3 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct lab l;

		lab_open(&l, &(struct baro_config){ .tcp = { .rcv_buf = rows[i].rcv_buf,
							    .rcv_buf_max = rows[i].rcv_buf_max } });
		lab_listen(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = MSS, .wscale_plus_1 = 8));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1,
				      .wscale_plus_1 = (uint8_t)(rows[i].shift + 1)));
		lab_recv(&l, SEG(RST, .seq = 1));
		lab_close(&l);
	}
}

/* I15: without window scale there is nothing to be gained */
Test(tcp_rcvbuf, stays_without_window_scale)
{
	struct lab l;

	lab_open(&l, &config);
	lab_connect(&l);
	lab_run_ms(&l, RTT);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
	peer_sends(&l, peer_sends(&l, 1, 65535, RTT), 65535, RTT);
	cr_assert_eq(rcv_buf(&l), SMALL);
	end(&l);
}

/* I03: what counts as a full segment follows the peer down, and up at once */
Test(tcp_rcvbuf, full_segment_follows_the_peer)
{
	struct lab l;
	uint32_t at = 1;

	story_begin(&l, NULL, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = at, .ack = 1, .len = MSS));
	at += MSS;
	lab_run_ms(&l, 41);
	lab_skip_all(&l);
	for (int i = 0; i < 5; i++) { /* small ones: the timer has to acknowledge them, at first */
		for (int k = 0; k < 3; k++, at += 100) /* but for the first one after a silence */
			lab_recv(&l, SEG(PSH, .seq = at, .ack = 1, .len = 100));
		lab_run_ms(&l, 41);
		lab_skip_all(&l);
	}
	lab_recv(&l, SEG(PSH, .seq = at, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = at + 100));
	at += 100;
	lab_recv(&l, SEG(PSH, .seq = at, .ack = 1, .len = 100));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(PSH, .seq = at + 100, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = at + 200));
	lab_recv(&l, SEG(PSH, .seq = at + 200, .ack = 1, .len = MSS));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(PSH, .seq = at + 200 + MSS, .ack = 1, .len = MSS));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = at + 200 + 2 * MSS));
	story_end(&l);
}

/* J13: the send buffer holds twice cwnd, up to its limit; one that was set stays */
Test(tcp_rcvbuf, send_buffer_follows_cwnd)
{
	static char text[1 << 17];

	for (int is_set = 0; is_set < 2; is_set++) {
		const struct baro_config small = { .tcp = { .snd_buf = 20000,
							   .snd_buf_max = 60000 } };
		uint32_t ack = 1;
		struct lab l;

		lab_open(&l, &small);
		lab_establish(&l, LAB_PLAIN);
		if (is_set)
			baro_conn_set(l.conn, BARO_TCP_SNDBUF, 20000);
		for (int i = 0; i < 40; i++) {
			while (baro_conn_send(l.conn, text, sizeof(text)) > 0)
				;
			lab_poll(&l);
			ack += tcp_flight(lab_tcp(&l));
			lab_skip_all(&l);
			lab_run_ms(&l, 5);
			lab_recv(&l, SEG(ACK, .seq = 1, .ack = ack));
			lab_skip_all(&l);
		}
		cr_assert_eq(lab_tcp(&l)->snd_buf, is_set ? 20000 : 60000);
		story_end_clean(&l);
	}
}

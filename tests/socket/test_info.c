/* SPDX-License-Identifier: BSD-3-Clause */

/* baro_conn_info(): what a connection says about its way is what happened to it. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab.h"
#include "runtime/core.h"
#include "tcp/totals.h"

#define MSS 1460

static struct lab l;
static struct baro_tcp_info info;

static void
ask(void)
{
	memset(&info, 0xa5, sizeof(info));
	baro_conn_info(l.conn, &info);
}

static void
teardown(void)
{
	lab_close(&l);
}

TestSuite(info, .fini = teardown);

Test(info, tells_what_the_syns_agreed_on)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_WITH_ALL);
	ask();
	cr_expect_str_eq(info.state, "ESTABLISHED");
	cr_expect_str_eq(info.congestion, lab_tcp(&l)->cc->name);
	cr_expect(info.has_timestamps);
	cr_expect(info.has_sack);
	cr_expect(info.has_wscale);
	cr_expect_not(info.has_fastopen);
	cr_expect_not(info.has_ecn);
	cr_expect_eq(info.snd_wscale, 7);
	cr_expect_eq(info.snd_mss, MSS - 12);
	cr_expect_eq(info.advmss, MSS);
	cr_expect_eq(info.pmtu, 1500);
}

Test(info, tells_nothing_agreed_of_a_plain_peer)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	ask();
	cr_expect_not(info.has_timestamps);
	cr_expect_not(info.has_sack);
	cr_expect_not(info.has_wscale);
	cr_expect_eq(info.rcv_wscale, 0);
	cr_expect_eq(info.snd_mss, MSS);
}

Test(info, is_there_before_the_connection_is_open)
{
	lab_open(&l, NULL);
	lab_connect(&l);
	ask();
	cr_expect_str_eq(info.state, "SYN-SENT");
	cr_expect_eq(info.octets_acked, 0);
	cr_expect_eq(info.octets_received, 0);
	cr_expect_eq(info.last_sent_ns, 0);
	cr_expect_eq(info.last_rcvd_ns, 0);
	cr_expect_eq(info.ssthresh, UINT32_MAX);
	baro_conn_abort(l.conn);
	lab_poll(&l);
}

Test(info, tells_what_was_sent_and_acknowledged)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	baro_conn_set(l.conn, BARO_TCP_NODELAY, 1);
	lab_write(&l, 20 * MSS + 7);
	lab_skip_all(&l);
	ask();
	cr_expect_eq(info.segs_out, 10);
	cr_expect_eq(info.in_flight, 10 * MSS);
	cr_expect_eq(info.cwnd, 10 * MSS);
	cr_expect_eq(info.snd_queued, 20 * MSS + 7);
	cr_expect_eq(info.snd_unsent, 10 * MSS + 7);
	cr_expect_eq(info.snd_wnd, LAB_WND);
	cr_expect_eq(info.octets_acked, 0);
	lab_run_ms(&l, 30);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 4 * MSS + 1));
	lab_skip_all(&l);
	ask();
	cr_expect_eq(info.octets_acked, 4 * MSS);
	cr_expect_eq(info.snd_queued, 16 * MSS + 7);
	cr_expect_gt(info.rtt_ns, 0);
	cr_expect_gt(info.delivery_rate, 0);
	cr_expect_gt(info.rto_ns, info.rtt_ns);
	cr_expect_eq(info.retransmits, 0);
	cr_expect_not(info.is_recovering);
}

Test(info, tells_a_timeout_and_what_followed)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 100);
	lab_run_ms(&l, 5000);
	lab_skip_all(&l);
	ask();
	cr_expect_gt(info.timeouts, 0);
	cr_expect_eq(info.timeouts, lab_stat(&l, STAT_TCP_TIMEOUTS));
	cr_expect_eq(info.retransmits, lab_stat(&l, STAT_TCP_RETRANS_SEGS));
	cr_expect_eq(info.segs_out, 1 + info.retransmits);
	cr_expect_gt(info.backoff, 0);
	cr_expect(info.is_recovering);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	ask();
	cr_expect_not(info.is_recovering);
	cr_expect_eq(info.octets_acked, 100);
}

Test(info, tells_what_was_received_and_what_waits)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	l.app.reads = false;
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 1000));
	lab_recv(&l, SEG(PSH, .seq = 1501, .ack = 1, .len = 300));
	lab_skip_all(&l);
	lab_run_ms(&l, 250);
	lab_skip_all(&l);
	ask();
	cr_expect_eq(info.octets_received, 1000);
	cr_expect_eq(info.rcv_queued, 1000);
	cr_expect_eq(info.rcv_out_of_order, 300);
	cr_expect_eq(info.rcv_mss, 1000);
	cr_expect_eq(info.segs_in, 3); /* the ACK of our SYN, and these */
	cr_expect_eq(info.last_rcvd_ns / NS_PER_MS, 250);
	cr_expect_eq(info.last_sent_ns, 0);
	cr_expect_geq(info.age_ns, 250 * NS_PER_MS);
}

Test(info, ends_of_text_are_no_text)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH_FIN, .seq = 1, .ack = 1, .len = 10));
	lab_write(&l, 20);
	baro_conn_shutdown(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
	ask();
	cr_expect_str_eq(info.state, "LAST-ACK");
	cr_expect_eq(info.octets_received, 10);
	cr_expect_eq(info.octets_acked, 0);
	lab_recv(&l, SEG(ACK, .seq = 12, .ack = 21));
	ask();
	cr_expect_eq(info.octets_acked, 20);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(info, an_acknowledged_fin_is_no_text)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 20);
	baro_conn_shutdown(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 22));
	ask();
	cr_expect_str_eq(info.state, "FIN-WAIT-2");
	cr_expect_eq(info.octets_acked, 20);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
}

static struct baro_tcp_info at_end;

static void
closed(struct baro_conn *c, int err)
{
	(void)err;
	baro_conn_info(c, &at_end);
}

Test(info, can_be_asked_for_in_closed)
{
	static const struct baro_conn_ops ops = { .closed = closed };

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	baro_conn_set_ops(l.conn, &ops);
	lab_write(&l, 20);
	lab_skip_all(&l);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 21, .len = 10));
	lab_recv(&l, SEG(RST, .seq = 11));
	lab_skip_all(&l);
	cr_expect_str_eq(at_end.state, "CLOSED");
	cr_expect_eq(at_end.octets_acked, 20);
	cr_expect_eq(at_end.octets_received, 10);
}

/** The lab's sequence numbers are far apart: eight wraps both ways in steps of half a GiB. */
Test(info, totals_do_not_wrap)
{
	const uint32_t step = UINT32_C(1) << 29;
	uint64_t total = 0;
	struct tcp_conn *c;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	c = lab_tcp(&l);
	for (int i = 0; i < 64; i++) {
		total += step;
		c->rcv_nxt = seq_add(c->rcv_nxt, step);
		totals_arrived(&c->totals, step, c->rcv_nxt, l.now_ns);
		c->snd_una = c->snd_nxt = seq_add(c->snd_una, step);
		c->delivered += step;
		ask();
		cr_assert_eq(info.octets_received, total);
		cr_assert_eq(info.octets_acked, total);
	}
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_skip_all(&l);
}

Test(info, tells_what_was_sent_twice)
{
	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_write(&l, 100);
	ask();
	cr_expect_eq(info.octets_sent, 100);
	cr_expect_eq(info.octets_again, 0);
	lab_run_ms(&l, 3500); /* two time-outs */
	lab_skip_all(&l);
	ask();
	cr_expect_eq(info.octets_again, 100 * info.retransmits);
	cr_expect_eq(info.octets_sent, 100 + info.octets_again);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 101));
	ask();
	cr_expect_eq(info.octets_sent, 100 + info.octets_again);
	cr_expect_eq(info.last_seg_ns, 1, "just now");
	cr_expect(info.is_app_limited);
}

/* Linux: tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited */
Test(info, tells_what_it_has_waited_for)
{
	lab_open(&l, &(struct baro_config){ .tcp.snd_buf = 4 * MSS, .tcp.snd_buf_max = 4 * MSS });
	lab_establish(&l, LAB_PLAIN);
	lab_run_ms(&l, 1000);
	ask();
	cr_expect_eq(info.busy_ns, 0);
	lab_write(&l, MSS);
	lab_skip_all(&l);
	lab_run_ms(&l, 10);
	ask();
	cr_expect_eq(info.busy_ns / NS_PER_MS, 10);
	cr_expect_eq(info.rwnd_limited_ns, 0);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS, .wnd = 1000));
	lab_write(&l, 3 * MSS); /* the window takes none of it at once */
	lab_run_ms(&l, 20);
	ask();
	cr_expect_eq(info.busy_ns / NS_PER_MS, 30);
	cr_expect_eq(info.rwnd_limited_ns / NS_PER_MS, 20);
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1 + MSS));
	while (baro_conn_send(l.conn, "text", 4) > 0)
		;
	lab_poll(&l);
	lab_skip_all(&l);
	lab_run_ms(&l, 30);
	ask();
	cr_expect_eq(info.busy_ns / NS_PER_MS, 60);
	cr_expect_eq(info.rwnd_limited_ns / NS_PER_MS, 20);
	cr_expect_geq(info.sndbuf_limited_ns / NS_PER_MS, 29);
	baro_conn_abort(l.conn);
	l.conn = NULL;
	lab_poll(&l);
	lab_skip_all(&l);
}

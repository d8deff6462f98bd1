/* SPDX-License-Identifier: BSD-3-Clause */
/* What the two SYNs agree on: RFC 9293 §3.7.1, RFC 7323 §2 and §3, RFC 2018 §2. */

#include <criterion/criterion.h>

#include "kit/lab.h"
#include "runtime/core.h"

/** A port of its own MTU instead of the lab's. */
static void
open_with_mtu(struct lab *l, const struct baro_config *config, uint16_t mtu)
{
	lab_open(l, config);
	l->core->stack.ip.netif[0].mtu = mtu;
}

/* H01: whatever the peer offers, and whatever is in use */
Test(tcp_options, mss_is_the_mtu_less_forty)
{
	static const uint16_t mtus[] = { 576, 1280, 1500, 9000 };

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned offers = 0; offers < 2; offers++) {
			struct lab l;

			open_with_mtu(&l, NULL, mtus[i]);
			lab_listen(&l);
			lab_recv(
				&l, offers ? SEG(SYN, .seq = 0, .mss = 1460, .sack_ok = true,
						     .wscale_plus_1 = 1, .has_ts = true, .tsval = 1)
					   : SEG(SYN, .seq = 0));
			lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = mtus[i] - 40));
			lab_close(&l);
			open_with_mtu(&l, NULL, mtus[i]);
			l.peer_iss = 0;
			lab_enter(&l, TCP_ST_CLOSED);
			cr_assert_eq(
				baro_connect(l.core,
					&(struct baro_endpoint){ baro_addr_from_v4(LAB_PEER), 9 },
					NULL, &(struct baro_conn_ops){ .opened = NULL }, &l,
					&l.conn),
				0);
			lab_poll(&l);
			lab_sends(&l, SEG(SYN, .seq = 0, .mss = mtus[i] - 40));
			lab_close(&l);
		}
	}
}

struct mss_row {
	const char *name;
	uint16_t offered; /* 0: no option */
	bool has_ts;
	uint32_t segment; /* octets of text in a full one */
};

/* H02 H03: an offer of 0 stands in tcp_options::mss_of_zero_is_raised_to_the_floor */
Test(tcp_options, segments_are_as_long_as_both_ends_take)
{
	static const struct mss_row rows[] = {
		{ "no option", 0, false, 536 },
		{ "no option, timestamps", 0, true, 524 },
		{ "less than ours", 1000, false, 1000 },
		{ "less than ours, timestamps", 1000, true, 988 },
		{ "ours", 1460, false, 1460 },
		{ "ours, timestamps", 1460, true, 1448 },
		{ "more than ours", 8960, false, 1460 },
		{ "more than anything", 65535, false, 1460 },
		{ "the floor", 88, false, 88 },
		{ "the floor, timestamps", 88, true, 76 },
		{ "less than the floor", 64, false, 88 },
		{ "one octet", 1, false, 88 },
		{ "one octet, timestamps", 1, true, 76 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lab l;

		lab_open(&l, NULL);
		l.row = rows[i].name;
		l.uses_ts = rows[i].has_ts;
		lab_listen(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = rows[i].offered));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_write(&l, 2 * rows[i].segment);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = rows[i].segment));
		lab_sends(
			&l, SEG(PSH, .seq = 1 + rows[i].segment, .ack = 1, .len = rows[i].segment));
		lab_dropped_nothing(&l);
		lab_close(&l);
	}
}

/** A SYN with these option octets. */
static void
recv_syn(struct lab *l, const void *options, uint32_t len)
{
	uint8_t p[TCP_HDR_MAX] = { 0 };
	const struct tcp_hdr h = { .src_port = LAB_PEER_PORT,
		.dst_port = LAB_PORT,
		.seq = { l->peer_iss },
		.flags = TCP_SYN,
		.wnd = LAB_WND };
	uint16_t sum;

	tcp_write(p, &h);
	memcpy(p + TCP_HDR_LEN, options, len);
	p[12] = (uint8_t)((TCP_HDR_LEN + len) / 4 << 4);
	sum = cksum_fold(
		cksum_add(cksum_pseudo4(LAB_PEER, LAB_ADDR, IP_PROTO_TCP, TCP_HDR_LEN + len), p,
			TCP_HDR_LEN + len));
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
	lab_recv_ip(l, LAB_PEER, LAB_ADDR, IP_PROTO_TCP, p, TCP_HDR_LEN + len);
}

/* H03 */
Test(tcp_options, mss_of_zero_is_raised_to_the_floor)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	recv_syn(&l, "\x02\x04\x00\x00", 4);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_write(&l, 88);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 88));
	lab_close(&l);
}

struct offer_row {
	const char *name;
	enum lab_options offer;
	enum lab_options off; /* switched off at ours */
	enum lab_options agreed;
};

static const struct offer_row offers[] = {
	{ "nothing", LAB_PLAIN, LAB_PLAIN, LAB_PLAIN },
	{ "timestamps", LAB_WITH_TS, LAB_PLAIN, LAB_WITH_TS },
	{ "SACK", LAB_WITH_SACK, LAB_PLAIN, LAB_WITH_SACK },
	{ "window scale", LAB_WITH_WSCALE, LAB_PLAIN, LAB_WITH_WSCALE },
	{ "SACK and window scale", LAB_WITH_SACK | LAB_WITH_WSCALE, LAB_PLAIN,
		LAB_WITH_SACK | LAB_WITH_WSCALE },
	{ "everything", LAB_WITH_ALL, LAB_PLAIN, LAB_WITH_ALL },
	{ "everything, we want no timestamps", LAB_WITH_ALL, LAB_WITH_TS,
		LAB_WITH_SACK | LAB_WITH_WSCALE },
	{ "everything, we want no SACK", LAB_WITH_ALL, LAB_WITH_SACK,
		LAB_WITH_TS | LAB_WITH_WSCALE },
	{ "everything, we want no window scale", LAB_WITH_ALL, LAB_WITH_WSCALE,
		LAB_WITH_TS | LAB_WITH_SACK },
	{ "everything, we want nothing", LAB_WITH_ALL, LAB_WITH_ALL, LAB_PLAIN },
};

static struct baro_config
without(enum lab_options off)
{
	struct baro_config config = { 0 };

	config.tcp.timestamps = off & LAB_WITH_TS ? BARO_OFF : BARO_AUTO;
	config.tcp.sack = off & LAB_WITH_SACK ? BARO_OFF : BARO_AUTO;
	config.tcp.wscale = off & LAB_WITH_WSCALE ? BARO_OFF : BARO_AUTO;
	return config;
}

/** The segment last expected carries exactly these options of a SYN. */
static void
says(const struct lab *l, enum lab_options options, const char *who)
{
	cr_expect_eq(
		l->last.has_ts, (options & LAB_WITH_TS) != 0, "%s: %s: timestamps", l->row, who);
	cr_expect_eq(l->last.sack_ok, (options & LAB_WITH_SACK) != 0, "%s: %s: SACK", l->row, who);
	cr_expect_eq(l->last.wscale_plus_1 != 0, (options & LAB_WITH_WSCALE) != 0,
		"%s: %s: window scale", l->row, who);
}

/** What is in use on the connection under test, shown by segments. */
static void
uses(struct lab *l, enum lab_options agreed)
{
	bool has_ts = (agreed & LAB_WITH_TS) != 0;
	bool has_sack = (agreed & LAB_WITH_SACK) != 0;

	l->uses_ts = has_ts;
	lab_recv(l, SEG(PSH, .seq = 1, .ack = 1, .len = 10)); /* text, acknowledged */
	lab_sends(l,
		SEG(ACK, .seq = 1, .ack = 11, .has_ts = has_ts, .no_ts = !has_ts, .no_sack = true));
	cr_expect(!l->last.sack_ok && l->last.wscale_plus_1 == 0 && l->last.mss == 0, "%s", l->row);
	lab_recv(l, SEG(PSH, .seq = 21, .ack = 1, .len = 10)); /* a hole */
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 11, .has_ts = has_ts, .no_ts = !has_ts,
			     .n_sack = has_sack, .sack = { { 21, 31 } }, .no_sack = !has_sack));
	cr_expect(!l->last.sack_ok, "%s", l->row);
	lab_recv(l, SEG(PSH, .seq = 11, .ack = 1, .len = 10));
	lab_sends(l,
		SEG(ACK, .seq = 1, .ack = 31, .has_ts = has_ts, .no_ts = !has_ts, .no_sack = true));
	lab_write(l, 10);
	lab_sends(l, SEG(PSH, .seq = 1, .ack = 31, .len = 10, .has_ts = has_ts, .no_ts = !has_ts));
	lab_recv(l, SEG(ACK, .seq = 31, .ack = 11, .wnd = 3));
	cr_expect_eq(lab_tcp(l)->snd_wnd, agreed & LAB_WITH_WSCALE ? 3u << 7 : 3, "%s", l->row);
	baro_conn_close(l->conn);
	l->conn = NULL;
	lab_poll(l);
	lab_sends(l, SEG(FIN, .seq = 11, .ack = 31, .has_ts = has_ts, .no_ts = !has_ts));
	lab_recv(l, SEG(FIN, .seq = 31, .ack = 12));
	lab_sends(l, SEG(ACK, .seq = 12, .ack = 32, .has_ts = has_ts, .no_ts = !has_ts));
	lab_recv(l, SEG(FIN, .seq = 31, .ack = 12)); /* answered out of TIME-WAIT */
	lab_sends(l, SEG(ACK, .seq = 12, .ack = 32, .has_ts = has_ts, .no_ts = !has_ts));
	lab_dropped(l, DROPPED(DROP_TCP_TIME_WAIT, 1));
}

static struct lab_seg
syn_with(struct lab *l, uint8_t flags, enum lab_options offer)
{
	struct lab_seg s = { .flags = flags, .mss = 1460, .ack = (flags & TCP_ACK) != 0 };

	s.sack_ok = (offer & LAB_WITH_SACK) != 0;
	s.wscale_plus_1 = offer & LAB_WITH_WSCALE ? 8 : 0;
	l->uses_ts = (offer & LAB_WITH_TS) != 0;
	return s;
}

/* H04 H06 H07 H08: the SYN is the peer's */
Test(tcp_options, syn_ack_offers_what_the_syn_offered_and_we_want)
{
	for (unsigned i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		struct baro_config config = without(offers[i].off);
		struct lab_seg syn;
		struct lab l;

		lab_open(&l, &config);
		l.row = offers[i].name;
		lab_listen(&l);
		syn = syn_with(&l, TCP_SYN, offers[i].offer);
		lab_recv(&l, &syn);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
		says(&l, offers[i].agreed, "SYN|ACK");
		l.uses_ts = (offers[i].agreed & LAB_WITH_TS) != 0;
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		uses(&l, offers[i].agreed);
		lab_close(&l);
	}
}

/* H04 H06 H07: the SYN is ours */
Test(tcp_options, options_are_in_use_when_both_syns_had_them)
{
	for (unsigned i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		struct baro_config config = without(offers[i].off);
		struct lab_seg syn_ack;
		struct lab l;

		lab_open(&l, &config);
		l.row = offers[i].name;
		lab_connect(&l);
		says(&l, (enum lab_options)(LAB_WITH_ALL & ~offers[i].off), "SYN");
		syn_ack = syn_with(&l, TCP_SYN | TCP_ACK, offers[i].offer & ~offers[i].off);
		lab_recv(&l, &syn_ack);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1));
		says(&l, offers[i].agreed & LAB_WITH_TS, "ACK");
		uses(&l, offers[i].agreed);
		lab_close(&l);
	}
}

/* H06: a peer that answers with options that we did not offer gets none of them */
Test(tcp_options, options_that_we_did_not_offer_are_not_used)
{
	struct baro_config config = without(LAB_WITH_ALL);
	struct lab l;

	lab_open(&l, &config);
	l.row = "offered by the SYN|ACK alone";
	lab_connect(&l);
	lab_recv(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .sack_ok = true,
			     .wscale_plus_1 = 8, .has_ts = true, .tsval = 7, .tsecr = 8));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .no_ts = true));
	uses(&l, LAB_PLAIN);
	lab_close(&l);
}

/* H04 */
Test(tcp_options, window_scale_beyond_14_is_14)
{
	static const uint8_t shifts[] = { 0, 1, 13, 14, 15, 100, 254 };

	for (unsigned i = 0; i < sizeof(shifts); i++) {
		uint8_t used = shifts[i] < 14 ? shifts[i] : 14;
		struct lab l;

		lab_open(&l, NULL);
		lab_listen(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .wscale_plus_1 = shifts[i] + 1));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = 1000));
		cr_expect_eq(lab_tcp(&l)->snd_wnd, 1000u << used, "shift %u: window %u", shifts[i],
			lab_tcp(&l)->snd_wnd);
		lab_close(&l);
	}
}

/* H05: ours, with a buffer that needs scaling, and the peer's */
Test(tcp_options, window_of_a_syn_is_not_scaled)
{
	struct baro_config config = { .tcp.rcv_buf = 4 << 20 };
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .wscale_plus_1 = 8));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .wnd = 65535, .wscale_plus_1 = 8));
	lab_close(&l);
	lab_open(&l, &config);
	lab_connect(&l);
	cr_expect_eq(l.last.wnd, 65535);
	lab_recv(
		&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460, .wscale_plus_1 = 8, .wnd = 1000));
	cr_expect_eq(lab_tcp(&l)->snd_wnd, 1000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .wnd = (4 << 20) >> 7));
	lab_write(&l, 2000);
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 1, .len = 1000));
	lab_sends_nothing(&l);
	lab_close(&l);
}

/* H05: a small buffer needs no scaling, and is told as it is */
Test(tcp_options, small_receive_buffer_is_offered_whole)
{
	struct baro_config config = { .tcp.rcv_buf = 5000 };
	struct lab l;

	lab_open(&l, &config);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .wscale_plus_1 = 8));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .wnd = 5000, .wscale_plus_1 = 1));
	lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 100));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 101));
	cr_expect_leq(l.last.wnd, 5000);
	cr_expect_geq(l.last.wnd, 4900);
	lab_close(&l);
}

/* H06: a RST needs no timestamps, ours has none */
Test(tcp_options, rst_carries_no_timestamps)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_WITH_ALL);
	baro_conn_abort(l.conn);
	lab_poll(&l);
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1, .no_ts = true));
	lab_forget(&l);
	lab_establish(&l, LAB_WITH_ALL);
	lab_recv(&l, SEG(RST, .seq = 1, .no_ts = true));
	cr_expect_eq(l.app.n_closed, 1);
	lab_close(&l);
}

/* H06 RFC 7323 §5.4: the clocks of two flows do not show that they are one host's */
Test(tcp_options, timestamp_clocks_of_flows_have_different_offsets)
{
	struct lab l;
	uint32_t first;

	lab_open(&l, NULL);
	lab_listen(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .has_ts = true, .tsval = 1));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_ts = true, .tsecr = 1));
	first = l.last.tsval;
	lab_forget(&l);
	lab_recv(&l, SEG(SYN, .seq = 0, .has_ts = true, .tsval = 2, .src_port = 5000));
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1, .has_ts = true, .tsecr = 2));
	cr_expect_gt(first - l.last.tsval + 1000, 2000);
	lab_close(&l);
}

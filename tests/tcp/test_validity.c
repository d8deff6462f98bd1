/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments as they may not be, and segments that nobody waits for: RFC 9293 §3.1, §3.2, §3.10.7.1. */

#include <criterion/criterion.h>
#include <string.h>

#include "kit/lab.h"
#include "runtime/core.h"
#include "tcp/table.h"
#include "wire/ipv4.h"

/* Octets that no struct lab_seg can say */

struct octets {
	uint8_t p[200];
	uint32_t len;
};

/** A segment from the peer with these option octets, as they are; a multiple of 4. */
static struct octets
with_options(const struct lab *l, uint8_t flags, uint32_t seq, uint32_t ack, const void *options,
	uint32_t len)
{
	struct octets o = { .len = TCP_HDR_LEN + len };
	const struct tcp_hdr h = { .src_port = LAB_PEER_PORT,
		.dst_port = LAB_PORT,
		.seq = { l->peer_iss + seq },
		.ack = { flags & TCP_ACK ? l->our_iss + ack : 0 },
		.flags = flags,
		.wnd = LAB_WND };

	tcp_write(o.p, &h);
	memcpy(o.p + TCP_HDR_LEN, options, len);
	o.p[12] = (uint8_t)((TCP_HDR_LEN + len) / 4 << 4);
	return o;
}

/** They arrive with the right checksum. */
static void
recv_octets(struct lab *l, uint32_t src, uint32_t dst, struct octets *o)
{
	uint16_t sum;

	put_u16(o->p + TCP_SUM_AT, 0);
	sum = cksum_fold(cksum_add(cksum_pseudo4(src, dst, IP_PROTO_TCP, o->len), o->p, o->len));
	memcpy(o->p + TCP_SUM_AT, &sum, sizeof(sum));
	lab_recv_ip(l, src, dst, IP_PROTO_TCP, o->p, o->len);
}

/* F01 */
Test(tcp_validity, wrong_checksum_is_dropped_in_silence)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10, .bad_sum = true));
	lab_recv(&l, SEG(RST, .seq = 1, .bad_sum = true));
	lab_recv(&l, SEG(FIN, .seq = 1, .ack = 1, .bad_sum = true));
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(DROP_TCP_CHECKSUM, 3));
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_has_read(&l, 0);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_sends(&l, SEG(ACK, .seq = 1, .ack = 11));
	lab_has_read(&l, 10);
	lab_close(&l);
}

/* F01: one octet of a SYN is wrong, wherever it is */
Test(tcp_validity, every_corrupt_octet_of_a_syn_is_noticed)
{
	struct lab l;
	struct octets o;

	lab_open(&l, NULL);
	lab_listen(&l);
	o = with_options(&l, TCP_SYN, 0, 0, "\x02\x04\x05\xb4", 4);
	recv_octets(&l, LAB_PEER, LAB_ADDR, &o);
	lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
	lab_recv(&l, SEG(RST, .seq = 1));
	lab_dropped_nothing(&l);
	for (uint32_t i = 0; i < o.len; i++) {
		if (i == 12)
			continue; /* the data offset has reasons of its own */
		o.p[i] ^= 0x55;
		lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IP_PROTO_TCP, o.p, o.len);
		o.p[i] ^= 0x55;
		lab_dropped(&l, DROPPED(DROP_TCP_CHECKSUM, 1));
	}
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* F02 */
Test(tcp_validity, impossible_data_offset_is_dropped_in_silence)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned offset = 0; offset < 16; offset++) {
		struct octets o = with_options(&l, TCP_SYN, 0, 0, "", 0);

		o.p[12] = (uint8_t)(offset << 4);
		if (offset == 5)
			continue;
		recv_octets(&l, LAB_PEER, LAB_ADDR, &o);
		lab_dropped(&l, DROPPED(DROP_TCP_SHORT, 1));
	}
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* F02 */
Test(tcp_validity, segment_shorter_than_its_header_is_dropped_in_silence)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (uint32_t len = 0; len < TCP_HDR_LEN; len++) {
		struct octets o = with_options(&l, TCP_SYN, 0, 0, "", 0);

		lab_recv_ip(&l, LAB_PEER, LAB_ADDR, IP_PROTO_TCP, o.p, len);
		lab_dropped(&l, DROPPED(DROP_TCP_SHORT, 1));
	}
	lab_sends_nothing(&l);
	lab_close(&l);
}

struct options_row {
	const char *name;
	const char *octets;
	uint32_t len;
};

/** Each row on a SYN: a connection opens; then on text: it is taken. */
static void
accept_options(const struct options_row *rows, unsigned n, uint16_t mss)
{
	for (unsigned i = 0; i < n; i++) {
		struct lab l;
		struct octets o;

		lab_open(&l, NULL);
		l.row = rows[i].name;
		lab_listen(&l);
		o = with_options(&l, TCP_SYN, 0, 0, rows[i].octets, rows[i].len);
		recv_octets(&l, LAB_PEER, LAB_ADDR, &o);
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		cr_expect(!l.last.has_ts && !l.last.sack_ok && l.last.wscale_plus_1 == 0, "%s",
			rows[i].name);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1));
		lab_state_is(&l, TCP_ST_ESTABLISHED);
		cr_expect_eq(
			lab_tcp(&l)->mss, mss, "%s: MSS is %u", rows[i].name, lab_tcp(&l)->mss);
		o = with_options(&l, TCP_ACK, 1, 1, rows[i].octets, rows[i].len);
		o.p[o.len++] = lab_octet(0);
		recv_octets(&l, LAB_PEER, LAB_ADDR, &o);
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 2));
		lab_has_read(&l, 1);
		lab_dropped_nothing(&l);
		lab_close(&l);
	}
}

#define OPTIONS(octets)   octets, sizeof(octets) - 1
#define ACCEPT(rows, mss) accept_options(rows, sizeof(rows) / sizeof((rows)[0]), mss)

/* F03 F04 */
Test(tcp_validity, mss_is_found_wherever_it_stands)
{
	static const struct options_row rows[] = {
		{ "alone", OPTIONS("\x02\x04\x03\xe8") },
		{ "behind NOPs", OPTIONS("\x01\x01\x01\x01\x02\x04\x03\xe8") },
		{ "unaligned", OPTIONS("\x01\x02\x04\x03\xe8\x01\x01\x01") },
		{ "behind an unknown one",
			OPTIONS("\xfd\x06\x01\x02\x03\x04\x02\x04\x03\xe8\x01\x01") },
		{ "behind an unknown one without octets",
			OPTIONS("\xfd\x02\x02\x04\x03\xe8\x01\x01") },
		{ "before an end", OPTIONS("\x02\x04\x03\xe8\x00\x00\x00\x00") },
		{ "before an end and rubbish", OPTIONS("\x02\x04\x03\xe8\x00\x03\xff\x02") },
		{ "before an end and options",
			OPTIONS("\x02\x04\x03\xe8\x00\x02\x04\x00\x00\x04\x02\x01") },
		{ "before one of length 0", OPTIONS("\x02\x04\x03\xe8\x08\x00\x01\x01") },
		{ "before one past the header", OPTIONS("\x02\x04\x03\xe8\x01\x01\x08\x0a") },
		{ "before a kind without length", OPTIONS("\x02\x04\x03\xe8\x01\x01\x01\x08") },
	};

	ACCEPT(rows, 1000);
}

/* F03 F04 */
Test(tcp_validity, broken_options_are_no_options)
{
	static const struct options_row rows[] = {
		{ "end at once", OPTIONS("\x00\x02\x04\x03\xe8\x01\x01\x01") },
		{ "length 0", OPTIONS("\xfd\x00\x02\x04\x03\xe8\x01\x01") },
		{ "length 1", OPTIONS("\xfd\x01\x02\x04\x03\xe8\x01\x01") },
		{ "past the header", OPTIONS("\xfd\x09\x02\x04\x03\xe8\x01\x01") },
		{ "length 255", OPTIONS("\xfd\xff\x02\x04\x03\xe8\x01\x01") },
		{ "MSS of length 3", OPTIONS("\x02\x03\x03\x01") },
		{ "MSS of length 0", OPTIONS("\x02\x00\x03\xe8") },
		{ "window scale of length 2", OPTIONS("\x03\x02\x01\x01") },
		{ "timestamps of length 8", OPTIONS("\x08\x08\x01\x02\x03\x04\x05\x06") },
		{ "SACK permitted of length 3", OPTIONS("\x04\x03\x01\x01") },
		{ "forty NOPs", OPTIONS("\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
					"\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1") },
	};

	ACCEPT(rows, 536);
}

/* F05 */
Test(tcp_validity, syn_to_a_group_is_dropped_in_silence)
{
	static const struct {
		uint32_t addr;
		enum drop drop;
	} group[] = {
		{ IPV4_BROADCAST, DROP_TCP_BROADCAST },
		{ 0xc61200ff, DROP_TCP_BROADCAST }, /* 198.18.0.255 */
		{ 0xe0000001, DROP_TCP_BROADCAST }, /* 224.0.0.1: everybody */
		{ 0xe0000009, DROP_IP_NOT_OURS },   /* 224.0.0.9: not joined */
	};
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned i = 0; i < ARRAY_LEN(group); i++) {
		struct octets o = with_options(&l, TCP_SYN, 0, 0, "", 0);

		recv_octets(&l, LAB_PEER, group[i].addr, &o);
		lab_dropped(&l, DROPPED(group[i].drop, 1));
	}
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

/* F05 */
Test(tcp_validity, syn_from_a_group_is_dropped_in_silence)
{
	static const uint32_t groups[] = { IPV4_BROADCAST, 0xc61200ff, 0xe0000001, 0, LAB_ADDR };
	struct lab l;

	lab_open(&l, NULL);
	lab_listen(&l);
	for (unsigned i = 0; i < 5; i++) {
		struct octets o = with_options(&l, TCP_SYN, 0, 0, "", 0);

		recv_octets(&l, groups[i], LAB_ADDR, &o);
		lab_dropped(&l, DROPPED(DROP_IP_SOURCE, 1));
	}
	lab_sends_nothing(&l);
	lab_holds(&l, 0, 0);
	lab_close(&l);
}

struct stray_row {
	const char *name;
	struct lab_seg comes;
	enum drop drop;
	struct lab_seg reply; /* no flags: silence */
};

static void
stray(const struct stray_row *r, bool is_listening)
{
	struct lab l;

	lab_open(&l, NULL);
	l.row = r->name;
	if (is_listening)
		lab_listen(&l);
	lab_recv(&l, &r->comes);
	if (r->reply.flags != 0)
		lab_sends(&l, &r->reply);
	lab_sends_nothing(&l);
	lab_dropped(&l, DROPPED(r->drop, 1));
	lab_flow_is(&l, TCP_ST_CLOSED);
	lab_holds(&l, 0, 0);
	cr_expect_eq(l.app.n_opened, 0);
	lab_close(&l);
}

#define STRAY(rows, is_listening)                                       \
	for (unsigned i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	stray(&(rows)[i], is_listening)

/* clang-format off */

/* F06 F07 F08 N07: nobody listens, RFC 9293 §3.10.7.1 */
Test(tcp_validity, closed_port)
{
	static const struct stray_row rows[] = {
	{ "SYN", { SEG_SYN, .seq = 0 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .seq = 0, .ack = 1 } },
	{ "SYN with text", { SEG_SYN, .seq = 0, .len = 5 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 6 } },
	{ "SYN with ACK", { SEG_SYN_ACK, .seq = 0, .ack = 77 }, DROP_TCP_NO_CONN, { SEG_RST, .seq = 77 } },
	{ "SYN with FIN", { SEG_SYN_FIN, .seq = 0 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 2 } },
	{ "ACK", { SEG_ACK, .seq = 5, .ack = 77 }, DROP_TCP_NO_CONN, { SEG_RST, .seq = 77 } },
	{ "FIN", { SEG_FIN, .seq = 5, .ack = 77 }, DROP_TCP_NO_CONN, { SEG_RST, .seq = 77 } },
	{ "FIN without ACK", { SEG_BARE_FIN, .seq = 5 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 6 } },
	{ "text", { SEG_PSH, .seq = 5, .ack = 77, .len = 100 }, DROP_TCP_NO_CONN, { SEG_RST, .seq = 77 } },
	{ "text without ACK", { SEG_NONE, .seq = 5, .len = 100 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 105 } },
	{ "no flags", { SEG_NONE, .seq = 5 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 5 } },
	{ "FIN PSH URG", { SEG_XMAS, .seq = 5 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 6 } },
	{ "RST", { SEG_RST, .seq = 5 }, DROP_TCP_RST_NO_CONN, { 0 } },
	{ "RST with ACK", { SEG_RST_ACK, .seq = 5, .ack = 77 }, DROP_TCP_RST_NO_CONN, { 0 } },
	{ "RST with SYN", { SEG_SYN_RST, .seq = 5 }, DROP_TCP_RST_NO_CONN, { 0 } },
	{ "RST with text", { SEG_RST, .seq = 5, .len = 9 }, DROP_TCP_RST_NO_CONN, { 0 } },
	};
	STRAY(rows, false);
}

/* G02 F06 F07 F08 N07: RFC 9293 §3.10.7.2 */
Test(tcp_validity, listener)
{
	static const struct stray_row rows[] = {
	{ "RST", { SEG_RST, .seq = 5 }, DROP_TCP_LISTEN_RST, { 0 } },
	{ "RST with ACK", { SEG_RST_ACK, .seq = 5, .ack = 77 }, DROP_TCP_LISTEN_RST, { 0 } },
	{ "RST with SYN", { SEG_SYN_RST, .seq = 5 }, DROP_TCP_LISTEN_RST, { 0 } },
	{ "ACK", { SEG_ACK, .seq = 5, .ack = 77 }, DROP_TCP_LISTEN_ACK, { SEG_RST, .seq = 77 } },
	{ "SYN with ACK", { SEG_SYN_ACK, .seq = 5, .ack = 77 }, DROP_TCP_LISTEN_ACK, { SEG_RST, .seq = 77 } },
	{ "FIN with ACK", { SEG_FIN, .seq = 5, .ack = 77 }, DROP_TCP_LISTEN_ACK, { SEG_RST, .seq = 77 } },
	{ "text with ACK", { SEG_PSH, .seq = 5, .ack = 77, .len = 3 }, DROP_TCP_LISTEN_ACK, { SEG_RST, .seq = 77 } },
	{ "text without ACK", { SEG_NONE, .seq = 5, .len = 3 }, DROP_TCP_FLAGS, { 0 } },
	{ "FIN", { SEG_BARE_FIN, .seq = 5 }, DROP_TCP_FLAGS, { 0 } },
	{ "SYN with FIN", { SEG_SYN_FIN, .seq = 5 }, DROP_TCP_FLAGS, { 0 } },
	{ "no flags", { SEG_NONE, .seq = 5 }, DROP_TCP_FLAGS, { 0 } },
	{ "FIN PSH URG", { SEG_XMAS, .seq = 5 }, DROP_TCP_FLAGS, { 0 } },
	{ "another port", { SEG_SYN, .seq = 0, .dst_port = 81 }, DROP_TCP_NO_CONN, { SEG_RST_ACK, .ack = 1 } },
	};
	STRAY(rows, true);
}

/* clang-format on */

/* F07 */
Test(tcp_validity, rst_of_another_flow_leaves_a_connection_alone)
{
	struct lab l;

	lab_open(&l, NULL);
	lab_establish(&l, LAB_PLAIN);
	lab_recv(&l, SEG(RST, .seq = 1, .src_port = LAB_PEER_PORT + 1));
	lab_recv(&l, SEG(RST, .seq = 1, .dst_port = LAB_PORT + 1));
	lab_dropped(&l, DROPPED(DROP_TCP_LISTEN_RST, 1), DROPPED(DROP_TCP_RST_NO_CONN, 1));
	lab_sends_nothing(&l);
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	lab_close(&l);
}

/* F09: same local port, another peer port each; text of one never shows up at another */
Test(tcp_validity, flows_that_differ_in_one_port_are_independent)
{
	enum { N = 5 };
	struct lab l;
	uint32_t iss[N];

	lab_open(&l, NULL);
	lab_listen(&l);
	l.app.echoes = true;
	for (unsigned i = 0; i < N; i++) {
		lab_forget(&l);
		lab_recv(&l, SEG(SYN, .seq = 0, .mss = 1460, .src_port = LAB_PEER_PORT + i));
		lab_sends(&l, SEG(SYN_ACK, .seq = 0, .ack = 1));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 1, .src_port = LAB_PEER_PORT + i));
		iss[i] = l.our_iss;
	}
	lab_holds(&l, N, 0);
	for (unsigned i = 0; i < N; i++) {
		const char text[] = { (char)('a' + i), 0 };

		l.our_iss = iss[i];
		lab_recv(&l,
			SEG(PSH, .seq = 1, .ack = 1, .data = text, .src_port = LAB_PEER_PORT + i));
		lab_sends(&l, SEG(PSH, .seq = 1, .ack = 2, .data = text));
		cr_expect_eq(l.last.dst_port, LAB_PEER_PORT + i);
	}
	l.our_iss = iss[2];
	lab_recv(&l, SEG(RST, .seq = 2, .src_port = LAB_PEER_PORT + 2));
	cr_expect_eq(l.app.n_closed, 1);
	lab_holds(&l, N - 1, 0);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

/* F10: the peer's numbers pass 2^32 in the handshake, in the text, in the FIN */
Test(tcp_validity, peer_sequence_passes_the_wrap)
{
	for (uint32_t before = 0; before < 60; before++) {
		struct lab l;

		lab_open(&l, NULL);
		l.peer_iss = 0u - before;
		l.app.closes_on_eof = true;
		lab_establish(&l, LAB_WITH_SACK);
		for (uint32_t seq = 1; seq < 51; seq += 10) {
			lab_recv(&l, SEG(PSH, .seq = seq, .ack = 1, .len = 10));
			lab_sends(&l, SEG(ACK, .seq = 1, .ack = seq + 10));
		}
		lab_has_read(&l, 50);
		lab_recv(&l, SEG(PSH, .seq = 41, .ack = 1, .len = 10)); /* again */
		lab_sends(&l, SEG(ACK, .seq = 1, .ack = 51));
		lab_dropped(&l, DROPPED(DROP_TCP_OLD_DATA, 1));
		lab_recv(&l, SEG(FIN, .seq = 51, .ack = 1));
		lab_sends(&l, SEG(FIN, .seq = 1, .ack = 52));
		lab_recv(&l, SEG(ACK, .seq = 52, .ack = 2));
		lab_dropped_nothing(&l);
		lab_holds(&l, 0, 0);
		lab_close(&l);
	}
}

/** Let time pass until our next initial sequence number on the flow is a little below 2^32. */
static void
wait_for_wrap(struct lab *l, uint32_t before)
{
	const struct tcp_flow flow = { LAB_ADDR, LAB_PEER, LAB_PORT, LAB_PEER_PORT };
	uint32_t iss = tcp_numbers_of(&l->core->stack.tcp, &flow, l->now_ns).iss.n;

	lab_run_ns(l, (uint64_t)(0u - before - iss) * 4 * NS_PER_US);
	lab_skip_all(l);
}

/* F10: ours pass 2^32, with a loss and a retransmission on the way */
Test(tcp_validity, our_sequence_passes_the_wrap)
{
	struct baro_config config = { .neighbour.stale_ns = 24 * 3600 * NS_PER_SEC };

	for (uint32_t before = 1; before < 60; before += 7) {
		struct lab l;

		lab_open(&l, &config);
		wait_for_wrap(&l, before);
		lab_establish(&l, LAB_PLAIN);
		cr_assert_eq(l.our_iss, 0u - before);
		lab_write(&l, 20);
		lab_sends(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 20));
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 21));
		lab_write(&l, 20);
		lab_sends(&l, SEG(PSH, .seq = 21, .ack = 1, .len = 20));
		lab_run_ms(&l, 2000); /* lost */
		lab_sends(&l, SEG(ACK, .seq = 21, .ack = 1, .len = 20));
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 31));
		lab_skip_all(&l);
		lab_recv(&l, SEG(ACK, .seq = 1, .ack = 41));
		baro_conn_close(l.conn);
		lab_poll(&l);
		lab_sends(&l, SEG(FIN, .seq = 41, .ack = 1));
		lab_recv(&l, SEG(FIN, .seq = 1, .ack = 42));
		lab_sends(&l, SEG(ACK, .seq = 42, .ack = 2));
		lab_dropped_nothing(&l);
		lab_holds(&l, 0, 1);
		lab_close(&l);
	}
}

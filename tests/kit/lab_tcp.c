/* SPDX-License-Identifier: BSD-3-Clause */
/* The lab's segments: written for the stack, read from it, compared. */

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab.h"
#include "kit/lab_fail.h"
#include "runtime/core.h"
#include "wire/ipv4.h"

extern const struct baro_conn_ops lab_ops;

char *
lab_describe(const struct lab_seg *s, char buf[256])
{
	static const char letters[] = "FSRPAUEC";
	int n = 0;

	for (int i = 0; i < 8; i++)
		if (s->flags & 1 << i)
			n += snprintf(buf + n, 256 - (size_t)n, "%c", letters[i]);
	n += snprintf(buf + n, 256 - (size_t)n, " seq %u ack %u len %u wnd %u", s->seq, s->ack,
		s->len, s->wnd);
	if (s->mss != 0)
		n += snprintf(buf + n, 256 - (size_t)n, " mss %u", s->mss);
	if (s->wscale_plus_1 != 0)
		n += snprintf(buf + n, 256 - (size_t)n, " wscale %u", s->wscale_plus_1 - 1);
	if (s->sack_ok)
		n += snprintf(buf + n, 256 - (size_t)n, " sack-ok");
	if (s->has_ts)
		n += snprintf(buf + n, 256 - (size_t)n, " ts %u %u", s->tsval, s->tsecr);
	if (s->ecn != 0)
		n += snprintf(buf + n, 256 - (size_t)n, " ecn %u", s->ecn);
	for (int i = 0; i < s->n_sack; i++)
		n += snprintf(
			buf + n, 256 - (size_t)n, " sack %u-%u", s->sack[i].from, s->sack[i].to);
	return buf;
}

/** A frame of the stack, read back. @return false: not a TCP segment */
static bool
read_frame(const struct lab *l, const struct lab_frame *f, struct lab_seg *s)
{
	struct eth_hdr eth;
	struct ipv4_hdr ip;
	struct tcp_hdr h;
	const uint8_t *p;

	memset(s, 0, sizeof(*s));
	if (eth_read(f->octets, f->len, &eth) != DROP_NONE || eth.type != ETH_TYPE_IPV4)
		return false;
	p = f->octets + eth.len;
	cr_assert_eq(ipv4_read(p, f->len - eth.len, f->len - eth.len, false, &ip), DROP_NONE);
	if (ip.proto != IP_PROTO_TCP)
		return false;
	p += ip.hdr_len;
	s->len = ip.total_len - (uint32_t)ip.hdr_len;
	cr_assert_eq(cksum_fold(cksum_add(
			     cksum_pseudo4(ip.src, ip.dst, IP_PROTO_TCP, s->len), p, s->len)),
		0, "the stack sent a wrong TCP checksum");
	s->no_df = (ip.frag & IPV4_DF) == 0;
	s->ecn = ip.tos & IPV4_ECN;
	cr_assert_eq(tcp_read(p, s->len, &h), DROP_NONE);
	s->len -= h.hdr_len;
	s->data = (const char *)p + h.hdr_len;
	s->flags = h.flags;
	s->seq = h.seq.n - l->our_iss;
	s->raw_seq_plus_1 = h.seq.n;
	s->ack = h.flags & TCP_ACK ? h.ack.n - l->peer_iss : 0;
	s->wnd = h.wnd;
	s->src_port = h.src_port;
	s->dst_port = h.dst_port;
	s->mss = h.opts.has & TCP_HAS_MSS ? h.opts.mss : 0;
	s->wscale_plus_1 = h.opts.has & TCP_HAS_WSCALE ? (uint8_t)(h.opts.wscale + 1) : 0;
	s->sack_ok = (h.opts.has & TCP_HAS_SACK_OK) != 0;
	s->has_ts = (h.opts.has & TCP_HAS_TS) != 0;
	s->tsval = s->has_ts ? h.opts.tsval : 0;
	s->tsecr = s->has_ts ? h.opts.tsecr : 0;
	s->n_sack = h.opts.has & TCP_HAS_SACK ? h.opts.n_sack : 0;
	s->has_fastopen = (h.opts.has & TCP_HAS_FASTOPEN) != 0;
	if (s->has_fastopen)
		s->cookie = h.opts.cookie;
	for (int i = 0; i < s->n_sack; i++) {
		s->sack[i].from = h.opts.sack[i].from.n - l->peer_iss;
		s->sack[i].to = h.opts.sack[i].to.n - l->peer_iss;
	}
	return true;
}

void
lab_fail(const struct lab *l, const char *file, unsigned line, const char *format, ...)
{
	char why[512];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	fprintf(stderr, "%s:%u: %s\n", file, line, why);
	if (l->row != NULL)
		fprintf(stderr, "  in row \"%s\"\n", l->row);
	fprintf(stderr, "  at %.6f s; sent and not expected:\n", (double)l->now_ns / 1e9);
	for (unsigned i = l->n_seen; i < l->n_out; i++) {
		struct lab_seg s;
		char buf[256];

		if (read_frame(l, &l->out[i], &s))
			fprintf(stderr, "    %.6f %s\n", (double)l->out[i].at_ns / 1e9,
				lab_describe(&s, buf));
		else
			fprintf(stderr, "    %.6f a frame of %u octets that is not TCP\n",
				(double)l->out[i].at_ns / 1e9, l->out[i].len);
	}
	cr_assert_fail("%s:%u: %s", file, line, why);
	abort();
}

/** Where the text lies in the pattern: the SYN before it is no part of that. */
static uint64_t
first_octet(const struct lab_seg *s)
{
	return (uint64_t)s->seq + ((s->flags & TCP_SYN) != 0) - 1;
}

/** Text of the pattern, or the test's own. */
static void
fill_text(const struct lab_seg *s, uint8_t *p)
{
	for (uint32_t i = 0; i < s->len; i++)
		p[i] = s->data != NULL ? (uint8_t)s->data[i] : lab_octet(first_octet(s) + i);
}

static void
fill_opts(struct lab *l, const struct lab_seg *s, struct tcp_opts *o)
{
	o->has = 0;
	if (s->mss != 0) {
		o->has |= TCP_HAS_MSS;
		o->mss = s->mss;
	}
	if (s->wscale_plus_1 != 0) {
		o->has |= TCP_HAS_WSCALE;
		o->wscale = (uint8_t)(s->wscale_plus_1 - 1);
	}
	if (s->sack_ok)
		o->has |= TCP_HAS_SACK_OK;
	if (s->has_ts || (l->uses_ts && !s->no_ts)) {
		o->has |= TCP_HAS_TS;
		o->tsval = s->has_ts ? s->tsval : l->peer_ts++;
		o->tsecr = s->has_ts ? s->tsecr : l->last_tsval;
	}
	if (s->has_fastopen) {
		o->has |= TCP_HAS_FASTOPEN;
		o->cookie = s->cookie;
	}
	if (s->n_sack != 0) {
		o->has |= TCP_HAS_SACK;
		o->n_sack = s->n_sack;
		for (int i = 0; i < s->n_sack; i++) {
			o->sack[i].from.n = s->sack[i].from + l->our_iss;
			o->sack[i].to.n = s->sack[i].to + l->our_iss;
		}
	}
}

/** The frame of a segment from the peer. @return its length */
static uint32_t
write_frame(struct lab *l, struct lab_seg s, uint8_t *frame)
{
	uint8_t *p = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	struct tcp_hdr h = { .flags = s.flags, .urg = s.urg };
	uint32_t len;
	uint16_t sum;

	if (s.data != NULL)
		s.len = (uint32_t)strlen(s.data);
	h.src_port = s.src_port != 0 ? s.src_port : LAB_PEER_PORT;
	h.dst_port = s.dst_port != 0 ? s.dst_port : l->local_port;
	h.seq.n = s.raw_seq_plus_1 != 0 ? s.raw_seq_plus_1 - 1 : s.seq + l->peer_iss;
	h.ack.n = s.flags & TCP_ACK ? s.ack + l->our_iss : 0;
	h.wnd = s.wnd_is_zero ? 0 : (uint16_t)(s.wnd != 0 ? s.wnd : LAB_WND);
	fill_opts(l, &s, &h.opts);
	len = tcp_write(p, &h);
	fill_text(&s, p + len);
	len += s.len;
	sum = cksum_fold(cksum_add(cksum_pseudo4(LAB_PEER, LAB_ADDR, IP_PROTO_TCP, len), p, len));
	if (s.bad_sum)
		sum ^= 0x5555;
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
	eth_write(frame,
		&(struct eth_hdr){ .dst = LAB_MAC, .src = LAB_PEER_MAC, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = LAB_PEER,
			.dst = LAB_ADDR,
			.total_len = (uint16_t)(IPV4_HDR_LEN + len),
			.tos = s.ecn,
			.ttl = 64,
			.proto = IP_PROTO_TCP },
		true);
	return ETH_HDR_LEN + IPV4_HDR_LEN + len;
}

void
lab_queue(struct lab *l, const struct lab_seg *seg)
{
	uint8_t frame[ETH_HDR_LEN + IPV4_HDR_LEN + TCP_HDR_MAX + 9000];
	uint32_t len = write_frame(l, *seg, frame);

	cr_assert_eq(baro_port_input(l->port, frame, len), 0);
}

void
lab_recv(struct lab *l, const struct lab_seg *seg)
{
	lab_queue(l, seg);
	lab_poll(l);
}

/** What differs between @got and @want; NULL: nothing that was asked for. */
static const char *
difference(const struct lab_seg *got, const struct lab_seg *want)
{
	uint32_t len = want->data != NULL ? (uint32_t)strlen(want->data) : want->len;

	if (got->flags != want->flags)
		return "flags";
	if (got->seq != want->seq)
		return "seq";
	if ((want->flags & TCP_ACK) != 0 && got->ack != want->ack)
		return "ack";
	if (got->len != len)
		return "len";
	if (want->data != NULL && memcmp(got->data, want->data, len) != 0)
		return "text";
	if ((want->wnd != 0 && got->wnd != want->wnd) || (want->wnd_is_zero && got->wnd != 0))
		return "window";
	if (want->mss != 0 && got->mss != want->mss)
		return "MSS";
	if (want->wscale_plus_1 != 0 && got->wscale_plus_1 != want->wscale_plus_1)
		return "window scale";
	if (want->sack_ok && !got->sack_ok)
		return "SACK permitted";
	if ((want->has_ts && !got->has_ts) || (want->no_ts && got->has_ts))
		return "timestamps";
	if (want->tsval != 0 && got->tsval != want->tsval)
		return "TSval";
	if (want->tsecr != 0 && got->tsecr != want->tsecr)
		return "TSecr";
	if (got->ecn != want->ecn)
		return "ECN field";
	if (got->no_df != want->no_df)
		return want->no_df ? "DF, which should be off," : "DF";
	if (want->has_fastopen != got->has_fastopen && (want->has_fastopen || want->no_fastopen))
		return "Fast Open";
	if (want->cookie.len != 0 &&
		(got->cookie.len != want->cookie.len ||
			memcmp(got->cookie.octets, want->cookie.octets, want->cookie.len) != 0))
		return "Fast Open cookie";
	if (want->no_sack && got->n_sack != 0)
		return "SACK blocks";
	if (want->n_sack != 0 &&
		(got->n_sack != want->n_sack ||
			memcmp(got->sack, want->sack, want->n_sack * sizeof(want->sack[0])) != 0))
		return "SACK blocks";
	return NULL;
}

/** Text that the stack sends is the pattern, unless the test gave its own. */
static void
check_pattern(struct lab *l, const struct lab_seg *got, const struct lab_seg *want,
	const char *file, unsigned line)
{
	for (uint32_t i = 0; want->data == NULL && i < got->len; i++)
		if ((uint8_t)got->data[i] != lab_octet(first_octet(got) + i))
			lab_fail(l, file, line, "octet %u of the text sent is wrong", i);
}

void
lab_sends_at(struct lab *l, const struct lab_seg *want, const char *file, unsigned line)
{
	struct lab_seg got;
	const char *what;
	char expected[256];
	struct lab_seg shown = *want;

	if (shown.data != NULL)
		shown.len = (uint32_t)strlen(shown.data);
	lab_describe(&shown, expected);
	if (lab_pending(l) == 0)
		lab_fail(l, file, line, "expected %s, nothing was sent", expected);
	if (!read_frame(l, &l->out[l->n_seen], &got))
		lab_fail(l, file, line, "expected %s, not a segment was sent", expected);
	if (!l->knows_our_iss && (got.flags & TCP_SYN) != 0) {
		l->our_iss = got.raw_seq_plus_1;
		l->knows_our_iss = true;
		got.seq = 0;
	}
	what = difference(&got, want);
	if (what != NULL)
		lab_fail(l, file, line, "expected %s: %s differs", expected, what);
	if (got.has_ts)
		l->last_tsval = got.tsval;
	l->local_port = got.src_port;
	check_pattern(l, &got, want, file, line);
	l->last_at_ns = l->out[l->n_seen].at_ns;
	l->last = got;
	l->last.data = NULL;
	l->n_seen++;
}

bool
lab_next(struct lab *l, struct lab_seg *got)
{
	const struct lab_seg any = { .flags = 0 };

	if (lab_pending(l) == 0)
		return false;
	cr_assert(read_frame(l, &l->out[l->n_seen], got), "a frame that is no segment was sent");
	cr_assert(!got->no_df, "a segment without DF");
	check_pattern(l, got, &any, __FILE__, __LINE__);
	if (got->has_ts)
		l->last_tsval = got->tsval;
	l->last_at_ns = l->out[l->n_seen++].at_ns;
	return true;
}

struct tcp_conn *
lab_tcp(const struct lab *l)
{
	return l->conn != NULL ? tcp_of(l->conn) : NULL;
}

void
lab_state_is_at(struct lab *l, enum tcp_state state, const char *file, unsigned line)
{
	const struct tcp_conn *c = l->conn != NULL ? tcp_awake(l->conn) : NULL;
	enum tcp_state is = c != NULL ? c->state : TCP_ST_ESTABLISHED; /* at rest */

	if (l->conn == NULL)
		lab_fail(l, file, line, "expected %s, there is no connection",
			tcp_state_name(state));
	if (is != state)
		lab_fail(l, file, line, "expected %s, is %s", tcp_state_name(state),
			tcp_state_name(is));
}

/* Connections */

void
lab_listen(struct lab *l)
{
	const struct baro_endpoint local = { .port = LAB_PORT };

	cr_assert_eq(baro_listen(l->core, &local, NULL, &lab_ops, l, &l->listener), 0);
}

/** The options of the peer's SYN. */
static struct lab_seg
peer_syn(struct lab *l, uint8_t flags, enum lab_options options)
{
	struct lab_seg s = { .flags = flags, .mss = 1460 };

	s.ack = (flags & TCP_ACK) != 0;
	s.sack_ok = (options & LAB_WITH_SACK) != 0;
	s.wscale_plus_1 = options & LAB_WITH_WSCALE ? 8 : 0;
	l->peer_wscale = options & LAB_WITH_WSCALE ? 7 : 0;
	l->uses_ts = (options & LAB_WITH_TS) != 0;
	return s;
}

void
lab_establish(struct lab *l, enum lab_options options)
{
	struct lab_seg syn = peer_syn(l, TCP_SYN, options);

	if (l->listener == NULL)
		lab_listen(l);
	lab_recv(l, &syn);
	lab_sends(l, SEG(SYN_ACK, .seq = 0, .ack = 1, .mss = 1460));
	lab_sends_nothing(l);
	lab_recv(l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(l);
	lab_state_is(l, TCP_ST_ESTABLISHED);
}

void
lab_connect(struct lab *l)
{
	const struct baro_endpoint remote = { baro_addr_from_v4(LAB_PEER), LAB_PEER_PORT };

	cr_assert_eq(baro_connect(l->core, &remote, NULL, &lab_ops, l, &l->conn), 0);
	lab_poll(l);
	lab_sends(l, SEG(SYN, .seq = 0, .mss = 1460));
	lab_sends_nothing(l);
}

void
lab_establish_active(struct lab *l, enum lab_options options)
{
	struct lab_seg syn_ack = peer_syn(l, TCP_SYN | TCP_ACK, options);

	lab_connect(l);
	lab_recv(l, &syn_ack);
	lab_sends(l, SEG(ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(l);
	lab_state_is(l, TCP_ST_ESTABLISHED);
}

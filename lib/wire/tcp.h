/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_TCP_H
#define BARO_WIRE_TCP_H

/*
 * TCP header, RFC 9293 §3.1, and its options (§3.2, RFC 7323, RFC 2018, RFC 7413). A
 * received header becomes a struct tcp_hdr; nothing after that sees octets.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/seq.h"
#include "wire/bytes.h"

enum {
	TCP_HDR_LEN = 20,
	TCP_HDR_MAX = 60,
	TCP_FLAGS_AT = 13, /* distances of the fields */
	TCP_SUM_AT = 16,
	TCP_OPT_MAX = 40,
	TCP_TS_LEN = 12,       /* timestamps with their padding */
	TCP_SACK_MAX = 4,      /* blocks; 3 beside timestamps */
	TCP_MSS_DEFAULT = 536, /* RFC 9293 §3.7.1 */
	TCP_WSCALE_MAX = 14,   /* RFC 7323 §2.3 */
	TCP_COOKIE_MIN = 4,    /* octets, RFC 7413 §4.1.1 */
	TCP_COOKIE_MAX = 16,
};

enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

struct tcp_sack {
	struct seq from;
	struct seq to; /* the octet after the last */
};

/** Which options a header carries or shall carry. */
enum {
	TCP_HAS_MSS = 0x01,
	TCP_HAS_WSCALE = 0x02,
	TCP_HAS_TS = 0x04,
	TCP_HAS_SACK_OK = 0x08,
	TCP_HAS_SACK = 0x10,
	TCP_HAS_FASTOPEN = 0x20, /* means something beside SYN only */
};

/** A Fast Open cookie, RFC 7413 §4.1.1. */
struct tcp_cookie {
	uint8_t len; /* octets: TCP_COOKIE_MIN..TCP_COOKIE_MAX, even; 0 asks for one */
	uint8_t octets[TCP_COOKIE_MAX];
};

/** Options; a field means something only if its bit is in @has. */
struct tcp_opts {
	uint8_t has;    /* TCP_HAS_* */
	uint8_t wscale; /* shift, as sent: the reader bounds it */
	uint8_t n_sack; /* 1..TCP_SACK_MAX */
	uint16_t mss;   /* octets */
	uint32_t tsval;
	uint32_t tsecr;
	struct tcp_sack sack[TCP_SACK_MAX];
	struct tcp_cookie cookie;
};

/** Header in host order. */
struct tcp_hdr {
	uint16_t src_port;
	uint16_t dst_port;
	struct seq seq;
	struct seq ack;
	uint16_t wnd; /* as on the wire, not scaled */
	uint16_t urg;
	uint8_t flags;   /* TCP_FIN .. TCP_CWR */
	uint8_t hdr_len; /* octets, 20..60 */
	struct tcp_opts opts;
};

/**
 * Read @len octets of options. RFC 9293 §3.2: unknown ones are skipped; we skip known ones of a
 * wrong length too, and an impossible length ends the list. opts->has is set; only the fields
 * that it names are written.
 */
void
tcp_opts_read(const uint8_t *p, uint32_t len, struct tcp_opts *opts);

/**
 * Octets that tcp_opts_write() will write, a multiple of 4, at most TCP_OPT_MAX. SACK blocks that
 * do not fit are left out.
 */
uint32_t
tcp_opts_len(const struct tcp_opts *opts);

/** Write the options, padded with NOP to a multiple of 4. @return octets written */
uint32_t
tcp_opts_write(uint8_t *p, const struct tcp_opts *opts);

/** The layout that nearly all segments have: NOP NOP TS, nothing else (RFC 7323 appendix A). */
static inline bool
tcp_opts_read_ts_only(const uint8_t *p, uint32_t len, struct tcp_opts *opts)
{
	if (len != TCP_TS_LEN || get_u32(p) != 0x0101080a)
		return false;
	opts->has = TCP_HAS_TS;
	opts->tsval = get_u32(p + 4);
	opts->tsecr = get_u32(p + 8);
	return true;
}

/** The ports of a segment whose first 4 octets are readable: what a flow is found by. */
static inline uint16_t
tcp_peek_src_port(const uint8_t *p)
{
	return get_u16(p);
}

static inline uint16_t
tcp_peek_dst_port(const uint8_t *p)
{
	return get_u16(p + 2);
}

/** Check and read a segment of which @len octets are readable at @p. DROP_TCP_SHORT. */
static inline enum drop
tcp_read(const uint8_t *p, uint32_t len, struct tcp_hdr *h)
{
	uint32_t opt_len;

	if (unlikely(len < TCP_HDR_LEN))
		return DROP_TCP_SHORT;
	h->hdr_len = (uint8_t)((p[12] >> 4) * 4);
	if (unlikely(h->hdr_len < TCP_HDR_LEN || h->hdr_len > len))
		return DROP_TCP_SHORT;
	h->src_port = get_u16(p);
	h->dst_port = get_u16(p + 2);
	h->seq.n = get_u32(p + 4);
	h->ack.n = get_u32(p + 8);
	h->flags = p[13];
	h->wnd = get_u16(p + 14);
	h->urg = get_u16(p + 18);
	h->opts.has = 0;
	opt_len = h->hdr_len - (uint32_t)TCP_HDR_LEN;
	if (opt_len != 0 && !tcp_opts_read_ts_only(p + TCP_HDR_LEN, opt_len, &h->opts))
		tcp_opts_read(p + TCP_HDR_LEN, opt_len, &h->opts);
	return DROP_NONE;
}

/** Write header and options with a checksum field of 0; h->hdr_len is ignored. @return octets */
static inline uint32_t
tcp_write(uint8_t *p, const struct tcp_hdr *h)
{
	uint32_t hdr_len = TCP_HDR_LEN;

	if (h->opts.has != 0)
		hdr_len += tcp_opts_write(p + TCP_HDR_LEN, &h->opts);
	put_u64(p, (uint64_t)h->src_port << 48 | (uint64_t)h->dst_port << 32 | h->seq.n);
	put_u64(p + 8,
		(uint64_t)h->ack.n << 32 | hdr_len / 4 << 28 | (uint32_t)h->flags << 16 | h->wnd);
	put_u32(p + TCP_SUM_AT, h->urg);
	return hdr_len;
}

#endif

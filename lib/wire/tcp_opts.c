/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * TCP options, RFC 9293 §3.2, RFC 7323 §2.2 and §3.2, RFC 2018 §2 and §3, RFC 7413 §4.1.1. Each
 * is written so that it begins on a 32-bit border, padded in front by NOP:
 *
 *	MSS | NOP WSCALE | NOP NOP TS, or SACK-permitted TS | NOP NOP FASTOPEN | NOP NOP SACK
 */

#include "wire/tcp.h"

#include <string.h>

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
	OPT_WSCALE = 3,
	OPT_SACK_OK = 4,
	OPT_SACK = 5,
	OPT_TS = 8,
	OPT_FASTOPEN = 34,
};

/* What an option takes on the wire, kind and length octet included. */
enum {
	MSS_LEN = 4,
	WSCALE_LEN = 3,
	SACK_OK_LEN = 2,
	TS_LEN = 10,
	SACK_HEAD_LEN = 2,
	SACK_BLOCK_LEN = 8,
	FASTOPEN_HEAD_LEN = 2,
};

static void
read_sack(const uint8_t *p, uint32_t len, struct tcp_opts *opts)
{
	uint32_t n = (len - SACK_HEAD_LEN) / SACK_BLOCK_LEN;

	if ((len - SACK_HEAD_LEN) % SACK_BLOCK_LEN != 0 || n == 0 || n > TCP_SACK_MAX)
		return;
	opts->has |= TCP_HAS_SACK;
	opts->n_sack = (uint8_t)n;
	p += SACK_HEAD_LEN;
	for (uint32_t i = 0; i < n; i++, p += SACK_BLOCK_LEN)
		opts->sack[i] = (struct tcp_sack){ { get_u32(p) }, { get_u32(p + 4) } };
}

static void
read_cookie(const uint8_t *p, uint32_t len, struct tcp_opts *opts)
{
	uint32_t n = len - FASTOPEN_HEAD_LEN;

	if (n != 0 && (n < TCP_COOKIE_MIN || n > TCP_COOKIE_MAX || n % 2 != 0))
		return;
	opts->has |= TCP_HAS_FASTOPEN;
	opts->cookie.len = (uint8_t)n;
	memcpy(opts->cookie.octets, p + FASTOPEN_HEAD_LEN, n);
}

/* One option whose @len octets, at least 2, are readable. */
static void
read_option(const uint8_t *p, uint32_t len, struct tcp_opts *opts)
{
	switch (p[0]) {
	case OPT_MSS:
		if (len != MSS_LEN)
			break;
		opts->has |= TCP_HAS_MSS;
		opts->mss = get_u16(p + 2);
		break;
	case OPT_WSCALE:
		if (len != WSCALE_LEN)
			break;
		opts->has |= TCP_HAS_WSCALE;
		opts->wscale = p[2];
		break;
	case OPT_SACK_OK:
		if (len == SACK_OK_LEN)
			opts->has |= TCP_HAS_SACK_OK;
		break;
	case OPT_SACK:
		read_sack(p, len, opts);
		break;
	case OPT_TS:
		if (len != TS_LEN)
			break;
		opts->has |= TCP_HAS_TS;
		opts->tsval = get_u32(p + 2);
		opts->tsecr = get_u32(p + 6);
		break;
	case OPT_FASTOPEN:
		read_cookie(p, len, opts);
		break;
	default:
		break;
	}
}

void
tcp_opts_read(const uint8_t *p, uint32_t len, struct tcp_opts *opts)
{
	uint32_t at = 0;

	opts->has = 0;
	while (at < len && p[at] != OPT_END) {
		if (p[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (len - at < 2 || p[at + 1] < 2 || p[at + 1] > len - at)
			return;
		read_option(p + at, p[at + 1], opts);
		at += p[at + 1];
	}
}

/* NOPs in front of a Fast Open option. */
static uint32_t
fastopen_padding(const struct tcp_opts *opts)
{
	return -(uint32_t)(FASTOPEN_HEAD_LEN + opts->cookie.len) % 4;
}

/* Octets of all options but SACK. */
static uint32_t
fixed_len(const struct tcp_opts *opts)
{
	uint8_t has = opts->has;
	uint32_t len = 0;

	if (has & TCP_HAS_MSS)
		len += MSS_LEN;
	if (has & TCP_HAS_WSCALE)
		len += 1 + WSCALE_LEN;
	if (has & TCP_HAS_TS)
		len += TCP_TS_LEN; /* its padding has room for SACK-permitted */
	else if (has & TCP_HAS_SACK_OK)
		len += 2 + SACK_OK_LEN;
	if (has & TCP_HAS_FASTOPEN)
		len += fastopen_padding(opts) + FASTOPEN_HEAD_LEN + opts->cookie.len;
	return len;
}

/* SACK blocks that fit behind @before octets of other options. */
static uint32_t
sack_blocks(const struct tcp_opts *opts, uint32_t before)
{
	uint32_t head = before + 2 + SACK_HEAD_LEN;

	if (!(opts->has & TCP_HAS_SACK) || head > TCP_OPT_MAX)
		return 0;
	return min_u32(opts->n_sack, min_u32((TCP_OPT_MAX - head) / SACK_BLOCK_LEN, TCP_SACK_MAX));
}

static uint8_t *
write_head(uint8_t *p, uint8_t kind, uint32_t len)
{
	*p++ = kind;
	*p++ = (uint8_t)len;
	return p;
}

static uint8_t *
write_nop(uint8_t *p, uint32_t n)
{
	while (n-- > 0)
		*p++ = OPT_NOP;
	return p;
}

static uint8_t *
write_u32(uint8_t *p, uint32_t v)
{
	put_u32(p, v);
	return p + 4;
}

static uint8_t *
write_fixed(uint8_t *p, const struct tcp_opts *opts)
{
	if (opts->has & TCP_HAS_MSS) {
		p = write_head(p, OPT_MSS, MSS_LEN);
		put_u16(p, opts->mss);
		p += 2;
	}
	if (opts->has & TCP_HAS_WSCALE) {
		p = write_head(write_nop(p, 1), OPT_WSCALE, WSCALE_LEN);
		*p++ = opts->wscale;
	}
	if ((opts->has & (TCP_HAS_SACK_OK | TCP_HAS_TS)) == TCP_HAS_SACK_OK)
		p = write_nop(p, 2);
	if (opts->has & TCP_HAS_SACK_OK)
		p = write_head(p, OPT_SACK_OK, SACK_OK_LEN);
	if (opts->has & TCP_HAS_TS) {
		if (!(opts->has & TCP_HAS_SACK_OK))
			p = write_nop(p, 2);
		p = write_head(p, OPT_TS, TS_LEN);
		p = write_u32(write_u32(p, opts->tsval), opts->tsecr);
	}
	if (opts->has & TCP_HAS_FASTOPEN) {
		p = write_nop(p, fastopen_padding(opts));
		p = write_head(p, OPT_FASTOPEN, FASTOPEN_HEAD_LEN + opts->cookie.len);
		memcpy(p, opts->cookie.octets, opts->cookie.len);
		p += opts->cookie.len;
	}
	return p;
}

uint32_t
tcp_opts_len(const struct tcp_opts *opts)
{
	uint32_t len = fixed_len(opts);
	uint32_t n = sack_blocks(opts, len);

	return n == 0 ? len : len + 2 + SACK_HEAD_LEN + n * SACK_BLOCK_LEN;
}

/* What most segments have, as RFC 7323 appendix A lays it out. */
static uint32_t
write_ts_alone(uint8_t *p, const struct tcp_opts *opts)
{
	put_u32(p, OPT_NOP << 24 | OPT_NOP << 16 | OPT_TS << 8 | TS_LEN);
	put_u64(p + 4, (uint64_t)opts->tsval << 32 | opts->tsecr);
	return TCP_TS_LEN;
}

uint32_t
tcp_opts_write(uint8_t *p, const struct tcp_opts *opts)
{
	uint8_t *end;
	uint32_t n;

	if (likely(opts->has == TCP_HAS_TS))
		return write_ts_alone(p, opts);
	end = write_fixed(p, opts);
	n = sack_blocks(opts, (uint32_t)(end - p));
	if (n != 0)
		end = write_head(write_nop(end, 2), OPT_SACK, SACK_HEAD_LEN + n * SACK_BLOCK_LEN);
	for (uint32_t i = 0; i < n; i++)
		end = write_u32(write_u32(end, opts->sack[i].from.n), opts->sack[i].to.n);
	return (uint32_t)(end - p);
}

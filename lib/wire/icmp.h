/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_ICMP_H
#define BARO_WIRE_ICMP_H

/* ICMP, RFC 792: the eight octets that all messages begin with. */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "wire/bytes.h"

enum {
	ICMP_HDR_LEN = 8,
	ICMP_QUOTE_LEN = 8,      /* octets that an error quotes at least, behind an IP header */
	ICMP_TIMESTAMP_LEN = 20, /* header and three times */
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMP_REPLY = 14,
	/* codes of ICMP_UNREACHABLE */
	ICMP_UNREACH_NET = 0,
	ICMP_UNREACH_HOST = 1,
	ICMP_UNREACH_PROTO = 2,
	ICMP_UNREACH_PORT = 3,
	ICMP_UNREACH_FRAG = 4,
	ICMP_UNREACH_NET_UNKNOWN = 6,
	ICMP_UNREACH_HOST_UNKNOWN = 7,
	ICMP_UNREACH_NET_PROHIBITED = 9,
	ICMP_UNREACH_HOST_PROHIBITED = 10,
	ICMP_UNREACH_NET_TOS = 11,
	ICMP_UNREACH_FILTERED = 13,
	/* of ICMP_TIME_EXCEEDED */
	ICMP_EXCEEDED_TTL = 0,
	ICMP_EXCEEDED_REASS = 1,
};

/** A timestamp that is no milliseconds since midnight UT bears this bit (RFC 792). */
#define ICMP_TIMESTAMP_OWN UINT32_C(0x80000000)

struct icmp_hdr {
	uint8_t type;
	uint8_t code;
	uint32_t rest; /* identifier and sequence, or next-hop MTU, by type */
};

/** Read the header; DROP_ICMP_SHORT. The checksum covers the whole message and is the caller's. */
enum drop
icmp_read(const uint8_t *p, uint32_t len, struct icmp_hdr *h);

/** Write 8 octets at @p with a checksum field of 0. */
void
icmp_write(uint8_t *p, const struct icmp_hdr *h);

/** Store a folded checksum in a written message. */
void
icmp_write_sum(uint8_t *p, uint16_t sum);

/** Unreachable, source quench, redirect, time exceeded and parameter problem are errors. */
bool
icmp_is_error(uint8_t type);

/** What an error quotes of TCP or UDP: the first 8 octets of either. */
struct icmp_quote {
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t seq; /* TCP only */
};

/** Read ICMP_QUOTE_LEN octets at @p. */
static inline struct icmp_quote
icmp_read_quote(const uint8_t *p)
{
	return (struct icmp_quote){
		.src_port = get_u16(p),
		.dst_port = get_u16(p + 2),
		.seq = get_u32(p + 4),
	};
}

#endif

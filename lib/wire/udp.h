/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_UDP_H
#define BARO_WIRE_UDP_H

/* UDP header, RFC 768. */

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "wire/bytes.h"

enum {
	UDP_HDR_LEN = 8,
	UDP_SUM_AT = 6, /* distance of the checksum field */
};

struct udp_hdr {
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t len; /* octets, header included; <= the IP payload */
	bool has_sum; /* false: the sender computed no checksum */
};

/** Check and read; @len octets are readable at @p, @payload_len exist. DROP_UDP_SHORT. */
static inline enum drop
udp_read(const uint8_t *p, uint32_t len, uint32_t payload_len, struct udp_hdr *h)
{
	if (unlikely(len < UDP_HDR_LEN))
		return DROP_UDP_SHORT;
	h->src_port = get_u16(p);
	h->dst_port = get_u16(p + 2);
	h->len = get_u16(p + 4);
	h->has_sum = get_u16(p + UDP_SUM_AT) != 0;
	if (unlikely(h->len < UDP_HDR_LEN || h->len > payload_len))
		return DROP_UDP_SHORT;
	return DROP_NONE;
}

/** Write 8 octets at @p with a checksum field of 0. */
static inline void
udp_write(uint8_t *p, const struct udp_hdr *h)
{
	put_u64(p,
		(uint64_t)h->src_port << 48 | (uint64_t)h->dst_port << 32 | (uint32_t)h->len << 16);
}

#endif

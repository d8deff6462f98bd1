/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_IPV4_H
#define BARO_WIRE_IPV4_H

/* IPv4 header, RFC 791 §3.1. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/env.h"
#include "wire/bytes.h"
#include "wire/cksum.h"

enum {
	IPV4_HDR_LEN = 20,
	IPV4_LEN_AT = 2, /* distances of the fields */
	IPV4_SUM_AT = 10,
	IPV4_SRC_AT = 12,
	IPV4_DST_AT = 16,
	IPV4_HDR_MAX = 60,
	IPV4_ALERT_HDR_LEN = 24, /* with the Router Alert option */
	IPV4_DF = 0x4000,
	IPV4_MF = 0x2000,
	IPV4_FRAG_OFF = 0x1fff, /* in units of 8 octets */
	/* the low two bits of tos: RFC 3168 §5 */
	IPV4_ECN = 0x03,
	IPV4_NOT_ECT = 0x00,
	IPV4_ECT1 = 0x01,
	IPV4_ECT0 = 0x02,
	IPV4_CE = 0x03,
	IP_PROTO_ICMP = 1,
	IP_PROTO_IGMP = 2,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
};

/** Header in host order; options are checked and skipped. */
struct ipv4_hdr {
	uint32_t src;
	uint32_t dst;
	uint16_t total_len; /* octets, header included */
	uint16_t id;
	uint16_t frag;   /* IPV4_DF, IPV4_MF and the offset */
	uint8_t hdr_len; /* octets, 20..60 */
	uint8_t tos;
	uint8_t ttl;
	uint8_t proto;
};

/**
 * Which octet of the header @p contradicts itself: the length of an option. 0: none does (a source route
 * is well-formed; who sends one is told nothing, RFC 7126 §4.3).
 */
uint8_t
ipv4_bad_option(const uint8_t *p, uint8_t hdr_len);

/** Walk the options. DROP_IP_OPTION: impossible length, or source route (RFC 7126 §4.3, §4.4). */
enum drop
ipv4_check_options(const uint8_t *opt, uint32_t len);

/** Write a header of IPV4_ALERT_HDR_LEN octets with the option of RFC 2113, and its checksum. */
void
ipv4_write_alert(uint8_t *p, const struct ipv4_hdr *h);

static inline bool
ipv4_is_sum_right(const uint8_t *p, uint32_t hdr_len)
{
	uint32_t sum =
		likely(hdr_len == IPV4_HDR_LEN) ? cksum_ipv4_hdr(p) : cksum_add(0, p, hdr_len);

	return cksum_fold(sum) == 0;
}

/**
 * Check and read the header of a packet of which @len octets are readable at @p
 * and @packet_len exist (they differ when the packet is scattered).
 *
 * @is_sum_good  the port has checked the header checksum already
 */
static inline enum drop
ipv4_read(const uint8_t *p, uint32_t len, uint32_t packet_len, bool is_sum_good, struct ipv4_hdr *h)
{
	if (unlikely(len < IPV4_HDR_LEN))
		return DROP_IP_SHORT;
	if (unlikely(p[0] >> 4 != 4))
		return DROP_IP_VERSION;
	h->hdr_len = (uint8_t)((p[0] & 0x0f) * 4);
	h->total_len = get_u16(p + 2);
	if (unlikely(h->hdr_len < IPV4_HDR_LEN || h->total_len < h->hdr_len))
		return DROP_IP_HEADER_LEN;
	if (unlikely(h->total_len > packet_len || h->hdr_len > len))
		return DROP_IP_SHORT;
	if (!is_sum_good && unlikely(!ipv4_is_sum_right(p, h->hdr_len)))
		return DROP_IP_CHECKSUM;
	h->tos = p[1];
	h->id = get_u16(p + 4);
	h->frag = get_u16(p + 6);
	h->ttl = p[8];
	h->proto = p[9];
	h->src = get_u32(p + 12);
	h->dst = get_u32(p + 16);
	if (unlikely(h->hdr_len > IPV4_HDR_LEN))
		return ipv4_check_options(p + IPV4_HDR_LEN, h->hdr_len - (uint32_t)IPV4_HDR_LEN);
	return DROP_NONE;
}

/** Write 20 octets at @p, checksum included if @with_sum, else 0 for the port to fill in. */
static inline void
ipv4_write(uint8_t *p, const struct ipv4_hdr *h, bool with_sum)
{
	uint16_t sum;

	put_u32(p, UINT32_C(0x45) << 24 | (uint32_t)h->tos << 16 | h->total_len);
	put_u32(p + 4, (uint32_t)h->id << 16 | h->frag);
	put_u32(p + 8, (uint32_t)h->ttl << 24 | (uint32_t)h->proto << 16);
	put_u32(p + 12, h->src);
	put_u32(p + 16, h->dst);
	if (with_sum) {
		sum = cksum_fold(cksum_ipv4_hdr(p));
		memcpy(p + IPV4_SUM_AT, &sum, sizeof(sum));
	}
}

static inline bool
ipv4_is_multicast(uint32_t addr)
{
	return addr >> 28 == 0xe;
}

static inline bool
ipv4_is_loopback(uint32_t addr)
{
	return addr >> 24 == 127;
}

#define IPV4_BROADCAST UINT32_MAX
#define IPV4_LOOPBACK  UINT32_C(0x7f000001)

/** Can be one host's own address: not 0/8, 127/8, a group, class E or the limited broadcast. */
static inline bool
ipv4_is_unicast(uint32_t addr)
{
	return addr >> 24 != 0 && addr >> 24 < 224 && !ipv4_is_loopback(addr);
}

/** The broadcast address of the network that @host lives in; RFC 3021: a /31 or /32 has none. */
static inline bool
ipv4_is_directed_broadcast(uint32_t addr, uint32_t host, uint32_t netmask)
{
	return netmask < UINT32_MAX - 1 && addr == (host | ~netmask);
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_IP_PACKET_H
#define BARO_IP_PACKET_H

/* What is known of a packet beside its octets: of one that came in, of one that is to leave. */

#include <stdbool.h>
#include <stdint.h>

struct netif;

/** What IP in found; host order. The mbuf's data is the payload then, padding cut off. */
struct ip_in {
	struct netif *netif;
	uint32_t src;
	uint32_t dst;
	uint16_t len;    /* octets of payload */
	uint8_t hdr_len; /* octets of the IP header, readable right in front of the data */
	uint8_t proto;
	uint8_t tos;
	uint8_t ttl;
	bool is_group;       /* destination is a broadcast or group address */
	bool is_l4_sum_good; /* the port has checked the transport's checksum */

	uint8_t bad_octet; /* of a packet with an impossible option: where in the header; 0: else */

	/* of a fragment only */
	uint16_t id;
	uint16_t frag; /* as in struct ipv4_hdr */
};

/** Octets of payload that ip_input() makes contiguous: any transport header. */
enum { IP_PULL = 60 };

/** Header fields of a packet on its way out. */
struct ip_out {
	uint32_t src;
	uint32_t dst;
	uint8_t proto;
	uint8_t tos;
	uint8_t ttl;       /* 0: IP_TTL_DEFAULT */
	bool may_fragment; /* false: DF is set */
};

#endif

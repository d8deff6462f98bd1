/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MICRO_CLIENT_H
#define BENCH_MICRO_CLIENT_H

/* The client's side of benches that drive a core over the two-function port. */

#include <baro/baro.h>
#include <string.h>

#include "wire/arp.h"
#include "wire/cksum.h"
#include "wire/eth.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

enum {
	CLIENT_HDR_LEN = ETH_HDR_LEN + IPV4_HDR_LEN + TCP_HDR_LEN, /* without options */
};

#define SERVER 0xc6120002u
#define CLIENT 0xc6120001u

static const struct mac client_mac = { { 2, 0, 0, 0, 0, 1 } };

/**
 * The headers of a segment with @len octets of text, which are 0 in @frame already, to @server.
 *
 * @return octets of the frame
 */
static inline uint32_t
client_segment(uint8_t *frame, struct mac server, const struct tcp_hdr *h, uint32_t len)
{
	uint8_t *p = frame + ETH_HDR_LEN + IPV4_HDR_LEN;
	uint32_t tcp_len = tcp_write(p, h) + len;
	uint16_t sum;

	eth_write(frame,
		&(struct eth_hdr){ .dst = server, .src = client_mac, .type = ETH_TYPE_IPV4 });
	ipv4_write(frame + ETH_HDR_LEN,
		&(struct ipv4_hdr){ .src = CLIENT,
			.dst = SERVER,
			.total_len = (uint16_t)(IPV4_HDR_LEN + tcp_len),
			.ttl = 64,
			.proto = IP_PROTO_TCP },
		true);
	sum = cksum_fold(
		cksum_add(cksum_pseudo4(CLIENT, SERVER, IP_PROTO_TCP, tcp_len), p, tcp_len));
	memcpy(p + TCP_SUM_AT, &sum, sizeof(sum));
	return ETH_HDR_LEN + IPV4_HDR_LEN + tcp_len;
}

/** Asks for the server's MAC, so that it knows ours. */
static inline void
client_introduces_itself(struct baro_port *port)
{
	uint8_t frame[ETH_HDR_LEN + ARP_LEN];

	eth_write(frame,
		&(struct eth_hdr){ .dst = MAC_BROADCAST, .src = client_mac, .type = ETH_TYPE_ARP });
	arp_write(frame + ETH_HDR_LEN,
		&(struct arp_msg){
			.op = ARP_REQUEST, .sha = client_mac, .spa = CLIENT, .tpa = SERVER });
	baro_port_input(port, frame, sizeof(frame));
}

#endif

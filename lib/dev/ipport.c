/* SPDX-License-Identifier: BSD-3-Clause */

/* Ports of IP packets: Ethernet taken off and put on, ARP answered. */

#include "dev/ipport.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "dev/funcport.h"
#include "wire/arp.h"
#include "wire/eth.h"
#include "wire/ipv4.h"

enum {
	PACKET_MAX = 9000,
	PIECES_MAX = 64 + 2, /* as many as funcport.c hands over */
};

/** Whoever is asked for: there is one neighbour, which has every address. */
static const struct mac neighbour = { { 0x02, 0, 0, 0, 0, 0x01 } };

/** A question is answered in the next turn; announcements have no listener. */
static void
answer_arp(struct ipport *p, const uint8_t *frame, size_t len)
{
	uint8_t reply[ETH_HDR_LEN + ARP_LEN];
	struct arp_msg ask;

	if (len < sizeof(reply) || arp_read(frame + ETH_HDR_LEN, ARP_LEN, &ask) != DROP_NONE ||
		ask.op != ARP_REQUEST || ask.spa == 0 || ask.spa == ask.tpa)
		return;
	eth_write(
		reply, &(struct eth_hdr){ .dst = ask.sha, .src = neighbour, .type = ETH_TYPE_ARP });
	arp_write(reply + ETH_HDR_LEN, &(struct arp_msg){ .op = ARP_REPLY,
					       .sha = neighbour,
					       .spa = ask.tpa,
					       .tha = ask.sha,
					       .tpa = ask.spa });
	funcport_input(p->queue, reply, sizeof(reply)); /* without a buffer ARP asks again */
}

/** The packet in a frame: what its header says, as short frames are padded. */
static void
transmit(const struct iovec *frame, int n, void *user)
{
	struct ipport *p = user;
	const uint8_t *first = frame[0].iov_base;
	struct iovec packet[PIECES_MAX];
	size_t left;

	if ((first[12] << 8 | first[13]) != ETH_TYPE_IPV4) {
		answer_arp(p, first, frame[0].iov_len);
		return;
	}
	memcpy(packet, frame, (size_t)n * sizeof(*frame));
	packet[0].iov_base = (char *)packet[0].iov_base + ETH_HDR_LEN;
	packet[0].iov_len -= ETH_HDR_LEN;
	left = (size_t)(first[ETH_HDR_LEN + 2] << 8 | first[ETH_HDR_LEN + 3]);
	for (int i = 0; i < n; i++) {
		if (packet[i].iov_len >= left) {
			packet[i].iov_len = left;
			n = i + 1;
		}
		left -= packet[i].iov_len;
	}
	p->transmit(packet, n, p->user);
}

void
ipport_init(struct ipport *p, struct dev_queue *queue)
{
	p->queue = queue;
	p->transmit = queue->transmit;
	p->user = queue->user;
	queue->transmit = transmit;
	queue->user = p;
}

int
ipport_input(struct ipport *p, const void *packet, size_t len)
{
	uint8_t frame[ETH_HDR_LEN + PACKET_MAX];

	if (len > p->queue->port->mtu) {
		p->queue->env->drops[DROP_RX_LONG]++;
		return -EMSGSIZE;
	}
	eth_write(frame,
		&(struct eth_hdr){
			.dst = p->queue->port->mac, .src = neighbour, .type = ETH_TYPE_IPV4 });
	memcpy(frame + ETH_HDR_LEN, packet, len);
	return funcport_input(p->queue, frame, ETH_HDR_LEN + len);
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: ARP frames are mbufs. */

/* ARP out. Frames are as short as they are: the port pads. */

#include "link/arp_send.h"

#include "dev/pkt.h"
#include "link/out.h"

static void
send_message(struct link *l, const struct arp_msg *msg, struct mac to, enum stat what)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(l->pool);

	if (m == NULL) {
		l->env->drops[DROP_NO_MBUF]++;
		return;
	}
	arp_write((uint8_t *)rte_pktmbuf_append(m, ARP_LEN), msg);
	count(l->env, what);
	link_send(l, m, to, ETH_TYPE_ARP);
}

static void
ask(struct link *l, uint32_t from, uint32_t addr, struct mac to)
{
	struct arp_msg msg = {
		.op = ARP_REQUEST,
		.sha = l->queue->port->mac,
		.spa = from,
		.tpa = addr,
	};

	if (!mac_is_group(to))
		msg.tha = to;
	send_message(l, &msg, to, STAT_ARP_REQUESTS_OUT);
}

void
arp_send_request(struct link *l, uint32_t addr, struct mac to)
{
	ask(l, link_source(l, addr), addr, to);
}

void
arp_send_probe(struct link *l, uint32_t addr)
{
	if (!l->is_silent)
		ask(l, 0, addr, MAC_BROADCAST);
}

void
arp_send_announcement(struct link *l, uint32_t addr)
{
	if (!l->is_silent)
		ask(l, addr, addr, MAC_BROADCAST);
}

void
arp_send_reply(struct link *l, const struct arp_msg *request)
{
	struct arp_msg msg = {
		.op = ARP_REPLY,
		.sha = l->queue->port->mac,
		.spa = request->tpa,
		.tha = request->sha,
		.tpa = request->spa,
	};

	if (!l->is_silent)
		send_message(l, &msg, request->sha, STAT_ARP_REPLIES_OUT);
}

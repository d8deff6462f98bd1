/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: struct link holds mbufs. */

/* ARP: RFC 826's algorithm in its order, with the cautions of RFC 5227 (address conflicts). */

#include "link/arp.h"

#include "link/arp_send.h"
#include "link/neigh.h"
#include "link/table.h"
#include "wire/arp.h"
#include "wire/ipv4.h"

#define DEFEND_INTERVAL_NS (10 * NS_PER_SEC) /* RFC 5227 §1.1 */

/* Names one host of this link other than "nobody yet": what may enter the table. */
static bool
is_sender_sound(const struct link *l, const struct arp_msg *msg)
{
	if (mac_is_group(msg->sha) || mac_is_zero(msg->sha))
		return false;
	return ipv4_is_unicast(msg->spa) && !link_is_broadcast(l, msg->spa);
}

/*
 * Somebody else says that our address is his. Before we use it, it is his (RFC 5227 §2.1.1). In use it is
 * defended, at most once in ten seconds; claimed again within these it is kept, in silence (§2.4 (c)), or
 * given up, as configured (§2.4 (b)).
 */
static enum drop
meet_claim(struct link *l, struct link_addr *ours, const struct arp_msg *msg, uint64_t now_ns)
{
	if (mac_eq(msg->sha, l->queue->port->mac))
		return DROP_ARP_NOT_OURS; /* our own frame, come back */
	if (ours->state == LINK_ADDR_PROBING) {
		link_give_up(l, ours);
		return DROP_ARP_CONFLICT;
	}
	if (ours->defended_ns == 0 || now_ns >= ours->defended_ns + DEFEND_INTERVAL_NS) {
		ours->defended_ns = now_ns;
		arp_send_announcement(l, ours->addr);
	} else if (l->gives_up) {
		link_give_up(l, ours);
	}
	return DROP_ARP_CONFLICT;
}

/* RFC 5227 §2.1.1: somebody wants to know if the address is free. Nothing to learn from it. */
static enum drop
meet_probe(struct link *l, const struct arp_msg *msg)
{
	struct link_addr *ours = link_find_addr(l, msg->tpa);

	if (mac_is_group(msg->sha) || mac_is_zero(msg->sha))
		return DROP_ARP_SENDER;
	if (ours == NULL || ours->state == LINK_ADDR_GIVEN_UP ||
		mac_eq(msg->sha, l->queue->port->mac))
		return DROP_ARP_NOT_OURS;
	if (ours->state == LINK_ADDR_PROBING) { /* two who want it: neither shall have it */
		link_give_up(l, ours);
		return DROP_ARP_CONFLICT;
	}
	count(l->env, STAT_ARP_REQUESTS_IN);
	arp_send_reply(l, msg);
	return DROP_NONE;
}

/* The message is for us: RFC 826, "Am I the target protocol address?" */
static enum drop
take_message(struct link *l, const struct arp_msg *msg, bool is_known, uint64_t now_ns)
{
	struct neigh *n;

	if (msg->op == ARP_REPLY) {
		if (!is_known)
			return DROP_ARP_NOT_OURS; /* nobody asked */
		count(l->env, STAT_ARP_REPLIES_IN);
		return DROP_NONE;
	}
	count(l->env, STAT_ARP_REQUESTS_IN);
	if (!is_known) {
		n = neigh_find(l, msg->spa, now_ns);
		if (n != NULL)
			neigh_learn(n, msg->sha, false, now_ns);
	}
	arp_send_reply(l, msg);
	return DROP_NONE;
}

enum drop
arp_input(struct link *l, const uint8_t *p, uint32_t len, uint64_t now_ns)
{
	struct link_addr *ours;
	struct arp_msg msg;
	struct neigh *n;
	bool is_for_us;
	enum drop why;

	why = arp_read(p, len, &msg);
	if (why != DROP_NONE)
		return why;
	if (msg.spa == 0 && msg.op == ARP_REQUEST)
		return meet_probe(l, &msg);
	if (!is_sender_sound(l, &msg))
		return DROP_ARP_SENDER;
	ours = link_find_addr(l, msg.spa);
	if (ours != NULL && ours->state != LINK_ADDR_GIVEN_UP)
		return meet_claim(l, ours, &msg, now_ns);
	/* RFC 826: "Merge_flag"; a known sender is updated whatever it says and to whomever. */
	is_for_us = link_has_addr(l, msg.tpa);
	n = neigh_lookup(l, msg.spa);
	if (n != NULL)
		neigh_learn(n, msg.sha, msg.op == ARP_REPLY && is_for_us, now_ns);
	if (is_for_us)
		return take_message(l, &msg, n != NULL, now_ns);
	return n != NULL ? DROP_NONE : DROP_ARP_NOT_OURS;
}

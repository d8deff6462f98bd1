/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/*
 * A host's part of IGMP: reports of changes, and answers to queries. RFC 3376 §5 with version 3; RFC 2236 §3
 * while a querier of version 2 was heard lately, RFC 1112 with one of version 1 (RFC 3376 §7.2).
 */

#include "ip/group.h"

#include "dev/pkt.h"
#include "dev/pool.h"
#include "link/out.h"
#include "wire/igmp.h"

#define UNSOLICITED_V3_NS NS_PER_SEC        /* RFC 3376 §8.11 */
#define UNSOLICITED_V2_NS (10 * NS_PER_SEC) /* RFC 2236 §8.10 */
#define QUERY_INTERVAL_S  125               /* RFC 3376 §8.2, if not told */

enum {
	TOS_CONTROL = 0xc0, /* RFC 3376 §4: internetwork control */
	RECORDS_MAX = 64, /* of one report: 552 octets with its headers, which every link carries */
};

static struct ip_igmp *
igmp_of(struct ip4 *ip, const struct netif *netif)
{
	return &ip->groups->igmp[ip_netif_index(ip, netif)];
}

static unsigned
version_of(const struct ip_igmp *igmp, uint64_t now_ns)
{
	if (now_ns < igmp->v1_until_ns)
		return 1;
	return now_ns < igmp->v2_until_ns ? 2 : 3;
}

static bool
is_reported(const struct ip_group *g)
{
	return g->n_members != 0 && g->addr != IPV4_ALL_HOSTS; /* RFC 3376 §5 */
}

/** A buffer for a message of @len octets. NULL: none is left. */
static struct rte_mbuf *
make_message(struct ip4 *ip, uint32_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(ip->pool->text);

	if (m == NULL)
		ip->env->drops[DROP_NO_MBUF]++;
	else
		rte_pktmbuf_append(m, (uint16_t)len);
	return m;
}

/** RFC 3376 §4: TTL 1, precedence 0xc0, and the Router Alert option. */
static void
send_message(struct ip4 *ip, struct netif *netif, struct rte_mbuf *m, uint32_t dst, uint64_t now_ns)
{
	const struct ipv4_hdr h = {
		.src = netif->addr,
		.dst = dst,
		.total_len = (uint16_t)(m->pkt_len + IPV4_ALERT_HDR_LEN),
		.frag = IPV4_DF,
		.ttl = 1,
		.tos = TOS_CONTROL,
		.proto = IP_PROTO_IGMP,
	};

	ipv4_write_alert((uint8_t *)rte_pktmbuf_prepend(m, IPV4_ALERT_HDR_LEN), &h);
	count(ip->env, STAT_IP_OUT);
	count(ip->env, STAT_IGMP_OUT);
	link_output(link_group(&netif->link, dst), m, now_ns);
}

/** A message of version 1 or 2 about one group. */
static void
send_short(struct ip4 *ip, struct netif *netif, uint8_t type, uint32_t group, uint32_t dst,
	uint64_t now_ns)
{
	struct rte_mbuf *m = make_message(ip, IGMP_LEN);

	if (m == NULL)
		return;
	igmp_write(pkt_data(m), type, group);
	send_message(ip, netif, m, dst, now_ns);
}

/** A report of version 3 about one group. */
static void
send_record(struct ip4 *ip, const struct ip_group *g, enum igmp_record type, uint64_t now_ns)
{
	struct rte_mbuf *m = make_message(ip, IGMP_V3_REPORT_LEN + IGMP_RECORD_LEN);

	if (m == NULL)
		return;
	igmp_write_record(pkt_data(m) + IGMP_V3_REPORT_LEN, type, g->addr);
	igmp_write_report(pkt_data(m), 1);
	send_message(ip, g->netif, m, IPV4_IGMP, now_ns);
}

/** @type  what version 3 says; older ones have one report for all */
static void
report(struct ip4 *ip, struct ip_group *g, enum igmp_record type, uint64_t now_ns)
{
	unsigned version = version_of(igmp_of(ip, g->netif), now_ns);

	if (version == 3)
		send_record(ip, g, type, now_ns);
	else
		send_short(ip, g->netif, version == 2 ? IGMP_V2_REPORT : IGMP_V1_REPORT, g->addr,
			g->addr, now_ns);
	g->is_last_reporter = true;
}

/** Within @max_ns, but never later than what is planned already. */
static void
plan(struct ip4 *ip, struct wheel_timer *t, uint64_t max_ns, uint64_t now_ns)
{
	uint64_t at_ns = now_ns + (max_ns != 0 ? rand_u64(&ip->env->rand) % max_ns : 0);

	if (!t->is_armed || t->deadline_ns > at_ns)
		wheel_start(&ip->env->wheel, t, at_ns);
}

static void
plan_repetition(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	bool is_v3 = version_of(igmp_of(ip, g->netif), now_ns) == 3;

	if (g->n_unsolicited != 0)
		plan(ip, &g->timer, is_v3 ? UNSOLICITED_V3_NS : UNSOLICITED_V2_NS, now_ns);
}

void
igmp_joined(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	if (!is_reported(g) || g->netif == &ip->loop)
		return;
	g->n_unsolicited = (uint8_t)(igmp_of(ip, g->netif)->robustness - 1);
	report(ip, g, IGMP_TO_EXCLUDE, now_ns);
	plan_repetition(ip, g, now_ns);
}

bool
igmp_left(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	wheel_stop(&ip->env->wheel, &g->timer);
	if (g->addr == IPV4_ALL_HOSTS || g->netif == &ip->loop)
		return false;
	switch (version_of(igmp_of(ip, g->netif), now_ns)) {
	case 3:
		send_record(ip, g, IGMP_TO_INCLUDE, now_ns);
		g->n_unsolicited = (uint8_t)(igmp_of(ip, g->netif)->robustness - 1);
		plan_repetition(ip, g, now_ns);
		return g->n_unsolicited != 0;
	case 2:
		if (g->is_last_reporter)
			send_short(ip, g->netif, IGMP_LEAVE, g->addr, IPV4_ALL_ROUTERS, now_ns);
		return false;
	default:
		return false; /* version 1 knows no leaving */
	}
}

/* RFC 3376 §5.1: a leaving is said as often as a joining. */
static void
repeat_leaving(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	send_record(ip, g, IGMP_TO_INCLUDE, now_ns);
	if (--g->n_unsolicited != 0)
		plan_repetition(ip, g, now_ns);
	else
		group_remove(ip, g);
}

void
group_timer(struct ip4 *ip, struct ip_group *g, uint64_t now_ns)
{
	if (g->n_members == 0) {
		repeat_leaving(ip, g, now_ns);
	} else if (g->n_unsolicited != 0) {
		g->n_unsolicited--;
		report(ip, g, IGMP_TO_EXCLUDE, now_ns);
		plan_repetition(ip, g, now_ns);
	} else {
		report(ip, g, IGMP_IS_EXCLUDE, now_ns);
	}
}

/** All groups of @netif from number *@at on, as many as one report takes. @return how many */
static uint16_t
write_records(const struct ip4 *ip, const struct netif *netif, uint8_t *p, uint32_t *at)
{
	uint16_t n = 0;

	for (; *at < IP_GROUPS_MAX && n < RECORDS_MAX; ++*at) {
		const struct ip_group *g = &ip->groups->group[*at];

		if (is_reported(g) && g->netif == netif)
			igmp_write_record(
				p + n++ * (uint32_t)IGMP_RECORD_LEN, IGMP_IS_EXCLUDE, g->addr);
	}
	return n;
}

/* RFC 3376 §5.2: the answer to a general query tells of all groups. */
void
igmp_timer(struct ip4 *ip, struct ip_igmp *igmp, uint64_t now_ns)
{
	uint32_t at = 0;

	while (at < IP_GROUPS_MAX) {
		struct rte_mbuf *m = make_message(
			ip, IGMP_V3_REPORT_LEN + RECORDS_MAX * (uint32_t)IGMP_RECORD_LEN);
		uint16_t n;

		if (m == NULL)
			return;
		n = write_records(ip, igmp->netif, pkt_data(m) + IGMP_V3_REPORT_LEN, &at);
		if (n == 0) {
			pkt_release(m);
			return;
		}
		rte_pktmbuf_trim(m, (uint16_t)((RECORDS_MAX - n) * IGMP_RECORD_LEN));
		igmp_write_report(pkt_data(m), n);
		send_message(ip, igmp->netif, m, IPV4_IGMP, now_ns);
	}
}

/** RFC 3376 §7.2.1, §8.12: an older querier is there; it is remembered until it would have asked twice. */
static void
note_querier(struct ip_igmp *igmp, const struct igmp_msg *m, uint64_t now_ns)
{
	uint64_t present_ns =
		igmp->robustness * QUERY_INTERVAL_S * NS_PER_SEC + m->max_resp_ms * NS_PER_MS;

	if (m->version == 1)
		igmp->v1_until_ns = now_ns + present_ns;
	else if (m->version == 2)
		igmp->v2_until_ns = now_ns + present_ns;
	else
		igmp->robustness = m->robustness != 0 ? m->robustness : (uint8_t)IGMP_ROBUSTNESS;
}

/** A query for some sources of a group is answered as one for the group: we want it from all of them. */
static void
take_query(struct ip4 *ip, struct netif *netif, const struct igmp_msg *m, uint64_t now_ns)
{
	struct ip_igmp *igmp = igmp_of(ip, netif);
	uint64_t max_ns = m->max_resp_ms * NS_PER_MS;

	note_querier(igmp, m, now_ns);
	if (m->group == 0 && version_of(igmp, now_ns) == 3) {
		plan(ip, &igmp->timer, max_ns, now_ns);
		return;
	}
	for (uint32_t i = 0; i < IP_GROUPS_MAX; i++) {
		struct ip_group *g = &ip->groups->group[i];

		if (is_reported(g) && g->netif == netif && (m->group == 0 || m->group == g->addr))
			plan(ip, &g->timer, max_ns, now_ns);
	}
}

/** RFC 2236 §3: another member has spoken for all of us. */
static void
take_report(struct ip4 *ip, const struct netif *netif, const struct igmp_msg *m, uint64_t now_ns)
{
	struct ip_group *g = group_find(ip, netif, m->group);

	if (g == NULL || version_of(igmp_of(ip, netif), now_ns) == 3)
		return;
	g->is_last_reporter = false;
	g->n_unsolicited = 0;
	wheel_stop(&ip->env->wheel, &g->timer);
}

enum drop
igmp_input(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns)
{
	struct igmp_msg msg;
	enum drop why = igmp_read(rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, in->len, &msg);

	if (why != DROP_NONE)
		return why;
	if (cksum_fold(ip_sum_chain(m, 0, in->len)) != 0)
		return DROP_IGMP_CHECKSUM;
	if (in->netif == &ip->loop)
		return DROP_IGMP_TYPE; /* our own word */
	count(ip->env, STAT_IGMP_IN);
	switch (msg.type) {
	case IGMP_QUERY:
		take_query(ip, in->netif, &msg, now_ns);
		return DROP_NONE;
	case IGMP_V1_REPORT:
	case IGMP_V2_REPORT:
		take_report(ip, in->netif, &msg, now_ns);
		return DROP_NONE;
	default:
		return DROP_IGMP_TYPE;
	}
}

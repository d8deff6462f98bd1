/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/* Fragments in: what fragq.h made whole becomes a packet again, RFC 791 §3.2. */

#include "dev/pkt.h"
#include "ip/ip.h"
#include "wire/icmp.h"

/** The header of the first fragment becomes that of the datagram; the data begins with it. */
static void
mend_header(struct rte_mbuf *m, const struct ip_in *in)
{
	uint8_t *p = pkt_data(m);
	uint16_t sum;

	p[1] = in->tos;
	put_u16(p + 2, (uint16_t)m->pkt_len);
	put_u16(p + 6, 0);
	put_u16(p + 10, 0);
	sum = cksum_fold(cksum_add(0, p, in->hdr_len));
	memcpy(p + 10, &sum, sizeof(sum));
}

enum drop
ip_reassemble(struct ip4 *ip, struct rte_mbuf **mp, struct ip_in *in, uint64_t now_ns)
{
	enum drop why = fragq_add(&ip->fragq, mp, in, now_ns);

	if (why != DROP_NONE || *mp == NULL)
		return why;
	rte_pktmbuf_prepend(*mp, in->hdr_len); /* it is in front still */
	why = ip_own(ip, mp, min_u32(in->hdr_len + (uint32_t)IP_PULL, (*mp)->pkt_len));
	if (why != DROP_NONE)
		return why;
	mend_header(*mp, in);
	rte_pktmbuf_adj(*mp, in->hdr_len);
	count(ip->env, STAT_IP_REASSEMBLED);
	return DROP_NONE;
}

/* RFC 1122 §3.3.2: the sender is told if it can be told what it was. */
void
ip_reass_timer(struct ip4 *ip, uint64_t now_ns)
{
	struct fragq_datagram *d;

	while ((d = fragq_expired(&ip->fragq, now_ns)) != NULL) {
		if (d->has_first && !d->is_dead)
			icmp_send_error(ip, d->first, &d->in, ICMP_TIME_EXCEEDED,
				ICMP_EXCEEDED_REASS, now_ns);
		fragq_drop(&ip->fragq, d, DROP_IP_REASS_TIMEOUT);
	}
}

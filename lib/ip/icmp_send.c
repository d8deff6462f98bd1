/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */

/* ICMP errors out: about what, quoting how much, how often. RFC 1122 §3.2.2, RFC 1812 §4.3.2. */

#include <string.h>

#include "dev/pkt.h"
#include "dev/pool.h"
#include "ip/ip.h"
#include "ip/out4.h"
#include "wire/icmp.h"

enum {
	ERROR_MAX = 576, /* octets of the whole error packet, RFC 1812 §4.3.2.3 */
};

/* RFC 1122 §3.2.2: no error about these. */
static bool
is_beyond_reproach(const struct rte_mbuf *m, const struct ip_in *in)
{
	struct icmp_hdr h;

	if (in->is_group || (!ipv4_is_unicast(in->src) && !ipv4_is_loopback(in->src)))
		return true;
	if (in->proto != IP_PROTO_ICMP)
		return false;
	return icmp_read(rte_pktmbuf_mtod(m, const uint8_t *), in->len, &h) != DROP_NONE ||
	       icmp_is_error(h.type);
}

/* The message: eight octets, and as much of the packet, its IP header first, as fits. */
static void
write_error(struct rte_mbuf *e, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *h)
{
	uint32_t room = ERROR_MAX - (uint32_t)(IPV4_HDR_LEN + ICMP_HDR_LEN) - in->hdr_len;
	uint32_t text_len = min_u32(in->len, room);
	uint32_t len = (uint32_t)ICMP_HDR_LEN + in->hdr_len + text_len;
	uint8_t *p = (uint8_t *)rte_pktmbuf_append(e, (uint16_t)len);
	uint8_t *text = p + ICMP_HDR_LEN + in->hdr_len;
	const void *from;

	icmp_write(p, h);
	memcpy(p + ICMP_HDR_LEN, rte_pktmbuf_mtod(m, const uint8_t *) - in->hdr_len, in->hdr_len);
	from = rte_pktmbuf_read(m, 0, text_len, text);
	if (from != text)
		memcpy(text, from, text_len);
	icmp_write_sum(p, cksum_fold(cksum_add(0, p, len)));
}

/* The error @h about the packet @m. */
static BARO_COLD void
send_error(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *h, uint64_t now_ns)
{
	const struct ip_out out = {
		.src = in->dst,
		.dst = in->src,
		.proto = IP_PROTO_ICMP,
		.may_fragment = true,
	};
	struct ip_path path;
	struct rte_mbuf *e;
	int rc;

	if (is_beyond_reproach(m, in))
		return;
	if (!ip_limit_allows(&ip->error_limit, now_ns)) {
		ip->env->drops[DROP_ICMP_RATE]++;
		return;
	}
	rc = ip_find_path(ip, in->src, now_ns, &path);
	if (rc != 0) {
		ip->env->drops[ip_path_drop(rc)]++;
		return;
	}
	e = rte_pktmbuf_alloc(ip->pool->text);
	if (e == NULL) {
		ip->env->drops[DROP_NO_MBUF]++;
		return;
	}
	write_error(e, m, in, h);
	count(ip->env, STAT_ICMP_ERRORS_OUT);
	ip_output(ip, &path, e, &out, now_ns);
}

void
icmp_send_error(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint8_t type,
	uint8_t code, uint64_t now_ns)
{
	send_error(ip, m, in, &(struct icmp_hdr){ .type = type, .code = code }, now_ns);
}

void
icmp_send_parameter(
	struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in, uint64_t now_ns)
{
	send_error(ip, m, in,
		&(struct icmp_hdr){ .type = ICMP_PARAMETER, .rest = (uint32_t)in->bad_octet << 24 },
		now_ns);
}

void
icmp_send_unreachable(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	uint8_t code, uint64_t now_ns)
{
	icmp_send_error(ip, m, in, ICMP_UNREACHABLE, code, now_ns);
}

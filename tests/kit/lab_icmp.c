/* SPDX-License-Identifier: BSD-3-Clause */
/* The lab's ICMP errors: a router on the way speaks about a segment of the stack's. */

#include <criterion/criterion.h>
#include <string.h>

#include "kit/lab.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

/** The quote: IP header and eight octets of TCP, as the stack sent them. */
static void
write_quote(const struct lab *l, const struct lab_icmp *e, uint8_t *p)
{
	uint8_t *tcp = p + IPV4_HDR_LEN;
	uint16_t our_port = e->our_port != 0 ? e->our_port : l->local_port;

	ipv4_write(p,
		&(struct ipv4_hdr){ .src = LAB_ADDR,
			.dst = e->dst != 0 ? e->dst : LAB_PEER,
			.total_len = e->len != 0 ? e->len : 1500,
			.frag = IPV4_DF,
			.ttl = 1,
			.proto = IP_PROTO_TCP },
		true);
	put_u16(tcp, our_port);
	put_u16(tcp + 2, LAB_PEER_PORT);
	put_u32(tcp + 4, e->seq + l->our_iss);
}

void
lab_recv_icmp(struct lab *l, const struct lab_icmp *e)
{
	uint8_t p[ICMP_HDR_LEN + IPV4_HDR_LEN + ICMP_QUOTE_LEN];
	uint32_t len = sizeof(p) - e->cut;

	icmp_write(p, &(struct icmp_hdr){ .type = e->type != 0 ? e->type : ICMP_UNREACHABLE,
			      .code = e->code,
			      .rest = e->mtu });
	write_quote(l, e, p + ICMP_HDR_LEN);
	icmp_write_sum(p, cksum_fold(cksum_add(0, p, len)));
	lab_recv_ip(l, LAB_GATEWAY, LAB_ADDR, IP_PROTO_ICMP, p, len);
}

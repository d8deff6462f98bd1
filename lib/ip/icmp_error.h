/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: packets are mbufs. */
#ifndef BARO_IP_ICMP_ERROR_H
#define BARO_IP_ICMP_ERROR_H

/* ICMP messages about packets of ours, for icmp_input(): the message @m begins with the header @icmp. */

#include "ip/ip.h"
#include "wire/icmp.h"

/** An error; @note->proto stays 0 if it concerns nobody here. @return DROP_NONE, DROP_ICMP_QUOTE */
enum drop
icmp_note_error(const struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *icmp, struct icmp_note *note);

/** A redirect. @return DROP_NONE (followed), DROP_ICMP_TYPE (off), DROP_ICMP_QUOTE, DROP_ICMP_REDIRECT */
enum drop
icmp_redirect(struct ip4 *ip, const struct rte_mbuf *m, const struct ip_in *in,
	const struct icmp_hdr *icmp, uint64_t now_ns);

#endif

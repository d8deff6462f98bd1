/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_SIM_LWIP_HOST_H
#define TESTS_SIM_LWIP_HOST_H

/*
 * lwIP, as Debian builds it, as a host on the simulated wire: without its threads, on virtual time.
 * It has window scaling; it sends no SACK blocks and no timestamps, and recovers as NewReno does.
 *
 * Only what is declared here is lwIP's: nothing else may include its headers beside ours, for
 * both have a struct tcp_hdr.
 */

#include <baro/sim.h>
#include <lwip/tcp.h>

/** Start lwIP, once a process, with the address 198.18.0.1 + @end at that end of the wire. */
void
lwip_host_open(struct baro_sim *sim, int end);

/** An IPv4 address as lwIP writes it. @v4 is in host order. */
ip_addr_t
lwip_host_addr(uint32_t v4);

#endif

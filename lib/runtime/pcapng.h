/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_PCAPNG_H
#define BARO_RUNTIME_PCAPNG_H

/*
 * Writing a pcapng file (draft-ietf-opsawg-pcapng): one section, an interface a port, nanoseconds. DPDK's
 * own rte_pcapng (22.11) knows no comments on packets, and copies each one into an mbuf first.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum pcapng_link {
	PCAPNG_ETHERNET = 1, /* LINKTYPE_ETHERNET */
	PCAPNG_IPV4 = 228,   /* LINKTYPE_IPV4: packets begin with their IP header */
};

struct pcapng_packet {
	uint32_t interface; /* its number: interfaces count from 0 in the order they were written */
	uint64_t time_ns;   /* since 1970 */
	uint32_t len;       /* octets on the wire */
	uint32_t cap_len;   /* of these in the file */
	const void *octets;
	bool is_out;
	const char *comment; /* NULL: none */
};

/** The file begins. @program  who writes it. Errors stay in ferror(). */
void
pcapng_begin(FILE *file, const char *program);

/** @description  NULL: none */
void
pcapng_interface(FILE *file, const char *name, const char *description, enum pcapng_link link,
	uint32_t snap_len);

void
pcapng_packet(FILE *file, const struct pcapng_packet *p);

#endif

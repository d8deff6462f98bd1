/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_WIRE_IGMP_H
#define BARO_WIRE_IGMP_H

/* IGMP: version 3 (RFC 3376 §4), 2 (RFC 2236 §2) and 1 (RFC 1112, appendix I). */

#include <stdint.h>

#include "base/env.h"

enum {
	IGMP_LEN = 8, /* of a message of version 1 or 2 */
	IGMP_V3_QUERY_LEN = 12,
	IGMP_V3_REPORT_LEN = 8, /* without records */
	IGMP_RECORD_LEN = 8,    /* without sources */
	IGMP_QUERY = 0x11,
	IGMP_V1_REPORT = 0x12,
	IGMP_V2_REPORT = 0x16,
	IGMP_LEAVE = 0x17,
	IGMP_V3_REPORT = 0x22,
};

/** How a host reports a group: RFC 3376 §4.2.12. */
enum igmp_record {
	IGMP_IS_EXCLUDE = 2,
	IGMP_TO_INCLUDE = 3, /* with no sources: left */
	IGMP_TO_EXCLUDE = 4, /* with none excluded: joined */
};

/** A message, as far as a host has to know it. */
struct igmp_msg {
	uint8_t type;
	uint8_t version;      /* of a query: 1..3 */
	uint8_t robustness;   /* of a query of version 3; 0: not told */
	uint32_t group;       /* 0: a general query */
	uint32_t max_resp_ms; /* of a query: answers come within this time */
	uint32_t interval_s;  /* between general queries, version 3; 0: not told */
};

/** Check, but for the checksum, and read; @len octets are readable at @p, @msg_len exist. DROP_IGMP_SHORT. */
enum drop
igmp_read(const uint8_t *p, uint32_t len, uint32_t msg_len, struct igmp_msg *m);

/** Write a report or leave of version 1 or 2, IGMP_LEN octets, with its checksum. */
void
igmp_write(uint8_t *p, uint8_t type, uint32_t group);

/** Write the record at @p of a group without sources. */
void
igmp_write_record(uint8_t *p, enum igmp_record type, uint32_t group);

/** Write the head of a report of version 3 in front of @n records that lie there; checksum over all. */
void
igmp_write_report(uint8_t *p, uint16_t n);

#endif

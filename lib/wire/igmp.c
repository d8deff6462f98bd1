/* SPDX-License-Identifier: BSD-3-Clause */
/* IGMP messages; see the header. */

#include "wire/igmp.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/cksum.h"

enum {
	SUM_AT = 2,
	TENTH_MS = 100,         /* times are told in tenths of a second */
	V1_MAX_RESP_MS = 10000, /* RFC 2236 §4 */
};

/** RFC 3376 §4.1.1, §4.1.7: from 128 on a mantissa of four bits and an exponent of three. */
static uint32_t
read_code(uint8_t code)
{
	if (code < 128)
		return code;
	return ((code & 0xfu) | 0x10u) << ((code >> 4 & 7) + 3);
}

static void
read_query(const uint8_t *p, uint32_t msg_len, struct igmp_msg *m)
{
	if (msg_len >= IGMP_V3_QUERY_LEN) {
		m->version = 3;
		m->max_resp_ms = read_code(p[1]) * TENTH_MS;
		m->robustness = p[8] & 7;
		m->interval_s = read_code(p[9]);
	} else if (p[1] != 0) {
		m->version = 2;
		m->max_resp_ms = p[1] * (uint32_t)TENTH_MS;
	} else {
		m->version = 1;
		m->max_resp_ms = V1_MAX_RESP_MS;
	}
}

enum drop
igmp_read(const uint8_t *p, uint32_t len, uint32_t msg_len, struct igmp_msg *m)
{
	if (len < IGMP_LEN || (msg_len >= IGMP_V3_QUERY_LEN && len < IGMP_V3_QUERY_LEN))
		return DROP_IGMP_SHORT;
	*m = (struct igmp_msg){ .type = p[0], .group = get_u32(p + 4) };
	if (m->type == IGMP_QUERY)
		read_query(p, msg_len, m);
	return DROP_NONE;
}

static void
write_sum(uint8_t *p, uint32_t len)
{
	uint16_t sum = 0;

	memcpy(p + SUM_AT, &sum, sizeof(sum));
	sum = cksum_fold(cksum_add(0, p, len));
	memcpy(p + SUM_AT, &sum, sizeof(sum));
}

void
igmp_write(uint8_t *p, uint8_t type, uint32_t group)
{
	put_u16(p, (uint16_t)(type << 8));
	put_u32(p + 4, group);
	write_sum(p, IGMP_LEN);
}

void
igmp_write_record(uint8_t *p, enum igmp_record type, uint32_t group)
{
	put_u16(p, (uint16_t)(type << 8));
	put_u16(p + 2, 0);
	put_u32(p + 4, group);
}

void
igmp_write_report(uint8_t *p, uint16_t n)
{
	put_u16(p, IGMP_V3_REPORT << 8);
	put_u16(p + 4, 0);
	put_u16(p + 6, n);
	write_sum(p, IGMP_V3_REPORT_LEN + n * (uint32_t)IGMP_RECORD_LEN);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* RFC 792: type, code, checksum, and four octets whose meaning depends on the type. */

#include "wire/icmp.h"

#include <string.h>

#include "wire/bytes.h"

enum drop
icmp_read(const uint8_t *p, uint32_t len, struct icmp_hdr *h)
{
	if (len < ICMP_HDR_LEN)
		return DROP_ICMP_SHORT;
	h->type = p[0];
	h->code = p[1];
	h->rest = get_u32(p + 4);
	return DROP_NONE;
}

void
icmp_write(uint8_t *p, const struct icmp_hdr *h)
{
	p[0] = h->type;
	p[1] = h->code;
	put_u16(p + 2, 0);
	put_u32(p + 4, h->rest);
}

void
icmp_write_sum(uint8_t *p, uint16_t sum)
{
	memcpy(p + 2, &sum, sizeof(sum));
}

bool
icmp_is_error(uint8_t type)
{
	switch (type) {
	case ICMP_UNREACHABLE:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER:
		return true;
	default:
		return false;
	}
}

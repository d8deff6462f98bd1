/* SPDX-License-Identifier: BSD-3-Clause */

/* IPv4 options, which hardly any packet has; the header itself is in ipv4.h. */

#include "wire/ipv4.h"

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_LSRR = 131,  /* loose source route */
	OPT_SSRR = 137,  /* strict source route */
	OPT_ALERT = 148, /* routers look at the packet: RFC 2113 */
	SUM_AT = 10,
};

/** Octets of the option at the beginning of @opt, of which @len are there; 0: it cannot be. */
static uint32_t
option_len(const uint8_t *opt, uint32_t len)
{
	if (opt[0] == OPT_NOP)
		return 1;
	return len >= 2 && opt[1] >= 2 && opt[1] <= len ? opt[1] : 0;
}

enum drop
ipv4_check_options(const uint8_t *opt, uint32_t len)
{
	uint32_t at = 0;
	uint32_t n;

	for (; at < len && opt[at] != OPT_END; at += n) {
		n = option_len(opt + at, len - at);
		if (n == 0 || opt[at] == OPT_LSRR || opt[at] == OPT_SSRR)
			return DROP_IP_OPTION;
	}
	return DROP_NONE;
}

uint8_t
ipv4_bad_option(const uint8_t *p, uint8_t hdr_len)
{
	uint32_t at = IPV4_HDR_LEN;
	uint32_t n;

	for (; at < hdr_len && p[at] != OPT_END; at += n) {
		n = option_len(p + at, hdr_len - at);
		if (n == 0)
			return (uint8_t)min_u32(at + 1, hdr_len - 1u);
	}
	return 0;
}

void
ipv4_write_alert(uint8_t *p, const struct ipv4_hdr *h)
{
	static const uint8_t alert[4] = { OPT_ALERT, sizeof(alert), 0, 0 };
	uint16_t sum;

	ipv4_write(p, h, false);
	p[0] = 0x40 | IPV4_ALERT_HDR_LEN / 4;
	memcpy(p + IPV4_HDR_LEN, alert, sizeof(alert));
	sum = cksum_fold(cksum_add(0, p, IPV4_ALERT_HDR_LEN));
	memcpy(p + SUM_AT, &sum, sizeof(sum));
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* IPv4 options, which hardly any packet has; the header itself is in ipv4.h. */

#include "wire/ipv4.h"

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_LSRR = 131, /* loose source route */
	OPT_SSRR = 137, /* strict source route */
};

enum drop
ipv4_check_options(const uint8_t *opt, uint32_t len)
{
	uint32_t at = 0;

	while (at < len && opt[at] != OPT_END) {
		if (opt[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (len - at < 2 || opt[at + 1] < 2 || opt[at + 1] > len - at)
			return DROP_IP_OPTION;
		if (opt[at] == OPT_LSRR || opt[at] == OPT_SSRR)
			return DROP_IP_OPTION;
		at += opt[at + 1];
	}
	return DROP_NONE;
}

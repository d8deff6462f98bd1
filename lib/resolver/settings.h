/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RESOLVER_SETTINGS_H
#define BARO_RESOLVER_SETTINGS_H

/* Whom to ask, how long to wait, where to look for short names: [resolve], and resolv.conf. */

#include <baro/config.h>

#include "wire/dns.h"

enum {
	SEARCH_MAX = 6, /* domains, as in resolv.conf(5) */
};

struct settings {
	struct baro_endpoint server[BARO_MAX_NAMESERVERS];
	unsigned n_servers;
	struct dns_name search[SEARCH_MAX];
	unsigned n_search;
	unsigned ndots;
	unsigned tries;
	uint64_t timeout_ns;
	uint32_t cache_octets;
	uint32_t max_ttl_s;
};

/** Take over what @config says, and from its resolv.conf what it leaves open. Reads that file. */
void
settings_load(struct settings *s, const struct baro_resolve_config *config);

/** Take over what the text of a resolv.conf(5) says and @s leaves open. Lines that say nothing here are skipped. */
void
settings_read_resolv_conf(struct settings *s, const char *text);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_ADDR_H
#define BARO_ADDR_H

/*
 * Addresses and endpoints. An address is 16 octets in network order; IPv4 is mapped
 * (::ffff:a.b.c.d), so that programs need no change for IPv6.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_addr {
	uint8_t b[16];
};

/** An address and a port. A zeroed one is "any address, any port". */
struct baro_endpoint {
	struct baro_addr addr;
	uint16_t port; /* host order */
};

/** Characters that baro_addr_format() and baro_endpoint_format() need, final NUL included. */
#define BARO_ADDR_STRLEN     46
#define BARO_ENDPOINT_STRLEN 54

/** The mapped form of an IPv4 address given in host order. */
struct baro_addr
baro_addr_from_v4(uint32_t v4);

/** The IPv4 address in host order; 0 if @addr is all zero or not a mapped one. */
uint32_t
baro_addr_to_v4(const struct baro_addr *addr);

/** True for ::ffff:0:0/96 and for the all-zero "any". */
bool
baro_addr_is_v4(const struct baro_addr *addr);

/** Parse "198.18.0.2". @return 0, -EINVAL */
int
baro_addr_parse(const char *text, struct baro_addr *addr);

/** Parse "198.18.0.2:80" or "*:80". @return 0, -EINVAL */
int
baro_endpoint_parse(const char *text, struct baro_endpoint *ep);

/** Write "198.18.0.2". @return @buf */
char *
baro_addr_format(const struct baro_addr *addr, char buf[BARO_ADDR_STRLEN]);

/** Write "198.18.0.2:80". @return @buf */
char *
baro_endpoint_format(const struct baro_endpoint *ep, char buf[BARO_ENDPOINT_STRLEN]);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

/* Addresses and endpoints as text and as numbers: lib/baro/addr.h. */

#include <baro/addr.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4291 §2.5.5.2 */
static const uint8_t v4_mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
is_any(const struct baro_addr *addr)
{
	static const struct baro_addr any;

	return memcmp(addr, &any, sizeof(any)) == 0;
}

struct baro_addr
baro_addr_from_v4(uint32_t v4)
{
	struct baro_addr addr;

	memcpy(addr.b, v4_mapped, sizeof(v4_mapped));
	addr.b[12] = (uint8_t)(v4 >> 24);
	addr.b[13] = (uint8_t)(v4 >> 16);
	addr.b[14] = (uint8_t)(v4 >> 8);
	addr.b[15] = (uint8_t)v4;
	return addr;
}

uint32_t
baro_addr_to_v4(const struct baro_addr *addr)
{
	if (memcmp(addr->b, v4_mapped, sizeof(v4_mapped)) != 0)
		return 0;
	return (uint32_t)addr->b[12] << 24 | (uint32_t)addr->b[13] << 16 |
	       (uint32_t)addr->b[14] << 8 | addr->b[15];
}

bool
baro_addr_is_v4(const struct baro_addr *addr)
{
	return memcmp(addr->b, v4_mapped, sizeof(v4_mapped)) == 0 || is_any(addr);
}

int
baro_addr_parse(const char *text, struct baro_addr *addr)
{
	struct in_addr v4;

	if (text == NULL || inet_pton(AF_INET, text, &v4) != 1)
		return -EINVAL;
	*addr = baro_addr_from_v4(ntohl(v4.s_addr));
	return 0;
}

/* A decimal number of 1..5 digits, 0..65535, and nothing else. */
static int
parse_port(const char *text, uint16_t *port)
{
	size_t len = strspn(text, "0123456789");
	unsigned long n;

	if (len == 0 || len > 5 || text[len] != '\0')
		return -EINVAL;
	n = strtoul(text, NULL, 10);
	if (n > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

int
baro_endpoint_parse(const char *text, struct baro_endpoint *ep)
{
	struct baro_endpoint found = { .port = 0 };
	char host[BARO_ADDR_STRLEN];
	const char *colon;
	size_t len;

	if (text == NULL || (colon = strrchr(text, ':')) == NULL)
		return -EINVAL;
	len = (size_t)(colon - text);
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "*") != 0 && baro_addr_parse(host, &found.addr) != 0)
		return -EINVAL;
	if (parse_port(colon + 1, &found.port) != 0)
		return -EINVAL;
	*ep = found;
	return 0;
}

char *
baro_addr_format(const struct baro_addr *addr, char buf[BARO_ADDR_STRLEN])
{
	if (!baro_addr_is_v4(addr)) {
		if (inet_ntop(AF_INET6, addr->b, buf, BARO_ADDR_STRLEN) == NULL)
			buf[0] = '\0';
		return buf;
	}
	snprintf(buf, BARO_ADDR_STRLEN, "%u.%u.%u.%u", addr->b[12], addr->b[13], addr->b[14],
		addr->b[15]);
	return buf;
}

char *
baro_endpoint_format(const struct baro_endpoint *ep, char buf[BARO_ENDPOINT_STRLEN])
{
	char host[BARO_ADDR_STRLEN];
	const char *form = baro_addr_is_v4(&ep->addr) ? "%s:%u" : "[%s]:%u";

	snprintf(buf, BARO_ENDPOINT_STRLEN, form, baro_addr_format(&ep->addr, host), ep->port);
	return buf;
}

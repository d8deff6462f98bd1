/* SPDX-License-Identifier: BSD-3-Clause */

/* The kinds of values that configuration keys take. */

#include "runtime/config_values.h"

#include <baro/config.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum { MAX_FRACTION_DIGITS = 6 };

static const struct value_unit count_units[] = { { "", 1 }, { NULL, 0 } };

/* No bare number: 200 could be anything. */
static const struct value_unit duration_units[] = {
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "s", NS_PER_SEC },
	{ "min", 60 * NS_PER_SEC },
	{ "h", 3600 * NS_PER_SEC },
	{ NULL, 0 },
};

/*
 * No kB: half of its readers take it for 1000. The short forms come after the long ones of
 * the same scale: value_format() takes the first.
 */
static const struct value_unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "KiB", 1u << 10 },
	{ "k", 1u << 10 },
	{ "K", 1u << 10 },
	{ "MiB", 1u << 20 },
	{ "M", 1u << 20 },
	{ "GiB", 1u << 30 },
	{ "G", 1u << 30 },
	{ NULL, 0 },
};

static const struct value_unit rate_units[] = {
	{ "bit", 1 },
	{ "", 1 },
	{ "kbit", 1000 },
	{ "Mbit", 1000000 },
	{ "Gbit", 1000000000 },
	{ NULL, 0 },
};

static const struct value_unit probability_units[] = {
	{ "ppm", 1 },
	{ "%", 10000 },
	{ NULL, 0 },
};

static const struct value_word switch_words[] = {
	{ "auto", BARO_AUTO },
	{ "off", BARO_OFF },
	{ "on", BARO_ON },
	{ NULL, 0 },
};

static const struct value_word idle_words[] = {
	{ "auto", BARO_IDLE_AUTO },
	{ "adaptive", BARO_IDLE_ADAPTIVE },
	{ "poll", BARO_IDLE_POLL },
	{ NULL, 0 },
};

static const struct value_word ecn_words[] = {
	{ "auto", BARO_ECN_AUTO },
	{ "off", BARO_ECN_OFF },
	{ "passive", BARO_ECN_PASSIVE },
	{ "on", BARO_ECN_ON },
	{ NULL, 0 },
};

uint64_t
value_load(const void *field, size_t width)
{
	uint64_t n64 = 0;
	uint32_t n32;
	uint16_t n16;

	switch (width) {
	case sizeof(uint8_t):
		return *(const uint8_t *)field;
	case sizeof(uint16_t):
		memcpy(&n16, field, sizeof(n16));
		return n16;
	case sizeof(uint32_t):
		memcpy(&n32, field, sizeof(n32));
		return n32;
	default:
		memcpy(&n64, field, sizeof(n64));
		return n64;
	}
}

void
value_store(void *field, size_t width, uint64_t number)
{
	uint32_t n32 = (uint32_t)number;
	uint16_t n16 = (uint16_t)number;
	uint8_t n8 = (uint8_t)number;

	switch (width) {
	case sizeof(uint8_t):
		memcpy(field, &n8, sizeof(n8));
		break;
	case sizeof(uint16_t):
		memcpy(field, &n16, sizeof(n16));
		break;
	case sizeof(uint32_t):
		memcpy(field, &n32, sizeof(n32));
		break;
	default:
		memcpy(field, &number, sizeof(number));
		break;
	}
}

static const struct value_unit *
find_unit(const struct value_unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

/* Up to six digits behind the point, as millionths; @text moves behind them. */
static int
read_fraction(const char **text, uint64_t *millionths)
{
	unsigned digits;

	*millionths = 0;
	if (**text != '.')
		return 0;
	(*text)++;
	for (digits = 0; isdigit((unsigned char)**text); digits++, (*text)++) {
		if (digits == MAX_FRACTION_DIGITS)
			return -EINVAL;
		*millionths = *millionths * 10 + (uint64_t)(**text - '0');
	}
	if (digits == 0)
		return -EINVAL;
	for (; digits < MAX_FRACTION_DIGITS; digits++)
		*millionths *= 10;
	return 0;
}

int
value_scale(const char *text, const struct value_unit *units, uint64_t *number)
{
	const struct value_unit *unit;
	uint64_t millionths;
	uint64_t whole;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	whole = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return -ERANGE;
	text = end;
	if (read_fraction(&text, &millionths) != 0)
		return -EINVAL;
	while (*text == ' ')
		text++;
	unit = find_unit(units, text);
	if (unit == NULL) {
		/* zero is the same in every unit */
		if (*text != '\0' || whole != 0 || millionths != 0)
			return -EINVAL;
		unit = units;
	}
	if (__builtin_mul_overflow(whole, unit->scale, &whole))
		return -ERANGE;
	/* scale <= 3.6e12, millionths < 1e6: the product fits */
	millionths *= unit->scale;
	if (millionths % 1000000 != 0)
		return -EINVAL;
	if (__builtin_add_overflow(whole, millionths / 1000000, number))
		return -ERANGE;
	return 0;
}

char *
value_format(uint64_t number, const struct value_unit *units, char *buf, size_t len)
{
	const struct value_unit *best = units;

	for (; units->name != NULL; units++)
		if (number != 0 && number % units->scale == 0 && units->scale > best->scale)
			best = units;
	snprintf(buf, len, "%" PRIu64 "%s", number / best->scale, best->name);
	return buf;
}

static int
parse_number(const struct config_key *key, const char *text, void *base)
{
	uint64_t number;
	int err = value_scale(text, key->type->units, &number);

	if (err != 0)
		return err;
	if (number < key->min || number > key->max)
		return -ERANGE;
	value_store((char *)base + key->offset, key->len, number);
	return 0;
}

static int
parse_word(const struct config_key *key, const char *text, void *base)
{
	const struct value_word *w;

	for (w = key->type->words; w->name != NULL; w++) {
		if (strcmp(w->name, text) == 0) {
			value_store((char *)base + key->offset, key->len, w->number);
			return 0;
		}
	}
	return -EINVAL;
}

static int
parse_text(const struct config_key *key, const char *text, void *base)
{
	size_t len = strlen(text);

	if (len >= key->len)
		return -ERANGE;
	memcpy((char *)base + key->offset, text, len + 1);
	return 0;
}

static int
parse_address(const struct config_key *key, const char *text, void *base)
{
	struct baro_addr addr;

	if (baro_addr_parse(text, &addr) != 0)
		return -EINVAL;
	memcpy((char *)base + key->offset, &addr, sizeof(addr));
	return 0;
}

int
value_read_prefix(const char *text, struct baro_addr *addr, uint8_t *prefix_len)
{
	const char *slash = strchr(text, '/');
	char host[BARO_ADDR_STRLEN];
	uint64_t number;
	size_t len;

	if (slash == NULL)
		return -EINVAL;
	len = (size_t)(slash - text);
	if (len >= sizeof(host) || value_scale(slash + 1, count_units, &number) != 0 || number > 32)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	*prefix_len = (uint8_t)number;
	return baro_addr_parse(host, addr) == 0 ? 0 : -EINVAL;
}

/* "198.18.0.2/24": the address at offset, the length at prefix_offset */
static int
parse_prefix(const struct config_key *key, const char *text, void *base)
{
	struct baro_addr addr;
	uint8_t prefix_len;

	if (value_read_prefix(text, &addr, &prefix_len) != 0 || prefix_len < 1)
		return -EINVAL;
	memcpy((char *)base + key->offset, &addr, sizeof(addr));
	((uint8_t *)base)[key->prefix_offset] = prefix_len;
	return 0;
}

static int
read_hex_octet(const char *text, uint8_t *octet)
{
	char pair[3];

	if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
		return -EINVAL;
	memcpy(pair, text, 2);
	pair[2] = '\0';
	*octet = (uint8_t)strtoul(pair, NULL, 16);
	return 0;
}

int
value_read_mac(const char *text, uint8_t mac[6])
{
	unsigned i;

	if (strlen(text) != 17)
		return -EINVAL;
	for (i = 0; i < 6; i++) {
		if (read_hex_octet(text + (size_t)3 * i, &mac[i]) != 0)
			return -EINVAL;
		if (i < 5 && text[3 * i + 2] != ':')
			return -EINVAL;
	}
	return 0;
}

static int
parse_mac(const struct config_key *key, const char *text, void *base)
{
	uint8_t mac[6];

	if (value_read_mac(text, mac) != 0)
		return -EINVAL;
	memcpy((char *)base + key->offset, mac, sizeof(mac));
	return 0;
}

/* "198.18.0.1" or "198.18.0.1:5353"; whoever names no port means 53 */
static int
parse_server(const char *text, struct baro_endpoint *ep)
{
	int err = 0;

	if (strchr(text, ':') != NULL) {
		err = baro_endpoint_parse(text, ep);
	} else {
		err = baro_addr_parse(text, &ep->addr);
		ep->port = 53;
	}
	return err != 0 || ep->port == 0 || baro_addr_to_v4(&ep->addr) == 0 ? -EINVAL : 0;
}

/* Several, with commas or spaces between, over all that were there. */
static int
parse_servers(const struct config_key *key, const char *text, void *base)
{
	struct baro_endpoint found[BARO_MAX_NAMESERVERS] = { { .port = 0 } };
	char word[BARO_ENDPOINT_STRLEN];
	unsigned n = 0;

	for (text += strspn(text, ", "); *text != '\0'; text += strspn(text, ", ")) {
		size_t len = strcspn(text, ", ");

		if (n == BARO_MAX_NAMESERVERS)
			return -ERANGE;
		if (len >= sizeof(word))
			return -EINVAL;
		memcpy(word, text, len);
		word[len] = '\0';
		if (parse_server(word, &found[n++]) != 0)
			return -EINVAL;
		text += len;
	}
	memcpy((char *)base + key->offset, found, sizeof(found));
	return n != 0 ? 0 : -EINVAL;
}

const struct config_type value_number = {
	.placeholder = "NUMBER",
	.expects = "a whole number",
	.parse = parse_number,
	.units = count_units,
	.is_number = true,
};

const struct config_type value_duration = {
	.placeholder = "DURATION",
	.expects = "a duration with its unit, such as 40us, 200ms, 15s or 2min",
	.parse = parse_number,
	.units = duration_units,
	.is_number = true,
};

const struct config_type value_size = {
	.placeholder = "SIZE",
	.expects = "a number of octets, such as 1500, 64k or 256KiB",
	.parse = parse_number,
	.units = size_units,
	.is_number = true,
};

const struct config_type value_rate = {
	.placeholder = "RATE",
	.expects = "bits a second, such as 100Mbit or 1Gbit",
	.parse = parse_number,
	.units = rate_units,
	.is_number = true,
};

const struct config_type value_probability = {
	.placeholder = "SHARE",
	.expects = "a share such as 1%, 0.1% or 500ppm",
	.parse = parse_number,
	.units = probability_units,
	.is_number = true,
};

const struct config_type value_switch = {
	.placeholder = "on|off|auto",
	.expects = "on, off or auto",
	.parse = parse_word,
	.words = switch_words,
};

const struct config_type value_ecn = {
	.placeholder = "on|off|passive",
	.expects = "on, off or passive",
	.parse = parse_word,
	.words = ecn_words,
};

const struct config_type value_idle = {
	.placeholder = "adaptive|poll|auto",
	.expects = "adaptive, poll or auto",
	.parse = parse_word,
	.words = idle_words,
};

const struct config_type value_text = {
	.placeholder = "TEXT",
	.expects = "a text",
	.parse = parse_text,
};

const struct config_type value_address = {
	.placeholder = "ADDRESS",
	.expects = "an IPv4 address such as 198.18.0.1",
	.parse = parse_address,
};

const struct config_type value_prefix = {
	.placeholder = "ADDRESS/LEN",
	.expects = "an IPv4 address with its prefix length, such as 198.18.0.2/24",
	.parse = parse_prefix,
};

const struct config_type value_mac = {
	.placeholder = "MAC",
	.expects = "six octets in hex, such as 02:00:00:00:00:02",
	.parse = parse_mac,
};

const struct config_type value_servers = {
	.placeholder = "ADDRESS[:PORT],...",
	.expects = "one to four name servers, such as 198.18.0.1 or 198.18.0.1:5353,198.18.0.3",
	.parse = parse_servers,
};

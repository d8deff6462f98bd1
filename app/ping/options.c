/* SPDX-License-Identifier: BSD-3-Clause */

/* The options of baro-ping: those of iputils that mean something here. */

#include <string.h>

#include "../value.h"
#include "ping.h"

static const char *
read_number(const char *value, uint32_t low, uint32_t high, const char *expected, uint32_t *n)
{
	return value_whole(value, low, high, n) ? NULL : expected;
}

static const char *
set_count(const char *value, void *user)
{
	return read_number(value, 1, UINT32_MAX, "not a number of requests, 1 or more",
		&((struct ping_options *)user)->count);
}

static const char *
set_interval(const char *value, void *user)
{
	return value_seconds(value, 0.001, 86400, &((struct ping_options *)user)->interval_ns)
		       ? NULL
		       : "not a number of seconds, 0.001..86400";
}

static const char *
set_size(const char *value, void *user)
{
	uint32_t n = 0;
	const char *why =
		read_number(value, 0, BARO_PING_MAX, "not a number of octets, 0..65507", &n);

	((struct ping_options *)user)->len = (uint16_t)n;
	return why;
}

static const char *
set_ttl(const char *value, void *user)
{
	uint32_t n = 0;
	const char *why = read_number(value, 1, 255, "not a TTL, 1..255", &n);

	((struct ping_options *)user)->ttl = (uint8_t)n;
	return why;
}

static const char *
set_wait(const char *value, void *user)
{
	return value_seconds(value, 0.001, 86400, &((struct ping_options *)user)->wait_ns)
		       ? NULL
		       : "not a number of seconds, 0.001..86400";
}

static const char *
set_tos(const char *value, void *user)
{
	uint32_t n = 0;
	const char *why = read_number(value, 0, 255, "not a TOS octet, 0..255", &n);

	((struct ping_options *)user)->tos = (uint8_t)n;
	return why;
}

static const char *
set_quiet(const char *value, void *user)
{
	(void)value;
	((struct ping_options *)user)->is_quiet = true;
	return NULL;
}

/* -M do: never fragment; dont: set no DF, as we do anyway. */
static const char *
set_pmtudisc(const char *value, void *user)
{
	if (strcmp(value, "do") != 0 && strcmp(value, "dont") != 0)
		return "neither do nor dont";
	((struct ping_options *)user)->has_df = strcmp(value, "do") == 0;
	return NULL;
}

static const char *
set_destination(const char *value, void *user)
{
	struct ping_options *o = user;

	if (o->name != NULL)
		return "a second destination; one is enough";
	o->name = value;
	return NULL;
}

const struct baro_app_option ping_app_options[] = {
	{ "c", "COUNT", "stop after so many requests", set_count },
	{ "i", "SECONDS", "between requests (1)", set_interval },
	{ "s", "OCTETS", "of data (56)", set_size },
	{ "t", "TTL", "time to live (64)", set_ttl },
	{ "W", "SECONDS", "to wait for an answer (10)", set_wait },
	{ "q", NULL, "print the statistics alone", set_quiet },
	{ "Q", "TOS", "TOS octet, DSCP in its upper six bits", set_tos },
	{ "M", "do|dont", "do: never in fragments (dont)", set_pmtudisc },
	{ "", "DESTINATION", "a host, by name or IPv4 address", set_destination },
	{ NULL, NULL, NULL, NULL },
};

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APP_VALUE_H
#define APP_VALUE_H

/* Values on the command lines of our programs: a number and its unit, within bounds. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct value_unit {
	const char *name;
	double factor;
};

/**
 * "1.5M": a number and one of @units, the last of which has no name.
 *
 * @return false: it is something else, or not within @low..@high
 */
static inline bool
value_read(const char *text, const struct value_unit *units, double low, double high, double *out)
{
	char *end;
	double n = strtod(text, &end);

	if (strchr("0123456789.", text[0]) == NULL || end == text)
		return false;
	while (units->name != NULL && strcmp(units->name, end) != 0)
		units++;
	if (units->name == NULL)
		return false;
	*out = n * units->factor;
	return *out >= low && *out <= high;
}

/** "64", "10k", "1.5M" */
static inline bool
value_number(const char *text, double low, double high, double *n)
{
	static const struct value_unit units[] = { { "", 1 }, { "k", 1e3 }, { "M", 1e6 },
		{ NULL, 0 } };

	return value_read(text, units, low, high, n);
}

/** As value_number(), and no fraction of one. */
static inline bool
value_whole(const char *text, uint32_t low, uint32_t high, uint32_t *out)
{
	double n;

	if (!value_number(text, low, high, &n))
		return false;
	*out = (uint32_t)n;
	return *out == n;
}

static inline bool
value_port(const char *text, uint16_t *port)
{
	uint32_t n;

	if (strspn(text, "0123456789") != strlen(text) || !value_whole(text, 1, UINT16_MAX, &n))
		return false;
	*port = (uint16_t)n;
	return true;
}

/** "100", "16KiB": octets */
static inline bool
value_size(const char *text, uint32_t high, size_t *octets)
{
	static const struct value_unit units[] = { { "", 1 }, { "KiB", 1024 }, { NULL, 0 } };
	double n;

	if (!value_read(text, units, 1, high, &n))
		return false;
	*octets = (size_t)n;
	return true;
}

/** "10s", "500ms", "2min", "0s", at most a day. */
static inline bool
value_time(const char *text, uint64_t *ns)
{
	static const struct value_unit units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "min", 60e9 },
		{ NULL, 0 } };
	double n;

	if (!value_read(text, units, 0, 86400e9, &n))
		return false;
	*ns = (uint64_t)n;
	return true;
}

/** "0.2": seconds without a unit, as curl and ping take them; @low and @high are seconds. */
static inline bool
value_seconds(const char *text, double low, double high, uint64_t *ns)
{
	static const struct value_unit units[] = { { "", 1 }, { NULL, 0 } };
	double n;

	if (!value_read(text, units, low, high, &n))
		return false;
	*ns = (uint64_t)(n * 1e9);
	return true;
}

#endif

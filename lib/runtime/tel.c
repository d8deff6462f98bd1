/* SPDX-License-Identifier: BSD-3-Clause */

/* What the telemetry commands share: parameters, refusals, rows. */

#include "runtime/tel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tables.h"

/* Behind "@key", where a value or the end follows; NULL: it is not there. */
static const char *
find(const char *params, const char *key)
{
	size_t len = strlen(key);

	for (const char *at = params; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, key, len) == 0 &&
			(at[len] == '=' || at[len] == ',' || at[len] == '\0'))
			return at + len;
	}
	return NULL;
}

bool
tel_param(const char *params, const char *key, char *value, size_t len)
{
	const char *at = find(params, key);

	if (at == NULL || *at != '=')
		return false;
	at++;
	snprintf(value, len, "%.*s", (int)strcspn(at, ","), at);
	return true;
}

bool
tel_flag(const char *params, const char *key)
{
	const char *at = find(params, key);

	return at != NULL && *at != '=';
}

bool
tel_number(const char *params, const char *key, uint64_t max, uint64_t otherwise, uint64_t *n)
{
	char text[24];
	char *end;

	*n = otherwise;
	if (!tel_param(params, key, text, sizeof(text)))
		return true;
	*n = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *n <= max;
}

int
tel_refuse(struct rte_tel_data *d, const char *format, ...)
{
	char text[RTE_TEL_MAX_STRING_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "error", text);
	return 0;
}

struct rte_tel_data *
tel_rows(void)
{
	struct rte_tel_data *rows = rte_tel_data_alloc();

	if (rows != NULL)
		rte_tel_data_start_dict(rows);
	return rows;
}

struct rte_tel_data *
tel_row(struct rte_tel_data *rows, unsigned i)
{
	char name[16];
	struct rte_tel_data *row = rte_tel_data_alloc();

	if (row == NULL)
		return NULL;
	rte_tel_data_start_dict(row);
	snprintf(name, sizeof(name), "%u", i);
	if (rte_tel_data_add_dict_container(rows, name, row, 0) == 0)
		return row;
	rte_tel_data_free(row);
	return NULL;
}

int
tel_add_rows(struct rte_tel_data *d, const char *name, struct rte_tel_data *rows, uint64_t next)
{
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_container(d, name, rows, 0);
	if (next != TABLE_END)
		rte_tel_data_add_dict_u64(d, "next", next);
	return 0;
}

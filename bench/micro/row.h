/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MICRO_ROW_H
#define BENCH_MICRO_ROW_H

/* A row of bench-micro's table: one thing that is measured. */

#include <stddef.h>
#include <stdint.h>

struct row {
	const char *name;
	uint32_t per; /* operations, or packets, of one run() */
	uint32_t arg; /* what the row's functions make of it */
	uint32_t arg2;

	/** Makes what it works on. @return NULL: no memory */
	void *(*open)(const struct row *row);
	/** Before each run(), not measured. May be NULL */
	void (*prepare)(void *state);
	/** What is measured. */
	void (*run)(void *state);
	void (*close)(void *state);
};

/** Each ends with a row without a name. */
extern const struct row rows_parts[], rows_tcp[], rows_udp[], rows_syn[];

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_STATS_H
#define BARO_STATS_H

/*
 * Counters of a core: what it did, and why it dropped packets. They may be read from any
 * thread; values are octets or events since the core began and only grow.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;

struct baro_counter {
	const char *name;     /* "TCP_IN_SEGS" */
	const char *layer;    /* "tcp" */
	const char *sentence; /* what it counts */
	uint64_t value;
};

/** Number of counters, and the @i-th. @return 0, -ERANGE */
unsigned
baro_stat_count(void);
int
baro_stat_read(const struct baro_core *core, unsigned i, struct baro_counter *out);

/** Number of drop reasons, and the @i-th. @return 0, -ERANGE */
unsigned
baro_drop_count(void);
int
baro_drop_read(const struct baro_core *core, unsigned i, struct baro_counter *out);

/** Objects in use now; to be read on the core's own thread, unlike the counters. */
struct baro_usage {
	uint32_t conns;      /* connections with a control block */
	uint32_t embryos;    /* connections of listeners in SYN-RECEIVED, without control block */
	uint32_t time_waits; /* connections in TIME-WAIT */
	uint32_t listeners;
	uint32_t neighbours;
	uint32_t timers; /* armed */
	uint32_t mbufs;  /* buffers in use, of this core's pools */
	uint32_t sent;   /* records of segments in flight */
};

void
baro_usage_read(const struct baro_core *core, struct baro_usage *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_STATS_H
#define BARO_STATS_H

/*
 * Counters of a core: what it did, and why it dropped packets; and what it has in use. They may be
 * read from any thread; counters are octets or events since the core began and only grow.
 */

#include <stddef.h>
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

/** Objects in use now. */
struct baro_usage {
	uint32_t conns;      /* connections from ESTABLISHED on, and our own SYN-SENT */
	uint32_t resting;    /* those of them at rest, without control block */
	uint32_t embryos;    /* connections of listeners in SYN-RECEIVED, without control block */
	uint32_t time_waits; /* connections in TIME-WAIT */
	uint32_t listeners;
	uint32_t neighbours;
	uint32_t timers; /* armed, but for the one that fires when connections may rest */
	uint32_t mbufs;  /* buffers in use, of this core's pools */
	uint32_t sent;   /* records of segments in flight */
};

void
baro_usage_read(const struct baro_core *core, struct baro_usage *out);

/**
 * All of it in Prometheus's text format 0.0.4, with a line for each core of the program.
 *
 * @len    octets of @text; twice what an earlier call returned is safe for the numbers' growth
 * @return octets that all of it has, final NUL not counted; if not less than @len the text is cut at a
 *         line's end somewhere
 */
size_t
baro_metrics_write(const struct baro_core *core, char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif

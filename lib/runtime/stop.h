/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_STOP_H
#define BARO_RUNTIME_STOP_H

/*
 * How the program is told to end. SIGINT, SIGTERM or SIGHUP: drain; a second one: at once,
 * but tidily; a third one kills. A core looks once a turn.
 */

#include <stdatomic.h>

enum stop_level {
	STOP_NOT,
	STOP_DRAIN, /* finish connections first */
	STOP_NOW,   /* close everything and end */
};

extern atomic_int stop_requests;

static inline enum stop_level
stop_level(void)
{
	int n = atomic_load_explicit(&stop_requests, memory_order_relaxed);

	return n < STOP_NOW ? (enum stop_level)n : STOP_NOW;
}

/** Take the signals from here on. */
void
stop_watch(void);

/** A core could not start, or a test has seen enough. */
void
stop_request(enum stop_level level);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_CORE_H
#define BARO_CORE_H

/*
 * A core: one complete stack, owned by one thread at a time. Time is the
 * caller's: nanoseconds, never going back. Several cores may live in one process.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;
struct baro_config;

/** Nothing is waiting for any time. */
#define BARO_NEVER UINT64_MAX

/**
 * Make a core without ports, in ordinary memory: no EAL, no device, no root. Ports are
 * added with baro_port_open() (port.h).
 *
 * @config  zeroed or NULL: defaults; copied. Its EAL arguments and ports are not looked at beyond
 *          the check
 * @now_ns  the time at which this core's life begins
 * @return  0, -EINVAL (configuration; baro_config_check() says what), -ENOMEM
 */
int
baro_core_create(const struct baro_config *config, uint64_t now_ns, struct baro_core **out);

/**
 * Free everything. What is open is forgotten: peers are told nothing, no callback is called, and
 * all handles (connections, listeners, UDP sockets, ports) are gone.
 */
void
baro_core_destroy(struct baro_core *core);

/**
 * One turn: expired timers, received frames, callbacks, what is to be sent.
 *
 * @now_ns  not before the last one
 * @return  frames and timers worked on; 0: there were none, though what the application had queued
 *          may have been sent
 */
unsigned
baro_core_poll(struct baro_core *core, uint64_t now_ns);

/**
 * When baro_core_poll() has work by itself, in ns of the caller's clock: 0 when at
 * once, BARO_NEVER when only a frame or a call can bring some. May be early by a turn,
 * is never late.
 */
uint64_t
baro_core_next_deadline(const struct baro_core *core);

/** The time of the turn in progress, or of the last one. */
uint64_t
baro_core_now(const struct baro_core *core);

/** 0..number of cores - 1 under baro_app_main(); 0 from baro_core_create(). */
unsigned
baro_core_id(const struct baro_core *core);

/** How many cores work side by side: 1 from baro_core_create(). */
unsigned
baro_core_count(const struct baro_core *core);

/**
 * An application's timer; its memory is the application's, zeroed before first use, and stays
 * while the timer runs.
 */
struct baro_timer {
	uint64_t priv[6];
	void (*fire)(struct baro_timer *t, uint64_t now_ns);
};

/**
 * Start or move @t; fires once, never early: in the first turn at or after @deadline_ns, a time of
 * the caller's clock (baro_core_now()), or, when hundreds are due, in one of the next. t->fire must be
 * set; it may start @t again.
 */
void
baro_timer_start(struct baro_core *core, struct baro_timer *t, uint64_t deadline_ns);

/** Nothing happens if it is not running. */
void
baro_timer_stop(struct baro_core *core, struct baro_timer *t);

#ifdef __cplusplus
}
#endif

#endif

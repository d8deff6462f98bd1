/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_METRICS_H
#define BARO_RUNTIME_METRICS_H

/*
 * Counters and objects in use in Prometheus's text format 0.0.4, made of stat.def and drop.def. It
 * comes by items, each of whole lines, so that telemetry can carry it: a counter with a line for each
 * core, say. Any thread.
 */

#include <stddef.h>

struct baro_core;

/** Octets that an item has at most, final NUL included. */
#define METRICS_ITEM_LEN 8192

/**
 * Item @i of the program that @core belongs to, in front its HELP and TYPE.
 *
 * @return its length; 0: there are fewer
 */
size_t
metrics_item(const struct baro_core *core, unsigned i, char text[METRICS_ITEM_LEN]);

#endif

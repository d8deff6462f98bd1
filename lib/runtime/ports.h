/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_PORTS_H
#define BARO_RUNTIME_PORTS_H

/* The ports of a program: opened before the cores start, closed after the last has ended. */

#include <baro/config.h>
#include <stdio.h>

#include "dev/ethdev.h"

/**
 * Open every [portN] with a queue for each of @cores, or as many as it has. port[N] with
 * n_queues 0 is unused.
 *
 * @return 0, -errno; @problem says what to do. What was open is closed again.
 */
int
ports_open(const struct baro_config *config, const struct ethdev_cores *cores,
	struct dev_port port[BARO_MAX_PORTS], struct dev_problem *problem);

void
ports_close(struct dev_port port[BARO_MAX_PORTS]);

/** One line for each. */
void
ports_print(
	const struct baro_config *config, const struct dev_port port[BARO_MAX_PORTS], FILE *out);

#endif

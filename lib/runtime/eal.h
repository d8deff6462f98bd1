/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_EAL_H
#define BARO_RUNTIME_EAL_H

/* Starting and ending DPDK's environment. */

#include <baro/config.h>

#include "runtime/eal_args.h"

/** What the machine has, and what @config needs with the cores that @args name. */
struct eal_means
eal_means_find(const struct baro_config *config, const struct eal_args *args);

/**
 * rte_eal_init(). DPDK says on stderr what it does not like.
 *
 * @problem  a sentence when it fails
 * @return   0, -errno
 */
int
eal_start(const struct eal_args *args, char *problem, size_t len);

/** Nothing of it is left behind. */
void
eal_end(void);

#endif

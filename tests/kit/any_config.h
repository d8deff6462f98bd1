/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_ANY_CONFIG_H
#define BARO_KIT_ANY_CONFIG_H

/* Configurations by chance: what must hold, must hold with every one of them. */

#include <stdint.h>

struct baro_config;

/**
 * Set every switch of [tcp], two bits of @switches each, and by @rest the buffers, the first window,
 * the delay of ACKs, the burst and the congestion control. A switch that is added is found by itself.
 */
void
any_config(struct baro_config *config, uint32_t switches, uint32_t rest);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_TELEMETRY_H
#define BARO_RUNTIME_TELEMETRY_H

/*
 * What the program tells by DPDK's telemetry socket, and what can be changed there: /baro/... Commands
 * run on threads of DPDK's, one at a time here; they read counters and ask the cores for the rest
 * (crew.h). baro-stat is their usual caller; usertools/dpdk-telemetry.py works as well.
 */

#include "runtime/tel.h"

/** From now on commands are answered. @t stays the caller's, until telemetry_stop() */
void
telemetry_start(const struct telemetry *t);

/** No command is answered from now on, none is running afterwards, and a capture is complete. */
void
telemetry_stop(void);

#endif

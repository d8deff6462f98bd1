/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BARO_H
#define BARO_BARO_H

/* All of the public API. lib/README.md is the map. */

#include <baro/addr.h>
#include <baro/app.h>
#include <baro/config.h>
#include <baro/conn.h>
#include <baro/core.h>
#include <baro/iface.h>
#include <baro/neigh.h>
#include <baro/ping.h>
#include <baro/port.h>
#include <baro/resolve.h>
#include <baro/route.h>
#include <baro/sim.h>
#include <baro/socket.h>
#include <baro/stats.h>
#include <baro/tcp_info.h>
#include <baro/trace.h>
#include <baro/udp.h>

#endif

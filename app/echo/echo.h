/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECHO_H
#define ECHO_H

#include <baro/baro.h>

/** Echo on TCP and UDP @port of every address (RFC 862) while the core lives. @return 0 or -errno */
int
echo_start(struct baro_core *core, uint16_t port);

#endif

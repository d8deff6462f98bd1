/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STAT_FIND_H
#define STAT_FIND_H

/* Which process is meant. */

#include "client.h"

/**
 * Connect to the process of @prefix (EAL's --file-prefix), or with NULL to the only one on baro that
 * runs. @return false: there is none, or there are several; stderr says so
 */
bool
find_process(const char *prefix, struct client *c);

#endif

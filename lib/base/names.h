/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_BASE_NAMES_H
#define BARO_BASE_NAMES_H

/*
 * Names, layers and sentences of drop reasons and counters, as drop.def and
 * stat.def have them. Nothing is NULL: DROP_NONE is "NONE", and a number that is
 * no reason or counter is "?".
 */

#include "base/env.h"

/** "TCP_SEQ" */
const char *
drop_name(enum drop why);
/** "tcp" */
const char *
drop_layer(enum drop why);
/** "segment outside the receive window" */
const char *
drop_sentence(enum drop why);

/** "TCP_IN_SEGS" */
const char *
stat_name(enum stat what);
/** "tcp" */
const char *
stat_layer(enum stat what);
/** "segments received" */
const char *
stat_sentence(enum stat what);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_KIT_INVARIANTS_H
#define BARO_KIT_INVARIANTS_H

/*
 * What is true of a stack's TCP between two turns, whatever has happened to it. It needs no test
 * framework: the lab, the property test and the fuzzer look at it after each turn.
 */

struct baro_core;
struct tcp;
struct tcp_conn;

/**
 * Windows, notes, queues, reassembly, flags and timers of one connection.
 *
 * @return NULL, or what does not hold; the text is valid until the next call
 */
const char *
invariants_of_conn(const struct tcp_conn *c);

/** All connections of @core, and the sums over them: buffers, notes, backlogs, the flow table. */
const char *
invariants_of_core(const struct baro_core *core);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_DATAGRAM_H
#define LOAD_DATAGRAM_H

/* What the modes over UDP share. */

#include "worker.h"

enum { DATAGRAM_MIN = 12 }; /* octets: number, time */

const char *
datagram_check(struct load_plan *plan);
int
datagram_begin(struct load_worker *w);
void
datagram_open(struct load_flow *f, baro_udp_received received);
/** w->request leaves. */
void
datagram_send(struct load_worker *w, struct load_flow *f);
void
datagram_abort(struct load_flow *f);

#endif

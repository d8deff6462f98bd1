/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_DUPACK_H
#define BARO_TCP_DUPACK_H

/*
 * Losses of a connection without SACK: three duplicate acknowledgements tell of one (RFC 5681
 * §3.2), a partial acknowledgement in recovery tells of the next (RFC 6582 §3.2).
 *
 * A duplicate also says that one segment has left the network: conn->sacked counts what must
 * have arrived, and with it the pipe shrinks. That is RFC 6582's inflating and
 * deflating of cwnd, without touching cwnd, and limited transmit (RFC 3042), too.
 */

#include "tcp/conn.h"
#include "tcp/news.h"

/**
 * Count what @n says has arrived, and mark what is lost by it.
 *
 * @return octets that seem to have been delivered by now and not before (RFC 9937 §6.2)
 */
uint32_t
dupack_take(struct tcp_conn *c, const struct tcp_news *n);

#endif

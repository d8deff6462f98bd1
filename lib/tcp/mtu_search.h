/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_MTU_SEARCH_H
#define BARO_TCP_MTU_SEARCH_H

/*
 * Where routers drop without a word, large segments vanish and small ones do not: a black hole. After
 * the second time-out of a segment larger than mtu_base (RFC 4821 §7.7, full-stop timeout) segments have
 * that size, and a search for more begins. A probe is a larger segment of new text with smaller
 * ones behind it, so that its loss is found like any other; but it is no sign of congestion (§7.5):
 *
 *	bound <= what gets through < fails
 *
 * Three losses (RFC 8899 §5.1.2, MAX_PROBES) say that a size does not get through. The first size that
 * is tried is the path's, in case it was no hole; then halves. What failed is tried again
 * after mtu_again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "tcp/mss.h"

enum { MTU_BASE = 1024 }; /* RFC 4821 §7.2 */

/** Segments have mtu_base from now on, and larger ones are tried. */
void
mtu_search_begin(struct tcp_conn *c);

/** With TCP_F_MTU_SEARCH or without: mtu.path has changed. */
void
mtu_search_follow(struct tcp_conn *c);

/** The connection is established: search from the beginning, if that is wanted. */
void
mtu_established(struct tcp_conn *c);

/**
 * With TCP_F_MTU_SEARCH: octets of text in the probe that may leave now, of @unsent, with @room for text
 * in both windows; 0: none.
 */
uint32_t
mtu_probe_len(struct tcp_conn *c, uint32_t unsent, uint32_t room, uint64_t now_ns);

/** The probe has left; its end is snd_nxt. */
void
mtu_probe_sent(struct tcp_conn *c);

/** With TCP_F_MTU_SEARCH: snd_una has moved. */
void
mtu_acked(struct tcp_conn *c, uint64_t now_ns);

/** The segment that ends before @end was found lost. @return true: it was the probe, and means its size only */
bool
mtu_probe_lost(struct tcp_conn *c, struct seq end);

#endif

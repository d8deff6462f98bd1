/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_REASS_H
#define BARO_TCP_REASS_H

/*
 * Text that came out of order (RFC 9293 §3.10.7.4, seventh step): kept in
 * sequence, without overlaps, until the hole before it is filled. It knows what
 * to tell the peer about it by SACK (RFC 2018 §4).
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/seq.h"
#include "tcp/text.h"
#include "wire/tcp.h"

enum {
	REASS_RECENT = 4, /* runs remembered for SACK blocks */
};

struct tcp_reass {
	struct text *head;
	uint32_t n_pieces;
	uint32_t octets;
	struct text *tail;
	struct text *
		near; /* the piece that came last, or its neighbour: where to look first; or NULL */
	uint32_t n_recent;
	struct tcp_sack recent[REASS_RECENT]; /* whole runs, that of the latest arrival first */
	struct tcp_sack dup; /* of the last reass_add() or reass_take(): what was held already, the
			      * first piece of it; empty: nothing */
};

enum { DSACK_MAX = 4 }; /* blocks of one turn; neighbours are one. What is more is not told */

/** What has arrived twice and has not been told yet (dsack.h), the earliest first. */
struct tcp_dsack {
	struct tcp_sack block[DSACK_MAX];
	uint32_t n; /* at most conn->dups_owed */
};

static inline bool
reass_is_empty(const struct tcp_reass *r)
{
	return r->head == NULL;
}

/**
 * Keep the pieces of list @t (contiguous, all beyond rcv_nxt). What is held already
 * stays, and is told by @r->dup; the overlapping parts of @t, and @t itself if nothing of it is new,
 * go to @waste.
 *
 * @return octets that were new
 */
uint32_t
reass_add(struct tcp_reass *r, struct text *t, struct text_list *waste);

/** Move what follows @rcv_nxt without a hole to @ready. @return the new rcv_nxt */
struct seq
reass_take(
	struct tcp_reass *r, struct seq rcv_nxt, struct text_list *ready, struct text_list *waste);

/** Drop what lies at @end or behind it. */
void
reass_cut(struct tcp_reass *r, struct seq end, struct text_list *waste);

/** Drop everything. */
void
reass_clear(struct tcp_reass *r, struct text_list *waste);

/**
 * SACK blocks, at most @max: the first holds the latest arrival, the others the ones before it.
 *
 * @return blocks written
 */
uint32_t
reass_sack(const struct tcp_reass *r, struct tcp_sack *block, uint32_t max);

#endif

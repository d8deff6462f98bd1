/* SPDX-License-Identifier: BSD-3-Clause */
/* D-SACK, sent; see the header. */

#include "tcp/dsack.h"

#include <string.h>

void
dsack_note(struct tcp_conn *c, struct tcp_sack dup)
{
	struct tcp_dsack *d = &c->dsack;
	struct tcp_sack *last = d->n != 0 ? &d->block[d->n - 1] : NULL;

	if (!tcp_is(c, TCP_F_SACK) || seq_eq(dup.from, dup.to))
		return;
	count(common_of(c)->env, STAT_TCP_DSACKS_OUT);
	if (last != NULL && seq_le(dup.from, last->to) && seq_ge(dup.to, last->from)) {
		last->from = seq_min(last->from, dup.from);
		last->to = seq_max(last->to, dup.to);
	} else if (d->n < DSACK_MAX) {
		d->block[d->n++] = dup;
	}
	c->dups_owed = (uint8_t)max_u32(c->dups_owed, d->n);
}

/** RFC 2883 §4: if the duplicate lies in a block of what is held, that block comes second. */
static void
put_holder_first(struct tcp_sack *block, uint32_t n, struct tcp_sack dup)
{
	for (uint32_t i = 1; i < n; i++) {
		struct tcp_sack holder = block[i];

		if (seq_gt(holder.from, dup.from) || seq_lt(holder.to, dup.to))
			continue;
		memmove(block + 1, block, i * sizeof(*block));
		block[0] = holder;
	}
}

/** A FIN that came with text which waits for a hole to be filled is held, too: the octet behind the last one. */
static void
hold_fin(const struct tcp_conn *c, struct tcp_sack *block, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (seq_eq(block[i].to, c->fin_seq))
			block[i].to = seq_add(c->fin_seq, 1);
}

uint32_t
dsack_blocks(const struct tcp_conn *c, struct tcp_sack *block, uint32_t max)
{
	const struct tcp_dsack *d = &c->dsack;
	struct tcp_sack held[REASS_RECENT];
	uint32_t n_held = reass_sack(&c->reass, held, REASS_RECENT);
	uint32_t n = 0;

	if (unlikely(tcp_is(c, TCP_F_FIN_SEEN)))
		hold_fin(c, held, n_held);
	if (d->n != 0) {
		put_holder_first(held, n_held, d->block[0]);
		block[n++] = d->block[0];
	}
	for (uint32_t i = 0; i < n_held && n < max; i++)
		block[n++] = held[i];
	return n;
}

void
dsack_told(struct tcp_conn *c)
{
	struct tcp_dsack *d = &c->dsack;

	if (likely(d->n == 0))
		return;
	d->n--;
	memmove(d->block, d->block + 1, d->n * sizeof(*d->block));
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_NEWS_H
#define BARO_TCP_NEWS_H

/* What one acknowledgement tells: found out by one mechanism of loss recovery, used by the next. */

#include <stdbool.h>
#include <stdint.h>

#include "tcp/cc.h"
#include "tcp/rate.h"
#include "tcp/seg.h"

struct tcp_news {
	const struct tcp_seg *seg;
	uint64_t now_ns;
	uint32_t flight; /* sequence space in flight before it, octets */
	bool is_advance; /* snd_una has moved, */
	bool is_dupack;  /* or it is a duplicate by RFC 5681 §2 */
	/* what has been delivered */
	struct tcp_sent *done; /* notes that it covers, the latest first */
	struct tcp_cc_sample s;
	struct tcp_rate rate;
	bool is_sack_new;      /* SACK reports something for the first time */
	bool is_original_new;  /* something sent once, before recover, is delivered now */
	struct tcp_sack dsack; /* what has arrived twice (RFC 2883) */
	bool has_dsack;
	/* notes for those that have to be cut in two; the user takes them off */
	struct tcp_sent *spare;
};

#endif

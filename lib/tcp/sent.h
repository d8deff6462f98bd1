/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_SENT_H
#define BARO_TCP_SENT_H

/*
 * One note per segment in flight, oldest first: when it left, whether it is
 * thought lost, what had been delivered by then. Round-trip times, loss recovery and
 * rate samples (rate.h) come from here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/seq.h"
#include "tcp/rate.h"

struct tcp_conn;
struct tcp_cc_sample;

enum {
	SENT_LOST = 0x01,  /* thought lost, not sent again yet: counted in conn->lost */
	SENT_AGAIN = 0x02, /* sent more than once: no round-trip time from it (Karn) */
	SENT_SYN = 0x04,
	SENT_FIN = 0x08,
};

struct tcp_sent {
	struct tcp_sent *next;
	uint64_t sent_ns;
	struct tcp_rate_mark rate;
	struct seq seq;
	uint32_t len;   /* sequence space, SYN and FIN included */
	uint32_t index; /* in the slab */
	uint8_t flags;  /* SENT_* */
};

/** A segment leaves for the first time: append its note. */
void
sent_add(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns);

/** A segment leaves again. */
void
sent_again(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns);

/**
 * Take away what @ack covers; a note that is covered in part is trimmed. Fills acked,
 * rtt_ns, rate and what goes with it in @sample.
 *
 * @return the notes no longer needed, a list
 */
struct tcp_sent *
sent_acked(struct tcp_conn *c, struct seq ack, struct tcp_cc_sample *sample);

/** Think @s lost. */
void
sent_mark_lost(struct tcp_conn *c, struct tcp_sent *s);

/** Think everything in flight lost: the retransmission timer ran out. */
void
sent_mark_all_lost(struct tcp_conn *c);

/** The oldest one thought lost; NULL: none. */
struct tcp_sent *
sent_first_lost(const struct tcp_conn *c);

#endif

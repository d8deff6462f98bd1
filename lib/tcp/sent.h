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
	SENT_SACKED = 0x10, /* reported by SACK: counted in conn->sacked; never lost as well */
	SENT_LISTED = 0x20, /* in the list of those sent again */
};

/** What makes a note special when it is acknowledged. */
#define SENT_SPECIAL (SENT_LOST | SENT_AGAIN | SENT_SACKED | SENT_LISTED)

struct tcp_sent {
	struct tcp_sent *next;
	struct tcp_sent *again_next; /* of those sent again, the one sent after this */
	uint64_t sent_ns;
	struct tcp_rate_mark rate;
	struct seq seq;
	uint32_t len;   /* sequence space, SYN and FIN included */
	uint32_t index; /* in the slab */
	uint8_t flags;  /* SENT_* */
};

/** Something is not as it should be from now on: TCP_F_DISORDER. */
void
sent_disorder(struct tcp_conn *c);

/** A segment leaves for the first time: append its note. */
void
sent_add(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns);

/** A segment leaves again: it is not lost any more, and the latest of those sent again. */
void
sent_again(struct tcp_conn *c, struct tcp_sent *s, uint64_t now_ns);

/**
 * Take away what @ack covers; a note that is covered in part is trimmed. What SACK had not
 * reported before is delivered now: acked and rtt_ns of @sample, and @rate, hear of it.
 *
 * @return the notes no longer needed, a list, the latest first; they still say where they ended
 *         (seq), what they were (flags) and when they left (sent_ns)
 */
struct tcp_sent *
sent_acked(struct tcp_conn *c, struct seq ack, struct tcp_cc_sample *sample, struct tcp_rate *rate);

/**
 * Cut @s in two behind its first @len octets; @rest is a fresh note for the others and gets the same
 * marks. @return false: there are no others, @rest is not used
 */
bool
sent_split(struct tcp_conn *c, struct tcp_sent *s, uint32_t len, struct tcp_sent *rest);

/** Think @s lost. It is not SACKED. */
void
sent_mark_lost(struct tcp_conn *c, struct tcp_sent *s);

/** Think @s lost for its size, which says nothing about congestion. */
void
sent_mark_too_big(struct tcp_conn *c, struct tcp_sent *s);

/** Think everything in flight lost that SACK has not reported. */
void
sent_mark_all_lost(struct tcp_conn *c);

/** SACK reports @s for the first time. */
void
sent_mark_sacked(struct tcp_conn *c, struct tcp_sent *s);

/** Nothing is lost after all. */
void
sent_unmark_lost(struct tcp_conn *c);

/** SACK has reported nothing after all. */
void
sent_unmark_sacked(struct tcp_conn *c);

/** The oldest one thought lost; NULL: none. */
struct tcp_sent *
sent_first_lost(struct tcp_conn *c);

/** All notes are taken away, a list. */
struct tcp_sent *
sent_take_all(struct tcp_conn *c);

#endif

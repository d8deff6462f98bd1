/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_SEG_H
#define BARO_TCP_SEG_H

/*
 * What goes into the protocol core and what comes out of it: a received segment, the list
 * of consequences, and the plan of a segment to send. No octets, no buffers.
 */

#include "tcp/text.h"
#include "wire/tcp.h"

struct tcp_sent;

/** A received segment. Trimming moves h.seq and len; text follows. */
struct tcp_seg {
	struct tcp_hdr h;
	uint32_t len;      /* octets of text */
	uint32_t hash;     /* of its flow: tcp_hash() */
	struct text *text; /* NULL if len is 0 */
	bool is_ce;        /* the network has marked it: RFC 3168 §5 */
	bool was_refused;  /* it had text, for which there was no room: len is 0 */
};

/** Sequence space that it takes, SEG.LEN. */
static inline uint32_t
seg_space(const struct tcp_seg *seg)
{
	return seg->len + ((seg->h.flags & TCP_SYN) != 0) + ((seg->h.flags & TCP_FIN) != 0);
}

/** What the glue is to do after tcp_input(). Zeroed before. */
struct tcp_todo {
	struct text_list taken; /* in order now: append to the receive queue */
	struct text_list waste; /* nobody wants it: free */
	struct tcp_sent *done;  /* notes on segments that were acknowledged: free */
	struct tcp_sent *
		spare; /* in: fresh notes, SACK_SPARES if there are SACK blocks; out: what is left */
	uint32_t acked_text; /* octets to take off the head of the send queue */
	bool wants_room; /* our window is in the peer's way: double the buffer if there is memory */
	bool send_rst;   /* answer by RST: <SEQ=rst_seq><CTL=RST> */
	struct seq rst_seq;
};

/** The next segment to send. */
struct tcp_out {
	struct seq seq;
	uint32_t len;           /* octets of text */
	uint8_t flags;          /* SYN, FIN, PSH; ACK is added where due */
	struct tcp_sent *again; /* a segment to be sent again; NULL: a new one */
	bool is_probe;          /* of a closed window: no note is kept */
};

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_LOSS_H
#define BARO_TCP_LOSS_H

/*
 * What loss recovery remembers of a connection between two acknowledgements. Nothing of it is
 * looked at while TCP_F_DISORDER is not set, save for what a comment says of later use.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/seq.h"
#include "wire/tcp.h"

struct tcp_sent;

/** A block that the last acknowledgement with SACK reported: all notes up to @last are marked. */
struct tcp_seen {
	struct tcp_sack block;
	struct tcp_sent *last; /* the last note in it */
};

enum undo_frto {
	FRTO_OFF,
	FRTO_AGAIN, /* RFC 5682 step 2: the first segment has been sent again, and nothing else */
	FRTO_NEW,   /* step 3: so has new text; what is lost waits */
};

/** What there is to take back (undo.h): the last reduction. */
struct tcp_undo {
	uint32_t cwnd; /* before it; 0: nothing */
	uint32_t ssthresh;
	struct seq from; /* snd_una and snd_nxt when it came */
	struct seq to;
	uint32_t octets;   /* sent again and not reported by D-SACK */
	uint32_t again_ts; /* our timestamp when something was first sent again */
	bool is_again;
	bool is_timeout;
	bool has_dsacks; /* this peer has sent one: outlives the reduction */
	uint8_t frto;    /* enum undo_frto */
};

/** One before it that may be taken back yet (undo_past.h); all is set, as in struct tcp_undo. */
struct tcp_undo_past {
	uint32_t cwnd;
	uint32_t ssthresh;
	uint32_t reduced; /* what it made of cwnd */
	struct seq from;
	struct seq to;
	uint32_t octets;
	uint32_t again_ts;
};

enum { TCP_UNDO_PAST = 4 };

struct tcp_loss {
	/* places in the list of notes, so that no walk begins at its head (sent.h, sack.h, rack.h) */
	struct tcp_sent *first_lost; /* none before it is marked lost; NULL: look from the head */
	struct tcp_sent *again_head; /* sent again and not delivered yet, in the order of sending */
	struct tcp_sent *again_tail;
	struct tcp_sent *top;      /* the highest one that SACK has reported; NULL: none */
	struct tcp_sent *unjudged; /* before it all is lost, delivered or sent again; NULL: head */
	struct tcp_seen seen[TCP_SACK_MAX];
	uint8_t n_seen;
	uint32_t n_sacked; /* notes marked SACKED */

	/* RACK, RFC 8985 §5.2 */
	uint64_t rack_xmit_ns; /* of the delivered segment that had left last */
	struct seq rack_end;   /* its end_seq */
	uint64_t rack_rtt_ns;  /* its round trip */
	struct seq rack_fack;  /* the highest end_seq delivered */
	/* these outlive the disorder */
	struct seq dsack_round;
	bool has_dsack_round;
	uint8_t reo_wnd_mult;    /* quarters of min_rtt */
	uint8_t reo_wnd_persist; /* recoveries until it is 1 again */
	bool is_reordering_seen;
	uint32_t n_dsacks;   /* segments that have arrived twice, of those sent again */
	uint32_t reordering; /* segments, the most that one was late by; 0: not seen */

	/* the tail's probe, RFC 8985 §7.1 */
	struct seq tlp_end;
	uint8_t tlp;         /* enum tlp_probe */
	struct seq refilled; /* snd_una when the first hole was last filled for want of any news */

	/* these, too, outlive the disorder */
	struct tcp_undo undo;
	struct tcp_undo_past past[TCP_UNDO_PAST]; /* the oldest first */
	uint8_t n_past;

	/* proportional rate reduction, RFC 9937 §6 */
	uint32_t recover_fs;    /* RecoverFS: in flight when recovery began */
	uint32_t prr_delivered; /* since then, octets */
	uint32_t prr_out;

	uint32_t told_lost; /* conn->found_lost at the last sample of congestion control */
	struct seq cwr_end; /* what had been sent when a mark last reduced cwnd: RFC 3168 §6.1.2 */
};

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_INFO_H
#define BARO_TCP_INFO_H

/* What a connection knows about its way: the counterpart of Linux's TCP_INFO, with units. */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_conn;

/** All octets are octets of text unless said otherwise; all counts are since the connection began. */
struct baro_tcp_info {
	const char *state;      /* "ESTABLISHED": RFC 9293 §3.3.2's names */
	const char *congestion; /* "cubic" */
	/* agreed */
	bool has_timestamps;
	bool has_sack;
	bool has_wscale;
	bool has_ecn;
	bool has_fastopen; /* text was taken from the SYN, or ours was */
	uint8_t snd_wscale;
	uint8_t rcv_wscale;
	uint16_t snd_mss; /* octets of text in a full segment of ours; follows the path's MTU */
	uint16_t rcv_mss; /* the largest segment received lately */
	uint16_t pmtu;    /* octets of an IP packet that the path is thought to carry */
	uint16_t advmss;  /* the MSS option that we sent */
	/* round trip */
	uint64_t rtt_ns;     /* smoothed, RFC 6298; 0: not measured yet */
	uint64_t rttvar_ns;  /* its variation */
	uint64_t min_rtt_ns; /* the shortest of late; 0: not measured yet */
	uint64_t rto_ns;     /* the next time-out, back-off included */
	uint32_t backoff;    /* the RTO is doubled so often; 0 when there is progress */
	/* sending */
	uint32_t cwnd;     /* octets */
	uint32_t ssthresh; /* octets; UINT32_MAX: still in the first slow start */
	uint32_t snd_wnd;  /* the peer's window, octets */
	uint32_t in_flight;
	uint32_t lost;   /* of in_flight, thought lost and not sent again yet */
	uint32_t sacked; /* of in_flight, reported by SACK */
	uint32_t snd_queued;
	uint32_t snd_unsent; /* of snd_queued */
	uint32_t snd_buf;
	bool is_recovering;     /* fast recovery, or after a time-out */
	uint32_t reordering;    /* segments by which the path was seen to reorder; 0: not seen */
	uint64_t pacing_rate;   /* octets a second; 0: not paced */
	uint64_t delivery_rate; /* octets a second, the latest sample; 0: none */
	bool is_app_limited; /* there was too little text to send for that to be the path's rate */
	/* receiving */
	uint32_t rcv_wnd; /* offered, octets */
	uint32_t rcv_queued;
	uint32_t rcv_buf; /* as tuned by now */
	uint32_t rcv_out_of_order;
	/* totals */
	uint64_t octets_acked; /* ours, by the peer */
	uint64_t octets_received;
	uint64_t segs_out; /* segments with text, retransmissions included */
	uint64_t segs_in;
	uint64_t octets_sent;  /* retransmissions included */
	uint64_t octets_again; /* of these, retransmitted */
	uint32_t dsacks; /* segments that the peer has reported to have had before (RFC 2883) */
	uint32_t retransmits; /* segments */
	uint32_t timeouts;
	uint32_t recoveries; /* fast */
	uint32_t undone;     /* reductions taken back: nothing had been lost */
	uint32_t probes;     /* tail loss probes (RFC 8985 §7) */
	uint32_t ecn_marks;  /* reductions for ECN */
	/* time; 0: never */
	uint64_t age_ns;       /* since the SYN */
	uint64_t last_sent_ns; /* ago: text sent */
	uint64_t last_rcvd_ns; /* ago: text received */
	/* with text to send or unacknowledged, and of that: held by the peer's window; by our send buffer */
	uint64_t busy_ns;
	uint64_t rwnd_limited_ns;
	uint64_t sndbuf_limited_ns;
	uint64_t last_seg_ns; /* ago: anything received */
};

/** What @c knows now; also while it is not open yet, and within closed(). */
void
baro_conn_info(const struct baro_conn *c, struct baro_tcp_info *info);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_SIM_TRANSFER_H
#define TESTS_SIM_TRANSFER_H

/*
 * Bulk transfers from one core to another over the simulated wire, measured: how fast, what was
 * sent again, what the wire lost, and how long it was silent. Every octet received is
 * compared.
 */

#include <baro/config.h>
#include <stdbool.h>
#include <stdint.h>

enum { TRANSFER_FLOWS_MAX = 16 };

struct transfer_plan {
	const char *congestion;
	const char *other;             /* of every second flow; NULL: all alike */
	struct baro_fault_config wire; /* what happens to frames, both ways alike */
	uint64_t octets;               /* of each flow; 0: without end */
	uint64_t within_ns;            /* given up after so long; flows without end are cut */
	uint64_t warm_ns;              /* what arrives before is no part of the flows' shares */
	uint64_t stagger_ns;           /* from one flow's begin to the next's */
	unsigned n_flows;              /* 1..TRANSFER_FLOWS_MAX; 0: 1 */
	enum baro_switch mtu_probing;
	uint32_t buffer; /* octets, to send and to receive; 0: enough for the wire */
};

struct transfer_result {
	bool is_done;        /* all octets of all flows arrived */
	bool is_wrong;       /* an octet differs, or a connection ended */
	uint64_t took_ns;    /* until the last octet was read */
	uint64_t octets;     /* read by the receiver */
	uint64_t sent_again; /* segments of the sender */
	uint64_t lost;       /* frames of the sender lost on the wire */
	uint64_t probes;     /* tail loss probes among sent_again, or of new text */
	uint64_t timeouts;
	uint64_t silent_ns; /* the longest time without a frame, before the end */
	uint64_t
		unexplained_ns; /* the longest part of such a time beyond what RTO and way explain */
	uint64_t rtt_ns;        /* the first flow's, on average after warm_ns */
	uint64_t share[TRANSFER_FLOWS_MAX]; /* octets read after warm_ns, by flow */
};

/** Run it. @return 0, or a negative errno of making cores and wire */
int
transfer_run(const struct transfer_plan *plan, struct transfer_result *result);

/** Octets a second over the whole time. */
double
transfer_goodput(const struct transfer_result *result);

/** Jain's index of the shares: 1 is perfectly fair, 1 / n_flows is one flow alone. */
double
transfer_fairness(const struct transfer_result *result, unsigned n_flows);

/** Octets that fill the wire: rate by round trip; 0 without a rate. */
uint64_t
transfer_bdp(const struct baro_fault_config *wire);

#endif

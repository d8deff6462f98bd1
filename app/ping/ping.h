/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PING_H
#define PING_H

/* baro-ping: what was asked for, and what has come of it so far. */

#include <baro/baro.h>

struct ping_options {
	const char *name;     /* of the destination, or its address */
	struct baro_addr to;  /* once it is known */
	uint32_t count;       /* -c; 0: until interrupted */
	uint64_t interval_ns; /* -i */
	uint64_t wait_ns;     /* -W: for the last answer */
	uint16_t len;         /* -s */
	uint8_t ttl;          /* -t */
	uint8_t tos;          /* -Q */
	bool is_quiet;        /* -q */
	bool has_df;          /* -M do */
};

extern const struct baro_app_option ping_app_options[];

struct ping_totals {
	uint32_t n_sent;
	uint32_t n_received;
	uint32_t n_duplicates;
	uint32_t n_damaged;
	uint32_t n_errors;
	uint64_t begun_ns;
	uint64_t last_ns; /* when the last request left, or its answer came */
	/* of round trips */
	uint64_t min_ns;
	uint64_t max_ns;
	double sum_ns;
	double square_sum;
};

/** "PING 198.18.0.1 (198.18.0.1) 56(84) bytes of data." */
void
ping_print_head(const struct ping_options *options);

/** Add it up, and print its line unless that is not wanted. */
void
ping_take_news(struct ping_totals *totals, const struct ping_options *options,
	const struct baro_ping_news *news);

/** A request that could not even be sent. */
void
ping_take_refusal(struct ping_totals *totals, const struct ping_options *options, int err);

/** The statistics at the end. */
void
ping_print_end(const struct ping_totals *totals, const struct ping_options *options);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_PROPERTY_RUN_H
#define TESTS_PROPERTY_RUN_H

/* What the files of the property test share: a trial under way. */

#include <baro/baro.h>
#include <stdio.h>

#include "base/check.h"
#include "base/rand.h"
#include "base/time.h"
#include "property/trial.h"

enum {
	CONNS_MAX = 3,
	PORT_FIRST = 7,      /* of end 1; the i-th connection has the i-th from here */
	PEER_PORT = 5000,    /* the same at end 0 */
	OCTETS_MAX = 300000, /* that one application writes */
};

struct run;
struct talk;

/** One application: what it has done and what it was told. */
struct side {
	struct talk *talk;
	int end;                /* 0, 1 */
	struct baro_conn *conn; /* NULL: not yet, or no more */
	bool reads;             /* whatever comes, as it comes */
	bool closes_on_eof;
	bool waits; /* with its own end for the peer's: nothing but probes opens a window again */
	uint64_t written;
	uint64_t read;
	bool was_opened;
	bool was_shut; /* shutdown() or close() */
	bool was_closed;
	bool was_early; /* closed before the peer's end was seen */
	bool was_aborted;
	bool saw_eof;
	bool was_told; /* closed() was called */
	int err;
};

/** One connection, or what was to become one. */
struct talk {
	struct run *run;
	unsigned number;
	bool is_meeting; /* both connect */
	struct side side[2];
};

struct run {
	const struct trial *trial;
	struct rand rand;
	struct baro_sim *sim;
	struct baro_core *core[2];
	struct baro_port *port[2];
	struct baro_listener *listener[CONNS_MAX];
	uint64_t now_ns;
	bool was_cut;
	bool was_bad;     /* frames have been lost */
	bool has_cookies; /* end 1 remembers no SYN: tcp.syncookies */
	unsigned n_talks;
	struct talk talk[CONNS_MAX];
	char why[256]; /* what went wrong first */
};

/** Note what went wrong, unless something has before. */
void
run_fails(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A line of the story. */
void
run_tells(const struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A frame, as a line of the story. */
void
run_tells_frame(const struct run *r, int from, const void *frame, size_t len);

/** What both cores have counted and dropped. */
void
run_tells_counters(const struct run *r);

/** True with a chance of @n in @of. */
static inline bool
chance(struct run *r, uint32_t n, uint32_t of)
{
	return rand_below(&r->rand, of) < n;
}

/** 1..@most, small ones as likely as large ones. */
static inline uint32_t
any_size(struct run *r, uint32_t most)
{
	uint32_t bits = 32 - (uint32_t)__builtin_clz(most);
	uint32_t n = 1 + rand_below(&r->rand, 1u << (1 + rand_below(&r->rand, bits)));

	return n < most ? n : most;
}

/** Is @feature part of this trial? Chance decides, whether it is left out or not. */
static inline bool
has(struct run *r, unsigned feature, uint32_t n, uint32_t of)
{
	return chance(r, n, of) && (r->trial->without & feature) == 0;
}

/** The applications (apps.c). */
extern const struct baro_conn_ops app_ops;

/** Does one thing that chance has it do. */
void
app_acts(struct side *s);

/** From now on it comes to its end by itself. */
void
app_finishes(struct side *s);

/** It is over: closed, aborted, or told so. */
bool
app_is_over(const struct side *s);

/** Nobody will ever tell it: it gives up waiting. */
void
app_leaves(struct side *s);

/** What the two sides of @t know can be explained; if not the run fails (explain.c). */
void
explain(struct run *r, const struct talk *t);

#endif

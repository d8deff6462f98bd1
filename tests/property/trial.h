/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_PROPERTY_TRIAL_H
#define TESTS_PROPERTY_TRIAL_H

/*
 * A trial: two cores on virtual time, a wire that gets worse and better, one to three connections
 * whose applications write, read, change options, shut down, close and abort whenever chance has
 * it. All of it follows from one number, the seed. What must hold is told in explain.c.
 */

#include <stdbool.h>
#include <stdint.h>

/** What a trial may contain; shrinking takes one after the other out. */
enum {
	WITH_LOSS = 1 << 0,
	WITH_DUPLICATES = 1 << 1,
	WITH_REORDERING = 1 << 2,
	WITH_CORRUPTION = 1 << 3,
	WITH_DELAY = 1 << 4,
	WITH_RATE = 1 << 5,
	WITH_CUT = 1 << 6,      /* the wire is cut for longer than tcp.user_timeout */
	WITH_ABORT = 1 << 7,    /* abort, and close without waiting for the peer's end */
	WITH_SETTINGS = 1 << 8, /* anything but the defaults of [tcp] */
	WITH_WRAP = 1 << 9,     /* sequence numbers begin near 2^32 */
	WITH_MTU = 1 << 10,
	WITH_MEETING = 1 << 11, /* simultaneous open */
	WITH_MORE = 1 << 12,    /* than one connection */
	WITH_KNOBS = 1 << 13,   /* options changed on the way */
	WITH_FEATURES = 14,
};

struct trial {
	uint64_t seed;
	unsigned without; /* WITH_* that are left out */
	unsigned steps;   /* of the applications; 0: as many as the seed says */
	bool is_told;     /* print the story */
};

/** @return NULL, or what went wrong; the text is valid until the next call */
const char *
trial_run(const struct trial *t);

/** The name of the @i-th feature. */
const char *
trial_feature(unsigned i);

#endif

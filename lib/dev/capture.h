/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_CAPTURE_H
#define BARO_DEV_CAPTURE_H

/*
 * Frames recorded by one core for a capture file that another thread writes. The core copies what
 * comes and goes into a ring of octets and shows it to the writer at the turn's end: so a frame that is
 * dropped in the turn it came in is recorded with the reason. What finds no room is lost and
 * counted; the core never waits. With env->capture NULL a burst costs one test.
 */

#include <rte_mbuf.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"

/** The interface of packets that were dropped before they got a frame; others have their port's. */
#define CAPTURE_UNSENT UINT16_MAX

/** What stands in front of a recorded frame. */
struct capture_record {
	uint32_t room;    /* octets of the record in the ring */
	uint32_t len;     /* octets of the frame */
	uint32_t cap_len; /* of these that were kept, behind this */
	uint16_t port;    /* index; CAPTURE_UNSENT */
	uint8_t is_out;
	uint8_t is_gap; /* nothing: the next record is at the ring's begin */
	uint32_t why;   /* enum drop */
	uint32_t pad;
	uint64_t time_ns;
};

enum { CAPTURE_MARKS = 1024 };

struct capture {
	/* the writer's */
	alignas(BARO_CACHE_LINE) _Atomic uint64_t head; /* read so far, octets */
	/* the core's */
	alignas(BARO_CACHE_LINE) _Atomic uint64_t tail; /* shown to the writer */
	uint64_t next;                                  /* written so far */
	_Atomic uint64_t n_lost;                        /* frames that found no room */
	uint8_t *ring;
	uint32_t ring_len; /* a power of two */
	uint32_t snap_len; /* octets kept of a frame */
	bool (*wants)(const void *filter, const uint8_t *frame, uint32_t cap_len, uint32_t len);
	const void *filter;
	unsigned n_marks; /* frames of this turn: whose record is where */
	struct capture_mark {
		const struct rte_mbuf *m;
		struct capture_record *record;
	} mark[CAPTURE_MARKS];
};

/**
 * @ring_len  octets, a power of two
 * @wants     which frames; NULL: all
 * @return    0, -ENOMEM
 */
int
capture_create(uint32_t ring_len, uint32_t snap_len,
	bool (*wants)(const void *filter, const uint8_t *frame, uint32_t cap_len, uint32_t len),
	const void *filter, struct capture **out);
void
capture_destroy(struct capture *c);

/* For the core that has it in its env: */

/** Frames that came in by port @port, or are about to leave. */
BARO_COLD void
capture_frames(struct env *env, uint16_t port, struct rte_mbuf *const *m, uint16_t n, bool is_out,
	uint64_t now_ns);

/** @m, of this turn, is dropped; it may be freed already. Or it was to be sent, and will not. */
BARO_COLD void
capture_drop(struct env *env, const struct rte_mbuf *m, enum drop why);

/** The turn is over. */
BARO_COLD void
capture_publish(struct env *env);

/* For the writer: */

/** The oldest record, its octets behind it; NULL: none. Stays until capture_release(). */
const struct capture_record *
capture_peek(struct capture *c);
void
capture_release(struct capture *c, const struct capture_record *record);

#endif

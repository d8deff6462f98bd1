/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_WORKER_H
#define LOAD_WORKER_H

/*
 * One core's share of the load: its flows are opened, asked to send at the right times, measured for
 * the time planned, and ended. What a request is, is the mode's (mode.h).
 *
 * Closed loop: each flow has `depth` requests on their way, an answer brings the next. Open loop
 * (plan->rate): request i is due at begin + i / rate, whatever became of those before; its latency counts
 * from then, also when no flow could take it in time, so that a server that stands still is
 * charged with all who waited (no coordinated omission).
 */

#include <stdatomic.h>

#include "hist.h"
#include "mode.h"
#include "plan.h"

/** Why a request or a flow failed. */
enum load_failure {
	LOAD_REFUSED, /* RST while connecting */
	LOAD_RESET,   /* RST later */
	LOAD_TIMEOUT, /* of the request, or of the connection */
	LOAD_CLOSED,  /* the server closed too early */
	LOAD_STATUS,  /* HTTP status other than 2xx, or no HTTP */
	LOAD_LOCAL,   /* no port, buffer, route, memory left on our side */
	LOAD_FAILURES,
};

/** Counted during the measured time only. */
struct load_counts {
	uint64_t requests; /* sent */
	uint64_t replies;  /* whole */
	uint64_t opened;   /* connections */
	uint64_t octets_out;
	uint64_t octets_in;
	uint64_t lost;       /* datagrams without an answer */
	uint64_t duplicates; /* answers that came twice */
	uint64_t reordered;  /* that came after a later one */
	uint64_t failed[LOAD_FAILURES];
};

/** With one request on its way it is a cache line: idle ones are held by the million. */
struct load_flow {
	union {
		struct baro_conn *conn;
		struct baro_udp *udp;
		void *handle; /* NULL: closed */
	};
	uint32_t sent; /* requests since it was opened */
	uint32_t done; /* of these answered, or given up */
	uint32_t owed; /* octets of requests that the send queue had no room for */
	uint32_t need; /* octets that the current answer lacks */
	uint32_t index;
	uint8_t core;
	bool is_open;
	bool is_waiting;    /* in worker->waiting: has room for a request, and none was due */
	uint32_t next;      /* in worker->waiting or worker->closed */
	uint64_t sent_ns[]; /* depth times: when request i left, or was due; LOAD_ANSWERED */
};

enum { LOAD_NO_FLOW = UINT32_MAX };

/** In place of the time of a request that has its answer. */
#define LOAD_ANSWERED UINT64_MAX

enum { LOAD_LOOKS = 3 };

enum load_phase {
	LOAD_OPENING,
	LOAD_WARMUP,
	LOAD_MEASURED,
	LOAD_OVER,
};

struct load_worker {
	struct baro_core *core;
	const struct load_plan *plan;
	char *flows; /* n_flows of flow_len octets: worker_flow() */
	size_t flow_len;
	uint32_t n_flows;
	uint32_t n_begun; /* that were opened at least once */
	uint32_t n_open;
	uint32_t n_opening;
	uint32_t most_open;         /* at a time, so far */
	uint32_t n_active;          /* plan->active: of this core */
	uint32_t n_turns;           /* plan->among: of this core; flows that take turns */
	uint32_t n_lost;            /* turns that found nobody open and idle */
	uint64_t apart;             /* from one's index to the next's, 2^-32 */
	uint32_t turn;              /* whose is the next turn, of n_turns */
	uint32_t stride;            /* from there to the one behind it */
	uint32_t ahead[LOAD_LOOKS]; /* and those whose turn is near: look_ahead() */
	uint32_t n_fetched;         /* turns since the last look ahead */
	uint32_t first_waiting;     /* a stack, chained */
	uint32_t first_closed;
	uint32_t depth_mask;

	uint64_t first_ns; /* the core's first turn */
	uint64_t more_ns;  /* when more were open than ever before */
	uint64_t begin_ns; /* of the schedule; all flows had been opened */
	uint64_t phase_ns; /* when the phase ends */
	uint64_t over_ns;
	double period_ns;  /* open loop: between requests; 0: closed loop */
	uint64_t n_due;    /* requests taken from the schedule */
	uint64_t swept_ns; /* last look for timeouts */
	struct baro_timer tick;

	char *request; /* one request's octets */
	uint32_t request_len;
	void *state; /* the mode's */

	_Atomic(enum load_phase) phase;
	uint64_t measured_ns; /* how long it was measured */
	struct load_counts counts;
	struct hist latency; /* from when it was sent, or due */
	struct hist jitter;  /* media: RFC 3550 §6.4.1, at the end of each stream */
	struct hist opening; /* from SYN to ESTABLISHED */
};

/** @share flows of this core. @return 0, -errno */
int
worker_start(struct load_worker *w, struct baro_core *core, const struct load_plan *plan,
	uint32_t share);
/** Flows that are open end with RST. */
void
worker_abort(struct load_worker *w);
void
worker_free(struct load_worker *w);

static inline bool
worker_measures(const struct load_worker *w)
{
	return atomic_load_explicit(&w->phase, memory_order_relaxed) == LOAD_MEASURED;
}

static inline struct load_flow *
worker_flow(const struct load_worker *w, uint32_t index)
{
	return (struct load_flow *)(void *)(w->flows + index * w->flow_len);
}

static inline uint64_t *
worker_sent_at(const struct load_worker *w, struct load_flow *f, uint32_t i)
{
	return &f->sent_ns[i & w->depth_mask];
}

/* What a mode tells: */

/** The flow takes requests from now on. */
void
worker_opened(struct load_worker *w, struct load_flow *f);

/**
 * Request @i of @f has its answer; that of one which has none on its way is a duplicate. The next
 * request may leave within this call.
 */
void
worker_answered(struct load_worker *w, struct load_flow *f, uint32_t i);

/** The same for the oldest one without answer. */
static inline void
worker_replied(struct load_worker *w, struct load_flow *f)
{
	worker_answered(w, f, f->done);
}

/** The flow has ended by itself; it is opened again a moment later. */
void
worker_failed(struct load_worker *w, struct load_flow *f, enum load_failure why);

/** The flow was ended by the mode, as planned; it takes requests again at once, each by a new open(). */
void
worker_ended(struct load_worker *w, struct load_flow *f);

/** -errno of a call, in these terms. */
enum load_failure
worker_failure_of(int err);

/** Where the @i-th flow is to come from: its source address, port 0. */
struct baro_endpoint
worker_source(const struct load_worker *w, const struct load_flow *f);

/** Where the @f-th flow is to go to. */
struct baro_endpoint
worker_target(const struct load_worker *w, const struct load_flow *f);

/** All workers, for the report; the n_workers first are in use. */
extern struct load_worker *load_worker[BARO_MAX_CORES];

static inline struct load_worker *
worker_of(const struct load_flow *f)
{
	return load_worker[f->core];
}

#endif

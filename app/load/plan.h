/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

/* What is to be done: the command line, read once, then the same for all cores. */

#include <baro/baro.h>

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

struct load_mode;

/** How a connection ends after its one request. */
enum load_close {
	LOAD_KEEP, /* it does not: the next request follows on it */
	LOAD_FIN,  /* we close first, and have TIME-WAIT */
	LOAD_RST,
	LOAD_PEER, /* the server closes first */
};

enum {
	LOAD_PATH_MAX = 256,
	LOAD_SIZE_MAX = 1 << 20, /* octets of a request */
	LOAD_DEPTH_MAX = 1024,   /* requests on their way on one connection */
};

struct load_plan {
	const struct load_mode *mode;
	struct baro_endpoint to;
	uint32_t n_to; /* ports of the server, from to.port on, which the connections share */
	struct baro_addr from; /* the first of n_from source addresses; zero: the port's own */
	uint32_t n_from;
	uint32_t flows; /* connections, or UDP sockets: of all cores */
	uint32_t size;  /* octets of a request, or of a datagram */
	uint32_t depth;
	uint32_t active; /* connections that have requests at a time, in turns; 0: all */
	uint32_t among;  /* that take these turns, evenly of all; 0: all */
	double rate;     /* requests a second, all cores; 0: each answer brings the next request */
	uint32_t stream; /* datagrams a second of one media stream */
	enum load_close close;
	char path[LOAD_PATH_MAX]; /* "": none */
	uint64_t warmup_ns;
	uint64_t duration_ns;
	uint64_t ramp_ns; /* in which the connections are opened, evenly; 0: as fast as they open */
	uint64_t timeout_ns; /* without an answer for so long a request has failed */
	const char *json;    /* file, "-": standard output; NULL: none */
	bool is_quiet;       /* no line every second */
};

#endif

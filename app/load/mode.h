/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_MODE_H
#define LOAD_MODE_H

/* What kinds of load there are. A new one is a struct load_mode and a line in mode.c. */

#include <stdbool.h>
#include <stdint.h>

struct load_flow;
struct load_plan;
struct load_worker;

struct load_mode {
	const char *name;
	const char *about; /* for --help */
	bool has_replies;  /* requests are answered: rates and latencies are told of them */
	bool is_udp;

	/** The plan is read: fill in what depends on the mode. @return NULL, or what is wrong */
	const char *(*check)(struct load_plan *plan);
	/** A core begins: w->request is to be made. @return 0, -errno. May be NULL */
	int (*begin)(struct load_worker *w);
	/** Open @f. worker_opened() or worker_failed() follows, now or later. */
	void (*open)(struct load_flow *f);
	/** Send one request more, see worker_sent(). NULL: this mode has none of its own. */
	void (*request)(struct load_flow *f);
	/** Ends @f without a word to the worker. */
	void (*abort)(struct load_flow *f);
};

extern const struct load_mode load_ping, load_http, load_send, load_idle;
extern const struct load_mode load_udp, load_udp_send, load_media;

/** All modes; ends with NULL. */
extern const struct load_mode *const load_modes[];

#endif

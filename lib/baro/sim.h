/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_SIM_H
#define BARO_SIM_H

/*
 * The simulated wire: joins the ports of two cores, or one and another stack, in one process and one
 * thread, on virtual time, with delay, rate, loss, reordering, duplication and
 * corruption from a seed. The same seed gives the same run.
 */

#include <baro/config.h>
#include <baro/port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct baro_sim;

/**
 * Make a wire. baro_port_opts of both ends take transmit and user from
 * baro_sim_end().
 *
 * @a_to_b, @b_to_a  what happens on the way from end 0 to end 1, and back; copied; NULL: nothing
 * @return 0, -ENOMEM
 */
int
baro_sim_create(const struct baro_fault_config *a_to_b, const struct baro_fault_config *b_to_a,
	struct baro_sim **out);

/** NULL: nothing happens. The cores are not touched; they may not have a turn after this. */
void
baro_sim_destroy(struct baro_sim *sim);

/** Fill in transmit and user of an end, 0 or 1. */
void
baro_sim_end(struct baro_sim *sim, int end, struct baro_port_opts *opts);

/** Say which core and port, opened with these options, is at @end. */
void
baro_sim_join(struct baro_sim *sim, int end, struct baro_core *core, struct baro_port *port);

/** Another stack at an end. It sends by the transmit() of baro_sim_end(), within its calls or between runs. */
struct baro_sim_peer {
	/** A frame arrives; it is valid during the call only. */
	void (*input)(const void *frame, size_t len, void *user);
	/** It is @now_ns: look at what has arrived, and do what is due. */
	void (*poll)(uint64_t now_ns, void *user);
	/** When something is due without a frame; BARO_NEVER: nothing. */
	uint64_t (*next_deadline)(void *user);
};

/** Say that another stack is at @end. @peer must outlive the wire; NULL: nobody is. */
void
baro_sim_join_peer(struct baro_sim *sim, int end, const struct baro_sim_peer *peer, void *user);

/**
 * Look at every frame that enters the wire, before anything happens to it; NULL: nobody looks.
 * @from is its end, 0 or 1; @frame is valid during the call only.
 */
void
baro_sim_watch(struct baro_sim *sim,
	void (*seen)(int from, const void *frame, size_t len, uint64_t now_ns, void *user),
	void *user);

/**
 * Run both cores and the wire until @until_ns, jumping from one event to the next.
 *
 * @return time reached: @until_ns, or earlier when nothing is left to happen
 */
uint64_t
baro_sim_run(struct baro_sim *sim, uint64_t now_ns, uint64_t until_ns);

/** Change what happens on the way out of @end from now on; @fault is copied, frames under way stay. */
void
baro_sim_set(struct baro_sim *sim, int end, const struct baro_fault_config *fault);

/** Frames lost so far on the way out of @end: by chance, in a full queue, or for want of memory. */
uint64_t
baro_sim_lost(const struct baro_sim *sim, int end);

#ifdef __cplusplus
}
#endif

#endif

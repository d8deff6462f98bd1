/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_RECORDING_H
#define BARO_RUNTIME_RECORDING_H

/*
 * A capture file being written: what all cores record (dev/capture.h) goes there by a thread of its
 * own. One at a time. Frames of one core are in order; of several the time stamps tell (reordercap).
 * Calls come from the telemetry's threads, one at a time.
 */

#include "dev/port.h"
#include "runtime/crew.h"

struct recording_wish {
	const char *path;    /* absolute; a file of that name is overwritten */
	const char *filter;  /* pcap-filter(7) over Ethernet frames; "": all frames */
	uint64_t n_frames;   /* to be written; 0: until recording_stop() */
	uint32_t snap_len;   /* octets of a frame; 0: all */
	const char *program; /* to be named in the file */
	const struct dev_port *port;
};

struct recording_state {
	bool is_running;
	uint64_t n_written;
	uint64_t n_lost; /* found no room: the file was written too slowly */
	int err;         /* of writing */
};

/** @return false: @problem says why not */
bool
recording_start(struct crew *crew, const struct recording_wish *wish, char *problem, size_t len);

/** What was recorded is written; the file is complete. */
void
recording_stop(void);

/** Of the one that runs, or of the last one. */
struct recording_state
recording_state(void);

#endif

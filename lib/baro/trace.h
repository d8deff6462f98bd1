/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TRACE_H
#define BARO_TRACE_H

/*
 * What happens to a connection, a line for each change: states, windows, round trips, losses, what is
 * sent again, recoveries. A line has the time in seconds of the core's clock, our end, the other
 * end, the event, and its numbers by name:
 *
 *	12.034567 198.18.0.2:80 198.18.0.1:40000 state from=SYN-RECEIVED to=ESTABLISHED
 *	12.074571 198.18.0.2:80 198.18.0.1:40000 cwnd cwnd=16060 ssthresh=4294967295 pipe=13140 pacing_per_s=0
 *	12.074571 198.18.0.2:80 198.18.0.1:40000 rtt srtt_us=40004 rttvar_us=20002 min_us=40004 rto_us=240004
 *	12.154579 198.18.0.2:80 198.18.0.1:40000 again seq=1460 len=1460
 *
 * Numbers are octets unless their names end in their unit; seq counts from our first octet of
 * text, an ssthresh of 4294967295 is none yet. The events are listed in lib/tcp/trace.def. All that a
 * turn of the core changes has one time; what changes twice in it is told once.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct baro_core;

/** Receives one line, without its end; @line is valid during the call only. */
typedef void (*baro_trace_fn)(const char *line, void *user);

/**
 * Watch connections of @core, those that there are and those to come, until baro_trace_stop(). What
 * was watched before is not any more. The configuration key tcp.trace does the same from the start.
 *
 * @which  "198.18.0.1:5001" (an end of the connection, whichever), "198.18.0.1", ":5001", "all"; several
 *         with commas between them, 8 at most
 * @fn     called at the end of each turn in which there is something to tell; NULL: lines go to stderr
 * @return 0, -EINVAL (@which does not read), -ENOMEM (4096 connections are watched at most, 200 KiB)
 */
int
baro_trace_start(struct baro_core *core, const char *which, baro_trace_fn fn, void *user);

void
baro_trace_stop(struct baro_core *core);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-3-Clause */

/* Telemetry: a capture is started, looked at and stopped. */

#include <string.h>

#include "runtime/recording.h"
#include "runtime/tel.h"

enum {
	SNAP_LEN_MAX = 65535,
	PATH_LEN = 512,
};

/* The filter is the last parameter, as it may have commas. */
static const char *
filter_of(const char *params)
{
	const char *at = params != NULL ? strstr(params, "filter=") : NULL;

	return at != NULL ? at + strlen("filter=") : "";
}

int
tel_capture_start(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	char path[PATH_LEN], problem[RTE_TEL_MAX_STRING_LEN];
	struct recording_wish wish = {
		.path = path, .filter = filter_of(params), .program = t->app->name, .port = t->port
	};
	uint64_t snap_len;

	if (!tel_param(params, "file", path, sizeof(path)) || path[0] != '/')
		return tel_refuse(d, "file: which file? by its absolute path");
	if (!tel_number(params, "count", UINT64_MAX, 0, &wish.n_frames))
		return tel_refuse(d, "count: not a number of frames");
	if (!tel_number(params, "snaplen", SNAP_LEN_MAX, 0, &snap_len))
		return tel_refuse(d, "snaplen: octets of a frame, at most %d", SNAP_LEN_MAX);
	wish.snap_len = (uint32_t)snap_len;
	if (!recording_start(t->crew, &wish, problem, sizeof(problem)))
		return tel_refuse(d, "%s", problem);
	return tel_capture(t, params, d);
}

int
tel_capture_stop(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	recording_stop();
	return tel_capture(t, params, d);
}

int
tel_capture(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	struct recording_state s = recording_state();

	(void)t;
	(void)params;
	if (s.err != 0)
		return tel_refuse(d, "writing the file: %s", strerror(s.err));
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "running", s.is_running ? "yes" : "no");
	rte_tel_data_add_dict_u64(d, "written", s.n_written);
	rte_tel_data_add_dict_u64(d, "lost", s.n_lost);
	return 0;
}

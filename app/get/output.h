/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_OUTPUT_H
#define GET_OUTPUT_H

/* Where the body goes, and how far it is: a file or standard output, a line of progress. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct output {
	FILE *file;          /* NULL: not open */
	const char *path;    /* NULL: standard output */
	uint64_t had;        /* octets in the file before: a resumed one */
	uint64_t written;    /* octets of the body */
	uint64_t total;      /* octets that the body will have; UINT64_MAX: unknown */
	bool shows_progress; /* on standard error */
	uint64_t begun_ns;   /* when the body began */
};

/** Octets of @path: what a resumed transfer has; 0 without file. */
uint64_t
output_file_len(const char *path);

/** Open it, at its end if @had is not 0. @return 0, -errno */
int
output_open(struct output *o);

/** @return 0, -errno */
int
output_write(struct output *o, const void *data, size_t len);

/** Everything is written out. @return 0, -errno */
int
output_close(struct output *o);

/** A line over the last one: share, bar, rate, time left. */
void
output_progress(const struct output *o, uint64_t now_ns, bool is_last);

/** "12.3 MiB" @return @buf */
char *
output_size(uint64_t octets, char buf[16]);

#endif

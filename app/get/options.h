/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_OPTIONS_H
#define GET_OPTIONS_H

/* What is to be fetched, and how: the options mean what curl's mean. */

#include <baro/app.h>
#include <stdbool.h>
#include <stdint.h>

enum { HEADERS_MAX = 32 };

struct get_options {
	const char *url;    /* NULL: none */
	const char *output; /* file; NULL: standard output */
	bool names_file;    /* -O: as the URL */
	bool is_silent;
	bool is_verbose;
	bool follows;
	bool resumes; /* -C -: behind what the file has */
	bool is_head;
	bool fails;         /* -f: 400 and above is an error, without output */
	const char *method; /* NULL: GET, HEAD or POST */
	const char *data;   /* of a POST; NULL: none */
	const char *header[HEADERS_MAX];
	unsigned n_headers;
	const char *format;       /* -w; NULL: none */
	uint64_t max_time_ns;     /* of all; 0: none */
	uint64_t connect_time_ns; /* of name and connect; 0: none */
};

/** Options; user is the struct get_options. */
extern const struct baro_app_option get_option_table[];

/** All options are read. @return NULL, or what is wrong with them */
const char *
get_options_check(void *user);

#endif

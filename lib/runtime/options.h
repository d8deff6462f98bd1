/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_OPTIONS_H
#define BARO_RUNTIME_OPTIONS_H

/*
 * The command line of a program on baro:
 *
 *	program [EAL options] -- [--config FILE] [--check] [--KEY VALUE] [its own options]
 */

#include <baro/app.h>
#include <baro/config.h>
#include <stdbool.h>
#include <stdio.h>

#include "runtime/eal_args.h"

struct options {
	const struct baro_app *app;
	FILE *errors; /* where problems go, each a line */
	bool wants_help;
	bool wants_version;
	bool wants_check;
	unsigned n_problems;
	struct baro_config config;
	struct eal_args eal; /* [eal] args, then those of the command line; looked at */
};

/** Read files, keys and options; every problem is told and counted. */
void
options_read(struct options *o, const struct baro_app *app, int argc, char **argv, FILE *errors);

/** Tell one problem. A baro_config_complaint; @user is the struct options. */
void
options_complain(const char *where, const char *problem, void *user);

void
options_help(const struct baro_app *app, FILE *out);

#endif

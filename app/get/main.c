/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-get: fetches a URL, and tells how with -v. */

#include <baro/baro.h>
#include <stdio.h>
#include <unistd.h>

#include "fetch.h"
#include "report.h"

struct program {
	struct get_options options; /* first: the options' user */
	struct fetch fetch;
};

static void
done(struct fetch *f)
{
	const struct get_options *o = f->options;

	if (f->status != GET_OK && !o->is_silent)
		fprintf(stderr, "baro-get: (%d) %s\n", f->status, f->problem);
	if (o->format != NULL)
		report_print(f, o->format, stdout);
	baro_app_end(f->status);
}

static int
start(struct baro_core *core, void *user)
{
	struct fetch *f = &((struct program *)user)->fetch;

	if (baro_core_id(core) != 0)
		return 0;
	f->core = core;
	f->done = done;
	f->output.shows_progress = !f->options->is_silent && isatty(STDERR_FILENO) != 0 &&
				   (f->options->output != NULL || f->options->names_file);
	fetch_start(f);
	return 0;
}

static void
drain(struct baro_core *core, void *user)
{
	struct fetch *f = &((struct program *)user)->fetch;

	if (f->core == core)
		fetch_stop(f);
}

int
main(int argc, char **argv)
{
	static struct program program;
	const struct baro_app app = {
		.name = "baro-get",
		.about = "fetches a URL",
		.options = get_option_table,
		.user = &program,
		.is_quiet = true,
		.check = get_options_check,
		.start = start,
		.drain = drain,
	};

	program.fetch.options = &program.options;
	program.fetch.story = stderr;
	return baro_app_main(&app, argc, argv);
}

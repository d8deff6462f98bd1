/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_APP_H
#define BARO_APP_H

/*
 * A whole program on DPDK: command line, EAL, ports, one core a lcore, signals. What is
 * left to the application is what it does on each core.
 *
 *	program [EAL options] -- [--config FILE] [--check] [--KEY VALUE] [application options]
 *
 * The callbacks of a core run on that core's thread, those of different cores at the same
 * time; @user is the same for all of them.
 */

#include <baro/config.h>
#include <baro/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * An option of the application's own: "--root DIR"; with a name of one letter "-c COUNT"; with the name
 * "" what bears no dash, such as a destination: once for each.
 */
struct baro_app_option {
	const char *name;  /* without dashes */
	const char *value; /* placeholder for the help text; NULL: a flag */
	const char *help;
	/** @value lives as long as the program; NULL for a flag. @return NULL, or what is wrong with it */
	const char *(*set)(const char *value, void *user);
};

struct baro_app {
	const char *name;                      /* "baro-http" */
	const char *about;                     /* one line for --help */
	const struct baro_app_option *options; /* ends with a NULL name; may be NULL */
	void *user;
	bool is_quiet; /* a tool: at the start it prints nothing of ours on standard output */

	/**
	 * The command line has been read; do the options go together? May be NULL.
	 *
	 * @return NULL, or what is wrong: the program ends with status 2
	 */
	const char *(*check)(void *user);

	/**
	 * Set up listeners on a core: every core that is to accept has its own. May be NULL.
	 *
	 * @return 0 or -errno: the program ends, and stop() is not called for this core
	 */
	int (*start)(struct baro_core *core, void *user);

	/**
	 * The main function of a core's thread, for programs that wait: by baro_epoll_wait() and other calls of
	 * socket.h, which turn the core meanwhile. To return when the program is to end, as those calls tell by
	 * EINTR; a core that returns earlier goes on turning until all have. What follows is drain(). NULL: the
	 * core turns, and calls back.
	 *
	 * @return 0, or an exit status, which ends the program on all cores: as baro_app_end()
	 */
	int (*run)(struct baro_core *core, void *user);

	/**
	 * The program is to end: stop listening, let connections finish. Called once per
	 * core; the core runs on until no connection is left or 1.5 s have passed. May be NULL.
	 */
	void (*drain)(struct baro_core *core, void *user);

	/** Last call on a core, to free what start() made. May be NULL. */
	void (*stop)(struct baro_core *core, void *user);

	/** Print what a newcomer can try now, one line each; on the first core, after all have
	 * started. May be NULL. */
	void (*ready)(const struct baro_config *config, void *user);
};

/**
 * Run @app until SIGINT, SIGTERM or SIGHUP; a second one ends it without waiting for connections.
 *
 * @return exit status: 0 success, 1 the machine, a device or start() refused, 2 wrong command
 *         line or configuration
 */
int
baro_app_main(const struct baro_app *app, int argc, char **argv);

/**
 * The application has done what it was started for: the program ends as it does on SIGTERM, cores
 * drain, and baro_app_main() returns @status unless something else went wrong. Any thread; of several
 * calls the first one with a status other than 0 counts.
 *
 * @status  0..255
 */
void
baro_app_end(int status);

#ifdef __cplusplus
}
#endif

#endif

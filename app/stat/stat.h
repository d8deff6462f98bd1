/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STAT_STAT_H
#define STAT_STAT_H

/* The commands of baro-stat: each asks the process, prints, and returns the exit status. */

#include "client.h"
#include "table.h"

enum exit_status {
	EXIT_FINE = 0,
	EXIT_REFUSED = 1, /* the process is not there, or says no */
	EXIT_USAGE = 2,
};

struct request {
	struct client *client;
	int argc; /* what follows the command's name and its options */
	char **argv;
	bool json;
	/* the letters of ss and netstat */
	bool all;
	bool listening;
	bool tcp;
	bool udp;
	bool numeric;
	bool process;
	bool queues;
	bool timers;
	bool info;
	unsigned n_times;  /* of top; 0: until it is stopped */
	double interval_s; /* between them */
	unsigned snap_len; /* of capture; 0: whole frames */
};

struct command {
	const char *name;
	const char *arguments;
	const char *about;   /* a line */
	const char *help;    /* what --help adds */
	const char *letters; /* options it knows, of "altunpqoi" */
	int (*run)(const struct request *r);
};

/** Ends with a NULL name. */
extern const struct command stat_commands[];

int
show_sockets(const struct request *r);
int
show_arp(const struct request *r);
int
show_routes(const struct request *r);
int
show_interfaces(const struct request *r);
int
show_ports(const struct request *r);
int
show_counters(const struct request *r);
int
show_drops(const struct request *r);
int
show_memory(const struct request *r);
int
show_version(const struct request *r);
int
show_top(const struct request *r);
int
show_prometheus(const struct request *r);
int
change_route(const struct request *r);
int
change_addr(const struct request *r);
int
capture(const struct request *r);
int
change_neigh(const struct request *r);
int
change_trace(const struct request *r);
int
change_log(const struct request *r);

/* commands.c */

/** @answer is no answer, or a refusal: stderr says so. It is freed then. */
bool
is_refused(json_t *answer);

/** Print and free. */
int
print_json(json_t *answer);

/** Of an object; "" and 0 where there is none. */
const char *
text_of(const json_t *row, const char *key);
json_int_t
number_of(const json_t *row, const char *key);

/** How the command is called, on stderr. @return EXIT_USAGE */
int
wrong_usage(const char *command, const char *problem);

#endif

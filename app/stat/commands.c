/* SPDX-License-Identifier: BSD-3-Clause */

/* Which commands there are, and what they share. */

#include <stdio.h>
#include <string.h>

#include "stat.h"

const struct command stat_commands[] = {
	{ "sockets", "", "sockets, as netstat shows them",
		"  -t, -u  TCP, UDP only\n"
		"  -l      those that listen only; -a: those, too\n"
		"  -n      ports as numbers, not as services' names\n"
		"  -p      the process's name, too\n"
		"  -q      octets in the queues; listeners: connections to be accepted, and "
		"backlog\n"
		"  -o      timers: which is next, in how long, and time-outs in a row\n"
		"  -i      what TCP knows of the way\n",
		"atulnpqoi", show_sockets },
	{ "arp", "", "neighbours and their MACs", "", "", show_arp },
	{ "routes", "", "the routing table", "", "", show_routes },
	{ "interfaces", "", "interfaces and their addresses", "", "", show_interfaces },
	{ "ports", "", "ports: device, link, what they do in hardware", "", "", show_ports },
	{ "counters", "", "what happened so often", "  -a      those that are zero, too\n", "a",
		show_counters },
	{ "drops", "", "packets dropped, by reason", "  -a      reasons that never were, too\n",
		"a", show_drops },
	{ "memory", "", "buffers and objects in use", "", "", show_memory },
	{ "version", "", "which program it is", "", "", show_version },
	{ "top", "[-n TIMES] [-s SECONDS]", "what each core does, every second",
		"  -n      stop after so many\n"
		"  -s      time between them (1)\n",
		"", show_top },
	{ "prometheus", "", "counters in Prometheus's text format", "", "", show_prometheus },
	{ "route", "add|del NETWORK [via ADDRESS] [dev INTERFACE] [metric N]",
		"add or remove a route on all cores", "  NETWORK: 198.18.1.0/24, or default\n", "",
		change_route },
	{ "addr", "add|del ADDRESS[/LENGTH] dev INTERFACE", "add or remove an address on all cores",
		"", "", change_addr },
	{ "capture", "[-s OCTETS] FILE [FILTER] [COUNT] | stop",
		"frames of all ports into a pcapng file, until COUNT or ^C",
		"  -s      of each frame only so many octets\n"
		"  FILTER  which frames, as tcpdump has it (pcap-filter(7))\n"
		"The process writes the file, by its own rights. Frames that it dropped say why in "
		"a\n"
		"comment; packets that it could not send are on an interface of their own.\n",
		"", capture },
	{ "neigh", "add|del ADDRESS [mac MAC] [dev INTERFACE]",
		"add or forget a neighbour on all cores",
		"What was added is believed whatever ARP says.\n", "", change_neigh },
	{ "trace", "CONNECTIONS | off", "watch connections: lines on the process's standard error",
		"  CONNECTIONS: all, an end like 198.18.0.1:5001, 198.18.0.1 or :5001, or several "
		"with\n"
		"  commas between them\n",
		"", change_trace },
	{ "log", "[PATTERN LEVEL]", "log levels, or set those of a pattern",
		"  PATTERN: as of --log-level, 'lib.eal*' say; LEVEL: emergency, alert, critical,\n"
		"  error, warning, notice, info, debug\n",
		"", change_log },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

bool
is_refused(json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (answer == NULL)
		fprintf(stderr, "baro-stat: the process does not answer any more\n");
	else if (json_is_null(answer))
		fprintf(stderr, "baro-stat: the process does not know this command: it is of "
				"another version\n");
	else if (error != NULL)
		fprintf(stderr, "baro-stat: %s\n", error);
	else
		return false;
	json_decref(answer);
	return true;
}

int
print_json(json_t *answer)
{
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
	json_decref(answer);
	return EXIT_FINE;
}

const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text != NULL ? text : "";
}

json_int_t
number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

int
wrong_usage(const char *command, const char *problem)
{
	const struct command *c = stat_commands;

	while (strcmp(c->name, command) != 0)
		c++;
	fprintf(stderr, "baro-stat %s: %s\nusage: baro-stat %s %s\n", command, problem, command,
		c->arguments);
	return EXIT_USAGE;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-stat: what a running process does, and changes to it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "find.h"
#include "stat.h"

static void
print_help(void)
{
	puts("usage: baro-stat [-f PREFIX] [--json] COMMAND [OPTIONS] [ARGUMENTS]\n"
	     "\n"
	     "Shows what a running program on baro does, and changes it while it runs.\n"
	     "\n"
	     "  -f, --file-prefix PREFIX  which process: EAL's --file-prefix (the only one that "
	     "runs)\n"
	     "  -j, --json                JSON instead of a table\n"
	     "  -h, --help                this text; behind COMMAND: that command's\n"
	     "\ncommands:");
	for (const struct command *c = stat_commands; c->name != NULL; c++)
		printf("  %-11s %s\n", c->name, c->about);
}

static void
print_command_help(const struct command *c)
{
	printf("usage: baro-stat [-f PREFIX] [--json] %s%s%s%s\n\n%s%s%s", c->name,
		c->letters[0] != '\0' ? " [OPTIONS]" : "", c->arguments[0] != '\0' ? " " : "",
		c->arguments, c->about, c->help[0] != '\0' ? "\n\n" : "\n", c->help);
}

static const struct command *
find_command(const char *name)
{
	const struct command *c = stat_commands;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	return c->name != NULL ? c : NULL;
}

static int
complain(const char *what, const char *word)
{
	fprintf(stderr, "baro-stat: %s: %s\n(baro-stat --help tells what there is)\n", word, what);
	return EXIT_USAGE;
}

/* One of a command's letters. @return false: it has no such */
static bool
take_letter(const struct command *c, char letter, struct request *r)
{
	const struct {
		char letter;
		bool *value;
	} known[] = {
		{ 'a', &r->all },
		{ 't', &r->tcp },
		{ 'u', &r->udp },
		{ 'l', &r->listening },
		{ 'n', &r->numeric },
		{ 'p', &r->process },
		{ 'q', &r->queues },
		{ 'o', &r->timers },
		{ 'i', &r->info },
	};

	if (strchr(c->letters, letter) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].letter == letter)
			*known[i].value = true;
	return true;
}

/* "-tuln". @return false: one of them is not known */
static bool
take_letters(const struct command *c, const char *word, struct request *r)
{
	for (word++; *word != '\0'; word++)
		if (!take_letter(c, *word, r))
			return false;
	return true;
}

/* -s of capture. */
static bool
take_snap_len(const char *value, struct request *r)
{
	char *end;

	if (value == NULL)
		return false;
	r->snap_len = (unsigned)strtoul(value, &end, 10);
	return *end == '\0' && r->snap_len >= 1 && r->snap_len <= 65535;
}

/* -n and -s of top. */
static bool
take_times(const char *word, const char *value, struct request *r)
{
	char *end;

	if (value == NULL)
		return false;
	if (strcmp(word, "-n") == 0) {
		r->n_times = (unsigned)strtoul(value, &end, 10);
		return *end == '\0' && r->n_times != 0;
	}
	r->interval_s = strtod(value, &end);
	return *end == '\0' && r->interval_s >= 0.01 && r->interval_s <= 3600;
}

struct line {
	const char *prefix;
	const struct command *command;
	bool wants_help;
	struct request request;
};

#define PREFIX_IS "--file-prefix=" /* as EAL has it in one word */

/* @return EXIT_FINE: all is understood */
static int
read_words(int argc, char **argv, struct line *l)
{
	struct request *r = &l->request;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		bool is_top = l->command != NULL && l->command->run == show_top;

		if (strcmp(word, "-f") == 0 || strcmp(word, "--file-prefix") == 0) {
			if (i + 1 == argc)
				return complain("which prefix?", word);
			l->prefix = argv[++i];
		} else if (strncmp(word, PREFIX_IS, strlen(PREFIX_IS)) == 0) {
			l->prefix = word + strlen(PREFIX_IS);
		} else if (strcmp(word, "--json") == 0 || strcmp(word, "-j") == 0) {
			r->json = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			l->wants_help = true;
		} else if (l->command == NULL) {
			l->command = word[0] != '-' ? find_command(word) : NULL;
			if (l->command == NULL)
				return complain("no such command", word);
		} else if (is_top && (strcmp(word, "-n") == 0 || strcmp(word, "-s") == 0)) {
			if (!take_times(word, i + 1 < argc ? argv[i + 1] : NULL, r))
				return complain("a number is to follow", word);
			i++;
		} else if (strcmp(word, "-s") == 0 && l->command->run == capture) {
			if (!take_snap_len(i + 1 < argc ? argv[i + 1] : NULL, r))
				return complain("a number of octets is to follow", word);
			i++;
		} else if (word[0] == '-' && word[1] != '\0') {
			if (!take_letters(l->command, word, r))
				return complain("no such option of this command", word);
		} else {
			r->argv[r->argc++] = argv[i];
		}
	}
	return EXIT_FINE;
}

static bool
takes_arguments(const struct command *c)
{
	return c->arguments[0] != '\0' && c->run != show_top;
}

static int
run(struct line *l)
{
	struct client client;
	int status;

	if (l->request.argc != 0 && !takes_arguments(l->command))
		return complain("this command takes no arguments", l->request.argv[0]);
	if (!find_process(l->prefix, &client))
		return EXIT_REFUSED;
	l->request.client = &client;
	status = l->command->run(&l->request);
	client_close(&client);
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXIT_REFUSED;
	return status;
}

int
main(int argc, char **argv)
{
	struct line l = { .request = { .interval_s = 1 } };
	int status;

	l.request.argv = calloc((size_t)argc + 1, sizeof(char *));
	if (l.request.argv == NULL)
		return EXIT_REFUSED;
	status = read_words(argc, argv, &l);
	if (status == EXIT_FINE && l.wants_help && l.command != NULL) {
		print_command_help(l.command);
	} else if (status == EXIT_FINE && l.wants_help) {
		print_help();
	} else if (status == EXIT_FINE && l.command == NULL) {
		print_help();
		status = EXIT_USAGE;
	} else if (status == EXIT_FINE) {
		status = run(&l);
	}
	free(l.request.argv);
	return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-stat capture: the process writes the file; we wait until it is complete, or stop it. */

#include <ctype.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stat.h"

static volatile sig_atomic_t is_stopped;

static void
stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

/* The process has a directory of its own. @return false: too long */
static bool
absolute(const char *path, char *out, size_t len)
{
	char here[PATH_MAX] = "";

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		return false;
	return (size_t)snprintf(out, len, "%s%s%s", here, path[0] != '/' ? "/" : "", path) < len;
}

static bool
is_count(const char *word)
{
	while (isdigit((unsigned char)*word))
		word++;
	return *word == '\0';
}

/* FILE [FILTER...] [COUNT] as parameters. @return false: too long */
static bool
make_question(const struct request *r, char *text, size_t len)
{
	int argc = r->argc;
	char path[PATH_MAX];
	size_t n;

	if (!absolute(r->argv[0], path, sizeof(path)) || strchr(path, ',') != NULL)
		return false;
	n = (size_t)snprintf(
		text, len, "/baro/capture/start,file=%s,snaplen=%u", path, r->snap_len);
	if (argc > 1 && is_count(r->argv[argc - 1]) && n < len)
		n += (size_t)snprintf(text + n, len - n, ",count=%s", r->argv[--argc]);
	for (int i = 1; i < argc && n < len; i++)
		n += (size_t)snprintf(
			text + n, len - n, "%s%s", i == 1 ? ",filter=" : " ", r->argv[i]);
	return n < len;
}

static int
tell(const struct request *r, json_t *state)
{
	json_int_t lost = number_of(state, "lost");

	if (r->json)
		return print_json(state);
	printf("%lld frames written", (long long)number_of(state, "written"));
	if (lost != 0)
		printf(", %lld lost: they came faster than the file was written", (long long)lost);
	putchar('\n');
	json_decref(state);
	return EXIT_FINE;
}

static int
stop_now(const struct request *r)
{
	json_t *state = client_ask(r->client, "/baro/capture/stop");

	return is_refused(state) ? EXIT_REFUSED : tell(r, state);
}

static int
wait_for_end(const struct request *r)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };

	while (!is_stopped) {
		json_t *state = client_ask(r->client, "/baro/capture");

		if (is_refused(state))
			return EXIT_REFUSED;
		if (strcmp(text_of(state, "running"), "yes") != 0)
			return tell(r, state);
		json_decref(state);
		nanosleep(&pause, NULL);
	}
	return stop_now(r);
}

int
capture(const struct request *r)
{
	const struct sigaction action = { .sa_handler = stop };
	char question[1024];
	json_t *state;

	if (r->argc == 0)
		return wrong_usage("capture", "into which file?");
	if (r->argc == 1 && strcmp(r->argv[0], "stop") == 0)
		return stop_now(r);
	if (!make_question(r, question, sizeof(question)))
		return wrong_usage("capture", "file name with a comma, or all of it too long");
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	state = client_ask(r->client, question);
	if (is_refused(state))
		return EXIT_REFUSED;
	json_decref(state);
	return wait_for_end(r);
}

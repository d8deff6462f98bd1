/* SPDX-License-Identifier: BSD-3-Clause */

/* Processes leave their sockets in a folder each, below DPDK's runtime directory. */

#include "find.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKET "dpdk_telemetry.v2"

/* Sockets of @prefix, or of all: root's and our own, as EAL places them. A second process of one
 * prefix has ":1" behind its socket's name. */
static void
list_sockets(const char *prefix, glob_t *paths)
{
	const char *own = getenv("XDG_RUNTIME_DIR");
	const char *roots[] = { "/var/run", own != NULL ? own : "/tmp" };
	int flags = GLOB_NOSORT;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		char pattern[512];

		snprintf(pattern, sizeof(pattern), "%s/dpdk/%s/" SOCKET "*", roots[i],
			prefix != NULL ? prefix : "*");
		glob(pattern, flags, NULL, paths);
		flags |= GLOB_APPEND;
	}
}

static bool
is_ours(struct client *c)
{
	json_t *version = client_ask(c, "/baro/version");
	bool is_one = json_is_object(version);

	json_decref(version);
	return is_one;
}

/* "rte" of /var/run/dpdk/rte/dpdk_telemetry.v2; of a second process the path, as the prefix is not enough. */
static void
print_process(const struct client *c)
{
	const char *end = strrchr(c->path, '/');
	const char *begin = end;

	while (begin > c->path && begin[-1] != '/')
		begin--;
	fprintf(stderr, "  pid %d: -f %.*s%s\n", c->pid, (int)(end - begin), begin,
		strchr(end, ':') != NULL ? strchr(end, ':') : "");
}

static int
complain(const char *prefix, int n_denied, int n_found)
{
	if (n_found > 1)
		fprintf(stderr, "baro-stat: several processes run on baro: say which, by -f\n");
	else if (n_denied > 0)
		fprintf(stderr,
			"baro-stat: %d process%s may not be asked by you: run as the user "
			"who started %s, or as root\n",
			n_denied, n_denied == 1 ? "" : "es", n_denied == 1 ? "it" : "them");
	else if (prefix != NULL)
		fprintf(stderr, "baro-stat: no process on baro has the file prefix \"%s\"\n",
			prefix);
	else
		fprintf(stderr, "baro-stat: no process runs on baro\n");
	return -1;
}

/* A prefix may name the socket, too: "rte:1". */
static void
split_prefix(const char *prefix, char folder[256], char suffix[16])
{
	const char *colon = strchr(prefix, ':');

	snprintf(folder, 256, "%.*s", (int)strcspn(prefix, ":"), prefix);
	snprintf(suffix, 16, "%s", colon != NULL ? colon : "");
}

bool
find_process(const char *prefix, struct client *c)
{
	char folder[256], suffix[16] = "";
	struct client others[64];
	unsigned n = 0, n_denied = 0;
	glob_t paths = { 0 };

	if (prefix != NULL)
		split_prefix(prefix, folder, suffix);
	list_sockets(prefix != NULL ? folder : NULL, &paths);
	for (size_t i = 0; i < paths.gl_pathc && n < 64; i++) {
		const char *path = paths.gl_pathv[i];
		const char *name = strstr(path, SOCKET) + strlen(SOCKET);
		int err;

		if (suffix[0] != '\0' && strcmp(name, suffix) != 0)
			continue;
		err = client_open(&others[n], path);
		n_denied += err == -EACCES || err == -EPERM;
		if (err != 0)
			continue;
		if (is_ours(&others[n]))
			n++;
		else
			client_close(&others[n]);
	}
	globfree(&paths);
	if (n != 1)
		complain(prefix, (int)n_denied, (int)n);
	for (unsigned i = 0; i < n; i++) {
		if (n != 1) {
			print_process(&others[i]);
			client_close(&others[i]);
		}
	}
	if (n == 1)
		*c = others[0];
	return n == 1;
}

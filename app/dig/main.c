/* SPDX-License-Identifier: BSD-3-Clause */

/* baro-dig: asks name servers, and prints what they say as dig(1) does. */

#include <baro/baro.h>
#include <errno.h>
#include <string.h>

#include "dig.h"

/* dig's: */
enum exit_status {
	EXIT_ANSWERED = 0,
	EXIT_NO_ANSWER = 9,
	EXIT_NOT_ASKED = 10,
};

static void
found(int err, struct baro_answer *answer, void *user)
{
	const struct dig *d = user;

	if (answer != NULL)
		dig_print(d, answer, stdout);
	else
		fprintf(stderr, "baro-dig: no server answered for %s: %s\n", d->name,
			strerror(-err));
	fflush(stdout);
	baro_app_end(answer != NULL ? EXIT_ANSWERED : EXIT_NO_ANSWER);
}

static int
start(struct baro_core *core, void *user)
{
	struct dig *d = user;
	int err;

	if (baro_core_id(core) != 0)
		return 0;
	err = baro_resolve(core, d->name, d->type, &d->opts, found, d, NULL);
	if (err == 0)
		return 0;
	if (err == -EDESTADDRREQ)
		fprintf(stderr, "baro-dig: no server is known: name one as in @198.18.0.1, or set "
				"--resolve.nameserver\n");
	else
		fprintf(stderr, "baro-dig: %s: %s\n", d->name, strerror(-err));
	baro_app_end(EXIT_NOT_ASKED);
	return 0;
}

static const char *
check(void *user)
{
	struct dig *d = user;

	if (!d->has_name)
		strcpy(d->name, "."); /* as dig does: the root's servers */
	if (d->type == 0)
		d->type = d->has_name ? BARO_DNS_A : BARO_DNS_NS;
	return NULL;
}

int
main(int argc, char **argv)
{
	static struct dig dig = { .opts = { .no_cache = true } };
	static const struct baro_app app = {
		.name = "baro-dig",
		.about = "asks name servers and prints what they say",
		.options = dig_options,
		.user = &dig,
		.is_quiet = true,
		.check = check,
		.start = start,
	};

	return baro_app_main(&app, argc, argv);
}

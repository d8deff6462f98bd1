/* SPDX-License-Identifier: BSD-3-Clause */

/* Signals that end the program. */

#include "runtime/stop.h"

#include <signal.h>
#include <stddef.h>

atomic_int stop_requests;

static void
on_signal(int number)
{
	if (atomic_fetch_add(&stop_requests, 1) + 1 > STOP_NOW)
		signal(number, SIG_DFL);
}

void
stop_watch(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/* who reads our output may leave */
	sigaction(SIGPIPE, &ignore, NULL);
}

void
stop_request(enum stop_level level)
{
	int now = atomic_load(&stop_requests);

	while (now < (int)level && !atomic_compare_exchange_weak(&stop_requests, &now, (int)level))
		;
}

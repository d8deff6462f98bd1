/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A wire between two ports that loses, delays and reorders as `portN.fault.*` says: what enters at
 * one end leaves at the other. There is no stack on it; each port's address is but a name.
 */

#include <baro/app.h>
#include <errno.h>

#include "runtime/core.h"
#include "runtime/loop.h"
#include "runtime/stop.h"

/* What has come to @in goes out of @out. @return frames */
static unsigned
carry(struct dev_queue *in, struct dev_queue *out, uint64_t now_ns)
{
	struct rte_mbuf *frame[DEV_BURST_MAX];
	uint16_t n = dev_rx(in, frame, (uint16_t)min_u32(DEV_BURST_MAX, dev_tx_room(out)), now_ns);

	for (uint16_t i = 0; i < n; i++)
		dev_tx(out, frame[i]);
	dev_flush(out, now_ns);
	return n;
}

/* In place of the core's own turns, and as idle as they are. */
static int
run(struct baro_core *core, void *user)
{
	const struct sock_driver *driver = &core->stack.socks.driver;
	struct worker *w = driver->user;
	struct dev_queue *a = &core->port[0]->queue;
	struct dev_queue *b = &core->port[1]->queue;
	const uint64_t *sent = &core->stack.env.stats[STAT_TX_PACKETS];

	(void)user;
	while (stop_level() == STOP_NOT) {
		uint64_t now_ns = clock_now(&w->clock);

		core->stack.now_ns = now_ns;
		/* what a fault has held back is work when it leaves */
		if (carry(a, b, now_ns) + carry(b, a, now_ns) != 0 || *sent != w->sent)
			idle_reset(&w->idle, now_ns);
		else
			driver->rest(core, TIME_NEVER, -1, driver->user);
		w->sent = *sent;
	}
	return 0;
}

static int
start(struct baro_core *core, void *user)
{
	(void)user;
	return core->n_ports == 2 && core->steer == NULL ? 0 : -EINVAL;
}

int
main(int argc, char **argv)
{
	const struct baro_app app = {
		.name = "bench-wire",
		.about = "a wire between port0 and port1, with faults; one core",
		.start = start,
		.run = run,
	};

	return baro_app_main(&app, argc, argv);
}

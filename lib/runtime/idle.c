/* SPDX-License-Identifier: BSD-3-Clause */

/* Turns without work: poll on, pause, sleep. */

#include "runtime/idle.h"

#include <rte_pause.h>
#include <sys/prctl.h>
#include <time.h>

#include "dev/doorbell.h"
#include "dev/ethdev.h"

static const uint64_t SPIN_NS = 100 * NS_PER_US;
static const uint64_t SHORTEST_NAP_NS = 20 * NS_PER_US;
static const uint64_t LONGEST_NAP_NS = 500 * NS_PER_US;
static const uint64_t LONGEST_LATE_NAP_NS = NS_PER_MS;    /* after a second without work */
static const uint64_t LONGEST_SLEEP_NS = 100 * NS_PER_MS; /* until a signal is noticed */
static const uint64_t SHORTEST_SLEEP_NS = 5 * NS_PER_US;  /* what a system call costs */

enum { MAX_FALSE = 8 };

void
idle_init(struct idle *idle, enum baro_idle policy, uint64_t now_ns)
{
	*idle = (struct idle){
		.is_adaptive = policy != BARO_IDLE_POLL,
		.has_fds = true,
		.host_fd = -1,
		.busy_ns = now_ns,
	};
	/* Linux adds 50 us to every sleep unless told otherwise */
	if (idle->is_adaptive)
		prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul);
}

void
idle_watch(struct idle *idle, const struct dev_port *port, uint16_t queue)
{
	struct idle_port watched = { .port = port };
	int fd = -1;

	if (idle->is_adaptive)
		fd = ethdev_rx_fd(port, queue);
	if (fd < 0 && idle->is_adaptive) {
		fd = doorbell_open(port);
		watched.is_doorbell = true;
	}
	if (fd < 0 || idle->n == BARO_MAX_PORTS) {
		idle->has_fds = false;
		return;
	}
	idle->fd[idle->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	idle->watched[idle->n++] = watched;
}

void
idle_has_peers(struct idle *idle, struct wake *wake)
{
	idle->wake = wake;
}

void
idle_end(struct idle *idle)
{
	nfds_t i;

	for (i = 0; i < idle->n; i++)
		if (idle->watched[i].is_doorbell)
			doorbell_close(idle->fd[i].fd);
	idle->n = 0;
}

bool
idle_is_spinning(const struct idle *idle, uint64_t now_ns)
{
	return !idle->is_adaptive || now_ns - idle->busy_ns < SPIN_NS;
}

static struct timespec
to_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_nsec = (long)(ns % NS_PER_SEC),
	};
}

/* A frame that came before the doorbell was cleared is found by the turn that follows. */
static void
arm(struct idle *idle)
{
	nfds_t i;

	for (i = 0; i < idle->n; i++)
		if (idle->watched[i].is_doorbell)
			doorbell_clear(idle->fd[i].fd);
	if (idle->wake != NULL)
		wake_arm(idle->wake);
	idle->is_armed = true;
}

/* Sleep on the last @n descriptors of ports and on those that follow them. @return as poll() */
static int
sleep_on(struct idle *idle, nfds_t n, uint64_t ns)
{
	struct timespec timeout = to_timespec(ns);
	struct pollfd *fd = &idle->fd[idle->n - n];

	if (idle->wake != NULL)
		fd[n++] = (struct pollfd){ .fd = idle->wake->fd, .events = POLLIN };
	if (idle->host_fd >= 0)
		fd[n++] = (struct pollfd){ .fd = idle->host_fd, .events = POLLIN };
	return ppoll(fd, n, &timeout, NULL);
}

static bool
is_port_readable(const struct idle *idle)
{
	nfds_t i;

	for (i = 0; i < idle->n; i++)
		if (idle->fd[i].revents != 0)
			return true;
	return false;
}

/* Readable time and again, and no frame: the driver has forgotten one. */
static void
kick_drivers(struct idle *idle)
{
	nfds_t i;

	for (i = 0; i < idle->n; i++)
		if (idle->fd[i].revents != 0)
			ethdev_rx_kick(idle->watched[i].port);
}

/* A signal, one per frame on a tap, ends the sleep as well as a frame does. */
static void
sleep_on_fds(struct idle *idle, uint64_t ns)
{
	if (sleep_on(idle, idle->n, ns) <= 0) {
		idle->n_false = 0;
		return;
	}
	idle_disarm(idle);
	if (idle->host_fd >= 0 && !is_port_readable(idle))
		return;
	/* the turn that follows resets this if it finds a frame */
	if (++idle->n_false < MAX_FALSE)
		return;
	kick_drivers(idle);
	if (idle->n_false > MAX_FALSE)
		sleep_on(idle, 0, LONGEST_NAP_NS);
}

static void
nap(struct idle *idle, uint64_t now_ns, uint64_t ns)
{
	bool is_late = now_ns - idle->busy_ns > NS_PER_SEC;

	if (idle->nap_ns == 0)
		idle->nap_ns = SHORTEST_NAP_NS;
	if (sleep_on(idle, 0, min_u64(ns, idle->nap_ns)) > 0)
		idle_disarm(idle);
	idle->nap_ns = min_u64(2 * idle->nap_ns, is_late ? LONGEST_LATE_NAP_NS : LONGEST_NAP_NS);
}

void
idle_wait(struct idle *idle, uint64_t now_ns, uint64_t deadline_ns)
{
	uint64_t ns;

	if (deadline_ns <= now_ns)
		return;
	ns = min_u64(deadline_ns - now_ns, LONGEST_SLEEP_NS);
	if (idle_is_spinning(idle, now_ns) || ns < SHORTEST_SLEEP_NS)
		rte_pause();
	else if (!idle->is_armed)
		arm(idle);
	else if (idle->has_fds)
		sleep_on_fds(idle, ns);
	else
		nap(idle, now_ns, ns);
}

void
idle_stall(struct idle *idle, uint64_t now_ns)
{
	if (idle_is_spinning(idle, now_ns))
		rte_pause();
	else
		nap(idle, now_ns, UINT64_MAX);
}

const char *
idle_describe(const struct idle *idle)
{
	if (!idle->is_adaptive)
		return "polls without pause";
	return idle->has_fds ? "sleeps until a frame comes" : "naps up to 1 ms when idle";
}

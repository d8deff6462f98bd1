/* SPDX-License-Identifier: BSD-3-Clause */

/* A core's life: what it says of its deadlines, and how it ends with everything still open. */

#include <baro/baro.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static void
transmit(const struct iovec *frame, int n, void *user)
{
	unsigned *n_frames = user;

	(void)frame;
	(void)n;
	(*n_frames)++;
}

static void
opened(struct baro_conn *c)
{
	(void)c;
}

static void
closed(struct baro_conn *c, int err)
{
	(void)c;
	(void)err;
}

static const struct baro_conn_ops ops = { .opened = opened, .readable = opened, .closed = closed };

static void
received(struct baro_udp *u, const struct baro_datagram *d)
{
	(void)u;
	(void)d;
}

/** A core with one port; frames it sends are counted in @n_frames. */
static struct baro_core *
new_core(unsigned *n_frames)
{
	const struct baro_port_opts opts = {
		.transmit = transmit, .user = n_frames, .address = baro_addr_from_v4(0xc6120002)
	};
	struct baro_core *core;
	struct baro_port *port;

	*n_frames = 0;
	cr_assert_eq(baro_core_create(NULL, 0, &core), 0);
	cr_assert_eq(baro_port_open(core, &opts, &port), 0);
	return core;
}

Test(core, ends_with_timers_of_every_layer_in_the_same_slot)
{
	const struct baro_endpoint peer = { baro_addr_from_v4(0xc6120001), 80 };
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);
	struct baro_conn *c;

	baro_core_poll(core, 0);
	baro_core_poll(core, SECOND);
	/* its SYN is due again when the port's second announcement is */
	cr_assert_eq(baro_connect(core, &peer, NULL, &ops, NULL, &c), 0);
	baro_core_poll(core, SECOND);
	baro_core_destroy(core);
}

Test(core, ends_with_sockets_and_queues_open)
{
	const struct baro_endpoint any = { .port = 7 };
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);
	struct baro_listener *l;
	struct baro_udp *u;

	cr_assert_eq(baro_listen(core, &any, NULL, &ops, NULL, &l), 0);
	cr_assert_eq(baro_udp_open(core, &any, received, NULL, &u), 0);
	baro_core_destroy(core);
}

Test(core, is_done_at_once_only_when_nothing_waits)
{
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);

	baro_core_poll(core, 0);
	cr_assert_eq(n_frames, 1, "the announcement");
	cr_assert_gt(baro_core_next_deadline(core), 0);
	cr_assert_leq(baro_core_next_deadline(core), 2 * SECOND + SECOND / 1000);
	baro_core_poll(core, 3 * SECOND);
	cr_assert_eq(n_frames, 2, "the second announcement");
	cr_assert_eq(baro_core_next_deadline(core), BARO_NEVER);
	baro_core_destroy(core);
}

struct fired {
	struct baro_timer timer; /* first */
	unsigned n;
	uint64_t at_ns;
};

static void
fire(struct baro_timer *t, uint64_t now_ns)
{
	struct fired *f = (struct fired *)t;

	f->n++;
	f->at_ns = now_ns;
}

/* R04: the clock jumps, timers fire once */
Test(core, application_timer_fires_once_never_early_and_after_a_jump)
{
	struct fired f = { .timer.fire = fire };
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);

	baro_timer_start(core, &f.timer, 5 * SECOND);
	baro_core_poll(core, 5 * SECOND - 1);
	cr_assert_eq(f.n, 0);
	baro_core_poll(core, 3605 * SECOND);
	cr_assert_eq(f.n, 1);
	cr_assert_eq(f.at_ns, 3605 * SECOND);
	baro_core_poll(core, 3610 * SECOND);
	cr_assert_eq(f.n, 1);
	baro_timer_start(core, &f.timer, 3620 * SECOND);
	baro_timer_stop(core, &f.timer);
	baro_core_poll(core, 3630 * SECOND);
	cr_assert_eq(f.n, 1);
	baro_core_destroy(core);
}

/** How many of @f have fired. */
static unsigned
count_fired(const struct fired *f, unsigned n)
{
	unsigned fired = 0;

	for (unsigned i = 0; i < n; i++)
		fired += f[i].n;
	return fired;
}

Test(core, of_very_many_timers_that_are_due_a_turn_fires_some_and_the_next_ones_the_rest)
{
	enum { MANY = 1000, A_TURN = 256 };
	static struct fired f[MANY];
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);

	baro_core_poll(core, SECOND); /* our address is announced */
	for (unsigned i = 0; i < MANY; i++) {
		f[i].timer.fire = fire;
		baro_timer_start(core, &f[i].timer, 2 * SECOND + i);
	}
	baro_core_poll(core, 3601 * SECOND);
	cr_assert_leq(count_fired(f, MANY), A_TURN);
	cr_assert_geq(count_fired(f, MANY), A_TURN - 10); /* the stack has some of its own */
	cr_assert_eq(baro_core_next_deadline(core), 0);
	baro_timer_stop(core, &f[MANY - 1].timer);
	baro_timer_start(core, &f[MANY - 2].timer, 7200 * SECOND);
	for (unsigned i = 0; i < MANY / A_TURN; i++)
		baro_core_poll(core, 3601 * SECOND);
	cr_assert_eq(count_fired(f, MANY), MANY - 2);
	cr_assert_eq(f[MANY - 1].n + f[MANY - 2].n, 0);
	cr_assert_gt(baro_core_next_deadline(core), 3601 * SECOND);
	baro_core_destroy(core);
}

Test(core, wrong_ports_and_configurations_are_refused)
{
	struct baro_config config = { .tcp.rto_min_ns = 1 };
	const struct baro_port_opts no_transmit = { .address = baro_addr_from_v4(0xc6120002) };
	unsigned n_frames;
	struct baro_core *core;
	struct baro_port *port;

	cr_assert_eq(baro_core_create(&config, 0, &core), -EINVAL);
	core = new_core(&n_frames);
	cr_assert_eq(baro_port_open(core, &no_transmit, &port), -EINVAL);
	cr_assert_eq(baro_core_id(core), 0);
	cr_assert_eq(baro_core_now(core), 0);
	baro_core_destroy(core);
}

Test(core, counters_are_read_by_number_and_name)
{
	unsigned n_frames;
	struct baro_core *core = new_core(&n_frames);
	struct baro_counter counter;
	bool is_there = false;

	baro_core_poll(core, 0);
	for (unsigned i = 0; i < baro_stat_count(); i++) {
		cr_assert_eq(baro_stat_read(core, i, &counter), 0);
		if (strcmp(counter.name, "ARP_REQUESTS_OUT") == 0) {
			is_there = true;
			cr_assert_eq(counter.value, 1);
			cr_assert_str_eq(counter.layer, "link");
		}
	}
	cr_assert(is_there);
	cr_assert_eq(baro_stat_read(core, baro_stat_count(), &counter), -ERANGE);
	for (unsigned i = 0; i < baro_drop_count(); i++) {
		cr_assert_eq(baro_drop_read(core, i, &counter), 0);
		cr_assert_eq(counter.value, 0, "%s", counter.name);
	}
	cr_assert_eq(baro_drop_read(core, baro_drop_count(), &counter), -ERANGE);
	baro_core_destroy(core);
}

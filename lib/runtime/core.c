/* SPDX-License-Identifier: BSD-3-Clause */
/* One core: made, given ports, driven turn by turn, taken apart. */

#include "runtime/core.h"

#include <baro/port.h>
#include <baro/trace.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/ethdev.h"
#include "dev/fault.h"
#include "dev/funcport.h"
#include "resolver/resolver.h"
#include "tcp/farewell.h"

enum {
	MBUFS_DEFAULT = 16384,
	BURST_DEFAULT = 32,
	STARVED_NS = 50 * 1000, /* how soon to look again for buffers that were lacking */
};

/** aligned_alloc() wants a multiple of the alignment. */
#define CORE_LEN (RTE_ALIGN_CEIL(sizeof(struct baro_core), (size_t)BARO_CACHE_LINE))

struct baro_port {
	struct core_port port;
};

/** Secrets and the random sequence: from the system, or from the configured seed. */
static int
seed(struct env *env, uint64_t value)
{
	uint64_t from_system[5];
	int err = 0;

	if (value == 0) {
		err = rand_secret(from_system, sizeof(from_system));
	} else {
		rand_seed(&env->rand, value);
		for (unsigned i = 0; i < ARRAY_LEN(from_system); i++)
			from_system[i] = rand_u64(&env->rand);
	}
	env->secret = (struct siphash_key){ from_system[0], from_system[1] };
	env->table_key = (struct siphash_key){ from_system[2], from_system[3] };
	rand_seed(&env->rand, from_system[4]);
	return err;
}

/** Fragments and tables go by a key that all cores share. */
static void
join_cores(struct baro_core *core, struct steer *steer)
{
	core->steer = steer;
	if (steer != NULL)
		core->stack.env.table_key = steer->key;
}

static uint32_t
mbufs_of(const struct baro_config *config)
{
	return config->core.mbufs != 0 ? config->core.mbufs : MBUFS_DEFAULT;
}

static int
init_layers(struct baro_core *core)
{
	struct stack *stack = &core->stack;
	int err = ip_init(&stack->ip, &core->config, &stack->env, &stack->pool);

	if (err != 0)
		return err;
	err = udp_init(&stack->udp, &stack->ip, &core->config.udp);
	if (err != 0)
		goto no_udp;
	err = tcp_init(&stack->tcp, &core->config, &stack->env, &stack->ip, &stack->pool,
		mbufs_of(&core->config));
	if (err != 0)
		goto no_tcp;
	err = socks_init(&stack->socks);
	if (err == 0)
		return 0;
	tcp_fini(&stack->tcp);
no_tcp:
	udp_fini(&stack->udp);
no_udp:
	ip_fini(&stack->ip);
	return err;
}

int
core_create(const struct baro_config *config, unsigned id, struct dev_pool *pool,
	struct steer *steer, uint64_t now_ns, struct baro_core **out)
{
	struct baro_core *core = aligned_alloc(BARO_CACHE_LINE, CORE_LEN);
	int err;

	if (core == NULL)
		return -ENOMEM;
	memset(core, 0, sizeof(*core));
	core->config = *config;
	core->burst = (uint16_t)(config->core.burst != 0 ? config->core.burst : BURST_DEFAULT);
	core->stack.id = id;
	core->stack.pool = *pool;
	core->stack.now_ns = now_ns;
	mailbox_init(&core->mailbox);
	core->stack.resolve_config = &core->config.resolve;
	wheel_init(&core->stack.env.wheel, now_ns);
	err = seed(&core->stack.env, config->core.seed);
	join_cores(core, steer);
	if (err == 0)
		err = init_layers(core);
	if (err != 0) {
		free(core);
		return err;
	}
	pings_init(&core->stack.pings, steer != NULL ? steer->n_cores : 1);
	core->stack.tcp.rss = steer != NULL ? &steer->rss : NULL;
	core->stack.tcp.core = id;
	core->stack.udp.cores = steer != NULL ? &steer->udp_cores : NULL;
	core->stack.udp.rss = core->stack.tcp.rss;
	core->stack.udp.core = id;
	if (config->tcp.trace[0] != '\0')
		err = baro_trace_start(core, config->tcp.trace, NULL, NULL);
	if (err != 0) {
		core_destroy(core);
		return err;
	}
	*out = core;
	return 0;
}

int
baro_core_create(const struct baro_config *config, uint64_t now_ns, struct baro_core **out)
{
	static const struct baro_config defaults;
	struct dev_pool pool;
	int err;

	if (config == NULL)
		config = &defaults;
	if (baro_config_check(config, NULL, NULL) != 0)
		return -EINVAL;
	err = dev_pool_create_plain(&pool, mbufs_of(config));
	if (err != 0)
		return err;
	err = core_create(config, 0, &pool, NULL, now_ns, out);
	if (err != 0)
		dev_pool_destroy(&pool);
	return err;
}

static void
close_port(struct core_port *port)
{
	if (port->is_func)
		funcport_fini(&port->queue);
	for (unsigned i = 0; i < ARRAY_LEN(port->faults); i++)
		if (port->faults[i] != NULL)
			fault_destroy(port->faults[i]);
	free(port->by_vlan);
	free(port);
}

void
core_destroy(struct baro_core *core)
{
	baro_trace_stop(core);
	ip_fini(&core->stack.ip);     /* stops its timers: before the memory of the others' goes */
	core->stack.udp.cores = NULL; /* the program ends: what its cores share may have gone */
	socks_fini(&core->stack);
	resolver_destroy(core->stack.resolver);
	udp_close_all(&core->stack);
	udp_fini(&core->stack.udp);
	ping_close_all(&core->stack);
	tcp_fini(&core->stack.tcp);
	for (uint32_t i = 0; i < core->n_ports; i++)
		close_port(core->port[i]);
	free(core);
}

void
baro_core_destroy(struct baro_core *core)
{
	struct dev_pool pool = core->stack.pool;

	core_destroy(core);
	dev_pool_destroy(&pool);
}

/** A port that is open on the link layer: IP begins. */
static int
add_port(struct baro_core *core, struct core_port *port, unsigned index,
	const struct iface_addr *addr)
{
	int err;

	if (core->n_ports == BARO_MAX_PORTS)
		return -ENOSPC;
	port->core = core;
	err = iface_add_port(port, index, addr);
	if (err == 0)
		core->port[core->n_ports++] = port;
	return err;
}

/** Faults on purpose, one each way. */
static int
add_faults(struct core_port *port, const struct baro_fault_config *config, struct stack *stack)
{
	struct baro_fault_config way = *config;

	if (!fault_is_wanted(config))
		return 0;
	for (unsigned i = 0; i < ARRAY_LEN(port->faults); i++) {
		int err = fault_create(&way, &stack->env, stack->pool.text, &port->faults[i]);

		if (err != 0)
			return err;
		way.seed++; /* the two directions do not repeat each other */
	}
	port->queue.rx_fault = port->faults[0];
	port->queue.tx_fault = port->faults[1];
	return 0;
}

int
core_add_port(struct baro_core *core, unsigned index, struct dev_port *dev, uint16_t queue_id)
{
	const struct baro_port_config *config = &core->config.port[index];
	struct core_port *port = calloc(1, sizeof(*port));
	int err;

	if (port == NULL)
		return -ENOMEM;
	ethdev_queue_init(&port->queue, dev, queue_id, &core->stack.env, core->stack.pool.text);
	err = add_faults(port, &config->fault, &core->stack);
	if (err == 0)
		err = add_port(core, port, index,
			&(struct iface_addr){ .addr = baro_addr_to_v4(&config->address),
				.gateway = baro_addr_to_v4(&config->gateway),
				.prefix_len = config->prefix_len });
	if (err != 0)
		close_port(port);
	return err;
}

int
baro_port_open(struct baro_core *core, const struct baro_port_opts *opts, struct baro_port **out)
{
	struct core_port *port = calloc(1, sizeof(*port));
	int err;

	if (port == NULL)
		return -ENOMEM;
	err = funcport_init(&port->queue, &port->port, core->n_ports, opts, &core->stack.env,
		core->stack.pool.text);
	if (err != 0) {
		free(port);
		return err;
	}
	port->is_func = true;
	port->is_ip = opts->is_ip;
	if (opts->is_ip)
		ipport_init(&port->ip, &port->queue);
	err = add_port(core, port, core->n_ports,
		&(struct iface_addr){ .addr = baro_addr_to_v4(&opts->address),
			.gateway = baro_addr_to_v4(&opts->gateway),
			.prefix_len = opts->prefix_len != 0 ? opts->prefix_len : 24 });
	if (err != 0)
		close_port(port);
	else
		*out = (struct baro_port *)port;
	return err;
}

int
baro_port_input(struct baro_port *port, const void *frame, size_t len)
{
	if (port->port.is_ip)
		return ipport_input(&port->port.ip, frame, len);
	return funcport_input(&port->port.queue, frame, len);
}

void
core_flush(struct baro_core *core, uint64_t now_ns)
{
	for (uint32_t i = 0; i < core->n_ports; i++)
		dev_flush(&core->port[i]->queue, now_ns);
	if (unlikely(core->stack.env.capture != NULL))
		capture_publish(&core->stack.env);
}

bool
core_say_farewell(struct baro_core *core, uint64_t now_ns)
{
	bool is_said;

	farewell_retry(&core->stack.tcp, DEV_TX_RING, now_ns);
	core_flush(core, now_ns);
	is_said = !farewell_waits(&core->stack.tcp);
	for (uint32_t i = 0; i < core->n_ports; i++)
		is_said &= core->port[i]->queue.n_tx == 0 && core->port[i]->queue.kick_ns == 0;
	return is_said;
}

unsigned
baro_core_poll(struct baro_core *core, uint64_t now_ns)
{
	struct stack *stack = &core->stack;
	unsigned n;

	stack->now_ns = now_ns;
	stack->is_turning = true;
	n = core_fire_timers(core, now_ns);
	if (unlikely(tcp_is_hungry(&stack->tcp)))
		tcp_feed(&stack->tcp, now_ns);
	n += core_rx(core, now_ns);
	if (udp_has_news(stack))
		udp_dispatch(stack);
	ping_dispatch(stack);
	if (stack->tcp.ready.head != NULL)
		conn_dispatch(stack);
	if (unlikely(mailbox_is_asked(&core->mailbox))) {
		mailbox_answer(&core->mailbox, core);
		n++;
	}
	if (unlikely(stack->tcp.common.trace != NULL))
		core_tell_trace(core);
	core_flush(core, now_ns);
	stack->is_turning = false;
	return n;
}

uint64_t
baro_core_next_deadline(const struct baro_core *core)
{
	const struct stack *stack = &core->stack;
	uint64_t next = wheel_next(&stack->env.wheel);

	if (stack->tcp.ready.head != NULL || ip_loop_count(&stack->ip) != 0 ||
		next <= stack->now_ns) /* started late, or more than a turn fires */
		return 0;
	if (tcp_is_hungry(&stack->tcp))
		next = min_u64(next, stack->now_ns + STARVED_NS);
	for (uint32_t i = 0; i < core->n_ports; i++)
		next = min_u64(next, dev_next(&core->port[i]->queue));
	return next;
}

uint64_t
baro_core_now(const struct baro_core *core)
{
	return core->stack.now_ns;
}

unsigned
baro_core_id(const struct baro_core *core)
{
	return core->stack.id;
}

unsigned
baro_core_count(const struct baro_core *core)
{
	return core->steer != NULL ? core->steer->n_cores : 1;
}

bool
core_is_quiet(const struct baro_core *core)
{
	return core->stack.tcp.rests.n_used == 0 && !farewell_waits(&core->stack.tcp);
}

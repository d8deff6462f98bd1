/* SPDX-License-Identifier: BSD-3-Clause */

#include "sim/pair.h"

#include <string.h>

enum {
	STEP_NS = 1000 * 1000, /* between two looks at a flag */
};

static uint64_t
hash_add(uint64_t hash, const void *octets, size_t len)
{
	const uint8_t *p = octets;

	while (len-- > 0)
		hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
	return hash;
}

static void
see_frame(int from, const void *frame, size_t len, uint64_t now_ns, void *user)
{
	struct pair *p = user;

	cr_assert_geq(now_ns, p->last_ns[from], "time does not go back");
	p->n_frames[from]++;
	p->n_octets[from] += len;
	p->last_ns[from] = now_ns;
	p->trace = hash_add(p->trace, &now_ns, sizeof(now_ns));
	p->trace = hash_add(p->trace, frame, len);
}

void
pair_open_with(
	struct pair *p, const struct baro_fault_config *fault, const struct baro_config *config)
{
	struct baro_port_opts opts = { .prefix_len = 24 };

	memset(p, 0, sizeof(*p));
	cr_assert_eq(baro_sim_create(fault, fault, &p->sim), 0);
	baro_sim_watch(p->sim, see_frame, p);
	for (int end = 0; end < 2; end++) {
		p->addr[end] = baro_addr_from_v4(0xc6120001u + (uint32_t)end);
		opts.address = p->addr[end];
		cr_assert_eq(baro_core_create(config, 0, &p->core[end]), 0);
		baro_sim_end(p->sim, end, &opts);
		cr_assert_eq(baro_port_open(p->core[end], &opts, &p->port[end]), 0);
		baro_sim_join(p->sim, end, p->core[end], p->port[end]);
	}
}

void
pair_open(struct pair *p, const struct baro_fault_config *fault, uint64_t seed)
{
	struct baro_config config = { .core = { .seed = seed } };

	pair_open_with(p, fault, &config);
}

void
pair_close(struct pair *p)
{
	struct baro_usage usage;

	for (int end = 0; end < 2; end++) {
		baro_usage_read(p->core[end], &usage);
		cr_expect_eq(usage.mbufs, 0, "end %d: %u buffers leaked", end, usage.mbufs);
		cr_expect_eq(usage.conns, 0, "end %d: %u connections left", end, usage.conns);
		baro_core_destroy(p->core[end]);
	}
	baro_sim_destroy(p->sim);
}

void
pair_run(struct pair *p, uint64_t for_ns)
{
	uint64_t until_ns = p->now_ns + for_ns;

	baro_sim_run(p->sim, p->now_ns, until_ns);
	p->now_ns = until_ns;
}

bool
pair_run_until(struct pair *p, const int *flag, uint64_t for_ns)
{
	uint64_t until_ns = p->now_ns + for_ns;

	while (*flag == 0 && p->now_ns < until_ns)
		pair_run(p, min_u64(STEP_NS, until_ns - p->now_ns));
	return *flag != 0;
}

uint64_t
pair_count(const struct pair *p, int end, const char *name)
{
	struct baro_counter counter;

	for (unsigned i = 0; baro_stat_read(p->core[end], i, &counter) == 0; i++) {
		if (strcmp(counter.name, name) == 0)
			return counter.value;
	}
	for (unsigned i = 0; baro_drop_read(p->core[end], i, &counter) == 0; i++) {
		if (strcmp(counter.name, name) == 0)
			return counter.value;
	}
	cr_assert_fail("no counter %s", name);
	return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* RFC 1191; see the header. */

#include "ip/pmtu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum {
	MIN_DEFAULT = 552,
	SWEEPS = 10, /* of the expiry: an entry lives a tenth longer at most */
};

#define EXPIRY_DEFAULT_NS (600 * NS_PER_SEC) /* RFC 1191 §6.3 */

int
pmtu_init(struct pmtu_cache *p, struct env *env, uint64_t expiry_ns, uint16_t min)
{
	memset(p, 0, sizeof(*p));
	p->env = env;
	p->min = min != 0 ? min : MIN_DEFAULT;
	p->expiry_ns = expiry_ns != 0 ? expiry_ns : EXPIRY_DEFAULT_NS;
	wheel_timer_init(&p->timer, TIMER_PMTU);
	p->entry = aligned_alloc(BARO_CACHE_LINE, PMTU_SETS * PMTU_WAYS * sizeof(*p->entry));
	if (p->entry == NULL)
		return -ENOMEM;
	memset(p->entry, 0, PMTU_SETS * PMTU_WAYS * sizeof(*p->entry));
	return 0;
}

void
pmtu_fini(struct pmtu_cache *p)
{
	wheel_stop(&p->env->wheel, &p->timer);
	free(p->entry);
	p->entry = NULL;
	p->n_used = 0;
}

/** Keyed, so that nobody can choose whom to push out. */
static struct pmtu *
set_of(const struct pmtu_cache *p, uint32_t dst)
{
	uint64_t hash = siphash13_2u64(&p->env->table_key, dst, 0);

	return p->entry + hash % PMTU_SETS * PMTU_WAYS;
}

static struct pmtu *
find(const struct pmtu_cache *p, uint32_t dst)
{
	struct pmtu *set = set_of(p, dst);

	for (unsigned i = 0; i < PMTU_WAYS; i++)
		if (set[i].dst == dst)
			return &set[i];
	return NULL;
}

const struct pmtu *
pmtu_find(const struct pmtu_cache *p, uint32_t dst)
{
	return p->n_used != 0 ? find(p, dst) : NULL;
}

/** A free entry, or the one that was learnt first. */
static struct pmtu *
make_room(struct pmtu_cache *p, uint32_t dst)
{
	struct pmtu *set = set_of(p, dst);
	struct pmtu *oldest = set;

	for (unsigned i = 0; i < PMTU_WAYS; i++) {
		if (set[i].dst == 0) {
			p->n_used++;
			return &set[i];
		}
		if (set[i].learnt_ns < oldest->learnt_ns)
			oldest = &set[i];
	}
	return oldest;
}

/** RFC 1191 §7.1: the sizes that links are likely to have. The largest below @len. */
static uint16_t
plateau_below(uint16_t len)
{
	static const uint16_t plateau[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296 };

	for (unsigned i = 0; i < ARRAY_LEN(plateau); i++)
		if (plateau[i] < len)
			return plateau[i];
	return PMTU_LEAST;
}

bool
pmtu_learn(struct pmtu_cache *p, uint32_t dst, uint16_t told, uint16_t len, uint64_t now_ns)
{
	bool is_told = told >= PMTU_LEAST;
	uint16_t mtu = is_told ? told : plateau_below(len);
	bool is_below_min = is_told ? told < p->min : len <= p->min;
	struct pmtu *e = find(p, dst);

	if (mtu >= len)
		return false; /* it would have passed: RFC 5927 §7.2 */
	mtu = (uint16_t)max_u32(mtu, p->min);
	if (e != NULL && mtu > e->mtu)
		return false; /* RFC 1191 §6.1: no word raises it; time does */
	if (e != NULL && mtu == e->mtu && is_below_min <= e->is_below_min) {
		e->learnt_ns = now_ns;
		return false;
	}
	if (e == NULL)
		e = make_room(p, dst);
	*e = (struct pmtu){
		.learnt_ns = now_ns, .dst = dst, .mtu = mtu, .is_below_min = is_below_min
	};
	if (!p->timer.is_armed)
		wheel_start(&p->env->wheel, &p->timer, now_ns + p->expiry_ns);
	return true;
}

bool
pmtu_timer(struct pmtu_cache *p, uint64_t now_ns)
{
	uint32_t n_before = p->n_used;

	for (struct pmtu *e = p->entry; e < p->entry + PMTU_SETS * PMTU_WAYS; e++) {
		if (e->dst != 0 && now_ns - e->learnt_ns >= p->expiry_ns) {
			e->dst = 0;
			p->n_used--;
		}
	}
	if (p->n_used != 0)
		wheel_start(&p->env->wheel, &p->timer, now_ns + p->expiry_ns / SWEEPS);
	return p->n_used != n_before;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* One for all tests: a megabyte each would have to be looked through for leaks after every test. */

#include "peer.h"

struct peer *
peer_of(struct lab *l, uint64_t seed)
{
	static struct peer p;

	memset(&p, 0, sizeof(p));
	p.l = l;
	p.way_ms = 20;
	p.wnd_max = LAB_WND;
	p.nxt = 1;
	p.edge = 1 + LAB_WND;
	rand_seed(&p.rand, seed);
	return &p;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The size of a full segment; see the header. */

#include "tcp/mss.h"

uint32_t
mss_in(const struct tcp_conn *c, uint32_t mtu)
{
	uint32_t mss = min_u32(mtu - (uint32_t)MSS_HEADERS, c->mtu.peer_mss);

	mss = max_u32(mss, TCP_MSS_MIN);
	if (tcp_is(c, TCP_F_TS))
		mss -= TCP_TS_LEN;
	return c->asked.maxseg != 0 ? min_u32(mss, c->asked.maxseg) : mss;
}

void
mss_update(struct tcp_conn *c)
{
	uint32_t bound = tcp_is(c, TCP_F_MTU_SEARCH) ? c->mtu.bound : UINT16_MAX;
	uint32_t mss = mss_in(c, min_u32(c->mtu.path, bound));

	c->mss = (uint16_t)mss;
	c->cwnd = max_u32(c->cwnd, mss);
}

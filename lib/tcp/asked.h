/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_ASKED_H
#define BARO_TCP_ASKED_H

/*
 * What the application has asked for on one connection (baro_conn_set()) and few ask for. 0: as
 * the core is set.
 */

#include <stdbool.h>
#include <stdint.h>

struct tcp_asked {
	uint32_t user_timeout_ms;
	uint32_t notsent_lowat; /* octets; with TCP_F_LOWAT */
	uint32_t window_clamp;  /* octets; with TCP_F_CLAMP */
	uint16_t keep_idle_s;
	uint16_t keep_interval_s;
	uint16_t fin_wait_2_s;
	uint16_t linger_s_plus_1;
	uint16_t maxseg; /* octets */
	uint8_t keep_count;
	uint8_t syn_retries;
	bool has_snd_buf; /* its size is the application's, not ours to tune */
	bool has_rcv_buf;
};

#endif

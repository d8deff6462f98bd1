/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of modes. */

#include "mode.h"

#include <stddef.h>

const struct load_mode *const load_modes[] = {
	&load_ping,
	&load_http,
	&load_send,
	&load_idle,
	&load_udp,
	&load_udp_send,
	&load_media,
	NULL,
};

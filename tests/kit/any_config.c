/* SPDX-License-Identifier: BSD-3-Clause */
/* Configurations by chance; see the header. */

#include "kit/any_config.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "runtime/config_keys.h"
#include "tcp/cc.h"

/** The next @bits of @from. */
static uint32_t
some(uint32_t *from, unsigned bits)
{
	uint32_t value = *from & ((1u << bits) - 1);

	*from >>= bits;
	return value;
}

static void
set_switches(struct baro_config *config, uint32_t switches)
{
	static const char *const value[] = { NULL, "on", "off", NULL };

	for (const struct config_key *k = config_keys; k->section != NULL; k++) {
		char name[64];
		uint32_t which;

		if (strcmp(k->section, "tcp") != 0 || k->type != &value_switch)
			continue;
		which = some(&switches, 2);
		snprintf(name, sizeof(name), "tcp.%s", k->name);
		if (value[which] != NULL)
			baro_config_set(config, name, value[which], NULL, NULL);
	}
}

void
any_config(struct baro_config *config, uint32_t switches, uint32_t rest)
{
	struct baro_tcp_config *tcp = &config->tcp;
	unsigned n_cc = 0;

	while (tcp_cc_at(n_cc) != NULL)
		n_cc++;
	set_switches(config, switches);
	tcp->rcv_buf = 4096u << some(&rest, 3);
	tcp->rcv_buf += some(&rest, 4) * 100;
	tcp->snd_buf = 4096u << some(&rest, 3);
	tcp->initial_window = some(&rest, 4);
	tcp->delayed_ack_ns = (1u << some(&rest, 3)) * NS_PER_MS;
	config->core.burst = 1u << some(&rest, 3) >> 1;
	snprintf(tcp->congestion, sizeof(tcp->congestion), "%s",
		tcp_cc_at(some(&rest, 6) % n_cc)->name);
	tcp->rest_beyond = some(&rest, 2) == 0 ? 1 : 0;
	tcp->rest_after_ns = (20u << some(&rest, 4)) * NS_PER_MS;
}

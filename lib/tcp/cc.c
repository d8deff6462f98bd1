/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of congestion control algorithms. */

#include "tcp/cc.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"

#define CC(name) extern const struct tcp_cc name;
#include "tcp/cc.def"
#undef CC

static const struct tcp_cc *const all[] = {
#define CC(name) &name,
#include "tcp/cc.def"
#undef CC
};

const struct tcp_cc *
tcp_cc_at(unsigned i)
{
	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

const struct tcp_cc *
tcp_cc_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* The cores of one program. */

#include "runtime/crew.h"

#include <errno.h>
#include <string.h>

static const uint64_t PATIENCE_NS = NS_PER_SEC;

int
crew_init(struct crew *crew, unsigned n_cores, struct steer *steer)
{
	memset(crew, 0, sizeof(*crew));
	crew->n_cores = n_cores;
	crew->only.fd = -1;
	for (unsigned i = 0; i < n_cores; i++)
		crew->wake[i] = steer != NULL ? &steer->wake[i] : &crew->only;
	return steer == NULL ? wake_init(&crew->only) : 0;
}

void
crew_fini(struct crew *crew)
{
	wake_fini(&crew->only);
}

void
crew_join(struct crew *crew, unsigned i, struct baro_core *core)
{
	core->crew = crew;
	atomic_store_explicit(&crew->core[i], core, memory_order_release);
}

int
crew_ask(struct crew *crew, unsigned i, mailbox_slice slice, void *question)
{
	struct baro_core *core = crew_at(crew, i);

	return core != NULL
		       ? mailbox_ask(&core->mailbox, crew->wake[i], slice, question, PATIENCE_NS)
		       : -ESHUTDOWN;
}

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

struct change_question {
	crew_change_fn make;
	const void *what;
	int err;
};

static bool
change_core(struct baro_core *core, void *question)
{
	struct change_question *q = question;

	q->err = q->make(core, q->what);
	return true;
}

static int
tell(struct crew *crew, unsigned core, crew_change_fn make, const void *what)
{
	struct change_question q = { .make = make, .what = what };
	int err = crew_ask(crew, core, change_core, &q);

	return err != 0 ? err : q.err;
}

struct crew_outcome
crew_change(struct crew *crew, crew_change_fn make, crew_change_fn undo, const void *what)
{
	struct crew_outcome o = { .err = 0 };

	while (o.core < crew->n_cores) {
		o.err = tell(crew, o.core, make, what);
		if (o.err != 0)
			break;
		o.core++;
	}
	for (unsigned core = 0; o.err != 0 && core < o.core; core++)
		if (tell(crew, core, undo, what) != 0)
			o.made |= UINT64_C(1) << core;
	return o;
}

struct crew_outcome
crew_remove(struct crew *crew, crew_change_fn make, const void *what)
{
	struct crew_outcome o = { .err = 0 };
	bool is_refused = false;

	for (unsigned core = 0; core < crew->n_cores; core++) {
		int err = tell(crew, core, make, what);

		if (err == 0)
			o.made |= UINT64_C(1) << core;
		if (err == 0 || err == -ENOENT || is_refused)
			continue;
		is_refused = true;
		o.err = err;
		o.core = core;
	}
	if (o.made == 0 && !is_refused)
		o.err = -ENOENT;
	return o;
}

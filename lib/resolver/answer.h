/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */
#ifndef BARO_RESOLVER_ANSWER_H
#define BARO_RESOLVER_ANSWER_H

/* Replies as applications see them: hosts, and records one by one. */

#include "resolver/lookup.h"

/** Behind a struct baro_answer while its callback runs. */
struct answer_walk {
	struct dns_msg msg;
	struct dns_walk walk;
	struct verdict verdict;
	uint16_t type;
	uint32_t age_s; /* in the cache */
};

/** Begin to read the reply of a part, which has one. */
void
answer_open(struct baro_answer *answer, struct answer_walk *walk, const struct lookup_part *p,
	uint64_t now_ns);

/** What all parts of a lookup that found something say. @name holds the canonical name */
void
answer_to_host(const struct baro_lookup *l, struct baro_host *host, char name[BARO_NAME_STRLEN]);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

/* Frames that are nearly right: captured ones changed field by field, and some made up. */

#include "fuzz/script.h"

enum { FRAME_MAX = 1600 };

struct frame {
	uint8_t octets[FRAME_MAX];
	uint32_t len;
};

/** Change fields of the segment in @f, or octets of any other frame; checksums are mended mostly. */
void
mutate(struct frame *f, struct script *s);

/** An ARP, ICMP, UDP or unknown packet for the host @to (0, 1), from its peer, and changed. */
void
make_up(struct frame *f, int to, struct script *s);

#endif

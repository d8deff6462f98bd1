/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_FUZZ_TARGET_H
#define TESTS_FUZZ_TARGET_H

/* What is fuzzed, for the doors (runner.c, libfuzzer.c): conversation.c or frames.c. */

#include <stddef.h>
#include <stdint.h>

/** Run the script @data; abort() with a sentence on standard error if something does not hold. */
void
target_run(const uint8_t *data, size_t len);

#endif

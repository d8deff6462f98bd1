/* SPDX-License-Identifier: BSD-3-Clause */
/* The door for libFuzzer. */

#include "fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	target_run(data, len);
	return 0;
}

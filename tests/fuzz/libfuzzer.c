/* SPDX-License-Identifier: BSD-3-Clause */
/* The door for libFuzzer. */

#include "fuzz/conversation.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	conversation_run(data, len);
	return 0;
}

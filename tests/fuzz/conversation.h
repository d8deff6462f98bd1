/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_FUZZ_CONVERSATION_H
#define TESTS_FUZZ_CONVERSATION_H

/*
 * Two connected stacks whose frames go through the fuzzer's hands: each octet of the script has
 * one delivered, dropped, doubled, held back, changed or made up, has an application do something,
 * or lets time pass. After each step the invariants of both stacks hold (kit/invariants.h), and
 * after the last one nothing is left behind.
 */

#include <stddef.h>
#include <stdint.h>

#include "wire/eth.h"

enum { CONVERSATION_UDP_PORT = 53 };

/** Of host 0 or 1, in host order. */
uint32_t
conversation_address(int host);
struct mac
conversation_mac(int host);

#endif

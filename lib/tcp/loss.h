/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_TCP_LOSS_H
#define BARO_TCP_LOSS_H

/* What loss recovery remembers of a connection between two acknowledgements. */

#include <stdint.h>

#include "base/seq.h"

struct tcp_loss {
	struct seq cwr_end; /* what had been sent when a mark last reduced cwnd: RFC 3168 §6.1.2 */
};

#endif

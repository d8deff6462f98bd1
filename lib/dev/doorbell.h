/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_DEV_DOORBELL_H
#define BARO_DEV_DOORBELL_H

/*
 * A descriptor that becomes readable when a frame arrives on a kernel interface: what
 * net_af_packet lacks to let its core sleep. A second packet socket with the smallest
 * buffer there is; what it gets is thrown away. While the core is busy its buffer is full, and
 * the kernel spends next to nothing on it.
 */

#include "dev/port.h"

/** @return descriptor; -ENOTSUP (frames of this driver do not pass there), -errno */
int
doorbell_open(const struct dev_port *port);

/** Empty it: from now on it becomes readable with the next frame. Then look for frames once more. */
void
doorbell_clear(int fd);

void
doorbell_close(int fd);

#endif

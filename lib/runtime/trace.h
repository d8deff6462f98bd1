/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BARO_RUNTIME_TRACE_H
#define BARO_RUNTIME_TRACE_H

/* Which connections are watched, as a text has it (baro/trace.h). */

#include "tcp/trace.h"

/** Read what is to be watched. @return filters, 0: it does not read */
unsigned
trace_parse(const char *which, struct tcp_trace_filter filter[TCP_TRACE_FILTERS]);

#endif

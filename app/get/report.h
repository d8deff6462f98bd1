/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_REPORT_H
#define GET_REPORT_H

#include "fetch.h"

/**
 * -w: print @format with its %{names} replaced, \n and \t too: http_code size_download speed_download
 * time_namelookup time_connect time_starttransfer time_total num_redirects remote_ip remote_port
 * local_ip local_port url_effective exitcode. Other names are left as they are.
 */
void
report_print(const struct fetch *f, const char *format, FILE *out);

#endif

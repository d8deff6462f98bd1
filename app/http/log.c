/* SPDX-License-Identifier: BSD-3-Clause */

#include "log.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "head.h"

FILE *
http_log_open(const char *name)
{
	FILE *log = strcmp(name, "-") == 0 ? fdopen(dup(STDOUT_FILENO), "a") : fopen(name, "ae");

	if (log != NULL)
		setvbuf(log, NULL, _IOFBF, 64 * 1024);
	return log;
}

/* Targets, decoded or not, have no control characters (target.h); quotes would end the field. */
static void
write_path(FILE *log, const char *path, size_t len)
{
	for (const char *end = path + len; path < end && *path != '\0'; path++) {
		if (*path == '"' || *path == '\\')
			putc_unlocked('\\', log);
		putc_unlocked(*path, log);
	}
}

static void
write_request(FILE *log, const struct http_request *req)
{
	if (req->status != 0 || !req->has_head) { /* not a request, or not all of one */
		fputs("\"-\"", log);
		return;
	}
	fprintf(log, "\"%s ", llhttp_method_name(req->method));
	write_path(log, req->target, req->target_len);
	fprintf(log, " HTTP/1.%u\"", req->minor);
}

void
http_log_write(FILE *log, const struct baro_conn *c, const struct http_request *req,
	const struct http_response *resp)
{
	char addr[BARO_ADDR_STRLEN], date[32];
	struct baro_endpoint peer;
	struct tm tm;

	baro_conn_remote(c, &peer);
	gmtime_r(&resp->date_s, &tm);
	strftime(date, sizeof(date), "%d/%b/%Y:%H:%M:%S +0000", &tm);
	fprintf(log, "%s - - [%s] ", baro_addr_format(&peer.addr, addr), date);
	write_request(log, req);
	fprintf(log, " %u %" PRIu64 "\n", resp->status, http_body_len(resp));
}

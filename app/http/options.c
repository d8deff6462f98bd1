/* SPDX-License-Identifier: BSD-3-Clause */

#include "options.h"

#include <errno.h>
#include <string.h>

#include "../value.h"
#include "files.h"
#include "head.h"

#define NS_PER_SEC UINT64_C(1000000000)

void
http_options_init(struct http_options *options)
{
	*options = (struct http_options){
		.port = 80,
		.root_fd = -1,
		.server_name = "baro",
		.idle_timeout_ns = 60 * NS_PER_SEC,
		.header_timeout_ns = 10 * NS_PER_SEC,
		.limits = { .max_target = 8 * 1024, .max_header = 16 * 1024 },
	};
}

/** A time of more than nothing. */
static const char *
read_limit(const char *text, uint64_t *ns)
{
	return value_time(text, ns) && *ns != 0 ? NULL
						: "not a time like 60s or 500ms, at most a day";
}

static const char *
set_port(const char *value, void *user)
{
	return value_port(value, &((struct http_options *)user)->port) ? NULL
								       : "not a port, 1..65535";
}

static const char *
set_echo(const char *value, void *user)
{
	struct http_options *o = user;

	if (strcmp(value, "off") == 0)
		o->echo_port = 0;
	else if (strcmp(value, "on") == 0)
		o->echo_port = 7;
	else if (!value_port(value, &o->echo_port))
		return "neither on, off nor a port";
	return NULL;
}

static const char *
set_root(const char *value, void *user)
{
	int fd = http_files_open_root(value);

	if (fd == -ENOSYS || fd == -EPERM)
		return "the kernel refuses openat2(), which keeps requests below the directory "
		       "(Linux 5.6)";
	if (fd < 0)
		return "not a directory that can be read";
	((struct http_options *)user)->root_fd = fd;
	return NULL;
}

static const char *
set_log(const char *value, void *user)
{
	((struct http_options *)user)->log = strcmp(value, "off") == 0 ? NULL : value;
	return NULL;
}

static const char *
set_metrics(const char *value, void *user)
{
	struct http_options *o = user;

	if (strcmp(value, "off") != 0 && value[0] != '/')
		return "neither off nor a path like /metrics";
	o->metrics = value[0] == '/' ? value : NULL;
	return NULL;
}

static const char *
set_server_name(const char *value, void *user)
{
	if (strlen(value) > HTTP_SERVER_NAME_MAX || value[strcspn(value, "\r\n")] != '\0')
		return "more than 64 characters, or more than a line";
	((struct http_options *)user)->server_name = *value == '\0' ? NULL : value;
	return NULL;
}

static const char *
set_idle_timeout(const char *value, void *user)
{
	return read_limit(value, &((struct http_options *)user)->idle_timeout_ns);
}

static const char *
set_header_timeout(const char *value, void *user)
{
	return read_limit(value, &((struct http_options *)user)->header_timeout_ns);
}

static const char *
set_max_header(const char *value, void *user)
{
	return value_size(value, 64 * 1024, &((struct http_options *)user)->limits.max_header)
		       ? NULL
		       : "not a size like 16KiB, at most 64KiB";
}

static const char *
set_max_uri(const char *value, void *user)
{
	return value_size(value, 64 * 1024, &((struct http_options *)user)->limits.max_target)
		       ? NULL
		       : "not a size like 8KiB, at most 64KiB";
}

const struct baro_app_option http_option_table[] = {
	{ "port", "PORT", "TCP port (80)", set_port },
	{ "root", "DIR", "serve the files below DIR (a small page)", set_root },
	{ "echo", "on|off|PORT", "echo service on TCP and UDP; on: port 7 (off)", set_echo },
	{ "log", "FILE|-", "access log, - for standard output (off)", set_log },
	{ "metrics", "PATH", "counters for Prometheus at this path (off)", set_metrics },
	{ "idle-timeout", "TIME", "close a connection without progress (60s)", set_idle_timeout },
	{ "header-timeout", "TIME", "from the first octet of a request to its body (10s)",
		set_header_timeout },
	{ "max-header", "SIZE", "header section of a request (16KiB)", set_max_header },
	{ "max-uri", "SIZE", "target of a request (8KiB)", set_max_uri },
	{ "server-name", "TEXT", "Server header field, empty for none (baro)", set_server_name },
	{ NULL, NULL, NULL, NULL },
};

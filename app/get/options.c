/* SPDX-License-Identifier: BSD-3-Clause */

#include "options.h"

#include <string.h>

#include "../value.h"

#define FLAG(name, field)                                      \
	static const char *name(const char *value, void *user) \
	{                                                      \
		(void)value;                                   \
		((struct get_options *)user)->field = true;    \
		return NULL;                                   \
	}
#define TEXT(name, field)                                      \
	static const char *name(const char *value, void *user) \
	{                                                      \
		((struct get_options *)user)->field = value;   \
		return NULL;                                   \
	}

FLAG(set_remote_name, names_file)
FLAG(set_silent, is_silent)
FLAG(set_verbose, is_verbose)
FLAG(set_follow, follows)
FLAG(set_head, is_head)
FLAG(set_fail, fails)
TEXT(set_output, output)
TEXT(set_method, method)
TEXT(set_data, data)
TEXT(set_format, format)

static const char *
set_url(const char *value, void *user)
{
	struct get_options *o = user;

	if (o->url != NULL)
		return "a second URL; one is enough";
	o->url = value;
	return NULL;
}

static const char *
set_header(const char *value, void *user)
{
	struct get_options *o = user;

	if (strchr(value, ':') == NULL || value[0] == ':' || strpbrk(value, "\r\n") != NULL)
		return "no header field; write for example 'Accept: text/html'";
	if (o->n_headers == HEADERS_MAX)
		return "too many header fields; 32 are allowed";
	o->header[o->n_headers++] = value;
	return NULL;
}

static const char *
set_resume(const char *value, void *user)
{
	((struct get_options *)user)->resumes = true;
	return strcmp(value, "-") == 0 ? NULL : "write -C -, to go on where the file ends";
}

static const char *
read_seconds(const char *value, uint64_t *ns)
{
	return value_seconds(value, 1e-9, 1e6, ns) ? NULL : "not a number of seconds";
}

static const char *
set_max_time(const char *value, void *user)
{
	return read_seconds(value, &((struct get_options *)user)->max_time_ns);
}

static const char *
set_connect_time(const char *value, void *user)
{
	return read_seconds(value, &((struct get_options *)user)->connect_time_ns);
}

const struct baro_app_option get_option_table[] = {
	{ "o", "FILE", "write the body to FILE", set_output },
	{ "O", NULL, "write it to a file named as the URL ends", set_remote_name },
	{ "C", "-", "go on where the file ends", set_resume },
	{ "L", NULL, "follow redirections, 50 at most", set_follow },
	{ "v", NULL, "tell each step as it happens: name, route, neighbour, SYN ... TIME-WAIT",
		set_verbose },
	{ "s", NULL, "no progress, no errors", set_silent },
	{ "I", NULL, "ask for the head alone, and print it", set_head },
	{ "f", NULL, "status 400 and above is an error (exit status 22)", set_fail },
	{ "H", "FIELD", "a header field more, 'Name: value'", set_header },
	{ "X", "METHOD", "another method", set_method },
	{ "d", "DATA", "send DATA by POST", set_data },
	{ "w", "FORMAT", "print facts in the end: %{http_code} %{time_total} ...", set_format },
	{ "max-time", "SECONDS", "of everything (exit status 28)", set_max_time },
	{ "connect-timeout", "SECONDS", "of name and connection", set_connect_time },
	{ "", "URL",
		"http://host[:port]/path; exit status as curl's: 3 URL, 6 name, 7 connect, 8 not "
		"HTTP, "
		"18 cut short, 22 with -f, 23 file, 28 time, 33 no resume, 47 redirections, 52 "
		"nothing came, 56 receiving",
		set_url },
	{ NULL, NULL, NULL, NULL },
};

const char *
get_options_check(void *user)
{
	const struct get_options *o = user;

	if (o->url == NULL)
		return "no URL; write for example http://198.18.0.1/";
	if (o->names_file && o->output != NULL)
		return "-o and -O both name the file; leave one out";
	if (o->resumes && !o->names_file && o->output == NULL)
		return "-C - needs a file; add -o FILE or -O";
	if (o->is_head && o->data != NULL)
		return "-I and -d ask for different methods; leave one out";
	return NULL;
}

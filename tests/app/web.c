/* SPDX-License-Identifier: BSD-3-Clause */

#include "web.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../app/http/bytes.h"
#include "../../app/http/files.h"

struct web web;

void
web_start_as_set(void)
{
	http_bytes_prepare();
	cr_assert_eq(http_service_start(fake_core(), &web.options, &web.service), 0);
}

void
web_start(void)
{
	http_options_init(&web.options);
	web_start_as_set();
}

void
web_start_root(void)
{
	http_options_init(&web.options);
	strcpy(web.root, "/tmp/baro-web-XXXXXX");
	cr_assert_not_null(mkdtemp(web.root));
	web.options.root_fd = http_files_open_root(web.root);
	cr_assert_geq(web.options.root_fd, 0);
	web_start_as_set();
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void
web_stop(void)
{
	http_service_stop(web.service);
	cr_expect_eq(fake_timers(), 0, "a timer survives the server");
	if (web.root[0] != '\0') {
		close(web.options.root_fd);
		nftw(web.root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	}
}

static void
make_folders(char *path)
{
	for (char *slash = strchr(path + strlen(web.root) + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

void
web_file(const char *name, const void *data, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", web.root, name);
	make_folders(path);
	file = fopen(path, "w");
	cr_assert_not_null(file, "%s: %s", path, strerror(errno));
	for (size_t i = 0; i < len; i++)
		putc(data != NULL ? ((const unsigned char *)data)[i] : (int)(i & 255), file);
	fclose(file);
}

struct fake_client *
web_connect(void)
{
	return fake_connect(web.options.port, 0);
}

void
say(struct fake_client *f, const char *text)
{
	fake_say(f, text, strlen(text));
}

/* Time goes on while tests run. */
static void
hide_dates(char *text)
{
	char *date;

	for (; (date = strstr(text, "\r\nDate: ")) != NULL; text = date + 9) {
		char *end = strstr(date + 2, "\r\n");

		cr_assert_eq(end - date, 8 + 29);
		date[8] = '*';
		memmove(date + 9, end, strlen(end) + 1);
	}
}

const char *
hear(struct fake_client *f)
{
	static char *text;

	free(text);
	text = strdup(fake_heard(f));
	fake_forget(f);
	hide_dates(text);
	return text;
}

const char *
ask(const char *request)
{
	struct fake_client *f = web_connect();
	const char *text;

	say(f, request);
	text = hear(f);
	fake_free(f);
	return text;
}

int
ask_status(const char *request)
{
	const char *text = ask(request);

	return strlen(text) > 12 && memcmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
}

const char *
field(const char *text, const char *name)
{
	static char value[4096];
	const char *line = strstr(text, "\r\n");

	for (; line != NULL && memcmp(line, "\r\n\r\n", 4) != 0; line = strstr(line + 2, "\r\n")) {
		size_t len = strlen(name);

		if (strncasecmp(line + 2, name, len) != 0 || memcmp(line + 2 + len, ": ", 2) != 0)
			continue;
		line += 4 + len;
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r"), line);
		return value;
	}
	return NULL;
}

const char *
body(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");

	return end != NULL ? end + 4 : "";
}

bool
contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "web.h"

#define T0     784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define T0_STR "Sun, 06 Nov 1994 08:49:37 GMT"

static void
begin(void)
{
	web_start_root();
	web_file("hello.txt", "hello\n", 6);
	web_file("empty", "", 0);
	web_file("a b/\xc3\xa4.html", "x", 1);
	web_file("dir/index.html", "<index>", 7);
	web_file("index.html", "<root>", 6);
}

TestSuite(http_files, .init = begin, .fini = web_stop);

static char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", web.root, name);
	return path;
}

static void
set_time(const char *name, time_t t)
{
	const struct timeval times[2] = { { .tv_sec = t }, { .tv_sec = t } };

	cr_assert_eq(utimes(path_of(name), times), 0);
}

static const char *
get(const char *path, const char *fields)
{
	char request[1024];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, fields);
	return ask(request);
}

Test(http_files, a_file_with_its_fields)
{
	set_time("hello.txt", T0);
	cr_expect_str_eq(get("/hello.txt", ""),
		"HTTP/1.1 200 OK\r\nDate: *\r\nServer: baro\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n"
		"Last-Modified: " T0_STR "\r\nAccept-Ranges: bytes\r\n\r\nhello\n");
	cr_expect(begins(get("/empty", ""), "HTTP/1.1 200 "));
	cr_expect_str_eq(body(get("/a%20b/%C3%A4.html", "")), "x");
	cr_expect_str_eq(body(get("/dir/../hello.txt", "")), "hello\n");
}

Test(http_files, types_by_name)
{
	static const char *const rows[][2] = {
		{ "a.html", "text/html; charset=utf-8" },
		{ "a.JPG", "image/jpeg" },
		{ "a.tar.gz", "application/gzip" },
		{ "a.b/c", "application/octet-stream" },
		{ "noext", "application/octet-stream" },
		{ "x.wasm", "application/wasm" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[64];

		web_file(rows[i][0], "x", 1);
		snprintf(path, sizeof(path), "/%s", rows[i][0]);
		cr_expect_str_eq(field(get(path, ""), "Content-Type"), rows[i][1], "%s", path);
	}
}

Test(http_files, directories)
{
	const char *text = get("/dir", "");

	cr_expect(begins(text, "HTTP/1.1 301 "));
	cr_expect_str_eq(field(text, "Location"), "/dir/");
	cr_expect_str_eq(field(get("/a%20b", ""), "Location"), "/a%20b/");
	cr_expect_str_eq(field(get("//dir", ""), "Location"), "/dir/", "never to another host");
	cr_expect_str_eq(body(get("/dir/", "")), "<index>");
	cr_expect_str_eq(field(get("/dir/", ""), "Content-Type"), "text/html; charset=utf-8");
	cr_expect_str_eq(body(get("/", "")), "<root>");
	cr_expect(begins(get("/a%20b/", ""), "HTTP/1.1 404 "), "no index.html");
	cr_expect(begins(get("/hello.txt/", ""), "HTTP/1.1 404 "));
}

Test(http_files, nothing_outside_the_root)
{
	static const char *const paths[] = {
		"/../etc/passwd",
		"/%2e%2e/etc/passwd",
		"/dir/../../etc/passwd",
		"/..%2f..%2fetc/passwd",
		"/dir/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
		"/out",
		"/out/passwd",
		"/up/etc/passwd",
		"/abs",
		"//etc/passwd",
		"/etc/passwd",
		"/hello.txt%00.html",
		"/proc",
		"/%5c..%5c..%5cetc/passwd",
		"http://x/../etc/passwd",
	};

	cr_assert_eq(symlink("/etc", path_of("out")), 0);
	cr_assert_eq(symlink("../../..", path_of("dir/up")), 0);
	cr_assert_eq(symlink("../..", path_of("up")), 0);
	cr_assert_eq(symlink("/etc/passwd", path_of("abs")), 0);
	cr_assert_eq(symlink("/proc/self/root", path_of("proc")), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *text = get(paths[i], "");

		cr_expect(begins(text, "HTTP/1.1 404 ") || begins(text, "HTTP/1.1 400 "),
			"%s: %.12s", paths[i], text);
		cr_expect_not(contains(text, "root:"), "%s", paths[i]);
	}
}

Test(http_files, links_inside_the_root)
{
	cr_assert_eq(symlink("../hello.txt", path_of("dir/link")), 0);
	cr_expect_str_eq(body(get("/dir/link", "")), "hello\n");
}

Test(http_files, only_regular_files)
{
	cr_assert_eq(mkfifo(path_of("fifo"), 0644), 0);
	cr_expect(begins(get("/fifo", ""), "HTTP/1.1 404 "));
}

Test(http_files, not_modified)
{
	const char *text;

	set_time("hello.txt", T0);
	text = get("/hello.txt", "If-Modified-Since: " T0_STR "\r\n");
	cr_expect(begins(text, "HTTP/1.1 304 Not Modified\r\n"), "%s", text);
	cr_expect_str_eq(body(text), "");
	cr_expect_null(field(text, "Content-Length"));
	text = get("/hello.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n");
	cr_expect(begins(text, "HTTP/1.1 200 "));
	text = get("/hello.txt", "If-Modified-Since: Sunday, 06-Nov-94 08:49:38 GMT\r\n");
	cr_expect(begins(text, "HTTP/1.1 304 "));
	cr_expect(begins(get("/hello.txt", "If-Modified-Since: yesterday\r\n"), "HTTP/1.1 200 "));
	text = get("/hello.txt", "If-None-Match: \"a\"\r\nIf-Modified-Since: " T0_STR "\r\n");
	cr_expect(begins(text, "HTTP/1.1 200 "));
}

Test(http_files, parts)
{
	const char *text = get("/hello.txt", "Range: bytes=1-3\r\n");

	cr_expect(begins(text, "HTTP/1.1 206 "));
	cr_expect_str_eq(field(text, "Content-Range"), "bytes 1-3/6");
	cr_expect_str_eq(body(text), "ell");
	cr_expect_str_eq(body(get("/hello.txt", "Range: bytes=-2\r\n")), "o\n");
	cr_expect_str_eq(body(get("/hello.txt", "Range: bytes=0-0,2-2\r\n")), "hello\n");
	text = get("/hello.txt", "Range: bytes=6-\r\n");
	cr_expect(begins(text, "HTTP/1.1 416 "));
	cr_expect_str_eq(field(text, "Content-Range"), "bytes */6");
	cr_expect(begins(get("/empty", "Range: bytes=0-\r\n"), "HTTP/1.1 416 "));
}

Test(http_files, if_range)
{
	set_time("hello.txt", T0);
	cr_expect_str_eq(
		body(get("/hello.txt", "Range: bytes=0-0\r\nIf-Range: " T0_STR "\r\n")), "h");
	cr_expect_str_eq(
		body(get("/hello.txt",
			"Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:36 GMT\r\n")),
		"hello\n");
	cr_expect_str_eq(
		body(get("/hello.txt", "Range: bytes=0-0\r\nIf-Range: \"tag\"\r\n")), "hello\n");
}

Test(http_files, large_file_through_a_small_queue)
{
	struct fake_client *f = fake_connect(80, 5000);
	const unsigned char *octets;

	web_file("large", NULL, 1000000);
	say(f, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
	fake_drain(f);
	octets = (const unsigned char *)body(fake_heard(f));
	cr_assert_eq(fake_heard_len(f), (size_t)((const char *)octets - fake_heard(f)) + 1000000);
	for (size_t i = 0; i < 1000000; i++)
		cr_assert_eq(octets[i], i & 255, "octet %zu", i);
	fake_free(f);
}

Test(http_files, file_that_shrinks_aborts)
{
	struct fake_client *f = fake_connect(80, 5000);

	web_file("large", NULL, 100000);
	fake_stall(f);
	say(f, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_assert_eq(truncate(path_of("large"), 20000), 0);
	fake_drain(f);
	cr_expect_eq(fake_end(f), FAKE_ABORTED);
	cr_expect_leq(fake_heard_len(f), 21000);
	fake_free(f);
}

Test(http_files, descriptors_are_given_back)
{
	int before = dup(0);

	close(before);
	for (int i = 0; i < 10; i++) {
		struct fake_client *f = fake_connect(80, 2000);

		fake_stall(f);
		say(f, "GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\nHEAD /hello.txt "
		       "HTTP/1.1\r\nHost: x\r\n\r\n");
		get("/hello.txt", "If-Modified-Since: " T0_STR "\r\n");
		get("/hello.txt", "Content-Length: 999999\r\n");
		get("/dir", "");
		get("/dir/", "");
		fake_free(f);
	}
	cr_expect_eq(dup(0), before);
}

Test(http_files, bytes_and_sink_stay)
{
	cr_expect_str_eq(field(get("/bytes/7", ""), "Content-Length"), "7");
	cr_expect(begins(get("/sink", ""), "HTTP/1.1 405 "));
}

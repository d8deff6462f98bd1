/* SPDX-License-Identifier: BSD-3-Clause */

/* app/get: whole transfers over two cores and a simulated wire; the server says what the test has written. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../app/get/fetch.h"
#include "../../app/get/report.h"
#include "kit/dns_lab.h"

#define OK "HTTP/1.1 200 OK\r\n"

static struct dns_lab lab;
static struct baro_listener *listener;
static const char *said[8]; /* to each request; NULL: nothing, "!": reset */
static bool ends;           /* the server closes after what it has said */
static char asked[8][512];
static unsigned n_asked;

static struct get_options options;
static struct fetch fetch;
static unsigned n_done;
static char path[32];

static void
names(struct dns_lab *l, const struct dns_seen *q)
{
	bool is_known = strcmp(q->name, "files.lab") == 0;

	dns_say(&l->say, q, is_known ? DNS_NOERROR : DNS_NXDOMAIN);
	if (is_known)
		dns_say_a(&l->say, q->name, 60, 0xc6120001);
	dns_send(q, &l->say);
}

static void
served(struct baro_conn *c)
{
	ssize_t n = baro_conn_recv(c, asked[n_asked], sizeof(asked[0]) - 1);
	const char *text;

	if (n <= 0) {
		baro_conn_close(c);
		return;
	}
	text = said[n_asked++];
	if (text != NULL && strcmp(text, "!") == 0) {
		baro_conn_abort(c);
		return;
	}
	if (text != NULL)
		baro_conn_send(c, text, strlen(text));
	if (ends)
		baro_conn_close(c);
}

static void
done(struct fetch *f)
{
	(void)f;
	n_done++;
}

static void
open_lab(void)
{
	static const struct baro_conn_ops ops = { .readable = served };
	const struct baro_endpoint http = { .port = 80 };
	int fd;

	dns_lab_open(&lab, names);
	cr_assert_eq(baro_listen(lab.servers, &http, NULL, &ops, NULL, &listener), 0);
	memset(asked, 0, sizeof(asked));
	memset(said, 0, sizeof(said));
	memset(&fetch, 0, sizeof(fetch));
	memset(&options, 0, sizeof(options));
	n_asked = n_done = 0;
	ends = false;
	strcpy(path, "/tmp/baro-test-XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	close(fd);
	options.url = "http://files.lab/x";
	options.output = path;
}

static void
close_lab(void)
{
	baro_listener_close(listener);
	dns_lab_close(&lab);
	unlink(path);
}

TestSuite(get, .init = open_lab, .fini = close_lab);

/* @return the exit status */
static int
get(void)
{
	fetch.core = lab.core;
	fetch.options = &options;
	fetch.done = done;
	if (fetch.story == NULL)
		fetch.story = stderr;
	dns_lab_run_ms(&lab, 1);
	fetch_start(&fetch);
	for (unsigned i = 0; i < 4000 && n_done == 0; i++)
		dns_lab_run_ms(&lab, 50);
	cr_assert_eq(n_done, 1);
	return fetch.status;
}

static const char *
body(void)
{
	static char text[4096];
	FILE *in = fopen(path, "r");
	size_t n = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;

	text[n] = '\0';
	if (in != NULL)
		fclose(in);
	return text;
}

Test(get, a_page)
{
	said[0] = OK "Content-Length: 5\r\n\r\nhello";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect_str_eq(body(), "hello");
	cr_expect_str_eq(asked[0], "GET /x HTTP/1.1\r\nHost: files.lab\r\nUser-Agent: baro-get\r\n"
				   "Accept: */*\r\n\r\n");
}

Test(get, chunks_and_interim_responses)
{
	said[0] = "HTTP/1.1 100 Continue\r\n\r\n" OK "Transfer-Encoding: chunked\r\n\r\n"
		  "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect_str_eq(body(), "hello");
	cr_expect_eq(fetch.response.status, 200);
}

Test(get, until_the_connection_ends)
{
	ends = true;
	said[0] = "HTTP/1.0 200 OK\r\n\r\nhello";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect_str_eq(body(), "hello");
}

Test(get, an_empty_body_makes_an_empty_file)
{
	options.output = path;
	unlink(path);
	said[0] = OK "Content-Length: 0\r\n\r\n";
	cr_expect_eq(get(), GET_OK);
	cr_expect_eq(access(path, F_OK), 0);
}

static const struct {
	const char *text;
	bool ends;
	int status;
} failures[] = {
	{ OK "Content-Length: 9\r\n\r\nhello", true, GET_PARTIAL },
	{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", true, GET_PARTIAL },
	{ OK "Content-", true, GET_PARTIAL },
	{ NULL, true, GET_NOTHING },
	{ "!", false, GET_RECEIVE },
	{ "hello\r\n\r\n", true, GET_NOT_HTTP },
	{ OK "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", true, GET_NOT_HTTP },
	{ OK "Content-Length: -1\r\n\r\n", true, GET_NOT_HTTP },
};

Test(get, what_is_not_whole_is_an_error)
{
	for (unsigned i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		said[0] = failures[i].text;
		ends = failures[i].ends;
		cr_expect_eq(
			get(), failures[i].status, "row %u: %d %s", i, fetch.status, fetch.problem);
		cr_expect(fetch.problem[0] != '\0');
		close_lab();
		open_lab();
	}
}

Test(get, heads_without_end_are_refused)
{
	static char text[70000];

	strcpy(text, OK "X: ");
	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	said[0] = text;
	cr_expect_eq(get(), GET_NOT_HTTP);
}

Test(get, names_and_addresses)
{
	options.url = "http://nothing.lab/";
	cr_expect_eq(get(), GET_NAME);
	cr_expect_str_eq(fetch.problem, "nothing.lab: there is no such name (NXDOMAIN)");
	close_lab();
	open_lab();
	options.url = "http://198.18.0.1:81/";
	cr_expect_eq(get(), GET_CONNECT, "%d", fetch.status);
	close_lab();
	open_lab();
	options.url = "https://files.lab/";
	cr_expect_eq(get(), GET_PROTOCOL);
	close_lab();
	open_lab();
	options.url = "http:///";
	cr_expect_eq(get(), GET_URL);
}

Test(get, redirections)
{
	options.follows = true;
	said[0] = "HTTP/1.1 302 Found\r\nLocation: /y?z\r\nContent-Length: 4\r\n\r\ngone";
	said[1] =
		"HTTP/1.1 301 Moved\r\nLocation: http://198.18.0.1/w\r\nContent-Length: 0\r\n\r\n";
	said[2] = OK "Content-Length: 5\r\n\r\nhello";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect_str_eq(body(), "hello");
	cr_expect_eq(fetch.n_redirects, 2);
	cr_expect(strncmp(asked[1], "GET /y?z ", 9) == 0);
	cr_expect(strstr(asked[2], "Host: 198.18.0.1\r\n") != NULL);
}

Test(get, redirections_are_not_followed_unless_asked_for)
{
	said[0] = "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 4\r\n\r\ngone";
	cr_expect_eq(get(), GET_OK);
	cr_expect_str_eq(body(), "gone");
	cr_expect_eq(n_asked, 1);
}

static void
served_in_a_ring(struct baro_conn *c)
{
	static const char text[] =
		"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n";
	char octets[512];

	if (baro_conn_recv(c, octets, sizeof(octets)) <= 0) {
		baro_conn_close(c);
		return;
	}
	n_asked++;
	baro_conn_send(c, text, strlen(text));
}

Test(get, redirections_end)
{
	static const struct baro_conn_ops ops = { .readable = served_in_a_ring };
	const struct baro_endpoint ep = { .port = 81 };
	struct baro_listener *ring;

	cr_assert_eq(baro_listen(lab.servers, &ep, NULL, &ops, NULL, &ring), 0);
	options.url = "http://files.lab:81/y";
	options.follows = true;
	cr_expect_eq(get(), GET_REDIRECTS);
	cr_expect_eq(n_asked, 51);
	baro_listener_close(ring);
}

static void
write_path(const char *text)
{
	FILE *out = fopen(path, "w");

	fputs(text, out);
	fclose(out);
}

Test(get, resumed)
{
	write_path("hel");
	options.resumes = true;
	said[0] = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 3-4/5\r\n"
		  "Content-Length: 2\r\n\r\nlo";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect_str_eq(body(), "hello");
	cr_expect(strstr(asked[0], "Range: bytes=3-\r\n") != NULL);
}

Test(get, what_cannot_be_resumed_is_left_alone)
{
	static const char *const texts[] = {
		OK "Content-Length: 5\r\n\r\nhello",
		"HTTP/1.1 206 Part\r\nContent-Range: bytes 2-4/5\r\nContent-Length: 3\r\n\r\nllo",
		"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nlo",
	};

	for (unsigned i = 0; i < 3; i++) {
		write_path("hel");
		options.resumes = true;
		said[0] = texts[i];
		cr_expect_eq(get(), GET_RESUME, "row %u: %d", i, fetch.status);
		cr_expect_str_eq(body(), "hel");
		close_lab();
		open_lab();
	}
	write_path("hello");
	options.resumes = true;
	said[0] = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 2\r\n\r\nno";
	cr_expect_eq(get(), GET_OK, "it is whole already");
	cr_expect_str_eq(body(), "hello");
}

Test(get, methods_fields_and_data)
{
	options.method = "PUT";
	options.data = "a=b";
	options.header[0] = "Host: other.lab";
	options.header[1] = "X-Y: z";
	options.n_headers = 2;
	said[0] = OK "Content-Length: 0\r\n\r\n";
	cr_expect_eq(get(), GET_OK);
	cr_expect_str_eq(asked[0],
		"PUT /x HTTP/1.1\r\nUser-Agent: baro-get\r\nAccept: */*\r\nHost: other.lab\r\n"
		"X-Y: z\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		"Content-Length: 3\r\n\r\na=b");
}

Test(get, the_head_alone)
{
	options.is_head = true;
	said[0] = OK "Content-Length: 500\r\nA: b\r\n\r\n";
	cr_expect_eq(get(), GET_OK, "%s", fetch.problem);
	cr_expect(strncmp(asked[0], "HEAD ", 5) == 0);
	cr_expect_str_eq(body(), "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nA: b\r\n\r\n");
}

Test(get, with_f_a_refusal_is_an_error)
{
	said[0] = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";
	options.fails = true;
	cr_expect_eq(get(), GET_FAILED);
	cr_expect_str_eq(body(), "");
	close_lab();
	open_lab();
	said[0] = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";
	cr_expect_eq(get(), GET_OK);
	cr_expect_str_eq(body(), "gone");
}

Test(get, time_is_up)
{
	options.max_time_ns = 3000000000;
	said[0] = OK "Content-Length: 9\r\n\r\nhello";
	cr_expect_eq(get(), GET_TIME);
	cr_expect_eq((fetch.times.done_ns - fetch.times.begun_ns) / 1000000000, 3);
}

Test(get, a_file_that_cannot_be_written)
{
	options.output = "/nonexistent/file";
	said[0] = OK "Content-Length: 5\r\n\r\nhello";
	cr_expect_eq(get(), GET_FILE);
	close_lab();
	open_lab();
	options.output = NULL;
	options.names_file = true;
	options.url = "http://files.lab/";
	cr_expect_eq(get(), GET_FILE);
}

/* S21: each step, in its order */
static const char *const steps[] = {
	"url       http://files.lab/x",
	"name      files.lab -> 198.18.0.1 (by name server 198.18.0.1:53, holds 60 s)",
	"route     198.18.0.0/24 is on the link of port0, source address 198.18.0.2",
	"socket    198.18.0.2:",
	"SYN       -> MSS 1460",
	"ARP       198.18.0.1 is at 02:00:c6:12:00:01 on port0",
	"SYN,ACK   <- after ",
	"ACK       -> the connection is established",
	"request   -> 71 octets",
	"> GET /x HTTP/1.1",
	"response  <- begins",
	"< HTTP/1.1 200 OK",
	"response  <- complete: 5 octets of body",
	"segments  ",
	"FIN       -> we have finished",
	"FIN       <- the server has finished; ACK ->",
	"TIME-WAIT ",
};

Test(get, the_story)
{
	char *text = NULL;
	size_t len = 0;
	const char *p;

	options.is_verbose = true;
	fetch.story = open_memstream(&text, &len);
	said[0] = OK "Content-Length: 5\r\n\r\nhello";
	cr_expect_eq(get(), GET_OK);
	fclose(fetch.story);
	p = text;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *found = strstr(p, steps[i]);

		cr_expect_not_null(found, "no \"%s\" after \"%.60s\" in\n%s", steps[i], p, text);
		p = found != NULL ? found : p;
	}
	free(text);
}

Test(get, facts)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	said[0] = OK "Content-Length: 5\r\n\r\nhello";
	cr_expect_eq(get(), GET_OK);
	report_print(&fetch,
		"%{http_code} %{size_download}\\t%{remote_ip}:%{remote_port} %{local_ip} "
		"%{num_redirects} %{exitcode} %{url_effective} %{unknown} 100%\\n",
		out);
	fclose(out);
	cr_expect_str_eq(text, "200 5\t198.18.0.1:80 198.18.0.2 0 0 http://files.lab/x %{unknown} "
			       "100%\n");
	free(text);
}

/* SPDX-License-Identifier: BSD-3-Clause */

#include "fetch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "story.h"

#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)

enum {
	REDIRECTS_MAX = 50, /* curl's */
	PIECES = 16,
};

static const uint64_t CLOSE_NS = 2 * NS_PER_SEC; /* for the peer's FIN */
static const uint64_t TICK_NS = 100 * NS_PER_MS; /* of the progress line */
static const uint64_t LOOK_NS = NS_PER_MS / 4;   /* at the state of the connection, with -v */

static void
begin_url(struct fetch *f);
static void
try_address(struct fetch *f);

/* max-time, or @ns from now if that is earlier; 0: no such limit. */
static void
set_deadline(struct fetch *f, uint64_t ns)
{
	uint64_t at_ns = ns != 0 ? baro_core_now(f->core) + ns : BARO_NEVER;
	uint64_t end_ns = f->times.begun_ns + f->options->max_time_ns;

	if (f->options->max_time_ns != 0 && end_ns < at_ns)
		at_ns = end_ns;
	baro_timer_stop(f->core, &f->deadline);
	if (at_ns != BARO_NEVER)
		baro_timer_start(f->core, &f->deadline, at_ns);
}

/* The end */

static void
finish(struct fetch *f)
{
	int err = output_close(&f->output);

	if (err != 0 && f->status == GET_OK) {
		f->status = GET_FILE;
		snprintf(f->problem, sizeof(f->problem), "%s: %s",
			f->output.path != NULL ? f->output.path : "standard output",
			strerror(-err));
	}
	f->phase = FETCH_DONE;
	if (f->times.done_ns == 0)
		f->times.done_ns = baro_core_now(f->core);
	baro_timer_stop(f->core, &f->deadline);
	baro_timer_stop(f->core, &f->tick);
	free(f->request);
	f->request = NULL;
	f->done(f);
}

__attribute__((format(printf, 3, 4))) static void
fail(struct fetch *f, enum get_status status, const char *form, ...)
{
	va_list args;

	f->status = (int)status;
	va_start(args, form);
	vsnprintf(f->problem, sizeof(f->problem), form, args);
	va_end(args);
	story_problem(f);
	if (f->lookup != NULL)
		baro_lookup_cancel(f->lookup);
	f->lookup = NULL;
	if (f->conn != NULL)
		baro_conn_abort(f->conn);
	f->conn = NULL;
	finish(f);
}

void
fetch_stop(struct fetch *f)
{
	if (f->phase != FETCH_DONE)
		fail(f, GET_RECEIVE, "interrupted");
}

/* Closing */

/* The connection is over: the page is there, or it goes on elsewhere. */
static void
go_on(struct fetch *f)
{
	int err;

	if (f->location[0] == '\0') {
		finish(f);
		return;
	}
	if (++f->n_redirects > REDIRECTS_MAX) {
		fail(f, GET_REDIRECTS, "more than %u redirections", REDIRECTS_MAX);
		return;
	}
	err = url_follow(&f->url, f->location);
	if (err != 0)
		fail(f, err == -EPROTONOSUPPORT ? GET_PROTOCOL : GET_URL,
			"it goes on at %.200s, which is %s", f->location,
			err == -EPROTONOSUPPORT ? "not http://" : "not a URL");
	else
		begin_url(f);
}

static void
look(struct fetch *f)
{
	if (f->conn == NULL)
		return;
	baro_conn_info(f->conn, &f->info);
	story_state(f);
}

/* Everything is there: our FIN, and the server's. */
static void
close_conn(struct fetch *f)
{
	f->times.done_ns = baro_core_now(f->core);
	look(f);
	if (!f->is_discarded)
		output_progress(&f->output, f->times.done_ns, true);
	story_body(f);
	f->phase = FETCH_CLOSE;
	baro_conn_consume(f->conn, baro_conn_recv_queued(f->conn));
	baro_conn_shutdown(f->conn);
	look(f);
	set_deadline(f, CLOSE_NS);
}

/* The response */

static struct fetch *
fetch_of(const struct response *r)
{
	return r->user;
}

static bool
is_redirect(uint16_t status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* RFC 9110 §14: what is asked from an octet on must begin there. @return 0, GET_RESUME */
static int
check_resume(struct fetch *f, const struct response *r)
{
	if (f->output.had == 0)
		return 0;
	if (r->status == 206 && r->has_range && r->first == f->output.had)
		return 0;
	if (r->status == 416) { /* nothing is left */
		f->is_discarded = true;
		return 0;
	}
	snprintf(f->problem, sizeof(f->problem),
		"the server does not go on at octet %llu; leave -C out",
		(unsigned long long)f->output.had);
	return GET_RESUME;
}

static int
take_head(struct response *r)
{
	struct fetch *f = fetch_of(r);

	f->location[0] = '\0';
	if (f->options->follows && is_redirect(r->status) && r->location[0] != '\0') {
		strcpy(f->location, r->location);
		f->is_discarded = true;
		return 0;
	}
	if (f->options->fails && r->status >= 400) {
		snprintf(f->problem, sizeof(f->problem), "the server answers %u", r->status);
		return GET_FAILED;
	}
	f->output.total = r->len;
	f->output.begun_ns = baro_core_now(f->core);
	return check_resume(f, r);
}

static int
open_output(struct fetch *f)
{
	int err = f->output.file != NULL ? 0 : output_open(&f->output);

	if (err == 0)
		return 0;
	snprintf(f->problem, sizeof(f->problem), "%s: %s", f->output.path, strerror(-err));
	return GET_FILE;
}

static int
take_body(struct response *r, const char *data, size_t len)
{
	struct fetch *f = fetch_of(r);
	int err;

	if (f->is_discarded)
		return 0;
	err = open_output(f);
	if (err != 0)
		return err;
	err = output_write(&f->output, data, len);
	if (err == 0)
		return 0;
	snprintf(f->problem, sizeof(f->problem), "%s: %s",
		f->output.path != NULL ? f->output.path : "standard output", strerror(-err));
	return GET_FILE;
}

static void
take_line(struct response *r, const char *line)
{
	struct fetch *f = fetch_of(r);

	if (f->options->is_head && open_output(f) == 0)
		fprintf(f->output.file, "%s\r\n", line);
	story_head(f, line);
}

/* An empty body makes an empty file. */
static void
complete(struct fetch *f)
{
	int status = f->is_discarded ? 0 : open_output(f);

	if (status != 0)
		fail(f, (enum get_status)status, "%s", f->problem);
	else
		close_conn(f);
}

/* @err 0: the server has finished, with or without all that it promised */
static void
take_end(struct fetch *f, int err)
{
	if (err == 0 && response_ends_well(&f->response))
		complete(f);
	else if (f->times.first_ns == 0)
		fail(f, err == 0 ? GET_NOTHING : GET_RECEIVE, "%s says nothing%s%s", f->url.host,
			err != 0 ? ": " : "", err != 0 ? strerror(-err) : "");
	else if (err != 0)
		fail(f, GET_RECEIVE, "after %llu octets of body: %s",
			(unsigned long long)f->output.written, strerror(-err));
	else
		fail(f, GET_PARTIAL,
			"the server ends after %llu octets of body; more were promised",
			(unsigned long long)f->output.written);
}

static void
take_octets(struct fetch *f)
{
	enum response_read what = RESPONSE_MORE;
	struct iovec iov[PIECES];
	size_t used = 0;
	int n = baro_conn_peek(f->conn, iov, PIECES);

	for (int i = 0; i < n && what == RESPONSE_MORE; i++) {
		what = response_read(&f->response, iov[i].iov_base, iov[i].iov_len);
		used += iov[i].iov_len;
	}
	baro_conn_consume(f->conn, used);
	if (what == RESPONSE_DONE)
		complete(f);
	else if (what == RESPONSE_STOP)
		fail(f, (enum get_status)f->response.err, "%s", f->problem);
	else if (what == RESPONSE_BAD)
		fail(f, GET_NOT_HTTP, "what %s says is not HTTP: %s", f->url.host,
			llhttp_get_error_reason(&f->response.parser));
}

static void
readable(struct baro_conn *c)
{
	struct fetch *f = baro_conn_user(c);

	if (f->times.first_ns == 0 && baro_conn_recv_queued(c) != 0) {
		f->times.first_ns = baro_core_now(f->core);
		look(f);
		story_first_octet(f);
	}
	while (f->conn == c && f->phase == FETCH_RESPONSE && baro_conn_recv_queued(c) != 0)
		take_octets(f);
	if (f->conn != c)
		return;
	if (baro_conn_is_eof(c)) {
		f->peer_has_closed |= f->phase != FETCH_CLOSE;
		look(f);
		if (f->phase == FETCH_RESPONSE)
			take_end(f, 0);
	}
}

/* The request */

static const char *
method_of(const struct get_options *o)
{
	if (o->method != NULL)
		return o->method;
	return o->is_head ? "HEAD" : o->data != NULL ? "POST" : "GET";
}

static bool
has_header(const struct get_options *o, const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < o->n_headers; i++)
		if (strncasecmp(o->header[i], name, len) == 0 && o->header[i][len] == ':')
			return true;
	return false;
}

static void
write_request(const struct fetch *f, FILE *out)
{
	const struct get_options *o = f->options;
	char host[URL_HOST_MAX + 8];

	fprintf(out, "%s %s HTTP/1.1\r\n", method_of(o), f->url.target);
	if (!has_header(o, "Host"))
		fprintf(out, "Host: %s\r\n", url_host(&f->url, host));
	if (!has_header(o, "User-Agent"))
		fputs("User-Agent: baro-get\r\n", out);
	if (!has_header(o, "Accept"))
		fputs("Accept: */*\r\n", out);
	if (f->output.had != 0)
		fprintf(out, "Range: bytes=%llu-\r\n", (unsigned long long)f->output.had);
	for (unsigned i = 0; i < o->n_headers; i++)
		fprintf(out, "%s\r\n", o->header[i]);
	if (o->data != NULL && !has_header(o, "Content-Type"))
		fputs("Content-Type: application/x-www-form-urlencoded\r\n", out);
	if (o->data != NULL)
		fprintf(out, "Content-Length: %zu\r\n", strlen(o->data));
	fprintf(out, "\r\n%s", o->data != NULL ? o->data : "");
}

static bool
make_request(struct fetch *f)
{
	FILE *out;

	free(f->request);
	f->request = NULL;
	f->request_len = f->request_sent = 0;
	out = open_memstream(&f->request, &f->request_len);
	if (out == NULL)
		return false;
	write_request(f, out);
	return fclose(out) == 0 && f->request != NULL;
}

static void
send_request(struct baro_conn *c)
{
	struct fetch *f = baro_conn_user(c);
	ssize_t n =
		baro_conn_send(c, f->request + f->request_sent, f->request_len - f->request_sent);

	if (n > 0)
		f->request_sent += (size_t)n;
	if (f->request_sent == f->request_len && f->times.asked_ns == 0) {
		f->times.asked_ns = baro_core_now(f->core);
		story_request(f);
	}
}

/* The connection */

static void
opened(struct baro_conn *c)
{
	struct fetch *f = baro_conn_user(c);

	f->times.connected_ns = baro_core_now(f->core);
	look(f);
	story_connected(f);
	f->phase = FETCH_RESPONSE;
	set_deadline(f, 0);
	response_init(&f->response, strcmp(method_of(f->options), "HEAD") == 0);
	f->response.take_head = take_head;
	f->response.take_body = take_body;
	f->response.take_line = take_line;
	f->response.user = f;
	if (make_request(f))
		send_request(c);
	else
		fail(f, GET_SEND, "not enough memory for the request");
}

static void
closed(struct baro_conn *c, int err)
{
	struct fetch *f = baro_conn_user(c);

	baro_conn_info(c, &f->info);
	if (f->phase == FETCH_CLOSE)
		story_state(f);
	f->conn = NULL;
	if (f->phase == FETCH_CONNECT) {
		if (f->n_tried < f->n_addrs) {
			try_address(f);
			return;
		}
		fail(f, err == -ETIMEDOUT ? GET_TIME : GET_CONNECT,
			"cannot connect to %s port %u: %s", f->url.host, f->url.port,
			strerror(-err));
	} else if (f->phase == FETCH_RESPONSE) {
		take_end(f, err != 0 ? err : -ECONNRESET);
	} else {
		story_closed(f, err);
		go_on(f);
	}
}

/* The next address that we know. */
static void
try_address(struct fetch *f)
{
	static const struct baro_conn_ops ops = {
		.opened = opened,
		.readable = readable,
		.writable = send_request,
		.closed = closed,
	};
	int err = -EHOSTUNREACH;

	while (f->n_tried < f->n_addrs) {
		f->remote = (struct baro_endpoint){ f->addr[f->n_tried++], f->url.port };
		err = baro_connect(f->core, &f->remote, NULL, &ops, f, &f->conn);
		if (err != 0)
			continue;
		baro_conn_local(f->conn, &f->local);
		baro_conn_info(f->conn, &f->info);
		f->phase = FETCH_CONNECT;
		story_route(f);
		story_connect(f);
		return;
	}
	fail(f, GET_CONNECT, "cannot connect to %s port %u: %s", f->url.host, f->url.port,
		strerror(-err));
}

/* The name */

static const char *
why_no_name(int err)
{
	switch (err) {
	case -ENOENT:
		return "there is no such name (NXDOMAIN)";
	case -ENODATA:
		return "the name has no address";
	case -EREMOTEIO:
		return "the name servers failed (SERVFAIL)";
	case -ETIMEDOUT:
		return "no name server answers";
	case -EDESTADDRREQ:
		return "no name server is known; set --resolve.nameserver";
	default:
		return strerror(-err);
	}
}

static void
named(int err, const struct baro_host *host, void *user)
{
	struct fetch *f = user;

	f->lookup = NULL;
	if (err != 0) {
		fail(f, GET_NAME, "%s: %s", f->url.host, why_no_name(err));
		return;
	}
	f->times.named_ns = baro_core_now(f->core);
	f->n_addrs = host->n_addrs;
	f->n_tried = 0;
	memcpy(f->addr, host->addr, sizeof(f->addr));
	story_name(f, host);
	try_address(f);
}

static void
begin_url(struct fetch *f)
{
	int err;

	f->phase = FETCH_NAME;
	f->is_discarded = false;
	f->peer_has_closed = false;
	f->location[0] = '\0';
	f->times.asked_ns = f->times.first_ns = f->times.done_ns = 0;
	set_deadline(f, f->options->connect_time_ns);
	story_begin(f);
	err = baro_getaddrinfo(f->core, f->url.host, NULL, named, f, &f->lookup);
	if (err != 0)
		fail(f, GET_NAME, "%s: %s", f->url.host, why_no_name(err));
}

/* Timers */

static void
too_late(struct baro_timer *t, uint64_t now_ns)
{
	struct fetch *f = (struct fetch *)((char *)t - offsetof(struct fetch, deadline));

	if (f->phase != FETCH_CLOSE) {
		fail(f, GET_TIME, "after %.3f s there are %llu octets of body",
			(double)(now_ns - f->times.begun_ns) / 1e9,
			(unsigned long long)f->output.written);
		return;
	}
	baro_conn_abort(f->conn); /* everything is there; the server does not close */
	f->conn = NULL;
	story_closed(f, -ETIMEDOUT);
	go_on(f);
}

static void
tick(struct baro_timer *t, uint64_t now_ns)
{
	struct fetch *f = (struct fetch *)((char *)t - offsetof(struct fetch, tick));

	look(f);
	if (f->phase == FETCH_RESPONSE && f->response.is_headed && !f->options->is_verbose)
		output_progress(&f->output, now_ns, false);
	baro_timer_start(f->core, t, now_ns + (f->options->is_verbose ? LOOK_NS : TICK_NS));
}

/* Beginning */

static int
choose_output(struct fetch *f)
{
	unsigned len;
	const char *name;

	f->output.path = f->options->output;
	f->output.total = UINT64_MAX;
	if (f->options->names_file) {
		name = url_file_name(&f->url, &len);
		if (name == NULL)
			return -EISDIR;
		memcpy(f->path, name, len);
		f->output.path = f->path;
	}
	if (f->options->resumes)
		f->output.had = output_file_len(f->output.path);
	return 0;
}

void
fetch_start(struct fetch *f)
{
	int err = url_parse(&f->url, f->options->url);

	f->times.begun_ns = baro_core_now(f->core);
	if (err == -EPROTONOSUPPORT)
		fail(f, GET_PROTOCOL, "%s: only http:// is known", f->options->url);
	else if (err != 0)
		fail(f, GET_URL, "%s: not a URL", f->options->url);
	else if (choose_output(f) != 0)
		fail(f, GET_FILE, "the URL names no file; add -o FILE");
	else {
		f->deadline.fire = too_late;
		f->tick.fire = tick;
		baro_timer_start(f->core, &f->tick, f->times.begun_ns);
		begin_url(f);
	}
}

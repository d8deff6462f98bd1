/* SPDX-License-Identifier: BSD-3-Clause */
/* The applications of a trial. */

#include <errno.h>
#include <string.h>

#include "property/run.h"

/** Octet @i of what @s writes. */
static uint8_t
octet_of(const struct side *s, uint64_t i)
{
	uint32_t which = s->talk->number * 2 + (uint32_t)s->end;

	return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16) + which * 101);
}

static struct side *
peer_of(struct side *s)
{
	return &s->talk->side[1 - s->end];
}

static void
told(struct side *s, const char *what)
{
	run_tells(s->talk->run, "%u.%d %s", s->talk->number, s->end, what);
}

static void
close_it(struct side *s)
{
	told(s, "close");
	s->was_shut = s->was_closed = true;
	s->was_early = !s->saw_eof;
	baro_conn_close(s->conn);
	s->conn = NULL;
}

/** Read @most octets at most. */
static void
read_some(struct side *s, size_t most)
{
	struct run *r = s->talk->run;
	uint8_t buf[4096];
	size_t len = most < sizeof(buf) ? most : sizeof(buf);
	ssize_t n = baro_conn_recv(s->conn, buf, len);

	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != octet_of(peer_of(s), s->read + (uint64_t)i))
			run_fails(r, "%u.%d: octet %lu read is wrong", s->talk->number, s->end,
				(unsigned long)(s->read + (uint64_t)i));
	if (n > 0)
		s->read += (uint64_t)n;
	else if (n != 0 && n != -EAGAIN)
		run_fails(r, "%u.%d: recv returns %zd", s->talk->number, s->end, n);
	if (n > 0)
		run_tells(r, "%u.%d read %zd, %lu in all", s->talk->number, s->end, n,
			(unsigned long)s->read);
	if (baro_conn_is_eof(s->conn) && !s->saw_eof) {
		told(s, "end of data");
		s->saw_eof = true;
	}
}

static void
read_all(struct side *s)
{
	while (baro_conn_recv_queued(s->conn) != 0)
		read_some(s, SIZE_MAX);
	read_some(s, 1); /* the end */
	if (s->saw_eof && s->closes_on_eof)
		close_it(s);
}

/** What send() may answer. */
static bool
send_is_right(const struct side *s, ssize_t n, size_t len)
{
	if (n > 0)
		return (size_t)n <= len && s->was_opened && !s->was_shut;
	return n == -EAGAIN || (n == -EPIPE && s->was_shut) || (n == -ENOTCONN && !s->was_opened) ||
	       (n == -EPIPE && s->was_opened); /* ended, and not told yet */
}

static void
write_some(struct side *s, size_t len)
{
	struct run *r = s->talk->run;
	static uint8_t buf[OCTETS_MAX];
	ssize_t n;

	if (len > OCTETS_MAX - s->written)
		len = OCTETS_MAX - s->written;
	if (len == 0)
		return;
	for (size_t i = 0; i < len; i++)
		buf[i] = octet_of(s, s->written + i);
	n = baro_conn_send(s->conn, buf, len);
	if (!send_is_right(s, n, len))
		run_fails(r, "%u.%d: send of %zu returns %zd", s->talk->number, s->end, len, n);
	if (n > 0)
		s->written += (uint64_t)n;
	run_tells(r, "%u.%d write %zu: %zd, %lu in all", s->talk->number, s->end, len, n,
		(unsigned long)s->written);
}

/** What shutdown() may answer. "Not connected" too when it has ended, which waits to be told. */
static bool
shutdown_is_right(const struct side *s, int err)
{
	bool may_have_ended = baro_conn_recv_queued(s->conn) != 0;

	return err == 0 || (err == -EPIPE && s->was_shut) ||
	       (err == -ENOTCONN && (!s->was_opened || may_have_ended));
}

static void
shut(struct side *s)
{
	int err = baro_conn_shutdown(s->conn);

	run_tells(s->talk->run, "%u.%d shutdown: %d", s->talk->number, s->end, err);
	if (!shutdown_is_right(s, err))
		run_fails(s->talk->run, "%u.%d: shutdown returns %d", s->talk->number, s->end, err);
	s->was_shut |= err == 0;
}

static void
abort_it(struct side *s)
{
	told(s, "abort");
	s->was_aborted = true;
	baro_conn_abort(s->conn);
	s->conn = NULL;
}

static void
turn_a_knob(struct side *s)
{
	static const enum baro_conn_option options[] = { BARO_TCP_NODELAY, BARO_TCP_CORK,
		BARO_TCP_SNDBUF, BARO_TCP_RCVBUF };
	struct run *r = s->talk->run;
	enum baro_conn_option option = options[rand_below(&r->rand, ARRAY_LEN(options))];
	int value = (int)any_size(r, 1 << 17);

	if (option == BARO_TCP_NODELAY || option == BARO_TCP_CORK)
		value &= 1;
	run_tells(r, "%u.%d option %d = %d", s->talk->number, s->end, (int)option, value);
	if (baro_conn_set(s->conn, option, value) != 0)
		run_fails(r, "option %d cannot be %d", (int)option, value);
}

/* Callbacks */

/** A late copy of a cookie has opened a connection whose peer is gone: explain.c. */
static bool
is_ghost(const struct side *s, const struct baro_conn *c)
{
	return s->talk->run->has_cookies && s->end == 1 && s->was_opened && s->conn != c;
}

static void
opened(struct baro_conn *c)
{
	struct side *s = baro_conn_user(c);

	if (is_ghost(s, c)) {
		told(s, "a ghost");
		baro_conn_abort(c);
		return;
	}
	if (s->conn == NULL && !s->was_opened)
		s->conn = c; /* accepted: the listener's user is the side that it accepts for */
	told(s, "opened");
	if (s->was_opened || s->conn != c)
		run_fails(s->talk->run, "%u.%d: opened twice", s->talk->number, s->end);
	s->was_opened = true;
	if (s->reads && chance(s->talk->run, 1, 4))
		write_some(s, any_size(s->talk->run, 4000));
}

static void
readable(struct baro_conn *c)
{
	struct side *s = baro_conn_user(c);

	told(s, "readable");
	if (s->reads)
		read_all(s);
}

static void
writable(struct baro_conn *c)
{
	struct side *s = baro_conn_user(c);

	told(s, "writable");
	if (!s->was_shut)
		write_some(s, any_size(s->talk->run, 8000));
}

static void
closed(struct baro_conn *c, int err)
{
	struct side *s = baro_conn_user(c);

	run_tells(s->talk->run, "%u.%d closed: %d", s->talk->number, s->end, err);
	if (s->was_told || s->conn != c)
		run_fails(s->talk->run, "%u.%d: closed() without reason", s->talk->number, s->end);
	s->was_told = true;
	s->saw_eof |= err == 0;
	s->err = err;
	s->conn = NULL;
}

const struct baro_conn_ops app_ops = {
	.opened = opened,
	.readable = readable,
	.writable = writable,
	.closed = closed,
};

/* What chance has it do */

void
app_acts(struct side *s)
{
	struct run *r = s->talk->run;
	uint32_t what = rand_below(&r->rand, 100);
	uint32_t len = any_size(r, 60000);
	bool may_end = has(r, WITH_ABORT, 1, 3);

	if (s->conn == NULL)
		return;
	if (what < 58)
		write_some(s, len);
	else if (what < 76)
		read_some(s, len);
	else if (what < 84)
		s->reads = !s->reads;
	else if (what < 90 && (r->trial->without & WITH_KNOBS) == 0)
		turn_a_knob(s);
	else if (what < 92)
		shut(s);
	else if (what < 94 && may_end)
		close_it(s);
	else if (what < 96 && may_end)
		abort_it(s);
	else if (what == 96 && s->saw_eof)
		close_it(s);
	else if (s->reads)
		read_all(s);
}

void
app_finishes(struct side *s)
{
	s->reads = true;
	if (s->conn == NULL)
		return;
	if (baro_conn_set(s->conn, BARO_TCP_CORK, 0) != 0)
		run_fails(s->talk->run, "cork stays");
	if (!s->was_shut && s->was_opened && (!s->waits || s->saw_eof || peer_of(s)->conn == NULL))
		shut(s);
	read_all(s);
}

bool
app_is_over(const struct side *s)
{
	return s->conn == NULL;
}

void
app_leaves(struct side *s)
{
	told(s, "gives up");
	close_it(s);
}

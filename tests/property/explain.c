/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What must hold at the end of a trial. Let X be one side of a connection and Y the other.
 *
 *  1. X has read what Y has written, from its first octet on, without a gap (checked as it is
 *     read), and not more.
 *  2. X was told the end of data only when Y has shut down, and X had read all that Y wrote.
 *  3. closed(0): both had shut down, and X had read all that Y wrote; and Y has read all that X
 *     wrote, unless Y let go without reading it or was told an error.
 *  4. closed(-ECONNRESET): Y has aborted, or closed before it saw X's end, or was told an error
 *     itself, or never heard of the connection. Two sides cannot reset each other for nothing: one
 *     of them has let go, or the wire was cut for longer than tcp.user_timeout.
 *  5. closed(-ETIMEDOUT): the wire was cut for so long.
 *  6. closed(-ECONNREFUSED): both connected at once, and one came before the other was there.
 *  7. closed(-EHOSTUNREACH): the wire was cut for so long, or it was bad while X connected: a next hop
 *     that does not answer ARP ends that soon.
 *  8. When nobody aborted, nobody closed before it saw the other's end and the wire was not cut for
 *     so long, both sides have read everything and seen the end.
 *
 * A listener that answers every SYN by a cookie remembers nothing (RFC 4987 §3.6): when the third ACK is
 * late or lost, what comes before it is reset (4, 8), and a copy of it that comes late opens a
 * connection of which the peer knows nothing.
 */

#include <errno.h>

#include "property/run.h"

static bool
let_go(const struct side *s)
{
	return s->was_aborted || (s->was_closed && s->was_early);
}

/** It never came to a connection: ARP went unanswered. */
static bool
found_nobody(const struct run *r, const struct side *x)
{
	return x->err == -EHOSTUNREACH && !x->was_opened && r->was_bad;
}

static const char *
unexplained_error(const struct run *r, const struct side *x, const struct side *y)
{
	bool has_reason = let_go(x) || let_go(y) || r->was_cut || r->has_cookies ||
			  !x->was_opened || !y->was_opened;

	switch (x->err) {
	case 0:
		if (!x->was_shut || !y->was_shut || x->read != y->written)
			return "was told the end in peace, but it is not the end";
		if (y->read != x->written && !let_go(y) && (!y->was_told || y->err == 0))
			return "was told the end in peace, but not all it wrote was read";
		return NULL;
	case -ECONNRESET:
		if (!has_reason)
			return "was reset, but nobody had let go";
		return let_go(y) || y->err != 0 || !y->was_opened || r->was_cut
			       ? NULL
			       : "was reset by somebody who had not let go";
	case -ETIMEDOUT:
		return r->was_cut ? NULL : "timed out, but the wire was never cut for so long";
	case -EHOSTUNREACH:
		return r->was_cut || found_nobody(r, x) ? NULL : "found nobody on a good wire";
	case -ECONNREFUSED:
		return x->talk->is_meeting ? NULL : "was refused, but there is a listener";
	default:
		return "was told an error that is none of these";
	}
}

static const char *
unexplained(const struct run *r, const struct side *x, const struct side *y)
{
	bool is_peaceful = !let_go(x) && !let_go(y) && !r->was_cut && !x->talk->is_meeting &&
			   !found_nobody(r, x) && !found_nobody(r, y) && !r->has_cookies;

	if (x->read > y->written)
		return "has read more than was written";
	if (x->saw_eof && !y->was_shut)
		return "saw an end that was not there";
	if (x->saw_eof && x->read != y->written)
		return "saw the end before all was read";
	if (is_peaceful && (x->read != y->written || !x->saw_eof || (x->was_told && x->err != 0)))
		return "did not get everything, though nobody let go";
	return x->was_told ? unexplained_error(r, x, y) : NULL;
}

void
explain(struct run *r, const struct talk *t)
{
	for (int end = 0; end < 2; end++) {
		const struct side *x = &t->side[end];
		const struct side *y = &t->side[1 - end];
		const char *why = unexplained(r, x, y);

		if (why != NULL)
			run_fails(r,
				"%u.%d %s: read %lu of %lu, err %d; the other side read %lu of "
				"%lu, err %d",
				t->number, end, why, (unsigned long)x->read,
				(unsigned long)y->written, x->err, (unsigned long)y->read,
				(unsigned long)x->written, y->err);
	}
}

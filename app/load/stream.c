/* SPDX-License-Identifier: BSD-3-Clause */
/* Connections of the TCP modes; see the header. */

#include "stream.h"

void
stream_open(struct load_flow *f, const struct baro_conn_ops *ops)
{
	struct load_worker *w = worker_of(f);
	struct baro_endpoint from = worker_source(w, f);
	struct baro_endpoint to = worker_target(w, f);
	int err = baro_connect(w->core, &to, &from, ops, f, &f->conn);

	if (err != 0) {
		worker_failed(w, f, worker_failure_of(err));
		return;
	}
	baro_conn_set(f->conn, BARO_TCP_NODELAY, 1);
}

/** Requests lie end to end: where we are in them follows from how much is owed. */
static void
write_owed(struct load_worker *w, struct load_flow *f)
{
	while (f->owed != 0) {
		uint32_t rest = (f->owed - 1) % w->request_len + 1; /* of the request begun */
		ssize_t n = baro_conn_send(f->conn, w->request + (w->request_len - rest), rest);

		if (n <= 0)
			return;
		f->owed -= (uint32_t)n;
		if (worker_measures(w))
			w->counts.octets_out += (uint64_t)n;
	}
}

void
stream_request(struct load_flow *f)
{
	struct load_worker *w = worker_of(f);

	f->owed += w->request_len;
	write_owed(w, f);
}

void
stream_abort(struct load_flow *f)
{
	baro_conn_abort(f->conn);
}

void
stream_read(struct baro_conn *c, stream_take take)
{
	struct load_flow *f = baro_conn_user(c);
	struct load_worker *w = worker_of(f);
	struct iovec iov;

	while (baro_conn_peek(c, &iov, 1) == 1) {
		if (worker_measures(w))
			w->counts.octets_in += iov.iov_len;
		if (!take(w, f, iov.iov_base, iov.iov_len))
			return;
		baro_conn_consume(c, iov.iov_len);
	}
	if (!baro_conn_is_eof(c))
		return;
	baro_conn_close(c);
	if (w->plan->close == LOAD_PEER && f->sent == f->done)
		worker_ended(w, f);
	else
		worker_failed(w, f, LOAD_CLOSED);
}

bool
stream_finish(struct load_worker *w, struct load_flow *f)
{
	struct baro_conn *c = f->conn;

	if (w->plan->close == LOAD_PEER)
		return true; /* its FIN follows */
	if (w->plan->close == LOAD_RST) {
		baro_conn_abort(c);
	} else {
		baro_conn_consume(c, baro_conn_recv_queued(c));
		baro_conn_close(c);
	}
	worker_ended(w, f);
	return false;
}

void
stream_opened(struct baro_conn *c)
{
	struct load_flow *f = baro_conn_user(c);
	struct load_worker *w = worker_of(f);

	worker_opened(w, f);
}

void
stream_writable(struct baro_conn *c)
{
	struct load_flow *f = baro_conn_user(c);

	write_owed(worker_of(f), f);
}

void
stream_closed(struct baro_conn *c, int err)
{
	struct load_flow *f = baro_conn_user(c);

	worker_failed(worker_of(f), f, worker_failure_of(err));
}

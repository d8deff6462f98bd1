/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOAD_STREAM_H
#define LOAD_STREAM_H

/* What the modes over TCP share: connections, and requests written into them. */

#include "worker.h"

/** How a mode reads: @len octets of an answer at @data, in order. @return false: @f is gone */
typedef bool (*stream_take)(
	struct load_worker *w, struct load_flow *f, const char *data, size_t len);

/** Begin to connect; @ops are the mode's, made of the functions below. */
void
stream_open(struct load_flow *f, const struct baro_conn_ops *ops);

/** One request more: what does not fit now follows when there is room. */
void
stream_request(struct load_flow *f);

void
stream_abort(struct load_flow *f);

/** All that has arrived goes to @take. */
void
stream_read(struct baro_conn *c, stream_take take);

/** The one request of this connection is answered: end it as planned. @return false: @f is gone */
bool
stream_finish(struct load_worker *w, struct load_flow *f);

/* Callbacks for struct baro_conn_ops. */
void
stream_opened(struct baro_conn *c);
void
stream_writable(struct baro_conn *c);
void
stream_closed(struct baro_conn *c, int err);

#endif

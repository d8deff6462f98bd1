/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GET_STORY_H
#define GET_STORY_H

/*
 * -v: what happens between a URL and its page, step by step, with the time since the start. Nothing is
 * told without -v.
 */

#include "fetch.h"

void
story_begin(struct fetch *f);
void
story_name(struct fetch *f, const struct baro_host *host);
/** The way to f->remote: route, source address, neighbour. */
void
story_route(struct fetch *f);
void
story_connect(struct fetch *f);
void
story_connected(struct fetch *f);
void
story_request(struct fetch *f);
void
story_first_octet(struct fetch *f);
/** A line of the response's head. */
void
story_head(struct fetch *f, const char *line);
void
story_body(struct fetch *f);
/** The state of the connection may have changed: FIN and their ACKs. */
void
story_state(struct fetch *f);
void
story_closed(struct fetch *f, int err);
void
story_problem(struct fetch *f);

#endif

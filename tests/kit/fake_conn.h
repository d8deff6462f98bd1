/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef KIT_FAKE_CONN_H
#define KIT_FAKE_CONN_H

/*
 * The callback API of a core without a stack: what a test says arrives, what the
 * application sends is kept, time is the test's. Linked in place of libbaro. It stops the
 * test when the application breaks a rule of conn.h: a handle used after its end, more
 * consumed than there is, a commit without room.
 */

#include <baro/baro.h>

struct fake_client;

/** A new core at time 1 s; what is left of the one before is forgotten. */
struct baro_core *
fake_core(void);

/** Let time pass; timers fire in their order. */
void
fake_pass(uint64_t ns);

/** Timers that are armed. */
unsigned
fake_timers(void);

/** True while something listens on @port. */
bool
fake_listens(uint16_t port);

/** Connect to @port. @sndbuf: octets that the server's send queue takes; 0: 64 KiB */
struct fake_client *
fake_connect(uint16_t port, size_t sndbuf);

/** Forget a client; a connection still open is reset without a callback. */
void
fake_free(struct fake_client *f);

/**
 * Octets arrive as one piece, in memory of exactly their size. What the server sent before
 * is acknowledged first, unless the client is one that does not read.
 */
void
fake_say(struct fake_client *f, const void *data, size_t len);

/** The same octets, but readable() is called only once all of the pieces are there. */
void
fake_say_pieces(struct fake_client *f, const void *data, size_t len, size_t piece_len);

/** FIN, RST from the client. */
void
fake_finish(struct fake_client *f);
void
fake_reset(struct fake_client *f);

/** Acknowledge nothing from now on until fake_take(). */
void
fake_stall(struct fake_client *f);

/** Acknowledge @len octets, or all. @return octets acknowledged */
size_t
fake_take(struct fake_client *f, size_t len);

/** Go on acknowledging until nothing more comes. */
void
fake_drain(struct fake_client *f);

/** All that was sent so far, NUL after it; octets beyond 16 MiB are counted only. */
const char *
fake_heard(const struct fake_client *f);
size_t
fake_heard_len(const struct fake_client *f);

/** Forget what was heard. */
void
fake_forget(struct fake_client *f);

/** Octets in the server's queues. */
size_t
fake_send_queued(const struct fake_client *f);
size_t
fake_recv_queued(const struct fake_client *f);

enum fake_end {
	FAKE_OPEN,
	FAKE_SHUT,    /* FIN came, the server still reads */
	FAKE_CLOSED,  /* FIN came, and the handle is gone */
	FAKE_ABORTED, /* RST came */
	FAKE_RESET,   /* we did it */
};

enum fake_end
fake_end(const struct fake_client *f);

/** A datagram from @from_port to the service on @port. @return octets of the answer, -1: none */
int
fake_datagram(uint16_t port, uint16_t from_port, const void *data, size_t len, void *answer);

#endif

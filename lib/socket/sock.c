/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* Sockets and the descriptors that name them. */

#include "socket/sock.h"

#include <baro/socket.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	SOCKS_MAX = 1 << 20,
	WATCHES_MAX = 1 << 20,
	TAGS = 64,
	FD_BIT = 1 << 30, /* what the host's descriptors never have */
};

/*
 * A descriptor: this bit, the core's tag, the number. The host gives out the lowest free numbers, as
 * many as RLIMIT_NOFILE allows, so that the two cannot be mixed up.
 */
_Static_assert(FD_NUMBER_BITS + 6 == 30, "a descriptor is a positive int");

static _Thread_local struct stack *current;
static atomic_uint_fast64_t tags_used;

int
socks_init(struct socks *socks)
{
	int err = slab_init(&socks->socks, sizeof(struct sock), SOCKS_MAX, NULL);

	if (err == 0)
		err = slab_init(&socks->watches, sizeof(struct watch), WATCHES_MAX, NULL);
	if (err != 0)
		slab_fini(&socks->socks);
	list_init(&socks->bound);
	return err;
}

void
socks_fini(struct stack *stack)
{
	struct socks *socks = &stack->socks;

	for (uint32_t i = 0; socks->fds.n_used != 0 && i < FD_NUMBERS; i++) {
		struct sock *s = fdtab_find(&socks->fds, i);

		if (s != NULL && (s->class->type != SOCK_STREAM || s->tcp.acceptor == NULL))
			s->class->close(s);
	}
	free(socks->flat);
	fdtab_fini(&socks->fds);
	slab_fini(&socks->watches);
	slab_fini(&socks->socks);
	if (socks->tag_plus_1 != 0)
		atomic_fetch_and(&tags_used, ~(UINT64_C(1) << (socks->tag_plus_1 - 1)));
	if (current == stack)
		current = NULL;
}

/** A core's sockets need a tag that no other core of this process has. */
static bool
take_tag(struct socks *socks)
{
	uint_fast64_t used = atomic_load(&tags_used);

	while (socks->tag_plus_1 == 0) {
		unsigned tag = 0;

		while (tag < TAGS && (used >> tag & 1) != 0)
			tag++;
		if (tag == TAGS)
			return false;
		if (atomic_compare_exchange_weak(&tags_used, &used, used | UINT64_C(1) << tag))
			socks->tag_plus_1 = tag + 1;
	}
	return true;
}

int
sock_make(struct stack *stack, const struct sock_class *class, struct sock **out)
{
	struct socks *socks = &stack->socks;
	struct sock *s;
	uint32_t index;
	int number;

	if (!take_tag(socks) || slab_is_full(&socks->socks))
		return -EMFILE;
	s = slab_get(&socks->socks, &index);
	if (s == NULL)
		return -ENOMEM;
	number = fdtab_add(&socks->fds, s);
	if (number < 0) {
		slab_put(&socks->socks, index);
		return number;
	}
	memset(s, 0, sizeof(*s));
	s->index = index;
	s->number = (uint32_t)number;
	s->class = class;
	s->stack = stack;
	s->rcv_lowat = 1;
	list_init(&s->watchers);
	*out = s;
	if (class->init(s) == 0)
		return 0;
	sock_free(s);
	return -ENOMEM;
}

void
sock_free(struct sock *s)
{
	struct socks *socks = &s->stack->socks;
	struct list *node;

	while ((node = list_first(&s->watchers)) != NULL)
		watch_end(&socks->watches, holder_of(node, struct watch, by_sock));
	fdtab_remove(&socks->fds, s->number);
	slab_put(&socks->socks, s->index);
}

int
sock_fd(const struct sock *s)
{
	unsigned tag = s->stack->socks.tag_plus_1 - 1;

	return (int)(FD_BIT | tag << FD_NUMBER_BITS | s->number);
}

struct stack *
sock_stack(void)
{
	return current;
}

int
sock_find(int fd, struct sock **out)
{
	uint32_t n = (uint32_t)fd;

	if (!baro_is_socket(fd))
		return -EBADF;
	if (current == NULL ||
		(n & ~(uint32_t)FD_BIT) >> FD_NUMBER_BITS != current->socks.tag_plus_1 - 1)
		return -EXDEV;
	*out = fdtab_find(&current->socks.fds, n & (FD_NUMBERS - 1));
	return *out != NULL ? 0 : -EBADF;
}

void
sock_wake(struct sock *s, uint32_t events)
{
	for (struct list *at = s->watchers.next; at != &s->watchers; at = at->next)
		watch_notice(holder_of(at, struct watch, by_sock), events);
}

void
baro_core_enter(struct baro_core *core)
{
	current = core != NULL ? stack_of(core) : NULL;
}

struct baro_core *
baro_core_current(void)
{
	return current != NULL ? core_of(current) : NULL;
}

bool
baro_is_socket(int fd)
{
	return fd >= FD_BIT;
}

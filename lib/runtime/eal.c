/* SPDX-License-Identifier: BSD-3-Clause */

/* Starting and ending DPDK's environment. */

#include "runtime/eal.h"

#include <ctype.h>
#include <errno.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pdump.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev/pkt.h"
#include "dev/pool.h"

#include "runtime/machine.h"

enum {
	DEFAULT_MBUFS = 16384,
	/* of a buffer beside its data: mempool header, mbuf, note, headroom, padding */
	MBUF_OVERHEAD = 128 + sizeof(struct rte_mbuf) + PKT_PRIV_LEN + PKT_HEADROOM,
	TEXT_LEN = POOL_TEXT_ROOM + MBUF_OVERHEAD,
	HEAD_LEN = POOL_HEAD_ROOM + MBUF_OVERHEAD,
	SLOT_LEN = 80,         /* of a buffer in the mempool's own ring and lists */
	SMALL_PAGE = 4096,     /* without hugepages no buffer crosses the end of a page */
	EAL_OCTETS = 24 << 20, /* EAL itself, drivers, queues */
	CORE_OCTETS = 4 << 20, /* of a core beside its buffers */
};

/* lcores that "0,2-3" names, or "0@4,(1-2)@5" as far as it is understood. */
static unsigned
count_list(const char *text)
{
	unsigned n = 0;

	while (*text != '\0') {
		unsigned long first, last;
		char *end;

		if (!isdigit((unsigned char)*text)) {
			text += *text == '@' ? strcspn(text, ",") : 1;
			continue;
		}
		first = last = strtoul(text, &end, 10);
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		n += last >= first && last - first < BARO_MAX_CORES ? (unsigned)(last - first) + 1
								    : 1;
		text = end;
	}
	return n;
}

static unsigned
count_lcores(const struct eal_args *args)
{
	unsigned n;

	if (args->lcores == NULL)
		return 1;
	if (args->is_core_mask)
		n = (unsigned)__builtin_popcountll(strtoull(args->lcores, NULL, 16));
	else
		n = count_list(args->lcores);
	return n == 0 ? 1 : n;
}

static uint64_t
octets_wanted(uint64_t n_cores, uint64_t mbufs, uint64_t mbuf_octets)
{
	return EAL_OCTETS +
	       n_cores * (CORE_OCTETS + mbufs * (mbuf_octets + (uint64_t)2 * SLOT_LEN));
}

struct eal_means
eal_means_find(const struct baro_config *config, const struct eal_args *args)
{
	const uint64_t small =
		SMALL_PAGE / (SMALL_PAGE / TEXT_LEN) + SMALL_PAGE / (SMALL_PAGE / HEAD_LEN);
	uint64_t mbufs = config->core.mbufs != 0 ? config->core.mbufs : DEFAULT_MBUFS;
	unsigned n_cores = count_lcores(args);

	return (struct eal_means){
		.hugepage_octets = machine_hugepage_octets(),
		.wanted_huge_octets = octets_wanted(n_cores, mbufs, TEXT_LEN + HEAD_LEN),
		.wanted_octets = octets_wanted(n_cores, mbufs, small),
		.cpu = machine_first_cpu(),
	};
}

static const char *
why(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return "it may not use something that it needs; --check says what";
	case EINVAL:
		return "an EAL option is wrong, or two contradict each other";
	case ENOMEM:
		return "there is not enough memory; --check says how much is wanted";
	case EALREADY:
		return "it was started before in this process";
	case ENODEV:
		return "a device named by -a or --vdev is not there, or its driver is not "
		       "installed";
	default:
		return strerror(err);
	}
}

/* The directories of EAL's sockets, which it leaves; with something in them they stay. */
static void
remove_runtime_dir(void)
{
	char dir[512];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", rte_eal_get_runtime_dir());
	slash = strrchr(dir, '/');
	if (slash == NULL || rmdir(dir) != 0)
		return;
	*slash = '\0';
	rmdir(dir);
}

static bool has_pdump;

/* dpdk-dumpcap and dpdk-pdump attach where another process can share our memory. */
static void
allow_pdump(const struct eal_args *args)
{
	bool is_shared = !args->is_no_huge && !args->has_no_shconf;

	for (int i = 1; i < args->argc; i++)
		is_shared &= strcmp(args->argv[i], "--in-memory") != 0;
	if (is_shared)
		has_pdump = rte_pdump_init() == 0;
}

int
eal_start(const struct eal_args *args, char *problem, size_t len)
{
	char *argv[EAL_ARGS_MAX + 1];

	/* EAL reorders the vector */
	memcpy(argv, args->argv, sizeof(argv));
	/* EAL removes its sockets at exit, in handlers that it installs now: ours runs after them */
	atexit(remove_runtime_dir);
	rte_errno = 0;
	if (rte_eal_init(args->argc, argv) < 0) {
		int err = rte_errno != 0 ? rte_errno : EINVAL;

		snprintf(problem, len, "DPDK does not start: %s", why(err));
		return -err;
	}
	allow_pdump(args);
	return 0;
}

void
eal_end(void)
{
	if (has_pdump)
		rte_pdump_uninit();
	rte_eal_cleanup();
}

/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs scripts of random octets, each from a seed, without libFuzzer: the same seeds give the same
 * conversations everywhere. A seed that fails is named.
 *
 *	fuzz-runner [--seconds N] [--first SEED] [--count N]
 *	fuzz-runner FILE...            scripts, such as libFuzzer leaves behind
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/rand.h"
#include "fuzz/target.h"

enum {
	SCRIPT_MAX = 2048,
	BATCH = 500, /* seeds of one process: what fails ends it, and the next one goes on */
};

static void
run_seed(uint64_t seed)
{
	uint8_t script[SCRIPT_MAX];
	struct rand r;
	size_t len;

	rand_seed(&r, seed);
	len = 1 + rand_below(&r, SCRIPT_MAX);
	for (size_t i = 0; i < len; i++)
		script[i] = (uint8_t)rand_u64(&r);
	target_run(script, len);
}

static int
run_file(const char *path)
{
	static uint8_t script[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t len;

	if (f == NULL) {
		perror(path);
		return 1;
	}
	len = fread(script, 1, sizeof(script), f);
	fclose(f);
	target_run(script, len);
	return 0;
}

/** @seed: the one under way, shared with the process that waits. @return that all went well */
static int
run_batch(uint64_t *seed, uint64_t end)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();

	if (pid == 0) {
		for (; *seed < end; ++*seed)
			run_seed(*seed);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("fork");
		return 0;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	printf("seed %lu fails: fuzz-runner or fuzz-frames --first %lu --count 1\n",
		(unsigned long)*seed, (unsigned long)*seed);
	return 0;
}

static uint64_t
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec;
}

int
main(int argc, char **argv)
{
	uint64_t *seed = mmap(
		NULL, sizeof(*seed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t first = 1, count = UINT64_MAX / 2, seconds = 20, begun = now_s(), n_bad = 0;
	uint64_t at;

	if (seed == MAP_FAILED)
		return 1;
	if (argc > 1 && strncmp(argv[1], "--", 2) != 0) {
		for (int i = 1; i < argc; i++)
			if (run_file(argv[i]) != 0)
				return 1;
		return 0;
	}
	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t value = strtoull(argv[i + 1], NULL, 0);

		if (strcmp(argv[i], "--seconds") == 0)
			seconds = value;
		else if (strcmp(argv[i], "--first") == 0)
			first = value;
		else if (strcmp(argv[i], "--count") == 0)
			count = value;
	}
	for (at = first; at < first + count && now_s() - begun < seconds && n_bad < 10;) {
		uint64_t left = first + count - at;

		*seed = at;
		n_bad += !run_batch(seed, at + (left < BATCH ? left : BATCH));
		at = *seed + (n_bad != 0 && *seed < at + (left < BATCH ? left : BATCH));
	}
	printf("%lu scripts, %lu failed, %lu s\n", (unsigned long)(at - first),
		(unsigned long)n_bad, (unsigned long)(now_s() - begun));
	return n_bad != 0;
}

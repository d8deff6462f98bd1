/* SPDX-License-Identifier: BSD-3-Clause */

/* A capture file being written; see the header. */

#include "runtime/recording.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/names.h"
#include "dev/capture.h"
#include "runtime/clock.h"
#include "runtime/pcapng.h"

enum {
	RING_LEN = 4 << 20, /* octets a core: 60 us of 100 Gbit/s full frames a megabyte */
	SNAP_LEN_MAX = 65535,
	FILE_BUFFER_LEN = 1 << 20,
	COMMENT_LEN = 192,
};
static const long PAUSE_NS = 1000 * 1000;

/* The only one. What the writer thread changes is atomic. */
static struct {
	struct crew *crew;
	struct capture *capture[BARO_MAX_CORES];
	struct bpf_program filter;
	FILE *file;
	uint64_t epoch_ns; /* of our clock's 0 */
	uint64_t n_frames;
	uint32_t interface[BARO_MAX_PORTS]; /* number in the file of each port */
	uint32_t unsent;                    /* and of packets that never got a frame */
	pthread_t thread;
	bool has_thread; /* to be joined */
	atomic_bool is_running;
	atomic_bool is_to_stop;
	atomic_int err;
	_Atomic uint64_t n_written;
	_Atomic uint64_t n_lost;
} rec;

static bool
wants(const void *filter, const uint8_t *frame, uint32_t cap_len, uint32_t len)
{
	const struct pcap_pkthdr header = { .caplen = cap_len, .len = len };

	return pcap_offline_filter(filter, &header, frame) != 0;
}

/* A mailbox_slice; the question is the struct capture, NULL: none. */
static bool
attach(struct baro_core *core, void *capture)
{
	core->stack.env.capture = capture;
	return true;
}

static void
write_record(const struct capture_record *r)
{
	char comment[COMMENT_LEN];
	struct pcapng_packet p = {
		.interface = r->port == CAPTURE_UNSENT ? rec.unsent : rec.interface[r->port],
		.time_ns = rec.epoch_ns + r->time_ns,
		.len = r->len,
		.cap_len = r->cap_len,
		.octets = r + 1,
		.is_out = r->is_out,
	};

	if (r->why != DROP_NONE) {
		snprintf(comment, sizeof(comment), "dropped: %s (%s)",
			drop_sentence((enum drop)r->why), drop_name((enum drop)r->why));
		p.comment = comment;
	}
	pcapng_packet(rec.file, &p);
	atomic_fetch_add(&rec.n_written, 1);
}

static bool
is_full(void)
{
	return rec.n_frames != 0 && atomic_load(&rec.n_written) >= rec.n_frames;
}

/* What the cores have recorded. @return false: there was nothing */
static bool
write_records(void)
{
	bool has_some = false;
	uint64_t n_lost = 0;

	for (unsigned i = 0; i < rec.crew->n_cores; i++) {
		const struct capture_record *r;

		if (rec.capture[i] == NULL)
			continue;
		while (!is_full() && (r = capture_peek(rec.capture[i])) != NULL) {
			write_record(r);
			capture_release(rec.capture[i], r);
			has_some = true;
		}
		n_lost += atomic_load_explicit(&rec.capture[i]->n_lost, memory_order_relaxed);
	}
	atomic_store(&rec.n_lost, n_lost);
	if (!has_some)
		fflush(rec.file); /* who reads along sees what there is */
	if (ferror(rec.file) && atomic_load(&rec.err) == 0)
		atomic_store(&rec.err, errno != 0 ? errno : EIO);
	return has_some;
}

/* The cores record no more. What one that does not answer may still write to is never freed. */
static bool
detach_all(void)
{
	bool is_free = true;

	for (unsigned i = 0; i < rec.crew->n_cores; i++) {
		struct baro_core *core = crew_at(rec.crew, i);
		int err = crew_ask(rec.crew, i, attach, NULL);

		if (err == -ESHUTDOWN && core != NULL) /* it takes no turns any more */
			core->stack.env.capture = NULL;
		is_free &= err != -ETIMEDOUT;
	}
	return is_free;
}

static void
free_captures(void)
{
	for (unsigned i = 0; i < rec.crew->n_cores; i++)
		if (rec.capture[i] != NULL)
			capture_destroy(rec.capture[i]);
	pcap_freecode(&rec.filter);
}

static void
end_file(void)
{
	if (rec.file != NULL && fclose(rec.file) != 0 && atomic_load(&rec.err) == 0)
		atomic_store(&rec.err, errno);
	rec.file = NULL;
}

static void
finish(void)
{
	bool is_free = detach_all();

	write_records();
	end_file();
	if (is_free)
		free_captures();
	memset(rec.capture, 0, sizeof(rec.capture));
	memset(&rec.filter, 0, sizeof(rec.filter));
	atomic_store(&rec.is_running, false);
}

static void *
run(void *unused)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	(void)unused;
	while (!atomic_load(&rec.is_to_stop) && !is_full() && atomic_load(&rec.err) == 0)
		if (!write_records())
			nanosleep(&pause, NULL);
	finish();
	return NULL;
}

static bool
fail(char *problem, size_t len, const char *what, const char *why)
{
	snprintf(problem, len, "%.60s: %.60s", what, why);
	return false;
}

static bool
compile(const struct recording_wish *wish, char *problem, size_t len)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, SNAP_LEN_MAX);
	bool is_good;

	if (dead == NULL)
		return fail(problem, len, "filter", "not enough memory");
	is_good = pcap_compile(dead, &rec.filter, wish->filter, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!is_good)
		fail(problem, len, "filter", pcap_geterr(dead));
	pcap_close(dead);
	return is_good;
}

static void
begin_file(const struct recording_wish *wish, uint32_t snap_len)
{
	uint32_t n = 0;

	setvbuf(rec.file, NULL, _IOFBF, FILE_BUFFER_LEN);
	pcapng_begin(rec.file, wish->program);
	for (unsigned i = 0; i < BARO_MAX_PORTS; i++) {
		char name[16];

		if (wish->port[i].n_queues == 0)
			continue;
		snprintf(name, sizeof(name), "port%u", i);
		rec.interface[i] = n++;
		pcapng_interface(rec.file, name, wish->port[i].name, PCAPNG_ETHERNET, snap_len);
	}
	rec.unsent = n;
	pcapng_interface(rec.file, "unsent", "packets that ended before they had a frame",
		PCAPNG_IPV4, snap_len);
}

static uint64_t
epoch_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec - clock_monotonic_ns();
}

/* @return 0, -errno */
static int
attach_all(const struct recording_wish *wish, uint32_t snap_len)
{
	bool has_filter = wish->filter[0] != '\0';

	for (unsigned i = 0; i < rec.crew->n_cores; i++) {
		int err = capture_create(RING_LEN, snap_len, has_filter ? wants : NULL, &rec.filter,
			&rec.capture[i]);

		if (err == 0)
			err = crew_ask(rec.crew, i, attach, rec.capture[i]);
		if (err != 0)
			return err;
	}
	return 0;
}

bool
recording_start(struct crew *crew, const struct recording_wish *wish, char *problem, size_t len)
{
	uint32_t snap_len = wish->snap_len != 0 ? wish->snap_len : SNAP_LEN_MAX;
	int err;

	if (atomic_load(&rec.is_running))
		return fail(problem, len, "capture", "another one is running; stop it first");
	recording_stop();
	if (!compile(wish, problem, len))
		return false;
	rec.crew = crew;
	rec.n_frames = wish->n_frames;
	atomic_store(&rec.n_written, 0);
	atomic_store(&rec.n_lost, 0);
	atomic_store(&rec.err, 0);
	atomic_store(&rec.is_to_stop, false);
	rec.epoch_ns = epoch_ns();
	rec.file = fopen(wish->path, "wbe");
	if (rec.file == NULL) {
		err = errno;
		pcap_freecode(&rec.filter);
		return fail(problem, len, wish->path, strerror(err));
	}
	begin_file(wish, snap_len);
	atomic_store(&rec.is_running, true);
	err = attach_all(wish, snap_len);
	if (err == 0)
		err = -pthread_create(&rec.thread, NULL, run, NULL);
	rec.has_thread = err == 0;
	if (err != 0) {
		finish();
		return fail(problem, len, "capture", strerror(-err));
	}
	return true;
}

void
recording_stop(void)
{
	atomic_store(&rec.is_to_stop, true);
	if (rec.has_thread)
		pthread_join(rec.thread, NULL);
	rec.has_thread = false;
}

struct recording_state
recording_state(void)
{
	return (struct recording_state){
		.is_running = atomic_load(&rec.is_running),
		.n_written = atomic_load(&rec.n_written),
		.n_lost = atomic_load(&rec.n_lost),
		.err = atomic_load(&rec.err),
	};
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* The story of a trial: events and frames, one a line. */

#include <stdarg.h>
#include <string.h>

#include "kit/lab.h"
#include "kit/lab_fail.h"
#include "property/run.h"
#include "wire/ipv4.h"

void
run_fails(struct run *r, const char *format, ...)
{
	va_list args;

	if (r->why[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(r->why, sizeof(r->why), format, args);
	va_end(args);
	run_tells(r, "*** %s", r->why);
}

/** The time of what is told now: a core's, if it is in its turn. */
static uint64_t
time_of(const struct run *r)
{
	uint64_t now_ns = r->now_ns;

	for (int end = 0; end < 2; end++)
		if (r->core[end] != NULL)
			now_ns = max_u64(now_ns, baro_core_now(r->core[end]));
	return now_ns;
}

void
run_tells(const struct run *r, const char *format, ...)
{
	va_list args;

	if (!r->trial->is_told)
		return;
	fprintf(stderr, "%14.6f  ", (double)time_of(r) / 1e9);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void
run_tells_frame(const struct run *r, int from, const void *frame, size_t len)
{
	const uint8_t *p = frame;
	struct eth_hdr eth;
	struct ipv4_hdr ip;
	struct tcp_hdr tcp;
	char line[256];
	struct lab_seg s;

	if (!r->trial->is_told)
		return;
	if (eth_read(p, (uint32_t)len, &eth) != DROP_NONE || eth.type != ETH_TYPE_IPV4 ||
		ipv4_read(p + eth.len, (uint32_t)len - eth.len, (uint32_t)len - eth.len, false,
			&ip) != DROP_NONE ||
		ip.proto != IP_PROTO_TCP ||
		tcp_read(p + eth.len + ip.hdr_len, ip.total_len - ip.hdr_len, &tcp) != DROP_NONE) {
		run_tells(r, "      %d> %zu octets that are no segment", from, len);
		return;
	}
	memset(&s, 0, sizeof(s));
	s.flags = tcp.flags;
	s.seq = tcp.seq.n;
	s.ack = tcp.ack.n;
	s.wnd = tcp.wnd;
	s.len = (uint32_t)(ip.total_len - ip.hdr_len - tcp.hdr_len);
	s.n_sack = (tcp.opts.has & TCP_HAS_SACK) != 0 ? tcp.opts.n_sack : 0;
	for (unsigned i = 0; i < s.n_sack; i++) {
		s.sack[i].from = tcp.opts.sack[i].from.n;
		s.sack[i].to = tcp.opts.sack[i].to.n;
	}
	run_tells(
		r, "      %d> %u>%u %s", from, tcp.src_port, tcp.dst_port, lab_describe(&s, line));
}

void
run_tells_counters(const struct run *r)
{
	struct baro_counter c;

	for (int end = 0; end < 2 && r->trial->is_told && r->core[end] != NULL; end++) {
		for (unsigned i = 0; baro_stat_read(r->core[end], i, &c) == 0; i++)
			if (c.value != 0)
				run_tells(
					r, "%d counts %s %lu", end, c.name, (unsigned long)c.value);
		for (unsigned i = 0; baro_drop_read(r->core[end], i, &c) == 0; i++)
			if (c.value != 0)
				run_tells(r, "%d dropped %s %lu", end, c.name,
					(unsigned long)c.value);
	}
}

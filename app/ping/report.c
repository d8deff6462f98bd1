/* SPDX-License-Identifier: BSD-3-Clause */

/* What baro-ping prints, line by line as iputils does, so that scripts can read either. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ping.h"

enum {
	HEADERS = 28, /* octets of IPv4 and ICMP */
};

void
ping_print_head(const struct ping_options *o)
{
	char to[BARO_ADDR_STRLEN];

	baro_addr_format(&o->to, to);
	printf("PING %s (%s) %u(%u) bytes of data.\n", o->name, to, o->len, o->len + HEADERS);
	fflush(stdout);
}

static void
add_round_trip(struct ping_totals *t, uint64_t ns)
{
	double rtt = (double)ns;

	if (t->n_received == 1 || ns < t->min_ns)
		t->min_ns = ns;
	if (ns > t->max_ns)
		t->max_ns = ns;
	t->sum_ns += rtt;
	t->square_sum += rtt * rtt;
}

/** Three digits that matter: "0.043", "1.23", "12.3", "123". */
static void
print_time(uint64_t ns)
{
	double ms = (double)ns / 1e6;

	printf("%.*f", ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0, ms);
}

static void
print_reply(const struct baro_ping_news *n)
{
	char from[BARO_ADDR_STRLEN];

	printf("%u bytes from %s: icmp_seq=%u ttl=%u time=", n->len + 8u,
		baro_addr_format(&n->from, from), n->seq + 1u, n->ttl);
	print_time(n->rtt_ns);
	printf(" ms%s%s\n", n->is_duplicate ? " (DUP!)" : "", n->is_damaged ? " (wrong data)" : "");
}

/** RFC 792, 1122 §3.2.2.1, 1812 §5.2.7.1, in the words of iputils. */
static const char *
describe_unreachable(uint8_t code)
{
	switch (code) {
	case 0:
		return "Destination Net Unreachable";
	case 1:
		return "Destination Host Unreachable";
	case 2:
		return "Destination Protocol Unreachable";
	case 3:
		return "Destination Port Unreachable";
	case 9:
		return "Destination Net Prohibited";
	case 10:
		return "Destination Host Prohibited";
	case 13:
		return "Packet filtered";
	default:
		return "Destination Unreachable";
	}
}

static void
print_error(const struct baro_ping_news *n)
{
	char from[BARO_ADDR_STRLEN];

	printf("From %s icmp_seq=%u ", baro_addr_format(&n->from, from), n->seq + 1u);
	if (n->type == 3 && n->code == 4)
		printf("Frag needed and DF set (mtu = %u)\n", n->mtu);
	else if (n->type == 3)
		printf("%s\n", describe_unreachable(n->code));
	else if (n->type == 11)
		printf("Time to live exceeded\n");
	else
		printf("Parameter problem\n");
}

/** Our 0 is the first request, as iputils' 1; a duplicate is no answer more. */
void
ping_take_news(struct ping_totals *t, const struct ping_options *o, const struct baro_ping_news *n)
{
	if (n->what == BARO_PING_TIMEOUT)
		return;
	if (n->what == BARO_PING_ERROR) {
		t->n_errors++;
	} else if (n->is_duplicate) {
		t->n_duplicates++;
	} else {
		t->n_received++;
		t->n_damaged += n->is_damaged;
		add_round_trip(t, n->rtt_ns);
	}
	if (o->is_quiet)
		return;
	if (n->what == BARO_PING_ERROR)
		print_error(n);
	else
		print_reply(n);
	fflush(stdout);
}

void
ping_take_refusal(struct ping_totals *t, const struct ping_options *o, int err)
{
	t->n_errors++;
	if (o->is_quiet)
		return;
	printf("baro-ping: icmp_seq=%u: %s\n", t->n_sent, strerror(-err));
	fflush(stdout);
}

static void
print_times(const struct ping_totals *t)
{
	double n = t->n_received;
	double mean = t->sum_ns / n;
	double variance = t->square_sum / n - mean * mean;

	printf("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", (double)t->min_ns / 1e6,
		mean / 1e6, (double)t->max_ns / 1e6, variance > 0 ? sqrt(variance) / 1e6 : 0.0);
}

void
ping_print_end(const struct ping_totals *t, const struct ping_options *o)
{
	printf("\n--- %s ping statistics ---\n", o->name);
	printf("%u packets transmitted, %u received", t->n_sent, t->n_received);
	if (t->n_duplicates != 0)
		printf(", +%u duplicates", t->n_duplicates);
	if (t->n_damaged != 0)
		printf(", +%u corrupted", t->n_damaged);
	if (t->n_errors != 0)
		printf(", +%u errors", t->n_errors);
	if (t->n_sent != 0)
		printf(", %.6g%% packet loss", 100.0 * (t->n_sent - t->n_received) / t->n_sent);
	printf(", time %" PRIu64 "ms\n", (t->last_ns - t->begun_ns) / 1000000);
	if (t->n_received != 0)
		print_times(t);
	fflush(stdout);
}

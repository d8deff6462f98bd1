/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A foreign test driver: the stack on a clock that the test owns, IP packets in and out, and sockets that
 * never wait. Nothing but <baro/baro.h> is used; no device, no root. What happens is printed.
 *
 *	core and port    baro_core_create(), baro_port_open() with is_ip
 *	its thread       baro_core_enter()
 *	a packet in      baro_port_input(), then baro_core_poll() at the time of its arrival
 *	a packet out     transmit(), within baro_core_poll()
 *	time passes      baro_core_poll() at each baro_core_next_deadline() on the way
 *	a call           as it is: on such a core none waits
 */

#include <arpa/inet.h>
#include <baro/baro.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	PSH = 0x08,
	ACK = 0x10,
	HEADERS = 40, /* IPv4 and TCP, without options */
	KEPT = 16,    /* packets that left, until they are looked at */
};

#define MS         UINT64_C(1000000)
#define OUR_ADDR   0xc0000201u /* 192.0.2.1, RFC 5737 */
#define THEIR_ADDR 0xc6336401u /* 198.51.100.1 */

/** A segment as the test sees it; sequence numbers as on the wire. */
struct segment {
	uint64_t at_ns;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	size_t len;
	char text[64];
};

static struct baro_core *core;
static struct baro_port *port;
static uint64_t now_ns = 1000 * MS;
static struct segment out[KEPT];
static unsigned n_out;

static void
must(int is_so, const char *what)
{
	if (is_so)
		return;
	printf("not ok at %.3f s: %s (errno: %s)\n", (double)now_ns / 1e9, what, strerror(errno));
	exit(1);
}

#define MUST(claim) must((claim), #claim)

/* Octets */

static void
put(uint8_t *p, uint64_t value, int n)
{
	for (; n > 0; value >>= 8)
		p[--n] = (uint8_t)value;
}

static uint32_t
get(const uint8_t *p, int n)
{
	uint32_t value = 0;

	while (n-- > 0)
		value = value << 8 | *p++;
	return value;
}

/** RFC 1071, over a pseudo header's sum and @len octets. */
static uint16_t
checksum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Packets */

static void
transmit(const struct iovec *packet, int n, void *user)
{
	uint8_t b[1500];
	size_t len = 0;
	struct segment *s = &out[n_out++];

	(void)user;
	MUST(n_out <= KEPT);
	for (int i = 0; i < n; len += packet[i++].iov_len)
		memcpy(b + len, packet[i].iov_base, packet[i].iov_len);
	MUST(len >= HEADERS && b[0] == 0x45 && b[9] == IPPROTO_TCP);
	*s = (struct segment){
		.at_ns = now_ns, .flags = b[33], .seq = get(b + 24, 4), .ack = get(b + 28, 4)
	};
	s->len = len - 20 - (size_t)(b[32] >> 4) * 4;
	MUST(s->len < sizeof(s->text));
	memcpy(s->text, b + len - s->len, s->len);
	printf("%.3f  > flags %02x seq %u ack %u len %zu\n", (double)now_ns / 1e9, s->flags, s->seq,
		s->ack, s->len);
}

/** Their segment arrives now. */
static void
inject(uint8_t flags, uint32_t seq, uint32_t ack, const char *text)
{
	uint8_t b[HEADERS + 64] = { 0x45 };
	size_t len = HEADERS + strlen(text);
	uint32_t pseudo = (OUR_ADDR >> 16) + (OUR_ADDR & 0xffff) + (THEIR_ADDR >> 16) +
			  (THEIR_ADDR & 0xffff) + IPPROTO_TCP + (uint32_t)len - 20;

	put(b + 2, len, 2);
	b[8] = 64;
	b[9] = IPPROTO_TCP;
	put(b + 12, THEIR_ADDR, 4);
	put(b + 16, OUR_ADDR, 4);
	put(b + 10, checksum(0, b, 20), 2);
	put(b + 20, 40000, 2);
	put(b + 22, 80, 2);
	put(b + 24, seq, 4);
	put(b + 28, ack, 4);
	b[32] = 5 << 4;
	b[33] = flags;
	put(b + 34, 65535, 2);
	memcpy(b + HEADERS, text, strlen(text));
	put(b + 36, checksum(pseudo, b + 20, len - 20), 2);
	printf("%.3f <  flags %02x seq %u ack %u len %zu\n", (double)now_ns / 1e9, flags, seq, ack,
		strlen(text));
	MUST(baro_port_input(port, b, len) == 0);
}

/** Turns until nothing is left to do now. */
static void
settle(void)
{
	do
		baro_core_poll(core, now_ns);
	while (baro_core_next_deadline(core) <= now_ns);
}

/** Time passes: the stack is turned when it asks to be, and at the end. */
static void
pass(uint64_t ns)
{
	uint64_t until_ns = now_ns + ns;
	uint64_t next_ns;

	while ((next_ns = baro_core_next_deadline(core)) <= until_ns) {
		if (next_ns > now_ns)
			now_ns = next_ns;
		settle();
	}
	now_ns = until_ns;
	settle();
}

/** The one packet that has left since the last time. */
static struct segment
take(void)
{
	settle();
	MUST(n_out == 1);
	n_out = 0;
	return out[0];
}

static void
open_core(void)
{
	const struct baro_config config = { .core = { .seed = 1, .mbufs = 1024 } };
	const struct baro_port_opts opts = {
		.transmit = transmit,
		.address = baro_addr_from_v4(OUR_ADDR),
		.prefix_len = 24,
		.gateway = baro_addr_from_v4(OUR_ADDR + 1),
		.is_ip = true,
	};

	MUST(baro_core_create(&config, now_ns, &core) == 0);
	MUST(baro_port_open(core, &opts, &port) == 0);
	baro_core_enter(core);
	pass(5000 * MS); /* the port announces itself to nobody */
}

static int
listen_on(unsigned short number)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(number) };
	int fd = baro_socket(AF_INET, SOCK_STREAM, 0);

	MUST(fd >= 0);
	MUST(baro_sock_bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0);
	MUST(baro_sock_listen(fd, 8) == 0);
	return fd;
}

int
main(void)
{
	struct segment s;
	uint64_t begin_ns;
	uint32_t iss;
	char buf[64];
	int listener;
	int fd;

	open_core();
	listener = listen_on(80);
	MUST(baro_sock_accept(listener, NULL, NULL) == -1 && errno == EAGAIN);

	/* SYN in, SYN|ACK out at once; and again after a second, as nobody answers (RFC 6298 §2.1) */
	inject(SYN, 1000, 0, "");
	s = take();
	iss = s.seq;
	begin_ns = s.at_ns;
	MUST(s.flags == (SYN | ACK) && s.ack == 1001);
	MUST(baro_core_next_deadline(core) > now_ns);
	pass(1100 * MS);
	s = take();
	MUST(s.flags == (SYN | ACK) && s.seq == iss);
	MUST(s.at_ns - begin_ns >= 1000 * MS && s.at_ns - begin_ns < 1001 * MS);

	/* the third ACK: accept() has it */
	MUST(baro_sock_accept(listener, NULL, NULL) == -1 && errno == EAGAIN);
	inject(ACK, 1001, iss + 1, "");
	settle();
	fd = baro_sock_accept(listener, NULL, NULL);
	MUST(fd >= 0 && n_out == 0);

	/* text each way */
	MUST(baro_sock_read(fd, buf, sizeof(buf)) == -1 && errno == EAGAIN);
	inject(PSH | ACK, 1001, iss + 1, "ping");
	settle();
	n_out = 0;
	MUST(baro_sock_read(fd, buf, sizeof(buf)) == 4 && memcmp(buf, "ping", 4) == 0);
	MUST(baro_sock_write(fd, "pong", 4) == 4);
	s = take();
	MUST(s.len == 4 && memcmp(s.text, "pong", 4) == 0 && s.seq == iss + 1 && s.ack == 1005);

	/* it is lost: the same again, after 3 s, as a SYN|ACK was lost before (RFC 6298 §5.7) */
	pass(3500 * MS);
	MUST(n_out >= 1 && out[0].seq == iss + 1 && out[0].len == 4);
	n_out = 0;
	inject(ACK, 1005, iss + 5, "");
	settle();

	/* they close, then we */
	inject(FIN | ACK, 1005, iss + 5, "");
	s = take();
	MUST(s.flags == ACK && s.ack == 1006);
	MUST(baro_sock_read(fd, buf, sizeof(buf)) == 0);
	MUST(baro_sock_close(fd) == 0);
	s = take();
	MUST(s.flags == (FIN | ACK) && s.seq == iss + 5);
	inject(ACK, 1006, iss + 6, "");
	settle();
	MUST(n_out == 0);
	baro_core_destroy(core);
	puts("ok driver");
	return 0;
}

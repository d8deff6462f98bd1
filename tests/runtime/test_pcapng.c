/* SPDX-License-Identifier: BSD-3-Clause */

/* The file's blocks, read back octet by octet: draft-ietf-opsawg-pcapng §3, §4. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/pcapng.h"

static char *octets;
static size_t len;
static FILE *file;

static void
setup(void)
{
	file = open_memstream(&octets, &len);
	cr_assert_not_null(file);
}

static void
teardown(void)
{
	free(octets);
}

TestSuite(pcapng, .init = setup, .fini = teardown);

static uint32_t
u32(size_t at)
{
	uint32_t n;

	cr_assert_leq(at + 4, len);
	memcpy(&n, octets + at, sizeof(n));
	return n;
}

static uint16_t
u16(size_t at)
{
	return (uint16_t)u32(at);
}

/** The block at @at is of that type, and its length stands at both its ends. @return the next one */
static size_t
block(size_t at, uint32_t type)
{
	uint32_t n = u32(at + 4);

	cr_expect_eq(u32(at), type);
	cr_expect_eq(n % 4, 0);
	cr_assert_leq(at + n, len);
	cr_expect_eq(u32(at + n - 4), n);
	return at + n;
}

/** The option at @at. @return the next one */
static size_t
option(size_t at, uint16_t code, const char *value)
{
	cr_expect_eq(u16(at), code, "%u", u16(at));
	cr_assert_eq(u16(at + 2), strlen(value), "%u", u16(at + 2));
	cr_expect_eq(memcmp(octets + at + 4, value, strlen(value)), 0);
	return at + 4 + (strlen(value) + 3) / 4 * 4;
}

Test(pcapng, section_and_interface)
{
	size_t at, end;

	pcapng_begin(file, "baro-http");
	pcapng_interface(file, "port0", "net_tap0", PCAPNG_ETHERNET, 60);
	fflush(file);
	end = block(0, 0x0a0d0d0a);
	cr_expect_eq(u32(8), 0x1a2b3c4d);
	cr_expect_eq(u32(12), 1, "version 1.0");
	at = option(24, 4, "baro-http");
	cr_expect_eq(u32(at), 0);
	cr_expect_eq(at + 8, end);
	at = end;
	end = block(at, 1);
	cr_expect_eq(u16(at + 8), 1, "LINKTYPE_ETHERNET");
	cr_expect_eq(u32(at + 12), 60);
	at = option(at + 16, 2, "port0");
	at = option(at, 3, "net_tap0");
	at = option(at, 9, "\x09");
	cr_expect_eq(u32(at), 0);
	cr_expect_eq(at + 8, end);
	cr_expect_eq(end, len);
	fclose(file);
}

Test(pcapng, packet_with_a_comment)
{
	const struct pcapng_packet p = { .interface = 2,
		.time_ns = UINT64_C(0x1122334455667788),
		.len = 100,
		.cap_len = 5,
		.octets = "frame",
		.is_out = true,
		.comment = "why" };
	size_t at;

	pcapng_packet(file, &p);
	fflush(file);
	cr_expect_eq(block(0, 6), len);
	cr_expect_eq(u32(8), 2);
	cr_expect_eq(u32(12), 0x11223344);
	cr_expect_eq(u32(16), 0x55667788);
	cr_expect_eq(u32(20), 5);
	cr_expect_eq(u32(24), 100);
	cr_expect_eq(memcmp(octets + 28, "frame\0\0\0", 8), 0);
	cr_expect_eq(u32(36), 4u << 16 | 2, "epb_flags");
	cr_expect_eq(u32(40), 2, "outbound");
	at = option(44, 1, "why");
	cr_expect_eq(u32(at), 0);
	cr_expect_eq(at + 8, len);
	fclose(file);
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* pcapng, as far as we write it; see the header. Section numbers are draft-ietf-opsawg-pcapng's. */

#include "runtime/pcapng.h"

#include <string.h>

enum {
	/* block types, §4 */
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BYTE_ORDER = 0x1a2b3c4d,
	/* options, §3.5 and those of each block */
	OPT_END = 0,
	OPT_COMMENT = 1,
	OPT_IF_NAME = 2,
	OPT_IF_DESCRIPTION = 3,
	OPT_SHB_USERAPPL = 4,
	OPT_IF_TSRESOL = 9,
	OPT_EPB_FLAGS = 2,
	FLAG_IN = 1,
	FLAG_OUT = 2,
	TSRESOL_NS = 9,   /* 10^-9 s */
	BLOCK_FRAME = 12, /* type, and length twice */
};

static uint32_t
padded(uint32_t len)
{
	return (len + 3u) & ~3u;
}

static void
put_u32(FILE *file, uint32_t n)
{
	fwrite(&n, sizeof(n), 1, file);
}

static void
put_u16(FILE *file, uint16_t n)
{
	fwrite(&n, sizeof(n), 1, file);
}

/* Octets, then zeros to the next four. */
static void
put_octets(FILE *file, const void *octets, uint32_t len)
{
	static const char zeros[4];

	fwrite(octets, 1, len, file);
	fwrite(zeros, 1, padded(len) - len, file);
}

/* Octets of an option in the file. */
static uint32_t
option_len(uint32_t len)
{
	return 4 + padded(len);
}

static uint32_t
text_len(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	return len < UINT16_MAX ? (uint32_t)len : UINT16_MAX;
}

static uint32_t
text_option_len(const char *text)
{
	return text != NULL ? option_len(text_len(text)) : 0;
}

static void
put_option(FILE *file, uint16_t code, const void *octets, uint32_t len)
{
	put_u16(file, code);
	put_u16(file, (uint16_t)len);
	put_octets(file, octets, len);
}

static void
put_text_option(FILE *file, uint16_t code, const char *text)
{
	if (text != NULL)
		put_option(file, code, text, text_len(text));
}

static void
put_end(FILE *file, uint32_t block_len)
{
	put_u32(file, OPT_END);
	put_u32(file, block_len);
}

void
pcapng_begin(FILE *file, const char *program)
{
	uint32_t len = BLOCK_FRAME + 16 + text_option_len(program) + 4;

	put_u32(file, BLOCK_SECTION);
	put_u32(file, len);
	put_u32(file, BYTE_ORDER);
	put_u16(file, 1); /* version 1.0 */
	put_u16(file, 0);
	put_u32(file, UINT32_MAX); /* section length: not known */
	put_u32(file, UINT32_MAX);
	put_text_option(file, OPT_SHB_USERAPPL, program);
	put_end(file, len);
}

void
pcapng_interface(FILE *file, const char *name, const char *description, enum pcapng_link link,
	uint32_t snap_len)
{
	const uint8_t resolution = TSRESOL_NS;
	uint32_t len = BLOCK_FRAME + 8 + text_option_len(name) + text_option_len(description) +
		       option_len(1) + 4;

	put_u32(file, BLOCK_INTERFACE);
	put_u32(file, len);
	put_u16(file, (uint16_t)link);
	put_u16(file, 0);
	put_u32(file, snap_len);
	put_text_option(file, OPT_IF_NAME, name);
	put_text_option(file, OPT_IF_DESCRIPTION, description);
	put_option(file, OPT_IF_TSRESOL, &resolution, 1);
	put_end(file, len);
}

void
pcapng_packet(FILE *file, const struct pcapng_packet *p)
{
	uint32_t flags = p->is_out ? FLAG_OUT : FLAG_IN;
	uint32_t len = BLOCK_FRAME + 20 + padded(p->cap_len) + option_len(sizeof(flags)) +
		       text_option_len(p->comment) + 4;

	put_u32(file, BLOCK_PACKET);
	put_u32(file, len);
	put_u32(file, p->interface);
	put_u32(file, (uint32_t)(p->time_ns >> 32));
	put_u32(file, (uint32_t)p->time_ns);
	put_u32(file, p->cap_len);
	put_u32(file, p->len);
	put_octets(file, p->octets, p->cap_len);
	put_option(file, OPT_EPB_FLAGS, &flags, sizeof(flags));
	put_text_option(file, OPT_COMMENT, p->comment);
	put_end(file, len);
}

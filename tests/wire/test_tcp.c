/* SPDX-License-Identifier: BSD-3-Clause */

/* TCP headers; the options by themselves are in test_tcp_opts.c. */

#include <criterion/criterion.h>

#include "wire/octets.h"
#include "wire/tcp.h"

Test(tcp, reads_every_field)
{
	static const uint8_t octets[] = { 0x1f, 0x90, 0x00, 0x50, 0xff, 0xff, 0xff, 0xf0, 0x01,
		0x02, 0x03, 0x04, 0x6f, 0x12, 0xfa, 0xf0, 0xaa, 0xbb, 0x00, 0x07, 0x02, 0x04, 0x05,
		0xb4 };
	uint8_t *p = exact_copy(octets, sizeof(octets));
	struct tcp_hdr h;

	cr_assert_eq(tcp_read(p, sizeof(octets), &h), DROP_NONE);
	cr_expect_eq(h.src_port, 8080);
	cr_expect_eq(h.dst_port, 80);
	cr_expect_eq(h.seq.n, 0xfffffff0);
	cr_expect_eq(h.ack.n, 0x01020304);
	cr_expect_eq(h.hdr_len, 24);
	cr_expect_eq(h.flags, TCP_SYN | TCP_ACK, "the reserved bits are not flags");
	cr_expect_eq(h.wnd, 64240);
	cr_expect_eq(h.urg, 7);
	cr_expect_eq(h.opts.has, TCP_HAS_MSS);
	cr_expect_eq(h.opts.mss, 1460);
	free(p);
}

/* F02 */
Test(tcp, data_offset_must_lie_between_the_header_and_the_end)
{
	uint8_t octets[TCP_HDR_MAX] = { 0 };
	struct tcp_hdr h;

	for (unsigned offset = 0; offset < 16; offset++) {
		for (uint32_t len = 0; len <= TCP_HDR_MAX; len++) {
			bool is_right = offset >= 5 && offset * 4 <= len;
			uint8_t *p;

			octets[12] = (uint8_t)(offset << 4);
			p = exact_copy(octets, len);
			cr_expect_eq(tcp_read(p, len, &h), is_right ? DROP_NONE : DROP_TCP_SHORT,
				"offset %u in %u octets", offset, len);
			free(p);
		}
	}
}

Test(tcp, header_without_options_has_none)
{
	uint8_t octets[TCP_HDR_LEN + 4] = { [12] = 0x50, [TCP_HDR_LEN] = 2, 4, 5, 0xb4 };
	struct tcp_hdr h;

	memset(&h, 0xff, sizeof(h));
	cr_assert_eq(tcp_read(octets, sizeof(octets), &h), DROP_NONE);
	cr_expect_eq(h.opts.has, 0, "text is not read as options");
}

Test(tcp, what_is_written_is_read_back)
{
	struct rand r;

	rand_seed(&r, 1);
	for (int i = 0; i < 3000; i++) {
		struct tcp_hdr out;
		struct tcp_hdr in;
		uint32_t len;
		uint8_t *p;

		fill_any(&r, &out, sizeof(out));
		out.opts.has = i % 2 == 0 ? 0 : TCP_HAS_TS;
		len = TCP_HDR_LEN + tcp_opts_len(&out.opts);
		p = malloc(len);
		cr_assert_eq(tcp_write(p, &out), len);
		cr_assert_eq(get_u16(p + TCP_SUM_AT), 0);
		cr_assert_eq(tcp_read(p, len, &in), DROP_NONE);
		cr_assert_eq(in.src_port, out.src_port);
		cr_assert_eq(in.dst_port, out.dst_port);
		cr_assert(seq_eq(in.seq, out.seq) && seq_eq(in.ack, out.ack));
		cr_assert_eq(in.wnd, out.wnd);
		cr_assert_eq(in.urg, out.urg);
		cr_assert_eq(in.flags, out.flags);
		cr_assert_eq(in.hdr_len, len);
		cr_assert_eq(in.opts.has, out.opts.has);
		if (in.opts.has != 0) {
			cr_assert_eq(in.opts.tsval, out.opts.tsval);
			cr_assert_eq(in.opts.tsecr, out.opts.tsecr);
		}
		free(p);
	}
}

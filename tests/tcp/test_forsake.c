/* SPDX-License-Identifier: BSD-3-Clause */

/* An address that another host has: connections from it are reset. RFC 5227 §2.4. */

#include <criterion/criterion.h>
#include <errno.h>

#include "kit/lab.h"
#include "wire/arp.h"

static struct lab l;

/** Another host says that our address is his. */
static void
claim(void)
{
	const struct mac his = { { 2, 0, 0, 0, 0, 0x77 } };
	const struct arp_msg msg = {
		.op = ARP_REQUEST, .sha = his, .spa = LAB_ADDR, .tpa = LAB_ADDR
	};
	uint8_t b[ETH_HDR_LEN + ARP_LEN];

	eth_write(b, &(struct eth_hdr){ MAC_BROADCAST, his, ETH_TYPE_ARP, 0, 0 });
	arp_write(b + ETH_HDR_LEN, &msg);
	cr_assert_eq(baro_port_input(l.port, b, sizeof(b)), 0);
	lab_poll(&l);
}

/* A14 */
Test(tcp_forsake, connections_of_an_address_given_up_are_reset)
{
	const struct baro_config config = { .core.seed = 1, .neighbour.give_up = BARO_ON };

	lab_open(&l, &config);
	lab_establish(&l, LAB_PLAIN);
	claim();
	lab_skip_all(&l); /* it is defended once, by ARP */
	lab_state_is(&l, TCP_ST_ESTABLISHED);
	claim();
	lab_sends(&l, SEG(RST_ACK, .seq = 1, .ack = 1));
	lab_sends_nothing(&l);
	cr_expect_eq(l.app.n_closed, 1);
	cr_expect_eq(l.app.err, -EADDRNOTAVAIL);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .data = "x"));
	lab_sends_nothing(&l); /* it is nobody's */
	lab_dropped(&l, DROPPED(DROP_ARP_CONFLICT, 2), DROPPED(DROP_IP_NOT_OURS, 1));
	lab_close(&l);
}

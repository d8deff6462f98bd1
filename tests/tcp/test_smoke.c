/* SPDX-License-Identifier: BSD-3-Clause */
/* The shortest story: open, one request, one answer, close. */

#include <criterion/criterion.h>

#include "kit/lab.h"

Test(tcp_story, request_and_response_then_the_peer_closes)
{
	struct lab l;

	lab_open(&l, NULL);
	l.app.echoes = true;
	l.app.closes_on_eof = true;
	lab_establish(&l, LAB_WITH_ALL);
	lab_recv(&l, SEG(PSH, .seq = 1, .ack = 1, .len = 10));
	lab_has_read(&l, 10);
	lab_sends(&l, SEG(PSH, .seq = 1, .ack = 11, .len = 10));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(FIN, .seq = 11, .ack = 11));
	lab_sends(&l, SEG(FIN, .seq = 11, .ack = 12));
	lab_sends_nothing(&l);
	lab_recv(&l, SEG(ACK, .seq = 12, .ack = 12));
	lab_sends_nothing(&l);
	lab_dropped_nothing(&l);
	lab_close(&l);
}

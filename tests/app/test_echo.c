/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdlib.h>
#include <string.h>

#include "../../app/echo/echo.h"
#include "web.h"

TestSuite(echo);

static struct fake_client *
begin(size_t sndbuf)
{
	cr_assert_eq(echo_start(fake_core(), 7), 0);
	return fake_connect(7, sndbuf);
}

Test(echo, sends_back_what_it_receives)
{
	struct fake_client *f = begin(0);

	say(f, "hello ");
	say(f, "world");
	cr_expect_str_eq(fake_heard(f), "hello world");
	fake_say_pieces(f, "0123456789", 10, 1);
	cr_expect_str_eq(fake_heard(f), "hello world0123456789");
	fake_free(f);
}

Test(echo, closes_when_everything_is_echoed)
{
	struct fake_client *f = begin(0);

	say(f, "last words");
	fake_finish(f);
	cr_expect_str_eq(fake_heard(f), "last words");
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

Test(echo, leaves_unread_what_a_reader_who_stalls_does_not_take)
{
	struct fake_client *f = begin(1000);
	char octets[3000];

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)('a' + i % 26);
	fake_stall(f);
	fake_say_pieces(f, octets, sizeof(octets), 7);
	fake_finish(f);
	cr_expect_eq(fake_heard_len(f), 1000);
	cr_expect_eq(fake_recv_queued(f), 2000);
	cr_expect_eq(fake_end(f), FAKE_OPEN);
	fake_drain(f);
	cr_expect_eq(fake_heard_len(f), 3000);
	cr_expect_arr_eq(fake_heard(f), octets, sizeof(octets));
	cr_expect_eq(fake_end(f), FAKE_CLOSED);
	fake_free(f);
}

Test(echo, answers_datagrams)
{
	char answer[64] = "";

	fake_free(begin(0));
	cr_expect_eq(fake_datagram(7, 40000, "ping", 4, answer), 4);
	cr_expect_str_eq(answer, "ping");
	cr_expect_eq(fake_datagram(7, 40000, "", 0, answer), 0);
	cr_expect_eq(fake_datagram(7, 7, "loop", 4, answer), -1, "another echo service");
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Delivery rate samples; see the header. Names are the draft's. */

#include "tcp/rate.h"

void
rate_sent(struct tcp_conn *c, struct tcp_rate_mark *m, uint32_t flight, uint64_t now_ns)
{
	if (c->sent_head == NULL) { /* a new flight: nothing before it tells about its rate */
		c->first_sent_ns = now_ns;
		c->delivered_ns = now_ns;
	}
	m->delivered = c->delivered;
	m->delivered_ns = c->delivered_ns;
	m->first_sent_ns = c->first_sent_ns;
	m->found_lost = c->found_lost;
	m->flight = flight & INT32_MAX;
	m->is_app_limited = c->app_limited != 0;
}

void
rate_delivered(struct tcp_conn *c, const struct tcp_rate_mark *m, uint64_t sent_ns, uint32_t len,
	struct tcp_rate *r)
{
	c->delivered += len;
	c->delivered_ns = r->now_ns;
	if (r->is_valid && sent_ns < r->sent_ns)
		return;
	r->is_valid = true;
	r->sent_ns = sent_ns;
	r->elapsed_ns = max_u64(sent_ns - m->first_sent_ns, r->now_ns - m->delivered_ns);
	r->prior_delivered = m->delivered;
	r->prior_flight = m->flight;
	r->prior_lost = m->found_lost;
	r->is_app_limited = m->is_app_limited;
	c->first_sent_ns = sent_ns;
}

/** The flight in which the application was short of text has been delivered. */
static void
end_app_limited(struct tcp_conn *c)
{
	if (c->app_limited != 0 && (int32_t)((uint32_t)c->delivered - c->app_limited) > 0)
		c->app_limited = 0;
}

static uint64_t
per_second(uint64_t octets, uint64_t ns)
{
	return ns != 0 ? octets * NS_PER_SEC / ns : 0;
}

void
rate_close(struct tcp_conn *c, const struct tcp_rate *r, struct tcp_cc_sample *sample)
{
	end_app_limited(c);
	if (!r->is_valid)
		return;
	sample->prior_delivered = r->prior_delivered;
	sample->prior_flight = r->prior_flight;
	sample->prior_lost = c->found_lost - r->prior_lost;
	sample->is_app_limited = r->is_app_limited;
	c->rate_ns = r->elapsed_ns;
	c->rate_octets = (uint32_t)min_u64(c->delivered - r->prior_delivered, UINT32_MAX);
	if (c->cc->wants_rate) /* the division is made only for those who look */
		sample->rate = rate_last(c);
}

uint64_t
rate_last(const struct tcp_conn *c)
{
	return per_second(c->rate_octets, c->rate_ns);
}

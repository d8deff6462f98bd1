/* SPDX-License-Identifier: BSD-3-Clause */

/* Telemetry: the cores' tables, asked for page by page. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tables.h"
#include "runtime/tel.h"

enum {
	INFO_ROWS = 8, /* with what TCP knows of the way: a page of them fits an answer */
	/* a cursor of telemetry: the core in the high 8 bits, the table's own below */
	CORE_SHIFT = 56,
};

struct table {
	const char *name;
	mailbox_slice slice;
	void (*tell)(const struct table_page *page, unsigned i, struct rte_tel_data *row);
	bool is_same_on_all; /* every core has the same rows: the first one's will do */
};

static void
add_endpoint(struct rte_tel_data *row, const char *name, const struct baro_endpoint *ep)
{
	char text[BARO_ENDPOINT_STRLEN];

	rte_tel_data_add_dict_string(row, name, baro_endpoint_format(ep, text));
}

static void
add_addr(struct rte_tel_data *row, const char *name, const struct baro_addr *addr, int prefix_len)
{
	char text[BARO_ADDR_STRLEN];
	char both[BARO_ADDR_STRLEN + 4];

	baro_addr_format(addr, text);
	if (prefix_len >= 0)
		snprintf(both, sizeof(both), "%s/%d", text, prefix_len);
	rte_tel_data_add_dict_string(row, name, prefix_len >= 0 ? both : text);
}

static void
add_ms(struct rte_tel_data *row, const char *name, uint64_t ns)
{
	rte_tel_data_add_dict_u64(row, name, ns / NS_PER_MS);
}

static void
add_us(struct rte_tel_data *row, const char *name, uint64_t ns)
{
	rte_tel_data_add_dict_u64(row, name, ns / NS_PER_US);
}

static void
add_options(const struct baro_tcp_info *i, struct rte_tel_data *row)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%s%s%s", i->has_timestamps ? "ts " : "",
		i->has_sack ? "sack " : "", i->has_ecn ? "ecn " : "",
		i->has_fastopen ? "fastopen " : "");
	text[strlen(text) != 0 ? strlen(text) - 1 : 0] = '\0';
	rte_tel_data_add_dict_string(row, "options", text);
	if (i->has_wscale) {
		snprintf(text, sizeof(text), "%u,%u", i->snd_wscale, i->rcv_wscale);
		rte_tel_data_add_dict_string(row, "wscale", text);
	}
}

/* What `ss -ti` shows, by ss's names where it has one; the rest by TCP_INFO's. */
static void
add_info(const struct baro_tcp_info *i, struct rte_tel_data *row)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "mss", i->snd_mss },
		{ "rcvmss", i->rcv_mss },
		{ "advmss", i->advmss },
		{ "pmtu", i->pmtu },
		{ "cwnd", i->cwnd },
		{ "ssthresh", i->ssthresh },
		{ "snd_wnd", i->snd_wnd },
		{ "rcv_wnd", i->rcv_wnd },
		{ "in_flight", i->in_flight },
		{ "unsent", i->snd_unsent },
		{ "lost", i->lost },
		{ "sacked", i->sacked },
		{ "out_of_order", i->rcv_out_of_order },
		{ "snd_buf", i->snd_buf },
		{ "rcv_buf", i->rcv_buf },
		{ "bytes_acked", i->octets_acked },
		{ "bytes_received", i->octets_received },
		{ "segs_out", i->segs_out },
		{ "segs_in", i->segs_in },
		{ "retrans", i->retransmits },
		{ "timeouts", i->timeouts },
		{ "recoveries", i->recoveries },
		{ "undone", i->undone },
		{ "tlp", i->probes },
		{ "reordering", i->reordering },
		{ "delivery_rate", i->delivery_rate },
		{ "pacing_rate", i->pacing_rate },
	};

	rte_tel_data_add_dict_string(row, "cc", i->congestion);
	add_options(i, row);
	add_us(row, "rtt_us", i->rtt_ns);
	add_us(row, "rttvar_us", i->rttvar_ns);
	add_us(row, "minrtt_us", i->min_rtt_ns);
	add_ms(row, "rto_ms", i->rto_ns);
	add_ms(row, "age_ms", i->age_ns);
	add_ms(row, "lastsnd_ms", i->last_sent_ns);
	add_ms(row, "lastrcv_ms", i->last_rcvd_ns);
	for (size_t n = 0; n < ARRAY_LEN(numbers); n++)
		rte_tel_data_add_dict_u64(row, numbers[n].name, numbers[n].value);
}

static void
tell_socket(const struct table_page *page, unsigned i, struct rte_tel_data *row)
{
	const struct socket_row *s = &page->row.socket[i];

	add_endpoint(row, "local", &s->local);
	add_endpoint(row, "foreign", &s->foreign);
	if (s->state[0] != '\0')
		rte_tel_data_add_dict_string(row, "state", s->state);
	rte_tel_data_add_dict_u64(row, "recv_q", s->recv_q);
	rte_tel_data_add_dict_u64(row, "send_q", s->send_q);
	if (s->timer[0] != '\0') {
		rte_tel_data_add_dict_string(row, "timer", s->timer);
		add_ms(row, "timer_ms", s->timer_ns);
		rte_tel_data_add_dict_u64(row, "retries", s->retries);
	}
	if (s->has_info)
		add_info(&s->info, row);
}

static void
tell_neigh(const struct table_page *page, unsigned i, struct rte_tel_data *row)
{
	const struct neigh_row *n = &page->row.neigh[i];
	char mac[18] = "";

	if (n->has_mac)
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1],
			n->mac[2], n->mac[3], n->mac[4], n->mac[5]);
	add_addr(row, "address", &n->addr, -1);
	rte_tel_data_add_dict_string(row, "mac", mac);
	rte_tel_data_add_dict_string(row, "state", n->state);
	rte_tel_data_add_dict_string(row, "interface", n->iface);
	rte_tel_data_add_dict_u64(row, "parked", n->n_parked);
	if (n->confirmed_ns != 0)
		add_ms(row, "confirmed_ms", n->confirmed_ns);
}

static void
tell_route(const struct table_page *page, unsigned i, struct rte_tel_data *row)
{
	const struct baro_route *r = &page->row.route[i];

	add_addr(row, "destination", &r->dest, r->prefix_len);
	add_addr(row, "gateway", &r->gateway, -1);
	rte_tel_data_add_dict_string(row, "interface", r->iface);
	rte_tel_data_add_dict_u64(row, "metric", r->metric);
	rte_tel_data_add_dict_string(row, "kind", r->is_connected ? "connected" : "static");
}

static void
tell_addr(const struct table_page *page, unsigned i, struct rte_tel_data *row)
{
	const struct baro_iface_addr *a = &page->row.addr[i];

	rte_tel_data_add_dict_string(row, "interface", a->iface);
	add_addr(row, "address", &a->addr, a->prefix_len);
	rte_tel_data_add_dict_u64(row, "mtu", a->mtu);
}

/* A page of core @core's. @return 0, -errno */
static int
ask_page(const struct telemetry *t, const struct table *table, unsigned core,
	struct table_page *page, struct rte_tel_data *rows)
{
	unsigned before = page->n;
	int err = crew_ask(t->crew, core, table->slice, page);

	for (unsigned i = before; err == 0 && i < page->n; i++) {
		struct rte_tel_data *row = tel_row(rows, i);

		if (row == NULL)
			return -ENOMEM;
		table->tell(page, i, row);
		if (!table->is_same_on_all)
			rte_tel_data_add_dict_u64(row, "core", core);
	}
	return err;
}

/* From @at on, core by core, until the page is full. @return 0, -errno */
static int
ask_cores(const struct telemetry *t, const struct table *table, uint64_t *at,
	struct table_page *page, struct rte_tel_data *rows)
{
	unsigned n_cores = table->is_same_on_all ? 1 : t->crew->n_cores;
	uint64_t core = *at >> CORE_SHIFT;

	page->at = *at & ((UINT64_C(1) << CORE_SHIFT) - 1);
	while (core < n_cores && page->n < page->n_wanted) {
		int err = ask_page(t, table, (unsigned)core, page, rows);

		if (err != 0)
			return err;
		if (page->at != TABLE_END)
			continue;
		page->at = TABLE_FIRST;
		core++;
	}
	*at = core < n_cores ? core << CORE_SHIFT | page->at : TABLE_END;
	return 0;
}

static const char *
why(int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return "a core does not answer: its application's callback does not return";
	case -ESHUTDOWN:
		return "the program is beginning or ending; ask again";
	default:
		return "not enough memory for the answer";
	}
}

static int
tell_table(const struct telemetry *t, const char *params, const struct table *table,
	struct table_page *page, struct rte_tel_data *d)
{
	struct rte_tel_data *rows;
	uint64_t at;
	int err;

	if (!tel_number(params, "at", UINT64_MAX - 1, TABLE_FIRST, &at))
		return tel_refuse(d, "at: give the number that \"next\" was");
	rows = tel_rows();
	if (rows == NULL)
		return tel_refuse(d, "%s", why(-ENOMEM));
	err = ask_cores(t, table, &at, page, rows);
	tel_add_rows(d, table->name, rows, err == 0 ? at : TABLE_END);
	if (err != 0)
		rte_tel_data_add_dict_string(d, "error", why(err));
	return 0;
}

/* A page is too large for the stack of DPDK's threads. */
static int
tell(const struct telemetry *t, const char *params, const struct table *table, unsigned n_rows,
	struct rte_tel_data *d)
{
	struct table_page *page = calloc(1, sizeof(*page));
	bool only_listening = tel_flag(params, "listening");
	bool only_connected = tel_flag(params, "connected");

	if (page == NULL)
		return tel_refuse(d, "%s", why(-ENOMEM));
	page->n_wanted = n_rows;
	page->wants_info = tel_flag(params, "info");
	page->wants_listening = only_listening || !only_connected;
	page->wants_connected = only_connected || !only_listening;
	tell_table(t, params, table, page, d);
	free(page);
	return 0;
}

int
tel_tcp_sockets(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct table table = { "sockets", table_tcp, tell_socket, false };

	return tell(t, params, &table, tel_flag(params, "info") ? INFO_ROWS : TABLE_PAGE, d);
}

int
tel_udp_sockets(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct table table = { "sockets", table_udp, tell_socket, false };

	return tell(t, params, &table, TABLE_PAGE, d);
}

int
tel_arp(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct table table = { "neighbours", table_neigh, tell_neigh, false };

	return tell(t, params, &table, TABLE_PAGE, d);
}

int
tel_routes(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct table table = { "routes", table_routes, tell_route, true };

	return tell(t, params, &table, TABLE_PAGE, d);
}

int
tel_interfaces(const struct telemetry *t, const char *params, struct rte_tel_data *d)
{
	static const struct table table = { "interfaces", table_addrs, tell_addr, true };

	return tell(t, params, &table, TABLE_PAGE, d);
}

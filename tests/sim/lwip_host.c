/* SPDX-License-Identifier: BSD-3-Clause */

#include "sim/lwip_host.h"

#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
#include <string.h>

#include "base/time.h"

enum { MTU = 1500 };

static struct host {
	struct netif netif;
	struct baro_port_opts wire; /* transmit() and its user */
	uint64_t now_ns;
} host;

/* In place of the library's: lwIP's clock is the simulator's. Milliseconds. */
u32_t
sys_now(void)
{
	return (u32_t)(host.now_ns / NS_PER_MS);
}

/** LWIP_NETIF_TX_SINGLE_PBUF: one piece a frame. */
static err_t
send_frame(struct netif *netif, struct pbuf *p)
{
	struct iovec frame = { .iov_base = p->payload, .iov_len = p->len };

	(void)netif;
	if (p->len != p->tot_len)
		return ERR_IF;
	host.wire.transmit(&frame, 1, host.wire.user);
	return ERR_OK;
}

static err_t
init_netif(struct netif *netif)
{
	static const uint8_t mac[ETH_HWADDR_LEN] = { 2, 0, 0, 0, 0, 0x77 };

	netif->name[0] = 's';
	netif->name[1] = 'm';
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	netif->mtu = MTU;
	netif->hwaddr_len = ETH_HWADDR_LEN;
	memcpy(netif->hwaddr, mac, sizeof(mac));
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	return ERR_OK;
}

/** Not from PBUF_POOL: Debian's build reserves less for its buffers than it believes they hold. */
static void
take_frame(const void *frame, size_t len, void *user)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);

	(void)user;
	if (p == NULL)
		return;
	pbuf_take(p, frame, (u16_t)len);
	if (host.netif.input(p, &host.netif) != ERR_OK)
		pbuf_free(p);
}

static void
poll_timers(uint64_t now_ns, void *user)
{
	(void)user;
	host.now_ns = now_ns;
	sys_check_timeouts();
}

static uint64_t
next_timer(void *user)
{
	u32_t in_ms = sys_timeouts_sleeptime();

	(void)user;
	return in_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? BARO_NEVER
							: (sys_now() + (uint64_t)in_ms) * NS_PER_MS;
}

static const struct baro_sim_peer peer = { take_frame, poll_timers, next_timer };

ip_addr_t
lwip_host_addr(uint32_t v4)
{
	ip_addr_t addr = IPADDR4_INIT(lwip_htonl(v4));

	return addr;
}

void
lwip_host_open(struct baro_sim *sim, int end)
{
	ip4_addr_t addr = { lwip_htonl(0xc6120001u + (uint32_t)end) };
	ip4_addr_t mask = { lwip_htonl(0xffffff00u) };
	ip4_addr_t none = { 0 };

	baro_sim_end(sim, end, &host.wire);
	baro_sim_join_peer(sim, end, &peer, NULL);
	lwip_init();
	netif_add(&host.netif, &addr, &mask, &none, NULL, init_netif, ethernet_input);
	netif_set_default(&host.netif);
	netif_set_link_up(&host.netif);
	netif_set_up(&host.netif);
}

/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through stack.h. */

/* getsockopt() and setsockopt(): a row for each option, over those of connections and UDP sockets. */

#include <baro/socket.h>
#include <baro/tcp_info.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "socket/sock.h"
#include "socket/sock_group.h"
#include "socket/tcp_sock.h"

#include <linux/tcp.h> /* TCP_NODELAY, ...; behind ours, some of whose names it has, too */

/** What an option is, one way or another. */
struct option {
	int level;
	int name;
	int type;     /* SOCK_STREAM or SOCK_DGRAM alone; 0: both, as far as conn and udp say so */
	bool is_flag; /* anything but 0 is 1 */
	/* an int of these, for the two kinds of sockets; one more than its name, 0: not there */
	int conn;
	int udp;
	/* or an int of the socket's own; set NULL: cannot be set */
	int (*get)(struct sock *s, int *value);
	int (*set)(struct sock *s, int value);
	/* or no int: value_len is not 0, and @len at least that; read NULL: cannot be read, write NULL: set */
	socklen_t value_len;
	int (*read)(struct sock *s, void *value, socklen_t *len);
	int (*write)(struct sock *s, const void *value, socklen_t len);
};

static int
result(int rc)
{
	if (rc >= 0)
		return rc;
	errno = -rc;
	return -1;
}

/* SOL_SOCKET */

static int
get_reuse(struct sock *s, int *value)
{
	if (s->class->type == SOCK_DGRAM)
		return baro_udp_get(s->udp.udp, BARO_UDP_REUSEADDR, value);
	*value = s->reuses_addr;
	return 0;
}

static int
set_reuse(struct sock *s, int value)
{
	if (s->class->type == SOCK_DGRAM)
		return baro_udp_set(s->udp.udp, BARO_UDP_REUSEADDR, value);
	s->reuses_addr = value != 0;
	return 0;
}

static int
get_error(struct sock *s, int *value)
{
	*value = -sock_take_error(s);
	return 0;
}

static int
get_type(struct sock *s, int *value)
{
	*value = s->class->type;
	return 0;
}

static int
get_protocol(struct sock *s, int *value)
{
	*value = s->class->protocol;
	return 0;
}

static int
get_domain(struct sock *s, int *value)
{
	(void)s;
	*value = AF_INET;
	return 0;
}

static int
get_listening(struct sock *s, int *value)
{
	*value = s->class->type == SOCK_STREAM && s->tcp.stage == SOCK_LISTENING;
	return 0;
}

static int
get_lowat(struct sock *s, int *value)
{
	*value = (int)s->rcv_lowat;
	return 0;
}

static int
set_lowat(struct sock *s, int value)
{
	if (value < 0)
		return -EINVAL;
	s->rcv_lowat = max_u32((uint32_t)value, 1);
	sock_wake(s, EPOLLIN);
	return 0;
}

static int
read_linger(struct sock *s, void *value, socklen_t *len)
{
	struct linger linger = { 0 };
	int seconds;
	int rc = sock_tcp_get(s, BARO_TCP_LINGER, &seconds);

	if (rc != 0)
		return rc;
	linger.l_onoff = seconds >= 0;
	linger.l_linger = seconds >= 0 ? seconds : 0;
	memcpy(value, &linger, sizeof(linger));
	*len = sizeof(linger);
	return 0;
}

static int
write_linger(struct sock *s, const void *value, socklen_t len)
{
	struct linger linger;

	(void)len;
	memcpy(&linger, value, sizeof(linger));
	return sock_tcp_set(s, BARO_TCP_LINGER, linger.l_onoff != 0 ? linger.l_linger : -1);
}

static void
tell_time(uint64_t ns, void *value, socklen_t *len)
{
	const struct timeval tv = { .tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_usec = (suseconds_t)(ns % NS_PER_SEC / NS_PER_US) };

	memcpy(value, &tv, sizeof(tv));
	*len = sizeof(tv);
}

/** @return 0, -EDOM (as POSIX has it: no time) */
static int
take_time(const void *value, uint64_t *ns)
{
	struct timeval tv;

	memcpy(&tv, value, sizeof(tv));
	if (tv.tv_sec < 0 || tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	*ns = min_u64((uint64_t)tv.tv_sec, UINT32_MAX) * NS_PER_SEC +
	      (uint64_t)tv.tv_usec * NS_PER_US;
	return 0;
}

static int
read_rcv_timeout(struct sock *s, void *value, socklen_t *len)
{
	tell_time(s->rcv_timeout_ns, value, len);
	return 0;
}

static int
write_rcv_timeout(struct sock *s, const void *value, socklen_t len)
{
	(void)len;
	return take_time(value, &s->rcv_timeout_ns);
}

static int
read_snd_timeout(struct sock *s, void *value, socklen_t *len)
{
	tell_time(s->snd_timeout_ns, value, len);
	return 0;
}

static int
write_snd_timeout(struct sock *s, const void *value, socklen_t len)
{
	(void)len;
	return take_time(value, &s->snd_timeout_ns);
}

/* IPPROTO_TCP */

static int
get_cork(struct sock *s, int *value)
{
	*value = s->tcp.is_corked;
	return 0;
}

static int
set_cork(struct sock *s, int value)
{
	s->tcp.is_corked = value != 0;
	return sock_tcp_set(s, BARO_TCP_CORK, value);
}

static int
get_defer(struct sock *s, int *value)
{
	*value = (int)s->tcp.defer_s;
	return 0;
}

static int
set_defer(struct sock *s, int value)
{
	if (value < 0)
		return -EINVAL;
	sock_tcp_defer(s, (uint32_t)value);
	return 0;
}

static int
get_fast_limit(struct sock *s, int *value)
{
	*value = sock_tcp_fast_limit(s);
	return 0;
}

static int
read_info(struct sock *s, void *value, socklen_t *len)
{
	struct baro_tcp_info info;

	if (s->tcp.conn == NULL)
		return -ENOTCONN;
	baro_conn_info(s->tcp.conn, &info);
	if (*len > sizeof(info))
		*len = sizeof(info);
	memcpy(value, &info, *len);
	return 0;
}

static int
read_cc(struct sock *s, void *value, socklen_t *len)
{
	const char *name = sock_tcp_get_cc(s);
	socklen_t n = (socklen_t)strlen(name) + 1;

	if (*len > n)
		*len = n;
	memcpy(value, name, *len);
	return 0;
}

static int
write_cc(struct sock *s, const void *value, socklen_t len)
{
	char name[16];

	snprintf(name, sizeof(name), "%.*s", (int)len, (const char *)value);
	return sock_tcp_set_cc(s, name);
}

/* IPPROTO_IP */

static int
get_mtu(struct sock *s, int *value)
{
	struct baro_tcp_info info;

	if (s->tcp.conn == NULL)
		return -ENOTCONN;
	baro_conn_info(s->tcp.conn, &info);
	*value = info.pmtu;
	return 0;
}

static int
get_discover(struct sock *s, int *value)
{
	int has_df = 0;
	int rc = 0;

	if (s->class->type == SOCK_DGRAM)
		rc = baro_udp_get(s->udp.udp, BARO_UDP_DF, &has_df);
	*value = has_df != 0 ? IP_PMTUDISC_DO : IP_PMTUDISC_WANT;
	return rc;
}

static int
set_discover(struct sock *s, int value)
{
	if (value != IP_PMTUDISC_DO && value != IP_PMTUDISC_WANT)
		return -EINVAL;
	if (s->class->type == SOCK_DGRAM)
		return baro_udp_set(s->udp.udp, BARO_UDP_DF, value == IP_PMTUDISC_DO);
	return value == IP_PMTUDISC_WANT ? 0 : -EINVAL; /* TCP: RFC 1191, always */
}

/* -1: 1, the default (as on Linux) */
static int
set_group_ttl(struct sock *s, int value)
{
	return baro_udp_set(s->udp.udp, BARO_UDP_GROUP_TTL, value != -1 ? value : 1);
}

static int
get_group_ttl(struct sock *s, int *value)
{
	return baro_udp_get(s->udp.udp, BARO_UDP_GROUP_TTL, value);
}

/* Octets a second; -1, all bits: no limit, as on Linux */

static int
get_pacing(struct sock *s, int *value)
{
	int rc = sock_tcp_get(s, BARO_TCP_MAX_PACING_RATE, value);

	if (rc == 0 && *value == 0)
		*value = -1;
	return rc;
}

static int
set_pacing(struct sock *s, int value)
{
	return sock_tcp_set(s, BARO_TCP_MAX_PACING_RATE, value != -1 ? value : 0);
}

/* What datagrams come with */

static int
get_pktinfo(struct sock *s, int *value)
{
	*value = s->udp.wants_pktinfo;
	return 0;
}

static int
set_pktinfo(struct sock *s, int value)
{
	s->udp.wants_pktinfo = value != 0;
	return 0;
}

static int
get_recvttl(struct sock *s, int *value)
{
	*value = s->udp.wants_ttl;
	return 0;
}

static int
set_recvttl(struct sock *s, int value)
{
	s->udp.wants_ttl = value != 0;
	return 0;
}

static int
get_recvtos(struct sock *s, int *value)
{
	*value = s->udp.wants_tos;
	return 0;
}

static int
set_recvtos(struct sock *s, int value)
{
	s->udp.wants_tos = value != 0;
	return 0;
}

#define CONN(option) .conn = BARO_##option + 1
#define UDP(option)  .udp = BARO_UDP_##option + 1

/* clang-format off */
static const struct option options[] = {
	{ SOL_SOCKET, SO_REUSEADDR, .is_flag = true, .get = get_reuse, .set = set_reuse },
	{ SOL_SOCKET, SO_ERROR, .get = get_error },
	{ SOL_SOCKET, SO_TYPE, .get = get_type },
	{ SOL_SOCKET, SO_PROTOCOL, .get = get_protocol },
	{ SOL_SOCKET, SO_DOMAIN, .get = get_domain },
	{ SOL_SOCKET, SO_ACCEPTCONN, .get = get_listening },
	{ SOL_SOCKET, SO_BROADCAST, .is_flag = true, UDP(BROADCAST) },
	{ SOL_SOCKET, SO_KEEPALIVE, .is_flag = true, CONN(TCP_KEEPALIVE) },
	{ SOL_SOCKET, SO_SNDBUF, CONN(TCP_SNDBUF) },
	{ SOL_SOCKET, SO_RCVBUF, CONN(TCP_RCVBUF), UDP(RCVBUF) },
	{ SOL_SOCKET, SO_RCVLOWAT, SOCK_STREAM, .get = get_lowat, .set = set_lowat },
	{ SOL_SOCKET, SO_MAX_PACING_RATE, SOCK_STREAM, .get = get_pacing, .set = set_pacing },
	{ SOL_SOCKET, SO_LINGER, SOCK_STREAM, .value_len = sizeof(struct linger), .read = read_linger, .write = write_linger },
	{ SOL_SOCKET, SO_RCVTIMEO, .value_len = sizeof(struct timeval), .read = read_rcv_timeout, .write = write_rcv_timeout },
	{ SOL_SOCKET, SO_SNDTIMEO, .value_len = sizeof(struct timeval), .read = read_snd_timeout, .write = write_snd_timeout },

	{ IPPROTO_TCP, TCP_NODELAY, .is_flag = true, CONN(TCP_NODELAY) },
	{ IPPROTO_TCP, TCP_CORK, SOCK_STREAM, true, .get = get_cork, .set = set_cork },
	{ IPPROTO_TCP, TCP_MAXSEG, CONN(TCP_MAXSEG) },
	{ IPPROTO_TCP, TCP_KEEPIDLE, CONN(TCP_KEEPIDLE) },
	{ IPPROTO_TCP, TCP_KEEPINTVL, CONN(TCP_KEEPINTVL) },
	{ IPPROTO_TCP, TCP_KEEPCNT, CONN(TCP_KEEPCNT) },
	{ IPPROTO_TCP, TCP_SYNCNT, CONN(TCP_SYNCNT) },
	{ IPPROTO_TCP, TCP_LINGER2, CONN(TCP_LINGER2) },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, CONN(TCP_WINDOW_CLAMP) },
	{ IPPROTO_TCP, TCP_QUICKACK, .is_flag = true, CONN(TCP_QUICKACK) },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, CONN(TCP_USER_TIMEOUT) },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, CONN(TCP_NOTSENT_LOWAT) },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, SOCK_STREAM, .get = get_defer, .set = set_defer },
	{ IPPROTO_TCP, TCP_FASTOPEN, SOCK_STREAM, .get = get_fast_limit, .set = sock_tcp_set_fast_limit },
	{ IPPROTO_TCP, TCP_FASTOPEN_CONNECT, .is_flag = true, CONN(TCP_FASTOPEN_CONNECT) },
	{ IPPROTO_TCP, TCP_CONGESTION, SOCK_STREAM, .value_len = 1, .read = read_cc, .write = write_cc },
	{ IPPROTO_TCP, TCP_INFO, SOCK_STREAM, .value_len = 1, .read = read_info },

	{ IPPROTO_IP, IP_TOS, CONN(IP_TOS), UDP(TOS) },
	{ IPPROTO_IP, IP_TTL, CONN(IP_TTL), UDP(TTL) },
	{ IPPROTO_IP, IP_MTU, SOCK_STREAM, .get = get_mtu },
	{ IPPROTO_IP, IP_MTU_DISCOVER, .get = get_discover, .set = set_discover },
	{ IPPROTO_IP, IP_PKTINFO, SOCK_DGRAM, true, .get = get_pktinfo, .set = set_pktinfo },
	{ IPPROTO_IP, IP_RECVTTL, SOCK_DGRAM, true, .get = get_recvttl, .set = set_recvttl },
	{ IPPROTO_IP, IP_RECVTOS, SOCK_DGRAM, true, .get = get_recvtos, .set = set_recvtos },
	{ IPPROTO_IP, IP_MULTICAST_TTL, SOCK_DGRAM, .get = get_group_ttl, .set = set_group_ttl },
	{ IPPROTO_IP, IP_MULTICAST_LOOP, .is_flag = true, UDP(GROUP_LOOP) },
	{ IPPROTO_IP, IP_MULTICAST_IF, SOCK_DGRAM, .value_len = sizeof(struct in_addr), .read = sock_group_get_iface, .write = sock_group_set_iface },
	{ IPPROTO_IP, IP_ADD_MEMBERSHIP, SOCK_DGRAM, .value_len = sizeof(struct ip_mreq), .write = sock_group_join },
	{ IPPROTO_IP, IP_DROP_MEMBERSHIP, SOCK_DGRAM, .value_len = sizeof(struct ip_mreq), .write = sock_group_leave },
};
/* clang-format on */

/** NULL: there is none, or not for this kind of socket. */
static const struct option *
find_option(const struct sock *s, int level, int name)
{
	for (unsigned i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *o = &options[i];

		if (o->level != level || o->name != name)
			continue;
		if (o->get != NULL || o->value_len != 0)
			return o->type == 0 || o->type == s->class->type ? o : NULL;
		return (s->class->type == SOCK_STREAM ? o->conn : o->udp) != 0 ? o : NULL;
	}
	return NULL;
}

/** As sock_find(), and -ENOTSOCK, -ENOPROTOOPT. */
static int
find(int fd, int level, int name, struct sock **s, const struct option **o)
{
	int rc = sock_find(fd, s);

	if (rc != 0)
		return rc;
	if ((*s)->class->type == 0)
		return -ENOTSOCK;
	*o = find_option(*s, level, name);
	return *o != NULL ? 0 : -ENOPROTOOPT;
}

static int
get_int(struct sock *s, const struct option *o, int *value)
{
	if (o->get != NULL)
		return o->get(s, value);
	if (s->class->type == SOCK_STREAM)
		return sock_tcp_get(s, (enum baro_conn_option)(o->conn - 1), value);
	return baro_udp_get(s->udp.udp, (enum baro_udp_option)(o->udp - 1), value);
}

static int
set_int(struct sock *s, const struct option *o, int value)
{
	if (o->is_flag)
		value = value != 0;
	if (o->get != NULL)
		return o->set != NULL ? o->set(s, value) : -ENOPROTOOPT;
	if (s->class->type == SOCK_STREAM)
		return sock_tcp_set(s, (enum baro_conn_option)(o->conn - 1), value);
	return baro_udp_set(s->udp.udp, (enum baro_udp_option)(o->udp - 1), value);
}

/** What there is room for; for an option of IP an octet, if it holds it. */
static void
tell_int(const struct option *o, int n, void *value, socklen_t *len)
{
	uint8_t octet = (uint8_t)n;

	if (o->level == IPPROTO_IP && *len != 0 && *len < sizeof(n) && octet == n) {
		*len = sizeof(octet);
		memcpy(value, &octet, sizeof(octet));
		return;
	}
	if (*len > sizeof(n))
		*len = sizeof(n);
	memcpy(value, &n, *len);
}

static int
get_option(int fd, int level, int name, void *value, socklen_t *len)
{
	const struct option *o;
	struct sock *s;
	int n = 0;
	int rc = find(fd, level, name, &s, &o);

	if (rc != 0)
		return rc;
	if (o->value_len != 0 && o->read == NULL)
		return -ENOPROTOOPT;
	if (value == NULL || len == NULL)
		return -EFAULT;
	if (o->value_len != 0)
		return *len >= o->value_len ? o->read(s, value, len) : -EINVAL;
	rc = get_int(s, o, &n);
	if (rc == 0)
		tell_int(o, n, value, len);
	return rc;
}

/** An int, or an octet where BSD has one: options of IP take both, as on Linux. @return 0, -EINVAL (@len) */
static int
take_int(const struct option *o, const void *value, socklen_t len, int *n)
{
	if (len >= sizeof(*n))
		memcpy(n, value, sizeof(*n));
	else if (o->level == IPPROTO_IP && len != 0)
		*n = *(const uint8_t *)value;
	else
		return -EINVAL;
	return 0;
}

static int
set_option(int fd, int level, int name, const void *value, socklen_t len)
{
	const struct option *o;
	struct sock *s;
	int n;
	int rc = find(fd, level, name, &s, &o);

	if (rc != 0)
		return rc;
	if (o->value_len != 0 && o->write == NULL)
		return -ENOPROTOOPT;
	if (value == NULL)
		return -EFAULT;
	if (o->value_len != 0)
		return len >= o->value_len ? o->write(s, value, len) : -EINVAL;
	rc = take_int(o, value, len, &n);
	return rc == 0 ? set_int(s, o, n) : rc;
}

int
baro_sock_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	return result(get_option(fd, level, name, value, len));
}

int
baro_sock_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return result(set_option(fd, level, name, value, len));
}

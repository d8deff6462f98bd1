/* SPDX-License-Identifier: BSD-3-Clause
 * DPDK glue: through udp.h. */

/*
 * What the network says about datagrams that it did not deliver: RFC 1122 §4.1.3.3, RFC 8085 §5.2. The
 * application hears of each word once. Whoever says it may be an attacker who sees nothing; but he must know
 * both ports, and a connected socket stays open whatever it hears.
 */

#include <errno.h>

#include "udp/udp.h"
#include "wire/icmp.h"

/** What an error says. */
struct meaning {
	int err;
	bool is_hard; /* asking again is of no use */
};

/** RFC 1812 §5.2.7.1's codes, as Linux sees them. */
static struct meaning
unreachable(uint8_t code)
{
	switch (code) {
	case ICMP_UNREACH_PORT:
		return (struct meaning){ -ECONNREFUSED, true };
	case ICMP_UNREACH_PROTO:
		return (struct meaning){ -ENOPROTOOPT, true };
	case ICMP_UNREACH_FRAG:
		return (struct meaning){ -EMSGSIZE, true };
	case ICMP_UNREACH_NET:
	case ICMP_UNREACH_NET_TOS:
		return (struct meaning){ -ENETUNREACH, false };
	case ICMP_UNREACH_NET_UNKNOWN:
	case ICMP_UNREACH_NET_PROHIBITED:
		return (struct meaning){ -ENETUNREACH, true };
	case ICMP_UNREACH_HOST_UNKNOWN:
	case ICMP_UNREACH_HOST_PROHIBITED:
	case ICMP_UNREACH_FILTERED:
		return (struct meaning){ -EHOSTUNREACH, true };
	default:
		return (struct meaning){ -EHOSTUNREACH, false };
	}
}

static struct meaning
meaning_of(const struct icmp_note *note)
{
	if (note->type == ICMP_UNREACHABLE)
		return unreachable(note->code);
	if (note->type == ICMP_PARAMETER)
		return (struct meaning){ -EPROTO, true };
	return (struct meaning){ -EHOSTUNREACH, false }; /* time exceeded */
}

/* Who sent it? */
static struct udp_sock *
find_sender(const struct udp *udp, const struct icmp_note *note)
{
	const struct flow f = { note->src, note->dst, note->src_port, note->dst_port };
	struct udp_sock *s = NULL;

	if (flowtab_count(&udp->flows) != 0)
		s = udp_find_connected(udp, &f);
	return s != NULL ? s : udp_find(udp, note->src, note->src_port);
}

/* RFC 1191 §3: only what may not be fragmented can be too big. @return what the way carries; 0: a lie */
static uint16_t
learn_mtu(struct udp *udp, const struct udp_sock *s, const struct icmp_note *note, uint64_t now_ns)
{
	struct ip_path path;

	if (!s->has_df || note->mtu >= note->len)
		return 0;
	ip_pmtu_learn(udp->ip, note->dst, note->mtu, note->len, now_ns);
	return ip_find_path(udp->ip, note->dst, now_ns, &path) == 0 ? path.mtu : 0;
}

enum drop
udp_icmp(struct udp *udp, const struct icmp_note *note, uint64_t now_ns)
{
	struct udp_sock *s = find_sender(udp, note);
	struct meaning what = meaning_of(note);
	uint16_t mtu = 0;

	if (s == NULL)
		return DROP_ICMP_QUOTE;
	if (what.err == -EMSGSIZE) {
		mtu = learn_mtu(udp, s, note, now_ns);
		if (mtu == 0)
			return DROP_ICMP_QUOTE;
	}
	if (!s->wants_errors) {
		if (udp_is_connected(s) && what.is_hard)
			s->err = (int16_t)what.err;
		return DROP_NONE;
	}
	if (udp->n_errors == UDP_ERRORS_MAX)
		return DROP_UDP_ERRORS_FULL;
	udp->error[udp->n_errors++] = (struct udp_error){
		.sock = s, .note = *note, .err = what.err, .is_hard = what.is_hard, .mtu = mtu
	};
	return DROP_NONE;
}

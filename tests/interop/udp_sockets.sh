#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Datagram sockets by baro/socket.h (tests/interop/udp_peer.c) with Linux around: a group whose members are
# the kernel and us, on the same link; and a host behind a router whose link carries less than ours.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/router.bash"
need_root
need ip ethtool python3 tcpdump

baro=198.18.0.2
group=239.18.0.1

# ask NS TEXT: the answer's length and its beginning; "nothing"
ask() {
	in_ns "$1" python3 - "$baro" "$2" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.bind(('', 5002))
s.sendto(sys.argv[2].encode(), (sys.argv[1], 5000))
try:
    d = s.recv(65536)
    print(len(d), d.strip(b'\0').decode())
except TimeoutError:
    print('nothing')
PY
}

# The kernel as a member: it says TEXT to the group, and hears what we answer there. With its TTL.
say() {
	in_ns "$router" python3 - "$group" "$1" <<'PY'
import socket, struct, sys
group, own = sys.argv[1], socket.inet_aton('198.18.0.1')
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.bind((group, 5001))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + own)
s.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
out.sendto(sys.argv[2].encode(), (group, 5000))
try:
    d, control, flags, who = s.recvmsg(1500, 100)
    print(d.decode(), who[0], struct.unpack('i', control[0][2])[0])
except TimeoutError:
    print('nothing')
PY
}

# True once the capture has an IGMPv3 record of ours: reported KIND (is_ex, to_in)
told() {
	grep -qE "198.18.0.2 > 224.0.0.22: igmp v3 report.*\[gaddr $group $1 *\{ *\}\]" "$tap_dir/igmp"
}

# The kernel as a querier: what we say then is in the capture.
query() {
	in_ns "$router" python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('198.18.0.1'))
q = bytes([0x11, 5, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0])
n = sum(int.from_bytes(q[i:i + 2], 'big') for i in range(0, 12, 2))
s.sendto(q[:2] + (0xffff - n).to_bytes(2, 'big') + q[4:], ('224.0.0.1', 0))"
}

multicast() {
	is 'a member hears the group, and the group hears it' "$(say hello)" "hello $baro 3"
	query
	check 'a router that asks is told of the membership' wait_for 5 told is_ex
	is 'a datagram to the host itself is heard, too' "$(ask "$router" 'send 7')" '7 '
	say leave >/dev/null
	check 'it is told of the leaving' wait_for 5 told to_in
	is 'who has left hears nothing' "$(say hello)" nothing
}

# D11: a router's word on what its link carries
path_mtu() {
	ip -n "$router" link set files mtu 1000
	ip -n "$files" link set eth0 mtu 1000
	is 'too long for the way: the router drops the first' "$(ask "$files" 'send-df 1200')" nothing
	is 'the sender is told' "$(ask "$files" 'send-df 1200')" '8 EMSGSIZE'
	is 'and knows the way from now on' "$(ask "$files" 'send-df 973')" '8 EMSGSIZE'
	is 'what fits arrives' "$(ask "$files" 'send-df 972')" '972 '
	is 'in fragments all arrives' "$(ask "$files" 'send 5000')" '5000 '
	is 'the near host gets whole packets as before' "$(ask "$router" 'send-df 1400')" '1400 '
}

make_networks
start peer in_ns "$router" "$BARO_BUILD/tests/udp-peer" --no-huge -m 128 -l 0 --no-pci --file-prefix "peer$$" \
	--vdev=net_tap0,iface=baro0 -- --port0.address "$baro/24" --port0.host_address 198.18.0.1/24 \
	--port0.gateway 198.18.0.1
peer=$pid
if ! wait_for 30 ip -n "$router" link show baro0; then
	not_ok udp-peer 'its port does not come up'
	exit 1
fi
wait_for 10 in_ns "$router" ping -q -c1 -W1 "$baro"
start igmp in_ns "$router" tcpdump -i baro0 -nn -l -vv igmp
igmp_pid=$pid
ln -sf "$log" "$tap_dir/igmp"
sleep 1
multicast
path_mtu
stop "$igmp_pid" INT
stop "$peer"
is 'exit status' $? 0

#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# UDP against Linux: datagrams of every kind of length come back whole, broadcasts are answered by our own
# address, and a port that nobody has refuses a connected socket of Linux, once.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need ip python3

server=198.18.0.2

# Of each length one datagram; those beyond the MTU go in fragments both ways.
# E10, C10
echo_sizes() {
	in_ns "$lab" python3 - "$server" <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.settimeout(5)
s.connect((sys.argv[1], 7))
for n in (0, 1, 2, 63, 64, 255, 256, 257, 1471, 1472, 1473, 2953, 8972, 32768, 65506, 65507):
    sent = os.urandom(n)
    s.send(sent)
    got = s.recv(65536)
    assert got == sent, f'{n} octets: {len(got)} came back'
PY
}

in_order() {
	in_ns "$lab" python3 - "$server" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], 7))
for turn in range(50):
    for i in range(32):
        s.send(bytes([turn, i]))
    for i in range(32):
        assert s.recv(100) == bytes([turn, i])
PY
}

# RFC 1122 §4.1.3.5
broadcast() {
	in_ns "$lab" python3 - "$server" "$1" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'baro0')
s.settimeout(5)
s.sendto(b'who is there?', (sys.argv[2], 7))
assert s.recvfrom(100) == (b'who is there?', (sys.argv[1], 7))
PY
}

# E05, from the other side
refused() {
	in_ns "$lab" python3 - "$server" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], 4999))
s.send(b'x')
try:
    s.recv(100)
    sys.exit('an answer from a port that nobody has')
except ConnectionRefusedError:
    pass
PY
}

pings() {
	in_ns "$lab" python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect(('$server', 7))
s.send(b'x')
assert s.recv(10) == b'x'"
}

new_netns lab
start echo in_ns "$lab" "$BARO_ROOT/app/run"
if ! wait_for 60 pings; then
	not_ok 'echo by UDP' 'no answer'
	exit 1
fi
check 'datagrams of 0 to 65507 octets come back' echo_sizes
check 'bursts come back in order' in_order
check 'broadcast to the network is answered' broadcast 198.18.0.255
check 'broadcast to everybody is answered' broadcast 255.255.255.255
check 'port that nobody has refuses' refused
stop "$pid"
is 'exit status' $? 0

#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# TCP Fast Open with the kernel on the other side: curl as the client of baro-http, and the connects of
# fastopen-client to a server of Python's. What was on the SYNs a capture tells.
. "$(dirname "$0")/../kit/tap.sh"
need_root
need curl nstat python3 ss tcpdump

server=198.18.0.2
client=$BARO_BUILD/tests/fastopen-client

# SYNs of the capture $1, a line each.
syns() {
	tcpdump -nr "$1" 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null
}

capture() {
	start "$1" in_ns "$lab" tcpdump -Uni baro0 -w "$tap_dir/$1.pcap" tcp
	tcpdump_pid=$pid
	sleep 1
}

end_capture() {
	sleep 1
	stop "$tcpdump_pid" INT
}

# True when somebody listens on port 80.
is_listened_on() {
	in_ns "$lab" ss -Hltn 'sport = :80' | grep -q .
}

counter() {
	in_ns "$lab" nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'
}

as_server() {
	local http before
	new_netns lab
	in_ns "$lab" sysctl -qw net.ipv4.tcp_fastopen=1
	start http in_ns "$lab" "$BARO_ROOT/app/run" net_tap -- --tcp.fastopen on
	http=$pid
	if ! wait_for 120 in_ns "$lab" curl -s -m 5 -o /dev/null "http://$server/"; then
		not_ok 'server' 'it does not answer'
		return
	fi
	is 'first request asks for a cookie' "$(in_ns "$lab" curl -sS -m 5 --tcp-fastopen \
		"http://$server/bytes/5" | wc -c)" 5
	capture server
	before=$(counter TcpExtTCPFastOpenActive)
	is 'answer to text on the SYN' "$(in_ns "$lab" curl -sS -m 5 --tcp-fastopen \
		"http://$server/bytes/100000" | wc -c)" 100000
	end_capture
	is 'Linux saw its text acknowledged' "$(counter TcpExtTCPFastOpenActive)" $((before + 1))
	check 'SYN had a cookie and text' grep -qE 'Flags \[S\].*(tfo|cookie).*length [1-9]' \
		<(syns "$tap_dir/server.pcap")
	stop "$http"
	is 'exit status' $? 0
}

as_client() {
	new_netns lab
	in_ns "$lab" sysctl -qw net.ipv4.tcp_fastopen=2
	start python in_ns "$lab" python3 -u "$(dirname "$0")/fastopen_server.py"
	wait_for 60 is_listened_on
	start client in_ns "$lab" "$client" --no-huge -m 256 --no-pci --no-telemetry -l 0 \
		--vdev=net_tap0,iface=baro0 -- --port0.address=198.18.0.2/24 \
		--port0.host_address=198.18.0.1/24
	tap_ends_within "$pid" 600
	wait "$pid"
	is 'client ends' $? 0
	is 'connects' "$(grep -c '^answer hello' "$log")" 3
	is 'the first had no cookie' "$(sed -n 1p <(grep '^answer' "$log"))" 'answer hello plain'
	is 'the second had its text on the SYN' "$(sed -n 2p <(grep '^answer' "$log"))" \
		'answer hello fast'
	is 'and so had the third' "$(sed -n 3p <(grep '^answer' "$log"))" 'answer hello fast'
	is 'Linux took it from there' "$(counter TcpExtTCPFastOpenPassive)" 2
}

as_server
as_client

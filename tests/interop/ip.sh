#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# IP, ARP and ICMP with Linux around: a router, another gateway on the same link, a host far away.
#
#	baro 198.18.0.2 ---+--- router 198.18.0.254, 198.19.0.254 --- far 198.19.0.1
#	                   |
#	                 other 198.18.0.253, behind it 198.19.9.1; in VLAN 100 198.19.1.1
. "$(dirname "$0")/../kit/tap.sh"
# shellcheck disable=SC2086 # $gateway is an option and its value, or nothing
need_root
need arping curl ping tcpdump traceroute tshark

baro=198.18.0.2

# A veth pair between two namespaces: NS NAME NS NAME
join() {
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

set_up() {
	new_netns router
	new_netns far
	new_netns other
	in_ns "$router" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=1
	ip -n "$router" link add br0 type bridge
	ip -n "$router" addr add 198.18.0.254/24 dev br0
	ip -n "$router" link set br0 up
	in_ns "$router" sysctl -qw net.ipv4.conf.br0.send_redirects=1
	join "$router" far0 "$far" eth0
	ip -n "$router" addr add 198.19.0.254/24 dev far0
	ip -n "$far" addr add 198.19.0.1/24 dev eth0
	ip -n "$far" route add default via 198.19.0.254
	join "$router" other0 "$other" eth0
	ip -n "$router" link set other0 master br0
	in_ns "$other" sysctl -qw net.ipv4.ip_forward=1
	ip -n "$other" addr add 198.18.0.253/24 dev eth0
	ip -n "$other" addr add 198.19.9.1/32 dev lo
	ip -n "$router" route add 198.19.9.0/24 via 198.18.0.253
}

# start_baro NAME PROGRAM OPTIONS...: behind a tap on the bridge, $tap; at $address
start_baro() {
	local name=$1 program=$2 tap=${tap-baro0}
	shift 2
	start "$name" in_ns "$router" "$BARO_BUILD/app/$program" --no-pci --no-huge -m 128 -l 0 \
		--file-prefix "$tap_name-$$-$name" --vdev=net_tap0,iface="$tap" -- \
		--port0.address "${address-$baro/24}" "$@"
	# at once: what it sends before is lost
	for ((i = 0; i < 4000; i++)); do
		ip -n "$router" link set "$tap" master br0 up 2>/dev/null && break
		sleep 0.005
	done
}

gateway='--port0.gateway 198.18.0.254'

# ask NAME OPTIONS...: baro-ping, its output in $log, its exit status in $status
ask() {
	start_baro "$@" $gateway
	tap_ends_within "$pid" 300
	wait "$pid"
	status=$?
}

has() {
	check "$1" grep -qE "$2" "$3"
}

echoes() {
	local mac
	check 'a neighbour pings' in_ns "$other" ping -c3 -i0.2 -W2 "$baro"
	check 'a host behind the router pings' in_ns "$far" ping -c3 -i0.2 -W2 "$baro"
	# D01, C01, C02
	check '60,000 octets' in_ns "$far" ping -c2 -i0.5 -W3 -s 60000 "$baro"
	check '65,507 octets' in_ns "$other" ping -c2 -i0.5 -W3 -s 65507 "$baro"
	check 'a second address' in_ns "$other" ping -c2 -i0.2 -W2 198.18.0.3
	in_ns "$far" traceroute -U -n -w2 -q2 "$baro" >"$tap_dir/traceroute" 2>&1
	has 'traceroute -U ends at us' "^ *2 +$baro " "$tap_dir/traceroute"
	mac=$(ip -n "$other" neigh show "$baro" dev eth0 | grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}')
	is 'one MAC answers arping' \
		"$(in_ns "$other" arping -c2 -w3 -I eth0 "$baro" | grep -ioE '\[.*\]' | sort -u)" \
		"[${mac^^}]"
}

# Tagged frames pass the bridge: another stack of ours lives in VLAN 100, and Linux where it has VLANs.
vlan() {
	tap=baro1 address=198.19.1.1/24 gateway='' ask vlan baro-ping --port0.vlan 100 -c 2 -i 0.2 \
		198.19.1.2
	has 'an address of a VLAN answers in its VLAN' '2 packets transmitted, 2 received' "$log"
	if ! ip -n "$other" link add link eth0 name eth0.100 type vlan id 100 2>/dev/null; then
		skip 'an address of a VLAN, for Linux' 'this kernel makes no VLANs'
		return
	fi
	ip -n "$other" addr add 198.19.1.3/24 dev eth0.100
	ip -n "$other" link set eth0.100 up
	check 'an address of a VLAN, for Linux' in_ns "$other" ping -c2 -i0.2 -W2 198.19.1.2
}

# A14: another host says that our address is his
conflict() {
	in_ns "$other" timeout 8 tcpdump -i eth0 -nn -e -l arp >"$tap_dir/arp" 2>/dev/null &
	sleep 1.5
	in_ns "$other" arping -U -c2 -w2 -I eth0 -s "$baro" "$baro" >/dev/null 2>&1 ||
		{ ip -n "$other" addr add "$baro/32" dev lo
		in_ns "$other" arping -U -c2 -w2 -I eth0 -s "$baro" "$baro" >/dev/null 2>&1
		ip -n "$other" addr del "$baro/32" dev lo; }
	sleep 2
	wait $!
	is 'a claim to our address is defended once' \
		"$(grep -iE "^[0-9:.]+ $our_mac > ff:ff.*(who-has $baro .*tell $baro|Announcement $baro)" -c "$tap_dir/arp")" 1
	check 'and we keep it' in_ns "$far" ping -c2 -i0.2 -W2 "$baro"
}

# A04, A07: a neighbour lives on under another MAC, and so do its connections
moved() {
	local download
	check 'before the neighbour moves' in_ns "$other" ping -c1 -W2 "$baro"
	start download in_ns "$other" curl -sS -m 30 --limit-rate 1M -o /dev/null "http://$baro/bytes/3000000"
	download=$pid
	sleep 1
	ip -n "$other" link set eth0 down
	ip -n "$other" link set eth0 address 02:00:00:00:77:77
	ip -n "$other" link set eth0 up
	check 'a neighbour with a new MAC is answered' in_ns "$other" ping -c2 -i0.3 -W2 "$baro"
	wait "$download"
	is 'its download goes on' $? 0
}

# D11: the way to far carries less than our link
path_mtu() {
	ip -n "$router" link set far0 mtu 1000
	ip -n "$far" link set eth0 mtu 1000
	is 'a download over a way of 1000 octets' \
		"$(in_ns "$far" curl -sS -m 20 "http://$baro/bytes/1000000" | wc -c)" 1000000
	ip -n "$router" link set far0 mtu 1500
	ip -n "$far" link set eth0 mtu 1500
}

# No frame of ours is malformed or has a wrong checksum.
no_fault() {
	tshark -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
		-o udp.check_checksum:TRUE -o icmp.check_checksum:TRUE -Y \
		'_ws.malformed or ip.checksum.status == 0 or tcp.checksum.status == 0 or
		udp.checksum.status == 0 or icmp.checksum.status == 0' >"$tap_dir/faults" 2>/dev/null
	is 'tshark finds no malformed packet and no bad checksum' "$(wc -l <"$tap_dir/faults")" 0
	check 'and has seen some' test "$(tshark -r "$1" 2>/dev/null | wc -l)" -gt 100
}

serve() {
	local server capture
	start_baro server baro-http $gateway --port0.addresses 198.18.0.3/24 \
		--port0.vlans '100 198.19.1.2/24'
	server=$pid
	if ! wait_for 20 in_ns "$other" ping -c1 -W1 "$baro"; then
		not_ok 'ip' 'no answer to ping'
		return
	fi
	our_mac=$(ip -n "$other" neigh show "$baro" dev eth0 |
		grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}')
	start capture in_ns "$router" tcpdump -i br0 -s 0 -w "$tap_dir/ours.pcap" ether src "$our_mac"
	capture=$pid
	sleep 1
	echoes
	vlan
	path_mtu
	conflict
	moved
	sleep 1
	stop "$capture" INT
	no_fault "$tap_dir/ours.pcap"
	stop "$server"
	is 'exit status' $? 0
}

pings() {
	ask reply baro-ping -c 3 -i 0.2 198.19.0.1
	is 'baro-ping: exit status' "$status" 0
	has 'baro-ping: replies' '^64 bytes from 198.19.0.1: icmp_seq=3 ttl=63 time=[0-9.]+ ms$' "$log"
	has 'baro-ping: summary' '^3 packets transmitted, 3 received, 0% packet loss, time [0-9]+ms$' \
		"$log"
	has 'baro-ping: times' \
		'^rtt min/avg/max/mdev = [0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+ ms$' "$log"
	ask long baro-ping -c 2 -i 0.2 -q -s 60000 198.19.0.1
	has 'baro-ping: 60,000 octets, quiet' '2 packets transmitted, 2 received' "$log"
	is 'quiet is quiet' "$(grep -c 'bytes from' "$log")" 0
	ask net baro-ping -c 1 198.51.100.1
	is 'baro-ping: exit status without a reply' "$status" 1
	has 'baro-ping: net unreachable' '^From 198.18.0.254 icmp_seq=1 Destination Net Unreachable' \
		"$log"
	ask host baro-ping -c 1 198.19.0.77
	has 'baro-ping: host unreachable, by the router' \
		'^From 198.18.0.254 icmp_seq=1 Destination Host Unreachable' "$log"
	ask neighbour baro-ping -c 1 198.18.0.99
	has 'baro-ping: silent neighbour' \
		"^From $baro icmp_seq=1 Destination Host Unreachable" "$log"
	ask ttl baro-ping -c 1 -t 1 198.19.0.1
	has 'baro-ping: time to live' '^From 198.18.0.254 icmp_seq=1 Time to live exceeded' "$log"
	ip -n "$router" link set far0 mtu 1000
	ask frag baro-ping -c 2 -i 0.5 -s 1400 -M do 198.19.0.1
	has 'baro-ping: too big' 'icmp_seq=1 Frag needed and DF set \(mtu = 1000\)' "$log"
	has 'baro-ping: known to be too big' 'icmp_seq=2: Message too long' "$log"
	ip -n "$router" link set far0 mtu 1500
	ask wrong baro-ping -c none 198.19.0.1
	is 'baro-ping: exit status of a wrong option' "$status" 2
}

# D16: Linux tells of the gateway on our own link; then it forwards no more
redirect() {
	local before
	start_baro redirected baro-ping $gateway -i 0.2 198.19.9.1
	before=$pid
	wait_for 20 grep -q icmp_seq=5 "$log"
	in_ns "$router" sysctl -qw net.ipv4.conf.br0.forwarding=0 net.ipv4.ip_forward=0
	: >"$tap_dir/mark"
	local seen
	seen=$(grep -c 'bytes from' "$log")
	sleep 2
	check 'a redirect is followed' test "$(grep -c 'bytes from' "$log")" -gt $((seen + 4))
	in_ns "$router" sysctl -qw net.ipv4.ip_forward=1
	stop "$before"
	is 'and baro-ping is interrupted with a summary' "$(grep -c 'packets transmitted' "$log")" 1
}

# A11: an address that somebody has is not taken
probing() {
	ip -n "$other" addr add "$baro/24" dev eth0
	start_baro refused baro-ping $gateway --neighbour.acd on -c 1 198.19.0.1
	sleep 9
	is 'an address that is taken is not used' \
		"$(in_ns "$router" arping -c2 -w3 -I br0 "$baro" | grep -ciE '02:00:00:00:77:77')" 2
	stop "$pid"
	ip -n "$other" addr del "$baro/24" dev eth0
	start_baro probed baro-http $gateway --neighbour.acd on
	check 'an address that is free is used' wait_for 20 in_ns "$other" ping -c1 -W1 "$baro"
	stop "$pid"
}

set_up
serve
pings
redirect
probing

# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154
#
# Three namespaces, sourced after tests/kit/tap.sh:
#
#	$router  198.18.0.1 on baro0, the tap of our programs (198.18.0.2); it forwards
#	$names   198.18.2.2 and .3 behind it, for name servers
#	$files   198.18.1.2 behind it, for web servers
#
#	make_networks
#	run_tool get ARGUMENTS...    one of our programs, in $router; its own exit status

# link_networks NS NAME ROUTER-ADDRESS ADDRESS
link_networks() {
	ip link add "$2" netns "$router" type veth peer name eth0 netns "$1"
	ip -n "$router" addr add "$3/24" dev "$2"
	ip -n "$router" link set "$2" up
	ip -n "$1" addr add "$4/24" dev eth0
	ip -n "$1" link set eth0 up
	ip -n "$1" route add default via "$3"
	# a veth leaves checksums to hardware that does not exist
	in_ns "$1" ethtool -K eth0 tx off >/dev/null
	in_ns "$router" ethtool -K "$2" tx off >/dev/null
}

make_networks() {
	new_netns router
	new_netns names
	new_netns files
	in_ns "$router" sysctl -qw net.ipv4.ip_forward=1
	link_networks "$names" names 198.18.2.1 198.18.2.2
	link_networks "$files" files 198.18.1.1 198.18.1.2
	ip -n "$names" addr add 198.18.2.3/24 dev eth0
}

run_tool() {
	local tool=$1
	shift
	in_ns "$router" timeout 60 "$BARO_BUILD/app/baro-$tool" --config \
		"$BARO_ROOT/drivers-config/net_tap.conf" --port0.gateway 198.18.0.1 \
		--resolve.resolv_conf off "$@"
}

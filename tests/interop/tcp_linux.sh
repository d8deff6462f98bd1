#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# L17: Linux's TCP and ours through the same bad wires, each as the sender: every octet is right.
# bench/tcp-linux compares how fast they are over many more wires.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/../kit/octets.bash"
. "$(dirname "$0")/../kit/linux_tcp.bash"
need_root
need curl ethtool ip python3

octets=8388608

# through NAME FAULTS...
through() {
	local name=$1
	shift
	if ! linux_tcp_open newreno "$@"; then
		not_ok "$name" 'the server does not answer'
		return
	fi
	check "$name: what baro sends is right" linux_tcp_get "$octets"
	check "$name: what Linux sends is right" linux_tcp_put "$octets"
	linux_tcp_close
	is "$name: exit status" $? 0
}

through 'loss' --port0.fault.loss 0.5%
through 'reordering' --port0.fault.delay 2ms --port0.fault.reorder 1%
through 'both, far away' --port0.fault.delay 20ms --port0.fault.loss 0.1% --port0.fault.reorder 1%

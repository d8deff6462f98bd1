#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Shared memory: testpmd as client joins it with a tap, so that curl can use it.
. "$(dirname "$0")/../kit/tap.sh"
. "$(dirname "$0")/common.bash"
need_root
need ip curl ping python3 dpdk-testpmd
new_netns lab

run_profile net_memif
check 'says that it waits' grep -q 'link down: waits for its peer' "$log"
server=$pid
idles

# It wants two lcores, and may have them on one CPU: the last one, away from the stack.
bridge() {
	local cpu
	cpu=$(taskset -pc $$ | sed 's/.*[ ,-]//')
	exec dpdk-testpmd --lcores="0@$cpu,1@$cpu" --no-pci --no-huge --no-shconf -m 160 \
		--log-level='*:error' --vdev=net_memif0,role=client,socket=/run/baro.memif,rsize=11 \
		--vdev=net_tap0,iface=wire0 -- --forward-mode=io --auto-start --total-num-mbufs=8192 \
		--nb-cores=1 --stats-period=3600
}
export -f bridge

for round in 1 2; do
	start "testpmd$round" in_ns "$lab" bash -c bridge
	testpmd=$pid
	wait_for 20 in_ns "$lab" ip link show wire0
	in_ns "$lab" ip addr add 198.18.0.1/24 dev wire0
	in_ns "$lab" ip link set wire0 up
	check "client $round: ping" wait_for 20 in_ns "$lab" ping -q -c 3 -i 0.1 -W 1 198.18.0.2
	check "client $round: page" http_answers
	check "client $round: 8 MiB are right" bytes_are_right 8388608
	stop "$testpmd" INT 10
	wait_for 5 in_ns "$lab" bash -c '! ip link show wire0'
done

pid=$server
ends_clean

-- SPDX-License-Identifier: BSD-3-Clause
-- UDP echo over a range of flows: 50,000 source ports, frames of 64 octets.

package.path = package.path .. ";bench/pktgen/?.lua"
local baro = require "baro"

local function range(field, start, increment, min, max)
	local set = pktgen.range[field]

	set(baro.port, "start", start)
	set(baro.port, "inc", increment)
	set(baro.port, "min", min)
	set(baro.port, "max", max)
end

baro.single("udp", 64, 7)
pktgen.range.dst_mac(baro.port, "start", baro.server_mac)
pktgen.range.src_mac(baro.port, "start", baro.client_mac)
range("dst_ip", baro.server, "0.0.0.0", baro.server, baro.server)
range("src_ip", baro.client, "0.0.0.0", baro.client, baro.client)
range("dst_port", 7, 0, 7, 7)
range("src_port", 1024, 1, 1024, 51023)
range("pkt_size", 64, 0, 64, 64)
pktgen.range.ip_proto(baro.port, "udp")
pktgen.set_range(baro.port, "on")
local sent, received = baro.run(100, baro.seconds)
pktgen.set_range(baro.port, "off")
baro.tell("50,000 flows", sent, received, baro.seconds)

-- SPDX-License-Identifier: BSD-3-Clause
-- Round trips by UDP echo while nothing, some, and much else is asked.

package.path = package.path .. ";bench/pktgen/?.lua"
local baro = require "baro"

local function show(rate)
	local id = tonumber(baro.port)

	pktgen.latency(baro.port, "enable")
	pktgen.latency(baro.port, "rate", 1000) -- a probe a millisecond
	baro.run(rate, baro.seconds)
	local l = pktgen.pktStats(baro.port)[id].latency

	print(string.format("%.1f %% of the link: %d probes, %.2f us least, %.2f mean, %.2f most", rate, l.num_pkts,
		l.min_us, l.avg_us, l.max_us))
	pktgen.latency(baro.port, "disable")
end

baro.single("udp", 128, 7)
for _, rate in ipairs({ 0.1, 10, 50 }) do
	show(rate)
end

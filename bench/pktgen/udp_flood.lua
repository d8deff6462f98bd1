-- SPDX-License-Identifier: BSD-3-Clause
-- UDP echo, one flow, frames of 64 to 1518 octets: what comes back at full rate.

package.path = package.path .. ";bench/pktgen/?.lua"
local baro = require "baro"

for _, size in ipairs({ 64, 128, 256, 512, 1024, 1280, 1518 }) do
	baro.single("udp", size, 7)
	local sent, received = baro.run(100, baro.seconds)
	baro.tell(size .. " octets", sent, received, baro.seconds)
end

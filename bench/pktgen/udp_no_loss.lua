-- SPDX-License-Identifier: BSD-3-Clause
-- The highest rate of which all comes back (RFC 2544 section 26.1), by halving, to a half of a percent of the link.

package.path = package.path .. ";bench/pktgen/?.lua"
local baro = require "baro"

local function is_whole(rate, seconds)
	local sent, received = baro.run(rate, seconds)

	baro.tell(string.format("%.2f %%", rate), sent, received, seconds)
	return sent > 0 and received >= sent
end

for _, size in ipairs({ 64, 512, 1518 }) do
	local low, high = 0, 100

	baro.single("udp", size, 7)
	if is_whole(high, 2) then
		low = high
	end
	while high - low > 0.5 do
		local middle = (low + high) / 2

		if is_whole(middle, 2) then
			low = middle
		else
			high = middle
		end
	end
	print(string.format("%d octets: all comes back at %.1f %% of the link", size, low))
end

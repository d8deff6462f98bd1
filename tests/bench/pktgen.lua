-- SPDX-License-Identifier: BSD-3-Clause
-- In place of Pktgen: its library has these names and no other; the port sends 1000 packets a second and hears them all. What was
-- called is told at the end. lua pktgen.lua SCRIPT

local clock = { ms = 0, since = nil, sent = 0 }
local called = {}

local function noted(name, f)
	return function(...)
		called[#called + 1] = name .. "(" .. table.concat({ ... }, " ") .. ")"
		return f and f(...)
	end
end

local calls = {
	delay = function(ms)
		clock.ms = clock.ms + ms
	end,
	start = function()
		clock.since = clock.ms
	end,
	stop = function()
		if clock.since then
			clock.sent = clock.sent + clock.ms - clock.since
		end
		clock.since = nil
	end,
	clr = function()
		clock.sent = 0
	end,
	portStats = function(port)
		return { [tonumber(port)] = { curr = { opackets = clock.sent, ipackets = clock.sent } }, n = 1 }
	end,
	pktStats = function(port)
		return { [tonumber(port)] = { latency = { num_pkts = 7, min_us = 1.5, avg_us = 2.5, max_us = 9 } }, n = 1 }
	end,
}

local function library(names)
	local lib = {}

	for name in names:gmatch("%S+") do
		lib[name] = noted(name, calls[name])
	end
	return setmetatable(lib, {
		__index = function(_, name)
			error("Pktgen has no " .. name, 2)
		end,
	})
end

pktgen = library("set start stop set_mac set_ipaddr set_proto set_type process screen delay clr portStats pktStats latency set_range")
rawset(pktgen, "range", library("dst_mac src_mac dst_ip src_ip ip_proto dst_port src_port pkt_size"))

dofile(arg[1])
for _, one in ipairs(called) do
	print(one)
end

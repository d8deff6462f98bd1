-- SPDX-License-Identifier: BSD-3-Clause
-- What the scripts share: who is asked, and how a run is made. Pktgen's functions are those that its lpktgenlib.c registers.

local baro = {
	port = "0",
	server = "198.18.0.2",
	server_mac = "02:00:00:00:00:02",
	client = "198.18.0.1",
	client_mac = "02:00:00:00:00:01",
	seconds = 10,
}

-- The packet of single mode: SIZE octets with its frame check sequence, to PORT.
function baro.single(proto, size, port)
	pktgen.stop(baro.port)
	pktgen.screen("off")
	pktgen.set_mac(baro.port, "dst", baro.server_mac)
	pktgen.set_mac(baro.port, "src", baro.client_mac)
	pktgen.set_ipaddr(baro.port, "dst", baro.server)
	pktgen.set_ipaddr(baro.port, "src", baro.client .. "/24")
	pktgen.set_proto(baro.port, proto)
	pktgen.set_type(baro.port, "ipv4")
	pktgen.set(baro.port, "size", size)
	pktgen.set(baro.port, "sport", 1024)
	pktgen.set(baro.port, "dport", port)
	pktgen.set(baro.port, "count", 0)
	pktgen.process(baro.port, "on") -- it answers ARP, so that the server finds us
end

-- Packets that the port has sent and received; the table was flatter in older releases.
function baro.packets()
	local id = tonumber(baro.port)
	local stats = pktgen.portStats(baro.port, "port")[id]

	stats = stats.curr or stats
	return stats.opackets, stats.ipackets
end

-- Send at RATE percent of the link for SECONDS; packets sent and received.
function baro.run(rate, seconds)
	pktgen.set(baro.port, "rate", rate)
	pktgen.clr()
	pktgen.delay(200)
	local sent, received = baro.packets()
	pktgen.start(baro.port)
	pktgen.delay(seconds * 1000)
	pktgen.stop(baro.port)
	pktgen.delay(500) -- the last answers
	local sent_then, received_then = baro.packets()
	return sent_then - sent, received_then - received
end

function baro.tell(what, sent, received, seconds)
	print(string.format("%s: sent %.0f/s, received %.0f/s, %.4f %% lost", what, sent / seconds, received / seconds,
		sent == 0 and 0 or 100 * (1 - received / sent)))
end

return baro

-- SPDX-License-Identifier: BSD-3-Clause
-- Echo requests at full rate: answered as far as the server's limit lets it (icmp.echo_rate).

package.path = package.path .. ";bench/pktgen/?.lua"
local baro = require "baro"

baro.single("icmp", 98, 0)
local sent, received = baro.run(100, baro.seconds)
baro.tell("echo requests", sent, received, baro.seconds)

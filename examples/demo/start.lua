-- SPDX-License-Identifier: MIT
-- start.lua BOOTTIME PROGRAM [ARG…]: the program with its boottime moved; says by which route.
local timens = require "timens"

local boottime = table.remove(arg, 1)
local process = assert(timens.spawn(arg, {boottime = boottime}))
io.stderr:write("route ", process.route, "\n")
local ok = process:wait()
os.exit(ok and 0 or 1)

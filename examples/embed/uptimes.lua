-- SPDX-License-Identifier: MIT
-- For examples/embed/host: each thread sees a program that has been up for as many days as its number.
local timens = require "timens"

local number = ...
local result = assert(timens.run({ "uptime", "-p" }, { uptime = number .. "d1h30s", capture = true }))
io.write(("thread %d: %s"):format(number, result.stdout))

---@meta timens.busted
-- SPDX-License-Identifier: MIT
-- For the Lua language server: what `require "timens.busted"` gives.

---Tests of busted that run in a process of their own, with other uptime clocks.
---
---    local at = require("timens.busted").at
---    at("49d17h", "still answers", function() … end)
---
---The process is a copy of the one that runs the suite, made when the test's turn has come: the block
---sees all that a local one would, and what it changes stays there. before_each and after_each run
---outside. Its failures and its output are reported as if it were local.
---
---`assert.succeeds(timens.run(…))` is there too.
---@class timens.busted
local helper = {}

---@class timens.TestOptions
---@field timeout timens.Time? the test fails when it is over
---@field userns "auto"|"never"|"always"|nil as in timens.spawn

---A test, as `it`, in a process of its own where both uptime clocks read `time` at the start.
---Where that is not possible it is pending; with TIMENS_REQUIRE in the environment, not empty and not 0, it fails.
---@param time timens.Time with or without an @
---@param name string
---@param block fun()
---@param opts timens.TestOptions?
function helper.at(time, name, block, opts) end

---@class timens.PointOptions: timens.TestOptions
---@field lead timens.Time? how long before the point the test starts; nil: "5s"

---A test for each point, lead before it: "name u32-ms-5s". The block gets the point.
---@param points string[]? names of timens.points; nil: all that a clock can be set to so long before
---@param name string
---@param block fun(point: timens.Point)
---@param opts timens.PointOptions?
function helper.at_points(points, name, block, opts) end

return helper

-- SPDX-License-Identifier: MIT
-- Tests of busted in a process of their own: what library/timens/busted.lua documents.

local busted = require "busted"
if not busted.subscribe then
  error("timens.busted is for test files: run this with busted", 0)
end
local caller = require "timens.caller"
local checks = require "timens.checks"
local misuse = require "timens.misuse"
local names = require "timens.names"
local options = require "timens.options"
local run_apart = require "timens.apart"
local times = require "timens.times"
local timens = require "timens"

require "timens.luassert"

local helper = {}

local function register(name, test)
  times.deadline(test.timeout) -- a wrong one is told here
  local level = caller()
  local place = debug.getinfo(level, "Sl")
  place.traceback, place.message = debug.traceback("", level):match "^(.-\n)%s*%[C%]", name
  test.place = place
  busted.publish({ "register", "it" }, name, function()
    run_apart(test)
  end, place)
end

-- As timens.enter is given it afterwards, so by its name and not by its number.
local function userns_name(value, name)
  return checks.enter.userns(value, name) and value
end

local test_checks = { timeout = checks.run.timeout, userns = userns_name }
local point_checks = { timeout = checks.run.timeout, userns = userns_name, lead = checks.run.timeout }

local function check(name, block)
  names.text(name, "name")
  if type(block) ~= "function" then
    misuse("block: expected a function, got %s", names.kind(block))
  end
end

-- What is wrong with a time is told where it is written, and not test by test.
local function checked(reading, message)
  if not reading then
    misuse("%s", message)
  end
  return reading
end

function helper.at(time, name, block, opts)
  check(name, block)
  local taken = options.check(opts, test_checks)
  local reading = checked(times.at(time, "time"))
  register(name, {
    opts = { uptime = reading, userns = taken.userns },
    block = block,
    timeout = taken.timeout,
  })
end

local function known_points()
  local known = {}
  for _, point in ipairs(timens.points) do
    known[point.name] = point
  end
  return known
end

-- Those that a clock can be set to so long before.
local function reachable(lead)
  local found = {}
  for _, point in ipairs(timens.points) do
    local reading = times.at(("@%s-%s"):format(point.name, lead), "lead")
    if reading and reading.sec < times.MAX_SEC then
      found[#found + 1] = point.name
    end
  end
  return found
end

local function lead_text(lead)
  local span = checked(times.at(lead, "lead"))
  if span.sec < 0 then
    misuse("lead: %s would start after the point", tostring(lead))
  end
  return timens.format(span.sec, span.nsec)
end

-- A list of nothing, or a name alone, would register no test, and the suite would pass.
local function check_points(points)
  local of = 'of names, such as {"u32-ms"}, or nil for all'
  if points and #checks.sequence(points, "points", of, "it is a list of names") == 0 then
    misuse "points: is empty; nil is for all"
  end
  return points
end

function helper.at_points(points, name, block, opts)
  check(name, block)
  check_points(points)
  local taken = options.check(opts, point_checks)
  local lead, known = lead_text(taken.lead or "5s"), known_points()
  for _, point in ipairs(points or reachable(lead)) do
    if not known[point] then
      misuse("points: '%s' is none; timens.points has them", tostring(point))
    end
    local start = point .. "-" .. lead
    local reading = checked(times.at("@" .. start, "lead"))
    register(name .. " " .. start, {
      opts = { uptime = reading, userns = taken.userns },
      block = function()
        return block(known[point])
      end,
      timeout = taken.timeout,
    })
  end
end

return helper

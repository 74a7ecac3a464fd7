-- SPDX-License-Identifier: MIT
-- A reading turned into an offset, at the moment of the call.
local helper = require "helper"
local timens = require "timens"

-- The clocks are read by a program, before and after.
local function assert_leads_to(clock, reading)
  local _, before = helper.clocks()
  local sec, nsec = timens.offset_to(clock, reading)
  local _, after = helper.clocks()
  assert.is_number(sec, nsec)
  assert.is_true(nsec >= 0 and nsec <= 999999999)
  -- The clock read reading - offset just then, so reading - before is more, and reading - after less.
  local target = type(reading) == "table" and reading or { 4294967, 296000000 }
  local offset = helper.difference({ 0 }, { sec, nsec })
  assert.is_true(helper.difference(before[clock], target) >= offset)
  assert.is_true(helper.difference(after[clock], target) <= offset)
end

describe("offset_to", function()
  it("reading_minus_now", function()
    for _, clock in ipairs { "boottime", "monotonic" } do
      for _, reading in ipairs { { 0, 0 }, { 0, 1 }, { 4294967, 296000000 }, { 1000000, 999999999 }, "@u32-ms" } do
        assert_leads_to(clock, reading)
      end
      local sec, nsec = timens.offset_to(clock, timens.at "49d17h")
      assert.is_true(sec > 0 and nsec >= 0)
      assert.is_number((timens.offset_to(clock, 4611686018)))
    end
  end)

  it("program_reads_it", function()
    local _, readings = helper.clocks { boottime = { timens.offset_to("boottime", "@u32-ms") } }
    local past = helper.difference({ 4294967, 296000000 }, readings.boottime)
    assert.is_true(past >= 0 and past < 60 * 1000000000, past)
    -- Where the clocks differ, so do the offsets.
    local out = helper.lua(
      [[
      local boottime, monotonic = timens.offset_to("boottime", "10d"), timens.offset_to("monotonic", "10d")
      print(math.abs(monotonic - boottime - 86400) < 60)]],
      nil,
      { boottime = { timens.offset_to("boottime", "2d") }, monotonic = { timens.offset_to("monotonic", "1d") } }
    )
    assert.equal("true\n", out)
  end)

  it("bad_readings", function()
    local function assert_refused(reading, number, stage, part)
      local sec, message, errno, at = timens.offset_to("monotonic", reading)
      assert.is_nil(sec)
      assert.is_truthy(message:find("reading: ", 1, true), message)
      assert.is_truthy(message:find(part, 1, true), message)
      assert.same({ helper.errno[number], stage }, { errno, at })
    end
    local core = require "timens.core"
    for _, nsec in ipairs { 1000000000, -1 } do
      local sec, _, errno, at = core.offset_to(core.CLOCK_MONOTONIC, 0, nsec)
      assert.same({ nil, helper.errno.EINVAL, "args" }, { sec, errno, at })
    end
    assert_refused({ -1, 999999999 }, "ERANGE", "args", "146 years")
    assert_refused(4611686019, "ERANGE", "args", "146 years")
    assert_refused("@u33-ms", "EINVAL", "parse", "column 2")
    assert.error_matches(function()
      timens.offset_to("realtime", 5)
    end, "clock: 'realtime' is neither 'boottime' nor 'monotonic'")
    assert.error_matches(function()
      timens.offset_to "boottime"
    end, "reading: expected a time, got nil")
    assert.error_matches(function()
      timens.offset_to("boottime", true)
    end, "reading: expected seconds")
  end)
end)

-- SPDX-License-Identifier: MIT
local helper = require "helper"
local lfs = require "lfs"
local timens = require "timens"

local DAY = 86400

describe("spawn", function()
  it("both_clocks", function()
    helper.assert_shown { boottime = { 49 * DAY, 0 }, monotonic = { 7 * DAY, 0 } }
  end)

  it("boottime_alone", function()
    helper.assert_shown { boottime = { 49 * DAY, 5 } }
  end)

  it("monotonic_alone", function()
    helper.assert_shown { monotonic = { 49 * DAY, 5 } }
  end)

  it("both_signs", function()
    helper.assert_shown { boottime = { -1, 0 }, monotonic = { DAY, 0 } }
    helper.assert_shown { boottime = { DAY, 0 }, monotonic = { -1, 0 } }
    helper.assert_shown { boottime = { -1, 1 }, monotonic = { -1, 999999999 } }
  end)

  it("nanoseconds_exact", function()
    helper.assert_shown { boottime = { 0, 1 }, monotonic = { 1000000, 37 } }
    helper.assert_shown { boottime = { 4294967, 295999999 }, monotonic = { 0, 999999999 } }
  end)

  it("clocks_differ_from_the_parents", function()
    local asked = { boottime = { 100 * DAY, 250000000 }, monotonic = { -1, 123456789 } }
    local _, before = helper.clocks()
    local _, shifted = helper.clocks(asked)
    local _, after = helper.clocks()
    for clock, offset in pairs(asked) do
      local lowest = helper.difference({ 0 }, offset)
      local highest = lowest + helper.difference(before[clock], after[clock])
      local difference = helper.difference(before[clock], shifted[clock])
      assert.is_true(lowest < difference, clock .. " is less than asked for")
      assert.is_true(difference < highest, clock .. " is more than asked for")
    end
  end)

  local PRINT_NAMESPACE = { "readlink", "-n", "/proc/self/ns/time" }

  it("zero_offsets_make_a_namespace", function()
    local namespace = helper.output(PRINT_NAMESPACE, { boottime = 0, monotonic = 0 })
    assert.matches("^time:%[%d+%]$", namespace)
    assert.not_equal(helper.namespace(), namespace)
    helper.assert_shown { boottime = { 0 }, monotonic = { 0 } }
  end)

  it("no_offsets_make_none", function()
    assert.equal(helper.namespace(), helper.output(PRINT_NAMESPACE))
  end)

  it("readings_at_the_start", function()
    local _, readings = helper.clocks { boottime = "@u32-ms-5s", monotonic = "@49d17h" }
    local boottime = helper.difference({ 4294962, 296000000 }, readings.boottime)
    local monotonic = helper.difference({ 4294800, 0 }, readings.monotonic)
    assert.is_true(boottime >= 0 and boottime < 60 * 1000000000, boottime)
    assert.is_true(monotonic >= 0 and monotonic < 60 * 1000000000, monotonic)
    local process, message, errno, stage = timens.spawn({ "true" }, { boottime = "@u33-ms" })
    assert.is_nil(process)
    assert.matches("boottime.*column 2", message)
    assert.same({ helper.errno.EINVAL, "parse" }, { errno, stage })
    assert.error_matches(function()
      timens.run({ "true" }, { timeout = "@5s" })
    end, "timeout: '@5s' is a reading")
  end)

  it("static_program", function()
    local _, process = helper.spawn_clocks { boottime = { 365 * DAY, 0 }, monotonic = { 366 * DAY, 1 } }
    assert.is_nil(process.pidfd)
    helper.assert_shown { boottime = { 365 * DAY, 0 }, monotonic = { 366 * DAY, 1 } }
  end)

  it("parent_with_1_gib", function()
    local available = helper.slurp("/proc/meminfo"):match "MemAvailable: *(%d+)"
    if tonumber(available) < 2 ^ 21 then
      return helper.skip(pending, "less than 2 GiB of memory are available")
    end
    assert.equal(
      "true\t1024\n",
      helper.lua [[
        -- In pieces of different length: Lua 5.1 takes a minute for one string, or many that are alike.
        local piece, memory, size = ("x"):rep(2 ^ 20), {}, 0
        for i = 1, 2 ^ 10 do
          memory[i] = piece .. ("x"):rep(i)
          size = size + #memory[i]
        end
        for _, route in ipairs(helper.routes()) do
          local offsets = helper.clocks {boottime = {172800, 1}, route = route}
          local expected = helper.add(timens.read(), {boottime = {172800, 1}})
          assert(helper.text_of(offsets) == helper.text_of(expected))
        end
        print(size > 2 ^ 30, #memory)]]
    )
  end)

  it("two_hundred_starts_leave_nothing", function()
    local routes = helper.routes()
    helper.assert_leaves_nothing(function()
      for i = 1, 200 do
        local route = routes[i % #routes + 1]
        assert.is_true(assert(timens.run({ helper.program "clocks", "nothing" }, { boottime = i, route = route })).ok)
      end
    end)
  end)

  it("uptime_of_procps", function()
    if not lfs.attributes "/usr/bin/uptime" then
      return helper.skip(pending, "there is no /usr/bin/uptime")
    end
    local _, readings = helper.clocks()
    local wanted = { 3 * DAY + 3630 - readings.boottime.sec, 0 }
    assert.matches("^up 3 days, 1 hour", helper.output({ "uptime", "-p" }, { boottime = wanted }))
  end)
end)

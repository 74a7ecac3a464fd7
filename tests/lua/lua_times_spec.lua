-- SPDX-License-Identifier: MIT
-- Times as Lua values.
local helper = require "helper"
local timens = require "timens"

-- A boottime, and what the program must show for it.
local function assert_means(time, sec, nsec)
  local expected = helper.add(assert(timens.read()), { boottime = { sec, nsec } })
  assert.same(expected, (helper.clocks { boottime = time }))
end

local function assert_misuse(message, time)
  local ok, err = pcall(timens.spawn, { "true" }, { monotonic = time })
  assert.is_false(ok)
  assert.is_truthy(err:find("monotonic: " .. message, 1, true), err)
end

describe("lua_times", function()
  it("integers", function()
    assert_means(0, 0, 0)
    assert_means(-1, -1, 0)
    assert_means(4294967296, 4294967296, 0)
  end)

  it("floats_are_what_they_look_like", function()
    assert_means(0.1, 0, 100000000)
    assert_means(-0.1, -1, 900000000)
    assert_means(0.000000001, 0, 1)
    assert_means(1e-9 * 5, 0, 5)
    assert_means(3.0, 3, 0)
    assert_means(9.2, 9, 200000000) -- 9.199999999999999 is the same float
    assert_means(-0.0, 0, 0)
    assert_means(4294967.296, 4294967, 296000000)
    assert_means(1000000.000000037, 1000000, 37)
    assert_means(123456.789012345, 123456, 789012345)
  end)

  it("floats_finer_than_a_nanosecond", function()
    assert_misuse("0.30000000000000004 is finer than a nanosecond", 0.1 + 0.2)
    assert_misuse("1e-10 is finer than a nanosecond", 1e-10)
    assert_misuse("1.5e-09 is finer than a nanosecond", 1.5e-9)
    assert_misuse("nan is no time", math.abs(0 / 0))
    assert_misuse("inf is no time", math.huge)
    assert_misuse("-inf is no time", -math.huge)
  end)

  it("floats_keep_64_bits", function()
    -- Above 2^53 a float has a value that is not what its shortest text says.
    local _, message, errno, stage = timens.spawn({ "true" }, { boottime = 2.0 ^ 60 })
    assert.is_truthy(message:find("13343998895912d13h56m16s", 1, true), message)
    assert.equal(helper.errno.ERANGE, errno)
    assert.equal("offsets", stage)
    for _, time in ipairs { 2.0 ^ 63, -2.0 ^ 64, 1e300 } do
      assert.same({ helper.errno.ERANGE, "offsets" }, { select(3, timens.spawn({ "true" }, { boottime = time })) })
    end
  end)

  it("texts", function()
    assert_means("49d17h2m47.296s", 4294967, 296000000)
    assert_means("-1s 1ns", -2, 999999999)
    assert_means("12", 12, 0)
    local process, message, errno, stage = timens.spawn({ "true" }, { monotonic = "1 fortnight" })
    assert.is_nil(process)
    assert.matches("monotonic: time '1 fortnight', column 3", message, 1, true)
    assert.equal(helper.errno.EINVAL, errno)
    assert.equal("parse", stage)
    process, message, errno, stage = timens.spawn({ "true" }, { monotonic = "1d\0" })
    assert.is_nil(process)
    assert.equal("monotonic: time '1d', column 3: a zero byte", message)
    assert.same({ helper.errno.EINVAL, "parse" }, { errno, stage })
  end)

  it("tables", function()
    assert_means({ 5, 6 }, 5, 6)
    assert_means({ sec = -1, nsec = 6 }, -1, 6)
    assert_means({ 7.0 }, 7, 0)
    assert_misuse("seconds: expected an integer, got 1.5", { 1.5 })
    assert_misuse("seconds: expected an integer, got nil", {})
    assert_misuse("nanoseconds: expected an integer from 0 to 999999999, got a string", { 1, "2" })
    assert_misuse('expected seconds, a text such as "49d17h" or {seconds, nanoseconds}, got a boolean', true)
  end)

  it("uptime_is_a_reading_of_both_clocks", function()
    for _, value in ipairs { "49d17h", "@49d17h", 4294800, timens.at "49d17h" } do
      local _, readings = helper.clocks { uptime = value }
      for _, clock in ipairs { "boottime", "monotonic" } do
        local past = helper.difference({ 4294800, 0 }, readings[clock])
        assert.is_true(past >= 0 and past < 60 * 1000000000, clock)
      end
    end
    assert.error_matches(function()
      timens.spawn({ "true" }, { uptime = 1, boottime = 1 })
    end, "excludes boottime and monotonic")
    local process, message, errno, stage = timens.spawn({ "true" }, { uptime = -1 })
    assert.is_nil(process)
    assert.matches("uptime: .*146 years", message)
    assert.same({ helper.errno.ERANGE, "args" }, { errno, stage })
  end)
end)

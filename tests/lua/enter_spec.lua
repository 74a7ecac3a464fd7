-- SPDX-License-Identifier: MIT
-- The calling process itself moves in, each time in a Lua of its own.

local helper = require "helper"
local timens = require "timens"

local ASKED = { boottime = { 86400, 600000000 }, monotonic = { -1, 999999999 } }
local LATER = { boottime = { 3600, 1 }, monotonic = { 7200, 2 } }

local DEFINITIONS = [[
  local ASKED = { boottime = { 86400, 600000000 }, monotonic = { -1, 999999999 } }
  local LATER = { boottime = { 3600, 1 }, monotonic = { 7200, 2 } }
  local function show() print(helper.text_of(timens.read())) end
]]

local function inside(text, prefix)
  return helper.lua(DEFINITIONS .. text, prefix)
end

local expected = helper.expected

describe("enter", function()
  it("moves_the_caller", function()
    local out = inside "assert(timens.enter(ASKED)) show() assert(timens.enter(LATER)) show()"
    assert.equal(expected(ASKED) .. expected(ASKED, LATER), out)
    local up = inside 'assert(timens.enter {uptime = "49d17h"}) io.write(helper.slurp "/proc/uptime")'
    assert.is_true(tonumber(up:match "^%d+") - 4294800 < 60, up)
    assert.is_true(tonumber(up:match "^%d+") >= 4294800, up)
    assert.error_matches(function()
      timens.enter {}
    end, "needs boottime")
    assert.error_matches(function()
      timens.enter { cwd = "/" }
    end, "unknown option 'cwd'")
  end)

  it("enter_without_privilege", function()
    local out = helper.lua_as_nobody(DEFINITIONS .. [[
      local ok, message, errno, stage = timens.enter {boottime = 1, userns = "never"}
      print(ok, errno, stage)
      assert(timens.enter(ASKED))
      show()]])
    assert.equal(("nil\t%d\tunshare\n"):format(helper.errno.EPERM) .. expected(ASKED), out)
  end)

  it("program_started_after_enter_is_relative", function()
    local out = inside [[
      print(helper.text_of((helper.clocks(LATER))))
      assert(timens.enter(ASKED))
      print(helper.text_of((helper.clocks(LATER))))]]
    assert.equal(expected(LATER) .. expected(ASKED, LATER), out)
  end)
end)

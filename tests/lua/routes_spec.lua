-- SPDX-License-Identifier: MIT
local helper = require "helper"
local timens = require "timens"

local ASKED = { boottime = { 4294967, 5 }, monotonic = { -1, 999999999 } }

local function with_route(route)
  return { boottime = ASKED.boottime, monotonic = ASKED.monotonic, route = route }
end

local function is_here(route)
  for _, name in ipairs(helper.routes()) do
    if name == route then
      return true
    end
  end
  return false
end

local function assert_forced(route)
  if not is_here(route) then
    return helper.skip(pending, "route " .. route .. " does not work on this kernel")
  end
  local offsets, process = helper.spawn_clocks(with_route(route))
  assert.equal(route, process.route)
  assert.same(helper.add(timens.read(), ASKED), offsets)
end

describe("routes", function()
  it("clone3_forced", function()
    assert_forced "clone3"
  end)

  it("vfork_forced", function()
    assert_forced "vfork"
  end)

  it("fork_forced", function()
    assert_forced "fork"
  end)

  it("auto_takes_clone3_here", function()
    local support = timens.support()
    if not support.exec_enters or not support.clone3 then
      return helper.skip(pending, "exec does not enter a pending time namespace, or clone3 is refused")
    end
    local _, process = helper.spawn_clocks(with_route "auto")
    assert.equal("clone3", process.route)
    assert.equal("clone3", support.route)
  end)

  it("failure_on_each_route", function()
    local first
    for _, route in ipairs(helper.routes()) do
      local process, message, errno, stage = timens.spawn({ "/no/such/program" }, with_route(route))
      assert.is_nil(process)
      assert.matches("'/no/such/program'", message, 1, true)
      assert.equal(helper.errno.ENOENT, errno)
      assert.equal("exec", stage)
      first = first or message
      assert.equal(first, message)
    end
    assert.is_string(first)
  end)
end)

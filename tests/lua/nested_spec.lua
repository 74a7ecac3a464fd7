-- SPDX-License-Identifier: MIT
local helper = require "helper"

local A = { boottime = { 1000, 600000000 }, monotonic = { 2000, 700000000 } }
local B = { boottime = { 86400, 500000000 }, monotonic = { -1, 400000000 } }

-- For the Lua inside: P is what it leaves pending, and print what a start with B shows.
local DEFINITIONS = [[
  local P = {boottime = {777, 7}, monotonic = {888, 8}}
  local function B(route)
    return {boottime = {86400, 500000000}, monotonic = {-1, 400000000}, route = route}
  end
  local function show(route) print(helper.text_of((helper.clocks(B(route))))) end
]]

local function inside(text, opts)
  return helper.lua(DEFINITIONS .. text, helper.with_capabilities(), opts)
end

local expected = helper.expected

describe("nested", function()
  it("inside_a_shifted_namespace", function()
    assert.equal(expected(A, B), inside("show()", A))
  end)

  it("pending_namespace", function()
    assert.equal(expected(B):rep(2), inside "helper.leave_pending(P) show() show()")
    assert.equal(expected(B):rep(2), inside "show() helper.leave_pending(P) show()")
  end)

  it("pending_in_a_shifted_namespace", function()
    if helper.status "Uid" ~= 0 then
      return helper.skip(pending, "it takes root to go back to a namespace that another user namespace owns")
    end
    assert.equal(expected(A, B):rep(2), inside("helper.leave_pending(P) show() show('fork')", A))
  end)

  it("each_route_when_nested", function()
    local text = "for _, route in ipairs(helper.routes()) do show(route) end"
    assert.equal(expected(A, B):rep(#helper.routes()), inside(text, A))
  end)

  it("forced_route_refused_when_pending_and_shifted", function()
    if #helper.routes() == 1 then
      return helper.skip(pending, "exec does not enter a pending time namespace")
    end
    local out = inside(
      [[
      local routes = helper.routes()
      helper.leave_pending(P)
      for _, route in ipairs(routes) do
        if route ~= "fork" then
          local process, message, errno, stage = timens.spawn({"true"}, B(route))
          assert(message:find(route, 1, true), message)
          print(process, errno, stage)
        end
      end]],
      A
    )
    local line = ("nil\t%d\troute\n"):format(helper.errno.EBUSY)
    assert.equal(line:rep(#helper.routes() - 1), out)
  end)
end)

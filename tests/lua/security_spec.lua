-- SPDX-License-Identifier: MIT
-- What a program gets that nobody has asked for: nothing. See tests/core/test_security.c.
local helper = require "helper"

local SURROUNDINGS = helper.program "surroundings"

local function lines_of(start, text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    if line:sub(1, #start) == start then
      lines[#lines + 1] = line
    end
  end
  return lines
end

local function is_root()
  return helper.status "Uid" == 0
end

local function assert_no_power(text)
  assert.is_truthy(text:find("\nsethostname EPERM\nsetpriority EACCES\n", 1, true), text)
  local as_root = text:find "^Uid:%s+0"
  for _, kind in ipairs(as_root and { "Inh", "Amb" } or { "Inh", "Amb", "Prm", "Eff" }) do
    assert.is_truthy(text:find(("Cap%s:\t%s\n"):format(kind, ("0"):rep(16)), 1, true), kind)
  end
end

describe("security", function()
  it("nothing_reaches_the_program_unasked", function()
    for _, route in ipairs(helper.routes()) do
      for _, userns in ipairs(is_root() and { "never", "always" } or { "auto" }) do
        local opts = { boottime = 1, route = route, userns = userns, env = { ONE = "1" } }
        local file = assert(io.open "/proc/self/maps")
        local text = helper.output({ SURROUNDINGS }, opts)
        file:close()
        assert.same({ "fd 0", "fd 1", "fd 2" }, lines_of("fd ", text))
        assert.same({ "env ONE=1" }, lines_of("env ", text))
      end
    end
  end)

  it("privileges_are_as_by_exec", function()
    if not is_root() then
      return helper.skip(pending, "without a user namespace it takes root")
    end
    local pipe = assert(io.popen(("'%s' quiet"):format(SURROUNDINGS)))
    local expected = pipe:read "*a"
    pipe:close()
    assert.equal(expected, helper.output({ SURROUNDINGS, "quiet" }, {}))
    for _, route in ipairs(helper.routes()) do
      local opts = { boottime = 1, route = route, userns = "never" }
      assert.equal(expected, helper.output({ SURROUNDINGS, "quiet" }, opts))
    end
  end)

  it("user_namespace_lends_nothing_outside", function()
    local start = [[
      for _, route in ipairs(helper.routes()) do
        print(helper.output({%q, "quiet"}, {boottime = 1, route = route}))
      end]]
    assert_no_power(helper.lua_as_nobody(start:format(SURROUNDINGS)))
    assert_no_power(helper.output({ SURROUNDINGS, "quiet" }, { boottime = 1, userns = "always" }))
  end)
end)

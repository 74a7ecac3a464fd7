-- SPDX-License-Identifier: MIT
-- The module itself.
local helper = require "helper"
local timens = require "timens"

describe("lua_module", function()
  it("sets_no_globals", function()
    local text = [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      package.path, package.cpath = %q, %q
      require "timens"
      for name in pairs(_G) do assert(before[name], name) end
      print "none"]]
    local argv = { helper.lua_program, "-e", text:format(package.path, package.cpath) }
    assert.equal("none\n", helper.output(argv))
  end)

  it("can_be_loaded_many_times", function()
    local out = helper.lua [[
      local first = timens
      for _ = 1, 100 do
        for name in pairs(package.loaded) do
          if name:find "^timens" then package.loaded[name] = nil end
        end
        timens = require "timens"
        assert(timens ~= first)
      end
      assert(timens.spawn({"true"}, {boottime = 1})):close()
      print(timens.VERSION)]]
    assert.equal(timens.VERSION .. "\n", out)
  end)

  it("version", function()
    assert.matches("^%d+%.%d+%.%d+$", timens.VERSION)
    assert.equal(timens.VERSION, timens._VERSION)
  end)
end)
